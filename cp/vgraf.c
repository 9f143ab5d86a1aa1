#include "cp/vgraf.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "consoles/console.h"
#include "cp/session.h"
#include "cp/vmblok.h"

/* 3270 commands between the machine's thread and the CP thread. */
#define IN_FLIGHT_MAX 8

struct graf_command {
	struct graf_command *next;
	struct vgraf *graf; /* counted */
	uint8_t command;
	size_t length;
	uint8_t data[];
};

struct vgraf {
	atomic_uint refs;
	atomic_bool connected;
	uint16_t vaddr;
	struct vmblok *owner;  /* NULL: the device is gone */
	struct cp *cp;
	pthread_mutex_t lock;  /* the next two */
	unsigned in_flight;
	bool refused;          /* the guest waits for room */
	/* CP thread: */
	struct vmblok *dialer; /* counted */
	struct graf_command *waiting, **waiting_end; /* the client is slow */
};

static void graf_put(struct vgraf *g)
{
	if (atomic_fetch_sub(&g->refs, 1) != 1)
		return;
	pthread_mutex_destroy(&g->lock);
	free(g);
}

struct vgraf *vgraf_new(struct vmblok *owner, uint16_t vaddr)
{
	struct vgraf *g = calloc(1, sizeof(*g));

	if (!g)
		BUG("no memory for a virtual 3270");
	atomic_init(&g->refs, 1);
	atomic_init(&g->connected, false);
	pthread_mutex_init(&g->lock, NULL);
	g->vaddr = vaddr;
	g->owner = owner;
	g->cp = owner->cp;
	g->waiting_end = &g->waiting;
	return g;
}

static void post(struct vgraf *g, struct machine_request req)
{
	req.address = g->vaddr;
	if (g->owner && g->owner->machine)
		machine_post(g->owner->machine, &req);
}

/* ---- commands on the CP thread */

/* One command less on its way; a guest that waits may try again. */
static void settle(struct vgraf *g, struct graf_command *c)
{
	bool refused;

	pthread_mutex_lock(&g->lock);
	g->in_flight--;
	refused = g->refused;
	g->refused = false;
	pthread_mutex_unlock(&g->lock);
	if (refused)
		post(g, (struct machine_request){ .kind = MACHINE_TERMINAL_ROOM });
	graf_put(g);
	free(c);
}

void vgraf_resume(struct vgraf *g)
{
	while (g->waiting) {
		struct graf_command *c = g->waiting;

		/* Without a terminal it goes nowhere; the next one is refused. */
		if (g->dialer && g->dialer->console &&
		    console_fullscreen_write(g->dialer->console, c->command, c->data,
					     c->length) == CONSOLE_WAIT)
			return;
		g->waiting = c->next;
		if (!g->waiting)
			g->waiting_end = &g->waiting;
		settle(g, c);
	}
}

static void deliver(void *arg)
{
	struct graf_command *c = arg;
	struct vgraf *g = c->graf;

	*g->waiting_end = c;
	g->waiting_end = &c->next;
	atomic_fetch_add(&g->refs, 1);
	vgraf_resume(g);
	graf_put(g);
}

/* ---- the machine's thread */

static bool graf_ready(void *arg)
{
	struct vgraf *g = arg;

	return atomic_load(&g->connected);
}

static void send_command(struct vgraf *g, uint8_t command, const uint8_t *data, size_t length)
{
	struct graf_command *c = malloc(sizeof(*c) + length);

	if (!c)
		BUG("no memory for a 3270 command");
	atomic_fetch_add(&g->refs, 1);
	*c = (struct graf_command){ .graf = g, .command = command, .length = length };
	if (length)
		memcpy(c->data, data, length);
	loop_post(g->cp->loop, deliver, c);
}

static enum terminal_result graf_write3270(void *arg, uint8_t command, const uint8_t *data,
					   size_t length)
{
	struct vgraf *g = arg;
	bool room;

	pthread_mutex_lock(&g->lock);
	room = g->in_flight < IN_FLIGHT_MAX;
	if (room)
		g->in_flight++;
	else
		g->refused = true;
	pthread_mutex_unlock(&g->lock);
	if (room)
		send_command(g, command, data, length);
	return room ? TERMINAL_TAKEN : TERMINAL_NO_ROOM;
}

static void graf_read3270(void *arg, uint8_t command)
{
	struct vgraf *g = arg;

	/* A read is one more than the limit: there is at most one of them. */
	pthread_mutex_lock(&g->lock);
	g->in_flight++;
	pthread_mutex_unlock(&g->lock);
	send_command(g, command, NULL, 0);
}

/* A 3270 has no lines; these two are never asked of it. */
static bool graf_write(void *arg, const uint8_t *text, size_t length, unsigned flags)
{
	(void)arg;
	(void)text;
	(void)length;
	(void)flags;
	return true;
}

static void graf_read(void *arg, size_t max)
{
	(void)arg;
	(void)max;
}

static void graf_cancel(void *arg)
{
	(void)arg;
}

struct terminal vgraf_terminal(struct vgraf *g)
{
	static const struct terminal_ops ops = {
		.ready = graf_ready, .write = graf_write, .read = graf_read,
		.cancel = graf_cancel, .write3270 = graf_write3270, .read3270 = graf_read3270,
	};

	return (struct terminal){ .ops = &ops, .arg = g };
}

/* ---- dialing */

struct vmblok *vgraf_dialer(const struct vgraf *g)
{
	return g->dialer;
}

void vgraf_dial(struct vgraf *g, struct vmblok *dialer)
{
	g->dialer = vm_get(dialer);
	dialer->dialed = g;
	atomic_fetch_add(&g->refs, 1);
	console_dial(dialer->console, true);
	atomic_store(&g->connected, true);
	post(g, (struct machine_request){ .kind = MACHINE_READY, .on = true });
}

void vgraf_record(struct vgraf *g, const uint8_t *record, size_t length)
{
	uint8_t *copy = malloc(length + 1);

	if (!copy)
		BUG("no memory for a 3270 record");
	memcpy(copy, record, length);
	post(g, (struct machine_request){ .kind = MACHINE_TERMINAL_INPUT, .data = copy,
					  .length = length });
	free(copy); /* machine_post() has its own */
}

void vgraf_drop(struct vgraf *g, bool gone)
{
	struct vmblok *dialer = g->dialer;
	char terminal[16];

	if (!dialer)
		return;
	atomic_store(&g->connected, false);
	g->dialer = NULL;
	dialer->dialed = NULL;
	vgraf_resume(g); /* what waited goes nowhere now */
	cp_tell_operator(g->cp, NULL, "%s DROP FROM %-8s DIALED= %03u",
			 vm_terminal(dialer, terminal), g->owner->userid, vm_dialed(g->cp));
	if (!gone) {
		struct console *c = dialer->console;

		console_dial(c, false);
		dialer->console = NULL;
		vm_remove(dialer);
		session_logo(c);
	}
	vm_put(dialer);
	graf_put(g);
}

void vgraf_free(struct vgraf *g)
{
	if (!g)
		return;
	vgraf_drop(g, false);
	g->owner = NULL;
	graf_put(g);
}
