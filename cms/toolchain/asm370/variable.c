/*
 * What a variable symbol stands for in conditional assembly: parameters with
 * their sublists, SET symbols and their elements, system variables; attributes.
 * GC33-4010, "The Conditional Assembly Language".
 */
#include "cms/toolchain/asm370/condition_int.h"

#include <stdio.h>

#define MAX_DEPTH 40 /* parentheses and subscripts inside one another */

struct str scratch_copy(struct asm *a, struct str s)
{
	return str_make(arena_copy(&a->scratch, s.p, s.n), s.n);
}

bool parse_enter(struct parse *p)
{
	if (++p->depth <= MAX_DEPTH)
		return true;
	diag(p->a, 46, NULL);
	return false;
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

unsigned subscripts(struct parse *p, int32_t *n, unsigned max)
{
	unsigned count = 0;
	struct any v;

	p->c->p++;
	if (!parse_enter(p))
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

bool at_paren(const struct parse *p)
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

uint32_t set_element(struct parse *p, const struct setvar *set)
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

bool variable_value(struct parse *p, struct any *v, struct setvar **set)
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
	i = set_element(p, found->set);
	if (i == UINT32_MAX)
		return false;
	set_value(a, found->set, i, v);
	return true;
}

struct str value_text(struct asm *a, const struct any *v)
{
	return v->kind == 'C' ? v->s : number_text(a, v->n);
}

bool variable_text(struct asm *a, struct cursor *c, struct str *out)
{
	struct parse p = { .a = a, .c = c };
	struct setvar *set;
	struct any v;

	if (!variable_value(&p, &v, &set))
		return false;
	*out = value_text(a, &v);
	return true;
}

/* ---- attributes */

bool is_self_defining(struct asm *a, struct str s)
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
	if (!variable_value(p, &of, &set))
		return false;
	of.s = value_text(a, &of);
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

bool attribute_value(struct parse *p, struct any *v)
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
