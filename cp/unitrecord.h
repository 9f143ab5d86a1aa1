/*
 * cp/unitrecord.h - spooled readers, punches and printers: the cards of a
 * virtual device come from and go to spool files.
 *
 * Threads: the machine's thread reads and writes records, the CP thread changes
 * options and closes files; the unit's lock is between them.
 */
#ifndef CP_UNITRECORD_H
#define CP_UNITRECORD_H

#include <pthread.h>
#include <stdbool.h>

#include "cp/spool.h"
#include "devices/cards.h"

/* SPOOL options. Hold the lock to change or read them. */
struct unitrecord_options {
	char class;        /* '*': a reader takes all */
	bool cont, hold;
	bool eof;          /* reader: unit exception behind the last card */
	unsigned copies;
	bool at_once;      /* COPY *nn */
	char to[9];        /* goes to this user's reader; "" not */
	char owner[9];     /* FOR: whose file it becomes */
	char dist[9];
	char tag[137];     /* TAG DEV */
	char flash[5], chars[5], fcb[5], modify[5]; /* 3800; "" none */
	unsigned flash_count;
	bool started;      /* console: START; its lines are spooled */
	bool no_term;      /* console: NOTERM; they are not shown meanwhile */
};

struct unitrecord {
	struct card_source source;
	struct card_sink sink;
	pthread_mutex_t lock; /* everything below */
	struct spool *spool;
	enum spool_queue queue;
	const char *type;     /* of its files: "RDR", "PUN", "PRT", "CON" */
	uint16_t vaddr;
	char userid[9];
	struct unitrecord_options opt;
	struct spool_reader *reader;
	struct spool_writer *writer;
	unsigned closed;      /* files closed so far, for tests and QUERY */
	bool by_diagnose;     /* the reader's file was opened by DIAGNOSE X'14' */
	unsigned buffer;      /* ... which reads this buffer next */
	unsigned described;   /* the file that it told of last; 0 none */
	uint64_t records;     /* read or written so far, for accounting */
	/*
	 * Called without the lock when a limit has closed the file, or (purged) when
	 * the spool failed and it is lost.
	 */
	void (*full)(void *arg, const struct unitrecord *ur, bool purged);
	void *full_arg;
};

struct unitrecord *unitrecord_new(struct spool *spool, enum spool_queue queue,
				  const char *userid, char class, const char *dist);
/* The log of a console: files of type CON in the printer queue. */
struct unitrecord *unitrecord_new_console(struct spool *spool, const char *userid, char class,
					  const char *dist);
void unitrecord_free(struct unitrecord *ur);

/*
 * Close the open file, if there is one. Output: it becomes a spool file (file is
 * its description, opened true) or, purge, is thrown away. Reader: the file is
 * erased, or kept with keep. False with err if the spool failed.
 */
enum unitrecord_hold { CLOSE_AS_SPOOLED, CLOSE_HOLD, CLOSE_NOHOLD };
struct unitrecord_close {
	bool purge, keep;
	enum unitrecord_hold hold;
	char name[25], ftype[9];
	char dist[9];           /* "" the device's */
	bool closed;            /* result: there was an open file */
	struct spool_file file; /* result */
};
MUST_USE bool unitrecord_close(struct unitrecord *ur, struct unitrecord_close *how,
			       struct error *err);

/*
 * A reader has come to the end of a file that CONT joins to the next one. With HOLD it
 * goes into user hold, so that it is not read twice; otherwise it is erased.
 */
void unitrecord_done_locked(struct unitrecord *ur);

/* System reset: the file a reader was in begins again. */
void unitrecord_rewind(struct unitrecord *ur);

#endif
