DSD      TITLE 'DASDREAD - READ THE LABEL OF A DISK'
*  Asks for the address of a disk and shows its label. A channel
*  program for a count-key-data disk first moves the arm, then looks
*  for the record, then reads it; TRANSFER IN CHANNEL repeats the
*  search until the record has come round under the head.
DASDREAD BEGIN
NEXT     SAY   'ADDRESS OF A DISK (3 DIGITS), OR EMPTY LINE:'
         ASK   TYPED,3
         LTR   R0,R0
         BZ    DONE
         OC    TYPED,=CL3' '      capitals
         TRT   TYPED,DIGITS       anything but digits?
         BNZ   NEXT
         TR    TYPED,VALUES       C'1' becomes X'F1', C'A' X'FA'
         PACK  ADDRESS(3),TYPED(4)  0ddd, and a sign that we ignore
         LH    R2,ADDRESS
         N     R2,=X'00000FFF'
         LA    R1,CHANNEL
         L     R15,=V(DOIO)
         BALR  R14,R15
         LTR   R3,R0
         BM    MISSING
         N     R3,=X'00000200'    unit check?
         BNZ   FAILED
         MVC   TEXT+15(80),LABEL
         SAY   TEXT,25
         B     NEXT
*
*  After a unit check the device keeps a record of what went wrong:
*  ask.
*
FAILED   LA    R1,SENSECCW
         L     R15,=V(DOIO)
         BALR  R14,R15
         UNPK  HEXSENSE(9),SENSE(5)
         TR    HEXSENSE,HEX-240
         MVC   TEXT2+20(8),HEXSENSE
         SAY   TEXT2,L'TEXT2
         B     NEXT
MISSING  SAY   'NO SUCH DEVICE'
         B     NEXT
DONE     FINISH 6666
*
CHANNEL  CCW   X'07',WHERE,X'40',6         seek
SEARCH   CCW   X'31',WHERE+2,X'40',5       search identifier equal
         CCW   X'08',SEARCH,0,0            not yet: search again
         CCW   X'06',LABEL,X'20',80        read data
SENSECCW CCW   X'04',SENSE,X'20',24
WHERE    DC    X'00000000000003' cyl. 0, head 0, record 3
LABEL    DC    CL80' '
SENSE    DS    XL24
         DS    X
ADDRESS  DS    H,X
TYPED    DC    CL3' '
         DC    X'F0'              PACK makes a sign of this
HEXSENSE DS    CL8
         DS    C
TEXT     DC    CL95'VOLUME LABEL:'
TEXT2    DC    C'UNIT CHECK, SENSE   ........'
HEX      DC    C'0123456789ABCDEF'
*  For TRT: zero for 0-9 and A-F, everything else stops the scan.
DIGITS   DC    256X'FF'
         ORG   DIGITS+C'A'
         DC    6X'00'
         ORG   DIGITS+C'0'
         DC    10X'00'
         ORG
*  For TR: the value of a digit in the right half of the byte.
VALUES   DC    256X'F0'
         ORG   VALUES+C'A'
         DC    X'FAFBFCFDFEFF'
         ORG   VALUES+C'0'
         DC    X'F0F1F2F3F4F5F6F7F8F9'
         ORG
         LTORG
         COPY  REGS
         END   DASDREAD
