STM1     TITLE 'SECTIONS, ENTRIES, EXTERNALS'
FIRST    START X'104'
         ENTRY EP1,EP2
         EXTRN EX1,EX2
         WXTRN WX1,WX2
         EXTRN EX3
EP1      DC    A(EX1,EX2,EX3,WX1,WX2)
EP2      DC    V(VX1,FIRST,SECOND,EX1)
         DC    A(EX1+4,EX1-8,SECOND-FIRST,EX1-FIRST)
SECOND   CSECT
         DC    A(FIRST),A(SECOND),A(*)
         DC    3C'AB'
         ENTRY EP3
EP3      DS    0H
BLANK    COM
B1       DS    CL10
B2       DS    F
NAMED    COM
         DS    CL5
         COM
B3       DS    D
DUMMY    DSECT
D1       DS    F
D2       DS    CL3
D3       DS    H
DLEN     EQU   *-DUMMY
FIRST    CSECT
         DC    A(D2-DUMMY,DLEN)
         DC    A(B3,NAMED,B2)
         DC    AL3(EP1),AL1(DLEN),AL2(DLEN)
         DC    V(LATEV)
         USING FIRST,12
         L     1,=V(LITV)
         L     1,=A(LITA)
LITA     LA    2,LITA
         DC    V(AFTER)
         EXTRN LATEX
SECOND   CSECT
         DC    A(LATEX)
LAST     CSECT
         DC    X'01'
         END   EP1
