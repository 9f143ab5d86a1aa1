/*
 * tests/differential/shrink.h - make a case that shows a difference as small as
 * it can be while it still shows one.
 */
#ifndef DIFFERENTIAL_SHRINK_H
#define DIFFERENTIAL_SHRINK_H

#include "tests/differential/batch.h"

/* c becomes the smallest case found, cmp its comparison (SAME: not alone). */
void shrink(struct pair *p, struct test_case *c, struct comparison *cmp);

/*
 * For a case that is different only behind others: cases[0 ... n] are what ran, the
 * last is the one. Leaves the shortest sequence of them that shows it, the last one
 * last; returns its length, 0: it does not show again.
 */
unsigned shrink_sequence(struct pair *p, struct test_case *cases, unsigned n,
			 struct comparison *cmp);

#endif
