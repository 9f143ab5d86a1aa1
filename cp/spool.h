/*
 * cp/spool.h - spool files: closed readers', printers' and punches' data, kept
 * in an SQLite database so that what CP called closed survives a crash.
 *
 * GC20-1820, "VM/370 CP Command Reference", on spooling. A file is a sequence
 * of records, each with the CCW op code that wrote it, and a description.
 *
 * Threads: any; the spool has a lock of its own. It may do host I/O.
 */
#ifndef CP_SPOOL_H
#define CP_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define SPOOL_ID_MAX 9900
#define SPOOL_RECORD_MAX 256

struct spool;

enum spool_queue { SPOOL_RDR, SPOOL_PRT, SPOOL_PUN, SPOOL_QUEUES };
extern const char *const spool_queue_name[SPOOL_QUEUES]; /* "RDR", "PRT", "PUN" */

enum spool_hold { SPOOL_USER_HOLD = 1, SPOOL_SYS_HOLD = 2 };

struct spool_file {
	unsigned id;            /* 1 to SPOOL_ID_MAX */
	enum spool_queue queue;
	char owner[9], origin[9];
	char class;
	char type[4];           /* what wrote it: "RDR", "PRT", "PUN", "CON" */
	unsigned records, copies;
	unsigned hold;          /* enum spool_hold */
	int64_t created;        /* seconds since 1970 */
	char name[25], ftype[9], dist[9];
	char tag[137];
	/* 3800 printers; kept and shown, no printer of ours uses them. "" none */
	char flash[5], chars[5], fcb[5], modify[5];
	unsigned flash_count;
	bool at_once;           /* COPY *nn: the printer itself makes the copies */
};

struct spool *spool_open(const char *path, struct error *err);
/* For a look only: nothing is made, mended or removed, and others may write. */
struct spool *spool_open_read_only(const char *path, struct error *err);
void spool_close(struct spool *sp);

/* What one user may have; 0: no limit. Set before the first file is made. */
struct spool_limits {
	unsigned files;      /* made by him and still there, in all queues */
	uint64_t file_bytes; /* data of one file */
};
void spool_set_limits(struct spool *sp, const struct spool_limits *limits);
/*
 * Have changed(arg) called, on the thread that caused it and without the
 * spool's lock, when an output file has come or may have become ready.
 */
void spool_listen(struct spool *sp, void (*changed)(void *arg), void *arg);

/* ---- writing: a file being made is invisible until it is closed */

struct spool_writer;
struct spool_writer *spool_write_begin(struct spool *sp, struct error *err);
/* May this user make one more file? False with err (ENOSPC). */
MUST_USE bool spool_room(struct spool *sp, const char *userid, struct error *err);
/* False with ENOSPC: the file has reached its limit; it can still be closed. */
MUST_USE bool spool_write(struct spool_writer *w, uint8_t op, const uint8_t *record,
			  size_t length, struct error *err);
/*
 * Close it: file's id, records and created are filled in, and the system hold if
 * the owner's queue is held. When this has returned true the file survives a
 * crash, also of the host. w is gone either way.
 */
MUST_USE bool spool_write_close(struct spool_writer *w, struct spool_file *file,
				struct error *err);
void spool_write_abandon(struct spool_writer *w);

/*
 * A whole deck of count 80-byte cards into owner's reader, class A, as a card
 * reader of the system would do it. file is its description.
 */
MUST_USE bool spool_deck(struct spool *sp, const char *owner, const char *dist,
			 const char *name, const char *type, char class,
			 const uint8_t *cards, size_t count, struct spool_file *file,
			 struct error *err);

/* ---- reading: one file, whole, while it is marked in use */

struct spool_reader;
/*
 * Open the next file of owner's reader with that class ('*' any) that is not
 * held or in use. NULL without an error text: there is none.
 */
struct spool_reader *spool_read_next(struct spool *sp, const char *owner, char class,
				     struct error *err);
/* Open that file, whatever its queue and hold; NULL with err if it is in use. */
struct spool_reader *spool_read_open(struct spool *sp, unsigned id, struct error *err);
/*
 * Open the next file for a real printer or punch that takes these classes, in
 * the order of classes, then of the queue. NULL without an error text: none.
 */
struct spool_reader *spool_read_output(struct spool *sp, enum spool_queue queue,
				       const char *classes, struct error *err);
const struct spool_file *spool_reader_file(const struct spool_reader *r);
/* Go back to the first record. */
void spool_read_rewind(struct spool_reader *r);
/* Replace the description of the file that is being read (copies, hold). */
MUST_USE bool spool_reader_change(struct spool_reader *r, const struct spool_file *file,
				  struct error *err);
/* The next record; false at the end. */
bool spool_read(struct spool_reader *r, uint8_t *record, size_t *length, uint8_t *op);
/* Give it back; erase: the file is removed (it was read to its end). */
void spool_read_close(struct spool_reader *r, bool erase);

/* ---- queues */

/* Call visit for each file of a queue (owner NULL: everybody's) in queue order. */
void spool_list(struct spool *sp, enum spool_queue queue, const char *owner,
		void (*visit)(void *arg, const struct spool_file *file, bool in_use),
		void *arg);
MUST_USE bool spool_find(struct spool *sp, unsigned id, struct spool_file *file,
			 bool *in_use);
/* Remove a file that is not in use. */
MUST_USE bool spool_purge(struct spool *sp, unsigned id, struct error *err);
/* Replace the description (owner, class, hold...) of a file not in use. */
MUST_USE bool spool_change(struct spool *sp, const struct spool_file *file,
			   struct error *err);
/* The same, and it goes to the end of its (new) queue: TRANSFER. */
MUST_USE bool spool_move(struct spool *sp, const struct spool_file *file,
			 struct error *err);
/*
 * ORDER: these files, in this order, come before the other ones of owner (NULL:
 * of everybody) in the queue. Other users' files keep their places.
 */
MUST_USE bool spool_order(struct spool *sp, enum spool_queue queue, const char *owner,
			  const unsigned *ids, size_t count, struct error *err);

/* ---- HOLD and FREE: queues of a user that are held, also for files to come */

/* Hold or free; the files that are there get or lose the system hold. */
MUST_USE bool spool_hold_queue(struct spool *sp, enum spool_queue queue,
			       const char *userid, bool hold, struct error *err);
/* Call visit for each user who has held queues. */
void spool_holds(struct spool *sp,
		 void (*visit)(void *arg, const char *userid, bool printer, bool punch),
		 void *arg);

/* ---- what else has to survive: short texts under a name */

MUST_USE bool spool_setting_put(struct spool *sp, const char *name, const char *text,
				struct error *err);
/* False: there is none. */
bool spool_setting_get(struct spool *sp, const char *name, char *text, size_t size);

#endif
