/*
 * The object deck: ESD, TXT, RLD and END cards. GC33-4021, "Object Deck Output".
 */
#include "cms/toolchain/asm370/int.h"

#include "base/bytes.h"
#include "base/ebcdic.h"

#include <stdio.h>
#include <stdlib.h>

#define DATA_AT   16 /* column 17 */
#define DATA_SIZE 56
#define ESD_ITEM  16

static void card_number(struct asm *a, uint8_t *card)
{
	char text[24];
	const char *id = a->deck_id ? a->deck_id->text : "";
	int n = snprintf(text, sizeof(text), "%.8s", id);
	char digits[16];

	a->cards++;
	snprintf(digits, sizeof(digits), "%08u", a->cards % 100000000);
	snprintf(text + n, sizeof(text) - (size_t)n, "%s", digits + n);
	ebcdic_from_latin1(&codepage_037, card + 72, text, 8);
}

/* Append a card whose first n bytes are given; the rest is blank. */
void deck_card(struct asm *a, const uint8_t *card, uint32_t n, bool numbered)
{
	uint8_t *out;

	if (!a->options.deck)
		return;
	out = (uint8_t *)buffer_grow(&a->deck, ASM370_CARD);
	memset(out, EBCDIC_SPACE, ASM370_CARD);
	memcpy(out, card, n < ASM370_CARD ? n : ASM370_CARD);
	if (numbered)
		card_number(a, out);
}

static void card_begin(uint8_t *card, const char *type)
{
	memset(card, EBCDIC_SPACE, ASM370_CARD);
	card[0] = 0x02;
	ebcdic_from_latin1(&codepage_037, card + 1, type, 3);
}

static void put_name(uint8_t *p, const struct name *name)
{
	memset(p, EBCDIC_SPACE, 8);
	if (name)
		ebcdic_from_latin1(&codepage_037, p, name->text, name->n < 8 ? name->n : 8);
}

/* ---- SYM */

void deck_symbols_end(struct asm *a)
{
	uint8_t card[ASM370_CARD];

	if (a->sym_count == 0)
		return;
	card_begin(card, "SYM");
	put_be16(card + 10, (uint16_t)a->sym_count);
	memcpy(card + DATA_AT, a->sym, a->sym_count);
	deck_card(a, card, DATA_AT + a->sym_count, true);
	a->sym_count = 0;
}

void deck_symbols(struct asm *a, const uint8_t *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		a->sym[a->sym_count++] = p[i];
		if (a->sym_count == sizeof(a->sym))
			deck_symbols_end(a);
	}
}

/* ---- ESD */

static const uint8_t esd_type[] = {
	[SECTION_SD] = 0x00, [SECTION_LD] = 0x01, [SECTION_ER] = 0x02,
	[SECTION_PC] = 0x04, [SECTION_CM] = 0x05, [SECTION_PR] = 0x06,
	[SECTION_WX] = 0x0A,
};

static bool entry_item(const struct section *s, uint8_t *item)
{
	const struct symbol *symbol = s->name->symbol;

	/* a section needs no entry for its own name */
	if (!symbol || !symbol->defined || !symbol->section || symbol->is_external ||
	    symbol->section->name == s->name ||
	    (symbol->section->kind != SECTION_SD && symbol->section->kind != SECTION_PC))
		return false;
	put_be24(item + 9, (uint32_t)symbol->value + symbol->section->origin);
	put_be24(item + 13, symbol->section->esdid);
	return true;
}

static bool esd_item(const struct section *s, uint8_t *item)
{
	memset(item, EBCDIC_SPACE, ESD_ITEM);
	put_name(item, s->name);
	item[8] = esd_type[s->kind];
	switch (s->kind) {
	case SECTION_DSECT: return false;
	case SECTION_LD: return entry_item(s, item);
	case SECTION_ER:
	case SECTION_WX: put_be24(item + 9, 0); return true;
	case SECTION_PR:
		put_be24(item + 9, 0);
		item[12] = s->align;
		break;
	default: put_be24(item + 9, s->origin); break;
	}
	put_be24(item + 13, s->high);
	return true;
}

static void esd_flush(struct asm *a, uint8_t *card, uint32_t *n, uint16_t *first)
{
	if (*n == 0)
		return;
	put_be16(card + 10, (uint16_t)*n);
	if (*first)
		put_be16(card + 14, *first);
	deck_card(a, card, 72, true);
	card_begin(card, "ESD");
	*n = 0;
	*first = 0;
}

void deck_begin(struct asm *a)
{
	uint8_t card[ASM370_CARD], item[ESD_ITEM];
	uint32_t n = 0;
	uint16_t first = 0;

	if (a->options.test)
		symbol_cards(a);
	card_begin(card, "ESD");
	for (struct section *s = a->sections; s; s = s->next) {
		if (!esd_item(s, item))
			continue;
		memcpy(card + DATA_AT + n, item, sizeof(item));
		if (!first)
			first = s->kind == SECTION_LD ? 0 : s->esdid;
		n += ESD_ITEM;
		if (n == 3 * ESD_ITEM)
			esd_flush(a, card, &n, &first);
	}
	esd_flush(a, card, &n, &first);
}

/* ---- TXT */

void deck_flush(struct asm *a)
{
	uint8_t card[ASM370_CARD];

	if (a->txt_count == 0)
		return;
	card_begin(card, "TXT");
	put_be24(card + 5, a->txt_address);
	put_be16(card + 10, (uint16_t)a->txt_count);
	put_be16(card + 14, a->txt_section->esdid);
	memcpy(card + DATA_AT, a->txt, a->txt_count);
	deck_card(a, card, DATA_AT + a->txt_count, true);
	a->txt_count = 0;
}

/* n bytes of text at an address of the assembly. */
void deck_bytes(struct asm *a, struct section *s, uint32_t address, const uint8_t *p,
		uint32_t n)
{
	if (a->txt_count &&
	    (a->txt_section != s || a->txt_address + a->txt_count != address))
		deck_flush(a);
	while (n > 0) {
		uint32_t room = TXT_BYTES - a->txt_count, now = n < room ? n : room;

		if (a->txt_count == 0) {
			a->txt_section = s;
			a->txt_address = address;
		}
		memcpy(a->txt + a->txt_count, p, now);
		a->txt_count += now;
		if (a->txt_count == TXT_BYTES)
			deck_flush(a);
		p += now;
		n -= now;
		address += now;
	}
}

/* ---- RLD */

/*
 * Note that length bytes at an offset in section p hold an address in r.
 * type as in the card: 0 address, 1 V, 2 Q, 3 CXD.
 */
void deck_relocate(struct asm *a, struct section *r, struct section *p, uint32_t address,
		   unsigned type, unsigned length, bool negative)
{
	struct relocation *x;

	if (!p || !section_has_text(p))
		return;
	if (a->relocation_count == a->relocation_size) {
		uint32_t size = a->relocation_size ? a->relocation_size * 2 : 256;

		x = arena_alloc(&a->arena, size * sizeof(*x));
		if (a->relocation_count)
			memcpy(x, a->relocations, a->relocation_count * sizeof(*x));
		a->relocations = x;
		a->relocation_size = size;
	}
	x = &a->relocations[a->relocation_count];
	x->r = r ? r->esdid : 0;
	x->p = p->esdid;
	x->flags = (uint8_t)(type << 4 | (length - 1) << 2 | (negative ? 2 : 0));
	x->address = address + p->origin;
	x->order = a->relocation_count++;
}

static int by_pointers(const void *x, const void *y)
{
	const struct relocation *r = x, *s = y;

	if (r->p != s->p)
		return r->p < s->p ? -1 : 1;
	if (r->r != s->r)
		return r->r < s->r ? -1 : 1;
	return r->order < s->order ? -1 : 1;
}

static void rld_flush(struct asm *a, uint8_t *card, uint32_t *n)
{
	if (*n == 0)
		return;
	put_be16(card + 10, (uint16_t)*n);
	deck_card(a, card, DATA_AT + *n, true);
	card_begin(card, "RLD");
	*n = 0;
}

static void deck_relocations(struct asm *a)
{
	uint8_t card[ASM370_CARD], *last = NULL;
	uint32_t n = 0;

	card_begin(card, "RLD");
	for (uint32_t i = 0; i < a->relocation_count; i++) {
		const struct relocation *x = &a->relocations[i];
		bool same = n && x->r == x[-1].r && x->p == x[-1].p;

		if (n + (same ? 4 : 8) > DATA_SIZE) {
			rld_flush(a, card, &n);
			same = false;
		}
		if (same) {
			*last |= 1;
		} else {
			put_be16(card + DATA_AT + n, x->r);
			put_be16(card + DATA_AT + n + 2, x->p);
			n += 4;
		}
		last = card + DATA_AT + n;
		*last = x->flags;
		put_be24(last + 1, x->address);
		n += 4;
	}
	rld_flush(a, card, &n);
}

/* ---- END */

static void end_card(struct asm *a)
{
	uint8_t card[ASM370_CARD];
	char idr[24];
	const char *date = a->options.deck_date ? a->options.deck_date : "00000";

	card_begin(card, "END");
	if (a->has_entry) {
		put_be24(card + 5, (uint32_t)a->entry.n);
		put_be16(card + 14, a->entry.pair[0].section->esdid);
	}
	/* identification records: translator, version, date; who wrote the source */
	snprintf(idr, sizeof(idr), "%c%-10.10s%-4.4s%-5.5s", a->translator.n ? '2' : '1',
		 "ASM370", "0100", date);
	ebcdic_from_latin1(&codepage_037, card + 32, idr, 20);
	ebcdic_from_latin1(&codepage_037, card + 52, a->translator.p, a->translator.n);
	deck_card(a, card, 72, true);
}

/* Sort the relocations, write them and the END card. */
void deck_end(struct asm *a)
{
	deck_flush(a);
	if (a->relocation_count)
		qsort(a->relocations, a->relocation_count, sizeof(*a->relocations),
		      by_pointers);
	deck_relocations(a);
	end_card(a);
}
