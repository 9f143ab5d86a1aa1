/*
 * Random cases. Operands are aimed at what an implementation gets wrong: the
 * edges of 2K blocks and 4K pages, blocks with other keys, invalid pages and
 * segments, the end of storage, unaligned fields, invalid digits and signs,
 * extreme numbers, code that is changed just before it is executed.
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "cpu370/opcodes.h"
#include "tests/differential/case.h"

#define CR0_PAGE_2K    0x00400000u
#define CR0_PAGE_4K    0x00800000u
#define CR0_SEGMENT_1M 0x00100000u
#define CR0_LOW_PROTECTION 0x10000000u

struct gen {
	uint64_t state;
	const struct generator_options *o;
	struct test_case *c;
	unsigned code_reg;   /* its initial value is code_at */
	uint16_t aimed;      /* registers that hold addresses, bit n */
	bool dat, key0, supervisor;
	unsigned patches;
	/* branches and EX get their displacement when the stream is complete */
	uint8_t fixup[INSNS_MAX + 1];
};

enum { FIX_NONE, FIX_BRANCH, FIX_EX, FIX_BRANCH_REGISTER, FIX_STORE };

/* ---- numbers */

static uint64_t mix(uint64_t z)
{
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

static uint64_t bits(struct gen *g)
{
	return mix(g->state += UINT64_C(0x9E3779B97F4A7C15));
}

static unsigned below(struct gen *g, unsigned n)
{
	return (unsigned)((bits(g) >> 32) * n >> 32);
}

static bool percent(struct gen *g, unsigned p)
{
	return below(g, 100) < p;
}

/* ---- the window's template */

/* A packed number of n bytes, sometimes with a bad digit or sign. */
static void packed(struct gen *g, uint8_t *at, unsigned n)
{
	static const uint8_t signs[] = { 0xC, 0xD, 0xC, 0xD, 0xF, 0xA, 0xB, 0xE };
	unsigned digits = 2 * n - 1, zeros = percent(g, 60) ? below(g, digits + 1) : 0;
	unsigned nines = percent(g, 10);

	for (unsigned i = 0; i < 2 * n; i++) {
		unsigned d = i < zeros ? 0 : nines ? 9 : below(g, 10);

		if (i == digits)
			d = signs[below(g, sizeof(signs))];
		if (percent(g, 1) && percent(g, 40))
			d = below(g, 16);
		at[i / 2] = (uint8_t)(i % 2 ? at[i / 2] | d : d << 4);
	}
}

static uint64_t hexadecimal_float(struct gen *g)
{
	static const uint8_t extremes[] = { 0x00, 0x01, 0x02, 0x0F, 0x3F, 0x40, 0x41, 0x4E,
					    0x71, 0x7E, 0x7F };
	uint64_t fraction = bits(g) >> 8;
	unsigned exponent = percent(g, 60) ? 0x3C + below(g, 10)
			    : percent(g, 60) ? extremes[below(g, sizeof(extremes))]
					     : below(g, 128);

	switch (below(g, 12)) {
	case 0: fraction = 0; break;
	case 1: fraction = UINT64_C(0xFFFFFFFFFFFFFF); break;
	case 2: fraction = UINT64_C(0x10000000000000); break;
	case 3: fraction >>= 4 * below(g, 14); break;
	case 4: fraction &= UINT64_C(0xFFFFFF00000000); break;
	case 5: fraction &= ~UINT64_C(0) << below(g, 56); break;
	}
	return (uint64_t)(percent(g, 50)) << 63 | (uint64_t)exponent << 56 | fraction;
}

static void fill_data(struct gen *g, uint8_t *window)
{
	for (unsigned at = 0; at < WINDOW_DATA;) {
		unsigned n = 1 + below(g, 16);
		uint8_t field[16];

		for (unsigned i = 0; i < 16; i++)
			field[i] = (uint8_t)bits(g);
		switch (below(g, 6)) {
		case 0: case 1: packed(g, field, n); break;
		case 2: n = 8; put_be64(field, hexadecimal_float(g)); break;
		case 3:
			for (unsigned i = 0; i < n; i++)
				field[i] = (uint8_t)(0xF0 | below(g, 10));
			break;
		case 4: memset(field, percent(g, 50) ? 0 : 0xFF, n); break;
		}
		for (unsigned i = 0; i < n && at < WINDOW_DATA; i++)
			window[at++] = field[i];
	}
}

/* ---- translation tables, at the end of the window
 *
 * Virtual X'20000'-X'23FFF' is the window's 16K, the halves exchanged; X'24000'
 * is invalid, X'25000' and X'26000' show frames a second time, X'27000' lies
 * beyond storage, X'28000' has reserved bits on, X'29000' shows the tables.
 */

#define SEGMENT_TABLE(f) (ST_TABLES + 64u * (f))

static const struct format {
	uint32_t cr0;
	bool big_pages, big_segments;
	uint32_t low, main; /* page tables of virtual 0 and of X'20000' */
} formats[4] = {
	{ CR0_PAGE_2K, false, false, ST_TABLES + 0x100, ST_TABLES + 0x140 },
	{ CR0_PAGE_4K, true, false, ST_TABLES + 0x180, ST_TABLES + 0x1A0 },
	{ CR0_PAGE_2K | CR0_SEGMENT_1M, false, true, 0, ST_TABLES + 0x400 },
	{ CR0_PAGE_4K | CR0_SEGMENT_1M, true, true, 0, ST_TABLES + 0x800 },
};

static uint8_t *table(uint8_t *window, uint32_t address)
{
	return window + (address - ST_WINDOW);
}

/* Page-table entry of the virtual page at vaddr. */
static uint16_t page_entry(const struct format *f, uint32_t vaddr)
{
	uint32_t real = 0;
	uint16_t invalid = f->big_pages ? 0x0008 : 0x0004;

	if (vaddr < 0x1000)
		real = ST_WINDOW + 0x2000 + vaddr;
	else if (vaddr >= ST_WINDOW && vaddr < ST_WINDOW + WINDOW_DATA)
		real = ST_WINDOW + ((vaddr - ST_WINDOW + 0x2000) & 0x3FFF);
	else if (vaddr >= 0x25000 && vaddr < 0x27000)
		real = vaddr - 0x5000;
	else if (vaddr >= 0x27000 && vaddr < 0x28000)
		real = 0xFF0000 + (vaddr & 0xFFF);
	else if (vaddr >= 0x28000 && vaddr < 0x29000)
		return (uint16_t)(f->big_pages ? (ST_WINDOW >> 12) << 4 | 4
					       : (ST_WINDOW >> 11) << 3 | 2);
	else if (vaddr >= 0x29000 && vaddr < 0x2A000)
		real = ST_TABLES + (vaddr & 0xFFF);
	else
		return invalid;
	return (uint16_t)(f->big_pages ? (real >> 12) << 4 : (real >> 11) << 3);
}

static void page_table(uint8_t *window, const struct format *f, uint32_t at, uint32_t vaddr,
		       uint32_t size)
{
	uint32_t page = f->big_pages ? 0x1000 : 0x800;

	for (uint32_t v = vaddr; v < vaddr + size; v += page, at += 2)
		put_be16(table(window, at), page_entry(f, v));
}

static void segment_table(uint8_t *window, const struct format *f, unsigned n)
{
	uint32_t full = 0xF0000000u | f->main;
	uint32_t entries[16];

	for (unsigned i = 0; i < 16; i++)
		entries[i] = 0xF0000001u | f->main;
	entries[f->big_segments ? 0 : 2] = full;
	if (!f->big_segments)
		entries[0] = 0xF0000000u | f->low;
	entries[3] = f->main;                    /* a short page table */
	entries[4] = full | 0x0A000000;          /* reserved bits */
	entries[5] = full | 4;                   /* protected */
	entries[6] = full | 2;                   /* common */
	entries[7] = 0xF0FF0000u;                /* page table beyond storage */
	for (unsigned i = 0; i < 16; i++)
		put_be32(table(window, SEGMENT_TABLE(n)) + 4 * i, entries[i]);
}

void generate_template(uint64_t seed, uint8_t window[WINDOW_SIZE])
{
	struct gen g = { .state = mix(seed ^ UINT64_C(0x5445575054)) };

	memset(window, 0, WINDOW_SIZE);
	fill_data(&g, window);
	for (unsigned n = 0; n < 4; n++) {
		const struct format *f = &formats[n];

		segment_table(window, f, n);
		if (f->big_segments) {
			page_table(window, f, f->main, 0, 0x100000);
		} else {
			page_table(window, f, f->low, 0, 0x10000);
			page_table(window, f, f->main, 0x20000, 0x10000);
		}
	}
}

/* ---- addresses and registers */

/* Where a logical address of the window's data lies in real storage. */
static uint32_t to_real(const struct gen *g, uint32_t address)
{
	if (!g->dat || address < ST_WINDOW || address >= ST_WINDOW + WINDOW_DATA)
		return address;
	return ST_WINDOW + ((address - ST_WINDOW + 0x2000) & 0x3FFF);
}

static bool in_data(uint32_t address)
{
	return address >= ST_WINDOW && address < ST_WINDOW + WINDOW_DATA;
}

static uint32_t aim(struct gen *g)
{
	static const uint32_t special[] = { 0x24000, 0x25000, 0x26000, 0x27000, 0x28000,
					    0x29000, 0x30000, 0x31000, 0x40000 + 0x20000,
					    0x50000, 0x60000, 0x70000, 0x100000, 0x300000,
					    0x320000, 0x420000, 0x520000, 0x620000, ST_SIZE,
					    0xFFFFF8, 0x1000 };
	unsigned kind = below(g, 100);
	int delta = percent(g, 30) ? 0 : (int)below(g, 72) - 40;

	if (kind < 45)
		return ST_WINDOW + BLOCK * below(g, 9) + (uint32_t)delta;
	if (kind < 72)
		return ST_WINDOW + below(g, WINDOW_DATA);
	if (kind < 75)
		return g->c->code_at + below(g, 32);
	if (kind < 78)
		return ST_TABLES + below(g, 0x1000);
	if (kind < 92)
		return ST_WINDOW + 8 * below(g, WINDOW_DATA / 8);
	if (kind < 96 || (g->dat && kind < 99))
		return (special[below(g, ARRAY_SIZE(special))] + (uint32_t)delta) & 0xFFFFFF;
	return (uint32_t)bits(g) & 0xFFFFFF;
}

static uint32_t number(struct gen *g)
{
	static const uint32_t extremes[] = { 0, 1, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000,
					     0x80000001, 0x7FFFFFFE, 0x0000FFFF, 0xFFFF8000,
					     0x00007FFF, 0x00FFFFFF, 0x40000000 };

	switch (below(g, 4)) {
	case 0: return extremes[below(g, ARRAY_SIZE(extremes))];
	case 1: return below(g, 512) - 128;
	default: return (uint32_t)bits(g);
	}
}

static void registers(struct gen *g)
{
	for (unsigned i = 0; i < 16; i++) {
		if (percent(g, 60)) {
			g->c->gr[i] = aim(g);
			if (percent(g, 30))
				g->c->gr[i] |= (uint32_t)bits(g) & 0xFF000000;
			g->aimed |= (uint16_t)(1u << i);
		} else {
			g->c->gr[i] = number(g);
		}
	}
	g->code_reg = 1 + below(g, 15);
	g->c->gr[g->code_reg] = g->c->code_at;
	for (unsigned i = 0; i < 4; i++)
		g->c->fpr[i] = percent(g, 85) ? hexadecimal_float(g) : bits(g);
}

static void state(struct gen *g)
{
	static const uint8_t masks[] = { 0x0, 0xF, 0x8, 0x4, 0x2, 0x1, 0x0, 0xF };
	struct test_case *c = g->c;
	bool ec = percent(g, 50), external = percent(g, 4);
	unsigned f = below(g, 4), key;
	uint64_t flags, mask = masks[below(g, sizeof(masks))];

	g->dat = ec && percent(g, 60);
	g->supervisor = percent(g, 45);
	key = g->dat && percent(g, 8) ? 0 : 1 + below(g, 15);
	g->key0 = key == 0;
	flags = (uint64_t)(ec ? 0x8 : 0) | (g->supervisor ? 0 : 1) | (percent(g, 50) ? 4 : 0);
	c->psw = (uint64_t)key << 52 | flags << 48 | c->code_at;
	c->psw |= external ? UINT64_C(1) << 56 : 0;
	if (ec)
		c->psw |= (uint64_t)g->dat << 58 | (uint64_t)below(g, 4) << 44 | mask << 40;
	else
		c->psw |= (uint64_t)below(g, 4) << 28 | mask << 24;
	memset(c->cr, 0, sizeof(c->cr));
	c->cr[0] = 0x60 | formats[f].cr0; /* the interval timer may be due since long */
	if (g->key0 && !g->dat && percent(g, 95))
		c->cr[0] |= CR0_LOW_PROTECTION;
	if (percent(g, 5))
		c->cr[0] ^= (uint32_t)(bits(g) & 0x5AF00C00);
	if (external)
		c->cr[0] |= 0xC00;
	c->cr[1] = c->cr[7] = SEGMENT_TABLE(f) | (percent(g, 10) ? 0x03000000 : 0);
	c->cr[2] = 0xFFFFFFFF;
	c->cr[8] = (uint32_t)bits(g) & 0xFFFF;
	c->cr[14] = 0xC2000000;
	c->cr[15] = 0x200;
	c->comparator = external && percent(g, 50) ? 0 : ~UINT64_C(0xFF);
	c->timer = external && percent(g, 30) ? UINT64_C(0xC000000000000000)
					      : UINT64_C(0x7FFFFFFFFFFFFFFF);
	for (unsigned i = 0; i < BLOCKS; i++) {
		unsigned k = percent(g, 90) ? key : percent(g, 50) ? 0 : below(g, 16);

		c->keys[i] = (uint8_t)(k << 4 | (percent(g, 40) ? 8 : 0) | below(g, 4) << 1);
	}
}

/* ---- operands */

static unsigned base(struct gen *g)
{
	unsigned r;

	if (below(g, 1000) < (g->key0 && !g->dat ? 3u : 30u))
		return 0;
	for (unsigned i = 0; i < 8; i++) {
		r = 1 + below(g, 15);
		if (g->aimed & 1u << r)
			return r;
	}
	return 1 + below(g, 15);
}

static unsigned displacement(struct gen *g)
{
	switch (below(g, 10)) {
	case 0: case 1: case 2: return 0;
	case 3: case 4: case 5: case 6: return below(g, 24);
	case 7: case 8: return below(g, 256);
	default: return below(g, 4096);
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

	if (align > 1 && percent(g, 85))
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

/* Put bytes where a logical address will find them when the case begins. */
static void place(struct gen *g, uint32_t address, const uint8_t *bytes, unsigned n)
{
	uint32_t real = to_real(g, address);
	struct patch *p;

	if (address + n > g->c->code_at && address < g->c->code_at + CODE_BYTES)
		return;
	if (g->patches == PATCHES - 1 || !in_data(address) || !in_data(real + n) || n == 0)
		return;
	p = &g->c->patch[g->patches++];
	p->address = real;
	p->length = (uint8_t)(n < PATCH_BYTES ? n : PATCH_BYTES);
	memcpy(p->bytes, bytes, p->length);
}

static void place_packed(struct gen *g, struct operand op, unsigned n)
{
	uint8_t field[16];

	packed(g, field, n);
	if (percent(g, 90))
		place(g, op.address, field, n);
}

static void place_zoned(struct gen *g, struct operand op, unsigned n)
{
	uint8_t field[16];

	for (unsigned i = 0; i < n; i++)
		field[i] = (uint8_t)((percent(g, 95) ? 0xF0 : below(g, 16) << 4) | below(g, 10));
	if (percent(g, 60))
		place(g, op.address, field, n);
}

static void place_pattern(struct gen *g, struct operand op, unsigned n)
{
	uint8_t field[PATCH_BYTES];

	for (unsigned i = 0; i < n && i < sizeof(field); i++)
		field[i] = percent(g, 60) ? 0x20 : percent(g, 40) ? 0x21
			   : percent(g, 40) ? 0x22 : (uint8_t)(0x40 | below(g, 64));
	place(g, op.address, field, n < sizeof(field) ? n : sizeof(field));
}

static void place_float(struct gen *g, struct operand op)
{
	uint8_t field[16];

	put_be64(field, hexadecimal_float(g));
	put_be64(field + 8, hexadecimal_float(g));
	place(g, op.address, field, 16);
}

/* A PSW to load: like the case's, further on in the stream, never waiting. */
static void place_psw(struct gen *g, struct operand op)
{
	uint64_t psw = g->c->psw ^ (uint64_t)(percent(g, 30) ? below(g, 16) : 0) << 52;
	uint8_t field[8];

	psw += percent(g, 90) ? 4 : below(g, 64);
	if (percent(g, 20))
		psw ^= UINT64_C(1) << 48;
	if (percent(g, 10))
		psw ^= UINT64_C(1) << 51;
	if (percent(g, 10))
		psw ^= UINT64_C(1) << below(g, 48);
	put_be64(field, psw & ~(UINT64_C(1) << 49));
	place(g, op.address, field, sizeof(field));
}

/* ---- instructions */

static bool is(const struct opcode *row, const char *name)
{
	return !strcmp(row->mnemonic, name);
}

/* What the two emulators cannot be expected to do alike, or would end a run. */
static bool excluded(const struct opcode *row)
{
	static const char *const names[] = {
		"STCK", "STPT", "SCK", "SPT", "SCKC", "DIAG", "SPX", "SIGP", "WRD", "RDD",
		"SIO", "SIOF", "RIO", "TIO", "CLRIO", "HIO", "HDV", "TCH", "CLRCH", "STIDC",
		"CONCS", "DISCS", "IUCV", "STIDP", "TB",
		"RRB", "ISKE", "SSKE", "RRBE",
	};

	if (row->flags & (OPF_OPT | OPF_DAS))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (is(row, names[i]))
			return true;
	return row->chapter == CHAPTER_ASSIST;
}

static const struct opcode *choose(struct gen *g)
{
	for (;;) {
		const struct opcode *row = &opcode_rows[below(g, (unsigned)opcode_count)];

		if (g->o->only && percent(g, 70))
			row = opcode_named(g->o->only);
		if (excluded(row))
			continue;
		if (row->chapter == CHAPTER_DECIMAL && g->o->no_decimal)
			continue;
		if (row->chapter == CHAPTER_FLOAT && g->o->no_float)
			continue;
		if (row->flags & (OPF_PRIV | OPF_SEMI) && !g->supervisor && percent(g, 90) &&
		    !g->o->only)
			continue;
		return row;
	}
}

/* A register number that suits the flag bits of a row. */
static unsigned reg(struct gen *g, const struct opcode *row, unsigned even, unsigned fp,
		    unsigned ext)
{
	unsigned r = below(g, 16);

	if (percent(g, 4))
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
		uint32_t length = percent(g, 70) ? below(g, 64) : below(g, 5000);

		if (percent(g, 3))
			length = (uint32_t)bits(g) & 0xFFFF;
		if (!(g->aimed & 1u << r[i]) && percent(g, 90))
			g->c->gr[r[i]] = aim(g);
		g->c->gr[r[i] | 1] = ((uint32_t)bits(g) & 0xFF000000) | length;
	}
	/* over its own code the outcome is unpredictable */
	if ((g->c->gr[r1] & 0xFFFFFF) <= g->c->code_at + CODE_BYTES &&
	    (g->c->gr[r1] & 0xFFFFFF) + (g->c->gr[r1 | 1] & 0xFFFFFF) > g->c->code_at)
		g->c->gr[r1] = g->c->code_at + CODE_BYTES;
}

static void make_rr(struct gen *g, const struct opcode *row, uint8_t *insn, unsigned n)
{
	unsigned r1 = reg(g, row, OPF_EVEN1, OPF_F1, OPF_X1);
	unsigned r2 = reg(g, row, OPF_EVEN2, OPF_F2, OPF_X2);

	if (is(row, "MVCL") || is(row, "CLCL"))
		long_lengths(g, r1, r2);
	if ((is(row, "SSK") || is(row, "ISK")) && percent(g, 90))
		g->c->gr[r2] = (ST_WINDOW + below(g, WINDOW_DATA)) & ~0xFu;
	if (row->flags & OPF_BRANCH && percent(g, 85))
		g->fixup[n] = FIX_BRANCH_REGISTER;
	insn[1] = (uint8_t)(r1 << 4 | r2);
}

static void make_rx(struct gen *g, const struct opcode *row, uint8_t *insn, unsigned n)
{
	unsigned r1 = reg(g, row, OPF_EVEN1, OPF_F1, OPF_X1);
	unsigned x = percent(g, 85) ? 0 : below(g, 16);
	struct operand op = operand(g, row->operand);

	insn[1] = (uint8_t)(r1 << 4 | x);
	put_operand(insn + 2, op);
	if (row->flags & OPF_BRANCH && percent(g, 90))
		g->fixup[n] = FIX_BRANCH;
	else if (is(row, "EX") && percent(g, 95))
		g->fixup[n] = FIX_EX;
	else if (row->flags & OPF_STORE && percent(g, 3))
		g->fixup[n] = FIX_STORE;
	else if (is(row, "CVB"))
		place_packed(g, op, 8);
	else if (row->chapter == CHAPTER_FLOAT && percent(g, 70))
		place_float(g, op);
}

static void make_rs(struct gen *g, const struct opcode *row, uint8_t *insn, unsigned n)
{
	unsigned r1 = reg(g, row, OPF_EVEN1, 0, 0), r3 = reg(g, row, OPF_EVEN3, 0, 0);
	struct operand op = operand(g, row->operand);

	insn[1] = (uint8_t)(r1 << 4 | r3);
	if (row->format == FMT_RSS && percent(g, 70))
		op = (struct operand){ 0, below(g, 80), 0 };
	put_operand(insn + 2, op);
	if (row->flags & OPF_BRANCH && percent(g, 95))
		g->fixup[n] = FIX_BRANCH;
	if ((is(row, "CS") || is(row, "CDS")) && percent(g, 50)) {
		uint8_t field[8];

		put_be32(field, g->c->gr[r1]);
		put_be32(field + 4, g->c->gr[r1 | 1]);
		place(g, op.address, field, is(row, "CS") ? 4 : 8);
	}
}

static void make_si(struct gen *g, const struct opcode *row, uint8_t *insn, unsigned n)
{
	insn[1] = (uint8_t)bits(g);
	if (is(row, "MC") && percent(g, 90))
		insn[1] &= 0x0F;
	if (is(row, "STOSM"))
		insn[1] &= 0x45;
	put_operand(insn + 2, operand(g, row->operand));
	if (row->flags & OPF_STORE && percent(g, 6))
		g->fixup[n] = FIX_STORE;
}

static void make_s(struct gen *g, const struct opcode *row, uint8_t *insn)
{
	struct operand op = operand(g, row->operand);

	if (row->opcode <= 0xFF)
		insn[1] = percent(g, 90) ? 0 : (uint8_t)bits(g);
	put_operand(insn + 2, op);
	if (is(row, "LPSW"))
		place_psw(g, op);
	if (is(row, "SSM") && percent(g, 90)) {
		uint8_t mask = (uint8_t)(bits(g) & 0x45);

		place(g, op.address, &mask, 1);
	}
}

static void make_rre(struct gen *g, const struct opcode *row, uint8_t *insn)
{
	unsigned r1 = reg(g, row, OPF_EVEN1, OPF_F1, OPF_X1);
	unsigned r2 = reg(g, row, OPF_EVEN2, OPF_F2, OPF_X2);

	insn[2] = percent(g, 95) ? 0 : (uint8_t)bits(g);
	insn[3] = (uint8_t)(r1 << 4 | r2);
	if (is(row, "TB") && percent(g, 98))
		g->c->gr[r2] = aim(g);
	if (is(row, "IPTE") && percent(g, 80))
		g->c->gr[r1] = formats[below(g, 4)].main;
}

static void make_ss(struct gen *g, const struct opcode *row, uint8_t *insn, unsigned n)
{
	struct operand op1 = operand(g, 1), op2 = operand(g, 1);
	unsigned l1 = below(g, 16), l2 = below(g, 16);

	insn[1] = (uint8_t)(l1 << 4 | l2);
	if (row->format == FMT_SS1) {
		insn[1] = (uint8_t)(percent(g, 70) ? below(g, 40) : bits(g));
		if (row->chapter == CHAPTER_DECIMAL && percent(g, 90)) {
			place_pattern(g, op1, insn[1] + 1u);
			place_packed(g, op2, 1 + below(g, 16));
		}
		if (percent(g, 10) && row->chapter != CHAPTER_DECIMAL) /* overlapping operands */
			op2 = (struct operand){ op1.b, (op1.d + below(g, 20)) & 0xFFF, 0 };
	} else if (row->format == FMT_SS2 || row->format == FMT_SS3) {
		if (percent(g, 50))
			l2 %= 8;
		if ((is(row, "MP") || is(row, "DP")) && percent(g, 80))
			l2 %= l1 ? l1 : 1;
		insn[1] = (uint8_t)(l1 << 4 | l2);
		if (percent(g, 8)) /* the same right end */
			op2 = (struct operand){ op1.b, (op1.d + l1 - l2) & 0xFFF,
						(op1.address + l1 - l2) & 0xFFFFFF };
		if (is(row, "PACK")) {
			place_zoned(g, op2, l2 + 1);
		} else {
			place_packed(g, op1, l1 + 1);
			if (row->format == FMT_SS2)
				place_packed(g, op2, l2 + 1);
			else if (percent(g, 80))
				op2 = (struct operand){ 0, below(g, 64), 0 };
		}
	}
	put_operand(insn + 2, op1);
	put_operand(insn + 4, op2);
	if (row->flags & OPF_STORE && percent(g, 3))
		g->fixup[n] = FIX_STORE;
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
	case FMT_RR: case FMT_RR1: case FMT_RRM: make_rr(g, row, insn, n); break;
	case FMT_RRI: insn[1] = (uint8_t)below(g, 255); break;
	case FMT_RRE: case FMT_RRE1: make_rre(g, row, insn); break;
	case FMT_RX: case FMT_RXM: make_rx(g, row, insn, n); break;
	case FMT_RS: case FMT_RSS: case FMT_RSM: make_rs(g, row, insn, n); break;
	case FMT_SI: make_si(g, row, insn, n); break;
	case FMT_S: make_s(g, row, insn); break;
	case FMT_S0: break;
	case FMT_SS1: case FMT_SS2: case FMT_SS3: make_ss(g, row, insn, n); break;
	case FMT_SSR:
		insn[1] = (uint8_t)bits(g);
		put_operand(insn + 2, operand(g, 1));
		put_operand(insn + 4, operand(g, 1));
		break;
	case FMT_SSE:
		put_operand(insn + 2, operand(g, row->operand));
		put_operand(insn + 4, operand(g, 1));
		break;
	}
}

/* An operation code that no row has. */
static void make_undefined(struct gen *g, uint8_t insn[6])
{
	do {
		for (unsigned i = 0; i < 6; i++)
			insn[i] = (uint8_t)bits(g);
		/* the vector facility, ESA and assist codes differ between machines */
	} while (opcode_find(insn[0], insn[1]) || insn[0] == 0xA4 || insn[0] == 0xA5 ||
		 insn[0] == 0xA6 || insn[0] == 0xA7 || insn[0] == 0xB2 || insn[0] == 0xB9 ||
		 insn[0] == 0xE4 || insn[0] == 0xE5 || insn[0] == 0xE6 || insn[0] == 0x83 ||
		 (insn[0] & 0xFC) == 0x9C);
}

static void make_any(struct gen *g, uint8_t insn[6], unsigned n)
{
	memset(insn, 0, 6);
	if (percent(g, 1) && percent(g, 50) && !g->o->only)
		make_undefined(g, insn);
	else
		make(g, choose(g), insn, n);
}

/* ---- the stream */

static void fix(struct gen *g, unsigned n, const unsigned *offset)
{
	struct test_case *c = g->c;
	unsigned later = n + 1 + below(g, c->insns - n); /* up to the SVC */
	unsigned to = offset[later];

	if (percent(g, 3))
		to += below(g, 24);
	switch (g->fixup[n]) {
	case FIX_EX:
		to = offset[c->insns] + 2;
		if (percent(g, 40))
			to += length_of(c->target[0]);
		if (percent(g, 3))
			to = offset[later];
		break;
	case FIX_BRANCH_REGISTER: {
		unsigned r = c->insn[n][1] & 0xF;

		if (r == g->code_reg) /* it would branch to the start */
			c->insn[n][1] ^= 1, r ^= 1;
		if (r != 0)
			c->gr[r] = (c->gr[r] & 0xFF000000) | (c->code_at + to);
		return;
	}
	case FIX_STORE: to += below(g, 2); break;
	}
	c->insn[n][2] = (uint8_t)(g->code_reg << 4 | to >> 8);
	c->insn[n][3] = (uint8_t)to;
	if (g->fixup[n] != FIX_STORE && c->insn[n][0] < 0x80)
		c->insn[n][1] &= 0xF0; /* no index */
}

static void place_code(struct gen *g)
{
	uint32_t edge = ST_WINDOW + BLOCK * (1 + below(g, 7));

	g->c->code_at = ST_WINDOW + 2 * below(g, (WINDOW_DATA - CODE_BYTES) / 2);
	if (percent(g, 30)) /* over the edge of a block */
		g->c->code_at = edge - 2 * below(g, 20);
}

void generate_case(const struct generator_options *o, uint64_t n, struct test_case *c)
{
	struct gen g = { .o = o, .c = c, .state = mix(o->seed) ^ mix(n + 1) };
	unsigned offset[INSNS_MAX + 1] = { 0 };

	memset(c, 0, sizeof(*c));
	place_code(&g);
	state(&g);
	/* the halves of the window are exchanged: no code over the middle */
	if (g.dat && c->code_at < ST_WINDOW + 0x2000 &&
	    c->code_at + CODE_BYTES > ST_WINDOW + 0x2000) {
		c->code_at -= CODE_BYTES;
		c->psw -= CODE_BYTES;
	}
	registers(&g);
	c->insns = 1 + below(&g, percent(&g, 50) ? 6 : INSNS_MAX);
	for (unsigned i = 0; i < c->insns; i++)
		make_any(&g, c->insn[i], i);
	for (unsigned i = 0; i < 2; i++) /* EX would make another opcode of two bytes */
		do
			make_any(&g, c->target[i], INSNS_MAX);
		while (c->target[i][0] == 0xB2 || c->target[i][0] == 0xE5);
	for (unsigned i = 0; i < c->insns; i++)
		offset[i + 1] = offset[i] + length_of(c->insn[i]);
	for (unsigned i = 0; i < c->insns; i++)
		if (g.fixup[i] != FIX_NONE)
			fix(&g, i, offset);
	c->code_at = to_real(&g, c->code_at);
}
