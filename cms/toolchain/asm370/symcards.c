/*
 * SYM cards, which option TEST asks for: sections, symbols and constants as
 * a debugger wants to know them. They go in front of the dictionary.
 * GC33-4021, "SYM Record Format (Card Image)".
 *
 * Entries follow one another over the cards without regard to their ends.
 */
#include "cms/toolchain/asm370/constant.h"

#include "base/bytes.h"

#define SYM_DATA        0x80
#define SYM_MULTIPLE    0x40 /* data: a multiplicity follows */
#define SYM_CLUSTER     0x20 /* data: several decimal numbers of their own lengths */
#define SYM_SCALED      0x10 /* data: a scale factor follows */
#define SYM_SPACE       0x00
#define SYM_SECTION     0x10
#define SYM_DUMMY       0x20
#define SYM_COMMON      0x30
#define SYM_INSTRUCTION 0x40
#define SYM_CHANNEL     0x50
#define SYM_LABEL       0x60 /* EQU and other names without storage */
#define SYM_NAMELESS    0x08

static const struct {
	char type;
	uint8_t code;
} data_codes[] = {
	{ 'C', 0x00 }, { 'X', 0x04 }, { 'B', 0x08 }, { 'F', 0x10 }, { 'H', 0x14 },
	{ 'E', 0x18 }, { 'D', 0x1C }, { 'A', 0x20 }, { 'Q', 0x20 }, { 'Y', 0x24 },
	{ 'S', 0x28 }, { 'V', 0x2C }, { 'P', 0x30 }, { 'Z', 0x34 }, { 'L', 0x38 },
};

static uint8_t data_code(char type)
{
	for (size_t i = 0; i < ARRAY_SIZE(data_codes); i++)
		if (data_codes[i].type == type)
			return data_codes[i].code;
	return 0;
}

static void put(struct asm *a, uint32_t n, unsigned bytes)
{
	uint8_t b[4];

	put_be32(b, n);
	deck_symbols(a, b + 4 - bytes, bytes);
}

/* What every entry begins with; name.n 0: none. */
static void entry(struct asm *a, unsigned organization, uint32_t address, struct str name)
{
	uint8_t text[8];
	uint32_t n = name.n < sizeof(text) ? name.n : sizeof(text);

	organization |= n ? n - 1 : SYM_NAMELESS;
	put(a, organization, 1);
	put(a, address, 3);
	for (uint32_t i = 0; i < n; i++)
		text[i] = to_ebcdic(upper(name.p[i]));
	deck_symbols(a, text, n);
}

static void space_entry(struct asm *a, uint32_t address, uint32_t bytes)
{
	if (bytes == 0)
		return;
	entry(a, SYM_SPACE, address, str_make("", 0));
	put(a, bytes, 1);
}

static struct str name_of(const struct asm *a, const struct stmt *st)
{
	bool valid = symbol_length(st->name.p, st->name.p + st->name.n) == st->name.n;

	if (!valid || (st->name.n > 8 && !a->options.long_names))
		return str_make("", 0);
	return st->name;
}

/* ---- constants */

struct item {
	char type;
	unsigned flags; /* SYM_CLUSTER */
	uint32_t address, bytes, times;
	int scale;
	struct str name;
};

static void data_entry(struct asm *a, const struct item *i)
{
	unsigned flags = SYM_DATA | i->flags;
	bool wide = i->type == 'C' || i->type == 'X' || i->type == 'B';

	if (i->times != 1 || (i->flags && i->name.n))
		flags |= SYM_MULTIPLE;
	if (i->scale)
		flags |= SYM_SCALED;
	entry(a, flags, i->address, i->name);
	put(a, data_code(i->type), 1);
	put(a, i->bytes - 1, wide ? 2 : 1);
	if (flags & SYM_MULTIPLE)
		put(a, i->times, 3);
	if (i->scale)
		put(a, (uint32_t)i->scale, 2);
}

/* Decimal numbers that each take as much as they need. */
static void cluster_entries(struct asm *a, const struct constant *k, struct item *i)
{
	uint32_t at = 0;
	unsigned flags = SYM_DATA | SYM_CLUSTER | SYM_MULTIPLE;

	entry(a, flags, i->address, i->name);
	put(a, data_code(i->type), 1);
	put(a, (uint32_t)(constant_all_bits(k) / 8) - 1, 1);
	put(a, k->dup, 3);
	i->flags = SYM_CLUSTER;
	i->name = str_make("", 0);
	i->times = 1;
	for (uint32_t n = 0; n < k->values; n++) {
		struct str v = constant_value_next(k, &at);

		i->scale = constant_decimal_places(v);
		i->bytes = constant_value_bits(k, v) / 8;
		data_entry(a, i);
		i->address += i->bytes;
	}
}

static void constant_entry(struct asm *a, const struct constant *k, uint32_t address,
			   unsigned bit, struct str name)
{
	struct item i = { .type = k->row->type, .address = address, .name = name };
	bool decimal = i.type == 'P' || i.type == 'Z';

	if (decimal && !k->has_length && k->values > 1) {
		cluster_entries(a, k, &i);
		return;
	}
	i.bytes = (bit + k->bits + 7) / 8;
	i.times = k->dup * k->values;
	i.scale = k->given_scale;
	if ((i.type == 'X' || i.type == 'B') && !k->has_length && k->values > 1) {
		i.bytes = (uint32_t)(constant_all_bits(k) / 8);
		i.times = k->dup;
	}
	data_entry(a, &i);
}

/* The operands of DC or DS as far as they are right. */
static void constants(struct asm *a, const struct stmt *st)
{
	struct cursor c = cursor_of(st->operand);
	struct str name = name_of(a, st);
	uint64_t bits = 0;
	struct constant k;
	bool ds = st->op->code == A_DS, good = true;

	do {
		if (!constant_operand(a, &c, ds, &k) || !constant_delimited(a, &c, false))
			return;
		if (!k.bit_length) {
			uint32_t at = st->loc + (uint32_t)(bits / 8), gap;

			bits = (bits + 7) & ~UINT64_C(7);
			gap = (0 - (st->loc + (uint32_t)(bits / 8))) &
			      (constant_alignment(&k) - 1);
			space_entry(a, at, gap);
			bits += gap * 8;
		}
		constant_entry(a, &k, st->loc + (uint32_t)(bits / 8), bits % 8, name);
		name = str_make("", 0);
		bits += constant_all_bits(&k) * k.dup;
	} while (constant_separator(a, &c, false, &good));
}

/* ---- statements */

/* Say it when the section changes. */
static void section_entry(struct asm *a, const struct section *s)
{
	unsigned kind = s->kind == SECTION_DSECT ? SYM_DUMMY
			: s->kind == SECTION_CM  ? SYM_COMMON
						 : SYM_SECTION;

	if (s == a->sym_section)
		return;
	a->sym_section = s;
	entry(a, kind, 0, s->name ? str_make(s->name->text, s->name->n) : str_make("", 0));
}

/* Literals that END laid down have no entries; the gap in front of them has. */
static void end_entry(struct asm *a)
{
	if (!a->end_pool)
		return;
	section_entry(a, a->end_pool);
	space_entry(a, a->end_gap_at, a->end_gap);
}

static void label_entry(struct asm *a, const struct stmt *st, unsigned kind)
{
	if (st->symbol && st->symbol->section)
		entry(a, kind, st->loc, st->name);
}

static void assembler_entry(struct asm *a, const struct stmt *st)
{
	struct item cxd = { .type = 'A', .address = st->loc, .bytes = 4, .times = 1 };

	switch (st->op->code) {
	case A_DC:
	case A_DS:
		if (st->measured)
			constants(a, st);
		break;
	case A_CXD:
		cxd.name = name_of(a, st);
		data_entry(a, &cxd);
		break;
	case A_CCW: entry(a, SYM_CHANNEL, st->loc, name_of(a, st)); break;
	case A_EQU:
		if (!a->sym_section && st->section) /* EQU * before any section */
			section_entry(a, st->section);
		label_entry(a, st, SYM_LABEL);
		break;
	case A_CNOP:
	case A_ORG:
	case A_LTORG: label_entry(a, st, SYM_LABEL); break;
	case A_END: end_entry(a); break;
	default: break;
	}
}

/* Is the statement's section the one that the location counter was in? */
static bool is_placed(const struct stmt *st)
{
	if (st->op->kind == OPERATION_MACHINE || st->op->kind == OPERATION_BRANCH)
		return true;
	if (st->op->kind != OPERATION_ASSEMBLER)
		return false;
	switch (st->op->code) {
	case A_START:
	case A_CSECT:
	case A_DSECT:
	case A_COM:
	case A_DC:
	case A_DS:
	case A_CXD:
	case A_CCW:
	case A_CNOP:
	case A_ORG:
	case A_LTORG: return true;
	default: return false;
	}
}

static void statement_entry(struct asm *a, struct stmt *st)
{
	struct stmt silent = { .said = 255, .aside = true, .number = st->number };

	if (!st->op ||
	    (st->flags & (STMT_COMMENT | STMT_CALL | STMT_SOURCE | STMT_LITERAL)))
		return;
	a->current = &silent;
	a->star = st->loc;
	silent.section = st->section;
	silent.loc = st->loc;
	if (st->section && is_placed(st)) {
		section_entry(a, st->section);
		space_entry(a, st->loc - st->gap, st->gap);
	}
	if (st->op->kind == OPERATION_MACHINE || st->op->kind == OPERATION_BRANCH)
		label_entry(a, st, SYM_INSTRUCTION);
	else if (st->op->kind == OPERATION_ASSEMBLER)
		assembler_entry(a, st);
	arena_reset(&a->scratch);
}

void symbol_cards(struct asm *a)
{
	struct stmt *current = a->current;

	for (struct stmt *st = a->first; st; st = st->next)
		statement_entry(a, st);
	deck_symbols_end(a);
	a->current = current;
}
