/*
 * devices/processors.c - the CPUs of a machine: what they ask of it, and, of a
 * multiprocessor, their threads.
 *
 * A machine with one CPU runs it on the machine's own thread. With more, each CPU has
 * a thread, and the machine's thread looks after the requests and the channels. Who may
 * touch channels, devices and the owner is settled by the baton: the machine's thread
 * holds it except while it sleeps, a CPU's thread takes it for an I/O instruction, an
 * I/O interruption and DIAGNOSE. Whoever holds the baton is "the machine's thread" of
 * the headers. It goes to those who want it in the order in which they came.
 *
 * A CPU's thread is at one of three places: it STANDS between two instructions (stopped,
 * in the wait state, or because go is off), it RUNS, or it ASKS: inside an instruction,
 * for the baton or, with it, in an owner's function. Requests that change CPUs are
 * carried out when all stand; those that only look, when none runs (processors_freeze()).
 *
 * While instructions are counted (step, run N) or traced, the CPUs take turns on the
 * machine's thread instead, TURN instructions each: the same run gives the same result.
 */
#include "devices/machine_int.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define SLICE_US	500
#define SLICE_FIRST	20000 /* instructions, until the rate is known */
#define SLICE_MIN	500
#define SLICE_MAX	50000000
#define SLICE_WITH_WORK 5000 /* while channel programs wait for a turn */
#define TURN		1000 /* instructions, when CPUs take turns */

static unsigned number_of(const struct machine *m, const struct cpu370 *cpu)
{
	unsigned n = 0;

	while (m->cpu[n] != cpu)
		n++;
	return n;
}

static bool alone(const struct machine *m)
{
	return m->config.cpus == 1;
}

/* ---- the baton; fields under lock */

void baton_take_locked(struct machine *m)
{
	uint64_t ticket;

	if (alone(m))
		return;
	ticket = m->baton_next++;
	while (m->baton_now != ticket)
		pthread_cond_wait(&m->baton, &m->lock);
	m->holder = pthread_self();
	m->held = true;
}

void baton_give_locked(struct machine *m)
{
	if (alone(m))
		return;
	m->held = false;
	m->baton_now++;
	pthread_cond_broadcast(&m->baton);
}

bool machine_is_mine(struct machine *m)
{
	bool mine;

	if (alone(m))
		return pthread_equal(pthread_self(), m->thread);
	pthread_mutex_lock(&m->lock);
	mine = m->held && pthread_equal(pthread_self(), m->holder);
	pthread_mutex_unlock(&m->lock);
	return mine;
}

static void go_to_locked(struct machine *m, struct processor *p, enum processor_place place)
{
	p->place = place;
	pthread_cond_broadcast(&m->moved);
	if (place == PLACE_STANDS && m->stand)
		wake_locked(m);
}

/*
 * A CPU's function of the owner begins: true if the baton was taken for it. On the
 * machine's own thread (one CPU, or taking turns) it is there already.
 */
static bool enter(struct machine *m, unsigned n)
{
	if (alone(m) || pthread_equal(pthread_self(), m->thread))
		return false;
	pthread_mutex_lock(&m->lock);
	go_to_locked(m, &m->processor[n], PLACE_ASKS);
	baton_take_locked(m);
	pthread_mutex_unlock(&m->lock);
	return true;
}

static void leave(struct machine *m, unsigned n, bool entered)
{
	if (!entered)
		return;
	pthread_mutex_lock(&m->lock);
	baton_give_locked(m);
	go_to_locked(m, &m->processor[n], PLACE_RUNS);
	pthread_mutex_unlock(&m->lock);
}

/* ---- what a CPU asks of its machine */

static unsigned owner_io(void *arg, struct cpu370 *cpu, enum io_op op, uint16_t address)
{
	struct machine *m = arg;
	unsigned n = number_of(m, cpu);
	bool entered = enter(m, n);
	unsigned cc = channels_io(m->cs, op, address, cpu370_real_to_absolute(cpu, 0));

	/* Something is held back: the run loop must count instructions. */
	if (channels_held_until(m->cs) == 0) {
		m->hold_for = n;
		cpu370_post(cpu, CPU_PENDING_STOP);
	}
	if (entered && channels_have_work(m->cs))
		machine_wake(m);
	leave(m, n, entered);
	return cc;
}

static bool owner_io_interruption(void *arg, struct cpu370 *cpu, uint32_t channels,
				  uint16_t *address)
{
	struct machine *m = arg;
	unsigned n = number_of(m, cpu);
	bool entered = enter(m, n);
	bool taken = channels_interruption(m->cs, channels, cpu370_real_to_absolute(cpu, 0),
					   address);

	if (!taken && !channels_pending(m->cs))
		cpu370_unpost(cpu, CPU_PENDING_IO);
	leave(m, n, entered);
	return taken;
}

static int owner_diagnose(void *arg, struct cpu370 *cpu, unsigned r1, unsigned r3,
			  uint32_t code)
{
	struct machine *m = arg;
	unsigned n = number_of(m, cpu);
	bool entered = enter(m, n);
	int pic = m->owner.diagnose(m->owner.arg, cpu, r1, r3, code);

	leave(m, n, entered);
	return pic;
}

static int owner_iucv(void *arg, struct cpu370 *cpu, uint32_t laddr)
{
	struct machine *m = arg;
	unsigned n = number_of(m, cpu);
	bool entered = enter(m, n);
	int pic = m->owner.iucv(m->owner.arg, cpu, laddr);

	leave(m, n, entered);
	return pic;
}

static bool owner_external(void *arg, struct cpu370 *cpu, uint16_t code, bool *more)
{
	struct machine *m = arg;
	unsigned n = number_of(m, cpu);
	bool entered = enter(m, n);
	bool taken = m->owner.external(m->owner.arg, cpu, code, more);

	leave(m, n, entered);
	return taken;
}

static bool owner_trace(void *arg, struct cpu370 *cpu, const struct cpu_trace *what)
{
	struct machine *m = arg;
	unsigned n = number_of(m, cpu);
	bool entered = enter(m, n);
	bool stop = m->owner.trace(m->owner.arg, cpu, what);

	leave(m, n, entered);
	return stop;
}

static struct cpu370 *owner_cpu_at(void *arg, uint16_t address)
{
	struct machine *m = arg;

	return address < m->config.cpus ? m->cpu[address] : NULL;
}

void processor_wake(struct machine *m, unsigned n)
{
	if (!m->processor[n].there)
		return;
	pthread_mutex_lock(&m->lock);
	m->processor[n].poked = true;
	pthread_cond_signal(&m->processor[n].go);
	pthread_mutex_unlock(&m->lock);
}

static void owner_posted(void *arg, struct cpu370 *target)
{
	processor_wake(arg, number_of(arg, target));
}

void processors_io_pending(struct machine *m, bool on)
{
	for (unsigned n = 0; n < m->config.cpus; n++) {
		if (!on) {
			cpu370_unpost(m->cpu[n], CPU_PENDING_IO);
			continue;
		}
		cpu370_post(m->cpu[n], CPU_PENDING_IO);
		processor_wake(m, n);
	}
}

/*
 * Held-back ending status goes by instructions of the CPU that started the program:
 * see channels_hold().
 */
static void let_go(struct machine *m, unsigned n, bool waits)
{
	bool entered;

	if (m->hold_for != n)
		return;
	entered = enter(m, n);
	channels_hold(m->cs, machine_icount(m), waits);
	if (channels_held_until(m->cs) == UINT64_MAX)
		m->hold_for = NOBODY;
	leave(m, n, entered);
}

/* ---- SIGNAL PROCESSOR: GA22-7000, "Multiprocessing" */

/* Has the operator left this CPU standing while he steps another one? */
static bool operator_intervenes(const struct machine *m, unsigned n)
{
	return m->steps && !m->step_through && n != m->step_cpu && !(m->stopped & 1u << n);
}

/*
 * An order to start, stop or reset is left for the target's thread, which carries it
 * out behind its current instruction. Until then the target is busy; but a reset
 * replaces what was ordered before.
 */
static uint32_t owner_sigp(void *arg, struct cpu370 *cpu, struct cpu370 *target,
			   unsigned order)
{
	struct machine *m = arg;
	unsigned n = number_of(m, target);
	struct processor *p = &m->processor[n];
	bool reset = order == SIGP_INITIAL_PROGRAM_RESET || order == SIGP_PROGRAM_RESET ||
		     order == SIGP_INITIAL_CPU_RESET || order == SIGP_CPU_RESET;
	uint32_t status = 0;

	if (order == SIGP_IMPL)
		return SIGP_INVALID_ORDER;
	if (order == SIGP_SENSE && operator_intervenes(m, n))
		status = SIGP_OPERATOR_INTERVENING;
	pthread_mutex_lock(&m->lock);
	if (p->order && !reset)
		status = SIGP_BUSY;
	else if (order >= SIGP_START) {
		p->order = order;
		p->poked = true;
		pthread_cond_signal(&p->go);
		cpu370_post(target, CPU_PENDING_STOP);
		cpu370_post(cpu, CPU_PENDING_STOP); /* taking turns: the target's soon */
	}
	pthread_mutex_unlock(&m->lock);
	return status;
}

static void stop(struct machine *m, unsigned n)
{
	m->stopped |= 1u << n;
	cpu370_note_stopped(m->cpu[n], true);
}

/* On the target's thread, between two instructions; not with the lock held. */
static void carry_out(struct machine *m, unsigned n, unsigned order)
{
	struct cpu370 *cpu = m->cpu[n];

	switch (order) {
	case SIGP_RESTART:
		cpu370_restart(cpu);
		/* fall through */
	case SIGP_START:
		m->stopped &= ~(1u << n);
		cpu370_note_stopped(cpu, false);
		break;
	case SIGP_STOP_AND_STORE:
		cpu370_store_status(cpu);
		/* fall through */
	case SIGP_STOP:
		stop(m, n);
		break;
	case SIGP_INITIAL_PROGRAM_RESET:
	case SIGP_INITIAL_CPU_RESET:
		cpu370_reset(cpu, CPU_RESET_INITIAL);
		stop(m, n);
		break;
	case SIGP_PROGRAM_RESET:
	case SIGP_CPU_RESET:
		cpu370_reset(cpu, CPU_RESET);
		stop(m, n);
		break;
	}
}

/* Carry out what SIGP ordered CPU n to do. */
static void processor_obey(struct machine *m, unsigned n)
{
	struct processor *p = &m->processor[n];
	unsigned order;

	pthread_mutex_lock(&m->lock);
	order = p->order;
	pthread_mutex_unlock(&m->lock);
	if (!order)
		return;
	carry_out(m, n, order);
	if (m->stopped & 1u << n)
		let_go(m, n, true);
	pthread_mutex_lock(&m->lock);
	p->out = CPU_EXIT_BUDGET; /* what it stopped itself by is past */
	if (p->order == order)
		p->order = 0;
	pthread_mutex_unlock(&m->lock);
}

/* ---- slices */

/* Instructions until the CPU should be looked at again. */
static uint64_t slice(const struct machine *m, unsigned n, uint64_t held)
{
	uint64_t rate = m->processor[n].rate;
	uint64_t budget = rate, deadline = cpu370_deadline(m->cpu[n]);

	if (deadline != CLOCK_NEVER) {
		uint64_t now = clock_tod(m->clock);
		uint64_t left = deadline > now ? (deadline - now) / TOD_MICROSECOND : 0;

		if (left < SLICE_US)
			budget = rate * (left + 1) / SLICE_US;
	}
	if (budget < SLICE_MIN)
		budget = SLICE_MIN;
	if (held != UINT64_MAX) {
		uint64_t count = machine_icount(m);

		if (held <= count)
			budget = 1;
		else if (held - count < budget)
			budget = held - count;
	}
	return budget;
}

/* The same on the machine's own thread. */
static uint64_t own_slice(const struct machine *m, unsigned n)
{
	uint64_t budget = slice(m, n, channels_held_until(m->cs));

	if (channels_have_work(m->cs) && budget > SLICE_WITH_WORK)
		budget = SLICE_WITH_WORK;
	if (!alone(m) && budget > m->turn_left)
		budget = m->turn_left;
	if (m->steps && budget > m->steps)
		budget = m->steps;
	return m->trace ? 1 : budget;
}

/* Learn how many instructions this guest executes in SLICE_US. */
static void measure(struct processor *p, uint64_t instructions, uint64_t tod_units)
{
	uint64_t us = tod_units / TOD_MICROSECOND;
	uint64_t rate;

	if (us < 20 || instructions < SLICE_MIN)
		return;
	rate = (p->rate + instructions * SLICE_US / us) / 2;
	p->rate = rate > SLICE_MAX ? SLICE_MAX : rate < SLICE_MIN ? SLICE_MIN : rate;
}

static enum cpu_exit run_measured(struct machine *m, unsigned n, uint64_t budget)
{
	struct cpu370 *cpu = m->cpu[n];
	uint64_t count = cpu370_icount(cpu), start = clock_tod(m->clock);
	enum cpu_exit why = cpu370_run(cpu, budget);

	if (why == CPU_EXIT_BUDGET)
		measure(&m->processor[n], cpu370_icount(cpu) - count,
			clock_tod(m->clock) - start);
	return why;
}

enum cpu_exit processor_run(struct machine *m, unsigned n)
{
	uint64_t count = cpu370_icount(m->cpu[n]);
	enum cpu_exit why;

	if (m->trace && m->owner.instruction)
		m->owner.instruction(m->owner.arg, m->cpu[n], (uint16_t)n);
	why = run_measured(m, n, own_slice(m, n));
	count = cpu370_icount(m->cpu[n]) - count;
	m->turn_left -= count < m->turn_left ? count : m->turn_left;
	if (why == CPU_EXIT_WAIT)
		m->turn_left = 0;
	return why;
}

/* The CPU whose turn it is; all stopped: CPU 0. */
unsigned processors_next(struct machine *m)
{
	unsigned cpus = m->config.cpus;

	if (m->steps && !m->step_through)
		m->turn = m->step_cpu;
	for (unsigned n = 0; n < cpus; n++)
		processor_obey(m, n);
	if (m->turn_left && !(m->stopped & 1u << m->turn))
		return m->turn;
	m->turn_left = TURN;
	if (m->steps && !m->step_through)
		return m->turn;
	for (unsigned i = 1; i <= cpus; i++) {
		unsigned n = (m->turn + i) % cpus;

		if (!(m->stopped & 1u << n))
			return m->turn = n;
	}
	return 0;
}

/* ---- the thread of a CPU */

static uint64_t held_until(struct machine *m, unsigned n)
{
	uint64_t until;
	bool entered;

	if (m->hold_for != n)
		return UINT64_MAX;
	entered = enter(m, n);
	until = channels_held_until(m->cs);
	leave(m, n, entered);
	return until;
}

/* It goes no further by itself: the machine's thread decides what that means. */
static void out_of_action_locked(struct machine *m, unsigned n, enum cpu_exit why)
{
	m->processor[n].out = why;
	m->last_out = n;
	m->stopped |= 1u << n;
	wake_locked(m);
}

static void sleep_locked(struct machine *m, struct processor *p, uint64_t deadline)
{
	struct timespec ts;

	if (clock_timespec(m->clock, deadline, &ts))
		pthread_cond_timedwait(&p->go, &m->lock, &ts);
	else
		pthread_cond_wait(&p->go, &m->lock);
}

/* The CPU has left the instruction loop; the lock is held. */
static void after_run_locked(struct machine *m, unsigned n, enum cpu_exit why)
{
	struct processor *p = &m->processor[n];

	switch (why) {
	case CPU_EXIT_BUDGET:
	case CPU_EXIT_REQUEST: break;
	case CPU_EXIT_WAIT:
		if (!p->poked && m->go && !m->quit) {
			uint64_t deadline = cpu370_deadline(m->cpu[n]);

			go_to_locked(m, p, PLACE_STANDS);
			m->waiting |= 1u << n;
			sleep_locked(m, p, deadline);
			m->waiting &= ~(1u << n);
		}
		break;
	case CPU_EXIT_DISABLED_WAIT:
	case CPU_EXIT_CHECK_STOP:
	case CPU_EXIT_BREAK:
	case CPU_EXIT_TRACE:
	case CPU_EXIT_LOOP: out_of_action_locked(m, n, why); break;
	}
}

/* Stand until this CPU may run. false: the machine is being freed. */
static bool may_run_locked(struct machine *m, unsigned n)
{
	struct processor *p = &m->processor[n];

	while (!m->quit && (p->order || !m->go || m->frozen || (m->stopped & 1u << n))) {
		/* While they take turns the machine's thread obeys for all. */
		if (p->order && m->go && !m->frozen) {
			go_to_locked(m, p, PLACE_RUNS);
			pthread_mutex_unlock(&m->lock);
			processor_obey(m, n);
			pthread_mutex_lock(&m->lock);
			wake_locked(m); /* it may have been the last one that ran */
			continue;
		}
		go_to_locked(m, p, PLACE_STANDS);
		pthread_cond_wait(&p->go, &m->lock);
	}
	p->poked = false;
	return !m->quit;
}

static void *processor_main(void *arg)
{
	struct processor *p = arg;
	struct machine *m = p->machine;
	unsigned n = (unsigned)(p - m->processor);

	machine_be_nice(m);
	pthread_mutex_lock(&m->lock);
	while (may_run_locked(m, n)) {
		enum cpu_exit why;

		go_to_locked(m, p, PLACE_RUNS);
		pthread_mutex_unlock(&m->lock);
		why = run_measured(m, n, slice(m, n, held_until(m, n)));
		let_go(m, n, why != CPU_EXIT_BUDGET && why != CPU_EXIT_REQUEST);
		pthread_mutex_lock(&m->lock);
		after_run_locked(m, n, why);
	}
	go_to_locked(m, p, PLACE_STANDS);
	pthread_mutex_unlock(&m->lock);
	return NULL;
}

/* ---- the machine's thread and those of the CPUs */

bool processors_stand_locked(struct machine *m)
{
	bool all = true;

	for (unsigned n = 0; !alone(m) && n < m->config.cpus; n++) {
		if (m->processor[n].place == PLACE_STANDS)
			continue;
		cpu370_post(m->cpu[n], CPU_PENDING_STOP);
		all = false;
	}
	m->go = false; /* one that waits must not begin to run either */
	m->stand = !all;
	return all;
}

bool processors_take_turns(const struct machine *m)
{
	return alone(m) || m->steps || m->trace;
}

void processors_release(struct machine *m)
{
	pthread_mutex_lock(&m->lock);
	m->stand = false;
	if (!m->go) {
		m->go = true;
		for (unsigned n = 0; n < m->config.cpus; n++)
			pthread_cond_signal(&m->processor[n].go);
	}
	pthread_mutex_unlock(&m->lock);
}

void processors_freeze(struct machine *m)
{
	if (alone(m))
		return;
	pthread_mutex_lock(&m->lock);
	m->frozen = true;
	for (unsigned n = 0; n < m->config.cpus; n++)
		while (m->processor[n].place == PLACE_RUNS) {
			cpu370_post(m->cpu[n], CPU_PENDING_STOP);
			pthread_cond_wait(&m->moved, &m->lock);
		}
	pthread_mutex_unlock(&m->lock);
}

void processors_thaw(struct machine *m)
{
	if (alone(m))
		return;
	pthread_mutex_lock(&m->lock);
	m->frozen = false;
	for (unsigned n = 0; n < m->config.cpus; n++)
		pthread_cond_signal(&m->processor[n].go);
	pthread_mutex_unlock(&m->lock);
}

enum cpu_exit processors_verdict(struct machine *m, unsigned *which)
{
	unsigned all = (1u << m->config.cpus) - 1;
	enum cpu_exit why = CPU_EXIT_BUDGET;

	pthread_mutex_lock(&m->lock);
	for (unsigned n = 0; n < m->config.cpus; n++) {
		struct processor *p = &m->processor[n];

		if (p->out != CPU_EXIT_BUDGET && !(m->stopped & 1u << n))
			p->out = CPU_EXIT_BUDGET; /* started again since */
		if (p->out == CPU_EXIT_BREAK || p->out == CPU_EXIT_LOOP ||
		    p->out == CPU_EXIT_TRACE) {
			why = p->out;
			*which = n;
		}
	}
	if (why == CPU_EXIT_BUDGET && m->stopped == all) {
		*which = m->last_out;
		why = m->processor[*which].out;
		if (why == CPU_EXIT_BUDGET) /* it was stopped by SIGP since */
			why = CPU_EXIT_REQUEST;
	}
	if (why != CPU_EXIT_BUDGET && !processors_stand_locked(m))
		why = CPU_EXIT_BUDGET; /* soon */
	pthread_mutex_unlock(&m->lock);
	return why;
}

uint64_t processors_host_ns(struct machine *m)
{
	uint64_t sum = 0;

	for (unsigned n = 0; !alone(m) && n < m->config.cpus; n++) {
		struct timespec used = { 0 };
		clockid_t id;

		if (pthread_getcpuclockid(m->processor[n].thread, &id) == 0 &&
		    clock_gettime(id, &used) == 0)
			sum += (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
	}
	return sum;
}

/* ---- birth and death */

bool processors_new(struct machine *m, struct error *err)
{
	const struct cpu_owner owner = {
		.arg = m,
		.io = owner_io,
		.io_interruption = owner_io_interruption,
		.diagnose = m->owner.diagnose ? owner_diagnose : NULL,
		.iucv = m->owner.iucv ? owner_iucv : NULL,
		.external = m->owner.external ? owner_external : NULL,
		.trace = m->owner.trace ? owner_trace : NULL,
		.cpu_at = owner_cpu_at,
		.sigp = owner_sigp,
		.posted = owner_posted,
	};

	m->hold_for = NOBODY;
	for (unsigned n = 0; n < m->config.cpus; n++) {
		struct cpu_config config = {
			.arch = m->config.arch,
			.address = (uint16_t)n,
			.cpuid = m->config.cpuid,
		};

		m->processor[n].machine = m;
		m->processor[n].rate = SLICE_FIRST;
		m->processor[n].out = CPU_EXIT_BUDGET;
		m->cpu[n] = cpu370_new(m->st, &config, &owner, m->clock, err);
		if (!m->cpu[n])
			return false;
	}
	return true;
}

bool processors_start(struct machine *m, const pthread_attr_t *attr,
		      const pthread_condattr_t *cond, struct error *err)
{
	for (unsigned n = 0; !alone(m) && n < m->config.cpus; n++) {
		struct processor *p = &m->processor[n];
		int e;

		pthread_cond_init(&p->go, cond);
		e = pthread_create(&p->thread, attr, processor_main, p);
		if (e) {
			pthread_cond_destroy(&p->go);
			error_errno(err, e, "%s: no thread for CPU %u", m->name, n);
			return false;
		}
		p->there = true;
	}
	return true;
}

void processors_end(struct machine *m)
{
	pthread_mutex_lock(&m->lock);
	m->quit = true;
	for (unsigned n = 0; n < m->config.cpus; n++)
		if (m->processor[n].there) {
			cpu370_post(m->cpu[n], CPU_PENDING_STOP);
			pthread_cond_signal(&m->processor[n].go);
		}
	pthread_cond_broadcast(&m->served);
	pthread_mutex_unlock(&m->lock);
	for (unsigned n = 0; n < m->config.cpus; n++) {
		if (!m->processor[n].there)
			continue;
		pthread_join(m->processor[n].thread, NULL);
		pthread_cond_destroy(&m->processor[n].go);
		m->processor[n].there = false;
	}
}
