         USING 0,1
A        CSECT
         DC    A(1)
         END
