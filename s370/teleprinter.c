#include "s370/teleprinter.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/machine.h"

#define EBCDIC_NEWLINE 0x15
#define EBCDIC_RETURN  0x0D

struct typed_line {
	struct typed_line *next;
	size_t length;
	uint8_t text[]; /* EBCDIC */
};

struct teleprinter {
	struct machine *machine;
	struct screen *screen;
	const struct codepage *codepage;
	uint16_t address;
	FILE *log;
	pthread_mutex_t lock; /* guards the fields below */
	bool reading;
	size_t max;           /* bytes the outstanding read takes */
	struct typed_line *first, **end;
	struct teleprinter_watcher watcher; /* without functions: nobody */
};

static void set_reading_locked(struct teleprinter *t, bool on)
{
	bool changes = t->reading != on;

	t->reading = on;
	if (changes && t->watcher.reading)
		t->watcher.reading(t->watcher.arg, on);
}

/* Latin-1 characters below 80 as they are, others as two UTF-8 bytes. */
static size_t put_utf8(char *out, uint8_t c)
{
	if (c < 0x80) {
		*out = (char)(c >= ' ' && c < 0x7F ? c : ' ');
		return 1;
	}
	if (c < 0xA0) {
		*out = ' ';
		return 1;
	}
	out[0] = (char)(0xC0 | c >> 6);
	out[1] = (char)(0x80 | (c & 0x3F));
	return 2;
}

static void show(struct teleprinter *t, const char *text, size_t length, bool newline)
{
	screen_guest(t->screen, text, length, newline);
	if (!t->log)
		return;
	fwrite(text, 1, length, t->log);
	if (newline)
		fputc('\n', t->log);
	fflush(t->log);
}

static bool tele_ready(void *arg)
{
	(void)arg;
	return true;
}

static bool tele_write(void *arg, const uint8_t *text, size_t length, unsigned flags)
{
	struct teleprinter *t = arg;
	char out[2 * TERMINAL_LINE_MAX];
	size_t n = 0;

	pthread_mutex_lock(&t->lock);
	if (t->watcher.written)
		t->watcher.written(t->watcher.arg, text, length, flags & TERMINAL_NEWLINE);
	pthread_mutex_unlock(&t->lock);
	for (size_t i = 0; i < length; i++) {
		if (n + 2 > sizeof(out)) {
			show(t, out, n, false);
			n = 0;
		}
		if (text[i] == EBCDIC_NEWLINE || text[i] == EBCDIC_RETURN) {
			show(t, out, n, true);
			n = 0;
			continue;
		}
		n += put_utf8(out + n, t->codepage->to_latin1[text[i]]);
	}
	show(t, out, n, flags & TERMINAL_NEWLINE);
	return true;
}

/* Post the answer to the outstanding read; the line is freed. */
static void answer_locked(struct teleprinter *t)
{
	struct typed_line *line = t->first;
	struct machine_request req = {
		.kind = MACHINE_TERMINAL_INPUT,
		.address = t->address,
		.data = line->text,
		.length = line->length < t->max ? line->length : t->max,
	};

	set_reading_locked(t, false);
	t->first = line->next;
	if (!t->first)
		t->end = &t->first;
	machine_post(t->machine, &req);
	free(line);
}

static void tele_read(void *arg, size_t max)
{
	struct teleprinter *t = arg;

	pthread_mutex_lock(&t->lock);
	set_reading_locked(t, true);
	t->max = max;
	if (t->first)
		answer_locked(t);
	pthread_mutex_unlock(&t->lock);
}

static void tele_cancel(void *arg)
{
	struct teleprinter *t = arg;

	pthread_mutex_lock(&t->lock);
	set_reading_locked(t, false);
	pthread_mutex_unlock(&t->lock);
}

static const struct terminal_ops tele_ops = {
	.ready = tele_ready,
	.write = tele_write,
	.read = tele_read,
	.cancel = tele_cancel,
};

struct teleprinter *teleprinter_new(struct machine *m, uint16_t address,
				    struct screen *screen, const struct codepage *codepage,
				    const char *log_path, struct error *err)
{
	struct teleprinter *t = calloc(1, sizeof(*t));

	if (!t) {
		error_set(err, ENOMEM, "no memory for console %03X", address);
		return NULL;
	}
	t->machine = m;
	t->screen = screen;
	t->codepage = codepage;
	t->address = address;
	t->end = &t->first;
	if (log_path && !(t->log = fopen(log_path, "we"))) {
		error_errno(err, errno, "%s", log_path);
		free(t);
		return NULL;
	}
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

void teleprinter_free(struct teleprinter *t)
{
	while (t->first) {
		struct typed_line *line = t->first;

		t->first = line->next;
		free(line);
	}
	if (t->log)
		fclose(t->log);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

struct terminal teleprinter_terminal(struct teleprinter *t)
{
	return (struct terminal){ .ops = &tele_ops, .arg = t };
}

uint16_t teleprinter_address(const struct teleprinter *t)
{
	return t->address;
}

/* UTF-8 to the console's code page; what it cannot hold becomes a question mark. */
static size_t to_ebcdic(const struct codepage *cp, uint8_t *out, const char *line)
{
	size_t n = 0;

	while (*line) {
		uint8_t c = (uint8_t)*line++;

		if (c >= 0xC0) {
			bool latin1 = c <= 0xC3 && (*line & 0xC0) == 0x80;

			c = latin1 ? (uint8_t)(c << 6 | (*line & 0x3F)) : '?';
			while ((*line & 0xC0) == 0x80)
				line++;
		}
		out[n++] = cp->to_ebcdic[c];
	}
	return n;
}

/* true: a read was outstanding. The line is the teleprinter's now. */
static bool enter(struct teleprinter *t, struct typed_line *typed)
{
	bool was_reading;

	pthread_mutex_lock(&t->lock);
	*t->end = typed;
	t->end = &typed->next;
	was_reading = t->reading;
	if (t->reading)
		answer_locked(t);
	pthread_mutex_unlock(&t->lock);
	return was_reading;
}

bool teleprinter_type(struct teleprinter *t, const char *line)
{
	struct typed_line *typed = malloc(sizeof(*typed) + strlen(line) + 1);

	if (!typed)
		return false;
	typed->next = NULL;
	typed->length = to_ebcdic(t->codepage, typed->text, line);
	return enter(t, typed);
}

bool teleprinter_enter(struct teleprinter *t, const uint8_t *text, size_t length)
{
	struct typed_line *typed = malloc(sizeof(*typed) + length);

	if (!typed)
		return false;
	typed->next = NULL;
	typed->length = length;
	if (length)
		memcpy(typed->text, text, length);
	return enter(t, typed);
}

void teleprinter_watch(struct teleprinter *t, const struct teleprinter_watcher *w)
{
	pthread_mutex_lock(&t->lock);
	t->watcher = w ? *w : (struct teleprinter_watcher){ 0 };
	pthread_mutex_unlock(&t->lock);
}

bool teleprinter_reading(struct teleprinter *t)
{
	bool reading;

	pthread_mutex_lock(&t->lock);
	reading = t->reading;
	pthread_mutex_unlock(&t->lock);
	return reading;
}
