PRI      TITLE 'PRINTS - LINES AND A CARD'
*  Writes 20000 numbered lines on the printer at X'00E' and a card on the
*  punch at X'00D'. Ends with 0BAD if one of them has no paper.
PRINTS   BEGIN
         L     R9,=F'20000'
         SR    R5,R5
NEXT     LA    R5,1(R5)
         CVD   R5,NUMBER
         UNPK  LINE+5(5),NUMBER+5(3)
         OI    LINE+9,X'F0'
         LA    R1,PRINT
         LA    R2,X'00E'
         BAL   R8,DO
         BCT   R9,NEXT
         LA    R1,PUNCH
         LA    R2,X'00D'
         BAL   R8,DO
         FINISH 0000
DO       L     R15,=V(DOIO)
         BALR  R14,R15
         C     R0,=X'00000C00'
         BER   R8
         FINISH 0BAD
*
PRINT    CCW   X'09',LINE,X'20',120
PUNCH    CCW   X'01',LINE,X'20',80
NUMBER   DS    D
LINE     DC    CL120'LINE 00000 OF WHAT IS PRINTED'
         LTORG
         COPY  REGS
         COPY  LOWCORE
         END   PRINTS
