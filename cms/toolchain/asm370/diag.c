/*
 * Diagnostics: Assembler XF's numbers and severities, our words.
 */
#include "cms/toolchain/asm370/int.h"

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ERRORS_A_STATEMENT 20 /* further ones in the same statement are dropped */

static const struct message {
	uint16_t number;
	uint8_t severity;
	const char *text;
} messages[] = {
#include "cms/toolchain/asm370/messages.def"
};

static const struct message *message_find(unsigned number)
{
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++)
		if (messages[i].number == number)
			return &messages[i];
	BUG("a diagnostic without a row in messages.def");
}

static bool already_said(const struct stmt *st, unsigned number)
{
	for (const struct diagnostic *d = st->diagnostics; d; d = d->same_stmt)
		if (d->number == number)
			return true;
	return false;
}

static void add(struct asm *a, unsigned number, unsigned severity, const char *text)
{
	struct diagnostic *d = arena_alloc(&a->arena, sizeof(*d));

	d->same_stmt = a->current->diagnostics;
	a->current->diagnostics = d;
	d->stmt = a->current;
	d->statement = a->current->number;
	d->number = (uint16_t)number;
	d->severity = (uint16_t)severity;
	d->text = text;
	if (a->last_diagnostic)
		a->last_diagnostic->next = d;
	else
		a->diagnostics = d;
	a->last_diagnostic = d;
	a->diagnostic_count++;
	if (severity > a->severity)
		a->severity = severity;
}

static void report(struct asm *a, unsigned number, unsigned severity,
		   const struct message *m, const char *detail, va_list ap)
{
	char line[400];
	int n = snprintf(line, sizeof(line), "%s", m->text);

	if (a->current->said >= ERRORS_A_STATEMENT && number != 197)
		return;
	if (detail && n < (int)sizeof(line) - 3) {
		n += snprintf(line + n, sizeof(line) - (size_t)n, ": ");
		vsnprintf(line + n, sizeof(line) - (size_t)n, detail, ap);
	}
	if (number != 197 && already_said(a->current, number))
		return;
	a->current->said++;
	add(a, number, severity, arena_copy(&a->arena, line, strlen(line)));
}

void diag(struct asm *a, unsigned number, const char *detail, ...)
{
	const struct message *m = message_find(number);
	va_list ap;

	va_start(ap, detail);
	report(a, number, m->severity, m, detail, ap);
	va_end(ap);
}

void diag_severity(struct asm *a, unsigned number, unsigned severity,
		   const char *detail, ...)
{
	va_list ap;

	va_start(ap, detail);
	report(a, number, severity, message_find(number), detail, ap);
	va_end(ap);
}

void diag_settle(struct asm *a)
{
	for (struct diagnostic *d = a->diagnostics; d; d = d->next)
		if (d->number == 231 && d->symbol && !d->symbol->defined)
			d->number = 188;
}

static int by_statement(const void *x, const void *y)
{
	const struct asm370_diagnostic *d = x, *e = y;

	if (d->statement != e->statement)
		return d->statement < e->statement ? -1 : 1;
	return d->source < e->source ? -1 : d->source > e->source;
}

static char *source_line(struct asm *a, const struct stmt *st)
{
	if (st->line.p)
		return arena_copy(&a->arena, st->line.p, st->line.n);
	if (st->text && st->first < st->text->count)
		return arena_copy(&a->arena, st->text->records[st->first].p,
				  st->text->records[st->first].n);
	return arena_copy(&a->arena, "", 0);
}

/* Hand the diagnostics over, in the order of statements. */
void diag_finish(struct asm *a, struct asm370_result *result)
{
	struct asm370_diagnostic *out =
		arena_alloc(&a->arena, (a->diagnostic_count + 1) * sizeof(*out));
	size_t n = 0;

	for (struct diagnostic *d = a->diagnostics; d; d = d->next) {
		out[n].statement = d->statement;
		out[n].number = d->number;
		out[n].severity = d->severity;
		out[n].text = d->text;
		out[n].file = d->stmt->text ? d->stmt->text->name : NULL;
		out[n].line = d->stmt->text ? d->stmt->first + 1 : 0;
		out[n++].source = source_line(a, d->stmt);
	}
	qsort(out, n, sizeof(*out), by_statement);
	result->diagnostics = out;
	result->diagnostic_count = n;
}
