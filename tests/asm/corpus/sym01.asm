*PARM TEST
* TEST: every type of constant, labels, sections
         TITLE 'SYM'
FIRST    START X'100'
A        DC    A(0)
B        DS    5F
C        DC    3CL7'ABC'
         DC    C'NONAME'
D        DC    X'1234'
EE       DC    B'101'
FF       DC    FS4'1.5'
F2       DC    F'1,2,3'
G        DC    2H'1,2'
H        DC    E'1.5',D'1.5',L'2'
I        DC    P'123.45'
J        DC    Z'-1.234'
K        DC    Y(5)
L        DC    S(A)
M        DC    V(EXT)
N        DC    Q(DD)
DD       DXD   F
O        CXD
P        CCW   1,A,0,8
Q        EQU   *
R        EQU   5
S        LR    1,2
T        BALR  12,0
         USING *,12
U        L     1,A
         LA    1,=F'7'
         LA    1,=C'ABCDEFG'
V        CNOP  0,4
W        DS    0H
X        DS    0CL80
Y        DS    CL5,XL3,F
AA       DC    PL5'1'
AB       DC    XL300'1'
AC       DC    AL3(A)
AD       DC    CL.5'A',BL.3'1'
AE       DC    (3*2)FL3'7'
AF       DC    ES1'1'
AG       ORG   *+10
AH       DC    F'1'
LONGNAME EQU   A+4,7
AI       LTORG
AJ       MVC   A(4),B
AK       DS    100CL256
AL       DS    0F
AM       DC    X'1,2'
AN       DC    P'1,2.5,3'
AO       DC    FL3S2'1.25'
SECOND   CSECT
S2       DC    C'X'
DUMMY    DSECT
D1       DS    F
D2       DS    CL8
         DS    H
D3       DS    0D
BLANKCOM COM
CM1      DS    10F
         COM
CM2      DS    D
FIRST    CSECT
BACK     DC    F'0'
         ENTRY A
         EXTRN XX,YY
         END   A
