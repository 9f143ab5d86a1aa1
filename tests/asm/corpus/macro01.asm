* parameters, sublists, substitution
         MACRO
&L       M1    &A,&B,&K1=DEF,&K2=,&C
         LCLA  &N(5)
         LCLC  &S
&N(1)    SETA  K'&A
&N(2)    SETA  N'&A
&N(3)    SETA  K'&K1
&N(4)    SETA  N'&SYSLIST
&N(5)    SETA  N'&K2
&L       DC    AL1(&N(1),&N(2),&N(3),&N(4),&N(5))
         DC    C'A=&A B=&B C=&C K1=&K1 K2=&K2.'
         DC    C'&A(1)/&A(2)/&A(3)/&SYSLIST(2)/&SYSLIST(1,2).'
         DC    C'&SYSLIST(0) &L &SYSECT &SYSNDX'
         AIF   (T'&B EQ 'O').END
&S       SETC  '&A'(1,1)
         DC    C'&S.&B&S..X'
.END     MEND
T        CSECT
LAB1     M1    P,Q,K1=X
LAB2     M1    (P,Q,R),,K2=(1,2,3)
         M1
         M1    A,B,C,D,E,F
LAB5     M1    ((A,B),(C,D)),'QUOTED, STRING',R
LAB6     M1    A+B,L'T,K1='K,L',K2=(,X)
         M1    &&X,C'A''B'
LAB7     M1    (A),(),K1=()
         M1    A,                  FIRST                               X
               B,                  SECOND                              X
               K2=Z,               THIRD                               X
               C                   LAST
         M1    LONGOPERANDABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIX
               JKLMNOP,SECOND
         END
