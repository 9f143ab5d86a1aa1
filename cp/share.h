/*
 * cp/share.h - shares of the host's CPU time: SET SHARE, SET PRIORITY and SET FAVORED.
 *
 * SHARE is z/VM's (SC24-6307, "z/VM: CP Commands and Utilities Reference", SET
 * SHARE); the other two are VM/370's (GC20-1806), expressed as shares:
 *
 *   PRIORITY nn     a relative share of 2 x (100 - nn); 50 is the usual 100
 *   FAVORED  nn     an absolute share of nn %; without a number the relative share
 *                   of 10000
 *
 * The host's own scheduler divides its CPUs evenly among the machines' threads.
 * Where shares differ, a dispatcher looks at all machines twenty times a second
 * and lets none get further ahead of its share than a tenth of a second's worth
 * (devices/machine.h, machine_set_quota()), compared with the one that is furthest
 * behind; that one gets all there is. A machine that has a whole CPU wants no more.
 * While all shares are the same nothing runs and nobody is held back.
 *
 * Threads: the CP thread.
 */
#ifndef CP_SHARE_H
#define CP_SHARE_H

#include <stdbool.h>
#include <stdint.h>

struct cp;
struct dispatcher;
struct vmblok;

#define SHARE_USUAL	   100   /* relative */
#define SHARE_RELATIVE_MAX 10000
#define PRIORITY_USUAL	   50

enum share_limit { SHARE_NO_LIMIT, SHARE_LIMIT_SOFT, SHARE_LIMIT_HARD };

struct share {
	bool absolute;
	unsigned value;   /* relative 1 to 10000; absolute in tenths of a percent */
	enum share_limit limit;
	unsigned maximum; /* of all CPUs, tenths of a percent; if there is a limit */
	unsigned priority; /* QUERY PRIORITY: 1 to 99 */
	bool favored;
	/* The dispatcher's: */
	uint64_t cpu_ns, idle_ns; /* when it last looked */
	uint64_t asleep;          /* since when, when it last looked; 0 awake */
	bool stale;               /* the two above are not to be compared with */
	double used;              /* CPUs, smoothed */
	double lately;            /* ns of CPU time since the look before */
	double virtual_ns;        /* CPU time divided by its part of all */
	bool competed;            /* when it last looked */
	bool wants;               /* more than it gets */
};

struct dispatcher *dispatcher_new(struct cp *cp);
void dispatcher_free(struct dispatcher *d);

/* LOGON: the usual share, or what the directory's PRIORITY makes of it. */
void share_init(struct vmblok *vm);
/* A share was changed: put it into effect. */
void share_changed(struct vmblok *vm);
/* The machine was replaced. */
void share_again(struct vmblok *vm);

/* CPUs that this process may use. */
unsigned share_cpus(void);

#endif
