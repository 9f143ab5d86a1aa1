/*
 * DIAGNOSE X'24', device type and features, X'8C', device
 * characteristics, and X'58', 3270 virtual console interface: a channel program for
 * the console, started as by SIO.
 *
 * SC19-6203, "DIAGNOSE Code X'24'"; the bits of virtual status and flags: SY20-0884,
 * VDEVBLOK.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "base/error.h"
#include "consoles/console.h"
#include "cp/diagnose_int.h"
#include "cp/minidisk.h"
#include "cp/sysline.h"
#include "cp/sysvolume.h"
#include "cp/unitrecord.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"
#include "devices/device.h"

enum { CLASS_TERMINAL = 0x80, CLASS_GRAPHIC = 0x40, CLASS_DASD = 0x04, CLASS_SPECIAL = 0x02 };
enum { STATUS_BUSY = 0xA0, STATUS_ATTACHED = 0x02, STATUS_DEDICATED = 0x01 };
enum { FLAG_READ_ONLY = 0x80, FLAG_TDISK = 0x40, FLAG_FIRST_CCW = 0x10 };
enum { TYPE_3277 = 0x04, TYPE_3278 = 0x01 };
enum { TYPE_BSC = 0x40, TYPE_TELE2 = 0x20, TYPE_IBM1 = 0x10 };

/* Class and type of a device type. */
static const struct {
	const char *type;
	uint16_t code;
} codes[] = {
	{ "2540R", 0x2082 }, { "3505", 0x2084 }, { "2501", 0x2081 }, { "2540P", 0x1082 },
	{ "3525", 0x1084 },  { "1403", 0x1041 }, { "3211", 0x1042 }, { "1443", 0x1044 },
	{ "3203", 0x1048 },  { "3215", 0x8000 }, { "3210", 0x8000 }, { "1052", 0x8000 },
	{ "2305", 0x0402 },  { "2311", 0x0480 }, { "2314", 0x0440 }, { "2319", 0x0440 },
	{ "3330", 0x0410 },  { "3340", 0x0401 }, { "3350", 0x0408 }, { "3375", 0x0404 },
	{ "3380", 0x0420 },  { "3420", 0x0810 }, { "2420", 0x0820 }, { "2415", 0x0840 },
	{ "2401", 0x0880 }, { "2400", 0x0880 },  { "3410", 0x0808 }, { "3277", 0x4004 },
	{ "3278", 0x4001 },
};

static uint32_t code_of(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (strcmp(codes[i].type, type) == 0)
			return codes[i].code;
	return CLASS_SPECIAL << 8;
}

/* Model byte of a 3278 of so many rows. */
static uint32_t model_of(unsigned rows)
{
	return rows >= 43 ? 4 : rows >= 32 ? 3 : 2;
}

/* TERMINAL APL, TEXT: RDEVTMCD. */
static uint32_t terminal_code(const struct vmblok *vm)
{
	return vm->term.charset == CONSOLE_APL ? 0x08
	       : vm->term.charset == CONSOLE_TEXT ? 0x20 : 0;
}

/* TERMINAL LINESIZE, or the width of the screen. */
static uint32_t line_length(const struct vmblok *vm)
{
	unsigned n = console_linesize(vm->console);

	return n < 255 ? n : 255;
}

/* out: Ry, Ry+1, condition code, terminal code and vaddr */
static void answer_console(struct question *q, const struct virtual_device *v)
{
	struct console *c = q->vm->console;

	q->out[0] = (uint32_t)CLASS_TERMINAL << 24;
	q->out[3] = v->vaddr;
	if (!c) {
		q->out[2] = 2;
		return;
	}
	q->out[2] = 0;
	q->out[3] |= terminal_code(q->vm) << 24;
	if (!console_is_3270(c)) {
		q->out[1] = 0x80000000 | console_linesize(c); /* a 3215 */
		return;
	}
	q->out[0] |= STATUS_BUSY << 8 | FLAG_FIRST_CCW;
	/* The 1920-character CMS of Release 6 knows a 3277 model 2 with 80 columns. */
	if (console_rows(c) <= 24)
		q->out[1] = CLASS_GRAPHIC << 24 | TYPE_3277 << 16 | 2 << 8 | line_length(q->vm);
	else
		q->out[1] = CLASS_GRAPHIC << 24 | TYPE_3278 << 16 |
			    model_of(console_rows(c)) << 8 | line_length(q->vm);
}

static void answer_disk(struct question *q, const struct virtual_device *v)
{
	uint32_t flags = v->disk->temporary ? FLAG_TDISK : 0;

	if (v->disk->read_only)
		flags |= FLAG_READ_ONLY;
	q->out[0] = code_of(v->type) << 16 |
		    (v->disk->dedicated ? STATUS_DEDICATED : 0) << 8 | flags;
	q->out[1] = code_of(v->type) << 16;
	q->out[2] = 0;
}

/* Of a virtual line there is no real device. */
static void answer_line(struct question *q, const struct virtual_device *v)
{
	const struct sysline *l = v->real_line;
	bool start_stop = l ? l->start_stop : v->option[0];
	bool ibm = l ? l->ibm : v->option[0] == 'I';

	q->out[1] = (uint32_t)CLASS_TERMINAL << 24 |
		    (start_stop ? ibm ? TYPE_IBM1 : TYPE_TELE2 : TYPE_BSC) << 16;
	q->out[0] = q->out[1] | (l ? (STATUS_ATTACHED | STATUS_DEDICATED) << 8 : 0);
	q->out[2] = l ? 0 : 2;
}

static void answer(struct question *q)
{
	const struct vmblok *vm = q->vm;
	const struct virtual_device *v = NULL;
	uint32_t vaddr = q->in[0];

	q->out[2] = 3;
	if (vm->leaving)
		return;
	if (vaddr == 0xFFFFFFFF && vm->vconsole.present)
		vaddr = vm->vconsole.vaddr;
	if (vaddr <= 0xFFFF)
		v = vdevice_find(q->vm, (uint16_t)vaddr);
	if (!v)
		return;
	if (v->kind == DEVICE_CONSOLE) {
		answer_console(q, v);
	} else if (v->disk) {
		answer_disk(q, v);
	} else if (v->kind == DEVICE_LINE) {
		answer_line(q, v);
	} else if (v->tape) {
		q->out[0] = code_of(v->type) << 16 | (STATUS_ATTACHED | STATUS_DEDICATED) << 8;
		q->out[1] = code_of(v->type) << 16;
		q->out[2] = 0;
	} else {
		q->out[0] = code_of(v->type) << 16;
		q->out[2] = 2;
	}
}

int diag_device_type(const struct diag *d)
{
	uint32_t rx = diag_gr(d, d->rx);
	struct question *q = question_ask(d, answer, rx, 0);

	if (!q)
		return 0;
	cpu370_set_cc(d->cpu, q->out[2]);
	if (q->out[2] != 3) {
		if (q->out[3])
			diag_set_gr(d, d->rx, q->out[3]);
		diag_set_gr(d, d->ry, q->out[0]);
		if (q->out[2] == 0 && d->ry != 15)
			diag_set_gr(d, d->ry + 1, q->out[1]);
	}
	question_put(q);
	return 0;
}

/* ---- X'8C' DEVICE CHARACTERISTICS */

enum { TERMINAL_COLOR = 0x80, TERMINAL_HIGHLIGHT = 0x40, TERMINAL_SYMBOLS = 0x20 };
enum { REPLY_SYMBOLS = 0x85, REPLY_COLOR = 0x86, REPLY_HIGHLIGHT = 0x87 };

/* Which features the structured fields (length, X'81', code ...) of a reply name. */
static uint8_t features(const uint8_t *reply, size_t length)
{
	uint8_t flags = 0;

	for (size_t at = 0; at + 4 <= length && be16(reply + at) >= 4; at += be16(reply + at)) {
		if (reply[at + 3] == REPLY_COLOR)
			flags |= TERMINAL_COLOR;
		else if (reply[at + 3] == REPLY_HIGHLIGHT)
			flags |= TERMINAL_HIGHLIGHT;
		else if (reply[at + 3] == REPLY_SYMBOLS)
			flags |= TERMINAL_SYMBOLS;
	}
	return flags;
}

static void answer_characteristics(struct question *q)
{
	struct console *c = q->vm->leaving ? NULL : q->vm->console;
	const uint8_t *reply;
	size_t n;

	if (!c || !console_is_3270(c))
		return;
	reply = console_query_reply(c, &n);
	q->length = 6 + n;
	q->data = calloc(1, q->length);
	if (!q->data)
		BUG("no memory for a query reply");
	q->data[0] = features(reply, n);
	put_be16(q->data + 2, (uint16_t)console_columns(c));
	put_be16(q->data + 4, (uint16_t)console_rows(c));
	if (n)
		memcpy(q->data + 6, reply, n);
}

/* A machine without a 3270 before it gets zeros. */
int diag_characteristics(const struct diag *d)
{
	static uint8_t none[6];
	struct question *q = question_ask(d, answer_characteristics, 0, 0);
	uint32_t wanted = diag_gr(d, d->ry);
	size_t n;
	int pic;

	if (!q)
		return 0;
	n = q->data ? q->length : sizeof(none);
	pic = diag_move(d, true, diag_gr(d, d->rx), q->data ? q->data : none,
			n < wanted ? n : wanted, diag_key(d));
	question_put(q);
	if (!pic)
		cpu370_set_cc(d->cpu, 0);
	return pic;
}

/* As with the CAW of START I/O, the high byte of Rx is the key of the program. */
int diag_display(const struct diag *d)
{
	uint32_t vaddr = diag_gr(d, d->ry), caw = diag_gr(d, d->rx);
	struct device *dev;
	unsigned cc = 3;

	dev = vaddr <= 0xFFFF ? machine_device(d->vm->machine, (uint16_t)vaddr) : NULL;
	if (dev && dev->class->kind == DEVICE_CONSOLE)
		cc = machine_start_program(d->vm->machine, dev->address, caw >> 24,
					   caw & 0xFFFFFF, d->cpu);
	cpu370_set_cc(d->cpu, cc);
	return 0;
}
