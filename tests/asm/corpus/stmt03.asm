         TITLE 'UNNAMED TITLE'
ABCD     TITLE 'THE NAMED ONE IS SECOND'
         PUNCH 'BEFORE THE DECK ''&&'
         REPRO
REPRODUCED CARD            WITH 'QUOTES' AND && IN IT
P        CSECT
         DC    F'1'
         PUNCH 'IN THE MIDDLE'
         DC    F'2'
         REPRO
ANOTHER ONE
         DC    F'3'
         PRINT NOGEN
         PRINT ON,GEN,DATA
         DC    CL20'DATA IS PRINTED'
         PRINT NODATA
         SPACE 2
         EJECT
         SPACE
         END
