/*
 * cp/spool_write.c - making a spool file: its records, its close that survives a crash.
 */
#include "cp/spool_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"

#define SPOOL_CHUNK (64u << 10) /* bytes of records that go into one row */

struct spool_writer {
	struct spool *sp;
	unsigned id, records, seq;
	uint64_t bytes;
	size_t used;
	uint8_t chunk[SPOOL_CHUNK];
};

static bool id_taken_locked(struct spool *sp, unsigned id)
{
	sqlite3_stmt *st = spool_prepare(sp, "SELECT 1 FROM file WHERE id = ?");
	bool taken;

	sqlite3_bind_int(st, 1, (int)id);
	taken = sqlite3_step(st) == SQLITE_ROW;
	sqlite3_finalize(st);
	return taken;
}

/* Spool ids go up and come around, as VM/370's do. 0: all are taken. */
static unsigned next_id_locked(struct spool *sp)
{
	for (unsigned tries = 0; tries < SPOOL_ID_MAX; tries++) {
		sp->last_id = sp->last_id % SPOOL_ID_MAX + 1;
		if (!spool_used(sp, sp->last_id) && !id_taken_locked(sp, sp->last_id))
			return sp->last_id;
	}
	return 0;
}

struct spool_writer *spool_write_begin(struct spool *sp, struct error *err)
{
	struct spool_writer *w = malloc(sizeof(*w));
	sqlite3_stmt *st;
	bool ok;

	if (!w) {
		error_set(err, ENOMEM, "spool: no memory for a file");
		return NULL;
	}
	*w = (struct spool_writer){ .sp = sp };
	pthread_mutex_lock(&sp->lock);
	w->id = next_id_locked(sp);
	st = spool_prepare(sp, "INSERT INTO file (id) VALUES (?)");
	sqlite3_bind_int(st, 1, (int)w->id);
	ok = spool_finish(st) && w->id != 0;
	if (ok)
		spool_set_used(sp, w->id, true);
	else if (w->id == 0)
		error_set(err, ENOSPC, "spool: all %d spool ids are taken", SPOOL_ID_MAX);
	else
		spool_fail(sp, err, "new file");
	pthread_mutex_unlock(&sp->lock);
	if (ok)
		return w;
	free(w);
	return NULL;
}

bool spool_room(struct spool *sp, const char *userid, struct error *err)
{
	unsigned max = sp->limits.files, n = 0;
	sqlite3_stmt *st;

	if (!max)
		return true;
	pthread_mutex_lock(&sp->lock);
	st = spool_prepare(sp, "SELECT count(*) FROM file WHERE origin = ?");
	sqlite3_bind_text(st, 1, userid, -1, SQLITE_TRANSIENT);
	if (st && sqlite3_step(st) == SQLITE_ROW)
		n = (unsigned)sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	pthread_mutex_unlock(&sp->lock);
	if (n < max)
		return true;
	error_set(err, ENOSPC, "spool: %s has %u files, which is the limit", userid, n);
	return false;
}

static bool flush_chunk(struct spool_writer *w, struct error *err)
{
	struct spool *sp = w->sp;
	sqlite3_stmt *st;
	bool ok;

	if (w->used == 0)
		return true;
	pthread_mutex_lock(&sp->lock);
	st = spool_prepare(sp, "INSERT INTO chunk (id, seq, data) VALUES (?, ?, ?)");
	sqlite3_bind_int(st, 1, (int)w->id);
	sqlite3_bind_int(st, 2, (int)w->seq++);
	sqlite3_bind_blob(st, 3, w->chunk, (int)w->used, SQLITE_STATIC);
	ok = spool_finish(st) || spool_fail(sp, err, "write");
	pthread_mutex_unlock(&sp->lock);
	w->used = 0;
	return ok;
}

bool spool_write(struct spool_writer *w, uint8_t op, const uint8_t *record, size_t length,
		 struct error *err)
{
	if (length > SPOOL_RECORD_MAX)
		length = SPOOL_RECORD_MAX;
	if (w->sp->limits.file_bytes && w->bytes + length > w->sp->limits.file_bytes) {
		error_set(err, ENOSPC, "spool: a file may have %llu bytes",
			  (unsigned long long)w->sp->limits.file_bytes);
		return false;
	}
	if (w->used + 3 + length > SPOOL_CHUNK && !flush_chunk(w, err))
		return false;
	w->chunk[w->used] = op;
	put_be16(w->chunk + w->used + 1, (uint16_t)length);
	if (length)
		memcpy(w->chunk + w->used + 3, record, length);
	w->used += 3 + length;
	w->bytes += length;
	w->records++;
	return true;
}

static bool queue_held_locked(struct spool *sp, const char *userid,
			      enum spool_queue queue)
{
	sqlite3_stmt *st =
		spool_prepare(sp, "SELECT 1 FROM held WHERE userid = ? AND queue = ?");
	bool held;

	spool_bind_text(st, 1, userid);
	sqlite3_bind_int(st, 2, queue);
	held = st && sqlite3_step(st) == SQLITE_ROW;
	sqlite3_finalize(st);
	return held;
}

/* Do not return before the host's disk has it. */
static bool commit_durably_locked(struct spool *sp)
{
	bool ok;

	ok = spool_execute(sp, "COMMIT");
	spool_execute(sp, "PRAGMA synchronous=NORMAL");
	return ok;
}

static bool begin_durably_locked(struct spool *sp)
{
	return spool_execute(sp, "PRAGMA synchronous=FULL") &&
	       spool_execute(sp, "BEGIN IMMEDIATE");
}

bool spool_write_close(struct spool_writer *w, struct spool_file *file, struct error *err)
{
	struct spool *sp = w->sp;
	bool ok = flush_chunk(w, err);

	if (!ok) {
		spool_write_abandon(w);
		return false;
	}
	file->id = w->id;
	file->records = w->records;
	file->created = time(NULL);
	pthread_mutex_lock(&sp->lock);
	if (queue_held_locked(sp, file->owner, file->queue))
		file->hold |= SPOOL_SYS_HOLD;
	ok = begin_durably_locked(sp) && spool_update_locked(sp, file, true);
	if (!ok || !commit_durably_locked(sp)) {
		ok = spool_fail(sp, err, "close");
		spool_execute(sp, "ROLLBACK");
	}
	spool_set_used(sp, w->id, false);
	pthread_mutex_unlock(&sp->lock);
	free(w);
	if (ok)
		spool_tell_changed(sp, file->queue);
	return ok;
}

void spool_write_abandon(struct spool_writer *w)
{
	struct spool *sp;

	if (!w)
		return;
	sp = w->sp;
	pthread_mutex_lock(&sp->lock);
	(void)spool_delete_locked(sp, w->id); /* if it fails, the next start removes it */
	spool_set_used(sp, w->id, false);
	pthread_mutex_unlock(&sp->lock);
	free(w);
}

bool spool_deck(struct spool *sp, const char *owner, const char *dist, const char *name,
		const char *type, char class, const uint8_t *cards, size_t count,
		struct spool_file *file, struct error *err)
{
	struct spool_writer *w = spool_write_begin(sp, err);

	if (!w)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!spool_write(w, 0, cards + i * 80, 80, err)) {
			spool_write_abandon(w);
			return false;
		}
	*file = (struct spool_file){
		.queue = SPOOL_RDR, .class = class, .type = "RDR", .copies = 1
	};
	snprintf(file->owner, sizeof(file->owner), "%s", owner);
	snprintf(file->origin, sizeof(file->origin), "%s", owner);
	snprintf(file->dist, sizeof(file->dist), "%s", dist);
	snprintf(file->name, sizeof(file->name), "%s", name);
	snprintf(file->ftype, sizeof(file->ftype), "%s", type);
	return spool_write_close(w, file, err);
}
