/*
 * Instruction bytes to struct insn: the dispatch table, and what can be checked
 * from the bytes alone.
 */
#include "cpu370/int.h"

/* What the dispatch table keeps of a row of opcodes.h. */
struct dispatch {
	void (*op)(struct cpu370 *cpu, const struct insn *in);
	uint32_t flags;
	uint8_t format;
	uint8_t operand;
};

/* Rows by opcode: one-byte ones at their value, two-byte ones behind them. */
#define SLOT_B2 0x100
#define SLOT_E5 0x200
#define SLOT_E6 0x300
#define SLOT_IO 0x400 /* 9C-9F with second byte 0-15 */
#define SLOTS   0x440
#define SLOT(code)                                                                       \
	((code) < 0x100        ? (code)                                                  \
	 : (code) >> 8 == 0xB2 ? SLOT_B2 + ((code) & 0xFF)                               \
	 : (code) >> 8 == 0xE5 ? SLOT_E5 + ((code) & 0xFF)                               \
	 : (code) >> 8 == 0xE6 ? SLOT_E6 + ((code) & 0xFF)                               \
			       : SLOT_IO + ((code) >> 4 & 0x30) + ((code) & 0x0F))

#define ROW(fn, code, fmt, operand, flags) [SLOT(code)] = { fn, flags, FMT_##fmt, operand },
#define INSTALLED(fn, name, code, fmt, operand, flags, title)                            \
	ROW((flags) & OPF_OPT ? op_operation : op_##fn, code, fmt, operand, flags)
#define ABSENT(fn, name, code, fmt, operand, flags, title)                               \
	ROW(op_operation, code, fmt, operand, flags)

#ifdef CPU370_DECIMAL
#define DECIMAL_ROW INSTALLED
#else
#define DECIMAL_ROW ABSENT
#endif
#ifdef CPU370_FLOAT
#define FLOAT_ROW INSTALLED
#else
#define FLOAT_ROW ABSENT
#endif

static const struct dispatch dispatch[SLOTS] = {
	OPCODES_GENERAL(INSTALLED) OPCODES_DECIMAL(DECIMAL_ROW) OPCODES_FLOAT(FLOAT_ROW)
	OPCODES_CONTROL(INSTALLED) OPCODES_IO(INSTALLED) OPCODES_ASSIST(ABSENT)
};

static const struct dispatch not_an_instruction = { op_operation, 0, FMT_RR, 1 };

/*
 * The I/O instructions: a System/360 ignores the second byte, a System/370 all of
 * it but bit 15, and bit 14 of 9C, which makes it RIO.
 */
static unsigned io_slot(const struct cpu370 *cpu, const uint8_t *code)
{
	unsigned variant = code[1] & (code[0] == 0x9C && code[1] == 2 ? 3 : 1);

	return SLOT_IO + ((code[0] & 3u) << 4) + (cpu->arch == CPU_S360 ? 0 : variant);
}

static const struct dispatch *find(const struct cpu370 *cpu, const uint8_t *code)
{
	const struct dispatch *d;

	switch (code[0]) {
	case 0x9C: case 0x9D: case 0x9E: case 0x9F:
		d = &dispatch[io_slot(cpu, code)];
		break;
	case 0xB2:
		d = &dispatch[SLOT_B2 + code[1]];
		break;
	case 0xE5:
		d = &dispatch[SLOT_E5 + code[1]];
		break;
	case 0xE6:
		d = &dispatch[SLOT_E6 + code[1]];
		break;
	default:
		d = &dispatch[code[0]];
	}
	if (!d->op || (cpu->arch == CPU_S360 && (d->flags & OPF_370)))
		return &not_an_instruction;
	return d;
}

static uint8_t register_or_none(unsigned field)
{
	return field ? (uint8_t)field : NO_REGISTER;
}

static void split(const uint8_t *code, const struct dispatch *d, struct insn *in)
{
	in->i2 = code[1];
	in->r1 = code[1] >> 4;
	in->r2 = code[1] & 15;
	in->b1 = in->b2 = NO_REGISTER;
	in->d1 = in->d2 = 0;
	if (in->ilc > 2) {
		in->b1 = register_or_none(code[2] >> 4);
		in->d1 = be16(code + 2) & 0xFFF;
	}
	if (in->ilc > 4) {
		in->b2 = register_or_none(code[4] >> 4);
		in->d2 = be16(code + 4) & 0xFFF;
	}
	switch (d->format) {
	case FMT_RX:
	case FMT_RXM:
		in->r2 = register_or_none(in->r2);
		in->flags |= INSN_INDEXED;
		break;
	case FMT_RRE:
	case FMT_RRE1:
		in->r1 = code[3] >> 4;
		in->r2 = code[3] & 15;
		break;
	}
}

static bool odd(unsigned r)
{
	return r & 1;
}

static bool not_fpr(unsigned r)
{
	return r & 9;
}

static bool not_extended(unsigned r)
{
	return r & ~4u;
}

/* Register fields that give a specification exception. */
static bool bad_fields(uint8_t byte0, const struct dispatch *d, const struct insn *in)
{
	uint32_t f = d->flags;

	if (((f & OPF_EVEN1) && odd(in->r1)) || ((f & OPF_EVEN2) && odd(in->r2)) ||
	    ((f & OPF_EVEN3) && odd(in->r2)))
		return true;
	if (((f & OPF_F1) && not_fpr(in->r1)) || ((f & OPF_F2) && not_fpr(in->r2)))
		return true;
	if (((f & OPF_X1) && not_extended(in->r1)) || ((f & OPF_X2) && not_extended(in->r2)))
		return true;
	/* MP and DP: the second operand at most 8 bytes and shorter than the first. */
	return (byte0 == 0xFC || byte0 == 0xFD) && (in->r2 > 7 || in->r2 >= in->r1);
}

void insn_decode(const struct cpu370 *cpu, const uint8_t *code, struct insn *in)
{
	const struct dispatch *d = find(cpu, code);

	in->op = d->op;
	in->flags = 0;
	in->ilc = (uint8_t)insn_length(code[0]);
	in->toff = NO_TARGET;
	in->target = NULL;
	split(code, d, in);
	if (in->op == op_operation)
		return;
	if (d->flags & OPF_PRIV)
		in->flags |= INSN_PRIV;
	if (d->flags & OPF_END)
		in->flags |= INSN_END;
	if (d->flags & OPF_BRANCH)
		in->flags |= INSN_BRANCH;
	if (code[0] == 0x44)
		in->flags |= INSN_EX;
	if (bad_fields(code[0], d, in))
		in->op = op_specification;
	else if (cpu->arch == CPU_S360 && d->operand > 1) {
		in->flags |= INSN_ALIGN;
		in->toff = d->operand - 1;
	}
}

void insn_check(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t at;

	if ((in->flags & INSN_PRIV) && cpu->problem)
		program_check(cpu, PIC_PRIVILEGED);
	if (!(in->flags & INSN_ALIGN))
		return;
	at = in->flags & INSN_INDEXED ? address_rx(cpu, in) : address_1(cpu, in);
	if (at & in->toff)
		program_check(cpu, PIC_SPECIFICATION);
}

void op_operation(struct cpu370 *cpu, const struct insn *in)
{
	(void)in;
	program_check(cpu, PIC_OPERATION);
}

void op_specification(struct cpu370 *cpu, const struct insn *in)
{
	(void)in;
	program_check(cpu, PIC_SPECIFICATION);
}

uint32_t insn_opcode_flags(const struct cpu370 *cpu, const uint8_t *code)
{
	return find(cpu, code)->flags;
}
