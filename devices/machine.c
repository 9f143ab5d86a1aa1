/*
 * devices/machine.c - the thread of a machine: its queue, its run loop, IPL.
 *
 * The thread sleeps on one condition while there is nothing to do, with the
 * CPU's next timer as time limit, and runs the CPU in slices of about
 * SLICE_US otherwise: a timer that comes due is seen at the end of a slice,
 * which is cut short to meet it. No signal, no timer thread: a thousand idle
 * machines are a thousand sleeping threads.
 *
 * A multiprocessor's CPUs have threads of their own: devices/processors.c.
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

#include "base/bytes.h"
#include "base/log.h"

/* Host addresses, not memory; sanitizers keep much of their own on it. */
#define STACK_SIZE (1u << 20)

static void *machine_main(void *arg);
static void end_threads(struct machine *m);
static void drain_queue(struct machine *m);

static void channels_are_pending(void *arg, bool on)
{
	struct machine *m = arg;

	processors_io_pending(m, on);
}

/* ---- birth and death */

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
		drain_queue(m);
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

/* ---- the queue */

/* Make the thread look up, wherever it is. Call with the lock held. */
void wake_locked(struct machine *m)
{
	m->poked = true;
	atomic_store(&m->look, true);
	pthread_cond_broadcast(&m->wake);
	m->pokes++;
	pthread_cond_broadcast(&m->served);
	/* CPUs that run on threads of their own need not look up for this. */
	for (unsigned n = 0; !m->go && n < m->config.cpus; n++)
		cpu370_post(m->cpu[n], CPU_PENDING_STOP);
}

void machine_wake(struct machine *m)
{
	pthread_mutex_lock(&m->lock);
	wake_locked(m);
	pthread_mutex_unlock(&m->lock);
}

static void append_locked(struct machine *m, struct queued *q)
{
	q->next = NULL;
	*m->tail = q;
	m->tail = &q->next;
	wake_locked(m);
}

/* A queue entry with its own copy of req and of the data it points to. */
static struct queued *queued_copy(const struct machine_request *req)
{
	size_t length = req->data ? req->length : 0;
	struct queued *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->posted = true;
	q->req = malloc(sizeof(*req) + length);
	if (!q->req) {
		free(q);
		return NULL;
	}
	*q->req = *req;
	if (length) {
		q->req->data = (uint8_t *)(q->req + 1);
		memcpy(q->req->data, req->data, length);
	}
	return q;
}

void machine_post(struct machine *m, const struct machine_request *req)
{
	struct queued *q = queued_copy(req);

	if (!q) {
		log_error(m->name, "no memory: a request of kind %d is lost", req->kind);
		return;
	}
	pthread_mutex_lock(&m->lock);
	append_locked(m, q);
	pthread_mutex_unlock(&m->lock);
}

/* Would it change the CPU under an instruction that is being executed? */
static bool between_instructions(enum machine_request_kind kind)
{
	switch (kind) {
	case MACHINE_START:
	case MACHINE_STOP:
	case MACHINE_STEP:
	case MACHINE_RESET:
	case MACHINE_IPL:
	case MACHINE_RESTART:
	case MACHINE_ARCH:
	case MACHINE_STORAGE:
	case MACHINE_SET_REGISTERS: return true;
	default: return false;
	}
}

/* Does it look at, or change, what belongs to CPUs? */
static bool concerns_cpus(const struct machine_request *req)
{
	switch (req->kind) {
	case MACHINE_FETCH:
	case MACHINE_STORE: return req->space != SPACE_ABSOLUTE;
	case MACHINE_REGISTERS:
	case MACHINE_BREAKPOINT:
	case MACHINE_TRACE:
	case MACHINE_TRACE_EVENTS:
	case MACHINE_STORE_STATUS:
	case MACHINE_TIMER:
	case MACHINE_MAP:
	case MACHINE_UNMAP:
	case MACHINE_STATS:
	case MACHINE_QUERY: return true;
	default: return between_instructions(req->kind);
	}
}

/* With the baton. */
static bool carry_out(struct machine *m, struct machine_request *req)
{
	bool freeze = concerns_cpus(req), ok;

	if (freeze)
		processors_freeze(m);
	ok = request_carry_out(m, req);
	if (freeze)
		processors_thaw(m);
	return ok;
}

static bool call_on_own_thread(struct machine *m, struct machine_request *req)
{
	if (between_instructions(req->kind)) {
		error_set(&req->error, EDEADLK, "%s: post this request, do not call",
			  m->name);
		return false;
	}
	return carry_out(m, req);
}

bool machine_call(struct machine *m, struct machine_request *req)
{
	struct queued q = { .req = req };

	req->error.text[0] = '\0';
	if (machine_is_mine(m))
		return call_on_own_thread(m, req);
	pthread_mutex_lock(&m->lock);
	m->callers++;
	append_locked(m, &q);
	while (!q.finished)
		pthread_cond_wait(&m->done, &m->lock);
	m->callers--;
	pthread_cond_broadcast(&m->done);
	pthread_mutex_unlock(&m->lock);
	return q.ok;
}

static void finish(struct machine *m, struct queued *q, bool ok)
{
	if (q->posted) {
		free(q->req);
		free(q);
		return;
	}
	pthread_mutex_lock(&m->lock);
	q->ok = ok;
	q->finished = true;
	pthread_cond_broadcast(&m->done);
	pthread_mutex_unlock(&m->lock);
}

/*
 * The next request that may be carried out now: inside machine_serve() those
 * that must wait for the end of the instruction are passed over, and while CPUs still
 * run such a one, and what is behind it, waits until they stand.
 */
static struct queued *take_locked(struct machine *m)
{
	for (struct queued **link = &m->head; *link; link = &(*link)->next) {
		struct queued *q = *link;

		if (between_instructions(q->req->kind)) {
			if (m->serving) {
				m->stand = false;
				continue;
			}
			if (!processors_stand_locked(m))
				return NULL;
		}
		*link = q->next;
		if (!q->next)
			m->tail = link;
		return q;
	}
	return NULL;
}

static struct queued *take(struct machine *m, bool *quit)
{
	struct queued *q;

	pthread_mutex_lock(&m->lock);
	*quit = m->quit;
	q = *quit ? NULL : take_locked(m);
	pthread_mutex_unlock(&m->lock);
	return q;
}

/* Carry out what is queued. false: the machine is being freed. */
static bool serve_queue(struct machine *m)
{
	struct queued *q;
	bool quit;

	if (!atomic_load_explicit(&m->look, memory_order_relaxed))
		return true;
	atomic_store(&m->look, false);
	while ((q = take(m, &quit))) {
		finish(m, q, carry_out(m, q->req));
		pthread_mutex_lock(&m->lock);
		m->pokes++;
		pthread_cond_broadcast(&m->served);
		pthread_mutex_unlock(&m->lock);
	}
	return !quit;
}

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
static void sleep_until(struct machine *m, uint64_t deadline)
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
static bool paused(struct machine *m)
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

static void owner_waits(struct machine *m, bool on)
{
	for (unsigned n = 0; n < m->config.cpus; n++)
		cpu370_owner_waits(m->cpu[n], on);
}

/*
 * On the thread of a CPU: the machine's thread goes on carrying out requests, and so
 * do the other CPUs with their work.
 */
static bool serve_aside(struct machine *m, bool (*done)(void *arg), void *arg)
{
	bool alive = true;

	m->serving++;
	while (alive) {
		uint64_t pokes;

		pthread_mutex_lock(&m->lock);
		pokes = m->pokes;
		pthread_mutex_unlock(&m->lock);
		if (done(arg))
			break;
		pthread_mutex_lock(&m->lock);
		baton_give_locked(m);
		while (m->pokes == pokes && !m->quit)
			pthread_cond_wait(&m->served, &m->lock);
		alive = !m->quit;
		baton_take_locked(m);
		pthread_mutex_unlock(&m->lock);
	}
	m->serving--;
	machine_wake(m);
	return alive;
}

bool machine_serve(struct machine *m, bool (*done)(void *arg), void *arg)
{
	bool alive = true;

	assert(machine_is_mine(m));
	if (!pthread_equal(pthread_self(), m->thread))
		return serve_aside(m, done, arg);
	owner_waits(m, true);
	m->serving++;
	while (alive && !done(arg)) {
		sleep_until(m, CLOCK_NEVER);
		alive = serve_queue(m);
	}
	m->serving--;
	owner_waits(m, false);
	/* What was passed over is looked at when the instruction has ended. */
	machine_wake(m);
	return alive;
}

/* ---- states */

static void tell_state(struct machine *m, enum machine_state state, unsigned cpu)
{
	if (m->state == state && state != MACHINE_STOPPED && state != MACHINE_TRACED)
		return;
	m->state = state;
	if (m->owner.state)
		m->owner.state(m->owner.arg, state, cpu370_psw(m->cpu[cpu]));
}

static void halt_machine(struct machine *m, enum machine_state state, unsigned cpu)
{
	m->mode = MODE_STOPPED;
	m->steps = 0;
	m->stop_cpu = cpu;
	tell_state(m, state, cpu);
}

void machine_do_start(struct machine *m)
{
	m->stop_loaded = false;
	if (m->mode != MODE_STOPPED)
		return;
	m->mode = MODE_RUNNING;
	m->waiting = 0;
	if (m->stopped == (1u << m->config.cpus) - 1)
		m->stopped &= ~1u;
	tell_state(m, MACHINE_RUNNING, 0);
}

/*
 * STOP while a program is being loaded: the load is completed first, so that a
 * stop key pressed right behind the load key does not leave half a program. A
 * second one gives a load up that does not end.
 */
void machine_do_stop(struct machine *m)
{
	if (m->mode == MODE_LOADING && !m->stop_loaded) {
		m->stop_loaded = true;
		return;
	}
	/* The answer comes even if it was stopped already: somebody waits for it. */
	halt_machine(m, MACHINE_STOPPED, 0);
}

void machine_do_step(struct machine *m, unsigned cpu, uint64_t count, bool through_wait)
{
	if (m->mode == MODE_LOADING)
		return;
	machine_do_start(m);
	m->steps = count ? count : 1;
	m->step_through = through_wait;
	m->step_cpu = cpu;
	m->turn_left = 0;
}

void machine_do_reset(struct machine *m, bool initial, bool clear)
{
	enum cpu_reset kind = clear	? CPU_RESET_CLEAR
			      : initial ? CPU_RESET_INITIAL
					: CPU_RESET;
	unsigned all = (1u << m->config.cpus) - 1;

	m->mode = MODE_STOPPED;
	m->steps = 0;
	channels_reset(m->cs);
	if (clear)
		storage_clear(m->st);
	for (unsigned n = 0; n < m->config.cpus; n++)
		cpu370_reset(m->cpu[n], kind);
	m->stopped = all & ~1u;
	m->waiting = 0;
	pthread_mutex_lock(&m->lock);
	for (unsigned n = 0; n < m->config.cpus; n++) {
		m->processor[n].order = 0;
		m->processor[n].out = CPU_EXIT_BUDGET;
	}
	pthread_mutex_unlock(&m->lock);
	m->turn = m->config.cpus - 1;
	m->turn_left = 0;
	m->hold_for = NOBODY;
}

void machine_do_restart(struct machine *m, unsigned cpu)
{
	cpu370_post(m->cpu[cpu], CPU_PENDING_RESTART);
	m->stopped &= ~(1u << cpu);
	machine_do_start(m);
	m->waiting = 0;
}

/* ---- initial program loading: GA22-7000, "System Control" */

static void ipl_fail(struct machine *m, unsigned cc, const uint8_t csw[8])
{
	struct device *dev = channels_device(m->cs, m->ipl_address);

	halt_machine(m, MACHINE_STOPPED, 0);
	if (m->owner.ipl_failed)
		m->owner.ipl_failed(m->owner.arg, m->ipl_address, cc, csw,
				    dev ? dev->sense[0] : 0);
}

/* Put the I/O address where the IPL PSW's form wants it, load the PSW, go. */
static void ipl_finish(struct machine *m)
{
	uint8_t psw[8] = { 0 }, address[4] = { 0 };
	bool ec, ok;

	ok = storage_fetch(m->st, 0, 0, psw, sizeof(psw), NULL) == STORAGE_OK;
	ec = psw[1] & 0x08;
	put_be16(address + 2, m->ipl_address);
	if (ec) {
		ok = ok && storage_store(m->st, 0xB8, 0, address, 4, NULL) == STORAGE_OK;
	} else {
		ok = ok && storage_store(m->st, 2, 0, address + 2, 2, NULL) == STORAGE_OK;
		memcpy(psw + 2, address + 2, 2);
	}
	assert(ok);
	cpu370_set_psw(m->cpu[0], be64(psw));
	m->mode = MODE_STOPPED;
	if (m->ipl_stop)
		halt_machine(m, MACHINE_BREAK, 0);
	else if (m->stop_loaded)
		halt_machine(m, MACHINE_STOPPED, 0);
	else
		machine_do_start(m);
}

void machine_do_ipl(struct machine *m, uint16_t address, bool clear, bool stop)
{
	static const uint8_t no_csw[8];

	machine_do_reset(m, true, clear);
	m->ipl_address = address;
	m->ipl_stop = stop;
	m->stop_loaded = false;
	m->mode = MODE_LOADING;
	tell_state(m, MACHINE_LOADING, 0);
	if (channels_ipl(m->cs, address) != 0)
		ipl_fail(m, 3, no_csw);
}

static void ipl_go_on(struct machine *m)
{
	uint8_t csw[8];
	bool ok;

	channels_work(m->cs);
	if (channels_ipl_done(m->cs, m->ipl_address, csw, &ok)) {
		if (ok)
			ipl_finish(m);
		else
			ipl_fail(m, 0, csw);
	} else if (!channels_have_work(m->cs)) {
		sleep_until(m, CLOCK_NEVER);
	}
}

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
			halt_machine(m, MACHINE_STOPPED, n);
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
		halt_machine(m, state_after(why), n);
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
	halt_machine(m, state_after(why), n);
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
			sleep_until(m, earliest_deadline(m));
			m->waiting = 0;
		}
		break;
	case CPU_EXIT_DISABLED_WAIT:
	case CPU_EXIT_CHECK_STOP: cpu_is_out(m, n, exit); break;
	case CPU_EXIT_BREAK:
	case CPU_EXIT_TRACE:
	case CPU_EXIT_LOOP: halt_machine(m, state_after(exit), n); break;
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
		sleep_until(m, CLOCK_NEVER);
}

static void go_on(struct machine *m)
{
	if (m->mode == MODE_RUNNING && !processors_take_turns(m))
		supervise(m);
	else if (m->mode == MODE_RUNNING && !all_stand(m))
		sleep_until(m, CLOCK_NEVER); /* until they do */
	else if (m->mode == MODE_RUNNING && !paused(m))
		run_slice(m);
	else if (m->mode == MODE_LOADING)
		ipl_go_on(m);
	else if (m->mode == MODE_STOPPED && !channels_work(m->cs))
		sleep_until(m, CLOCK_NEVER);
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
	while (serve_queue(m))
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

/* Answer everybody who still waits, and wait until they have left. */
static void drain_queue(struct machine *m)
{
	struct queued *q;

	pthread_mutex_lock(&m->lock);
	while ((q = m->head)) {
		m->head = q->next;
		if (q->posted) {
			free(q->req);
			free(q);
			continue;
		}
		error_set(&q->req->error, 0, "%s: the machine is gone", m->name);
		q->finished = true;
	}
	m->tail = &m->head;
	pthread_cond_broadcast(&m->done);
	while (m->callers)
		pthread_cond_wait(&m->done, &m->lock);
	pthread_mutex_unlock(&m->lock);
}

static void end_threads(struct machine *m)
{
	pthread_mutex_lock(&m->lock);
	m->quit = true;
	wake_locked(m);
	pthread_mutex_unlock(&m->lock);
	pthread_join(m->thread, NULL);
}

void machine_free(struct machine *m)
{
	if (!m)
		return;
	assert(!machine_is_mine(m));
	end_threads(m);
	drain_queue(m);
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

struct clock *machine_clock(struct machine *m)
{
	return m->clock;
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
