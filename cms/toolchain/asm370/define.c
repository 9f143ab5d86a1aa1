/*
 * First pass: every statement gets its section and location, every symbol
 * its value and attributes. GC33-4010, "Symbols", "Program Sectioning".
 */
#include "cms/toolchain/asm370/int.h"

#include "base/ebcdic.h"

#define LOCATION_LIMIT 0x1000000u

static void section_append(struct asm *a, struct section *s)
{
	s->statement = a->statement;
	if (a->last_section)
		a->last_section->next = s;
	else
		a->sections = s;
	a->last_section = s;
}

static struct section *section_new(struct asm *a, struct name *name,
				   enum section_kind kind)
{
	struct section *s = arena_alloc(&a->arena, sizeof(*s));

	s->name = name;
	s->kind = kind;
	section_append(a, s);
	if (!name)
		return s;
	if (kind == SECTION_ER || kind == SECTION_WX)
		name->external = s;
	else if (kind == SECTION_PR)
		name->pseudo = s;
	else if (kind != SECTION_LD)
		name->section = s;
	return s;
}

/* The item for an external name, made at its first appearance. */
struct section *section_external(struct asm *a, struct name *name,
				 enum section_kind kind)
{
	struct section *s = kind == SECTION_PR ? name->pseudo : name->external;

	return s ? s : section_new(a, name, kind);
}

static bool name_valid(struct asm *a, struct str s)
{
	uint32_t limit = a->options.long_names ? 63 : 8;

	bool generated = a->current->flags & STMT_GENERATED;

	if (symbol_length(s.p, s.p + s.n) != s.n) {
		diag(a, generated ? 125 : 16, "%.*s", (int)s.n, s.p);
		return false;
	}
	if (s.n > limit) {
		diag(a, generated ? 129 : 16, "%.*s", (int)s.n, s.p);
		return false;
	}
	return true;
}

static bool is_sequence_symbol(struct str s)
{
	return s.n > 0 && s.p[0] == '.';
}

static void note_duplicate(struct asm *a, const struct stmt *st, struct symbol *symbol,
			   struct section *s, int32_t value, uint32_t length)
{
	struct duplicate *d = arena_alloc(&a->arena, sizeof(*d));

	*d = (struct duplicate){ symbol->duplicates, s, value, length, st->number };
	symbol->duplicates = d;
}

/* Enter the statement's name, if it has one, with the given value. */
static void define_symbol(struct asm *a, struct stmt *st, struct section *s, int32_t value,
		   uint32_t length, uint8_t type)
{
	struct symbol *symbol;

	if (st->name.n == 0 || is_sequence_symbol(st->name) || !name_valid(a, st->name))
		return;
	symbol = symbol_get(a, name_intern(a, st->name));
	if (symbol->defined) {
		note_duplicate(a, st, symbol, s, value, length);
		diag(a, 196, "%s", symbol->name->text);
		return;
	}
	symbol->defined = true;
	symbol->ahead = false;
	symbol->section = s;
	symbol->value = value;
	symbol->length = length;
	symbol->type = type;
	symbol->statement = st->number;
	st->symbol = symbol;
}

/* Statements that need a section and have none begin private code. */
struct section *section_needed(struct asm *a)
{
	if (!a->section) {
		a->private_code = section_new(a, NULL, SECTION_PC);
		a->first_control = a->private_code;
		a->section = a->private_code;
	}
	return a->section;
}

static void advance(struct asm *a, uint64_t n)
{
	struct section *s = a->section;

	if (s->loc + n >= LOCATION_LIMIT) {
		diag(a, 246, NULL);
		return;
	}
	s->loc += (uint32_t)n;
	if (s->loc > s->high)
		s->high = s->loc;
}

static void align_to(struct asm *a, struct stmt *st, uint32_t align)
{
	uint32_t gap = (uint32_t)-a->section->loc & (align - 1);

	st->gap = gap;
	advance(a, gap);
	st->loc = a->section->loc;
}

static void place(struct asm *a, struct stmt *st)
{
	st->section = section_needed(a);
	st->loc = st->section->loc;
}

/* ---- sections */

static bool is_control(const struct section *s)
{
	return s->kind == SECTION_SD || s->kind == SECTION_PC;
}

static void enter_section(struct asm *a, struct stmt *st, struct section *s)
{
	a->section = s;
	if (!a->first_control && is_control(s))
		a->first_control = s;
	st->section = s;
	st->loc = s->loc;
}

static struct section *unnamed_section(struct asm *a, enum section_kind kind)
{
	struct section **s = kind == SECTION_CM	     ? &a->blank_common
			     : kind == SECTION_DSECT ? &a->unnamed_dsect
						     : &a->private_code;

	if (!*s)
		*s = section_new(a, NULL, kind);
	return *s;
}

/* CSECT, DSECT, COM: begin or resume. */
static void section_statement(struct asm *a, struct stmt *st, enum section_kind kind)
{
	struct name *name;
	struct section *s;

	if (st->name.n == 0 || is_sequence_symbol(st->name)) {
		enter_section(a, st, unnamed_section(a, kind == SECTION_SD ? SECTION_PC
									   : kind));
		return;
	}
	if (!name_valid(a, st->name))
		return;
	name = name_intern(a, st->name);
	s = name->section;
	if (s && s->kind == kind && name->symbol && name->symbol->section == s) {
		symbol_refer(a, name->symbol);
		enter_section(a, st, s);
		return;
	}
	if (s || (name->symbol && name->symbol->defined)) {
		diag(a, 196, "%s", name->text);
		s = unnamed_section(a, kind == SECTION_SD ? SECTION_PC : kind);
		enter_section(a, st, s);
		if (name->symbol)
			note_duplicate(a, st, name->symbol, s, (int32_t)s->loc, 1);
		return;
	}
	s = section_new(a, name, kind);
	define_symbol(a, st, s, 0, 1, 'J');
	enter_section(a, st, s);
}

static void start_statement(struct asm *a, struct stmt *st)
{
	struct cursor c = cursor_of(st->operand);
	int32_t n = 0;

	if (a->first_control) {
		diag(a, 164, NULL);
		section_statement(a, st, SECTION_SD);
		return;
	}
	if (!none(&c) && (!self_defining(a, &c, &n) || !at_end(&c) || n < 0)) {
		diag(a, 164, NULL);
		n = 0;
	}
	section_statement(a, st, SECTION_SD);
	if (a->section) {
		a->section->start = ((uint32_t)n + 7) & ~7u & (LOCATION_LIMIT - 1);
		a->section->origin = a->section->start;
	}
}

/* ---- symbols */

/* Second and third operand: what does not fit is passed over. */
static void equ_length(struct asm *a, struct cursor *c, uint32_t *length)
{
	struct value v;

	if (c->p < c->end && *c->p == ',')
		return;
	if (expression(a, c, &v) && value_absolute(&v) && v.n >= 0 && v.n <= 65535)
		*length = (uint32_t)v.n;
}

static void equ_type(struct asm *a, struct cursor *c, uint8_t *type)
{
	struct value v;

	if (expression(a, c, &v) && value_absolute(&v) && v.n >= 0 && v.n <= 255)
		*type = codepage_037.to_latin1[v.n];
}

static void equ_statement(struct asm *a, struct stmt *st)
{
	struct cursor c = cursor_of(st->operand);
	struct value v;
	uint32_t length;
	uint8_t type = 'U';
	struct section *s;

	if (st->name.n == 0 || is_sequence_symbol(st->name)) {
		diag(a, 163, NULL);
		return;
	}
	if (at_end(&c)) {
		diag(a, 177, NULL);
		define_symbol(a, st, NULL, 0, 1, 'U');
		return;
	}
	if (!expression(a, &c, &v)) {
		define_symbol(a, st, NULL, 0, 1, 'U');
		return;
	}
	length = v.length;
	if (take(&c, ',')) {
		equ_length(a, &c, &length);
		if (take(&c, ','))
			equ_type(a, &c, &type);
	}
	if (!at_end(&c) && *c.p != ',')
		diag(a, 178, NULL);
	if (!value_absolute(&v) && !value_relocatable(&v)) {
		diag(a, 213, NULL);
		define_symbol(a, st, NULL, 0, 1, 'U');
		return;
	}
	if (!name_valid(a, st->name)) {
		diag(a, 163, NULL);
		return;
	}
	s = v.pairs ? v.pair[0].section : NULL;
	define_symbol(a, st, s, v.n - (s ? (int32_t)s->origin : 0), length, type);
	st->section = s;
	st->loc = (uint32_t)(v.n - (s ? (int32_t)s->origin : 0));
}

static bool symbol_list_next(struct asm *a, struct cursor *c, unsigned number,
			     struct str *s)
{
	uint32_t n = symbol_length(c->p, c->end);
	const char *from = c->p;

	if (!n || n > (a->options.long_names ? 63 : 8)) {
		diag(a, number, NULL);
		return false;
	}
	c->p += n;
	*s = str_make(from, n);
	if (!at_end(c) && (!take(c, ',') || at_end(c))) {
		diag(a, number, NULL);
		c->p = c->end;
	}
	return true;
}

static void external_symbol(struct asm *a, struct stmt *st, struct str s,
			    enum section_kind kind)
{
	struct name *name = name_intern(a, s);
	struct symbol *symbol = symbol_get(a, name);
	struct section *item;

	if (symbol->defined) {
		note_duplicate(a, st, symbol, NULL, 0, 1);
		diag(a, 196, "%s", name->text);
		return;
	}
	item = section_external(a, name, kind);
	if (kind == SECTION_ER && item->kind == SECTION_WX)
		item->kind = SECTION_ER;
	symbol->defined = true;
	symbol->is_external = true;
	symbol->section = item;
	symbol->type = kind == SECTION_WX ? '$' : 'T';
	symbol->statement = st->number;
}

static void extrn_statement(struct asm *a, struct stmt *st, enum section_kind kind)
{
	struct cursor c = cursor_of(st->operand);
	struct str s;

	if (at_end(&c))
		diag(a, 177, NULL);
	while (!at_end(&c)) {
		if (!symbol_list_next(a, &c, 186, &s))
			return;
		external_symbol(a, st, s, kind);
	}
}

static void entry_statement(struct asm *a, struct stmt *st)
{
	struct cursor c = cursor_of(st->operand);
	struct str s;

	st->measured = true;
	if (at_end(&c))
		diag(a, 177, NULL);
	while (!at_end(&c)) {
		if (!symbol_list_next(a, &c, 186, &s)) {
			st->measured = false;
			return;
		}
		section_new(a, name_intern(a, s), SECTION_LD);
	}
}

/* ---- storage */

/* In its own operands a constant's name is the location, aligned, of length 0. */
static void own_name(struct asm *a, const struct stmt *st)
{
	uint32_t align = constant_first_alignment(st->operand);

	memset(&a->own, 0, sizeof(a->own));
	if (st->name.n == 0 || symbol_length(st->name.p, st->name.p + st->name.n) != st->name.n)
		return;
	a->own.name = name_intern(a, st->name);
	a->own.section = st->section;
	a->own.value = (int32_t)((st->loc + align - 1) & ~(align - 1));
	a->own.defined = true;
}

static void constants_statement(struct asm *a, struct stmt *st, bool ds)
{
	struct constant_sum sum;
	bool good;

	place(a, st);
	own_name(a, st);
	good = constants_measure(a, st->operand, st->loc, ds, false, &sum);
	a->own.name = NULL;
	if (!good) {
		align_to(a, st, sum.align);
		define_symbol(a, st, st->section, (int32_t)st->loc, 1, 'U');
		return;
	}
	st->measured = true;
	align_to(a, st, sum.align);
	define_symbol(a, st, st->section, (int32_t)st->loc, sum.length, sum.type);
	if (st->symbol)
		st->symbol->scale = sum.scale;
	st->size = sum.size;
	advance(a, sum.size);
}

static void dxd_statement(struct asm *a, struct stmt *st)
{
	struct constant_sum sum;
	struct section *s;

	if (st->name.n == 0 || !name_valid(a, st->name)) {
		diag(a, 163, NULL);
		return;
	}
	if (!constants_measure(a, st->operand, 0, true, false, &sum)) {
		define_symbol(a, st, NULL, 0, 1, 'U');
		return;
	}
	s = section_external(a, name_intern(a, st->name), SECTION_PR);
	s->high = sum.size;
	s->align = (uint8_t)(sum.align - 1);
	define_symbol(a, st, s, 0, 1, sum.type);
	st->section = s;
}

static void fixed_storage(struct asm *a, struct stmt *st, uint32_t size, uint32_t align,
			  uint8_t type)
{
	place(a, st);
	align_to(a, st, align);
	st->size = size;
	define_symbol(a, st, st->section, (int32_t)st->loc, size, type);
	advance(a, size);
}

static void cnop_statement(struct asm *a, struct stmt *st)
{
	struct cursor c = cursor_of(st->operand);
	int32_t byte, boundary;
	uint32_t pad;

	place(a, st);
	align_to(a, st, 2);
	define_symbol(a, st, st->section, (int32_t)st->loc, 1, 'I');
	if (st->symbol)
		st->symbol->no_length = true;
	if (at_end(&c)) {
		diag(a, 177, NULL);
		return;
	}
	if (!expression_absolute(a, &c, &byte)) {
		diag(a, 182, NULL);
		return;
	}
	if (!take(&c, ',') || !expression_absolute(a, &c, &boundary)) {
		diag(a, 178, NULL);
		return;
	}
	if (!at_end(&c)) {
		diag(a, 180, NULL);
		return;
	}
	if ((boundary != 4 && boundary != 8) || byte < 0 || byte >= boundary ||
	    byte % 2) {
		diag(a, boundary != 4 && boundary != 8 ? 180 : byte % 2 ? 181 : 182, NULL);
		return;
	}
	pad = (uint32_t)(byte - (int32_t)st->loc) & (uint32_t)(boundary - 1);
	st->size = pad;
	advance(a, pad);
}

static void org_statement(struct asm *a, struct stmt *st)
{
	struct cursor c = cursor_of(st->operand);
	struct section *s;
	struct value v;
	int32_t to;

	place(a, st);
	s = a->section;
	st->to = s->loc;
	define_symbol(a, st, s, (int32_t)s->loc, 1, 'U');
	if (none(&c)) {
		st->to = s->loc = s->high;
		return;
	}
	if (!expression(a, &c, &v))
		return;
	if (!at_end(&c))
		diag(a, 178, NULL);
	if (!value_relocatable(&v)) {
		diag(a, value_absolute(&v) ? 174 : 213, NULL);
		return;
	}
	if (v.pair[0].section != s) {
		diag(a, 173, NULL);
		return;
	}
	to = v.n - (int32_t)s->origin;
	if (to < 0) {
		diag(a, 172, NULL);
		return;
	}
	if ((uint32_t)to >= LOCATION_LIMIT) {
		diag(a, 246, NULL);
		return;
	}
	s->loc = (uint32_t)to;
	if (s->loc > s->high)
		s->high = s->loc;
	st->to = s->loc;
}

static void ltorg_statement(struct asm *a, struct stmt *st)
{
	place(a, st);
	align_to(a, st, 8);
	define_symbol(a, st, st->section, (int32_t)st->loc, 1, 'U');
	literal_pool(a, st);
}

static void title_statement(struct asm *a, struct stmt *st)
{
	if (st->name.n == 0 || is_sequence_symbol(st->name))
		return;
	if (a->titled) {
		diag(a, 104, NULL);
		return;
	}
	a->titled = true;
	a->deck_id = name_intern(a, str_sub(st->name, 0, 8));
}

static void machine_statement(struct asm *a, struct stmt *st)
{
	struct str literal;

	place(a, st);
	align_to(a, st, 2);
	st->size = instruction_size(st->op);
	define_symbol(a, st, st->section, (int32_t)st->loc, st->size, 'I');
	literal = instruction_literal(a, st);
	if (literal.n)
		st->literal = literal_add(a, literal);
	advance(a, st->size);
}

static void assembler_statement(struct asm *a, struct stmt *st)
{
	switch (st->op->code) {
	case A_START: start_statement(a, st); break;
	case A_CSECT: section_statement(a, st, SECTION_SD); break;
	case A_DSECT: section_statement(a, st, SECTION_DSECT); break;
	case A_COM: section_statement(a, st, SECTION_CM); break;
	case A_EQU:
		section_needed(a);
		equ_statement(a, st);
		break;
	case A_USING: place(a, st); break;
	case A_EXTRN: extrn_statement(a, st, SECTION_ER); break;
	case A_WXTRN: extrn_statement(a, st, SECTION_WX); break;
	case A_ENTRY: entry_statement(a, st); break;
	case A_DC: constants_statement(a, st, false); break;
	case A_DS: constants_statement(a, st, true); break;
	case A_DXD: dxd_statement(a, st); break;
	case A_CXD: fixed_storage(a, st, 4, 4, 'A'); break;
	case A_CCW: fixed_storage(a, st, 8, 8, 'W'); break;
	case A_CNOP: cnop_statement(a, st); break;
	case A_ORG: org_statement(a, st); break;
	case A_LTORG: ltorg_statement(a, st); break;
	case A_TITLE: title_statement(a, st); break;
	default: break;
	}
}

void define_statement(struct asm *a, struct stmt *st)
{
	a->current = st;
	if (!st->op)
		return;
	st->section = a->section;
	st->loc = a->section ? a->section->loc : 0;
	switch (st->op->kind) {
	case OPERATION_MACHINE:
	case OPERATION_BRANCH: machine_statement(a, st); break;
	case OPERATION_ASSEMBLER: assembler_statement(a, st); break;
	default: break;
	}
}

/* Control sections follow one another on doublewords; common begins at 0. */
static void place_sections(struct asm *a)
{
	uint32_t at = a->first_control ? a->first_control->start : 0;

	for (struct section *s = a->sections; s; s = s->next) {
		if (!is_control(s))
			continue;
		s->origin = at;
		at = (at + s->high + 7) & ~7u & (LOCATION_LIMIT - 1);
	}
}

/* Numbers for the dictionary, in order of appearance. */
static void number_items(struct asm *a)
{
	uint16_t id = 0;

	for (struct section *s = a->sections; s; s = s->next)
		if (s->kind != SECTION_LD && s->kind != SECTION_DSECT && id < 0xFFFF)
			s->esdid = ++id;
	if (id > 399)
		diag(a, 264, NULL);
}

/* The pool of literals behind the last LTORG ends the first section. */
static void last_pool(struct asm *a, struct stmt *end)
{
	struct section *current = a->section;

	if (!a->pool_first)
		return;
	a->section = a->first_control ? a->first_control : section_needed(a);
	a->section->loc = a->section->high;
	a->end_pool = a->section;
	a->end_gap_at = a->section->loc;
	a->end_gap = (uint32_t)-a->section->loc & 7;
	advance(a, a->end_gap);
	literal_pool(a, end);
	a->section = current;
}

void define_finish(struct asm *a)
{
	last_pool(a, a->current);
	diag_settle(a);
	place_sections(a);
	number_items(a);
	/* a Q-constant's DSECT: the pseudo register is as long */
	for (struct section *s = a->sections; s; s = s->next)
		if (s->weak_or_q)
			s->high = s->name->section->high;
}
