PON      TITLE 'CTCPONG - THE SIDE OF A CTCA THAT ANSWERS'
*  Waits for attention from the adapter at X'E40', asks by SENSE COMMAND
*  BYTE what the other side wants, and does the opposite: reads a message
*  and shows it, or writes an answer with the same number. Eight answers.
*  See CTCPING.
CTCPONG  BEGIN
         SAY   'PONG IS HERE'
         LA    R9,8
NEXT     LA    R1,SENSE
         BAL   R8,DO
         CLI   COMMAND,X'01'      it writes
         BE    GET
         CLI   COMMAND,X'02'      it reads
         BE    PUT
         MVC   IONEW(8),HERE      nothing yet
         LPSW  WAITING
GET      LA    R1,READ
         BAL   R8,DO
         SAY   INTO,20
         MVC   OUT+5(1),INTO+5
         B     NEXT
PUT      LA    R1,WRITE
         BAL   R8,DO
         BCT   R9,NEXT
         SAY   'PONG IS DONE'
         FINISH 0000
*
*  The channel program at R1; until somebody is at the other end, a command
*  ends with unit check: it is tried again.
DO       ST    R1,PROGRAM
AGAIN    L     R1,PROGRAM
         LA    R2,X'E40'
         L     R15,=V(DOIO)
         BALR  R14,R15
         N     R0,=X'00000200'    unit check?
         BNZ   AGAIN
         BR    R8
*
PROGRAM  DC    F'0'
WAITING  DC    0D'0',X'FE02000000000000'
HERE     DC    X'00000000',A(NEXT)
SENSE    CCW   X'14',COMMAND,X'20',1
WRITE    CCW   X'01',OUT,X'20',20
READ     CCW   X'02',INTO,X'20',20
OUT      DC    CL20'PONG ? FROM CTCPONG'
INTO     DC    CL20' '
COMMAND  DC    X'00'
         LTORG
         COPY  REGS
         COPY  LOWCORE
         END   CTCPONG
