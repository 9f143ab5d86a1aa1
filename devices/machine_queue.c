/*
 * devices/machine_queue.c - the requests of a machine: how other threads queue them,
 * and how the machine's thread takes and answers them, between two instructions, in
 * its wait, or inside one that waits for the owner (machine_serve()).
 */
#include "devices/machine_int.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

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
bool machine_serve_queue(struct machine *m)
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

/* Answer everybody who still waits, and wait until they have left. */
void machine_drain_queue(struct machine *m)
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

/* ---- inside an instruction */

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
		machine_sleep_until(m, CLOCK_NEVER);
		alive = machine_serve_queue(m);
	}
	m->serving--;
	owner_waits(m, false);
	/* What was passed over is looked at when the instruction has ended. */
	machine_wake(m);
	return alive;
}
