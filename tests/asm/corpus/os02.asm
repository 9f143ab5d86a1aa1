* data areas of SYS1.MACLIB
M        CSECT
         DC    A(0)
         IHADECB
         IEZDEB
         IEZIOB
         CVT   DSECT=YES
         IKJTCB
         END
