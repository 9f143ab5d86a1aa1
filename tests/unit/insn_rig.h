/*
 * tests/unit/insn_rig.h - one CPU that executes one instruction at a time.
 *
 * BC mode, key 0, supervisor state, 64K. The instruction goes to RIG_CODE; the new
 * program PSW points to RIG_PROGRAM. Every call gives the instruction a fresh PSW.
 */
#ifndef TESTS_UNIT_INSN_RIG_H
#define TESTS_UNIT_INSN_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "cpu370/cpu.h"
#include "tests/unit/runner.h"

#define RIG_CODE    0x1000u
#define RIG_PROGRAM 0x0F00u

struct insn_rig {
	struct manual_clock clock;
	struct storage *st;
	struct cpu370 *cpu;
	uint64_t seed;
};

/* What an instruction left: pic 0 is no interruption. */
struct outcome {
	unsigned cc, pic, ilc;
};

static inline void rig_store(struct insn_rig *r, uint32_t at, const void *bytes, size_t n)
{
	ck_assert_int_eq(storage_store(r->st, at, 0, bytes, n, NULL), STORAGE_OK);
}

static inline void rig_fetch(struct insn_rig *r, uint32_t at, void *bytes, size_t n)
{
	ck_assert_int_eq(storage_fetch(r->st, at, 0, bytes, n, NULL), STORAGE_OK);
}

static inline void rig_init(struct insn_rig *r)
{
	struct cpu_config config = { .arch = CPU_S370 };
	uint8_t psw[8];

	r->seed = 0x370370370370u;
	manual_clock_init(&r->clock, UINT64_C(0x8000000000000000));
	r->st = storage_new(1 << 16, NULL);
	r->cpu = cpu370_new(r->st, &config, NULL, &r->clock.clock, NULL);
	ck_assert_ptr_nonnull(r->cpu);
	put_be64(psw, RIG_PROGRAM);
	rig_store(r, 0x68, psw, 8);
}

static inline void rig_free(struct insn_rig *r)
{
	cpu370_free(r->cpu);
	storage_free(r->st);
}

/* The same numbers in every run: Marsaglia's xorshift. */
static inline uint64_t rig_random(struct insn_rig *r)
{
	r->seed ^= r->seed << 13;
	r->seed ^= r->seed >> 7;
	r->seed ^= r->seed << 17;
	return r->seed;
}

static inline unsigned rig_below(struct insn_rig *r, unsigned n)
{
	return (unsigned)((rig_random(r) >> 20) % n);
}

/* Run code (n bytes) with that cc and program mask in the PSW. */
static inline struct outcome rig_run(struct insn_rig *r, const uint8_t *code, unsigned n,
				     unsigned cc, unsigned mask)
{
	struct outcome o = { 0, 0, 0 };
	uint64_t psw;
	uint8_t old[8];

	rig_store(r, RIG_CODE, code, n);
	cpu370_set_psw(r->cpu, (uint64_t)cc << 28 | (uint64_t)mask << 24 | RIG_CODE);
	ck_assert_int_eq(cpu370_run(r->cpu, 1), CPU_EXIT_BUDGET);
	psw = cpu370_psw(r->cpu);
	if ((psw & 0xFFFFFF) == RIG_PROGRAM) {
		rig_fetch(r, 0x28, old, 8);
		psw = be64(old);
		o.pic = psw >> 32 & 0xFFFF;
		o.ilc = 2 * (psw >> 30 & 3);
	}
	ck_assert_uint_eq(psw & 0xFFFFFF, RIG_CODE + n);
	o.cc = psw >> 28 & 3;
	return o;
}

#endif
