/*
 * What goes over a line of a 2703, byte by byte and without a line: messages of BSC, and
 * the codes and lines of terminals.
 */
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "devices/line_bsc.h"
#include "devices/line_tty.h"
#include "tests/unit/hex.h"
#include "tests/unit/runner.h"

/* ---- BSC */

/* clang-format off */
static const struct receive_case {
	const char *what, *wire, *message;
	enum bsc_progress end;
	bool error_byte;
} receive_cases[] = {
	{ "bid", "32 32 2D", "2D", BSC_END, false },
	{ "ACK 0", "32 32 10 70", "10 70", BSC_END, false },
	{ "ACK 1", "10 61", "10 61", BSC_END, false },
	{ "WACK", "10 6B", "10 6B", BSC_END, false },
	{ "NAK", "32 3D", "3D", BSC_END, false },
	{ "EOT", "37", "37", BSC_END_EOT, false },
	{ "DLE EOT", "10 37", "10 37", BSC_END_EOT, false },
	{ "identification", "C1 C2 2D", "C1 C2 2D", BSC_END, false },
	{ "text", "02 C1 32 C2 03", "02 C1 C2 03", BSC_END, false },
	{ "heading", "01 C1 02 C2 26", "01 C1 02 C2 26", BSC_END, false },
	{ "EOT is a character of text", "02 37 03", "02 37 03", BSC_END, false },
	{ "text given up", "02 C1 2D", "02 C1 2D", BSC_END, false },
	{ "index byte", "02 C1 03", "02 C1 03 00", BSC_END, true },
	{ "index bytes", "02 C1 1F C2 26", "02 C1 1F 00 C2 26 00", BSC_END, true },
	{ "transparent", "10 02 03 10 10 26 10 03", "10 02 03 10 26 10 03", BSC_END,
	  false },
	{ "SYN in transparent text", "10 02 32 10 32 C1 10 26", "10 02 32 C1 10 26",
	  BSC_END, false },
	{ "transparent, index byte", "10 02 C1 10 03", "10 02 C1 10 03 00", BSC_END,
	  true },
	{ "transparent, then text", "10 02 C1 10 1F C2 03", "10 02 C1 10 1F C2 03",
	  BSC_END, false },
	{ "transparent, given up", "10 02 C1 10 2D", "10 02 C1 10 2D", BSC_END, false },
	{ "nothing", "32 32 32", "", BSC_MORE, false },
	{ "half a sequence", "10", "", BSC_MORE, false },
};
/* clang-format on */

START_TEST(received_messages)
{
	const struct receive_case *c = &receive_cases[_i];
	struct bsc_message *m = calloc(1, sizeof(*m));
	enum bsc_progress end = BSC_MORE;
	uint8_t wire[64], message[64];
	size_t n = from_hex(c->wire, wire), want = from_hex(c->message, message), i;

	for (i = 0; i < n && end == BSC_MORE; i++)
		end = bsc_receive(m, wire[i], c->error_byte);
	ck_assert_msg(i == n, "%s: ended after %zu bytes", c->what, i);
	ck_assert_msg(end == c->end, "%s: %d", c->what, end);
	ck_assert_msg(m->length == want, "%s: %zu bytes", c->what, m->length);
	ck_assert_msg(memcmp(m->data, message, want) == 0, "%s: other bytes", c->what);
	free(m);
}
END_TEST

START_TEST(a_message_without_end)
{
	struct bsc_message *m = calloc(1, sizeof(*m));
	enum bsc_progress end = bsc_receive(m, BSC_STX, true);

	for (size_t i = 0; i < BSC_MESSAGE_MAX - 1; i++) {
		ck_assert_int_eq(end, BSC_MORE);
		end = bsc_receive(m, 0xC1, true);
	}
	ck_assert_int_eq(bsc_receive(m, BSC_ETX, true), BSC_TOO_LONG);
	free(m);
}
END_TEST

/* clang-format off */
static const struct transmit_case {
	const char *what, *data, *wire;
	bool transparent;
} transmit_cases[] = {
	{ "text", "32 32 02 C1 03", "32 32 02 C1 03", false },
	{ "behind the end", "02 C1 26 C2 C3", "02 C1 26", false },
	{ "reply", "10 61", "10 61", false },
	{ "transparent", "10 02 C1 10 03 C2", "10 02 C1 10 10 03 C2", true },
	{ "end of transparent text", "10 03", "10 03", false },
	{ "DLE DLE STX is not transparent", "10 10 02 C1 03 C2", "10 10 02 C1 03",
	  false },
	{ "nothing", "", "", false },
};
/* clang-format on */

START_TEST(transmitted_data)
{
	const struct transmit_case *c = &transmit_cases[_i];
	uint8_t data[64], want[64], wire[128];
	size_t n = from_hex(c->data, data), wanted = from_hex(c->wire, want);
	bool transparent = !c->transparent;

	ck_assert_msg(bsc_transmit(data, n, wire, &transparent) == wanted, "%s: length",
		      c->what);
	ck_assert_msg(memcmp(wire, want, wanted) == 0, "%s: other bytes", c->what);
	ck_assert_msg(transparent == c->transparent, "%s: transparent", c->what);
}
END_TEST

/* ---- terminals */

/* clang-format off */
static const struct code_case {
	const char *what;
	struct tty_options o;
	char ascii;
	uint8_t code;
} code_cases[] = {
	/* GA24-3415 (2741), "Transmission Codes"; ASCII, mirrored, with even parity. */
	{ "TTY A", { 0 }, 'A', 0x82 },
	{ "TTY C", { 0 }, 'C', 0xC3 },
	{ "TTY return", { 0 }, '\r', 0xB1 },
	{ "TTY small a", { 0 }, 'a', 0x87 },
	{ "EBCD a", { .ibm = true, .code = TTY_EBCD }, 'a', 0x62 },
	{ "EBCD A", { .ibm = true, .code = TTY_EBCD }, 'A', 0xE2 },
	{ "EBCD 1", { .ibm = true, .code = TTY_EBCD }, '1', 0x02 },
	{ "EBCD 0", { .ibm = true, .code = TTY_EBCD }, '0', 0x15 },
	{ "EBCD space", { .ibm = true, .code = TTY_EBCD }, ' ', 0x01 },
	{ "EBCD new line", { .ibm = true, .code = TTY_EBCD }, '\r', 0x5B },
	{ "EBCD backspace", { .ibm = true, .code = TTY_EBCD }, '\b', 0x5D },
	{ "EBCD tab", { .ibm = true, .code = TTY_EBCD }, '\t', 0x7A },
	{ "EBCD (", { .ibm = true, .code = TTY_EBCD }, '(', 0x93 },
	{ "correspondence a", { .ibm = true, .code = TTY_CORRESPONDENCE }, 'a', 0x4F },
	{ "correspondence A", { .ibm = true, .code = TTY_CORRESPONDENCE }, 'A', 0xCF },
	{ "correspondence 4", { .ibm = true, .code = TTY_CORRESPONDENCE }, '4', 0x10 },
	{ "correspondence z", { .ibm = true, .code = TTY_CORRESPONDENCE }, 'z', 0x15 },
	{ "correspondence y", { .ibm = true, .code = TTY_CORRESPONDENCE }, 'y', 0x73 },
	{ "correspondence ?", { .ibm = true, .code = TTY_CORRESPONDENCE }, '?', 0xF0 },
	{ "correspondence @", { .ibm = true, .code = TTY_CORRESPONDENCE }, '@', 0x84 },
};
/* clang-format on */

START_TEST(codes_of_terminals)
{
	const struct code_case *c = &code_cases[_i];

	ck_assert_msg(tty_to_machine(&c->o, (uint8_t)c->ascii) == c->code, "%s: %02X",
		      c->what, (unsigned)tty_to_machine(&c->o, (uint8_t)c->ascii));
	ck_assert_msg(tty_from_machine(&c->o, c->code) == c->ascii, "%s: back", c->what);
}
END_TEST

START_TEST(codes_there_and_back)
{
	static const enum tty_code all[] = { TTY_ASCII, TTY_EBCD, TTY_CORRESPONDENCE };

	for (unsigned n = 0; n < 3; n++) {
		struct tty_options o = { .ibm = n > 0, .code = all[n] };

		for (int c = 0; c < 128; c++) {
			int code = tty_to_machine(&o, (uint8_t)c);

			if (code >= 0)
				ck_assert_int_eq(tty_from_machine(&o, (uint8_t)code), c);
			else /* a 2741 has all letters and digits */
				ck_assert(n && (c == 0 || !strchr("09azAZ", c)));
		}
	}
}
END_TEST

/* Type text; what came back, for the last byte that got an answer. */
static size_t type(struct tty *t, const char *text, size_t n,
		   uint8_t reply[TTY_REPLY_MAX])
{
	size_t replied = 0;

	for (size_t i = 0; i < n; i++) {
		size_t r = tty_receive(t, (uint8_t)text[i], reply);

		if (r)
			replied = r;
	}
	return replied;
}

#define TYPE(t, text, reply) type(t, text, sizeof(text) - 1, reply)

/* The first line as ASCII; it goes. */
static void expect_line(struct tty *t, const char *want)
{
	const uint8_t *line;
	char text[TTY_LINE_MAX + 1] = "";
	size_t n;

	ck_assert_msg(tty_line(t, &line, &n), "no line, not %s", want);
	for (size_t i = 0; i < n; i++)
		text[i] = (char)tty_from_machine(&t->options, line[i]);
	ck_assert_str_eq(text, want);
	tty_take(t, n);
}

START_TEST(a_line_of_a_telnet_client)
{
	struct tty t = { 0 };
	uint8_t reply[TTY_REPLY_MAX];

	ck_assert_uint_eq(TYPE(&t, "\377\375\001", reply), 3);
	ck_assert_mem_eq(reply, "\377\374\001", 3);
	ck_assert_uint_eq(TYPE(&t, "\377\373\037", reply), 3);
	ck_assert_mem_eq(reply, "\377\376\037", 3);
	ck_assert_uint_eq(TYPE(&t, "\377\372\030\001x\377\360ab\r\ncd\r\0e\r", reply), 0);
	expect_line(&t, "ab\r");
	expect_line(&t, "cd\r");
	expect_line(&t, "e\r");
	ck_assert_uint_eq(t.queued, 0);
}
END_TEST

START_TEST(a_break_empties_the_queue)
{
	struct tty t = { 0 };
	uint8_t reply[TTY_REPLY_MAX];

	TYPE(&t, "one\rtwo\rthr\377\364", reply);
	ck_assert(t.broken);
	ck_assert_uint_eq(t.queued, 0);
	TYPE(&t, "x\r", reply);
	expect_line(&t, "x\r");
}
END_TEST

START_TEST(options_of_a_terminal)
{
	struct tty t = {
		.options = {.upper = true,
			     .backspace = true,
			     .send_return = true,
			     .control_c = true,
			     .prepend = { 0x16 },
			     .prepend_count = 1,
			     .append = { 0x5B, 0x1F },
			     .append_count = 2,
			     .ibm = true,
			     .code = TTY_EBCD}
	};
	static const uint8_t want[] = { 0x16, 0xE2, 0x5B, 0x5B, 0x1F };
	uint8_t reply[TTY_REPLY_MAX];
	const uint8_t *line;
	size_t n;

	t.options.skip_in['x'] = true;
	ck_assert_uint_eq(TYPE(&t, "xbb\b\b\b\ba\r", reply), 1);
	ck_assert_uint_eq(reply[0], '\r');
	ck_assert(tty_line(&t, &line, &n));
	ck_assert_uint_eq(n, sizeof(want));
	ck_assert_mem_eq(line, want, n);
	TYPE(&t, "\003", reply);
	ck_assert(t.broken && t.queued == 0);
}
END_TEST

START_TEST(lines_too_long_and_too_many)
{
	struct tty t = { 0 };
	uint8_t reply[TTY_REPLY_MAX];
	const uint8_t *line;
	size_t n, lines = 0;

	for (int i = 0; i < 10000; i++)
		tty_receive(&t, 'a', reply);
	TYPE(&t, "\r", reply);
	ck_assert(tty_line(&t, &line, &n));
	ck_assert_uint_eq(n, TTY_LINE_MAX);
	ck_assert_uint_eq(line[n - 1], 0xB1);
	while (tty_has_room(&t)) {
		TYPE(&t, "\r", reply);
		lines++;
	}
	ck_assert_uint_gt(lines, 100);
	/* In parts, as short reads take it. */
	tty_take(&t, 500);
	ck_assert(tty_line(&t, &line, &n));
	ck_assert_uint_eq(n, 12);
	ck_assert_uint_eq(line[n - 1], 0xB1);
	tty_take(&t, 12);
	for (; lines; lines--)
		expect_line(&t, "\r");
	ck_assert_uint_eq(t.queued, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("line codes");
	TCase *bsc = tcase_create("BSC"), *tty = tcase_create("terminals");

	tcase_add_loop_test(bsc, received_messages, 0, ARRAY_SIZE(receive_cases));
	tcase_add_test(bsc, a_message_without_end);
	tcase_add_loop_test(bsc, transmitted_data, 0, ARRAY_SIZE(transmit_cases));
	suite_add_tcase(s, bsc);

	tcase_add_loop_test(tty, codes_of_terminals, 0, ARRAY_SIZE(code_cases));
	tcase_add_test(tty, codes_there_and_back);
	tcase_add_test(tty, a_line_of_a_telnet_client);
	tcase_add_test(tty, a_break_empties_the_queue);
	tcase_add_test(tty, options_of_a_terminal);
	tcase_add_test(tty, lines_too_long_and_too_many);
	suite_add_tcase(s, tty);
	return run_suite(s);
}
