/*
 * The decimal instructions. GA22-7000, "Decimal Instructions".
 *
 * All of them look at every operand byte and at their right to store before they
 * store anything, so every exception but decimal overflow suppresses. The frequent
 * cases never come here: decimal_fast.c.
 */
#include "cpu370/bcd.h"
#include "cpu370/int.h"

/* ---- operands */

/* The bytes of a span of up to 16, as one number. */
static uint128 span_raw(const struct span *span)
{
	uint8_t bytes[16];

	if (span->n[1] == 0)
		return raw_load(span->at[0], span->n[0]);
	guest_copy(bytes, span->at[0], span->n[0]);
	guest_copy(bytes + span->n[0], span->at[1], span->n[1]);
	return raw_load(bytes, span->n[0] + span->n[1]);
}

static uint128 fetch_2(struct cpu370 *cpu, const struct insn *in)
{
	struct span span;

	span_fetch(cpu, address_2(cpu, in), in->r2 + 1u, &span);
	return span_raw(&span);
}

/* The first operand, which will be stored into: put_1() with the same span. */
static uint128 fetch_1(struct cpu370 *cpu, const struct insn *in, struct span *span)
{
	span_store(cpu, address_1(cpu, in), in->r1 + 1u, span);
	return span_raw(span);
}

static void put_1(struct cpu370 *cpu, const struct span *span, uint128 raw)
{
	uint8_t bytes[16];

	if (span->n[1] == 0) {
		raw_store(span->at[0], span->n[0], raw);
	} else {
		raw_store(bytes, span->n[0] + span->n[1], raw);
		guest_copy(span->at[0], bytes, span->n[0]);
		guest_copy(span->at[1], bytes + span->n[0], span->n[1]);
	}
	span_stored(cpu, span);
}

/*
 * Operands that overlap must have the same last byte (GA22-7000, "Interruptions", Data
 * Exception). Where both are checked nobody need ask: otherwise the sign of one is a
 * digit of the other, and one of them invalid. ZERO AND ADD does not check the first; it
 * allows the second operand to end to the left, not to the right.
 */
static bool zap_overlap_improper(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t distance = address_2(cpu, in) + in->r2 - address_1(cpu, in) - in->r1;

	return (distance & ADDRESS_MASK) - 1 < in->r2;
}

static unsigned sign_code(bool negative)
{
	return BCD_PLUS + negative;
}

/* ---- results with a condition code */

/*
 * Store a result, cut to the length of the first operand, with the preferred sign,
 * and set the cc: 0 zero, 1 negative, 2 positive, 3 overflow. A zero result without
 * overflow is positive. lost: nonzero digits are gone already.
 */
static void put_result(struct cpu370 *cpu, const struct span *span, uint128 digits,
		       bool negative, bool lost)
{
	lost |= digits >> (8 * (span->n[0] + span->n[1]) - 4) != 0;
	negative &= lost || digits != 0;
	put_1(cpu, span, digits << 4 | sign_code(negative));
	set_cc(cpu, lost ? 3 : negative ? 1 : digits != 0 ? 2 : 0);
	if (lost && (cpu->program_mask & MASK_DECIMAL_OVERFLOW))
		program_check(cpu, PIC_DECIMAL_OVERFLOW);
}

/* ---- ADD, SUBTRACT, ZERO AND ADD, COMPARE */

static void add(struct cpu370 *cpu, const struct insn *in, bool subtract)
{
	struct span span;
	uint128 a = fetch_1(cpu, in, &span);
	uint128 b = fetch_2(cpu, in);
	bool negative = raw_negative((uint64_t)a);
	uint128 sum;

	if (!raw_valid(a) || !raw_valid(b))
		program_check(cpu, PIC_DATA);
	sum = bcd_sum(a >> 4, &negative, b >> 4, raw_negative((uint64_t)b) ^ subtract);
	put_result(cpu, &span, sum, negative, false);
}

/* cc: 0 sum zero, 1 negative, 2 positive, 3 overflow. Data; decimal overflow. */
void op_ap(struct cpu370 *cpu, const struct insn *in)
{
	add(cpu, in, false);
}

void op_sp(struct cpu370 *cpu, const struct insn *in)
{
	add(cpu, in, true);
}

/*
 * The first operand is not looked at, only the right to store is; so the second
 * is fetched before anything is stored, whatever the overlap.
 */
void op_zap(struct cpu370 *cpu, const struct insn *in)
{
	struct span span;
	uint128 b;

	span_store(cpu, address_1(cpu, in), in->r1 + 1u, &span);
	b = fetch_2(cpu, in);
	if (!raw_valid(b) || zap_overlap_improper(cpu, in))
		program_check(cpu, PIC_DATA);
	put_result(cpu, &span, b >> 4, raw_negative((uint64_t)b), false);
}

/* cc: 0 equal, 1 first operand low, 2 high. Data. */
void op_cp(struct cpu370 *cpu, const struct insn *in)
{
	bool a_negative, b_negative;
	struct span span;
	uint128 a, b;

	span_fetch(cpu, address_1(cpu, in), in->r1 + 1u, &span);
	a = span_raw(&span);
	b = fetch_2(cpu, in);
	if (!raw_valid(a) || !raw_valid(b))
		program_check(cpu, PIC_DATA);
	a_negative = raw_negative((uint64_t)a);
	b_negative = raw_negative((uint64_t)b);
	a >>= 4;
	b >>= 4;
	if (a_negative != b_negative) /* and -0 equals +0 */
		set_cc(cpu, (a | b) == 0 ? 0 : a_negative ? 1 : 2);
	else if (a == b)
		set_cc(cpu, 0);
	else
		set_cc(cpu, (a < b) != a_negative ? 1 : 2);
}

/* ---- MULTIPLY, DIVIDE */

/* The second operand is too long for MP and DP: more than 15 digits, or not shorter. */
static bool lengths_wrong(const struct insn *in)
{
	return in->r2 > 7 || in->r2 >= in->r1;
}

/*
 * Specification: lengths. Data: also if the first operand has not as many bytes of
 * zeros at its left as the second is long. The sign follows the rules of algebra
 * even if the product is zero. The cc stays.
 */
void op_mp(struct cpu370 *cpu, const struct insn *in)
{
	struct span span;
	uint128 a, product;
	uint64_t b;
	bool negative;

	if (lengths_wrong(in))
		program_check(cpu, PIC_SPECIFICATION);
	a = fetch_1(cpu, in, &span);
	b = (uint64_t)fetch_2(cpu, in);
	if (!raw_valid(a) || !raw_valid64(b) || a >> 8 * (in->r1 - in->r2) != 0)
		program_check(cpu, PIC_DATA);
	product = bcd_to_binary(a >> 4) * bcd_to_binary64(b >> 4);
	negative = raw_negative((uint64_t)a) ^ raw_negative(b);
	put_1(cpu, &span, bcd_from_binary(product) << 4 | sign_code(negative));
}

/*
 * Quotient and remainder stand in the first operand, the remainder as long as the
 * divisor. Signs follow the rules of algebra even for zeros; the remainder's is the
 * dividend's. Specification: lengths. Data. Decimal divide: divisor zero, or the
 * quotient too long, which is what the manual's trial subtraction finds out. The cc
 * stays.
 */
void op_dp(struct cpu370 *cpu, const struct insn *in)
{
	struct span span;
	uint128 a, dividend, quotient;
	uint64_t b, divisor, remainder;
	bool a_negative, b_negative;

	if (lengths_wrong(in))
		program_check(cpu, PIC_SPECIFICATION);
	a = fetch_1(cpu, in, &span);
	b = (uint64_t)fetch_2(cpu, in);
	if (!raw_valid(a) || !raw_valid64(b))
		program_check(cpu, PIC_DATA);
	dividend = bcd_to_binary(a >> 4);
	divisor = bcd_to_binary64(b >> 4);
	if (divisor == 0)
		program_check(cpu, PIC_DECIMAL_DIVIDE);
	if (dividend >> 64)
		quotient = dividend / divisor;
	else
		quotient = (uint64_t)dividend / divisor;
	remainder = (uint64_t)dividend - (uint64_t)quotient * divisor;
	quotient = bcd_from_binary(quotient);
	if (quotient >> (8 * (in->r1 - in->r2) - 4) != 0)
		program_check(cpu, PIC_DECIMAL_DIVIDE);
	a_negative = raw_negative((uint64_t)a);
	b_negative = raw_negative(b);
	quotient = quotient << 4 | sign_code(a_negative ^ b_negative);
	remainder = bcd_from_binary64(remainder) << 4 | sign_code(a_negative);
	put_1(cpu, &span, quotient << 8 * (in->r2 + 1) | remainder);
}

/* ---- SHIFT AND ROUND */

/* digits without the rightmost `shift` (1 ... 32) of them, rounded. */
static uint128 shift_right(uint128 digits, unsigned shift, unsigned rounding)
{
	unsigned last;

	if (shift > 31)
		return 0;
	digits >>= 4 * (shift - 1);
	last = (unsigned)digits & 0xF;
	digits >>= 4;
	return last + rounding > 9 ? bcd_add(digits, 1) : digits;
}

/*
 * The second operand's low six bits are the shift, signed: positive left, negative
 * right. cc: 0 result zero, 1 negative, 2 positive, 3 overflow. Data: also for the
 * rounding digit, needed or not.
 */
void op_srp(struct cpu370 *cpu, const struct insn *in)
{
	struct span span;
	uint128 a = fetch_1(cpu, in, &span), digits = a >> 4;
	unsigned shift = address_2(cpu, in) & 0x3F;
	bool negative = raw_negative((uint64_t)a), lost = false;

	if (!raw_valid(a) || in->r2 > 9)
		program_check(cpu, PIC_DATA);
	if (shift >= 32) {
		digits = shift_right(digits, 64 - shift, in->r2);
	} else if (shift > 0) {
		lost = digits >> (128 - 4 * shift) != 0;
		digits <<= 4 * shift;
	}
	put_result(cpu, &span, digits, negative, lost);
}

/* ---- EDIT */

#define DIGIT_SELECTOR 0x20
#define SIGNIFICANCE_START 0x21
#define FIELD_SEPARATOR 0x22

struct edit {
	uint32_t source; /* address of the next byte */
	unsigned low;	 /* second digit of the byte before, if it waits */
	bool waiting;
	uint8_t fill;
	bool significant; /* the significance indicator */
	bool nonzero;	  /* a nonzero digit in this field */
	bool plus;	  /* the sign right of this digit is plus */
};

/* The next source digit. Data: a first digit above 9. */
static unsigned edit_digit(struct cpu370 *cpu, struct edit *e)
{
	uint8_t byte;

	e->plus = false;
	if (e->waiting) {
		e->waiting = false;
		return e->low;
	}
	byte = fetch8(cpu, e->source);
	e->source = (e->source + 1) & ADDRESS_MASK;
	e->low = byte & 0xF;
	e->waiting = e->low <= 9;
	e->plus = !e->waiting && !raw_negative(byte);
	if (byte >> 4 > 9)
		program_check(cpu, PIC_DATA);
	return byte >> 4;
}

/*
 * The result for one pattern byte. *first: it is a digit that found significance
 * off.
 */
static uint8_t edit_byte(struct cpu370 *cpu, struct edit *e, uint8_t pattern, bool *first)
{
	bool shown = e->significant;
	unsigned digit;

	*first = false;
	switch (pattern) {
	case DIGIT_SELECTOR:
	case SIGNIFICANCE_START:
		digit = edit_digit(cpu, e);
		*first = digit != 0 && !shown;
		e->nonzero |= digit != 0;
		e->significant |= digit != 0 || pattern == SIGNIFICANCE_START;
		e->significant &= !e->plus;
		return digit != 0 || shown ? (uint8_t)(0xF0 | digit) : e->fill;
	case FIELD_SEPARATOR:
		e->significant = false;
		e->nonzero = false;
		return e->fill;
	default: return shown ? pattern : e->fill;
	}
}

/*
 * Edit into a copy, so that a data or access exception leaves the pattern whole.
 * Returns the place in the pattern of the last digit that found significance off,
 * or -1. cc: 0 last field zero or empty, 1 negative, 2 positive.
 */
static int edit(struct cpu370 *cpu, const struct insn *in)
{
	struct edit e = { .source = address_2(cpu, in) };
	unsigned n = in->i2 + 1u;
	uint8_t result[256];
	struct span span;
	int mark = -1;

	span_store(cpu, address_1(cpu, in), n, &span);
	e.fill = *span.at[0];
	for (unsigned i = 0; i < n; i++) {
		bool first;

		result[i] = edit_byte(cpu, &e, *span_at(&span, i), &first);
		if (first)
			mark = (int)i;
	}
	guest_copy(span.at[0], result, span.n[0]);
	if (span.n[1])
		guest_copy(span.at[1], result + span.n[0], span.n[1]);
	span_stored(cpu, &span);
	cpu->cc = !e.nonzero ? 0 : e.significant ? -1 : 1;
	return mark;
}

void op_ed(struct cpu370 *cpu, const struct insn *in)
{
	edit(cpu, in);
}

/* Bits 8-31 of general register 1: the address of the digit that edit() returns. */
void op_edmk(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t laddr = address_1(cpu, in);
	int mark = edit(cpu, in);

	if (mark >= 0)
		cpu->gr[1] = (cpu->gr[1] & ~ADDRESS_MASK) |
			     ((laddr + (uint32_t)mark) & ADDRESS_MASK);
}
