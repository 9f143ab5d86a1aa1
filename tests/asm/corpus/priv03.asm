X        DXD   F
A        CSECT
         DC    A(1)
         END
