#include "cp/diagnose.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/ebcdic.h"
#include "base/log.h"
#include "cp/command.h"
#include "cp/diagnose_int.h"
#include "cp/times.h"
#include "cp/vmblok.h"
#include "cp/vmcf.h"
#include "devices/device.h"

uint32_t diag_gr(const struct diag *d, unsigned n)
{
	return cpu370_gr(d->cpu, n & 15);
}

void diag_set_gr(const struct diag *d, unsigned n, uint32_t value)
{
	cpu370_set_gr(d->cpu, n & 15, value);
}

uint8_t diag_key(const struct diag *d)
{
	return (uint8_t)(cpu370_psw(d->cpu) >> 48) & 0xF0;
}

#define ANY 0xFF /* whatever the user's privilege classes are */

#define KEY_BLOCK 2048u /* bytes with one storage key */

static int pic_of(enum storage_status status)
{
	return status == STORAGE_ADDRESSING ? PIC_ADDRESSING :
	       status == STORAGE_PROTECTION ? PIC_PROTECTION : 0;
}

int diag_move(const struct diag *d, bool store, uint32_t raddr, uint8_t *data, size_t n,
	      uint8_t key)
{
	struct storage *st = cpu370_storage(d->cpu);

	raddr &= 0xFFFFFF;
	while (n) {
		size_t piece = 4096 - raddr % 4096;
		uint32_t aaddr = cpu370_real_to_absolute(d->cpu, raddr);
		enum storage_status status;

		if (piece > n)
			piece = n;
		status = store ? storage_store(st, aaddr, key, data, piece, NULL)
			       : storage_fetch(st, aaddr, key, data, piece, NULL);
		if (status != STORAGE_OK)
			return pic_of(status);
		raddr += (uint32_t)piece;
		data += piece;
		n -= piece;
	}
	return 0;
}

/* May n bytes be stored there? 0, PIC_ADDRESSING or PIC_PROTECTION. */
static int diag_may_store(const struct diag *d, uint32_t raddr, uint32_t n)
{
	const struct storage *st = cpu370_storage(d->cpu);
	uint8_t key = diag_key(d);

	for (uint32_t done = 0, piece; done < n; done += piece) {
		uint32_t at = (raddr + done) & 0xFFFFFF;
		uint32_t aaddr = cpu370_real_to_absolute(d->cpu, at);

		piece = KEY_BLOCK - at % KEY_BLOCK;
		if (!storage_has(st, aaddr))
			return PIC_ADDRESSING;
		if (key && (storage_key(st, aaddr) & 0xF0) != key)
			return PIC_PROTECTION;
	}
	return 0;
}

/* All addresses of DIAGNOSE are guest-real, under the guest's PSW key. */
static int move(const struct diag *d, bool store, uint32_t raddr, uint8_t *data, size_t n)
{
	return diag_move(d, store, raddr, data, n, diag_key(d));
}

int diag_answer(const struct diag *d, unsigned cc, uint32_t r15)
{
	diag_set_gr(d, 15, r15);
	cpu370_set_cc(d->cpu, cc);
	return 0;
}

/* ---- questions for the CP thread */

void question_put(struct question *q)
{
	if (atomic_fetch_sub(&q->refs, 1) != 1)
		return;
	vm_put(q->vm);
	free(q->data);
	free(q);
}

static void question_answer(void *arg)
{
	struct question *q = arg;

	q->answer(q);
	atomic_store(&q->done, true);
	if (q->vm->machine)
		machine_wake(q->vm->machine);
	question_put(q);
}

static bool question_answered(void *arg)
{
	struct question *q = arg;

	return atomic_load(&q->done);
}

static struct question *question_new(const struct diag *d, void (*answer)(struct question *q),
				     uint32_t in0, uint32_t in1)
{
	struct question *q = calloc(1, sizeof(*q));

	if (!q)
		BUG("no memory for a question");
	atomic_init(&q->refs, 2);
	q->vm = vm_get(d->vm);
	q->answer = answer;
	q->in[0] = in0;
	q->in[1] = in1;
	return q;
}

static struct question *question_wait(const struct diag *d, struct question *q)
{
	loop_post(d->vm->cp->loop, question_answer, q);
	if (machine_serve(d->vm->machine, question_answered, q))
		return q;
	question_put(q);
	return NULL;
}

struct question *question_ask(const struct diag *d, void (*answer)(struct question *q),
			      uint32_t in0, uint32_t in1)
{
	return question_wait(d, question_new(d, answer, in0, in1));
}

struct question *question_ask_with(const struct diag *d, void (*answer)(struct question *q),
				   uint32_t in0, const uint8_t *data, size_t n)
{
	struct question *q = question_new(d, answer, in0, 0);

	q->data = malloc(n);
	if (!q->data)
		BUG("no memory for a question");
	memcpy(q->data, data, n);
	q->length = n;
	return question_wait(d, q);
}

static void put_text(uint8_t *out, const char *text, size_t width)
{
	char padded[64];

	snprintf(padded, sizeof(padded), "%-*s", (int)width, text);
	ebcdic_from_latin1(&codepage_037, out, padded, width);
}

/* X'00' STORE EXTENDED IDENTIFICATION CODE. */
static int store_identification(const struct diag *d)
{
	uint8_t group[32] = { 0 };
	uint32_t wanted = diag_gr(d, d->ry) & 0xFFFFFF;
	size_t n = wanted < sizeof(group) ? wanted : sizeof(group);
	int pic;

	if (diag_gr(d, d->rx) % 8 || diag_gr(d, d->ry) == 0)
		return PIC_SPECIFICATION;
	put_text(group, "VM/370", 8);
	group[8] = 6; /* release */
	group[11] = 0xFF;
	put_text(group + 16, d->vm->userid, 8);
	pic = move(d, true, diag_gr(d, d->rx), group, n);
	if (!pic)
		diag_set_gr(d, d->ry, wanted - (uint32_t)n);
	return pic;
}

/* ---- X'08' VIRTUAL CONSOLE FUNCTION: a command, executed on the CP thread */

/*
 * Shared by both threads: the machine's may be ended (FORCE) while the command
 * still waits for its turn on the loop. The last one to let go frees it.
 */
struct console_function {
	atomic_uint refs;
	struct vmblok *vm; /* counted */
	char text[133];
	bool enter_cp, no_password;
	struct response response;
	bool buffered;
	int rc;
	atomic_bool done;
	/* where the answer is, for commands that are executed behind the DIAGNOSE */
	unsigned ry;
	uint32_t buffer, room;
	size_t in_ebcdic; /* of the response */
};

static struct console_function *function_new(struct vmblok *vm)
{
	struct console_function *f = calloc(1, sizeof(*f));

	if (!f)
		BUG("no memory for a console function");
	atomic_init(&f->refs, 2);
	f->vm = vm_get(vm);
	return f;
}

static void function_put(struct console_function *f)
{
	if (atomic_fetch_sub(&f->refs, 1) != 1)
		return;
	vm_put(f->vm);
	free(f->response.text);
	free(f);
}

static void function_done_on_cp(struct console_function *f)
{
	atomic_store(&f->done, true);
	if (f->vm->machine)
		machine_wake(f->vm->machine);
	function_put(f);
}

static void commands_done(void *arg, int rc)
{
	struct console_function *f = arg;

	f->rc = rc;
	function_done_on_cp(f);
}

static bool function_done(void *arg)
{
	struct console_function *f = arg;

	return atomic_load(&f->done);
}

/* As much of the response as the buffer holds. */
static size_t response_as_ebcdic(struct console_function *f)
{
	for (; f->in_ebcdic < f->response.length; f->in_ebcdic++) {
		char *c = &f->response.text[f->in_ebcdic];

		*c = *c == '\n' ? 0x15 : (char)codepage_037.to_ebcdic[(uint8_t)*c];
	}
	return f->response.length < f->room ? f->response.length : f->room;
}

/* What the register behind Ry gets: its length, or what did not find room. */
static uint32_t response_count(const struct console_function *f)
{
	uint32_t n = (uint32_t)f->response.length;

	return n > f->room ? n - f->room : n;
}

static int store_response(const struct diag *d, struct console_function *f)
{
	size_t moved = response_as_ebcdic(f);
	int pic = move(d, true, f->buffer, (uint8_t *)f->response.text, moved);

	if (pic)
		return pic;
	diag_set_gr(d, d->ry + 1, response_count(f));
	cpu370_set_cc(d->cpu, f->response.length > f->room);
	return 0;
}

/* The same in a machine that stands behind the DIAGNOSE: in its PSW's mode. */
static void store_response_late(struct console_function *f, struct machine_registers *r)
{
	const unsigned cc_at = r->psw >> 51 & 1 ? 44 : 28;
	struct machine_request req = { .kind = MACHINE_STORE,
				       .space = SPACE_REAL, .address = f->buffer,
				       .length = response_as_ebcdic(f),
				       .data = (uint8_t *)f->response.text };

	if (req.length && !vm_call(f->vm, &req))
		return; /* the buffer was looked at: storage that is there no more */
	r->gr[(f->ry + 1) % 16] = response_count(f);
	r->psw &= ~((uint64_t)3 << cc_at);
	r->psw |= (uint64_t)(f->response.length > f->room) << cc_at;
}

static void function_waits(void *arg)
{
	struct console_function *f = arg;

	atomic_fetch_add(&f->refs, 1);
}

/* A command that resets or loads was executed after all: the DIAGNOSE has its answer now. */
static void function_later(void *arg, bool ran, int rc)
{
	struct console_function *f = arg;
	struct machine_request req = { .kind = MACHINE_REGISTERS };

	if (rc)
		f->rc = rc;
	if (ran && vm_call(f->vm, &req)) {
		req.registers.gr[f->ry] = (uint32_t)f->rc;
		if (f->buffered)
			store_response_late(f, &req.registers);
		req.kind = MACHINE_SET_REGISTERS;
		req.which = REGISTERS_GR | REGISTERS_PSW;
		if (!vm_call(f->vm, &req))
			log_warn(f->vm->userid, "no return code: %s", req.error.text);
	}
	function_put(f);
}

static void execute_on_cp(void *arg)
{
	struct console_function *f = arg;
	const struct command_how how = {
		.symbols = { .linend = '\x15' }, .from_guest = true,
		.no_password = f->no_password,
		.response = f->buffered ? &f->response : NULL,
		.done = commands_done, .arg = f,
		.waits = function_waits, .later = function_later,
	};

	if (!f->vm->leaving && !f->enter_cp) {
		command_lines(f->vm, f->text, &how);
		return;
	}
	if (!f->vm->leaving)
		vm_enter_cp(f->vm);
	function_done_on_cp(f);
}

/* The buffer's pages are looked at before anything is done. */
static int check_buffer(const struct diag *d)
{
	uint32_t room = diag_gr(d, d->ry + 1), at = diag_gr(d, d->rx + 1) & 0xFFFFFF;

	if (d->rx == 15 || d->ry == 15 || at == 0 || room < 1 || room > 8192)
		return PIC_SPECIFICATION;
	return diag_may_store(d, at, room);
}

/* The command's text from guest storage, and whether its operands are right. */
static int fetch_function(const struct diag *d, struct console_function *f)
{
	uint32_t flags = diag_gr(d, d->ry) >> 24, length = diag_gr(d, d->ry) & 0xFFFFFF;
	uint8_t text[sizeof(f->text) - 1];
	int pic = 0;

	if (flags == 0xFF || length > sizeof(text))
		return PIC_SPECIFICATION;
	f->buffered = flags & 0x40;
	f->no_password = flags & 0x80;
	f->enter_cp = length == 0;
	f->ry = d->ry;
	f->buffer = diag_gr(d, d->rx + 1);
	f->room = diag_gr(d, d->ry + 1);
	if (f->buffered)
		pic = check_buffer(d);
	/* DMKHVC looks at no key of the command's page. */
	if (!pic)
		pic = diag_move(d, false, diag_gr(d, d->rx), text, length, 0);
	for (uint32_t i = 0; !pic && i < length; i++)
		f->text[i] = text[i] == 0x15 ? 0x15 : (char)codepage_037.to_latin1[text[i]];
	return pic;
}

static int console_function(const struct diag *d)
{
	struct console_function *f = function_new(d->vm);
	int pic = fetch_function(d, f);

	if (pic) {
		function_put(f);
		function_put(f);
		return pic;
	}
	loop_post(d->vm->cp->loop, execute_on_cp, f);
	if (machine_serve(d->vm->machine, function_done, f)) {
		if (f->buffered)
			pic = store_response(d, f);
		diag_set_gr(d, d->ry, f->enter_cp ? 0 : (uint32_t)f->rc);
	}
	function_put(f);
	return pic;
}

/* X'0C' PSEUDO TIMER. */
static int pseudo_timer(const struct diag *d)
{
	uint8_t area[32];
	char text[CP_DATE_SIZE];
	struct timespec used;
	uint64_t us;

	if (diag_gr(d, d->rx) % 8)
		return PIC_SPECIFICATION;
	put_text(area, times_date(text), 8);
	put_text(area + 8, times_clock(text), 8);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	us = (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000;
	put_be64(area + 16, us);
	put_be64(area + 24, us);
	return move(d, true, diag_gr(d, d->rx), area, sizeof(area));
}

/* X'5C' ERROR MESSAGE EDITING. */
static int edit_message(const struct diag *d)
{
	uint32_t length = diag_gr(d, d->ry);

	switch (d->vm->emsg) {
	case EMSG_ON:
		break;
	case EMSG_CODE:
		diag_set_gr(d, d->ry, 10);
		break;
	case EMSG_TEXT:
		if ((int32_t)length > 11)
			diag_set_gr(d, d->rx, (diag_gr(d, d->rx) + 11) & 0xFFFFFF);
		diag_set_gr(d, d->ry, (int32_t)length > 11 ? length - 11 : 0);
		break;
	case EMSG_OFF:
		diag_set_gr(d, d->ry, 0);
		break;
	}
	return 0;
}

/* X'60' STORAGE SIZE. */
static int storage_bytes(const struct diag *d)
{
	diag_set_gr(d, d->rx, storage_size(cpu370_storage(d->cpu)));
	return 0;
}

/* X'54': the PA2 key becomes an external interruption, or clears the screen again. */
static void answer_pa2(struct question *q)
{
	q->vm->term.pa2 = q->in[0] != 0;
	termset_apply(q->vm);
}

static int pa2_function(const struct diag *d)
{
	struct question *q = question_ask(d, answer_pa2, diag_gr(d, d->rx), 0);

	if (q)
		question_put(q);
	return 0;
}

static int no_operation(const struct diag *d)
{
	(void)d;
	return 0;
}

/* tests/system/test_diagnose reads this table: each row wants its cases there. */
static const struct {
	uint32_t code;
	uint8_t classes; /* CLASS_* of vmblok.h; ANY */
	int (*function)(const struct diag *d);
} functions[] = {
	{ 0x00, ANY, store_identification },
	{ 0x04, CLASS_C | CLASS_E, diag_examine_storage },
	{ 0x08, ANY, console_function },
	{ 0x0C, ANY, pseudo_timer },
	{ 0x10, ANY, diag_release_pages },
	{ 0x14, ANY, diag_spool_file },
	{ 0x18, ANY, diag_disk_io },
	{ 0x1C, CLASS_F, diag_clear_recording },
	{ 0x20, ANY, diag_general_io },
	{ 0x24, ANY, diag_device_type },
	{ 0x28, ANY, diag_change_program },
	{ 0x2C, CLASS_C | CLASS_E | CLASS_F, diag_find_recording },
	{ 0x30, CLASS_C | CLASS_E | CLASS_F, diag_read_recording },
	{ 0x34, CLASS_C | CLASS_E, diag_read_dump },
	{ 0x38, CLASS_C | CLASS_E, diag_read_symbols },
	{ 0x3C, CLASS_A | CLASS_B | CLASS_C, diag_new_directory },
	{ 0x40, ANY, no_operation },
	{ 0x44, ANY, no_operation },
	{ 0x48, ANY, diag_second_level },
	{ 0x4C, ANY, diag_accounting },
	{ 0x50, CLASS_A | CLASS_B | CLASS_C, diag_save_ncp },
	{ 0x54, ANY, pa2_function },
	{ 0x58, ANY, diag_display },
	{ 0x5C, ANY, edit_message },
	{ 0x60, ANY, storage_bytes },
	{ 0x64, ANY, diag_segment },
	{ 0x68, ANY, vmcf_diagnose },
	{ 0x6C, ANY, no_operation },
	{ 0x70, ANY, no_operation },
	{ 0x74, CLASS_A | CLASS_B | CLASS_C, diag_image_library },
	{ 0x78, ANY, diag_mass_storage },
	{ 0x7C, ANY, no_operation },
	{ 0x80, ANY, no_operation },
	{ 0x84, CLASS_B, diag_update_directory },
	{ 0x8C, ANY, diag_characteristics },
};

int diagnose(void *arg, struct cpu370 *cpu, unsigned r1, unsigned r3, uint32_t code)
{
	const struct diag d = { .vm = arg, .cpu = cpu, .rx = r1, .ry = r3 };

	atomic_fetch_add_explicit(&d.vm->diagnoses, 1, memory_order_relaxed);
	code &= 0xFFFF;
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		if (functions[i].code == code)
			return functions[i].classes & d.vm->classes || functions[i].classes == ANY
				? functions[i].function(&d) : PIC_PRIVILEGED;
	return PIC_SPECIFICATION;
}
