/*
 * Reading open code and expanding macros and conditional assembly: what comes
 * out are the statements that the two passes work on.
 */
#include "cms/toolchain/asm370/int.h"

#include "cpu370/opcodes.h"

#define MAX_COPY      5   /* nested COPY members */
#define LINE_MAX_TEXT 600 /* a generated line as listed */
#define SEQUENCE_AT   72  /* columns 73-80 */

static struct reader *reader_push(struct asm *a, const struct text *text)
{
	struct reader *r = arena_alloc(&a->arena, sizeof(*r));

	r->outer = a->reader;
	r->text = text;
	r->serial = ++a->reader_serial;
	a->reader = r;
	return r;
}

static void reader_pop(struct asm *a)
{
	a->reader = a->reader->outer;
	a->copy_depth--;
}

/* Keep a statement for the passes and the listing. */
struct stmt *stmt_add(struct asm *a, const struct logical *l, uint8_t flags)
{
	struct stmt *st = arena_alloc(&a->arena, sizeof(*st));

	st->number = ++a->statement;
	st->flags = flags;
	st->name = l->name;
	st->operand = l->operand;
	st->op = l->op;
	st->text = l->text;
	st->first = l->first;
	st->count = l->count;
	st->section = a->section;
	if (a->last)
		a->last->next = st;
	else
		a->first = st;
	a->last = st;
	a->current = st;
	return st;
}

static bool in_macro(const struct asm *a)
{
	return a->frame->macro != NULL;
}

static uint8_t origin(const struct asm *a)
{
	return (in_macro(a) ? STMT_GENERATED : 0) | (a->copy_depth ? STMT_COPIED : 0);
}

static void checked_columns(const struct asm *a, const struct record *r, uint8_t *out)
{
	for (uint32_t i = 0; i < a->checked_columns; i++)
		out[i] = to_ebcdic(a->checked_at + i < r->n ? r->p[a->checked_at + i] : ' ');
}

/* Under ISEQ every record of the source itself must be higher than the last. */
void sequence_check(struct asm *a, const struct logical *l)
{
	uint8_t now[sizeof(a->checked)];

	if (!a->checked_columns || l->text->library || a->frame->macro)
		return;
	for (uint32_t i = 0; i < l->count; i++) {
		const struct record *r = &l->text->records[l->first + i];

		checked_columns(a, r, now);
		if (memcmp(now, a->checked, a->checked_columns) <= 0)
			diag(a, 25, NULL);
		memcpy(a->checked, now, a->checked_columns);
	}
}

static void source_checks(struct asm *a, const struct logical *l)
{
	sequence_check(a, l);
	if (l->too_many)
		diag(a, 69, NULL);
	if (l->early)
		diag(a, 26, NULL);
}

/* ---- a generated statement as it is listed */

static uint32_t put_field(char *line, uint32_t at, uint32_t column, struct str s)
{
	if (s.n == 0)
		return at;
	if (at && at >= column)
		column = at + 1;
	if (column + s.n > LINE_MAX_TEXT)
		return at;
	memset(line + at, ' ', column - at);
	memcpy(line + column, s.p, s.n);
	return column + s.n;
}

/* Where the remarks stood in their record, if they still are there. */
static uint32_t remarks_column(const struct logical *l)
{
	const struct record *r = &l->text->records[l->first];

	if (l->count == 1 && l->remarks.n && l->remarks.p >= r->p &&
	    l->remarks.p < r->p + r->n)
		return (uint32_t)(l->remarks.p - r->p);
	return 40;
}

static struct str line_of(struct asm *a, const struct logical *l, struct str operation)
{
	const struct record *r = &l->text->records[l->first];
	char line[LINE_MAX_TEXT + 8];
	uint32_t n = put_field(line, 0, 0, l->name);

	n = put_field(line, n, 9, operation);
	n = put_field(line, n, 15, l->operand);
	n = put_field(line, n, remarks_column(l), l->remarks);
	if (r->n > SEQUENCE_AT && n <= SEQUENCE_AT)
		n = put_field(line, n, SEQUENCE_AT, str_sub(str_make(r->p, r->n),
							  SEQUENCE_AT, 8));
	return str_make(arena_copy(&a->arena, line, n), n);
}

/* ---- sequence symbols */

static void label_note(struct asm *a, const struct logical *l)
{
	struct label *label = arena_alloc(&a->arena, sizeof(*label));

	label->name = name_intern(a, l->name);
	label->at = l->first;
	label->reader = a->reader->serial;
	label->next = a->labels;
	a->labels = label;
}

static bool is_assembler(const struct logical *l, enum assembler_op code)
{
	return l->op && l->op->kind == OPERATION_ASSEMBLER && l->op->code == code;
}

/* Look for the label in the rest of one source; macro definitions do not count. */
static bool search_text(struct asm *a, struct reader *r, const struct name *name)
{
	uint32_t next = r->next, at = next;
	struct logical l;
	unsigned macro = 0;

	while (logical_read(a, r->text, &next, false, &l)) {
		if (!l.comment && !l.macro_comment) {
			if (is_assembler(&l, A_MACRO))
				macro++;
			else if (is_assembler(&l, A_MEND))
				macro -= macro > 0;
			else if (!macro && l.name.n && l.name.p[0] == '.' &&
				 name_intern(a, l.name) == name) {
				r->next = at;
				return true;
			}
		}
		at = next;
	}
	return false;
}

static bool branch_open(struct asm *a, const struct name *name)
{
	for (struct label *l = a->labels; l; l = l->next)
		if (l->name == name && l->reader == a->reader->serial) {
			a->reader->next = l->at;
			return true;
		}
	for (struct reader *r = a->reader; r; r = r->outer) {
		if (!search_text(a, r, name))
			continue;
		while (a->reader != r)
			reader_pop(a);
		return true;
	}
	return false;
}

static bool branch_macro(struct asm *a, const struct name *name)
{
	for (struct label *l = a->frame->macro->labels; l; l = l->next)
		if (l->name == name) {
			a->frame->next = l->at;
			return true;
		}
	return false;
}

static void frame_leave(struct asm *a)
{
	a->frame = a->frame->outer;
}

/* ACTR's limit of branches ends the macro, in open code the assembly. */
static void too_many_branches(struct asm *a)
{
	diag(a, 118, NULL);
	if (in_macro(a))
		frame_leave(a);
	else
		a->ended = true;
}

static void branch_to(struct asm *a, struct str s)
{
	struct name *name;

	if (s.n < 2 || s.p[0] != '.' || symbol_length(s.p + 1, s.p + s.n) != s.n - 1) {
		diag(a, 73, "%.*s", (int)s.n, s.p);
		return;
	}
	if (--a->frame->actr < 0) {
		too_many_branches(a);
		return;
	}
	name = name_intern(a, s);
	if (!(in_macro(a) ? branch_macro(a, name) : branch_open(a, name)))
		diag(a, in_macro(a) ? 76 : 90, "%s", name->text);
}

static struct str label_operand(struct cursor *c)
{
	const char *from = c->p;

	while (!at_end(c) && *c->p != ',')
		c->p++;
	return str_make(from, (size_t)(c->p - from));
}

static void aif_statement(struct asm *a, const struct logical *l)
{
	struct cursor c = cursor_of(l->operand);
	bool yes;

	do {
		struct str label;

		if (c.p >= c.end || *c.p != '(') {
			diag(a, l->operand.n ? 24 : 62, NULL);
			return;
		}
		if (!condition_logic(a, &c, &yes))
			return;
		label = label_operand(&c);
		if (yes) {
			branch_to(a, label);
			return;
		}
		if (label.n < 2 || label.p[0] != '.')
			diag(a, 73, NULL);
	} while (take(&c, ','));
}

/* AGO .X, or Assembler H's AGO (n).A,.B,.C */
static void ago_statement(struct asm *a, const struct logical *l)
{
	struct cursor c = cursor_of(l->operand);
	int32_t n;
	bool ok;

	if (!take(&c, '(')) {
		branch_to(a, label_operand(&c));
		return;
	}
	n = condition_number(a, &c, &ok);
	if (!ok || !take(&c, ')'))
		return;
	for (int32_t i = 1; !at_end(&c); i++) {
		struct str label = label_operand(&c);

		if (i == n) {
			branch_to(a, label);
			return;
		}
		take(&c, ',');
	}
}

static void actr_statement(struct asm *a, const struct logical *l)
{
	struct cursor c = cursor_of(l->operand);
	bool ok;
	int32_t n = condition_number(a, &c, &ok);

	if (ok)
		a->frame->actr = n;
}

/* ---- statements that change how the source is read */

static bool column_operand(struct asm *a, struct cursor *c, int32_t low, int32_t high,
			   uint32_t *column)
{
	int32_t n;

	if (!self_defining(a, c, &n) || n < low || n > high)
		return false;
	*column = (uint32_t)n;
	return true;
}

/* ICTL begin[,end[,continue]] */
static void ictl_statement(struct asm *a, const struct logical *l)
{
	struct cursor c = cursor_of(l->operand);
	uint32_t begin, end = 71, resume = 16;
	bool ok;

	if (a->statement != 1) {
		diag(a, 12, NULL);
		return;
	}
	if (at_end(&c)) {
		diag(a, 48, NULL);
		return;
	}
	ok = column_operand(a, &c, 1, 40, &begin);
	if (ok && take(&c, ','))
		ok = column_operand(a, &c, 41, 80, &end);
	if (ok && take(&c, ','))
		ok = column_operand(a, &c, 2, 40, &resume);
	if (!ok || !at_end(&c) || resume <= begin || end < begin + 5) {
		diag(a, 19, NULL);
		return;
	}
	a->begin = begin - 1;
	a->end = end;
	a->resume = resume - 1;
}

static void opsyn_statement(struct asm *a, const struct logical *l)
{
	struct operation none = { .kind = OPERATION_UNKNOWN };
	const struct operation *op;

	if (a->body_begun && !a->options.long_names) {
		diag(a, 12, NULL);
		return;
	}

	if (l->name.n == 0 || symbol_length(l->name.p, l->name.p + l->name.n) != l->name.n) {
		diag(a, 13, NULL);
		return;
	}
	if (l->operand.n == 0) {
		operation_define(a, name_intern(a, l->name), &none);
		return;
	}
	op = operation_find(a, l->operand);
	if (!op || op->kind == OPERATION_UNKNOWN) {
		diag(a, 14, "%.*s", (int)l->operand.n, l->operand.p);
		return;
	}
	none = *op;
	operation_define(a, name_intern(a, l->name), &none);
}

static void copy_statement(struct asm *a, const struct logical *l)
{
	const struct text *text;

	if (l->operand.n == 0)
		diag(a, 50, NULL);
	else if (symbol_length(l->operand.p, l->operand.p + l->operand.n) != l->operand.n)
		diag(a, 49, NULL);
	else if (a->copy_depth == MAX_COPY)
		diag(a, 61, NULL);
	else if (!text_include(a, l->operand, &text))
		diag(a, 68, "%.*s", (int)l->operand.n, l->operand.p);
	else {
		reader_push(a, text);
		a->copy_depth++;
	}
}

/* REPRO takes the next record as it stands. */
static void repro_record(struct asm *a, struct stmt *st)
{
	struct reader *r = a->reader;
	struct logical card = { .comment = true, .operand = str_z(""), .name = str_z("") };

	if (in_macro(a)) {
		struct frame *f = a->frame;
		const struct logical *l = &f->macro->body[f->next];

		if (f->next < f->macro->body_count) {
			st->repro = str_make(l->text->records[l->first].p,
					     l->text->records[l->first].n);
			f->next++;
		}
		return;
	}
	if (r->next >= r->text->count)
		return;
	st->repro = str_make(r->text->records[r->next].p, r->text->records[r->next].n);
	card.text = r->text;
	card.first = r->next++;
	card.count = 1;
	stmt_add(a, &card, origin(a) | STMT_COMMENT);
	a->current = st;
}

/* ---- dispatch */

/* Conditional assembly statements are listed in open code, on MLOGIC in macros. */
static void conditional_list(struct asm *a, const struct logical *l)
{
	struct stmt *st;

	if (in_macro(a) && !a->options.mlogic)
		return;
	st = stmt_add(a, l, origin(a) | STMT_SOURCE);
	if (!in_macro(a) && !a->options.alogic)
		st->flags |= STMT_HIDDEN;
}

static void conditional_dispatch(struct asm *a, const struct logical *l)
{
	switch (l->op->code) {
	case A_ACTR: actr_statement(a, l); break;
	case A_AGO: ago_statement(a, l); break;
	case A_AIF: aif_statement(a, l); break;
	case A_COPY: copy_statement(a, l); break;
	case A_GBLA: declare(a, l, 'A', true); break;
	case A_GBLB: declare(a, l, 'B', true); break;
	case A_GBLC: declare(a, l, 'C', true); break;
	case A_LCLA: declare(a, l, 'A', false); break;
	case A_LCLB: declare(a, l, 'B', false); break;
	case A_LCLC: declare(a, l, 'C', false); break;
	case A_SETA: set_variable(a, l, 'A'); break;
	case A_SETB: set_variable(a, l, 'B'); break;
	case A_SETC: set_variable(a, l, 'C'); break;
	case A_ICTL: ictl_statement(a, l); break;
	case A_MACRO:
		if (in_macro(a))
			diag(a, 27, NULL);
		else
			macro_define(a, a->reader);
		break;
	case A_MEND:
	case A_MEXIT:
		if (in_macro(a))
			frame_leave(a);
		else
			diag(a, 23, NULL);
		break;
	default: break; /* ANOP */
	}
}

/* Instructions to the assembler that take no name. */
static void name_check(struct asm *a, const struct logical *l)
{
	if (l->name.n == 0 || l->op->kind != OPERATION_ASSEMBLER)
		return;
	switch (l->op->code) {
	case A_USING:
	case A_DROP:
	case A_PRINT:
	case A_ISEQ: diag(a, 16, NULL); break;
	case A_ACTR:
	case A_AGO:
	case A_AIF:
	case A_ANOP:
	case A_COPY:
	case A_EJECT:
	case A_END:
	case A_ENTRY:
	case A_EXTRN:
	case A_GBLA:
	case A_GBLB:
	case A_GBLC:
	case A_LCLA:
	case A_LCLB:
	case A_LCLC:
	case A_MNOTE:
	case A_POP:
	case A_PUNCH:
	case A_PUSH:
	case A_REPRO:
	case A_SPACE:
	case A_WXTRN:
		if (!memchr(l->name.p, '&', l->name.n))
			diag(a, 16, NULL);
		break;
	default: break;
	}
}

/* In a macro, what is wrong with one belongs to the statement before it. */
static void conditional_statement(struct asm *a, const struct logical *l)
{
	if (!in_macro(a) || a->options.mlogic) {
		conditional_list(a, l);
		source_checks(a, l);
	} else if (a->last) {
		a->current = a->last;
	}
	if (!in_macro(a))
		name_check(a, l);
	conditional_dispatch(a, l);
}

/* The macro instruction as listed, and its name's type for T'. */
static void call_statement(struct asm *a, const struct logical *l, struct str operation)
{
	struct logical shown = *l;
	struct macro *macro = l->op->macro;
	struct symbol *symbol;

	if (in_macro(a) && !a->options.mcall) {
		a->current = a->last ? a->last : a->current;
		macro_call(a, macro, l);
		return;
	}
	if (l->variables && in_macro(a)) {
		shown.name = substitute(a, l->name);
		shown.operand = substitute(a, l->operand);
		stmt_add(a, &shown, origin(a) | STMT_CALL)->line =
			line_of(a, &shown, operation);
	} else {
		stmt_add(a, l, origin(a) | STMT_CALL);
	}
	source_checks(a, l);
	if (shown.name.n && shown.name.n <= 8 &&
	    symbol_length(shown.name.p, shown.name.p + shown.name.n) == shown.name.n) {
		symbol = symbol_get(a, name_intern(a, shown.name));
		if (!symbol->defined) {
			symbol->ahead = true;
			symbol->type = 'M';
		}
	}
	macro_call(a, macro, l);
}

/* Variable symbols replaced; the operand may end earlier than before. */
static void replaced_statement(struct asm *a, struct logical *l, struct str operation)
{
	uint32_t end;

	if (!l->variables)
		return;
	l->name = substitute(a, l->name);
	l->operand = substitute(a, l->operand);
	if (l->name.n > 8 && !a->options.long_names)
		l->name.n = l->name.n > 63 ? 63 : l->name.n;
	a->pending_line = line_of(a, l, operation);
	end = operand_end(l->operand, 0, l->op && (l->op->flags & OPN_PARENS));
	l->operand.n = end;
}

static bool quotes_paired(struct str s)
{
	bool quoted = false;

	for (uint32_t i = 0; i < s.n; i++)
		if (s.p[i] == '\'' &&
		    (quoted || i == 0 || upper(s.p[i - 1]) != 'L' ||
		     !is_attribute_quote(s.p, s.p + i, s.p + s.n)))
			quoted = !quoted;
	return !quoted;
}

/* Statements without operands: what follows the operation are remarks. */
static bool remarks_only(const struct logical *l)
{
	if (l->op->kind != OPERATION_ASSEMBLER)
		return l->op->machine && l->op->machine->format == FMT_S0;
	switch (l->op->code) {
	case A_COM:
	case A_CSECT:
	case A_CXD:
	case A_DSECT:
	case A_EJECT:
	case A_END:
	case A_LTORG: return true;
	default: return false;
	}
}

static bool lone_ampersand(struct str s)
{
	for (uint32_t i = 0; i < s.n; i++) {
		if (s.p[i] != '&')
			continue;
		if (i + 1 == s.n || s.p[i + 1] != '&')
			return true;
		i++;
	}
	return false;
}

/*
 * ISEQ left,right: check these columns, which the statements do not use. With
 * no operand, or a wrong one, checking stops.
 */
static void iseq_statement(struct asm *a, const struct logical *l)
{
	struct cursor c = cursor_of(l->operand);
	uint32_t left, right;

	a->checked_columns = 0;
	if (at_end(&c))
		return;
	if (!column_operand(a, &c, 1, 80, &left) || !take(&c, ',') ||
	    !column_operand(a, &c, 1, 80, &right) || left > right || !at_end(&c) ||
	    (left <= a->end && right > a->begin)) {
		diag(a, 19, NULL);
		return;
	}
	a->checked_at = left - 1;
	a->checked_columns = right - left + 1;
	memset(a->checked, 0, sizeof(a->checked)); /* lower than any record's */
}

static unsigned unknown_operation(const struct logical *l, struct str s)
{
	bool generated = memchr(l->operation.p, '&', l->operation.n) != NULL;

	if (s.n == 0)
		return generated ? 102 : 54;
	if (generated)
		return s.n > 8 ? 128 : 101;
	return symbol_length(s.p, s.p + s.n) == s.n && s.n <= 8 ? 78 : 54;
}

static void plain_statement(struct asm *a, struct logical *l, struct str operation)
{
	struct stmt *st;
	uint8_t flags = origin(a);

	a->pending_line = str_make(NULL, 0);
	if (l->variables && !in_macro(a)) {
		/* open code with variable symbols is listed as written, too */
		stmt_add(a, l, flags | STMT_SOURCE);
		flags |= STMT_GENERATED;
	}
	replaced_statement(a, l, operation);
	st = stmt_add(a, l, flags);
	st->line = a->pending_line;
	source_checks(a, l);
	if (l->op && (l->op->flags & OPN_CONDITIONAL)) {
		/* generated: these must stand in the source as they are */
		diag(a, 101, "%.*s", (int)operation.n, operation.p);
		return;
	}
	if (!l->op || l->op->kind == OPERATION_UNKNOWN) {
		diag(a, unknown_operation(l, operation), "%.*s", (int)operation.n,
		     operation.p);
		return;
	}
	if (is_assembler(l, A_REPRO))
		repro_record(a, st);
	if (is_assembler(l, A_OPSYN)) {
		opsyn_statement(a, l);
		return;
	}
	if (is_assembler(l, A_ISEQ) && l->name.n == 0)
		iseq_statement(a, l);
	if (!in_macro(a) && !remarks_only(l) && lone_ampersand(l->operand)) {
		diag(a, 39, NULL);
		st->op = NULL;
		return;
	}
	if (!l->variables && !remarks_only(l) && !quotes_paired(l->operand)) {
		/* XF finds this first of all and leaves the statement out */
		diag(a, 35, NULL);
		st->op = NULL;
		return;
	}
	name_check(a, l);
	define_statement(a, st);
	if (is_assembler(l, A_END))
		a->ended = true;
}

/* The operation, out of the library if need be; l->op NULL if there is none. */
static void operation_needed(struct asm *a, struct logical *l, struct str operation)
{
	struct operation unknown = { .kind = OPERATION_UNKNOWN };

	l->op = operation_find(a, operation);
	if (l->op || operation.n == 0 || operation.n > 63 ||
	    symbol_length(operation.p, operation.p + operation.n) != operation.n)
		return;
	if (!macro_from_library(a, operation))
		operation_define(a, name_intern(a, operation), &unknown);
	l->op = operation_find(a, operation);
}

static void comment_statement(struct asm *a, struct logical *l)
{
	l->operand = l->name = str_make("", 0);
	if (l->macro_comment && in_macro(a))
		return;
	stmt_add(a, l, origin(a) | STMT_COMMENT);
	sequence_check(a, l);
	if (l->macro_comment)
		diag(a, 17, NULL);
}

static void process(struct asm *a, struct logical *l)
{
	struct str operation = l->operation;

	if (l->comment || l->macro_comment) {
		comment_statement(a, l);
		return;
	}
	if (l->name.n && l->name.p[0] == '.') {
		if (!in_macro(a))
			label_note(a, l);
		l->name = str_make("", 0);
	}
	if (l->variables) {
		operation = substitute(a, operation);
		if (operation.p != l->operation.p)
			l->op = NULL;
	}
	if (!l->op)
		operation_needed(a, l, operation);
	if (!is_assembler(l, A_OPSYN) && !is_assembler(l, A_ICTL))
		a->body_begun = true;
	if (l->op && l->op->kind == OPERATION_MACRO)
		call_statement(a, l, operation);
	else if (l->op && (l->op->flags & OPN_CONDITIONAL) &&
		 operation.p == l->operation.p)
		conditional_statement(a, l);
	else
		plain_statement(a, l, operation);
}

static bool next_open(struct asm *a, struct logical *l)
{
	for (;;) {
		if (logical_read(a, a->reader->text, &a->reader->next, false, l))
			return true;
		if (!a->reader->outer)
			return false;
		reader_pop(a);
	}
}

/* The next statement: of the innermost macro, or of open code. */
static bool next_statement(struct asm *a, struct logical *l)
{
	while (in_macro(a)) {
		struct frame *f = a->frame;

		if (f->next < f->macro->body_count) {
			*l = f->macro->body[f->next++];
			return true;
		}
		frame_leave(a);
	}
	return next_open(a, l);
}

static void supply_end(struct asm *a)
{
	struct logical l = { .operation = str_z("END"), .operand = str_z(""),
			     .name = str_z("") };

	l.text = a->reader->text;
	l.op = operation_find(a, l.operation);
	stmt_add(a, &l, 0)->line = str_z("         END");
	diag(a, 60, NULL);
	define_statement(a, a->current);
}

void generate(struct asm *a, const struct text *text)
{
	struct logical l;

	reader_push(a, text);
	while (!a->ended) {
		if (!next_statement(a, &l)) {
			supply_end(a);
			break;
		}
		process(a, &l);
		arena_reset(&a->scratch);
		if (++a->work > a->options.max_statements) {
			diag(a, 260, NULL);
			supply_end(a);
			break;
		}
	}
}
