/*
 * tests/differential/rehearse.h - a case on a CPU in this process, before it runs on
 * the two emulators.
 *
 * Cases that would disturb the ones behind them in a batch are found this way: those
 * that do not come to an end, and those that store, set keys or look at reference
 * bits outside the window. And it is known instruction by instruction what a case
 * executes: that is what --coverage counts.
 */
#ifndef DIFFERENTIAL_REHEARSE_H
#define DIFFERENTIAL_REHEARSE_H

#include "tests/differential/case.h"
#include "tests/differential/coverage.h"
#include "tests/differential/model.h"

struct rehearsal;

enum rehearsed {
	REHEARSED_GOOD,
	REHEARSED_ENDLESS,   /* STEPS_MAX instructions and no end */
	REHEARSED_OUTSIDE,   /* it reaches outside the window */
	REHEARSED_UNDEFINED, /* the manual leaves a result open (see undefined()) */
	REHEARSED_KINDS
};

/* What is known of a case; the rules of compare.c build on it. */
struct facts {
	unsigned executed; /* instructions, EX and its target two of them */
	uint8_t last[6];   /* what ran last, the target of an EX with R1's bits in it */
	bool under_ex;
	uint32_t ia;		 /* logical address of it, or of the EX */
	struct model before;	 /* registers and PSW before it; no storage */
	struct exceptions fetch; /* of fetching it, or the EX */
	struct exceptions
		operands; /* of its operands, and of fetching the target of EX */
	struct piece {
		uint32_t at, length;
	} first[2];	       /* the first operand, absolute */
	bool clock_read;       /* by STCK or STPT */
	struct piece clock[2]; /* and where it went */
	bool keys_set,
		control_loaded; /* SSK and its kin, LCTL and its kin were executed */
	/* window blocks whose marks the manual leaves to the model, bit n for block n */
	uint16_t table_reference; /* DAT and ASN translation read tables there */
	uint16_t mask_reference;  /* CLM, STCM with mask 0 */
	uint16_t mask_change;
	uint16_t code_reference;  /* code that ran behind SSK, RRB */
	uint16_t reset_reference; /* RRB, RRBE: reset in this case */
	uint16_t key_set;	  /* SSK, SSKE */
	uint16_t rrb_sibling;	  /* other halves of 4K blocks that RRB named */
	uint16_t last_marks;	  /* operands of the last instruction */
	bool unjustified;	  /* an access exception that model.c does not find */
};

/* window: the template. NULL: no memory. */
struct rehearsal *rehearsal_new(const uint8_t window[WINDOW_SIZE], bool floats);
void rehearsal_free(struct rehearsal *r);

/* Run c; coverage (may be NULL) is added to if the result is REHEARSED_GOOD. */
enum rehearsed rehearse(struct rehearsal *r, const struct test_case *c,
			struct facts *facts, struct coverage *coverage);

#endif
