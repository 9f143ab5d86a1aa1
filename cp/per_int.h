/*
 * cp/per_int.h - what per.c (the sets) and per_event.c (the events) share.
 */
#ifndef CP_PER_INT_H
#define CP_PER_INT_H

#include <pthread.h>

#include "cp/per.h"
#include "cp/perline.h"

/* A saved set. */
struct set {
	struct set *next;
	char name[PER_NAME_MAX + 1];
	struct per_element *elements;
};

struct per {
	struct set *saved;            /* CP thread */
	pthread_mutex_t lock;         /* everything below; the elements too */
	struct per_element *current;
	uint32_t expected;            /* behind the last instruction shown */
	bool showing;                 /* there was one */
	struct per_taken taken[PER_TRACEBACK]; /* the latest is the last */
	unsigned taken_count;
};

#endif
