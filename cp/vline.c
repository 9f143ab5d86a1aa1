#include "cp/vline.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/ebcdic.h"
#include "base/error.h"
#include "consoles/console.h"
#include "cp/session.h"
#include "cp/vmblok.h"
#include "devices/line_cable.h"

#define TELNET_IAC	 0xFF
#define TELNET_INTERRUPT 0xF4

struct vline {
	atomic_uint refs; /* the owner, and what is posted */
	uint16_t vaddr;
	struct vmblok *owner; /* NULL: the device is gone */
	struct cp *cp;
	struct line_wire wire;	 /* our end; without ops: coupled */
	struct line_end *device; /* held: the device's end */
	struct vmblok *dialer;	 /* counted */
	struct loop_timer timer;
};

/* A timer of the device's: ms 0 stops it. */
struct alarm_set {
	struct vline *line;
	unsigned ms;
};

static struct vline *line_get(struct vline *l)
{
	atomic_fetch_add(&l->refs, 1);
	return l;
}

static void line_put(struct vline *l)
{
	if (atomic_fetch_sub(&l->refs, 1) == 1)
		free(l);
}

struct vline *vline_new(struct vmblok *owner, uint16_t vaddr)
{
	struct vline *l = calloc(1, sizeof(*l));

	if (!l)
		BUG("no memory for a virtual line");
	atomic_init(&l->refs, 1);
	l->vaddr = vaddr;
	l->owner = owner;
	l->cp = owner->cp;
	return l;
}

/* ---- what the device does, later on the CP thread */

static void print(struct vmblok *vm, const char *ascii, size_t n, bool newline)
{
	uint8_t text[128];

	ebcdic_from_latin1(&codepage_bracket, text, ascii, n);
	console_write(vm->console, text, n, newline ? 0 : CONSOLE_NO_NEWLINE);
}

/* Lines end with a line feed; returns, rubouts and other controls move nothing here. */
static void print_bytes(struct vmblok *vm, const uint8_t *bytes, size_t n)
{
	char line[128];
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n' || used == sizeof(line)) {
			print(vm, line, used, bytes[i] == '\n');
			used = 0;
		}
		if (bytes[i] >= ' ' && bytes[i] < 0x7F)
			line[used++] = (char)bytes[i];
	}
	if (used)
		print(vm, line, used, false);
}

void vline_room(struct vline *l)
{
	uint8_t bytes[256];
	size_t n;

	while (l->dialer && console_room(l->dialer->console) &&
	       (n = l->wire.ops->read(l->wire.arg, bytes, sizeof(bytes))) > 0)
		print_bytes(l->dialer, bytes, n);
}

static void look(struct vline *l)
{
	enum line_state state;

	if (!l->owner || !l->wire.ops)
		return;
	state = l->wire.ops->look(l->wire.arg);
	if (!l->dialer)
		return;
	vline_room(l);
	if (state == LINE_IDLE ||
	    (state == LINE_ENDED && !l->wire.ops->has_bytes(l->wire.arg)))
		vline_drop(l, false);
}

static void look_later(void *arg)
{
	struct vline *l = arg;

	look(l);
	line_put(l);
}

static void on_wake(void *arg)
{
	struct vline *l = arg;

	loop_post(l->cp->loop, look_later, line_get(l));
}

static void on_time(void *arg)
{
	struct vline *l = arg;

	if (l->device)
		line_end_expire(l->device);
}

static void set_timer(void *arg)
{
	struct alarm_set *a = arg;
	struct vline *l = a->line;

	if (l->owner && a->ms)
		loop_timer_start(l->cp->loop, &l->timer, a->ms, on_time, l);
	else
		loop_timer_stop(l->cp->loop, &l->timer);
	free(a);
	line_put(l);
}

static void on_clock(void *arg, unsigned ms)
{
	struct vline *l = arg;
	struct alarm_set *a = malloc(sizeof(*a));

	if (!a)
		BUG("no memory for a timer");
	*a = (struct alarm_set){ line_get(l), ms };
	loop_post(l->cp->loop, set_timer, a);
}

/* ---- cables */

static void unplug(struct vline *l)
{
	vline_drop(l, false);
	loop_timer_stop(l->cp->loop, &l->timer);
	if (l->device) {
		line_end_clock(l->device, NULL, NULL);
		line_end_release(l->device);
	}
	if (l->wire.ops)
		l->wire.ops->close(l->wire.arg);
	l->device = NULL;
	l->wire = (struct line_wire){ .ops = NULL };
}

static void keep(struct vline *l, struct line_end *end)
{
	l->device = line_end_hold(end);
	line_end_clock(end, on_clock, l);
}

struct line_end *vline_cable(struct vline *l)
{
	struct line_end *ends[2];

	unplug(l);
	if (!line_cable_new(ends))
		BUG("no memory for a cable");
	keep(l, ends[0]);
	l->wire = line_end_wire(ends[1], on_wake, l);
	return ends[0];
}

void vline_couple(struct vline *l, struct line_end *end)
{
	unplug(l);
	keep(l, end);
}

void vline_free(struct vline *l)
{
	if (!l)
		return;
	unplug(l);
	l->owner = NULL;
	line_put(l);
}

bool vline_enabled(const struct vline *l)
{
	return l->device && line_end_answers(l->device);
}

/* ---- dialing */

struct vmblok *vline_dialer(const struct vline *l)
{
	return l->dialer;
}

void vline_dial(struct vline *l, struct vmblok *dialer)
{
	l->dialer = vm_get(dialer);
	dialer->dialed_line = l;
	l->wire.ops->answer(l->wire.arg, true);
}

void vline_drop(struct vline *l, bool gone)
{
	struct vmblok *dialer = l->dialer;
	char terminal[16];

	if (!dialer)
		return;
	l->dialer = NULL;
	dialer->dialed_line = NULL;
	l->wire.ops->hang_up(l->wire.arg);
	cp_tell_operator(l->cp, NULL, "%s DROP FROM %-8s DIALED= %03u",
			 vm_terminal(dialer, terminal), l->owner->userid,
			 vm_dialed(l->cp));
	if (!gone) {
		struct console *c = dialer->console;

		vm_say(dialer, "DROP FROM %-8s %03X", l->owner->userid, l->vaddr);
		dialer->console = NULL;
		vm_remove(dialer);
		session_logo(c);
	}
	vm_put(dialer);
}

bool vline_typed(struct vline *l, const char *text)
{
	size_t n = strlen(text);
	uint8_t bytes[CP_LINE_MAX + 1];

	for (size_t i = 0; i < n; i++)
		bytes[i] = text[i] >= ' ' && text[i] < 0x7F ? (uint8_t)text[i] : '?';
	bytes[n] = '\r';
	return l->wire.ops->write(l->wire.arg, bytes, n + 1);
}

void vline_attention(struct vline *l)
{
	static const uint8_t bytes[] = { TELNET_IAC, TELNET_INTERRUPT };

	(void)l->wire.ops->write(l->wire.arg, bytes, sizeof(bytes));
}
