* A, Y, S, V, Q, CXD, DXD, CCW
A        CSECT
         USING A,12
B        EQU   100
DX1      DXD   D
DX2      DXD   CL13
DX3      DXD   F,XL3,D
DS1      DSECT
         DS    3D
A        CSECT
         DC    A(0,1,B,-1,X'FF',C'A')
         DC    A(A,B+A,A+4,4+A,*-A,*,*+8)
         DC    AL1(B),AL2(B),AL3(B),AL4(B),AL3(A),AL4(A)
         DC    AL.4(1,2),AL.12(B),AL.3(5)
         DC    Y(1,B,-1),YL1(B),Y(*-A)
         DC    2A(*),3AL1(*-A),2Y(*-A)
         DC    S(A),S(B),S(A+100),S(5(3)),S(0(15)),SL2(*)
         DC    V(EXT1),VL3(EXT2),V(EXT1,EXT3),VL4(EXT1)
         DC    Q(DX1),Q(DX2),QL1(DX1),QL3(DX2),Q(DS1)
         CXD
         DC    Q(DX3)
         CCW   1,A,X'40',80
         CCW   X'02',*,B'00100000',B
         CCW   X'E3',A+B,X'20',65535
         CCW   3,0,0,1
         EXTRN EXT4
         CCW   3,EXT4,0,1
         CCW   3,EXT4+5,0,1
         DC    A(EXT4),A(EXT4+10),A(EXT4-A),A(A-EXT4+5),A(-A)
         DC    A(EXT4+EXT5-A),A(A+A),AL3(EXT4)
         EXTRN EXT5
         DC    A((A-B)+(B*2)),A(B/7),A(B-B/3*3),A(5/0)
         DC    A(-5/2),A(X'7FFFFFFF'-1),A(10*(B+2)-(3-B))
         DC    A(DS2-DS1B)
DS2X     DSECT
DS1B     DS    CL5
DS2      DS    C
         END
