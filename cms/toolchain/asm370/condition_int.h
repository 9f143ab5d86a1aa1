/*
 * condition_int.h - what the files of conditional assembly share: condition.c
 * (expressions), variable.c (variable symbols, attributes) and set.c (SET statements).
 *
 * Functions that return false have given their message.
 */
#ifndef ASM370_CONDITION_INT_H
#define ASM370_CONDITION_INT_H

#include "cms/toolchain/asm370/int.h"

#define MAX_STRING 255 /* characters of a SETC symbol */

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

/* A copy that lives until the statement has been done with. */
struct str scratch_copy(struct asm *a, struct str s);

/* ---- condition.c */

/* A sum of terms: a number, or a string that stands alone. */
bool any_sum(struct parse *p, struct any *v);

/* ---- variable.c */

/* One parenthesis deeper; p->depth-- behind it. false: too deep. */
bool parse_enter(struct parse *p);
bool at_paren(const struct parse *p);
/* Subscripts in parentheses; up to max numbers. Returns how many, 0 on error. */
unsigned subscripts(struct parse *p, int32_t *n, unsigned max);
/* The element a subscript asks for, from 0; UINT32_MAX after a message. */
uint32_t set_element(struct parse *p, const struct setvar *set);
/* &NAME at the cursor, with subscripts. set: the SET symbol it is, if any. */
bool variable_value(struct parse *p, struct any *v, struct setvar **set);
struct str value_text(struct asm *a, const struct any *v);
/* T'X and the like at the cursor. */
bool attribute_value(struct parse *p, struct any *v);
bool is_self_defining(struct asm *a, struct str s);

#endif
