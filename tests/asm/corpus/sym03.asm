*PARM TEST
* TEST: clusters, gaps, EQU, wrong and duplicate names
S        CSECT
A1       DC    3P'1,2.5,333'
A2       DC    2PL2'1.5,2'
A3       DC    2X'1,234'
A4       DC    XL2'1,2'
A5       DC    P'1.25,2'
A6       DC    Z'1,22',P'1,2'
A7       DS    P'1,22'
A8       DS    3P
A9       DC    2B'1,101010101'
D        DSECT
DF       DS    F
DG       DS    CL7
S        CSECT
E1       EQU   DF
E2       EQU   DG+2
E3       EQU   DG-DF
E4       EQU   D
E5       EQU   S
         USING D,5
USN      USING S,6
I1       L     1,DF
I2       L     1,NOSUCH
         EXTRN EX
E6       EQU   EX
E7       EQU   EX+4
         ENTRY A1
SQ       MVC   0(4,1),0(2)
.SEQ     ANOP
ANP      ANOP
NM       MNOTE 1,'HI'
TTL      TITLE 'X'
SPC      SPACE
LL       LTORG
         L     1,=F'1'
L2       LTORG
L3       DC    F'1'
         DC    X'1'
         LTORG
         DC    X'1'
         L     1,DF
         DC    X'1'
         CNOP  0,8
         DC    X'1'
CC       CNOP  0,8
         DC    X'1'
C2       CCW   1,A1,0,1
         DC    X'1'
         CXD
         DC    X'1'
OO       ORG   *+1
         ORG   *+1
         DS    0F
         DC    XL3'1'
         DS    0D
         DS    CL3,0D
D1       DC    CL.4'A',XL.4'B',BL.3'1',F'1'
D2       DC    XL.4'1'
D3       DC    3XL.12'1'
A1       DC    F'1'
A1       L     1,DF
A1       EQU   *
A1       CSECT
S        CSECT
G1       DC    F'1',G'2',F'3'
G2       DC    G'2'
G3       DC    F'1',F'A'
         ORG
         ORG   S
         DC    X'1'
         ORG
DXX      DXD   F
DDD      DC    A(L3)
B1       BC    15,A2
M1       DC    CL3'ABC
M2       DC    A(NOSUCH)
M3       DC    2CL3'A',A(S),Y(1)
         DC    0CL8' '
N1       DS    100FL3
N2       DS    10XL.4
N3       DS    FS4
N4       DS    PS2
N5       DC    FE2S3'1'
N6       DC    HS2'1,2'
N7       DC    ES0'1'
N8       DC    P'1.'
N9       DC    P'.1'
ABSECT   START 0
         COM
XX       DS    F
CM2      COM
         DS    CL2
YY       DS    F
         COM
ZZ       DS    X
         DS    0F
         DSECT
UU       DS    F
D        DSECT
MORE     DS    F
         CSECT
PRIV     DC    F'1'
         END
