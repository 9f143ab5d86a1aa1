*PARM SYSPARM(AB)
* set symbol arrays, substrings, nested sublists, global arrays
         MACRO
         INIT
         GBLA  &T(10),&N
         GBLC  &NAMES(10)
&N       SETA  &N+1
&T(&N)   SETA  &N*&N
&NAMES(&N) SETC 'N'.'&N'.'X'
         MEND
         MACRO
         SHOW  &L
         GBLA  &T(10),&N
         GBLC  &NAMES(10)
         LCLA  &I
.A       AIF   (&I GE &N).Z
&I       SETA  &I+1
         DC    A(&T(&I)),C'&NAMES(&I)'
         AGO   .A
.Z       DC    C'&L(2)&L(3)&SYSLIST(1,2).'
         MEND
         MACRO
&LAB     CASE  &V,&W=(1,2,3)
         LCLC  &P(3),&Q
         LCLA  &I,&K
&P(1)    SETC  '&V'(1,1)
&P(2)    SETC  '&V'(2,K'&V-1)
&Q       SETC  '&P(1)'.'-'.'&P(2)'
&LAB     DC    C'&Q'
&K       SETA  N'&W
.N       AIF   (&I EQ &K).END
&I       SETA  &I+1
         DC    AL1(&W(&I))
         AGO   .N
.END     ANOP
         AIF   ('&V'(1,2) EQ 'AB' AND (N'&W GT 1 OR '&LAB' EQ '')).B
         MEXIT
.B       DC    C'&V(1)/&SYSPARM'
         MEND
         MACRO
         INST  &OP,&A,&B
         &OP   &A,&B
         &OP.R &A,&B
&A.&B    EQU   *
L&A      DC    CL&A'&B'
         MEND
         MACRO
         QUOTE &Q
         DC    C&Q
         DC    CL(L'X)&Q
         AIF   ('&Q'(1,1) NE '''').NO
         DC    C'QUOTED'
.NO      MEND
Z        CSECT
X        DC    CL9'X'
         INIT
         INIT
         INIT
         SHOW  ((A,B),(C,D),E)
C1       CASE  ABC
C2       CASE  XYZ,W=(4,5)
         CASE  AB,W=9
         INST  L,3,4
         INST  N,5,6
         QUOTE 'HELLO'
         QUOTE 'IT''S'
         END
