* macros of SYS1.MACLIB
PROG     CSECT
         SAVE  (14,12),,*
         BALR  12,0
         USING *,12
         ST    13,SA+4
         LA    13,SA
         OPEN  (IN,(INPUT),OUT,(OUTPUT))
LOOP     GET   IN,BUF
         PUT   OUT,BUF
         B     LOOP
EOF      CLOSE (IN,,OUT)
         GETMAIN R,LV=4096
         FREEMAIN R,LV=4096,A=(1)
         GETMAIN EC,LV=100,A=ADDR
         WTO   'MESSAGE',ROUTCDE=(1,2),DESC=2
         WTOR  'REPLY',REPLY,5,ECB
         WAIT  ECB=ECB
         POST  ECB,4
         ENQ   (Q,R,E,8,SYSTEM)
         DEQ   (Q,R,8,SYSTEM)
         LINK  EP=OTHER
         LOAD  EP=OTHER
         DELETE EP=OTHER
         XCTL  EP=OTHER
         ABEND 100,DUMP
         TIME  DEC
         STIMER WAIT,DINTVL=DBL
         ATTACH EP=SUB,ECB=ECB
         DETACH TCB
         CALL  SUBR,(A,B,C),VL
         SNAP  DCB=OUT,PDATA=ALL
         READ  DECB1,SF,IN,BUF,'S'
         CHECK DECB1
         L     13,4(13)
         RETURN (14,12),T,RC=4
IN       DCB   DDNAME=IN,DSORG=PS,MACRF=(GM,R),EODAD=EOF,RECFM=FB,     X
               LRECL=80
OUT      DCB   DDNAME=OUT,DSORG=PS,MACRF=PM,RECFM=FB,LRECL=80
SA       DS    18F
BUF      DS    CL80
ADDR     DS    A
REPLY    DS    CL5
ECB      DC    F'0'
Q        DC    CL8'QNAME'
R        DC    CL8'RNAME'
DBL      DC    CL8'00000100'
TCB      DS    A
A        DS    F
B        DS    F
C        DS    F
         DCBD  DSORG=PS,DEVD=DA
         END   PROG
