*PARM TEST
* TEST: names before, in and across sections
EARLY    EQU   *
X        DC    C'A'
XX       DS    CL.7'A',F
SECT     CSECT
         L     1,=F'1'
         L     1,=X'11'
SECT     CSECT
NEXT     CSECT
         DS    3F
SECT     CSECT
         USING *,12
         L     1,=D'1'
X1       LTORG
         DC    X'1'
         L     1,=F'2'
OTHER    DSECT
         DS    F
         DS    CL3
O2       ORG   *-2
O3       ORG   OTHER
O4       ORG
O5       ORG   SECT
O6       ORG   5
BAD1     START 0
NEXT     DSECT
         DS    F
O7       DSECT
O7       EQU   1
         DSECT
OTHER    COM
         DS    D
X        DSECT
         DS    H
X        COM
         DS    2H
         END
