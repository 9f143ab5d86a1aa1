/* Words and numbers of the monitor's commands. */
#include <check.h>
#include <string.h>

#include "base/compiler.h"
#include "s370/parse.h"
#include "tests/unit/runner.h"

static const struct number {
	const char *text;
	bool hex, ok;
	uint64_t max, value;
} numbers[] = {
	{ "0", true, true, 0xFF, 0 },
	{ "fF", true, true, 0xFF, 255 },
	{ "100", true, false, 0xFF, 0 },
	{ "", true, false, 0xFF, 0 },
	{ "1G", true, false, 0xFF, 0 },
	{ "FFFFFFFFFFFFFFFF", true, true, UINT64_MAX, UINT64_MAX },
	{ "10000000000000000", true, false, UINT64_MAX, 0 },
	{ "18446744073709551615", false, true, UINT64_MAX, UINT64_MAX },
	{ "18446744073709551616", false, false, UINT64_MAX, 0 },
	{ "-1", false, false, UINT64_MAX, 0 },
	{ "A", false, false, UINT64_MAX, 0 },
};

START_TEST(a_number)
{
	const struct number *n = &numbers[_i];
	uint64_t value = 4711;
	bool ok = n->hex ? word_hex(n->text, n->max, &value)
			 : word_decimal(n->text, n->max, &value);

	ck_assert_msg(ok == n->ok, "%s: %d", n->text, ok);
	ck_assert_msg(value == (n->ok ? n->value : 4711), "%s: wrong value", n->text);
}
END_TEST

static const struct size {
	const char *text;
	bool ok;
	uint64_t value;
} sizes[] = {
	{ "4096", true, 4096 },   { "16M", true, 16u << 20 },  { "64k", true, 65536 },
	{ "64M", true, 64u << 20 }, { "65M", false, 0 },       { "M", false, 0 },
	{ "", false, 0 },         { "16MB", false, 0 },        { "99999999999G", false, 0 },
};

START_TEST(a_size)
{
	const struct size *s = &sizes[_i];
	uint64_t value = 0;

	ck_assert_msg(word_size(s->text, 64u << 20, &value) == s->ok, "%s", s->text);
	ck_assert_msg(value == s->value, "%s: %llu", s->text, (unsigned long long)value);
}
END_TEST

static const struct range {
	const char *text;
	bool ok;
	uint32_t address, length;
} ranges[] = {
	{ "1000", true, 0x1000, 16 },    { "1000.20", true, 0x1000, 0x20 },
	{ "1000-100F", true, 0x1000, 16 }, { "1000-FFF", false, 0, 16 },
	{ "1000.", false, 0, 16 },       { ".20", false, 0, 16 },
	{ "1000.20.3", false, 0, 16 },   { "", false, 0, 16 },
};

START_TEST(a_range)
{
	const struct range *r = &ranges[_i];
	uint32_t address = 0, length = 16;

	ck_assert_msg(word_range(r->text, &address, &length) == r->ok, "%s", r->text);
	ck_assert_msg(!r->ok || (address == r->address && length == r->length), "%s", r->text);
}
END_TEST

START_TEST(bytes_ignore_blanks)
{
	uint8_t b[4];

	ck_assert_int_eq(word_bytes(" 01 2\t3 ", b, sizeof(b)), 2);
	ck_assert_mem_eq(b, "\x01\x23", 2);
	ck_assert_int_eq(word_bytes("012", b, sizeof(b)), -1);
	ck_assert_int_eq(word_bytes("0102030405", b, sizeof(b)), -1);
	ck_assert_int_eq(word_bytes("0x", b, sizeof(b)), -1);
	ck_assert_int_eq(word_bytes("", b, sizeof(b)), 0);
}
END_TEST

START_TEST(quotes_keep_blanks)
{
	char line[] = "  one \"two three\" four\n", open[] = "a \"b";
	char many[] = "a b c d";
	char *words[3];

	ck_assert_int_eq(word_split(line, words, 3), 3);
	ck_assert_str_eq(words[0], "one");
	ck_assert_str_eq(words[1], "two three");
	ck_assert_str_eq(words[2], "four");
	ck_assert_int_eq(word_split(open, words, 3), -1);
	ck_assert_int_eq(word_split(many, words, 3), -1);
}
END_TEST

START_TEST(zones)
{
	int64_t s = 0;

	ck_assert(word_zone("+0130", &s) && s == 5400);
	ck_assert(word_zone("-0500", &s) && s == -18000);
	ck_assert(!word_zone("0175", &s));
	ck_assert(!word_zone("--100", &s));
	ck_assert(!word_zone("", &s));
}
END_TEST

static Suite *words_suite(void)
{
	Suite *s = suite_create("words of s370");
	TCase *tc = tcase_create("words");

	tcase_add_loop_test(tc, a_number, 0, ARRAY_SIZE(numbers));
	tcase_add_loop_test(tc, a_size, 0, ARRAY_SIZE(sizes));
	tcase_add_loop_test(tc, a_range, 0, ARRAY_SIZE(ranges));
	tcase_add_test(tc, bytes_ignore_blanks);
	tcase_add_test(tc, quotes_keep_blanks);
	tcase_add_test(tc, zones);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(words_suite());
}
