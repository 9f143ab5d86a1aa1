/*
 * cpu370/hfp.h - arithmetic on hexadecimal floating-point numbers.
 *
 * GA22-7000, "Floating-Point Instructions". The functions are pure. Operands are
 * register contents, a short number in the left half of 64 bits with zeros at its
 * right. A result comes in parts, before anybody asked whether it can be
 * represented: hfp_fits() and hfp_join() do for nearly all, hfp_finish() and
 * hfp_finish_sum() know exponent overflow, exponent underflow and significance.
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

/* A result in parts. */
struct hfp {
	uint64_t sign;	   /* only the leftmost bit counts */
	int64_t exponent;  /* the characteristic; out of 0 ... 127 it does not fit */
	uint64_t fraction; /* 56 bits */
};

/* A result as it is stored, and the interruption that follows. */
struct hfp_result {
	uint64_t value;
	enum pic pic; /* 0: none */
};

static ALWAYS_INLINE int64_t hfp_exponent(uint64_t x)
{
	return (int64_t)(x >> 56 & 0x7F);
}

static ALWAYS_INLINE bool hfp_is_zero(uint64_t x)
{
	return x << 8 == 0;
}

/* ---- the end of every operation */

/* Not zero, and of an exponent that needs no attention. */
static ALWAYS_INLINE bool hfp_fits(struct hfp x)
{
	return LIKELY(x.fraction != 0 && (uint64_t)x.exponent <= 127);
}

/* The exponent is taken modulo 128. */
static ALWAYS_INLINE uint64_t hfp_join(struct hfp x)
{
	return (x.sign & HFP_SIGN) | (uint64_t)(x.exponent & 0x7F) << 56 | x.fraction;
}

/* Of a product, a quotient, a half: zero is a true zero. */
static inline struct hfp_result hfp_finish(struct hfp x, unsigned mask)
{
	if (x.fraction == 0)
		return (struct hfp_result){ 0, 0 };
	if (x.exponent > 127)
		return (struct hfp_result){ hfp_join(x), PIC_EXPONENT_OVERFLOW };
	if (x.exponent >= 0)
		return (struct hfp_result){ hfp_join(x), 0 };
	if (mask & HFP_MASK_UNDERFLOW)
		return (struct hfp_result){ hfp_join(x), PIC_EXPONENT_UNDERFLOW };
	return (struct hfp_result){ 0, 0 };
}

/* Of a sum or difference: zero may be a significance exception. */
static inline struct hfp_result hfp_finish_sum(struct hfp x, unsigned mask)
{
	if (x.fraction == 0 && (mask & HFP_MASK_SIGNIFICANCE))
		return (struct hfp_result){ (uint64_t)x.exponent << 56,
					    PIC_SIGNIFICANCE };
	return hfp_finish(x, mask);
}

/* ---- addition: with subtraction and comparison */

/* A signed sum of fractions, a guard digit at their right, before normalisation. */
struct hfp_sum {
	int64_t sum;	  /* fraction times 16, up to 61 bits */
	int64_t exponent; /* the larger one */
};

static ALWAYS_INLINE int64_t hfp_with_sign(uint64_t x, uint64_t fraction)
{
	uint64_t minus = 0 - (x >> 63);

	return (int64_t)((fraction ^ minus) - minus);
}

static ALWAYS_INLINE uint64_t hfp_magnitude(int64_t sum)
{
	return sum < 0 ? 0 - (uint64_t)sum : (uint64_t)sum;
}

static ALWAYS_INLINE struct hfp_sum hfp_align(uint64_t a, uint64_t b, uint64_t format)
{
	int64_t ea = hfp_exponent(a), eb = hfp_exponent(b);
	uint64_t fa = a << 8 >> 4, fb = b << 8 >> 4;

	if (ea >= eb) {
		fb = ea - eb > 15 ? 0 : fb >> 4 * (ea - eb) & format;
	} else {
		fa = eb - ea > 15 ? 0 : fa >> 4 * (eb - ea) & format;
		ea = eb;
	}
	return (struct hfp_sum){ hfp_with_sign(a, fa) + hfp_with_sign(b, fb), ea };
}

/* ADD NORMALIZED. A zero keeps the larger exponent. */
static ALWAYS_INLINE struct hfp hfp_add(uint64_t a, uint64_t b, uint64_t format)
{
	struct hfp_sum s = hfp_align(a, b, format);
	uint64_t f = hfp_magnitude(s.sum);
	struct hfp x = { (uint64_t)s.sum, s.exponent, f >> 4 & format };

	/*
	 * A fraction with its guard digit begins at bit 59: one zero digit on top
	 * is normal, none is a carry. Truncation falls out of the last shift.
	 */
	if (UNLIKELY(f >> 56 == 0 || f >> 60 != 0) && LIKELY(f != 0)) {
		int zeros = __builtin_clzll(f) / 4;

		x.exponent += 1 - zeros;
		x.fraction = f << 4 * zeros >> 8 & format;
	}
	return x;
}

/*
 * ADD UNNORMALIZED: the guard digit takes part in the sum, but neither in the
 * recognition of a zero nor in the result.
 */
static ALWAYS_INLINE struct hfp hfp_add_unnormalized(uint64_t a, uint64_t b,
						     uint64_t format)
{
	struct hfp_sum s = hfp_align(a, b, format);
	uint64_t f = hfp_magnitude(s.sum);
	unsigned carry = f >> 60 != 0;

	return (struct hfp){ (uint64_t)s.sum, s.exponent + carry,
			     f >> 4 * (1 + carry) & format };
}

/* Negative, zero or positive: as a is low, equal or high. */
static ALWAYS_INLINE int64_t hfp_compare(uint64_t a, uint64_t b, uint64_t format)
{
	return hfp_align(a, b ^ HFP_SIGN, format).sum;
}

/* ---- multiplication and division */

/*
 * The fraction of x, which is not zero, at the left of 64 bits, normalized; *exponent
 * goes down as needed.
 */
static ALWAYS_INLINE uint64_t hfp_prenormalize(uint64_t x, int64_t *exponent)
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
static ALWAYS_INLINE struct hfp hfp_multiply(uint64_t a, uint64_t b)
{
	int64_t ea, eb;
	uint64_t fa, fb, high;
	uint128 product;

	if (UNLIKELY(hfp_is_zero(a) || hfp_is_zero(b)))
		return (struct hfp){ 0, 0, 0 };
	fa = hfp_prenormalize(a, &ea);
	fb = hfp_prenormalize(b, &eb);
	product = (uint128)fa * fb;
	high = (uint64_t)(product >> 64);
	ea += eb - 64;
	if (high >> 60 == 0) { /* one digit comes in from the right */
		high = (uint64_t)(product >> 60);
		ea--;
	}
	return (struct hfp){ a ^ b, ea, high >> 8 };
}

/*
 * Fractions of a dividend and a divisor, neither zero: the dividend's is the smaller.
 * Returns the quotient without its fraction.
 */
static ALWAYS_INLINE struct hfp hfp_before_division(uint64_t a, uint64_t b, uint64_t *fa,
						    uint64_t *fb)
{
	int64_t ea, eb;
	bool digit;

	*fa = hfp_prenormalize(a, &ea);
	*fb = hfp_prenormalize(b, &eb);
	digit = *fa >= *fb; /* left of the point */
	*fa >>= digit ? 4 : 0;
	return (struct hfp){ a ^ b, ea - eb + 64 + digit, 0 };
}

/* b is not zero. */
static ALWAYS_INLINE struct hfp hfp_divide_long(uint64_t a, uint64_t b)
{
	uint64_t fa, fb;
	struct hfp x;

	if (UNLIKELY(hfp_is_zero(a)))
		return (struct hfp){ 0, 0, 0 };
	x = hfp_before_division(a, b, &fa, &fb);
	x.fraction = (uint64_t)(((uint128)fa << 56) / fb);
	return x;
}

static ALWAYS_INLINE struct hfp hfp_divide_short(uint64_t a, uint64_t b)
{
	uint64_t fa, fb;
	struct hfp x;

	if (UNLIKELY(hfp_is_zero(a)))
		return (struct hfp){ 0, 0, 0 };
	x = hfp_before_division(a, b, &fa, &fb);
	/* 24 bits of quotient: both have zeros in their low 36 bits. */
	x.fraction = (fa >> 8) / (fb >> 32) << 32;
	return x;
}

/* ---- halving and rounding */

static ALWAYS_INLINE struct hfp hfp_halve(uint64_t x, uint64_t format)
{
	/* fraction times 16, times a half: the bit shifted out is in the guard digit */
	uint64_t f = (x & HFP_FRACTION) << 3;
	int zeros;

	if (UNLIKELY(f == 0))
		return (struct hfp){ 0, 0, 0 };
	zeros = __builtin_clzll(f) / 4;
	return (struct hfp){ x, hfp_exponent(x) + 1 - zeros,
			     f << 4 * zeros >> 8 & format };
}

/* LOAD ROUNDED: `fraction`, of 57 bits, is x's rounded. A zero keeps its exponent. */
static inline struct hfp_result hfp_rounded(uint64_t x, uint64_t fraction)
{
	unsigned carry = fraction >> 56 != 0;
	struct hfp r = { x, hfp_exponent(x) + carry, fraction >> 4 * carry };

	return (struct hfp_result){ hfp_join(r),
				    r.exponent > 127 ? PIC_EXPONENT_OVERFLOW : 0 };
}

/* Long to short, without normalisation. */
static inline struct hfp_result hfp_round_short(uint64_t x)
{
	return hfp_rounded(x, ((x & HFP_FRACTION) + 0x80000000u) & HFP_SHORT);
}

/* Extended to long. */
static inline struct hfp_result hfp_round_long(uint64_t high, uint64_t low)
{
	return hfp_rounded(high, (high & HFP_FRACTION) + (low >> 55 & 1));
}

/* ---- extended (cpu370/hfp_extended.c) */

/* An operand or result: two registers. */
struct hfp_extended {
	uint64_t high, low;
	enum pic pic;
};

struct hfp_extended hfp_add_extended(struct hfp_extended a, struct hfp_extended b,
				     unsigned mask);
struct hfp_extended hfp_multiply_extended(struct hfp_extended a, struct hfp_extended b,
					  unsigned mask);
struct hfp_extended hfp_divide_extended(struct hfp_extended a, struct hfp_extended b,
					unsigned mask);
/* Two long numbers; the product is exact. */
struct hfp_extended hfp_multiply_to_extended(uint64_t a, uint64_t b, unsigned mask);

#endif
