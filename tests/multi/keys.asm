*        CPU 1 stores with key 1 into a block whose key CPU 0 changes:
*        when SET STORAGE
*        KEY has ended nothing may be stored any more, and the change
*        bit must tell of
*        every store.
KEYS     MPSTART
MPCPU    LR    R7,R15
         LTR   R11,R11
         BNZ   WRITER
         L     R5,ROUNDS
         LPSW  EC0
CYCLE    LA    R6,X'20'
         SSK   R6,R7
         L     R8,0(0,R15)
         LA    R9,2000
DELAY    BCT   R9,DELAY
         C     R8,0(0,R15)
         BNE   MPBAD
         LA    R6,X'10'
         SSK   R6,R7              key 1 again, change bit off
         L     R8,0(0,R15)
         LA    R9,2000
DELAY2   BCT   R9,DELAY2
         ISK   R6,R7              EC mode: with the change bit
         L     R10,0(0,R15)
         N     R6,=X'00000002'
         BNZ   CHANGED
         CR    R8,R10             not changed yet?
         BE    CHANGED
         ISK   R6,R7              it may have come in between
         N     R6,=X'00000002'
         BZ    MPBAD
CHANGED  L     R8,0(0,R15)        until CPU 1 is seen to store
MOVES    C     R8,0(0,R15)
         BE    MOVES
         BCT   R5,CYCLE
         MVI   STOP,1
         L     R2,=F'77'
         B     OUT
WRITER   MVC   X'68'(8,R13),=X'0008000000000000'
         MVC   X'6C'(4,R13),=A(FAULT)
         SPX   =A(X'3000')
         SR    R3,R3
AGAIN    LPSW  KEY1
LOOP     LA    R3,1(0,R3)
         ST    R3,0(0,R15)
         CLI   STOP,1
         BNE   LOOP
         SVC   0
FAULT    DS    0H
         CLC   X'8E'(2,0),=X'0004'  protection
         BNE   ENDED
         CLI   STOP,1
         BNE   AGAIN
ENDED    SPX   ZERO
OUT      MPEND RESULT
         DS    0D
EC0      DC    X'0008000000',AL3(CYCLE)
KEY1     DC    X'0018000000',AL3(LOOP)
RESULT   DC    F'77'
STOP     DC    X'00'
ZERO     DC    F'0'
         LTORG
         END
