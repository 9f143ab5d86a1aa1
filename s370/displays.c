#include "s370/displays.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ebcdic.h"
#include "consoles/console.h"
#include "consoles/listener.h"
#include "consoles/loop.h"
#include "devices/device.h"
#include "devices/machine.h"
#include "s370/teleprinter.h"

#define IN_FLIGHT_MAX 8	   /* writes on their way to a client */
#define TEXTS_MAX     1000 /* of a console that its client has not read */
#define NEWLINE	      0x15
#define RETURN	      0x0D

struct command {
	struct command *next;
	struct display *display;
	uint8_t code; /* of a console: does the text end a line? */
	size_t length;
	uint8_t data[];
};

struct display {
	struct display *next;
	struct displays *all;
	uint16_t address;
	bool typewriter; /* a console, not a display */
	atomic_bool connected;
	pthread_mutex_t lock; /* the next three */
	unsigned in_flight;
	bool refused; /* the guest waits for room */
	bool lost;    /* its client has missed some text */
	/* the loop's thread */
	struct console *console;
	struct command *waiting, **end; /* the client is slow */
	struct teleprinter *printer;	/* of a console; NULL: it has gone */
};

/* A console's read began or ended. */
struct reading {
	struct display *display;
	bool on;
};

/* A console goes, says the operator's thread, which waits. */
struct errand {
	struct displays *all;
	const struct teleprinter *printer;
	sem_t done;
};

struct displays {
	struct machine *machine;
	struct loop *loop;
	struct listener *listener;
	uint16_t port;
	pthread_t thread;
	pthread_mutex_t lock; /* the list; entries stay until the end */
	struct display *displays;
};

/* ---- the loop's thread */

static void post(const struct display *d, struct machine_request req)
{
	req.address = d->address;
	if (d->all->machine)
		machine_post(d->all->machine, &req);
}

/* One command less on its way; a guest that waits may try again. */
static void settle(struct display *d, struct command *c)
{
	bool refused;

	pthread_mutex_lock(&d->lock);
	d->in_flight--;
	refused = d->refused;
	d->refused = false;
	pthread_mutex_unlock(&d->lock);
	free(c);
	if (refused)
		post(d, (struct machine_request){ .kind = MACHINE_TERMINAL_ROOM });
}

static void send_waiting(struct display *d)
{
	while (d->waiting) {
		struct command *c = d->waiting;

		/* Without a client it goes nowhere. */
		if (d->console && console_fullscreen_write(d->console, c->code, c->data,
							   c->length) == CONSOLE_WAIT)
			return;
		d->waiting = c->next;
		if (!d->waiting)
			d->end = &d->waiting;
		settle(d, c);
	}
}

static void deliver(void *arg)
{
	struct command *c = arg;
	struct display *d = c->display;

	*d->end = c;
	d->end = &c->next;
	send_waiting(d);
}

/* The first console that has no client, or NULL. */
static struct display *find_printer(struct displays *all)
{
	struct display *d;

	pthread_mutex_lock(&all->lock);
	d = all->displays;
	while (d && (d->console || !d->printer))
		d = d->next;
	pthread_mutex_unlock(&all->lock);
	return d;
}

/* The free display of that LU name ("": any), or NULL. */
static struct display *find_free(struct displays *all, const char *lu)
{
	struct display *d;
	char *end;
	unsigned long address = strtoul(lu, &end, 16);
	bool any = !*lu || *end;

	pthread_mutex_lock(&all->lock);
	d = all->displays;
	while (d && (d->console || d->typewriter || (!any && d->address != address)))
		d = d->next;
	pthread_mutex_unlock(&all->lock);
	return d;
}

static bool on_lu(void *arg, struct console *c, char name[9])
{
	const struct display *d = find_free(arg, name);

	(void)c;
	if (d)
		snprintf(name, 9, "%03X", d->address);
	return d || !*name; /* who named none is told why when it is open */
}

static void say(struct console *c, const char *text)
{
	uint8_t line[80];
	size_t n = strlen(text);

	ebcdic_from_latin1(&codepage_037, line, text, n);
	console_write(c, line, n, 0);
}

/* ---- consoles */

/* One text in lines; what follows a return or new line begins a new one. */
static void print_text(struct console *c, const uint8_t *text, size_t n, bool newline)
{
	size_t from = 0;

	for (size_t i = 0; i < n; i++)
		if (text[i] == NEWLINE || text[i] == RETURN) {
			console_write(c, text + from, i - from, 0);
			from = i + 1;
		}
	if (from < n || newline)
		console_write(c, text + from, n - from, newline ? 0 : CONSOLE_NO_NEWLINE);
}

static void print_waiting(struct display *d)
{
	while (d->waiting) {
		struct command *c = d->waiting;

		if (d->console && !console_room(d->console))
			return;
		if (d->console)
			print_text(d->console, c->data, c->length, c->code);
		d->waiting = c->next;
		if (!d->waiting)
			d->end = &d->waiting;
		settle(d, c);
	}
}

/* The console is free at once; the client may take long to hear of it. */
static void send_away(struct display *d)
{
	struct console *c = d->console;

	atomic_store(&d->connected, false);
	d->console = NULL;
	print_waiting(d); /* which goes nowhere */
	console_set_data(c, NULL);
	console_clear(c);
	console_close(c);
}

static void print(void *arg)
{
	struct command *c = arg;
	struct display *d = c->display;

	*d->end = c;
	d->end = &c->next;
	print_waiting(d);
}

/* The client has missed some text, which is more than he may leave unread. */
static void lose(void *arg)
{
	struct display *d = arg;

	if (d->console)
		send_away(d);
}

static void show_reading(void *arg)
{
	struct reading *e = arg;

	if (e->display->console)
		console_set_status(e->display->console,
				   e->on ? CONSOLE_VM_READ : CONSOLE_RUNNING, false);
	free(e);
}

/* On any thread, with the teleprinter's lock held. */
static void on_written(void *arg, const uint8_t *text, size_t length, bool newline)
{
	struct display *d = arg;
	struct command *c;
	bool room, first;

	if (!atomic_load(&d->connected))
		return;
	pthread_mutex_lock(&d->lock);
	room = d->in_flight < TEXTS_MAX;
	d->in_flight += room;
	first = !room && !d->lost;
	d->lost |= !room;
	pthread_mutex_unlock(&d->lock);
	if (first)
		loop_post(d->all->loop, lose, d);
	c = room ? malloc(sizeof(*c) + length) : NULL;
	if (!c)
		return;
	*c = (struct command){ .display = d, .code = newline, .length = length };
	if (length)
		memcpy(c->data, text, length);
	loop_post(d->all->loop, print, c);
}

static void on_reading(void *arg, bool on)
{
	struct display *d = arg;
	struct reading *e = atomic_load(&d->connected) ? malloc(sizeof(*e)) : NULL;

	if (!e)
		return;
	*e = (struct reading){ .display = d, .on = on };
	loop_post(d->all->loop, show_reading, e);
}

static void open_console(struct display *d, struct console *c)
{
	char text[40];

	d->console = c;
	pthread_mutex_lock(&d->lock);
	d->lost = false;
	pthread_mutex_unlock(&d->lock);
	console_set_data(c, d);
	console_set_echo(c, false);
	snprintf(text, sizeof(text), "CONSOLE %03X", d->address);
	say(c, text);
	atomic_store(&d->connected, true);
	if (teleprinter_reading(d->printer))
		console_set_status(c, CONSOLE_VM_READ, false);
}

static void press_request(const struct display *d)
{
	post(d, (struct machine_request){ .kind = MACHINE_ATTENTION,
					  .value = US_ATTENTION });
}

static enum console_taken on_line(void *arg, struct console *c, const uint8_t *text,
				  size_t length)
{
	struct display *d = console_data(c);

	(void)arg;
	if (d && d->printer && !teleprinter_enter(d->printer, text, length))
		press_request(d);
	return CONSOLE_ACCEPTED;
}

static void on_key(void *arg, struct console *c, enum console_key key)
{
	const struct display *d = console_data(c);

	(void)arg;
	(void)key;
	if (d && d->printer)
		press_request(d);
}

static void on_drained(void *arg, struct console *c)
{
	struct display *d = console_data(c);

	(void)arg;
	if (d && d->printer)
		print_waiting(d);
}

/* ---- all clients */

static void on_opened(void *arg, struct console *c)
{
	bool screen = console_is_3270(c);
	struct display *d = screen ? find_free(arg, console_lu(c)) : find_printer(arg);

	if (!d) {
		say(c, screen ? "NO DISPLAY IS FREE" : "NO CONSOLE IS FREE");
		console_close(c);
		return;
	}
	if (!screen) {
		open_console(d, c);
		return;
	}
	d->console = c;
	console_set_data(c, d);
	console_dial(c, true);
	atomic_store(&d->connected, true);
	post(d, (struct machine_request){ .kind = MACHINE_READY, .on = true });
}

static void on_closed(void *arg, struct console *c)
{
	struct display *d = console_data(c);

	(void)arg;
	if (!d)
		return;
	atomic_store(&d->connected, false);
	d->console = NULL;
	if (d->typewriter)
		print_waiting(d);
	else
		send_waiting(d);
}

static void on_record(void *arg, struct console *c, const uint8_t *record, size_t length)
{
	struct display *d = console_data(c);
	const struct machine_request req = {
		.kind = MACHINE_TERMINAL_INPUT,
		.data = (uint8_t *)(uintptr_t)record, /* copied */
		.length = length,
	};

	(void)arg;
	if (d)
		post(d, req);
}

static void on_fullscreen_ready(void *arg, struct console *c)
{
	(void)arg;
	if (console_data(c))
		send_waiting(console_data(c));
}

static void on_nothing(void *arg, struct console *c)
{
	(void)arg;
	(void)c;
}

static const struct console_events events = {
	.opened = on_opened,
	.logo_key = on_nothing,
	.line = on_line,
	.key = on_key,
	.drained = on_drained,
	.cancelled = on_nothing,
	.closed = on_closed,
	.record = on_record,
	.fullscreen_ready = on_fullscreen_ready,
	.lu = on_lu,
};

static void *displays_main(void *arg)
{
	struct displays *all = arg;

	loop_run(all->loop);
	return NULL;
}

/* ---- the machine's thread */

static bool display_ready(void *arg)
{
	const struct display *d = arg;

	return atomic_load(&d->connected);
}

static bool send_command(struct display *d, uint8_t code, const uint8_t *data,
			 size_t length)
{
	struct command *c = malloc(sizeof(*c) + length);

	if (!c)
		return false;
	*c = (struct command){ .display = d, .code = code, .length = length };
	if (length)
		memcpy(c->data, data, length);
	loop_post(d->all->loop, deliver, c);
	return true;
}

static enum terminal_result display_write(void *arg, uint8_t command, const uint8_t *data,
					  size_t length)
{
	struct display *d = arg;
	bool room;

	pthread_mutex_lock(&d->lock);
	room = d->in_flight < IN_FLIGHT_MAX;
	if (room)
		d->in_flight++;
	else
		d->refused = true;
	pthread_mutex_unlock(&d->lock);
	if (!room)
		return TERMINAL_NO_ROOM;
	return send_command(d, command, data, length) ? TERMINAL_TAKEN : TERMINAL_BAD;
}

static void display_read(void *arg, uint8_t command)
{
	struct display *d = arg;

	/* One more than the limit: there is at most one of them. */
	pthread_mutex_lock(&d->lock);
	d->in_flight++;
	pthread_mutex_unlock(&d->lock);
	send_command(d, command, NULL, 0);
}

/* A 3270 has no lines; these two are never asked of it. */
static bool no_write(void *arg, const uint8_t *text, size_t length, unsigned flags)
{
	(void)arg;
	(void)text;
	(void)length;
	(void)flags;
	return true;
}

static void no_read(void *arg, size_t max)
{
	(void)arg;
	(void)max;
}

static void cancel(void *arg)
{
	(void)arg;
}

static const struct terminal_ops ops = {
	.ready = display_ready,
	.write = no_write,
	.read = no_read,
	.cancel = cancel,
	.write3270 = display_write,
	.read3270 = display_read,
};

/* ---- the operator's thread */

static struct display *display_new(struct displays *all, uint16_t address)
{
	struct display *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->all = all;
	d->address = address;
	d->end = &d->waiting;
	pthread_mutex_init(&d->lock, NULL);
	return d;
}

/* Put it where its address belongs. */
static void enter_locked(struct displays *all, struct display *d)
{
	struct display **link = &all->displays;

	while (*link && (*link)->address < d->address)
		link = &(*link)->next;
	d->next = *link;
	*link = d;
}

struct terminal displays_terminal(struct displays *all, uint16_t address)
{
	struct display *d;

	pthread_mutex_lock(&all->lock);
	d = all->displays;
	while (d && (d->typewriter || d->address != address))
		d = d->next;
	if (!d && (d = display_new(all, address)) != NULL)
		enter_locked(all, d);
	pthread_mutex_unlock(&all->lock);
	return (struct terminal){ .ops = d ? &ops : NULL, .arg = d };
}

bool displays_add_console(struct displays *all, struct teleprinter *t)
{
	struct display *d = display_new(all, teleprinter_address(t));
	const struct teleprinter_watcher watcher = { on_written, on_reading, d };

	if (!d)
		return false;
	d->typewriter = true;
	d->printer = t;
	teleprinter_watch(t, &watcher);
	pthread_mutex_lock(&all->lock);
	enter_locked(all, d);
	pthread_mutex_unlock(&all->lock);
	return true;
}

/* On the loop's thread. */
static void drop_console(void *arg)
{
	struct errand *e = arg;
	struct display *d;

	pthread_mutex_lock(&e->all->lock);
	for (d = e->all->displays; d && d->printer != e->printer;)
		d = d->next;
	if (d)
		d->printer = NULL;
	pthread_mutex_unlock(&e->all->lock);
	if (d && d->console)
		send_away(d);
	sem_post(&e->done);
}

void displays_drop_console(struct displays *all, const struct teleprinter *t)
{
	struct errand e = { .all = all, .printer = t };

	sem_init(&e.done, 0, 0);
	loop_post(all->loop, drop_console, &e);
	while (sem_wait(&e.done) != 0)
		;
	sem_destroy(&e.done);
}

struct displays *displays_new(struct machine *machine, const char *host, uint16_t port,
			      struct error *err)
{
	const struct listener_options options = { .bind = host, .port = port };
	struct displays *all = calloc(1, sizeof(*all));

	if (!all) {
		error_set(err, ENOMEM, "no memory for displays");
		return NULL;
	}
	all->machine = machine;
	pthread_mutex_init(&all->lock, NULL);
	all->loop = loop_new(err);
	if (all->loop)
		all->listener = listener_new(all->loop, &options, &events, all, err);
	if (all->listener &&
	    pthread_create(&all->thread, NULL, displays_main, all) == 0) {
		all->port = listener_port(all->listener);
		return all;
	}
	if (all->listener)
		listener_free(all->listener);
	if (all->loop)
		loop_free(all->loop);
	pthread_mutex_destroy(&all->lock);
	free(all);
	return NULL;
}

uint16_t displays_port(const struct displays *all)
{
	return all->port;
}

void displays_stop(struct displays *all)
{
	loop_stop(all->loop);
	pthread_join(all->thread, NULL);
	listener_free(all->listener);
}

void displays_free(struct displays *all)
{
	all->machine = NULL;
	loop_drain(all->loop); /* commands that came after the end */
	loop_free(all->loop);
	while (all->displays) {
		struct display *d = all->displays;

		all->displays = d->next;
		pthread_mutex_destroy(&d->lock);
		free(d);
	}
	pthread_mutex_destroy(&all->lock);
	free(all);
}
