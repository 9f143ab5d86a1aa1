*        A doubleword counter of COMPARE DOUBLE AND SWAP: its halves
*        are never apart.
CDSC     MPSTART
MPCPU    L     R5,ROUNDS
LOOP     LM    R6,R7,PAIR
TAKE     CLR   R6,R7
         BNE   MPAGN              LM may see it torn, CDS not
         LA    R8,1(0,R6)
         LA    R9,1(0,R7)
         CDS   R6,R8,PAIR
         BNE   LOST
         BCT   R5,LOOP
         B     DONE
LOST     CLR   R6,R7
         BNE   MPBAD
         B     TAKE
MPAGN    SR    R6,R6
         SR    R7,R7
         LR    R8,R6
         LR    R9,R7
         CDS   R6,R8,PAIR
         B     LOST
DONE     L     R1,ROUNDS
         MH    R1,NCPU+2
         LR    R2,R1
         MPEND PAIR+4
         DS    0D
PAIR     DC    2F'0'
         LTORG
         END
