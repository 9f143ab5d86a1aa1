* odds and ends: blank lines, long names, late macros, comments
         TITLE 'MISCELLANY'
M        CSECT                    A REMARK WITH 'QUOTES' AND (PARENS
         LR    1,2    REMARK, WITH COMMA
         NOP   0
         NOPR  0
         BALR  14,15
X1       EQU   *                  NO OPERAND
X2       DC    0H'0'
X3       DS    0CL8
X4       DS    0D,CL4,F
         DC    A(X1,X2,X3,X4),AL1(L'X1,L'X2,L'X3,L'X4)
         LA    1,X3-X1(2)
         LA    1,L'X3(2,3)
         LA    1,X'10'+B'1'(0,4)
         LA    1,(X3-X1)(2)
         LA    1,(2+3)*4
         LA    1,-1+5
         LA    1,2*-3+10
         LA    1,10/3*3
         LA    1,10-3-2
         MVC   0(L'X4,1),X4-X4(2)
         USING M,10
         MVC   X4+1(2),X4
         MVC   X4(X3-X1+1),=CL4'AB'
         CLI   X4+3,C'A'+1
         CLI   X4,X'40'
         TM    X4,X'80'+X'01'
         LA    3,*+8
         B     *-4
         LM    14,12,X4
         DC    C'END OF IT'
         LTORG
         DC    F'1'
         DROP  10
         ORG   M+2
         DC    X'18'
         ORG   *+20
         DC    X'FF'
         ORG
         DC    C'LAST'
         DS    0D
         END   M
