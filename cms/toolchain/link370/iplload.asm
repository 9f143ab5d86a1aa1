*  Loader of an IPL deck. link370 puts it on the second and third card
*  of every deck it makes, to be read in behind the program.
*
*  Each card after that: byte 0 holds a count, bytes 1-3 an address,
*  bytes 4-75 data. A count of zero ends the deck: the address is where
*  the program begins. Register 2 then holds the reader's address.
*
*  The bytes of this program are in output.c; test_link assembles it
*  and compares.
IPLLOAD  START 0
         BALR  12,0
         USING *,12
         LH    2,2                 the reader's address, from IPL
NEXT     LA    1,READ
         ST    1,72                channel address word
         SIO   0(2)
         BC    2,NEXT              busy: try again
WAIT     TIO   0(2)
         BC    2,WAIT              still reading
         BC    1,BAD               the reader is gone
         BC    8,GOT               nothing left to tell
         TM    68,X'03'            unit check or unit exception?
         BC    5,BAD
         TM    68,X'04'            device end?
         BC    8,WAIT
GOT      SR    3,3
         IC    3,CARD              count
         L     4,CARD              address
         LTR   3,3
         BCR   8,4                 none: start the program
         BCTR  3,0
         EX    3,MOVE
         B     NEXT
MOVE     MVC   0(0,4),CARD+4
BAD      LPSW  STOP
STOP     DC    0D'0',X'000200000000DEAD'
READ     CCW   2,CARD,X'20',80
CARD     DS    CL80
         END   IPLLOAD
