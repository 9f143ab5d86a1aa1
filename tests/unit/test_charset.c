#include <string.h>

#include "base/compiler.h"
#include "consoles/charset.h"
#include "consoles/datastream.h"
#include "tests/unit/runner.h"

/*
 * Whatever a set shows by a graphic escape comes back as the same code; tab
 * characters and orders.
 */
static const enum console_charset sets[] = { CONSOLE_APL, CONSOLE_TEXT };

START_TEST(what_is_shown_can_be_typed)
{
	const struct console_terminal t = { .charset = sets[_i] };
	bool theirs[256] = { false };
	unsigned escapes = 0;

	for (unsigned c = 0x06; c < 0xFF; c++) {
		uint8_t code = (uint8_t)c, back[2];
		struct bytebuf b = { 0 };

		charset_put(&b, &t, &code, 1);
		if (b.length == 2) {
			ck_assert_uint_eq(b.data[0], DS_GE);
			ck_assert_msg(b.data[1] >= 0x40, "%02X: bad code %02X", c,
				      b.data[1]);
			ck_assert_msg(!theirs[b.data[1]], "%02X twice", b.data[1]);
			theirs[b.data[1]] = true;
			memcpy(back, b.data, 2);
			ck_assert_uint_eq(charset_take(&t, back, 2), 1);
			ck_assert_msg(back[0] == c, "%02X comes back as %02X", c,
				      back[0]);
			escapes++;
		} else {
			ck_assert_uint_eq(b.length, 1);
			ck_assert_uint_eq(b.data[0], c < 0x40 ? 0x40 : c);
		}
		bytebuf_free(&b);
	}
	ck_assert_uint_eq(escapes, sets[_i] == CONSOLE_APL ? 116 : 65);
}
END_TEST

START_TEST(letters_and_digits_are_themselves)
{
	static const uint8_t text[] = "\xC1\xE9\x81\xA9\xF0\xF9\x40\x4B\x61";
	const struct console_terminal t = { .charset = sets[_i] };
	struct bytebuf b = { 0 };

	charset_put(&b, &t, text, 9);
	ck_assert_uint_eq(b.length, 9);
	ck_assert_mem_eq(b.data, text, 9);
	bytebuf_free(&b);
}
END_TEST

START_TEST(tab_characters)
{
	const struct console_terminal t = { .tabchar = 0x6A };
	uint8_t text[] = { 0xC1, 0x6A, 0xC2 };
	struct bytebuf b = { 0 };

	ck_assert_uint_eq(charset_take(&t, text, 3), 3);
	ck_assert_mem_eq(text, "\xC1\x05\xC2", 3);
	charset_put(&b, &t, text, 3);
	ck_assert_mem_eq(b.data, "\xC1\x6A\xC2", 3);
	bytebuf_free(&b);
}
END_TEST

START_TEST(an_escape_at_the_end_is_harmless)
{
	const struct console_terminal t = { 0 };
	uint8_t text[] = { 0xC1, DS_GE }, unknown[] = { DS_GE, 0x01 };

	ck_assert_uint_eq(charset_take(&t, text, 2), 2);
	ck_assert_uint_eq(charset_take(&t, unknown, 2), 1);
	ck_assert_uint_eq(unknown[0], 0x40);
}
END_TEST

static Suite *charset_suite(void)
{
	Suite *s = suite_create("character sets");
	TCase *tc = tcase_create("APL and TEXT");

	tcase_add_loop_test(tc, what_is_shown_can_be_typed, 0, ARRAY_SIZE(sets));
	tcase_add_loop_test(tc, letters_and_digits_are_themselves, 0, ARRAY_SIZE(sets));
	tcase_add_test(tc, tab_characters);
	tcase_add_test(tc, an_escape_at_the_end_is_harmless);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(charset_suite());
}
