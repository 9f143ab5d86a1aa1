BPI      TITLE 'BSCPING - THE SIDE OF A BSC LINE THAT BEGINS'
*  Enables the line at X'045'. Then eight times: bids for the line (ENQ,
*  again if nobody answers), sends a block of text when that is
*  acknowledged, ends with EOT, and shows which message was taken. BSCPONG
*  is the other side.
BSCPING  BEGIN
ENABLING LA    R1,ENABLE
         BAL   R8,IO
         N     R0,=X'00000200'    unit check: nobody there yet
         BNZ   ENABLING
         LA    R9,8
NEXT     LA    R1,BID
         BAL   R8,IO
         C     R0,=X'00000C00'
         BE    ANSWER
         L     R3,BIDS            who does not listen yet: bid again
         BCT   R3,AGAIN
         SAY   'NO ANSWER'
         FINISH 0BAD
AGAIN    ST    R3,BIDS
         B     NEXT
ANSWER   CLC   INTO(2),ACK0
         BNE   WRONG
         LA    R1,SEND
         BAL   R8,DO
         CLC   INTO(2),ACK1
         BNE   WRONG
         LA    R1,ENDTEXT
         BAL   R8,DO
         MVC   TOLD+9(1),TEXT+6
         SAY   TOLD,10
         IC    R3,TEXT+6          the next message
         LA    R3,1(R3)
         STC   R3,TEXT+6
         BCT   R9,NEXT
         SAY   'PING IS DONE'
         FINISH 0000
WRONG    SAY   'WRONG ANSWER'
         FINISH 0BAD
*
*  The channel program at R1, which must end without error.
DO       ST    R1,WHICH
         BAL   R7,IO7
         C     R0,=X'00000C00'
         BER   R8
         L     R1,WHICH
         SAY   'BAD STATUS'
         FINISH 0BAD
IO       LR    R7,R8
IO7      LA    R2,X'045'
         L     R15,=V(DOIO)
         BALR  R14,R15
         BR    R7
*
WHICH    DC    F'0'
BIDS     DC    F'5'
ENABLE   CCW   X'27',0,X'20',1
BID      CCW   X'01',ENQ,X'60',5
         CCW   X'02',INTO,X'20',2
SEND     CCW   X'01',TEXT,X'60',L'TEXT
         CCW   X'02',INTO,X'20',2
ENDTEXT  CCW   X'01',EOT,X'20',3
ENQ      DC    X'323232322D'
EOT      DC    X'323237'
ACK0     DC    X'1070'
ACK1     DC    X'1061'
INTO     DC    X'0000'
TEXT     DC    XL29'0'
         ORG   TEXT
         DC    X'323202',CL3'NO ',C'1',CL21' WORDS FROM BSCPING',X'03'
         ORG
TOLD     DC    C'TAKEN NO 1'
         LTORG
         COPY  REGS
         COPY  LOWCORE
         END   BSCPING
