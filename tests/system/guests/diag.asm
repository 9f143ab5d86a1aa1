DIAG     TITLE 'DIAG - ONE DIAGNOSE AT A TIME, AS THE TEST TYPES IT'
*  Commands, in capitals:
*    S aaaaaa hex         store
*    R aaaaaa nn          show nn (hex) bytes of storage
*    K aaaaaa kk          set the storage key of the block at aaaaaa
*    M hhhhhhhhhhhhhhhh   the PSW for DIAGNOSE; its address is put in
*    L n hhhhhhhh         load control register n
*    P dddd hhhhhhhh      before the next DIAGNOSE: START I/O, this CAW
*    W dddd               behind each: TEST I/O until it has ended (0: no)
*    D xycccc n=hhhhhhhh ...  registers (others are 0), then
*                         DIAGNOSE x,y,X'cccc'
*  D answers with condition code, program interruption code, the CSW
*  that is in storage or that W got, and the sixteen registers.
DIAG     BEGIN
AREA     EQU   X'E00'             below the program: no base needed
CODE     EQU   X'E42'             of the program interruption
PSW      EQU   X'E48'             to go on with
OLD      EQU   X'E50'             the PSW behind the DIAGNOSE
BASES    EQU   X'E58'             our R12 and R13
GOTCSW   EQU   X'E60'
         STM   R12,R13,BASES
         MVC   SVCNEW(8),BACK
         MVC   PGMNEW(8),FAIL
         SAY   'DIAG READY'
NEXT     ASK   LINE,130
         ST    R0,TYPED
         CLI   LINE,C'S'
         BE    STORE
         CLI   LINE,C'R'
         BE    SHOW
         CLI   LINE,C'K'
         BE    KEY
         CLI   LINE,C'M'
         BE    MODE
         CLI   LINE,C'L'
         BE    CONTROL
         CLI   LINE,C'P'
         BE    BEFORE
         CLI   LINE,C'W'
         BE    BEHIND
         CLI   LINE,C'D'
         BE    DO
         SAY   'WHAT'
         B     NEXT
*
KEY      BAL   R9,ADDRESS
         BAL   R9,ONEBYTE
         SR    R4,R4
         IC    R4,BYTE
         L     R2,WORD
         SSK   R4,R2
         B     NEXT
*
MODE     LA    R2,LINE+2
         LA    R3,NEWPSW
         LA    R4,8
         BAL   R9,HEXIN
         B     NEXT
*
CONTROL  LA    R2,LINE+2
         BAL   R8,NIBBLE
         LR    R7,R6              the same number twice
         SLL   R7,4
         OR    R7,R6
         STC   R7,LOAD+1
         LA    R2,LINE+4
         LA    R3,WORD
         LA    R4,4
         BAL   R9,HEXIN
LOAD     LCTL  0,0,WORD
         B     NEXT
*
BEFORE   LA    R2,LINE+2
         LA    R3,STARTED
         LA    R4,2
         BAL   R9,HEXIN
         LA    R2,LINE+7
         LA    R3,STARTCAW
         LA    R4,4
         BAL   R9,HEXIN
         B     NEXT
*
BEHIND   LA    R2,LINE+2
         LA    R3,WAITED
         LA    R4,2
         BAL   R9,HEXIN
         B     NEXT
*
*  The sequence itself leaves SVCNEW and PGMNEW the only way back, with
*  all registers the command's.
DO       LA    R2,LINE+2
         LA    R3,HERE+1
         LA    R4,3
         BAL   R9,HEXIN
         XC    AREA(68),AREA
         XC    OLD(8),OLD
DO1      LA    R2,1(R2)
         CLI   0(R2),C' '
         BE    DO2
         BAL   R8,NIBBLE
         LR    R3,R6
         SLL   R3,2
         LA    R3,AREA(R3)
         LA    R2,1(R2)           behind the equals sign
         LA    R4,4
         BAL   R9,HEXIN
         CLI   0(R2),C' '
         BE    DO1
DO2      MVC   PSW(8),NEWPSW
         MVC   PSW+5(3),=AL3(HERE)
         LH    R2,STARTED
         LTR   R2,R2
         BZ    DO3
         XC    STARTED,STARTED
         MVC   CAW(4),STARTCAW
         SIO   0(R2)
         BC    8,DO3
         SAY   'SIO FAILS'
DO3      XC    CSW(8),CSW
         LM    R0,R15,AREA
         LPSW  PSW
HERE     DC    X'83000000'
         SVC   0
*
GOBACK   STM   R0,R15,AREA
         MVC   OLD(8),SVCOLD
         LM    R12,R13,BASES
         B     TELL
GOFAIL   STM   R0,R15,AREA
         MVC   OLD(8),PGMOLD
         LM    R12,R13,BASES
         MVC   CODE(2),PGMOLD+2
         TM    OLD+1,X'08'        EC mode has it elsewhere
         BZ    TELL
         MVC   CODE(2),X'8E'
TELL     MVC   GOTCSW(8),CSW
         LH    R2,WAITED
         LTR   R2,R2
         BZ    TELL2
TELL1    TIO   0(R2)
         BC    8+1,TELL2          nothing there
         BC    2,TELL1            still going on
         MVC   GOTCSW(8),CSW
         TM    CSW+4,X'06'        device end, unit check
         BZ    TELL1
TELL2    IC    R4,OLD+4           BC mode
         TM    OLD+1,X'08'
         BZ    TELL3
         IC    R4,OLD+2
TELL3    SLL   R4,26
         SRL   R4,30
         STC   R4,BYTE
         OI    BYTE,C'0'
         MVC   LINE(12),=C'CC X PIC    '
         MVC   LINE+3(1),BYTE
         LA    R2,CODE
         LA    R3,LINE+9
         LA    R4,2
         BAL   R9,HEXOUT
         MVC   LINE+13(5),=C' CSW '
         LA    R2,GOTCSW
         LA    R3,LINE+18
         LA    R4,8
         BAL   R9,HEXOUT
         SAY   LINE,34
         LA    R2,AREA
         BAL   R10,EIGHT
         LA    R2,AREA+32
         BAL   R10,EIGHT
         XC    OLD(8),OLD         who looks sees the next DIAGNOSE only
         B     NEXT
*  Eight registers at R2 in a line.
EIGHT    LA    R3,LINE
         LA    R4,32
         BAL   R9,HEXOUT
         SAY   LINE,64
         BR    R10
*
         DS    0D
NEWPSW   DC    X'0000000000000000'
BACK     DC    X'00000000',A(GOBACK)
FAIL     DC    X'00000000',A(GOFAIL)
STARTCAW DC    F'0'
STARTED  DC    H'0'
WAITED   DC    H'0'
         COPY  TYPED
         COPY  HEX
         LTORG
         COPY  REGS
         COPY  LOWCORE
         END   DIAG
