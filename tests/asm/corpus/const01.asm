* C, X, B constants
C        CSECT
         DC    C'A',C'ABC',CL5'ABC',CL2'ABC',3C'AB',3CL3'AB'
         DC    C'''&&''',C' '
         DC    X'A',X'AB',X'ABC',XL3'AB',XL1'ABCD',2X'12',3XL2'1'
         DC    B'1',B'101010101',BL2'1',BL1'111100001111',2B'11110000'
         DC    CL.4'A',CL.12'AB',XL.4'F',BL.3'101',XL.5'1F'
         DC    X'FF'
         DC    BL.1'1',BL.2'10',BL.3'110',BL.4'1110',BL.5'11110'
         DC    3XL.4'A'
         DC    XL.4'A',X'BB',XL.4'C',H'1'
         DC    0C'X',0F'1',X'01',0D'1'
         DC    (5)X'11',(2+1)C'Z'
X1       DC    CL7'SEVEN'
         DC    CL(3+2)'Q',XL(L'X1)'77'
L1       DS    C,CL5,3C,XL3,B,0C,0F,D,3D,0D
         DS    (3)CL(L'X1)
         DS    CL1000,XL2000
L2       DC    C'AB',CL9'X'
         DC    AL1(L'L1,L'L2,L'X1)
         DS    0CL80
         DS    C
         DC    C'#@$%&&*()-+=.,<>/?:;!_"'
         END
