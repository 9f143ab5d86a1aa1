#include "s370/hercules_config.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "devices/device.h"
#include "s370/parse.h"

#define INCLUDE_DEPTH 8
#define LINE_MAX_BYTES 4096
#define UNITS_MAX     256 /* devices of one statement */

struct symbol {
	struct symbol *next;
	char *name, *value;
};

struct config {
	struct bare *bare;
	struct symbol *symbols;
	struct symbol *noted; /* statements a note was given for */
	const char *root;     /* directory of the first file, "" for none */
	unsigned devices, failed;
	int unit;      /* the device that a statement is for, or -1 */
	char cuu[8];   /* its number as a symbol's value */
	struct error *err;
};

/* Where a line stands, for messages. */
struct place {
	const char *file;
	unsigned line;
	unsigned depth;
};

static bool read_config(struct config *c, const char *path, unsigned depth);

static void note(struct config *c, const struct place *at, const char *format, ...)
	PRINTF_LIKE(3, 4);

static void note(struct config *c, const struct place *at, const char *format, ...)
{
	char text[500];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	screen_say(bare_screen(c->bare), "%s:%u: %s", at->file, at->line, text);
}

static bool bad(struct config *c, const struct place *at, const char *format, ...)
	PRINTF_LIKE(3, 4);

static bool bad(struct config *c, const struct place *at, const char *format, ...)
{
	char text[300];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	error_set(c->err, 0, "%s:%u: %s", at->file, at->line, text);
	return false;
}

/* ---- symbols */

static struct symbol *find_symbol(struct symbol *list, const char *name)
{
	while (list && strcasecmp(list->name, name))
		list = list->next;
	return list;
}

static void set_symbol(struct symbol **list, const char *name, const char *value)
{
	struct symbol *s = find_symbol(*list, name);

	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return;
		s->name = strdup(name);
		s->next = *list;
		*list = s;
	}
	free(s->value);
	s->value = strdup(value);
}

static void free_symbols(struct symbol *s)
{
	while (s) {
		struct symbol *next = s->next;

		free(s->name);
		free(s->value);
		free(s);
		s = next;
	}
}

/* CUU, CCUU and DEVN: the number of the device, in lower case for these in lower case. */
static const char *unit_value(struct config *c, const char *name)
{
	bool three = !strcmp(name, "CUU") || !strcmp(name, "cuu");

	if (c->unit < 0 || !(three || !strcasecmp(name, "CCUU") || !strcasecmp(name, "DEVN")))
		return NULL;
	snprintf(c->cuu, sizeof(c->cuu), islower((unsigned char)*name) ? "%0*x" : "%0*X",
		 three ? 3 : 4, (unsigned)c->unit);
	return c->cuu;
}

/* The value of NAME, NAME:=DEFAULT or NAME=DEFAULT; an unknown one is empty. */
static const char *symbol_value(struct config *c, char *inner)
{
	char *assign = strchr(inner, '='), *fallback = "";
	const struct symbol *s;
	const char *env;

	if (assign) {
		fallback = assign + 1;
		*assign = '\0';
		if (assign > inner && assign[-1] == ':')
			assign[-1] = '\0';
	}
	env = unit_value(c, inner);
	if (env)
		return env;
	s = find_symbol(c->symbols, inner);
	if (s)
		return s->value;
	env = getenv(inner);
	return env && *env ? env : fallback;
}

/* Replace $(...) and ${...} in line. false: the result is too long. */
static bool expand(struct config *c, const char *line, char *out, size_t size)
{
	size_t n = 0;

	while (*line) {
		const char *end = NULL;

		if (line[0] == '$' && (line[1] == '(' || line[1] == '{'))
			end = strchr(line + 2, line[1] == '(' ? ')' : '}');
		if (end && end - line < 200) {
			char inner[200];
			const char *value;

			snprintf(inner, sizeof(inner), "%.*s", (int)(end - line - 2), line + 2);
			value = symbol_value(c, inner);
			if (n + strlen(value) >= size)
				return false;
			memcpy(out + n, value, strlen(value));
			n += strlen(value);
			line = end + 1;
		} else if (n + 1 < size) {
			out[n++] = *line++;
		} else {
			return false;
		}
	}
	out[n] = '\0';
	return true;
}

/* ---- statements */

static bool st_mainsize(struct config *c, const struct place *at, int n, char **words)
{
	char *suffix = words[0] + strlen(words[0]) - 1;
	uint64_t size, max = STORAGE_MAX;
	bool plain;

	(void)n;
	plain = isdigit((unsigned char)*suffix);
	if (toupper((unsigned char)*suffix) == 'B')
		*suffix = '\0';
	if (!word_size(words[0], UINT64_MAX >> 20, &size) || size == 0)
		return bad(c, at, "MAINSIZE: not a size: %s", words[0]);
	if (plain)
		size <<= 20;
	if (size > max) {
		note(c, at, "MAINSIZE %s: more than a System/370 has; 16M are used", words[0]);
		size = 16u << 20;
	}
	return bare_set_storage(c->bare, (uint32_t)size, c->err);
}

/* CNSLPORT PORT or HOST:PORT. */
static bool st_cnslport(struct config *c, const struct place *at, int n, char **words)
{
	char *colon = n == 1 ? strrchr(words[0], ':') : NULL;
	uint64_t port;

	if (n != 1 || !word_decimal(colon ? colon + 1 : words[0], 65535, &port))
		return bad(c, at, "CNSLPORT: not a port: %s", n ? words[0] : "");
	if (colon)
		*colon = '\0';
	bare_set_console_port(c->bare, colon && colon != words[0] ? words[0] : NULL,
			      (uint16_t)port);
	return true;
}

static bool st_numcpu(struct config *c, const struct place *at, int n, char **words)
{
	uint64_t cpus;

	(void)n;
	if (!word_decimal(words[0], UINT32_MAX, &cpus) || cpus == 0)
		return bad(c, at, "NUMCPU: not a number: %s", words[0]);
	if (cpus > 4) {
		note(c, at, "NUMCPU %s: 4 are used", words[0]);
		cpus = 4;
	}
	return bare_set_cpus(c->bare, (unsigned)cpus, c->err);
}

static bool set_id(struct config *c, const struct place *at, const char *what, const char *text,
		   unsigned bits, unsigned shift)
{
	uint64_t max = (UINT64_C(1) << bits) - 1, value;

	if (!word_hex(text, max, &value))
		return bad(c, at, "%s: not %u hex digits: %s", what, bits / 4, text);
	return bare_set_cpuid(c->bare, value << shift, max << shift, c->err);
}

static bool st_cpuserial(struct config *c, const struct place *at, int n, char **words)
{
	(void)n;
	return set_id(c, at, "CPUSERIAL", words[0], 24, 32);
}

static bool st_cpumodel(struct config *c, const struct place *at, int n, char **words)
{
	(void)n;
	return set_id(c, at, "CPUMODEL", words[0], 16, 16);
}

static bool st_cpuverid(struct config *c, const struct place *at, int n, char **words)
{
	(void)n;
	return set_id(c, at, "CPUVERID", words[0], 8, 56);
}

static bool st_archmode(struct config *c, const struct place *at, int n, char **words)
{
	(void)n;
	if (strcasecmp(words[0], "S/370") && strcasecmp(words[0], "370"))
		note(c, at, "ARCHMODE %s: this machine is a System/370", words[0]);
	return true;
}

/* ASCII/EBCDIC as in 819/1047; names such as "default" mean 037. */
static bool st_codepage(struct config *c, const struct place *at, int n, char **words)
{
	const char *slash = strrchr(words[0], '/');
	struct error ignored;

	(void)n;
	if (!bare_set_codepage(c->bare, slash ? slash + 1 : words[0], &ignored))
		note(c, at, "CODEPAGE %s: 037 is used", words[0]);
	return true;
}

static bool st_yroffset(struct config *c, const struct place *at, int n, char **words)
{
	int64_t years;

	(void)n;
	if (!word_signed(words[0], 142, &years))
		return bad(c, at, "YROFFSET: not a number of years: %s", words[0]);
	bare_move_clock(c->bare, years * BARE_YEAR);
	return true;
}

static bool st_tzoffset(struct config *c, const struct place *at, int n, char **words)
{
	int64_t seconds;

	(void)n;
	if (!word_zone(words[0], &seconds))
		return bad(c, at, "TZOFFSET: not [+-]HHMM: %s", words[0]);
	bare_move_clock(c->bare, seconds);
	return true;
}

/* The year the TOD clock counts from, and perhaps years to add. */
static bool st_sysepoch(struct config *c, const struct place *at, int n, char **words)
{
	uint64_t epoch;

	if (!word_decimal(words[0], 2100, &epoch) || epoch < 1800)
		return bad(c, at, "SYSEPOCH: not a year: %s", words[0]);
	bare_move_clock(c->bare, (1900 - (int64_t)epoch) * BARE_YEAR);
	return n < 2 || st_yroffset(c, at, n - 1, words + 1);
}

static bool st_defsym(struct config *c, const struct place *at, int n, char **words)
{
	(void)at;
	set_symbol(&c->symbols, words[0], n > 1 ? words[1] : "");
	return true;
}

static bool directory_exists(const char *path)
{
	const char *slash = strrchr(path, '/');
	char directory[LINE_MAX_BYTES];

	snprintf(directory, sizeof(directory), "%.*s", slash ? (int)(slash - path) : 1,
		 slash ? path : ".");
	return *directory == '\0' || access(directory, F_OK) == 0;
}

/*
 * A file named in the configuration: in the configuration's directory, or, where
 * that has no such file, in the working directory as Hercules takes it.
 */
static void in_root(const struct config *c, const char *path, char *out, size_t size)
{
	snprintf(out, size, "%s%s", *path == '/' ? "" : c->root, path);
	if (access(out, F_OK) == 0)
		return;
	if (access(path, F_OK) == 0 || (!directory_exists(out) && directory_exists(path)))
		snprintf(out, size, "%s", path);
}

static bool st_include(struct config *c, const struct place *at, int n, char **words)
{
	char path[LINE_MAX_BYTES];

	(void)n;
	if (at->depth + 1 >= INCLUDE_DEPTH)
		return bad(c, at, "INCLUDE more than %d deep", INCLUDE_DEPTH);
	in_root(c, words[0], path, sizeof(path));
	if (access(path, R_OK) != 0) {
		note(c, at, "INCLUDE %s: %s", words[0], strerror(errno));
		return true;
	}
	return read_config(c, path, at->depth + 1);
}

static const struct statement {
	const char *name;
	bool (*run)(struct config *c, const struct place *at, int n, char **words);
	bool silent; /* no note: nobody misses it */
} statements[] = {
	{ "MAINSIZE", st_mainsize, false },
	{ "NUMCPU", st_numcpu, false },
	{ "CNSLPORT", st_cnslport, false },
	{ "CPUSERIAL", st_cpuserial, false },
	{ "CPUMODEL", st_cpumodel, false },
	{ "CPUVERID", st_cpuverid, false },
	{ "ARCHMODE", st_archmode, false },
	{ "ARCHLVL", st_archmode, false },
	{ "CODEPAGE", st_codepage, false },
	{ "YROFFSET", st_yroffset, false },
	{ "TZOFFSET", st_tzoffset, false },
	{ "SYSEPOCH", st_sysepoch, false },
	{ "DEFSYM", st_defsym, false },
	{ "INCLUDE", st_include, false },
	{ "PANRATE", NULL, true },
	{ "PANOPT", NULL, true },
	{ "PANTITLE", NULL, true },
	{ "HERCPRIO", NULL, true },
	{ "CPUPRIO", NULL, true },
	{ "DEVPRIO", NULL, true },
	{ "TODPRIO", NULL, true },
	{ "SRVPRIO", NULL, true },
};

static const struct statement *find_statement(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(statements); i++)
		if (!strcasecmp(statements[i].name, name))
			return &statements[i];
	return NULL;
}

static bool run_statement(struct config *c, const struct place *at, int n, char **words)
{
	const struct statement *s = find_statement(words[0]);

	if (s && s->run) {
		/* Its operand may have been a variable that is not set here. */
		if (n < 2 && s->run == st_cnslport) {
			note(c, at, "%s: no operand; ignored", words[0]);
			return true;
		}
		if (n < 2)
			return bad(c, at, "%s: no operand", words[0]);
		return s->run(c, at, n - 1, words + 1);
	}
	if (!(s && s->silent) && !find_symbol(c->noted, words[0])) {
		set_symbol(&c->noted, words[0], "");
		note(c, at, "%s: ignored", words[0]);
	}
	return true;
}

/* ---- devices */

/* One of "00C", "00C-00F", "0C0.8", appended to units. -1: not an address. */
static int expand_range(const char *text, uint16_t *units, int count)
{
	char first[8];
	size_t n = strcspn(text, "-.");
	uint16_t start, end;
	uint64_t more;

	snprintf(first, sizeof(first), "%.*s", n < 7 ? (int)n : 7, text);
	if (!word_device(first, &start))
		return -1;
	end = start;
	if (text[n] == '-' && (!word_device(text + n + 1, &end) || end < start))
		return -1;
	if (text[n] == '.') {
		if (!word_decimal(text + n + 1, UNITS_MAX, &more) || more == 0)
			return -1;
		end = (uint16_t)(start + more - 1);
	}
	if (end < start || end - start >= UNITS_MAX - count)
		return -1;
	for (unsigned u = start; u <= end; u++)
		units[count++] = (uint16_t)u;
	return count;
}

/* "0:0300" names a channel set or LCSS: only the part behind the colon counts. */
static int device_numbers(char *text, uint16_t *units)
{
	char *colon = strchr(text, ':'), *save = NULL;
	int count = 0;

	if (colon)
		text = colon + 1;
	for (char *part = strtok_r(text, ",", &save); part && count >= 0;
	     part = strtok_r(NULL, ",", &save))
		count = expand_range(part, units, count);
	return count > 0 ? count : -1;
}

/* Does the statement begin with a device number? */
static bool is_device(const char *word)
{
	size_t n = strspn(word, "0123456789abcdefABCDEF");

	return n >= 1 && n <= 4 && (word[n] == '\0' || strchr(".-,:", word[n]));
}

static bool has_word(int n, char **words, const char *word)
{
	for (int i = 0; i < n; i++)
		if (!strcasecmp(words[i], word))
			return true;
	return false;
}

/* A word that names a host file: made relative to the configuration's directory. */
static bool is_file_word(enum device_kind kind, int position, const char *word,
			 bool socket)
{
	switch (kind) {
	case DEVICE_READER:
		return strchr(word, '=') == NULL && !strchr(word, ':') &&
		       strcasecmp(word, "eof") && strcasecmp(word, "intrq") &&
		       strcasecmp(word, "ascii") && strcasecmp(word, "ebcdic") &&
		       strcasecmp(word, "trunc") && strcasecmp(word, "autopad") &&
		       strcasecmp(word, "multifile") && strcasecmp(word, "sockdev") &&
		       strcmp(word, "*") && strspn(word, "0123456789") != strlen(word);
	case DEVICE_PRINTER:
	case DEVICE_PUNCH:
		if (socket)
			return false;
		/* fall through */
	case DEVICE_TAPE:
	case DEVICE_DASD:
		return position == 0 && strcmp(word, "*") && *word != '|' && *word != '@';
	default:
		return false;
	}
}

static void resolve_words(struct config *c, enum device_kind kind, int n, char **words,
			  char (*paths)[LINE_MAX_BYTES], char **out)
{
	bool socket = has_word(n, words, "sockdev");
	int used = 0;

	for (int i = 0; i < n; i++) {
		out[i] = words[i];
		if (*c->root == '\0' || used == 8)
			continue;
		if (!strncasecmp(words[i], "sf=", 3)) {
			char path[LINE_MAX_BYTES - 4];

			in_root(c, words[i] + 3, path, sizeof(path));
			snprintf(paths[used], LINE_MAX_BYTES, "sf=%s", path);
		} else if (is_file_word(kind, i, words[i], socket)) {
			in_root(c, words[i], paths[used], LINE_MAX_BYTES);
		} else {
			continue;
		}
		out[i] = paths[used++];
	}
}

static void attach_unit(struct config *c, const struct place *at, uint16_t unit,
			const char *type, int n, char **words)
{
	struct error err;

	if (bare_attach(c->bare, unit, type, n, words, &err)) {
		c->devices++;
	} else {
		c->failed++;
		note(c, at, "%s", err.text);
	}
}

/* A line with its symbols and without its comment, as words: their number, -1 with err. */
static int words_of(struct config *c, const struct place *at, const char *line, char *text,
		    char **words)
{
	char *hash = text;
	int n;

	if (!expand(c, line, text, LINE_MAX_BYTES)) {
		bad(c, at, "line too long");
		return -1;
	}
	while ((hash = strchr(hash, '#')) && hash > text && !isspace((unsigned char)hash[-1]))
		hash++;
	if (hash)
		*hash = '\0';
	n = word_split(text, words, WORDS_MAX);
	if (n < 0)
		bad(c, at, "a quote is missing, or too many words");
	return n;
}

/* The statement for one of its devices, whose number the symbol CUU has. */
static bool one_device(struct config *c, const struct place *at, const char *line,
		       uint16_t unit, const struct device_class *class, const char *type)
{
	static const char *const no_words[1];
	char text[LINE_MAX_BYTES], *words[WORDS_MAX], *resolved[WORDS_MAX];
	char (*paths)[LINE_MAX_BYTES] = malloc(8 * sizeof(*paths));
	int n;

	if (!paths)
		return bad(c, at, "no memory");
	c->unit = unit;
	n = words_of(c, at, line, text, words);
	c->unit = -1;
	if (n >= 2) {
		resolve_words(c, class->kind, n - 2, words + 2, paths, resolved);
		attach_unit(c, at, unit, type, n - 2, n > 2 ? resolved : (char **)no_words);
	}
	free(paths);
	return n >= 0;
}

static bool device_statement(struct config *c, const struct place *at, const char *line, int n,
			     char **words)
{
	const struct device_class *class;
	uint16_t units[UNITS_MAX];
	int count;

	if (n < 2)
		return bad(c, at, "%s: no device type", words[0]);
	count = device_numbers(words[0], units);
	if (count < 0)
		return bad(c, at, "not a device number: %s", words[0]);
	class = device_class_find(words[1]);
	if (!class) {
		note(c, at, "%s: unknown device type %s", words[0], words[1]);
		c->failed++;
		return true;
	}
	for (int i = 0; i < count; i++)
		if (!one_device(c, at, line, units[i], class, words[1]))
			return false;
	return true;
}

static bool run_line(struct config *c, const struct place *at, const char *line)
{
	char text[LINE_MAX_BYTES], *words[WORDS_MAX];
	int n = words_of(c, at, line, text, words);

	if (n < 0)
		return false;
	if (n == 0 || *words[0] == '*')
		return true;
	return is_device(words[0]) ? device_statement(c, at, line, n, words)
				   : run_statement(c, at, n, words);
}

static bool read_config(struct config *c, const char *path, unsigned depth)
{
	struct place at = { path, 0, depth };
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	bool ok = true;

	if (!f) {
		error_errno(c->err, errno, "%s", path);
		return false;
	}
	while (ok && getline(&line, &size, f) >= 0) {
		at.line++;
		ok = run_line(c, &at, line);
	}
	free(line);
	fclose(f);
	return ok;
}

bool hercules_config(struct bare *b, const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	char root[LINE_MAX_BYTES];
	struct config c = { .bare = b, .err = err, .root = root, .unit = -1 };
	bool ok;

	snprintf(root, sizeof(root), "%.*s", slash ? (int)(slash - path + 1) : 0, path);
	ok = read_config(&c, path, 0);
	free_symbols(c.symbols);
	free_symbols(c.noted);
	return ok;
}
