COM      TITLE 'COMM - A MACHINE THAT DOES WHAT THE TEST TYPES'
*  For the tests of what goes on between machines. Commands, in capitals:
*    S aaaaaa hex         store
*    R aaaaaa nn          show nn (hex) bytes of storage
*    C dddd op aaaaaa cccc  one CCW at a device; its status and the residual count
*    V hex                VMCF: DIAGNOSE X'68' with this parameter list of 40 bytes
*    I ff hex             IUCV function ff with this parameter list of 40 bytes
*    W                    wait for an external interruption
*    E                    take an external interruption that is pending, if one is
*    Q                    end
COMM     BEGIN
         MVC   EXTNEW(8),HANDLER
         MVC   PGMNEW(8),DEAD
         LCTL  0,0,MASKS
         SAY   'COMM READY'
NEXT     ASK   LINE,130
         ST    R0,TYPED
         CLI   LINE,C'S'
         BE    STORE
         CLI   LINE,C'R'
         BE    SHOW
         CLI   LINE,C'C'
         BE    CHANNEL
         CLI   LINE,C'V'
         BE    VMCF
         CLI   LINE,C'I'
         BE    IUCV
         CLI   LINE,C'W'
         BE    WAITEXT
         CLI   LINE,C'E'
         BE    POLLEXT
         CLI   LINE,C'Q'
         BE    DONE
         SAY   'WHAT'
         B     NEXT
DONE     FINISH 2222
*
CHANNEL  LA    R2,LINE+2          device
         LA    R3,HALF
         LA    R4,2
         BAL   R9,HEXIN
         LA    R2,LINE+7          command
         LA    R3,CCW
         LA    R4,1
         BAL   R9,HEXIN
         LA    R2,LINE+10         data
         LA    R3,CCW+1
         LA    R4,3
         BAL   R9,HEXIN
         LA    R2,LINE+17         count
         LA    R3,CCW+6
         LA    R4,2
         BAL   R9,HEXIN
         LA    R1,CCW
         LH    R2,HALF
         L     R15,=V(DOIO)
         BALR  R14,R15
         ST    R0,WORD
         MVC   LINE(11),=C'STATUS XXXX'
         LA    R2,WORD+2
         LA    R3,LINE+7
         LA    R4,2
         BAL   R9,HEXOUT
         MVC   LINE+11(10),=C' LEFT XXXX'
         LA    R2,CSW+6
         LA    R3,LINE+17
         LA    R4,2
         BAL   R9,HEXOUT
         SAY   LINE,21
         B     NEXT
*
VMCF     LA    R2,LINE+2
         LA    R3,PARM
         LA    R4,40
         BAL   R9,HEXIN
         LA    R1,PARM
         DC    X'83',AL1(1*16+3),X'0068'
         ST    R3,WORD
         MVC   LINE(3),=C'RC '
         LA    R2,WORD
         LA    R3,LINE+3
         LA    R4,4
         BAL   R9,HEXOUT
         SAY   LINE,11
         B     NEXT
*
IUCV     LA    R2,LINE+2
         LA    R3,BYTE
         LA    R4,1
         BAL   R9,HEXIN
         LA    R2,LINE+5
         LA    R3,PARM
         LA    R4,40
         BAL   R9,HEXIN
         SR    R0,R0
         IC    R0,BYTE
         DC    X'B2F0',S(PARM)
         BALR  R5,0               bits 2 and 3: the condition code
         STM   R0,R1,REGS
         SLL   R5,2
         SRL   R5,30
         STC   R5,BYTE
         OI    BYTE,C'0'
         MVC   LINE(3),=C'CC '
         MVC   LINE+3(1),BYTE
         MVI   LINE+4,C' '
         LA    R2,REGS
         LA    R3,LINE+5
         LA    R4,8
         BAL   R9,HEXOUT
         MVI   LINE+21,C' '
         LA    R2,PARM
         LA    R3,LINE+22
         LA    R4,40
         BAL   R9,HEXOUT
         SAY   LINE,102
         B     NEXT
*
WAITEXT  LPSW  ENABLED
POLLEXT  LPSW  POLL
POLLED   SSM   =X'00'
         SAY   'NO EXT'
         B     NEXT
GOTEXT   MVC   LINE(4),=C'EXT '
         LA    R2,EXTOLD+2
         LA    R3,LINE+4
         LA    R4,2
         BAL   R9,HEXOUT
         SAY   LINE,8
         B     NEXT
*
         DS    0D
HANDLER  DC    X'00000000',A(GOTEXT)
DEAD     DC    X'0002000000000EEE'  a program interruption is the end
ENABLED  DC    X'0102000000000000'
POLL     DC    X'01000000',A(POLLED)
CCW      CCW   0,0,X'20',0
PARM     DC    XL40'00'
REGS     DS    2F
MASKS    DC    X'00000003'
HALF     DS    H
         COPY  TYPED
         COPY  HEX
         LTORG
         COPY  REGS
         COPY  LOWCORE
         END   COMM
