/*
 * cp/readiness.h - telling the service manager how we are: sd_notify(3).
 */
#ifndef CP_READINESS_H
#define CP_READINESS_H

/* "READY=1", "STOPPING=1". Nothing happens where nobody set NOTIFY_SOCKET. */
void readiness(const char *state);

#endif
