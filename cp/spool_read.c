/*
 * cp/spool_read.c - reading a spool file: which one is next, and its records.
 */
#include "cp/spool_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

struct spool_reader {
	struct spool *sp;
	struct spool_file file;
	unsigned seq;
	uint8_t *chunk;
	size_t length, at;
};

/* The next file of a queue that is not held or in use. owner NULL: any. */
static bool next_file_locked(struct spool *sp, enum spool_queue queue, const char *owner,
			     char class, struct spool_file *f)
{
	sqlite3_stmt *st =
		spool_prepare(sp, "SELECT " FILE_COLUMNS
				  " FROM file WHERE queue = ? AND owner IS NOT NULL"
				  " AND (?2 IS NULL OR owner = ?2)"
				  " AND hold = 0 ORDER BY place");
	bool found = false;

	sqlite3_bind_int(st, 1, queue);
	if (owner)
		spool_bind_text(st, 2, owner);
	while (!found && st && sqlite3_step(st) == SQLITE_ROW) {
		spool_get_file(st, f);
		found = f->id <= SPOOL_ID_MAX && !spool_used(sp, f->id) &&
			(class == '*' || f->class == class);
	}
	sqlite3_finalize(st);
	return found;
}

static struct spool_reader *reader_new(struct spool *sp, struct error *err)
{
	struct spool_reader *r = calloc(1, sizeof(*r));

	if (err)
		err->text[0] = '\0';
	if (!r) {
		error_set(err, ENOMEM, "spool: no memory for a file");
		return NULL;
	}
	r->sp = sp;
	return r;
}

/* The next file of a queue that is of one of these classes, the first class first. */
static struct spool_reader *open_first(struct spool *sp, enum spool_queue queue,
				       const char *owner, const char *classes,
				       struct error *err)
{
	struct spool_reader *r = reader_new(sp, err);
	bool found = false;

	if (!r)
		return NULL;
	pthread_mutex_lock(&sp->lock);
	for (; *classes && !found; classes++)
		found = next_file_locked(sp, queue, owner, *classes, &r->file);
	if (found)
		spool_set_used(sp, r->file.id, true);
	pthread_mutex_unlock(&sp->lock);
	if (found)
		return r;
	free(r);
	return NULL;
}

struct spool_reader *spool_read_next(struct spool *sp, const char *owner, char class,
				     struct error *err)
{
	const char classes[] = { class, '\0' };

	return open_first(sp, SPOOL_RDR, owner, classes, err);
}

struct spool_reader *spool_read_output(struct spool *sp, enum spool_queue queue,
				       const char *classes, struct error *err)
{
	return open_first(sp, queue, NULL, classes, err);
}

struct spool_reader *spool_read_open(struct spool *sp, unsigned id, struct error *err)
{
	struct spool_reader *r = reader_new(sp, err);
	bool found;

	if (!r)
		return NULL;
	pthread_mutex_lock(&sp->lock);
	found = id > 0 && id <= SPOOL_ID_MAX && !spool_used(sp, id) &&
		spool_find_locked(sp, id, &r->file);
	if (found)
		spool_set_used(sp, id, true);
	pthread_mutex_unlock(&sp->lock);
	if (found)
		return r;
	error_set(err, ENOENT, "spool: file %u is not there or in use", id);
	free(r);
	return NULL;
}

const struct spool_file *spool_reader_file(const struct spool_reader *r)
{
	return &r->file;
}

void spool_read_rewind(struct spool_reader *r)
{
	free(r->chunk);
	r->chunk = NULL;
	r->length = r->at = 0;
	r->seq = 0;
}

bool spool_reader_change(struct spool_reader *r, const struct spool_file *file,
			 struct error *err)
{
	struct spool *sp = r->sp;
	bool ok;

	pthread_mutex_lock(&sp->lock);
	ok = spool_update_locked(sp, file, false) || spool_fail(sp, err, "change");
	pthread_mutex_unlock(&sp->lock);
	if (ok)
		r->file = *file;
	return ok;
}

static bool next_chunk(struct spool_reader *r)
{
	struct spool *sp = r->sp;
	sqlite3_stmt *st;

	free(r->chunk);
	r->chunk = NULL;
	r->length = r->at = 0;
	pthread_mutex_lock(&sp->lock);
	st = spool_prepare(sp, "SELECT data FROM chunk WHERE id = ? AND seq = ?");
	sqlite3_bind_int(st, 1, (int)r->file.id);
	sqlite3_bind_int(st, 2, (int)r->seq);
	if (st && sqlite3_step(st) == SQLITE_ROW) {
		r->length = (size_t)sqlite3_column_bytes(st, 0);
		r->chunk = malloc(r->length + 1);
		if (r->chunk)
			memcpy(r->chunk, sqlite3_column_blob(st, 0), r->length);
		r->seq++;
	}
	sqlite3_finalize(st);
	pthread_mutex_unlock(&sp->lock);
	return r->chunk != NULL;
}

bool spool_read(struct spool_reader *r, uint8_t *record, size_t *length, uint8_t *op)
{
	size_t n;

	if (r->at + 3 > r->length && !next_chunk(r))
		return false;
	if (r->at + 3 > r->length)
		return false;
	n = be16(r->chunk + r->at + 1);
	/* A damaged database must not lead outside the chunk. */
	if (n > SPOOL_RECORD_MAX || r->at + 3 + n > r->length)
		return false;
	*op = r->chunk[r->at];
	*length = n;
	memcpy(record, r->chunk + r->at + 3, n);
	r->at += 3 + n;
	return true;
}

void spool_read_close(struct spool_reader *r, bool erase)
{
	struct spool *sp;

	if (!r)
		return;
	sp = r->sp;
	pthread_mutex_lock(&sp->lock);
	if (erase)
		(void)spool_delete_locked(sp, r->file.id);
	spool_set_used(sp, r->file.id, false);
	pthread_mutex_unlock(&sp->lock);
	if (!erase)
		spool_tell_changed(sp, r->file.queue);
	free(r->chunk);
	free(r);
}
