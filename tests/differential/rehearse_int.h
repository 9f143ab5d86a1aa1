/*
 * tests/differential/rehearse_int.h - what the files of the rehearsal share: rehearse.c
 * (the steps of a case), rehearse_facts.c (what is noted of them), rehearse_undefined.c
 * and rehearse_hercules.c (which of them are not taken).
 *
 * code: six bytes of an instruction, of EX those of its target with R1's bits in it;
 * ex: those of the EX, or NULL. The model is that of the moment before the step.
 */
#ifndef DIFFERENTIAL_REHEARSE_INT_H
#define DIFFERENTIAL_REHEARSE_INT_H

#include "cpu370/cpu.h"
#include "tests/differential/generate.h"
#include "tests/differential/rehearse.h"

#define STEPS_MAX  400 /* instructions of a case */
#define TABLE_PAGE (3u << (WINDOW_DATA / BLOCK)) /* both blocks */

/* What one step did, kept until it is known that the case counts. */
struct seen {
	int row;
	bool under_ex, completed;
	uint8_t code, cc;
};

struct rehearsal {
	struct seen seen[2 * STEPS_MAX];
	unsigned seen_count;
	struct facts *facts;
	struct model model;
	struct storage *st;
	struct cpu370 *cpu;
	struct manual_clock clock;
	struct supervisor where;
	const uint8_t *window;
	uint8_t *image;
	int16_t row[65536]; /* of opcode_rows[], by the first two bytes; -1: none */
	bool left_out[COVERAGE_ROWS];
	bool clean; /* storage outside the window is as in the image */
};

/* ---- rehearse_facts.c */

/* The step adds to the facts. */
void gather_facts(struct rehearsal *r, const uint8_t *code, const uint8_t *ex);
/* Which of these blocks of storage are of the window, bit n for its block n. */
uint16_t window_bits(const uint32_t *blocks, unsigned count);
/* RRB, ISK ...: which window block the instruction names; -1: none. */
int key_block(struct rehearsal *r, const uint8_t *code);
/* SSK, SSKE set the key anew. */
bool sets_key(const uint8_t *code);
/* IPTE: where the page-table entry is. */
uint32_t ipte_entry(const struct model *m, const uint8_t *code);

/* ---- rehearse_undefined.c */

/*
 * Does the manual leave the result of an instruction open, or does Hercules lose its
 * way in it? Such cases are not run: nothing can be compared.
 */
bool is_undefined(struct rehearsal *r, const uint8_t *code, const uint8_t *ex);
/* Would something outlive the case: a prefix, a pending interruption, I/O? */
bool outlives(struct rehearsal *r, const uint8_t *code);
/* Secondary-space mode: instructions come from either space. Are both alike at ia? */
bool spaces_differ(struct rehearsal *r, uint32_t ia);
/* Is in [at, at + n) what is not the same from emulator, or batch, to the other? */
bool is_private(uint32_t at, uint32_t n);

/* ---- rehearse_hercules.c */

/* Where Hercules is wrong in a way that nothing can be compared behind it. */
bool hercules_fails(const struct model *m, const uint8_t *code);

#endif
