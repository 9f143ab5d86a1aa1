/*
 * cpu370/fixed.h - fixed-point arithmetic with its condition code: the part that
 * general.c and fast.c share.
 */
#ifndef CPU370_FIXED_H
#define CPU370_FIXED_H

#include "cpu370/int.h"

/* true: overflow. The sum modulo 2**32 is in R1 and the cc is set all the same. */
static ALWAYS_INLINE bool add_signed(struct cpu370 *cpu, unsigned r1, uint32_t addend)
{
	int32_t sum;
	bool overflow = __builtin_add_overflow((int32_t)cpu->gr[r1], (int32_t)addend, &sum);

	cpu->gr[r1] = (uint32_t)sum;
	cpu->cc = sum;
	if (UNLIKELY(overflow))
		cpu->cc = CC3;
	return overflow;
}

static ALWAYS_INLINE bool subtract_signed(struct cpu370 *cpu, unsigned r1, uint32_t by)
{
	int32_t difference;
	bool overflow =
		__builtin_sub_overflow((int32_t)cpu->gr[r1], (int32_t)by, &difference);

	cpu->gr[r1] = (uint32_t)difference;
	cpu->cc = difference;
	if (UNLIKELY(overflow))
		cpu->cc = CC3;
	return overflow;
}

/* cc 0 zero, 1 not zero; no carry. 2 zero, 3 not zero; carry. */
static ALWAYS_INLINE void cc_logical(struct cpu370 *cpu, uint32_t result, bool carry)
{
	int64_t nonzero = result != 0;

	cpu->cc = carry ? (nonzero ? CC3 : 1) : -nonzero;
}

static ALWAYS_INLINE void add_logical(struct cpu370 *cpu, unsigned r1, uint32_t addend)
{
	uint32_t sum;
	bool carry = __builtin_add_overflow(cpu->gr[r1], addend, &sum);

	cpu->gr[r1] = sum;
	cc_logical(cpu, sum, carry);
}

static ALWAYS_INLINE void subtract_logical(struct cpu370 *cpu, unsigned r1, uint32_t by)
{
	uint32_t difference;
	bool borrow = __builtin_sub_overflow(cpu->gr[r1], by, &difference);

	cpu->gr[r1] = difference;
	cc_logical(cpu, difference, !borrow);
}

static ALWAYS_INLINE void set_logical(struct cpu370 *cpu, unsigned r1, uint32_t result)
{
	cpu->gr[r1] = result;
	cpu->cc = -(int64_t)result;
}

static ALWAYS_INLINE void compare_signed(struct cpu370 *cpu, uint32_t a, uint32_t b)
{
	cpu->cc = (int64_t)(int32_t)a - (int32_t)b;
}

static ALWAYS_INLINE void compare_logical(struct cpu370 *cpu, uint32_t a, uint32_t b)
{
	cpu->cc = (int64_t)a - b;
}

static ALWAYS_INLINE void test_mask(struct cpu370 *cpu, uint8_t byte, uint8_t mask)
{
	uint8_t bits = byte & mask;

	cpu->cc = bits == 0 ? 0 : bits == mask ? CC3 : -1;
}

#endif
