* cross references: symbols, duplicates, literals
A        CSECT
         USING A,12
         L     1,=F'5'
         L     1,=A(A)
         L     1,=F'4'
         LA    1,=C'ABC'
         LA    1,=C'ABD'
         LA    1,=C'AB'
         LD    0,=D'1'
         L     1,=F'5'
         LTORG
         L     1,=F'9'
         L     1,=F'5'
         L     1,=F'1'
         LTORG
         L     2,=A(*)
         L     2,=A(*)
         LA    2,=CL40'A VERY LONG LITERAL THAT TAKES SPACE IN XREF'
         LA    2,=3F'1'
         L     2,=V(EXT)
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
         L     1,=F'5'
UNUSED   EQU   1
USED     EQU   3
A        DC    AL(L'A)(USED+USED-1,A-A)
ALL      EQU   A+USED,L'USED
         DC    (USED)A(USED,*-A),Y(USED)
USED     EQU   2
         LR    USED,USED
         LA    USED,USED(USED)
         L     1,NOWHERE
         L     1,NOWHERE2
         END   A
