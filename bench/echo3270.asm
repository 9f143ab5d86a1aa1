E32      TITLE 'ECHO3270 - WRITE BACK WHAT A 3270 SENDS'
*  For comparing console servers: a guest whose 3270 at X'0C0' is
*  written once for each key that is pressed.
ECHO3270 BEGIN
NEXT     MVC   IONEW(8),HERE
         LPSW  WAITING            until somebody presses a key
CAME     LA    R3,X'C0'
         CH    R3,IOOLD+2         our terminal?
         BNE   NEXT
         TM    CSW+4,X'80'        attention?
         BZ    NEXT
         LA    R1,READ
         LA    R2,X'C0'
         L     R15,=V(DOIO)
         BALR  R14,R15
         LA    R1,WRITE
         LA    R2,X'C0'
         L     R15,=V(DOIO)
         BALR  R14,R15
         B     NEXT
WAITING  DC    0D'0',X'FE02000000000000'
HERE     DC    X'00000000',A(CAME)
READ     CCW   X'06',TYPED,X'20',40
WRITE    CCW   X'01',OUT,X'20',44
OUT      DC    X'C3114040'        unlock; to the first position
TYPED    DC    CL40' '
         LTORG
         COPY  REGS
         COPY  LOWCORE
         END   ECHO3270
