CHA      TITLE 'CHATTER - MORE LINES THAN ANYBODY READS'
*  Writes 60000 lines of 100 characters on the console.
CHATTER  BEGIN
         L     R9,=F'60000'
NEXT     SAY   LINE,100
         BCT   R9,NEXT
         FINISH 0000
LINE     DC    100C'X'
         LTORG
         COPY  REGS
         COPY  LOWCORE
         END   CHATTER
