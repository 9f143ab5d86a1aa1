#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/ebcdic.h"
#include "consoles/linescreen.h"
#include "consoles/screenbuf.h"
#include "tests/unit/runner.h"

/*
 * A line screen with a terminal (screen.c) and an owner who writes down what he
 * is told. It is driven by words:
 *
 *   wTEXT   a line of output       cTEXT  one of CP        aTEXT  with alarm
 *   pTEXT   a priority line        Wn Cn  n numbered lines
 *   scp svm srun spw               the status (spw: CP READ, masked)
 *   eTEXT   TEXT and ENTER         kXX    a key without data, AID XX
 *   @       ENTER, empty, with the cursor on the input attribute
 *   fXX     PF key with AID XX after typing TEXT, as fXX=TEXT
 *   t       the timer runs out     r  the next line is not accepted
 *   g       a guest takes the screen    G  and gives it back
 *   mcp     TERMINAL MODE CP       echooff
 */
struct bench {
	struct linescreen *s;
	struct screenbuf *terminal;
	unsigned rows, columns, timer, writes;
	bool dirty, refuse, unlocked;
	char log[2000];
};

static void note(struct bench *b, const char *format, ...) PRINTF_LIKE(2, 3);
static void note(struct bench *b, const char *format, ...)
{
	size_t n = strlen(b->log);
	va_list ap;

	va_start(ap, format);
	vsnprintf(b->log + n, sizeof(b->log) - n, format, ap);
	va_end(ap);
}

static void got_stream(void *arg, const uint8_t *stream, size_t n)
{
	struct bench *b = arg;

	ck_assert(screenbuf_write(b->terminal, stream, n));
	b->writes++;
	if (stream[1] & DS_RESTORE)
		b->unlocked = true;
	if (stream[1] & DS_ALARM)
		note(b, "alarm ");
}

static void got_dirty(void *arg)
{
	((struct bench *)arg)->dirty = true;
}

static void got_timer(void *arg, unsigned milliseconds)
{
	((struct bench *)arg)->timer = milliseconds;
}

static void got_logo_key(void *arg)
{
	note(arg, "logo_key ");
}

static enum console_taken got_line(void *arg, const uint8_t *text, size_t length)
{
	struct bench *b = arg;
	char ascii[CONSOLE_INPUT_MAX + 1];

	ebcdic_to_latin1(&codepage_037, ascii, text, length);
	ascii[length] = '\0';
	note(b, "line(%s) ", ascii);
	if (!b->refuse)
		return CONSOLE_ACCEPTED;
	b->refuse = false;
	return CONSOLE_NOT_ACCEPTED;
}

static void got_key(void *arg, enum console_key key)
{
	static const char *const names[] = { "pa1", "enter", "attention" };

	note(arg, "%s ", names[key]);
}

static void got_drained(void *arg)
{
	note(arg, "drained ");
}

static void got_cancelled(void *arg)
{
	note(arg, "cancelled ");
}

static void got_record(void *arg, const uint8_t *record, size_t length)
{
	note(arg, "record(%02X,%zu) ", record[0], length);
}

static void got_ready(void *arg)
{
	note(arg, "ready ");
}

static const struct linescreen_events bench_events = {
	.send = got_stream,
	.dirty = got_dirty,
	.timer = got_timer,
	.logo_key = got_logo_key,
	.line = got_line,
	.key = got_key,
	.drained = got_drained,
	.cancelled = got_cancelled,
	.record = got_record,
	.fullscreen_ready = got_ready,
};

static void bench_init(struct bench *b, unsigned rows, unsigned columns)
{
	const struct linescreen_options options = {
		.rows = rows,
		.columns = columns,
		.alternate = rows != 24 || columns != 80,
	};

	memset(b, 0, sizeof(*b));
	b->rows = rows;
	b->columns = columns;
	b->s = linescreen_new(&options, &bench_events, b);
	b->terminal = screenbuf_new(rows, columns);
	linescreen_flush(b->s);
}

static void bench_release(struct bench *b)
{
	linescreen_free(b->s);
	screenbuf_free(b->terminal);
}

static void write_line(struct bench *b, const char *text, unsigned flags)
{
	uint8_t line[512];
	size_t n = strlen(text);

	ebcdic_from_latin1(&codepage_037, line, text, n);
	linescreen_write(b->s, line, n, flags);
}

static void write_lines(struct bench *b, unsigned count, unsigned flags)
{
	char text[20];

	for (unsigned i = 1; i <= count; i++) {
		snprintf(text, sizeof(text), "LINE %u", i);
		write_line(b, text, flags);
	}
}

/* A record as a terminal builds it: the input field has always its MDT on. */
static void press(struct bench *b, uint8_t aid, int cursor, const char *text)
{
	struct bytebuf r = { 0 };
	unsigned input = (b->rows - 2) * b->columns;
	uint8_t line[512];
	struct ds_record record;

	bytebuf_put1(&r, aid);
	if (aid == AID_ENTER || ds_pf_number(aid)) {
		ds_address(&r, cursor < 0 ? input + (unsigned)strlen(text)
					  : (unsigned)cursor);
		ds_set_address(&r, input);
		ebcdic_from_latin1(&codepage_037, line, text, strlen(text));
		bytebuf_put(&r, line, strlen(text));
	}
	ck_assert(ds_parse(&record, r.data, r.length));
	screenbuf_input(b->terminal, &record);
	b->unlocked = false;
	linescreen_input(b->s, &record);
	bytebuf_free(&r);
}

static void set_status(struct bench *b, const char *what)
{
	if (strcmp(what, "cp") == 0)
		linescreen_set_status(b->s, CONSOLE_CP_READ, false);
	else if (strcmp(what, "pw") == 0)
		linescreen_set_status(b->s, CONSOLE_CP_READ, true);
	else if (strcmp(what, "vm") == 0)
		linescreen_set_status(b->s, CONSOLE_VM_READ, false);
	else
		linescreen_set_status(b->s, CONSOLE_RUNNING, false);
}

static void pf(struct bench *b, const char *word)
{
	const char *text = strchr(word, '=');

	press(b, (uint8_t)strtoul(word, NULL, 16), -1, text ? text + 1 : "");
}

static void take(struct bench *b)
{
	struct bytebuf screen = { 0 };

	ds_begin(&screen, DS_ERASE_WRITE_ALTERNATE, DS_RESTORE);
	ds_text(&screen, (const uint8_t *)"\xC7\xE4", 2);
	ds_set_address(&screen, (b->rows - 2) * b->columns - 1);
	ds_start_field(&screen, DS_MDT);
	ds_set_address(&screen, b->rows * b->columns - 21);
	ds_start_field(&screen, DS_PROTECTED);
	if (linescreen_take(b->s, true) == CONSOLE_DONE)
		screenbuf_write(b->terminal, screen.data, screen.length);
	else
		note(b, "wait ");
	bytebuf_free(&screen);
}

static void step(struct bench *b, const char *word)
{
	const char *rest = word + 1;

	if (strcmp(word, "mcp") == 0)
		linescreen_set_mode_cp(b->s, true);
	else if (strcmp(word, "echooff") == 0)
		linescreen_set_echo(b->s, false);
	else
		switch (*word) {
		case 'w': write_line(b, rest, 0); break;
		case 'c': write_line(b, rest, CONSOLE_CP); break;
		case 'a': write_line(b, rest, CONSOLE_ALARM | CONSOLE_CP); break;
		case 'p': write_line(b, rest, CONSOLE_PRIORITY); break;
		case 'W': write_lines(b, (unsigned)atoi(rest), 0); break;
		case 'C': write_lines(b, (unsigned)atoi(rest), CONSOLE_CP); break;
		case 's': set_status(b, rest); break;
		case 'e': press(b, AID_ENTER, -1, rest); break;
		case 'k': press(b, (uint8_t)strtoul(rest, NULL, 16), -1, ""); break;
		case 'f': pf(b, rest); break;
		case '@':
			press(b, AID_ENTER, (int)((b->rows - 2) * b->columns) - 1, "");
			break;
		case 't': linescreen_timeout(b->s); break;
		case 'r': b->refuse = true; break;
		case 'g': take(b); break;
		case 'G': linescreen_take_back(b->s); break;
		default: ck_abort_msg("no such word: %s", word);
		}
	while (b->dirty) {
		b->dirty = false;
		linescreen_flush(b->s);
	}
}

static void run(struct bench *b, const char *script)
{
	char words[1000], *save = NULL;

	snprintf(words, sizeof(words), "%s", script);
	for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		step(b, w);
}

/* What is in a row from column on, without blanks at the end. */
static const char *text_at(struct bench *b, unsigned row, unsigned column)
{
	static char text[400];
	const uint8_t *all = screenbuf_text(b->terminal);
	size_t n = b->columns - column;

	ebcdic_to_latin1(&codepage_037, text, all + row * b->columns + column, n);
	while (n && text[n - 1] == ' ')
		n--;
	text[n] = '\0';
	return text;
}

static const char *status_of(struct bench *b)
{
	return text_at(b, b->rows - 1, b->columns - 20);
}

/* ---- every state with every key: GC20-1819, "Display Terminals" */

/* clang-format off */
static const struct state_case {
	const char *what, *script;
	const char *status, *row0, *input, *log;
} cases[] = {
	{ "RUNNING: nothing happened", "", "RUNNING", "", "", "" },
	{ "RUNNING: line", "eabc", "RUNNING", "abc", "", "line(abc) " },
	{ "RUNNING: line refused", "r eabc", "NOT ACCEPTED", "", "abc",
	  "line(abc) alarm " },
	{ "RUNNING: empty ENTER", "e", "RUNNING", "", "", "enter " },
	{ "RUNNING: PA1", "k6C", "RUNNING", "", "", "pa1 " },
	{ "RUNNING: PA2", "wx k6E", "RUNNING", "", "", "" },
	{ "RUNNING: CLEAR", "wx k6D", "RUNNING", "", "", "" },
	{ "RUNNING: next line after a clear", "wx k6D wy", "RUNNING", "y", "", "" },
	{ "RUNNING: output", "wx", "RUNNING", "x", "", "" },
	{ "RUNNING: alarm", "ax", "RUNNING", "x", "", "alarm " },
	{ "RUNNING: priority line comes first", "W30 pP k6E", "RUNNING", "P", "",
	  "drained " },
	{ "RUNNING: unknown AID", "k6A", "RUNNING", "", "", "" },
	{ "RUNNING: no echo", "echooff eabc", "RUNNING", "", "", "line(abc) " },
	{ "VM READ", "svm", "VM READ", "", "", "" },
	{ "VM READ: line", "svm eabc", "VM READ", "abc", "", "line(abc) " },
	{ "VM READ: null line", "svm e", "VM READ", "", "", "line() " },
	{ "VM READ: PA1", "svm k6C", "VM READ", "", "", "pa1 " },
	{ "VM READ: PA2 keeps the read", "svm wx k6E", "VM READ", "", "", "" },
	{ "VM READ: CLEAR keeps the read", "svm wx k6D", "VM READ", "", "", "" },
	{ "VM READ: cursor back, ENTER", "svm @", "VM READ", "", "", "attention " },
	{ "VM READ: output", "svm wx", "VM READ", "x", "", "" },
	{ "CP READ", "scp", "CP READ", "", "", "" },
	{ "CP READ: line", "scp eabc", "CP READ", "abc", "", "line(abc) " },
	{ "CP READ: null line", "scp e", "CP READ", "", "", "line() " },
	{ "CP READ: PA1", "scp k6C", "CP READ", "", "", "pa1 " },
	{ "CP READ: PA2", "scp wx k6E", "CP READ", "", "", "" },
	{ "CP READ: CLEAR", "scp wx k6D", "CP READ", "", "", "" },
	{ "CP READ: cursor back, ENTER", "scp @", "CP READ", "", "", "attention " },
	{ "password: not seen", "spw", "CP READ", "", "", "" },
	{ "password: blank echo", "spw eabc srun wx", "RUNNING", "", "", "line(abc) " },
	{ "MORE", "W30", "MORE...", "LINE 1", "", "" },
	{ "MORE: line is taken", "W30 eabc", "MORE...", "LINE 1", "", "line(abc) " },
	{ "MORE: line refused", "W30 r eabc", "NOT ACCEPTED", "LINE 1", "abc",
	  "line(abc) alarm " },
	{ "MORE: and back to it", "W30 r eabc t", "MORE...", "LINE 1", "abc",
	  "line(abc) alarm " },
	{ "MORE: ENTER", "W30 e", "HOLDING", "LINE 1", "", "" },
	{ "MORE: PA1, guest's output", "W30 k6C", "RUNNING", "LINE 23", "",
	  "drained pa1 " },
	{ "MORE: PA1, CP's output", "C30 k6C", "RUNNING", "", "", "cancelled drained " },
	{ "MORE: PA1 keeps a guest's lines behind CP's", "C30 wG k6C", "RUNNING", "G", "",
	  "cancelled drained " },
	{ "MORE: PA2", "W30 k6E", "RUNNING", "LINE 23", "", "drained " },
	{ "MORE: CLEAR", "W30 k6D", "RUNNING", "LINE 23", "", "drained " },
	{ "MORE: 50 s", "W30 t", "MORE...", "LINE 1", "", "alarm " },
	{ "MORE: 60 s", "W30 t t", "RUNNING", "LINE 23", "", "alarm drained " },
	{ "MORE: ENTER after the alarm", "W30 t e", "HOLDING", "LINE 1", "", "alarm " },
	{ "MORE: PF key", "W30 fF9", "MORE...", "LINE 1", "* PF09 UNDEFINED", "" },
	{ "MORE: three screens", "W60 k6E k6E", "RUNNING", "LINE 45", "",
	  "drained drained " },
	{ "MORE: read behind it", "W30 scp", "MORE...", "LINE 1", "", "" },
	{ "MORE: and then the read", "W30 scp k6E", "CP READ", "LINE 23", "",
	  "drained " },
	{ "HOLDING: ENTER", "W30 e e", "MORE...", "LINE 1", "", "" },
	{ "HOLDING: line is taken", "W30 e eabc", "HOLDING", "LINE 1", "", "line(abc) " },
	{ "HOLDING: PA1, guest", "W30 e k6C", "RUNNING", "LINE 23", "", "drained pa1 " },
	{ "HOLDING: PA1, CP", "C30 e k6C", "RUNNING", "", "", "cancelled drained " },
	{ "HOLDING: PA2, MODE VM", "C30 e k6E", "RUNNING", "LINE 23", "", "drained " },
	{ "HOLDING: PA2, MODE CP", "mcp C30 e k6E", "RUNNING", "", "",
	  "cancelled drained " },
	{ "HOLDING: CLEAR, MODE CP", "mcp C30 e k6D", "RUNNING", "LINE 23", "",
	  "drained " },
	{ "HOLDING: no timer", "W30 e t", "HOLDING", "LINE 1", "", "" },
	{ "HOLDING: after a message", "ax W30", "HOLDING", "x", "", "alarm " },
	{ "HOLDING: not for the next screen", "ax W60 k6E", "MORE...", "LINE 22", "",
	  "alarm drained " },
	{ "NOT ACCEPTED: 3 s", "r eabc t", "RUNNING", "", "abc", "line(abc) alarm " },
	{ "NOT ACCEPTED: in a read", "svm r eabc t", "VM READ", "", "abc",
	  "line(abc) alarm " },
	{ "NOT ACCEPTED: keys are ignored", "r eabc e k6C k6E eabc", "NOT ACCEPTED", "",
	  "abc",
	  "line(abc) alarm " },
	{ "NOT ACCEPTED: CLEAR", "wx r eabc k6D t", "RUNNING", "", "",
	  "line(abc) alarm " },
	{ "NOT ACCEPTED: then accepted", "r eabc t eabc", "RUNNING", "abc", "",
	  "line(abc) alarm line(abc) " },
	{ "NOT ACCEPTED: output goes on", "r eabc wx", "NOT ACCEPTED", "x", "abc",
	  "line(abc) alarm " },
	{ "PF: undefined", "f7C", "RUNNING", "", "* PF12 UNDEFINED", "" },
	{ "PF: PA3 is PF6", "k6B", "RUNNING", "", "* PF06 UNDEFINED", "" },
	{ "PF: 24", "f4C", "RUNNING", "", "* PF24 UNDEFINED", "" },
	{ "full screen: taken", "g", "", "GU", "", "" },
	{ "full screen: key", "g eabc", "", "GU", "abc", "record(7D,9) " },
	{ "full screen: PA2 is the guest's", "g k6E", "", "GU", "", "record(6E,1) " },
	{ "full screen: PA1 is not", "g k6C", "", "GU", "", "pa1 " },
	{ "full screen: given back", "g G", "RUNNING", "", "", "" },
	{ "full screen: line waits", "g wx", "MORE...", "GU", "", "" },
	{ "full screen: line seen", "g wx k6E", "RUNNING", "x", "", "drained " },
	{ "full screen: message is held", "g ax", "HOLDING", "GU", "", "alarm " },
	{ "full screen: time out", "g wx t t", "RUNNING", "x", "", "alarm drained " },
	{ "full screen: read takes the screen", "g svm", "VM READ", "", "", "" },
	{ "full screen: unread lines first", "wx g", "MORE...", "x", "", "wait " },
	{ "full screen: then it is ready", "wx g k6E", "RUNNING", "", "",
	  "wait drained ready " },
	{ "full screen: read lines do not matter", "wx e g", "", "GU", "", "enter " },
	{ "full screen: held after a message", "ax g", "HOLDING", "x", "",
	  "alarm wait " },
	{ "full screen: taken again after lines", "g wx k6E k6E g", "", "GU", "",
	  "drained " },
};
/* clang-format on */

static void not_null_case(const struct state_case *c, const char *part, const char *got,
			  const char *want)
{
	ck_assert_msg(strcmp(got, want) == 0, "%s: %s is \"%s\", not \"%s\"", c->what,
		      part, got, want);
}

static void run_case(const struct state_case *c, unsigned rows, unsigned columns)
{
	struct bench b;

	bench_init(&b, rows, columns);
	run(&b, c->script);
	not_null_case(c, "status", status_of(&b), c->status);
	not_null_case(c, "row 0", text_at(&b, 0, 0), c->row0);
	not_null_case(c, "input", text_at(&b, rows - 2, 0), c->input);
	not_null_case(c, "log", b.log, c->log);
	bench_release(&b);
}

START_TEST(every_state_and_key)
{
	run_case(&cases[_i], 24, 80);
}
END_TEST

/* The same on another width: 22 output rows again, so the same expectations. */
START_TEST(every_state_and_key_at_132_columns)
{
	run_case(&cases[_i], 24, 132);
}
END_TEST

/* ---- keyboard, timer and number of writes */

START_TEST(every_key_is_answered_by_an_unlock)
{
	static const uint8_t aids[] = { AID_ENTER, AID_CLEAR,  AID_PA1, AID_PA2,
					AID_PA3,   0xF1,       0x7A,	0xC1,
					0x4C,	   AID_SYSREQ, 0x7E };
	static const char *const states[] = { "", "scp", "svm", "spw", "W30", "W30 e" };

	for (size_t s = 0; s < ARRAY_SIZE(states); s++) {
		for (size_t k = 0; k < ARRAY_SIZE(aids); k++) {
			struct bench b;
			char script[20];

			bench_init(&b, 24, 80);
			run(&b, states[s]);
			snprintf(script, sizeof(script), "k%02X", aids[k]);
			run(&b, script);
			ck_assert_msg(b.unlocked, "key %02X after \"%s\" locks", aids[k],
				      states[s]);
			bench_release(&b);
		}
	}
}
END_TEST

START_TEST(output_alone_does_not_unlock)
{
	struct bench b;

	bench_init(&b, 24, 80);
	b.unlocked = false;
	run(&b, "wx scp svm srun W5");
	ck_assert(!b.unlocked);
	bench_release(&b);
}
END_TEST

START_TEST(lines_of_one_turn_are_one_write)
{
	struct bench b;

	bench_init(&b, 43, 80);
	b.writes = 0;
	run(&b, "W40");
	ck_assert_uint_eq(b.writes, 1);
	bench_release(&b);
}
END_TEST

START_TEST(timers_are_those_of_the_manual)
{
	struct bench b;

	bench_init(&b, 24, 80);
	run(&b, "W30");
	ck_assert_uint_eq(b.timer, 50332);
	run(&b, "t");
	ck_assert_uint_eq(b.timer, 10486);
	run(&b, "t");
	ck_assert_uint_eq(b.timer, 0);
	run(&b, "r ex");
	ck_assert_uint_eq(b.timer, 3146);
	run(&b, "t W60 e");
	ck_assert_uint_eq(b.timer, 0);
	bench_release(&b);
}
END_TEST

/* ---- geometry */

static const struct size {
	unsigned rows, columns;
} sizes[] = {
	{24,   80 },
	     { 32,  80 },
	 { 43,  80 },
	      { 27,  132},
	{ 62,  160},
	     { 12,  40 },
	 { 100, 160}
};

START_TEST(areas_at_every_size)
{
	unsigned rows = sizes[_i].rows, columns = sizes[_i].columns;
	unsigned input = (rows - 2) * columns - 1, status = rows * columns - 21;
	struct bench b;
	char script[20];

	bench_init(&b, rows, columns);
	run(&b, "scp");
	ck_assert_int_eq(screenbuf_cell(b.terminal, input).attribute, DS_MDT);
	ck_assert_int_eq(screenbuf_cell(b.terminal, status).attribute, DS_PROTECTED);
	ck_assert_uint_eq(screenbuf_cursor(b.terminal), input + 1);
	ck_assert_str_eq(status_of(&b), "CP READ");
	snprintf(script, sizeof(script), "W%u", rows - 2);
	run(&b, script);
	ck_assert_str_eq(status_of(&b), "CP READ");
	run(&b, "wlast");
	ck_assert_str_eq(status_of(&b), "MORE...");
	bench_release(&b);
}
END_TEST

START_TEST(last_position_of_the_output_area_is_the_attribute)
{
	struct bench b;
	char line[81];

	bench_init(&b, 24, 80);
	run(&b, "W21");
	memset(line, 'x', 80);
	line[80] = '\0';
	write_line(&b, line, 0);
	linescreen_flush(b.s);
	ck_assert_str_eq(status_of(&b), "RUNNING");
	ck_assert_uint_eq(strlen(text_at(&b, 21, 0)), 79);
	ck_assert_int_eq(screenbuf_cell(b.terminal, 22 * 80 - 1).attribute, DS_MDT);
	bench_release(&b);
}
END_TEST

START_TEST(long_lines_take_several_rows)
{
	struct bench b;
	char line[201];

	bench_init(&b, 24, 80);
	memset(line, 'x', 200);
	line[200] = '\0';
	linescreen_set_linesize(b.s, 300);
	write_line(&b, line, 0);
	run(&b, "wnext");
	ck_assert_uint_eq(strlen(text_at(&b, 2, 0)), 40);
	ck_assert_str_eq(text_at(&b, 3, 0), "next");
	run(&b, "W16"); /* 20 rows are used now, and three do not fit */
	write_line(&b, line, 0);
	linescreen_flush(b.s);
	ck_assert_str_eq(status_of(&b), "MORE...");
	bench_release(&b);
}
END_TEST

START_TEST(orders_in_text_are_blanks)
{
	static const uint8_t nasty[] = { 0xC1, 0x1D, 0xC2, 0x11, 0xFF, 0x00, 0x3C, 0xC3 };
	struct bench b;

	bench_init(&b, 24, 80);
	linescreen_write(b.s, nasty, sizeof(nasty), 0);
	linescreen_flush(b.s);
	ck_assert_str_eq(text_at(&b, 0, 0), "A B    C");
	ck_assert_str_eq(status_of(&b), "RUNNING");
	bench_release(&b);
}
END_TEST

START_TEST(new_lines_split)
{
	struct bench b;

	bench_init(&b, 24, 80);
	linescreen_write(b.s, (const uint8_t *)"\xC1\x15\xC2\x15\x15\xC3\x15", 7, 0);
	linescreen_flush(b.s);
	ck_assert_str_eq(text_at(&b, 0, 0), "A");
	ck_assert_str_eq(text_at(&b, 1, 0), "B");
	ck_assert_str_eq(text_at(&b, 2, 0), "");
	ck_assert_str_eq(text_at(&b, 3, 0), "C");
	run(&b, "wD");
	ck_assert_str_eq(text_at(&b, 4, 0), "D");
	bench_release(&b);
}
END_TEST

/* ---- the rest */

START_TEST(password_is_never_on_the_screen)
{
	struct bench b;

	bench_init(&b, 24, 80);
	run(&b, "wENTER spw");
	ck_assert_int_eq(screenbuf_cell(b.terminal, 22 * 80 - 1).attribute,
			 DS_HIDDEN | DS_MDT);
	run(&b, "esecret srun w");
	ck_assert_int_eq(screenbuf_cell(b.terminal, 22 * 80 - 1).attribute, DS_MDT);
	for (unsigned row = 0; row < 24; row++)
		ck_assert_ptr_null(strstr(text_at(&b, row, 0), "secret"));
	linescreen_set_pf(b.s, 12, CONSOLE_PF_RETRIEVE, NULL, 0);
	run(&b, "f7C");
	ck_assert_str_eq(text_at(&b, 22, 0), "");
	bench_release(&b);
}
END_TEST

START_TEST(pf_keys_do_what_was_set)
{
	struct bench b;

	bench_init(&b, 24, 80);
	linescreen_set_pf(b.s, 1, CONSOLE_PF_IMMED, (const uint8_t *)"\xC1\xC2", 2);
	linescreen_set_pf(b.s, 2, CONSOLE_PF_DELAYED, (const uint8_t *)"\xC1\xC2", 2);
	linescreen_set_pf(b.s, 3, CONSOLE_PF_RETRIEVE, NULL, 0);
	linescreen_set_pf(b.s, 4, CONSOLE_PF_TAB, (const uint8_t *)"\x05\x0A", 2);
	run(&b, "fF1");
	ck_assert_str_eq(b.log, "line(AB) ");
	run(&b, "fF2");
	ck_assert_str_eq(text_at(&b, 22, 0), "AB");
	ck_assert_uint_eq(screenbuf_cursor(b.terminal), 22 * 80 + 2);
	run(&b, "eone etwo fF3");
	ck_assert_str_eq(text_at(&b, 22, 0), "two");
	run(&b, "fF3");
	ck_assert_str_eq(text_at(&b, 22, 0), "one");
	run(&b, "fF4=ab");
	ck_assert_uint_eq(screenbuf_cursor(b.terminal), 22 * 80 + 4);
	run(&b, "fF4=abcdef");
	ck_assert_uint_eq(screenbuf_cursor(b.terminal), 22 * 80 + 9);
	run(&b, "fF4=abcdefghijkl");
	ck_assert_uint_eq(screenbuf_cursor(b.terminal), 22 * 80);
	bench_release(&b);
}
END_TEST

START_TEST(echoes_are_bright_where_wanted)
{
	struct bench b;
	struct linescreen_options options = { .rows = 24,
					      .columns = 80,
					      .extended = true };

	bench_init(&b, 24, 80);
	linescreen_free(b.s);
	b.s = linescreen_new(&options, &bench_events, &b);
	linescreen_set_highlight(b.s, true);
	run(&b, "eabc wdef");
	ck_assert_str_eq(text_at(&b, 0, 0), "abc");
	ck_assert_str_eq(text_at(&b, 1, 0), "def");
	ck_assert_uint_eq(screenbuf_cell(b.terminal, 0).highlight, 0xF8);
	ck_assert_uint_eq(screenbuf_cell(b.terminal, 80).highlight, 0);
	bench_release(&b);
}
END_TEST

START_TEST(pf_text_that_is_refused_stays)
{
	struct bench b;

	bench_init(&b, 24, 80);
	linescreen_set_pf(b.s, 1, CONSOLE_PF_IMMED, (const uint8_t *)"\xC1\xC2", 2);
	run(&b, "r fF1");
	ck_assert_str_eq(status_of(&b), "NOT ACCEPTED");
	ck_assert_str_eq(text_at(&b, 22, 0), "AB");
	bench_release(&b);
}
END_TEST

START_TEST(logo_is_left_by_any_key)
{
	static const char *const art[] = { "\xC1\xC2\xC3", "\xC4" };
	struct bench b;

	bench_init(&b, 43, 80);
	linescreen_logo(b.s, "\xD6\xD5", art, 2);
	linescreen_flush(b.s);
	ck_assert_str_eq(text_at(&b, 0, 0), "ON");
	ck_assert_str_eq(text_at(&b, 21, 38), "ABC");
	ck_assert_str_eq(status_of(&b), "RUNNING");
	run(&b, "elost");
	ck_assert_str_eq(b.log, "alarm logo_key ");
	ck_assert_str_eq(text_at(&b, 0, 0), "");
	bench_release(&b);
}
END_TEST

START_TEST(output_without_end_is_bounded)
{
	struct bench b;

	bench_init(&b, 24, 80);
	for (unsigned i = 0; i < 1000; i++)
		write_lines(&b, 100, 0);
	ck_assert(!linescreen_room(b.s));
	linescreen_flush(b.s);
	for (unsigned i = 0; i < 3000 && strcmp(status_of(&b), "RUNNING") != 0; i++)
		run(&b, "k6E");
	ck_assert_str_eq(status_of(&b), "RUNNING");
	for (unsigned row = 0; row < 22; row++)
		if (strstr(text_at(&b, row, 0), "LINES OF OUTPUT LOST"))
			goto said;
	ck_abort_msg("lost lines are not mentioned");
said:
	bench_release(&b);
}
END_TEST

START_TEST(display_shows_rows_of_a_guest)
{
	struct bench b;

	bench_init(&b, 24, 80);
	ck_assert_int_eq(linescreen_display(b.s, 3, true, (const uint8_t *)"\xC1", 1),
			 CONSOLE_DONE);
	ck_assert_str_eq(text_at(&b, 3, 0), "A");
	ck_assert_str_eq(status_of(&b), "RUNNING");
	ck_assert_int_eq(linescreen_display(b.s, 24, true, (const uint8_t *)"\xC1", 1),
			 CONSOLE_BAD);
	run(&b, "wx");
	ck_assert_int_eq(linescreen_display(b.s, 3, true, (const uint8_t *)"\xC1", 1),
			 CONSOLE_WAIT);
	bench_release(&b);
}
END_TEST

START_TEST(display_is_not_disturbed)
{
	struct bench b;

	bench_init(&b, 24, 80);
	linescreen_display(b.s, 3, true, (const uint8_t *)"\xC1\x1D\x60\x13\x11\xC2", 6);
	ck_assert_str_eq(text_at(&b, 3, 0), "A   B");
	run(&b, "svm eabc");
	ck_assert_str_eq(text_at(&b, 0, 0), "");
	ck_assert_int_eq(linescreen_display(b.s, 4, false, (const uint8_t *)"\xC2", 1),
			 CONSOLE_DONE);
	run(&b, "srun wx");
	ck_assert_str_eq(status_of(&b), "MORE...");
	ck_assert_str_eq(text_at(&b, 4, 0), "B");
	run(&b, "k6E");
	ck_assert_str_eq(text_at(&b, 0, 0), "x");
	ck_assert_str_eq(text_at(&b, 4, 0), "");
	run(&b, "edef");
	ck_assert_str_eq(text_at(&b, 1, 0), "def");
	bench_release(&b);
}
END_TEST

START_TEST(display_may_fill_the_input_area)
{
	struct bench b;

	bench_init(&b, 24, 80);
	ck_assert_int_eq(linescreen_display(b.s, 22, false, (const uint8_t *)"\xC1\x13\xC2", 3),
			 CONSOLE_DONE);
	ck_assert_str_eq(text_at(&b, 22, 0), "AB");
	ck_assert_uint_eq(screenbuf_cursor(b.terminal), 22 * 80 + 1);
	run(&b, "wx");
	ck_assert_str_eq(status_of(&b), "RUNNING");
	ck_assert_int_eq(linescreen_display(b.s, 0, true, NULL, 0), CONSOLE_WAIT);
	run(&b, "k6E");
	ck_assert_int_eq(linescreen_display(b.s, 0, true, NULL, 0), CONSOLE_DONE);
	ck_assert_str_eq(text_at(&b, 0, 0), "");
	bench_release(&b);
}
END_TEST

START_TEST(dialed_terminal_is_the_guests)
{
	struct bench b;

	bench_init(&b, 24, 80);
	linescreen_dial(b.s, true);
	run(&b, "k6C k6D eab wx");
	ck_assert_str_eq(b.log, "record(6C,1) record(6D,1) record(7D,8) ");
	linescreen_dial(b.s, false);
	linescreen_flush(b.s);
	ck_assert_str_eq(status_of(&b), "RUNNING");
	bench_release(&b);
}
END_TEST

static Suite *linescreen_suite(void)
{
	Suite *s = suite_create("line screen");
	TCase *tc = tcase_create("states");

	tcase_add_loop_test(tc, every_state_and_key, 0, (int)ARRAY_SIZE(cases));
	tcase_add_loop_test(tc, every_state_and_key_at_132_columns, 0,
			    (int)ARRAY_SIZE(cases));
	tcase_add_test(tc, every_key_is_answered_by_an_unlock);
	tcase_add_test(tc, output_alone_does_not_unlock);
	tcase_add_test(tc, lines_of_one_turn_are_one_write);
	tcase_add_test(tc, timers_are_those_of_the_manual);
	suite_add_tcase(s, tc);
	tc = tcase_create("screen");
	tcase_add_loop_test(tc, areas_at_every_size, 0, (int)ARRAY_SIZE(sizes));
	tcase_add_test(tc, last_position_of_the_output_area_is_the_attribute);
	tcase_add_test(tc, long_lines_take_several_rows);
	tcase_add_test(tc, orders_in_text_are_blanks);
	tcase_add_test(tc, new_lines_split);
	tcase_add_test(tc, password_is_never_on_the_screen);
	tcase_add_test(tc, pf_keys_do_what_was_set);
	tcase_add_test(tc, echoes_are_bright_where_wanted);
	tcase_add_test(tc, pf_text_that_is_refused_stays);
	tcase_add_test(tc, logo_is_left_by_any_key);
	tcase_add_test(tc, output_without_end_is_bounded);
	tcase_add_test(tc, display_shows_rows_of_a_guest);
	tcase_add_test(tc, display_is_not_disturbed);
	tcase_add_test(tc, display_may_fill_the_input_area);
	tcase_add_test(tc, dialed_terminal_is_the_guests);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(linescreen_suite());
}
