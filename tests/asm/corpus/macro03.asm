* attributes
         MACRO
         ATT   &X
         LCLA  &L,&S,&I,&K,&N
         LCLC  &T
&T       SETC  T'&X
&K       SETA  K'&X
&N       SETA  N'&X
         AIF   ('&T' EQ 'O' OR '&T' EQ 'U' OR '&T' EQ 'N').NOL
         AIF   ('&T' EQ 'T' OR '&T' EQ '$' OR '&T' EQ 'J').NOL
         AIF   ('&T' EQ 'M').NOL
&L       SETA  L'&X
         AIF   ('&T' EQ 'F' OR '&T' EQ 'H' OR '&T' EQ 'G').SI
         AIF   ('&T' EQ 'P' OR '&T' EQ 'Z' OR '&T' EQ 'E').SI
         AIF   ('&T' EQ 'D' OR '&T' EQ 'L' OR '&T' EQ 'K').SI
         AGO   .NOL
.SI      ANOP
&S       SETA  S'&X
&I       SETA  I'&X
.NOL     ANOP
         DC    C'&T',AL1(&K,&N,&L,&S,&I)
         MEND
A        CSECT
FX       DC    F'1'
HX       DC    H'1'
G1       DC    FL3'1'
G2       DC    HS4'1'
EX       DC    E'1'
DX       DC    DS2'1'
LX       DC    L'1'
KX       DC    EL5'1'
PX       DC    P'12.34'
ZX       DC    ZL5'1.2'
CX       DC    CL7'A'
XX       DC    XL3'1'
BX       DC    B'1'
AX       DC    A(0)
RX       DC    AL3(0)
YX       DC    Y(0)
SX       DC    S(0)
VX       DC    V(V)
IX       LR    1,2
IX2      MVC   0(1,1),0(1)
WX       CCW   1,0,0,0
UX       EQU   FX
UX2      EQU   5,6,C'Q'
         EXTRN TX
         WXTRN DOLX
         ATT   FX
         ATT   HX
         ATT   G1
         ATT   G2
         ATT   EX
         ATT   DX
         ATT   LX
         ATT   KX
         ATT   PX
         ATT   ZX
         ATT   CX
         ATT   XX
         ATT   BX
         ATT   AX
         ATT   RX
         ATT   YX
         ATT   SX
         ATT   VX
         ATT   IX
         ATT   IX2
         ATT   WX
         ATT   UX
         ATT   UX2
         ATT   TX
         ATT   DOLX
         ATT   A
         ATT   LATER
         ATT   LATE2
         ATT   D
         ATT   LT
         ATT   12
         ATT   X'FF'
         ATT   C'A'
         ATT
         ATT   (FX,HX)
         ATT   FX+1
         ATT   =F'1'
         ATT   'STRING'
         ATT   *
         ATT   NOWHERE
MX       ATT   MX
         ATT   MX
         LCLC  &OPEN
         LCLA  &AOPEN
&OPEN    SETC  T'LATER
         DC    C'&OPEN'
&AOPEN   SETA  L'LATER+S'LATE2
         DC    AL1(&AOPEN)
LATER    DC    CL9'X'
LATE2    DC    FS3'1'
LT       LTORG
LNOP     CNOP  0,4
         ATT   LNOP
D        DSECT
         END
