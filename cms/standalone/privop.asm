PRV      TITLE 'PRIVOP - WHAT A PROGRAM IN PROBLEM STATE MAY NOT DO'
*  Bit 15 of the PSW is the problem state. With it on, the instructions
*  that rule the machine end in a program interruption with code 2. On
*  this rests every virtual machine: its control program runs the guest
*  in problem state and does for it what the interruption reports.
*
*  Each instruction of the list is executed twice, once in problem
*  state.
PRIVOP   BEGIN
         MVC   PGMNEW(8),CAUGHT
         MVC   SVCNEW(8),CALLED
         SAY   'INSTRUCTION  SUPERVISOR    PROBLEM STATE'
         LA    R8,LIST
NEXT     CLI   0(R8),X'FF'        end of the list?
         BE    DONE
         MVI   LINE,C' '
         MVC   LINE+1(L'LINE-1),LINE
         MVC   LINE(8),0(R8)      name
         LA    R7,LINE+13
         LA    R6,SUPER
         BAL   R10,TRY
         LA    R7,LINE+27
         LA    R6,PROBLEM
         BAL   R10,TRY
         SAY   LINE,L'LINE
         LA    R8,ENTRY(R8)
         B     NEXT
DONE     SAY   'THE LAST ONES ARE FOR EVERYBODY'
         FINISH 4444
*
*  Run the instruction at 8(R8) under the PSW at R6; write at R7 what
*  became of it. Both ways end in one of the two new PSWs.
*
TRY      LPSW  0(R6)
RUN      EX    0,8(R8)
         SVC   0                  it went well: back
SVCHERE  MVC   0(4,R7),=C'DONE'
         BR    R10
PGMHERE  MVC   0(11,R7),=C'PROGRAM CHK'
         UNPK  WORK,PGMOLD+3(2)   the code, 2 digits and rubbish
         TR    WORK(2),HEX-240
         MVC   8(3,R7),=C' 00'
         MVC   0(8,R7),=C'CHECK   '
         MVC   6(2,R7),WORK
         MVC   8(3,R7),=C'   '
         BR    R10
*
CAUGHT   DC    0D'0',X'00000000',A(PGMHERE)
CALLED   DC    X'00000000',A(SVCHERE)
SUPER    DC    X'00000000',A(RUN)
PROBLEM  DC    X'00010000',A(RUN)
WORK     DS    CL3
HEX      DC    C'0123456789ABCDEF'
LINE     DS    CL40
ENTRY    EQU   12                 bytes of an entry of the list
LIST     DC    0D'0',C'SSM     '
         SSM   ZERO
         DC    C'STOSM   '
         STOSM JUNK,0
         DC    C'STIDP   '
         STIDP JUNK
         DC    C'STCTL   '
         STCTL 0,0,JUNK
         DC    C'LCTL    '
         LCTL  5,5,JUNK5
         DC    C'SPT     '
         SPT   BIG
         DC    C'TIO     '
         TIO   X'FFF'
         DC    C'LRA     '
         LRA   1,JUNK
         DC    C'PTLB    '
         PTLB
         DC    C'STCK    '
         STCK  JUNK
         DC    C'MVI     '
         MVI   JUNK,1
         DC    X'FF'
BIG      DC    0D'0',X'7FFFFFFFFFFFFFFF'
JUNK     DS    D
JUNK5    DC    F'0'
ZERO     DC    X'00'
         LTORG
         COPY  REGS
         COPY  LOWCORE
         END   PRIVOP
