/*
 * The decimal instructions. GA22-7000, "Decimal Instructions".
 *
 * All of them look at every operand byte and at their right to store before they
 * store anything, so every exception but decimal overflow suppresses. Operands
 * of at most eight bytes, nearly all there are, are dealt with in 64 bits.
 */
#include "cpu370/bcd.h"
#include "cpu370/int.h"

/* ---- operands */

static NOINLINE uint128 fetch_slow(struct cpu370 *cpu, uint32_t laddr, unsigned n)
{
	uint8_t bytes[16];

	fetch_bytes(cpu, laddr, n, bytes);
	return raw_load(bytes, n);
}

/*
 * A first operand that will be stored into, where the TLB does not allow to do so at
 * once: it lies in two frames, which `bytes` joins, or somebody watches the stores.
 */
struct detour {
	bool taken;
	struct span span;
	uint8_t bytes[16];
};

static NOINLINE uint8_t *detour_open(struct cpu370 *cpu, uint32_t laddr, unsigned n,
				     struct detour *d)
{
	d->taken = true;
	span_store(cpu, laddr, n, &d->span);
	if (d->span.n[1] == 0)
		return d->span.at[0];
	for (unsigned i = 0; i < n; i++)
		d->bytes[i] = *span_at(&d->span, i);
	return d->bytes;
}

static NOINLINE void detour_close(struct cpu370 *cpu, const struct detour *d)
{
	if (d->span.n[1] != 0)
		for (unsigned i = 0; i < d->span.n[0] + d->span.n[1]; i++)
			*span_at(&d->span, i) = d->bytes[i];
	span_stored(cpu, &d->span);
}

/*
 * The first operand: n bytes at host, which may be read and written. After a change
 * target_done() must follow.
 */
struct target {
	uint8_t *host;
	unsigned n;
};

static ALWAYS_INLINE struct target target_1(struct cpu370 *cpu, const struct insn *in,
					    struct detour *d)
{
	uint32_t laddr = address_1(cpu, in);
	struct target t = { .n = in->r1 + 1u };

	t.host = tlb_store(cpu, laddr, t.n);
	d->taken = false;
	if (UNLIKELY(!t.host))
		t.host = detour_open(cpu, laddr, t.n, d);
	return t;
}

static ALWAYS_INLINE void target_done(struct cpu370 *cpu, const struct detour *d)
{
	if (UNLIKELY(d->taken))
		detour_close(cpu, d);
}

static ALWAYS_INLINE uint64_t fetch_raw64(struct cpu370 *cpu, uint32_t laddr, unsigned n)
{
	const uint8_t *p = tlb_fetch(cpu, laddr, n);

	return LIKELY(p) ? raw_load64(p, n) : (uint64_t)fetch_slow(cpu, laddr, n);
}

static ALWAYS_INLINE uint128 fetch_raw(struct cpu370 *cpu, uint32_t laddr, unsigned n)
{
	const uint8_t *p = tlb_fetch(cpu, laddr, n);

	return LIKELY(p) ? raw_load(p, n) : fetch_slow(cpu, laddr, n);
}

/* How far the second operand's last byte is to the right of the first's. */
static ALWAYS_INLINE uint32_t right_end_distance(struct cpu370 *cpu,
						 const struct insn *in)
{
	return (address_2(cpu, in) + in->r2 - address_1(cpu, in) - in->r1) & ADDRESS_MASK;
}

/*
 * Operands that overlap must have the same last byte. GA22-7000, "Interruptions",
 * Data Exception.
 */
static ALWAYS_INLINE bool overlap_improper(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t d = right_end_distance(cpu, in);

	return UNLIKELY(((d + in->r1) & ADDRESS_MASK) <= (uint32_t)in->r1 + in->r2) &&
	       d != 0;
}

/* ZERO AND ADD does allow the second operand to end to the left. */
static ALWAYS_INLINE bool zap_overlap_improper(struct cpu370 *cpu, const struct insn *in)
{
	return right_end_distance(cpu, in) - 1 < in->r2;
}

static ALWAYS_INLINE bool short_operands(const struct insn *in)
{
	return (in->r1 | in->r2) < 8;
}

static ALWAYS_INLINE unsigned sign_code(bool negative)
{
	return BCD_PLUS + negative;
}

/* ---- results with a condition code */

static NOINLINE void overflowed(struct cpu370 *cpu)
{
	set_cc(cpu, 3);
	if (cpu->program_mask & MASK_DECIMAL_OVERFLOW)
		program_check(cpu, PIC_DECIMAL_OVERFLOW);
}

/*
 * Store a result, cut to the length of t, with the preferred sign, and set the cc:
 * 0 zero, 1 negative, 2 positive, 3 overflow. A zero result without overflow is
 * positive.
 */
static ALWAYS_INLINE void put_result64(struct cpu370 *cpu, struct target t,
				       const struct detour *d, uint64_t digits,
				       bool negative)
{
	bool lost = digits >> (8 * t.n - 4) != 0;

	negative &= lost || digits != 0;
	raw_store64(t.host, t.n, digits << 4 | sign_code(negative));
	target_done(cpu, d);
	cpu->cc = negative ? -1 : (int64_t)digits;
	if (UNLIKELY(lost))
		overflowed(cpu);
}

/* lost: nonzero digits are gone already. */
static ALWAYS_INLINE void put_result(struct cpu370 *cpu, struct target t,
				     const struct detour *d, uint128 digits,
				     bool negative, bool lost)
{
	lost |= digits >> (8 * t.n - 4) != 0;
	negative &= lost || digits != 0;
	raw_store(t.host, t.n, digits << 4 | sign_code(negative));
	target_done(cpu, d);
	cpu->cc = negative ? -1 : digits != 0;
	if (UNLIKELY(lost))
		overflowed(cpu);
}

/* ---- ADD, SUBTRACT, ZERO AND ADD, COMPARE */

static NOINLINE void add_long(struct cpu370 *cpu, const struct insn *in, bool subtract)
{
	struct detour d;
	struct target t = target_1(cpu, in, &d);
	uint128 a = raw_load(t.host, t.n);
	uint128 b = fetch_raw(cpu, address_2(cpu, in), in->r2 + 1u);
	bool negative = raw_negative((uint64_t)a);
	uint128 sum;

	if (!raw_valid(a) || !raw_valid(b) || overlap_improper(cpu, in))
		program_check(cpu, PIC_DATA);
	sum = bcd_sum(a >> 4, &negative, b >> 4, raw_negative((uint64_t)b) ^ subtract);
	put_result(cpu, t, &d, sum, negative, false);
}

static ALWAYS_INLINE void add(struct cpu370 *cpu, const struct insn *in, bool subtract)
{
	struct detour d;
	struct target t;
	uint64_t a, b, sum;
	bool negative;

	if (UNLIKELY(!short_operands(in))) {
		add_long(cpu, in, subtract);
		return;
	}
	t = target_1(cpu, in, &d);
	a = raw_load64(t.host, t.n);
	b = fetch_raw64(cpu, address_2(cpu, in), in->r2 + 1u);
	if (UNLIKELY(!raw_valid64(a) || !raw_valid64(b) || overlap_improper(cpu, in)))
		program_check(cpu, PIC_DATA);
	negative = raw_negative(a);
	sum = bcd_sum64(a >> 4, &negative, b >> 4, raw_negative(b) ^ subtract);
	put_result64(cpu, t, &d, sum, negative);
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
	struct detour d;
	struct target t = target_1(cpu, in, &d);
	uint128 b;

	if (LIKELY(short_operands(in))) {
		uint64_t raw = fetch_raw64(cpu, address_2(cpu, in), in->r2 + 1u);

		if (UNLIKELY(!raw_valid64(raw) || zap_overlap_improper(cpu, in)))
			program_check(cpu, PIC_DATA);
		put_result64(cpu, t, &d, raw >> 4, raw_negative(raw));
		return;
	}
	b = fetch_raw(cpu, address_2(cpu, in), in->r2 + 1u);
	if (UNLIKELY(!raw_valid(b) || zap_overlap_improper(cpu, in)))
		program_check(cpu, PIC_DATA);
	put_result(cpu, t, &d, b >> 4, raw_negative((uint64_t)b), false);
}

/* cc: 0 equal, 1 first operand low, 2 high. Data. */
void op_cp(struct cpu370 *cpu, const struct insn *in)
{
	uint128 a = fetch_raw(cpu, address_1(cpu, in), in->r1 + 1u);
	uint128 b = fetch_raw(cpu, address_2(cpu, in), in->r2 + 1u);
	bool a_negative = raw_negative((uint64_t)a),
	     b_negative = raw_negative((uint64_t)b);

	if (UNLIKELY(!raw_valid(a) || !raw_valid(b) || overlap_improper(cpu, in)))
		program_check(cpu, PIC_DATA);
	a >>= 4;
	b >>= 4;
	if (a_negative != b_negative) /* and -0 equals +0 */
		cpu->cc = (a | b) == 0 ? 0 : a_negative ? -1 : 1;
	else if (a == b)
		cpu->cc = 0;
	else
		cpu->cc = (a < b) != a_negative ? -1 : 1;
}

/* ---- MULTIPLY, DIVIDE */

/* The second operand is too long for MP and DP: more than 15 digits, or not shorter. */
static ALWAYS_INLINE bool lengths_wrong(const struct insn *in)
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
	struct detour d;
	struct target t;
	uint128 a, product;
	uint64_t b;
	bool negative;

	if (UNLIKELY(lengths_wrong(in)))
		program_check(cpu, PIC_SPECIFICATION);
	t = target_1(cpu, in, &d);
	a = raw_load(t.host, t.n);
	b = fetch_raw64(cpu, address_2(cpu, in), in->r2 + 1u);
	if (UNLIKELY(!raw_valid(a) || !raw_valid64(b) || overlap_improper(cpu, in) ||
		     a >> 8 * (in->r1 - in->r2) != 0))
		program_check(cpu, PIC_DATA);
	product = bcd_to_binary(a >> 4) * bcd_to_binary64(b >> 4);
	negative = raw_negative((uint64_t)a) ^ raw_negative(b);
	raw_store(t.host, t.n, bcd_from_binary(product) << 4 | sign_code(negative));
	target_done(cpu, &d);
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
	struct detour d;
	struct target t;
	uint128 a, dividend, quotient;
	uint64_t b, divisor, remainder;
	bool a_negative, b_negative;

	if (UNLIKELY(lengths_wrong(in)))
		program_check(cpu, PIC_SPECIFICATION);
	t = target_1(cpu, in, &d);
	a = raw_load(t.host, t.n);
	b = fetch_raw64(cpu, address_2(cpu, in), in->r2 + 1u);
	if (UNLIKELY(!raw_valid(a) || !raw_valid64(b) || overlap_improper(cpu, in)))
		program_check(cpu, PIC_DATA);
	dividend = bcd_to_binary(a >> 4);
	divisor = bcd_to_binary64(b >> 4);
	if (UNLIKELY(divisor == 0))
		program_check(cpu, PIC_DECIMAL_DIVIDE);
	if (dividend >> 64)
		quotient = dividend / divisor;
	else
		quotient = (uint64_t)dividend / divisor;
	remainder = (uint64_t)dividend - (uint64_t)quotient * divisor;
	quotient = bcd_from_binary(quotient);
	if (UNLIKELY(quotient >> (8 * (in->r1 - in->r2) - 4) != 0))
		program_check(cpu, PIC_DECIMAL_DIVIDE);
	a_negative = raw_negative((uint64_t)a);
	b_negative = raw_negative(b);
	quotient = quotient << 4 | sign_code(a_negative ^ b_negative);
	remainder = bcd_from_binary64(remainder) << 4 | sign_code(a_negative);
	raw_store(t.host, t.n, quotient << 8 * (in->r2 + 1) | remainder);
	target_done(cpu, &d);
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
	struct detour d;
	struct target t = target_1(cpu, in, &d);
	unsigned shift = address_2(cpu, in) & 0x3F;
	uint128 a = raw_load(t.host, t.n), digits = a >> 4;
	bool negative = raw_negative((uint64_t)a), lost = false;

	if (UNLIKELY(!raw_valid(a) || in->r2 > 9))
		program_check(cpu, PIC_DATA);
	if (shift >= 32) {
		digits = shift_right(digits, 64 - shift, in->r2);
	} else if (shift > 0) {
		lost = digits >> (128 - 4 * shift) != 0;
		digits <<= 4 * shift;
	}
	put_result(cpu, t, &d, digits, negative, lost);
}

/* ---- EDIT */

#define DIGIT_SELECTOR	   0x20
#define SIGNIFICANCE_START 0x21
#define FIELD_SEPARATOR	   0x22

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
static ALWAYS_INLINE unsigned edit_digit(struct cpu370 *cpu, struct edit *e)
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
	if (UNLIKELY(byte >> 4 > 9))
		program_check(cpu, PIC_DATA);
	return byte >> 4;
}

/*
 * The result for one pattern byte. *first: it is a digit that found significance
 * off.
 */
static ALWAYS_INLINE uint8_t edit_byte(struct cpu370 *cpu, struct edit *e,
				       uint8_t pattern, bool *first)
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
	memcpy(span.at[0], result, span.n[0]);
	if (span.n[1])
		memcpy(span.at[1], result + span.n[0], span.n[1]);
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
