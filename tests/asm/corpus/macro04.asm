* globals, inner macros, SYSNDX, MNOTE, variable operations
         MACRO
         GSET  &V
         GBLA  &G
         GBLB  &GB(4)
         GBLC  &GC
&G       SETA  &G+&V
&GB(2)   SETB  (&G GT 5)
&GC      SETC  '&GC&V'
         DC    AL1(&G,&GB(2)),C'&GC'
         MEND
         MACRO
&L       OUTER &OP,&P
         LCLC  &N
&N       SETC  'X&SYSNDX'
&L       INNER &P,(&P,&N)
         &OP   1,2
&N       &OP.R 3,4
I&SYSNDX DC    C'&SYSNDX'
         MNOTE 'A NOTE WITHOUT SEVERITY'
         MNOTE *,'A COMMENT &N'
         MNOTE 4,'SEVERITY FOUR'
         MNOTE ,'COMMA ONLY'
         MEND
         MACRO
&L       INNER &A,&B
&L       DC    C'&A&B(2)&SYSNDX'
* A COMMENT IN A MACRO &A
.* NOT THIS ONE
         GSET  3
         MEND
         MACRO
&N       STRUC &T,&L=5
&N       DC    &T.L&L'5'
&N.Z     EQU   &N+&L
         DC    A(&N.Z)
.LABEL   DC    C'..&T..'
         MEND
S        CSECT
         GSET  1
LL       OUTER L,A.B
         OUTER A,(Q,R)
         GSET  2
FF       STRUC F
GG       STRUC P,L=3
         GBLA  &G
         DC    AL1(&G)
         END
