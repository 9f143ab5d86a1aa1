* no START: private code, then a named section
         BALR  12,0
         USING *,12
         L     1,=F'1'
X        DC    A(X)
NAMED    CSECT
         DC    A(X,NAMED)
         END
