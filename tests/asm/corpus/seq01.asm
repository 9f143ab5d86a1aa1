* sequence checking                                                     00000010
         MACRO                                                          00000020
         M                                                              00000030
         DC    F'9'                                                     00000001
         MEND                                                           00000100
A        CSECT                                                          00000020
         ISEQ  73,80                                                    00000030
         DC    F'1'                                                     00000040
         DC    F'2'                                                     00000040
         DC    F'3'                                                     00000039
         DC    F'4'                                                     00000041
* COMMENT OUT OF ORDER                                                  00000001
         DC    F'5'                                                     00000050
         DC    C'CONTINUED                                             X00000060
               LINE'                                                    00000055
         DC    F'6'                                                     00000058
         DC    F'7'
         DC    F'8'                                                     00000070
         M                                                              00000110
         M                                                              00000105
&A       SETA  1                                                        00000104
         AIF   (1 EQ 1).X                                               00000103
.X       ANOP                                                           00000102
         ISEQ                                                           00000001
         DC    F'1'                                                     00000000
         ISEQ  77,80                                                    99990010
         DC    F'1'                                                     00000011
         DC    F'1'                                                     00000012
         DC    F'1'                                                     00000009
         DC    F'1'                                                     0000AAAA
         DC    F'1'                                                     00001111
         DC    F'1'                                                     0000ZZZZ
         ISEQ  75,74                                                    00000000
         ISEQ  73,81                                                    00000000
         ISEQ  1,5                                                      00000000
         ISEQ  73                                                       00000000
         ISEQ  A,B                                                      00000000
         ISEQ  72,73
         DC    F'1'                                                     40000040
         DC    F'2'                                                     30000050
         END                                                            50000000
