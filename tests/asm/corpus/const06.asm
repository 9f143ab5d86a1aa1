* A LABEL IN ITS OWN STATEMENT
A        CSECT
E1       DC    F'1'
PATCH    DC    (16-(PATCH-E1))X'00'
P2       DC    (P2-E1)X'11'
P3       DS    (P3-E1)C
P4       DC    XL(P4-PATCH)'1'
P5       EQU   P5
P6       ORG   P6+4
P7       DC    A(P7)
P8       DC    F'0',(P8-PATCH)X'22'
X        DC    X'1'
P9       DC    (P9-X)F'1'
P10      CNOP  P10-P10,4
P11      DC    CL(L'P11)'A'
         DC    (X-A)X'33'
         END
