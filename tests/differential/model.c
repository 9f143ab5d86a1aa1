#include "tests/differential/model.h"

#include <stddef.h>
#include <string.h>

#include "base/bytes.h"
#include "cpu370/opcodes.h"

#define ADDRESS 0x00FFFFFFu
#define BLOCK	2048u

enum { PROTECTION = 4, ADDRESSING = 5, SEGMENT = 0x10, PAGE = 0x11, TRANSLATION = 0x12 };

static bool psw_ec(const struct model *m)
{
	return m->psw >> 51 & 1;
}

static bool psw_dat(const struct model *m)
{
	return psw_ec(m) && (m->psw >> 58 & 1);
}

static uint8_t psw_key(const struct model *m)
{
	return m->psw >> 48 & 0xF0;
}

static bool low_protection(const struct model *m)
{
	return m->cr[0] & 0x10000000;
}

/* ---- real to absolute, and table entries */

static uint32_t absolute(const struct model *m, uint32_t real)
{
	uint32_t page = real & ~0xFFFu;

	if (page == 0)
		return m->prefix | (real & 0xFFF);
	return page == m->prefix ? real & 0xFFF : real;
}

static void add_block(uint32_t *list, unsigned *count, uint32_t block)
{
	for (unsigned i = 0; i < *count; i++)
		if (list[i] == block)
			return;
	if (*count < EXCEPTIONS)
		list[(*count)++] = block;
}

/* n bytes at a real address; false: outside storage. */
static bool entry(const struct model *m, uint32_t real, unsigned n, uint32_t *value,
		  struct exceptions *e)
{
	uint32_t at = absolute(m, real & ADDRESS);

	if (at > m->size - n)
		return false;
	if (e)
		add_block(e->tables, &e->table_count, at / BLOCK);
	*value = n == 4 ? be32(m->storage + at) : be16(m->storage + at);
	return true;
}

/* ---- dynamic address translation: 0, or the code of the exception */

static unsigned translate(const struct model *m, uint32_t laddr, bool secondary,
			  uint32_t *real, bool *protected, struct exceptions *e)
{
	bool big_pages = (m->cr[0] >> 22 & 3) == 2,
	     big_segments = (m->cr[0] >> 19 & 3) == 2;
	uint32_t std = m->cr[secondary ? 7 : 1], segment, page, index, ste, pte;

	*protected = false;
	if ((m->cr[0] >> 22 & 3) % 3 == 0 || (m->cr[0] >> 19 & 1) || (m->cr[0] >> 21 & 1))
		return TRANSLATION;
	segment = laddr >> (big_segments ? 20 : 16);
	page = laddr & (big_segments ? 0xFFFFF : 0xFFFF);
	index = page >> (big_pages ? 12 : 11);
	if (!big_segments && segment / 16 > std >> 24)
		return SEGMENT;
	if (!entry(m, (std & 0x00FFFFC0) + 4 * segment, 4, &ste, e))
		return ADDRESSING;
	if (ste & 1)
		return SEGMENT;
	if (ste & 0x0F000000)
		return TRANSLATION;
	/* the length is in sixteenths of the longest table */
	if (page * 16 / (big_segments ? 0x100000 : 0x10000) > ste >> 28) {
		if (e && ste >> 28)
			e->page_length = true;
		return PAGE;
	}
	if (!entry(m, (ste & 0x00FFFFF8) + 2 * index, 2, &pte, e))
		return ADDRESSING;
	if (pte & (big_pages ? 8 : 4))
		return PAGE;
	if (!big_pages && (pte & 2))
		return TRANSLATION;
	*protected = ste & 4;
	*real = big_pages ? (pte & 0xFFF0u) << 8 | (pte & 6u) << 23 | (laddr & 0xFFF)
			  : (pte & 0xFFF8u) << 8 | (laddr & 0x7FF);
	return 0;
}

/* ---- one piece of storage inside a 2K block */

bool model_place(const struct model *m, uint32_t laddr, const struct reference *ref,
		 uint32_t *at)
{
	uint32_t real = laddr;
	bool protected;

	if (psw_dat(m) && !ref->real &&
	    translate(m, laddr, ref->secondary, &real, &protected, NULL))
		return false;
	*at = absolute(m, real);
	return *at < m->size;
}

static unsigned access(const struct model *m, uint32_t laddr, const struct reference *ref,
		       bool store, struct exceptions *e)
{
	uint32_t real = laddr, at;
	bool protected = false;
	uint8_t key;

	if (psw_dat(m) && !ref->real) {
		unsigned code = translate(m, laddr, ref->secondary, &real, &protected, e);

		if (code)
			return code;
	}
	at = absolute(m, real);
	if (at >= m->size)
		return ADDRESSING;
	add_block(e->blocks, &e->block_count, at / BLOCK);
	if (store && (protected || (laddr < 512 && low_protection(m))))
		return PROTECTION;
	key = m->keys[at / BLOCK];
	if (ref->key == 0 || (key & 0xF0) == ref->key)
		return 0;
	return store || (key & 0x08) ? PROTECTION : 0;
}

static void add(struct exceptions *e, unsigned code, uint32_t laddr)
{
	unsigned alike = 0;

	for (unsigned i = 0; i < e->count; i++)
		alike += e->list[i].code == code;
	if (code && alike < 4 && e->count < EXCEPTIONS)
		e->list[e->count++] = (struct exception){ (uint8_t)code, laddr };
}

#define PIECES 20 /* blocks of a long operand that are looked at */

void model_access(const struct model *m, const struct reference *ref,
		  struct exceptions *e)
{
	uint32_t laddr = ref->laddr & ADDRESS, left = ref->length;

	for (unsigned i = 0; left > 0 && i < PIECES; i++) {
		uint32_t n = BLOCK - laddr % BLOCK;

		if (laddr < 512) /* low-address protection ends inside a block */
			n = 512 - laddr;
		n = n < left ? n : left;
		if (ref->fetch)
			add(e, access(m, laddr, ref, false, e), laddr);
		if (ref->store)
			add(e, access(m, laddr, ref, true, e), laddr);
		laddr = (laddr + n) & ADDRESS;
		left -= n;
	}
}

void model_fetch(const struct model *m, uint32_t ia, unsigned length,
		 struct exceptions *e)
{
	struct reference ref = { .laddr = ia,
				 .length = length,
				 .fetch = true,
				 .key = psw_key(m),
				 .secondary = m->psw >> 47 & 1 };

	ref.secondary &= psw_ec(m);
	model_access(m, &ref, e);
}

void model_tables(const struct model *m, uint32_t laddr, struct exceptions *e)
{
	uint32_t real;
	bool protected;

	translate(m, laddr & ADDRESS, psw_ec(m) && (m->psw >> 47 & 1), &real, &protected, e);
}

bool model_page_length(const struct model *m, uint32_t laddr)
{
	struct exceptions e = { 0 };

	model_tables(m, laddr, &e);
	return e.page_length;
}

bool model_has(const struct exceptions *e, unsigned code)
{
	for (unsigned i = 0; i < e->count; i++)
		if (e->list[i].code == code)
			return true;
	return false;
}

bool model_overlap(const struct model *m, const struct reference *a,
		   const struct reference *b)
{
	for (uint32_t i = 0; i < a->length && i < 0x1000; i++) {
		uint32_t x, y;

		if (!model_place(m, (a->laddr + i) & ADDRESS, a, &x))
			continue;
		for (uint32_t j = 0; j < b->length && j < 0x1000; j++) {
			if (!model_place(m, (b->laddr + j) & ADDRESS, b, &y))
				break;
			if (x == y)
				return true;
			/* go on where y can be x next: inside its block, or behind it */
			if (x / BLOCK == y / BLOCK && x > y)
				j += x - y - 1;
			else
				j += BLOCK - y % BLOCK - 1;
		}
	}
	return false;
}

/* ---- what an instruction refers to */

static uint32_t based(const struct model *m, const uint8_t *field)
{
	unsigned b = field[0] >> 4;

	return ((b ? m->gr[b] : 0) + (be16(field) & 0xFFF)) & ADDRESS;
}

uint32_t model_operand(const struct model *m, const uint8_t insn[6], unsigned n)
{
	uint32_t at = based(m, insn + 2 * n);

	if (n == 1 && ((insn[0] >= 0x40 && insn[0] < 0x80) || insn[0] == 0xB1) &&
	    (insn[1] & 15)) /* RX */
		at += m->gr[insn[1] & 15];
	return at & ADDRESS;
}

static struct reference logical(const struct model *m, uint32_t laddr, uint32_t length,
				bool fetch, bool store)
{
	return (struct reference){ .laddr = laddr,
				   .length = length,
				   .fetch = fetch,
				   .store = store,
				   .key = psw_key(m),
				   .secondary = psw_ec(m) && (m->psw >> 47 & 1) };
}

static unsigned bits_on(unsigned mask)
{
	unsigned n = 0;

	for (; mask; mask &= mask - 1)
		n++;
	return n;
}

static unsigned registers(const uint8_t *insn)
{
	return 4 * (((insn[1] - (insn[1] >> 4)) & 15u) + 1);
}

/* RX, RS, SI, S: bytes of the operand, 0 for none; which way it goes. */
static uint32_t simple(const uint8_t *insn, const struct opcode *row, bool *fetch,
		       bool *store)
{
	*fetch = row->flags & OPF_FETCH;
	*store = row->flags & OPF_STORE;
	switch (row->opcode) {
	case 0x44: *fetch = true; return 2;
	case 0x80: *fetch = true; return 1;
	case 0x82: *fetch = true; return 8;
	case 0x90:
	case 0x98:
	case 0xB6: return registers(insn);
	case 0xB7: *fetch = true; return registers(insn);
	case 0x93: *fetch = true; return 1;
	case 0xAC:
	case 0xAD: *store = true; return 1;
	case 0xBA:
	case 0xBB: *fetch = true; return row->operand;
	case 0xBD:
	case 0xBE:
	case 0xBF: return (insn[1] & 15) ? bits_on(insn[1] & 15) : 1;
	case 0xB204:
	case 0xB206:
	case 0xB208: *fetch = true; return 8;
	case 0xB205: *store = true; return 8;
	case 0xB210: *fetch = true; return 4;
	default: return *fetch || *store ? row->operand : 0;
	}
}

static unsigned long_operands(const struct model *m, const uint8_t *insn,
			      struct reference *refs)
{
	unsigned r1 = insn[1] >> 4, r2 = insn[1] & 15;
	bool move = insn[0] == 0x0E;

	refs[0] = logical(m, m->gr[r1] & ADDRESS, m->gr[r1 | 1] & ADDRESS, !move, move);
	refs[1] = logical(m, m->gr[r2] & ADDRESS, m->gr[r2 | 1] & ADDRESS, true, false);
	if (move && refs[1].length > refs[0].length)
		refs[1].length = refs[0].length;
	return 2;
}

/* MVCK, MVCP, MVCS. */
static unsigned moves_between(const struct model *m, const uint8_t *insn,
			      struct reference *refs)
{
	uint32_t n = m->gr[insn[1] >> 4];
	uint8_t key = m->gr[insn[1] & 15] & 0xF0;

	n = n > 256 ? 256 : n;
	refs[0] = logical(m, model_operand(m, insn, 1), n, false, true);
	refs[1] = logical(m, model_operand(m, insn, 2), n, true, false);
	refs[insn[0] == 0xDB ? 0 : 1].key = key;
	if (insn[0] != 0xD9) {
		refs[0].secondary = insn[0] == 0xDB;
		refs[1].secondary = insn[0] == 0xDA;
	}
	return 2;
}

static unsigned two_fields(const struct model *m, const uint8_t *insn,
			   const struct opcode *row, struct reference *refs)
{
	uint32_t a = model_operand(m, insn, 1), b = model_operand(m, insn, 2);
	unsigned n = insn[1] + 1u, l1 = (insn[1] >> 4) + 1u, l2 = (insn[1] & 15u) + 1;
	bool store = row->flags & OPF_STORE || row->chapter == CHAPTER_DECIMAL;

	switch (row->format) {
	case FMT_SS1:
		refs[0] = logical(m, a, n, row->opcode != 0xD2 && row->opcode != 0xE8,
				  row->opcode != 0xD5 && row->opcode != 0xDD);
		refs[1] = logical(m, b, n, true, false);
		if (row->opcode == 0xDC || row->opcode == 0xDD)
			refs[1].length = 256;
		if (row->opcode == 0xE8)
			refs[1].laddr = (b - insn[1]) & ADDRESS;
		return 2;
	case FMT_SS2:
		refs[0] = logical(m, a, l1, true, store && row->opcode != 0xF9);
		refs[1] = logical(m, b, l2, true, false);
		return 2;
	case FMT_SS3: refs[0] = logical(m, a, l1, true, true); return 1;
	default: return 0;
	}
}

/* opcode_find(), which looks at all rows, by a table. */
static const struct opcode *row_of(const uint8_t *insn)
{
	static const struct opcode *rows[65536];
	static bool ready;

	for (unsigned i = 0; !ready && i < 65536; i++)
		rows[i] = opcode_find(i >> 8, i & 0xFF);
	ready = true;
	return rows[insn[0] << 8 | insn[1]];
}

unsigned model_references(const struct model *m, const uint8_t insn[6],
			  struct reference refs[REFERENCES])
{
	const struct opcode *row = row_of(insn);
	uint32_t length;
	bool fetch, store;

	memset(refs, 0, REFERENCES * sizeof(*refs));
	if (!row)
		return 0;
	switch (row->format) {
	case FMT_RR:
		return row->opcode == 0x0E || row->opcode == 0x0F
			       ? long_operands(m, insn, refs)
			       : 0;
	case FMT_RX:
	case FMT_RS:
	case FMT_RSM:
	case FMT_SI:
	case FMT_S:
		length = simple(insn, row, &fetch, &store);
		if (!length)
			return 0;
		refs[0] = logical(m, model_operand(m, insn, 1), length, fetch, store);
		return 1;
	case FMT_SSR: return moves_between(m, insn, refs);
	case FMT_SSE:
		if (row->opcode != 0xE500)
			return 0;
		refs[0] = logical(m, model_operand(m, insn, 1), 8, true, false);
		return 1;
	default: return two_fields(m, insn, row, refs);
	}
}

/*
 * GA22-7000, "Decimal Instructions" and the data exception in "Interruptions": AP, SP,
 * CP, MP, DP take operands that overlap if their rightmost bytes coincide; ZAP also if
 * the rightmost byte of the first is to the right of that of the second.
 */
bool model_bad_decimal_overlap(const struct model *m, const uint8_t insn[6])
{
	struct reference refs[REFERENCES];
	uint32_t end1, end2;

	if (insn[0] < 0xF8 || insn[0] > 0xFD || model_references(m, insn, refs) != 2 ||
	    !model_overlap(m, &refs[0], &refs[1]))
		return false;
	end1 = (refs[0].laddr + refs[0].length - 1) & ADDRESS;
	end2 = (refs[1].laddr + refs[1].length - 1) & ADDRESS;
	if (end1 == end2)
		return false;
	return insn[0] != 0xF8 || ((end2 - end1) & ADDRESS) < 16;
}
