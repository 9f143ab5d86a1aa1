* USING, DROP, PUSH, POP
U        CSECT
         USING U,3
         USING D,4
         USING D+100,5
         USING FAR,6,7,8
         LA    1,U
         LA    1,D
         LA    1,D+99
         LA    1,D+100
         LA    1,D+120
         LA    1,FAR+4095
         LA    1,FAR+4096
         LA    1,FAR+12287
         PUSH  USING
         DROP  5
         LA    1,D+120
         USING D,9
         LA    1,D
         POP   USING
         LA    1,D+120
         PUSH  USING,PRINT
         PRINT NOGEN
         DROP
         USING *,15
         LA    1,*
         POP   PRINT,USING
         LA    1,*
         USING 4096,2
         LA    1,4097
         LA    1,4095
         LA    1,8
         USING 0,1
         LA    1,8
         USING 4,10
         LA    1,8
         DROP  3,4
         USING U,0
         LA    1,U
         LA    1,*
         DROP  0
         ORG   U+5000
FAR      DS    0F
         DC    F'0'
         ORG   FAR+2
         DC    H'77'
         ORG
         DC    H'88'
D        DSECT
         DS    CL200
         END
