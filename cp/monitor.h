/*
 * cp/monitor.h - MONITOR: samples of what the system and its users do, in CSV files.
 *
 * GC20-1807, "VM/370 System Programmer's Guide", VM Monitor. While it is started, every
 * interval one line goes to DIR/monitor/mon-YYYYMMDD-HHMMSS.csv for the system (class
 * PERFORM), for every user (USER: what he has used since he logged on; SCHEDULE: queue
 * and share) and for every volume (DASTAP). The head line names the columns. The other
 * classes of VM/370 can be enabled and have no samples.
 *
 * Threads: the CP thread.
 */
#ifndef CP_MONITOR_H
#define CP_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct cp;
struct monitor;

enum monitor_class {
	MONITOR_PERFORM = 1 << 0, MONITOR_RESPONSE = 1 << 1, MONITOR_SCHEDULE = 1 << 2,
	MONITOR_USER = 1 << 4, MONITOR_INSTSIM = 1 << 5, MONITOR_DASTAP = 1 << 6,
	MONITOR_SEEKS = 1 << 7, MONITOR_SYSPROF = 1 << 8,
};
#define MONITOR_CLASSES 9
/* "" for a number that is reserved. */
extern const char *const monitor_class_name[MONITOR_CLASSES];

struct monitor *monitor_new(struct cp *cp);
void monitor_free(struct monitor *m);

bool monitor_active(const struct monitor *m);
MUST_USE bool monitor_start(struct monitor *m, struct error *err);
void monitor_stop(struct monitor *m);
/* End the file that is being written; the next sample begins another. */
void monitor_close(struct monitor *m);

/* Set and ask for enum monitor_class. */
void monitor_enable(struct monitor *m, unsigned classes);
unsigned monitor_enabled(const struct monitor *m);
void monitor_interval(struct monitor *m, unsigned seconds);
/* So many samples a file, 0 no limit; then it stops, or goes on with another. */
void monitor_limit(struct monitor *m, unsigned samples, bool stop);

#endif
