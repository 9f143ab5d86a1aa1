*PARM TEST
* TEST: generated statements, unnamed private code
         MACRO
&N       MM    &P
&N       DC    C'&P'
M&SYSNDX DC    F'1'
         L     1,&N
         MEND
         DC    F'1'
N1       MM    HELLO
         DS    CL3
N2       MM    BYE
         CSECT
         DC    A(N1)
         DS    2CL3,3F
XX       DS    (0)F
YY       DC    (0)H'1'
ZZ       DC    10X'AB'
Z2       DC    10XL4'AB'
Z3       DC    AL1(1,2,3)
Z4       DC    0A(1)
Z5       DC    10A(1)
Z6       DC    SL2(0(1))
Z7       DC    VL3(A)
Z8       DC    F'1',H'2'
Z9       DC    C'A',X'B'
ZA       DC    ES2'1',DS3'1',LS4'2'
ZB       DC    HS-2'40'
ZC       DC    FE2'1'
ZD       DC    AL.12(1),AL.20(5)
ZE       DC    5PL3'7.77'
ZF       DC    CL256'A'
ZG       DS    CL257
ZH       DS    CL65535
ZI       DS    70000C
A12345   EQU   12,4,C'F'
         END
