/*
 * The listing: dictionary, statements, relocations, cross reference and
 * diagnostics, set out as Assembler XF does. GC33-4021, "The Listing".
 */
#include "cms/toolchain/asm370/int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define WIDTH 120

static void out_line(struct asm *a, const char *p, uint32_t n)
{
	while (n > 0 && p[n - 1] == ' ')
		n--;
	buffer_put(&a->listing, p, n);
	buffer_put(&a->listing, "\n", 1);
	a->page_line++;
}

static void heading_line(struct asm *a, const char *left)
{
	char line[160];
	int n = snprintf(line, sizeof(line), "%-97.97s%-7s%.5s %.8s", left, "ASM370",
			 a->options.systime ? a->options.systime : "",
			 a->options.sysdate ? a->options.sysdate : "");

	out_line(a, line, (uint32_t)n);
}

static void page(struct asm *a, const char *title, const char *columns)
{
	char line[160];
	int n;

	a->page++;
	a->page_line = 0;
	a->columns = columns;
	if (a->listing.n)
		buffer_put(&a->listing, "\f", 1);
	n = snprintf(line, sizeof(line), "%-110.110sPAGE %4u", title, a->page);
	out_line(a, line, (uint32_t)n);
	out_line(a, "", 0);
	heading_line(a, columns);
	out_line(a, "", 0);
}

static void centred_page(struct asm *a, const char *title, const char *columns)
{
	char line[112];

	snprintf(line, sizeof(line), "%*s", 60 + (int)strlen(title) / 2, title);
	a->page_title = arena_copy(&a->arena, line, strlen(line) + 1);
	page(a, line, columns);
}

static void line(struct asm *a, const char *format, ...) PRINTF_LIKE(2, 3);
static void line(struct asm *a, const char *format, ...)
{
	char text[400];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(text))
		n = sizeof(text) - 1;
	if (a->page_line >= a->options.linecount)
		page(a, a->page_title, a->columns);
	out_line(a, text, (uint32_t)n);
}

/* ---- external symbol dictionary */

static const char *const kind_name[] = {
	[SECTION_SD] = "SD", [SECTION_PC] = "PC", [SECTION_CM] = "CM",
	[SECTION_ER] = "ER", [SECTION_WX] = "WX", [SECTION_PR] = "PR",
	[SECTION_LD] = "LD",
};

static void dictionary_item(struct asm *a, const struct section *s)
{
	const char *name = s->name ? s->name->text : "";
	const struct symbol *symbol = s->name ? s->name->symbol : NULL;

	switch (s->kind) {
	case SECTION_DSECT: break;
	case SECTION_ER:
	case SECTION_WX:
		line(a, "%-8s  %s  %04X", name, kind_name[s->kind], s->esdid);
		break;
	case SECTION_LD:
		if (symbol && symbol->defined && symbol->section)
			line(a, "%-8s  LD       %06X         %04X", name,
			     (uint32_t)symbol->value + symbol->section->origin,
			     symbol->section->esdid);
		break;
	default:
		line(a, "%-8s  %s  %04X %06X %06X", name, kind_name[s->kind], s->esdid,
		     s->origin, s->high);
		break;
	}
}

void listing_dictionary(struct asm *a)
{
	if (!a->options.list || !a->options.esd || !a->sections)
		return;
	centred_page(a, "EXTERNAL SYMBOL DICTIONARY",
		     "SYMBOL   TYPE  ID   ADDR  LENGTH LDID");
	for (struct section *s = a->sections; s; s = s->next)
		dictionary_item(a, s);
	a->in_source = false;
}

/* ---- statements */

static void source_page(struct asm *a)
{
	char title[112];

	snprintf(title, sizeof(title), "%-8.8s %.*s",
		 a->deck_id ? a->deck_id->text : "", (int)a->title.n, a->title.p);
	a->page_title = arena_copy(&a->arena, title, strlen(title));
	page(a, a->page_title,
	     "  LOC  OBJECT CODE    ADDR1 ADDR2  STMT   SOURCE STATEMENT");
	a->in_source = true;
}

static void put_hex(char *p, const uint8_t *b, uint32_t n)
{
	static const char digits[] = "0123456789ABCDEF";

	for (uint32_t i = 0; i < n; i++) {
		*p++ = digits[b[i] >> 4];
		*p++ = digits[b[i] & 15];
	}
}

static void put_code(char *out, const struct asm *a, const struct stmt *st)
{
	uint32_t n = a->code_count;

	if (n == 0)
		return;
	if (st->op && (st->op->kind == OPERATION_MACHINE ||
		       st->op->kind == OPERATION_BRANCH)) {
		put_hex(out + 7, a->code, 2);
		if (n > 2)
			put_hex(out + 12, a->code + 2, 2);
		if (n > 4)
			put_hex(out + 17, a->code + 4, 2);
		return;
	}
	put_hex(out + 7, a->code, n);
}

static bool is_op(const struct stmt *st, enum assembler_op code)
{
	return st->op && st->op->kind == OPERATION_ASSEMBLER && st->op->code == code &&
	       !(st->flags & (STMT_COMMENT | STMT_CALL | STMT_SOURCE));
}

static bool shows_location(const struct stmt *st)
{
	if (st->flags & STMT_LITERAL)
		return true;
	if (!st->op || !st->section || (st->flags & (STMT_CALL | STMT_SOURCE)))
		return false;
	if (st->op->kind == OPERATION_MACHINE || st->op->kind == OPERATION_BRANCH)
		return true;
	switch (st->op->code) {
	case A_START:
	case A_CSECT:
	case A_DSECT:
	case A_COM:
	case A_DC:
	case A_DS:
	case A_CCW:
	case A_CNOP:
	case A_CXD:
	case A_LTORG:
	case A_ORG: return true;
	default: return false;
	}
}

static void put_location(char *out, uint32_t at)
{
	uint8_t b[3] = { (uint8_t)(at >> 16), (uint8_t)(at >> 8), (uint8_t)at };

	put_hex(out, b, 3);
}

static void put_fields(char *out, const struct asm *a, const struct stmt *st)
{
	char text[16];

	memset(out, ' ', 40);
	if (shows_location(st))
		put_location(out, st->section->origin + st->loc);
	put_code(out, a, st);
	for (unsigned i = 0; i < 2; i++) {
		if (!a->has_address[i])
			continue;
		snprintf(text, sizeof(text), "%05X", a->address[i]);
		memcpy(out + 22 + 6 * i, text, 5);
	}
	if (is_op(st, A_END) && a->has_entry)
		put_location(out, (uint32_t)a->entry.n);
	snprintf(text, sizeof(text), "%5u%c", st->number,
		 st->flags & STMT_GENERATED ? '+' : ' ');
	memcpy(out + 34, text, 6);
}

static void statement_line(struct asm *a, const char *fields, struct str text)
{
	char out[40 + 256];
	uint32_t n = text.n < 250 ? text.n : 250;

	memcpy(out, fields, 40);
	memcpy(out + 40, text.p, n);
	if (a->page_line >= a->options.linecount)
		page(a, a->page_title, a->columns);
	out_line(a, out, 40 + n);
}

static void source_lines(struct asm *a, const struct stmt *st)
{
	char fields[40], blank[40];
	char literal[80];
	int n;

	put_fields(fields, a, st);
	memset(blank, ' ', sizeof(blank));
	if (st->flags & STMT_LITERAL) {
		n = snprintf(literal, sizeof(literal), "%15s=%.*s", "",
			     (int)(st->literal->text.n < 60 ? st->literal->text.n : 60),
			     st->literal->text.p);
		statement_line(a, fields, str_make(literal, (size_t)n));
		return;
	}
	if (st->line.p) {
		statement_line(a, fields, st->line);
		return;
	}
	for (uint32_t i = 0; i < st->count; i++) {
		const struct record *r = &st->text->records[st->first + i];

		statement_line(a, i ? blank : fields, str_make(r->p, r->n));
	}
}

/* PRINT DATA: the bytes after the first eight. */
static void more_data(struct asm *a, const struct stmt *st)
{
	for (size_t at = 8; at < a->data.n; at += 8) {
		char out[40];
		uint32_t n = (uint32_t)(a->data.n - at < 8 ? a->data.n - at : 8);

		memset(out, ' ', sizeof(out));
		put_location(out, st->section->origin + st->loc + (uint32_t)at);
		put_hex(out + 7, (const uint8_t *)a->data.p + at, n);
		statement_line(a, out, str_make("", 0));
	}
}

static void space_statement(struct asm *a, const struct stmt *st)
{
	struct cursor c = cursor_of(st->operand);
	int32_t n = 1;

	if (!none(&c) && (!self_defining(a, &c, &n) || n < 0 || !at_end(&c))) {
		diag(a, 242, NULL);
		return;
	}
	for (; n > 0 && a->page_line < a->options.linecount; n--)
		out_line(a, "", 0);
}

static bool is_listed(struct asm *a, const struct stmt *st,
		      const struct print_state *print)
{
	bool generated = st->flags & STMT_GENERATED;

	if (!print->on || (st->flags & STMT_HIDDEN))
		return st->diagnostics != NULL;
	if (generated && !print->gen && !is_op(st, A_MNOTE) && !st->diagnostics)
		return false;
	if (is_op(st, A_TITLE) || is_op(st, A_EJECT) || is_op(st, A_SPACE))
		return st->diagnostics != NULL;
	(void)a;
	return true;
}

/* Zeros put in to align what follows. */
static void gap_line(struct asm *a, const struct stmt *st)
{
	static const uint8_t zeros[8];
	char out[40];

	if (st->gap == 0 || !a->gap_emitted)
		return;
	memset(out, ' ', sizeof(out));
	put_location(out, st->section->origin + st->loc - st->gap);
	put_hex(out + 7, zeros, st->gap);
	statement_line(a, out, str_make("", 0));
}

void listing_statement(struct asm *a, struct stmt *st, const struct print_state *print)
{
	bool list = a->options.list;

	if (list && is_op(st, A_SPACE) && print->on) {
		if (!a->in_source)
			source_page(a);
		space_statement(a, st);
	}
	if (!list)
		return;
	if (is_op(st, A_TITLE) || (is_op(st, A_EJECT) && print->on)) {
		a->in_source = false;
		if (!st->diagnostics)
			return;
	}
	if (!is_listed(a, st, is_op(st, A_PRINT) ? &a->print : print))
		return;
	if (!a->in_source)
		source_page(a);
	gap_line(a, st);
	source_lines(a, st);
	if (print->data && st->section && (is_op(st, A_DC) || (st->flags & STMT_LITERAL)))
		more_data(a, st);
	if (st->diagnostics)
		line(a, "         *** ERROR ***");
}

/* ---- relocation dictionary */

void listing_relocations(struct asm *a)
{
	if (!a->options.list || !a->options.rld || a->relocation_count == 0)
		return;
	centred_page(a, "RELOCATION DICTIONARY", "POS.ID   REL.ID   FLAGS   ADDRESS");
	for (uint32_t i = 0; i < a->relocation_count; i++) {
		const struct relocation *x = &a->relocations[i];

		line(a, " %04X     %04X      %02X     %06X", x->p, x->r, x->flags,
		     x->address);
	}
}

/* ---- cross reference */

static int by_name(const void *x, const void *y)
{
	const struct symbol *s = *(struct symbol *const *)x;
	const struct symbol *t = *(struct symbol *const *)y;

	for (uint32_t i = 0; i < s->name->n && i < t->name->n; i++) {
		uint8_t c = to_ebcdic(s->name->text[i]), d = to_ebcdic(t->name->text[i]);

		if (c != d)
			return c < d ? -1 : 1;
	}
	return s->name->n < t->name->n ? -1 : s->name->n > t->name->n;
}

static uint32_t collect_symbols(struct asm *a)
{
	uint32_t n = 0;

	a->symbols = arena_alloc(&a->arena, (a->symbol_count + 1) * sizeof(*a->symbols));
	for (uint32_t i = 0; i <= a->name_mask; i++)
		for (struct name *name = a->names[i]; name; name = name->chain) {
			struct symbol *s = name->symbol;

			if (s && (s->defined || s->references) && n < a->symbol_count)
				a->symbols[n++] = s;
		}
	if (n)
		qsort(a->symbols, n, sizeof(*a->symbols), by_name);
	return n;
}

static int by_statement(const void *x, const void *y)
{
	const struct reference *r = *(struct reference *const *)x;
	const struct reference *s = *(struct reference *const *)y;

	if (r->statement != s->statement)
		return r->statement < s->statement ? -1 : 1;
	return r->second_pass - s->second_pass;
}

/* Is the reference of the first pass only, while the second has it, too? */
static bool is_again(struct reference **refs, uint32_t n, uint32_t count)
{
	uint32_t i = n;

	if (refs[n]->second_pass)
		return false;
	while (i < count && refs[i]->statement == refs[n]->statement)
		i++;
	return refs[i - 1]->second_pass;
}

/* text has at characters already; the numbers of statements, 15 a line. */
static void reference_lines(struct asm *a, char *text, int at, size_t size,
			    struct reference *first)
{
	uint32_t n = 0, count = 0;
	struct reference **refs;

	for (struct reference *r = first; r; r = r->next)
		count++;
	refs = arena_alloc(&a->scratch, (count + 1) * sizeof(*refs));
	for (struct reference *r = first; r; r = r->next)
		refs[n++] = r;
	qsort(refs, count, sizeof(*refs), by_statement);
	for (n = 0; n < count; n++) {
		if (is_again(refs, n, count))
			continue;
		if (at >= 120) {
			line(a, "%s", text);
			at = snprintf(text, size, "%30s", "");
		}
		at += snprintf(text + at, size - (size_t)at, " %05u", refs[n]->statement);
	}
	line(a, "%s", text);
	arena_reset(&a->scratch);
}

static void duplicate_lines(struct asm *a, const struct symbol *s,
			    const struct duplicate *d)
{
	if (!d)
		return;
	duplicate_lines(a, s, d->next);
	line(a, "%-8s %05u %08X %05u  ****DUPLICATE****", s->name->text, d->length,
	     (uint32_t)d->value + (d->section ? d->section->origin : 0), d->statement);
}

static void cross_reference_line(struct asm *a, const struct symbol *s)
{
	char text[160];
	int at;

	if (a->options.xref == ASM370_XREF_SHORT && !s->references && !s->duplicates)
		return;
	if (s->defined)
		at = snprintf(text, sizeof(text), "%-8s %05u %08X %05u ", s->name->text,
			      s->length,
			      (uint32_t)s->value + (s->section ? s->section->origin : 0),
			      s->statement);
	else
		at = snprintf(text, sizeof(text), "%-8s ****UNDEFINED****    ",
			      s->name->text);
	reference_lines(a, text, at, sizeof(text), s->references);
	duplicate_lines(a, s, s->duplicates);
}

/* A long literal has a line of its own. */
static void literal_line(struct asm *a, const struct literal *l)
{
	char text[160], name[9] = "";
	int at;

	if (l->text.n < sizeof(name) - 1)
		snprintf(name, sizeof(name), "=%.*s", (int)l->text.n, l->text.p);
	else
		line(a, "=%.*s", (int)l->text.n, l->text.p);
	at = snprintf(text, sizeof(text), "%-8s %05u %08X %05u ", name, l->length,
		      l->offset + l->section->origin, l->placed->number);
	reference_lines(a, text, at, sizeof(text), l->references);
}

static int by_address(const void *x, const void *y)
{
	const struct literal *l = *(struct literal *const *)x;
	const struct literal *m = *(struct literal *const *)y;
	uint32_t at = l->section->origin + l->offset, to = m->section->origin + m->offset;

	if (at != to)
		return at < to ? -1 : 1;
	return l->placed->number < m->placed->number ? -1 : 1;
}

static void literal_cross_reference(struct asm *a)
{
	struct literal **all;
	uint32_t n = 0;

	for (struct literal *l = a->placed; l; l = l->following)
		n++;
	if (n == 0)
		return;
	all = arena_alloc(&a->arena, n * sizeof(struct literal *));
	n = 0;
	for (struct literal *l = a->placed; l; l = l->following)
		all[n++] = l;
	qsort(all, n, sizeof(struct literal *), by_address);
	centred_page(a, "LITERAL CROSS-REFERENCE",
		     "SYMBOL    LEN   VALUE   DEFN    REFERENCES");
	for (uint32_t i = 0; i < n; i++)
		literal_line(a, all[i]);
}

void listing_cross_reference(struct asm *a)
{
	uint32_t n;

	if (!a->options.list || a->options.xref == ASM370_XREF_NONE)
		return;
	n = collect_symbols(a);
	centred_page(a, "CROSS-REFERENCE", "SYMBOL    LEN   VALUE   DEFN    REFERENCES");
	for (uint32_t i = 0; i < n; i++)
		cross_reference_line(a, a->symbols[i]);
	literal_cross_reference(a);
}

/* ---- diagnostics */

static const char *yes(bool on, const char *name)
{
	return on ? name : "";
}

static void options_lines(struct asm *a)
{
	const struct asm370_options *o = &a->options;

	line(a, "OPTIONS FOR THIS ASSEMBLY");
	line(a, "  %sALIGN, %sALOGIC, %sDECK, %sESD, FLAG(%u), LINECOUNT(%u), %sLIST, "
		"%sMCALL, %sYFLAG", yes(!o->align, "NO"), yes(!o->alogic, "NO"),
	     yes(!o->deck, "NO"), yes(!o->esd, "NO"), o->flag, o->linecount,
	     yes(!o->list, "NO"), yes(!o->mcall, "NO"), yes(!o->yflag, "NO"));
	line(a, "  %sMLOGIC, %sNUMBER, %sRENT, %sRLD, %sSTMT, %sLIBMAC, %sTEST, %s",
	     yes(!o->mlogic, "NO"), yes(!o->num, "NO"), yes(!o->rent, "NO"),
	     yes(!o->rld, "NO"), yes(!o->stmt, "NO"), yes(!o->libmac, "NO"),
	     yes(!o->test, "NO"),
	     o->xref == ASM370_XREF_NONE    ? "NOXREF"
	     : o->xref == ASM370_XREF_SHORT ? "XREF(SHORT)"
					    : "XREF(FULL)");
	line(a, "  SYSPARM(%.100s)", o->sysparm ? o->sysparm : "");
}

static unsigned flagged(const struct asm370_result *result)
{
	unsigned n = 0;

	for (size_t i = 0; i < result->diagnostic_count; i++)
		n += i == 0 || result->diagnostics[i].statement !=
				       result->diagnostics[i - 1].statement;
	return n;
}

void listing_diagnostics(struct asm *a, const struct asm370_result *result)
{
	if (!a->options.list)
		return;
	centred_page(a, "ASSEMBLER DIAGNOSTICS AND STATISTICS",
		     result->diagnostic_count ? " STMT   ERROR NO.   MESSAGE" : "");
	if (flagged(result) == 0)
		line(a, "NO STATEMENTS FLAGGED IN THIS ASSEMBLY");
	for (size_t i = 0; i < result->diagnostic_count; i++) {
		const struct asm370_diagnostic *d = &result->diagnostics[i];

		line(a, "%5u    IFO%03u %3u   %.300s", d->statement, d->number, d->severity,
		     d->text);
	}
	if (flagged(result))
		line(a, "NUMBER OF STATEMENTS FLAGGED IN THIS ASSEMBLY = %5u", flagged(result));
	line(a, "HIGHEST SEVERITY WAS %4u", a->severity);
	options_lines(a);
	line(a, "TOTAL RECORDS READ %10u", a->lines);
	line(a, "TOTAL RECORDS PUNCHED %7zu", a->deck.n / ASM370_CARD);
}
