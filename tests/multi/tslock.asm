*        TEST AND SET as a lock around a field of digits.
TSLOCK   MPSTART
MPCPU    L     R5,ROUNDS
LOOP     TS    LOCK
         BNZ   LOOP
         AP    COUNT,=P'1'
         MVI   LOCK,0
         BCT   R5,LOOP
         L     R1,ROUNDS
         MH    R1,NCPU+2
         LR    R2,R1
         LTR   R11,R11
         BNZ   OUT
WAIT     L     R3,READY           the others first
         LA    R3,1(0,R3)
         C     R3,NCPU
         BNE   WAIT
         CVB   R3,COUNT
         ST    R3,RESULT
OUT      MPEND RESULT
LOCK     DC    X'00'
         DS    0D
COUNT    DC    PL8'0'
RESULT   DC    F'0'
         LTORG
         END
