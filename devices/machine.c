/*
 * devices/machine.c - the thread of a machine: its birth, its run loop, its end.
 *
 * The thread sleeps on one condition while there is nothing to do, with the
 * CPU's next timer as time limit, and runs the CPU in slices of about
 * SLICE_US otherwise: a timer that comes due is seen at the end of a slice,
 * which is cut short to meet it. No signal, no timer thread: a thousand idle
 * machines are a thousand sleeping threads.
 *
 * What others ask of it: machine_queue.c. How it sleeps, and its part of the host:
 * machine_sleep.c. Start, stop, reset and IPL: machine_state.c. A multiprocessor's
 * CPUs have threads of their own: processors.c.
 */
#include "devices/machine_int.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

/* Host addresses, not memory; sanitizers keep much of their own on it. */
#define STACK_SIZE (1u << 20)

/* ---- running */

uint64_t machine_icount(const struct machine *m)
{
	uint64_t sum = 0;

	for (unsigned n = 0; n < m->config.cpus; n++)
		sum += cpu370_icount(m->cpu[n]);
	return sum;
}

/* Run CPU n for a slice. */
static enum cpu_exit run_cpu(struct machine *m, unsigned n)
{
	uint64_t count = cpu370_icount(m->cpu[n]);
	enum cpu_exit exit = processor_run(m, n);

	if (m->steps) {
		count = cpu370_icount(m->cpu[n]) - count;
		m->steps -= count < m->steps ? count : m->steps;
		if (m->steps == 0 || (exit == CPU_EXIT_WAIT && !m->step_through))
			machine_halt(m, MACHINE_STOPPED, n);
	}
	return exit;
}

static uint64_t earliest_deadline(const struct machine *m)
{
	uint64_t deadline = CLOCK_NEVER;

	for (unsigned n = 0; n < m->config.cpus; n++) {
		uint64_t d = cpu370_deadline(m->cpu[n]);

		if (!(m->stopped & 1u << n) && d < deadline)
			deadline = d;
	}
	return deadline;
}

static enum machine_state state_after(enum cpu_exit why)
{
	switch (why) {
	case CPU_EXIT_DISABLED_WAIT: return MACHINE_DISABLED_WAIT;
	case CPU_EXIT_CHECK_STOP: return MACHINE_CHECK_STOP;
	case CPU_EXIT_BREAK: return MACHINE_BREAK;
	case CPU_EXIT_LOOP: return MACHINE_LOOP;
	case CPU_EXIT_TRACE: return MACHINE_TRACED;
	default: return MACHINE_STOPPED;
	}
}

/* CPU n cannot go on. The machine stops when no other CPU can either. */
static void cpu_is_out(struct machine *m, unsigned n, enum cpu_exit why)
{
	unsigned all = (1u << m->config.cpus) - 1;

	if ((m->stopped | 1u << n) == all || (m->steps && !m->step_through))
		machine_halt(m, state_after(why), n);
	else {
		pthread_mutex_lock(&m->lock);
		m->processor[n].out = why;
		m->last_out = n;
		pthread_mutex_unlock(&m->lock);
		m->stopped |= 1u << n;
	}
}

/* Have its CPUs stopped the machine? */
static bool stop_by_verdict(struct machine *m)
{
	unsigned n = 0;
	enum cpu_exit why = processors_verdict(m, &n);

	if (why == CPU_EXIT_BUDGET)
		return false;
	if (why != CPU_EXIT_REQUEST)
		m->stopped &= ~(1u << n); /* START tries it again */
	machine_halt(m, state_after(why), n);
	return true;
}

static void run_slice(struct machine *m)
{
	unsigned n = processors_next(m), all = (1u << m->config.cpus) - 1;
	uint64_t count = machine_icount(m);
	enum cpu_exit exit;
	bool work;

	/* The last one stopped itself by SIGP. */
	if (m->stopped == all && (!m->steps || m->step_through) && stop_by_verdict(m))
		return;
	exit = run_cpu(m, n);
	work = channels_have_work(m->cs);

	channels_work(m->cs);
	/* What is let go here can end the wait: look again before sleeping. */
	work |= channels_hold(m->cs, machine_icount(m), exit == CPU_EXIT_WAIT);
	/* Whatever was executed may have woken any CPU: each gets a turn again. */
	if (machine_icount(m) != count)
		m->waiting = 0;
	if (m->mode != MODE_RUNNING)
		return;
	switch (exit) {
	case CPU_EXIT_BUDGET:
	case CPU_EXIT_REQUEST: break;
	case CPU_EXIT_WAIT:
		m->waiting |= 1u << n;
		if ((m->waiting | m->stopped) == all && !work) {
			machine_sleep_until(m, earliest_deadline(m));
			m->waiting = 0;
		}
		break;
	case CPU_EXIT_DISABLED_WAIT:
	case CPU_EXIT_CHECK_STOP: cpu_is_out(m, n, exit); break;
	case CPU_EXIT_BREAK:
	case CPU_EXIT_TRACE:
	case CPU_EXIT_LOOP: machine_halt(m, state_after(exit), n); break;
	}
}

/* Let others have the baton, if they wait for it. */
static void pass_baton(struct machine *m)
{
	pthread_mutex_lock(&m->lock);
	baton_give_locked(m);
	baton_take_locked(m);
	pthread_mutex_unlock(&m->lock);
}

static bool all_stand(struct machine *m)
{
	bool all;

	pthread_mutex_lock(&m->lock);
	all = processors_stand_locked(m);
	pthread_mutex_unlock(&m->lock);
	return all;
}

static bool want_stand(struct machine *m)
{
	bool stand;

	pthread_mutex_lock(&m->lock);
	stand = m->stand;
	pthread_mutex_unlock(&m->lock);
	return stand;
}

/* The CPUs run on their threads: see to the channels, and to CPUs that stopped. */
static void supervise(struct machine *m)
{
	bool work = channels_work(m->cs);

	if (stop_by_verdict(m))
		return;
	if (!want_stand(m))
		processors_release(m);
	if (work)
		pass_baton(m);
	else
		machine_sleep_until(m, CLOCK_NEVER);
}

static void go_on(struct machine *m)
{
	if (m->mode == MODE_RUNNING && !processors_take_turns(m))
		supervise(m);
	else if (m->mode == MODE_RUNNING && !all_stand(m))
		machine_sleep_until(m, CLOCK_NEVER); /* until they do */
	else if (m->mode == MODE_RUNNING && !machine_paused(m))
		run_slice(m);
	else if (m->mode == MODE_LOADING)
		machine_ipl_go_on(m);
	else if (m->mode == MODE_STOPPED && !channels_work(m->cs))
		machine_sleep_until(m, CLOCK_NEVER);
}

/*
 * Its share of the host: under Linux a nice value is a thread's own. A guest that
 * loops must not keep the owner's thread from the terminals.
 */
void machine_be_nice(const struct machine *m)
{
	if (m->config.nice)
		setpriority(PRIO_PROCESS, (id_t)gettid(),
			    getpriority(PRIO_PROCESS, (id_t)gettid()) + m->config.nice);
}

static void *machine_main(void *arg)
{
	struct machine *m = arg;

	machine_be_nice(m);
	pthread_mutex_lock(&m->lock);
	baton_take_locked(m);
	pthread_mutex_unlock(&m->lock);
	while (machine_serve_queue(m))
		go_on(m);
	pthread_mutex_lock(&m->lock);
	baton_give_locked(m);
	pthread_mutex_unlock(&m->lock);
	processors_end(m);
	/* Devices go here: what they call back expects this thread. */
	pthread_mutex_lock(&m->lock);
	baton_take_locked(m);
	pthread_mutex_unlock(&m->lock);
	channels_free(m->cs);
	m->cs = NULL;
	return NULL;
}

/* ---- birth and death */

static void channels_are_pending(void *arg, bool on)
{
	struct machine *m = arg;

	processors_io_pending(m, on);
}

static void end_threads(struct machine *m)
{
	pthread_mutex_lock(&m->lock);
	m->quit = true;
	wake_locked(m);
	pthread_mutex_unlock(&m->lock);
	pthread_join(m->thread, NULL);
}

static bool threads_new(struct machine *m, struct error *err)
{
	pthread_condattr_t cond;
	pthread_attr_t attr;
	bool ok;
	int e;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_condattr_init(&cond);
	pthread_condattr_setclock(&cond, CLOCK_MONOTONIC);
	pthread_mutex_lock(&m->lock); /* nobody looks at m->thread before it is there */
	e = pthread_create(&m->thread, &attr, machine_main, m);
	ok = e == 0 && processors_start(m, &attr, &cond, err);
	pthread_mutex_unlock(&m->lock);
	pthread_condattr_destroy(&cond);
	pthread_attr_destroy(&attr);
	if (e)
		error_errno(err, e, "%s: no thread for the machine", m->name);
	else if (!ok) {
		end_threads(m);
		machine_drain_queue(m);
	}
	return ok;
}

static void locks_init(struct machine *m)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->wake, &attr);
	pthread_cond_init(&m->done, NULL);
	pthread_cond_init(&m->baton, NULL);
	pthread_cond_init(&m->moved, NULL);
	pthread_cond_init(&m->served, NULL);
	pthread_condattr_destroy(&attr);
}

static void machine_destroy(struct machine *m)
{
	channels_free(m->cs);
	for (unsigned n = 0; n < m->config.cpus; n++)
		if (m->cpu[n])
			cpu370_free(m->cpu[n]);
	if (m->st)
		storage_free(m->st);
	pthread_cond_destroy(&m->baton);
	pthread_cond_destroy(&m->moved);
	pthread_cond_destroy(&m->served);
	pthread_cond_destroy(&m->done);
	pthread_cond_destroy(&m->wake);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

struct machine *machine_new(const struct machine_config *config,
			    const struct machine_owner *owner, struct clock *clock,
			    struct error *err)
{
	const struct channels_owner channels_owner = { NULL, channels_are_pending };
	struct channels_owner co = channels_owner;
	struct machine *m;

	if (config->cpus < 1 || config->cpus > MACHINE_CPUS_MAX) {
		error_set(err, EINVAL, "%s: %u CPUs: 1 to %d are possible", config->name,
			  config->cpus, MACHINE_CPUS_MAX);
		return NULL;
	}
	m = calloc(1, sizeof(*m));
	if (!m) {
		error_set(err, ENOMEM, "%s: no memory for a machine", config->name);
		return NULL;
	}
	m->config = *config;
	strncpy(m->name, config->name, sizeof(m->name) - 1);
	m->config.name = m->name;
	m->owner = *owner;
	m->clock = clock;
	m->tail = &m->head;
	m->turn = config->cpus - 1;
	atomic_init(&m->quota, UINT64_MAX);
	locks_init(m);
	co.arg = m;
	m->st = storage_new(config->storage, err);
	m->cs = m->st ? channels_new(m->st, &co, err) : NULL;
	if (!m->cs || !processors_new(m, err)) {
		machine_destroy(m);
		return NULL;
	}
	machine_do_reset(m, true, true);
	if (!threads_new(m, err)) {
		machine_destroy(m);
		return NULL;
	}
	return m;
}

void machine_free(struct machine *m)
{
	if (!m)
		return;
	assert(!machine_is_mine(m));
	end_threads(m);
	machine_drain_queue(m);
	machine_destroy(m);
}

/* ---- for devices and the owner's functions */

struct cpu370 *machine_cpu(struct machine *m, unsigned address)
{
	return address < m->config.cpus ? m->cpu[address] : NULL;
}

unsigned machine_stop_cpu(const struct machine *m)
{
	return m->stop_cpu;
}

struct storage *machine_storage(struct machine *m)
{
	return m->st;
}

struct device *machine_device(struct machine *m, uint16_t address)
{
	return channels_device(m->cs, address);
}

unsigned machine_run_program(struct machine *m, uint16_t address, uint8_t key, uint32_t ccw,
			     uint8_t csw[8])
{
	return channels_run(m->cs, address, key, ccw, csw);
}

unsigned machine_start_program(struct machine *m, uint16_t address, uint8_t key, uint32_t ccw,
			       const struct cpu370 *cpu)
{
	return channels_start(m->cs, address, key, ccw, cpu370_real_to_absolute(cpu, 0));
}

bool machine_program(const struct machine *m, uint16_t address, uint32_t *first)
{
	return channels_program(m->cs, address, first);
}

void machine_trouble(struct machine *m, uint16_t address, const char *sentence)
{
	char subject[32];

	if (m && m->owner.trouble) {
		m->owner.trouble(m->owner.arg, address, sentence);
		return;
	}
	snprintf(subject, sizeof(subject), "%.20s %03X", m ? machine_name(m) : "", address);
	log_error(subject, "%s", sentence);
}

const char *machine_name(const struct machine *m)
{
	return m->name;
}
