A        CSECT
X        DC    F'1'
         END   X,(C'PLS2324',0603,78173),Y
