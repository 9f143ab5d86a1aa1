/*
 * Conditional assembly: arithmetic, logical and character expressions.
 * GC33-4010, "The Conditional Assembly Language".
 */
#include "cms/toolchain/asm370/condition_int.h"

static bool any_or(struct parse *p, struct any *v);
static bool string(struct parse *p, struct str *out);

static void skip_blanks(struct cursor *c)
{
	while (c->p < c->end && *c->p == ' ')
		c->p++;
}

/* ---- characters */

/* 'text' with its variable symbols replaced. */
static bool quoted(struct parse *p, struct buffer *b)
{
	struct cursor *c = p->c;

	c->p++;
	while (c->p < c->end) {
		struct any v;
		struct setvar *set;

		if (*c->p == '\'') {
			c->p++;
			if (!(c->p < c->end && *c->p == '\''))
				return true;
			buffer_put(b, c->p++, 1);
			continue;
		}
		if (*c->p != '&') {
			buffer_put(b, c->p++, 1);
			continue;
		}
		if (c->p + 1 < c->end && c->p[1] == '&') {
			buffer_put(b, c->p, 2);
			c->p += 2;
			continue;
		}
		if (!variable_value(p, &v, &set))
			return false;
		v.s = value_text(p->a, &v);
		buffer_put(b, v.s.p, v.s.n);
		take(c, '.');
	}
	diag(p->a, 35, NULL);
	return false;
}

/* (start,length) behind a string. */
static bool substring(struct parse *p, struct str *s)
{
	struct asm *a = p->a;
	int32_t n[2] = { 0, 0 };
	unsigned count = subscripts(p, n, 2);

	if (count != 2) {
		if (count)
			diag(a, 70, NULL);
		return false;
	}
	if (n[1] < 0 || n[0] < 1 || (uint32_t)n[0] > s->n) {
		if (n[1] < 0)
			diag(a, 116, NULL);
		if (n[0] < 1)
			diag(a, 115, NULL);
		else if ((uint32_t)n[0] > s->n && n[1] > 0)
			diag(a, 117, NULL);
		*s = str_make("", 0);
		return true;
	}
	*s = str_sub(*s, (uint32_t)n[0] - 1, (uint32_t)n[1]);
	return true;
}

/* One string, with a duplication factor before and a substring behind. */
static bool string_piece(struct parse *p, struct str *out)
{
	struct buffer *b = &p->a->text;
	size_t from = b->n;
	struct any times = { .n = 1 };
	bool ok;

	if (take(p->c, '(')) {
		if (!any_sum(p, &times) || !take(p->c, ')')) {
			diag(p->a, 57, NULL);
			return false;
		}
		if (times.n < 0) {
			diag(p->a, 114, NULL);
			times.n = 0;
		}
	}
	if (p->c->p >= p->c->end || *p->c->p != '\'') {
		diag(p->a, 58, NULL);
		return false;
	}
	ok = quoted(p, b);
	*out = scratch_copy(p->a, str_make(b->p ? b->p + from : "", b->n - from));
	b->n = from;
	if (!ok)
		return false;
	if (at_paren(p) && !substring(p, out))
		return false;
	if (times.n == 1)
		return true;
	for (int32_t i = 0; i < times.n && b->n - from <= MAX_STRING; i++)
		buffer_put(b, out->p, out->n);
	*out = scratch_copy(p->a, str_make(b->p ? b->p + from : "", b->n - from));
	b->n = from;
	return true;
}

static bool is_type_attribute(const struct cursor *c)
{
	return c->end - c->p > 2 && upper(c->p[0]) == 'T' && c->p[1] == '\'';
}

/* Pieces joined by periods, or standing next to each other. */
static bool string(struct parse *p, struct str *out)
{
	struct buffer *b = &p->a->text;
	size_t from = b->n;
	struct str s;
	struct any v;

	if (is_type_attribute(p->c)) {
		if (!attribute_value(p, &v))
			return false;
		*out = v.s;
		return true;
	}
	if (!string_piece(p, out))
		return false;
	while (p->c->p < p->c->end &&
	       ((*p->c->p == '.' && p->c->p + 1 < p->c->end &&
		 (p->c->p[1] == '\'' || p->c->p[1] == '(')) ||
		*p->c->p == '\'')) {
		take(p->c, '.');
		if (!string_piece(p, &s))
			return false;
		buffer_put(b, out->p, out->n);
		buffer_put(b, s.p, s.n);
		*out = scratch_copy(p->a, str_make(b->p ? b->p + from : "", b->n - from));
		b->n = from;
	}
	return true;
}

bool condition_string(struct asm *a, struct cursor *c, struct str *result)
{
	struct parse p = { .a = a, .c = c };

	return string(&p, result);
}

/* ---- numbers and logic */

static bool all_digits(struct cursor c)
{
	while (c.p < c.end && is_digit(*c.p))
		c.p++;
	return c.p == c.end;
}

static bool text_number(struct asm *a, struct str s, int32_t *n)
{
	struct cursor c = cursor_of(s);
	bool minus = false;

	*n = 0; /* what a wrong string counts as: the statement goes on */
	if (s.n == 0) {
		diag(a, 109, NULL);
		return true;
	}
	if (*c.p == '-' || *c.p == '+')
		minus = *c.p++ == '-';
	if (!is_self_defining(a, str_make(c.p, (size_t)(c.end - c.p)))) {
		diag(a, all_digits(c) ? 127 : 108, "%.*s", (int)s.n, s.p);
		return true;
	}
	if (!self_defining(a, &c, n))
		return true;
	if (minus)
		*n = (int32_t)(0u - (uint32_t)*n);
	return true;
}

/* Is the word w here, ended by something that is no letter? */
static bool word(struct cursor *c, const char *w)
{
	size_t n = strlen(w);

	if ((size_t)(c->end - c->p) < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (upper(c->p[i]) != w[i])
			return false;
	if (c->p + n < c->end && is_name(c->p[n]) && c->p[n] != '&')
		return c->p + n + 1 < c->end && c->p[n + 1] == '\''; /* EQT'&X */
	c->p += n;
	return true;
}

static bool any_number(struct parse *p, struct any *v)
{
	if (v->kind != 'C')
		return true;
	if (!text_number(p->a, v->s, &v->n))
		return false;
	v->kind = 'A';
	return true;
}

static bool any_variable(struct parse *p, struct any *v)
{
	struct setvar *set;

	if (!variable_value(p, v, &set))
		return false;
	return any_number(p, v);
}

static bool any_parens(struct parse *p, struct any *v)
{
	p->c->p++;
	if (!parse_enter(p) || !any_or(p, v))
		return false;
	p->depth--;
	skip_blanks(p->c);
	if (take(p->c, ')'))
		return true;
	diag(p->a, 24, NULL);
	return false;
}

/* (n)'text': a duplication factor, not a number. */
static bool is_duplication(const struct cursor *c)
{
	const char *q = c->p;
	int depth = 0;

	for (; q < c->end; q++) {
		if (*q == '\'')
			return false;
		depth += *q == '(' ? 1 : *q == ')' ? -1 : 0;
		if (depth == 0)
			return q + 1 < c->end && q[1] == '\'';
	}
	return false;
}

static bool any_primary(struct parse *p, struct any *v)
{
	struct cursor *c = p->c;
	const char *before = c->p;

	*v = (struct any){ .kind = 'A' };
	if (c->p >= c->end) {
		diag(p->a, 32, NULL);
		return false;
	}
	if (*c->p == '\'' || (*c->p == '(' && is_duplication(c))) {
		v->kind = 'C';
		return string(p, &v->s);
	}
	if (*c->p == '(')
		return any_parens(p, v);
	if (*c->p == '&')
		return any_variable(p, v);
	if (c->end - c->p > 2 && c->p[1] == '\'' && strchr("TLKNSI", upper(*c->p)))
		return attribute_value(p, v);
	if (self_defining(p->a, c, &v->n))
		return true;
	if (c->p == before)
		diag(p->a, 21, "%.*s", (int)(c->end - c->p < 8 ? c->end - c->p : 8), c->p);
	return false;
}

static bool any_unary(struct parse *p, struct any *v)
{
	bool minus = false;

	if (p->c->p < p->c->end && (*p->c->p == '-' || *p->c->p == '+'))
		minus = *p->c->p++ == '-';
	if (!any_primary(p, v))
		return false;
	if (minus)
		v->n = (int32_t)(0u - (uint32_t)v->n);
	return true;
}

static bool checked(struct parse *p, struct any *v, int64_t n)
{
	if (n < INT32_MIN || n > INT32_MAX)
		diag(p->a, 110, NULL);
	v->n = n < INT32_MIN || n > INT32_MAX ? 0 : (int32_t)n;
	v->kind = 'A';
	return true;
}

static bool any_product(struct parse *p, struct any *v)
{
	struct cursor *c = p->c;

	if (!any_unary(p, v))
		return false;
	while (c->p < c->end && (*c->p == '*' || *c->p == '/')) {
		char op = *c->p++;
		struct any w;

		if (!any_unary(p, &w) || !any_number(p, v) || !any_number(p, &w))
			return false;
		if (op == '*')
			checked(p, v, (int64_t)v->n * w.n);
		else
			checked(p, v, w.n ? (int64_t)v->n / w.n : 0);
	}
	return true;
}

bool any_sum(struct parse *p, struct any *v)
{
	struct cursor *c = p->c;

	if (!any_product(p, v))
		return false;
	while (c->p < c->end && (*c->p == '+' || *c->p == '-')) {
		char op = *c->p++;
		struct any w;

		if (!any_product(p, &w) || !any_number(p, v) || !any_number(p, &w))
			return false;
		checked(p, v, op == '+' ? (int64_t)v->n + w.n : (int64_t)v->n - w.n);
	}
	return true;
}

/* Shorter strings are lower; equal ones compare as EBCDIC. */
static int compare_strings(struct str x, struct str y)
{
	if (x.n != y.n)
		return x.n < y.n ? -1 : 1;
	for (uint32_t i = 0; i < x.n; i++) {
		uint8_t c = to_ebcdic(x.p[i]), d = to_ebcdic(y.p[i]);

		if (c != d)
			return c < d ? -1 : 1;
	}
	return 0;
}

static bool relation(struct cursor *c, int *which)
{
	static const char *const words[] = { "EQ", "NE", "LT", "LE", "GT", "GE" };

	for (unsigned i = 0; i < ARRAY_SIZE(words); i++)
		if (word(c, words[i])) {
			*which = (int)i;
			return true;
		}
	return false;
}

static bool holds(int which, int order)
{
	switch (which) {
	case 0: return order == 0;
	case 1: return order != 0;
	case 2: return order < 0;
	case 3: return order <= 0;
	case 4: return order > 0;
	default: return order >= 0;
	}
}

static bool any_relation(struct parse *p, struct any *v)
{
	struct any w;
	int which, order;

	if (!any_sum(p, v))
		return false;
	skip_blanks(p->c);
	if (!relation(p->c, &which))
		return true;
	skip_blanks(p->c);
	if (!any_sum(p, &w))
		return false;
	if (v->kind == 'C' && w.kind == 'C') {
		order = compare_strings(v->s, w.s);
	} else {
		if (!any_number(p, v) || !any_number(p, &w))
			return false;
		order = v->n < w.n ? -1 : v->n > w.n;
	}
	v->kind = 'B';
	v->n = holds(which, order);
	return true;
}

static bool any_not(struct parse *p, struct any *v)
{
	bool invert = false;

	skip_blanks(p->c);
	while (word(p->c, "NOT")) {
		invert = !invert;
		skip_blanks(p->c);
	}
	if (!any_relation(p, v))
		return false;
	if (invert) {
		v->n = !v->n;
		v->kind = 'B';
	}
	return true;
}

static bool any_and(struct parse *p, struct any *v)
{
	if (!any_not(p, v))
		return false;
	for (skip_blanks(p->c); word(p->c, "AND"); skip_blanks(p->c)) {
		struct any w;

		if (!any_not(p, &w))
			return false;
		v->n = v->n && w.n;
		v->kind = 'B';
	}
	return true;
}

static bool any_or(struct parse *p, struct any *v)
{
	if (!any_and(p, v))
		return false;
	for (skip_blanks(p->c); word(p->c, "OR"); skip_blanks(p->c)) {
		struct any w;

		if (!any_and(p, &w))
			return false;
		v->n = v->n || w.n;
		v->kind = 'B';
	}
	return true;
}

int32_t condition_number(struct asm *a, struct cursor *c, bool *ok)
{
	struct parse p = { .a = a, .c = c };
	struct any v;

	*ok = any_sum(&p, &v) && any_number(&p, &v);
	return *ok ? v.n : 0;
}

/* A logical expression in parentheses, or 0, 1 or a SETB symbol alone. */
bool condition_logic(struct asm *a, struct cursor *c, bool *result)
{
	struct parse p = { .a = a, .c = c };
	struct any v;
	bool ok;

	ok = c->p < c->end && *c->p == '(' ? any_parens(&p, &v) : any_primary(&p, &v);
	if (ok && v.kind == 'C') {
		diag(a, 59, NULL);
		ok = false;
	}
	*result = ok && v.n != 0;
	return ok;
}
