CIO      TITLE 'CONSOLE INPUT AND OUTPUT FOR STAND-ALONE PROGRAMS'
*  Three routines that every program here is linked with:
*
*    SAYLINE  R1 text, R0 length: write a line on the console
*    ASKLINE  R1 area, R0 length: read a line; R0 then: characters read
*    DOIO     R1 channel program, R2 device: run it until the device
*             has ended; R0 then: unit and channel status (16 bits),
*             negative if there is no such device
*
*  Called with R13 at a save area of 18 words, R14 return, R15 entry.
*
*  How input and output goes on a System/370. The program builds CCWs
*  (channel command words) in storage, puts their address into the
*  CAW and says START I/O. The channel then works by itself. When it
*  is done it interrupts: the CSW tells how it went.
CONIO    CSECT
         ENTRY SAYLINE,ASKLINE,DOIO
*
SAYLINE  STM   R14,R12,12(R13)    save the caller's registers
         BALR  R12,0
         USING *,R12
         ST    R1,CCW             data address; overlays the command
         MVI   CCW,X'09'          write, then carrier return
         STH   R0,CCW+6           count
         LA    R1,CCW
         LH    R2,CONSOLE
         BAL   R10,RUN
         LM    R14,R12,12(R13)
         BR    R14
         DROP  R12
*
ASKLINE  STM   R14,R12,12(R13)
         BALR  R12,0
         USING *,R12
         LR    R3,R1              blank the area: MVCL with no source
         LR    R4,R1
         LR    R5,R0
         SR    R6,R6
         LA    R7,64              a blank,
         SLL   R7,24              as padding
         MVCL  R4,R6
         ST    R3,CCW
         MVI   CCW,X'0A'          read what the operator types
         STH   R0,CCW+6
         LA    R1,CCW
         LH    R2,CONSOLE
         BAL   R10,RUN
         LH    R3,CCW+6           asked for
         SH    R3,CSW+6           less what is left: typed
         ST    R3,20(R13)         the caller's R0
         LM    R14,R12,12(R13)
         BR    R14
         DROP  R12
*
DOIO     STM   R14,R12,12(R13)
         BALR  R12,0
         USING *,R12
         BAL   R10,RUN
         ST    R0,20(R13)
         LM    R14,R12,12(R13)
         BR    R14
*
*  RUN uses the base of whoever calls it: each of the three has put its
*  own address into R12, so RUN makes one for itself.
*
         DROP  R12
RUN      BALR  R11,0
         USING *,R11
         ST    R1,CAW
         MVC   IONEW(8),HERE      where the interruption shall go
         XC    STATUS,STATUS
START    SIO   0(R2)
         BC    8,SLEEP            0: the channel program is running
         BC    2,START            2: channel or device busy, try again
         BC    1,NODEVICE         3: not there
         TM    CSW+4,X'90'        1: status stored. Was it busy with an
         BNZ   START              .  older message? It is gone now
         B     ENDED
*
SLEEP    LPSW  WAITING            sleep until an I/O interruption
WAKE     CH    R2,IOOLD+2         is it our device?
         BNE   SLEEP              no: somebody else's
ENDED    OC    STATUS,CSW+4       collect unit and channel status
         TM    STATUS,X'06'       device end or unit check?
         BZ    SLEEP              no: channel end only, or attention
         LH    R0,STATUS
         N     R0,=X'0000FFFF'
         BR    R10
NODEVICE L     R0,=F'-1'
         BR    R10
*
WAITING  DC    0D'0',X'FE02000000000000'  wait, all channels enabled
HERE     DC    X'00000000',A(WAKE)        disabled, go to WAKE
CCW      CCW   X'09',0,X'20',0    X'20': a shorter line is no error
CONSOLE  DC    X'0009'            where VM/370 puts a user's console
STATUS   DC    X'0000'
         LTORG
         COPY  REGS
         COPY  LOWCORE
         END
