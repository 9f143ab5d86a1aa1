NJL      TITLE 'NJELINE - EITHER SIDE OF AN NJE LINE'
*  Enables the line at X'045' and bids for it (SOH ENQ) until it is answered
*  (DLE ACK0) or bid for from the other side: who is answered is the primary
*  and signs on with a record I, the other one with J. Then both send eight
*  blocks of words, one with a number that stays at the station, and show
*  what they get; the primary signs off. As RSCS does it: idle characters,
*  block, and DLE ETB are WRITEs of their own.
NJELINE  BEGIN
         LA    R1,ENABLE
         BAL   R8,IO
BIDDING  LA    R1,BID
         BAL   R8,IO
         N     R0,=X'00000200'    unit check: nobody answers
         BNZ   BIDDING
         CLC   INTO(2),ACK0
         BE    PRIMARY
         CLC   INTO(2),SOHENQ
         BNE   BIDDING
ANSWER   LA    R1,REPLY
         BAL   R8,IO
         N     R0,=X'00000200'
         BNZ   BIDDING
         CLC   INTO(2),SOHENQ     once more
         BE    ANSWER
         CLC   INTO+5(2),=X'F0C9' I
         BNE   BIDDING
         BAL   R8,NUMBER
         BAL   R8,SIGNED
         MVC   SIGNON+6(1),=X'D1'
         LA    R1,SENDSIGN
         BAL   R8,SEND            J
         B     TALK
PRIMARY  MVI   FIRST,C'Y'
         LA    R1,SENDSIGN
         BAL   R8,SEND            I
         CLC   INTO+5(2),=X'F0D1' J
         BNE   WRONG
         BAL   R8,SIGNED
*
*  What has been read, then what is to be sent.
TALK     CLC   INTO(2),=X'1002'
         BNE   SPEAK
         BAL   R8,NUMBER
         CLI   INTO+5,X'00'       nothing in it
         BE    SPEAK
         CLC   INTO+5(2),=X'F0C2' sign-off
         BE    OFF
         CLC   INTO+5(2),=X'F0D1' J has been dealt with
         BE    SPEAK
         CLC   INTO+5(2),=X'9880'
         BNE   WRONG
         CLC   INTO+16(7),WORDS+16
         BNE   WRONG
         MVC   TOLD+4(9),INTO+7
         SAY   TOLD,13
         LH    R3,GOT
         LA    R3,1(R3)
         STH   R3,GOT
SPEAK    LH    R3,SENT
         CH    R3,=H'8'
         BNL   SAID
         CH    R3,=H'4'
         BNE   NOTEMPTY
         CLI   EMPTY+5,X'FF'      one empty block, once
         BE    NOTEMPTY
         MVC   EMPTY+2(1),WORDS+2
         MVI   EMPTY+5,X'00'
         LA    R1,SENDNONE
         BAL   R8,SEND
         MVI   EMPTY+5,X'FF'
         B     TALK
NOTEMPTY LA    R3,1(R3)
         STH   R3,SENT
         LA    R3,240(R3)
         STC   R3,WORDS+15
         LA    R1,SENDTEXT
         BAL   R8,SEND
         B     TALK
SAID     CLI   FIRST,C'Y'
         BNE   IDLE
         LH    R3,GOT
         CH    R3,=H'8'
         BL    IDLE
         LA    R1,SENDOFF
         BAL   R8,SEND
         B     OFF
IDLE     LA    R1,REPLY
         BAL   R8,IO
         C     R0,=X'00000C00'
         BE    TALK
         B     WRONG
OFF      LA    R1,DISABLE
         BAL   R8,IO
         LH    R3,GOT
         CH    R3,=H'8'
         BNE   WRONG
         SAY   'LINE IS DONE'
         FINISH 0000
WRONG    SAY   'WRONG MESSAGE'
         SAY   INTO,40
         FINISH 0BAD
*
*  The sign-on record that has come.
SIGNED   ST    R8,BACK
         TM    INTO+42,X'80'      no PREPARE over TCP
         BO    WRONG
         MVC   HELLO+10(8),INTO+8
         SAY   HELLO,18
         L     R8,BACK
         BR    R8
*
*  The number of the block that has come: X'10' does not count, X'20' is
*  that of the next one.
NUMBER   TM    INTO+2,X'10'
         BOR   R8
         IC    R3,INTO+2
         N     R3,=X'0000000F'
         TM    INTO+2,X'20'
         BO    ANEW
         CH    R3,EXPECT
         BNE   WRONG
         LA    R3,1(R3)
         N     R3,=X'0000000F'
ANEW     STH   R3,EXPECT
         BR    R8
*
*  Send a block by the channel program at R1, with the next number, and read.
SEND     ST    R8,BACK
         BAL   R8,IO
         C     R0,=X'00000C00'
         BNE   WRONG
         IC    R3,WORDS+2
         LA    R3,1(R3)
         STC   R3,WORDS+2
         NI    WORDS+2,X'0F'
         OI    WORDS+2,X'80'
         MVC   SIGNOFF+2(1),WORDS+2
         L     R8,BACK
         BR    R8
*
IO       LA    R2,X'045'
         L     R15,=V(DOIO)
         BALR  R14,R15
         BR    R8
*
BACK     DC    F'0'
SENT     DC    H'0'
GOT      DC    H'0'
EXPECT   DC    H'0'
FIRST    DC    C'N'
ENABLE   CCW   X'27',0,X'20',1
DISABLE  CCW   X'2F',0,X'20',1
BID      CCW   X'01',SOHENQ,X'60',2
         CCW   X'02',INTO,X'20',L'INTO
REPLY    CCW   X'01',ACK0,X'60',2
         CCW   X'02',INTO,X'20',L'INTO
SENDSIGN CCW   X'01',SYNS,X'60',4
         CCW   X'01',SIGNON,X'60',L'SIGNON
         CCW   X'01',ENDTEXT,X'60',2
         CCW   X'02',INTO,X'20',L'INTO
SENDTEXT CCW   X'01',SYNS,X'60',4
         CCW   X'01',WORDS,X'60',L'WORDS
         CCW   X'01',ENDTEXT,X'60',2
         CCW   X'02',INTO,X'20',L'INTO
SENDNONE CCW   X'01',SYNS,X'60',4
         CCW   X'01',EMPTY,X'60',L'EMPTY
         CCW   X'01',ENDTEXT,X'60',2
         CCW   X'02',INTO,X'20',L'INTO
SENDOFF  CCW   X'01',SYNS,X'60',4
         CCW   X'01',SIGNOFF,X'60',L'SIGNOFF
         CCW   X'01',ENDTEXT,X'60',2
         CCW   X'02',INTO,X'20',L'INTO
SOHENQ   DC    X'012D'
ACK0     DC    X'1070'
SYNS     DC    X'32323232'
ENDTEXT  DC    X'1026'
EMPTY    DC    X'1002808FCF01'
SIGNOFF  DC    X'1002808FCFF0C200'
SIGNON   DC    XL47'00'
         ORG   SIGNON
         DC    X'1002808FCFF0C929',CL8'NJELINE',X'01',XL4'00'
         DC    X'00000400',CL8' ',CL8' ',X'00',X'80000000',X'00'
         ORG
WORDS    DC    XL23'00'
         ORG   WORDS
         DC    X'1002808FCF9880',CL8'WORDS NO',C'0',X'10261010320300'
         ORG
INTO     DC    XL256'00'
TOLD     DC    C'GOT WORDS NO0'
HELLO    DC    CL18'SIGNED ON '
         LTORG
         COPY  REGS
         COPY  LOWCORE
         END   NJELINE
