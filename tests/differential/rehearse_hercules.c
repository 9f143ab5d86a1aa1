/*
 * tests/differential/rehearse_hercules.c - instructions in which Debian's Hercules, the
 * judge, goes wrong itself (version 3.13). Cases that come to one are given up.
 */
#include "tests/differential/rehearse_int.h"

#include "base/bytes.h"

/* Does it put a system mask without the PER bit in place, or a PSW? */
static bool turns_per_off(const struct model *m, const uint8_t *code)
{
	struct reference refs[REFERENCES];
	uint32_t at;

	if (code[0] == 0xAC)
		return !(code[1] & 0x40);
	if (code[0] != 0x80 && code[0] != 0x82)
		return false;
	model_references(m, code, refs);
	if (!model_place(m, refs[0].laddr, &refs[0], &at) || at + 1 >= m->size)
		return false;
	return !(m->storage[at] & 0x40) ||
	       (code[0] == 0x82 && !(m->storage[at + 1] & 0x08));
}

static bool page_lengths(const struct model *m, const uint8_t *code)
{
	struct reference refs[REFERENCES];
	unsigned n = model_references(m, code, refs);
	struct exceptions e = { 0 };

	for (unsigned i = 0; i < n; i++)
		model_access(m, &refs[i], &e);
	return e.page_length;
}

/* LCTL of CR0 with other page or segment sizes, DAT on: the TLB there does not mind. */
static bool changes_format(const struct model *m, const uint8_t *code)
{
	struct reference refs[REFERENCES];
	uint32_t at, n = (0u - (code[1] >> 4)) & 15;

	if (!(m->psw >> 51 & 1) || !(m->psw >> 58 & 1) ||
	    n > ((code[1] - (code[1] >> 4)) & 15u))
		return false;
	model_references(m, code, refs);
	if (!model_place(m, (refs[0].laddr + 4 * n) & 0xFFFFFF, &refs[0], &at) ||
	    at > m->size - 4)
		return false;
	return (be32(m->storage + at) ^ m->cr[0]) & 0x00F80000;
}

bool hercules_fails(const struct model *m, const uint8_t *code)
{
	bool ec = m->psw >> 51 & 1, per = ec && (m->psw >> 62 & 1);
	unsigned op = code[0] == 0xB2 ? be16(code) : code[0];

	/* bit 0 of CR1 is taken for the control of the space-switch event */
	if ((op == 0xB218 || op == 0xB228 || (op == 0xE5 && code[1] == 0)) &&
	    (m->cr[1] & 0x80000001))
		return true;
	/* the event of an altered general register is not there */
	if (per && (m->cr[9] & 0x10000000))
		return true;
	/* STCTL, XC: only the first byte is looked at */
	if ((op == 0xB6 || op == 0xD7) && per && (m->cr[9] & 0x20000000))
		return true;
	/* SIGP: the order SET ARCHITECTURE goes to any address */
	if (op == 0xAE && (model_operand(m, code, 1) & 0xFF) == 0x12)
		return true;
	/* CS and CDS that do not store are told as storage alteration */
	if ((op == 0xBA || op == 0xBB) && per && (m->cr[9] & 0x20000000))
		return true;
	/* units of operation end at other places (both are right) */
	if ((op == 0x0E || op == 0x0F) && per && (m->cr[9] & 0xE0000000) &&
	    ((m->gr[code[1] >> 4 | 1] | m->gr[(code[1] & 15) | 1]) & 0xFFFF00))
		return true;
	/* an event of an instruction that turns PER off is forgotten */
	if (per && (m->cr[9] & 0xE0000000) && turns_per_off(m, code))
		return true;
	/* whether the old or the new controls apply, the manual does not say */
	if (op == 0xB7 && per &&
	    ((9 - (code[1] >> 4)) & 15) <= ((code[1] - (code[1] >> 4)) & 15))
		return true;
	/* an entry in the interval timer: it waits for a lock that it holds */
	if (op == 0xB221 && is_private(ipte_entry(m, code), 2))
		return true;
	/* SAC: access-register and home-space mode */
	if (op == 0xB219 && (model_operand(m, code, 1) >> 8 & 14) == 2)
		return true;
	/* the linkage-table origin has 31 bits there */
	if (op == 0xB218 && (m->cr[5] & 0x7F000000))
		return true;
	/* of page-table lengths only 0 is looked at */
	if (op == 0xB1 && model_page_length(m, model_operand(m, code, 1)))
		return true;
	if (op == 0xE5 && code[1] == 1 && model_page_length(m, model_operand(m, code, 1)))
		return true;
	if (op == 0xB223 && model_page_length(m, m->gr[code[3] & 15]))
		return true;
	/* operands that overlap: no data exception, the case may not end */
	if (op == 0xF8 && model_bad_decimal_overlap(m, code))
		return true;
	if (page_lengths(m, code) || (op == 0xB7 && changes_format(m, code)))
		return true;
	/* bit 5 of a BC system mask is taken for DAT */
	if ((op == 0xB223 || op == 0xB226 || op == 0xB227) && !ec && (m->psw >> 58 & 1))
		return true;
	/* any PER event with PC or PT is told as a space-switch event too */
	if ((op == 0xB218 || op == 0xB228) && per)
		return true;
	/* PT: bits 0-7 of R2 are taken for a 31-bit address */
	return op == 0xB228 && m->gr[code[3] & 15] >> 24;
}
