#include "cp/sysline.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/compiler.h"
#include "base/error.h"
#include "cp/datadir.h"
#include "devices/line_words.h"
#include "devices/nje_words.h"

#define STATEMENT_MAX 1024
#define BLANKS	      " \t\r\n"

struct syslines {
	const char *dir;
	void (*report)(void *arg, const char *sentence);
	void *arg;
	struct sysline *first;
	unsigned number; /* of the line of lines.conf that is being read */
};

static void complain(const struct syslines *ls, const char *format, ...) PRINTF_LIKE(2, 3);

static void complain(const struct syslines *ls, const char *format, ...)
{
	char sentence[400];
	va_list ap;
	int n = snprintf(sentence, sizeof(sentence), DATADIR_LINES_CONF ":%u: ", ls->number);

	va_start(ap, format);
	vsnprintf(sentence + n, sizeof(sentence) - (size_t)n, format, ap);
	va_end(ap);
	ls->report(ls->arg, sentence);
}

/* ---- the words of a line */

static void forget_words(struct sysline *l)
{
	for (int i = 0; i < l->count; i++)
		free(l->word[i]);
	l->count = 0;
}

static void line_free(struct sysline *l)
{
	forget_words(l);
	free(l);
}

static bool add_word(struct sysline *l, const char *word)
{
	if (l->count == SYSLINE_WORDS)
		return false;
	l->word[l->count] = strdup(word);
	if (!l->word[l->count])
		BUG("no memory for a line's words");
	l->count++;
	return true;
}

const char *sysline_word(const struct sysline *l, const char *key)
{
	size_t n = strlen(key);

	for (int i = 0; i < l->count; i++)
		if (strncasecmp(l->word[i], key, n) == 0 && l->word[i][n] == '=')
			return l->word[i] + n + 1;
	return "";
}

/*
 * A host's name becomes its address now: the machine that has the line would wait for the
 * answer, and CP for the machine.
 */
static bool look_up(char **word)
{
	const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
	const char *name = strchr(*word, '=') + 1;
	char address[NI_MAXHOST], text[NI_MAXHOST + 16];
	struct addrinfo *found;
	bool ok;

	if (strcmp(name, "*") == 0)
		return true;
	if (getaddrinfo(name, NULL, &hints, &found) != 0)
		return false;
	ok = getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof(address), NULL, 0,
			 NI_NUMERICHOST) == 0;
	freeaddrinfo(found);
	if (!ok)
		return false;
	snprintf(text, sizeof(text), "%.5s=%s", *word, address);
	free(*word);
	*word = strdup(text);
	if (!*word)
		BUG("no memory for a host's address");
	return true;
}

static void look_up_hosts(struct syslines *ls, struct sysline *l)
{
	l->no_host = false;
	for (int i = 0; i < l->count; i++)
		if ((strncasecmp(l->word[i], "rhost=", 6) == 0 ||
		     strncasecmp(l->word[i], "lhost=", 6) == 0) &&
		    !look_up(&l->word[i])) {
			complain(ls, "%s: there is no such host; line %03X is offline",
				 l->word[i], l->raddr);
			l->no_host = true;
		}
}

/* ---- a statement */

static bool take_address(const char *word, uint16_t *raddr)
{
	char *end;
	unsigned long v;

	if (!isxdigit((unsigned char)word[0]) || strlen(word) > 4)
		return false;
	v = strtoul(word, &end, 16);
	*raddr = (uint16_t)v;
	return !*end && ((v >= 0x001 && v <= 0x12F && (v < 0x00C || v > 0x00E)) ||
			 (v >= 0x600 && v <= 0x7FF));
}

/* NJE over TCP: its words are others, and lines of one machine may share a port. */
static bool is_nje(const struct sysline *l)
{
	return strcmp(l->type, "TCPNJE") == 0;
}

/* Two lines cannot listen at one port of a host. */
static bool port_is_free(const struct syslines *ls, const struct sysline *l)
{
	const char *port = sysline_word(l, "lport"), *host = sysline_word(l, "lhost");

	for (const struct sysline *o = ls->first; o && *port && strcmp(port, "0"); o = o->next) {
		const char *other = sysline_word(o, "lhost");

		if (o->raddr == l->raddr || (is_nje(o) && is_nje(l)) ||
		    strcmp(port, sysline_word(o, "lport")) != 0 ||
		    (*host && *other && strcasecmp(host, other) != 0))
			continue;
		complain(ls, "lport=%s is that of line %03X already", port, o->raddr);
		return false;
	}
	return true;
}

static bool take_2703(struct sysline *l, struct error *err)
{
	struct line_words words;

	if (!line_words_take(&words, l->count, l->word, err))
		return false;
	if (words.options.cable)
		error_set(err, 0, "cable=yes is not for a line of the system");
	l->start_stop = words.options.start_stop;
	l->ibm = words.tty.ibm;
	return !words.options.cable;
}

static bool words_are_good(const struct syslines *ls, struct sysline *l)
{
	struct error err = { 0, "" };
	struct nje_words nje;

	if (is_nje(l) ? nje_words_take(&nje, l->count, l->word, &err) : take_2703(l, &err))
		return port_is_free(ls, l);
	complain(ls, "%s", err.text);
	return false;
}

static struct sysline *parse(const struct syslines *ls, char *text)
{
	char *save, *raddr = strtok_r(text, BLANKS, &save), *type, *word;
	const struct device_class *class;
	struct sysline *l;
	uint16_t address;

	if (!raddr || raddr[0] == '*' || raddr[0] == '#')
		return NULL;
	type = strtok_r(NULL, BLANKS, &save);
	class = type ? device_class_find(type) : NULL;
	if (!class || class->kind != DEVICE_LINE) {
		complain(ls, "expected: RADDR 2703 KEY=VALUE...");
		return NULL;
	}
	if (!take_address(raddr, &address)) {
		complain(ls, "'%.20s' is no address of a line: 001 to 12F but 00C to 00E, "
			 "and 600 to 7FF are", raddr);
		return NULL;
	}
	l = calloc(1, sizeof(*l));
	if (!l)
		BUG("no memory for a line");
	l->raddr = address;
	snprintf(l->type, sizeof(l->type), "%s", device_class_type(class, type));
	while ((word = strtok_r(NULL, BLANKS, &save)) && add_word(l, word))
		;
	if (word)
		complain(ls, "more than %d words", SYSLINE_WORDS);
	if (!word && words_are_good(ls, l))
		return l;
	line_free(l);
	return NULL;
}

/* ---- the file */

/* Lines that are free take what they have from the file; the old ones are gone. */
static void take_out_free(struct syslines *ls, struct sysline **old)
{
	struct sysline **at = &ls->first;

	*old = NULL;
	while (*at) {
		struct sysline *l = *at;

		if (l->user || l->port) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		l->next = *old;
		*old = l;
	}
}

static void insert(struct syslines *ls, struct sysline *l)
{
	struct sysline **at = &ls->first;

	while (*at && (*at)->raddr < l->raddr)
		at = &(*at)->next;
	l->next = *at;
	*at = l;
}

/* A line that has been there stays offline, and goes on counting. */
static void take_over(struct sysline *l, const struct sysline *old)
{
	while (old && old->raddr != l->raddr)
		old = old->next;
	if (!old)
		return;
	l->offline = old->offline;
	l->counts.starts = old->counts.starts;
}

static void take_statement(struct syslines *ls, char *text, const struct sysline *old,
			   bool again)
{
	struct sysline *l = parse(ls, text);
	const struct sysline *there = l ? sysline_at(ls, l->raddr) : NULL;

	if (!l)
		return;
	if (there) {
		if (!again || !(there->user || there->port))
			complain(ls, "there is a line %03X already", l->raddr);
		line_free(l);
		return;
	}
	take_over(l, old);
	look_up_hosts(ls, l);
	insert(ls, l);
}

static void read_file(struct syslines *ls, bool again)
{
	char path[512], text[STATEMENT_MAX];
	struct sysline *old;
	struct error err;
	FILE *f;

	take_out_free(ls, &old);
	ls->number = 0;
	f = datadir_path(path, sizeof(path), ls->dir, DATADIR_LINES_CONF, &err)
		    ? fopen(path, "re") : NULL;
	while (f && fgets(text, sizeof(text), f)) {
		ls->number++;
		if (!strchr(text, '\n') && !feof(f)) {
			complain(ls, "the line is too long");
			break;
		}
		take_statement(ls, text, old, again);
	}
	if (f)
		fclose(f);
	while (old) {
		struct sysline *l = old;

		old = l->next;
		line_free(l);
	}
}

struct syslines *syslines_new(const char *dir, void (*report)(void *arg, const char *sentence),
			      void *arg)
{
	struct syslines *ls = calloc(1, sizeof(*ls));

	if (!ls)
		BUG("no memory for the lines");
	ls->dir = dir;
	ls->report = report;
	ls->arg = arg;
	read_file(ls, false);
	return ls;
}

void syslines_read(struct syslines *ls)
{
	read_file(ls, true);
}

void syslines_free(struct syslines *ls)
{
	while (ls && ls->first) {
		struct sysline *l = ls->first;

		ls->first = l->next;
		line_free(l);
	}
	free(ls);
}

struct sysline *syslines_first(struct syslines *ls)
{
	return ls->first;
}

struct sysline *sysline_at(struct syslines *ls, uint16_t raddr)
{
	struct sysline *l = ls->first;

	while (l && l->raddr != raddr)
		l = l->next;
	return l;
}

bool sysline_online(const struct sysline *l)
{
	return !l->offline && !l->no_host;
}

void sysline_release(struct sysline *l)
{
	l->user = NULL;
}
