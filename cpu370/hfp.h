/*
 * cpu370/hfp.h - arithmetic on hexadecimal floating-point numbers.
 *
 * GA22-7000, "Floating-Point Instructions". The functions are pure: operands and
 * results are register contents, a short number in the left half of 64 bits with
 * zeros at its right. What the program mask has to say goes in with the operands;
 * out comes the result as it has to be stored, and the interruption to follow.
 *
 * Inside, a fraction is an unsigned number of 56 bits (112 if extended), an
 * exponent the characteristic before it is cut to 0 ... 127.
 */
#ifndef CPU370_HFP_H
#define CPU370_HFP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "cpu370/cpu.h"

typedef unsigned __int128 uint128;

#define HFP_SIGN     0x8000000000000000u
#define HFP_FRACTION 0x00FFFFFFFFFFFFFFu

/* Formats: the bits of 64 that a number, or a fraction with its guard digit, has. */
#define HFP_LONG  0xFFFFFFFFFFFFFFFFu
#define HFP_SHORT 0xFFFFFFFF00000000u

/* Of the program mask. */
#define HFP_MASK_UNDERFLOW    0x2u
#define HFP_MASK_SIGNIFICANCE 0x1u

struct hfp_result {
	uint64_t value;
	enum pic pic; /* 0: none */
};

/* An extended number, or an extended result: two registers. */
struct hfp_extended {
	uint64_t high, low;
	enum pic pic;
};

static ALWAYS_INLINE int hfp_exponent(uint64_t x)
{
	return (int)(x >> 56 & 0x7F);
}

/* ---- the end of every operation */

static NOINLINE struct hfp_result hfp_out_of_range(uint64_t sign, int exponent,
						   uint64_t fraction, unsigned mask)
{
	uint64_t wrapped = sign | (uint64_t)(exponent & 0x7F) << 56 | fraction;

	if (exponent > 127)
		return (struct hfp_result){ wrapped, PIC_EXPONENT_OVERFLOW };
	if (mask & HFP_MASK_UNDERFLOW)
		return (struct hfp_result){ wrapped, PIC_EXPONENT_UNDERFLOW };
	return (struct hfp_result){ 0, 0 };
}

/* sign: bit 0 counts. The fraction, of at most 56 bits, is not zero. */
static ALWAYS_INLINE struct hfp_result hfp_pack(uint64_t sign, int exponent,
						uint64_t fraction, unsigned mask)
{
	sign &= HFP_SIGN;
	if (UNLIKELY((unsigned)exponent > 127))
		return hfp_out_of_range(sign, exponent, fraction, mask);
	return (struct hfp_result){ sign | (uint64_t)exponent << 56 | fraction, 0 };
}

/* A sum or difference whose fraction is zero. */
static NOINLINE struct hfp_result hfp_no_significance(int exponent, unsigned mask)
{
	if (mask & HFP_MASK_SIGNIFICANCE)
		return (struct hfp_result){ (uint64_t)exponent << 56, PIC_SIGNIFICANCE };
	return (struct hfp_result){ 0, 0 };
}

/* ---- addition: with subtraction and comparison */

/* A signed sum of fractions, a guard digit at their right, before normalisation. */
struct hfp_sum {
	int64_t sum;  /* fraction times 16, up to 61 bits */
	int exponent; /* the larger one */
};

static ALWAYS_INLINE int64_t hfp_with_sign(uint64_t x, uint64_t fraction)
{
	uint64_t minus = 0 - (x >> 63);

	return (int64_t)((fraction ^ minus) - minus);
}

static ALWAYS_INLINE struct hfp_sum hfp_align(uint64_t a, uint64_t b, uint64_t format)
{
	int ea = hfp_exponent(a), eb = hfp_exponent(b);
	uint64_t fa = (a & HFP_FRACTION) << 4, fb = (b & HFP_FRACTION) << 4;
	unsigned digits;

	if (ea >= eb) {
		digits = (unsigned)(ea - eb);
		fb = digits > 15 ? 0 : fb >> 4 * digits & format;
	} else {
		digits = (unsigned)(eb - ea);
		fa = digits > 15 ? 0 : fa >> 4 * digits & format;
		ea = eb;
	}
	return (struct hfp_sum){ hfp_with_sign(a, fa) + hfp_with_sign(b, fb), ea };
}

/* ADD NORMALIZED. */
static ALWAYS_INLINE struct hfp_result hfp_add(uint64_t a, uint64_t b, uint64_t format,
					       unsigned mask)
{
	struct hfp_sum s = hfp_align(a, b, format);
	uint64_t f = s.sum < 0 ? 0 - (uint64_t)s.sum : (uint64_t)s.sum;
	int zeros;

	if (UNLIKELY(f == 0))
		return hfp_no_significance(s.exponent, mask);
	/*
	 * A fraction with its guard digit begins at bit 59: one zero digit on top
	 * is normal, none is a carry. Truncation falls out of the last shift.
	 */
	zeros = __builtin_clzll(f) / 4;
	return hfp_pack((uint64_t)s.sum, s.exponent + 1 - zeros,
			f << 4 * zeros >> 8 & format, mask);
}

/*
 * ADD UNNORMALIZED: the guard digit takes part in the sum, but neither in the
 * recognition of a zero nor in the result.
 */
static ALWAYS_INLINE struct hfp_result
hfp_add_unnormalized(uint64_t a, uint64_t b, uint64_t format, unsigned mask)
{
	struct hfp_sum s = hfp_align(a, b, format);
	uint64_t f = s.sum < 0 ? 0 - (uint64_t)s.sum : (uint64_t)s.sum;
	unsigned carry = f >> 60 != 0;

	f = f >> 4 * (1 + carry) & format;
	if (f == 0)
		return hfp_no_significance(s.exponent, mask);
	return hfp_pack((uint64_t)s.sum, s.exponent + (int)carry, f, mask);
}

/* Negative, zero or positive: as a is low, equal or high. */
static ALWAYS_INLINE int64_t hfp_compare(uint64_t a, uint64_t b, uint64_t format)
{
	return hfp_align(a, b ^ HFP_SIGN, format).sum;
}

/* ---- multiplication and division */

/*
 * The fraction of x at the left of 64 bits, normalized; *exponent goes down as
 * needed. The fraction is not zero.
 */
static ALWAYS_INLINE uint64_t hfp_prenormalize(uint64_t x, int *exponent)
{
	uint64_t f = x << 8;

	*exponent = hfp_exponent(x);
	if (UNLIKELY(f >> 60 == 0)) {
		int zeros = __builtin_clzll(f) / 4;

		f <<= 4 * zeros;
		*exponent -= zeros;
	}
	return f;
}

/* Product of two long numbers, or of two short ones: the result is long. */
static ALWAYS_INLINE struct hfp_result hfp_multiply(uint64_t a, uint64_t b, unsigned mask)
{
	uint64_t fa, fb, high, low;
	int ea, eb;
	uint128 product;

	if (UNLIKELY(a << 8 == 0 || b << 8 == 0))
		return (struct hfp_result){ 0, 0 };
	fa = hfp_prenormalize(a, &ea);
	fb = hfp_prenormalize(b, &eb);
	product = (uint128)fa * fb;
	high = (uint64_t)(product >> 64);
	low = (uint64_t)product;
	ea += eb - 64;
	if (high >> 60 == 0) {
		high = high << 4 | low >> 60;
		ea--;
	}
	return hfp_pack(a ^ b, ea, high >> 8, mask);
}

/* PIC_FLOAT_DIVIDE: no result. */
static ALWAYS_INLINE struct hfp_result hfp_divide_long(uint64_t a, uint64_t b,
						       unsigned mask)
{
	uint64_t fa, fb;
	int ea, eb;

	if (UNLIKELY(b << 8 == 0))
		return (struct hfp_result){ 0, PIC_FLOAT_DIVIDE };
	if (UNLIKELY(a << 8 == 0))
		return (struct hfp_result){ 0, 0 };
	fa = hfp_prenormalize(a, &ea);
	fb = hfp_prenormalize(b, &eb);
	ea += 64 - eb;
	if (fa >= fb) {
		fa >>= 4; /* the low eight bits were zero */
		ea++;
	}
	return hfp_pack(a ^ b, ea, (uint64_t)(((uint128)fa << 56) / fb), mask);
}

static ALWAYS_INLINE struct hfp_result hfp_divide_short(uint64_t a, uint64_t b,
							unsigned mask)
{
	uint64_t fa, fb;
	int ea, eb;

	if (UNLIKELY(b << 8 == 0))
		return (struct hfp_result){ 0, PIC_FLOAT_DIVIDE };
	if (UNLIKELY(a << 8 == 0))
		return (struct hfp_result){ 0, 0 };
	fa = hfp_prenormalize(a, &ea);
	fb = hfp_prenormalize(b, &eb);
	ea += 64 - eb;
	if (fa >= fb) {
		fa >>= 4;
		ea++;
	}
	/* 24 bits of quotient: both have zeros in their low 36 bits. */
	return hfp_pack(a ^ b, ea, (fa >> 8) / (fb >> 32) << 32, mask);
}

/* ---- halving and rounding */

static ALWAYS_INLINE struct hfp_result hfp_halve(uint64_t x, uint64_t format,
						 unsigned mask)
{
	/* fraction times 16, times a half: the bit shifted out is in the guard digit */
	uint64_t f = (x & HFP_FRACTION) << 3;
	int zeros;

	if (UNLIKELY(f == 0))
		return (struct hfp_result){ 0, 0 };
	zeros = __builtin_clzll(f) / 4;
	return hfp_pack(x, hfp_exponent(x) + 1 - zeros, f << 4 * zeros >> 8 & format,
			mask);
}

/* A fraction of 57 bits after rounding: x's sign and exponent, +1 for a carry. */
static inline struct hfp_result hfp_rounded(uint64_t x, uint64_t fraction)
{
	int carry = fraction >> 56 != 0;

	return hfp_pack(x, hfp_exponent(x) + carry, fraction >> 4 * carry, 0);
}

/* LOAD ROUNDED: long to short, without normalisation. */
static inline struct hfp_result hfp_round_short(uint64_t x)
{
	return hfp_rounded(x, ((x & HFP_FRACTION) + 0x80000000u) & ~0xFFFFFFFFull);
}

/* Extended to long. */
static inline struct hfp_result hfp_round_long(uint64_t high, uint64_t low)
{
	return hfp_rounded(high, (high & HFP_FRACTION) + (low >> 55 & 1));
}

/* ---- extended (cpu370/hfp_extended.c) */

struct hfp_extended hfp_add_extended(struct hfp_extended a, struct hfp_extended b,
				     unsigned mask);
struct hfp_extended hfp_multiply_extended(struct hfp_extended a, struct hfp_extended b,
					  unsigned mask);
struct hfp_extended hfp_divide_extended(struct hfp_extended a, struct hfp_extended b,
					unsigned mask);
/* Two long numbers; the product is exact. */
struct hfp_extended hfp_multiply_to_extended(uint64_t a, uint64_t b, unsigned mask);

#endif
