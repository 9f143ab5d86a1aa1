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
STORE    BAL   R9,ADDRESS
         L     R3,WORD
         LA    R2,LINE+9
         L     R4,TYPED
         SH    R4,=H'9'
         SRL   R4,1
         BAL   R9,HEXIN
         B     NEXT
*
SHOW     BAL   R9,ADDRESS
         LA    R2,LINE+9
         LA    R3,BYTE
         LA    R4,1
         BAL   R9,HEXIN
         SR    R4,R4
         IC    R4,BYTE
         LR    R5,R4
         AR    R5,R5
         L     R2,WORD
         LA    R3,LINE
         BAL   R9,HEXOUT
         SAY   LINE,0(R5)
         B     NEXT
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
*  Six digits at LINE+2 into WORD.
ADDRESS  ST    R9,LINK
         XC    WORD,WORD
         LA    R2,LINE+2
         LA    R3,WORD+1
         LA    R4,3
         BAL   R9,HEXIN
         L     R9,LINK
         BR    R9
*  R4 bytes at R3 from digits at R2.
HEXIN    LTR   R4,R4
         BCR   13,R9
HEXIN1   BAL   R8,NIBBLE
         LR    R7,R6
         SLL   R7,4
         BAL   R8,NIBBLE
         OR    R7,R6
         STC   R7,0(R3)
         LA    R3,1(R3)
         BCT   R4,HEXIN1
         BR    R9
NIBBLE   SR    R6,R6
         IC    R6,0(R2)
         LA    R2,1(R2)
         CH    R6,=H'240'         X'F0': a digit
         BNL   NIBBLE1
         LA    R6,9(R6)
NIBBLE1  N     R6,=F'15'
         BR    R8
*  Digits at R3 of R4 bytes at R2.
HEXOUT   MVC   TWO(1),0(R2)
         UNPK  THREE(3),TWO(2)
         MVC   0(2,R3),THREE
         TR    0(2,R3),HEXTAB-240
         LA    R2,1(R2)
         LA    R3,2(R3)
         BCT   R4,HEXOUT
         BR    R9
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
TYPED    DS    F
WORD     DS    F
LINK     DS    F
HALF     DS    H
TWO      DS    CL2
THREE    DS    CL3
BYTE     DS    C
HEXTAB   DC    C'0123456789ABCDEF'
LINE     DS    CL140
         LTORG
         COPY  REGS
         COPY  LOWCORE
         END   COMM
