#include "tests/differential/rehearse.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "cpu370/cpu.h"
#include "cpu370/opcodes.h"
#include "cpu370/storage_int.h"

#define STEPS_MAX   400	  /* instructions of a case */
#define AROUND_MAX  20000 /* of the supervisor, before and after it */
#define KEY_OUTSIDE 0x08  /* fetch-protected, key 0 */
#define BLOCKS_ALL  (ST_SIZE / BLOCK)

/* What one step did, kept until it is known that the case counts. */
struct seen {
	int row;
	bool under_ex, completed;
	uint8_t code, cc;
};

struct rehearsal {
	struct seen seen[2 * STEPS_MAX];
	unsigned seen_count;
	struct facts *facts;
	struct model model;
	struct storage *st;
	struct cpu370 *cpu;
	struct manual_clock clock;
	struct supervisor where;
	const uint8_t *window;
	uint8_t *image;
	int16_t row[65536]; /* of opcode_rows[], by the first two bytes; -1: none */
	bool left_out[COVERAGE_ROWS];
	bool clean; /* storage outside the window is as in the image */
};

static void index_rows(struct rehearsal *r)
{
	for (unsigned i = 0; i < 65536; i++) {
		const struct opcode *row = opcode_find(i >> 8, i & 0xFF);

		r->row[i] = (int16_t)(row ? row - opcode_rows : -1);
		if (row)
			r->left_out[row - opcode_rows] = generate_left_out(row) != NULL;
	}
}

/* Every other instruction of I/O: no device is operational. */
static unsigned no_device(void *arg, struct cpu370 *cpu, enum io_op op, uint16_t address)
{
	(void)arg;
	(void)cpu;
	(void)op;
	(void)address;
	return 3;
}

static void put(struct rehearsal *r, uint32_t at, const uint8_t *bytes, size_t n);

struct rehearsal *rehearsal_new(const uint8_t window[WINDOW_SIZE], bool floats)
{
	const struct cpu_config config = { .arch = CPU_S370,
					   .cpuid = UINT64_C(0xFD00004731450000) };
	const struct cpu_owner owner = { .io = no_device };
	struct rehearsal *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	manual_clock_init(&r->clock, TOD_1970);
	r->window = window;
	r->image = calloc(1, ST_IN);
	r->st = storage_new(ST_SIZE, NULL);
	if (r->st)
		r->cpu = cpu370_new(r->st, &config, &owner, &r->clock.clock, NULL);
	if (!r->image || !r->cpu) {
		rehearsal_free(r);
		return NULL;
	}
	supervisor_build(r->image, floats, &r->where);
	memcpy(r->image + ST_TEMPLATE, window, WINDOW_SIZE);
	memcpy(r->image + ST_WINDOW, window, WINDOW_SIZE);
	put_be32(r->image + ST_HEADER + 4 * H_CASES, 1);
	put_be32(r->image + ST_HEADER + 4 * H_IN, ST_IN);
	put_be32(r->image + ST_HEADER + 4 * H_OUT, ST_OUT);
	put_be32(r->image + ST_HEADER + 4 * H_OUT_LIMIT, ST_SIZE - 0x10000);
	index_rows(r);
	put(r, 0, r->image, ST_IN);
	for (uint32_t b = 0; b < BLOCKS_ALL; b++)
		storage_set_key(r->st, b * BLOCK, KEY_OUTSIDE);
	return r;
}

void rehearsal_free(struct rehearsal *r)
{
	if (!r)
		return;
	cpu370_free(r->cpu);
	storage_free(r->st);
	free(r->image);
	free(r);
}

/* ---- storage */

static void put(struct rehearsal *r, uint32_t at, const uint8_t *bytes, size_t n)
{
	if (storage_store(r->st, at, 0, bytes, n, NULL) != STORAGE_OK)
		abort();
}

/* By the side door: it sets no reference bit. */
static void get(struct rehearsal *r, uint32_t at, uint8_t *bytes, size_t n)
{
	memcpy(bytes, r->st->bytes + at, n);
}

/* Blocks where the supervisor itself stores. */
static bool is_supervisors(uint32_t block)
{
	uint32_t at = block * BLOCK;

	return at == 0 || at == ST_HEADER || at == ST_PREFIX ||
	       (at >= ST_OUT && at < ST_OUT + 0x8000);
}

/* Whatever was stored outside the window, and the window, back to the beginning. */
static void restore(struct rehearsal *r)
{
	static const uint8_t zeros[BLOCK];

	for (uint32_t b = 0; b < BLOCKS_ALL; b++) {
		uint32_t at = b * BLOCK;

		if (r->st->keys[b] == KEY_OUTSIDE && !is_supervisors(b) &&
		    (at < ST_WINDOW || at >= ST_WINDOW + WINDOW_SIZE))
			continue;
		put(r, at, at < ST_IN ? r->image + at : zeros, BLOCK);
		storage_set_key(r->st, at, KEY_OUTSIDE);
	}
}

static void load(struct rehearsal *r, const struct test_case *c)
{
	uint8_t bytes[CASE_SIZE];

	if (!r->clean)
		restore(r);
	put(r, ST_HEADER, r->image + ST_HEADER, 0x20);
	case_encode(c, bytes);
	put(r, ST_IN, bytes, CASE_SIZE);
	storage_set_key(r->st, ST_IN, KEY_OUTSIDE);
	storage_set_key(r->st, ST_HEADER, KEY_OUTSIDE);
	cpu370_reset(r->cpu, CPU_RESET_INITIAL);
	cpu370_set_psw(r->cpu, UINT64_C(0x0008000000000000) | r->where.begin);
}

static bool same(struct rehearsal *r, uint32_t at, size_t n)
{
	uint8_t bytes[4096];

	get(r, at, bytes, n);
	return !memcmp(bytes, r->image + at, n);
}

/* Is everything outside the window as it was? */
static bool contained(struct rehearsal *r)
{
	uint8_t bytes[0x20];

	for (uint32_t b = 0; b < BLOCKS_ALL; b++) {
		uint8_t key = r->st->keys[b];

		if (key == KEY_OUTSIDE)
			continue;
		if (b >= ST_WINDOW / BLOCK && b < ST_WINDOW / BLOCK + BLOCKS)
			continue;
		if (is_supervisors(b) ? (key & 0xF8) != KEY_OUTSIDE
				      : (key & 0xFA) != KEY_OUTSIDE)
			return false;
		storage_set_key(r->st, b * BLOCK, KEY_OUTSIDE);
	}
	get(r, ST_HEADER, bytes, sizeof(bytes));
	return be32(bytes + 4 * H_INDEX) == 1 && be32(bytes + 4 * H_CASES) == 1 &&
	       be32(bytes + 4 * H_IN) == ST_IN + CASE_SIZE &&
	       be32(bytes + 4 * H_OUT) - ST_OUT <= RESULT_MAX &&
	       !memcmp(bytes + 16, r->image + ST_HEADER + 16, 16) && same(r, 0, 0x200) &&
	       same(r, 0x360, 0x800 - 0x360) && same(r, ST_PREFIX, 0x200) &&
	       same(r, ST_PREFIX + 0x360, 0x800 - 0x360) &&
	       same(r, ST_HEADER + 0x20, 0x7E0);
}

/* ---- instruction by instruction */

static void look(struct rehearsal *r)
{
	struct model *m = &r->model;

	m->storage = r->st->bytes;
	m->keys = (const uint8_t *)r->st->keys;
	m->size = ST_SIZE;
	m->prefix = cpu370_prefix(r->cpu);
	m->psw = cpu370_psw(r->cpu);
	for (unsigned i = 0; i < 16; i++) {
		m->gr[i] = cpu370_gr(r->cpu, i);
		m->cr[i] = cpu370_cr(r->cpu, i);
	}
}

/* The case's instruction at a logical address; zeros where it cannot be fetched. */
static void fetch(struct rehearsal *r, uint32_t ia, uint8_t code[6])
{
	memset(code, 0, 6);
	for (unsigned i = 0; i < 6; i += 2) {
		uint32_t raddr;

		if (cpu370_translate(r->cpu, (ia + i) & 0xFFFFFF, &raddr))
			return;
		raddr = cpu370_real_to_absolute(r->cpu, raddr);
		if (raddr > ST_SIZE - 2)
			return;
		get(r, raddr, code + i, 2);
	}
}

/* What EX executes: the target with R1's bits. */
static void target(struct rehearsal *r, const uint8_t *ex, uint8_t code[6])
{
	uint32_t at = model_operand(&r->model, ex, 1);

	memset(code, 0, 6);
	if (at & 1)
		return;
	fetch(r, at, code);
	if (ex[1] >> 4)
		code[1] |= (uint8_t)r->model.gr[ex[1] >> 4];
}

/*
 * Does an instruction look at the reference or change bit of a block outside the
 * window? What ran before has left its marks there.
 */
static bool looks_outside(struct rehearsal *r, const uint8_t *code)
{
	unsigned op = code[0] == 0xB2 ? be16(code) : code[0];
	uint32_t at;

	switch (op) {
	case 0x09: at = r->model.gr[code[1] & 15]; break;
	case 0xB229:
	case 0xB22A: at = r->model.gr[code[3] & 15]; break;
	case 0xB213: at = model_operand(&r->model, code, 1); break;
	default: return false;
	}
	at = cpu370_real_to_absolute(r->cpu, at & 0xFFFFFF);
	return at < ST_SIZE && (at < ST_WINDOW || at >= ST_WINDOW + WINDOW_SIZE);
}

/* Class of the interruption whose new PSW is the current one; 0: none. */
static unsigned interrupted(struct rehearsal *r)
{
	uint64_t psw = cpu370_psw(r->cpu);

	if (psw >> 32 != 0x00080000)
		return 0;
	for (unsigned class = 1; class < 6; class ++)
		if ((uint32_t)psw == r->where.entry[class])
			return class;
	return 0;
}

/* The program-interruption code just stored, in the mode of the old PSW. */
static unsigned program_code(struct rehearsal *r)
{
	uint32_t low = cpu370_prefix(r->cpu);
	uint8_t psw[8], code[2];

	get(r, low + 0x28, psw, 8);
	get(r, low + 0x8E, code, 2);
	return (psw[1] & 0x08 ? be16(code) : be16(psw + 2)) & 0xFF;
}

static unsigned old_cc(struct rehearsal *r)
{
	uint8_t psw[8];

	get(r, cpu370_prefix(r->cpu) + 0x28, psw, 8);
	return (psw[1] & 0x08 ? psw[2] >> 4 : psw[4] >> 4) & 3;
}

static unsigned current_cc(struct rehearsal *r)
{
	uint64_t psw = cpu370_psw(r->cpu);

	return (psw >> 51 & 1 ? psw >> 44 : psw >> 28) & 3;
}

static bool completes(unsigned code)
{
	switch (code & 0x7F) {
	case 0:
	case 0x08:
	case 0x0A:
	case 0x0C:
	case 0x0D:
	case 0x0E:
	case 0x1C:
	case 0x40: return true;
	default: return false;
	}
}

static void note(struct rehearsal *r, const uint8_t *code, bool under_ex, unsigned class)
{
	unsigned pic = class == 1 ? program_code(r) : 0;

	r->seen[r->seen_count++] = (struct seen){
		.row = r->row[code[0] << 8 | code[1]],
		.under_ex = under_ex,
		.completed = completes(pic),
		.code = (uint8_t)pic,
		.cc = (uint8_t)(class == 1 ? old_cc(r)
				: class	   ? 0
					   : current_cc(r)),
	};
}

/* ---- facts */

static uint16_t window_bits(const uint32_t *blocks, unsigned count)
{
	uint16_t bits = 0;

	for (unsigned i = 0; i < count; i++)
		if (blocks[i] >= ST_WINDOW / BLOCK &&
		    blocks[i] < ST_WINDOW / BLOCK + BLOCKS)
			bits |= (uint16_t)(1u << (blocks[i] - ST_WINDOW / BLOCK));
	return bits;
}

#define TABLE_PAGE (3u << (WINDOW_DATA / BLOCK)) /* both blocks */

static bool keys_instruction(const uint8_t *code)
{
	return code[0] == 0x08 ||
	       (code[0] == 0xB2 &&
		(code[1] == 0x13 || code[1] == 0x2A || code[1] == 0x2B));
}

/* LPSW, SSM, STNSM, STOSM, LCTL, and DAS: keys, modes, tables may be others. */
static bool control_instruction(const uint8_t *code)
{
	switch (code[0]) {
	case 0x80:
	case 0x82:
	case 0xAC:
	case 0xAD:
	case 0xB7: return true;
	case 0xB2:
		return code[1] == 0x0A || code[1] == 0x0D ||
		       (code[1] >= 0x18 && code[1] <= 0x28);
	case 0xE5: return code[1] == 0;
	default: return false;
	}
}

/* Where the first operand lies, if it can be translated: two pieces. */
static void first_pieces(struct rehearsal *r, const struct reference *ref)
{
	uint32_t n = BLOCK - ref->laddr % BLOCK;

	n = n < ref->length ? n : ref->length;
	if (model_place(&r->model, ref->laddr, ref, &r->facts->first[0].at))
		r->facts->first[0].length = n;
	if (ref->length > n && model_place(&r->model, (ref->laddr + n) & 0xFFFFFF, ref,
					   &r->facts->first[1].at))
		r->facts->first[1].length =
			ref->length - n < BLOCK ? ref->length - n : BLOCK;
}

/* RRB, ISK ...: which window block the instruction names; -1: none. */
static int key_block(struct rehearsal *r, const uint8_t *code)
{
	unsigned op = code[0] == 0xB2 ? be16(code) : code[0];
	uint32_t at;

	switch (op) {
	case 0x08:
	case 0x09: at = r->model.gr[code[1] & 15]; break;
	case 0xB229:
	case 0xB22A:
	case 0xB22B: at = r->model.gr[code[3] & 15]; break;
	case 0xB213: at = model_operand(&r->model, code, 1); break;
	default: return -1;
	}
	at = cpu370_real_to_absolute(r->cpu, at & 0xFFFFFF) - ST_WINDOW;
	return at < WINDOW_SIZE ? (int)(at / BLOCK) : -1;
}

/* SSK, SSKE set the key anew. */
static bool sets_key(const uint8_t *code)
{
	return code[0] == 0x08 || (code[0] == 0xB2 && code[1] == 0x2B);
}

/* Does it look at a reference bit that an RRB before it reset on Hercules only? */
static bool looks_at_sibling(struct rehearsal *r, const uint8_t *code)
{
	int block = sets_key(code) ? -1 : key_block(r, code);

	if (block >= 0 && (code[0] != 0x09))
		return (r->facts->rrb_sibling >> (block & ~1) & 3) != 0;
	return block >= 0 && (r->facts->rrb_sibling >> block & 1);
}

/* STCK, STPT: where the value goes. */
static void note_clock(struct facts *f)
{
	f->clock_read = true;
	memcpy(f->clock, f->first, sizeof(f->clock));
}

/* IPTE: where the page-table entry is. */
static uint32_t ipte_entry(const struct model *m, const uint8_t *code)
{
	bool big_pages = (m->cr[0] >> 22 & 3) == 2, big_segments = (m->cr[0] >> 19 & 3) == 2;
	uint32_t laddr = m->gr[code[3] & 15] & (big_segments ? 0xFFFFF : 0xFFFF);
	uint32_t origin = m->gr[code[3] >> 4] & 0x00FFFFF8;

	return (origin + 2 * (laddr >> (big_pages ? 12 : 11))) & 0xFFFFFF;
}

/* PC, SSAR, PT, LASP: their tables may lie anywhere. */
static bool translates_asn(const uint8_t *code)
{
	return (code[0] == 0xB2 &&
		(code[1] == 0x18 || code[1] == 0x25 || code[1] == 0x28)) ||
	       (code[0] == 0xE5 && code[1] == 0);
}

/* What a step adds to the facts, before it is taken. code: not the EX, its target. */
static void gather(struct rehearsal *r, const uint8_t *code, const uint8_t *ex)
{
	struct reference refs[REFERENCES];
	struct facts *f = r->facts;
	struct model *m = &r->model;
	unsigned n = model_references(m, code, refs);
	uint32_t entry = ipte_entry(m, code) / BLOCK;
	uint16_t blocks;

	f->under_ex = ex != NULL;
	memcpy(f->last, code, 6);
	f->ia = (uint32_t)m->psw & 0xFFFFFF;
	f->before = *m;
	memset(&f->operands, 0, sizeof(f->operands));
	if (ex)
		model_fetch(m, model_operand(m, ex, 1), length_of(code), &f->operands);
	for (unsigned i = 0; i < n; i++)
		model_access(m, &refs[i], &f->operands);
	memset(f->first, 0, sizeof(f->first));
	if (n)
		first_pieces(r, &refs[0]);
	blocks = window_bits(f->operands.blocks, f->operands.block_count);
	f->table_reference |= window_bits(f->fetch.tables, f->fetch.table_count) |
			      window_bits(f->operands.tables, f->operands.table_count);
	if ((m->psw >> 51 & 1 && m->psw >> 58 & 1) || code[0] == 0xB1 ||
	    code[0] == 0xB2 || code[0] == 0xE5)
		f->table_reference |= TABLE_PAGE; /* DAT, LRA, TPROT, ASN translation */
	if (code[0] == 0xB2 && code[1] == 0x21)
		f->table_reference |= window_bits(&entry, 1);
	if (translates_asn(code))
		f->table_reference |= (1u << BLOCKS) - 1;
	f->last_marks = blocks;
	if (code[0] == 0xBD || (code[0] == 0xBE && !(code[1] & 15)))
		f->mask_reference |= blocks;
	if (code[0] == 0xBE && !(code[1] & 15))
		f->mask_change |= blocks;
	if (f->keys_set)
		f->code_reference |= window_bits(f->fetch.blocks, f->fetch.block_count);
	if (code[0] == 0xB2 && (code[1] == 0x05 || code[1] == 0x09) && n)
		note_clock(f);
	if (code[0] != 0x09 && !(code[0] == 0xB2 && code[1] == 0x29) &&
	    key_block(r, code) >= 0) {
		uint16_t one = (uint16_t)(1u << key_block(r, code));
		uint16_t other = (uint16_t)(1u << (key_block(r, code) ^ 1));

		f->reset_reference |= one;
		if (sets_key(code))
			f->key_set |= one | (code[0] == 0xB2 ? other : 0);
		if (code[0] == 0xB2 && code[1] == 0x13)
			f->rrb_sibling |= other;
		else if (code[0] == 0xB2)
			f->reset_reference |= other;
	}
	f->keys_set |= keys_instruction(code);
	f->control_loaded |= control_instruction(code);
}

/* An instruction's own bytes as an operand. */
static struct reference itself(const struct model *m, uint32_t ia, unsigned length)
{
	return (struct reference){ .laddr = ia,
				   .length = length,
				   .secondary =
					   (m->psw >> 51 & 1) && (m->psw >> 47 & 1) };
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

/* Would something outlive the case: a prefix, a pending interruption, I/O? */
static bool outlives(struct rehearsal *r, const uint8_t *code)
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

/* What is not the same from one emulator, or one batch, to the other. */
static bool is_private(uint32_t at, uint32_t n)
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

/* Does it put a system mask without the PER bit in place, or a PSW? */
static bool turns_per_off(const struct model *m, const uint8_t *code)
{
	struct reference refs[REFERENCES];
	uint32_t at;

	if (code[0] == 0xAC)
		return !(code[1] & 0x40);
	if (code[0] != 0x80 && code[0] != 0x82)
		return false;
	model_references(m, code, refs);
	if (!model_place(m, refs[0].laddr, &refs[0], &at) || at + 1 >= m->size)
		return false;
	return !(m->storage[at] & 0x40) ||
	       (code[0] == 0x82 && !(m->storage[at + 1] & 0x08));
}

static bool page_lengths(const struct model *m, const uint8_t *code)
{
	struct reference refs[REFERENCES];
	unsigned n = model_references(m, code, refs);
	struct exceptions e = { 0 };

	for (unsigned i = 0; i < n; i++)
		model_access(m, &refs[i], &e);
	return e.page_length;
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

/* LCTL of CR0 with other page or segment sizes, DAT on: the TLB there does not mind. */
static bool changes_format(const struct model *m, const uint8_t *code)
{
	struct reference refs[REFERENCES];
	uint32_t at, n = (0u - (code[1] >> 4)) & 15;

	if (!(m->psw >> 51 & 1) || !(m->psw >> 58 & 1) ||
	    n > ((code[1] - (code[1] >> 4)) & 15u))
		return false;
	model_references(m, code, refs);
	if (!model_place(m, (refs[0].laddr + 4 * n) & 0xFFFFFF, &refs[0], &at) ||
	    at > m->size - 4)
		return false;
	return (be32(m->storage + at) ^ m->cr[0]) & 0x00F80000;
}

static bool outside_window(const struct model *m, const struct reference *ref)
{
	uint32_t ends[2] = { ref->laddr, (ref->laddr + ref->length - 1) & 0xFFFFFF }, at;

	for (unsigned i = 0; i < 2; i++)
		if (model_place(m, ends[i], ref, &at) && at - ST_WINDOW >= WINDOW_SIZE)
			return true;
	return false;
}

/* Where Hercules is wrong in a way that nothing can be compared behind it. */
static bool hercules_fails(const struct model *m, const uint8_t *code)
{
	bool ec = m->psw >> 51 & 1, per = ec && (m->psw >> 62 & 1);
	unsigned op = code[0] == 0xB2 ? be16(code) : code[0];

	/* bit 0 of CR1 is taken for the control of the space-switch event */
	if ((op == 0xB218 || op == 0xB228 || (op == 0xE5 && code[1] == 0)) &&
	    (m->cr[1] & 0x80000001))
		return true;
	/* the event of an altered general register is not there */
	if (per && (m->cr[9] & 0x10000000))
		return true;
	/* STCTL, XC: only the first byte is looked at */
	if ((op == 0xB6 || op == 0xD7) && per && (m->cr[9] & 0x20000000))
		return true;
	/* SIGP: the order SET ARCHITECTURE goes to any address */
	if (op == 0xAE && (model_operand(m, code, 1) & 0xFF) == 0x12)
		return true;
	/* CS and CDS that do not store are told as storage alteration */
	if ((op == 0xBA || op == 0xBB) && per && (m->cr[9] & 0x20000000))
		return true;
	/* units of operation end at other places (both are right) */
	if ((op == 0x0E || op == 0x0F) && per && (m->cr[9] & 0xE0000000) &&
	    ((m->gr[code[1] >> 4 | 1] | m->gr[(code[1] & 15) | 1]) & 0xFFFF00))
		return true;
	/* an event of an instruction that turns PER off is forgotten */
	if (per && (m->cr[9] & 0xE0000000) && turns_per_off(m, code))
		return true;
	/* whether the old or the new controls apply, the manual does not say */
	if (op == 0xB7 && per &&
	    ((9 - (code[1] >> 4)) & 15) <= ((code[1] - (code[1] >> 4)) & 15))
		return true;
	/* an entry in the interval timer: it waits for a lock that it holds */
	if (op == 0xB221 && is_private(ipte_entry(m, code), 2))
		return true;
	/* SAC: access-register and home-space mode */
	if (op == 0xB219 && (model_operand(m, code, 1) >> 8 & 14) == 2)
		return true;
	/* the linkage-table origin has 31 bits there */
	if (op == 0xB218 && (m->cr[5] & 0x7F000000))
		return true;
	/* of page-table lengths only 0 is looked at */
	if (op == 0xB1 && model_page_length(m, model_operand(m, code, 1)))
		return true;
	if (op == 0xE5 && code[1] == 1 && model_page_length(m, model_operand(m, code, 1)))
		return true;
	if (op == 0xB223 && model_page_length(m, m->gr[code[3] & 15]))
		return true;
	/* operands that overlap: no data exception, the case may not end */
	if (op == 0xF8 && model_bad_decimal_overlap(m, code))
		return true;
	if (page_lengths(m, code) || (op == 0xB7 && changes_format(m, code)))
		return true;
	/* bit 5 of a BC system mask is taken for DAT */
	if ((op == 0xB223 || op == 0xB226 || op == 0xB227) && !ec && (m->psw >> 58 & 1))
		return true;
	/* any PER event with PC or PT is told as a space-switch event too */
	if ((op == 0xB218 || op == 0xB228) && per)
		return true;
	/* PT: bits 0-7 of R2 are taken for a 31-bit address */
	return op == 0xB228 && m->gr[code[3] & 15] >> 24;
}

/*
 * Does the manual leave the result of an instruction open, or does Hercules lose its
 * way in it? Such cases are not run: nothing can be compared.
 */
static bool undefined(struct rehearsal *r, const uint8_t *code, const uint8_t *ex)
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

/* Secondary-space mode: instructions come from either space. Are both alike at ia? */
static bool spaces_differ(struct rehearsal *r, uint32_t ia)
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

static bool is_access(unsigned code)
{
	return code == 4 || code == 5 || (code >= 0x10 && code <= 0x12);
}

/* An access exception ended the case: does the model find it? */
static bool justified(struct rehearsal *r)
{
	const struct facts *f = r->facts;
	unsigned code = program_code(r) & 0x7F;
	struct reference refs[REFERENCES];

	if (!is_access(code) || model_has(&f->fetch, code) ||
	    model_has(&f->operands, code))
		return true;
	if (code == 5 &&
	    ((f->last[0] == 0xB2 && f->last[1] == 0x10) || f->last[0] == 0xE5))
		return true; /* SPX: the prefix is beyond storage; LASP: tables */
	/* instructions that name real storage, keys, or tables beyond the model */
	return !model_references(&f->before, f->last, refs) && f->fetch.count == 0 &&
	       (f->last[0] < 0x0A || f->last[0] == 0xB1 || f->last[0] == 0xB2 ||
		f->last[0] == 0xE5);
}

/* One instruction; GOOD: on to the next one. *class: what ended the case, or 0. */
static enum rehearsed one_step(struct rehearsal *r, unsigned *class)
{
	uint64_t icount = cpu370_icount(r->cpu);
	uint8_t code[6], ex[6];
	bool is_ex;
	enum cpu_exit exit;

	look(r);
	fetch(r, (uint32_t)r->model.psw & 0xFFFFFF, ex);
	memcpy(code, ex, 6);
	is_ex = ex[0] == 0x44;
	if (is_ex)
		target(r, ex, code);
	if (looks_outside(r, code) || outlives(r, code))
		return REHEARSED_OUTSIDE;
	memset(&r->facts->fetch, 0, sizeof(r->facts->fetch));
	model_fetch(&r->model, (uint32_t)r->model.psw & 0xFFFFFF, length_of(ex),
		    &r->facts->fetch);
	if (spaces_differ(r, (uint32_t)r->model.psw & 0xFFFFFF) ||
	    (is_ex && spaces_differ(r, model_operand(&r->model, ex, 1))) ||
	    undefined(r, code, is_ex ? ex : NULL))
		return REHEARSED_UNDEFINED;
	gather(r, code, is_ex ? ex : NULL);
	exit = cpu370_run(r->cpu, 1);
	*class = interrupted(r);
	if (cpu370_icount(r->cpu) != icount || *class == 1) {
		if (is_ex)
			note(r, ex, false, *class);
		note(r, code, is_ex, *class);
	}
	return exit == CPU_EXIT_BUDGET || *class ? REHEARSED_GOOD : REHEARSED_ENDLESS;
}

/* From the LPSW of go() to the interruption that ends the case. */
static enum rehearsed steps(struct rehearsal *r)
{
	if (cpu370_run(r->cpu, 1) != CPU_EXIT_BUDGET)
		return REHEARSED_ENDLESS;
	for (unsigned n = 0; n < STEPS_MAX; n++) {
		unsigned class = 0;
		enum rehearsed how = one_step(r, &class);

		if (how != REHEARSED_GOOD || class) {
			r->facts->unjustified = class == 1 && !justified(r);
			return how;
		}
	}
	return REHEARSED_ENDLESS;
}

static enum rehearsed play(struct rehearsal *r)
{
	enum rehearsed how;

	if (!cpu370_set_break(r->cpu, r->where.go) ||
	    cpu370_run(r->cpu, AROUND_MAX) != CPU_EXIT_BREAK)
		return REHEARSED_ENDLESS;
	cpu370_clear_break(r->cpu, r->where.go);
	how = steps(r);
	if (how != REHEARSED_GOOD)
		return how;
	if (cpu370_run(r->cpu, AROUND_MAX) != CPU_EXIT_DISABLED_WAIT ||
	    cpu370_psw(r->cpu) != PSW_DONE)
		return REHEARSED_OUTSIDE;
	return contained(r) ? REHEARSED_GOOD : REHEARSED_OUTSIDE;
}

enum rehearsed rehearse(struct rehearsal *r, const struct test_case *c,
			struct facts *facts, struct coverage *coverage)
{
	uint8_t result[R_FIRST];
	enum rehearsed how;

	memset(facts, 0, sizeof(*facts));
	r->facts = facts;
	r->seen_count = 0;
	load(r, c);
	how = play(r);
	cpu370_clear_break(r->cpu, r->where.go);
	r->clean = how == REHEARSED_GOOD;
	facts->executed = r->seen_count;
	if (how != REHEARSED_GOOD || !coverage)
		return how;
	get(r, ST_OUT, result, sizeof(result));
	for (unsigned i = 0; i < r->seen_count; i++)
		coverage_insn(coverage, r->seen[i].row, r->seen[i].under_ex,
			      r->seen[i].code, r->seen[i].completed, r->seen[i].cc);
	coverage_case(coverage, c, result);
	return how;
}
