*        CPU 1 reads through a page that CPU 0 invalidates again and
*        again. While the
*        entry is invalid the frame holds something else: nobody may
*        see it.
IPTE     MPSTART
MPCPU    LCTL  R0,R1,CONTROL      4K pages, 64K segments
         LTR   R11,R11
         BNZ   READER
         L     R5,ROUNDS
         LA    R6,PAGES
         LR    R7,R15
         MVC   0(4,R15),GOOD
CYCLE    IPTE  R6,R7
         MVC   0(4,R15),BAD
         LA    R8,30
DELAY    BCT   R8,DELAY
         MVC   0(4,R15),GOOD
         MVC   PAGES+10(2),=X'0050'   valid again
         LA    R8,30
DELAY2   BCT   R8,DELAY2
         L     R8,READS           until CPU 1 is seen to read
READSON  C     R8,READS
         BE    READSON
         BCT   R5,CYCLE
         MVI   STOP,1
         L     R2,GOOD
         B     OUT
READER   MVC   X'68'(8,R13),=X'000C000000000000'
         MVC   X'6C'(4,R13),=A(FAULT)
         SPX   =A(X'3000')
         LPSW  DATON
LOOP     L     R4,READS
         LA    R4,1(0,R4)
         ST    R4,READS
         L     R3,0(0,R15)
         C     R3,GOOD
         BNE   MPBAD
         CLI   STOP,1
         BNE   LOOP
         SPX   ZERO
         LPSW  DATOFF
FAULT    DS    0H
         CLC   X'8E'(2,0),=X'0011'  page translation
         BNE   MPBAD
         CLI   STOP,1
         BE    ENDED
         LPSW  X'28'
ENDED    SPX   ZERO
OUT      MPEND GOOD
         DS    0D
DATON    DC    X'040C000000',AL3(LOOP)
DATOFF   DC    X'0008000000',AL3(OUT)
CONTROL  DC    X'008000E0',A(SEGMENTS)
GOOD     DC    C'GOOD'
BAD      DC    C'BAD!'
STOP     DC    X'00'
ZERO     DC    F'0'
READS    DC    F'0'
         LTORG
         DS    0D
         ORG   IPTE+X'1A00'
SEGMENTS DC    X'F0',AL3(PAGES)
         DC    15X'00000001'
PAGES    DC    X'0000001000200030004000500060007000800090'
         DC    X'00A000B000C000D000E000F0'
         ORG   IPTE+X'5000'
         DC    C'GOOD'
         END
