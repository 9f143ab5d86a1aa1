*        CPU 0 starts the printer, disabled for its interruptions: CPU
*        1, which waits for
*        I/O, takes them.
ANYIO    MPSTART
MPCPU    LTR   R11,R11
         BNZ   TAKER
         L     R5,ROUNDS
         LA    R3,CCW
         ST    R3,X'48'
UPYET    CLI   UP,1
         BNE   UPYET
START    SIO   X'00E'
         BC    2,START
         BNZ   MPBAD
TAKEN    CLI   FLAG,1
         BNE   TAKEN
         MVI   FLAG,0
         BCT   R5,START
         MVI   STOP,1
         L     R2,ROUNDS
         B     OUT
TAKER    MVC   X'78'(8,R13),=A(0,TAKEIT)
         SPX   =A(X'3000')
         MVI   UP,1
SLEEP    LPSW  ASLEEP
TAKEIT   DS    0H
         CLC   X'3A'(2,0),=X'000E'
         BNE   MPBAD
         TM    X'44',X'0C'        channel end and device end
         BNO   MPBAD
         L     R3,COUNT
         LA    R3,1(0,R3)
         ST    R3,COUNT
         C     R3,ROUNDS
         BE    ENDED
         MVI   FLAG,1
         B     SLEEP
ENDED    SPX   ZERO
         MVI   FLAG,1
OUT      MPEND COUNT
         DS    0D
ASLEEP   DC    X'8002000000000000'
CCW      CCW   X'09',LINE,X'20',5
LINE     DC    C'LINE '
COUNT    DC    F'0'
FLAG     DC    X'00'
UP       DC    X'00'
STOP     DC    X'00'
ZERO     DC    F'0'
         LTORG
         END
