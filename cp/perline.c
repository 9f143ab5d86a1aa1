#include "cp/perline.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "cpu370/cpu.h"
#include "cpu370/opcodes.h"

#define ADDRESS 0xFFFFFFu

bool perline_peek(struct cpu370 *cpu, uint32_t laddr, uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t raddr, aaddr;

		if (cpu370_translate(cpu, (laddr + (uint32_t)i) & ADDRESS, &raddr))
			return false;
		aaddr = cpu370_real_to_absolute(cpu, raddr);
		if (storage_fetch(cpu370_storage(cpu), aaddr, 0, out + i, 1, NULL) !=
		    STORAGE_OK)
			return false;
	}
	return true;
}

void perline_text(struct per_output *out, const char *text)
{
	struct trace_line *line;

	if (out->lines == PER_LINES)
		return;
	line = &out->line[out->lines++];
	traceline_blank(line, LINE_TEXT);
	traceline_put(line, 0, text);
}

/* ---- instructions */

/* BC and BCR by their masks. */
static const char *const branches[16] = {
	"NOP", "BO", "BP", NULL, "BM", NULL, NULL, "BNZ",
	"BZ", NULL, NULL, "BNM", NULL, "BNP", "BNO", "B",
};

static const char *mnemonic(const uint8_t code[6], char out[8])
{
	const struct opcode *op = opcode_find(code[0], code[1]);
	const char *name = branches[code[1] >> 4];

	if (code[0] != 0x47 && code[0] != 0x07)
		return op ? op->mnemonic : "????";
	if (!name)
		return code[0] == 0x47 ? "BC" : "BCR";
	snprintf(out, 8, "%s%s", name, code[0] == 0x07 ? "R" : "");
	return out;
}

static uint32_t base(const uint32_t gr[16], const uint8_t *bd)
{
	unsigned b = bd[0] >> 4;

	return ((b ? gr[b] : 0) + (be16(bd) & 0xFFF)) & ADDRESS;
}

/* BALR, BCTR, BCR, BASR, and the keys of ISK and SSK. */
static bool has_address_register(const uint8_t code[6])
{
	switch (code[0]) {
	case 0x05: case 0x06: case 0x07: case 0x0D:
		return code[1] & 15;
	case 0x08: case 0x09:
		return true;
	default:
		return false;
	}
}

/* Addresses that the operands had when the instruction began. How many there are. */
static unsigned operands(const uint8_t code[6], const uint32_t gr[16], uint32_t at[2])
{
	const struct opcode *op = opcode_find(code[0], code[1]);
	unsigned x = code[1] & 15;

	if (!op || code[0] == 0x83)
		return 0;
	at[0] = base(gr, code + 2);
	switch ((enum insn_format)op->format) {
	case FMT_RR: case FMT_RR1: case FMT_RRM:
		at[0] = gr[code[1] & 15] & ADDRESS;
		return has_address_register(code);
	case FMT_RX: case FMT_RXM:
		at[0] = (at[0] + (x ? gr[x] : 0)) & ADDRESS;
		return 1;
	case FMT_RS: case FMT_RSS: case FMT_RSM: case FMT_SI: case FMT_S: case FMT_SS3:
		return 1;
	case FMT_SS1: case FMT_SS2: case FMT_SSR: case FMT_SSE:
		at[1] = base(gr, code + 4);
		return 2;
	case FMT_RRI: case FMT_RRE: case FMT_RRE1: case FMT_S0:
		break;
	}
	return 0;
}

/* Address, mnemonic and code; named: the code with what an EX has ORed to it. */
static size_t put_code(char *text, size_t room, uint32_t at, const uint8_t *code,
		       const uint8_t *named)
{
	char hex[13], name[8];

	for (unsigned i = 0; i < insn_length(code[0]); i++)
		snprintf(hex + 2 * i, 3, "%02X", code[i]);
	return (size_t)snprintf(text, room, "%06X %-5s %-8s", at, mnemonic(named, name), hex);
}

static size_t put_operands(char *text, size_t room, const uint8_t *code,
			   const struct cpu_done *done)
{
	uint32_t at[2];
	unsigned count = operands(code, done->gr, at);
	size_t n = 0;

	if (done->branched)
		at[0] = done->next;
	for (unsigned i = 0; i < count; i++)
		n += (size_t)snprintf(text + n, room - n, " %06X", at[i]);
	return n;
}

static unsigned condition(struct cpu370 *cpu)
{
	uint64_t psw = cpu370_psw(cpu);

	return (psw >> 51 & 1 ? psw >> 44 : psw >> 28) & 3;
}

static size_t put_executed(char *text, size_t room, const struct cpu_trace *what)
{
	const struct cpu_done *done = what->done;
	unsigned r1 = what->code[1] >> 4;
	uint8_t named[6];
	size_t n = 0;

	memcpy(named, done->ex_code, sizeof(named));
	if (r1) {
		named[1] |= (uint8_t)done->gr[r1];
		n = (size_t)snprintf(text, room, " %02X", (unsigned)(done->gr[r1] & 0xFF));
	}
	n += (size_t)snprintf(text + n, room - n, " ");
	n += put_code(text + n, room - n, done->ex_at, done->ex_code, named);
	return n + put_operands(text + n, room - n, named, done);
}

/* New values, on further lines where the first is full. */
static void put_registers(struct per_output *out, struct cpu370 *cpu, char *text, size_t n,
			  uint16_t changed)
{
	for (unsigned r = 0; r < 16; r++) {
		if (!(changed & 0x8000u >> r))
			continue;
		if (n + 13 > TRACE_COLUMNS) {
			perline_text(out, text);
			n = (size_t)snprintf(text, TRACE_COLUMNS + 1, "  ");
		}
		n += (size_t)snprintf(text + n, TRACE_COLUMNS + 1 - n, " G%02u=%08X", r,
				      cpu370_gr(cpu, r));
	}
	perline_text(out, text);
}

void perline_instruction(struct per_output *out, struct cpu370 *cpu,
			 const struct cpu_trace *what, bool jumped, uint16_t changed,
			 bool stored)
{
	char text[160];
	size_t n, room = sizeof(text);

	text[0] = jumped ? '>' : ' ';
	n = 1 + put_code(text + 1, room - 1, what->ia, what->code, what->code);
	if (what->done->ex)
		n += put_executed(text + n, room - n, what);
	else
		n += put_operands(text + n, room - n, what->code, what->done);
	n += (size_t)snprintf(text + n, room - n, " CC=%u%s", condition(cpu),
			      stored ? " *STORE*" : "");
	put_registers(out, cpu, text, n, changed);
}

/* ---- what goes with it */

void perline_data(struct per_output *out, struct cpu370 *cpu, uint32_t at, unsigned n)
{
	char text[TRACE_COLUMNS + 1];
	uint8_t data[PER_DATA];
	int used = snprintf(text, sizeof(text), "DATA AT %06X=", at);

	if (!perline_peek(cpu, at, data, n))
		return;
	for (unsigned i = 0; i < n; i++)
		used += snprintf(text + used, sizeof(text) - (size_t)used, "%02X", data[i]);
	perline_text(out, text);
}

void perline_page(struct per_output *out, uint32_t at, uint64_t microseconds)
{
	char text[TRACE_COLUMNS + 1];

	snprintf(text, sizeof(text), "*PGT* %06X %016llX", at,
		 (unsigned long long)microseconds);
	perline_text(out, text);
}

void perline_taken(const struct per_taken *b, char text[TRACE_COLUMNS + 1])
{
	size_t n, room = TRACE_COLUMNS + 1;

	text[0] = ':';
	n = 1 + put_code(text + 1, room - 1, b->at, b->code, b->code);
	n += (size_t)snprintf(text + n, room - n, " %06X", b->to);
	if (b->times > 1)
		snprintf(text + n, room - n, "%6u TIMES", b->times);
}
