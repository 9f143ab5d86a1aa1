/*
 * TERMINAL, QUERY TERMINAL and QUERY PF. GC20-1820; HILIGHT, HOLD, MORE and TIMESTAMP
 * as the changes HRC101DK to Release 6 have them, the answer of QUERY TERMINAL
 * too. Their AUTOCR does nothing there and is not known here.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/message.h"
#include "cp/vmblok.h"

#define CHARDEL '@'
#define LINEDEL (char)0xA2 /* cent sign */
#define LINEND	'#'
#define ESCAPE	'"'
#define TABCHAR (char)0xA6 /* broken bar */

/* The kinds of operand. */
enum kind {
	SYMBOL,    /* ON, OFF or a character; ON is what follows */
	SWITCH,    /* ON or OFF, of any terminal */
	INVERTED,  /* the same, ON is false */
	TYPED,     /* a switch that only typewriters have */
	TYPED_INVERTED,
	OTHER,
};

struct operand {
	const char *name;
	size_t min;
	enum kind kind;
	size_t at; /* of its bool or char in the VMBLOK */
	char on;
	int (*set)(struct vmblok *vm, const char *word, struct args *args);
};

static int bad_value(struct vmblok *vm, const char *word)
{
	return word ? cp_error(vm, "CFT", 2, word) : cp_error(vm, "CFT", 26);
}

/* Not for this kind of terminal: the message shows the console's address. */
static int wrong_terminal(struct vmblok *vm)
{
	char vaddr[8] = "";

	if (vm->vconsole.present)
		snprintf(vaddr, sizeof(vaddr), "%03X", vm->vconsole.vaddr);
	return cp_error(vm, "CFT", 6, vaddr);
}

/* 1 ON, 0 OFF, -1 neither; O and OF are short enough for OFF, as ON is. */
static int on_or_off(const char *word)
{
	if (!word || strlen(word) < 2)
		return -1;
	return strcmp(word, "ON") == 0 ? 1 : abbreviates(word, "OFF", 2) ? 0 : -1;
}

static int set_symbol(struct vmblok *vm, const struct operand *o, const char *word)
{
	char *symbol = (char *)vm + o->at;
	int on = on_or_off(word);

	if (on >= 0)
		*symbol = on ? o->on : '\0';
	else if (!word[1] && !isalnum((unsigned char)word[0]))
		*symbol = word[0];
	else
		return bad_value(vm, word);
	return 0;
}

static int set_switch(struct vmblok *vm, const struct operand *o, const char *word)
{
	bool inverted = o->kind == INVERTED || o->kind == TYPED_INVERTED;
	bool typed = o->kind == TYPED || o->kind == TYPED_INVERTED;
	int on = on_or_off(word);

	if (typed && !vm->console)
		return 0;
	if (typed && console_is_3270(vm->console))
		return wrong_terminal(vm);
	if (on < 0)
		return bad_value(vm, word);
	*(bool *)((char *)vm + o->at) = (bool)on != inverted;
	return 0;
}

/* APL and TEXT: a 3270's second character set. ON ends the other one. */
static int set_charset(struct vmblok *vm, const char *word, enum console_charset which)
{
	int on = on_or_off(word);

	if (!vm->console)
		return 0;
	if (!console_is_3270(vm->console))
		return wrong_terminal(vm);
	if (on < 0)
		return bad_value(vm, word);
	if (on)
		vm->term.charset = which;
	else if (vm->term.charset == which)
		vm->term.charset = CONSOLE_PLAIN;
	return 0;
}

static int set_apl(struct vmblok *vm, const char *word, struct args *args)
{
	(void)args;
	return set_charset(vm, word, CONSOLE_APL);
}

static int set_text(struct vmblok *vm, const char *word, struct args *args)
{
	(void)args;
	return set_charset(vm, word, CONSOLE_TEXT);
}

static int set_linesize(struct vmblok *vm, const char *word, struct args *args)
{
	uint32_t n;

	(void)args;
	if (!args_decimal(word, 255, &n) || n == 0)
		return bad_value(vm, word);
	if (vm->console)
		vm->term.linesize = n;
	return 0;
}

static int set_mode(struct vmblok *vm, const char *word, struct args *args)
{
	(void)args;
	if (strcmp(word, "CP") != 0 && strcmp(word, "VM") != 0)
		return bad_value(vm, word);
	vm->term.mode_cp = word[0] == 'C';
	return 0;
}

/* MORE nnn mmm: seconds until the alarm, and then until the next screen; 0: VM's. */
static int set_more(struct vmblok *vm, const char *word, struct args *args)
{
	const char *second = args_word(args);
	uint32_t more, clear;

	if (vm->console && !console_is_3270(vm->console))
		return wrong_terminal(vm);
	if (!args_decimal(word, 255, &more))
		return bad_value(vm, word);
	if (!second || !args_decimal(second, 255, &clear))
		return bad_value(vm, second);
	vm->term.more_s = (uint8_t)(more ? more : TERMSET_MORE);
	vm->term.clear_s = (uint8_t)(clear ? clear : TERMSET_CLEAR);
	return 0;
}

#define VM(field) offsetof(struct vmblok, field)

static const struct operand operands[] = {
	{ "HOLD", 2, INVERTED, VM(term.no_hold), 0, NULL },
	{ "MORE", 4, OTHER, 0, 0, set_more },
	{ "TIMESTAMP", 4, SWITCH, VM(term.timestamp), 0, NULL },
	{ "HILIGHT", 4, SWITCH, VM(term.highlight), 0, NULL },
	{ "CHARDEL", 2, SYMBOL, VM(chardel), CHARDEL, NULL },
	{ "LINEDEL", 5, SYMBOL, VM(linedel), LINEDEL, NULL },
	{ "LINEND", 5, SYMBOL, VM(linend), LINEND, NULL },
	{ "ESCAPE", 2, SYMBOL, VM(escape), ESCAPE, NULL },
	{ "TABCHAR", 3, SYMBOL, VM(term.tabchar), TABCHAR, NULL },
	{ "MASK", 1, TYPED, VM(term.mask), 0, NULL },
	{ "ATTN", 2, TYPED_INVERTED, VM(term.quiet_attention), 0, NULL },
	{ "APL", 3, OTHER, 0, 0, set_apl },
	{ "TEXT", 4, OTHER, 0, 0, set_text },
	{ "LINESIZE", 5, OTHER, 0, 0, set_linesize },
	{ "MODE", 3, OTHER, 0, 0, set_mode },
	{ "TIMESTMP", 6, SWITCH, VM(term.timestamp), 0, NULL },
};

static int set_one(struct vmblok *vm, const char *word, struct args *args)
{
	const char *value = args_word(args);

	if (!value)
		return cp_error(vm, "CFT", 26);
	for (size_t i = 0; i < ARRAY_SIZE(operands); i++) {
		const struct operand *o = &operands[i];

		if (!abbreviates(word, o->name, o->min))
			continue;
		if (o->kind == SYMBOL)
			return set_symbol(vm, o, value);
		return o->set ? o->set(vm, value, args) : set_switch(vm, o, value);
	}
	return cp_error(vm, "CFT", 2, word);
}

int cmd_terminal(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	int rc = 0;

	if (!word)
		return cp_error(vm, "CFT", 26);
	for (; word && !rc; word = args_word(args))
		rc = set_one(vm, word, args);
	termset_apply(vm);
	return rc;
}

/* ---- QUERY */

static const char *on_off(bool on)
{
	return on ? "ON " : "OFF";
}

/* Two columns before a character, or OFF in all three. */
static const char *symbol(char out[8], char c, char standard)
{
	if (c && c == standard)
		return "ON ";
	snprintf(out, 8, c ? " %c " : "OFF", c);
	return out;
}

int query_terminal(struct vmblok *vm, struct args *args)
{
	const struct termset *t = &vm->term;
	char a[8], b[8], c[8], d[8], e[8];

	(void)args;
	vm_say(vm, "LINEND %s, LINEDEL %s, CHARDEL %s, ESCAPE %s, TABCHAR %s",
	       symbol(a, vm->linend, 0), symbol(b, vm->linedel, 0), symbol(c, vm->chardel, 0),
	       symbol(d, vm->escape, 0), symbol(e, t->tabchar, TABCHAR));
	if (vm->console)
		vm_say(vm, "LINESIZE %03u, ATTN %s, APL %s, TEXT %s, MODE %s, HILIGHT %s",
		       console_linesize(vm->console), on_off(!t->quiet_attention),
		       on_off(t->charset == CONSOLE_APL), on_off(t->charset == CONSOLE_TEXT),
		       t->mode_cp ? "CP" : "VM", on_off(t->highlight));
	vm_say(vm, "AUTOCR OFF, MORE %03u %03u, HOLD %s, TIMESTAMP %s", t->more_s, t->clear_s,
	       on_off(!t->no_hold), on_off(t->timestamp));
	return 0;
}

/* PF: all of them; PFnn: one. */
int query_pf(struct vmblok *vm, const char *word)
{
	uint32_t first = 1, last = TERMSET_PF_KEYS;
	char line[160];

	if (word[2]) {
		if (!args_decimal(word + 2, TERMSET_PF_KEYS, &first) || first == 0)
			return cp_error(vm, "CQY", 26);
		last = first;
	}
	for (; first <= last; first++) {
		termset_pf_line(vm, first, line);
		vm_say(vm, "%s", line);
	}
	return 0;
}
