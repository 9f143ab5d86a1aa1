/*
 * tests/differential/coverage.h - what the cases of a run made the CPU do: for each
 * row of cpu370/opcodes.h, how often.
 */
#ifndef DIFFERENTIAL_COVERAGE_H
#define DIFFERENTIAL_COVERAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/differential/case.h"

#define COVERAGE_ROWS  400
#define COVERAGE_CODES 256 /* program-interruption codes, PER among them */

struct coverage {
	uint64_t executed[COVERAGE_ROWS]; /* index of opcode_rows[] */
	uint64_t completed[COVERAGE_ROWS];
	uint64_t under_ex[COVERAGE_ROWS];
	uint64_t cc[COVERAGE_ROWS][4]; /* after it was completed */
	uint32_t codes[COVERAGE_ROWS][COVERAGE_CODES];
	uint64_t undefined; /* operation codes of no row */
	uint64_t program[COVERAGE_CODES];
	uint64_t external[5]; /* timer or key, 1201, 1202, 1004, 1005 */
	uint64_t class[6];
	uint64_t modes[8]; /* cases: COVERAGE_ modes */
};

enum {
	MODE_BC,
	MODE_EC,
	MODE_DAT,
	MODE_SECONDARY,
	MODE_PER,
	MODE_PROBLEM,
	MODE_KEY_0,
	MODE_LOW_PROTECTION
};

/* One instruction: its row (-1: none), how it ended (0: completed) and the cc after. */
void coverage_insn(struct coverage *v, int row, bool under_ex, unsigned code,
		   bool completed, unsigned cc);
/* A case with its result. */
void coverage_case(struct coverage *v, const struct test_case *c, const uint8_t *result);
void coverage_add(struct coverage *v, const struct coverage *more);

/*
 * Print the table; returns how many rows neither appear nor are left out with a
 * reason (generate_left_out()).
 */
unsigned coverage_print(const struct coverage *v);

#endif
