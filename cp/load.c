#include "cp/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/compiler.h"
#include "consoles/loop.h"
#include "cp/share.h"
#include "cp/vmblok.h"
#include "devices/machine.h"

#define INTERVAL_S 30
#define IDLE_NS	   1000000000 /* who sleeps longer is in no queue */
#define BUSY_SHARE 0.5 /* of the time awake: it computes */

struct load_sampler {
	struct cp *cp;
	struct loop_timer timer;
	uint64_t tod;         /* of the last sample */
	double cpu_s;         /* CPU time of the process then */
	long faults;
	bool sampled;
	double cpu, q1, q2, rate; /* smoothed */
};

static double cpu_seconds(long *faults)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	*faults = r.ru_majflt;
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
	       (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

/* Pages of the process in storage, of all the host has: percent. */
static unsigned storage_used(void)
{
	long size = 0, resident = 0, all = sysconf(_SC_PHYS_PAGES);
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f)
		return 0;
	if (fscanf(f, "%ld %ld", &size, &resident) != 2)
		resident = 0;
	fclose(f);
	return all > 0 ? (unsigned)(resident * 100 / all) : 0;
}

static bool is_machine(const struct vmblok *vm)
{
	return vm->logged_on && !vm->leaving && vm->machine;
}

static uint64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

enum load_state load_state(const struct vmblok *vm)
{
	uint64_t asleep = machine_asleep_since(vm->machine);
	struct machine_usage u;
	double idle, all;

	if (asleep && (asleep == vm->load_asleep || monotonic_ns() - asleep > IDLE_NS))
		return LOAD_IDLE;
	machine_usage(vm->machine, &u);
	idle = (double)(u.idle_ns - vm->load_idle_ns);
	all = (double)(clock_tod(&vm->cp->clock.clock) - vm->load_tod) / TOD_MICROSECOND * 1e3;
	return idle >= all * (1 - BUSY_SHARE) ? LOAD_INTERACTIVE : LOAD_BUSY;
}

/* How many are in the queues; the next look begins now. */
static void count(struct cp *cp, double *q1, double *q2)
{
	*q1 = *q2 = 0;
	for (struct vmblok *vm = cp->vms; vm; vm = vm->next) {
		struct machine_usage u;

		if (!is_machine(vm))
			continue;
		switch (load_state(vm)) {
		case LOAD_IDLE: continue;
		case LOAD_INTERACTIVE: ++*q1; break;
		case LOAD_BUSY: ++*q2; break;
		}
		machine_usage(vm->machine, &u);
		vm->load_idle_ns = u.idle_ns;
		vm->load_asleep = machine_asleep_since(vm->machine);
		vm->load_tod = clock_tod(&cp->clock.clock);
	}
}

static void smooth(double *value, double sample, bool first)
{
	*value = first ? sample : *value * 0.75 + sample * 0.25;
}

static void look(struct load_sampler *s, double *seconds, double *cpu, double *rate)
{
	uint64_t now = clock_tod(&s->cp->clock.clock);
	long faults;
	double used = cpu_seconds(&faults);

	*seconds = (double)(now - s->tod) / TOD_MICROSECOND / 1e6;
	*cpu = *seconds > 0 ? (used - s->cpu_s) / *seconds / share_cpus() : 0;
	*rate = *seconds > 0 ? (double)(faults - s->faults) / *seconds : 0;
	if (*cpu > 1)
		*cpu = 1;
}

static void sample(void *arg)
{
	struct load_sampler *s = arg;
	double seconds, cpu, rate, q1, q2;

	look(s, &seconds, &cpu, &rate);
	count(s->cp, &q1, &q2);
	smooth(&s->cpu, cpu, !s->sampled);
	smooth(&s->rate, rate, !s->sampled);
	smooth(&s->q1, q1, !s->sampled);
	smooth(&s->q2, q2, !s->sampled);
	s->sampled = true;
	s->cpu_s = cpu_seconds(&s->faults);
	s->tod = clock_tod(&s->cp->clock.clock);
	loop_timer_start(s->cp->loop, &s->timer, INTERVAL_S * 1000, sample, s);
}

struct load_sampler *load_start(struct cp *cp)
{
	struct load_sampler *s = calloc(1, sizeof(*s));

	if (!s)
		BUG("no memory for the load's figures");
	s->cp = cp;
	s->tod = clock_tod(&cp->clock.clock);
	s->cpu_s = cpu_seconds(&s->faults);
	loop_timer_start(cp->loop, &s->timer, INTERVAL_S * 1000, sample, s);
	return s;
}

void load_stop(struct load_sampler *s)
{
	if (!s)
		return;
	loop_timer_stop(s->cp->loop, &s->timer);
	free(s);
}

void load_now(struct load_sampler *s, struct load *load)
{
	double seconds, cpu = s->cpu, rate = s->rate, q1 = s->q1, q2 = s->q2;

	look(s, &seconds, &cpu, &rate);
	if (s->sampled) {
		cpu = s->cpu;
		rate = s->rate;
	} else {
		q1 = q2 = 0;
		for (const struct vmblok *vm = s->cp->vms; vm; vm = vm->next) {
			enum load_state state = is_machine(vm) ? load_state(vm) : LOAD_IDLE;

			q1 += state == LOAD_INTERACTIVE;
			q2 += state == LOAD_BUSY;
		}
	}
	*load = (struct load){
		.cpu = (unsigned)(cpu * 100 + 0.5), .q1 = (unsigned)(q1 + 0.5),
		.q2 = (unsigned)(q2 + 0.5), .storage = storage_used(),
		.faults_per_second = (unsigned)(rate + 0.5),
		.interval = s->sampled ? INTERVAL_S : (unsigned)seconds,
	};
}
