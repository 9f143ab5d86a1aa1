/*
 * PER. The help file of the Community Edition (PER HELPCMD, local modification HRC013)
 * has the language; INSTRUCT, PASS, TABLE and COUNT are VM/SP's words.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/message.h"
#include "cp/per.h"
#include "cp/vmblok.h"

#define ADDRESS_LAST 0xFFFFFFu
#define DECIMAL_MAX  2147483647u

/* ---- numbers and ranges */

static bool hex_at(const char **text, uint32_t *n)
{
	size_t digits = strspn(*text, "0123456789ABCDEF");

	if (!digits || digits > 6)
		return false;
	*n = (uint32_t)strtoul(*text, NULL, 16);
	*text += digits;
	return true;
}

/* addr, addr-addr, addr-, -addr, addr.length; a colon is as good as the hyphen. */
static bool range_of(const char *word, struct per_range *r)
{
	uint32_t length;

	*r = (struct per_range){ 0, ADDRESS_LAST };
	if (*word != '-' && *word != ':' && !hex_at(&word, &r->first))
		return false;
	if (!*word) {
		r->last = r->first;
		return true;
	}
	if (*word == '.') {
		word++;
		if (!hex_at(&word, &length) || !length)
			return false;
		r->last = (r->first + length - 1) & ADDRESS_LAST;
		return !*word;
	}
	if (*word != '-' && *word != ':')
		return false;
	word++;
	return !*word || (hex_at(&word, &r->last) && !*word);
}

static bool is_range(const char *word)
{
	struct per_range r;

	return strpbrk(word, "-:.") && range_of(word, &r);
}

/* An even number of hex digits. */
static bool data_of(const char *word, struct per_element *e)
{
	size_t digits = strlen(word);

	if (!digits || digits % 2 || digits > 2 * PER_DATA ||
	    strspn(word, "0123456789ABCDEF") != digits)
		return false;
	e->length = (unsigned)digits / 2;
	for (unsigned i = 0; i < e->length; i++) {
		const char byte[3] = { word[2 * i], word[2 * i + 1] };

		e->data[i] = (uint8_t)strtoul(byte, NULL, 16);
	}
	return true;
}

static bool page_size(const char *word, uint32_t *size)
{
	char digits[12];
	size_t n = strlen(word);
	bool k = n > 1 && word[n - 1] == 'K';

	if (n >= sizeof(digits))
		return false;
	memcpy(digits, word, n + 1);
	if (k)
		digits[n - 1] = '\0';
	if (!args_decimal(digits, k ? 16384 : 16777216, size) || !*size)
		return false;
	*size *= k ? 1024 : 1;
	return true;
}

/* ---- the words */

enum modifier {
	MOD_OFF = 1 << 0, MOD_RANGE = 1 << 1, MOD_SKIP = 1 << 2, MOD_STEP = 1 << 3,
	MOD_RUN = 1 << 4, MOD_NORUN = 1 << 5, MOD_PRINT = 1 << 6, MOD_NOPRINT = 1 << 7,
	MOD_TERMINAL = 1 << 8, MOD_NOTERMINAL = 1 << 9, MOD_COMMAND = 1 << 10,
};

struct word {
	const char *name;
	size_t min;
	unsigned value;
};

static const struct word types[] = {
	{ "BRANCH", 1, PER_BRANCH },       { "IFETCH", 1, PER_IFETCH },
	{ "INSTRUCT", 2, PER_IFETCH },     { "GREG", 1, PER_GREG },
	{ "MASK", 1, PER_MASK },           { "PAGETRACE", 2, PER_PAGETRACE },
	{ "STORE", 2, PER_STORE },
};

static const struct word modifiers[] = {
	{ "OFF", 3, MOD_OFF },             { "RANGE", 1, MOD_RANGE },
	{ "CMD", 2, MOD_COMMAND },         { "SKIP", 2, MOD_SKIP },
	{ "PASS", 3, MOD_SKIP },           { "STEP", 3, MOD_STEP },
	{ "RUN", 2, MOD_RUN },             { "NORUN", 3, MOD_NORUN },
	{ "PRINTER", 2, MOD_PRINT },       { "NOPRINTER", 3, MOD_NOPRINT },
	{ "TERMINAL", 2, MOD_TERMINAL },   { "NOTERMINAL", 3, MOD_NOTERMINAL },
};

static const struct word *find(const struct word *words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (abbreviates(word, words[i].name, words[i].min))
			return &words[i];
	return NULL;
}

/* ---- a command that makes or changes elements */

struct per_command {
	struct vmblok *vm;
	struct per_element *elements[PER_ELEMENTS_MAX];
	unsigned count;
	unsigned given;             /* modifiers */
	struct per_options options;
	char *commands;             /* heap */
};

/* GREG5, G15: the register is part of the word. */
static bool register_type(const char *word, uint16_t *registers)
{
	char letters[9];
	size_t n = strcspn(word, "0123456789");
	uint32_t r;

	if (n == strlen(word) || n >= sizeof(letters))
		return false;
	memcpy(letters, word, n);
	letters[n] = '\0';
	if (!abbreviates(letters, "GREG", 1) || !args_decimal(word + n, 15, &r))
		return false;
	*registers = (uint16_t)(0x8000u >> r);
	return true;
}

/* The next word is the place this type wants. */
static void optional_range(struct args *args, struct per_element *e)
{
	const char *word = args_peek(args);

	e->bounded = word && range_of(word, &e->where);
	if (e->bounded)
		args_word(args);
}

static void optional_data(struct args *args, struct per_element *e)
{
	const char *word = args_peek(args);

	if (word && data_of(word, e))
		args_word(args);
}

static void optional_number(struct args *args, struct per_element *e)
{
	const char *word = args_peek(args);
	uint64_t value;

	if (!word || !args_hex(word, 8, &value))
		return;
	args_word(args);
	e->length = 4;
	for (unsigned i = 0; i < 4; i++)
		e->data[i] = (uint8_t)(value >> (24 - 8 * i));
}

static int mask_operands(struct vmblok *vm, struct args *args, struct per_element *e)
{
	const char *at = args_word(args), *data;
	struct per_range r;

	if (!at || strpbrk(at, "-:.") || !range_of(at, &r))
		return cp_error(vm, "PEC", 33);
	data = args_word(args);
	if (!data || !data_of(data, e))
		return cp_error(vm, "PEC", 5, data ? data : "");
	e->bounded = true;
	e->where = (struct per_range){ r.first, (r.first + e->length - 1) & ADDRESS_LAST };
	return 0;
}

/* STORE addr-range, or addr hex-data. */
static void store_operands(struct args *args, struct per_element *e)
{
	optional_range(args, e);
	if (!e->bounded || e->where.first != e->where.last)
		return;
	optional_data(args, e);
	if (e->length)
		e->where.last = (e->where.first + e->length - 1) & ADDRESS_LAST;
}

static int type_operands(struct vmblok *vm, struct args *args, struct per_element *e)
{
	const char *word = args_peek(args);

	switch (e->type) {
	case PER_BRANCH: optional_range(args, e); break;
	case PER_IFETCH: optional_data(args, e); break;
	case PER_STORE:  store_operands(args, e); break;
	case PER_GREG:   optional_number(args, e); break;
	case PER_MASK:   return mask_operands(vm, args, e);
	case PER_PAGETRACE:
		if (word && page_size(word, &e->page))
			args_word(args);
		break;
	}
	return 0;
}

/* PER type... OFF: no type has operands. */
static bool off_follows(const struct args *args)
{
	struct args ahead = *args;
	const char *word;

	while ((word = args_word(&ahead)))
		if (strcmp(word, "OFF") == 0)
			return true;
	return false;
}

static int take_type(struct per_command *c, struct args *args, enum per_type type,
		     uint16_t registers)
{
	struct per_element *e;

	if (c->count == PER_ELEMENTS_MAX)
		return cp_error(c->vm, "PEC", 131, "PER");
	e = calloc(1, sizeof(*e));
	if (!e)
		BUG("no memory for PER");
	e->type = type;
	e->registers = registers;
	c->elements[c->count++] = e;
	return off_follows(args) ? 0 : type_operands(c->vm, args, e);
}

static int take_range(struct per_command *c, const char *word)
{
	struct per_options *o = &c->options;
	struct per_range r;

	if (!word || !range_of(word, &r))
		return cp_error(c->vm, "PEC", 9, word ? word : "");
	if (o->range_count == PER_RANGES)
		return cp_error(c->vm, "PEC", 9, word);
	o->ranges[o->range_count++] = r;
	c->given |= MOD_RANGE;
	return 0;
}

static int take_number(struct per_command *c, const char *name, const char *word,
		       uint32_t *value)
{
	if (!word || !args_decimal(word, DECIMAL_MAX, value))
		return cp_error(c->vm, "PEC", 38, word ? word : "", name);
	return 0;
}

static int take_commands(struct per_command *c, struct args *args)
{
	const char *rest = args_rest(args);

	if (!*rest)
		return cp_error(c->vm, "PEC", 38, "", "CMD");
	c->commands = strdup(rest);
	if (!c->commands)
		BUG("no memory for PER");
	while (args_word(args))
		;
	return 0;
}

static int take_modifier(struct per_command *c, struct args *args, const struct word *w)
{
	static const unsigned pairs[] = { MOD_RUN | MOD_NORUN, MOD_PRINT | MOD_NOPRINT,
					  MOD_TERMINAL | MOD_NOTERMINAL };

	c->given |= w->value;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		if ((c->given & pairs[i]) == pairs[i])
			return cp_error(c->vm, "PEC", 13, w->name);
	switch (w->value) {
	case MOD_RANGE:   return take_range(c, args_word(args));
	case MOD_SKIP:    return take_number(c, w->name, args_word(args), &c->options.skip);
	case MOD_STEP:    return take_number(c, w->name, args_word(args), &c->options.step);
	case MOD_COMMAND: return take_commands(c, args);
	default:          return 0;
	}
}

static int take_word(struct per_command *c, struct args *args, const char *word)
{
	const struct word *type = find(types, ARRAY_SIZE(types), word);
	const struct word *modifier = find(modifiers, ARRAY_SIZE(modifiers), word);
	uint16_t registers = 0xFFFF;

	if (type)
		return take_type(c, args, (enum per_type)type->value,
				 type->value == PER_GREG ? 0xFFFF : 0);
	if (register_type(word, &registers))
		return take_type(c, args, PER_GREG, registers);
	if (modifier)
		return take_modifier(c, args, modifier);
	if (is_range(word))
		return take_range(c, word);
	return cp_error(c->vm, "PEC", 2, word);
}

/* What was given; what was not stays as it is. */
static void set_options(struct per_element *e, void *arg)
{
	const struct per_command *c = arg;
	struct per_options *o = &e->options;

	if (c->given & MOD_RANGE) {
		memcpy(o->ranges, c->options.ranges, sizeof(o->ranges));
		o->range_count = c->options.range_count;
	}
	if (c->given & MOD_SKIP)
		o->skip = c->options.skip;
	if (c->given & MOD_STEP)
		o->step = c->options.step;
	if (c->given & (MOD_RUN | MOD_NORUN))
		o->run = c->given & MOD_RUN;
	if (c->given & (MOD_PRINT | MOD_NOPRINT))
		o->printer = c->given & MOD_PRINT;
	if (c->given & (MOD_TERMINAL | MOD_NOTERMINAL))
		o->terminal = c->given & MOD_TERMINAL;
	if (c->commands) {
		free(o->commands);
		o->commands = strdup(c->commands);
		if (!o->commands)
			BUG("no memory for PER");
	}
}

static int not_there(struct vmblok *vm)
{
	vm_say(vm, "TRACE SET DOES NOT EXIST");
	return 180;
}

/* When the last element goes, by whatever way. */
static void say_cleared(struct vmblok *vm)
{
	if (!per_set(vm, NULL) && !per_saved(vm, 0))
		vm_say(vm, "*PER TRAPS CLEARED*");
}

static int turn_off(struct per_command *c)
{
	if (!per_set(c->vm, NULL))
		return not_there(c->vm);
	for (unsigned i = 0; i < c->count; i++)
		per_off(c->vm, c->elements[i]->type);
	say_cleared(c->vm);
	return 0;
}

static int add_elements(struct per_command *c)
{
	int rc = 0;

	for (unsigned i = 0; i < c->count; i++) {
		struct per_element *e = c->elements[i];

		e->options = (struct per_options){ .step = 1, .terminal = true };
		set_options(e, c);
		c->elements[i] = NULL; /* it is handed over */
		if (!per_add(c->vm, e) && !rc)
			rc = cp_error(c->vm, "PEC", 131, "PER");
	}
	return rc;
}

static int execute(struct per_command *c)
{
	if (c->given & MOD_OFF)
		return c->count ? turn_off(c) : cp_error(c->vm, "PEC", 26);
	if (c->count)
		return add_elements(c);
	if (!per_set(c->vm, NULL))
		return not_there(c->vm);
	per_change(c->vm, set_options, c);
	return 0;
}

static int per_elements(struct vmblok *vm, struct args *args, const char *word)
{
	struct per_command c = { .vm = vm };
	int rc = 0;

	for (; word && !rc; word = args_word(args))
		rc = take_word(&c, args, word);
	if (!rc)
		rc = execute(&c);
	for (unsigned i = 0; i < c.count; i++)
		per_free_elements(c.elements[i]);
	free(c.commands);
	return rc;
}

/* ---- QUERY */

struct text {
	char text[256];
	size_t n;
};

static void add(struct text *t, const char *word)
{
	t->n += (size_t)snprintf(t->text + t->n, sizeof(t->text) - t->n, " %s", word);
	if (t->n >= sizeof(t->text))
		t->n = sizeof(t->text) - 1;
}

static void add_number(struct text *t, const char *name, uint32_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "%s%u", name, n);
	add(t, text);
}

static void add_range(struct text *t, const struct per_range *r)
{
	char text[16];

	if (r->first == r->last)
		snprintf(text, sizeof(text), "%X", r->first);
	else
		snprintf(text, sizeof(text), "%X:%X", r->first, r->last);
	add(t, text);
}

static void add_data(struct text *t, const struct per_element *e)
{
	char text[2 * PER_DATA + 1];

	for (unsigned i = 0; i < e->length; i++)
		snprintf(text + 2 * i, 3, "%02X", e->data[i]);
	if (e->length)
		add(t, text);
}

static void add_what(struct text *t, const struct per_element *e)
{
	static const char *const names[] = {
		[PER_BRANCH] = "BRANCH", [PER_IFETCH] = "IFETCH", [PER_STORE] = "STORE",
		[PER_GREG] = "GREG", [PER_MASK] = "MASK", [PER_PAGETRACE] = "PAGETRACE",
	};
	unsigned r = 0;

	if (e->type == PER_GREG && e->registers != 0xFFFF) {
		while (!(e->registers & 0x8000u >> r))
			r++;
		add_number(t, "GREG", r);
	} else {
		add(t, names[e->type]);
	}
	if (e->bounded && e->length)
		add_range(t, &(struct per_range){ e->where.first, e->where.first });
	else if (e->bounded)
		add_range(t, &e->where);
	add_data(t, e);
	if (e->page)
		add_number(t, "", e->page);
}

static void say_element(struct vmblok *vm, const struct per_element *e, bool counts)
{
	const struct per_options *o = &e->options;
	struct text t = { .n = 0 };

	add_what(&t, e);
	for (unsigned i = 0; i < o->range_count; i++) {
		add(&t, "RANGE");
		add_range(&t, &o->ranges[i]);
	}
	if (o->skip > 1)
		add_number(&t, "SKIP ", o->skip);
	if (o->step != 1)
		add_number(&t, "STEP ", o->step);
	if (o->run)
		add(&t, "RUN");
	if (o->printer)
		add(&t, "PRINTER");
	if (o->terminal)
		add(&t, "TERMINAL");
	if (counts)
		add_number(&t, "COUNT ", e->told > UINT32_MAX ? UINT32_MAX
							      : (uint32_t)e->told);
	if (o->commands) {
		add(&t, "CMD");
		add(&t, o->commands);
	}
	vm_say(vm, "%s", t.text);
}

/* An element as it is now: the machine counts while it runs. */
static void copy_element(struct per_element *e, void *arg)
{
	struct per_element ***end = arg;

	**end = per_copy(e);
	*end = &(**end)->next;
}

static int say_set(struct vmblok *vm, const char *name, bool counts)
{
	struct per_element *copies = NULL, **end = &copies;
	const struct per_element *e = per_set(vm, name);

	if (!e)
		return not_there(vm);
	if (!name) {
		per_change(vm, copy_element, &end);
		e = copies;
	}
	for (; e; e = e->next)
		say_element(vm, e, counts);
	per_free_elements(copies);
	return 0;
}

static int per_count(struct vmblok *vm, const char *name)
{
	if (name)
		return cp_error(vm, "PEC", 2, name);
	return say_set(vm, NULL, true);
}

static int per_query(struct vmblok *vm, const char *name)
{
	if (!name || strcmp(name, "*") != 0)
		return say_set(vm, name, false);
	if (!per_saved(vm, 0))
		return not_there(vm);
	for (unsigned i = 0; per_saved(vm, i); i++)
		vm_say(vm, "%s", per_saved(vm, i));
	return 0;
}

int query_per(struct vmblok *vm, struct args *args)
{
	return per_query(vm, args_word(args));
}

/* ---- controls: the first word, with a name or none */

static int per_table(struct vmblok *vm, const char *name)
{
	if (name)
		return cp_error(vm, "PEC", 2, name);
	if (!per_set(vm, NULL))
		return not_there(vm);
	per_say_traceback(vm);
	return 0;
}

static int per_save_set(struct vmblok *vm, const char *name)
{
	if (!name)
		return cp_error(vm, "PEC", 26);
	if (strlen(name) > PER_NAME_MAX)
		return cp_error(vm, "PEC", 2, name);
	if (!per_set(vm, NULL))
		return not_there(vm);
	return per_save(vm, name) ? 0 : cp_error(vm, "PEC", 131, "PER");
}

static int per_get_set(struct vmblok *vm, const char *name)
{
	if (!name)
		return cp_error(vm, "PEC", 26);
	return per_get(vm, name) ? 0 : not_there(vm);
}

static int per_clear_set(struct vmblok *vm, const char *name)
{
	if (!per_clear(vm, name))
		return not_there(vm);
	say_cleared(vm);
	return 0;
}

static int per_end_all(struct vmblok *vm, const char *name)
{
	if (name)
		return cp_error(vm, "PEC", 2, name);
	if (!per_set(vm, NULL) && !per_saved(vm, 0))
		return not_there(vm);
	per_end(vm);
	say_cleared(vm);
	return 0;
}

static const struct {
	const char *name;
	size_t min;
	int (*control)(struct vmblok *vm, const char *name);
} controls[] = {
	{ "DUMP", 1, per_table }, { "TABLE", 3, per_table }, { "SAVE", 2, per_save_set },
	{ "GET", 3, per_get_set }, { "CLEAR", 1, per_clear_set }, { "END", 2, per_end_all },
	{ "QUERY", 1, per_query }, { "COUNT", 2, per_count },
};

int cmd_per(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args), *name, *more;

	if (!word)
		return cp_error(vm, "PEC", 26);
	for (size_t i = 0; i < ARRAY_SIZE(controls); i++) {
		if (!abbreviates(word, controls[i].name, controls[i].min))
			continue;
		name = args_word(args);
		more = args_word(args);
		if (more)
			return cp_error(vm, "PEC", 2, more);
		return controls[i].control(vm, name);
	}
	return per_elements(vm, args, word);
}
