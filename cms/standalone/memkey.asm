MEM      TITLE 'MEMKEY - EXERCISE STORAGE AND STORAGE KEYS'
*  Finds out how much storage there is, writes patterns into all that
*  this program does not lie in, and tries the protection keys: every
*  block of 2048 bytes has a key, and a program whose PSW holds another
*  one, not zero, may not store there.
MEMKEY   BEGIN
         MVC   PGMNEW(8),CHECKPSW
*
*  Size: fetch from every block until there is none.
*
         SR    R8,R8
         LA    R7,2048
         LA    R10,TOP            where an addressing exception goes on
SIZE     CLI   0(R8),0
         AR    R8,R7
         CL    R8,=X'01000000'    24 bits of address are all we have
         BL    SIZE
         B     SIZED
TOP      CLI   PGMOLD+3,X'05'     addressing exception, really?
         BNE   STRANGE
SIZED    ST    R8,SIZEOF
         SRL   R8,10
         CVD   R8,PACKED
         MVC   TEXT1(6),EDIT
         ED    TEXT1(6),PACKED+5
         SAY   TEXT1,L'TEXT1
*
*  Patterns: fill a block, look whether it is still there.
*
         LA    R10,STRANGE
         L     R8,=A(END+2047)
         N     R8,=X'00FFF800'    first block behind the program
         SR    R9,R9              blocks
         SR    R11,R11            bad ones
BLOCK    C     R8,SIZEOF
         BNL   TESTED
         LA    R6,PATTERNS
PATTERN  IC    R3,0(R6)
         SLL   R3,24              padding byte: fill with the pattern
         LR    R4,R8
         LA    R5,2048
         LA    R2,0
         LR    R14,R8
         SR    R15,R15
         LR    R15,R3             no source, so only padding
         MVCL  R4,R14
         LR    R4,R8
         LA    R5,2048
         LR    R14,R8
         LR    R15,R3
         CLCL  R4,R14             compare with the padding alone
         BE    SAME
         LA    R11,1(R11)
SAME     LA    R6,1(R6)
         CLI   0(R6),X'01'        end of the patterns
         BNE   PATTERN
         LA    R9,1(R9)
         LA    R8,2048(R8)
         B     BLOCK
TESTED   CVD   R9,PACKED
         MVC   TEXT2(6),EDIT
         ED    TEXT2(6),PACKED+5
         CVD   R11,PACKED
         MVC   TEXT2+22(6),EDIT
         ED    TEXT2+22(6),PACKED+5
         SAY   TEXT2,L'TEXT2
*
*  Keys: set one, read it back, for all sixteen, on the last block.
*
         L     R8,SIZEOF
         S     R8,=F'2048'
         SR    R11,R11            wrong ones
         LA    R6,X'F0'
KEYS     SSK   R6,R8
         SR    R5,R5
         ISK   R5,R8
         N     R5,=X'000000F0'    the key; the rest are other bits
         CR    R5,R6
         BE    RIGHT
         LA    R11,1(R11)
RIGHT    S     R6,=F'16'
         BNM   KEYS
         CVD   R11,PACKED
         MVC   TEXT3+15(6),EDIT
         ED    TEXT3+15(6),PACKED+5
         SAY   TEXT3,L'TEXT3
*
*  Protection: the block gets key 3, we store with key 1.
*
         LA    R6,X'30'
         SSK   R6,R8
         LA    R10,REFUSED
         LPSW  KEY1
STORE    MVI   0(R8),0
         LPSW  KEY0               not refused: back to key 0
WRONG    SAY   'A STORE WITH A WRONG KEY WAS NOT REFUSED'
         FINISH 5599
REFUSED  CLI   PGMOLD+3,X'04'     protection exception?
         BNE   STRANGE
         SR    R6,R6
         SSK   R6,R8
         SAY   'A STORE WITH A WRONG KEY WAS REFUSED'
         FINISH 5555
STRANGE  SAY   'A PROGRAM CHECK THAT NOBODY EXPECTED'
         FINISH 5566
*
*  Every program check comes here and goes to what R10 says.
*
CHECK    BR    R10
*
CHECKPSW DC    0D'0',X'00000000',A(CHECK)
KEY1     DC    X'00100000',A(STORE)
KEY0     DC    X'00000000',A(WRONG)
PACKED   DS    D
SIZEOF   DS    F
PATTERNS DC    X'00FF55AA0001'
EDIT     DC    X'402020202120'
TEXT1    DC    C'       K OF STORAGE'
TEXT2    DC    C'       BLOCKS WRITTEN,       WRONG'
TEXT3    DC    C'16 KEYS TRIED,        WRONG'
         LTORG
         COPY  REGS
         COPY  LOWCORE
END      CSECT                    the last section: linked behind CONIO
         END   MEMKEY
