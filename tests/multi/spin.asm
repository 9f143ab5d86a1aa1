*        A spin lock of COMPARE AND SWAP around an increment that is
*        not interlocked.
SPIN     MPSTART
MPCPU    L     R5,ROUNDS
LOOP     SR    R6,R6
         LA    R7,1(0,R11)        the owner: never zero
TAKE     SR    R6,R6
         CS    R6,R7,LOCK
         BNE   TAKE
         L     R8,COUNT
         LA    R8,1(0,R8)
         ST    R8,COUNT
         C     R7,LOCK            still ours?
         BNE   MPBAD
         SR    R8,R8
         CS    R7,R8,LOCK
         BNE   MPBAD
         BCT   R5,LOOP
         L     R1,ROUNDS
         MH    R1,NCPU+2
         LR    R2,R1
         MPEND COUNT
LOCK     DC    F'0'
COUNT    DC    F'0'
         LTORG
         END
