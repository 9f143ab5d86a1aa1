/*
 * Random cases. Operands are aimed at what an implementation gets wrong: the
 * edges of 2K blocks and 4K pages, blocks with other keys, invalid pages and
 * segments, the end of storage, unaligned fields, invalid digits and signs,
 * extreme numbers, code that is changed just before it is executed.
 *
 * This file makes the window, with its translation and address-space tables, and the
 * state a case starts from; generate_insn.c makes the instructions, and says which it
 * leaves out.
 */
#include "tests/differential/generate.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/compiler.h"

#define CR0_PAGE_2K	   0x00400000u
#define CR0_PAGE_4K	   0x00800000u
#define CR0_SEGMENT_1M	   0x00100000u
#define CR0_LOW_PROTECTION 0x10000000u
#define CR0_EXTRACTION	   0x08000000u
#define CR0_SECONDARY	   0x04000000u
#define CR0_SIGNALS	   0x00006000u /* emergency signal, external call */
#define CR0_TIMERS	   0x00000C00u
#define CR14_ASN	   0x00080000u

/* ---- numbers */

static uint64_t mix(uint64_t z)
{
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

uint64_t gen_bits(struct gen *g)
{
	return mix(g->state += UINT64_C(0x9E3779B97F4A7C15));
}

unsigned gen_below(struct gen *g, unsigned n)
{
	return (unsigned)((gen_bits(g) >> 32) * n >> 32);
}

bool gen_percent(struct gen *g, unsigned p)
{
	return gen_below(g, 100) < p;
}

/* ---- the window's template */

/* A packed number of n bytes, sometimes with a bad digit or sign. */
void gen_packed(struct gen *g, uint8_t *at, unsigned n)
{
	static const uint8_t signs[] = { 0xC, 0xD, 0xC, 0xD, 0xF, 0xA, 0xB, 0xE };
	unsigned digits = 2 * n - 1,
		 zeros = gen_percent(g, 60) ? gen_below(g, digits + 1) : 0;
	unsigned nines = gen_percent(g, 10);

	for (unsigned i = 0; i < 2 * n; i++) {
		unsigned d = i < zeros ? 0 : nines ? 9 : gen_below(g, 10);

		if (i == digits)
			d = signs[gen_below(g, sizeof(signs))];
		if (gen_percent(g, 1) && gen_percent(g, 40))
			d = gen_below(g, 16);
		at[i / 2] = (uint8_t)(i % 2 ? at[i / 2] | d : d << 4);
	}
}

uint64_t gen_float(struct gen *g)
{
	static const uint8_t extremes[] = { 0x00, 0x01, 0x02, 0x0F, 0x3F, 0x40,
					    0x41, 0x4E, 0x71, 0x7E, 0x7F };
	uint64_t fraction = gen_bits(g) >> 8;
	unsigned exponent = gen_percent(g, 60) ? 0x3C + gen_below(g, 10)
			    : gen_percent(g, 60)
				    ? extremes[gen_below(g, sizeof(extremes))]
				    : gen_below(g, 128);

	switch (gen_below(g, 12)) {
	case 0: fraction = 0; break;
	case 1: fraction = UINT64_C(0xFFFFFFFFFFFFFF); break;
	case 2: fraction = UINT64_C(0x10000000000000); break;
	case 3: fraction >>= 4 * gen_below(g, 14); break;
	case 4: fraction &= UINT64_C(0xFFFFFF00000000); break;
	case 5: fraction &= ~UINT64_C(0) << gen_below(g, 56); break;
	}
	return (uint64_t)(gen_percent(g, 50)) << 63 | (uint64_t)exponent << 56 | fraction;
}

static void fill_data(struct gen *g, uint8_t *window)
{
	for (unsigned at = 0; at < WINDOW_DATA;) {
		unsigned n = 1 + gen_below(g, 16);
		uint8_t field[16];

		for (unsigned i = 0; i < 16; i++)
			field[i] = (uint8_t)gen_bits(g);
		switch (gen_below(g, 6)) {
		case 0:
		case 1: gen_packed(g, field, n); break;
		case 2:
			n = 8;
			put_be64(field, gen_float(g));
			break;
		case 3:
			for (unsigned i = 0; i < n; i++)
				field[i] = (uint8_t)(0xF0 | gen_below(g, 10));
			break;
		case 4: memset(field, gen_percent(g, 50) ? 0 : 0xFF, n); break;
		}
		for (unsigned i = 0; i < n && at < WINDOW_DATA; i++)
			window[at++] = field[i];
	}
}

/* ---- translation tables, in the last 4K of the window
 *
 * Primary space: virtual X'20000'-X'23FFF' is the window's 16K, the halves exchanged;
 * X'24000' is invalid, X'25000' and X'26000' show frames a second time, X'27000' lies
 * beyond storage, X'28000' has reserved bits on, X'29000' shows the tables. In the
 * secondary space the halves are not exchanged: only X'25000'-X'26FFF' is the same in
 * both, and code that may change the space runs there.
 *
 *   000 segment tables of the four formats        A00 ASN second table, 16 entries
 *   100-1FF, 400-9FF page tables                  B00 another, 8 entries
 *   200 ASN first table from ASN X'2000' on       B80 linkage table
 *   D00 secondary segment tables                  C00 entry table
 *   E00-F7F secondary page tables                 F80 authority table
 */

#define SEGMENT_TABLE(f)   (ST_TABLES + 64u * (f))
#define SECONDARY_TABLE(f) (ST_TABLES + 0xD00u + 64u * (f))
#define ASN_SECOND_TABLE   (ST_TABLES + 0xA00u)
#define ASN_BAD_TABLE	   (ST_TABLES + 0xB00u)
#define LINKAGE_TABLE	   (ST_TABLES + 0xB80u)
#define AUTHORITY_TABLE	   (ST_TABLES + 0xF80u)
#define ASN_BASE	   0x2000u
#define LINKAGE		   (0x80000000u | LINKAGE_TABLE) /* CR5: 32 entries */

static const struct format {
	uint32_t cr0;
	bool big_pages, big_segments;
	uint32_t low, main; /* page tables of virtual 0 and of X'20000' */
	uint32_t secondary; /* of X'20000', or of 0 with 1M segments */
} formats[4] = {
	/* clang-format off */
	{ CR0_PAGE_2K, false, false, ST_TABLES + 0x100, ST_TABLES + 0x140, ST_TABLES + 0xE00 },
	{ CR0_PAGE_4K, true, false, ST_TABLES + 0x180, ST_TABLES + 0x1A0, ST_TABLES + 0xE40 },
	{ CR0_PAGE_2K | CR0_SEGMENT_1M, false, true, 0, ST_TABLES + 0x400, ST_TABLES + 0xE60 },
	{ CR0_PAGE_4K | CR0_SEGMENT_1M, true, true, 0, ST_TABLES + 0x800, ST_TABLES + 0xF20 },
	/* clang-format on */
};

uint32_t gen_page_table(unsigned format)
{
	return formats[format].main;
}

static uint8_t *table(uint8_t *window, uint32_t address)
{
	return window + (address - ST_WINDOW);
}

/* Page-table entry of the virtual page at vaddr. */
static uint16_t page_entry(const struct format *f, uint32_t vaddr, bool secondary)
{
	uint32_t real = 0, exchange = secondary ? 0 : 0x2000;
	uint16_t invalid = f->big_pages ? 0x0008 : 0x0004;

	if (vaddr < 0x1000)
		real = ST_WINDOW + 0x2000 + vaddr;
	else if (vaddr >= ST_WINDOW && vaddr < ST_WINDOW + WINDOW_DATA)
		real = ST_WINDOW + ((vaddr - ST_WINDOW + exchange) & 0x3FFF);
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

static void page_table(uint8_t *window, const struct format *f, uint32_t at,
		       uint32_t vaddr, uint32_t size, bool secondary)
{
	uint32_t page = f->big_pages ? 0x1000 : 0x800;

	for (uint32_t v = vaddr; v < vaddr + size; v += page, at += 2)
		put_be16(table(window, at), page_entry(f, v, secondary));
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
	entries[3] = f->main;		/* a short page table */
	entries[4] = full | 0x0A000000; /* reserved bits */
	entries[5] = full | 4;		/* protected */
	entries[6] = full | 2;		/* common */
	entries[7] = 0xF0FF0000u;	/* page table beyond storage */
	for (unsigned i = 0; i < 16; i++)
		put_be32(table(window, SEGMENT_TABLE(n)) + 4 * i, entries[i]);
}

/* 64K at X'20000': 1M segments need page tables of three sixteenths for that. */
static void secondary_space(uint8_t *window, const struct format *f, unsigned n)
{
	uint32_t size = f->big_segments ? 0x30000 : 0x10000;
	uint32_t full = (f->big_segments ? 0x20000000u : 0xF0000000u) | f->secondary;

	for (unsigned i = 0; i < 16; i++)
		put_be32(table(window, SECONDARY_TABLE(n)) + 4 * i, full | 1);
	put_be32(table(window, SECONDARY_TABLE(n)) + (f->big_segments ? 0 : 8), full);
	put_be32(table(window, SECONDARY_TABLE(n)) + 20, full | 4);
	/* what is common must be the same in both */
	put_be32(table(window, SECONDARY_TABLE(n)) + 24, 0xF0000002u | f->main);
	page_table(window, f, f->secondary, f->big_segments ? 0 : 0x20000, size, true);
}

static void asn_entry(uint8_t *at, uint32_t first, uint32_t ax_length, uint32_t std,
		      uint32_t ltd)
{
	put_be32(at, first);
	put_be32(at + 4, ax_length);
	put_be32(at + 8, std);
	put_be32(at + 12, ltd);
}

/*
 * ASN X'2000' + 4f + k is for format f: k = 0 and 2 its primary space, 1 its secondary
 * one, 3 the secondary with a short authority table. X'2040', X'2080', X'20C0' cannot
 * be translated, X'2100' ... X'2107' partly.
 */
static void asn_tables(struct gen *g, uint8_t *window)
{
	uint8_t *first = table(window, ST_TABLES + 0x200);
	uint8_t *good = table(window, ASN_SECOND_TABLE);
	uint8_t *bad = table(window, ASN_BAD_TABLE);

	for (unsigned i = 0; i < 0x80; i++)
		put_be32(first + 4 * i, 0x80000000);
	put_be32(first, ASN_SECOND_TABLE);
	put_be32(first + 8, ASN_SECOND_TABLE | 1);
	put_be32(first + 12, 0x00FF0000);
	put_be32(first + 16, ASN_BAD_TABLE);
	for (unsigned i = 0; i < 16; i++) {
		unsigned f = i / 4, k = i % 4;
		uint32_t std = k & 1 ? SECONDARY_TABLE(f) : SEGMENT_TABLE(f);

		asn_entry(good + 16 * i, AUTHORITY_TABLE,
			  gen_below(g, 0x100) << 16 | (k == 3 ? 0 : 0xF0), std, LINKAGE);
	}
	for (unsigned i = 0; i < 8; i++)
		asn_entry(bad + 16 * i, AUTHORITY_TABLE, 0xF0, SEGMENT_TABLE(i & 3),
			  LINKAGE);
	put_be32(bad, 0x80000000 | AUTHORITY_TABLE);
	put_be32(bad + 16 + 8, SECONDARY_TABLE(0));
	put_be32(bad + 32, AUTHORITY_TABLE | 2);
	put_be32(bad + 48, AUTHORITY_TABLE | 1);
	put_be32(bad + 64 + 4, 0xF1);
	put_be32(bad + 80, 0x00FF0000);
	for (unsigned i = 0; i < 0x80; i++)
		table(window, AUTHORITY_TABLE)[i] = (uint8_t)(gen_bits(g) | gen_bits(g));
}

static void linkage_tables(struct gen *g, uint8_t *window)
{
	uint8_t *linkage = table(window, LINKAGE_TABLE),
		*entry = table(window, ST_ENTRY_TABLE);

	for (unsigned i = 0; i < 32; i++)
		put_be32(linkage + 4 * i, 0x80000000);
	put_be32(linkage, ST_ENTRY_TABLE | 3);
	put_be32(linkage + 8, ST_ENTRY_TABLE | 0x01000003);
	put_be32(linkage + 12, 0x00FF003F);
	put_be32(linkage + 16, ST_ENTRY_TABLE);
	for (unsigned i = 0; i < 16; i++) {
		put_be16(entry + 16 * i, (uint16_t)gen_bits(g));
		put_be16(entry + 16 * i + 2, gen_percent(g, 50) ? 0 : gen_asn(g));
		put_be32(entry + 16 * i + 4, (ST_WINDOW + gen_below(g, WINDOW_DATA)) |
						     (i == 15 ? 0x01000000 : 0));
		put_be32(entry + 16 * i + 8, (uint32_t)gen_bits(g));
		put_be32(entry + 16 * i + 12, (uint32_t)gen_bits(g));
	}
}

uint16_t gen_asn(struct gen *g)
{
	if (gen_percent(g, 85))
		return (uint16_t)(ASN_BASE + 4 * g->format + gen_below(g, 4));
	return (uint16_t)(ASN_BASE + 0x40 * gen_below(g, 6) + gen_below(g, 8));
}

void generate_template(uint64_t seed, uint8_t window[WINDOW_SIZE])
{
	struct gen g = { .state = mix(seed ^ UINT64_C(0x5445575054)) };

	memset(window, 0, WINDOW_SIZE);
	fill_data(&g, window);
	for (unsigned n = 0; n < 4; n++) {
		const struct format *f = &formats[n];

		segment_table(window, f, n);
		secondary_space(window, f, n);
		if (f->big_segments) {
			page_table(window, f, f->main, 0, 0x100000, false);
		} else {
			page_table(window, f, f->low, 0, 0x10000, false);
			page_table(window, f, f->main, 0x20000, 0x10000, false);
		}
	}
	asn_tables(&g, window);
	linkage_tables(&g, window);
}

/* ---- addresses and registers */

static bool in_data(uint32_t address)
{
	return address >= ST_WINDOW && address < ST_WINDOW + WINDOW_DATA;
}

/* Where a logical address of the window's data lies in real storage. */
static uint32_t to_real(const struct gen *g, uint32_t address)
{
	if (g->dat && address >= 0x25000 && address < 0x27000)
		return address - 0x5000;
	if (!g->dat || !in_data(address) || (g->c->psw >> 47 & 1))
		return address;
	return ST_WINDOW + ((address - ST_WINDOW + 0x2000) & 0x3FFF);
}

uint32_t gen_aim(struct gen *g)
{
	static const uint32_t special[] = { 0x24000,  0x25000,	0x26000,
					    0x27000,  0x28000,	0x29000,
					    0x30000,  0x31000,	0x40000 + 0x20000,
					    0x50000,  0x60000,	0x70000,
					    0x100000, 0x300000, 0x320000,
					    0x420000, 0x520000, 0x620000,
					    ST_SIZE,  0xFFFFF8, 0x1000 };
	uint32_t code = (uint32_t)g->c->psw & 0xFFFFFF;
	unsigned kind = gen_below(g, 100);
	int delta = gen_percent(g, 30) ? 0 : (int)gen_below(g, 72) - 40;

	if (kind < 45)
		return ST_WINDOW + BLOCK * gen_below(g, 9) + (uint32_t)delta;
	if (kind < 72)
		return ST_WINDOW + gen_below(g, WINDOW_DATA);
	if (kind < 75)
		return code + gen_below(g, 32);
	if (kind < 77)
		return ST_TABLES + gen_below(g, 0x1000);
	if (kind < 78)
		return gen_below(g, 0xC0);
	if (kind < 92)
		return ST_WINDOW + 8 * gen_below(g, WINDOW_DATA / 8);
	if (kind < 96 || (g->dat && kind < 99))
		return (special[gen_below(g, ARRAY_SIZE(special))] + (uint32_t)delta) &
		       0xFFFFFF;
	return (uint32_t)gen_bits(g) & 0xFFFFFF;
}

static uint32_t number(struct gen *g)
{
	static const uint32_t extremes[] = { 0,		 1,	     0xFFFFFFFF,
					     0x7FFFFFFF, 0x80000000, 0x80000001,
					     0x7FFFFFFE, 0x0000FFFF, 0xFFFF8000,
					     0x00007FFF, 0x00FFFFFF, 0x40000000 };

	switch (gen_below(g, 4)) {
	case 0: return extremes[gen_below(g, ARRAY_SIZE(extremes))];
	case 1: return gen_below(g, 512) - 128;
	default: return (uint32_t)gen_bits(g);
	}
}

/* An address with room for any operand around it. */
static uint32_t safe_address(struct gen *g)
{
	uint32_t half = gen_below(g, 2) * 0x2000;

	return ST_WINDOW + half + 0x100 + gen_below(g, 0x1C00);
}

static void tame_registers(struct gen *g)
{
	for (unsigned i = 0; i < BASE_FIRST; i++)
		g->c->gr[i] = number(g);
	for (unsigned i = BASE_FIRST; i < 16; i++)
		g->c->gr[i] = safe_address(g);
	g->aimed = 0xFC00;
	g->code_reg = BASE_FIRST + gen_below(g, 6);
}

static void registers(struct gen *g)
{
	for (unsigned i = 0; i < 16; i++) {
		if (gen_percent(g, 60)) {
			g->c->gr[i] = gen_aim(g);
			if (gen_percent(g, 30))
				g->c->gr[i] |= (uint32_t)gen_bits(g) & 0xFF000000;
			g->aimed |= (uint16_t)(1u << i);
		} else {
			g->c->gr[i] = number(g);
		}
	}
	g->code_reg = 1 + gen_below(g, 15);
	if (g->tame)
		tame_registers(g);
	g->c->gr[g->code_reg] = (uint32_t)g->c->psw & 0xFFFFFF;
	for (unsigned i = 0; i < 4; i++)
		g->c->fpr[i] = gen_percent(g, 85) ? gen_float(g) : gen_bits(g);
}

/* ---- the state a case starts from */

/* Logical address of the first instruction. */
static uint32_t place_code(struct gen *g)
{
	uint32_t edge = BLOCK * (1 + gen_below(g, 7));
	uint32_t at = 2 * gen_below(g, (WINDOW_DATA - CODE_BYTES) / 2);

	if (gen_percent(g, 30)) /* over the edge of a block */
		at = edge - 2 * gen_below(g, 20);
	if (g->das && gen_percent(g, 75)) /* where both spaces are alike */
		return 0x25000 + (at & 0x1FFF) % (0x2000 - CODE_BYTES);
	/* the halves of the window are exchanged: no code over the middle */
	if (g->dat && at < 0x2000 && at + CODE_BYTES > 0x2000)
		at -= CODE_BYTES;
	return ST_WINDOW + at;
}

static void psw(struct gen *g, bool ec, unsigned key)
{
	static const uint8_t masks[] = { 0x0, 0xF, 0x8, 0x4, 0x2, 0x1, 0x0, 0xF };
	uint64_t flags, mask = g->tame ? 0 : masks[gen_below(g, sizeof(masks))];
	uint64_t cc = gen_below(g, 4), code = place_code(g);

	flags = (uint64_t)(ec ? 0x8 : 0) | (g->supervisor ? 0 : 1) |
		(gen_percent(g, 50) ? 4 : 0);
	g->c->psw = (uint64_t)key << 52 | flags << 48 | code;
	g->c->psw |= g->external ? UINT64_C(1) << 56 : 0;
	if (!ec) {
		g->c->psw |= cc << 28 | mask << 24;
		return;
	}
	g->c->psw |= (uint64_t)g->dat << 58 | cc << 44 | mask << 40;
	if (gen_percent(g, g->tame ? 3 : 15))
		g->c->psw |= UINT64_C(1) << 62; /* PER */
	if (g->das && code >= 0x25000 && gen_percent(g, 30))
		g->c->psw |= UINT64_C(1) << 47;
}

/* The event that a general register is altered is left out: Hercules does not have it. */
static void per_registers(struct gen *g)
{
	struct test_case *c = g->c;
	uint32_t code = (uint32_t)c->psw & 0xFFFFFF;

	c->cr[9] = gen_below(g, 8) << 29;
	if (gen_percent(g, 20))
		c->cr[9] |=
			(uint32_t)gen_bits(g) & 0xFFFF; /* masks of registers: no event */
	switch (gen_below(g, 4)) {
	case 0: /* part of the code */
		c->cr[10] = code + 2 * gen_below(g, 16);
		c->cr[11] = c->cr[10] + gen_below(g, 20);
		break;
	case 1: /* part of the data */
		c->cr[10] = gen_aim(g);
		c->cr[11] = c->cr[10] + gen_below(g, 0x1000);
		break;
	case 2: /* everything but a part */
		c->cr[11] = gen_aim(g);
		c->cr[10] = c->cr[11] + gen_below(g, 0x800);
		break;
	default: c->cr[11] = 0xFFFFFF; break;
	}
	if (gen_percent(g, 10))
		c->cr[10] |= (uint32_t)gen_bits(g) & 0xFF000000;
}

static void space_registers(struct gen *g)
{
	struct test_case *c = g->c;
	unsigned f = g->format;

	c->cr[1] = SEGMENT_TABLE(f) | (gen_percent(g, 10) ? 0x03000000 : 0);
	c->cr[7] = g->das ? SECONDARY_TABLE(f) : c->cr[1];
	c->cr[3] = (uint32_t)gen_bits(g);
	if (!g->das && gen_percent(g, 70))
		return;
	c->cr[0] |= gen_percent(g, 85) ? CR0_EXTRACTION | CR0_SECONDARY : 0;
	c->cr[3] = (uint32_t)(gen_bits(g) | gen_bits(g)) << 16 | gen_asn(g);
	c->cr[4] = gen_below(g, 0x200) << 16 | gen_asn(g);
	c->cr[5] = gen_percent(g, 92) ? LINKAGE : (uint32_t)gen_bits(g) & 0x80FFFFFF;
	c->cr[14] |= (gen_percent(g, 92) ? CR14_ASN : 0) | ST_TABLES >> 12;
}

static void control_registers(struct gen *g)
{
	struct test_case *c = g->c;

	c->cr[0] = 0x60 | formats[g->format].cr0;
	if (g->key0 && gen_percent(g, g->dat ? 30 : 95))
		c->cr[0] |= CR0_LOW_PROTECTION;
	c->cr[2] = 0xFFFFFFFF;
	c->cr[8] = (uint32_t)gen_bits(g) & 0xFFFF;
	c->cr[14] = 0xC2000000;
	c->cr[15] = 0x200;
	space_registers(g);
	if (gen_percent(g, 5))
		c->cr[0] ^= (uint32_t)(gen_bits(g) & 0x5AF00C00);
	if (g->external)
		c->cr[0] |= CR0_TIMERS | CR0_SIGNALS;
	if (c->psw >> 62 & 1)
		per_registers(g);
}

static void state(struct gen *g)
{
	struct test_case *c = g->c;
	bool ec = gen_percent(g, 55);
	unsigned key;

	g->format = gen_below(g, 4);
	g->external = gen_percent(g, 4);
	g->dat = ec && gen_percent(g, 60);
	g->das = g->dat && gen_percent(g, 40);
	g->tame = gen_percent(g, 70);
	g->supervisor = gen_percent(g, 45);
	key = gen_percent(g, g->dat ? 8 : 2) ? 0 : 1 + gen_below(g, 15);
	g->key0 = key == 0;
	psw(g, ec, key);
	control_registers(g);
	c->comparator = g->external && gen_percent(g, 50) ? 0 : ~UINT64_C(0xFF);
	c->timer = g->external && gen_percent(g, 30) ? UINT64_C(0xC000000000000000)
						     : UINT64_C(0x7FFFFFFFFFFFFFFF);
	for (unsigned i = 0; i < BLOCKS; i++) {
		unsigned k = g->tame || gen_percent(g, 90) ? key
			     : gen_percent(g, 50)	   ? 0
							   : gen_below(g, 16);

		c->keys[i] = (uint8_t)(k << 4 | (gen_percent(g, 40) ? 8 : 0) |
				       gen_below(g, 4) << 1);
	}
	c->code_at = to_real(g, (uint32_t)c->psw & 0xFFFFFF);
}

/* ---- patches */

struct patch *gen_place_real(struct gen *g, uint32_t real, const uint8_t *bytes,
			     unsigned n)
{
	struct patch *p;

	if (g->patches == PATCHES - 1 || n == 0)
		return NULL;
	p = &g->c->patch[g->patches++];
	p->address = real;
	p->length = (uint8_t)(n < PATCH_BYTES ? n : PATCH_BYTES);
	memcpy(p->bytes, bytes, p->length);
	return p;
}

void gen_place(struct gen *g, uint32_t address, const uint8_t *bytes, unsigned n)
{
	uint32_t real = to_real(g, address);

	if (real + n > g->c->code_at && real < g->c->code_at + CODE_BYTES)
		return;
	if (in_data(real) && in_data(real + n))
		gen_place_real(g, real, bytes, n);
}

void generate_case(const struct generator_options *o, uint64_t n, unsigned attempt,
		   struct test_case *c)
{
	struct gen g = { .o = o,
			 .c = c,
			 .state = mix(o->seed) ^ mix(n + 1 + ((uint64_t)attempt << 48)) };

	memset(c, 0, sizeof(*c));
	state(&g);
	registers(&g);
	gen_stream(&g);
}
