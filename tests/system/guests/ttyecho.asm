TTY      TITLE 'TTYECHO - A TELETYPE ON A LINE'
*  Enables the line at X'045', and sends each line typed there back as it
*  came, until one begins with Q. A break (unit check) is answered by BRK.
*  The code is that of the line: mirrored ASCII, of which only CR, LF, Q
*  and the letters of BRK are known here.
TTYECHO  BEGIN
         LA    R1,ENABLE
         BAL   R8,IO
         C     R0,=X'00000C00'
         BNE   WRONG
NEXT     LA    R1,READ
         BAL   R8,IO
         C     R0,=X'00000C00'
         BNE   BREAK
         LA    R3,80
         SH    R3,CSW+6           read
         LA    R3,1(R3)           and a line feed
         STH   R3,WRITE+6
         LA    R3,LINE-1(R3)
         MVI   0(R3),X'50'
         LA    R1,WRITE
         BAL   R8,IO
         C     R0,=X'00000C00'
         BNE   BREAK              it came before the WRITE had ended
         CLI   LINE,X'8B'         Q
         BNE   NEXT
         LA    R1,DISABLE
         BAL   R8,IO
         FINISH 0000
BREAK    LA    R1,TELL
         BAL   R8,IO
         B     NEXT
WRONG    FINISH 0BAD
IO       LA    R2,X'045'
         L     R15,=V(DOIO)
         BALR  R14,R15
         BR    R8
*
ENABLE   CCW   X'27',0,X'20',1
READ     CCW   X'0A',LINE,X'20',80
WRITE    CCW   X'01',LINE,X'20',80
TELL     CCW   X'01',BRK,X'20',5
DISABLE  CCW   X'2F',0,X'20',1
BRK      DC    X'424AD2B150'
LINE     DC    XL81'00'
         LTORG
         COPY  REGS
         COPY  LOWCORE
         END   TTYECHO
