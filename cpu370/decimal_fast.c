/*
 * Handlers for decimal arithmetic and the conversions around it: valid operands that
 * the TLB finds, numbers that fit in 64 bits or nearly, results without overflow.
 * Everything else goes to run_op(), which executes the op from its start; so a
 * handler changes nothing before it is sure.
 */
#include "cpu370/bcd.h"
#include "cpu370/engine.h"
#include "cpu370/fast.h"

/* The operands: host is NULL if the TLB will not do. */
struct operand {
	uint8_t *host;
	uint32_t laddr;
	unsigned n;
};

static ALWAYS_INLINE struct operand source_2(struct cpu370 *cpu, const struct insn *in)
{
	struct operand o = { NULL, address_2(cpu, in), in->r2 + 1u };

	o.host = (uint8_t *)(uintptr_t)tlb_fetch(cpu, o.laddr, o.n);
	return o;
}

static ALWAYS_INLINE struct operand target_1(struct cpu370 *cpu, const struct insn *in)
{
	struct operand o = { NULL, address_1(cpu, in), in->r1 + 1u };

	o.host = tlb_store(cpu, o.laddr, o.n);
	return o;
}

/* How far b's last byte is to the right of a's. */
static ALWAYS_INLINE uint32_t right_end_distance(struct operand a, struct operand b)
{
	return (b.laddr + b.n - a.laddr - a.n) & ADDRESS_MASK;
}

static ALWAYS_INLINE bool overlap(struct operand a, struct operand b)
{
	return UNLIKELY(((right_end_distance(a, b) + a.n - 1) & ADDRESS_MASK) <
			a.n + b.n - 1);
}

static ALWAYS_INLINE bool fits_64(struct operand a, struct operand b)
{
	return LIKELY(a.n <= 8 && b.n <= 8);
}

static ALWAYS_INLINE unsigned sign_code(bool negative)
{
	return BCD_PLUS + negative;
}

/* Digits that do not go into n bytes with a sign. */
static ALWAYS_INLINE bool too_long(uint128 digits, unsigned n)
{
	return UNLIKELY(digits >> (8 * n - 4) != 0);
}

static ALWAYS_INLINE bool too_long64(uint64_t digits, unsigned n)
{
	return n <= 8 && UNLIKELY(digits >> (8 * n - 4) != 0);
}

/* Up to 15 digits and a sign in n <= 16 bytes. */
static ALWAYS_INLINE void put_raw64(uint8_t *p, unsigned n, uint64_t raw)
{
	if (n <= 8) {
		raw_store64(p, n, raw);
	} else {
		raw_store64(p, n - 8, 0);
		put_be64(p + n - 8, raw);
	}
}

/* Store a sum and set the cc. A zero is positive. */
static ALWAYS_INLINE void put_sum64(struct cpu370 *cpu, struct operand t, uint64_t digits,
				    bool negative)
{
	negative &= digits != 0;
	put_raw64(t.host, t.n, digits << 4 | sign_code(negative));
	cpu->cc = negative ? -1 : (int64_t)digits;
}

static ALWAYS_INLINE void put_sum(struct cpu370 *cpu, struct operand t, uint128 digits,
				  bool negative)
{
	negative &= digits != 0;
	raw_store(t.host, t.n, digits << 4 | sign_code(negative));
	cpu->cc = negative ? -1 : digits != 0;
}

/* ---- ADD and SUBTRACT */

static ALWAYS_INLINE bool add64(struct cpu370 *cpu, struct operand t, struct operand s,
				bool subtract)
{
	uint64_t a = raw_load64(t.host, t.n), b = raw_load64(s.host, s.n), sum;
	bool negative = raw_negative(a);

	if (UNLIKELY(!raw_valid64(a) || !raw_valid64(b)))
		return false;
	sum = bcd_sum64(a >> 4, &negative, b >> 4, raw_negative(b) ^ subtract);
	if (too_long64(sum, t.n))
		return false;
	put_sum64(cpu, t, sum, negative);
	return true;
}

static ALWAYS_INLINE bool add128(struct cpu370 *cpu, struct operand t, struct operand s,
				 bool subtract)
{
	uint128 a = raw_load(t.host, t.n), b = raw_load(s.host, s.n), sum;
	bool negative = raw_negative((uint64_t)a);

	if (UNLIKELY(!raw_valid(a) || !raw_valid(b)))
		return false;
	sum = bcd_sum(a >> 4, &negative, b >> 4, raw_negative((uint64_t)b) ^ subtract);
	if (too_long(sum, t.n))
		return false;
	put_sum(cpu, t, sum, negative);
	return true;
}

static ALWAYS_INLINE struct insn *add(struct cpu370 *cpu, struct insn *in, bool subtract)
{
	struct operand t = target_1(cpu, in), s = source_2(cpu, in);

	if (UNLIKELY(!t.host || !s.host))
		return run_op(cpu, in);
	if (fits_64(t, s) ? add64(cpu, t, s, subtract) : add128(cpu, t, s, subtract))
		return next(cpu, in);
	return run_op(cpu, in);
}

struct insn *fast_ap(struct cpu370 *cpu, struct insn *in)
{
	return add(cpu, in, false);
}

struct insn *fast_sp(struct cpu370 *cpu, struct insn *in)
{
	return add(cpu, in, true);
}

/* ---- ZERO AND ADD, COMPARE */

struct insn *fast_zap(struct cpu370 *cpu, struct insn *in)
{
	struct operand t = target_1(cpu, in), s = source_2(cpu, in);
	uint128 raw;

	if (UNLIKELY(!t.host || !s.host || right_end_distance(t, s) - 1 < s.n - 1))
		return run_op(cpu, in);
	if (LIKELY(s.n <= 8)) {
		uint64_t b = raw_load64(s.host, s.n);

		if (UNLIKELY(!raw_valid64(b)) || too_long64(b >> 4, t.n))
			return run_op(cpu, in);
		put_sum64(cpu, t, b >> 4, raw_negative(b));
		return next(cpu, in);
	}
	raw = raw_load(s.host, s.n);
	if (UNLIKELY(!raw_valid(raw)) || too_long(raw >> 4, t.n))
		return run_op(cpu, in);
	put_sum(cpu, t, raw >> 4, raw_negative((uint64_t)raw));
	return next(cpu, in);
}

static ALWAYS_INLINE int64_t signed_digits(uint64_t raw)
{
	return raw_negative(raw) ? -(int64_t)(raw >> 4) : (int64_t)(raw >> 4);
}

struct insn *fast_cp(struct cpu370 *cpu, struct insn *in)
{
	uint32_t laddr = address_1(cpu, in);
	struct operand s = source_2(cpu, in);
	struct operand t = { (uint8_t *)(uintptr_t)tlb_fetch(cpu, laddr, in->r1 + 1u),
			     laddr, in->r1 + 1u };
	uint64_t a, b;

	if (UNLIKELY(!t.host || !s.host) || !fits_64(t, s))
		return run_op(cpu, in);
	a = raw_load64(t.host, t.n);
	b = raw_load64(s.host, s.n);
	if (UNLIKELY(!raw_valid64(a) || !raw_valid64(b)))
		return run_op(cpu, in);
	/* Digits in order are numbers in order; 60 bits do not overflow. */
	cpu->cc = signed_digits(a) - signed_digits(b);
	return next(cpu, in);
}

/* ---- MULTIPLY, DIVIDE */

/* The first operand of MP and DP if it has but 15 digits, else 0, which is invalid. */
static ALWAYS_INLINE uint64_t load_small(struct operand t)
{
	uint128 raw = raw_load(t.host, t.n);

	return LIKELY(raw >> 64 == 0) ? (uint64_t)raw : 0;
}

static ALWAYS_INLINE bool lengths_wrong(const struct insn *in)
{
	return UNLIKELY(in->r2 > 7 || in->r2 >= in->r1);
}

struct insn *fast_mp(struct cpu370 *cpu, struct insn *in)
{
	struct operand t = target_1(cpu, in), s = source_2(cpu, in);
	uint64_t a, b, zeros;
	uint128 product;

	if (UNLIKELY(!t.host || !s.host) || lengths_wrong(in))
		return run_op(cpu, in);
	a = load_small(t);
	b = raw_load64(s.host, s.n);
	zeros = t.n - s.n < 8 ? a >> 8 * (t.n - s.n) : 0;
	if (UNLIKELY(!raw_valid64(a) || !raw_valid64(b) || zeros != 0))
		return run_op(cpu, in);
	product = (uint128)bcd_to_binary64(a >> 4) * bcd_to_binary64(b >> 4);
	if (UNLIKELY(product >= BCD_10E16 / 10))
		return run_op(cpu, in);
	put_raw64(t.host, t.n,
		  bcd_from_binary64((uint64_t)product) << 4 |
			  sign_code(raw_negative(a) ^ raw_negative(b)));
	return next(cpu, in);
}

struct insn *fast_dp(struct cpu370 *cpu, struct insn *in)
{
	struct operand t = target_1(cpu, in), s = source_2(cpu, in);
	uint64_t a, b, dividend, divisor, quotient, remainder;

	if (UNLIKELY(!t.host || !s.host) || lengths_wrong(in))
		return run_op(cpu, in);
	a = load_small(t);
	b = raw_load64(s.host, s.n);
	if (UNLIKELY(!raw_valid64(a) || !raw_valid64(b) || b >> 4 == 0))
		return run_op(cpu, in);
	dividend = bcd_to_binary64(a >> 4);
	divisor = bcd_to_binary64(b >> 4);
	quotient = dividend / divisor;
	remainder = bcd_from_binary64(dividend - quotient * divisor);
	quotient = bcd_from_binary64(quotient);
	if (too_long64(quotient, t.n - s.n))
		return run_op(cpu, in);
	put_raw64(t.host, t.n - s.n,
		  quotient << 4 | sign_code(raw_negative(a) ^ raw_negative(b)));
	raw_store64(t.host + t.n - s.n, s.n, remainder << 4 | sign_code(raw_negative(a)));
	return next(cpu, in);
}

/* ---- SHIFT AND ROUND */

/* Right, by 1 ... 32 places. */
static ALWAYS_INLINE uint64_t shift_right(uint64_t digits, unsigned places,
					  unsigned rounding)
{
	unsigned last;

	if (UNLIKELY(places > 16))
		return 0;
	digits >>= 4 * (places - 1);
	last = (unsigned)digits & 0xF;
	digits = bcd_add64(digits >> 4, last + rounding > 9);
	return digits;
}

struct insn *fast_srp(struct cpu370 *cpu, struct insn *in)
{
	struct operand t = target_1(cpu, in);
	unsigned shift = address_2(cpu, in) & 0x3F;
	uint64_t a, digits;

	if (UNLIKELY(!t.host || in->r2 > 9))
		return run_op(cpu, in);
	a = load_small(t);
	digits = a >> 4;
	if (UNLIKELY(!raw_valid64(a)))
		return run_op(cpu, in);
	if (shift >= 32) {
		digits = shift_right(digits, 64 - shift, in->r2);
	} else { /* up to 15 digits and only zeros lost, or else by the op */
		if (UNLIKELY(shift > 14 || digits >> (60 - 4 * shift) != 0 ||
			     too_long64(digits << 4 * shift, t.n)))
			return run_op(cpu, in);
		digits <<= 4 * shift;
	}
	put_sum64(cpu, t, digits, raw_negative(a));
	return next(cpu, in);
}

/* ---- CONVERT TO BINARY and to DECIMAL, PACK, UNPACK */

struct insn *fast_cvb(struct cpu370 *cpu, struct insn *in)
{
	const uint8_t *p = tlb_fetch(cpu, address_rx(cpu, in), 8);
	uint64_t raw = LIKELY(p) ? be64(p) : 0, value;

	if (UNLIKELY(!raw_valid64(raw)))
		return run_op(cpu, in);
	value = bcd_to_binary64(raw >> 4);
	if (UNLIKELY(value > INT32_MAX))
		return run_op(cpu, in);
	cpu->gr[in->r1] = (uint32_t)(raw_negative(raw) ? 0 - value : value);
	return next(cpu, in);
}

static ALWAYS_INLINE uint64_t cvd_raw(uint32_t r)
{
	bool negative = r >> 31;
	uint64_t value = negative ? 0 - r : r;

	return bcd_from_binary64(value) << 4 | sign_code(negative);
}

struct insn *fast_cvd(struct cpu370 *cpu, struct insn *in)
{
	uint8_t *p = tlb_store(cpu, address_rx(cpu, in), 8);

	if (UNLIKELY(!p))
		return run_op(cpu, in);
	put_be64(p, cvd_raw(cpu->gr[in->r1]));
	return next(cpu, in);
}

/* Digits are not checked. Operands that overlap are the op's. */
struct insn *fast_pack(struct cpu370 *cpu, struct insn *in)
{
	struct operand t = target_1(cpu, in), s = source_2(cpu, in);
	uint128 zoned, digits;

	if (UNLIKELY(!t.host || !s.host || overlap(t, s)))
		return run_op(cpu, in);
	zoned = raw_load(s.host, s.n);
	digits = (uint128)zoned_digits((uint64_t)(zoned >> 64)) << 32 |
		 zoned_digits((uint64_t)zoned);
	raw_store(t.host, t.n, digits << 4 | ((uint64_t)zoned >> 4 & 0xF));
	return next(cpu, in);
}

struct insn *fast_unpk(struct cpu370 *cpu, struct insn *in)
{
	struct operand t = target_1(cpu, in), s = source_2(cpu, in);
	uint64_t digits, low;
	uint128 raw;

	if (UNLIKELY(!t.host || !s.host || overlap(t, s)))
		return run_op(cpu, in);
	raw = raw_load(s.host, s.n);
	digits = (uint64_t)(raw >> 4); /* 16 is all there is room for */
	low = digits_zoned((uint32_t)digits);
	low = (low & ~UINT64_C(0xF0)) | ((uint64_t)raw & 0xF) << 4;
	raw_store(t.host, t.n, bcd_pair(digits_zoned((uint32_t)(digits >> 32)), low));
	return next(cpu, in);
}
