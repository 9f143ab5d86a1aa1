#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "consoles/bytebuf.h"
#include "consoles/nvt.h"
#include "tests/unit/runner.h"

/* A typewriter and an owner who writes down what he is told. */
struct bench {
	struct nvt *t;
	struct bytebuf paper;
	char log[2000];
	bool dirty, hidden;
	unsigned refusals; /* so many lines are not accepted */
};

static void note(struct bench *b, const char *text)
{
	snprintf(b->log + strlen(b->log), sizeof(b->log) - strlen(b->log), "%s ", text);
}

static void got_send(void *arg, const uint8_t *bytes, size_t n)
{
	bytebuf_put(&((struct bench *)arg)->paper, bytes, n);
}

static void got_hide(void *arg, bool hide)
{
	((struct bench *)arg)->hidden = hide;
}

static void got_dirty(void *arg)
{
	((struct bench *)arg)->dirty = true;
}

static void got_timer(void *arg, unsigned milliseconds)
{
	(void)milliseconds;
	note(arg, "timer");
}

static void got_logo_key(void *arg)
{
	note(arg, "logo_key");
}

static enum console_taken got_line(void *arg, const uint8_t *text, size_t length)
{
	struct bench *b = arg;
	char ascii[CONSOLE_INPUT_MAX + 1], line[CONSOLE_INPUT_MAX + 10];

	ebcdic_to_latin1(&codepage_037, ascii, text, length);
	ascii[length] = '\0';
	snprintf(line, sizeof(line), "line(%s)", ascii);
	note(b, line);
	if (!b->refusals)
		return CONSOLE_ACCEPTED;
	b->refusals--;
	return CONSOLE_NOT_ACCEPTED;
}

static void got_key(void *arg, enum console_key key)
{
	note(arg, key == CONSOLE_KEY_PA1 ? "pa1" : "enter");
}

static void got_drained(void *arg)
{
	note(arg, "drained");
}

static const struct nvt_events events = {
	got_send,     got_hide, got_dirty, got_timer,
	got_logo_key, got_line, got_key,   got_drained,
};

static void begin(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	b->t = nvt_new(&events, b, 3000);
}

static void settle(struct bench *b)
{
	while (b->dirty) {
		b->dirty = false;
		nvt_flush(b->t, 1 << 20);
	}
}

static void type(struct bench *b, const char *text)
{
	nvt_input(b->t, (const uint8_t *)text, strlen(text));
	settle(b);
}

static void write_text(struct bench *b, const char *text, unsigned flags)
{
	uint8_t line[600];
	size_t n = strlen(text);

	ebcdic_from_latin1(&codepage_037, line, text, n);
	nvt_write(b->t, line, n, flags);
	settle(b);
}

static void expect_paper(struct bench *b, const char *want)
{
	bytebuf_put1(&b->paper, 0);
	ck_assert_str_eq((const char *)b->paper.data, want);
	b->paper.length = 0;
}

static void end(struct bench *b)
{
	nvt_free(b->t);
	bytebuf_free(&b->paper);
}

/* clang-format off */
static const struct input_case {
	const char *what, *typed, *log;
} inputs[] = {
	{ "CR LF", "abc\r\n", "line(abc) " },
	{ "LF", "abc\n", "line(abc) " },
	{ "CR", "abc\r", "line(abc) " },
	{ "CR, then a line", "abc\rdef\r", "line(abc) line(def) " },
	{ "empty lines", "\r\n\n", "enter enter " },
	{ "backspace", "ab\bc\177\177d\n", "line(d) " },
	{ "backspace at the start", "\b\177a\n", "line(a) " },
	{ "control-U", "abc\025d\n", "line(d) " },
	{ "control-C", "abc\003d\n", "pa1 line(d) " },
	{ "ESC alone", "abc\033", "pa1 " },
	{ "ESC and a letter", "\033d\n", "pa1 line(d) " },
	{ "arrow key", "a\033[Db\n", "line(ab) " },
	{ "function key", "a\033OPb\n", "line(ab) " },
	{ "key with numbers", "a\033[15~b\n", "line(ab) " },
	{ "UTF-8", "\302\254\n", "line(\254) " },
	{ "ISO 8859-1", "\254\n", "line(\254) " },
	{ "UTF-8 that EBCDIC has not", "\342\202\254\n", "line(?) " },
	{ "UTF-8 cut off", "\342\202a\n", "line(a) " },
	{ "controls are dropped", "a\001\002b\n", "line(ab) " },
};
/* clang-format on */

START_TEST(input_is_edited)
{
	const struct input_case *c = &inputs[_i];
	struct bench b;

	begin(&b);
	type(&b, c->typed);
	ck_assert_msg(strcmp(b.log, c->log) == 0, "%s: %s", c->what, b.log);
	end(&b);
}
END_TEST

START_TEST(input_byte_by_byte_is_the_same)
{
	const struct input_case *c = &inputs[_i];
	struct bench b;

	if (strchr(c->typed, 033)) /* ESC alone is told by what comes with it */
		return;
	begin(&b);
	for (const char *s = c->typed; *s; s++) {
		nvt_input(b.t, (const uint8_t *)s, 1);
		settle(&b);
	}
	ck_assert_msg(strcmp(b.log, c->log) == 0, "%s: %s", c->what, b.log);
	end(&b);
}
END_TEST

START_TEST(output_is_typed)
{
	struct bench b;

	begin(&b);
	write_text(&b, "hello", 0);
	write_text(&b, "no ", CONSOLE_NO_NEWLINE);
	write_text(&b, "newline", 0);
	write_text(&b, "", 0);
	write_text(&b, "ding", CONSOLE_ALARM);
	expect_paper(&b, "hello\r\nno newline\r\n\r\n\ading\r\n");
	end(&b);
}
END_TEST

START_TEST(nothing_drives_the_terminal)
{
	static const uint8_t nasty[] = { 0x27, 0xAD, 0xC1, 0x00, 0xFF, 0x22, 0x0D, 0xC2 };
	struct bench b;

	begin(&b);
	nvt_write(b.t, nasty, sizeof(nasty), 0);
	settle(&b);
	for (size_t i = 0; i + 2 < b.paper.length; i++)
		ck_assert_msg(b.paper.data[i] >= 0x20, "control %02X", b.paper.data[i]);
	end(&b);
}
END_TEST

START_TEST(long_lines_are_cut)
{
	struct bench b;

	begin(&b);
	nvt_set_linesize(b.t, 4);
	write_text(&b, "abcdefgh", 0);
	write_text(&b, "ij", 0);
	expect_paper(&b, "abcd\r\nefgh\r\nij\r\n");
	end(&b);
}
END_TEST

START_TEST(lines_are_cut_at_the_window)
{
	struct bench b;

	begin(&b);
	nvt_set_window(b.t, 20);
	write_text(&b, "abcdefghijklmnopqrstuvwxyz", 0);
	nvt_set_window(b.t, 3); /* not believed */
	write_text(&b, "abcdef", 0);
	expect_paper(&b, "abcdefghijklmnopqrst\r\nuvwxyz\r\nabcdef\r\n");
	end(&b);
}
END_TEST

START_TEST(attention_is_answered)
{
	struct bench b;

	begin(&b);
	type(&b, "half");
	nvt_attention(b.t);
	settle(&b);
	type(&b, "x\n");
	ck_assert_str_eq(b.log, "pa1 line(x) ");
	expect_paper(&b, "!\r\n");
	end(&b);
}
END_TEST

START_TEST(passwords_are_hidden)
{
	struct bench b;

	begin(&b);
	nvt_set_status(b.t, CONSOLE_CP_READ, true);
	settle(&b);
	ck_assert(b.hidden);
	type(&b, "secret\r\n");
	expect_paper(&b, "\r\n"); /* the line's end, which nobody echoes */
	nvt_set_status(b.t, CONSOLE_RUNNING, false);
	settle(&b);
	ck_assert(!b.hidden);
	end(&b);
}
END_TEST

START_TEST(lines_wait_until_they_are_taken)
{
	struct bench b;

	begin(&b);
	b.refusals = 1;
	type(&b, "one\ntwo\n");
	ck_assert_str_eq(b.log, "line(one) timer ");
	write_text(&b, "busy", 0);
	ck_assert_str_eq(b.log, "line(one) timer ");
	nvt_set_status(b.t, CONSOLE_VM_READ, false);
	settle(&b);
	ck_assert_str_eq(b.log, "line(one) timer line(one) line(two) ");
	end(&b);
}
END_TEST

START_TEST(lines_are_tried_again_in_time)
{
	struct bench b;

	begin(&b);
	b.refusals = 1;
	type(&b, "one\n");
	nvt_timeout(b.t);
	settle(&b);
	ck_assert_str_eq(b.log, "line(one) timer line(one) ");
	end(&b);
}
END_TEST

START_TEST(too_many_lines_ring_the_bell)
{
	struct bench b;

	begin(&b);
	b.refusals = 1;
	type(&b, "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n");
	expect_paper(&b, "");
	type(&b, "17\n");
	expect_paper(&b, "\a");
	end(&b);
}
END_TEST

START_TEST(logo_and_first_line)
{
	static const char *const art[] = { "\xC1" };
	struct bench b;

	begin(&b);
	nvt_logo(b.t, "\xD6\xD5", art, 1);
	settle(&b);
	expect_paper(&b, "A\r\nON\r\n");
	type(&b, "\r\n");
	ck_assert_str_eq(b.log, "logo_key ");
	nvt_logo(b.t, "\xD6\xD5", art, 1);
	type(&b, "logon me\r\n");
	ck_assert_str_eq(b.log, "logo_key logo_key line(logon me) ");
	end(&b);
}
END_TEST

START_TEST(output_is_bounded)
{
	struct bench b;
	char line[101];

	begin(&b);
	memset(line, 'x', 100);
	line[100] = '\0';
	for (int i = 0; i < 30000; i++)
		nvt_write(b.t, (const uint8_t *)line, 100, 0);
	ck_assert(!nvt_room(b.t));
	settle(&b);
	b.dirty = true;
	settle(&b);
	ck_assert_uint_lt(b.paper.length, (1 << 20) + 200);
	ck_assert_str_eq(b.log, "drained ");
	bytebuf_put1(&b.paper, 0);
	ck_assert_ptr_nonnull(strstr((char *)b.paper.data, "OUTPUT LOST"));
	end(&b);
}
END_TEST

static Suite *nvt_suite(void)
{
	Suite *s = suite_create("typewriter");
	TCase *tc = tcase_create("nvt");

	tcase_add_loop_test(tc, input_is_edited, 0, (int)ARRAY_SIZE(inputs));
	tcase_add_loop_test(tc, input_byte_by_byte_is_the_same, 0,
			    (int)ARRAY_SIZE(inputs));
	tcase_add_test(tc, output_is_typed);
	tcase_add_test(tc, nothing_drives_the_terminal);
	tcase_add_test(tc, long_lines_are_cut);
	tcase_add_test(tc, lines_are_cut_at_the_window);
	tcase_add_test(tc, attention_is_answered);
	tcase_add_test(tc, passwords_are_hidden);
	tcase_add_test(tc, lines_wait_until_they_are_taken);
	tcase_add_test(tc, lines_are_tried_again_in_time);
	tcase_add_test(tc, too_many_lines_ring_the_bell);
	tcase_add_test(tc, logo_and_first_line);
	tcase_add_test(tc, output_is_bounded);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(nvt_suite());
}
