*        A producer on CPU 0 and a consumer on CPU 1 that sleeps in
*        the wait state:
*        each item is announced by an external call.
CALL     MPSTART
MPCPU    LTR   R11,R11
         BNZ   CONSUME
         L     R5,ROUNDS
         LA    R10,1              CPU address of the consumer
*        wait until it has its own page
ALIVE    L     R3,UP
         LTR   R3,R3
         BZ    ALIVE
PRODUCE  ST    R5,ITEM
PUSH     SIGP  R3,R10,2           external call
         BC    2,PUSH
         BZ    TAKEN
         CL    R3,=X'00000080'    the last one is pending still
         BNE   MPBAD
         B     PUSH
TAKEN    L     R3,ITEM
         LTR   R3,R3
         BNZ   TAKEN
         BCT   R5,PRODUCE
         L     R3,ROUNDS          n(n+1)/2
         LA    R4,1(0,R3)
         MR    R2,R4
         SRL   R3,1
         LR    R2,R3
         B     OUT
*        the consumer's page: real 0 is absolute X'3000'
CONSUME  MVC   X'58'(8,R13),=A(X'00000000',TAKEIT)
         MVC   X'68'(8,R13),=X'0002000000EE0068'
         SPX   =A(X'3000')
         LCTL  R0,R0,=A(X'00002000') external call only
         MVI   UP+3,1
SLEEP    LPSW  ASLEEP
TAKEIT   DS    0H
         CLC   X'1A'(2,0),=X'1202'
         BNE   MPBAD
         CLC   X'84'(2,0),=X'0000'  from CPU 0
         BNE   MPBAD
         L     R3,ITEM
         LR    R6,R3
         A     R3,SUM
         ST    R3,SUM
         SR    R3,R3
         ST    R3,ITEM
         C     R6,=F'1'
         BNE   SLEEP
         SPX   ZERO
OUT      MPEND SUM
         DS    0D
ASLEEP   DC    X'0102000000000000'
ITEM     DC    F'0'
SUM      DC    F'0'
UP       DC    F'0'
ZERO     DC    F'0'
         LTORG
         END
