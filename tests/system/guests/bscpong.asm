BPO      TITLE 'BSCPONG - THE SIDE OF A BSC LINE THAT ANSWERS'
*  Says that it is there, enables the line at X'045', waits for data with
*  PREPARE, and eight times takes a bid, a block of text, which it shows,
*  and EOT. See BSCPING.
BSCPONG  BEGIN
         SAY   'PONG IS HERE'
ENABLING LA    R1,ENABLE
         BAL   R8,IO
         N     R0,=X'00000200'    unit check: nobody there yet
         BNZ   ENABLING
         LA    R9,8
NEXT     LA    R1,PREPARE
         BAL   R8,DO
         LA    R1,INHIBIT
         BAL   R8,DO
         CLI   INTO,X'2D'         a bid?
         BNE   WRONG
         LA    R1,REPLY0
         BAL   R8,DO
         CLI   INTO,X'02'
         BNE   WRONG
         SAY   INTO+1,20
         LA    R1,REPLY1
         BAL   R8,IO
         C     R0,=X'00000D00'    EOT is a unit exception
         BNE   WRONG
         CLI   INTO,X'37'
         BNE   WRONG
         BCT   R9,NEXT
         SAY   'PONG IS DONE'
         FINISH 0000
WRONG    SAY   'WRONG MESSAGE'
         FINISH 0BAD
*
*  The channel program at R1, which must end without error.
DO       BAL   R7,IO7
         C     R0,=X'00000C00'
         BER   R8
         SAY   'BAD STATUS'
         FINISH 0BAD
IO       LR    R7,R8
IO7      LA    R2,X'045'
         L     R15,=V(DOIO)
         BALR  R14,R15
         BR    R7
*
ENABLE   CCW   X'27',0,X'20',1
PREPARE  CCW   X'06',0,X'20',1
INHIBIT  CCW   X'0A',INTO,X'20',40
REPLY0   CCW   X'01',ACK0,X'60',4
         CCW   X'02',INTO,X'20',40
REPLY1   CCW   X'01',ACK1,X'60',4
         CCW   X'0A',INTO,X'20',40
ACK0     DC    X'32321070'
ACK1     DC    X'32321061'
INTO     DC    XL40'00'
         LTORG
         COPY  REGS
         COPY  LOWCORE
         END   BSCPONG
