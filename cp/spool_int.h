/*
 * cp/spool_int.h - what the files of the spool share: spool_db.c (the database and the
 * rows of files), spool_write.c, spool_read.c (records of one file) and spool.c (queues).
 *
 * Functions that end in _locked, and those that take a statement, want the spool's lock.
 */
#ifndef CP_SPOOL_INT_H
#define CP_SPOOL_INT_H

#include <pthread.h>
#include <sqlite3.h>

#include "cp/spool.h"

struct spool {
	pthread_mutex_t lock; /* everything below, and the database connection */
	sqlite3 *db;
	uint8_t in_use[(SPOOL_ID_MAX + 8) / 8]; /* being read or written */
	unsigned last_id;
	struct spool_limits limits;
	void (*changed)(void *arg); /* set before other threads use the spool */
	void *changed_arg;
};

#define FILE_COLUMNS                                                          \
	"id, queue, owner, origin, class, type, records, copies, hold, created," \
	" name, ftype, dist, tag, flash, chars, fcb, modify, flash_count, at_once"

/* Say in err what the database says: ENOSPC when the disk is full, otherwise EIO. */
bool spool_fail(struct spool *sp, struct error *err, const char *doing);

/* ---- statements */

/* NULL: it cannot be; the steps with it then fail and say why. */
sqlite3_stmt *spool_prepare(struct spool *sp, const char *sql);
/* The one step of a statement that gives no row, and its end. */
bool spool_finish(sqlite3_stmt *st);
bool spool_execute(struct spool *sp, const char *sql);
void spool_bind_text(sqlite3_stmt *st, int parameter, const char *text);
void spool_column_text(sqlite3_stmt *st, int column, char *out, size_t size);

/* ---- files */

/* Is file id, 1 to SPOOL_ID_MAX, being read or written? */
bool spool_used(const struct spool *sp, unsigned id);
void spool_set_used(struct spool *sp, unsigned id, bool on);
/* A file of this queue may have become ready. Without the lock. */
void spool_tell_changed(struct spool *sp, enum spool_queue queue);
/* The row that a SELECT of FILE_COLUMNS has stepped to. */
void spool_get_file(sqlite3_stmt *st, struct spool_file *f);
/* A file that is complete. */
bool spool_find_locked(struct spool *sp, unsigned id, struct spool_file *file);
/* Replace its description; to_end: it goes to the end of its queue. */
bool spool_update_locked(struct spool *sp, const struct spool_file *f, bool to_end);
bool spool_delete_locked(struct spool *sp, unsigned id);

#endif
