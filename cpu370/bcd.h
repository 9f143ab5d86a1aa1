/*
 * cpu370/bcd.h - arithmetic on binary-coded decimals, sixteen digits at a time.
 *
 * A number is a string of 4-bit digits, right-aligned in 64 or 128 bits. The
 * functions are pure and know nothing of a CPU. "raw" is a packed operand as it is
 * in storage, right-aligned, its sign in the low digit: GA22-7000, "Decimal
 * Instructions", Packed Decimal Format.
 */
#ifndef CPU370_BCD_H
#define CPU370_BCD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/compiler.h"

typedef unsigned __int128 uint128;

#define BCD_PLUS  0xCu /* the preferred signs */
#define BCD_MINUS 0xDu

#define BCD_ONES  0x1111111111111111u
#define BCD_10E8  100000000u
#define BCD_10E16 10000000000000000u

/* ---- signs and validity */

/* A packed operand's sign is valid (X'A' to X'F') and all other digits are 0 to 9. */
static ALWAYS_INLINE bool raw_valid64(uint64_t raw)
{
	/* One bit in each digit above 9: the sign's, and only that, must be on. */
	return (raw & (raw << 1 | raw << 2) & BCD_ONES << 3) == 8;
}

static ALWAYS_INLINE bool raw_valid(uint128 raw)
{
	uint64_t high = (uint64_t)(raw >> 64);

	return (high & (high << 1 | high << 2) & BCD_ONES << 3) == 0 &&
	       raw_valid64((uint64_t)raw);
}

/* The sign code, which is valid, is minus: X'B' or X'D'. */
static ALWAYS_INLINE bool raw_negative(uint64_t raw)
{
	return 0x2800u >> (raw & 0xF) & 1;
}

/* ---- addition and subtraction */

/* 15 digits each; the sum has up to 16. */
static ALWAYS_INLINE uint64_t bcd_add64(uint64_t a, uint64_t b)
{
	uint64_t biased = a + 0x0666666666666666u;
	uint64_t sum = biased + b;
	/* Digits that gave no carry to their left neighbour get their 6 back. */
	uint64_t still = ~(sum ^ biased ^ b) & BCD_ONES << 4;

	return sum - (still >> 2 | still >> 3);
}

/* a - b, a >= b; up to 16 digits. */
static ALWAYS_INLINE uint64_t bcd_sub64(uint64_t a, uint64_t b)
{
	uint64_t difference = a - b;
	uint64_t borrow = (difference ^ a ^ b) & BCD_ONES << 4;

	return difference - (borrow >> 2 | borrow >> 3);
}

static ALWAYS_INLINE uint128 bcd_pair(uint64_t high, uint64_t low)
{
	return (uint128)high << 64 | low;
}

/* 31 digits each; the sum has up to 32. */
static ALWAYS_INLINE uint128 bcd_add(uint128 a, uint128 b)
{
	uint128 biased = a + bcd_pair(0x0666666666666666u, 0x6666666666666666u);
	uint128 sum = biased + b;
	uint128 still = ~(sum ^ biased ^ b) & bcd_pair(BCD_ONES, BCD_ONES << 4);

	return sum - (still >> 2 | still >> 3);
}

/* a - b, a >= b; up to 32 digits. */
static ALWAYS_INLINE uint128 bcd_sub(uint128 a, uint128 b)
{
	uint128 difference = a - b;
	uint128 borrow = (difference ^ a ^ b) & bcd_pair(BCD_ONES, BCD_ONES << 4);

	return difference - (borrow >> 2 | borrow >> 3);
}

/*
 * The magnitude of a + b, each with a sign. *negative is a's sign on entry and the
 * sum's afterwards; of a zero sum it means nothing.
 */
static ALWAYS_INLINE uint64_t bcd_sum64(uint64_t a, bool *negative, uint64_t b,
					bool b_negative)
{
	if (*negative == b_negative)
		return bcd_add64(a, b);
	if (a >= b)
		return bcd_sub64(a, b);
	*negative = b_negative;
	return bcd_sub64(b, a);
}

static ALWAYS_INLINE uint128 bcd_sum(uint128 a, bool *negative, uint128 b,
				     bool b_negative)
{
	if (*negative == b_negative)
		return bcd_add(a, b);
	if (a >= b)
		return bcd_sub(a, b);
	*negative = b_negative;
	return bcd_sub(b, a);
}

/* ---- to and from binary */

/* The value of 16 digits. */
static inline uint64_t bcd_to_binary64(uint64_t x)
{
	/* Join neighbours: digits to 0 ... 99, to 0 ... 9999, and so on. */
	x -= 6 * (x >> 4 & 0x0F0F0F0F0F0F0F0Fu);
	x -= (256 - 100) * (x >> 8 & 0x00FF00FF00FF00FFu);
	x -= (65536 - 10000) * (x >> 16 & 0x0000FFFF0000FFFFu);
	return x - (0x100000000u - BCD_10E8) * (x >> 32);
}

/* The value of 32 digits. */
static inline uint128 bcd_to_binary(uint128 x)
{
	uint64_t high = (uint64_t)(x >> 64);

	if (high == 0)
		return bcd_to_binary64((uint64_t)x);
	return (uint128)bcd_to_binary64(high) * BCD_10E16 + bcd_to_binary64((uint64_t)x);
}

/* The digits of value < 10**8. */
static inline uint32_t bcd_from_binary32(uint32_t value)
{
	uint64_t high = value / 10000;
	uint64_t x = high << 32 | (value - high * 10000);
	uint64_t q;

	q = x * 5243 >> 19 & 0x0000007F0000007Fu; /* each half by 100 */
	x = (x - 100 * q) | q << 16;		  /* four numbers below 100 */
	q = x * 103 >> 10 & 0x000F000F000F000Fu;  /* each by 10 */
	x += 6 * q;				  /* 16 q + (x - 10 q) */
	/* Close the gaps: eight bits of every sixteen. */
	x = (x | x >> 8) & 0x0000FFFF0000FFFFu;
	return (uint32_t)(x | x >> 16);
}

/* The digits of x < 10**16. */
static inline uint64_t bcd_from_binary64(uint64_t x)
{
	uint64_t high = x / BCD_10E8;

	return (uint64_t)bcd_from_binary32((uint32_t)high) << 32 |
	       bcd_from_binary32((uint32_t)(x - high * BCD_10E8));
}

/* The digits of x < 10**32. */
static inline uint128 bcd_from_binary(uint128 x)
{
	uint64_t high;

	if (x < BCD_10E16)
		return bcd_from_binary64((uint64_t)x);
	high = x >> 64 ? (uint64_t)(x / BCD_10E16) : (uint64_t)x / BCD_10E16;
	return bcd_pair(bcd_from_binary64(high),
			bcd_from_binary64((uint64_t)(x - (uint128)high * BCD_10E16)));
}

/* ---- zoned */

/* The digits, eight, of eight zoned bytes; they may be anything. */
static ALWAYS_INLINE uint32_t zoned_digits(uint64_t zoned)
{
	uint64_t x = zoned & 0x0F0F0F0F0F0F0F0Fu;

	x = (x | x >> 4) & 0x00FF00FF00FF00FFu;
	x = (x | x >> 8) & 0x0000FFFF0000FFFFu;
	return (uint32_t)(x | x >> 16);
}

/* Eight digits under zones X'F'. */
static ALWAYS_INLINE uint64_t digits_zoned(uint32_t digits)
{
	uint64_t x = digits;

	x = (x | x << 16) & 0x0000FFFF0000FFFFu;
	x = (x | x << 8) & 0x00FF00FF00FF00FFu;
	x = (x | x << 4) & 0x0F0F0F0F0F0F0F0Fu;
	return x | 0xF0F0F0F0F0F0F0F0u;
}

/* ---- operands in storage: n bytes, big-endian */

/* n is 1 ... 8. Never reads outside the operand. */
static ALWAYS_INLINE uint64_t raw_load64(const uint8_t *p, unsigned n)
{
	if (n == 8)
		return be64(p);
	if (n >= 4) /* two loads that may overlap: the common bytes are equal */
		return (uint64_t)be32(p) << 8 * (n - 4) | be32(p + n - 4);
	if (n >= 2)
		return (uint64_t)be16(p) << 8 * (n - 2) | be16(p + n - 2);
	return *p;
}

static ALWAYS_INLINE void raw_store64(uint8_t *p, unsigned n, uint64_t raw)
{
	if (n == 8) {
		put_be64(p, raw);
	} else if (n >= 4) {
		put_be32(p, (uint32_t)(raw >> 8 * (n - 4)));
		put_be32(p + n - 4, (uint32_t)raw);
	} else if (n >= 2) {
		put_be16(p, (uint16_t)(raw >> 8 * (n - 2)));
		put_be16(p + n - 2, (uint16_t)raw);
	} else {
		*p = (uint8_t)raw;
	}
}

/* n is 1 ... 16. */
static ALWAYS_INLINE uint128 raw_load(const uint8_t *p, unsigned n)
{
	if (n <= 8)
		return raw_load64(p, n);
	return bcd_pair(raw_load64(p, n - 8), be64(p + n - 8));
}

static ALWAYS_INLINE void raw_store(uint8_t *p, unsigned n, uint128 raw)
{
	if (n <= 8) {
		raw_store64(p, n, (uint64_t)raw);
		return;
	}
	raw_store64(p, n - 8, (uint64_t)(raw >> 64));
	put_be64(p + n - 8, (uint64_t)raw);
}

#endif
