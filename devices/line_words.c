#include "devices/line_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define READ_MS_BSC 3000
#define READ_MS_TTY 28000
#define POLL_MS	    3000

static bool leased(const struct line_words *w)
{
	return !w->options.dial_in && !w->options.dial_out;
}

static bool yes_no(const char *value, bool *on, struct error *err)
{
	*on = strcasecmp(value, "yes") == 0;
	if (*on || strcasecmp(value, "no") == 0)
		return true;
	error_set(err, 0, "'%s' is not yes or no", value);
	return false;
}

static bool milliseconds(const char *value, int *ms, struct error *err)
{
	char *end;
	long n = strtol(value, &end, 10);

	if (end == value || *end || n < -1 || n > 86400000) {
		error_set(err, 0, "'%s' is no number of milliseconds", value);
		return false;
	}
	*ms = (int)n;
	return true;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *at = c ? strchr(digits, c >= 'a' ? c - 'a' + 'A' : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Hexadecimal bytes, at most max. -1: they are none. */
static int hex_bytes(const char *value, uint8_t *bytes, size_t max, struct error *err)
{
	size_t n = strlen(value);

	for (size_t i = 0; n % 2 == 0 && n / 2 <= max && i < n; i++)
		if (hex_digit(value[i]) < 0)
			n = 1;
	if (n % 2 || n / 2 > max) {
		error_set(err, 0, "'%s' is not up to %zu hexadecimal bytes", value, max);
		return -1;
	}
	for (size_t i = 0; i < n / 2; i++)
		bytes[i] = (uint8_t)(hex_digit(value[2 * i]) << 4 |
				     hex_digit(value[2 * i + 1]));
	return (int)(n / 2);
}

static bool byte_set(const char *value, bool *set, struct error *err)
{
	uint8_t bytes[64];
	int n = hex_bytes(value, bytes, sizeof(bytes), err);

	for (int i = 0; i < n; i++)
		set[bytes[i]] = true;
	return n >= 0;
}

static bool fixed_bytes(const char *value, uint8_t *bytes, unsigned *count,
			struct error *err)
{
	int n = hex_bytes(value, bytes, TTY_FIX_MAX, err);

	*count = n > 0 ? (unsigned)n : 0;
	return n >= 0;
}

/* One of the values that a word may have; -1 with err. */
static int choice(const char *value, const char *const *choices, struct error *err)
{
	for (int i = 0; choices[i]; i++)
		if (strcasecmp(value, choices[i]) == 0)
			return i;
	error_set(err, 0, "'%s' is not what is wanted here", value);
	return -1;
}

static bool set_dial(struct line_words *w, const char *value, struct error *err)
{
	static const char *const choices[] = { "no",  "0", "in",    "out",
					       "yes", "1", "inout", NULL };
	int n = choice(value, choices, err);

	w->options.dial_in = n == 2 || n >= 4;
	w->options.dial_out = n >= 3;
	return n >= 0;
}

static bool set_control(struct line_words *w, const char *value, struct error *err)
{
	static const char *const choices[] = { "bsc", "tele2", "ibm1", "async", NULL };
	int n = choice(value, choices, err);

	w->options.start_stop = n > 0;
	return n >= 0;
}

static bool set_term(struct line_words *w, const char *value, struct error *err)
{
	static const char *const choices[] = { "tty", "2741", NULL };
	int n = choice(value, choices, err);

	w->tty.ibm = n == 1;
	if (w->tty.ibm && w->tty.code == TTY_ASCII)
		w->tty.code = TTY_EBCD;
	return n >= 0;
}

static bool set_code(struct line_words *w, const char *value, struct error *err)
{
	static const char *const choices[] = { "ebcd", "corr", "none", NULL };
	int n = choice(value, choices, err);

	if (n >= 0)
		w->tty.code = (enum tty_code)(TTY_EBCD + n);
	return n >= 0;
}

static bool set_flag(const char *value, const char *word, bool *on, struct error *err)
{
	*on = strcasecmp(value, word) == 0;
	if (!*on)
		error_set(err, 0, "'%s' is not %s", value, word);
	return *on;
}

static bool set_end(struct line_words *w, const char *value, struct error *err)
{
	uint8_t byte;

	if (hex_bytes(value, &byte, 1, err) != 1)
		return false;
	w->tty.end = byte;
	return true;
}

static bool take_word(struct line_words *w, const char *key, const char *value,
		      struct error *err)
{
	static const char *const keys[] = {
		"lport",  "lhost",  "rport", "rhost",	"dial",	  "switched", "rto",
		"pto",	  "eto",    "lnctl", "term",	"code",	  "uctrans",  "skip",
		"iskip",  "bs",	    "break", "prepend", "append", "eol",      "crlf",
		"sendcr", "binary", "tty",   "cable",	NULL,
	};
	struct tty_options *o = &w->tty;
	bool ignored;

	switch (choice(key, keys, err)) {
	case 0: w->local_port = value; return true;
	case 1: w->local_host = strcmp(value, "*") ? value : NULL; return true;
	case 2: w->remote_port = value; return true;
	case 3: w->remote_host = strcmp(value, "*") ? value : NULL; return true;
	case 4:
	case 5: return set_dial(w, value, err);
	case 6:
		w->read_given = true;
		return milliseconds(value, &w->options.read_ms, err);
	case 7: return milliseconds(value, &w->options.poll_ms, err);
	case 8: return milliseconds(value, &w->options.enable_ms, err);
	case 9: return set_control(w, value, err);
	case 10: return set_term(w, value, err);
	case 11: return set_code(w, value, err);
	case 12: return yes_no(value, &o->upper, err);
	case 13: return byte_set(value, o->skip_out, err);
	case 14: return byte_set(value, o->skip_in, err);
	case 15: return set_flag(value, "dumb", &o->backspace, err);
	case 16: return set_flag(value, "dumb", &o->control_c, err);
	case 17: return fixed_bytes(value, o->prepend, &o->prepend_count, err);
	case 18: return fixed_bytes(value, o->append, &o->append_count, err);
	case 19: return set_end(w, value, err);
	case 20: return yes_no(value, &ignored, err); /* a new line is CR LF anyway */
	case 21: return yes_no(value, &o->send_return, err);
	case 22: return yes_no(value, &o->binary, err);
	case 24: return yes_no(value, &w->options.cable, err);
	case 23: w->options.start_stop = strcmp(value, "0") != 0; return true;
	default: return false;
	}
}

static bool take_words(struct line_words *w, int count, char *const *words,
		       struct error *err)
{
	for (int i = 0; i < count; i++) {
		const char *equals = strchr(words[i], '=');
		char key[16];

		if (!equals || equals - words[i] >= (long)sizeof(key)) {
			error_set(err, 0, "'%s' is not KEY=VALUE", words[i]);
			return false;
		}
		snprintf(key, sizeof(key), "%.*s", (int)(equals - words[i]), words[i]);
		if (!take_word(w, key, equals + 1, err)) {
			error_prefix(err, "%s=", key);
			return false;
		}
	}
	return true;
}

/* What goes with what; the words that a kind of line has no use for are ignored. */
static bool check_words(struct line_words *w, struct error *err)
{
	if (w->options.start_stop && !w->read_given)
		w->options.read_ms = READ_MS_TTY;
	if (w->options.cable) {
		w->options.dial_in = true; /* it answers, and hangs up */
		w->options.dial_out = false;
		return true;
	}
	if (!leased(w))
		w->remote_host = w->remote_port = NULL;
	if (!w->options.dial_in && !leased(w))
		w->local_host = w->local_port = NULL;
	else if (!w->local_port)
		error_set(err, 0, "lport= is missing");
	if (w->options.dial_in) /* a call may come at any time */
		w->options.enable_ms = 0;
	if (leased(w) && (!w->remote_host || !w->remote_port))
		error_set(err, 0, "a line that is not dialed needs rhost= and rport=");
	return err->text[0] == '\0';
}

bool line_words_take(struct line_words *w, int count, char *const *words,
		     struct error *err)
{
	struct error why = { 0 };

	*w = (struct line_words){
		.options = {.dial_out = true,
			     .read_ms = READ_MS_BSC,
			     .poll_ms = POLL_MS}
	};
	if (take_words(w, count, words, &why) && check_words(w, &why))
		return true;
	if (err)
		*err = why;
	return false;
}
