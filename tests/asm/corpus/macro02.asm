* conditional assembly: arithmetic, logic, strings
         MACRO
         ARI
         LCLA  &A,&B,&C(10)
         LCLB  &X,&Y(3)
         LCLC  &S,&T(3)
&A       SETA  5
&B       SETA  &A*3-4/2+X'F'+B'11'+C'A'
         DC    F'&A,&B'
&C(3)    SETA  (&A+1)*(&A-1)
&C(&A)   SETA  &C(3)/7
&C(&A+1) SETA  7/0
         DC    A(&C(3),&C(5),&C(6),&C(7))
&A       SETA  -5
         DC    F'&A'
&A       SETA  &A+3
         DC    F'&A'
&X       SETB  1
&Y(1)    SETB  (&X)
&Y(2)    SETB  (NOT &X)
&Y(3)    SETB  (&A EQ -2 AND &B GT 100)
         DC    AL1(&X,&Y(1),&Y(2),&Y(3))
&X       SETB  (&Y(1) AND NOT &Y(2) OR &Y(3))
&A       SETA  &X+&X+&Y(1)
         DC    AL1(&X,&A)
&S       SETC  'ABCDEF'
&T(1)    SETC  '&S'(2,3)
&T(2)    SETC  '&S'.'XYZ'
&T(3)    SETC  '&S'(1,2).'&T(1)'(2,2)
         DC    C'&S &T(1) &T(2) &T(3)'
&S       SETC  '&A'
         DC    C'&S'
&S       SETC  '12'
&A       SETA  &S+1
         DC    AL1(&A)
&S       SETC  T'&A
         DC    C'&S'
&S       SETC  'IT''S'
&A       SETA  K'&S
         DC    C'&S',AL1(&A)
&S       SETC  'A&&B'
&A       SETA  K'&S
         DC    C'&S',AL1(&A)
&S       SETC  (3)'AB'
         DC    C'&S'
&S       SETC  (2)'ABC'(1,2).'Z'
         DC    C'&S'
         AIF   ('ABC' LT 'ABCD').L1
         DC    C'NO1'
.L1      AIF   ('ABC' LT 'ABD').L2
         DC    C'NO2'
.L2      AIF   ('A' LT '1').L3
         DC    C'NO3'
.L3      AIF   ('Z' GT 'AA').L4
         DC    C'OK4'
.L4      AIF   (NOT ('A' EQ 'A')).L5
         DC    C'OK5'
.L5      AIF   ((1 EQ 1)AND(2 EQ 2)).L6
         DC    C'NO6'
.L6      AIF   ('&S' EQ '').L7
         DC    C'OK7'
.L7      AIF   ('' EQ '&T(1)'(1,0)).L8
         DC    C'NO8'
.L8      ANOP
         MEND
         MACRO
         LOOP  &N
         LCLA  &I
         ACTR  200
.TOP     AIF   (&I EQ &N).OUT
&I       SETA  &I+1
         AIF   (&I/2*2 EQ &I).TOP
         DC    AL1(&I)
         AGO   .TOP
.OUT     MEXIT
         DC    C'NEVER'
         MEND
C        CSECT
         ARI
         LOOP  9
         LOOP  0
         END
