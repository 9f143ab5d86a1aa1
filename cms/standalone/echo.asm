ECH      TITLE 'ECHO - READ LINES AND WRITE THEM BACK'
*  Shows reading from the console, a loop and a comparison.
ECHO     BEGIN
         SAY   'TYPE LINES, I REPEAT THEM. QUIT ENDS.'
NEXT     MVC   LINE(9),=C'YOU SAID '
         ASK   LINE+9,80
         LTR   R5,R0              nothing typed?
         BZ    NEXT
         MVC   WORD,LINE+9
         OC    WORD,=CL4' '       capitals: blank is X'40', and a small
*                                 letter lacks just that bit
         CLC   WORD,=C'QUIT'
         BE    DONE
         LA    R5,9(R5)           length of what we answer
         SAY   LINE,0(R5)
         B     NEXT
DONE     SAY   'GOOD BYE'
         FINISH 2222
WORD     DS    CL4
LINE     DS    CL89
         LTORG
         COPY  REGS
         END   ECHO
