/*
 * Literals: collected as instructions name them, laid down at LTORG and END.
 * GC33-4010, "Literals".
 */
#include "cms/toolchain/asm370/int.h"

#define HASH_SIZE 4096 /* a power of two */

static uint32_t hash_of(struct str s, uint32_t pool)
{
	uint32_t hash = 2166136261u ^ pool;

	for (uint32_t i = 0; i < s.n; i++)
		hash = (hash ^ (uint8_t)s.p[i]) * 16777619u;
	return hash ^ hash >> 15;
}

/* A literal that names the location counter differs at every use. */
static bool is_unique(struct str s)
{
	for (uint32_t i = 0; i + 1 < s.n; i++)
		if (s.p[i] == '\'')
			return false;
		else if (s.p[i + 1] == '*' &&
			 (s.p[i] == '(' || s.p[i] == ',' || s.p[i] == '+' ||
			  s.p[i] == '-'))
			return true;
	return false;
}

static struct literal *find(struct asm *a, struct str text, uint32_t hash)
{
	struct literal *l = a->literal_hash[hash & (HASH_SIZE - 1)];

	for (; l; l = l->chain)
		if (l->hash == hash && l->pool == a->pool && l->text.n == text.n &&
		    memcmp(l->text.p, text.p, text.n) == 0)
			return l;
	return NULL;
}

static void refer(struct asm *a, struct literal *l)
{
	struct reference *r = arena_alloc(&a->arena, sizeof(*r));

	r->statement = a->current->number;
	if (l->last_reference)
		l->last_reference->next = r;
	else
		l->references = r;
	l->last_reference = r;
}

/* The pool's literal of that text (without =), entered if it is new. */
struct literal *literal_add(struct asm *a, struct str text)
{
	uint32_t hash = hash_of(text, a->pool);
	struct literal *l;

	if (!a->literal_hash)
		a->literal_hash = arena_alloc(&a->arena, HASH_SIZE * sizeof(l));
	l = is_unique(text) ? NULL : find(a, text, hash);
	if (l) {
		refer(a, l);
		return l;
	}
	l = arena_alloc(&a->arena, sizeof(*l));
	l->text = text;
	l->hash = hash;
	l->pool = a->pool;
	l->stmt = a->current;
	refer(a, l);
	l->chain = a->literal_hash[hash & (HASH_SIZE - 1)];
	a->literal_hash[hash & (HASH_SIZE - 1)] = l;
	if (a->pool_last)
		a->pool_last->next = l;
	else
		a->pool_first = l;
	a->pool_last = l;
	return l;
}

/* Largest power of two up to 8 that divides the size: that group it is in. */
static uint32_t group(uint32_t size)
{
	uint32_t g = 8;

	while (size % g)
		g /= 2;
	return g;
}

static struct stmt *literal_stmt(struct asm *a, struct literal *l, struct stmt *after)
{
	struct stmt *st = arena_alloc(&a->arena, sizeof(*st));

	st->next = after->next;
	after->next = st;
	if (a->last == after)
		a->last = st;
	st->number = ++a->statement;
	st->flags = STMT_LITERAL | (after->flags & STMT_GENERATED);
	st->literal = l;
	st->text = after->text;
	st->first = after->first;
	st->operand = l->text;
	return st;
}

static void lay_down(struct asm *a, struct literal *l, struct stmt *st)
{
	struct section *s = a->section;

	l->section = s;
	l->offset = s->loc;
	l->placed = st;
	if (a->last_placed)
		a->last_placed->following = l;
	else
		a->placed = l;
	a->last_placed = l;
	st->section = s;
	st->loc = s->loc;
	st->size = l->size;
	s->loc += l->size;
	if (s->loc > s->high)
		s->high = s->loc;
}

static void measure(struct asm *a, struct literal *l)
{
	struct constant_sum sum = { .size = 0 };
	struct stmt *current = a->current;
	struct stmt silent = *l->stmt;

	/* a wrong one is reported where it is used, as such and no more */
	silent.said = 255;
	silent.aside = true;
	a->current = &silent;
	l->wrong = !constants_measure(a, l->text, l->stmt->loc, false, true, &sum) ||
		   sum.size >= 0x100000;
	a->current = current;
	if (l->wrong)
		return;
	l->size = sum.size;
	l->length = sum.length;
}

/* Put the pool's literals at the location counter, which is on a doubleword. */
void literal_pool(struct asm *a, struct stmt *after)
{
	for (struct literal *l = a->pool_first; l; l = l->next)
		measure(a, l);
	for (uint32_t g = 8; g > 0; g /= 2) {
		for (struct literal *l = a->pool_first; l; l = l->next) {
			if (l->wrong || group(l->size) != g)
				continue;
			after = literal_stmt(a, l, after);
			lay_down(a, l, after);
		}
	}
	a->pool++;
	a->pool_first = a->pool_last = NULL;
}
