SIO      TITLE 'SEQIO - WRITE AND READ TRACKS ONE AFTER THE OTHER'
*  For measuring: formats the first CYLS cylinders of a 3350 at X'150'
*  with four records of 4096 bytes on a track, then reads them, each
*  track by one channel program. The TOD clock before, between and
*  behind is left at X'810', X'818' and X'820'. Ends in a disabled wait
*  with address 0, or 0BAD.
SEQIO    BEGIN
         STCK  X'810'(0)
         LA    R9,WRITE
         BAL   R8,ALL
         STCK  X'818'(0)
         LA    R9,READ
         BAL   R8,ALL
         STCK  X'820'(0)
         FINISH 0000
*
*  The channel program at R9 for every track.
ALL      SR    R4,R4              cylinder
CYL      SR    R5,R5              head
TRACK    STH   R4,SEEK+2
         STH   R5,SEEK+4
         LA    R6,5               the count fields and R0
         LA    R7,COUNTS
COUNT    STH   R4,0(R7)
         STH   R5,2(R7)
         LA    R7,8(R7)
         BCT   R6,COUNT
         LR    R1,R9
         LA    R2,X'150'
         L     R15,=V(DOIO)
         BALR  R14,R15
         C     R0,=X'00000C00'    channel end, device end, nothing else
         BNE   BAD
         LA    R5,1(R5)
         CH    R5,HEADS
         BL    TRACK
         LA    R4,1(R4)
         CH    R4,CYLS
         BL    CYL
         BR    R8
BAD      FINISH 0BAD
*
CYLS     DC    H'200'
HEADS    DC    H'30'
SEEK     DC    0D'0',XL6'00'
COUNTS   DC    0D'0',XL8'0'       record 0, sought before writing
R1COUNT  DC    X'0000000001001000'
R2COUNT  DC    X'0000000002001000'
R3COUNT  DC    X'0000000003001000'
R4COUNT  DC    X'0000000004001000'
WRITE    CCW   X'07',SEEK,X'40',6
WSEARCH  CCW   X'31',COUNTS,X'40',5
         CCW   X'08',WSEARCH,X'40',1
         CCW   X'1D',R1COUNT,X'80',8
         CCW   X'00',BUFFER,X'40',4096
         CCW   X'1D',R2COUNT,X'80',8
         CCW   X'00',BUFFER,X'40',4096
         CCW   X'1D',R3COUNT,X'80',8
         CCW   X'00',BUFFER,X'40',4096
         CCW   X'1D',R4COUNT,X'80',8
         CCW   X'00',BUFFER,X'00',4096
READ     CCW   X'07',SEEK,X'40',6
RSEARCH  CCW   X'31',R1COUNT,X'40',5
         CCW   X'08',RSEARCH,X'40',1
         CCW   X'06',BUFFER,X'40',4096
         CCW   X'06',BUFFER,X'40',4096
         CCW   X'06',BUFFER,X'40',4096
         CCW   X'06',BUFFER,X'00',4096
         LTORG
         COPY  REGS
         COPY  LOWCORE
BUFFER   DC    1024F'370'
         END   SEQIO
