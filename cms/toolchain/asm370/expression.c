/*
 * Terms and expressions of ordinary statements.
 * GC33-4010, "Terms", "Expressions".
 */
#include "cms/toolchain/asm370/int.h"

#define MAX_TERMS  20
#define MAX_DEPTH  6

struct parse {
	struct asm *a;
	struct cursor *c;
	unsigned terms, depth;
};

static bool sum(struct parse *p, struct value *v);

/* What * means: this statement's place, or in a literal its instruction's. */
static void location(struct asm *a, struct value *v)
{
	struct stmt *st = a->current;
	uint32_t at = st->star ? st->star->loc : a->second_pass ? a->star : st->loc;
	struct section *s = st->star ? st->star->section : st->section;

	if (!s && !a->second_pass)
		s = st->section = section_needed(a);
	v->n = (int32_t)at;
	v->length = 1;
	if (s) {
		v->n += (int32_t)s->origin;
		value_add_section(a, v, s, 1);
	}
}

void value_add_section(struct asm *a, struct value *v, struct section *s, int times)
{
	unsigned i;

	for (i = 0; i < v->pairs; i++)
		if (v->pair[i].section == s)
			break;
	if (i == v->pairs) {
		if (v->pairs == MAX_PAIRS) {
			diag(a, 168, NULL);
			v->bad = true;
			return;
		}
		v->pair[v->pairs].section = s;
		v->pair[v->pairs++].times = 0;
	}
	v->pair[i].times = (int16_t)(v->pair[i].times + times);
	if (v->pair[i].times == 0) {
		for (v->pairs--; i < v->pairs; i++)
			v->pair[i] = v->pair[i + 1];
	}
}

static bool hex_digit(char c, uint32_t *digit)
{
	c = upper(c);
	if (c >= '0' && c <= '9')
		*digit = (uint32_t)(c - '0');
	else if (c >= 'A' && c <= 'F')
		*digit = (uint32_t)(c - 'A' + 10);
	else
		return false;
	return true;
}

static bool digits_quoted(struct asm *a, struct cursor *c, unsigned bits, int32_t *n)
{
	uint32_t value = 0, digit, count = 0, limit = bits == 4 ? 8 : 32;

	c->p += 2;
	for (; c->p < c->end && *c->p != '\''; c->p++, count++) {
		if (!hex_digit(*c->p, &digit) || digit >= 1u << bits) {
			diag(a, 240, "%.1s", c->p);
			return false;
		}
		value = value << bits | digit;
	}
	if (!take(c, '\'') || count == 0 || count > limit) {
		diag(a, 169, NULL);
		return false;
	}
	*n = (int32_t)value;
	return true;
}

static bool characters_quoted(struct asm *a, struct cursor *c, int32_t *n)
{
	uint32_t value = 0, count = 0;

	c->p += 2;
	for (; c->p < c->end; c->p++, count++) {
		if (*c->p == '\'' || *c->p == '&') {
			bool pair = c->p + 1 < c->end && c->p[1] == *c->p;

			if (*c->p == '\'' && !pair)
				break;
			c->p += pair;
		}
		value = value << 8 | to_ebcdic(*c->p);
	}
	if (!take(c, '\'') || count == 0 || count > 4) {
		diag(a, 169, NULL);
		return false;
	}
	*n = (int32_t)value;
	return true;
}

static bool decimal_digits(struct asm *a, struct cursor *c, int32_t *n)
{
	uint64_t value = 0;

	for (; c->p < c->end && is_digit(*c->p); c->p++) {
		value = value * 10 + (uint64_t)(*c->p - '0');
		if (value > INT32_MAX) {
			diag(a, 235, NULL);
			return false;
		}
	}
	*n = (int32_t)value;
	return true;
}

/*
 * A self-defining term at the cursor. Returns false if there is none (and
 * no message), or after a message if it is a wrong one: then the cursor has
 * moved.
 */
bool self_defining(struct asm *a, struct cursor *c, int32_t *n)
{
	if (c->p >= c->end)
		return false;
	if (is_digit(*c->p))
		return decimal_digits(a, c, n);
	if (c->p + 1 >= c->end || c->p[1] != '\'')
		return false;
	switch (upper(*c->p)) {
	case 'X': return digits_quoted(a, c, 4, n);
	case 'B': return digits_quoted(a, c, 1, n);
	case 'C': return characters_quoted(a, c, n);
	default: return false;
	}
}

void symbol_refer(struct asm *a, struct symbol *symbol)
{
	struct reference *r;

	if (a->current->aside)
		return;
	r = arena_alloc(&a->arena, sizeof(*r));
	r->statement = a->current->number;
	r->second_pass = a->second_pass;
	if (symbol->last_reference)
		symbol->last_reference->next = r;
	else
		symbol->references = r;
	symbol->last_reference = r;
}

static struct symbol *find(struct asm *a, struct cursor *c)
{
	uint32_t n = symbol_length(c->p, c->end);
	struct str s = str_make(c->p, n);
	struct symbol *symbol;

	c->p += n;
	if (n > (a->options.long_names ? 63 : 8)) {
		diag(a, 236, "%.*s", (int)s.n, s.p);
		return NULL;
	}
	symbol = symbol_get(a, name_intern(a, s));
	symbol_refer(a, symbol);
	if (symbol->defined)
		return symbol;
	if (a->own.name == symbol->name)
		return &a->own;
	if (a->second_pass) {
		diag(a, 188, "%.*s", (int)s.n, s.p);
		return NULL;
	}
	if (a->current->name.n && name_intern(a, a->current->name) == symbol->name) {
		diag(a, 237, "%.*s", (int)s.n, s.p);
		return NULL;
	}
	diag(a, 231, "%.*s", (int)s.n, s.p);
	if (a->last_diagnostic && a->last_diagnostic->number == 231 &&
	    a->last_diagnostic->stmt == a->current)
		a->last_diagnostic->symbol = symbol;
	return NULL;
}

static bool symbol_term(struct parse *p, struct value *v)
{
	struct symbol *symbol = find(p->a, p->c);

	if (!symbol && p->a->in_instruction) {
		/* the operands behind it are looked at, too */
		p->a->operand_wrong = true;
		p->a->undefined++;
		v->length = 1;
		return true;
	}
	if (!symbol)
		return false;
	v->n = symbol->value;
	v->length = symbol->length;
	v->type = symbol->type;
	v->symbol = symbol;
	if (symbol->section) {
		v->n += (int32_t)symbol->section->origin;
		value_add_section(p->a, v, symbol->section, 1);
	}
	return true;
}

/* L'symbol, L'* */
static bool length_attribute(struct parse *p, struct value *v)
{
	struct symbol *symbol;

	p->c->p += 2;
	v->length = 1;
	if (take(p->c, '*')) {
		v->n = (int32_t)p->a->current->size;
		return true;
	}
	if (!symbol_length(p->c->p, p->c->end)) {
		diag(p->a, 239, NULL);
		return false;
	}
	symbol = find(p->a, p->c);
	if (!symbol) {
		p->a->undefined += p->a->in_instruction;
		p->a->operand_wrong = true;
		return p->a->in_instruction;
	}
	v->n = (int32_t)symbol->length;
	return true;
}

static bool parenthesized(struct parse *p, struct value *v)
{
	bool ok;

	p->c->p++;
	if (p->depth == MAX_DEPTH) {
		diag(p->a, 233, NULL);
		return false;
	}
	p->depth++;
	ok = sum(p, v);
	p->depth--;
	if (!ok)
		return false;
	if (!take(p->c, ')')) {
		diag(p->a, at_end(p->c) ? 234 : 215, NULL);
		return false;
	}
	return true;
}

static bool term(struct parse *p, struct value *v)
{
	struct cursor *c = p->c;
	const char *before = c->p;

	memset(v, 0, offsetof(struct value, pair));
	if (p->terms++ == MAX_TERMS) {
		diag(p->a, 168, NULL);
		return false;
	}
	if (c->p >= c->end || *c->p == ' ') {
		diag(p->a, 234, NULL);
		return false;
	}
	if (*c->p == '(')
		return parenthesized(p, v);
	if (*c->p == '*') {
		c->p++;
		location(p->a, v);
		return true;
	}
	if (upper(*c->p) == 'L' && c->p + 1 < c->end && c->p[1] == '\'')
		return length_attribute(p, v);
	if (self_defining(p->a, c, &v->n)) {
		v->length = 1;
		return true;
	}
	if (c->p != before)
		return false;
	if (is_letter(*c->p))
		return symbol_term(p, v);
	diag(p->a, 236, "%.1s", c->p);
	return false;
}

static void negate(struct value *v)
{
	v->n = (int32_t)(0u - (uint32_t)v->n);
	for (unsigned i = 0; i < v->pairs; i++)
		v->pair[i].times = (int16_t)-v->pair[i].times;
}

static bool unary(struct parse *p, struct value *v)
{
	bool minus = false;

	while (p->c->p < p->c->end && (*p->c->p == '-' || *p->c->p == '+'))
		minus ^= *p->c->p++ == '-';
	if (!term(p, v))
		return false;
	if (minus)
		negate(v);
	return true;
}

static int32_t divide(int32_t x, int32_t y)
{
	if (y == 0)
		return 0;
	return y == -1 ? (int32_t)(0u - (uint32_t)x) : x / y;
}

static bool product(struct parse *p, struct value *v)
{
	struct cursor *c = p->c;

	if (!unary(p, v))
		return false;
	while (c->p < c->end && (*c->p == '*' || *c->p == '/')) {
		char op = *c->p++;
		struct value w;

		if (!unary(p, &w))
			return false;
		if (v->pairs || w.pairs) {
			diag(p->a, 217, NULL);
			return false;
		}
		if (op == '*' && __builtin_mul_overflow(v->n, w.n, &v->n))
			diag(p->a, 235, NULL);
		if (op == '/')
			v->n = divide(v->n, w.n);
	}
	return true;
}

static void add(struct asm *a, struct value *v, const struct value *w)
{
	if (__builtin_add_overflow(v->n, w->n, &v->n))
		diag(a, 235, NULL);
	for (unsigned i = 0; i < w->pairs; i++)
		value_add_section(a, v, w->pair[i].section, w->pair[i].times);
}

static bool sum(struct parse *p, struct value *v)
{
	struct cursor *c = p->c;

	if (!product(p, v))
		return false;
	while (c->p < c->end && (*c->p == '+' || *c->p == '-')) {
		char op = *c->p++;
		struct value w;

		if (!product(p, &w))
			return false;
		if (op == '-')
			negate(&w);
		add(p->a, v, &w);
		if (v->bad)
			return false;
	}
	return true;
}

/*
 * Evaluate the expression at the cursor. The cursor stops behind it, at the
 * first character that cannot continue it. Returns false after a message.
 */
bool expression(struct asm *a, struct cursor *c, struct value *v)
{
	struct parse p = { .a = a, .c = c };
	uint32_t undefined = a->undefined;

	if (sum(&p, v) && !v->bad) {
		if (a->undefined != undefined) {
			v->pairs = 0;
			v->n = 0;
		}
		v->simple_symbol = v->symbol && p.terms == 1;
		return true;
	}
	v->bad = true;
	return false;
}

bool expression_absolute(struct asm *a, struct cursor *c, int32_t *n)
{
	struct value v;

	if (!expression(a, c, &v))
		return false;
	if (!value_absolute(&v)) {
		diag(a, 179, NULL);
		return false;
	}
	*n = v.n;
	return true;
}
