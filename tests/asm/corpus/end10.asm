A        CSECT
X        DC    F'1'
         END   X,(C'PLS23245',0603,78173)
