/*
 * The instructions of a random case: any row of cpu370/opcodes.h, with operands that
 * suit it most of the time. What is left out of the streams, and why, is in left_out[]
 * below; besides:
 *
 * - the PER event of an altered general register, which Hercules never tells;
 * - STCK and STPT stand only at the end of a stream: what follows could read a clock;
 * - I/O instructions name absent devices, SIGP this CPU (sense, and the two calls when
 *   they can be taken at once) or absent ones: nothing may outlive the case;
 * - SPX sets the prefix to 0 or to the page that holds a copy of the supervisor, with
 *   zeros in bits 1-7 of the word, which Hercules does not ignore;
 * - PROGRAM TRANSFER has zeros in bits 0-7 of R2: Hercules takes them for an address of
 *   31 bits;
 * - the space-switch event: Hercules has its control in bit 0 of CR1, not in bit 31;
 * - SSK and its kin on blocks outside the window, stores outside it, and operands that
 *   the manual leaves open (rehearse.c) are found by rehearsal and not run.
 */
#include "tests/differential/generate.h"

#include <string.h>

#include "base/bytes.h"
#include "base/compiler.h"

/* Logical address of the first instruction. */
static uint32_t code_at(const struct gen *g)
{
	return (uint32_t)g->c->psw & 0xFFFFFF;
}

/* ---- operands */

static unsigned base(struct gen *g)
{
	unsigned r;

	if (g->tame)
		return BASE_FIRST + gen_below(g, 16 - BASE_FIRST);

	if (gen_below(g, 1000) < (g->key0 && !g->dat ? 3u : 30u))
		return 0;
	for (unsigned i = 0; i < 8; i++) {
		r = 1 + gen_below(g, 15);
		if (g->aimed & 1u << r)
			return r;
	}
	return 1 + gen_below(g, 15);
}

static unsigned displacement(struct gen *g)
{
	if (g->tame)
		return gen_below(g, 0x80);
	switch (gen_below(g, 10)) {
	case 0:
	case 1:
	case 2: return 0;
	case 3:
	case 4:
	case 5:
	case 6: return gen_below(g, 24);
	case 7:
	case 8: return gen_below(g, 256);
	default: return gen_below(g, 4096);
	}
}

struct operand {
	unsigned b, d;
	uint32_t address;
};

/* A base and displacement whose sum is, most of the time, a multiple of align. */
static struct operand operand(struct gen *g, unsigned align)
{
	struct operand op = { base(g), displacement(g), 0 };
	uint32_t b = op.b ? g->c->gr[op.b] : 0;

	if (align > 1 && gen_percent(g, 85))
		op.d = (op.d & ~(align - 1)) + ((0u - b) & (align - 1));
	op.d &= 0xFFF;
	op.address = (b + op.d) & 0xFFFFFF;
	return op;
}

static void put_operand(uint8_t *at, struct operand op)
{
	at[0] = (uint8_t)(op.b << 4 | op.d >> 8);
	at[1] = (uint8_t)op.d;
}

static void place_packed(struct gen *g, struct operand op, unsigned n)
{
	uint8_t field[16];

	gen_packed(g, field, n);
	if (gen_percent(g, 90))
		gen_place(g, op.address, field, n);
}

static void place_zoned(struct gen *g, struct operand op, unsigned n)
{
	uint8_t field[16];

	for (unsigned i = 0; i < n; i++)
		field[i] = (uint8_t)((gen_percent(g, 95) ? 0xF0 : gen_below(g, 16) << 4) |
				     gen_below(g, 10));
	if (gen_percent(g, 60))
		gen_place(g, op.address, field, n);
}

static void place_pattern(struct gen *g, struct operand op, unsigned n)
{
	uint8_t field[PATCH_BYTES];

	for (unsigned i = 0; i < n && i < sizeof(field); i++)
		field[i] = gen_percent(g, 60)	? 0x20
			   : gen_percent(g, 40) ? 0x21
			   : gen_percent(g, 40) ? 0x22
						: (uint8_t)(0x40 | gen_below(g, 64));
	gen_place(g, op.address, field, n < sizeof(field) ? n : sizeof(field));
}

static void place_float(struct gen *g, struct operand op)
{
	uint8_t field[16];

	put_be64(field, gen_float(g));
	put_be64(field + 8, gen_float(g));
	gen_place(g, op.address, field, 16);
}

/* A PSW to load: like the case's, further on in the stream, never waiting. */
static void place_psw(struct gen *g, struct operand op)
{
	uint64_t psw = g->c->psw ^ (uint64_t)(gen_percent(g, 30) ? gen_below(g, 16) : 0)
					   << 52;
	uint8_t field[8];

	psw += gen_percent(g, 90) ? 4 : gen_below(g, 64);
	if (gen_percent(g, 20))
		psw ^= UINT64_C(1) << 48;
	if (gen_percent(g, 10))
		psw ^= UINT64_C(1) << 51;
	if (gen_percent(g, 10))
		psw ^= UINT64_C(1) << gen_below(g, 48);
	put_be64(field, psw & ~(UINT64_C(1) << 49));
	gen_place(g, op.address, field, sizeof(field));
}

/* ---- instructions */

static bool is(const struct opcode *row, const char *name)
{
	return !strcmp(row->mnemonic, name);
}

static const struct {
	const char *mnemonic, *why;
} left_out[] = {
	{"DIAG",  "model-dependent; Hercules has functions of its own"	       },
	{ "TB",	"Hercules clears 2K of the 4K block"			     },
	{ "WRD",	 "direct control: Hercules has it, here an operation exception"},
	{ "RDD",	 "direct control: Hercules has it, here an operation exception"},
	{ "IUCV", "of CP only"						  },
};

const char *generate_left_out(const struct opcode *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(left_out); i++)
		if (!strcmp(row->mnemonic, left_out[i].mnemonic))
			return left_out[i].why;
	if (row->chapter == CHAPTER_ASSIST)
		return "machine-dependent assist: Hercules has some, here operation "
		       "exceptions";
	return NULL;
}

/* Supervisor's business that a program in the problem state rarely tries. */
static bool unlikely(struct gen *g, const struct opcode *row)
{
	return row->flags & OPF_PRIV && !g->supervisor && gen_percent(g, 90);
}

/* A clock value may be read by nothing behind it. */
static bool reads_clock(const struct opcode *row)
{
	return row->opcode == 0xB205 || row->opcode == 0xB209;
}

/* What would mostly end a case: an interruption, other states, patches used up. */
static bool ends(struct gen *g, const struct opcode *row)
{
	if (row->chapter == CHAPTER_CONTROL || row->chapter == CHAPTER_IO ||
	    is(row, "SVC") || is(row, "DR") || is(row, "D") || is(row, "MC") ||
	    is(row, "MVCL") || is(row, "CLCL") || is(row, "EX"))
		return gen_percent(g, 95);
	if (row->chapter == CHAPTER_DECIMAL || is(row, "CVB"))
		return g->patches + 2 > PATCHES - 1 || gen_percent(g, 50);
	return false;
}

/* n: place in the stream; INSNS_MAX: a target of EX. */
static const struct opcode *choose(struct gen *g, unsigned n)
{
	for (;;) {
		const struct opcode *row =
			&opcode_rows[gen_below(g, (unsigned)opcode_count)];

		if (g->o->only && gen_percent(g, 70))
			row = opcode_named(g->o->only);
		if (reads_clock(row) && n + 1 != g->c->insns)
			continue;
		if (row->chapter == CHAPTER_DECIMAL && g->o->no_decimal)
			continue;
		if (row->chapter == CHAPTER_FLOAT && g->o->no_float)
			continue;
		/* half of the dual-address-space instructions where they make sense */
		if (row->flags & OPF_DAS && !g->das && gen_percent(g, 50))
			continue;
		if (!g->o->only && (unlikely(g, row) || (g->tame && ends(g, row))))
			continue;
		if (!generate_left_out(row))
			return row;
	}
}

/* A register number that suits the flag bits of a row. */
static unsigned reg(struct gen *g, const struct opcode *row, unsigned even, unsigned fp,
		    unsigned ext)
{
	unsigned r = gen_below(g, g->tame ? BASE_FIRST : 16);

	if (gen_percent(g, 4) && !g->tame)
		return r;
	if (row->flags & ext)
		return r & 4;
	if (row->flags & fp)
		return r & 6;
	if (row->flags & even)
		return r & 14;
	return r;
}

/* Lengths of MVCL and CLCL: mostly short; the second register of each pair. */
static void long_lengths(struct gen *g, unsigned r1, unsigned r2)
{
	unsigned r[2] = { r1, r2 };

	for (unsigned i = 0; i < 2; i++) {
		uint32_t length =
			gen_percent(g, 70) ? gen_below(g, 64) : gen_below(g, 5000);

		if (gen_percent(g, 3))
			length = (uint32_t)gen_bits(g) & 0xFFFF;
		if (!(g->aimed & 1u << r[i]) && gen_percent(g, 90))
			g->c->gr[r[i]] = gen_aim(g);
		g->c->gr[r[i] | 1] = ((uint32_t)gen_bits(g) & 0xFF000000) | length;
	}
	/* over its own code the outcome is unpredictable */
	if ((g->c->gr[r1] & 0xFFFFFF) <= code_at(g) + CODE_BYTES &&
	    (g->c->gr[r1] & 0xFFFFFF) + (g->c->gr[r1 | 1] & 0xFFFFFF) > code_at(g))
		g->c->gr[r1] = code_at(g) + CODE_BYTES;
}

static void make_rr(struct gen *g, const struct opcode *row, uint8_t *insn, unsigned n)
{
	unsigned r1 = reg(g, row, OPF_EVEN1, OPF_F1, OPF_X1);
	unsigned r2 = reg(g, row, OPF_EVEN2, OPF_F2, OPF_X2);

	if (is(row, "MVCL") || is(row, "CLCL"))
		long_lengths(g, r1, r2);
	if ((is(row, "SSK") || is(row, "ISK")) && gen_percent(g, 90))
		g->c->gr[r2] = (ST_WINDOW + gen_below(g, WINDOW_DATA)) & ~0xFu;
	if (row->flags & OPF_BRANCH && gen_percent(g, 85))
		g->fixup[n] = FIX_BRANCH_REGISTER;
	insn[1] = (uint8_t)(r1 << 4 | r2);
}

static void make_rx(struct gen *g, const struct opcode *row, uint8_t *insn, unsigned n)
{
	unsigned r1 = reg(g, row, OPF_EVEN1, OPF_F1, OPF_X1);
	unsigned x = g->tame || gen_percent(g, 85) ? 0 : gen_below(g, 16);
	struct operand op = operand(g, row->operand);

	insn[1] = (uint8_t)(r1 << 4 | x);
	put_operand(insn + 2, op);
	if (row->flags & OPF_BRANCH && gen_percent(g, 90))
		g->fixup[n] = FIX_BRANCH;
	else if (is(row, "EX") && gen_percent(g, 95))
		g->fixup[n] = FIX_EX;
	else if (row->flags & OPF_STORE && gen_percent(g, 3))
		g->fixup[n] = FIX_STORE;
	else if (is(row, "CVB"))
		place_packed(g, op, 8);
	else if (row->chapter == CHAPTER_FLOAT && gen_percent(g, 70))
		place_float(g, op);
}

/*
 * To itself: sense, an order that there is not, and the calls where they are taken at
 * once. To absent CPUs: any order.
 */
static void make_sigp(struct gen *g, uint8_t *insn)
{
	unsigned r3 = insn[1] & 15, order = gen_below(g, 16);
	bool absent = gen_percent(g, 40);

	if (!absent)
		order = g->external && gen_percent(g, 60) ? 2 + gen_below(g, 2)
			: gen_percent(g, 60)		  ? 1
							  : 0x20 + gen_below(g, 0xE0);
	g->c->gr[r3] = ((uint32_t)gen_bits(g) & 0xFFFF0000) |
		       (absent ? 1 + gen_below(g, 0xFFFF) : 0);
	put_operand(insn + 2, (struct operand){ 0, order, 0 });
}

static void make_rs(struct gen *g, const struct opcode *row, uint8_t *insn, unsigned n)
{
	unsigned r1 = reg(g, row, OPF_EVEN1, 0, 0), r3 = reg(g, row, OPF_EVEN3, 0, 0);
	struct operand op = operand(g, row->operand);

	insn[1] = (uint8_t)(r1 << 4 | r3);
	if (g->tame && r3 < r1 && (row->opcode == 0x98 || row->opcode == 0x90))
		insn[1] = (uint8_t)(r3 << 4 | r1);
	if (row->format == FMT_RSS && gen_percent(g, 70))
		op = (struct operand){ 0, gen_below(g, 80), 0 };
	put_operand(insn + 2, op);
	if (row->flags & OPF_BRANCH && gen_percent(g, 95))
		g->fixup[n] = FIX_BRANCH;
	if (is(row, "SIGP"))
		make_sigp(g, insn);
	if ((is(row, "CS") || is(row, "CDS")) && gen_percent(g, 50)) {
		uint8_t field[8];

		put_be32(field, g->c->gr[r1]);
		put_be32(field + 4, g->c->gr[r1 | 1]);
		gen_place(g, op.address, field, is(row, "CS") ? 4 : 8);
	}
}

static void make_si(struct gen *g, const struct opcode *row, uint8_t *insn, unsigned n)
{
	insn[1] = (uint8_t)gen_bits(g);
	if (is(row, "MC") && gen_percent(g, 90))
		insn[1] &= 0x0F;
	if (is(row, "STOSM"))
		insn[1] &= 0x45;
	put_operand(insn + 2, operand(g, row->operand));
	if (row->flags & OPF_STORE && gen_percent(g, g->tame ? 1 : 6))
		g->fixup[n] = FIX_STORE;
}

static void place_clock(struct gen *g, struct operand op)
{
	uint8_t field[8];
	uint64_t value = gen_bits(g);

	if (gen_percent(g, 30))
		value = gen_percent(g, 50) ? 0 : ~UINT64_C(0);
	put_be64(field, value);
	gen_place(g, op.address, field, 8);
}

/* An absent device, by base 0: channel and unit in the displacement. */
static struct operand absent_device(struct gen *g)
{
	return (struct operand){ 0, gen_below(g, 16) << 8 | (0x80 + gen_below(g, 0x80)),
				 0 };
}

/* PC number: linkage index, entry index; the entry leads on in the stream. */
static struct operand program_call(struct gen *g, unsigned n)
{
	unsigned lx = gen_percent(g, 85) ? 0 : gen_below(g, 16);
	unsigned ex = gen_percent(g, 85) ? gen_below(g, 16) : gen_below(g, 256);
	uint8_t entry[16] = { 0 };

	put_be16(entry, (uint16_t)(gen_bits(g) | gen_bits(g)));
	put_be16(entry + 2, gen_percent(g, 40) ? 0 : gen_asn(g));
	put_be32(entry + 8, (uint32_t)gen_bits(g));
	put_be32(entry + 12, (uint32_t)gen_bits(g));
	if (lx == 0 && ex < 16 && !g->entry)
		g->entry =
			gen_place_real(g, ST_ENTRY_TABLE + 16 * ex, entry, sizeof(entry));
	if (g->entry)
		g->fixup[n] = FIX_PROGRAM_CALL;
	return (struct operand){ 0, lx << 8 | ex, 0 };
}

static void make_s(struct gen *g, const struct opcode *row, uint8_t *insn, unsigned n)
{
	struct operand op = operand(g, row->operand);

	if (row->opcode <= 0xFF)
		insn[1] = gen_percent(g, 90) ? 0 : (uint8_t)gen_bits(g);
	switch (row->opcode) {
	case 0x82: place_psw(g, op); break;
	case 0x80:
		if (gen_percent(g, 90)) {
			uint8_t mask = (uint8_t)(gen_bits(g) & 0x45);

			gen_place(g, op.address, &mask, 1);
		}
		break;
	case 0xB204:
	case 0xB206:
	case 0xB208: place_clock(g, op); break;
	case 0xB20A: op = (struct operand){ 0, gen_below(g, 0x1000), 0 }; break;
	case 0xB210: /* only the literal: another prefix would end the run */
		g->fixup[n] = FIX_LITERAL;
		g->c->has_literal = true;
		g->c->literal = ((uint32_t)gen_bits(g) & 0x80000FFF) |
				(gen_percent(g, 50) ? ST_PREFIX : 0);
		break;
	case 0xB213: op.d = gen_percent(g, 90) ? op.d : gen_below(g, 0x1000); break;
	case 0xB218: op = program_call(g, n); break;
	case 0xB219:
		op = (struct operand){ 0,
				       gen_percent(g, 90) ? gen_below(g, 2) << 8
							  : (4 + gen_below(g, 12)) << 8,
				       0 };
		break;
	}
	if (row->chapter == CHAPTER_IO || is(row, "STIDC") || is(row, "CONCS") ||
	    is(row, "DISCS"))
		op = absent_device(g);
	put_operand(insn + 2, op);
}

static void make_rre(struct gen *g, const struct opcode *row, uint8_t *insn, unsigned n)
{
	unsigned r1 = reg(g, row, OPF_EVEN1, OPF_F1, OPF_X1);
	unsigned r2 = reg(g, row, OPF_EVEN2, OPF_F2, OPF_X2);

	insn[2] = gen_percent(g, 95) ? 0 : (uint8_t)gen_bits(g);
	insn[3] = (uint8_t)(r1 << 4 | r2);
	switch (row->opcode) {
	case 0xB221: /* IPTE */
		if (gen_percent(g, 80))
			g->c->gr[r1] = gen_page_table(gen_below(g, 4));
		break;
	case 0xB223: /* IVSK */
		if (gen_percent(g, 90))
			g->c->gr[r2] = gen_aim(g);
		break;
	case 0xB225: g->c->gr[r1] = (uint32_t)gen_bits(g) << 16 | gen_asn(g); break;
	case 0xB228:
		g->fixup[n] = FIX_PROGRAM_TRANSFER;
		g->c->gr[r1] = (uint32_t)(gen_bits(g) | gen_bits(g)) << 16 |
			       (gen_percent(g, 50) ? g->c->cr[4] & 0xFFFF : gen_asn(g));
		break;
	case 0xB229:
	case 0xB22A:
	case 0xB22B: /* ISKE, RRBE, SSKE */
		if (gen_percent(g, 95))
			g->c->gr[r2] = ST_WINDOW + gen_below(g, WINDOW_DATA);
		break;
	}
}

static void make_ss(struct gen *g, const struct opcode *row, uint8_t *insn, unsigned n)
{
	struct operand op1 = operand(g, 1), op2 = operand(g, 1);
	unsigned l1 = gen_below(g, 16), l2 = gen_below(g, 16);

	insn[1] = (uint8_t)(l1 << 4 | l2);
	if (row->format == FMT_SS1) {
		insn[1] = (uint8_t)(gen_percent(g, 70) ? gen_below(g, 40) : gen_bits(g));
		if (row->chapter == CHAPTER_DECIMAL && gen_percent(g, 90)) {
			place_pattern(g, op1, insn[1] + 1u);
			place_packed(g, op2, 1 + gen_below(g, 16));
		}
		if (gen_percent(g, 10) &&
		    row->chapter != CHAPTER_DECIMAL) /* overlapping operands */
			op2 = (struct operand){ op1.b, (op1.d + gen_below(g, 20)) & 0xFFF,
						0 };
	} else if (row->format == FMT_SS2 || row->format == FMT_SS3) {
		if (gen_percent(g, 50))
			l2 %= 8;
		if ((is(row, "MP") || is(row, "DP")) && gen_percent(g, 80))
			l2 %= l1 ? l1 : 1;
		insn[1] = (uint8_t)(l1 << 4 | l2);
		if (gen_percent(g, 8)) /* the same right end */
			op2 = (struct operand){ op1.b, (op1.d + l1 - l2) & 0xFFF,
						(op1.address + l1 - l2) & 0xFFFFFF };
		if (is(row, "PACK")) {
			place_zoned(g, op2, l2 + 1);
		} else {
			place_packed(g, op1, l1 + 1);
			if (row->format == FMT_SS2)
				place_packed(g, op2, l2 + 1);
			else if (gen_percent(g, 80))
				op2 = (struct operand){ 0, gen_below(g, 64), 0 };
		}
	}
	put_operand(insn + 2, op1);
	put_operand(insn + 4, op2);
	if (row->flags & OPF_STORE && gen_percent(g, 3))
		g->fixup[n] = FIX_STORE;
}

/* MVCK, MVCP, MVCS: R1 the length, R3 the key of the other side. */
static void make_ssr(struct gen *g, uint8_t *insn)
{
	unsigned r1 = gen_below(g, 16), r3 = gen_below(g, 16);

	insn[1] = (uint8_t)(r1 << 4 | r3);
	if (gen_percent(g, 85))
		g->c->gr[r3] = ((uint32_t)gen_bits(g) & 0xFFFFFF0F) |
			       (uint32_t)(g->c->psw >> 48 & 0xF0);
	if (gen_percent(g, 90))
		g->c->gr[r1] = gen_percent(g, 80) ? gen_below(g, 100) : gen_below(g, 400);
	put_operand(insn + 2, operand(g, 1));
	put_operand(insn + 4, operand(g, 1));
}

/* LASP, TPROT */
static void make_sse(struct gen *g, const struct opcode *row, uint8_t *insn)
{
	struct operand op1 = operand(g, row->operand), op2 = operand(g, 1);
	uint8_t field[8];

	if (is(row, "LASP")) {
		put_be16(field, (uint16_t)gen_bits(g));
		put_be16(field + 2, gen_asn(g));
		put_be16(field + 4, (uint16_t)gen_below(g, 0x200));
		put_be16(field + 6, gen_asn(g));
		gen_place(g, op1.address, field, 8);
		op2 = (struct operand){ 0, gen_below(g, 8), 0 };
	} else if (gen_percent(g, 60)) {
		op2 = (struct operand){ 0, (unsigned)(g->c->psw >> 48 & 0xF0), 0 };
	}
	put_operand(insn + 2, op1);
	put_operand(insn + 4, op2);
}

static void make(struct gen *g, const struct opcode *row, uint8_t insn[6], unsigned n)
{
	if (row->opcode > 0xFF) {
		insn[0] = (uint8_t)(row->opcode >> 8);
		insn[1] = (uint8_t)row->opcode;
	} else {
		insn[0] = (uint8_t)row->opcode;
	}
	switch ((enum insn_format)row->format) {
	case FMT_RR:
	case FMT_RR1:
	case FMT_RRM: make_rr(g, row, insn, n); break;
	case FMT_RRI: insn[1] = (uint8_t)gen_below(g, 255); break;
	case FMT_RRE:
	case FMT_RRE1: make_rre(g, row, insn, n); break;
	case FMT_RX:
	case FMT_RXM: make_rx(g, row, insn, n); break;
	case FMT_RS:
	case FMT_RSS:
	case FMT_RSM: make_rs(g, row, insn, n); break;
	case FMT_SI: make_si(g, row, insn, n); break;
	case FMT_S: make_s(g, row, insn, n); break;
	case FMT_S0: break;
	case FMT_SS1:
	case FMT_SS2:
	case FMT_SS3: make_ss(g, row, insn, n); break;
	case FMT_SSR: make_ssr(g, insn); break;
	case FMT_SSE: make_sse(g, row, insn); break;
	}
}

/* An operation code that no row has. */
static void make_undefined(struct gen *g, uint8_t insn[6])
{
	do {
		for (unsigned i = 0; i < 6; i++)
			insn[i] = (uint8_t)gen_bits(g);
		/* the vector facility, ESA and assist codes differ between machines */
	} while (opcode_find(insn[0], insn[1]) || insn[0] == 0xA4 || insn[0] == 0xA5 ||
		 insn[0] == 0xA6 || insn[0] == 0xA7 || insn[0] == 0xB2 ||
		 insn[0] == 0xB9 || insn[0] == 0xE4 || insn[0] == 0xE5 ||
		 insn[0] == 0xE6 || insn[0] == 0x83 || (insn[0] & 0xFC) == 0x9C);
}

static void make_any(struct gen *g, uint8_t insn[6], unsigned n)
{
	memset(insn, 0, 6);
	if (gen_percent(g, 1) && gen_percent(g, 50) && !g->o->only && !g->tame)
		make_undefined(g, insn);
	else
		make(g, choose(g, n), insn, n);
}

/* ---- the stream */

/* A register that a branch goes to: offset `to` in the stream. */
static void fix_register(struct gen *g, unsigned r, unsigned to)
{
	if (r != 0)
		g->c->gr[r] = (g->c->gr[r] & 0xFF000000) | (code_at(g) + to);
}

static void fix(struct gen *g, unsigned n, const unsigned *offset)
{
	struct test_case *c = g->c;
	unsigned later = n + 1 + gen_below(g, c->insns - n); /* up to the SVC */
	unsigned to = offset[g->tame && later > n + 2 ? n + 1 + later % 2 : later];
	bool problem = gen_percent(g, 95) ? c->psw >> 48 & 1 : gen_percent(g, 50);

	if (gen_percent(g, 3) && !g->tame)
		to += gen_below(g, 24);
	switch (g->fixup[n]) {
	case FIX_EX:
		to = offset[c->insns] + 2;
		if (gen_percent(g, 40))
			to += length_of(c->target[0]);
		if (gen_percent(g, 3) && !g->tame)
			to = offset[later];
		break;
	case FIX_BRANCH_REGISTER:
		if ((c->insn[n][1] & 0xF) ==
		    g->code_reg) /* it would branch to the start */
			c->insn[n][1] ^= 1;
		fix_register(g, c->insn[n][1] & 0xF, to);
		return;
	case FIX_PROGRAM_TRANSFER:
		if ((c->insn[n][3] & 0xF) != g->code_reg)
			c->gr[c->insn[n][3] & 0xF] = (code_at(g) + to) | problem;
		return;
	case FIX_PROGRAM_CALL:
		put_be32(g->entry->bytes + 4, (code_at(g) + to) | problem);
		return;
	case FIX_LITERAL: to = case_literal_at(c); break;
	case FIX_STORE: to += gen_below(g, 2); break;
	}
	c->insn[n][2] = (uint8_t)(g->code_reg << 4 | to >> 8);
	c->insn[n][3] = (uint8_t)to;
	if (g->fixup[n] != FIX_STORE && g->fixup[n] != FIX_LITERAL &&
	    c->insn[n][0] < 0x80)
		c->insn[n][1] &= 0xF0; /* no index */
}

/* EX would make another opcode of two bytes; SPX needs its literal. */
static bool suits_ex(const uint8_t *insn)
{
	return insn[0] != 0xE5 && (insn[0] & 0xFC) != 0x9C && insn[0] != 0xAE &&
	       (insn[0] != 0xB2 ||
		(insn[1] != 0x10 && insn[1] != 0x18 && insn[1] != 0x28 &&
		 insn[1] != 0x00 && insn[1] != 0x01 && insn[1] != 0x03));
}

void gen_stream(struct gen *g)
{
	struct test_case *c = g->c;
	unsigned offset[INSNS_MAX + 1] = { 0 };

	c->insns = 1 + gen_below(g, gen_percent(g, 50) ? 6 : 16);
	if (g->tame)
		c->insns = INSNS_MAX / 2 + gen_below(g, INSNS_MAX / 2 + 1);
	for (unsigned i = 0; i < c->insns; i++)
		make_any(g, c->insn[i], i);
	for (unsigned i = 0; i < 2; i++)
		do
			make_any(g, c->target[i], INSNS_MAX);
		while (!suits_ex(c->target[i]));
	for (unsigned i = 0; i < c->insns; i++)
		offset[i + 1] = offset[i] + length_of(c->insn[i]);
	for (unsigned i = 0; i < c->insns; i++)
		if (g->fixup[i] != FIX_NONE)
			fix(g, i, offset);
}
