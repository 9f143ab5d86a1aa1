/*
 * The statements SETA, SETB and SETC. GC33-4010, "The Conditional Assembly Language".
 */
#include "cms/toolchain/asm370/condition_int.h"

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
	*i = set_element(&p, v->set);
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
