*        CPU 0 changes an instruction that the others execute; they
*        serialize (BCR
*        15,0) between seeing the announcement and executing it.
PATCH    MPSTART
MPCPU    LTR   R11,R11
         BNZ   EXECUTE
         SR    R5,R5
CHANGE   LA    R5,1(0,R5)
         SR    R6,R6
         ST    R6,DONE
         LR    R7,R5
         O     R7,=X'41500000'    LA 5,n
         STH   R7,INSN+2
         ST    R7,WORD
         MVC   LATER(4),WORD
         MVC   FAR(4),WORD
         ST    R5,TURN
BACK     L     R6,DONE
         LA    R6,1(0,R6)
         C     R6,NCPU
         BNE   BACK
         C     R5,ROUNDS
         BNE   CHANGE
         LR    R2,R5
         B     OUT
EXECUTE  SR    R9,R9              the last turn
NEXT     L     R10,TURN
         CR    R10,R9
         BE    NEXT
         BCR   15,0
INSN     LA    R5,0
         CR    R5,R10
         BNE   MPBAD
LATER    LA    R5,0
         CR    R5,R10
         BNE   MPBAD
         BAL   R14,FAR
         CR    R5,R10
         BNE   MPBAD
         LR    R9,R10
         L     R6,DONE
COUNT    LA    R7,1(0,R6)
         CS    R6,R7,DONE
         BNE   COUNT
         C     R10,ROUNDS
         BNE   NEXT
OUT      MPEND TURN
TURN     DC    F'0'
WORD     DS    F
DONE     DC    F'0'
         LTORG
         ORG   PATCH+X'1800'      another frame
FAR      LA    R5,0
         BR    R14
         END
