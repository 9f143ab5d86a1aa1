/*
 * Reading open code and expanding it: what comes out are the statements that
 * the two passes work on.
 */
#include "cms/toolchain/asm370/int.h"

#define MAX_COPY 5 /* nested COPY members */

static struct reader *reader_push(struct asm *a, const struct text *text)
{
	struct reader *r = arena_alloc(&a->arena, sizeof(*r));

	r->outer = a->reader;
	r->text = text;
	r->serial = ++a->reader_serial;
	a->reader = r;
	return r;
}

/* Keep a statement for the passes and the listing. */
struct stmt *stmt_add(struct asm *a, const struct logical *l, uint8_t flags)
{
	struct stmt *st = arena_alloc(&a->arena, sizeof(*st));

	st->number = ++a->statement;
	st->flags = flags;
	st->name = l->name;
	st->operation = l->operation;
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

static void source_checks(struct asm *a, const struct logical *l)
{
	if (l->too_many)
		diag(a, 69, NULL);
	if (l->early)
		diag(a, 26, NULL);
}

/* The operation is not known: is there a macro of that name in the library? */
static const struct operation *operation_needed(struct asm *a, struct logical *l)
{
	if (!l->op)
		l->op = operation_find(a, l->operation);
	if (l->op || l->operation.n == 0)
		return l->op;
	return NULL;
}

static void copy_statement(struct asm *a, struct logical *l, uint8_t flags)
{
	struct stmt *st = stmt_add(a, l, flags | STMT_SOURCE);
	const struct text *text;

	(void)st;
	if (l->operand.n == 0) {
		diag(a, 50, NULL);
		return;
	}
	if (symbol_length(l->operand.p, l->operand.p + l->operand.n) != l->operand.n) {
		diag(a, 49, NULL);
		return;
	}
	if (a->copy_depth == MAX_COPY) {
		diag(a, 61, NULL);
		return;
	}
	if (!text_include(a, l->operand, &text)) {
		diag(a, 68, "%.*s", (int)l->operand.n, l->operand.p);
		return;
	}
	reader_push(a, text);
	a->copy_depth++;
}

/* REPRO takes the next record as it stands. */
static void repro_record(struct asm *a, struct stmt *st)
{
	struct reader *r = a->reader;

	if (r->next >= r->text->count)
		return;
	st->repro = str_make(r->text->records[r->next].p, r->text->records[r->next].n);
	st->count++;
	r->next++;
}

static void plain_statement(struct asm *a, struct logical *l, uint8_t flags)
{
	struct stmt *st;

	if (!operation_needed(a, l) || l->op->kind == OPERATION_UNKNOWN) {
		stmt_add(a, l, flags);
		diag(a, l->operation.n ? 78 : 53, "%.*s", (int)l->operation.n,
		     l->operation.p);
		source_checks(a, l);
		return;
	}
	if (l->op->kind == OPERATION_ASSEMBLER && l->op->code == A_COPY) {
		copy_statement(a, l, flags);
		return;
	}
	st = stmt_add(a, l, flags);
	source_checks(a, l);
	if (l->op->kind == OPERATION_ASSEMBLER && l->op->code == A_REPRO)
		repro_record(a, st);
	define_statement(a, st);
	if (l->op->kind == OPERATION_ASSEMBLER && l->op->code == A_END)
		a->ended = true;
}

static void open_statement(struct asm *a, struct logical *l)
{
	uint8_t flags = a->copy_depth ? STMT_COPIED : 0;

	if (l->comment || l->macro_comment) {
		l->operand = l->name = str_make("", 0);
		stmt_add(a, l, flags | STMT_COMMENT);
		if (l->macro_comment)
			diag(a, 17, NULL);
		return;
	}
	plain_statement(a, l, flags);
}

static bool next_open(struct asm *a, struct logical *l)
{
	while (a->reader) {
		if (logical_read(a, a->reader->text, &a->reader->next, false, l))
			return true;
		if (!a->reader->outer)
			return false;
		a->reader = a->reader->outer;
		a->copy_depth--;
	}
	return false;
}

static void supply_end(struct asm *a)
{
	struct logical l = { .operation = str_z("END") };

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
		if (!next_open(a, &l)) {
			supply_end(a);
			break;
		}
		open_statement(a, &l);
		arena_reset(&a->scratch);
	}
}
