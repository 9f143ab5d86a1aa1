/*
 * Conditional assembly: arithmetic, logical and character expressions, SET
 * statements and attributes. GC33-4010, "The Conditional Assembly Language".
 */
#include "cms/toolchain/asm370/int.h"

#include <stdio.h>

#define MAX_STRING 255
#define MAX_DEPTH  40 /* parentheses and subscripts inside one another */

/* A value of any kind. */
struct any {
	char kind; /* 'A' number, 'B' logical, 'C' characters */
	int32_t n;
	struct str s;
};

struct parse {
	struct asm *a;
	struct cursor *c;
	unsigned depth;
};

static bool any_or(struct parse *p, struct any *v);
static bool any_sum(struct parse *p, struct any *v);
static bool string(struct parse *p, struct str *out);
static bool variable(struct parse *p, struct any *v, struct setvar **set);

static void skip_blanks(struct cursor *c)
{
	while (c->p < c->end && *c->p == ' ')
		c->p++;
}

static bool enter(struct parse *p)
{
	if (++p->depth <= MAX_DEPTH)
		return true;
	diag(p->a, 46, NULL);
	return false;
}

static struct str scratch_copy(struct asm *a, struct str s)
{
	return str_make(arena_copy(&a->scratch, s.p, s.n), s.n);
}

/* ---- variable symbols */

static struct str number_text(struct asm *a, int32_t n)
{
	char text[16];
	int k = snprintf(text, sizeof(text), "%u", n < 0 ? 0u - (uint32_t)n : (uint32_t)n);

	return scratch_copy(a, str_make(text, (size_t)k));
}

static struct str system_text(struct asm *a, enum system_variable which)
{
	const char *z = "";
	char text[16];

	switch (which) {
	case SYS_NDX:
		snprintf(text, sizeof(text), "%04u", a->frame->sysndx % 1000000);
		return scratch_copy(a, str_z(text));
	case SYS_ECT: return a->frame->macro ? a->frame->sysect : str_make("", 0);
	case SYS_PARM: z = a->options.sysparm; break;
	case SYS_DATE: z = a->options.sysdate; break;
	case SYS_TIME: z = a->options.systime; break;
	case SYS_LIST: break;
	}
	return str_z(z ? z : "");
}

/* Subscripts in parentheses; up to max numbers. Returns how many, 0 on error. */
static unsigned subscripts(struct parse *p, int32_t *n, unsigned max)
{
	unsigned count = 0;
	struct any v;

	p->c->p++;
	if (!enter(p))
		return 0;
	do {
		if (!any_sum(p, &v))
			return 0;
		if (count < max)
			n[count++] = v.n;
	} while (take(p->c, ','));
	p->depth--;
	if (take(p->c, ')'))
		return count;
	diag(p->a, 37, NULL);
	return 0;
}

static bool at_paren(const struct parse *p)
{
	return p->c->p < p->c->end && *p->c->p == '(';
}

/* Follow subscripts into nested sublists. */
static struct str sublist(struct asm *a, struct argument *arg, const int32_t *n,
			  unsigned count)
{
	struct argument inner = *arg;

	for (unsigned i = 0; i < count; i++) {
		if (n[i] <= 0) {
			diag(a, 111, NULL);
			return str_make("", 0);
		}
		argument_cut(a, &inner);
		if ((uint32_t)n[i] > inner.count)
			return str_make("", 0);
		inner = (struct argument){ .text = inner.items[n[i] - 1] };
	}
	return inner.text;
}

static bool syslist_value(struct parse *p, struct str *s, struct argument **whole)
{
	struct frame *f = p->a->frame;
	int32_t n[8];
	unsigned count;

	*s = str_make("", 0);
	*whole = NULL;
	if (!at_paren(p))
		return true;
	count = subscripts(p, n, ARRAY_SIZE(n));
	if (!count)
		return false;
	if (n[0] < 0) {
		diag(p->a, 130, NULL);
		return true;
	}
	if (!f->macro || (uint32_t)n[0] > f->positional_count)
		return true;
	*whole = n[0] ? &f->positional[n[0] - 1] : &f->arguments[0];
	argument_cut(p->a, *whole);
	*s = sublist(p->a, *whole, n + 1, count - 1);
	return true;
}

static bool parameter_value(struct parse *p, const struct variable *v, struct str *s)
{
	struct argument *arg = &p->a->frame->arguments[v->index];
	int32_t n[8];
	unsigned count;

	*s = arg->text;
	if (!at_paren(p))
		return true;
	count = subscripts(p, n, ARRAY_SIZE(n));
	if (!count)
		return false;
	argument_cut(p->a, arg);
	*s = sublist(p->a, arg, n, count);
	return true;
}

/* The element a subscript asks for, from 0; UINT32_MAX after a message. */
static uint32_t element(struct parse *p, const struct setvar *set)
{
	int32_t n[1] = { 1 };

	if (!set->dimension) {
		return 0;
	} else if (!at_paren(p)) {
		diag(p->a, 7, "&%s", set->name->text);
		return UINT32_MAX;
	} else if (!subscripts(p, n, 1)) {
		return UINT32_MAX;
	}
	if (n[0] < 1) {
		diag(p->a, 111, NULL);
		return UINT32_MAX;
	}
	if ((uint32_t)n[0] > set->dimension) {
		diag(p->a, 112, NULL);
		return UINT32_MAX;
	}
	return (uint32_t)n[0] - 1;
}

static void set_value(struct asm *a, const struct setvar *set, uint32_t i, struct any *v)
{
	v->kind = (char)set->type;
	v->n = 0;
	v->s = str_make("", 0);
	if (i >= set->count)
		return;
	if (set->type == 'C')
		v->s = scratch_copy(a, str_make(set->string[i].p, set->string[i].n));
	else
		v->n = set->number[i];
}

/* &NAME at the cursor, with subscripts. set: the SET symbol it is, if any. */
static bool variable(struct parse *p, struct any *v, struct setvar **set)
{
	struct asm *a = p->a;
	struct cursor *c = p->c;
	uint32_t n = symbol_length(c->p + 1, c->end), i;
	struct variable *found;
	struct argument *whole;
	struct name *name;

	*set = NULL;
	if (n == 0) {
		diag(a, 39, NULL);
		return false;
	}
	name = name_intern(a, str_make(c->p + 1, n));
	c->p += n + 1;
	found = variable_find(a, name);
	if (!found) {
		diag(a, 6, "&%s", name->text);
		return false;
	}
	*v = (struct any){ .kind = 'C' };
	if (found->kind == VARIABLE_PARAMETER)
		return parameter_value(p, found, &v->s);
	if (found->kind == VARIABLE_SYSTEM) {
		if (found->index == SYS_LIST)
			return syslist_value(p, &v->s, &whole);
		v->s = system_text(a, (enum system_variable)found->index);
		return true;
	}
	*set = found->set;
	i = element(p, found->set);
	if (i == UINT32_MAX)
		return false;
	set_value(a, found->set, i, v);
	return true;
}

static struct str any_text(struct asm *a, const struct any *v)
{
	return v->kind == 'C' ? v->s : number_text(a, v->n);
}

bool variable_text(struct asm *a, struct cursor *c, struct str *out)
{
	struct parse p = { .a = a, .c = c };
	struct setvar *set;
	struct any v;

	if (!variable(&p, &v, &set))
		return false;
	*out = any_text(a, &v);
	return true;
}

/* ---- attributes */

static bool is_self_defining(struct asm *a, struct str s)
{
	struct stmt silent = { .said = 255 }, *current = a->current;
	struct cursor c = cursor_of(s);
	int32_t n;
	bool ok;

	a->current = &silent;
	ok = self_defining(a, &c, &n) && c.p == c.end;
	a->current = current;
	return ok;
}

static struct symbol *symbol_known(struct asm *a, struct str s)
{
	struct symbol *symbol;

	if (s.n == 0 || symbol_length(s.p, s.p + s.n) != s.n)
		return NULL;
	symbol = name_intern(a, s)->symbol;
	if (symbol && (symbol->defined || symbol->ahead))
		return symbol;
	look_ahead(a);
	symbol = name_intern(a, s)->symbol;
	return symbol && (symbol->defined || symbol->ahead) ? symbol : NULL;
}

/*
 * What an attribute of an operand is about: of a sublist its first item, of
 * an expression its first symbol.
 */
static struct str attribute_subject(struct asm *a, struct str s)
{
	struct argument arg = { .text = s };
	uint32_t n;

	if (s.n && s.p[0] == '(' && s.p[s.n - 1] == ')') {
		argument_cut(a, &arg);
		s = arg.count ? arg.items[0] : str_make("", 0);
	}
	n = symbol_length(s.p, s.p + s.n);
	if (n && n < s.n && strchr("+-*/(", s.p[n]))
		s.n = n;
	return s;
}

static char type_of_text(struct asm *a, struct str s)
{
	const struct symbol *symbol;

	s = attribute_subject(a, s);
	if (s.n == 0)
		return 'O';
	if (is_self_defining(a, s))
		return 'N';
	symbol = symbol_known(a, s);
	return symbol ? (char)symbol->type : 'U';
}

static int32_t integer_attribute(const struct symbol *s)
{
	int32_t length = (int32_t)s->length;

	switch (s->type) {
	case 'F': case 'H': case 'G': return 8 * length - s->scale - 1;
	case 'E': case 'D': case 'K': return 2 * (length - 1) - s->scale;
	case 'L': return 2 * (length - 1) - s->scale - 2;
	case 'P': return 2 * length - s->scale - 1;
	case 'Z': return length - s->scale;
	default: return 0;
	}
}

/* XF answers L' only for what takes storage, S' and I' only for numbers. */
static bool has_attribute(const struct symbol *s, char which)
{
	if (which == 'L')
		return !s->no_length && !strchr("UT$JM", s->type);
	return strchr("FHGPZEDLK", s->type) != NULL;
}

static int32_t symbol_attribute(struct asm *a, char which, struct str s)
{
	const struct symbol *symbol = symbol_known(a, attribute_subject(a, s));

	if (!symbol || !has_attribute(symbol, which)) {
		bool name = s.n && symbol_length(s.p, s.p + s.n) == s.n;

		diag(a, name && !symbol ? 80 : which == 'L' ? 120 : which == 'S' ? 123 : 124,
		     "%.*s", (int)s.n, s.p);
		return which == 'L' ? 1 : 0;
	}
	switch (which) {
	case 'L': return (int32_t)symbol->length;
	case 'S': return symbol->scale;
	default: return integer_attribute(symbol);
	}
}

static int32_t count_items(struct asm *a, struct str s)
{
	struct argument arg = { .text = s };

	argument_cut(a, &arg);
	return (int32_t)arg.count;
}

/* N'&SYSLIST without subscript counts the operands. */
static bool is_whole_syslist(struct parse *p)
{
	struct cursor *c = p->c;
	uint32_t n = symbol_length(c->p + 1, c->end);

	if (!n || name_intern(p->a, str_make(c->p + 1, n)) != p->a->system[SYS_LIST] ||
	    (c->p + 1 + n < c->end && c->p[1 + n] == '('))
		return false;
	c->p += 1 + n;
	return true;
}

static bool attribute_of_variable(struct parse *p, char which, struct any *v)
{
	struct asm *a = p->a;
	struct setvar *set;
	struct any of;

	if (which == 'N' && is_whole_syslist(p)) {
		v->n = (int32_t)a->frame->positional_count;
		return true;
	}
	if (!variable(p, &of, &set))
		return false;
	of.s = any_text(a, &of);
	switch (which) {
	case 'K': v->n = (int32_t)of.s.n; return true;
	case 'N': v->n = count_items(a, of.s); return true;
	case 'T': {
		char type = set && set->type != 'C' ? 'N' : type_of_text(a, of.s);

		v->kind = 'C';
		v->s = scratch_copy(a, str_make(&type, 1));
		return true;
	}
	default: v->n = symbol_attribute(a, which, of.s); return true;
	}
}

static bool attribute(struct parse *p, struct any *v)
{
	struct cursor *c = p->c;
	char which = upper(*c->p), type;
	uint32_t n;
	struct str s;

	*v = (struct any){ .kind = 'A' };
	c->p += 2;
	if (c->p < c->end && *c->p == '&')
		return attribute_of_variable(p, which, v);
	n = symbol_length(c->p, c->end);
	if (n == 0 || which == 'K' || which == 'N') {
		diag(p->a, 36, NULL);
		return false;
	}
	s = str_make(c->p, n);
	c->p += n;
	if (which != 'T') {
		v->n = symbol_attribute(p->a, which, s);
		return true;
	}
	type = type_of_text(p->a, s);
	v->kind = 'C';
	v->s = scratch_copy(p->a, str_make(&type, 1));
	return true;
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
		if (!variable(p, &v, &set))
			return false;
		v.s = any_text(p->a, &v);
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
		if (!attribute(p, &v))
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

	if (!variable(p, v, &set))
		return false;
	return any_number(p, v);
}

static bool any_parens(struct parse *p, struct any *v)
{
	p->c->p++;
	if (!enter(p) || !any_or(p, v))
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
		return attribute(p, v);
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

static bool any_sum(struct parse *p, struct any *v)
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

/* ---- SETA, SETB, SETC */

static void *grown(struct asm *a, void *old, uint32_t count, uint32_t size, size_t each)
{
	void *p = arena_alloc(&a->arena, size * each);

	if (count)
		memcpy(p, old, count * each);
	return p;
}

static void element_room(struct asm *a, struct setvar *set, uint32_t i)
{
	uint32_t size = set->count ? set->count : 1;

	if (i < set->count)
		return;
	while (size <= i)
		size *= 2;
	if (set->type == 'C')
		set->string = grown(a, set->string, set->count, size,
				    sizeof(*set->string));
	else
		set->number = grown(a, set->number, set->count, size,
				    sizeof(*set->number));
	set->count = size;
}

static void assign_string(struct asm *a, struct text_value *t, struct str s)
{
	if (s.n > MAX_STRING) {
		diag(a, 105, NULL);
		s.n = MAX_STRING;
	}
	if (s.n > t->size) {
		t->size = s.n < 16 ? 16 : (s.n + 63) & ~63u;
		t->p = arena_alloc(&a->arena, t->size);
	}
	if (s.n)
		memcpy(t->p, s.p, s.n);
	t->n = s.n;
}

static void assign(struct asm *a, struct setvar *set, uint32_t i, const struct any *v)
{
	element_room(a, set, i);
	if (set->type == 'C')
		assign_string(a, &set->string[i], v->s);
	else
		set->number[i] = set->type == 'B' ? v->n != 0 : v->n;
}

/* The SET symbol in the name field, and its element. */
static struct setvar *target(struct asm *a, struct str s, char type, uint32_t *i)
{
	struct cursor c = cursor_of(s);
	struct parse p = { .a = a, .c = &c };
	uint32_t n = s.n > 1 && s.p[0] == '&' ? symbol_length(s.p + 1, s.p + s.n) : 0;
	struct name *name;
	struct variable *v;

	if (n == 0) {
		diag(a, 31, NULL);
		return NULL;
	}
	name = name_intern(a, str_sub(s, 1, n));
	v = variable_find(a, name);
	if (!v && a->options.long_names) {
		/* Assembler H declares on first use */
		variable_declare(a, name, type, false, n + 1 < s.n ? 32767 : 0);
		v = variable_find(a, name);
	}
	if (!v || v->kind != VARIABLE_SET) {
		diag(a, v ? 7 : 6, "&%s", name->text);
		return NULL;
	}
	if (v->set->type != (uint8_t)type) {
		diag(a, 7, "&%s", name->text);
		return NULL;
	}
	c.p += n + 1;
	if (!v->set->dimension && c.p < c.end) {
		diag(a, 7, "&%s", name->text);
		return NULL;
	}
	*i = element(&p, v->set);
	return *i == UINT32_MAX ? NULL : v->set;
}

static bool set_operand(struct asm *a, struct cursor *c, char type, struct any *v)
{
	bool ok, logic;

	switch (type) {
	case 'A': v->n = condition_number(a, c, &ok); return ok;
	case 'B':
		ok = condition_logic(a, c, &logic);
		v->n = logic;
		return ok;
	default: return condition_string(a, c, &v->s);
	}
}

void set_variable(struct asm *a, const struct logical *l, char type)
{
	struct cursor c = cursor_of(l->operand);
	struct any v = { .kind = type };
	struct setvar *set;
	uint32_t i;

	set = target(a, l->name, type, &i);
	if (!set)
		return;
	if (l->operand.n == 0) {
		diag(a, 62, NULL);
		return;
	}
	if (!set_operand(a, &c, type, &v))
		return;
	if (!at_end(&c))
		diag(a, 32, NULL);
	assign(a, set, i, &v);
}
