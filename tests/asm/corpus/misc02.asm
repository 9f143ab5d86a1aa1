* more sections; CSECT resumed many times; text out of order
A        CSECT
         DC    C'A1'
B        CSECT
         DC    C'B1'
A        CSECT
         DC    C'A2'
         DS    0F
B        CSECT
         DC    F'2'
A        CSECT
         DC    C'A3'
         DS    CL100
         DC    C'A4'
         ORG   A+10
         DC    C'A5'
         ORG
B        CSECT
         DC    120X'11'
         DC    60C'AB'
C        CSECT
         DS    F
D        CSECT
         DC    A(C,D,A,B)
         DC    3D'0'
         USING C,3
         L     1,C
         EXTRN E1
         ENTRY X,Y
X        L     1,=A(E1)
Y        L     1,=V(E2)
         L     2,=A(E1+4,X-Y)
         END
