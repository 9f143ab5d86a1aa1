#include "cp/directory.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cp/args.h"

#define DIRECTORY_COLUMNS 71 /* 72 up is sequence number */
#define DIRECTORY_WORDS   24
#define YEARS_MAX         142 /* what a TOD clock holds */
#define DIRECTORY_FILE_MAX (16u << 20)

#define HASH_SIZE 4096 /* lists of userids */

struct directory {
	unsigned refs;
	struct directory_user *by_userid[HASH_SIZE];
	struct directory_user *users, **users_end;
};

/* The state of one run over a source. */
struct parser {
	const char *path;
	unsigned line;
	void (*report)(void *arg, const char *sentence);
	void *arg;
	unsigned errors;
	struct directory *dir;
	struct directory_user *user;
	struct directory_entry **devices_end;
	bool devices_begun;
	char *record; /* that word[] is in */
	char *word[DIRECTORY_WORDS];
	unsigned words;
};

static void complain(struct parser *p, const char *format, ...) PRINTF_LIKE(2, 3);

static void complain(struct parser *p, const char *format, ...)
{
	char sentence[400];
	va_list ap;
	int n = snprintf(sentence, sizeof(sentence), "%s:%u: ", p->path, p->line);

	va_start(ap, format);
	vsnprintf(sentence + n, sizeof(sentence) - (size_t)n, format, ap);
	va_end(ap);
	p->errors++;
	if (p->report)
		p->report(p->arg, sentence);
}

static const char *word_or(const struct parser *p, unsigned n, const char *otherwise)
{
	return n < p->words ? p->word[n] : otherwise;
}

/* Copy word n of at most max characters; false with a message if it is longer. */
static bool take_word(struct parser *p, unsigned n, char *out, size_t max, const char *what)
{
	if (n >= p->words) {
		complain(p, "%s: operand missing", what);
		return false;
	}
	if (strlen(p->word[n]) > max) {
		complain(p, "invalid operand - %.40s: %s has at most %zu characters",
			 p->word[n], what, max);
		return false;
	}
	snprintf(out, max + 1, "%s", p->word[n]);
	return true;
}

/* Word n is a password: a complaint about it must not show it. */
static bool take_secret(struct parser *p, unsigned n, struct directory_secret *s,
			const char *what)
{
	if (n >= p->words) {
		complain(p, "%s: operand missing", what);
		return false;
	}
	if (strlen(p->word[n]) > 8) {
		complain(p, "%s has at most 8 characters", what);
		return false;
	}
	s->line = p->line;
	s->column = (unsigned)(p->word[n] - p->record);
	s->stored = strcmp(p->word[n], "*") == 0;
	if (!s->stored)
		snprintf(s->plain, sizeof(s->plain), "%s", p->word[n]);
	return true;
}

static bool parse_number(const char *word, int base, uint32_t max, uint32_t *value)
{
	char *end;
	unsigned long v;

	if (!isxdigit((unsigned char)word[0]))
		return false;
	errno = 0;
	v = strtoul(word, &end, base);
	if (*end || errno || v > max)
		return false;
	*value = (uint32_t)v;
	return true;
}

static bool take_vaddr(struct parser *p, unsigned n, uint16_t *vaddr)
{
	uint32_t v;

	if (n >= p->words) {
		complain(p, "device address missing");
		return false;
	}
	if (strlen(p->word[n]) > 3 || !parse_number(p->word[n], 16, 0xFFF, &v)) {
		complain(p, "invalid operand - %.40s: a device address is 1 to 3 hex digits",
			 p->word[n]);
		return false;
	}
	*vaddr = (uint16_t)v;
	return true;
}

uint32_t directory_storage_size(const char *text)
{
	char *end;
	unsigned long v;

	if (!isdigit((unsigned char)text[0]))
		return 0;
	v = strtoul(text, &end, 10);
	if (v > 16384 || end[0] == '\0' || end[1] != '\0')
		return 0;
	if (*end == 'M' && v <= 16)
		v *= 1024;
	else if (*end != 'K')
		return 0;
	v = (v + 3) / 4 * 4;
	return v < 8 || v > 16384 ? 0 : (uint32_t)v * 1024;
}

/* ---- USER */

static bool user_storage(struct parser *p, unsigned n, uint32_t *bytes)
{
	if (n >= p->words)
		return true;
	*bytes = directory_storage_size(p->word[n]);
	if (*bytes == 0)
		complain(p, "invalid operand - %.40s: storage is 8K to 16M", p->word[n]);
	return *bytes != 0;
}

static void user_classes(struct parser *p, struct directory_user *u, const char *classes)
{
	u->classes = 0;
	for (const char *c = classes; *c; c++) {
		if (*c < 'A' || *c > 'H' || c - classes >= 8) {
			complain(p, "invalid operand - %.40s: classes are letters A to H",
				 classes);
			return;
		}
		u->classes |= (uint8_t)(0x80 >> (*c - 'A'));
	}
}

/* One of the four line editing symbols. */
static void user_symbol(struct parser *p, unsigned n, char *symbol)
{
	uint32_t v;
	const char *w = word_or(p, n, "ON");

	if (strcmp(w, "ON") == 0)
		return;
	if (strcmp(w, "OFF") == 0)
		*symbol = '\0';
	else if (w[0] && !w[1])
		*symbol = w[0];
	else if (strlen(w) == 2 && parse_number(w, 16, 0xFF, &v))
		*symbol = (char)v;
	else
		complain(p, "invalid operand - %.40s: a character, two hex digits, ON or OFF",
			 w);
}

static void user_statement(struct parser *p)
{
	static const struct directory_user defaults = {
		.storage = 128 * 1024, .max_storage = 1024 * 1024, .classes = 0x02,
		.priority = 50, .linend = '#', .linedel = (char)0xA2, .chardel = '@',
		.escape = '"', .affinity = -1,
	};
	struct directory_user *u = malloc(sizeof(*u));
	uint32_t priority;

	if (!u)
		BUG("no memory for a directory");
	*u = defaults;
	u->line = p->line;
	p->user = u;
	*p->dir->users_end = u;
	p->dir->users_end = &u->next;
	p->devices_end = &u->devices;
	p->devices_begun = false;

	if (!take_word(p, 1, u->userid, 8, "USER userid") ||
	    !take_secret(p, 2, &u->password, "USER password"))
		return;
	snprintf(u->account, sizeof(u->account), "%s", u->userid);
	snprintf(u->distcode, sizeof(u->distcode), "%s", u->userid);
	if (strcmp(u->userid, "SYSTEM") == 0)
		complain(p, "invalid operand - SYSTEM is not a userid");
	if (!user_storage(p, 3, &u->storage) || !user_storage(p, 4, &u->max_storage))
		return;
	if (u->max_storage < u->storage)
		u->max_storage = u->storage;
	if (p->words > 5)
		user_classes(p, u, p->word[5]);
	if (p->words > 6) {
		if (!parse_number(p->word[6], 10, 99, &priority) || priority == 0)
			complain(p, "invalid operand - %.40s: priority is 1 to 99",
				 p->word[6]);
		else
			u->priority = priority;
	}
	user_symbol(p, 7, &u->linend);
	user_symbol(p, 8, &u->linedel);
	user_symbol(p, 9, &u->chardel);
	user_symbol(p, 10, &u->escape);
}

/* ---- the option group */

static void account_statement(struct parser *p)
{
	if (take_word(p, 1, p->user->account, 8, "ACCOUNT number") && p->words > 2)
		(void)take_word(p, 2, p->user->distcode, 8, "ACCOUNT distribution code");
}

static bool years(const char *word, int *value)
{
	bool back = word[0] == '-';
	uint32_t n;

	if (!parse_number(word + back, 10, YEARS_MAX, &n))
		return false;
	*value = back ? -(int)n : (int)n;
	return true;
}

static void option_statement(struct parser *p)
{
	static const struct { const char *name; size_t min; unsigned bit; } options[] = {
		{ "REALTIMER", 1, OPTION_REALTIMER }, { "ECMODE", 1, OPTION_ECMODE },
		{ "ISAM", 1, OPTION_ISAM }, { "VIRT=REAL", 1, OPTION_VIRT_REAL },
		{ "ACCT", 1, OPTION_ACCT }, { "SVCOFF", 1, OPTION_SVCOFF },
		{ "BMX", 1, OPTION_BMX }, { "CPUID", 1, 0 }, { "AFFINITY", 2, 0 },
		{ "LNKNOPAS", 1, OPTION_LNKNOPAS }, { "STFIRST", 2, OPTION_STFIRST },
		{ "MAXCONN", 4, 0 }, { "YROFFSET", 3, 0 },
	};
	uint32_t value;

	for (unsigned n = 1; n < p->words; n++) {
		unsigned i = 0;

		while (i < ARRAY_SIZE(options) &&
		       !abbreviates(p->word[n], options[i].name, options[i].min))
			i++;
		if (i == ARRAY_SIZE(options)) {
			complain(p, "invalid operand - %.40s: no such option", p->word[n]);
			return;
		}
		p->user->options |= options[i].bit;
		if (options[i].bit)
			continue;
		if (options[i].name[0] == 'C' &&
		    parse_number(word_or(p, ++n, ""), 16, 0xFFFFFF, &value))
			p->user->cpuid = value;
		else if (options[i].name[0] == 'A' &&
			 parse_number(word_or(p, ++n, ""), 10, 99, &value))
			p->user->affinity = (int)value;
		else if (options[i].name[0] == 'M' &&
			 parse_number(word_or(p, ++n, ""), 10, 65535, &value) && value)
			p->user->maxconn = value;
		else if (options[i].name[0] == 'Y' &&
			 years(word_or(p, ++n, ""), &p->user->years))
			continue;
		else
			complain(p, "OPTION %s: operand missing or invalid", options[i].name);
	}
}

static void ipl_statement(struct parser *p)
{
	struct directory_user *u = p->user;
	size_t used = 0;

	if (!take_word(p, 1, u->ipl, 8, "IPL operand") || p->words < 3)
		return;
	if (strcmp(p->word[2], "PARM") != 0) {
		complain(p, "invalid operand - %.40s: PARM expected", p->word[2]);
		return;
	}
	for (unsigned n = 3; n < p->words; n++)
		used += (size_t)snprintf(u->ipl_parm + used, sizeof(u->ipl_parm) - used,
					 "%s%s", n > 3 ? " " : "", p->word[n]);
}

/*
 * IUCV ALLOW|ANY|userid [PRIORITY] [MSGLIMIT n]. GC19-6206, "VM/SP Planning Guide and
 * Reference": VM/370 has no such statement.
 */
static void iucv_statement(struct parser *p)
{
	struct directory_iucv *i = calloc(1, sizeof(*i));
	uint32_t limit;

	if (!i)
		BUG("no memory for a directory");
	i->next = p->user->iucv;
	p->user->iucv = i;
	if (!take_word(p, 1, i->target, 8, "IUCV userid"))
		return;
	for (unsigned n = 2; n < p->words; n++) {
		if (abbreviates(p->word[n], "PRIORITY", 1)) {
			i->priority = true;
		} else if (abbreviates(p->word[n], "MSGLIMIT", 1) &&
			   parse_number(word_or(p, n + 1, ""), 10, 255, &limit) && limit) {
			i->msglimit = limit;
			n++;
		} else {
			complain(p, "invalid operand - %.40s: PRIORITY or MSGLIMIT 1 to 255",
				 p->word[n]);
			return;
		}
	}
}

/* ---- device statements */

static struct directory_entry *new_device(struct parser *p, enum directory_device kind)
{
	struct directory_entry *e = calloc(1, sizeof(*e));

	if (!e)
		BUG("no memory for a directory");
	e->kind = kind;
	e->line = p->line;
	*p->devices_end = e;
	p->devices_end = &e->next;
	p->devices_begun = true;
	return e;
}

static bool one_of(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

static bool device_type(struct parser *p, struct directory_entry *e,
			const char *const *types)
{
	if (!take_word(p, 2, e->type, 8, "device type"))
		return false;
	if (one_of(e->type, types))
		return true;
	complain(p, "invalid operand - %s: not a device type of %s", e->type, p->word[0]);
	return false;
}

static void spool_class(struct parser *p, unsigned n, struct directory_entry *e,
			char otherwise)
{
	const char *w = word_or(p, n, NULL);

	e->class = otherwise;
	if (!w)
		return;
	if (w[1] || !(isalnum((unsigned char)w[0]) || w[0] == '*'))
		complain(p, "invalid operand - %.40s: a class is one letter or digit", w);
	else
		e->class = w[0];
}

static void console_statement(struct parser *p)
{
	static const char *const types[] = { "1052", "3210", "3215", "3270", "3277", "3278",
					     NULL };
	struct directory_entry *e = new_device(p, DIR_CONSOLE);

	if (!take_vaddr(p, 1, &e->vaddr) || !device_type(p, e, types))
		return;
	spool_class(p, 3, e, 'T');
	if (p->words > 4)
		(void)take_word(p, 4, e->userid, 8, "secondary user");
}

static void spool_statement(struct parser *p)
{
	static const char *const types[] = { "2501", "2540", "3505", "3525", "1403", "1443",
					     "3203", "3211", NULL };
	struct directory_entry *e = new_device(p, DIR_SPOOL);
	unsigned class_at = 3;

	if (!take_vaddr(p, 1, &e->vaddr) || !device_type(p, e, types))
		return;
	if (strcmp(e->type, "2540") == 0) {
		const char *which = word_or(p, class_at++, "");

		if (abbreviates(which, "READER", 1))
			strcpy(e->type, "2540R");
		else if (abbreviates(which, "PUNCH", 1))
			strcpy(e->type, "2540P");
		else {
			complain(p, "SPOOL 2540: READER or PUNCH expected");
			return;
		}
	}
	spool_class(p, class_at, e, 'A');
}

static void dedicate_statement(struct parser *p)
{
	struct directory_entry *e = new_device(p, DIR_DEDICATE);
	unsigned n = 2;
	uint32_t raddr;

	if (strcmp(word_or(p, 1, ""), "NETWORK") == 0) {
		complain(p, "DEDICATE NETWORK: this system has no 3704 or 3705");
		return;
	}
	if (!take_vaddr(p, 1, &e->vaddr))
		return;
	if (strcmp(word_or(p, n, ""), "VOLID") == 0) {
		e->by_volid = true;
		n++;
	}
	if (!e->by_volid && n < p->words && strlen(p->word[n]) <= 3 &&
	    parse_number(p->word[n], 16, 0xFFF, &raddr))
		e->raddr = (uint16_t)raddr;
	else {
		e->by_volid = true;
		if (!take_word(p, n, e->volid, 6, "DEDICATE volume"))
			return;
	}
	for (n++; n < p->words; n++)
		if (strcmp(p->word[n], "R/O") == 0)
			e->read_only = true;
}

static void special_statement(struct parser *p)
{
	static const char *const types[] = { "2701", "2702", "2703", "3270", "3138", "3148",
					     "3158", "CTCA", "TIMER", NULL };
	struct directory_entry *e = new_device(p, DIR_SPECIAL);

	if (take_vaddr(p, 1, &e->vaddr) && device_type(p, e, types) && p->words > 3)
		(void)take_word(p, 3, e->option, 8, "SPECIAL option");
}

static bool valid_mode(const char *mode)
{
	static const char *const modes[] = { "R", "RR", "W", "WR", "M", "MR", "MW",
					     "RV", "RRV", "WV", "WRV", "MV", "MRV", "MWV",
					     NULL };

	return one_of(mode, modes);
}

static void link_statement(struct parser *p)
{
	struct directory_entry *e = new_device(p, DIR_LINK);

	strcpy(e->mode, "R");
	if (!take_word(p, 1, e->userid, 8, "LINK userid") || !take_vaddr(p, 2, &e->vaddr2))
		return;
	e->vaddr = e->vaddr2;
	if (p->words > 3 && !take_vaddr(p, 3, &e->vaddr))
		return;
	if (p->words > 4 && !valid_mode(p->word[4]))
		complain(p, "invalid operand - %.40s: not an access mode", p->word[4]);
	else if (p->words > 4)
		snprintf(e->mode, sizeof(e->mode), "%s", p->word[4]);
}

static void mdisk_passwords(struct parser *p, struct directory_entry *e, unsigned n)
{
	for (unsigned i = 0; i < 3 && n + i < p->words; i++)
		(void)take_secret(p, n + i, &e->password[i], "MDISK password");
}

static void mdisk_mode(struct parser *p, struct directory_entry *e, unsigned n)
{
	strcpy(e->mode, "W");
	if (n >= p->words)
		return;
	if (!valid_mode(p->word[n]))
		complain(p, "invalid operand - %.40s: not an access mode", p->word[n]);
	else
		snprintf(e->mode, sizeof(e->mode), "%s", p->word[n]);
}

static void mdisk_statement(struct parser *p)
{
	static const char *const types[] = { "2305", "2311", "2314", "2319", "3330", "3340",
					     "3350", "3375", "3380", NULL };
	struct directory_entry *e = new_device(p, DIR_MDISK);
	unsigned n = 3;

	if (!take_vaddr(p, 1, &e->vaddr) || !device_type(p, e, types))
		return;
	if (strcmp(e->type, "2311") == 0 && (abbreviates(word_or(p, n, ""), "TOP", 1) ||
					     abbreviates(word_or(p, n, ""), "BOTTOM", 1)))
		n++;
	if (n < p->words && p->word[n][0] == 'T' && abbreviates(p->word[n], "T-DISK", 1))
		e->temporary = true;
	else if (!parse_number(word_or(p, n, ""), 10, 65535, &e->cylinder)) {
		complain(p, "MDISK %03X: first cylinder missing or invalid", e->vaddr);
		return;
	}
	n++;
	if (!parse_number(word_or(p, n, ""), 10, 65535, &e->cylinders) || e->cylinders == 0) {
		complain(p, "MDISK %03X: number of cylinders missing or invalid", e->vaddr);
		return;
	}
	n++;
	if (e->temporary) {
		mdisk_mode(p, e, n);
		return;
	}
	if (!take_word(p, n, e->volid, 6, "MDISK volume"))
		return;
	mdisk_mode(p, e, n + 1);
	mdisk_passwords(p, e, n + 2);
}

static void directory_statement(struct parser *p)
{
	if (p->user)
		complain(p, "statement sequence error: DIRECTORY must be first");
}

/* Statement names in the order in which an abbreviation is looked up. */
static const struct statement {
	const char *name;
	size_t min;
	enum { ANYWHERE, OPTION_GROUP, DEVICE_GROUP } where;
	void (*parse)(struct parser *p);
} statements[] = {
	{ "USER", 1, ANYWHERE, user_statement },
	{ "ACCOUNT", 1, OPTION_GROUP, account_statement },
	{ "OPTION", 1, OPTION_GROUP, option_statement },
	{ "MDISK", 1, DEVICE_GROUP, mdisk_statement },
	{ "SPOOL", 1, DEVICE_GROUP, spool_statement },
	{ "DEDICATE", 1, DEVICE_GROUP, dedicate_statement },
	{ "LINK", 1, DEVICE_GROUP, link_statement },
	{ "IPL", 1, OPTION_GROUP, ipl_statement },
	{ "IUCV", 2, OPTION_GROUP, iucv_statement },
	{ "CONSOLE", 1, DEVICE_GROUP, console_statement },
	{ "SPECIAL", 3, DEVICE_GROUP, special_statement },
	{ "DIRECTORY", 3, ANYWHERE, directory_statement },
};

/*
 * A directory that CMS punched begins with the spool's ID card and CMS's :READ
 * card; neither is a statement.
 */
static bool deck_header(const struct parser *p)
{
	return strcmp(p->word[0], ":READ") == 0 ||
	       (p->line == 1 && (strcmp(p->word[0], "USERID") == 0 ||
				 strcmp(p->word[0], "ID") == 0));
}

static void parse_statement(struct parser *p)
{
	const struct statement *s = statements;

	if (deck_header(p))
		return;
	while (s < statements + ARRAY_SIZE(statements) &&
	       !abbreviates(p->word[0], s->name, s->min))
		s++;
	if (s == statements + ARRAY_SIZE(statements)) {
		complain(p, "invalid operand - %.40s: no such statement", p->word[0]);
		return;
	}
	if (s->where != ANYWHERE && !p->user) {
		complain(p, "statement sequence error: %s before any USER", s->name);
		return;
	}
	if (s->where == OPTION_GROUP && p->devices_begun) {
		complain(p, "statement sequence error following USER %s: %s after a device",
			 p->user->userid, s->name);
		return;
	}
	s->parse(p);
}

/* Split a record into upper-case words; comments and blank records have none. */
static void split_record(struct parser *p, char *record)
{
	char *save;

	p->words = 0;
	p->record = record;
	for (char *c = record; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	for (char *w = strtok_r(record, " \t\r", &save); w && p->words < DIRECTORY_WORDS;
	     w = strtok_r(NULL, " \t\r", &save))
		p->word[p->words++] = w;
	if (p->words && p->word[0][0] == '*')
		p->words = 0;
}

/* ---- checks over the whole of it */

static void check_user(struct parser *p, const struct directory_user *u)
{
	for (const struct directory_entry *a = u->devices; a; a = a->next)
		for (const struct directory_entry *b = a->next; b; b = b->next)
			if (a->vaddr == b->vaddr) {
				p->line = b->line;
				complain(p, "USER %s: duplicate unit definition: %03X, first at "
					 "line %u", u->userid, b->vaddr, a->line);
			}
}

/* FNV-1a. */
static unsigned hash_of(const char *userid)
{
	uint32_t h = 2166136261u;

	while (*userid)
		h = (h ^ (uint8_t)*userid++) * 16777619u;
	return h % HASH_SIZE;
}

static void enter_user(struct parser *p, struct directory_user *u)
{
	const struct directory_user *first = directory_find(p->dir, u->userid);
	struct directory_user **list = &p->dir->by_userid[hash_of(u->userid)];

	if (first) {
		p->line = u->line;
		complain(p, "USER %s: duplicate userid, first at line %u", u->userid,
			 first->line);
		return;
	}
	u->same_hash = *list;
	*list = u;
}

struct directory *directory_parse(const char *path, const char *text, size_t length,
				  void (*report)(void *arg, const char *sentence), void *arg)
{
	struct parser p = { .path = path, .report = report, .arg = arg };
	const char *end = text + length;

	p.dir = calloc(1, sizeof(*p.dir));
	if (!p.dir)
		BUG("no memory for a directory");
	p.dir->refs = 1;
	p.dir->users_end = &p.dir->users;
	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((eol ? eol : end) - text);
		char record[DIRECTORY_COLUMNS + 1];

		p.line++;
		if (n > DIRECTORY_COLUMNS)
			n = DIRECTORY_COLUMNS;
		memcpy(record, text, n);
		record[n] = '\0';
		if (memchr(record, '\0', n))
			complain(&p, "a NUL character: this is not a text file");
		split_record(&p, record);
		if (p.words)
			parse_statement(&p);
		text = eol ? eol + 1 : end;
	}
	for (struct directory_user *u = p.dir->users; u; u = u->next) {
		check_user(&p, u);
		enter_user(&p, u);
	}
	if (p.errors == 0)
		return p.dir;
	directory_put(p.dir);
	return NULL;
}

struct directory *directory_read(const char *path,
				 void (*report)(void *arg, const char *sentence), void *arg)
{
	struct directory *dir = NULL;
	char sentence[400];
	FILE *f = fopen(path, "re");
	char *text = f ? malloc(DIRECTORY_FILE_MAX) : NULL;
	size_t n;

	if (!text) {
		snprintf(sentence, sizeof(sentence), "%s: %s", path, strerror(errno));
		report(arg, sentence);
		if (f)
			fclose(f);
		return NULL;
	}
	n = fread(text, 1, DIRECTORY_FILE_MAX, f);
	if (ferror(f) || n == DIRECTORY_FILE_MAX) {
		snprintf(sentence, sizeof(sentence), "%s: %s", path,
			 ferror(f) ? strerror(errno) : "the file is too large");
		report(arg, sentence);
	} else {
		dir = directory_parse(path, text, n, report, arg);
	}
	fclose(f);
	explicit_bzero(text, n); /* there were passwords in it */
	free(text);
	return dir;
}

struct directory *directory_get(struct directory *dir)
{
	dir->refs++;
	return dir;
}

void directory_put(struct directory *dir)
{
	if (!dir || --dir->refs)
		return;
	for (struct directory_user *u = dir->users, *next; u; u = next) {
		for (struct directory_entry *e = u->devices, *after; e; e = after) {
			after = e->next;
			explicit_bzero(e->password, sizeof(e->password));
			free(e);
		}
		while (u->iucv) {
			struct directory_iucv *i = u->iucv;

			u->iucv = i->next;
			free(i);
		}
		next = u->next;
		explicit_bzero(&u->password, sizeof(u->password));
		free(u);
	}
	free(dir);
}

const struct directory_user *directory_find(const struct directory *dir, const char *userid)
{
	const struct directory_user *u = dir->by_userid[hash_of(userid)];

	while (u && strcmp(u->userid, userid) != 0)
		u = u->same_hash;
	return u;
}

void directory_secrets(struct directory *dir,
		       void (*visit)(void *arg, const struct directory_user *u,
				     const struct directory_entry *e, unsigned kind,
				     struct directory_secret *s),
		       void *arg)
{
	for (struct directory_user *u = dir->users; u; u = u->next) {
		visit(arg, u, NULL, 0, &u->password);
		for (struct directory_entry *e = u->devices; e; e = e->next)
			for (unsigned kind = 0; kind < 3; kind++)
				visit(arg, u, e, kind, &e->password[kind]);
	}
}

const struct directory_user *directory_users(const struct directory *dir)
{
	return dir->users;
}
