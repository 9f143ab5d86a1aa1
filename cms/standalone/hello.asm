HEL      TITLE 'HELLO - WRITE ONE LINE AND STOP'
*  The smallest program that talks. Assemble it, link it with CONIO,
*  put the deck into the reader and IPL 00C.
HELLO    BEGIN
         SAY   'HELLO FROM A SYSTEM/370 WITHOUT AN OPERATING SYSTEM'
         FINISH 1111
         LTORG
         COPY  REGS
         END   HELLO
