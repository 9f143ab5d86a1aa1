/*
 * tests/differential/batch.h - many cases in one image, on both emulators.
 */
#ifndef DIFFERENTIAL_BATCH_H
#define DIFFERENTIAL_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/differential/case.h"
#include "tests/differential/emulator.h"
#include "tests/differential/rehearse.h"

struct pair {
	struct emulator *theirs, *ours;
	struct rehearsal *rehearsal;
	uint8_t window[WINDOW_SIZE]; /* the template */
	bool no_float;
	unsigned asked; /* endless cases that Hercules was asked about */
	bool verbose;
};

enum verdict {
	SAME,
	KNOWN, /* differs only as docs/differences.md says */
	DIFFERENT,
	ENDLESS,  /* neither came to an end: not compared */
	DERAILED, /* one came to an end, the other not */
};

struct comparison {
	uint32_t stray;	  /* not 0: only storage elsewhere differs, first there */
	bool unjustified; /* an access exception of s370 that model.c does not find */
	enum verdict verdict;
	unsigned known; /* rules of the list of known differences that apply, bit n */
	bool has_results;
	uint8_t theirs[RESULT_MAX], ours[RESULT_MAX]; /* as the guest wrote them */
	size_t theirs_length, ours_length;
};

/*
 * Run count <= BATCH_CASES cases and call judge for each. facts: what rehearse() found
 * of each. false: an emulator cannot be used at all.
 */
bool batch_run(struct pair *p, const struct test_case *cases, const struct facts *facts,
	       unsigned count,
	       void (*judge)(void *arg, unsigned n, const struct comparison *cmp),
	       void *arg);

/* Which fields of the results differ, a set of bits. */
unsigned comparison_fields(const struct comparison *cmp);

/* Print what differs. */
void comparison_print(const struct comparison *cmp);

/* compare.c: the window as it is before each case, for all comparisons to come. */
void compare_template(const uint8_t *window);
/* Fill in verdict and known from the results. */
void compare(const struct facts *f, struct comparison *cmp);
/* The list of known differences: its text, NULL behind the last. */
const char *known_difference(unsigned n);

#endif
