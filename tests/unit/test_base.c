#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ebcdic.h"
#include "base/error.h"
#include "tests/unit/runner.h"

START_TEST(code_pages_are_permutations)
{
	static const char *const names[] = { "037", "bracket", "1047" };
	const struct codepage *cp = codepage_find(names[_i]);

	for (int c = 0; c < 256; c++)
		ck_assert_uint_eq(cp->to_ebcdic[cp->to_latin1[c]], c);
}
END_TEST

START_TEST(code_page_037_has_the_letters_of_vm)
{
	uint8_t out[8];

	ebcdic_from_latin1(&codepage_037, out, "Az09 #@", 7);
	ck_assert_mem_eq(out, "\xC1\xA9\xF0\xF9\x40\x7B\x7C", 7);
	ck_assert_uint_eq(codepage_037.to_ebcdic[0xA2], 0x4A); /* cent, VM's line delete */
	ck_assert_uint_eq(codepage_1047.to_ebcdic['['], 0xAD);
	ck_assert_uint_eq(codepage_037.to_ebcdic['['], 0xBA);
	ck_assert_uint_eq(codepage_bracket.to_ebcdic['['], 0xAD);
	ck_assert_uint_eq(codepage_bracket.to_ebcdic[0xA2], 0x4A);
	ck_assert_ptr_null(codepage_find("500"));
}
END_TEST

START_TEST(fields_are_big_endian)
{
	uint8_t b[8];

	put_be32(b, 0x01020304);
	put_be24(b + 4, 0xABCDEF);
	ck_assert_mem_eq(b, "\1\2\3\4\xAB\xCD\xEF", 7);
	ck_assert_uint_eq(be16(b + 1), 0x0203);
	ck_assert_uint_eq(be24(b + 4), 0xABCDEF);
}
END_TEST

START_TEST(manual_clock_moves_only_by_hand)
{
	struct manual_clock mc;

	manual_clock_init(&mc, 1000);
	ck_assert_uint_eq(mc.clock.sleep_ns(&mc.clock, 2000), CLOCK_NEVER);
	manual_clock_advance(&mc, 1000);
	ck_assert_uint_eq(clock_tod(&mc.clock), 2000);
	ck_assert_uint_eq(mc.clock.sleep_ns(&mc.clock, 2000), 0);
}
END_TEST

START_TEST(shifted_clock_runs_ahead_or_behind)
{
	struct shifted_clock behind;
	struct system_clock host;
	struct manual_clock mc;
	uint64_t ns;

	manual_clock_init(&mc, 1000);
	shifted_clock_init(&behind, &mc.clock, (uint64_t)-400);
	ck_assert_uint_eq(clock_tod(&behind.clock), 600);
	ck_assert_uint_eq(behind.clock.sleep_ns(&behind.clock, 600), 0);
	ck_assert_uint_eq(behind.clock.sleep_ns(&behind.clock, 601), CLOCK_NEVER);
	system_clock_init(&host);
	shifted_clock_init(&behind, &host.clock, (uint64_t)-500 * TOD_SECOND);
	ns = behind.clock.sleep_ns(&behind.clock, clock_tod(&behind.clock) + TOD_SECOND);
	ck_assert_uint_gt(ns, 500000000);
	ck_assert_uint_le(ns, 1000001000);
}
END_TEST

START_TEST(system_clock_knows_the_epoch)
{
	struct system_clock sc;
	uint64_t first, second;

	system_clock_init(&sc);
	first = clock_tod(&sc.clock);
	second = clock_tod(&sc.clock);
	ck_assert(second >= first);
	/* Between 2026 and 2040: the epoch constant is right. */
	ck_assert(first / TOD_SECOND > UINT64_C(126) * 365 * 86400);
	ck_assert(first / TOD_SECOND < UINT64_C(140) * 366 * 86400);
}
END_TEST

START_TEST(errors_gain_context_and_never_overflow)
{
	struct error err = { 0, "" };
	char longest[1000];

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	error_errno(&err, 2, "disk %s", "A");
	ck_assert_str_eq(err.text, "disk A: No such file or directory");
	error_prefix(&err, "IPL: ");
	ck_assert_str_eq(err.text, "IPL: disk A: No such file or directory");
	error_set(&err, 0, "%s", longest);
	error_prefix(&err, "%s", longest);
	ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
	error_set(NULL, 0, "nobody asks");
}
END_TEST

static Suite *base_suite(void)
{
	Suite *s = suite_create("base");
	TCase *tc = tcase_create("base");

	tcase_add_loop_test(tc, code_pages_are_permutations, 0, 3);
	tcase_add_test(tc, code_page_037_has_the_letters_of_vm);
	tcase_add_test(tc, fields_are_big_endian);
	tcase_add_test(tc, manual_clock_moves_only_by_hand);
	tcase_add_test(tc, shifted_clock_runs_ahead_or_behind);
	tcase_add_test(tc, system_clock_knows_the_epoch);
	tcase_add_test(tc, errors_gain_context_and_never_overflow);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(base_suite());
}
