/*
 * cp/output_int.h - what output.c (the devices and their threads) and output_copy.c
 * (one copy of one file) share.
 */
#ifndef CP_OUTPUT_INT_H
#define CP_OUTPUT_INT_H

#include <pthread.h>

#include "cp/output.h"

struct output_device {
	struct output *output;
	uint16_t raddr;
	enum spool_queue queue;
	pthread_t thread;
	bool has_thread;
	/* The rest under the output's lock. */
	char classes[5]; /* up to four, '*' is any */
	bool separator;
	bool drained, draining;
	bool active;              /* a file is being written */
	bool waiting;             /* ... and the host did not take it */
	struct spool_file file;   /* the active one */
	unsigned copies;          /* of it that are left, this one included */
	/* What the operator wants of the active file: */
	bool retry, flush, flush_all, hold, single_space, backspace, from_end;
	int pages;                /* of backspace; -1 the file */
};

struct output {
	struct cp *cp;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	unsigned changes; /* counts changed() */
	struct output_device devices[3];
};

static inline void output_lock(struct output_device *d)
{
	pthread_mutex_lock(&d->output->lock);
}

static inline void output_unlock(struct output_device *d)
{
	pthread_mutex_unlock(&d->output->lock);
}

enum copy_result {
	COPY_DONE,
	COPY_FLUSHED, /* by the operator: what was written is a file, too */
	COPY_AGAIN,   /* BACKSPAC FILE: nothing was made */
	COPY_TROUBLE, /* the host did not take it */
	COPY_STOPPED, /* CP ends */
};

/*
 * Write one copy of the active file, which r reads, to the host: on the device's
 * thread, without the lock. first: the separator goes before it. COPY_TROUBLE with err.
 */
enum copy_result output_write_copy(struct output_device *d, struct spool_reader *r,
				   bool first, struct error *err);

#endif
