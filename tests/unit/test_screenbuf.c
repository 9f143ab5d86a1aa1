#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "base/ebcdic.h"
#include "consoles/datastream.h"
#include "consoles/screenbuf.h"
#include "tests/unit/hex.h"
#include "tests/unit/runner.h"

static bool write_hex(struct screenbuf *s, const char *hex)
{
	uint8_t bytes[1000];
	size_t n = from_hex(hex, bytes);

	return screenbuf_write(s, bytes, n);
}

static void input_hex(struct screenbuf *s, const char *hex)
{
	uint8_t bytes[1000];
	struct ds_record r;

	ck_assert(ds_parse(&r, bytes, from_hex(hex, bytes)));
	screenbuf_input(s, &r);
}

/* n characters from position on, in ISO 8859-1. */
static const char *text(struct screenbuf *s, unsigned position, size_t n)
{
	static char out[200];

	ebcdic_to_latin1(&codepage_037, out, screenbuf_text(s) + position, n);
	out[n] = '\0';
	return out;
}

/* GA23-0059, chapter 3: orders. Streams in hexadecimal, screen of 24 x 80. */
/* clang-format off */
static const struct order_case {
	const char *what, *stream, *shown; /* the first 20 positions */
	bool ok;
	unsigned cursor;
} orders[] = {
	{ "text", "F5C3C1C2C3", "ABC                 ", true, 0 },
	{ "SBA, 12 bits", "F5C3114040C1114043C2", "A  B                ", true, 0 },
	{ "SBA, 14 bits", "F5C3110003C1", "   A                ", true, 0 },
	{ "SBA, 16 bits", "F5C3118003C1", "                    ", false, 0 },
	{ "SBA outside the screen", "F5C3117F7FC1", "                    ", false, 0 },
	{ "SBA cut off", "F5C3C11140", "A                   ", false, 0 },
	{ "SF", "F5C31DE8C11D40C2", " A B                ", true, 0 },
	{ "SF, not displayed", "F5C31D4CC11D40C2", "   B                ", true, 0 },
	{ "SF cut off", "F5C31D", "                    ", false, 0 },
	{ "SFE", "F5C32902C0E842F1C1", " A                  ", true, 0 },
	{ "SFE cut off", "F5C32902C0E842", "                    ", false, 0 },
	{ "IC", "F5C3114045131140C1C2", " B                  ", true, 5 },
	{ "RA", "F5C33C404AC1C2", "AAAAAAAAAAB         ", true, 0 },
	{ "RA with GE", "F5C33C404208C1", "AA                  ", true, 0 },
	{ "RA to the same address fills all", "F5C33C4040C1", "AAAAAAAAAAAAAAAAAAAA",
	  true, 0 },
	{ "RA outside", "F5C33C7F7FC1", "                    ", false, 0 },
	{ "EUA", "F5C3C1C2C31140401240C2", "  C                 ", true, 0 },
	{ "EUA spares protected fields", "F5C31D60C1C21D40C3C41140401240C8",
	  " AB                 ", true, 0 },
	{ "MF", "F5C31D40C11140402C01C04CC2", "                    ", true, 0 },
	{ "MF where no field starts", "F5C3C11140402C01C04C",
	  "A                   ", false, 0 },
	{ "SA takes no position", "F5C328F4F2C128000028", "A                   ", false,
	  0 },
	{ "SA", "F5C32842F2C1280000C2", "AB                  ", true, 0 },
	{ "GE", "F5C308C1C2", "AB                  ", true, 0 },
	{ "Write keeps", "F1C3C1", "A                   ", true, 0 },
	{ "command without WCC", "F5", "                    ", true, 0 },
	{ "nothing", "", "                    ", false, 0 },
	{ "CCW codes", "05C3C1C2", "AB                  ", true, 0 },
	{ "WSF: Outbound 3270DS, Write", "F300074000F1C3C1", "A                   ",
	  true, 0 },
	{ "WSF: length 0 is the rest", "F300004000F5C3C1C2", "AB                  ",
	  true, 0 },
	{ "WSF: too long", "F300FF4000F1C3C1", "                    ", false, 0 },
	{ "WSF in WSF", "F300074000F3C3C1", "                    ", false, 0 },
	{ "WSF: Query", "F3000501FF02", "                    ", true, 0 },
};
/* clang-format on */

START_TEST(order_does_what_it_should)
{
	const struct order_case *c = &orders[_i];
	struct screenbuf *s = screenbuf_new(24, 80);

	ck_assert_msg(write_hex(s, c->stream) == c->ok, "%s: %s", c->what,
		      c->ok ? "refused" : "taken");
	ck_assert_msg(strcmp(text(s, 0, 20), c->shown) == 0, "%s: \"%s\"", c->what,
		      text(s, 0, 20));
	ck_assert_msg(screenbuf_cursor(s) == c->cursor, "%s: cursor at %u", c->what,
		      screenbuf_cursor(s));
	screenbuf_free(s);
}
END_TEST

START_TEST(program_tab_goes_to_the_next_field)
{
	struct screenbuf *s = screenbuf_new(24, 80);

	ck_assert(write_hex(s, "F5C31D60C11D40C211404005C3"));
	ck_assert_str_eq(text(s, 0, 5), " A C ");
	screenbuf_free(s);
}
END_TEST

START_TEST(sizes_follow_the_commands)
{
	struct screenbuf *s = screenbuf_new(43, 80);

	ck_assert_uint_eq(screenbuf_rows(s), 24);
	ck_assert(write_hex(s, "7EC311F54FC1"));
	ck_assert_uint_eq(screenbuf_rows(s), 43);
	ck_assert(write_hex(s, "F5C3"));
	ck_assert_uint_eq(screenbuf_rows(s), 24);
	ck_assert(write_hex(s, "F300040380"));
	ck_assert_uint_eq(screenbuf_rows(s), 43);
	ck_assert(write_hex(s, "F300040300"));
	ck_assert_uint_eq(screenbuf_rows(s), 24);
	screenbuf_free(s);
}
END_TEST

START_TEST(erase_all_unprotected)
{
	struct screenbuf *s = screenbuf_new(24, 80);

	ck_assert(write_hex(s, "F5C31D60C11D41C2C31D60C4"));
	ck_assert(write_hex(s, "6F"));
	ck_assert_str_eq(text(s, 0, 8), " A    D ");
	ck_assert_uint_eq(screenbuf_cursor(s), 3);
	ck_assert_int_eq(screenbuf_cell(s, 2).attribute, 0);
	screenbuf_free(s);
}
END_TEST

START_TEST(typed_fields_enter_the_buffer)
{
	struct screenbuf *s = screenbuf_new(24, 80);

	ck_assert(write_hex(s, "F5C31D40C1C2C31D60"));
	input_hex(s, "7D404411404 1E7E8");
	input_hex(s, "7D4044114041E7E8");
	ck_assert_str_eq(text(s, 0, 6), " XY   ");
	ck_assert_uint_eq(screenbuf_cursor(s), 4);
	input_hex(s, "6C");
	ck_assert_str_eq(text(s, 0, 6), " XY   ");
	input_hex(s, "6D");
	ck_assert_str_eq(text(s, 0, 6), "      ");
	ck_assert_int_eq(screenbuf_cell(s, 0).attribute, -1);
	input_hex(s, "7D4040C1C2");
	ck_assert_str_eq(text(s, 0, 6), "AB    ");
	screenbuf_free(s);
}
END_TEST

/* ---- codes and records */

START_TEST(addresses_there_and_back)
{
	for (unsigned position = 0; position < 16384; position++) {
		struct bytebuf b = { 0 };

		ds_address(&b, position);
		ck_assert_uint_eq(b.length, 2);
		ck_assert_uint_eq(ds_position(b.data), position);
		bytebuf_free(&b);
	}
	ck_assert_uint_eq(ds_position((const uint8_t *)"\x5B\x5F"), 22 * 80 - 1);
	ck_assert_uint_eq(ds_position((const uint8_t *)"\x5D\x6B"), 24 * 80 - 21);
}
END_TEST

START_TEST(pf_keys_have_their_aids)
{
	static const uint8_t aids[] = { 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8,
					0xF9, 0x7A, 0x7B, 0x7C, 0xC1, 0xC2, 0xC3, 0xC4,
					0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0x4A, 0x4B, 0x4C };
	unsigned keys = 0;

	for (unsigned i = 0; i < 24; i++)
		ck_assert_uint_eq(ds_pf_number(aids[i]), i + 1);
	for (unsigned aid = 0; aid < 256; aid++)
		keys += ds_pf_number((uint8_t)aid) != 0;
	ck_assert_uint_eq(keys, 24);
}
END_TEST

/* clang-format off */
static const struct record_case {
	const char *what, *record;
	unsigned aid, cursor;
	const char *input;
} records[] = {
	{ "ENTER with a field", "7D5B60115B60C1C2", 0x7D, 22 * 80, "AB" },
	{ "ENTER, nothing modified", "7D5B60", 0x7D, 22 * 80, "" },
	{ "two fields", "7D4040114040C1114050C2", 0x7D, 0, "AB" },
	{ "unformatted", "7D4040C1C2C3", 0x7D, 0, "ABC" },
	{ "SBA cut off", "7D4040C11140", 0x7D, 0, "A" },
	{ "PA1, short", "6C", 0x6C, DS_NO_CURSOR, "" },
	{ "CLEAR, short", "6D", 0x6D, DS_NO_CURSOR, "" },
	{ "ENTER, cut off", "7D40", 0x7D, DS_NO_CURSOR, " " },
	{ "test request", "016C6102C1C2", 0x01, DS_NO_CURSOR, "AB" },
	{ "test request, cut off", "016C", 0x01, DS_NO_CURSOR, "%" },
};
/* clang-format on */

START_TEST(record_is_read)
{
	const struct record_case *c = &records[_i];
	uint8_t bytes[100], input[100];
	char ascii[101];
	struct ds_record r;
	size_t n;

	ck_assert(ds_parse(&r, bytes, from_hex(c->record, bytes)));
	n = ds_input(&r, input, sizeof(input));
	ebcdic_to_latin1(&codepage_037, ascii, input, n);
	ascii[n] = '\0';
	ck_assert_msg(r.aid == c->aid && r.cursor == c->cursor, "%s: AID %02X cursor %u",
		      c->what, r.aid, r.cursor);
	ck_assert_msg(strcmp(ascii, c->input) == 0, "%s: input %s", c->what, ascii);
}
END_TEST

/* clang-format off */
static const struct query_case {
	const char *what, *record;
	bool ok;
	unsigned rows, columns;
} queries[] = {
	{ "usable area cut off", "8800178181010000", false, 0, 0 },
	{ "usable area of 62 x 160", "88000C8181010000A0003E0000", true, 62, 160 },
	{ "implicit partition only", "88001181A600000B01000050001800500020", true, 32,
	  80 },
	{ "both", "88000C8181010000A0003E0000001181A600000B01000050001800500020", true,
	  62, 160 },
	{ "empty", "88", true, 0, 0 },
	{ "too long a field", "8800FF818101", false, 0, 0 },
	{ "short usable area tells nothing", "88000681810100", true, 0, 0 },
	{ "a byte left over", "8800068181010000", false, 0, 0 },
	{ "field of length 1", "880001FF00", false, 0, 0 },
	{ "partition parameter of length 0", "88000C81A60000000100005000", true, 0, 0 },
};
/* clang-format on */

START_TEST(query_reply_is_read)
{
	const struct query_case *c = &queries[_i];
	struct ds_capabilities caps;
	uint8_t bytes[200];
	struct ds_record r;

	ck_assert(ds_parse(&r, bytes, from_hex(c->record, bytes)));
	ck_assert_msg(ds_query_reply(&caps, &r) == c->ok, "%s", c->what);
	if (c->ok)
		ck_assert_msg(caps.rows == c->rows && caps.columns == c->columns,
			      "%s: %ux%u", c->what, caps.rows, caps.columns);
}
END_TEST

static Suite *screenbuf_suite(void)
{
	Suite *s = suite_create("screen buffer");
	TCase *tc = tcase_create("buffer");

	tcase_add_loop_test(tc, order_does_what_it_should, 0, (int)ARRAY_SIZE(orders));
	tcase_add_test(tc, program_tab_goes_to_the_next_field);
	tcase_add_test(tc, sizes_follow_the_commands);
	tcase_add_test(tc, erase_all_unprotected);
	tcase_add_test(tc, typed_fields_enter_the_buffer);
	suite_add_tcase(s, tc);
	tc = tcase_create("data stream");
	tcase_add_test(tc, addresses_there_and_back);
	tcase_add_test(tc, pf_keys_have_their_aids);
	tcase_add_loop_test(tc, record_is_read, 0, (int)ARRAY_SIZE(records));
	tcase_add_loop_test(tc, query_reply_is_read, 0, (int)ARRAY_SIZE(queries));
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(screenbuf_suite());
}
