* EQU, ORG, CNOP, LTORG, attributes of length
E        CSECT
         USING E,15
A1       EQU   5
A2       EQU   A1*2+3
A3       EQU   *
A4       EQU   E+10
A5       EQU   A1,20
A6       EQU   A1,20,C'X'
A7       EQU   X'FF'
A8       EQU   C'AB'
A9       EQU   B'101'
A10      EQU   -1
A11      EQU   A4-E
F1       DC    CL12'TWELVE'
F2       EQU   F1
F3       EQU   F1+3
F4       EQU   3+F1
F5       EQU   L'F1
F6       EQU   *-F1
         DC    AL1(L'F1,L'F2,L'F3,L'F4,L'A5,L'A1,L'E,L'F5)
         MVC   F1,F2
         MVC   F2,F1
         MVC   F3(L'F1),F1
         MVC   F4,F1
         CNOP  0,4
         CNOP  2,4
         CNOP  0,8
         CNOP  2,8
         CNOP  4,8
         CNOP  6,8
         CNOP  6,8
LT1      LTORG
         L     1,=F'1'
         L     1,=F'2'
         LH    1,=H'2'
         LM    2,3,=D'2'
         MVC   F1,=CL12'A'
         MVC   F1(3),=C'ABC'
         MVC   F1(5),=5C'A'
         L     1,=F'1'
         L     1,=A(E)
         L     1,=A(*)
         L     1,=A(*)
         L     1,=A(E,F1,F5)
         LTORG
         L     1,=F'1'
         L     1,=X'00000001'
         LM    1,2,=2F'5'
         MVC   F1(2),=X'ABCD'
         AP    F1(4),=P'12'
         MVC   F1(1),=AL1(*-E)
         MVC   F1(2),=Y(E)
         MVC   F1(3),=S(F1)
         LD    0,=D'1.5'
         LE    0,=E'1.5'
         MVC   F1(6),=3XL2'0102'
         MVC   F1(3),=BL3'1'
Z        DS    0H
         END
