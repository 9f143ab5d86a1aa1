*PARM TEST
* TEST: PUNCH and REPRO before and in the deck
         MACRO
&N       GEN
&N       DS    0H
         DC    F'1'
X&SYSNDX L     1,0
         USING *,12
         DC    C'&SYSECT'
         MEND
MYDK     TITLE 'X'
         PUNCH 'EARLY CARD'
         REPRO
REPRODUCED CARD
S        START X'1230'
A        GEN
         GEN
         PUNCH 'LATE'
T        CSECT
B        GEN
         END   S
