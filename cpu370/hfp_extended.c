/*
 * Arithmetic on extended floating-point numbers and the instructions that give
 * one. GA22-7000, "Floating-Point Instructions".
 *
 * An extended number is a pair of long ones: the fraction is that of the high-order
 * part followed by that of the low-order part, whose sign and characteristic mean
 * nothing in an operand; in a result the sign is the same and the characteristic 14
 * less, modulo 128.
 */
#include "cpu370/hfp.h"
#include "cpu370/int.h"

/* The fraction: 112 bits. */
static uint128 extended_fraction(struct hfp_extended x)
{
	return (uint128)(x.high & HFP_FRACTION) << 56 | (x.low & HFP_FRACTION);
}

static int digit_zeros(uint128 f)
{
	uint64_t high = (uint64_t)(f >> 64);

	return high ? __builtin_clzll(high) / 4 : 16 + __builtin_clzll((uint64_t)f) / 4;
}

static struct hfp_extended extended_join(uint64_t sign, int64_t exponent,
					 uint128 fraction, enum pic pic)
{
	return (struct hfp_extended){
		.high = sign | (uint64_t)(exponent & 0x7F) << 56 |
			(uint64_t)(fraction >> 56),
		.low = sign | (uint64_t)((exponent - 14) & 0x7F) << 56 |
		       ((uint64_t)fraction & HFP_FRACTION),
		.pic = pic,
	};
}

/* sign: bit 0 counts. The fraction, of at most 112 bits, is not zero. */
static struct hfp_extended extended_pack(uint64_t sign, int64_t exponent,
					 uint128 fraction, unsigned mask)
{
	enum pic pic = 0;

	if (exponent > 127)
		pic = PIC_EXPONENT_OVERFLOW;
	else if (exponent < 0 && !(mask & HFP_MASK_UNDERFLOW))
		return (struct hfp_extended){ 0 };
	else if (exponent < 0)
		pic = PIC_EXPONENT_UNDERFLOW;
	return extended_join(sign & HFP_SIGN, exponent, fraction, pic);
}

/* ---- addition */

static uint128 shift_digits(uint128 f, int64_t digits)
{
	return digits > 31 ? 0 : f >> 4 * digits;
}

struct hfp_extended hfp_add_extended(struct hfp_extended a, struct hfp_extended b,
				     unsigned mask)
{
	int64_t ea = hfp_exponent(a.high), eb = hfp_exponent(b.high), zeros;
	uint128 fa = extended_fraction(a) << 4, fb = extended_fraction(b) << 4, sum;
	uint64_t sign = a.high;

	if (ea >= eb) {
		fb = shift_digits(fb, ea - eb);
	} else {
		fa = shift_digits(fa, eb - ea);
		ea = eb;
	}
	if (((a.high ^ b.high) & HFP_SIGN) == 0) {
		sum = fa + fb;
	} else if (fa >= fb) {
		sum = fa - fb;
	} else {
		sum = fb - fa;
		sign = b.high;
	}
	if (sum == 0 && !(mask & HFP_MASK_SIGNIFICANCE))
		return (struct hfp_extended){ 0 };
	if (sum == 0)
		return extended_join(0, ea, 0, PIC_SIGNIFICANCE);
	/* With its guard digit a fraction begins at bit 115: three zero digits. */
	zeros = digit_zeros(sum);
	return extended_pack(sign, ea + 3 - zeros, sum << 4 * zeros >> 16, mask);
}

/* ---- multiplication */

/* The fraction at the left of 128 bits, normalized; it is not zero. */
static uint128 extended_prenormalize(struct hfp_extended x, int64_t *exponent)
{
	uint128 f = extended_fraction(x) << 16;
	int zeros = digit_zeros(f);

	*exponent = hfp_exponent(x.high) - zeros;
	return f << 4 * zeros;
}

/* The high 128 bits of the product. */
static uint128 multiply_high(uint128 a, uint128 b)
{
	uint64_t a1 = (uint64_t)(a >> 64), a0 = (uint64_t)a;
	uint64_t b1 = (uint64_t)(b >> 64), b0 = (uint64_t)b;
	uint128 low = (uint128)a0 * b0, middle1 = (uint128)a1 * b0,
		middle2 = (uint128)a0 * b1;
	uint128 carry = (low >> 64) + (uint64_t)middle1 + (uint64_t)middle2;

	return (uint128)a1 * b1 + (middle1 >> 64) + (middle2 >> 64) + (carry >> 64);
}

/* product: the two fractions' at the left of 128 bits, at most one digit too low. */
static struct hfp_extended postnormalize(uint64_t sign, int64_t exponent, uint128 product,
					 unsigned mask)
{
	if (product >> 124 == 0) {
		product <<= 4;
		exponent--;
	}
	return extended_pack(sign, exponent, product >> 16, mask);
}

struct hfp_extended hfp_multiply_extended(struct hfp_extended a, struct hfp_extended b,
					  unsigned mask)
{
	int64_t ea, eb;
	uint128 fa, fb;

	if (extended_fraction(a) == 0 || extended_fraction(b) == 0)
		return (struct hfp_extended){ 0 };
	fa = extended_prenormalize(a, &ea);
	fb = extended_prenormalize(b, &eb);
	return postnormalize(a.high ^ b.high, ea + eb - 64, multiply_high(fa, fb), mask);
}

struct hfp_extended hfp_multiply_to_extended(uint64_t a, uint64_t b, unsigned mask)
{
	uint64_t fa, fb;
	int64_t ea, eb;

	if (a << 8 == 0 || b << 8 == 0)
		return (struct hfp_extended){ 0 };
	fa = hfp_prenormalize(a, &ea);
	fb = hfp_prenormalize(b, &eb);
	return postnormalize(a ^ b, ea + eb - 64, (uint128)fa * fb, mask);
}

/* ---- division */

/* The first 112 bits behind the point of a / b; b < 2**112. */
static uint128 divide_fraction(uint128 a, uint128 b)
{
	uint128 quotient = 0;

	a %= b;
	for (int i = 0; i < 112 / 16; i++) {
		a <<= 16;
		quotient = quotient << 16 | a / b;
		a %= b;
	}
	return quotient;
}

struct hfp_extended hfp_divide_extended(struct hfp_extended a, struct hfp_extended b,
					unsigned mask)
{
	int64_t ea, eb;
	uint128 fa, fb, quotient;

	if (extended_fraction(b) == 0)
		return (struct hfp_extended){ .pic = PIC_FLOAT_DIVIDE };
	if (extended_fraction(a) == 0)
		return (struct hfp_extended){ 0 };
	fa = extended_prenormalize(a, &ea) >> 16;
	fb = extended_prenormalize(b, &eb) >> 16;
	ea += 64 - eb;
	quotient = divide_fraction(fa, fb);
	if (fa >= fb) { /* then one digit is left of the point */
		quotient = fa / fb << 108 | quotient >> 4;
		ea++;
	}
	return extended_pack(a.high ^ b.high, ea, quotient, mask);
}

/* ---- instructions: R1 and R2 are 0 or 4, which decode has seen to */

static struct hfp_extended load_extended(const struct cpu370 *cpu, unsigned r)
{
	return (struct hfp_extended){ .high = cpu->fpr[r], .low = cpu->fpr[r + 2] };
}

/* Interruptions complete the operation. */
static void put_extended(struct cpu370 *cpu, unsigned r, struct hfp_extended x)
{
	cpu->fpr[r] = x.high;
	cpu->fpr[r + 2] = x.low;
	if (UNLIKELY(x.pic))
		program_check(cpu, x.pic);
}

/* cc: 0 fraction zero, 1 negative, 2 positive. */
static void add_extended(struct cpu370 *cpu, const struct insn *in, uint64_t sign)
{
	struct hfp_extended b = load_extended(cpu, in->r2), sum;

	b.high ^= sign;
	sum = hfp_add_extended(load_extended(cpu, in->r1), b, cpu->program_mask);
	set_cc(cpu, extended_fraction(sum) == 0 ? 0 : sum.high & HFP_SIGN ? 1 : 2);
	put_extended(cpu, in->r1, sum);
}

/* Exponent overflow; exponent underflow; significance. */
void op_axr(struct cpu370 *cpu, const struct insn *in)
{
	add_extended(cpu, in, 0);
}

void op_sxr(struct cpu370 *cpu, const struct insn *in)
{
	add_extended(cpu, in, HFP_SIGN);
}

/* Exponent overflow; exponent underflow. */
void op_mxr(struct cpu370 *cpu, const struct insn *in)
{
	put_extended(cpu, in->r1,
		     hfp_multiply_extended(load_extended(cpu, in->r1),
					   load_extended(cpu, in->r2),
					   cpu->program_mask));
}

void op_mxdr(struct cpu370 *cpu, const struct insn *in)
{
	put_extended(cpu, in->r1,
		     hfp_multiply_to_extended(cpu->fpr[in->r1], cpu->fpr[in->r2],
					      cpu->program_mask));
}

void op_mxd(struct cpu370 *cpu, const struct insn *in)
{
	uint64_t b = fetch64(cpu, address_rx(cpu, in));

	put_extended(cpu, in->r1,
		     hfp_multiply_to_extended(cpu->fpr[in->r1], b, cpu->program_mask));
}

/* Exponent overflow; exponent underflow; floating-point divide, which suppresses. */
void op_dxr(struct cpu370 *cpu, const struct insn *in)
{
	struct hfp_extended q =
		hfp_divide_extended(load_extended(cpu, in->r1),
				    load_extended(cpu, in->r2), cpu->program_mask);

	if (q.pic == PIC_FLOAT_DIVIDE)
		program_check(cpu, q.pic);
	put_extended(cpu, in->r1, q);
}
