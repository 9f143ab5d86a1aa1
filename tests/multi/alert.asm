*        CPU 1 meets a machine check that it is disabled for: it
*        stops, and CPU 0 gets a
*        malfunction alert. Only resets help it then.
ALERT    MPSTART
MPCPU    LTR   R11,R11
         BNZ   VICTIM
         LCTL  R0,R0,=A(X'00008000')
         MVC   X'58'(8,0),=A(0,ALARM)
         LPSW  =X'0102000000000000'
ALARM    CLC   X'1A'(2,0),=X'1200'
         BNE   MPBAD
         CLC   X'84'(2,0),=X'0001'  of CPU 1
         BNE   MPBAD
         LA    R4,1
         SIGP  R3,R4,1
         BC    11,MPBAD
         CL    R3,=X'00000010'    check stop
         BNE   MPBAD
         SIGP  R3,R4,6
         BC    11,MPBAD
         CL    R3,=X'00000010'
         BNE   MPBAD
         SIGP  R3,R4,2
         BC    11,MPBAD
RESET    SIGP  R3,R4,11
         BC    2,RESET
         BNZ   MPBAD
SENSE    SIGP  R3,R4,1
         BC    2,SENSE
         CL    R3,=X'00000040'    stopped
         BNE   MPBAD
         MVC   4(4,0),=A(BACK)
         SIGP  R3,R4,6
         BNZ   MPBAD
         L     R2,GOOD
         B     OUT
BACK     DS    0H
         LA    R11,1
         B     OUT
VICTIM   B     *
OUT      MPEND GOOD
GOOD     DC    F'1'
         LTORG
         END
