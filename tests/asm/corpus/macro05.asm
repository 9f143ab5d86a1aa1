*PARM SYSPARM(HELLO)
         LCLA  &I,&J
         LCLC  &C
         LCLB  &B
         GBLC  &G
O        CSECT
&I       SETA  3
.AGAIN   ANOP
         DC    AL1(&I)
&I       SETA  &I-1
         AIF   (&I GT 0).AGAIN
         AGO   .SKIP
         DC    C'NOT HERE'
.SKIP    DC    C'HERE'
&C       SETC  'DC'
LAB&I    &C    C'VARIABLE OPERATION'
&B       SETB  (&I EQ 0)
         AIF   (&B).X1
         DC    C'NO'
.X1      AIF   (NOT &B).X2
         DC    C'YES'
.X2      ANOP  ,
* COMMENT WITH &I
         DC    C'&&AMPERSANDS&&',C'&C.X'
REG&C    EQU   6
         LR    REG&C,REG&C
         DC    C'&SYSPARM..&SYSPARM'
&J       SETA  K'&SYSPARM
         DC    AL1(&J)
         ACTR  5
&J       SETA  0
.LOOP    ANOP
&J       SETA  &J+1
         AIF   (&J LT 4).LOOP
         DC    AL1(&J)
         END
