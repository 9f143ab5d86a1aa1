/*
 * cp/load.h - how busy the system is: what INDICATE LOAD, QUERY PAGING and MONITOR say.
 *
 * A sample every 30 seconds, smoothed as VM/370's are; one look at the process costs
 * some microseconds.
 *
 * Threads: the CP thread.
 */
#ifndef CP_LOAD_H
#define CP_LOAD_H

#include <stdint.h>

struct cp;
struct load_sampler;
struct vmblok;

struct load {
	unsigned cpu;         /* percent of the CPUs that this process may use */
	unsigned q1, q2;      /* machines that were busy now and then, and all the time */
	unsigned storage;     /* percent of the host's storage that is ours */
	unsigned faults_per_second; /* pages that the host had to read */
	unsigned interval;    /* seconds that the figures stand for */
};

struct load_sampler *load_start(struct cp *cp);
void load_stop(struct load_sampler *s);
/* The smoothed figures; before the first sample those since CP was started. */
void load_now(struct load_sampler *s, struct load *load);

/* What a machine was doing since the last look of its own. */
enum load_state { LOAD_IDLE, LOAD_INTERACTIVE, LOAD_BUSY };
enum load_state load_state(const struct vmblok *vm);

#endif
