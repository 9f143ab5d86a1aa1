/*
 * tests/unit/cpu_rig.h - a CPU with a megabyte of storage and a clock that the test
 * moves, for tests of what a CPU does apart from single instructions. Its PSW is at
 * X'1000'; every new PSW is a disabled wait at X'EE0000' and its own address.
 */
#ifndef TESTS_UNIT_CPU_RIG_H
#define TESTS_UNIT_CPU_RIG_H

#include "base/bytes.h"
#include "cpu370/cpu.h"
#include "tests/unit/runner.h"

struct rig {
	struct manual_clock clock;
	struct storage *st;
	struct cpu370 *cpu;
};

static inline void store(struct rig *r, uint32_t at, const void *bytes, size_t n)
{
	ck_assert_int_eq(storage_store(r->st, at, 0, bytes, n, NULL), STORAGE_OK);
}

static inline uint32_t word(struct rig *r, uint32_t at)
{
	uint8_t b[4];

	ck_assert_int_eq(storage_fetch(r->st, at, 0, b, 4, NULL), STORAGE_OK);
	return be32(b);
}

static inline void store64(struct rig *r, uint32_t at, uint64_t value)
{
	uint8_t b[8];

	put_be64(b, value);
	store(r, at, b, 8);
}

/* owner: what the CPU calls, or NULL. */
static inline void rig_init_owned(struct rig *r, const struct cpu_owner *owner)
{
	struct cpu_config config = { .arch = CPU_S370, .cpuid = 0 };

	manual_clock_init(&r->clock, UINT64_C(0x8000000000000000));
	r->st = storage_new(1 << 20, NULL);
	r->cpu = cpu370_new(r->st, &config, owner, &r->clock.clock, NULL);
	ck_assert_ptr_nonnull(r->cpu);
	/* Every new PSW is a disabled wait that names its class. */
	for (uint32_t at = 0x58; at <= 0x78; at += 8)
		store64(r, at, UINT64_C(0x0002000000EE0000) + at);
	cpu370_set_psw(r->cpu, 0x1000);
}

static inline void rig_init(struct rig *r)
{
	rig_init_owned(r, NULL);
}

static inline void rig_free(struct rig *r)
{
	cpu370_free(r->cpu);
	storage_free(r->st);
}

static inline uint32_t ia(struct rig *r)
{
	return cpu370_psw(r->cpu) & 0xFFFFFF;
}

#endif
