* errors while macros are expanded, and in open code
         MACRO
         MAX   &A,&A
         MEND
         MACRO
1X       MBX   &A
         MEND
         MACRO
&X       1MC   &A
         MEND
         MACRO
         LR    &A
         MEND
         MACRO
         ME1   &P,&K=
         LCLA  &A(3),&N
         LCLC  &C
&A(&P)   SETA  1
&N       SETA  &A(&P+4)
         DC    AL1(&N)
         MEND
         MACRO
         ME2
         LCLA  &N
         LCLC  &C
&C       SETC  '1234567890'
&N       SETA  &C
         DC    AL1(&N)
&C       SETC  'X'
&N       SETA  &C
&C       SETC  ''
&N       SETA  &C
&C       SETC  '2147483648'
&N       SETA  &C
         DC    A(&N)
         MEND
         MACRO
         ME3
         LCLC  &C
&C       SETC  'ABC'(2,2)
         DC    C'&C'
&C       SETC  'ABC'(2,9)
         DC    C'&C'
&C       SETC  'ABC'(4,1)
         DC    C'&C.Z'
         MEND
         MACRO
         ME4
         LCLC  &C
&C       SETC  'ABC'(0,1)
         DC    C'&C.Z'
         MEND
         MACRO
         ME5
         LCLC  &C
&C       SETC  'ABC'(1,0)
         DC    C'&C.Z'
         MEND
         MACRO
         ME6
         LCLA  &N
&N       SETA  2147483647+1
         DC    A(&N)
&N       SETA  100000*100000
         DC    A(&N)
         MEND
         MACRO
         ME7
         LCLA  &N
&N       SETA  L'NOWHERE
         DC    A(&N)
         MEND
         MACRO
         MFX
         ACTR  10
.L       AGO   .L
         DC    C'AFTER'
         MEND
         MACRO
         MGX   &K=5
         MHX   &K
         MEND
         MACRO
         MHX   &P
         &P
         &P.X  1
&P       DC    C'X'
         MNOTE 12,'FROM MH'
         MEND
T        CSECT
         MAX   1
         MBX   1
         ME1   0
         ME1   4
         ME1   1
         ME1   1,2,3,K=1,K=2,J=5
         ME2
         ME3
         ME4
         ME5
         ME6
         ME7
         MFX
         MGX   K=LONGOPERATION
         MGX   K=
         MGX   K=MACRO
         MEND
         MEXIT
.LAB     DC    C'X'
         AIF   (1 EQ 1).GOON
         DC    C'SKIPPED'
.GOON    ANOP
         DC    C'A',                                                   X
               C'B',                                                   X
               C'C',                                                   X
               C'D'
         DC    C'A',                                                   X
             C'B'
         DC    C'&'
.* macro comment in open code
         END
