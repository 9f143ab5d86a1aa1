#include "devices/nje_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "devices/nje_link.h"

#define PORT	   "175" /* of NJE over TCP */
#define READ_MS	   3000
#define CONNECT_MS 30000u
#define KEEPALIVE  200u
#define BUFFER	   8192u
#define MS_MAX	   86400000 /* a day */

struct flags {
	bool listen, connect, named_here, named_there;
};

static bool number(const char *value, long least, long most, long *n, struct error *err)
{
	char *end;

	*n = strtol(value, &end, 10);
	if (end != value && !*end && *n >= least && *n <= most)
		return true;
	error_set(err, 0, "'%s' is no number from %ld to %ld", value, least, most);
	return false;
}

static bool set_unsigned(const char *value, long least, long most, unsigned *u,
			 struct error *err)
{
	long n;

	if (!number(value, least, most, &n, err))
		return false;
	*u = (unsigned)n;
	return true;
}

static bool set_on(const char *value, bool *on, struct error *err)
{
	long n;

	if (!number(value, 0, 65535, &n, err))
		return false;
	*on = n != 0;
	return true;
}

static bool set_read(struct nje_words *w, const char *value, struct error *err)
{
	long n;

	if (!number(value, -1, MS_MAX, &n, err))
		return false;
	w->read_ms = (int)n;
	return true;
}

static bool set_name(const char *value, uint8_t name[NJE_NAME], bool *named,
		     struct error *err)
{
	*named = nje_name_put(value, name);
	if (!*named)
		error_set(err, 0, "'%s' is not one to %u characters", value, NJE_NAME);
	return *named;
}

static bool set_dial(const char *value, struct error *err)
{
	if (strcasecmp(value, "no") == 0 || strcmp(value, "0") == 0)
		return true;
	error_set(err, 0, "'%s': an NJE line is not dialed, only no is possible", value);
	return false;
}

static bool ignore(struct nje_words *w, const char *key)
{
	size_t used = strlen(w->ignored);

	snprintf(w->ignored + used, sizeof(w->ignored) - used, " %s=", key);
	return true;
}

static const char *host(const char *value)
{
	return strcmp(value, "*") ? value : NULL;
}

static bool take_word(struct nje_words *w, struct flags *f, const char *key,
		      const char *value, struct error *err)
{
	static const char *const keys[] = {
		"lport",  "lhost",   "rport",	"rhost",     "lnode", "rnode",
		"listen", "connect", "rto",	"cto",	     "dial",  "switched",
		"debug",  "trace",   "bufsize", "keepalive",
	};
	unsigned n = 0;

	while (n < sizeof(keys) / sizeof(keys[0]) && strcasecmp(key, keys[n]) != 0)
		n++;
	switch (n) {
	case 0: w->local_port = value; return true;
	case 1: w->local_host = host(value); return true;
	case 2: w->remote_port = value; return true;
	case 3: w->remote_host = host(value); return true;
	case 4: return set_name(value, w->here, &f->named_here, err);
	case 5: return set_name(value, w->there, &f->named_there, err);
	case 6: return set_on(value, &f->listen, err);
	case 7: return set_on(value, &f->connect, err);
	case 8: return set_read(w, value, err);
	case 9: return set_unsigned(value, 1, MS_MAX, &w->connect_ms, err);
	case 10:
	case 11: return set_dial(value, err);
	case 12:
	case 13: return ignore(w, key);
	case 14:
		return set_unsigned(value, NJE_BUFFER_LEAST, NJE_BUFFER_MOST, &w->buffer,
				    err);
	case 15: return set_unsigned(value, 0, 1000000, &w->keepalive, err);
	default: error_set(err, 0, "not known for NJE"); return false;
	}
}

static bool take_words(struct nje_words *w, struct flags *f, int count,
		       char *const *words, struct error *err)
{
	for (int i = 0; i < count; i++) {
		const char *equals = strchr(words[i], '=');
		char key[16];

		if (!equals || equals - words[i] >= (long)sizeof(key)) {
			error_set(err, 0, "'%s' is not KEY=VALUE", words[i]);
			return false;
		}
		snprintf(key, sizeof(key), "%.*s", (int)(equals - words[i]), words[i]);
		if (!take_word(w, f, key, equals + 1, err)) {
			error_prefix(err, "%s=", key);
			return false;
		}
	}
	return true;
}

/* The kind of line that Hercules wants to have named. 1: it is; -1 with err. */
static int kind_word(int count, char *const *words, struct error *err)
{
	if (count == 0 || strchr(words[0], '='))
		return 0;
	if (strcasecmp(words[0], "2703") == 0 || strcasecmp(words[0], "bsc") == 0 ||
	    strcasecmp(words[0], "bisync") == 0)
		return 1;
	error_set(err, 0, "'%s': NJE is a BSC line of a 2703", words[0]);
	return -1;
}

static bool check_words(struct nje_words *w, const struct flags *f, struct error *err)
{
	if (!f->named_here || !f->named_there) {
		error_set(err, 0, "%s= is missing", f->named_here ? "rnode" : "lnode");
		return false;
	}
	if (!f->listen)
		w->local_port = NULL;
	if (!f->connect)
		w->remote_host = NULL;
	if (w->local_port || w->remote_host)
		return true;
	error_set(err, 0, "neither listen= nor connect= with rhost=");
	return false;
}

bool nje_words_take(struct nje_words *w, int count, char *const *words, struct error *err)
{
	struct flags f = { .listen = true, .connect = true };
	int kind = kind_word(count, words, err);

	*w = (struct nje_words){
		.local_port = PORT,
		.remote_port = PORT,
		.read_ms = READ_MS,
		.connect_ms = CONNECT_MS,
		.keepalive = KEEPALIVE,
		.buffer = BUFFER,
	};
	return kind >= 0 && take_words(w, &f, count - kind, words + kind, err) &&
	       check_words(w, &f, err);
}
