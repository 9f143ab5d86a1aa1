/*
 * tests/differential/model.h - a second reading of the manual: which storage an
 * instruction refers to, and which access exceptions it may meet there.
 *
 * Written for the comparison and sharing nothing with cpu370/: the rules that excuse
 * a difference (compare.c) ask it whether what s370 did is what GA22-7000 demands, and
 * every access exception of s370 is checked against it, whatever Hercules did.
 *
 * GA22-7000, "Storage" (Dynamic Address Translation, Protection) and the instruction
 * chapters.
 */
#ifndef DIFFERENTIAL_MODEL_H
#define DIFFERENTIAL_MODEL_H

#include <stdbool.h>
#include <stdint.h>

/* The machine before an instruction. */
struct model {
	const uint8_t *storage; /* absolute, size bytes */
	const uint8_t *keys;	/* a key byte for each 2K block */
	uint32_t size, prefix;
	uint64_t psw;
	uint32_t gr[16], cr[16];
};

/* One of the places an instruction refers to. */
struct reference {
	uint32_t laddr, length; /* length 0: none */
	bool store, fetch;
	bool real;	/* not translated, no key applies */
	uint8_t key;	/* PSW key, or the one a register gives */
	bool secondary; /* translated by CR7 */
};

#define REFERENCES 4

/* Fill in what insn refers to; returns how many. */
unsigned model_references(const struct model *m, const uint8_t insn[6],
			  struct reference refs[REFERENCES]);

/* An access exception that may be told: its code, and the address of the piece. */
struct exception {
	uint8_t code;
	uint32_t laddr;
};

#define EXCEPTIONS 24

struct exceptions {
	unsigned count;
	struct exception list[EXCEPTIONS];
	uint32_t blocks[EXCEPTIONS]; /* absolute addresses / 2048 referred to */
	unsigned block_count;
	bool page_length;	     /* a page lies beyond a length that is not 0 */
	uint32_t tables[EXCEPTIONS]; /* blocks in which DAT read tables */
	unsigned table_count;
};

/* Add what a reference may meet. */
void model_access(const struct model *m, const struct reference *ref,
		  struct exceptions *e);
/* Add what fetching the instruction at ia, of length bytes, meets. */
void model_fetch(const struct model *m, uint32_t ia, unsigned length,
		 struct exceptions *e);
bool model_has(const struct exceptions *e, unsigned code);

/* The absolute address of a logical one as ref translates it; false: it has none. */
bool model_place(const struct model *m, uint32_t laddr, const struct reference *ref,
		 uint32_t *at);

/* Does translation, DAT on or off, end at a page-table length other than 0? */
bool model_page_length(const struct model *m, uint32_t laddr);

/* Add the tables that translation reads, DAT on or off. */
void model_tables(const struct model *m, uint32_t laddr, struct exceptions *e);

/* Do two references share a byte of storage? */
bool model_overlap(const struct model *m, const struct reference *a,
		   const struct reference *b);

/* The logical address of the n-th operand (1, 2), by base and displacement. */
uint32_t model_operand(const struct model *m, const uint8_t insn[6], unsigned n);
/* AP and its kin: operands that overlap otherwise than their rule allows. */
bool model_bad_decimal_overlap(const struct model *m, const uint8_t insn[6]);

#endif
