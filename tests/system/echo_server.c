/*
 * tests/system/echo_server.c - a small owner of consoles for tests: what is
 * typed is written back, and a few words ask for each thing a console can do.
 *
 * Prints "port N" and serves until standard input ends.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "base/ebcdic.h"
#include "consoles/bytebuf.h"
#include "consoles/console.h"
#include "consoles/datastream.h"
#include "consoles/listener.h"
#include "consoles/loop.h"

struct session {
	struct session *next, **link;
	struct console *c;
	bool refuse;	 /* the next line is not accepted */
	bool fullscreen; /* the guest's screen is wanted */
	bool display;	 /* so is the output area */
	bool colors;	 /* so is the screen with colours, so wide: */
	unsigned columns;
	bool dialed;
	unsigned flood; /* lines still to be written when there is room */
	unsigned flags; /* of those */
	unsigned records;
};

static struct session *sessions;

static void say(struct session *s, unsigned flags, const char *text)
{
	uint8_t line[512];
	size_t n = strlen(text);

	ebcdic_from_latin1(&codepage_037, line, text, n);
	console_write(s->c, line, n, flags);
}

static void logo(struct console *c)
{
	static char art[3][32];
	const char *lines[3] = { art[0], art[1], art[2] };
	char online[32] = "";

	ebcdic_from_latin1(&codepage_037, (uint8_t *)online, "VM/370 ONLINE", 13);
	ebcdic_from_latin1(&codepage_037, (uint8_t *)art[0], "*****************", 17);
	ebcdic_from_latin1(&codepage_037, (uint8_t *)art[1], "*  ECHO SYSTEM  *", 17);
	ebcdic_from_latin1(&codepage_037, (uint8_t *)art[2], "*****************", 17);
	console_logo(c, online, lines, 3);
}

static void opened(void *arg, struct console *c)
{
	const struct console_terminal terminal = { .tabchar = 0x6A };
	struct session *s = calloc(1, sizeof(*s));

	(void)arg;
	s->c = c;
	s->next = sessions;
	s->link = &sessions;
	if (s->next)
		s->next->link = &s->next;
	sessions = s;
	console_set_data(c, s);
	console_set_pf(c, 12, CONSOLE_PF_RETRIEVE, NULL, 0);
	console_set_pf(c, 1, CONSOLE_PF_IMMED, (const uint8_t *)"\x97\x86\xF1", 3);
	console_set_pf(c, 2, CONSOLE_PF_DELAYED, (const uint8_t *)"\x84\x85\x93", 3);
	console_set_pf(c, 4, CONSOLE_PF_TAB, (const uint8_t *)"\x0A\x14", 2);
	console_set_pf(c, 5, CONSOLE_PF_COPY, (const uint8_t *)"\xF0", 1);
	console_set_terminal(c, &terminal);
	console_set_sysid(c, (const uint8_t *)"\xC5\xC3\xC8\xD6", 4);
	logo(c);
}

static void logo_key(void *arg, struct console *c)
{
	(void)arg;
	console_set_status(c, CONSOLE_CP_READ, false);
}

/* Lines as long as there is room, as a guest would write them. */
static void flood(struct session *s)
{
	char text[40];

	while (s->flood && console_room(s->c)) {
		snprintf(text, sizeof(text), "LINE %u TO GO", --s->flood);
		say(s, s->flags, text);
	}
}

static void cp_lines(struct session *s, unsigned count)
{
	char text[40];

	for (unsigned i = 1; i <= count; i++) {
		snprintf(text, sizeof(text), "CP LINE %u", i);
		say(s, CONSOLE_CP, text);
	}
}

/* A guest's screen: a field at 0,40 and the cursor there. */
static void guest_screen(struct session *s)
{
	static const uint8_t screen[] = {
		0xC3, 0x11, 0x40, 0x40, 0x1D, 0xE8, 0xC7, 0xE4, 0xC5, 0xE2, 0xE3,
		0x11, 0x40, 0x5D, 0x1D, 0x40, 0x13, 0x11, 0x40, 0x6F, 0x1D, 0x60,
	};

	switch (console_fullscreen_write(s->c, 0x05, screen, sizeof(screen))) {
	case CONSOLE_DONE: s->fullscreen = false; break;
	case CONSOLE_WAIT: s->fullscreen = true; break;
	default: say(s, 0, "NO FULL SCREEN"); break;
	}
}

/*
 * A guest's screen with all colours and highlightings: rows 1 to 7 are colours F1
 * to F7; from column 0 five pieces of text by SET ATTRIBUTE, from 40 five fields by
 * START FIELD EXTENDED, each with another highlighting.
 */
static void color_screen(struct session *s)
{
	static const uint8_t highlights[] = { 0x00, 0xF1, 0xF2, 0xF4, 0xF8 };
	static const uint8_t text[] = { 0xC1, 0xC2, 0xC3, 0xC4 };
	struct bytebuf b = { 0 };

	bytebuf_put1(&b, 0xC3);
	for (uint8_t row = 1; row <= 7; row++) {
		uint8_t color = 0xF0 + row;

		ds_set_address(&b, row * s->columns);
		for (size_t i = 0; i < sizeof(highlights); i++) {
			const uint8_t set[] = { DS_SA, 0x42, color,
						DS_SA, 0x41, highlights[i] };

			bytebuf_put(&b, set, sizeof(set));
			bytebuf_put(&b, text, sizeof(text));
		}
		bytebuf_put(&b, "\x28\0\0", 3);
		ds_set_address(&b, row * s->columns + 40);
		for (size_t i = 0; i < sizeof(highlights); i++) {
			const uint8_t field[] = { DS_SFE, 3,	0xC0, 0x60,
						  0x42,	  color, 0x41, highlights[i] };

			bytebuf_put(&b, field, sizeof(field));
			bytebuf_put(&b, text, 3);
		}
		ds_start_field(&b, 0x60);
	}
	ds_set_address(&b, s->columns);
	s->colors = console_fullscreen_write(s->c, s->columns == 80 ? 0x05 : 0x0D, b.data,
					     b.length) == CONSOLE_WAIT;
	bytebuf_free(&b);
}

static void display(struct session *s)
{
	s->display = console_display(s->c, 2, true, (const uint8_t *)"\xC4\xC9\xE2\xD7",
				     4) == CONSOLE_WAIT;
}

struct word {
	const char *word;
	void (*act)(struct session *s, unsigned n);
};

static void act_cpread(struct session *s, unsigned n)
{
	(void)n;
	console_set_status(s->c, CONSOLE_CP_READ, false);
}

static void act_vmread(struct session *s, unsigned n)
{
	(void)n;
	console_set_status(s->c, CONSOLE_VM_READ, false);
}

static void act_running(struct session *s, unsigned n)
{
	(void)n;
	console_set_status(s->c, CONSOLE_RUNNING, false);
}

static void act_password(struct session *s, unsigned n)
{
	(void)n;
	say(s, 0, "ENTER PASSWORD:");
	console_set_status(s->c, CONSOLE_CP_READ, true);
}

static void act_refuse(struct session *s, unsigned n)
{
	(void)n;
	s->refuse = true;
}

static void act_flood(struct session *s, unsigned n)
{
	s->flood = n;
	s->flags = 0;
	flood(s);
}

static void act_cplines(struct session *s, unsigned n)
{
	cp_lines(s, n);
}

static void act_msg(struct session *s, unsigned n)
{
	(void)n;
	say(s, CONSOLE_ALARM | CONSOLE_CP, "MSG FROM OPERATOR: HELLO");
}

static void act_wide(struct session *s, unsigned n)
{
	char text[400];

	memset(text, 'W', sizeof(text));
	text[n < 399 ? n : 399] = '\0';
	if (n)
		text[n - 1] = 'Z';
	say(s, 0, text);
}

static void act_linesize(struct session *s, unsigned n)
{
	console_set_linesize(s->c, n);
}

static void act_guest(struct session *s, unsigned n)
{
	(void)n;
	guest_screen(s);
}

static void act_display(struct session *s, unsigned n)
{
	(void)n;
	display(s);
}

static void act_colors(struct session *s, unsigned n)
{
	s->columns = n ? console_columns(s->c) : 80;
	color_screen(s);
}

static void act_modecp(struct session *s, unsigned n)
{
	console_set_mode_cp(s->c, n);
}

static void act_hilight(struct session *s, unsigned n)
{
	console_set_highlight(s->c, n);
}

static void act_more(struct session *s, unsigned n)
{
	console_set_more(s->c, n, n);
}

/* 1 APL, 2 TEXT; 10 PA2 is told; 20 no HOLDING; 40 blackened passwords; 80 no "!". */
static void act_terminal(struct session *s, unsigned n)
{
	const struct console_terminal terminal = {
		.tabchar = 0x6A,
		.charset = n % 10 == 1 ? CONSOLE_APL : n % 10 == 2 ? CONSOLE_TEXT : CONSOLE_PLAIN,
		.pa2 = n / 10 & 1,
		.no_hold = n / 10 & 2,
		.mask = n / 10 & 4,
		.quiet_attention = n / 10 & 8,
	};

	console_set_terminal(s->c, &terminal);
}

static void act_logo(struct session *s, unsigned n)
{
	(void)n;
	logo(s->c);
}

/* A line on every other terminal. */
static void act_tell(struct session *s, unsigned n)
{
	(void)n;
	for (struct session *other = sessions; other; other = other->next)
		if (other != s)
			say(other, 0, "TOLD");
	say(s, 0, "ECHO: tell");
}

static void act_bye(struct session *s, unsigned n)
{
	(void)n;
	say(s, 0, "GOOD BYE");
	console_close(s->c);
}

static void act_who(struct session *s, unsigned n)
{
	char text[200];

	(void)n;
	snprintf(text, sizeof(text), "%ux%u LU %s", console_rows(s->c),
		 console_columns(s->c), console_lu(s->c));
	say(s, 0, text);
}

static void act_dial(struct session *s, unsigned n)
{
	(void)n;
	console_dial(s->c, true);
	s->dialed = true;
	guest_screen(s);
}

/* clang-format off */
static const struct word words[] = {
	{ "cpread", act_cpread },     { "vmread", act_vmread },
	{ "running", act_running },   { "password", act_password },
	{ "refuse", act_refuse },     { "flood", act_flood },
	{ "cplines", act_cplines },   { "msg", act_msg },
	{ "wide", act_wide },         { "linesize", act_linesize },
	{ "guest", act_guest },       { "display", act_display },
	{ "modecp", act_modecp },     { "logo", act_logo },
	{ "bye", act_bye },           { "who", act_who },
	{ "dial", act_dial },         { "hilight", act_hilight },
	{ "more", act_more },	      { "terminal", act_terminal },
	{ "colors", act_colors },     { "tell", act_tell },
};
/* clang-format on */

static enum console_taken line(void *arg, struct console *c, const uint8_t *text,
			       size_t length)
{
	struct session *s = console_data(c);
	char ascii[CONSOLE_INPUT_MAX + 1], word[17] = "", reply[CONSOLE_INPUT_MAX + 16];
	unsigned n = 0;

	(void)arg;
	if (s->refuse) {
		s->refuse = false;
		return CONSOLE_NOT_ACCEPTED;
	}
	ebcdic_to_latin1(&codepage_037, ascii, text, length);
	ascii[length] = '\0';
	sscanf(ascii, "%16s %u", word, &n);
	console_set_status(c, CONSOLE_RUNNING, false);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].word, word) == 0) {
			words[i].act(s, n);
			return CONSOLE_ACCEPTED;
		}
	}
	snprintf(reply, sizeof(reply), "ECHO: %s", ascii);
	say(s, 0, reply);
	return CONSOLE_ACCEPTED;
}

static void key(void *arg, struct console *c, enum console_key which)
{
	static const char *const names[] = { "KEY PA1", "KEY ENTER", "KEY ATTENTION",
					     "KEY PA2" };

	(void)arg;
	say(console_data(c), 0, names[which]);
	if (which == CONSOLE_KEY_PA1)
		console_set_status(c, CONSOLE_CP_READ, false);
}

static void drained(void *arg, struct console *c)
{
	(void)arg;
	flood(console_data(c));
}

static void cancelled(void *arg, struct console *c)
{
	(void)arg;
	say(console_data(c), 0, "CANCELLED");
}

static void record(void *arg, struct console *c, const uint8_t *bytes, size_t length)
{
	struct session *s = console_data(c);
	char text[80];

	(void)arg;
	if (s->dialed && bytes[0] == 0x6D) {
		s->dialed = false;
		console_dial(c, false);
		console_set_status(c, CONSOLE_CP_READ, false);
		return;
	}
	if (bytes[0] == 0xF3) { /* PF3: back to line mode */
		console_fullscreen_end(c);
		return;
	}
	if (s->dialed || bytes[0] != 0x7D) {
		/* Write it on the guest's screen: AID in hex at 2,0. */
		uint8_t write[16] = { 0xC3, 0x11, 0xC2, 0x60 };
		char hex[8];
		int n = snprintf(hex, sizeof(hex), "AID %02X", bytes[0]);

		ebcdic_from_latin1(&codepage_037, write + 4, hex, (size_t)n);
		console_fullscreen_write(c, 0x01, write, 4 + (size_t)n);
		return;
	}
	snprintf(text, sizeof(text), "RECORD %02X %zu BYTES", bytes[0], length);
	say(s, 0, text);
}

static enum console_taken copy(void *arg, struct console *c, const uint8_t *text,
			       size_t length)
{
	unsigned rows, columns;

	(void)arg;
	(void)text;
	if (length != 1 || !console_screen(c, &rows, &columns))
		return CONSOLE_NOT_ACCEPTED;
	say(console_data(c), 0, "COPY");
	return CONSOLE_ACCEPTED;
}

static void fullscreen_ready(void *arg, struct console *c)
{
	struct session *s = console_data(c);

	(void)arg;
	if (s->fullscreen)
		guest_screen(s);
	if (s->display)
		display(s);
	if (s->colors)
		color_screen(s);
}

static bool lu(void *arg, struct console *c, char name[9])
{
	(void)arg;
	(void)c;
	return strncmp(name, "BAD", 3) != 0;
}

static void closed(void *arg, struct console *c)
{
	struct session *s = console_data(c);

	(void)arg;
	if (!s)
		return;
	*s->link = s->next;
	if (s->next)
		s->next->link = s->link;
	free(s);
}

static const struct console_events events = {
	.opened = opened,
	.logo_key = logo_key,
	.line = line,
	.key = key,
	.drained = drained,
	.cancelled = cancelled,
	.closed = closed,
	.record = record,
	.fullscreen_ready = fullscreen_ready,
	.lu = lu,
	.copy = copy,
};

static void stdin_ready(void *arg, unsigned ready)
{
	char bytes[256];

	(void)ready;
	if (read(0, bytes, sizeof(bytes)) <= 0)
		loop_stop(arg);
}

static void take_option(struct listener_options *o, const char *name, const char *value)
{
	unsigned long n = strtoul(value, NULL, 10);

	if (strcmp(name, "--port") == 0)
		o->port = (uint16_t)n;
	else if (strcmp(name, "--more") == 0)
		o->more_ms = (unsigned)n;
	else if (strcmp(name, "--more-alarm") == 0)
		o->more_alarm_ms = (unsigned)n;
	else if (strcmp(name, "--not-accepted") == 0)
		o->not_accepted_ms = (unsigned)n;
	else if (strcmp(name, "--negotiate") == 0)
		o->negotiate_ms = (unsigned)n;
	else if (strcmp(name, "--max-clients") == 0)
		o->max_clients = (unsigned)n;
	else if (strcmp(name, "--max-per-address") == 0)
		o->max_per_address = (unsigned)n;
	else if (strcmp(name, "--keepalive") == 0)
		o->keepalive_s = (unsigned)n;
	else if (strcmp(name, "--idle") == 0)
		o->idle_s = (unsigned)n;
	else if (strcmp(name, "--no-tn3270e") == 0)
		o->no_tn3270e = n != 0;
	else if (strcmp(name, "--cert") == 0)
		o->tls_certificate = value;
	else if (strcmp(name, "--tls") == 0)
		o->tls = n != 0;
	else if (strcmp(name, "--record") == 0)
		o->record = value;
	else
		fprintf(stderr, "no such option: %s\n", name);
}

int main(int argc, char **argv)
{
	struct listener_options options = { .port = 0 };
	struct error err = { 0, "" };
	struct loop *loop = loop_new(&err);
	struct loop_watch *input;
	struct listener *l;
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	for (int i = 1; i + 1 < argc; i += 2)
		take_option(&options, argv[i], argv[i + 1]);
	l = loop ? listener_new(loop, &options, &events, NULL, &err) : NULL;
	if (!l) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	input = loop_watch(loop, 0, LOOP_READ, stdin_ready, loop, NULL);
	printf("port %u\n", listener_port(l));
	fflush(stdout);
	loop_run(loop);
	loop_unwatch(input);
	listener_free(l);
	loop_free(loop);
	return 0;
}
