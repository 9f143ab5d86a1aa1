#include "devices/line_cable.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A WRITE is over when no more than this of it is left: the line itself holds some. */
#define ON_THE_LINE 4096u
#define BUFFER_MAX  (LINE_OUT_MAX + ON_THE_LINE)

struct line_end {
	struct line_cable *cable;
	bool answering;
	bool told; /* woken, and has not looked since */
	void (*wake)(void *arg);
	void *arg;
	void (*set_clock)(void *arg, unsigned ms);
	void *clock_arg;
	bool timed_out;
	/* what the other end has sent */
	uint8_t *bytes;
	size_t first, count, size;
	bool unsent; /* the last connection ended with more of ours than a line holds */
};

struct line_cable {
	pthread_mutex_t lock; /* everything, also of the ends */
	bool connected;
	unsigned references; /* ends that are there, and holders */
	struct line_end end[2];
};

static struct line_end *other_of(const struct line_end *e)
{
	struct line_cable *c = e->cable;

	return &c->end[e == &c->end[0]];
}

static void lock(struct line_end *e)
{
	pthread_mutex_lock(&e->cable->lock);
}

static void unlock(struct line_end *e)
{
	pthread_mutex_unlock(&e->cable->lock);
}

static void wake_locked(struct line_end *e)
{
	if (!e->wake || e->told)
		return;
	e->told = true;
	e->wake(e->arg);
}

static void drop_bytes_locked(struct line_end *e)
{
	free(e->bytes);
	e->bytes = NULL;
	e->first = e->count = e->size = 0;
}

/* ---- connecting */

static void connect_locked(struct line_cable *c)
{
	if (c->connected || !c->end[0].answering || !c->end[1].answering)
		return;
	c->connected = true;
	for (int i = 0; i < 2; i++) {
		c->end[i].answering = false;
		c->end[i].unsent = false;
		drop_bytes_locked(&c->end[i]);
		wake_locked(&c->end[i]);
	}
}

/* e ends it; the other may read what was sent before. */
static void hang_up_locked(struct line_end *e)
{
	struct line_end *other = other_of(e);

	e->answering = false;
	other->unsent |= e->count > ON_THE_LINE;
	drop_bytes_locked(e);
	if (!e->cable->connected)
		return;
	e->cable->connected = false;
	wake_locked(other);
}

static void answer(void *wire, bool on)
{
	struct line_end *e = wire;

	lock(e);
	if (!e->cable->connected) {
		if (e->answering != on)
			wake_locked(other_of(e));
		e->answering = on;
		drop_bytes_locked(e);
		connect_locked(e->cable);
	}
	unlock(e);
}

static void hang_up(void *wire)
{
	struct line_end *e = wire;

	lock(e);
	if (e->answering)
		wake_locked(other_of(e));
	hang_up_locked(e);
	unlock(e);
}

static enum line_state look(void *wire)
{
	struct line_end *e = wire;
	enum line_state state = LINE_IDLE;

	lock(e);
	e->told = false;
	if (e->cable->connected)
		state = LINE_CONNECTED;
	else if (e->answering)
		state = LINE_TRYING;
	else if (e->count)
		state = LINE_ENDED;
	unlock(e);
	return state;
}

/* ---- bytes */

static void flush(void *wire)
{
	struct line_end *e = wire;

	lock(e);
	drop_bytes_locked(e);
	wake_locked(other_of(e));
	unlock(e);
}

static size_t read_bytes(void *wire, uint8_t *bytes, size_t n)
{
	struct line_end *e = wire;
	size_t before;

	lock(e);
	before = e->count;
	if (n > e->count)
		n = e->count;
	if (n)
		memcpy(bytes, e->bytes + e->first, n);
	e->first += n;
	e->count -= n;
	if (e->count == 0)
		drop_bytes_locked(e);
	if (before > ON_THE_LINE && e->count <= ON_THE_LINE)
		wake_locked(other_of(e));
	unlock(e);
	return n;
}

static bool has_bytes(void *wire)
{
	struct line_end *e = wire;
	bool has;

	lock(e);
	has = e->count > 0;
	unlock(e);
	return has;
}

static bool make_room_locked(struct line_end *e, size_t n)
{
	uint8_t *bytes;

	if (n > BUFFER_MAX - e->count)
		return false;
	if (e->first)
		memmove(e->bytes, e->bytes + e->first, e->count);
	e->first = 0;
	if (e->count + n <= e->size)
		return true;
	bytes = realloc(e->bytes, e->count + n);
	if (!bytes)
		return false;
	e->bytes = bytes;
	e->size = e->count + n;
	return true;
}

static bool write_bytes(void *wire, const uint8_t *bytes, size_t n)
{
	struct line_end *e = wire, *other = other_of(e);
	bool ok;

	lock(e);
	ok = e->cable->connected && (n == 0 || make_room_locked(other, n));
	if (ok && n) {
		memcpy(other->bytes + other->count, bytes, n);
		other->count += n;
		wake_locked(other);
	}
	unlock(e);
	return ok;
}

static bool written(void *wire)
{
	struct line_end *e = wire;
	bool all;

	lock(e);
	all = other_of(e)->count <= ON_THE_LINE && !e->unsent;
	unlock(e);
	return all;
}

/* ---- time */

static void timer(void *wire, unsigned ms)
{
	struct line_end *e = wire;

	lock(e);
	e->timed_out = false;
	if (e->set_clock)
		e->set_clock(e->clock_arg, ms);
	unlock(e);
}

static bool timed_out(void *wire)
{
	struct line_end *e = wire;
	bool out;

	lock(e);
	out = e->timed_out;
	unlock(e);
	return out;
}

void line_end_clock(struct line_end *e, void (*set)(void *arg, unsigned ms), void *arg)
{
	lock(e);
	e->set_clock = set;
	e->clock_arg = arg;
	unlock(e);
}

void line_end_expire(struct line_end *e)
{
	lock(e);
	e->timed_out = true;
	wake_locked(e);
	unlock(e);
}

/* ---- the cable */

bool line_cable_new(struct line_end *ends[2])
{
	struct line_cable *c = calloc(1, sizeof(*c));

	if (!c)
		return false;
	pthread_mutex_init(&c->lock, NULL);
	c->references = 2;
	for (int i = 0; i < 2; i++) {
		c->end[i].cable = c;
		ends[i] = &c->end[i];
	}
	return true;
}

struct line_end *line_end_hold(struct line_end *e)
{
	lock(e);
	e->cable->references++;
	unlock(e);
	return e;
}

/* The last one takes the cable with him. */
void line_end_release(struct line_end *e)
{
	struct line_cable *c = e->cable;
	bool last;

	lock(e);
	last = --c->references == 0;
	unlock(e);
	if (!last)
		return;
	drop_bytes_locked(&c->end[0]);
	drop_bytes_locked(&c->end[1]);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static void close_end(void *wire)
{
	struct line_end *e = wire;

	lock(e);
	if (e->answering)
		wake_locked(other_of(e));
	e->wake = NULL;
	e->set_clock = NULL;
	hang_up_locked(e);
	unlock(e);
	line_end_release(e);
}

void line_end_drop(struct line_end *e)
{
	close_end(e);
}

bool line_end_answers(struct line_end *e)
{
	bool answers;

	lock(e);
	answers = e->cable->connected || e->answering;
	unlock(e);
	return answers;
}

struct line_wire line_end_wire(struct line_end *e, void (*wake)(void *arg), void *arg)
{
	static const struct line_wire_ops ops = {
		.close = close_end,
		.look = look,
		.answer = answer,
		.hang_up = hang_up,
		.flush = flush,
		.read = read_bytes,
		.has_bytes = has_bytes,
		.write = write_bytes,
		.written = written,
		.timer = timer,
		.timed_out = timed_out,
	};

	lock(e);
	e->wake = wake;
	e->arg = arg;
	unlock(e);
	return (struct line_wire){ .ops = &ops, .arg = e };
}
