R0       EQU   0
A        CSECT
         DC    A(1)
         END
