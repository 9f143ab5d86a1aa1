/*
 * devices/machine_sleep.c - how a machine's thread sleeps, and its part of the host's
 * CPU time: what it has used, and the pauses of one that has used all it may.
 */
#include "devices/machine_int.h"

#include <errno.h>
#include <time.h>

bool clock_timespec(struct clock *clock, uint64_t deadline, struct timespec *ts)
{
	uint64_t ns = CLOCK_NEVER;

	if (deadline != CLOCK_NEVER)
		ns = clock->sleep_ns(clock, deadline);
	if (ns >= UINT64_C(1000000000) * 86400 * 365)
		return false;
	clock_gettime(CLOCK_MONOTONIC, ts);
	ns += (uint64_t)ts->tv_nsec;
	ts->tv_sec += (time_t)(ns / 1000000000);
	ts->tv_nsec = (long)(ns % 1000000000);
	return true;
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Sleep until somebody wakes us, or that time (NULL: no end). The baton is given away. */
static void sleep_to(struct machine *m, const struct timespec *ts)
{
	pthread_mutex_lock(&m->lock);
	baton_give_locked(m);
	while (!m->poked && !m->quit) {
		if (!ts)
			pthread_cond_wait(&m->wake, &m->lock);
		else if (pthread_cond_timedwait(&m->wake, &m->lock, ts) == ETIMEDOUT)
			break;
	}
	m->poked = false;
	baton_take_locked(m);
	pthread_mutex_unlock(&m->lock);
}

/* The same until the TOD clock reaches deadline: idle time. */
void machine_sleep_until(struct machine *m, uint64_t deadline)
{
	uint64_t since = clock_ns(CLOCK_MONOTONIC);
	struct timespec ts;

	atomic_store_explicit(&m->idle_since, since, memory_order_relaxed);
	sleep_to(m, clock_timespec(m->clock, deadline, &ts) ? &ts : NULL);
	atomic_store_explicit(&m->idle_since, 0, memory_order_relaxed);
	atomic_fetch_add_explicit(&m->idle_ns, clock_ns(CLOCK_MONOTONIC) - since,
				  memory_order_relaxed);
}

/* ---- its part of the host's CPU time */

#define CREDIT_MAX_NS  50000000  /* what a machine that did nothing may save up */
#define PAUSE_MAX_NS   100000000
#define QUOTA_PAUSE_NS 10000000  /* then it looks for a new quota */

void machine_usage(struct machine *m, struct machine_usage *usage)
{
	uint64_t since = atomic_load_explicit(&m->idle_since, memory_order_relaxed);
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	clockid_t clock;

	*usage = (struct machine_usage){
		.idle_ns = atomic_load_explicit(&m->idle_ns, memory_order_relaxed),
	};
	if (since && now > since)
		usage->idle_ns += now - since;
	if (pthread_getcpuclockid(m->thread, &clock) == 0)
		usage->cpu_ns = clock_ns(clock);
}

uint64_t machine_asleep_since(const struct machine *m)
{
	return atomic_load_explicit(&m->idle_since, memory_order_relaxed);
}

void machine_set_limit(struct machine *m, uint64_t ns_per_second)
{
	atomic_store(&m->limit, ns_per_second);
}

void machine_set_quota(struct machine *m, uint64_t cpu_ns)
{
	atomic_store(&m->quota, cpu_ns);
}

/* How long to pause for the limit: 0 not at all. Credit grows with time at its rate. */
static uint64_t pause_for_limit(struct machine *m, uint64_t limit, uint64_t cpu)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC), passed = now - m->credit_at;

	if (!m->credit_at) {
		m->credit = 0;
	} else {
		if (passed > 1000000000)
			passed = 1000000000;
		m->credit += (int64_t)(passed * limit / 1000000000);
		m->credit -= (int64_t)(cpu - m->credit_cpu);
		if (m->credit > CREDIT_MAX_NS)
			m->credit = CREDIT_MAX_NS;
	}
	m->credit_at = now;
	m->credit_cpu = cpu;
	return m->credit < 0 ? (uint64_t)-m->credit * 1000000000 / limit : 0;
}

static void pause_ns(struct machine *m, uint64_t ns)
{
	uint64_t until = clock_ns(CLOCK_MONOTONIC) + ns;
	const struct timespec ts = { .tv_sec = (time_t)(until / 1000000000),
				     .tv_nsec = (long)(until % 1000000000) };

	sleep_to(m, &ts);
}

/*
 * Without CPU time to use the machine pauses until there is some, or something is in
 * its queue: true, and it must be asked again. Machines with several CPUs do not.
 */
bool machine_paused(struct machine *m)
{
	uint64_t limit = atomic_load_explicit(&m->limit, memory_order_relaxed);
	uint64_t quota = atomic_load_explicit(&m->quota, memory_order_relaxed);
	uint64_t cpu, pause = 0;

	if (!limit)
		m->credit_at = 0;
	if (!limit && quota == UINT64_MAX)
		return false;
	cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	if (limit)
		pause = pause_for_limit(m, limit, cpu);
	if (cpu >= quota && pause < QUOTA_PAUSE_NS)
		pause = QUOTA_PAUSE_NS;
	if (pause)
		pause_ns(m, pause < PAUSE_MAX_NS ? pause : PAUSE_MAX_NS);
	return pause != 0;
}
