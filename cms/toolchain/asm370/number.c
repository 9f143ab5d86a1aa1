/*
 * Decimal strings to fixed-point and hexadecimal floating-point numbers,
 * exactly, rounded once at the last bit. GC33-4010, "Fixed-point Constants",
 * "Floating-point Constants".
 */
#include "cms/toolchain/asm370/int.h"

#define WORDS       104 /* 3328 bits: 256 digits, 10**85, scale 2**346 */
#define MAX_DIGITS  256
#define GUARD_BITS  136 /* more than a 28-digit fraction needs */

struct big {
	uint32_t w[WORDS]; /* least significant first */
};

static void multiply(struct big *b, uint32_t by, uint32_t plus)
{
	uint64_t carry = plus;

	for (unsigned i = 0; i < WORDS; i++) {
		carry += (uint64_t)b->w[i] * by;
		b->w[i] = (uint32_t)carry;
		carry >>= 32;
	}
}

static uint32_t divide(struct big *b, uint32_t by)
{
	uint64_t rest = 0;

	for (unsigned i = WORDS; i-- > 0;) {
		rest = rest << 32 | b->w[i];
		b->w[i] = (uint32_t)(rest / by);
		rest %= by;
	}
	return (uint32_t)rest;
}

static bool bit(const struct big *b, int i)
{
	return i >= 0 && i < WORDS * 32 && (b->w[i / 32] >> (i % 32) & 1);
}

static int bit_length(const struct big *b)
{
	for (int i = WORDS; i-- > 0;)
		if (b->w[i])
			return i * 32 + 32 - __builtin_clz(b->w[i]);
	return 0;
}

static void shift_left(struct big *b, unsigned by)
{
	unsigned words = by / 32, bits = by % 32;

	for (unsigned i = WORDS; i-- > 0;) {
		uint64_t v = 0;

		if (i >= words)
			v = (uint64_t)b->w[i - words] << 32;
		if (i > words)
			v |= b->w[i - words - 1];
		b->w[i] = (uint32_t)(v << bits >> 32);
	}
}

/* A signed decimal number with an optional point and E exponent. */
bool decimal_parse(struct cursor *c, struct decimal *d)
{
	bool point = false, digit = false;

	memset(d, 0, sizeof(*d));
	if (c->p < c->end && (*c->p == '+' || *c->p == '-'))
		d->negative = *c->p++ == '-';
	d->digits = c->p;
	for (; c->p < c->end; c->p++) {
		if (is_digit(*c->p))
			digit = true;
		else if (*c->p == '.' && !point)
			point = true;
		else
			break;
	}
	d->n = (uint32_t)(c->p - d->digits);
	if (!digit || d->n > MAX_DIGITS)
		return false;
	if (c->p < c->end && upper(*c->p) == 'E') {
		bool minus = false;

		c->p++;
		if (c->p < c->end && (*c->p == '+' || *c->p == '-'))
			minus = *c->p++ == '-';
		if (c->p >= c->end || !is_digit(*c->p))
			return false;
		for (; c->p < c->end && is_digit(*c->p); c->p++)
			if (d->exponent < 1000)
				d->exponent = d->exponent * 10 + (*c->p - '0');
		if (minus)
			d->exponent = -d->exponent;
	}
	return true;
}

/*
 * The magnitude as b * 2**-shift. Returns the shift in bits; below the last
 * bit something may have been cut off, far beyond any digit that is kept.
 */
static int magnitude(const struct decimal *d, struct big *b)
{
	int exponent = d->exponent;
	unsigned shift;
	bool fraction = false;

	memset(b, 0, sizeof(*b));
	for (uint32_t i = 0; i < d->n; i++) {
		if (d->digits[i] == '.') {
			fraction = true;
			continue;
		}
		multiply(b, 10, (uint32_t)(d->digits[i] - '0'));
		exponent -= fraction;
	}
	for (; exponent > 0; exponent--)
		multiply(b, 10, 0);
	if (exponent == 0)
		return 0;
	shift = (unsigned)(-exponent) * 10 / 3 + GUARD_BITS;
	shift_left(b, shift);
	for (; exponent < 0; exponent++)
		divide(b, 10);
	return (int)shift;
}

/* b * 2**-shift rounded to an integer, into n bytes; true if it fits. */
static bool rounded(const struct big *b, int shift, uint8_t *out, unsigned n)
{
	unsigned carry = bit(b, shift - 1);
	bool fits = bit_length(b) - shift <= (int)n * 8;

	for (unsigned i = 0; i < n; i++) {
		unsigned byte = carry;

		for (unsigned k = 0; k < 8; k++)
			byte += (unsigned)bit(b, shift + (int)(i * 8 + k)) << k;
		out[n - 1 - i] = (uint8_t)byte;
		carry = byte >> 8;
	}
	return fits && !carry;
}

/* Does rounding b * 2**-shift make it 2**bits? */
static bool carried(const struct big *b, int shift, unsigned bits)
{
	if (!bit(b, shift - 1))
		return false;
	for (unsigned i = 0; i < bits; i++)
		if (!bit(b, shift + (int)i))
			return false;
	return true;
}

bool decimal_fixed(const struct decimal *d, int scale, unsigned bits, uint8_t out[8])
{
	struct big b;
	uint64_t v = 0;
	uint8_t bytes[9];
	int shift = magnitude(d, &b) - scale;
	bool fits;

	if (d->exponent > 90 || d->exponent < -90)
		return false;
	fits = rounded(&b, shift, bytes, sizeof(bytes)) && bytes[0] == 0;
	for (unsigned i = 1; i < sizeof(bytes); i++)
		v = v << 8 | bytes[i];
	if (v > (UINT64_C(1) << (bits - 1)) - !d->negative)
		fits = false;
	if (d->negative)
		v = 0 - v;
	for (unsigned i = 0; i < 8; i++)
		out[i] = (uint8_t)(v >> (56 - 8 * i));
	return fits;
}

/* Floor of n / 4, for a negative n too. */
static int quarter(int n)
{
	return n >= 0 ? n / 4 : -((3 - n) / 4);
}

/* Bits of the fraction in a number of that many bits. */
static unsigned fraction_bits(char type, unsigned bits)
{
	if (type != 'L' || bits <= 64)
		return bits > 8 ? bits - 8 : 0;
	return bits > 72 ? 56 + (bits - 72) : 56;
}

/* Move n bytes left by fewer than 8 bits. */
static void move_left(uint8_t *p, unsigned n, unsigned bits)
{
	for (unsigned i = 0; bits && i < n; i++)
		p[i] = (uint8_t)(p[i] << bits | (i + 1 < n ? p[i + 1] >> (8 - bits) : 0));
}

static void put_float(char type, unsigned bytes, bool negative, int characteristic,
		      const uint8_t *fraction, unsigned n, uint8_t *out)
{
	uint8_t sign = negative ? 0x80 : 0;
	unsigned high = n < 7 ? n : 7;

	memset(out, 0, bytes);
	out[0] = sign | (uint8_t)characteristic;
	memcpy(out + 1, fraction, high);
	if (type != 'L' || bytes <= 8)
		return;
	out[8] = sign | (uint8_t)((characteristic - 14) & 0x7F);
	if (n > 7)
		memcpy(out + 9, fraction + 7, n - 7);
}

/* The number in the leftmost bits of out. */
bool decimal_float(const struct decimal *d, char type, int scale, unsigned bits,
		   uint8_t out[16])
{
	struct big b;
	uint8_t fraction[16] = { 0 };
	unsigned wide = fraction_bits(type, bits), n = (wide + 7) / 8;
	int shift, exponent;

	memset(out, 0, 16);
	if (d->exponent > 90 || d->exponent < -100)
		return false;
	shift = magnitude(d, &b);
	if (bit_length(&b) == 0)
		return true;
	exponent = quarter(bit_length(&b) - shift + 3) + scale;
	rounded(&b, shift + 4 * exponent - (int)wide, fraction, 16);
	memmove(fraction, fraction + 16 - n, n);
	move_left(fraction, n, n * 8 - wide);
	if (carried(&b, shift + 4 * exponent - (int)wide, wide)) {
		memset(fraction, 0, sizeof(fraction));
		fraction[0] = 0x10;
		exponent++;
	}
	if (exponent < -64 || exponent > 63)
		return false;
	put_float(type, (bits + 7) / 8, d->negative, exponent + 64, fraction, n, out);
	return true;
}
