* wrong statements: symbols, operands, registers
E        CSECT
         USING E,12
A        DC    F'1'
A        DC    F'2'
         L     1,NOWHERE
         L     16,A
         L     1,A(16)
         L     1,4096(2)
         L     1,4095(2,3,4)
         L     1
         L
         LR    1,2,3
         LR    1
         LR    1,X'F'+1
         MVI   A,256
         MVI   A,-1
         MVI   A
         MVC   A(257),A
         MVC   A(0),A
         MVC   A(-1),A
         AP    A(17),A
         AP    A(16),A(0)
         CLI   A(1,2),3
         MVC   A,A(3)
         STM   1,2,A(3,4)
         SLL   1,A
         SLL   1,2(3,4)
         SRP   A(2),1,10
         SVC   256
         BC    16,A
         FOO   1,2
         LA    1,A+
         LA    1,A+*
         LA    1,A*2
         LA    1,A+A
         LA    1,A-A-A
         LA    1,(A)
         LA    1,((((((A))))))
         LA    1,(((((((A)))))))
         LA    1,(A
         LA    1,A)
         LA    1,1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1
         LA    1,1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1
         LA    1,X'G'
         LA    1,X'123456789'
         LA    1,B'2'
         LA    1,C'ABCDE'
         LA    1,C''
         LA    1,2147483648
         LA    1,LONGSYMBOL
LONGNAME9 LA   1,2
1ABC     LA    1,2
A.B      LA    1,2
         L     1,A+1
         LH    1,A+1
         LD    0,A+4
         LD    1,A
         MR    1,2
         LM    1,2,A+2
         LE    2,A
         LE    3,A
         AXR   2,4
         LA    1,E+5000
         LA    1,=
         LA    1,=F
         LA    1,=F'1
         LA    1,=X'G'
         LA    1,=F'1'+4
         LA    1,L'NOWHERE
         LA    1,L'A
         LA    1,L'*
         LA    1,T'A
         LA    1,,2
         LA    ,2
         LA    1,A,
         B
         BR
         BR    A
         EX    1,A+1
         LPSW  A
         CVB   1,A
         TM    A,X'100'
         MVI   =X'1',2
         ST    1,=F'1'
         LA    1,A,REMARK
         END   NOWHERE
