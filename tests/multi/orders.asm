*        SIGNAL PROCESSOR: the orders, and what sense tells. CPU 1
*        only loops.
ORDERS   MPSTART
MPCPU    LTR   R11,R11
         BNZ   LOOPER
         LA    R4,1
         LA    R6,9               there is no such CPU
         LA    R7,1
         SIGP  R3,R6,1
         BC    14,FAIL
         LA    R7,2               this CPU is operating
         SIGP  R3,R11,1
         BNZ   FAIL
         LA    R7,3               no such order
         SR    R3,R3
         SIGP  R3,R4,X'3F'
         BC    11,FAIL
         CL    R3,=X'00000002'
         BNE   FAIL
         LA    R7,4               CPU 1 runs
SENSE4   SIGP  R3,R4,1
         BC    2,SENSE4
         BNZ   FAIL
         LA    R7,5               stop it
         BAL   R14,STOPIT
         LA    R7,6               an external call is held for it
         SIGP  R3,R4,2
         BNZ   FAIL
         SIGP  R3,R4,2
         BC    11,FAIL
         CL    R3,=X'00000080'
         BNE   FAIL
         SIGP  R3,R4,1
         BC    11,FAIL
         CL    R3,=X'000000C0'    call pending, stopped
         BNE   FAIL
         LA    R7,7               CPU reset takes the call away
         SIGP  R3,R4,12
         BNZ   FAIL
         BAL   R14,STOPPED
         LA    R7,8               start: the loop goes on
         L     R8,TICKS
         SIGP  R3,R4,4
         BNZ   FAIL
         BAL   R14,TICKING
         LA    R7,9               stop and store status
         XC    X'180'(64,0),X'180'
         SIGP  R3,R4,9
         BNZ   FAIL
         BAL   R14,STOPPED
         CLC   X'1AC'(4,0),=F'1' its GPR 11
         BNE   FAIL
         CLC   X'108'(4,0),=F'0'    its prefix
         BNE   FAIL
         LA    R7,10              initial CPU reset: the PSW is zero
         SIGP  R3,R4,11
         BNZ   FAIL
         BAL   R14,STOPPED
         SIGP  R3,R4,9
         BNZ   FAIL
         BAL   R14,STOPPED
         CLC   X'100'(8,0),=XL8'00'
         BNE   FAIL
         CLC   X'1C0'(4,0),=X'000000E0'   CR 0
         BNE   FAIL
         LA    R7,11              program resets
         SIGP  R3,R4,8
         BNZ   FAIL
         BAL   R14,STOPPED
         SIGP  R3,R4,7
         BNZ   FAIL
         BAL   R14,STOPPED
         LA    R7,12              restart
         L     R8,TICKS
         SIGP  R3,R4,6
         BNZ   FAIL
         BAL   R14,TICKING
         LA    R7,13              emergency signals to ourselves
         LCTL  R0,R0,=A(X'00004000')
         MVC   X'58'(8,0),=A(0,EMERG)
         SIGP  R3,R11,3
         BNZ   FAIL
         SSM   =X'01'
         B     FAIL
EMERG    CLC   X'1A'(2,0),=X'1201'
         BNE   FAIL
         CLC   X'84'(2,0),=X'0000'
         BNE   FAIL
         LA    R7,14              stop it for good
         BAL   R14,STOPIT
         LA    R3,1
         ST    R3,READY
         L     R2,GOOD
         B     OUT
*        Wait until CPU 1 is stopped, and nothing else.
STOPIT   SIGP  R3,R4,5
         BNZ   FAIL
STOPPED  SIGP  R3,R4,1
         BC    2,STOPPED
         BC    9,FAIL
         CL    R3,=X'00000040'
         BNE   FAIL
         BR    R14
TICKING  C     R8,TICKS
         BE    TICKING
BUSY     SIGP  R3,R4,1
         BC    2,BUSY
         BNZ   FAIL
         BR    R14
FAIL     B     MPBAD
LOOPER   L     R3,TICKS
         LA    R3,1(0,R3)
         ST    R3,TICKS
         B     LOOPER
OUT      MPEND GOOD
GOOD     DC    F'1'
TICKS    DC    F'0'
         LTORG
         END
