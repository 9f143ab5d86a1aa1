#include "cpu370/disasm.h"

#include <stdio.h>

#include "base/bytes.h"
#include "cpu370/opcodes.h"

/* The fields of an instruction, by the names the manual gives them. */
struct fields {
	unsigned r1, r2, i2;     /* nibbles of byte 1, and the whole byte */
	unsigned b1, d1, b2, d2; /* bytes 2-3 and 4-5 */
};

static struct fields split(const uint8_t *code, unsigned length)
{
	struct fields f = { .r1 = code[1] >> 4, .r2 = code[1] & 15, .i2 = code[1] };

	if (length > 2) {
		f.b1 = code[2] >> 4;
		f.d1 = be16(code + 2) & 0xFFF;
	}
	if (length > 4) {
		f.b2 = code[4] >> 4;
		f.d2 = be16(code + 4) & 0xFFF;
	}
	return f;
}

/* D(B) or, with a first subscript, D(X,B); a zero base register is left out. */
static const char *address(char *out, size_t size, unsigned d, unsigned b)
{
	if (b)
		snprintf(out, size, "%u(%u)", d, b);
	else
		snprintf(out, size, "%u", d);
	return out;
}

static const char *indexed(char *out, size_t size, unsigned d, unsigned x, unsigned b)
{
	if (x && b)
		snprintf(out, size, "%u(%u,%u)", d, x, b);
	else if (x)
		snprintf(out, size, "%u(%u)", d, x);
	else
		return b ? (snprintf(out, size, "%u(0,%u)", d, b), out)
			 : address(out, size, d, 0);
	return out;
}

static const char *lengthy(char *out, size_t size, unsigned d, unsigned l, unsigned b)
{
	snprintf(out, size, "%u(%u,%u)", d, l, b);
	return out;
}

static void operands(char *out, size_t size, const struct opcode *op, const uint8_t *code)
{
	struct fields f = split(code, insn_length(code[0]));
	char a1[20], a2[20];

	switch ((enum insn_format)op->format) {
	case FMT_RR:
	case FMT_RRM:
		snprintf(out, size, "%u,%u", f.r1, f.r2);
		break;
	case FMT_RR1:
		snprintf(out, size, "%u", f.r1);
		break;
	case FMT_RRI:
		snprintf(out, size, "%u", f.i2);
		break;
	case FMT_RRE:
		snprintf(out, size, "%u,%u", code[3] >> 4, code[3] & 15);
		break;
	case FMT_RRE1:
		snprintf(out, size, "%u", code[3] >> 4);
		break;
	case FMT_S0:
		out[0] = '\0';
		break;
	case FMT_RX:
	case FMT_RXM:
		snprintf(out, size, "%u,%s", f.r1,
			 indexed(a1, sizeof(a1), f.d1, f.r2, f.b1));
		break;
	case FMT_RS:
	case FMT_RSM:
		snprintf(out, size, "%u,%u,%s", f.r1, f.r2,
			 address(a1, sizeof(a1), f.d1, f.b1));
		break;
	case FMT_RSS:
		snprintf(out, size, "%u,%s", f.r1, address(a1, sizeof(a1), f.d1, f.b1));
		break;
	case FMT_SI:
		snprintf(out, size, "%s,%u", address(a1, sizeof(a1), f.d1, f.b1), f.i2);
		break;
	case FMT_S:
		address(out, size, f.d1, f.b1);
		break;
	case FMT_SS1:
		snprintf(out, size, "%s,%s", lengthy(a1, sizeof(a1), f.d1, f.i2 + 1, f.b1),
			 address(a2, sizeof(a2), f.d2, f.b2));
		break;
	case FMT_SS2:
		snprintf(out, size, "%s,%s", lengthy(a1, sizeof(a1), f.d1, f.r1 + 1, f.b1),
			 lengthy(a2, sizeof(a2), f.d2, f.r2 + 1, f.b2));
		break;
	case FMT_SS3:
		snprintf(out, size, "%s,%s,%u",
			 lengthy(a1, sizeof(a1), f.d1, f.r1 + 1, f.b1),
			 address(a2, sizeof(a2), f.d2, f.b2), f.r2);
		break;
	case FMT_SSR:
		snprintf(out, size, "%s,%s,%u", lengthy(a1, sizeof(a1), f.d1, f.r1, f.b1),
			 address(a2, sizeof(a2), f.d2, f.b2), f.r2);
		break;
	case FMT_SSE:
		snprintf(out, size, "%s,%s", address(a1, sizeof(a1), f.d1, f.b1),
			 address(a2, sizeof(a2), f.d2, f.b2));
		break;
	}
}

static void constant(char *text, const uint8_t *code, unsigned length)
{
	int at = snprintf(text, DISASM_TEXT, "DC    X'");

	for (unsigned i = 0; i < length; i++)
		at += snprintf(text + at, DISASM_TEXT - (size_t)at, "%02X", code[i]);
	snprintf(text + at, DISASM_TEXT - (size_t)at, "'");
}

unsigned disasm(const uint8_t *code, size_t length, char text[DISASM_TEXT])
{
	const struct opcode *op;
	char list[48];
	unsigned need;

	if (length == 0) {
		text[0] = '\0';
		return 0;
	}
	need = insn_length(code[0]);
	op = length >= need ? opcode_find(code[0], code[1]) : NULL;
	if (!op) {
		need = length < need ? (unsigned)length : need;
		constant(text, code, need);
		return need;
	}
	operands(list, sizeof(list), op, code);
	if (list[0])
		snprintf(text, DISASM_TEXT, "%-5s %s", op->mnemonic, list);
	else
		snprintf(text, DISASM_TEXT, "%s", op->mnemonic);
	return need;
}
