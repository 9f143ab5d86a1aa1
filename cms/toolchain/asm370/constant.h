/*
 * cms/toolchain/asm370/constant.h - an operand of DC or DS, taken apart.
 * Shared by constant.c (form and size), constvalue.c (bytes) and
 * symcards.c (what a debugger is told).
 */
#ifndef CMS_TOOLCHAIN_ASM370_CONSTANT_H
#define CMS_TOOLCHAIN_ASM370_CONSTANT_H

#include "cms/toolchain/asm370/int.h"

struct type_row {
	char type;
	uint8_t implied; /* length in bytes, 0: as the value needs */
	uint8_t align;
	uint16_t max;	/* bytes */
	bool parens;	/* values stand in parentheses */
	bool bits;	/* a length in bits is allowed */
	char attribute; /* T' with an explicit length */
};

struct constant {
	const struct type_row *row;
	uint32_t dup;
	bool has_length, bit_length;
	uint32_t length; /* modifier: bytes or bits */
	bool has_scale, has_exponent;
	int scale, exponent;
	int given_scale; /* its magnitude, right or wrong: for SYM cards */
	bool has_nominal;
	struct str nominal; /* between the quotes or parentheses */
	uint32_t bits;	    /* of the first value */
	uint32_t values;
};

/* Parse one operand, up to its comma or the end; false after a message. */
bool constant_operand(struct asm *a, struct cursor *c, bool ds, struct constant *k);
/* An operand ends at a comma or blank; false after a message. */
bool constant_delimited(struct asm *a, const struct cursor *c, bool literal);
/* Behind an operand: is there another? *good turns false after a message. */
bool constant_separator(struct asm *a, struct cursor *c, bool literal, bool *good);
/* One value of several, from *at up to the next comma. */
struct str constant_value_next(const struct constant *k, uint32_t *at);
/* Bits that one given value takes. P and Z without length differ by value. */
uint32_t constant_value_bits(const struct constant *k, struct str value);
/* Bits of all values once. */
uint64_t constant_all_bits(const struct constant *k);
/* Digits behind the point. */
int constant_decimal_places(struct str value);
uint32_t constant_alignment(const struct constant *k);

#endif
