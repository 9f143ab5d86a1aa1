/*
 * Source text: records, statements with their continuation records, fields.
 * GC33-4010, "Coding Conventions".
 */
#include "cms/toolchain/asm370/int.h"

#include "base/ebcdic.h"

#define COLUMNS 80
#define MAX_CONTINUED 2 /* continuation records of an ordinary statement */

static bool looks_like_cards(const uint8_t *p, size_t n)
{
	size_t blanks = 0, look = n < 800 ? n : 800;

	if (n == 0 || n % COLUMNS != 0)
		return false;
	for (size_t i = 0; i < look; i++)
		blanks += p[i] == EBCDIC_SPACE;
	return blanks > look / 4;
}

static uint32_t trimmed(const char *p, size_t n)
{
	while (n > 0 && p[n - 1] == ' ')
		n--;
	return (uint32_t)n;
}

static void cards_split(struct asm *a, struct text *text, const uint8_t *p, size_t n)
{
	char *latin = arena_alloc(&a->arena, n + 1);

	text->count = (uint32_t)(n / COLUMNS);
	text->records = arena_alloc(&a->arena, text->count * sizeof(*text->records) + 1);
	ebcdic_to_latin1(&codepage_037, latin, p, n);
	for (uint32_t i = 0; i < text->count; i++) {
		text->records[i].p = latin + (size_t)i * COLUMNS;
		text->records[i].n = trimmed(text->records[i].p, COLUMNS);
	}
}

/* A line with tabs, set out in columns. */
static struct record line_expand(struct asm *a, const char *p, size_t n)
{
	char *out = arena_alloc(&a->arena, COLUMNS + 8);
	uint32_t column = 0;

	for (size_t i = 0; i < n && column < COLUMNS; i++) {
		if (p[i] != '\t') {
			out[column++] = p[i];
			continue;
		}
		do
			out[column++] = ' ';
		while (column % 8 && column < COLUMNS);
	}
	return (struct record){ out, trimmed(out, column) };
}

static struct record line_record(struct asm *a, const char *p, size_t n)
{
	if (n > 0 && p[n - 1] == '\r')
		n--;
	if (memchr(p, '\t', n))
		return line_expand(a, p, n);
	return (struct record){ p, trimmed(p, n < COLUMNS ? n : COLUMNS) };
}

static void lines_split(struct asm *a, struct text *text, const char *p, size_t n)
{
	const char *end = p + n, *q;
	uint32_t count = 0;

	for (q = p; q < end && (q = memchr(q, '\n', (size_t)(end - q))); q++)
		count++;
	text->records = arena_alloc(&a->arena, ((size_t)count + 1) * sizeof(*text->records));
	while (p < end) {
		q = memchr(p, '\n', (size_t)(end - p));
		if (!q)
			q = end;
		text->records[text->count++] = line_record(a, p, (size_t)(q - p));
		p = q + 1;
	}
}

const struct text *text_make(struct asm *a, const struct asm370_source *source,
			     bool library)
{
	struct text *text = arena_alloc(&a->arena, sizeof(*text));
	enum asm370_encoding encoding = source->encoding;

	if (encoding == ASM370_AUTO)
		encoding = looks_like_cards(source->data, source->size) ? ASM370_CARDS
									: ASM370_LINES;
	text->library = library;
	text->name = source->name;
	if (source->name)
		text->name = arena_copy(&a->arena, source->name, strlen(source->name));
	if (encoding == ASM370_CARDS)
		cards_split(a, text, source->data, source->size);
	else
		lines_split(a, text, source->data, source->size);
	a->lines += text->count;
	return text;
}

bool text_include(struct asm *a, struct str member, const struct text **text)
{
	struct asm370_source source = { .encoding = ASM370_AUTO };
	char name[64];

	if (!a->options.include || member.n == 0 || member.n >= sizeof(name) ||
	    a->lines > a->options.max_statements)
		return false;
	for (uint32_t i = 0; i < member.n; i++) {
		if (!is_name(member.p[i]))
			return false;
		name[i] = upper(member.p[i]);
	}
	name[member.n] = '\0';
	if (!a->options.include(a->options.ctx, name, &source))
		return false;
	source.name = source.name ? source.name : name;
	*text = text_make(a, &source, true);
	return true;
}

/*
 * Is the apostrophe at an attribute's, as in L'FIELD? One of six letters that
 * begins a term stands before it, and a symbol, variable symbol or * behind.
 */
bool is_attribute_quote(const char *start, const char *at, const char *end)
{
	char letter, after;

	if (at == start)
		return false;
	letter = upper(at[-1]);
	if (letter != 'L' && letter != 'T' && letter != 'K' && letter != 'N' &&
	    letter != 'S' && letter != 'I')
		return false;
	if (at - 1 > start && is_name(at[-2]))
		return false;
	if (at - 1 > start && at[-2] == '&')
		return false;
	after = at + 1 < end ? at[1] : ' ';
	return is_letter(after) || after == '&' || after == '*' || after == '=';
}

/* Offset of the first blank outside quotes (and, if parens, parentheses). */
uint32_t operand_end(struct str s, uint32_t at, bool parens)
{
	bool quoted = false;
	int depth = 0;

	for (; at < s.n; at++) {
		char c = s.p[at];

		if (c == '\'') {
			if (quoted || !is_attribute_quote(s.p, s.p + at, s.p + s.n))
				quoted = !quoted;
		} else if (quoted) {
			continue;
		} else if (c == '(') {
			depth++;
		} else if (c == ')') {
			depth--;
		} else if (c == ' ' && !(parens && depth > 0)) {
			break;
		}
	}
	return at;
}

struct str operand_next(struct str s, uint32_t *at)
{
	uint32_t from = *at, i = from;
	bool quoted = false;
	int depth = 0;

	for (; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\'') {
			if (quoted || !is_attribute_quote(s.p + from, s.p + i, s.p + s.n))
				quoted = !quoted;
		} else if (quoted) {
			continue;
		} else if (c == '(') {
			depth++;
		} else if (c == ')') {
			depth--;
		} else if (c == ',' && depth <= 0) {
			break;
		}
	}
	*at = i < s.n ? i + 1 : i;
	return str_sub(s, from, i - from);
}

/* The records of a statement, put behind one another. */
struct joined {
	struct str s;
	uint32_t width, rest; /* of the first record, and of each other one */
	uint32_t boundaries;  /* number of continuation records */
};

static bool is_continued(const struct asm *a, const struct record *r)
{
	return a->end < COLUMNS && r->n > a->end && r->p[a->end] != ' ';
}

static struct str record_text(const struct asm *a, const struct record *r, uint32_t from)
{
	uint32_t to = r->n < a->end ? r->n : a->end;

	return from < to ? str_make(r->p + from, to - from) : str_make(r->p, 0);
}

/* Put the records of a statement behind one another. */
static void join(struct asm *a, const struct text *text, struct logical *l,
		 struct joined *j)
{
	uint32_t width = a->end - a->begin, rest = a->end - a->resume;
	char *p = arena_alloc(&a->arena, width + (size_t)rest * (l->count - 1) + 1);

	memset(p, ' ', width + (size_t)rest * (l->count - 1));
	j->s = str_make(p, 0);
	j->width = width;
	j->rest = rest;
	j->boundaries = l->count - 1;
	for (uint32_t i = 0; i < l->count; i++) {
		const struct record *r = &text->records[l->first + i];
		struct str piece = record_text(a, r, i ? a->resume : a->begin);
		bool last = i + 1 == l->count;

		if (i && r->n && trimmed(r->p, r->n < a->resume ? r->n : a->resume))
			l->early = true;
		memcpy(p + j->s.n, piece.p, piece.n);
		j->s.n += last ? piece.n : i ? rest : width;
	}
}

static uint32_t skip_blanks(struct str s, uint32_t at)
{
	while (at < s.n && s.p[at] == ' ')
		at++;
	return at;
}

static uint32_t skip_word(struct str s, uint32_t at)
{
	while (at < s.n && s.p[at] != ' ')
		at++;
	return at;
}

/* The record boundary behind offset at, or 0. */
static uint32_t next_boundary(const struct joined *j, uint32_t at)
{
	uint32_t k = at <= j->width ? 0 : (at - j->width + j->rest - 1) / j->rest;

	return k < j->boundaries ? j->width + k * j->rest : 0;
}

/*
 * The operand of the alternate format: a comma before a blank sends the
 * reader to the next record, what stands between is remarks.
 */
static void alternate_operand(struct asm *a, struct joined *j, uint32_t at,
			      struct logical *l)
{
	char *out = arena_alloc(&a->arena, j->s.n + 1);
	uint32_t n = 0;

	for (;;) {
		uint32_t end = operand_end(j->s, at, false), next = 0;

		memcpy(out + n, j->s.p + at, end - at);
		n += end - at;
		if (end > at && j->s.p[end - 1] == ',' && end < j->s.n)
			next = next_boundary(j, end);
		if (!next) {
			at = skip_blanks(j->s, end);
			break;
		}
		at = next;
	}
	l->operand = str_make(out, n);
	l->remarks = str_sub(j->s, at, j->s.n - at);
}

static void split_fields(struct asm *a, struct joined *j, bool prototype,
			 struct logical *l)
{
	struct str s = j->s;
	uint32_t at = skip_word(s, 0), from;
	uint8_t flags;

	l->name = str_sub(s, 0, at);
	from = skip_blanks(s, at);
	at = skip_word(s, from);
	l->operation = str_sub(s, from, at - from);
	l->op = prototype ? NULL : operation_find(a, l->operation);
	flags = l->op ? l->op->flags : OPN_ALTERNATE;
	if (l->op && l->op->kind == OPERATION_MACRO)
		flags = OPN_ALTERNATE;
	from = skip_blanks(s, at);
	if ((flags & OPN_ALTERNATE) && j->boundaries) {
		alternate_operand(a, j, from, l);
		return;
	}
	at = operand_end(s, from, flags & OPN_PARENS);
	l->operand = str_sub(s, from, at - from);
	from = skip_blanks(s, at);
	l->remarks = str_sub(s, from, s.n - from);
}

static uint32_t count_records(const struct asm *a, const struct text *text,
			      uint32_t first)
{
	uint32_t n = 1;

	while (first + n < text->count && is_continued(a, &text->records[first + n - 1]))
		n++;
	return n;
}

/* An ampersand that begins a variable symbol? */
static bool has_variables(struct str s)
{
	const char *p = s.p, *end = s.p + s.n;

	while (p < end && (p = memchr(p, '&', (size_t)(end - p)))) {
		if (p + 1 < end && is_letter(p[1]))
			return true;
		p += p + 1 < end && p[1] == '&' ? 2 : 1;
	}
	return false;
}

/*
 * Read the statement that begins at record *next and step over it. Returns
 * false at the end of the text.
 */
bool logical_read(struct asm *a, const struct text *text, uint32_t *next,
		  bool prototype, struct logical *l)
{
	struct joined j = { .boundaries = 0 };
	const struct record *r;

	if (*next >= text->count)
		return false;
	r = &text->records[*next];
	memset(l, 0, sizeof(*l));
	l->text = text;
	l->first = *next;
	l->count = 1;
	j.s = record_text(a, r, a->begin);
	l->macro_comment = j.s.n >= 2 && j.s.p[0] == '.' && j.s.p[1] == '*';
	l->comment = j.s.n == 0 || j.s.p[0] == '*' || skip_blanks(j.s, 0) == j.s.n;
	if (is_continued(a, r))
		l->count = count_records(a, text, *next);
	*next += l->count;
	if (l->comment || l->macro_comment)
		return true;
	if (l->count > 1) {
		j.s.n = 0;
		join(a, text, l, &j);
	}
	split_fields(a, &j, prototype, l);
	l->too_many = l->count > 1 + MAX_CONTINUED && !prototype && l->op &&
		      l->op->kind != OPERATION_UNKNOWN &&
		      l->op->kind != OPERATION_MACRO && !(l->op->flags & OPN_ALTERNATE);
	l->variables = has_variables(j.s);
	return true;
}
