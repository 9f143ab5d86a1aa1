* operands behind a wrong one, EQU that fails, DXD
A        CSECT
D1       DXD   CL13
         DC    AL1(L'D1)
E1       EQU   NOWHERE
         LA    1,E1
E2       EQU   1,2,3,4
         LA    1,E2
E3       EQU   A+A
         LA    1,E3
         L     16,X(17,18)
         L     16,X
         MVC   X(1),Y(300)
         MVC   X(500),Y
         LM    16,17,X
         MVC   =F'1',X
         SLL   16,NO
         AP    P(20),P(20)
         AP    P(0),P(17)
         MVI   X,256
         MVI   X,NOX
         TM    3(16),256
         END
