* sequence checking of macro definitions
         ISEQ  73,80
         MACRO                                                          00000010
         M                                                              00000020
         DC    F'9'                                                     00000001
.*                                                                      00000005
* COMMENT                                                               00000004
         MEND                                                           00000003
A        CSECT                                                          00000020
         M                                                              00000030
         END                                                            00000030
