/*
 * tests/differential/generate.h - the generator's own: random numbers, and what the
 * case in the making looks like.
 */
#ifndef DIFFERENTIAL_GENERATE_H
#define DIFFERENTIAL_GENERATE_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu370/opcodes.h"
#include "tests/differential/case.h"

/* Instructions whose fields are filled in when the stream is complete. */
enum fixup {
	FIX_NONE,
	FIX_BRANCH,
	FIX_EX,
	FIX_BRANCH_REGISTER,
	FIX_STORE,
	FIX_LITERAL,
	FIX_PROGRAM_CALL,
	FIX_PROGRAM_TRANSFER,
};

struct gen {
	uint64_t state;
	const struct generator_options *o;
	struct test_case *c;
	unsigned format;   /* translation format, 0-3 */
	unsigned code_reg; /* its initial value is code_at */
	uint16_t aimed;	   /* registers that hold addresses, bit n */
	bool dat, das, key0, supervisor, external;
	/*
	 * A long stream most of which is executed: operands that can be accessed, by
	 * registers from BASE_FIRST on, which are not changed.
	 */
	bool tame;
	unsigned patches;
	uint8_t fixup[INSNS_MAX + 1];
	struct patch *entry; /* FIX_PROGRAM_CALL: the entry-table entry to be completed */
};

#define BASE_FIRST 10u

uint64_t gen_bits(struct gen *g);
unsigned gen_below(struct gen *g, unsigned n);
bool gen_percent(struct gen *g, unsigned p);
uint64_t gen_float(struct gen *g);
void gen_packed(struct gen *g, uint8_t *at, unsigned n);
uint32_t gen_aim(struct gen *g);
/* An address-space number: mostly one that can be translated. */
uint16_t gen_asn(struct gen *g);
/* Page-table origin of a translation format, as in a segment-table entry. */
uint32_t gen_page_table(unsigned format);

/* Put bytes where a logical address will find them when the case begins. */
void gen_place(struct gen *g, uint32_t address, const uint8_t *bytes, unsigned n);
/* The same by real address, also in the tables; NULL: no patch is left. */
struct patch *gen_place_real(struct gen *g, uint32_t real, const uint8_t *bytes,
			     unsigned n);

/* generate_insn.c: the stream, when the state is there. */
void gen_stream(struct gen *g);

/* Where tables of the dual-address-space facility lie. */
#define ST_ENTRY_TABLE (ST_TABLES + 0xC00u) /* of linkage index 0: 16 entries */

#endif
