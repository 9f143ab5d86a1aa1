/*
 * cp/times.h - dates and times as CP prints them, in the host's local time.
 */
#ifndef CP_TIMES_H
#define CP_TIMES_H

#include <stdint.h>

#define CP_DATE_SIZE 48

/* "mm/dd/yy"; returns out. */
const char *times_date(char out[CP_DATE_SIZE]);
/* "hh:mm:ss" */
const char *times_clock(char out[CP_DATE_SIZE]);
/* "hh:mm:ss zone weekday mm/dd/yy" as LOGON and QUERY TIME show it. */
const char *times_full(char out[CP_DATE_SIZE]);
/* "hh:mm:ss" of a length of time in TOD units. */
const char *times_connect(char out[CP_DATE_SIZE], uint64_t tod);
/* "mmm:ss.hs" of a CPU time in nanoseconds. */
const char *times_cpu(char out[CP_DATE_SIZE], uint64_t ns);

#endif
