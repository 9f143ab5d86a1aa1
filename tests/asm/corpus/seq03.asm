         ISEQ  73,80
A        CSECT
         DC    A(1)
* B
         DC    A(2)                                                     00000010
         DC    A(1)
         DC    A(1)
         DC    A(1)                                                     00000005
         DC    A(1)
         END
