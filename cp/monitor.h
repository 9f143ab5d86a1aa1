/*
 * cp/monitor.h - MONITOR: samples of what the system and its users do, as lines of CSV
 * in files or on a tape.
 *
 * GC20-1807, "VM/370 System Programmer's Guide", VM Monitor. While it is started, every
 * interval the lines of the enabled classes (cp/monitor_sample.h) go to
 * DIR/monitor/mon-YYYYMMDD-HHMMSS.csv, or to a tape: a block of EBCDIC for each line,
 * without its end. The first line names the columns.
 *
 * AUTODISK: the monitor starts to the spool by itself while the time of day is within
 * what MONITOR TIME said, and stops at its end.
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
struct systape;

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

enum monitor_output { MONITOR_NONE, MONITOR_SPOOL, MONITOR_TAPE };

enum monitor_output monitor_active(const struct monitor *m);
/* drive NULL: to the spool. The drive is free and has a tape with a write ring. */
MUST_USE bool monitor_start(struct monitor *m, struct systape *drive, struct error *err);
void monitor_stop(struct monitor *m);
/* End the file that is being written; the next sample begins another. */
void monitor_close(struct monitor *m);

/* Set and ask for enum monitor_class. */
void monitor_enable(struct monitor *m, unsigned classes);
unsigned monitor_enabled(const struct monitor *m);
void monitor_interval(struct monitor *m, unsigned seconds);
/* So many samples a file, 0 no limit; then it stops, or goes on with another. */
void monitor_limit(struct monitor *m, unsigned samples, bool stop);

/*
 * Class SEEKS is for these volumes only (or for all but these), by raddr in ascending
 * order; count 0: for all.
 */
#define MONITOR_SEEKS_MAX 40

struct monitor_seeks {
	bool include;
	unsigned count;
	uint16_t raddr[MONITOR_SEEKS_MAX];
};

void monitor_set_seeks(struct monitor *m, const struct monitor_seeks *seeks);
const struct monitor_seeks *monitor_seeks(const struct monitor *m);

/* AUTODISK. */
void monitor_automatic(struct monitor *m, bool on);
bool monitor_is_automatic(const struct monitor *m);
/* TIME: minutes of the day; from 0 to 24*60 all day, from and to alike never. */
void monitor_time(struct monitor *m, unsigned from, unsigned to);
/* Minutes since midnight, now. */
unsigned monitor_minute(void);

#endif
