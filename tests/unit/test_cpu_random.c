/*
 * The engine against itself: random programs, self-modifying and full of exceptions,
 * run once in blocks and once an instruction at a time from the bytes. Everything
 * that a program can see must be the same after the same number of instructions.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "cpu370/cpu.h"
#include "cpu370/opcodes.h"
#include "tests/unit/runner.h"

#define STORAGE 0x10000u
#define CODE    0x2000u
#define SEEDS   150

struct random {
	uint64_t state;
};

static uint32_t next(struct random *r)
{
	r->state = r->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(r->state >> 32);
}

static uint32_t below(struct random *r, uint32_t n)
{
	return next(r) % n;
}

/* An instruction that does not only stop the program; branches are frequent. */
static const struct opcode *pick(struct random *r)
{
	for (;;) {
		const struct opcode *op = &opcode_rows[below(r, (uint32_t)opcode_count)];

		if (op->flags & OPF_OPT)
			continue;
		if ((op->flags & (OPF_PRIV | OPF_END)) && below(r, 8))
			continue;
		return op;
	}
}

static unsigned put_instruction(struct random *r, uint8_t *at)
{
	const struct opcode *op = pick(r);
	unsigned length;

	for (int i = 0; i < 6; i++)
		at[i] = (uint8_t)next(r);
	if (op->opcode > 0xFF)
		put_be16(at, op->opcode);
	else
		at[0] = (uint8_t)op->opcode;
	length = insn_length(at[0]);
	/* Bases 8 to 15 point to storage; displacements are short. */
	if (length > 2 && op->format != FMT_RRE) {
		at[2] = 0x80 | (at[2] & 0x70) | (at[2] & 1);
		if (op->format == FMT_RX || op->format == FMT_RXM)
			at[1] &= below(r, 4) ? 0xF0 : 0xFF;
	}
	if (length > 4)
		at[4] = 0x80 | (at[4] & 0x70) | (at[4] & 1);
	return length;
}

struct machine {
	struct manual_clock clock;
	struct storage *st;
	struct cpu370 *cpu;
};

static void store(struct machine *m, uint32_t at, const void *bytes, size_t n)
{
	ck_assert_int_eq(storage_store(m->st, at, 0, bytes, n, NULL), STORAGE_OK);
}

static void fill_storage(struct machine *m, struct random *r)
{
	static uint8_t bytes[STORAGE + 8];
	static const uint32_t new_psws[] = { 0x58, 0x60, 0x68, 0x70, 0x78, 0x00 };

	for (uint32_t i = 0; i < STORAGE; i++) /* packed digits are frequent */
		bytes[i] = below(r, 2) ? (uint8_t)next(r) : (uint8_t)(below(r, 10) << 4 | 0xC);
	for (uint32_t at = CODE; at < CODE + 0x2000;)
		at += put_instruction(r, bytes + at);
	/* Identity map: 64K segment, 4K pages; one page missing. */
	put_be32(bytes + 0x1000, 0xF0001100);
	for (uint32_t i = 0; i < 16; i++)
		put_be16(bytes + 0x1100 + 2 * i, (uint16_t)(i << 4 | (i == 13 ? 8 : 0)));
	for (unsigned i = 0; i < 6; i++) {
		uint64_t psw = below(r, 3) ? 0 : UINT64_C(0x0408000000000000);

		put_be64(bytes + new_psws[i], psw | (uint64_t)(CODE + 2 * below(r, 0x800)));
	}
	store(m, 0, bytes, STORAGE);
	for (uint32_t at = 0; at < STORAGE; at += STORAGE_BLOCK)
		storage_set_key(m->st, at, below(r, 4) ? 0 : (uint8_t)next(r) & 0x38);
}

static void machine_init(struct machine *m, uint64_t seed)
{
	struct cpu_config config = { .arch = CPU_S370, .cpuid = 0x1234 };
	struct random r = { seed * 7919 + 1 };

	manual_clock_init(&m->clock, UINT64_C(0x8000000000000000));
	m->st = storage_new(STORAGE, NULL);
	m->cpu = cpu370_new(m->st, &config, NULL, &m->clock.clock, NULL);
	fill_storage(m, &r);
	for (unsigned i = 0; i < 8; i++)
		cpu370_set_gr(m->cpu, i, below(&r, 3) ? below(&r, 100) : next(&r));
	for (unsigned i = 8; i < 16; i++)
		cpu370_set_gr(m->cpu, i, below(&r, 2) ? CODE + below(&r, 0x1000)
						      : below(&r, STORAGE + 0x800));
	for (unsigned i = 0; i < 8; i += 2)
		cpu370_set_fpr(m->cpu, i, (uint64_t)(0x38 + below(&r, 16)) << 56 | next(&r));
	cpu370_set_cr(m->cpu, 0, 0x0C8000E0);
	cpu370_set_cr(m->cpu, 1, 0x00001000);
	cpu370_set_cr(m->cpu, 7, 0x00001000);
	if (below(&r, 4) == 0) {
		cpu370_set_cr(m->cpu, 9, next(&r));
		cpu370_set_cr(m->cpu, 10, CODE);
		cpu370_set_cr(m->cpu, 11, CODE + below(&r, 0x800));
	}
	cpu370_set_psw(m->cpu,
		       (below(&r, 2) ? 0 : UINT64_C(0x0408000000000000)) |
			       (below(&r, 16) == 0 ? UINT64_C(0x4008000000000000) : 0) |
			       (uint64_t)below(&r, 4) << 52 | (below(&r, 4) == 0) * (1ull << 48) |
			       CODE);
}

static void machine_free(struct machine *m)
{
	cpu370_free(m->cpu);
	storage_free(m->st);
}

static void compare(const struct machine *a, const struct machine *b, int seed)
{
	static uint8_t x[STORAGE], y[STORAGE];

	ck_assert_msg(cpu370_icount(a->cpu) == cpu370_icount(b->cpu), "seed %d: %llu %llu", seed,
		      (unsigned long long)cpu370_icount(a->cpu),
		      (unsigned long long)cpu370_icount(b->cpu));
	ck_assert_msg(cpu370_psw(a->cpu) == cpu370_psw(b->cpu),
		      "seed %d after %llu: PSW %016llX, stepped %016llX", seed,
		      (unsigned long long)cpu370_icount(a->cpu),
		      (unsigned long long)cpu370_psw(a->cpu),
		      (unsigned long long)cpu370_psw(b->cpu));
	for (unsigned i = 0; i < 16; i++) {
		if (cpu370_gr(a->cpu, i) != cpu370_gr(b->cpu, i))
			ck_abort_msg("seed %d: GR %u is %08X, stepped %08X", seed, i,
				     cpu370_gr(a->cpu, i), cpu370_gr(b->cpu, i));
		if (cpu370_cr(a->cpu, i) != cpu370_cr(b->cpu, i))
			ck_abort_msg("seed %d: CR %u", seed, i);
		if (cpu370_fpr(a->cpu, i & 6) != cpu370_fpr(b->cpu, i & 6))
			ck_abort_msg("seed %d: FPR %u", seed, i & 6);
	}
	ck_assert_int_eq(storage_fetch(a->st, 0, 0, x, STORAGE, NULL), STORAGE_OK);
	ck_assert_int_eq(storage_fetch(b->st, 0, 0, y, STORAGE, NULL), STORAGE_OK);
	for (uint32_t i = 0; i < STORAGE; i++) /* each assertion costs a system call */
		if (x[i] != y[i])
			ck_abort_msg("seed %d: byte %X is %02X, stepped %02X", seed, i, x[i],
				     y[i]);
}

static void compare_keys(const struct machine *a, const struct machine *b, int seed)
{
	for (uint32_t at = 0; at < STORAGE; at += STORAGE_BLOCK)
		if (storage_key(a->st, at) != storage_key(b->st, at))
			ck_abort_msg("seed %d: key of %X is %02X, stepped %02X", seed, at,
				     storage_key(a->st, at), storage_key(b->st, at));
}

START_TEST(blocks_do_what_steps_do)
{
	struct machine a, b;

	machine_init(&a, (uint64_t)_i);
	machine_init(&b, (uint64_t)_i);
	for (int part = 0; part < 30; part++) {
		enum cpu_exit why = cpu370_run(a.cpu, 200), stepped = CPU_EXIT_BUDGET;

		for (int i = 0; i < 200 && stepped == CPU_EXIT_BUDGET; i++)
			stepped = cpu370_run(b.cpu, 1);
		if (stepped == CPU_EXIT_BUDGET)
			stepped = cpu370_run(b.cpu, 0);
		ck_assert_msg(why == stepped, "seed %d: ends with %d, stepped %d", _i, (int)why,
			      (int)stepped);
		compare_keys(&a, &b, _i);
		compare(&a, &b, _i);
		if (why != CPU_EXIT_BUDGET) /* a wait or a loop: go on elsewhere */
			cpu370_set_psw(a.cpu, CODE), cpu370_set_psw(b.cpu, CODE);
	}
	machine_free(&a);
	machine_free(&b);
}
END_TEST

static Suite *random_suite(void)
{
	const char *seeds = getenv("CPU_RANDOM_SEEDS"); /* for longer runs by hand */
	Suite *s = suite_create("cpu random");
	TCase *tc = tcase_create("random");

	tcase_add_loop_test(tc, blocks_do_what_steps_do, 0, seeds ? atoi(seeds) : SEEDS);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(random_suite());
}
