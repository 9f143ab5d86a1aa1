#include "cms/toolchain/asm370/int.h"

#include "base/ebcdic.h"

#define L CHAR_LETTER
#define D CHAR_DIGIT
const uint8_t char_class[256] = {
	['$'] = L, ['#'] = L, ['@'] = L, ['_'] = L,
	['0'] = D, ['1'] = D, ['2'] = D, ['3'] = D, ['4'] = D,
	['5'] = D, ['6'] = D, ['7'] = D, ['8'] = D, ['9'] = D,
	['A'] = L, ['B'] = L, ['C'] = L, ['D'] = L, ['E'] = L, ['F'] = L, ['G'] = L,
	['H'] = L, ['I'] = L, ['J'] = L, ['K'] = L, ['L'] = L, ['M'] = L, ['N'] = L,
	['O'] = L, ['P'] = L, ['Q'] = L, ['R'] = L, ['S'] = L, ['T'] = L, ['U'] = L,
	['V'] = L, ['W'] = L, ['X'] = L, ['Y'] = L, ['Z'] = L,
	['a'] = L, ['b'] = L, ['c'] = L, ['d'] = L, ['e'] = L, ['f'] = L, ['g'] = L,
	['h'] = L, ['i'] = L, ['j'] = L, ['k'] = L, ['l'] = L, ['m'] = L, ['n'] = L,
	['o'] = L, ['p'] = L, ['q'] = L, ['r'] = L, ['s'] = L, ['t'] = L, ['u'] = L,
	['v'] = L, ['w'] = L, ['x'] = L, ['y'] = L, ['z'] = L,
};
#undef L
#undef D

uint8_t to_ebcdic(char c)
{
	return codepage_037.to_ebcdic[(uint8_t)c];
}

uint32_t symbol_length(const char *p, const char *end)
{
	const char *q = p;

	if (q == end || !is_letter(*q))
		return 0;
	while (q < end && is_name(*q))
		q++;
	return (uint32_t)(q - p);
}

void names_init(struct asm *a)
{
	a->name_mask = 4095;
	a->names = arena_alloc(&a->arena, (a->name_mask + 1) * sizeof(*a->names));
}

static void names_grow(struct asm *a)
{
	uint32_t mask = a->name_mask * 4 + 3;
	struct name **names = arena_alloc(&a->arena, ((size_t)mask + 1) * sizeof(*names));

	for (uint32_t i = 0; i <= a->name_mask; i++) {
		struct name *next;

		for (struct name *name = a->names[i]; name; name = next) {
			next = name->chain;
			name->chain = names[name->hash & mask];
			names[name->hash & mask] = name;
		}
	}
	a->names = names;
	a->name_mask = mask;
}

static bool same_name(const struct name *name, struct str s)
{
	for (uint32_t i = 0; i < s.n; i++)
		if (name->text[i] != upper(s.p[i]))
			return false;
	return true;
}

struct name *name_intern(struct asm *a, struct str s)
{
	uint32_t hash = 2166136261u;
	struct name *name;

	for (uint32_t i = 0; i < s.n; i++)
		hash = (hash ^ (uint8_t)upper(s.p[i])) * 16777619u;
	hash ^= hash >> 15;
	for (name = a->names[hash & a->name_mask]; name; name = name->chain)
		if (name->hash == hash && name->n == s.n && same_name(name, s))
			return name;
	if (++a->name_count > a->name_mask)
		names_grow(a);
	name = arena_alloc(&a->arena, sizeof(*name) + s.n + 1);
	name->hash = hash;
	name->n = s.n;
	for (uint32_t i = 0; i < s.n; i++)
		name->text[i] = upper(s.p[i]);
	name->chain = a->names[hash & a->name_mask];
	a->names[hash & a->name_mask] = name;
	return name;
}

struct symbol *symbol_get(struct asm *a, struct name *name)
{
	if (!name->symbol) {
		name->symbol = arena_alloc(&a->arena, sizeof(*name->symbol));
		name->symbol->name = name;
		name->symbol->type = 'U';
		name->symbol->length = 1;
		a->symbol_count++;
	}
	return name->symbol;
}
