RND      TITLE 'DISKRAND - TRACKS OF RECORDS AT RANDOM'
*  Formats tracks of four cylinders of a 3350 at X'150': up to seven
*  records, some with a key; then writes the data of some records anew.
*  Ends in a disabled wait with address 0, or 0BAD.
DISKRAND BEGIN
         L     R2,=A(BUFFER)
         LA    R3,1024
FILL     BAL   R14,RANDOM
         ST    R0,0(R2)
         LA    R2,4(R2)
         BCT   R3,FILL
         SR    R6,R6              cylinder
CYL      SR    R7,R7              head
TRACK    BAL   R9,PLACE
         BAL   R14,RANDOM
         N     R0,=F'7'
         BZ    NEXT
         LR    R8,R0              records
         SR    R3,R3
RECORD   STC   R3,ID+4            behind the one before
         LA    R3,1(R3)
         MVC   COUNT(4),ID
         STC   R3,COUNT+4
         MVI   COUNT+5,0
         BAL   R14,RANDOM
         N     R0,=F'3'
         BNZ   NOKEY
         MVI   COUNT+5,16
NOKEY    BAL   R9,LENGTH
         STH   R0,COUNT+6
         SR    R1,R1
         IC    R1,COUNT+5
         AR    R1,R0
         STH   R1,FDATA+6
         BAL   R14,RANDOM
         N     R0,=F'2047'
         A     R0,=A(BUFFER)
         ST    R0,FDATA           its command is not used
         LA    R1,FORMAT
         BAL   R9,IO
         C     R0,=X'00000C00'    channel end, device end, nothing else
         BNE   BAD
         BCT   R8,RECORD
NEXT     LA    R7,1(R7)
         CH    R7,=H'30'
         BL    TRACK
         LA    R6,1(R6)
         CH    R6,=H'4'
         BL    CYL
*
         LA    R8,200             where there is no such record, none
UPDATES  BAL   R14,RANDOM
         N     R0,=F'3'
         LR    R6,R0
         BAL   R14,RANDOM
         N     R0,=F'15'
         LR    R7,R0
         BAL   R9,PLACE
         BAL   R14,RANDOM
         N     R0,=F'3'
         AH    R0,=H'1'
         STC   R0,ID+4
         BAL   R9,LENGTH
         STH   R0,UDATA+6
         LA    R1,UPDATE
         BAL   R9,IO
         BCT   R8,UPDATES
         FINISH 0000
BAD      FINISH 0BAD
*
PLACE    STH   R6,SEEK+2
         STH   R7,SEEK+4
         MVC   ID(4),SEEK+2
         BR    R9
IO       LA    R2,X'150'
         L     R15,=V(DOIO)
         BALR  R14,R15
         BR    R9
LENGTH   BAL   R14,RANDOM         1 to 1024
         N     R0,=F'1023'
         AH    R0,=H'1'
         BR    R9
RANDOM   L     R5,SEED
         M     R4,=F'1103515245'
         AL    R5,=F'12345'
         ST    R5,SEED
         LR    R0,R5
         SRL   R0,8
         BR    R14
*
SEED     DC    F'370'
SEEK     DC    0D'0',XL6'00'
ID       DC    XL5'00'
COUNT    DC    0D'0',XL8'00'
FORMAT   CCW   X'07',SEEK,X'40',6
FSEARCH  CCW   X'31',ID,X'40',5
         CCW   X'08',FSEARCH,X'40',1
         CCW   X'1D',COUNT,X'80',8
FDATA    CCW   X'00',BUFFER,X'20',1
UPDATE   CCW   X'07',SEEK,X'40',6
USEARCH  CCW   X'31',ID,X'40',5
         CCW   X'08',USEARCH,X'40',1
UDATA    CCW   X'05',BUFFER,X'20',1
         LTORG
         COPY  REGS
         COPY  LOWCORE
BUFFER   DS    1024F
         END   DISKRAND
