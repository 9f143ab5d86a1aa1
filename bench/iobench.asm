IOBENCH  TITLE 'IOBENCH - INPUT AND OUTPUT, ONE PASS AFTER THE OTHER'
*  For measuring. PARAMS says which passes, one letter each, and how
*  much each does. The TOD clock before the first and behind each is
*  left from X'810' on. Ends in a disabled wait with address 0, or
*  0BAD, with the status in register 0.
*
*    F  format tracks of a 3350 at X'150', four records of 4096 bytes
*       on each, one channel program a track, cylinder by cylinder
*    U  write the data of those records anew, all four of a track in
*       one channel program
*    V  the same, a channel program for each record
*    R  read them, four in one channel program
*    S  read record 2 of the first track, again and again
*    D  the same by DIAGNOSE X'18', as CMS does it
*    T  write blocks of 32760 bytes on a 3420 at X'480', behind REWIND
*    I  read them back
*    P  print lines of 132 bytes on a 1403 at X'00E'
IOBENCH  BEGIN
         LA    R10,PASSES
         LA    R11,X'810'
         STCK  0(R11)
NEXT     CLI   0(R10),0
         BE    DONE
         LA    R4,TABLE           the letter's place in the table
FIND     CLC   0(1,R4),0(R10)
         BE    FOUND
         CLI   0(R4),0
         BE    BAD
         LA    R4,8(R4)
         B     FIND
FOUND    L     R4,4(R4)
         BALR  R8,R4
         LA    R11,8(R11)
         STCK  0(R11)
         LA    R10,1(R10)
         B     NEXT
DONE     FINISH 0000
BAD      FINISH 0BAD
TABLE    DC    0F'0',C'F',XL3'0',A(FORMAT)
         DC    C'U',XL3'0',A(UPDATE)
         DC    C'V',XL3'0',A(SINGLE)
         DC    C'R',XL3'0',A(READ)
         DC    C'S',XL3'0',A(SMALL)
         DC    C'D',XL3'0',A(DIAG)
         DC    C'T',XL3'0',A(TAPEW)
         DC    C'I',XL3'0',A(TAPER)
         DC    C'P',XL3'0',A(PRINT)
         DC    XL4'0',A(0)
*
*  R1: channel program, R2: device. R9 return.
IO       L     R15,=V(DOIO)
         BALR  R14,R15
         C     R0,=X'00000C00'    channel end, device end, nothing else
         BER   R9
         B     BAD
*
*  Disk: the channel program at R3 for every track.
FORMAT   LA    R3,FORMATC
         B     ALL
UPDATE   LA    R3,UPDATEC
         B     ALL
SINGLE   LA    R3,0               one after the other
         B     ALL
READ     LA    R3,READC
ALL      SR    R4,R4              cylinder
CYL      SR    R5,R5              head
TRACK    BAL   R9,PLACE
         LA    R2,X'150'
         LTR   R1,R3
         BZ    FOUR
         BAL   R9,IO
ADVANCE  LA    R5,1(R5)
         CH    R5,=H'30'
         BL    TRACK
         LA    R4,1(R4)
         CH    R4,CYLS
         BL    CYL
         BR    R8
FOUR     LA    R6,R1COUNT
ONE      ST    R6,VSEARCH         overlays the command
         MVI   VSEARCH,X'31'
         LA    R1,SINGLEC
         BAL   R9,IO
         LA    R6,8(R6)
         LA    R0,R4COUNT
         CR    R6,R0
         BNH   ONE
         B     ADVANCE
*  Cylinder and head into SEEK and the count fields.
PLACE    STH   R4,SEEK+2
         STH   R5,SEEK+4
         LA    R6,5               the count fields and R0
         LA    R7,COUNTS
COUNT    STH   R4,0(R7)
         STH   R5,2(R7)
         LA    R7,8(R7)
         BCT   R6,COUNT
         BR    R9
*
SMALL    SR    R4,R4
         SR    R5,R5
         BAL   R9,PLACE
         L     R3,READS
SMALL1   LA    R1,SMALLC
         LA    R2,X'150'
         BAL   R9,IO
         BCT   R3,SMALL1
         BR    R8
*
DIAG     SR    R4,R4
         SR    R5,R5
         BAL   R9,PLACE
         L     R3,READS
         LA    R1,SMALLC
         LA    R2,X'150'
DIAG1    LA    R15,1
         DC    X'83210018'        DIAGNOSE R2,R1,X'18'
         BNZ   BAD
         BCT   R3,DIAG1
         BR    R8
*
TAPEW    LA    R4,TAPEWC
         B     TAPE
TAPER    LA    R4,TAPERC
TAPE     LA    R1,REWIND
         LA    R2,X'480'
         BAL   R9,IO
         L     R3,BLOCKS
TAPE1    LR    R1,R4
         LA    R2,X'480'
         BAL   R9,IO
         BCT   R3,TAPE1
         BR    R8
*
PRINT    L     R3,LINES
PRINT1   LA    R1,PRINTC
         LA    R2,X'00E'
         BAL   R9,IO
         BCT   R3,PRINT1
         BR    R8
*
         COPY  PARAMS
SEEK     DC    0D'0',XL6'00'
COUNTS   DC    0D'0',XL8'0'       record 0, sought before writing
R1COUNT  DC    X'0000000001001000'
R2COUNT  DC    X'0000000002001000'
R3COUNT  DC    X'0000000003001000'
R4COUNT  DC    X'0000000004001000'
FORMATC  CCW   X'07',SEEK,X'40',6
FSEARCH  CCW   X'31',COUNTS,X'40',5
         CCW   X'08',FSEARCH,X'40',1
         CCW   X'1D',R1COUNT,X'80',8
         CCW   X'00',BUFFER,X'40',4096
         CCW   X'1D',R2COUNT,X'80',8
         CCW   X'00',BUFFER,X'40',4096
         CCW   X'1D',R3COUNT,X'80',8
         CCW   X'00',BUFFER,X'40',4096
         CCW   X'1D',R4COUNT,X'80',8
         CCW   X'00',BUFFER,X'00',4096
UPDATEC  CCW   X'07',SEEK,X'40',6
USEARCH1 CCW   X'31',R1COUNT,X'40',5
         CCW   X'08',USEARCH1,X'40',1
         CCW   X'05',BUFFER+4,X'40',4096
USEARCH2 CCW   X'31',R2COUNT,X'40',5
         CCW   X'08',USEARCH2,X'40',1
         CCW   X'05',BUFFER+4,X'40',4096
USEARCH3 CCW   X'31',R3COUNT,X'40',5
         CCW   X'08',USEARCH3,X'40',1
         CCW   X'05',BUFFER+4,X'40',4096
USEARCH4 CCW   X'31',R4COUNT,X'40',5
         CCW   X'08',USEARCH4,X'40',1
         CCW   X'05',BUFFER+4,X'00',4096
SINGLEC  CCW   X'07',SEEK,X'40',6
VSEARCH  CCW   X'31',R1COUNT,X'40',5
         CCW   X'08',VSEARCH,X'40',1
         CCW   X'05',BUFFER+4,X'00',4096
READC    CCW   X'07',SEEK,X'40',6
RSEARCH  CCW   X'31',R1COUNT,X'40',5
         CCW   X'08',RSEARCH,X'40',1
         CCW   X'06',BUFFER,X'40',4096
         CCW   X'06',BUFFER,X'40',4096
         CCW   X'06',BUFFER,X'40',4096
         CCW   X'06',BUFFER,X'00',4096
SMALLC   CCW   X'07',SEEK,X'40',6
SSEARCH  CCW   X'31',R2COUNT,X'40',5
         CCW   X'08',SSEARCH,X'40',1
         CCW   X'06',BUFFER,X'20',2048
REWIND   CCW   X'07',BUFFER,X'20',1
TAPEWC   CCW   X'01',BUFFER,X'00',32760
TAPERC   CCW   X'02',BUFFER,X'00',32760
PRINTC   CCW   X'09',TEXT,X'00',132
TEXT     DC    CL132'THE LINE THAT IS PRINTED AGAIN AND AGAIN'
         LTORG
         COPY  REGS
         COPY  LOWCORE
BUFFER   DC    8192F'370'
         DC    F'0'
         END   IOBENCH
