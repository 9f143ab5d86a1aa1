/*
 * The decimal instructions: the arithmetic of cpu370/bcd.h by itself, each
 * condition code and interruption from a table worked out by hand, and random
 * operands against a model that goes digit by digit.
 */
#include <stdio.h>
#include <string.h>

#include "cpu370/bcd.h"
#include "tests/unit/hex.h"
#include "tests/unit/insn_rig.h"

/* ---- bcd.h */

/* n random digits, right-aligned. */
static uint128 random_digits(struct insn_rig *r, unsigned n)
{
	uint128 x = 0;

	while (n-- > 0)
		x = x << 4 | rig_below(r, 10);
	return x;
}

static uint128 random_number(struct insn_rig *r, unsigned max)
{
	return random_digits(r, rig_below(r, max + 1));
}

static uint128 slow_value(uint128 digits)
{
	uint128 value = 0;

	for (int shift = 124; shift >= 0; shift -= 4)
		value = value * 10 + ((unsigned)(digits >> shift) & 0xF);
	return value;
}

static uint128 slow_digits(uint128 value)
{
	uint128 digits = 0;

	for (unsigned shift = 0; shift < 128; shift += 4, value /= 10)
		digits |= value % 10 << shift;
	return digits;
}

START_TEST(arithmetic_agrees_with_values)
{
	struct insn_rig r = { .seed = 1234567 };

	for (int i = 0; i < 20000; i++) {
		uint128 a = random_number(&r, 31), b = random_number(&r, 31), c;
		uint64_t s = (uint64_t)random_number(&r, 15),
			 t = (uint64_t)random_number(&r, 15);

		ck_assert(bcd_add(a, b) == slow_digits(slow_value(a) + slow_value(b)));
		ck_assert(bcd_add64(s, t) == slow_digits(slow_value(s) + slow_value(t)));
		if (a < b)
			c = a, a = b, b = c;
		ck_assert(bcd_sub(a, b) == slow_digits(slow_value(a) - slow_value(b)));
		if (s < t)
			c = s, s = t, t = (uint64_t)c;
		ck_assert(bcd_sub64(s, t) == slow_digits(slow_value(s) - slow_value(t)));
	}
}
END_TEST

START_TEST(conversion_agrees_with_values)
{
	struct insn_rig r = { .seed = 7654321 };

	for (int i = 0; i < 20000; i++) {
		uint128 a = random_number(&r, 32);
		uint64_t s = (uint64_t)random_number(&r, 16);

		ck_assert(bcd_to_binary(a) == slow_value(a));
		ck_assert(bcd_from_binary(slow_value(a)) == a);
		ck_assert(bcd_to_binary64(s) == slow_value(s));
		ck_assert(bcd_from_binary64((uint64_t)slow_value(s)) == s);
	}
	ck_assert(bcd_from_binary64(9999999999999999) == 0x9999999999999999);
	ck_assert(bcd_to_binary64(0x9999999999999999) == 9999999999999999);
}
END_TEST

START_TEST(validity_is_of_every_digit_and_the_sign)
{
	for (unsigned place = 0; place < 32; place++)
		for (unsigned digit = 0; digit < 16; digit++) {
			uint128 raw = (uint128)digit << 4 * place;
			bool good = place ? digit <= 9 : digit > 9;

			raw |= place ? 0xC : 0;
			ck_assert_msg(raw_valid(raw) == good, "digit %X at %u", digit,
				      place);
			if (place < 16)
				ck_assert(raw_valid64((uint64_t)raw) == good);
		}
	for (unsigned sign = 10; sign < 16; sign++)
		ck_assert(raw_negative(sign | 0x50) == (sign == 0xB || sign == 0xD));
}
END_TEST

START_TEST(operands_are_whole_and_nothing_else_is_touched)
{
	for (unsigned n = 1; n <= 16; n++) {
		uint8_t bytes[18], copy[18];
		uint128 want = 0;

		for (unsigned i = 0; i < 18; i++)
			bytes[i] = (uint8_t)(0x11 * i + 7);
		for (unsigned i = 1; i <= n; i++)
			want = want << 8 | bytes[i];
		ck_assert(raw_load(bytes + 1, n) == want);
		memset(copy, 0xEE, sizeof(copy));
		raw_store(copy + 1, n, want);
		ck_assert_mem_eq(copy + 1, bytes + 1, n);
		ck_assert_uint_eq(copy[0], 0xEE);
		ck_assert_uint_eq(copy[n + 1], 0xEE);
	}
}
END_TEST

/* ---- by hand: one row for each thing the manual says */

#define KEPT 3 /* the cc before: an instruction that sets none leaves it */

struct table_case {
	const char *text;
	const char *code; /* opcode, lengths; then D1 = 0(2), D2 = 0(3) */
	const char *first, *second, *result;
	unsigned cc, pic, mask;
};

/* clang-format off */
static const struct table_case cases[] = {
	/* ADD DECIMAL */
	{ "AP positive",           "FA11", "099C", "002C", "101C", 2, 0, 0 },
	{ "AP negative",           "FA11", "001C", "002D", "001D", 1, 0, 0 },
	{ "AP zero is plus",       "FA11", "002D", "002C", "000C", 0, 0, 0 },
	{ "AP -0 and -0",          "FA11", "000D", "000D", "000C", 0, 0, 0 },
	{ "AP signs A-F",          "FA11", "005A", "003B", "002C", 2, 0, 0 },
	{ "AP sign F E",           "FA11", "005F", "003E", "008C", 2, 0, 0 },
	{ "AP shorter second",     "FA20", "99995C", "7D", "99988C", 2, 0, 0 },
	{ "AP longer second",      "FA12", "005C", "00007C", "012C", 2, 0, 0 },
	{ "AP carry lost",         "FA11", "999C", "002C", "001C", 3, 0, 0 },
	{ "AP carry lost, mask",   "FA11", "999C", "002C", "001C", 3, 10, 4 },
	{ "AP digits lost",        "FA12", "001C", "12345D", "344D", 3, 0, 0 },
	{ "AP lost, -0 stays",     "FA11", "999D", "001D", "000D", 3, 0, 0 },
	{ "AP lost, +0",           "FA11", "999C", "001C", "000C", 3, 0, 0 },
	{ "AP bad digit 1",        "FA11", "0A1C", "002C", "0A1C", KEPT, 7, 4 },
	{ "AP bad sign 1",         "FA11", "0019", "002C", "0019", KEPT, 7, 4 },
	{ "AP bad digit 2",        "FA11", "001C", "00BC", "001C", KEPT, 7, 4 },
	{ "AP bad sign 2",         "FA11", "001C", "0020", "001C", KEPT, 7, 4 },
	{ "AP 31 digits", "FAFF", "9999999999999999999999999999999C",
	  "0000000000000000000000000000001C", "0000000000000000000000000000000C", 3, 0, 0 },
	{ "AP 31 digits, borrow", "FAF0", "1000000000000000000000000000000C", "1D",
	  "0999999999999999999999999999999C", 2, 0, 0 },
	/* SUBTRACT DECIMAL */
	{ "SP to zero",            "FB11", "002D", "002D", "000C", 0, 0, 0 },
	{ "SP negative",           "FB11", "001C", "002C", "001D", 1, 0, 0 },
	{ "SP positive",           "FB11", "001C", "002D", "003C", 2, 0, 0 },
	{ "SP overflow",           "FB00", "9C", "9D", "8C", 3, 10, 4 },
	/* ZERO AND ADD */
	{ "ZAP positive",          "F831", "FFFFFFFF", "123F", "0000123C", 2, 0, 0 },
	{ "ZAP negative",          "F811", "FFFF", "123B", "123D", 1, 0, 0 },
	{ "ZAP -0 is plus",        "F811", "FFFF", "000D", "000C", 0, 0, 0 },
	{ "ZAP fits",              "F802", "FF", "00007D", "7D", 1, 0, 4 },
	{ "ZAP overflow, -0",      "F802", "FF", "00010D", "0D", 3, 0, 0 },
	{ "ZAP overflow, mask",    "F802", "FF", "00012C", "2C", 3, 10, 4 },
	{ "ZAP bad sign",          "F811", "1234", "1234", "1234", KEPT, 7, 0 },
	{ "ZAP bad lost digit",    "F802", "FF", "0A012C", "FF", KEPT, 7, 0 },
	/* COMPARE DECIMAL */
	{ "CP equal",              "F912", "012C", "00012F", "012C", 0, 0, 0 },
	{ "CP +0 and -0",          "F911", "000C", "000D", "000C", 0, 0, 0 },
	{ "CP low",                "F911", "012D", "001C", "012D", 1, 0, 0 },
	{ "CP both negative",      "F911", "012D", "013D", "012D", 2, 0, 0 },
	{ "CP high",               "F911", "013C", "012C", "013C", 2, 0, 0 },
	{ "CP longer second",      "F901", "9C", "010C", "9C", 1, 0, 4 },
	{ "CP bad sign",           "F911", "0123", "012C", "0123", KEPT, 7, 0 },
	/* MULTIPLY DECIMAL */
	{ "MP",                    "FC31", "0000025C", "004D", "0000100D", KEPT, 0, 0 },
	{ "MP -0",                 "FC31", "0000025D", "000C", "0000000D", KEPT, 0, 0 },
	{ "MP -0 times -",         "FC31", "0000000D", "004D", "0000000C", KEPT, 0, 0 },
	{ "MP largest",            "FC31", "0000999C", "999C", "0998001C", KEPT, 0, 0 },
	{ "MP too few zeros",      "FC31", "0001000C", "001C", "0001000C", KEPT, 7, 0 },
	{ "MP bad digit",          "FC31", "000001FC", "0F1C", "000001FC", KEPT, 7, 0 },
	{ "MP equal lengths",      "FC11", "000C", "000C", "000C", KEPT, 6, 0 },
	{ "MP second too long",    "FCF8", "0000000000000000000000000000001C",
	  "00000000000000001C", "0000000000000000000000000000001C", KEPT, 6, 0 },
	{ "MP longest", "FCF7", "0000000000000000999999999999999C", "999999999999999C",
	  "0999999999999998000000000000001C", KEPT, 0, 0 },
	/* DIVIDE DECIMAL */
	{ "DP",                    "FD41", "000012345D", "100C", "00123D045D", KEPT, 0, 0 },
	{ "DP signs",              "FD41", "000012345D", "100D", "00123C045D", KEPT, 0, 0 },
	{ "DP -0 of both",         "FD41", "000000000D", "100C", "00000D000D", KEPT, 0, 0 },
	{ "DP by zero",            "FD41", "000012345D", "000C", "000012345D", KEPT, 11, 0 },
	{ "DP just fits",          "FD30", "0099999C", "1C", "99999C0C", KEPT, 0, 0 },
	{ "DP quotient too long",  "FD30", "0100000C", "1C", "0100000C", KEPT, 11, 0 },
	{ "DP bad sign before zero", "FD30", "0000011C", "00", "0000011C", KEPT, 7, 0 },
	{ "DP equal lengths",      "FD11", "000C", "001C", "000C", KEPT, 6, 0 },
	{ "DP longest", "FDF7", "0999999999999998000000000000001C", "999999999999999C",
	  "999999999999999C000000000000000C", KEPT, 0, 0 },
	{ NULL, NULL, NULL, NULL, NULL, 0, 0, 0 },
};
/* clang-format on */

#define FIRST  0x2400u
#define SECOND 0x3000u

START_TEST(table_of_the_manual)
{
	struct insn_rig r;

	rig_init(&r);
	r.blocks = _i;
	for (const struct table_case *c = cases; c->text; c++) {
		uint8_t code[6] = { 0, 0, 0x20, 0, 0x30, 0 }, first[16], second[16],
			want[16];
		unsigned n1 = from_hex(c->first, first), n2 = from_hex(c->second, second);
		struct outcome o;

		from_hex(c->code, code);
		ck_assert_uint_eq(from_hex(c->result, want), n1);
		rig_store(&r, FIRST, first, n1);
		rig_store(&r, SECOND, second, n2);
		cpu370_set_gr(r.cpu, 2, FIRST);
		cpu370_set_gr(r.cpu, 3, SECOND);
		o = rig_run(&r, code, 6, KEPT, c->mask);
		rig_fetch(&r, FIRST, first, n1);
		ck_assert_msg(memcmp(first, want, n1) == 0, "%s: result", c->text);
		ck_assert_msg(o.pic == c->pic, "%s: interruption %u", c->text, o.pic);
		ck_assert_msg(o.cc == c->cc, "%s: cc %u", c->text, o.cc);
		ck_assert_msg(!o.pic || o.ilc == 6, "%s: ilc %u", c->text, o.ilc);
	}
	rig_free(&r);
}
END_TEST

struct srp_case {
	const char *text, *first, *result;
	unsigned shift, rounding, cc, pic, mask;
};

/* clang-format off */
static const struct srp_case srp_cases[] = {
	{ "left",                 "0000123C", "0123000C", 3, 0, 2, 0, 0 },
	{ "left, negative",       "0000123B", "0123000D", 3, 5, 1, 0, 0 },
	{ "left, overflow",       "0012345C", "2345000C", 3, 0, 3, 0, 0 },
	{ "left, overflow, mask", "0012345C", "2345000C", 3, 0, 3, 10, 4 },
	{ "left, overflow to -0", "1000000D", "0000000D", 1, 0, 3, 0, 0 },
	{ "left 31",              "0000000D", "0000000C", 31, 0, 0, 0, 4 },
	{ "left 31, overflow",    "0000001D", "0000000D", 31, 0, 3, 0, 0 },
	{ "none",                 "0000123F", "0000123C", 0, 5, 2, 0, 0 },
	{ "none, -0",             "0000000D", "0000000C", 0, 5, 0, 0, 0 },
	{ "right, not rounded",   "0012349C", "0001234C", 63, 0, 2, 0, 0 },
	{ "right, rounded",       "0012345C", "0001235C", 63, 5, 2, 0, 0 },
	{ "right, not quite",     "0012344D", "0001234D", 63, 5, 1, 0, 0 },
	{ "right, carry",         "9999995C", "1000000C", 63, 5, 2, 0, 0 },
	{ "right, carry of 9",    "0000991C", "0000100C", 63, 9, 2, 0, 0 },
	{ "right, two",           "0012350C", "0000124C", 62, 5, 2, 0, 0 },
	{ "right, to zero",       "0000004D", "0000000C", 63, 5, 0, 0, 0 },
	{ "right, 7, rounded",    "5000000D", "0000001D", 57, 5, 1, 0, 0 },
	{ "right, 32",            "9999999C", "0000000C", 32, 9, 0, 0, 0 },
	{ "bad rounding digit",   "0012345C", "0012345C", 1, 10, KEPT, 7, 0 },
	{ "bad digit, no shift",  "00A2345C", "00A2345C", 0, 0, KEPT, 7, 0 },
	{ "bad sign",             "00123456", "00123456", 1, 0, KEPT, 7, 0 },
	{ "bad digit, all lost",  "A000000C", "A000000C", 32, 0, KEPT, 7, 0 },
};
/* clang-format on */

START_TEST(shift_and_round)
{
	const struct srp_case *c = &srp_cases[_i / 2];
	uint8_t code[6] = { 0xF0, (uint8_t)(0x30 | c->rounding), 0x20, 0, 0x40, 0 };
	uint8_t first[4], want[4];
	struct insn_rig r;
	struct outcome o;

	rig_init(&r);
	r.blocks = _i % 2;
	from_hex(c->first, first);
	from_hex(c->result, want);
	rig_store(&r, FIRST, first, 4);
	cpu370_set_gr(r.cpu, 2, FIRST);
	cpu370_set_gr(r.cpu, 4, 0xFFFFFFC0 | c->shift); /* only six bits count */
	o = rig_run(&r, code, 6, KEPT, c->mask);
	rig_fetch(&r, FIRST, first, 4);
	ck_assert_msg(memcmp(first, want, 4) == 0, "%s: result", c->text);
	ck_assert_msg(o.pic == c->pic, "%s: interruption %u", c->text, o.pic);
	ck_assert_msg(o.cc == c->cc, "%s: cc %u", c->text, o.cc);
	rig_free(&r);
}
END_TEST

/* ---- EDIT */

struct edit_case {
	const char *text, *pattern, *source, *result;
	unsigned cc, pic;
	int mark; /* EDMK: offset of the marked byte, -1 none */
};

/* clang-format off */
static const struct edit_case edit_cases[] = {
	{ "digits, comma, point", "4020206B2020214B202040C3D9", "0257426C",
	  "4040F26BF5F7F44BF2F6404040", 2, 0, 2 },
	{ "start forces a zero", "4020206B2020214B202040C3D9", "0000026D",
	  "404040404040404BF2F640C3D9", 1, 0, -1 },
	{ "all zero", "402020202020", "00000C", "404040404040", 0, 0, -1 },
	{ "zero, start", "40202021202020", "0000000C", "40404040F0F0F0", 0, 0, -1 },
	{ "plus right of a digit with start", "402120", "0C0C", "404040", 0, 0, -1 },
	{ "minus leaves it on", "402020C3D9", "1D00", "40F1F0C3D9", 1, 0, 1 },
	{ "plus turns it off", "402020C3D9", "1C00", "40F1404040", 2, 0, 1 },
	{ "sign A E F", "40202020", "1A2E", "40F1F240", 2, 0, 2 },
	{ "sign B", "40202020", "1B2F", "40F1F240", 2, 0, 1 },
	{ "two fields", "4020202022202020", "123C045D", "40F1F2F34040F4F5", 1, 0, 6 },
	{ "second field zero", "402020204022202020", "123C000C", "40F1F2F34040404040", 0, 0, 1 },
	{ "separator last", "40202022", "12", "40F1F240", 0, 0, 1 },
	{ "fill is a selector", "202020", "105C", "F1F0F5", 2, 0, 0 },
	{ "fill is a start", "2120", "00", "21F0", 0, 0, -1 },
	{ "fill only", "5C", "FF", "5C", 0, 0, -1 },
	{ "message before", "5CC1C22020", "07", "5C5C5C5CF7", 1, 0, 4 },
	{ "bad first digit", "402020", "A0", "402020", KEPT, 7, -1 },
	{ "bad digit later", "40202020", "12F1", "40202020", KEPT, 7, -1 },
	{ "sign not examined", "4020", "1F", "40F1", 2, 0, 1 },
};
/* clang-format on */

START_TEST(edit_and_mark)
{
	const struct edit_case *c = &edit_cases[_i / 2];

	for (unsigned marking = 0; marking <= 1; marking++) {
		uint8_t code[6] = { (uint8_t)(0xDE + marking), 0, 0x20, 0, 0x30, 0 };
		uint8_t pattern[32], source[32], want[32];
		unsigned n = from_hex(c->pattern, pattern), gr1 = 0x99ABCDEF;
		struct insn_rig r;
		struct outcome o;

		rig_init(&r);
		r.blocks = _i % 2;
		code[1] = (uint8_t)(n - 1);
		ck_assert_uint_eq(from_hex(c->result, want), n);
		rig_store(&r, FIRST, pattern, n);
		rig_store(&r, SECOND, source, from_hex(c->source, source));
		cpu370_set_gr(r.cpu, 1, gr1);
		cpu370_set_gr(r.cpu, 2, FIRST);
		cpu370_set_gr(r.cpu, 3, SECOND);
		o = rig_run(&r, code, 6, KEPT, 15);
		rig_fetch(&r, FIRST, pattern, n);
		ck_assert_msg(memcmp(pattern, want, n) == 0, "%s: result", c->text);
		ck_assert_msg(o.pic == c->pic, "%s: interruption %u", c->text, o.pic);
		ck_assert_msg(o.cc == c->cc, "%s: cc %u", c->text, o.cc);
		if (marking && c->mark >= 0)
			gr1 = 0x99000000 | (FIRST + (unsigned)c->mark);
		ck_assert_msg(cpu370_gr(r.cpu, 1) == gr1, "%s: GR 1 %08X", c->text,
			      cpu370_gr(r.cpu, 1));
		rig_free(&r);
	}
}
END_TEST

/* ---- random operands against a model */

/* A number as people write it: digit[0] is the rightmost. */
struct number {
	unsigned digit[64];
	bool negative;
};

/* Returns false if a digit or the sign is invalid. */
static bool number_read(struct number *x, const uint8_t *bytes, unsigned n)
{
	bool good = true;
	unsigned sign = bytes[n - 1] & 15;

	memset(x, 0, sizeof(*x));
	for (unsigned i = 1; i < 2 * n; i++) {
		unsigned byte = bytes[n - 1 - i / 2];

		x->digit[i - 1] = i % 2 ? byte >> 4 : byte & 15;
		good &= x->digit[i - 1] < 10;
	}
	x->negative = sign == 11 || sign == 13;
	return good && sign > 9;
}

/* Returns false if nonzero digits did not fit. */
static bool number_write(const struct number *x, uint8_t *bytes, unsigned n)
{
	bool fits = true;

	memset(bytes, 0, n);
	bytes[n - 1] = x->negative ? 0xD : 0xC;
	for (unsigned i = 0; i < 64; i++)
		if (i < 2 * n - 1)
			bytes[n - 1 - (i + 1) / 2] |=
				(uint8_t)(x->digit[i] << (i % 2 ? 0 : 4));
		else
			fits &= x->digit[i] == 0;
	return fits;
}

static int number_compare(const struct number *x, const struct number *y)
{
	for (int i = 63; i >= 0; i--)
		if (x->digit[i] != y->digit[i])
			return x->digit[i] < y->digit[i] ? -1 : 1;
	return 0;
}

static bool number_zero(const struct number *x)
{
	static const struct number zero;

	return number_compare(x, &zero) == 0;
}

/* x += y, or x -= y which is not greater. */
static void number_add(struct number *x, const struct number *y, bool subtract)
{
	int carry = 0;

	for (unsigned i = 0; i < 64; i++) {
		int d = (int)x->digit[i] + carry + (int)y->digit[i] * (subtract ? -1 : 1);

		carry = d < 0 ? -1 : d / 10;
		x->digit[i] = (unsigned)(d - 10 * carry);
	}
}

static void number_shift(struct number *x, int places)
{
	struct number old = *x;

	for (int i = 0; i < 64; i++) {
		int from = i - places;

		x->digit[i] = from >= 0 && from < 64 ? old.digit[from] : 0;
	}
}

static void number_sum(struct number *x, const struct number *y)
{
	struct number old = *x;

	if (x->negative == y->negative) {
		number_add(x, y, false);
	} else if (number_compare(x, y) >= 0) {
		number_add(x, y, true);
	} else {
		*x = *y;
		number_add(x, &old, true);
	}
}

static struct number number_product(const struct number *x, const struct number *y)
{
	struct number z = { .negative = x->negative != y->negative };

	for (int i = 63; i >= 0; i--) {
		number_shift(&z, 1);
		for (unsigned k = 0; k < y->digit[i]; k++)
			number_add(&z, x, false);
	}
	return z;
}

/* Quotient; x becomes the remainder. */
static struct number number_quotient(struct number *x, const struct number *y)
{
	struct number q = { .negative = x->negative != y->negative };

	for (int i = 31; i >= 0; i--) {
		struct number part = *y;

		number_shift(&part, i);
		while (number_compare(x, &part) >= 0) {
			number_add(x, &part, true);
			q.digit[i]++;
		}
	}
	return q;
}

struct model {
	uint8_t op;
	unsigned n1, n2, shift, rounding; /* n2: bytes */
	bool improper;			  /* overlap */
	uint8_t first[16], second[16];
	struct outcome want;
};

static void model_result(struct model *m, struct number *x, bool lost)
{
	static const struct number zero;

	lost |= !number_write(x, m->first, m->n1);
	if (!lost && number_zero(x))
		number_write(&zero, m->first, m->n1);
	m->want.cc = lost ? 3 : number_zero(x) ? 0 : x->negative ? 1 : 2;
	m->want.pic = lost ? PIC_DECIMAL_OVERFLOW : 0;
}

static void model_multiply(struct model *m, struct number *x, const struct number *y)
{
	struct number product = number_product(x, y);

	for (unsigned i = 0; i < m->n2; i++)
		if (m->first[i] != 0) {
			m->want.pic = PIC_DATA;
			return;
		}
	number_write(&product, m->first, m->n1);
}

static void model_divide(struct model *m, struct number *x, const struct number *y)
{
	struct number q;
	uint8_t result[16];

	m->want.pic = PIC_DECIMAL_DIVIDE;
	if (number_zero(y))
		return;
	q = number_quotient(x, y);
	if (!number_write(&q, result, m->n1 - m->n2))
		return;
	number_write(x, result + m->n1 - m->n2, m->n2);
	memcpy(m->first, result, m->n1);
	m->want.pic = 0;
}

static void model_shift(struct model *m, struct number *x)
{
	struct number rounding = { .digit = { m->rounding } };
	bool lost = false;

	if (m->shift >= 32) {
		number_shift(x, 1 - (int)(64 - m->shift));
		number_add(x, &rounding, false);
		number_shift(x, -1);
	} else {
		for (unsigned i = 0; i < m->shift; i++) {
			lost |= x->digit[2 * m->n1 - 2] != 0;
			number_shift(x, 1);
			x->digit[2 * m->n1 - 1] = 0;
		}
	}
	model_result(m, x, lost);
}

static void model_run(struct model *m)
{
	bool product = m->op == 0xFC || m->op == 0xFD, srp = m->op == 0xF0;
	bool good1, good2;
	struct number x, y;

	m->want = (struct outcome){ .cc = KEPT };
	if (product && (m->n2 > 8 || m->n2 >= m->n1)) {
		m->want.pic = PIC_SPECIFICATION;
		return;
	}
	good1 = number_read(&x, m->first, m->n1) || m->op == 0xF8;
	good2 = srp ? m->rounding < 10 : number_read(&y, m->second, m->n2);
	if (!good1 || !good2 || m->improper) {
		m->want.pic = PIC_DATA;
		return;
	}
	if (m->op == 0xF9 || m->op == 0xFB)
		y.negative = !y.negative;
	if (m->op == 0xFC) {
		model_multiply(m, &x, &y);
	} else if (m->op == 0xFD) {
		model_divide(m, &x, &y);
	} else if (srp) {
		model_shift(m, &x);
	} else if (m->op == 0xF8) {
		model_result(m, &y, false);
	} else if (m->op == 0xF9) {
		number_sum(&x, &y);
		m->want.cc = number_zero(&x) ? 0 : x.negative ? 1 : 2;
	} else {
		number_sum(&x, &y);
		model_result(m, &x, false);
	}
}

static void random_operand(struct insn_rig *r, uint8_t *bytes, unsigned n)
{
	uint128 raw = random_number(r, 2 * n - 1) << 4 | (10 + rig_below(r, 6));

	if (rig_below(r, 40) == 0)
		raw ^= (uint128)8 << 4 * rig_below(r, 2 * n);
	raw_store(bytes, n, raw);
}

/* Put the second operand where it may overlap the first, and see whether it does. */
static uint32_t overlapping(struct insn_rig *r, struct model *m, uint32_t first)
{
	int distance = (int)rig_below(r, 33) - 16; /* of the last bytes */
	bool apart = distance >= (int)m->n2 || -distance >= (int)m->n1;

	if (rig_below(r, 3) == 0)
		distance = 0;
	if (m->op == 0xF8)
		m->improper = distance > 0 && distance < (int)m->n2;
	else
		m->improper = distance != 0 && !apart;
	return (uint32_t)((int)(first + m->n1 - m->n2) + distance);
}

static void random_case(struct insn_rig *r, uint8_t op)
{
	struct model m = { .op = op,
			   .n1 = 1 + rig_below(r, 16),
			   .n2 = 1 + rig_below(r, 16),
			   .shift = rig_below(r, 64),
			   .rounding = rig_below(r, 11) };
	uint8_t code[6] = { op, 0, 0x20, 0, 0x30, 0 }, got[16];
	uint32_t first = FIRST, second = SECOND;
	struct outcome o;

	r->blocks = rig_below(r, 4) != 0;
	if (rig_below(r, 2)) /* in the frame of the instruction */
		first = r->next + 64 + rig_below(r, 16);
	if (rig_below(r, 2) && (op == 0xFC || op == 0xFD))
		m.n2 = 1 + m.n2 % 8, m.n1 = 16 - m.n1 % 6;
	random_operand(r, m.first, m.n1);
	random_operand(r, m.second, m.n2);
	if (op != 0xF0 && rig_below(r, op == 0xF8 ? 2 : 8) == 0)
		second = overlapping(r, &m, first);
	rig_store(r, second, m.second, m.n2);
	rig_store(r, first, m.first, m.n1);
	if (op == 0xF8) /* its first operand may be anything */
		rig_store(r, second, m.second, m.n2);
	rig_fetch(r, first, m.first, m.n1);
	rig_fetch(r, second, m.second, m.n2);
	code[1] = (uint8_t)((m.n1 - 1) << 4 | (op == 0xF0 ? m.rounding : m.n2 - 1));
	cpu370_set_gr(r->cpu, 2, first);
	cpu370_set_gr(r->cpu, 3, op == 0xF0 ? m.shift : second);
	model_run(&m);
	o = rig_run(r, code, 6, KEPT, 4);
	rig_fetch(r, first, got, m.n1);
	ck_assert_msg(o.pic == m.want.pic && o.cc == m.want.cc,
		      "%02X%02X: %u %u, not %u %u", op, code[1], o.pic, o.cc, m.want.pic,
		      m.want.cc);
	ck_assert_msg(memcmp(got, m.first, m.n1) == 0, "%02X%02X: result", op, code[1]);
}

START_TEST(random_operands_agree_with_the_model)
{
	static const uint8_t ops[] = { 0xF0, 0xF8, 0xF9, 0xFA, 0xFB, 0xFC, 0xFD };
	struct insn_rig r;

	rig_init(&r);
	for (int i = 0; i < 40000; i++)
		random_case(&r, ops[rig_below(&r, sizeof(ops))]);
	rig_free(&r);
}
END_TEST

/* ---- access */

/* Operands across a boundary of two 2K blocks, one of them protected. */
START_TEST(nothing_is_stored_if_a_byte_is_protected)
{
	static const uint8_t ops[] = { 0xF0, 0xF8, 0xFA, 0xFB, 0xFC, 0xFD };
	struct insn_rig r;

	rig_init(&r);
	storage_set_key(r.st, 0x4000, 0x10);
	storage_set_key(r.st, 0x4800, 0x20);
	cpu370_set_gr(r.cpu, 2, 0x47FE);
	cpu370_set_gr(r.cpu, 3, SECOND);
	storage_set_key(r.st, RIG_CODE, 0x10);
	for (unsigned i = 0; i < sizeof(ops); i++) {
		static const uint8_t packed[4] = { 0x00, 0x00, 0x12, 0x3C };
		uint8_t code[6] = { ops[i], 0x31, 0x20, 0, 0x30, 0 }, got[4], old[8];

		rig_store(&r, 0x47FE, packed, 4);
		rig_store(&r, SECOND, packed + 2, 2);
		rig_store(&r, RIG_CODE, code, 6);
		cpu370_set_psw(r.cpu, UINT64_C(0x0010000000000000) | RIG_CODE);
		cpu370_run(r.cpu, _i ? 1000 : 1);
		rig_fetch(&r, 0x28, old, 8);
		ck_assert_msg(be16(old + 2) == PIC_PROTECTION, "%02X", ops[i]);
		rig_fetch(&r, 0x47FE, got, 4);
		ck_assert_msg(memcmp(got, packed, 4) == 0, "%02X: stored", ops[i]);
	}
	rig_free(&r);
}
END_TEST

/* The same operands across a boundary, with the right to store. */
START_TEST(operands_may_lie_in_two_blocks)
{
	static const uint8_t code[6] = { 0xFA, 0x22, 0x20, 0, 0x30, 0 };
	struct insn_rig r;

	rig_init(&r);
	for (unsigned i = 0; i < 4; i++) {
		uint8_t got[3];

		r.blocks = _i;
		rig_store(&r, 0x4800 - i, "\x12\x34\x5C", 3);
		rig_store(&r, 0x3800 - i, "\x11\x11\x1D", 3);
		cpu370_set_gr(r.cpu, 2, 0x4800 - i);
		cpu370_set_gr(r.cpu, 3, 0x3800 - i);
		ck_assert_uint_eq(rig_run(&r, code, 6, 0, 0).cc, 2);
		rig_fetch(&r, 0x4800 - i, got, 3);
		ck_assert_mem_eq(got, "\x01\x23\x4C", 3);
	}
	rig_free(&r);
}
END_TEST

/* An AP that changes the instruction behind it: LR 5,12 becomes LR 6,12. */
START_TEST(results_may_be_instructions)
{
	static const uint8_t code[10] = { 0xFA, 0x10, 0x20, 0,	  0x30,
					  0,	0x18, 0x5C, 0x0A, 0 };
	struct insn_rig r;

	rig_init(&r);
	for (int i = 0; i < 50; i++) {
		rig_store(&r, RIG_CODE, code, sizeof(code));
		rig_store(&r, SECOND, "\x1C", 1);
		cpu370_set_gr(r.cpu, 2, RIG_CODE + 6);
		cpu370_set_gr(r.cpu, 3, SECOND);
		cpu370_set_gr(r.cpu, 5, 0);
		cpu370_set_gr(r.cpu, 6, 0);
		cpu370_set_gr(r.cpu, 12, 12);
		cpu370_set_psw(r.cpu, RIG_CODE);
		ck_assert_int_eq(cpu370_run(r.cpu, 2), CPU_EXIT_BUDGET);
		ck_assert_uint_eq(cpu370_gr(r.cpu, 6), 12); /* 185C + 1 = 186C */
	}
	rig_free(&r);
}
END_TEST

static Suite *decimal_suite(void)
{
	Suite *s = suite_create("decimal");
	TCase *tc = tcase_create("decimal");

	tcase_add_test(tc, arithmetic_agrees_with_values);
	tcase_add_test(tc, conversion_agrees_with_values);
	tcase_add_test(tc, validity_is_of_every_digit_and_the_sign);
	tcase_add_test(tc, operands_are_whole_and_nothing_else_is_touched);
	tcase_add_loop_test(tc, table_of_the_manual, 0, 2);
	tcase_add_loop_test(tc, shift_and_round, 0,
			    2 * (int)(sizeof(srp_cases) / sizeof(srp_cases[0])));
	tcase_add_loop_test(tc, edit_and_mark, 0,
			    2 * (int)(sizeof(edit_cases) / sizeof(edit_cases[0])));
	tcase_add_test(tc, random_operands_agree_with_the_model);
	tcase_add_loop_test(tc, nothing_is_stored_if_a_byte_is_protected, 0, 2);
	tcase_add_loop_test(tc, operands_may_lie_in_two_blocks, 0, 2);
	tcase_add_test(tc, results_may_be_instructions);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(decimal_suite());
}
