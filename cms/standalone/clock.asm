CLK      TITLE 'CLOCK - A CLOCK ON A 3270'
*  Writes the time of day into the middle of a display every second
*  until ENTER is pressed there. Two things can wake it: the interval
*  timer (an external interruption) and the display (an input/output
*  interruption). The display is at address 020; on the console we
*  say so.
CLOCK    BEGIN
         SAY   'A CLOCK ON THE 3270 AT 020. ENTER THERE ENDS IT.'
NEXT     BAL   R9,TIME
         LA    R1,SHOW
         LH    R2,DISPLAY
         L     R15,=V(DOIO)
         BALR  R14,R15
         LTR   R0,R0
         BM    NODISPL
         MVC   EXTNEW(8),TICKPSW
         MVC   IONEW(8),PRESSPSW
         L     R3,SECOND
         ST    R3,TIMER
SLEEP    LPSW  WAITING
PRESS    CH    R2,IOOLD+2         interrupted by the display?
         BNE   SLEEP
         TM    CSW+4,X'80'        and with attention: somebody pressed
         BZ    SLEEP
         SAY   'THE CLOCK HAS BEEN STOPPED'
         FINISH 7777
NODISPL  SAY   'THERE IS NO DISPLAY AT 020'
         FINISH 7799
*
*  The time, Greenwich. Bit 51 of the clock is a microsecond.
*
TIME     STCK  CLOCKNOW
         LM    R4,R5,CLOCKNOW
         SRDL  R4,12              microseconds since 1900
         D     R4,=F'60000000'    R5 minutes, R4 the rest
         SR    R6,R6
         LR    R7,R4
         D     R6,=F'1000000'     R7 seconds
         BAL   R10,DIGITS
         MVC   HHMMSS+6(2),TWO
         SR    R4,R4
         D     R4,=F'1440'        minutes of this day
         SR    R6,R6
         LR    R7,R4
         D     R6,=F'60'          R7 hours, R6 minutes
         BAL   R10,DIGITS
         MVC   HHMMSS(2),TWO
         LR    R7,R6
         BAL   R10,DIGITS
         MVC   HHMMSS+3(2),TWO
         BR    R9
DIGITS   CVD   R7,PACKED
         UNPK  TWO,PACKED+6(2)
         OI    TWO+1,X'F0'
         BR    R10
*
TICKPSW  DC    0D'0',X'00000000',A(NEXT)
PRESSPSW DC    X'00000000',A(PRESS)
WAITING  DC    X'FF02000000000000'     all enabled, wait
CLOCKNOW DS    D
PACKED   DS    D
SECOND   DC    F'76800'
DISPLAY  DC    X'0020'
TWO      DS    CL2
SHOW     CCW   X'05',SCREEN,X'20',SCREENL   erase, write
SCREEN   DC    X'C2'              write control: unlock the keyboard
         DC    X'114ED3'          set buffer address: row 12, column 36
         DC    X'1DF8'            start field: protected, bright
HHMMSS   DC    C'HH:MM:SS'
         DC    X'1DF0'            back to normal
SCREENL  EQU   *-SCREEN
         LTORG
         COPY  REGS
         COPY  LOWCORE
         END   CLOCK
