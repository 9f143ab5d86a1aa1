DSK      TITLE 'DISKLOAD - WRITE A MINIDISK, AND SAY WHAT IS WRITTEN'
*  Asks for a number N of eight hexadecimal digits, then writes record
*  1 of track N modulo 150 of disk 191: 4096 bytes full of the word N.
*  When the disk has ended that without an error it says W N, and goes
*  on with N+1. The first 150 writes format, the others update.
DISKLOAD BEGIN
         SAY   'FIRST NUMBER'
         ASK   LINE,80
         LA    R2,LINE
         LA    R3,NUMBER
         LA    R4,4
         BAL   R9,HEXIN
         LA    R9,150             so many to format
*
NEXT     L     R7,NUMBER
         SR    R6,R6
         D     R6,=F'150'
         LR    R7,R6              track
         SR    R6,R6
         D     R6,=F'30'          R7 cylinder, R6 head
         STH   R7,CYLINDER
         STH   R6,HEAD
         MVC   COUNT(4),CYLINDER
         L     R2,=A(BUFFER)
         MVC   0(4,R2),NUMBER     the number all over the buffer
         MVC   4(252,R2),0(R2)
         LA    R4,15
FILL     MVC   256(256,R2),0(R2)
         LA    R2,256(R2)
         BCT   R4,FILL
         LA    R1,UPDATE
         MVI   RECORD,1
         LTR   R9,R9
         BZ    START
         BCTR  R9,0
         LA    R1,FORMAT
         MVI   RECORD,0           behind record 0
START    LA    R2,X'191'
         L     R15,=V(DOIO)
         BALR  R14,R15
         CH    R0,=H'3072'        X'0C00'
         BNE   BAD
         UNPK  LINE(9),NUMBER(5)
         TR    LINE(8),HEXTAB-240
         MVC   LINE+10(8),LINE
         MVC   LINE+8(2),=C'W '
         SAY   LINE+8,10
         L     R7,NUMBER
         LA    R7,1(R7)
         ST    R7,NUMBER
         B     NEXT
BAD      ST    R0,NUMBER
         UNPK  LINE+6(9),NUMBER(5)
         TR    LINE+6(8),HEXTAB-240
         MVC   LINE(6),=C'ERROR '
         SAY   LINE,14
         FINISH 0EEE
*
FORMAT   CCW   X'07',SEEK,X'40',6
         CCW   X'31',CYLINDER,X'40',5
         CCW   X'08',*-8,0,1
         CCW   X'1D',COUNT,X'80',8
         CCW   0,BUFFER,X'20',4096
UPDATE   CCW   X'07',SEEK,X'40',6
         CCW   X'31',CYLINDER,X'40',5
         CCW   X'08',*-8,0,1
         CCW   X'05',BUFFER,X'20',4096
SEEK     DC    H'0'
CYLINDER DC    H'0'
HEAD     DC    H'0'
RECORD   DC    X'00'
         DS    0H
COUNT    DC    2H'0',X'0100',H'4096'
NUMBER   DS    F
         DC    X'00'
LINE     DS    CL80
         COPY  HEX
         LTORG
         DS    0D
BUFFER   DS    4096X
         COPY  REGS
         COPY  LOWCORE
         END   DISKLOAD
