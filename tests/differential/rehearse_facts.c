/*
 * tests/differential/rehearse_facts.c - what compare.c must know of a case, noted
 * instruction by instruction while it is rehearsed.
 */
#include "tests/differential/rehearse_int.h"

#include <string.h>

#include "base/bytes.h"

uint16_t window_bits(const uint32_t *blocks, unsigned count)
{
	uint16_t bits = 0;

	for (unsigned i = 0; i < count; i++)
		if (blocks[i] >= ST_WINDOW / BLOCK &&
		    blocks[i] < ST_WINDOW / BLOCK + BLOCKS)
			bits |= (uint16_t)(1u << (blocks[i] - ST_WINDOW / BLOCK));
	return bits;
}

static bool keys_instruction(const uint8_t *code)
{
	return code[0] == 0x08 ||
	       (code[0] == 0xB2 &&
		(code[1] == 0x13 || code[1] == 0x2A || code[1] == 0x2B));
}

/* LPSW, SSM, STNSM, STOSM, LCTL, and DAS: keys, modes, tables may be others. */
static bool control_instruction(const uint8_t *code)
{
	switch (code[0]) {
	case 0x80:
	case 0x82:
	case 0xAC:
	case 0xAD:
	case 0xB7: return true;
	case 0xB2:
		return code[1] == 0x0A || code[1] == 0x0D ||
		       (code[1] >= 0x18 && code[1] <= 0x28);
	case 0xE5: return code[1] == 0;
	default: return false;
	}
}

/* Where the first operand lies, if it can be translated: two pieces. */
static void first_pieces(struct rehearsal *r, const struct reference *ref)
{
	uint32_t n = BLOCK - ref->laddr % BLOCK;

	n = n < ref->length ? n : ref->length;
	if (model_place(&r->model, ref->laddr, ref, &r->facts->first[0].at))
		r->facts->first[0].length = n;
	if (ref->length > n && model_place(&r->model, (ref->laddr + n) & 0xFFFFFF, ref,
					   &r->facts->first[1].at))
		r->facts->first[1].length =
			ref->length - n < BLOCK ? ref->length - n : BLOCK;
}

int key_block(struct rehearsal *r, const uint8_t *code)
{
	unsigned op = code[0] == 0xB2 ? be16(code) : code[0];
	uint32_t at;

	switch (op) {
	case 0x08:
	case 0x09: at = r->model.gr[code[1] & 15]; break;
	case 0xB229:
	case 0xB22A:
	case 0xB22B: at = r->model.gr[code[3] & 15]; break;
	case 0xB213: at = model_operand(&r->model, code, 1); break;
	default: return -1;
	}
	at = cpu370_real_to_absolute(r->cpu, at & 0xFFFFFF) - ST_WINDOW;
	return at < WINDOW_SIZE ? (int)(at / BLOCK) : -1;
}

bool sets_key(const uint8_t *code)
{
	return code[0] == 0x08 || (code[0] == 0xB2 && code[1] == 0x2B);
}

/* STCK, STPT: where the value goes. */
static void note_clock(struct facts *f)
{
	f->clock_read = true;
	memcpy(f->clock, f->first, sizeof(f->clock));
}

uint32_t ipte_entry(const struct model *m, const uint8_t *code)
{
	bool big_pages = (m->cr[0] >> 22 & 3) == 2, big_segments = (m->cr[0] >> 19 & 3) == 2;
	uint32_t laddr = m->gr[code[3] & 15] & (big_segments ? 0xFFFFF : 0xFFFF);
	uint32_t origin = m->gr[code[3] >> 4] & 0x00FFFFF8;

	return (origin + 2 * (laddr >> (big_pages ? 12 : 11))) & 0xFFFFFF;
}

/* PC, SSAR, PT, LASP: their tables may lie anywhere. */
static bool translates_asn(const uint8_t *code)
{
	return (code[0] == 0xB2 &&
		(code[1] == 0x18 || code[1] == 0x25 || code[1] == 0x28)) ||
	       (code[0] == 0xE5 && code[1] == 0);
}

void gather_facts(struct rehearsal *r, const uint8_t *code, const uint8_t *ex)
{
	struct reference refs[REFERENCES];
	struct facts *f = r->facts;
	struct model *m = &r->model;
	unsigned n = model_references(m, code, refs);
	uint32_t entry = ipte_entry(m, code) / BLOCK;
	uint16_t blocks;

	f->under_ex = ex != NULL;
	memcpy(f->last, code, 6);
	f->ia = (uint32_t)m->psw & 0xFFFFFF;
	f->before = *m;
	memset(&f->operands, 0, sizeof(f->operands));
	if (ex)
		model_fetch(m, model_operand(m, ex, 1), length_of(code), &f->operands);
	for (unsigned i = 0; i < n; i++)
		model_access(m, &refs[i], &f->operands);
	memset(f->first, 0, sizeof(f->first));
	if (n)
		first_pieces(r, &refs[0]);
	blocks = window_bits(f->operands.blocks, f->operands.block_count);
	f->table_reference |= window_bits(f->fetch.tables, f->fetch.table_count) |
			      window_bits(f->operands.tables, f->operands.table_count);
	if ((m->psw >> 51 & 1 && m->psw >> 58 & 1) || code[0] == 0xB1 ||
	    code[0] == 0xB2 || code[0] == 0xE5)
		f->table_reference |= TABLE_PAGE; /* DAT, LRA, TPROT, ASN translation */
	if (code[0] == 0xB2 && code[1] == 0x21)
		f->table_reference |= window_bits(&entry, 1);
	if (translates_asn(code))
		f->table_reference |= (1u << BLOCKS) - 1;
	f->last_marks = blocks;
	if (code[0] == 0xBD || (code[0] == 0xBE && !(code[1] & 15)))
		f->mask_reference |= blocks;
	if (code[0] == 0xBE && !(code[1] & 15))
		f->mask_change |= blocks;
	if (f->keys_set)
		f->code_reference |= window_bits(f->fetch.blocks, f->fetch.block_count);
	if (code[0] == 0xB2 && (code[1] == 0x05 || code[1] == 0x09) && n)
		note_clock(f);
	if (code[0] != 0x09 && !(code[0] == 0xB2 && code[1] == 0x29) &&
	    key_block(r, code) >= 0) {
		uint16_t one = (uint16_t)(1u << key_block(r, code));
		uint16_t other = (uint16_t)(1u << (key_block(r, code) ^ 1));

		f->reset_reference |= one;
		if (sets_key(code))
			f->key_set |= one | (code[0] == 0xB2 ? other : 0);
		if (code[0] == 0xB2 && code[1] == 0x13)
			f->rrb_sibling |= other;
		else if (code[0] == 0xB2)
			f->reset_reference |= other;
	}
	f->keys_set |= keys_instruction(code);
	f->control_loaded |= control_instruction(code);
}
