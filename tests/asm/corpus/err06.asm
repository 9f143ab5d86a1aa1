* names where none should be
N0       TITLE 'A'
N1       CSECT
N2       USING *,12
N3       DROP  12
N4       PRINT ON
N5       SPACE 1
N6       EJECT
N7       ANOP
N8       MNOTE *,'X'
N9       EXTRN EX
NA       WXTRN WX
NB       ENTRY NC
NC       DC    F'0'
ND       PUSH  USING
NE       POP   USING
NF       PUNCH 'X'
NG       REPRO
X
NH       ORG
NI       LTORG
NJ       CNOP  0,4
NK       COPY  NOSUCH
NL       GBLA  &A
NM       AIF   (1 EQ 1).X
NN       AGO   .X
NO       ACTR  100
.X       ANOP
NP       MNOTE 'X'
NQ       EQU   1
NR       CXD
NS       ISEQ  73,80
NT       ISEQ
NU       COM
NV       DSECT
NW       LCLA  &B
NX       MEXIT
NY       MEND
NZ       END
