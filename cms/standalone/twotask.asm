TWO      TITLE 'TWOTASK - TWO TASKS SHARE ONE CPU'
*  A dispatcher in twenty instructions. The interval timer at
*  location X'50' counts down; when it passes zero the machine takes
*  an external interruption. We save all that the running task knows
*  (its PSW and its registers), load what the other one knew, and
*  that one goes on as if nothing had happened. This is all that
*  multiprogramming is.
TWOTASK  BEGIN
         SAY   'TWO TASKS, TEN TURNS'
         MVC   EXTNEW(8),OLDTICK  the timer has been running since the
         SSM   AGAINON            .  IPL and may have run out already:
DRAINED  SSM   NOTNOW             .  take that interruption now
         MVC   EXTNEW(8),TICKPSW  where the next one shall go
         LA    R3,TCBA
         ST    R3,CURRENT
         L     R4,SLICE
         ST    R4,TIMER
         MVC   LOWPSW(8),TCBA+TCBPSW-TCB
         LM    R0,R15,TCBA+TCBREGS-TCB
         DROP  R12
         LPSW  LOWPSW             task A begins
*
*  The timer has run out. All registers belong to the task.
*
TICK     STM   R0,R15,LOWREGS
         BALR  R12,0
         USING *,R12
         L     R3,CURRENT
         USING TCB,R3
         MVC   TCBPSW,EXTOLD      where it was interrupted
         MVC   TCBREGS(64),LOWREGS what was in its registers
         L     R3,TCBNEXT         now the other one
         ST    R3,CURRENT
         LH    R4,TURN
         LA    R4,1(R4)
         STH   R4,TURN
         CH    R4,=H'10'
         BNL   ENOUGH
         L     R4,SLICE
         ST    R4,TIMER           wind the timer up again
         MVC   LOWPSW(8),TCBPSW
         LM    R0,R15,TCBREGS
         DROP  R12,R3
         LPSW  LOWPSW             and off it goes
*
         USING TICK+6,R12         what the BALR in TICK put there
ENOUGH   LA    R13,SAVEA          task A will not need it any more
         SAY   'TEN TURNS ARE OVER'
         FINISH 3333
         DROP  R12
*
*  Both tasks run this same program; they differ in their registers.
*  R9 points to the task's letter, R13 to its own save area, R6 is the
*  last turn it knows of.
*
TASK     BALR  R12,0
         USING *,R12
AGAIN    CH    R6,TURN            still my old turn?
         BE    AGAIN              yes: waste the time slice
         LH    R6,TURN
         SSM   NOTNOW             the tasks share the text below:
*                                 no switch while it is in use
         MVC   TEXT+5(1),0(R9)
         CVD   R6,PACKED
         UNPK  TEXT+25(2),PACKED+6(2)
         OI    TEXT+26,X'F0'      the sign becomes a zone
         SAY   TEXT,L'TEXT
         SSM   AGAINON            a timer that ran out meanwhile
         B     AGAIN              .  interrupts right here
*
TICKPSW  DC    0D'0',X'00000000',A(TICK)   disabled
OLDTICK  DC    X'00000000',A(DRAINED)
PACKED   DS    D
SLICE    DC    F'7680'            a tenth of a second
CURRENT  DS    A                  the task that runs
TURN     DC    H'0'
NOTNOW   DC    X'00'              system mask: nothing enabled
AGAINON  DC    X'01'              external interruptions enabled
TEXT     DC    C'TASK . HAS THE CPU, TURN ..'
*
*  What the dispatcher keeps of each task: task control blocks.
*
TCBA     DC    0D'0',X'01000000',A(TASK)   enabled for the timer
         DC    6F'0',F'-1',2F'0',A(LETTERA),3F'0',A(SAVEA),2F'0'
         DC    A(TCBB)
TCBB     DC    0D'0',X'01000000',A(TASK)
         DC    6F'0',F'-1',2F'0',A(LETTERB),3F'0',A(SAVEB),2F'0'
         DC    A(TCBA)
LETTERA  DC    C'A'
LETTERB  DC    C'B'
SAVEA    DS    18F
SAVEB    DS    18F
         LTORG
TCB      DSECT
TCBPSW   DS    D                  where it goes on
TCBREGS  DS    16F                registers 0 to 15: L'TCBREGS is 4
TCBNEXT  DS    A                  the other task
         COPY  REGS
         COPY  LOWCORE
         END   TWOTASK
