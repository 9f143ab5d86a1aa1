/*
 * tests/differential/shrink.h - make a case that shows a difference as small as
 * it can be while it still shows one.
 */
#ifndef DIFFERENTIAL_SHRINK_H
#define DIFFERENTIAL_SHRINK_H

#include "tests/differential/batch.h"

/* c becomes the smallest case found, cmp its comparison. */
void shrink(struct pair *p, struct test_case *c, struct comparison *cmp);

#endif
