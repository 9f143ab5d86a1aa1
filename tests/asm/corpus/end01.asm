A        CSECT
X        DC    F'1'
         END   X,(C'PL/S',1400,73347)
