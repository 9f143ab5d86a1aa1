#include "cp/vconsole.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/ebcdic.h"
#include "base/error.h"
#include "consoles/console.h"
#include "consoles/loop.h"
#include "cp/consolespool.h"
#include "cp/trace.h"
#include "cp/vmblok.h"
#include "devices/terminal.h"

/* Lines between the machine's thread and the CP thread before the guest waits. */
#define IN_FLIGHT_MAX 32

/* What crosses from the machine's thread to the CP thread. */
struct vconsole_event {
	struct vmblok *vm; /* counted */
	enum { EVENT_WRITE, EVENT_READ, EVENT_CANCEL, EVENT_DISPLAY } kind;
	unsigned flags; /* TERMINAL_*; of a display: command and control byte */
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
	free(vc->display);
	free(vc->record);
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

/* TERMINAL TIMESTAMP: the time before each line of the guest. */
static void stamp(struct vmblok *vm)
{
	char text[16];
	uint8_t line[16];
	size_t n = strlen(termset_stamp(vm, text));

	if (!n || vm->vconsole.continues)
		return;
	ebcdic_from_latin1(&codepage_bracket, line, text, n);
	consolespool_text(vm, line, n, false);
	if (vm->console && !consolespool_hides(vm))
		console_write(vm->console, line, n, CONSOLE_NO_NEWLINE);
}

static void show(struct vmblok *vm, const struct vconsole_event *e)
{
	struct vconsole *vc = &vm->vconsole;
	bool room = true;

	stamp(vm);
	vc->continues = !(e->flags & TERMINAL_NEWLINE);
	consolespool_text(vm, e->text, e->length, e->flags & TERMINAL_NEWLINE);
	if (vm->console && !consolespool_hides(vm)) {
		console_write(vm->console, e->text, e->length,
			      (e->flags & TERMINAL_ALARM ? CONSOLE_ALARM : 0) |
			      (e->flags & TERMINAL_NEWLINE ? 0 : CONSOLE_NO_NEWLINE));
		vm_line_written(vm);
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

/* ---- DIAGNOSE X'58' */

enum { DISPLAY_LINES = 0x19, SCREEN_WRITE = 0x29, SCREEN_READ = 0x2A };

/* Byte 5 of the CCW. */
enum {
	CONTROL_ERASE = 0x80, CONTROL_ALTERNATE = 0x40, CONTROL_STRUCTURED = 0x20,
	CONTROL_PA1 = 0x10, CONTROL_LINE = 0x3F, CONTROL_CLEAR = 0xFF, CONTROL_FORMAT = 0xFE,
};

/* Unit status of the answers. */
enum { DISPLAY_OK = 0x0C, DISPLAY_REFUSED = 0x0E, DISPLAY_TAKEN = 0x8E };

static enum console_fullscreen display_lines(struct console *c, uint8_t control,
					     const struct vconsole_event *e)
{
	if (control == CONTROL_CLEAR || control == CONTROL_FORMAT)
		return console_display(c, 0, true, NULL, 0);
	return console_display(c, control & CONTROL_LINE, control & CONTROL_ERASE, e->text,
			       e->length);
}

static enum console_fullscreen write_screen(struct console *c, uint8_t control,
					    const struct vconsole_event *e)
{
	uint8_t command = 0x01;

	if (control & CONTROL_STRUCTURED)
		command = 0x11;
	else if (control & CONTROL_ERASE)
		command = control & CONTROL_ALTERNATE ? 0x0D : 0x05;
	if (command == 0x05 || command == 0x0D)
		console_fullscreen_pa1(c, control & CONTROL_PA1);
	return console_fullscreen_write(c, command, e->text, e->length);
}

/* true: the record comes later, as an event of the terminal. */
static bool read_screen(struct vmblok *vm, uint8_t control, enum console_fullscreen *answer)
{
	struct vconsole *vc = &vm->vconsole;

	if (vc->record) {
		post(vm, MACHINE_TERMINAL_INPUT, vc->record, vc->record_length, DISPLAY_OK);
		free(vc->record);
		vc->record = NULL;
		return true;
	}
	*answer = console_fullscreen_write(vm->console, control & CONTROL_ERASE ? 0x06 : 0x02,
					   NULL, 0);
	vc->screen_read = *answer == CONSOLE_DONE;
	return vc->screen_read;
}

/* Do it, or keep it until the terminal can. */
static void display(struct vmblok *vm, struct vconsole_event *e)
{
	struct vconsole *vc = &vm->vconsole;
	uint8_t command = (uint8_t)(e->flags >> 8), control = (uint8_t)e->flags;
	enum console_fullscreen answer = CONSOLE_BAD;

	if (!vm->console) {
		post(vm, MACHINE_TERMINAL_INPUT, NULL, 0, DISPLAY_REFUSED);
		return;
	}
	if (command == DISPLAY_LINES)
		answer = display_lines(vm->console, control, e);
	else if (command == SCREEN_WRITE)
		answer = write_screen(vm->console, control, e);
	else if (read_screen(vm, control, &answer))
		return;
	if (answer == CONSOLE_WAIT) {
		free(vc->display);
		vc->display = malloc(sizeof(*e) + e->length);
		if (!vc->display)
			BUG("no memory for a screen");
		memcpy(vc->display, e, sizeof(*e) + e->length);
		return;
	}
	post(vm, MACHINE_TERMINAL_INPUT, NULL, 0,
	     answer == CONSOLE_DONE ? DISPLAY_OK
	     : answer == CONSOLE_TAKEN ? DISPLAY_TAKEN : DISPLAY_REFUSED);
}

void vconsole_display_ready(struct vmblok *vm)
{
	struct vconsole_event *e = vm->vconsole.display;

	if (!e)
		return;
	vm->vconsole.display = NULL;
	display(vm, e);
	free(e);
}

void vconsole_record(struct vmblok *vm, const uint8_t *record, size_t length)
{
	struct vconsole *vc = &vm->vconsole;

	free(vc->record);
	vc->record = malloc(length + 1);
	if (!vc->record)
		BUG("no memory for a screen");
	memcpy(vc->record, record, length);
	vc->record_length = length;
	if (vc->screen_read) {
		enum console_fullscreen answer;

		vc->screen_read = false;
		(void)read_screen(vm, 0, &answer);
	} else {
		vconsole_attention(vm);
	}
}

static void forget_display(struct vconsole *vc)
{
	free(vc->display);
	free(vc->record);
	vc->display = NULL;
	vc->record = NULL;
	vc->screen_read = false;
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
			forget_display(&vm->vconsole);
			break;
		case EVENT_DISPLAY:
			display(vm, e);
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

static void terminal_display(void *arg, uint8_t command, uint8_t control,
			     const uint8_t *data, size_t length)
{
	send_event(arg, EVENT_DISPLAY, (unsigned)command << 8 | control, data, length);
}

static void terminal_cancel(void *arg)
{
	send_event(arg, EVENT_CANCEL, 0, NULL, 0);
}

struct terminal vconsole_terminal(struct vmblok *vm)
{
	static const struct terminal_ops ops = {
		.ready = terminal_ready, .write = terminal_write, .read = terminal_read,
		.display = terminal_display, .cancel = terminal_cancel,
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

	trace_release(vm);
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
	forget_display(&vm->vconsole);
	vm->vconsole.reading = false;
	if (vm->console && console_is_fullscreen(vm->console))
		console_fullscreen_end(vm->console);
}
