/*
 * tests/unit/insn_rig.h - one CPU that executes one instruction at a time.
 *
 * BC mode, key 0, supervisor state. An instruction is run in one of the two ways the
 * CPU has: by its step (budget 1), or decoded in a block, with an SVC behind it, in a
 * place where no code was before. Every call gives it a fresh PSW.
 */
#ifndef TESTS_UNIT_INSN_RIG_H
#define TESTS_UNIT_INSN_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "cpu370/cpu.h"
#include "tests/unit/runner.h"

#define RIG_CODE    0x1000u /* instructions that are stepped */
#define RIG_BLOCKS  0x100000u
#define RIG_SIZE    0x1000000u
#define RIG_PROGRAM 0x0F00u /* where the new PSWs point to */
#define RIG_SVC	    0x0E00u
#define RIG_WAIT    UINT64_C(0x0002000000000000)

struct insn_rig {
	struct manual_clock clock;
	struct storage *st;
	struct cpu370 *cpu;
	uint64_t seed;
	bool blocks;   /* in a block, not by step */
	uint32_t next; /* place for the next block */
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
	r->blocks = false;
	r->next = RIG_BLOCKS;
	manual_clock_init(&r->clock, UINT64_C(0x8000000000000000));
	r->st = storage_new(RIG_SIZE, NULL);
	r->cpu = cpu370_new(r->st, &config, NULL, &r->clock.clock, NULL);
	ck_assert_ptr_nonnull(r->cpu);
	put_be64(psw, RIG_WAIT | RIG_PROGRAM);
	rig_store(r, 0x68, psw, 8);
	put_be64(psw, RIG_WAIT | RIG_SVC);
	rig_store(r, 0x60, psw, 8);
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

/* The PSW that the instruction left, and what interrupted it. */
static inline uint64_t rig_execute(struct insn_rig *r, uint64_t psw, struct outcome *o)
{
	uint8_t old[8];

	cpu370_set_psw(r->cpu, psw);
	cpu370_run(r->cpu, r->blocks ? 1000 : 1);
	psw = cpu370_psw(r->cpu);
	if ((psw & 0xFFFFFF) == RIG_PROGRAM) {
		rig_fetch(r, 0x28, old, 8);
		psw = be64(old);
		o->pic = psw >> 32 & 0xFFFF;
		o->ilc = 2 * (psw >> 30 & 3);
	} else if ((psw & 0xFFFFFF) == RIG_SVC) {
		rig_fetch(r, 0x20, old, 8);
		psw = be64(old) - 2; /* the SVC itself */
	}
	return psw;
}

/* Run code (n bytes) with that cc and program mask in the PSW. */
static inline struct outcome rig_run(struct insn_rig *r, const uint8_t *code, unsigned n,
				     unsigned cc, unsigned mask)
{
	static const uint8_t svc[2] = { 0x0A, 0x00 };
	struct outcome o = { 0, 0, 0 };
	uint32_t at = RIG_CODE;
	uint64_t psw;

	if (r->blocks) {
		at = r->next;
		r->next = at + 32 < RIG_SIZE ? at + 16 : RIG_BLOCKS;
	}
	rig_store(r, at, code, n);
	rig_store(r, at + n, svc, 2);
	psw = rig_execute(r, (uint64_t)cc << 28 | (uint64_t)mask << 24 | at, &o);
	ck_assert_uint_eq(psw & 0xFFFFFF, at + n);
	o.cc = psw >> 28 & 3;
	return o;
}

#endif
