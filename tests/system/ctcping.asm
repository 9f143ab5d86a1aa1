PNG      TITLE 'CTCPING - THE SIDE OF A CTCA THAT BEGINS'
*  Writes eight messages to the adapter at X'E40' and reads an answer to
*  each, which it shows. CTCPONG is the other side. Until somebody is at
*  the other end, a command ends with unit check: it is tried again.
CTCPING  BEGIN
         LA    R9,8
NEXT     LA    R1,WRITE
         BAL   R8,DO
         LA    R1,READ
         BAL   R8,DO
         SAY   INTO,20
         IC    R3,OUT+5           the next message
         LA    R3,1(R3)
         STC   R3,OUT+5
         BCT   R9,NEXT
         SAY   'PING IS DONE'
         FINISH 0000
*
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
WRITE    CCW   X'01',OUT,X'20',20
READ     CCW   X'02',INTO,X'20',20
OUT      DC    CL20'PING 1 FROM CTCPING'
INTO     DC    CL20' '
         LTORG
         COPY  REGS
         COPY  LOWCORE
         END   CTCPING
