#include "cp/traceline.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "cp/minidisk.h"
#include "cp/sysvolume.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"
#include "cpu370/cpu.h"
#include "cpu370/opcodes.h"

#define ADDRESS 0xFFFFFFu
#define CAW_AT	0x48u
#define CSW_AT	0x40u

/* Columns of an instruction; of the target of an EXECUTE they are so much further. */
enum {
	COLUMN_ADDRESS = 4, COLUMN_MNEMONIC = 11, COLUMN_CODE = 17, COLUMN_BYTE = 26,
	COLUMN_TARGET = 30, EXECUTE_SHIFT = 26,
};

void traceline_blank(struct trace_line *line, enum trace_line_kind kind)
{
	*line = (struct trace_line){ .kind = kind };
	memset(line->text, ' ', TRACE_COLUMNS);
}

void traceline_put(struct trace_line *line, unsigned column, const char *text)
{
	size_t n = strlen(text);

	if (n > TRACE_COLUMNS - column)
		n = TRACE_COLUMNS - column;
	memcpy(line->text + column, text, n);
}

void traceline_hex(struct trace_line *line, unsigned column, unsigned digits, uint64_t value)
{
	char text[20];

	snprintf(text, sizeof(text), "%0*llX", (int)digits, (unsigned long long)value);
	traceline_put(line, column, text);
}

/* ---- looking at storage */

static bool peek_real(struct cpu370 *cpu, uint32_t raddr, uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t a = cpu370_real_to_absolute(cpu, (raddr + (uint32_t)i) & ADDRESS);

		if (storage_fetch(cpu370_storage(cpu), a, 0, out + i, 1, NULL) != STORAGE_OK)
			return false;
	}
	return true;
}

static bool peek(struct cpu370 *cpu, uint32_t laddr, uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t raddr;

		if (cpu370_translate(cpu, (laddr + (uint32_t)i) & ADDRESS, &raddr) ||
		    !peek_real(cpu, raddr, out + i, 1))
			return false;
	}
	return true;
}

/* ---- instructions */

static uint32_t base(const struct cpu370 *cpu, const uint8_t *bd)
{
	unsigned b = bd[0] >> 4;

	return ((b ? cpu370_gr(cpu, b) : 0) + (be16(bd) & 0xFFF)) & ADDRESS;
}

static uint32_t indexed(const struct cpu370 *cpu, const uint8_t *code)
{
	unsigned x = code[1] & 15;

	return (base(cpu, code + 2) + (x ? cpu370_gr(cpu, x) : 0)) & ADDRESS;
}

bool traceline_privileged(const uint8_t code[6])
{
	const struct opcode *op = opcode_find(code[0], code[1]);

	return op && (op->flags & OPF_PRIV);
}

/* SIO, TIO, HIO, TCH and their like, which SIO traces. */
bool traceline_is_io(const uint8_t code[6])
{
	return code[0] >= 0x9C && code[0] <= 0x9F;
}

/* Address, mnemonic and code, in columns from shift on. */
static void put_insn(struct trace_line *line, unsigned shift, uint32_t address,
		     const uint8_t *code, unsigned length, const uint8_t *named)
{
	const struct opcode *op = length ? opcode_find(named[0], named[1]) : NULL;

	traceline_hex(line, shift + COLUMN_ADDRESS, 6, address);
	if (!length)
		return;
	traceline_put(line, shift + COLUMN_MNEMONIC, op ? op->mnemonic : "????");
	for (unsigned i = 0; i < length; i++)
		traceline_hex(line, shift + COLUMN_CODE + 2 * i, 2, code[i]);
}

static void put_target(struct trace_line *line, unsigned shift, uint32_t address,
		       struct trace_target *target)
{
	traceline_hex(line, shift + COLUMN_TARGET, 6, address);
	target->known = true;
	target->address = address;
	target->arrow = shift + COLUMN_TARGET - 4;
}

static void put_branch(struct trace_line *line, unsigned shift, uint32_t address,
		       struct trace_target *target)
{
	put_target(line, shift, address & ADDRESS, target);
	target->branch = true;
}

#define PSW_WAIT UINT64_C(0x0002000000000000)
#define PSW_EC	 UINT64_C(0x0008000000000000)
#define MASK_DAT 0x04

static void put_lpsw(struct trace_line *line, unsigned shift, struct cpu370 *cpu,
		     const uint8_t *code)
{
	uint32_t at = base(cpu, code + 2);
	uint8_t psw[8];

	if (at % 8 || !peek(cpu, at, psw, sizeof(psw)))
		return;
	if (!(be64(psw) & PSW_WAIT))
		traceline_put(line, shift + COLUMN_TARGET - 4, "==>");
	traceline_hex(line, shift + COLUMN_TARGET, 8, be32(psw));
	traceline_hex(line, shift + COLUMN_TARGET + 9, 8, be32(psw + 4));
}

/* SSM shows its operand, STNSM and STOSM the mask that will be. */
static void put_mask(struct trace_line *line, unsigned shift, struct cpu370 *cpu,
		     const uint8_t *code, uint32_t next, struct trace_target *target)
{
	uint8_t old = (uint8_t)(cpu370_psw(cpu) >> 56), mask;

	if (!peek(cpu, base(cpu, code + 2), &mask, 1))
		return;
	if (code[0] == 0xAC)
		mask = old & code[1];
	else if (code[0] == 0xAD)
		mask = old | code[1];
	traceline_hex(line, shift + COLUMN_BYTE, 2, mask);
	if ((cpu370_psw(cpu) & PSW_EC) && ((old ^ mask) & MASK_DAT))
		put_target(line, shift, next, target);
}

/* What follows the code, by kind of instruction. */
static void put_operands(struct trace_line *line, unsigned shift, struct cpu370 *cpu,
			 const uint8_t *code, uint32_t next, struct trace_target *target)
{
	switch (code[0]) {
	case 0x05:
	case 0x06:
	case 0x07:
	case 0x0D:
		if ((code[1] & 15) && !(code[0] == 0x07 && !(code[1] >> 4)))
			put_branch(line, shift, cpu370_gr(cpu, code[1] & 15), target);
		break;
	case 0x45:
	case 0x46:
	case 0x4D: put_branch(line, shift, indexed(cpu, code), target); break;
	case 0x47:
		if (code[1] >> 4)
			put_branch(line, shift, indexed(cpu, code), target);
		break;
	case 0x86:
	case 0x87: put_branch(line, shift, base(cpu, code + 2), target); break;
	case 0x82: put_lpsw(line, shift, cpu, code); break;
	case 0x80:
	case 0xAC:
	case 0xAD: put_mask(line, shift, cpu, code, next, target); break;
	default: break;
	}
}

static void put_execute(struct trace_line *line, struct cpu370 *cpu,
			const struct cpu_trace *what, struct trace_target *target)
{
	uint32_t at = indexed(cpu, what->code), next = (what->ia + 4) & ADDRESS;
	unsigned r1 = what->code[1] >> 4, length = 0;
	uint8_t code[6] = { 0 }, done[6];

	if (at % 2 == 0 && peek(cpu, at, code, 2) &&
	    peek(cpu, at, code, insn_length(code[0])))
		length = insn_length(code[0]);
	memcpy(done, code, sizeof(done));
	if (r1) {
		uint8_t low = (uint8_t)cpu370_gr(cpu, r1);

		traceline_hex(line, COLUMN_BYTE, 2, low);
		done[1] |= low;
	}
	put_insn(line, EXECUTE_SHIFT, at, code, length, done);
	if (length && done[0] != 0x44)
		put_operands(line, EXECUTE_SHIFT, cpu, done, next, target);
}

void traceline_insn(struct trace_line *line, struct cpu370 *cpu, const struct cpu_trace *what,
		    const char *prefix, struct trace_target *target)
{
	uint32_t next = (what->ia + what->length) & ADDRESS;

	traceline_blank(line, LINE_TEXT);
	*target = (struct trace_target){ .known = false };
	put_insn(line, 0, what->ia, what->code, what->length, what->code);
	if (prefix[0] == ' ' && what->length && traceline_privileged(what->code))
		prefix = ":::";
	traceline_put(line, 0, prefix);
	if (!what->length)
		return;
	if (what->code[0] == 0x44)
		put_execute(line, cpu, what, target);
	else
		put_operands(line, 0, cpu, what->code, next, target);
}

/* ---- interruptions and I/O */

static const char *interruption_name(const struct cpu_trace *what)
{
	if (what->restart)
		return "RESTART";
	switch (what->kind) {
	case CPU_TRACE_SVC: return "SVC";
	case CPU_TRACE_PROGRAM: return "PROG";
	case CPU_TRACE_EXTERNAL: return "EXT";
	default: return "I/O";
	}
}

void traceline_interruption(struct trace_line *line, struct cpu370 *cpu,
			    const struct cpu_trace *what)
{
	/* An SVC is shown where it is, not behind it. */
	uint32_t at = what->kind == CPU_TRACE_SVC ? what->ia - 2 : what->ia;
	uint8_t csw[8];

	traceline_blank(line, LINE_TEXT);
	traceline_put(line, 0, "***");
	traceline_hex(line, COLUMN_ADDRESS, 6, at & ADDRESS);
	traceline_put(line, COLUMN_MNEMONIC, interruption_name(what));
	if (!what->restart)
		traceline_hex(line, 17, 4, what->interruption);
	traceline_put(line, 22, "==>");
	traceline_hex(line, 26, 6, what->new_psw & ADDRESS);
	if (what->kind == CPU_TRACE_IO && peek_real(cpu, CSW_AT, csw, sizeof(csw))) {
		traceline_put(line, 34, "CSW");
		traceline_hex(line, 38, 4, be16(csw + 4));
	}
}

void traceline_csw(struct trace_line *line, struct cpu370 *cpu, const struct cpu_trace *what)
{
	traceline_blank(line, LINE_CSW);
	line->vaddr = what->interruption;
	if (!peek_real(cpu, CSW_AT, line->csw, sizeof(line->csw)))
		memset(line->csw, 0, sizeof(line->csw));
	traceline_put(line, 0, "CSW V");
	traceline_hex(line, 6, 4, line->vaddr);
	traceline_hex(line, 11, 8, be32(line->csw));
	traceline_hex(line, 20, 8, be32(line->csw + 4));
}

void traceline_io(struct trace_line *line, struct cpu370 *cpu, const struct cpu_trace *what)
{
	uint8_t caw[4] = { 0 };

	traceline_blank(line, LINE_IO);
	line->vaddr = what->address;
	line->cc = what->cc;
	line->start = what->code[0] == 0x9C;
	line->channel = what->code[0] == 0x9F;
	put_insn(line, 0, what->ia, what->code, what->length, what->code);
	traceline_put(line, 0, "I/O");
	if (peek_real(cpu, CAW_AT, caw, sizeof(caw)))
		line->caw = be32(caw);
	if (!peek_real(cpu, CSW_AT, line->csw, sizeof(line->csw)))
		memset(line->csw, 0, sizeof(line->csw));
}

/* ---- channel programs */

#define CCW_CD	0x80
#define CCW_CC	0x40
#define CCW_IDA 0x04
#define CCWS_MAX 256 /* of one program: a chain may have no end */
#define TIC	0x08

struct ccw_walk {
	struct cpu370 *cpu;
	void (*put)(void *arg, const struct trace_line *line);
	void *arg;
	uint32_t seen[CCWS_MAX];
	unsigned count;
};

static bool is_tic(uint8_t command)
{
	return (command & 15) == TIC;
}

static bool was_seen(const struct ccw_walk *w, uint32_t at)
{
	for (unsigned i = 0; i < w->count; i++)
		if (w->seen[i] == at)
			return true;
	return false;
}

static void put_ccw(const struct ccw_walk *w, uint32_t at, const uint8_t ccw[8])
{
	struct trace_line line;

	traceline_blank(&line, LINE_CCW);
	traceline_put(&line, 0, "CCW");
	for (unsigned i = 0; i < 2; i++) { /* virtual, and what the channel reads */
		unsigned c = 4 + 26 * i;

		traceline_hex(&line, c, 6, at);
		traceline_hex(&line, c + 7, 8, be32(ccw));
		traceline_hex(&line, c + 16, 8, be32(ccw + 4));
	}
	w->put(w->arg, &line);
}

/* Two words of an indirect-address list a line. */
static void put_idal(const struct ccw_walk *w, const uint8_t ccw[8])
{
	uint32_t list = be32(ccw) & ADDRESS, first, last, words;
	uint8_t word[4];
	struct trace_line line;

	if (!peek_real(w->cpu, list, word, 4))
		return;
	first = be32(word) & ADDRESS;
	last = first + (be16(ccw + 6) ? be16(ccw + 6) - 1u : 0);
	words = (last >> 11) - (first >> 11) + 1;
	for (uint32_t i = 0; i < words; i++) {
		unsigned c = i % 2 ? 20 : 11;

		if (i % 2 == 0) {
			traceline_blank(&line, LINE_CCW);
			traceline_put(&line, 0, " \"   IDAL");
			traceline_put(&line, 31, "IDAL");
		}
		if (!peek_real(w->cpu, list + 4 * i, word, 4))
			break;
		traceline_hex(&line, c, 8, be32(word));
		traceline_hex(&line, c + 26, 8, be32(word));
		if (i % 2 || i + 1 == words)
			w->put(w->arg, &line);
	}
}

/* Its device tells whether it is a disk: see traceline_device(). */
static void put_seek(const struct ccw_walk *w, const uint8_t ccw[8])
{
	struct trace_line line;

	traceline_blank(&line, LINE_SEEK);
	traceline_put(&line, 0, " \"   SEEK");
	traceline_put(&line, 31, "SEEK");
	if (peek_real(w->cpu, be32(ccw) & ADDRESS, line.seek, sizeof(line.seek)))
		w->put(w->arg, &line);
}

static bool is_seek(uint8_t command)
{
	return command == 0x07 || command == 0x0B || command == 0x1B;
}

void traceline_ccws(struct cpu370 *cpu, uint32_t caw,
		    void (*put)(void *arg, const struct trace_line *line), void *arg)
{
	struct ccw_walk w = { .cpu = cpu, .put = put, .arg = arg };
	uint32_t at = caw & ADDRESS;
	bool searching = false;
	struct trace_line line;
	uint8_t ccw[8];

	while (w.count < CCWS_MAX && !was_seen(&w, at) && peek_real(cpu, at, ccw, 8)) {
		w.seen[w.count++] = at;
		put_ccw(&w, at, ccw);
		if (is_tic(ccw[0])) {
			uint32_t to = be32(ccw) & ADDRESS;

			/* Back to a search: what follows is for when it is found. */
			if (searching && was_seen(&w, to)) {
				at += 8;
				continue;
			}
			at = to;
			if (was_seen(&w, at))
				break;
			traceline_blank(&line, LINE_CCW);
			traceline_put(&line, 0, "---");
			put(arg, &line);
			continue;
		}
		if (ccw[4] & CCW_IDA)
			put_idal(&w, ccw);
		else if (is_seek(ccw[0]))
			put_seek(&w, ccw);
		searching = (ccw[0] & 3) == 1;
		if (!(ccw[4] & (CCW_CD | CCW_CC)))
			break;
		at += 8;
	}
}

/* ---- on the CP thread */

/* CP's own: spooled, or simulated as a console is. */
static bool is_simulated(const struct virtual_device *v)
{
	return v && (v->ur || v->kind == DEVICE_CONSOLE || v->kind == DEVICE_GRAF);
}

static void io_device(const struct virtual_device *v, struct trace_line *line)
{
	char text[32];
	unsigned at = 44;

	snprintf(text, sizeof(text), "%-4s %04X  CC %u",
		 v && !line->channel ? vdevice_word(v) : "DEV", line->vaddr, line->cc);
	traceline_put(line, 27, text);
	if (line->cc == 3 || line->channel || is_simulated(v))
		return;
	if (v && v->disk && v->disk->volume->raddr) { /* a T-disk has none */
		snprintf(text, sizeof(text), "%-4s %04X", vdevice_word(v),
			 v->disk->volume->raddr);
		traceline_put(line, at, text);
		at += 11;
	}
	if (line->cc == 1) {
		snprintf(text, sizeof(text), "CSW %04X", be16(line->csw + 4));
		traceline_put(line, at, text);
		at += 10;
	}
	if (line->start && line->cc <= 1) {
		snprintf(text, sizeof(text), "CAW %08X", line->caw);
		traceline_put(line, at, text);
	}
}

/* A minidisk's cylinder 0 is elsewhere on its volume. */
static void seek_device(const struct virtual_device *v, struct trace_line *line)
{
	uint32_t cylinder = be16(line->seek + 2);

	traceline_hex(line, 11, 8, be32(line->seek));
	traceline_hex(line, 20, 6, (uint32_t)be16(line->seek + 4) << 8 | line->seek[6]);
	if (v->disk)
		cylinder += v->disk->start;
	traceline_hex(line, 37, 4, be16(line->seek));
	traceline_hex(line, 41, 4, cylinder & 0xFFFF);
	traceline_hex(line, 46, 4, be16(line->seek + 4));
}

static void csw_device(const struct virtual_device *v, struct trace_line *line)
{
	if (!v || !v->disk || !v->disk->volume->raddr)
		return;
	traceline_put(line, 30, "R");
	traceline_hex(line, 32, 4, v->disk->volume->raddr);
	traceline_hex(line, 37, 8, be32(line->csw));
	traceline_hex(line, 46, 8, be32(line->csw + 4));
}

bool traceline_device(struct vmblok *vm, struct trace_line *line)
{
	const struct virtual_device *v = line->kind == LINE_TEXT
						 ? NULL : vdevice_find(vm, line->vaddr);

	switch (line->kind) {
	case LINE_TEXT: return true;
	case LINE_IO: io_device(v, line); return true;
	case LINE_CCW: return !is_simulated(v);
	case LINE_SEEK:
		if (!v || v->kind != DEVICE_DASD)
			return false;
		seek_device(v, line);
		return true;
	case LINE_CSW:
		csw_device(v, line);
		return !is_simulated(v);
	}
	return true;
}
