#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/ebcdic.h"
#include "consoles/bytebuf.h"
#include "consoles/console_int.h"
#include "tests/unit/runner.h"

/*
 * Recorded sessions (consoles/recorder.h) are played against a console: the
 * client's bytes go in, the owner does what he did then, and every byte and
 * every event has to be the same again.
 */
#define FOLDER "tests/trace/"

struct replay {
	const char *name;
	FILE *file;
	unsigned line_number;
	char *line;
	size_t line_size;
	struct bytebuf out; /* sent and not yet compared */
	struct console_settings settings;
	struct console *c;
	bool flush_wanted, closed;
	int lu_answer;
};

static void wrong(struct replay *r, const char *what)
{
	ck_abort_msg("%s:%u: %s", r->name, r->line_number, what);
}

/* The next line that is not a comment, or NULL. */
static char *next_line(struct replay *r)
{
	ssize_t n;

	do {
		n = getline(&r->line, &r->line_size, r->file);
		if (n < 0)
			return NULL;
		r->line_number++;
		while (n && (r->line[n - 1] == '\n' || r->line[n - 1] == ' '))
			r->line[--n] = '\0';
	} while (r->line[0] == '#' || !r->line[0]);
	return r->line;
}

static size_t from_hex(struct replay *r, const char *hex, uint8_t *out, size_t size)
{
	size_t n = 0;
	unsigned byte;

	for (; hex && sscanf(hex, "%2x", &byte) == 1 && n < size; hex += 2)
		out[n++] = (uint8_t)byte;
	if (hex && *hex)
		wrong(r, "bad hexadecimal");
	return n;
}

/* Word number n of the line (0 the first), or NULL. */
static const char *word(const char *line, unsigned n)
{
	while (line && n--) {
		line = strchr(line, ' ');
		line = line ? line + 1 : NULL;
	}
	return line;
}

static unsigned number(const char *line, unsigned n)
{
	const char *w = word(line, n);

	return w ? (unsigned)strtoul(w, NULL, 10) : 0;
}

static void call_logo(struct replay *r, unsigned count)
{
	char online[200], text[20][200];
	const char *lines[20];

	online[from_hex(r, word(r->line, 3), (uint8_t *)online, 199)] = '\0';
	for (unsigned i = 0; i < count && i < 20; i++) {
		next_line(r);
		text[i][from_hex(r, word(r->line, 1), (uint8_t *)text[i], 199)] = '\0';
		lines[i] = text[i];
	}
	console_logo(r->c, online, lines, count);
}

static bool is(const char *line, const char *what)
{
	size_t n = strlen(what);

	return strncmp(line, what, n) == 0 && (line[n] == ' ' || !line[n]);
}

static void call(struct replay *r)
{
	static uint8_t bytes[70000];
	const char *what = word(r->line, 1);
	unsigned a = number(r->line, 2), b = number(r->line, 3);

#define BYTES(n) from_hex(r, word(r->line, n), bytes, sizeof(bytes))
	if (is(what, "write")) {
		size_t n = BYTES(3);

		console_write(r->c, bytes, n, a);
	} else if (is(what, "status")) {
		console_set_status(r->c, (enum console_status)a, b);
	} else if (is(what, "pf")) {
		size_t n = BYTES(4);

		console_set_pf(r->c, a, (enum console_pf)b, bytes, n);
	} else if (is(what, "sysid")) {
		size_t n = BYTES(2);

		console_set_sysid(r->c, bytes, n);
	} else if (is(what, "fullscreen_write")) {
		size_t n = BYTES(3);

		console_fullscreen_write(r->c, (uint8_t)a, bytes, n);
	} else if (is(what, "display")) {
		size_t n = BYTES(4);

		console_display(r->c, a, b, bytes, n);
	} else if (is(what, "logo")) {
		call_logo(r, a);
	} else if (is(what, "codepage")) {
		console_set_codepage(r->c, codepage_find(word(r->line, 2)));
	} else if (is(what, "mode_cp")) {
		console_set_mode_cp(r->c, a);
	} else if (is(what, "more")) {
		console_set_more(r->c, a, b);
	} else if (is(what, "terminal")) {
		const struct console_terminal terminal = {
			.charset = (enum console_charset)a,
			.tabchar = (uint8_t)b,
			.no_hold = number(r->line, 4),
			.pa2 = number(r->line, 5),
			.mask = number(r->line, 6),
			.quiet_attention = number(r->line, 7),
		};

		console_set_terminal(r->c, &terminal);
	} else if (is(what, "highlight")) {
		console_set_highlight(r->c, a);
	} else if (is(what, "echo")) {
		console_set_echo(r->c, a);
	} else if (is(what, "linesize")) {
		console_set_linesize(r->c, a);
	} else if (is(what, "clear")) {
		console_clear(r->c);
	} else if (is(what, "fullscreen_pa1")) {
		console_fullscreen_pa1(r->c, a);
	} else if (is(what, "fullscreen_end")) {
		console_fullscreen_end(r->c);
	} else if (is(what, "dial")) {
		console_dial(r->c, a);
	} else if (is(what, "close")) {
		console_close(r->c);
	} else {
		wrong(r, "no such call");
	}
}

/* ---- the owner: what he was told must be the next line, then he acts as then */

static unsigned told(void *arg, const char *event, const uint8_t *bytes, size_t length)
{
	struct replay *r = arg;
	char expected[2 * CONSOLE_INPUT_MAX + 200];
	size_t n = (size_t)snprintf(expected, sizeof(expected), "event %s", event);

	if (bytes && length)
		expected[n++] = ' ';
	for (size_t i = 0; bytes && i < length && n + 3 < sizeof(expected); i++)
		n += (size_t)sprintf(expected + n, "%02X", bytes[i]);
	expected[n] = '\0';
	if (!next_line(r) || strcmp(r->line, expected) != 0) {
		fprintf(stderr, "told: %s\n", expected);
		wrong(r, "this is not what happens now");
	}
	while (next_line(r) && is(r->line, "call"))
		call(r);
	if (!is(r->line, "return"))
		wrong(r, "no return");
	return number(r->line, 1);
}

static void ev_opened(void *arg, struct console *c)
{
	(void)c;
	told(arg, "opened", NULL, 0);
}

static void ev_logo_key(void *arg, struct console *c)
{
	(void)c;
	told(arg, "logo_key", NULL, 0);
}

static enum console_taken ev_line(void *arg, struct console *c, const uint8_t *text,
				  size_t length)
{
	(void)c;
	return (enum console_taken)told(arg, "line", text, length);
}

static void ev_key(void *arg, struct console *c, enum console_key key)
{
	char event[20];

	(void)c;
	snprintf(event, sizeof(event), "key %u", key);
	told(arg, event, NULL, 0);
}

static void ev_drained(void *arg, struct console *c)
{
	(void)c;
	told(arg, "drained", NULL, 0);
}

static void ev_cancelled(void *arg, struct console *c)
{
	(void)c;
	told(arg, "cancelled", NULL, 0);
}

static void ev_closed(void *arg, struct console *c)
{
	(void)arg;
	(void)c;
}

static void ev_record(void *arg, struct console *c, const uint8_t *record, size_t length)
{
	(void)c;
	told(arg, "record", record, length);
}

static void ev_ready(void *arg, struct console *c)
{
	(void)c;
	told(arg, "fullscreen_ready", NULL, 0);
}

static enum console_taken ev_copy(void *arg, struct console *c, const uint8_t *text,
				  size_t length)
{
	(void)c;
	return (enum console_taken)told(arg, "copy", text, length);
}

static bool ev_lu(void *arg, struct console *c, char name[9])
{
	struct replay *r = arg;

	(void)c;
	if (!next_line(r) || !is(r->line, "lu"))
		wrong(r, "a LU name is wanted now");
	name[from_hex(r, word(r->line, 2), (uint8_t *)name, 8)] = '\0';
	r->lu_answer = (int)strtol(word(r->line, 1), NULL, 10);
	return r->lu_answer != 3; /* invalid name */
}

static const struct console_events owner = {
	.opened = ev_opened,
	.logo_key = ev_logo_key,
	.line = ev_line,
	.key = ev_key,
	.drained = ev_drained,
	.cancelled = ev_cancelled,
	.closed = ev_closed,
	.record = ev_record,
	.fullscreen_ready = ev_ready,
	.lu = ev_lu,
	.copy = ev_copy,
};

/* ---- the connection */

static void host_output(void *host)
{
	struct replay *r = host;
	size_t n;
	const uint8_t *bytes;

	if (!r->c)
		return;
	bytes = console_output(r->c, &n);
	bytebuf_put(&r->out, bytes, n);
	console_sent(r->c, n);
}

static void host_close(void *host, bool now)
{
	(void)now;
	((struct replay *)host)->closed = true;
}

static void host_timer(void *host, unsigned milliseconds)
{
	(void)host;
	(void)milliseconds;
}

static void host_flush(void *host)
{
	((struct replay *)host)->flush_wanted = true;
}

static bool host_lu_in_use(void *host, const char *name)
{
	(void)name;
	return ((struct replay *)host)->lu_answer == 1; /* device in use */
}

static const struct console_host host_ops = {
	.output = host_output,
	.close = host_close,
	.timer = host_timer,
	.flush = host_flush,
	.lu_in_use = host_lu_in_use,
};

static void compare(struct replay *r)
{
	static uint8_t want[300000];
	size_t n = from_hex(r, word(r->line, 1), want, sizeof(want));

	for (size_t i = 0; i < n; i++) {
		if (i < r->out.length && r->out.data[i] == want[i])
			continue;
		ck_abort_msg("%s:%u: byte %zu of %zu is %02X, not %02X",
			     r->name, r->line_number, i, n,
			     i < r->out.length ? r->out.data[i] : 0u, want[i]);
	}
	bytebuf_take(&r->out, n);
}

static void begin(struct replay *r)
{
	if (!next_line(r) || !is(r->line, "settings"))
		wrong(r, "no settings");
	r->settings = (struct console_settings){
		.no_tn3270e = number(r->line, 2),
		.start_tls = number(r->line, 3),
		.not_accepted_ms = number(r->line, 4),
	};
	r->c = console_new(&r->settings, &owner, r, &host_ops, r, "client",
			   number(r->line, 1));
	console_start(r->c);
}

static void play(struct replay *r)
{
	static uint8_t bytes[70000];

	while (next_line(r)) {
		if (is(r->line, "<")) {
			size_t n = from_hex(r, word(r->line, 1), bytes, sizeof(bytes));

			console_receive(r->c, bytes, n);
		} else if (is(r->line, ">")) {
			compare(r);
		} else if (is(r->line, "flush")) {
			r->flush_wanted = false;
			console_flush(r->c);
		} else if (is(r->line, "timer")) {
			console_timer(r->c);
		} else if (is(r->line, "tls")) {
			console_tls_begun(r->c);
		} else if (is(r->line, "call")) {
			call(r);
		} else {
			wrong(r, "this did not happen now");
		}
	}
	if (r->out.length)
		wrong(r, "more was sent than then");
}

static char names[200][256];
static int name_count;

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void find_recordings(void)
{
	DIR *dir = opendir(FOLDER);
	struct dirent *e;

	while (dir && (e = readdir(dir)) != NULL) {
		size_t n = strlen(e->d_name);

		if (n < 6 || n > 63 || strcmp(e->d_name + n - 5, ".3270") != 0)
			continue;
		if (name_count < (int)ARRAY_SIZE(names))
			snprintf(names[name_count++], sizeof(names[0]), FOLDER "%s",
				 e->d_name);
	}
	if (dir)
		closedir(dir);
	qsort(names, (size_t)name_count, sizeof(names[0]), by_name);
}

START_TEST(recording_plays_as_it_was)
{
	struct replay r = { .name = names[_i] };
	r.file = fopen(r.name, "r");
	ck_assert_msg(r.file != NULL, "%s cannot be read", r.name);
	begin(&r);
	play(&r);
	console_free(r.c);
	bytebuf_free(&r.out);
	free(r.line);
	fclose(r.file);
}
END_TEST

START_TEST(there_are_recordings)
{
	ck_assert_msg(name_count > 0,
		      "no recording in " FOLDER " (is this the top of the tree?)");
}
END_TEST

static Suite *replay_suite(void)
{
	Suite *s = suite_create("recorded sessions");
	TCase *tc = tcase_create("replay");

	tcase_add_test(tc, there_are_recordings);
	tcase_add_loop_test(tc, recording_plays_as_it_was, 0, name_count);
	suite_add_tcase(s, tc);
	return s;
}

/* Without operands those of the tree are played. */
int main(int argc, char **argv)
{
	if (argc == 1)
		find_recordings();
	for (int i = 1; i < argc && name_count < (int)ARRAY_SIZE(names); i++)
		snprintf(names[name_count++], sizeof(names[0]), "%s", argv[i]);
	return run_suite(replay_suite());
}
