* What users do in CMS without the commands of the S-disk: each entry is sixteen bytes
* behind the one before. They call functions of the CMS nucleus (SVC 202).
*
*   20000  write lines of the terminal behind NOTE TEXT A1, up to an empty one
*   20010  print NOTE TEXT A1
*   20020  punch NOTE TEXT A1
*   20030  read cards, up to the end of the file, behind MAIL TEXT A1
*   20040  type MAIL TEXT A1
*   20050  write lines of the terminal behind WORK EXEC A1, up to an empty one
*
TOOL     START X'20000'
         LA    2,0
         BALR  12,0
         USING *,12
         B     MAIN
         DC    3H'0'
         LA    2,4
         BALR  12,0
         USING *,12
         B     MAIN
         DC    3H'0'
         LA    2,8
         BALR  12,0
         USING *,12
         B     MAIN
         DC    3H'0'
         LA    2,12
         BALR  12,0
         USING *,12
         B     MAIN
         DC    3H'0'
         LA    2,16
         BALR  12,0
         USING *,12
         B     MAIN
         DC    3H'0'
         LA    2,20
         BALR  12,0
         USING *,12
         B     MAIN
         DC    3H'0'
MAIN     BALR  12,0
         USING *,12
         ST    14,SAVE14
         B     WHICH(2)
WHICH    B     EDIT
         B     PRINT
         B     PUNCH
         B     READ
         B     TYPE
         B     PROGRAM
*
PROGRAM  LA    4,WREXEC
         B     LINES
EDIT     LA    4,WRNOTE
LINES    LA    1,WAITRD
         SVC   202
         DC    AL4(OUT)
         LH    3,WAITRD+14
         LTR   3,3
         BZ    CLOSE
         LR    1,4
         SVC   202
         DC    AL4(OUT)
         B     LINES
*
PRINT    LA    1,RDNOTE
         SVC   202
         DC    AL4(ENDED)
         LA    1,PRINTR
         SVC   202
         DC    AL4(OUT)
         B     PRINT
*
PUNCH    LA    1,RDNOTE
         SVC   202
         DC    AL4(ENDED)
         LA    1,CARDPH
         SVC   202
         DC    AL4(OUT)
         B     PUNCH
*
READ     LA    1,CARDRD
         SVC   202
         DC    AL4(ENDREAD)
         LA    1,WRMAIL
         SVC   202
         DC    AL4(OUT)
         B     READ
ENDREAD  C     15,=F'1'
         BNE   OUT
         B     CLOSE
*
TYPE     LA    1,RDMAIL
         SVC   202
         DC    AL4(ENDED)
         LA    1,TYPLIN
         SVC   202
         DC    AL4(OUT)
         LA    1,CONWAIT      before LINE changes
         SVC   202
         DC    AL4(OUT)
         B     TYPE
*
ENDED    C     15,=F'12'
         BNE   OUT
CLOSE    LA    1,FINIS
         SVC   202
         DC    AL4(*+4)
         SR    15,15
OUT      L     14,SAVE14
         BR    14
*
SAVE14   DC    F'0'
         DS    0D
WAITRD   DC    CL8'WAITRD',AL1(1),AL3(LINE),CL1'U',AL3(0)
WRNOTE   DC    CL8'WRBUF',CL8'NOTE',CL8'TEXT',CL2'A1'
         DC    H'0',A(LINE),F'80',CL2'F',H'1',F'0'
WREXEC   DC    CL8'WRBUF',CL8'WORK',CL8'EXEC',CL2'A1'
         DC    H'0',A(LINE),F'80',CL2'F',H'1',F'0'
RDNOTE   DC    CL8'RDBUF',CL8'NOTE',CL8'TEXT',CL2'A1'
         DC    H'0',A(LINE),F'80',CL2'F',H'1',F'0'
WRMAIL   DC    CL8'WRBUF',CL8'MAIL',CL8'TEXT',CL2'A1'
         DC    H'0',A(LINE),F'80',CL2'F',H'1',F'0'
RDMAIL   DC    CL8'RDBUF',CL8'MAIL',CL8'TEXT',CL2'A1'
         DC    H'0',A(LINE),F'80',CL2'F',H'1',F'0'
PRINTR   DC    CL8'PRINTR',A(BLANK),F'81'
CARDPH   DC    CL8'CARDPH',A(LINE),H'80'
         DS    0F
CARDRD   DC    CL8'CARDRD',A(LINE),H'80',H'0'
         DS    0F
TYPLIN   DC    CL8'TYPLIN',AL1(1),AL3(LINE),C'B',X'00',H'80'
CONWAIT  DC    CL8'CONWAIT'
         DS    0F
FINIS    DC    CL8'FINIS',CL8'*',CL8'*',CL2'*'
         LTORG
BLANK    DC    CL1' '
LINE     DC    CL130' '
         END   TOOL
