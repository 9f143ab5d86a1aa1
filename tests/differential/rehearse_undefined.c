/*
 * tests/differential/rehearse_undefined.c - cases that are given up in rehearsal: the
 * manual leaves a result open, it hangs on time or on what differs from run to run, or
 * the case would disturb those behind it.
 */
#include "tests/differential/rehearse_int.h"

#include <string.h>

#include "base/bytes.h"

/* An instruction's own bytes as an operand. */
static struct reference itself(const struct model *m, uint32_t ia, unsigned length)
{
	return (struct reference){ .laddr = ia,
				   .length = length,
				   .secondary =
					   (m->psw >> 51 & 1) && (m->psw >> 47 & 1) };
}

/* Does it look at a reference bit that an RRB before it reset on Hercules only? */
static bool looks_at_sibling(struct rehearsal *r, const uint8_t *code)
{
	int block = sets_key(code) ? -1 : key_block(r, code);

	if (block >= 0 && (code[0] != 0x09))
		return (r->facts->rrb_sibling >> (block & ~1) & 3) != 0;
	return block >= 0 && (r->facts->rrb_sibling >> block & 1);
}

/* Operation codes on which machines differ, and those the generator leaves out. */
static bool machine_dependent(struct rehearsal *r, const uint8_t *code)
{
	int row = r->row[code[0] << 8 | code[1]];

	if (row >= 0)
		return r->left_out[row];
	return (code[0] >= 0xA4 && code[0] <= 0xA7) || code[0] == 0xB2 ||
	       code[0] == 0xB9 || (code[0] >= 0xE4 && code[0] <= 0xE6) ||
	       (code[0] & 0xFC) == 0x9C;
}

bool outlives(struct rehearsal *r, const uint8_t *code)
{
	const struct model *m = &r->model;
	uint32_t at = model_operand(m, code, 1), value;
	bool ec = m->psw >> 51 & 1, enabled;

	if (code[0] == 0xB2 && code[1] == 0x10) {
		struct reference ref = { .laddr = at,
					 .length = 4,
					 .fetch = true,
					 .secondary = ec && (m->psw >> 47 & 1) };

		if ((at & 3) || !model_place(m, at, &ref, &at))
			return false;
		value = be32(m->storage + at);
		if (value & 0x7F000000) /* Hercules does not ignore these bits */
			return true;
		value &= 0x00FFF000;
		return value != 0 && value != ST_PREFIX && value < ST_SIZE;
	}
	if (code[0] == 0xAE && (m->gr[code[1] & 15] & 0xFFFF) == 0) {
		enabled = (m->psw >> 56 & 1) && (m->cr[0] & 0x6000) == 0x6000;
		at &= 0xFF;
		return at >= 4 ? at < 0x20 : at > 1 && !enabled;
	}
	if (code[0] == 0xB2 && (code[1] <= 1 || code[1] == 3)) /* CONCS, DISCS, STIDC */
		return (at & 0x80) == 0;
	return (code[0] & 0xFC) == 0x9C && (at & 0x80) == 0;
}

/* ISKE and RRB: Hercules joins the keys of both 2K blocks of the 4K block. */
static bool halves_differ(struct rehearsal *r, const uint8_t *code)
{
	unsigned op = code[0] == 0xB2 ? be16(code) : 0;
	uint32_t at;
	uint8_t a, b;

	if (op == 0xB213)
		at = model_operand(&r->model, code, 1);
	else if (op == 0xB229)
		at = r->model.gr[code[3] & 15] & 0xFFFFFF;
	else
		return false;
	at = cpu370_real_to_absolute(r->cpu, at);
	if (at >= ST_SIZE)
		return false;
	a = r->model.keys[at / BLOCK];
	b = r->model.keys[at / BLOCK ^ 1];
	for (unsigned i = 0; i < r->facts->fetch.block_count; i++) {
		a |= r->facts->fetch.blocks[i] == at / BLOCK ? 0x04
							     : 0; /* it runs there */
		b |= r->facts->fetch.blocks[i] == (at / BLOCK ^ 1) ? 0x04 : 0;
	}
	return op == 0xB213 ? ((a ^ b) & 0x06) != 0 : ((a ^ b) & 0xF8) != 0;
}

/* Does [ia, ia + length) of the instruction stream share storage with ref? */
static bool over_code(const struct model *m, const struct reference *ref, uint32_t ia,
		      unsigned length)
{
	struct reference self = itself(m, ia, length);

	return model_overlap(m, &self, ref);
}

/* Has the comparator bits to the right of what Hercules keeps of it? */
static bool comparator_is_fine(struct rehearsal *r)
{
	struct cpu_clocks clocks;

	cpu370_clocks(r->cpu, &clocks);
	return clocks.comparator & 0xFF;
}

bool is_private(uint32_t at, uint32_t n)
{
	return (at < 0x54 && at + n > 0x50) || (at < 0x360 && at + n > 0x200) ||
	       (at < ST_HEADER + 0x20 && at + n > ST_HEADER) || at + n > ST_IN ||
	       (at < ST_PREFIX + 0x360 && at + n > ST_PREFIX);
}

/* With key 0 a case can read the supervisor's data, and other cases and results. */
static bool reads_private(const struct model *m, const struct reference *ref)
{
	uint32_t laddr = ref->laddr, left = ref->length, at;

	for (unsigned i = 0; left && i < 16; i++) {
		uint32_t n = BLOCK - laddr % BLOCK;

		n = n < left ? n : left;
		if (model_place(m, laddr, ref, &at) && is_private(at, n))
			return true;
		laddr = (laddr + n) & 0xFFFFFF;
		left -= n;
	}
	return false;
}

static bool any_private(const struct model *m, const struct reference *refs, unsigned n,
			const uint8_t *code, const uint8_t *ex)
{
	struct reference self =
		itself(m, (uint32_t)m->psw & 0xFFFFFF, ex ? 4 : length_of(code));

	for (unsigned i = 0; i < n; i++)
		if (refs[i].key == 0 && reads_private(m, &refs[i]))
			return true;
	if (m->psw >> 52 & 15)
		return false;
	if (reads_private(m, &self))
		return true;
	if (!ex)
		return false;
	self = itself(m, model_operand(m, ex, 1), 6);
	return reads_private(m, &self);
}

static bool private_blocks(const uint32_t *blocks, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (is_private(blocks[i] * BLOCK, BLOCK))
			return true;
	return false;
}

/* PC, SSAR, PT, LASP with tables elsewhere, or numbers that lead there. */
static bool asn_elsewhere(const struct model *m, const uint8_t *code)
{
	unsigned op = be16(code);
	uint32_t asn = m->gr[(op == 0xB225 || op == 0xB228 ? code[3] : 0) >> 4] & 0xFFFF;

	if (op != 0xB218 && op != 0xB225 && op != 0xB228 && op != 0xE500)
		return false;
	if ((m->cr[14] & 0x80000) && (m->cr[14] & 0xFFF) != ST_TABLES >> 12)
		return true;
	if ((op == 0xB225 || op == 0xB228) && (asn < 0x2000 || asn >= 0x2180))
		return asn != (m->cr[4] & 0xFFFF);
	return op == 0xB218 && is_private(m->cr[5] & 0x00FFFF80, 0x1000);
}

/* Does translation read tables in what differs from run to run? */
static bool tables_private(const struct model *m, const uint8_t *code,
			   const struct reference *refs, unsigned n,
			   const struct exceptions *fetch)
{
	struct exceptions e = { 0 };

	for (unsigned i = 0; i < n; i++)
		model_access(m, &refs[i], &e);
	switch (code[0] == 0xB2 || code[0] == 0xE5 ? be16(code) : code[0]) {
	case 0xB1:
	case 0xE501: model_tables(m, model_operand(m, code, 1), &e); break;
	case 0xB223: model_tables(m, m->gr[code[3] & 15], &e); break;
	}
	return private_blocks(e.tables, e.table_count) ||
	       private_blocks(fetch->tables, fetch->table_count) || asn_elsewhere(m, code);
}

#define CLOSE (UINT64_C(1) << 45) /* two hours */

static bool close_to(uint64_t a, uint64_t b)
{
	return a - b < CLOSE || b - a < CLOSE;
}

/* SCK, SCKC, SPT: does it depend on moments what comes of it? */
static bool hangs_on_time(struct rehearsal *r, const uint8_t *code)
{
	struct reference refs[REFERENCES];
	struct cpu_clocks clocks;
	uint64_t value;
	uint32_t at;

	if (code[0] != 0xB2 || (code[1] != 0x04 && code[1] != 0x06 && code[1] != 0x08))
		return false;
	model_references(&r->model, code, refs);
	if (!model_place(&r->model, refs[0].laddr, &refs[0], &at) || at > ST_SIZE - 8)
		return false;
	value = be64(r->model.storage + at);
	cpu370_clocks(r->cpu, &clocks);
	switch (code[1]) {
	case 0x04: return close_to(value, 0) || close_to(value, clocks.comparator);
	case 0x06: return close_to(value, clocks.tod);
	default: return close_to(value, 0) || close_to(value, UINT64_C(1) << 63);
	}
}

/* A store into translation tables that are in use, with no PTLB: the TLB may know. */
static bool changes_tables(const struct model *m, const struct reference *refs,
			   unsigned n)
{
	struct exceptions e = { 0 };

	if (!(m->psw >> 51 & 1) || !(m->psw >> 58 & 1))
		return false;
	for (unsigned i = 0; i < n; i++)
		if (refs[i].store)
			model_access(m, &refs[i], &e);
	return window_bits(e.blocks, e.block_count) & TABLE_PAGE;
}

/* ISK, RRB ... of a block whose marks are left to the model. */
static bool marks_are_loose(struct rehearsal *r, const uint8_t *code)
{
	const struct facts *f = r->facts;
	int block = sets_key(code) ? -1 : key_block(r, code);
	uint16_t loose = f->table_reference | f->mask_reference | f->mask_change |
			 f->code_reference | f->reset_reference;

	if ((r->model.psw >> 51 & 1) && (r->model.psw >> 58 & 1))
		loose |= TABLE_PAGE;
	return block >= 0 && (loose >> (block & ~1) & 3);
}

/*
 * MVCL and CLCL: longer than model.c looks, or the target of an EX whose own registers
 * they change while they can be interrupted.
 */
static bool long_operand_fails(const struct model *m, const uint8_t *code, const uint8_t *ex)
{
	unsigned r1 = code[1] >> 4 & 14, r2 = code[1] & 14, r[3];

	if (code[0] != 0x0E && code[0] != 0x0F)
		return false;
	if ((m->gr[r1 | 1] | m->gr[r2 | 1]) & 0x00FF8000)
		return true;
	if (!ex)
		return false;
	r[0] = ex[1] >> 4;
	r[1] = ex[1] & 15;
	r[2] = ex[2] >> 4;
	for (unsigned i = 0; i < 3; i++)
		if (r[i] && ((r[i] & 14) == r1 || (r[i] & 14) == r2))
			return true;
	return false;
}

/* Do two operands share storage, though not by their logical addresses? */
static bool alias(const struct model *m, const struct reference *a, const struct reference *b)
{
	uint32_t ab = (b->laddr - a->laddr) & 0xFFFFFF, ba = (a->laddr - b->laddr) & 0xFFFFFF;

	if (!(m->psw >> 51 & 1) || !(m->psw >> 58 & 1) || !model_overlap(m, a, b))
		return false;
	return a->secondary != b->secondary || (ab >= a->length && ba >= b->length);
}

static bool outside_window(const struct model *m, const struct reference *ref)
{
	uint32_t ends[2] = { ref->laddr, (ref->laddr + ref->length - 1) & 0xFFFFFF }, at;

	for (unsigned i = 0; i < 2; i++)
		if (model_place(m, ends[i], ref, &at) && at - ST_WINDOW >= WINDOW_SIZE)
			return true;
	return false;
}

bool is_undefined(struct rehearsal *r, const uint8_t *code, const uint8_t *ex)
{
	struct reference refs[REFERENCES];
	struct model *m = &r->model;
	unsigned n = model_references(m, code, refs);
	uint32_t ia = (uint32_t)m->psw & 0xFFFFFF;
	bool edit = (code[0] & 0xFE) == 0xDE;

	if (machine_dependent(r, code) || halves_differ(r, code) ||
	    looks_at_sibling(r, code))
		return true;
	if (r->facts->clock_read && code[0] != 0x0A)
		return true;
	if (code[0] == 0xB2 && code[1] == 0x07 && comparator_is_fine(r))
		return true;
	if (tables_private(m, code, refs, n, &r->facts->fetch) ||
	    long_operand_fails(m, code, ex))
		return true;
	if (any_private(m, refs, n, code, ex))
		return true;
	if (hangs_on_time(r, code) || changes_tables(m, refs, n) ||
	    marks_are_loose(r, code))
		return true;
	if (hercules_fails(m, code))
		return true;
	if ((edit || code[0] == 0xE8) && model_overlap(m, &refs[0], &refs[1]))
		return true;
	/* one real field by two addresses: which byte is moved first, shows */
	if (n == 2 && (refs[0].store || refs[1].store) && alias(m, &refs[0], &refs[1]))
		return true;
	/* what Hercules has stored when an exception ends it, stays */
	if (edit && outside_window(m, &refs[0]))
		return true;
	/* over itself: MVCL may be fetched anew, Hercules asks the code of ED again */
	if ((edit || code[0] == 0x0E) &&
	    (over_code(m, &refs[0], ia, length_of(ex ? ex : code)) ||
	     (ex && over_code(m, &refs[0], model_operand(m, ex, 1), length_of(code)))))
		return true;
	if (code[0] == 0xB2 && (code[1] == 0x05 || code[1] == 0x09) &&
	    over_code(m, &refs[0], ia, 16))
		return true;
	if (code[0] == 0xBE && !(code[1] & 15) && n) { /* STCM: is the byte tested? */
		struct exceptions e = { 0 };

		model_access(m, &refs[0], &e);
		return e.count != 0;
	}
	return false;
}

bool spaces_differ(struct rehearsal *r, uint32_t ia)
{
	const struct model *m = &r->model;
	struct reference one = itself(m, ia, 6), other = one;
	struct exceptions e1 = { 0 }, e2 = { 0 };

	if (!one.secondary || !(m->psw >> 58 & 1))
		return false;
	other.secondary = false;
	one.fetch = other.fetch = true;
	one.key = other.key = m->psw >> 48 & 0xF0;
	model_access(m, &one, &e1);
	model_access(m, &other, &e2);
	return e1.count || e2.count || !model_overlap(m, &one, &other) ||
	       e1.block_count != e2.block_count ||
	       memcmp(e1.blocks, e2.blocks, e1.block_count * sizeof(e1.blocks[0]));
}
