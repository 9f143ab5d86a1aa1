/*
 * Second pass: object code for every kept statement, in order.
 */
#include "cms/toolchain/asm370/int.h"

#include "base/bytes.h"

#include <stdlib.h>

#define MAX_LINE_CODE 8

/* n bytes at the statement's place; the first eight are for the listing too. */
void emit(struct asm *a, const uint8_t *p, uint32_t n)
{
	struct stmt *st = a->current;
	uint32_t show = MAX_LINE_CODE - a->code_count;

	if (n == 0)
		return;
	if (show > n)
		show = n;
	memcpy(a->code + a->code_count, p, show);
	a->code_count += show;
	if (st->section && section_has_text(st->section))
		deck_bytes(a, st->section, st->section->origin + a->emit_at, p, n);
	if (a->print.on && a->print.data)
		buffer_put(&a->data, p, n);
	a->emit_at += n;
}

/* Zeros before an instruction or constant that had to be aligned. */
static void emit_gap(struct asm *a, struct stmt *st)
{
	static const uint8_t zeros[8];

	if (st->gap == 0 || !st->section || !section_has_text(st->section))
		return;
	deck_bytes(a, st->section, st->section->origin + st->loc - st->gap, zeros, st->gap);
	a->gap_emitted = true;
}

/* ---- base registers */

static bool base_operand(struct asm *a, struct cursor *c, unsigned *reg)
{
	struct value v;

	if (!expression(a, c, &v) || !value_absolute(&v) || v.n < 0 || v.n > 15) {
		diag(a, 195, NULL);
		return false;
	}
	*reg = (unsigned)v.n;
	return true;
}

static void using_statement(struct asm *a, struct stmt *st)
{
	struct cursor c = cursor_of(st->operand);
	struct value v;
	unsigned reg, count = 0;
	int32_t at;

	if (at_end(&c)) {
		diag(a, 210, NULL);
		return;
	}
	if (!expression(a, &c, &v) || (!value_absolute(&v) && !value_relocatable(&v))) {
		diag(a, 217, NULL);
		return;
	}
	if (!take(&c, ',')) {
		diag(a, 178, NULL);
		return;
	}
	a->has_address[1] = true;
	a->address[1] = (uint32_t)v.n & 0xFFFFFF;
	at = v.n;
	do {
		if (count++ == 16) {
			diag(a, 195, NULL);
			return;
		}
		if (!base_operand(a, &c, &reg))
			return;
		a->bases[reg].used = true;
		a->bases[reg].section = v.pairs ? v.pair[0].section : NULL;
		a->bases[reg].value = reg ? at : 0; /* register 0 holds zero */
		at += 4096;
	} while (take(&c, ','));
	if (!at_end(&c))
		diag(a, 178, NULL);
}

static void drop_statement(struct asm *a, struct stmt *st)
{
	struct cursor c = cursor_of(st->operand);
	unsigned reg;

	if (at_end(&c) || *c.p == ',') {
		memset(a->bases, 0, sizeof(a->bases));
		return;
	}
	do {
		if (at_end(&c))
			diag(a, 178, NULL);
		if (!base_operand(a, &c, &reg))
			return;
		if (!a->bases[reg].used)
			diag_severity(a, 195, 4, "register %u is no base", reg);
		a->bases[reg].used = false;
	} while (take(&c, ','));
	if (!at_end(&c))
		diag(a, 178, NULL);
}

/* ---- PUSH, POP, PRINT */

static struct str word_next(struct cursor *c)
{
	const char *from = c->p;

	while (!at_end(c) && *c->p != ',')
		c->p++;
	return str_make(from, (size_t)(c->p - from));
}

static void push_using(struct asm *a, bool push)
{
	if (push && a->base_depth == STACK_DEPTH)
		diag(a, 191, NULL);
	else if (!push && a->base_depth == 0)
		diag(a, 193, NULL);
	else if (push)
		memcpy(a->base_stack[a->base_depth++], a->bases, sizeof(a->bases));
	else
		memcpy(a->bases, a->base_stack[--a->base_depth], sizeof(a->bases));
}

static void push_print(struct asm *a, bool push)
{
	if (push && a->print_depth == STACK_DEPTH)
		diag(a, 191, NULL);
	else if (!push && a->print_depth == 0)
		diag(a, 193, NULL);
	else if (push)
		a->print_stack[a->print_depth++] = a->print;
	else
		a->print = a->print_stack[--a->print_depth];
}

static void push_statement(struct asm *a, struct stmt *st, bool push)
{
	struct cursor c = cursor_of(st->operand);

	if (at_end(&c))
		diag(a, 177, NULL);
	while (!at_end(&c)) {
		struct str s = word_next(&c);

		if (str_is(s, "USING"))
			push_using(a, push);
		else if (str_is(s, "PRINT"))
			push_print(a, push);
		else
			diag(a, 190, NULL);
		take(&c, ',');
	}
}

static void print_statement(struct asm *a, struct stmt *st)
{
	struct cursor c = cursor_of(st->operand);

	if (at_end(&c))
		diag(a, 177, NULL);
	while (!at_end(&c)) {
		struct str s = word_next(&c);

		if (str_is(s, "ON") || str_is(s, "OFF"))
			a->print.on = s.n == 2;
		else if (str_is(s, "GEN") || str_is(s, "NOGEN"))
			a->print.gen = s.n == 3;
		else if (str_is(s, "DATA") || str_is(s, "NODATA"))
			a->print.data = s.n == 4;
		else
			diag(a, 194, NULL);
		take(&c, ',');
	}
}

/* ---- statements that make bytes */

/* A number up to max; what is beyond leaves its field zero. */
static uint32_t ccw_number(struct asm *a, struct cursor *c, int32_t max, unsigned number,
			   bool *undefined)
{
	struct value v;

	if (!expression(a, c, &v)) {
		diag(a, 179, NULL);
		*undefined = true;
		return 0;
	}
	if (!value_absolute(&v)) {
		diag(a, 217, NULL);
		return 0;
	}
	if (v.n < 0 || v.n > max) {
		diag(a, number, NULL);
		return 0;
	}
	return (uint32_t)v.n;
}

static bool ccw_comma(struct asm *a, struct cursor *c)
{
	while (c->p < c->end && *c->p != ',' && *c->p != ' ')
		c->p++; /* behind a wrong operand */
	if (take(c, ','))
		return true;
	diag(a, 178, NULL);
	return false;
}

static void ccw_address(struct asm *a, struct cursor *c, struct stmt *st, uint8_t *ccw)
{
	struct value v;

	if (!expression(a, c, &v))
		return;
	if (v.pairs && !value_relocatable(&v)) {
		diag(a, 241, NULL);
		return;
	}
	if (v.pairs && v.pair[0].section->kind == SECTION_DSECT &&
	    section_has_text(st->section)) {
		diag(a, 158, NULL);
		return;
	}
	put_be24(ccw + 1, (uint32_t)v.n);
	if (v.pairs)
		deck_relocate(a, v.pair[0].section, st->section, st->loc + 1, 0, 3, false);
}

static void ccw_operands(struct asm *a, struct cursor *c, struct stmt *st, uint8_t *ccw)
{
	bool other;

	ccw[0] = (uint8_t)ccw_number(a, c, 255, 183, &a->operand_wrong);
	if (!ccw_comma(a, c))
		return;
	ccw_address(a, c, st, ccw);
	if (!ccw_comma(a, c))
		return;
	ccw[4] = (uint8_t)ccw_number(a, c, 255, 184, &other);
	if (ccw[4] & 7)
		diag(a, 244, NULL);
	if (!ccw_comma(a, c))
		return;
	put_be16(ccw + 6, (uint16_t)ccw_number(a, c, 65535, 184, &other));
	if (!at_end(c))
		diag(a, 185, NULL);
}

static void ccw_statement(struct asm *a, struct stmt *st)
{
	struct cursor c = cursor_of(st->operand);
	uint32_t relocations = a->relocation_count;
	uint8_t ccw[8] = { 0 };

	a->operand_wrong = false;
	if (at_end(&c))
		diag(a, 177, NULL);
	else
		ccw_operands(a, &c, st, ccw);
	if (a->operand_wrong) { /* no command: nothing is left of it */
		memset(ccw, 0, sizeof(ccw));
		a->relocation_count = relocations;
	}
	emit(a, ccw, sizeof(ccw));
}

static void cnop_statement(struct asm *a, struct stmt *st)
{
	static const uint8_t nop[2] = { 0x07, 0x00 };

	for (uint32_t n = 0; n < st->size; n += 2)
		emit(a, nop, 2);
}

/* CXD has no text: whoever links the deck puts the length there. */
static void cxd_statement(struct asm *a, struct stmt *st)
{
	deck_relocate(a, NULL, st->section, st->loc, 3, 4, false);
	memset(a->code, 0, 4);
	a->code_count = 4;
}

static void entry_check(struct asm *a, struct stmt *st)
{
	struct cursor c = cursor_of(st->operand);

	while (!at_end(&c)) {
		struct value v;

		struct stmt silent = { .said = 255, .number = st->number };
		bool ok;

		a->current = &silent;
		ok = expression(a, &c, &v);
		a->current = st;
		if (!ok || !v.simple_symbol || !value_relocatable(&v) ||
		    v.symbol->is_external ||
		    (v.pair[0].section->kind != SECTION_SD &&
		     v.pair[0].section->kind != SECTION_PC))
			diag(a, 189, NULL);
		if (!take(&c, ','))
			return;
	}
}

static bool digits_next(struct cursor *c, uint32_t n)
{
	uint32_t i = 0;

	while (i < n && c->p < c->end && is_digit(*c->p)) {
		c->p++;
		i++;
	}
	return i == n;
}

/* What stands between the apostrophes of C'...': letters, digits, no pairs. */
static bool translator_name(struct cursor *c)
{
	if (!take(c, 'C') || !take(c, '\''))
		return false;
	while (c->p < c->end && *c->p != '\'' && *c->p != '&')
		c->p++;
	return take(c, '\'') && !(c->p < c->end && *c->p == '\'');
}

/*
 * END's second operand: (C'name',vvvv,yyddd) names who wrote the source, a
 * compiler. The END card has it as a second identification record.
 */
static bool translator_operand(struct asm *a, struct cursor *c)
{
	const char *name, *numbers;
	char text[20];

	if (!take(c, '('))
		return false;
	name = c->p;
	if (!translator_name(c) || c->p - name > 10)
		return false;
	numbers = c->p + 1;
	if (!take(c, ',') || !digits_next(c, 4) || !take(c, ',') || !digits_next(c, 5) ||
	    !take(c, ')'))
		return false;
	memset(text, ' ', sizeof(text));
	memcpy(text, name, (size_t)(numbers - 1 - name));
	memcpy(text + 10, numbers, 4);
	memcpy(text + 14, numbers + 5, 5);
	a->translator = str_make(arena_copy(&a->arena, text, 19), 19);
	return at_end(c) || *c->p == ',';
}

static void entry_operand(struct asm *a, struct cursor *c)
{
	if (!expression(a, c, &a->entry) || !value_relocatable(&a->entry))
		diag(a, 217, NULL);
	else
		a->has_entry = true;
}

static void end_statement(struct asm *a, struct stmt *st)
{
	struct cursor c = cursor_of(st->operand);

	if (none(&c))
		return;
	if (*c.p != ',')
		entry_operand(a, &c);
	if (!take(&c, ',') ? !at_end(&c) : !at_end(&c) && !translator_operand(a, &c))
		diag(a, 254, NULL);
}

/* ---- text statements */

/* What stands between the apostrophes, pairs undone; false after a message. */
static bool quoted_text(struct asm *a, struct cursor *c, unsigned number, char *out,
			uint32_t size, uint32_t *n)
{
	*n = 0;
	if (!take(c, '\'')) {
		diag(a, number, NULL);
		return false;
	}
	for (; c->p < c->end; c->p++) {
		if (*c->p == '\'' || *c->p == '&') {
			bool pair = c->p + 1 < c->end && c->p[1] == *c->p;

			if (*c->p == '\'' && !pair)
				break;
			c->p += pair;
		}
		if (*n < size)
			out[*n] = *c->p;
		++*n;
	}
	if (take(c, '\''))
		return true;
	diag(a, 175, NULL);
	return false;
}

static void title_statement(struct asm *a, struct stmt *st)
{
	struct cursor c = cursor_of(st->operand);
	char text[100];
	uint32_t n;

	if (!quoted_text(a, &c, 175, text, sizeof(text), &n))
		return;
	if (n > sizeof(text)) {
		diag(a, 171, NULL);
		n = sizeof(text);
	}
	a->title = str_make(arena_copy(&a->arena, text, n), n);
}

static void punch_statement(struct asm *a, struct stmt *st)
{
	struct cursor c = cursor_of(st->operand);
	char text[ASM370_CARD];
	uint8_t card[ASM370_CARD];
	uint32_t n;

	if (!quoted_text(a, &c, 175, text, sizeof(text), &n))
		return;
	if (n > ASM370_CARD || n == 0) {
		diag(a, 165, NULL);
		n = n ? ASM370_CARD : 0;
	}
	for (uint32_t i = 0; i < n; i++)
		card[i] = to_ebcdic(text[i]);
	if (n == 0)
		return;
	deck_flush(a);
	deck_card(a, card, n, false);
}

static void repro_statement(struct asm *a, struct stmt *st)
{
	uint8_t card[ASM370_CARD];

	deck_flush(a);
	for (uint32_t i = 0; i < st->repro.n; i++)
		card[i] = to_ebcdic(st->repro.p[i]);
	deck_card(a, card, st->repro.n, false);
}

/* What is listed: the operand without its apostrophes. */
static void mnote_line(struct asm *a, struct stmt *st, const char *text, uint32_t n)
{
	const char *quote = memchr(st->operand.p, '\'', st->operand.n);
	uint32_t before = quote ? (uint32_t)(quote - st->operand.p) : 0;
	char *line = arena_alloc(&a->arena, before + n + 1);

	memcpy(line, st->operand.p, before);
	memcpy(line + before, text, n);
	st->line = str_make(line, before + n);
}

/* MNOTE severity,'text': severity a number, or 1 before a lone comma. */
static void mnote_statement(struct asm *a, struct stmt *st)
{
	struct cursor c = cursor_of(st->operand);
	char text[256];
	int32_t severity = 1;
	uint32_t n;
	bool star = true; /* no severity: for reading only */

	if (c.p < c.end && *c.p != '\'') {
		star = take(&c, '*');
		if (!star && *c.p != ',' && !is_digit(*c.p)) {
			diag(a, 178, NULL);
			return;
		}
		if (!star && *c.p != ',' && !self_defining(a, &c, &severity))
			return;
		if (!take(&c, ',')) {
			diag(a, 178, NULL);
			return;
		}
	}
	if (severity < 0 || severity > 255) {
		diag(a, 183, NULL);
		star = true;
	}
	if (!quoted_text(a, &c, 178, text, sizeof(text), &n))
		return;
	n = n < sizeof(text) ? n : sizeof(text);
	mnote_line(a, st, text, n);
	if (!star)
		diag_severity(a, 197, (unsigned)severity, "%.*s", (int)n, text);
}

static void equ_show(struct asm *a, struct stmt *st)
{
	if (!st->symbol)
		return;
	a->has_address[1] = true;
	a->address[1] = (uint32_t)(st->symbol->value +
				   (st->symbol->section
					    ? (int32_t)st->symbol->section->origin
					    : 0)) &
			0xFFFFFF;
}

static void org_show(struct asm *a, struct stmt *st)
{
	a->has_address[1] = true;
	a->address[1] = (st->section->origin + st->to) & 0xFFFFFF;
}

/* The dictionary goes out before the first statement that is not PUNCH and such. */
static void deck_open(struct asm *a, const struct stmt *st)
{
	if (a->deck_opened || (st->flags & (STMT_COMMENT | STMT_CALL | STMT_SOURCE)))
		return;
	if (st->op && st->op->kind == OPERATION_ASSEMBLER)
		switch (st->op->code) {
		case A_PUNCH:
		case A_REPRO:
		case A_TITLE:
		case A_PRINT:
		case A_SPACE:
		case A_EJECT:
		case A_ISEQ:
		case A_OPSYN:
		case A_MNOTE: return;
		default: break;
		}
	else if (!st->op)
		return;
	a->deck_opened = true;
	deck_begin(a);
}

static void assembler_assemble(struct asm *a, struct stmt *st)
{
	switch (st->op->code) {
	case A_USING: using_statement(a, st); break;
	case A_DROP: drop_statement(a, st); break;
	case A_PUSH: push_statement(a, st, true); break;
	case A_POP: push_statement(a, st, false); break;
	case A_PRINT: print_statement(a, st); break;
	case A_CCW: ccw_statement(a, st); break;
	case A_CNOP: cnop_statement(a, st); break;
	case A_CXD: cxd_statement(a, st); break;
	case A_DC:
		if (st->measured)
			constants_emit(a, st->operand, st->loc, false);
		break;
	case A_ENTRY:
		if (st->measured)
			entry_check(a, st);
		break;
	case A_END: end_statement(a, st); break;
	case A_TITLE: title_statement(a, st); break;
	case A_PUNCH: punch_statement(a, st); break;
	case A_REPRO: repro_statement(a, st); break;
	case A_MNOTE: mnote_statement(a, st); break;
	case A_EQU: equ_show(a, st); break;
	case A_ORG: org_show(a, st); break;
	default: break;
	}
}

static bool makes_bytes(const struct stmt *st)
{
	if (st->op->kind != OPERATION_ASSEMBLER)
		return true;
	return st->op->code == A_DC || st->op->code == A_CCW || st->op->code == A_CNOP ||
	       st->op->code == A_CXD;
}

static void assemble_statement(struct asm *a, struct stmt *st)
{
	a->emit_at = a->star = st->loc;
	if (st->flags & STMT_LITERAL) {
		st->star = st->literal->stmt;
		constants_emit(a, st->literal->text, st->loc, true);
		return;
	}
	if (!st->op || (st->flags & (STMT_COMMENT | STMT_CALL | STMT_SOURCE)))
		return;
	if (makes_bytes(st))
		emit_gap(a, st);
	if (st->op->kind == OPERATION_MACHINE || st->op->kind == OPERATION_BRANCH)
		instruction_assemble(a, st);
	else if (st->op->kind == OPERATION_ASSEMBLER)
		assembler_assemble(a, st);
}

void assemble(struct asm *a)
{
	a->second_pass = true;
	a->print = (struct print_state){ .on = true, .gen = true };
	listing_dictionary(a);
	for (struct stmt *st = a->first; st; st = st->next) {
		struct print_state print = a->print;

		a->current = st;
		a->code_count = 0;
		a->data.n = 0;
		a->gap_emitted = false;
		a->has_address[0] = a->has_address[1] = false;
		deck_open(a, st);
		assemble_statement(a, st);
		arena_reset(&a->scratch);
		listing_statement(a, st, &print);
	}
	if (!a->deck_opened)
		deck_begin(a);
	deck_end(a);
}
