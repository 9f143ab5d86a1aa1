E32      TITLE 'ECHO3270 - WRITE BACK WHAT 3270S SEND'
*  For comparing console servers: a guest with up to 512 3270s from
*  X'400' on. Whoever presses a key has his screen written once. What
*  others do meanwhile is noted, and comes next.
ECHO3270 BEGIN
NEXT     L     R4,NOTED           is somebody waiting?
         LTR   R4,R4
         BNZ   SERVE
         MVC   IONEW(8),HERE
         LPSW  WAITING            until a key is pressed
CAME     BAL   R9,NOTE
         B     NEXT
SERVE    BCTR  R4,0
         ST    R4,NOTED
         LA    R5,FLAGS
FIND     CLI   0(R5),0
         BNE   FOUND
         LA    R5,1(R5)
         B     FIND
FOUND    MVI   0(R5),0
         LA    R4,FLAGS
         SR    R5,R4              which one: from 0
         LA    R2,X'400'(R5)      its address
         LA    R1,READ
         BAL   R10,RUN
         LA    R1,WRITE
         BAL   R10,RUN
         B     NEXT
*
*  Run the channel program at R1 on device R2.
RUN      ST    R1,CAW
         MVC   IONEW(8),THERE
START    SIO   0(R2)
         BC    8,SLEEP
         BC    2,START            busy: again
         BCR   1,R10              gone
         TM    CSW+4,X'10'        an older attention was in the way
         BO    START
         BR    R10
SLEEP    LPSW  WAITING
WAKE     CH    R2,IOOLD+2
         BE    OURS
         BAL   R9,NOTE
         B     SLEEP
OURS     TM    CSW+4,X'06'        device end, or unit check?
         BZ    SLEEP
         BR    R10
*
*  An interruption: if it is an attention, note whose.
NOTE     TM    CSW+4,X'80'
         BCR   8,R9
         LH    R3,IOOLD+2
         SH    R3,FIRST
         LA    R3,FLAGS(R3)
         CLI   0(R3),0
         BCR   7,R9
         MVI   0(R3),1
         L     R3,NOTED
         LA    R3,1(R3)
         ST    R3,NOTED
         BR    R9
*
WAITING  DC    0D'0',X'FE02000000000000'
HERE     DC    X'00000000',A(CAME)
THERE    DC    X'00000000',A(WAKE)
READ     CCW   X'06',TYPED,X'20',40
WRITE    CCW   X'01',OUT,X'20',44
NOTED    DC    F'0'
FIRST    DC    X'0400'
OUT      DC    X'C3114040'        unlock; to the first position
TYPED    DC    CL40' '
FLAGS    DC    512X'00'
         LTORG
         COPY  REGS
         COPY  LOWCORE
         END   ECHO3270
