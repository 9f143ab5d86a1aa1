#include "cp/vconsole.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "consoles/console.h"
#include "consoles/loop.h"
#include "cp/vmblok.h"
#include "devices/terminal.h"

/* Lines between the machine's thread and the CP thread before the guest waits. */
#define IN_FLIGHT_MAX 32

/* What crosses from the machine's thread to the CP thread. */
struct vconsole_event {
	struct vmblok *vm; /* counted */
	enum { EVENT_WRITE, EVENT_READ, EVENT_CANCEL } kind;
	unsigned flags;
	size_t length; /* of text; of a read: its limit */
	uint8_t text[];
};

void vconsole_init(struct vconsole *vc)
{
	*vc = (struct vconsole){ .vaddr = 0 };
	pthread_mutex_init(&vc->lock, NULL);
}

static void forget_typed(struct vconsole *vc)
{
	while (vc->typed) {
		struct typed_line *line = vc->typed;

		vc->typed = line->next;
		free(line);
	}
}

void vconsole_release(struct vconsole *vc)
{
	forget_typed(vc);
	pthread_mutex_destroy(&vc->lock);
}

/* ---- the CP thread's side of an event */

static void post(struct vmblok *vm, enum machine_request_kind kind, uint8_t *data,
		 size_t length, uint32_t value)
{
	struct machine_request req = { .kind = kind, .address = vm->vconsole.vaddr,
				       .data = data, .length = length, .value = value };

	if (vm->machine)
		machine_post(vm->machine, &req);
}

static void show(struct vmblok *vm, const struct vconsole_event *e)
{
	struct vconsole *vc = &vm->vconsole;
	bool room = true;

	if (vm->console) {
		console_write(vm->console, e->text, e->length,
			      (e->flags & TERMINAL_ALARM ? CONSOLE_ALARM : 0) |
			      (e->flags & TERMINAL_NEWLINE ? 0 : CONSOLE_NO_NEWLINE));
		room = console_room(vm->console);
	}
	pthread_mutex_lock(&vc->lock);
	vc->in_flight--;
	vc->full = !room;
	pthread_mutex_unlock(&vc->lock);
	if (room)
		vconsole_room(vm);
}

/* Give the guest the oldest typed line, if it is waiting for one. */
static void answer_read(struct vmblok *vm)
{
	struct vconsole *vc = &vm->vconsole;
	struct typed_line *line = vc->typed;

	if (!vc->reading || !line)
		return;
	vc->typed = line->next;
	vc->reading = false;
	post(vm, MACHINE_TERMINAL_INPUT, line->text,
	     line->length < vc->read_max ? line->length : vc->read_max, 0);
	free(line);
}

static void deliver(void *arg)
{
	struct vconsole_event *e = arg;
	struct vmblok *vm = e->vm;

	if (!vm->leaving) {
		switch (e->kind) {
		case EVENT_WRITE:
			show(vm, e);
			break;
		case EVENT_READ:
			vm->vconsole.reading = true;
			vm->vconsole.read_max = e->length;
			answer_read(vm);
			break;
		case EVENT_CANCEL:
			vm->vconsole.reading = false;
			break;
		}
		vm_show_status(vm);
	}
	vm_put(vm);
	free(e);
}

/* ---- the machine's thread */

static void send_event(struct vmblok *vm, int kind, unsigned flags, const uint8_t *text,
		       size_t length)
{
	size_t carried = text ? length : 0;
	struct vconsole_event *e = malloc(sizeof(*e) + carried);

	if (!e)
		BUG("no memory for a console line");
	e->vm = vm_get(vm);
	e->kind = kind;
	e->flags = flags;
	e->length = length;
	if (carried)
		memcpy(e->text, text, carried);
	loop_post(vm->cp->loop, deliver, e);
}

/*
 * A disconnected user's console is there: what the guest writes is lost (or
 * spooled), and a read waits for the user to come back.
 */
static bool terminal_ready(void *arg)
{
	(void)arg;
	return true;
}

static bool terminal_write(void *arg, const uint8_t *text, size_t length, unsigned flags)
{
	struct vmblok *vm = arg;
	struct vconsole *vc = &vm->vconsole;
	bool room;

	pthread_mutex_lock(&vc->lock);
	room = !vc->full && vc->in_flight < IN_FLIGHT_MAX;
	if (room)
		vc->in_flight++;
	else
		vc->refused = true;
	pthread_mutex_unlock(&vc->lock);
	if (room)
		send_event(vm, EVENT_WRITE, flags, text, length);
	return room;
}

static void terminal_read(void *arg, size_t max)
{
	send_event(arg, EVENT_READ, 0, NULL, max);
}

static void terminal_cancel(void *arg)
{
	send_event(arg, EVENT_CANCEL, 0, NULL, 0);
}

struct terminal vconsole_terminal(struct vmblok *vm)
{
	static const struct terminal_ops ops = {
		.ready = terminal_ready, .write = terminal_write, .read = terminal_read,
		.cancel = terminal_cancel,
	};

	return (struct terminal){ .ops = &ops, .arg = vm };
}

/* ---- the CP thread */

static void append(struct vconsole *vc, const uint8_t *text, size_t length)
{
	struct typed_line *line = malloc(sizeof(*line) + length), **end = &vc->typed;

	if (!line)
		BUG("no memory for a typed line");
	line->next = NULL;
	line->length = length;
	if (length)
		memcpy(line->text, text, length);
	while (*end)
		end = &(*end)->next;
	*end = line;
}

bool vconsole_line(struct vmblok *vm, const uint8_t *text, size_t length)
{
	struct vconsole *vc = &vm->vconsole;
	bool was_reading = vc->reading;

	if (!vc->present)
		return true; /* no console: the line goes nowhere, as on a real 370 */
	if (vc->typed)
		return false;
	append(vc, text, length);
	if (was_reading)
		answer_read(vm);
	else
		vconsole_attention(vm);
	vm_show_status(vm);
	return true;
}

void vconsole_more(struct vmblok *vm, const uint8_t *text, size_t length)
{
	if (vm->vconsole.present)
		append(&vm->vconsole, text, length);
	answer_read(vm);
}

void vconsole_attention(struct vmblok *vm)
{
	if (vm->vconsole.present)
		post(vm, MACHINE_ATTENTION, NULL, 0, 0x80);
}

void vconsole_room(struct vmblok *vm)
{
	struct vconsole *vc = &vm->vconsole;
	bool waiting;

	pthread_mutex_lock(&vc->lock);
	vc->full = false;
	waiting = vc->refused;
	vc->refused = false;
	pthread_mutex_unlock(&vc->lock);
	if (waiting)
		post(vm, MACHINE_TERMINAL_ROOM, NULL, 0, 0);
}

void vconsole_reset(struct vmblok *vm)
{
	forget_typed(&vm->vconsole);
	vm->vconsole.reading = false;
}
