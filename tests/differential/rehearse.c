#include "tests/differential/rehearse_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "cpu370/opcodes.h"
#include "cpu370/storage_int.h"

#define AROUND_MAX  20000 /* of the supervisor, before and after a case */
#define KEY_OUTSIDE 0x08  /* fetch-protected, key 0 */
#define BLOCKS_ALL  (ST_SIZE / BLOCK)

static void put(struct rehearsal *r, uint32_t at, const uint8_t *bytes, size_t n)
{
	if (storage_store(r->st, at, 0, bytes, n, NULL) != STORAGE_OK)
		abort();
}

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
	    is_undefined(r, code, is_ex ? ex : NULL))
		return REHEARSED_UNDEFINED;
	gather_facts(r, code, is_ex ? ex : NULL);
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
