* wrong assembler instructions
         SPACE 0
         START 1
E        CSECT
S2       START 0
         USING
         USING E
         USING E,16
         USING E,NOWHERE
         USING NOWHERE,1
         USING E,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,0,1
         USING 1,E
         USING E+E,1
         USING -1,4
         USING *,5,
         DROP  16
         DROP  3,
         DROP  NOWHERE
         DROP  7
         DROP  7
         DROP
         PUSH
         PUSH  FOO
         POP   USING
         POP   PRINT
         PUSH  USING
         PUSH  USING
         PUSH  USING
         PUSH  USING
         PUSH  USING
         PRINT
         PRINT FOO
         PRINT ON,FOO
         ENTRY
         ENTRY NOWHERE
         ENTRY E
         ENTRY DLAB
         ENTRY ABSO
         ENTRY EX1
         ENTRY 1A
         EXTRN
         EXTRN E
         EXTRN EX1
         EXTRN EX1
         EXTRN 1A
         EXTRN EX2,
         WXTRN
ABSO     EQU   5
         EQU   5
EQ1      EQU
EQ2      EQU   NOWHERE
EQ3      EQU   LATER
EQ4      EQU   5,70000
EQ5      EQU   5,1,256
EQ6      EQU   E+E
EQ7      EQU   5,,C'A'
EQ8      EQU   EQ8
EQ9      EQU   5,E
LATER    DS    F
         ORG   NOWHERE
         ORG   5
         ORG   DLAB
         ORG   E-4
         ORG   E+
OLAB     ORG   *+4
         CNOP
         CNOP  0
         CNOP  1,4
         CNOP  4,4
         CNOP  0,5
         CNOP  0,4,5
         CNOP  E,4
         LTORG 5
         TITLE
         TITLE 'NO END
         TITLE NOQUOTE
TTTTT    TITLE 'LONG NAME'
TTTT     TITLE 'GOOD NAME'
TTTU     TITLE 'SECOND NAME'
         TITLE '1234567890123456789012345678901234567890123456789012345*
               6789012345678901234567890123456789012345678901234567890'
         EJECT 1
         SPACE X
         SPACE -1
         SPACE 1,2
         PUNCH
         PUNCH 'X
         PUNCH X
         PUNCH '123456789012345678901234567890123456789012345678901234*
               56789012345678901234567890'
         PUNCH ''
         MNOTE 256,'X'
         MNOTE X,'X'
         MNOTE 8,'OPEN CODE'
         ICTL  1
ISQ      ISEQ  73,80
         ISEQ  1,2
         ISEQ
FOO      OPSYN
FOO      OPSYN BAR
         OPSYN LR
         COPY
         COPY  1A
         COPY  NOTTHERE
         COM   X
NAMED    COM   X
         DSECT
E        DSECT
DD       DSECT X
DLAB     DS    F
         CSECT X
LAB      USING E,3
LAB2     DROP  3
LAB3     PRINT ON
         REPRO
         END   E,X
