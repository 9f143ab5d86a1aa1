/*
 * cp/spool.c - the queues of the spool, and what else is kept in its database.
 */
#include "cp/spool_int.h"

#include <errno.h>
#include <stdlib.h>

/*
 * The files are copied first, so that visit() may call the spool again.
 */
void spool_list(struct spool *sp, enum spool_queue queue, const char *owner,
		void (*visit)(void *arg, const struct spool_file *file, bool in_use),
		void *arg)
{
	struct spool_file *files = NULL;
	bool *busy = NULL;
	size_t n = 0, room = 0;
	sqlite3_stmt *st;

	pthread_mutex_lock(&sp->lock);
	st = spool_prepare(sp, "SELECT " FILE_COLUMNS " FROM file WHERE queue = ?"
			       " AND owner IS NOT NULL AND (?2 IS NULL OR owner = ?2)"
			       " ORDER BY place");
	sqlite3_bind_int(st, 1, queue);
	if (owner)
		sqlite3_bind_text(st, 2, owner, -1, SQLITE_TRANSIENT);
	while (st && sqlite3_step(st) == SQLITE_ROW) {
		if (n == room) {
			room = room ? 2 * room : 16;
			files = realloc(files, room * sizeof(*files));
			busy = realloc(busy, room * sizeof(*busy));
			if (!files || !busy)
				BUG("no memory for a list of spool files");
		}
		spool_get_file(st, &files[n]);
		busy[n] = files[n].id <= SPOOL_ID_MAX && spool_used(sp, files[n].id);
		n++;
	}
	sqlite3_finalize(st);
	pthread_mutex_unlock(&sp->lock);
	for (size_t i = 0; i < n; i++)
		visit(arg, &files[i], busy[i]);
	free(files);
	free(busy);
}

bool spool_find(struct spool *sp, unsigned id, struct spool_file *file, bool *in_use)
{
	bool found;

	if (id == 0 || id > SPOOL_ID_MAX)
		return false;
	pthread_mutex_lock(&sp->lock);
	found = spool_find_locked(sp, id, file);
	*in_use = spool_used(sp, id);
	pthread_mutex_unlock(&sp->lock);
	return found;
}

static bool usable_locked(struct spool *sp, unsigned id, struct error *err)
{
	if (id > 0 && id <= SPOOL_ID_MAX && !spool_used(sp, id))
		return true;
	error_set(err, EBUSY, "spool: file %u is in use", id);
	return false;
}

bool spool_purge(struct spool *sp, unsigned id, struct error *err)
{
	bool ok;

	pthread_mutex_lock(&sp->lock);
	ok = usable_locked(sp, id, err) &&
	     (spool_delete_locked(sp, id) || spool_fail(sp, err, "purge"));
	pthread_mutex_unlock(&sp->lock);
	return ok;
}

static bool change(struct spool *sp, const struct spool_file *file, bool to_end,
		   struct error *err)
{
	bool ok;

	pthread_mutex_lock(&sp->lock);
	ok = usable_locked(sp, file->id, err) &&
	     ((spool_execute(sp, "BEGIN") && spool_update_locked(sp, file, to_end) &&
	       spool_execute(sp, "COMMIT")) ||
	      spool_fail(sp, err, "change"));
	if (!ok)
		spool_execute(sp, "ROLLBACK");
	pthread_mutex_unlock(&sp->lock);
	if (ok)
		spool_tell_changed(sp, file->queue);
	return ok;
}

bool spool_change(struct spool *sp, const struct spool_file *file, struct error *err)
{
	return change(sp, file, false, err);
}

bool spool_move(struct spool *sp, const struct spool_file *file, struct error *err)
{
	return change(sp, file, true, err);
}

/* ---- ORDER */

struct slot {
	unsigned id;
	double place;
};

/* All files of owner in the queue, in queue order; SIZE_MAX: no memory or database. */
static size_t slots_locked(struct spool *sp, enum spool_queue queue, const char *owner,
			   struct slot **slots)
{
	sqlite3_stmt *st =
		spool_prepare(sp, "SELECT id, place FROM file WHERE queue = ?"
				  " AND owner IS NOT NULL AND (?2 IS NULL OR owner = ?2)"
				  " ORDER BY place");
	size_t n = 0, room = 0;

	*slots = NULL;
	sqlite3_bind_int(st, 1, queue);
	if (owner)
		spool_bind_text(st, 2, owner);
	while (st && sqlite3_step(st) == SQLITE_ROW) {
		if (n == room) {
			room = room ? 2 * room : 16;
			*slots = realloc(*slots, room * sizeof(**slots));
			if (!*slots)
				BUG("no memory for a list of spool files");
		}
		(*slots)[n].id = (unsigned)sqlite3_column_int(st, 0);
		(*slots)[n++].place = sqlite3_column_double(st, 1);
	}
	sqlite3_finalize(st);
	return n;
}

static bool listed(const unsigned *ids, size_t count, unsigned id)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static bool place_locked(struct spool *sp, unsigned id, double place)
{
	sqlite3_stmt *st = spool_prepare(sp, "UPDATE file SET place = ? WHERE id = ?");

	sqlite3_bind_double(st, 1, place);
	sqlite3_bind_int(st, 2, (int)id);
	return spool_finish(st);
}

/* The files share the places they had: ids first, then the others as they were. */
static bool reorder_locked(struct spool *sp, const struct slot *slots, size_t n,
			   const unsigned *ids, size_t count)
{
	size_t at = 0;
	bool ok = true;

	for (size_t i = 0; ok && i < count && at < n; i++)
		ok = place_locked(sp, ids[i], slots[at++].place);
	for (size_t i = 0; ok && i < n && at < n; i++)
		if (!listed(ids, count, slots[i].id))
			ok = place_locked(sp, slots[i].id, slots[at++].place);
	return ok;
}

bool spool_order(struct spool *sp, enum spool_queue queue, const char *owner,
		 const unsigned *ids, size_t count, struct error *err)
{
	struct slot *slots;
	size_t n;
	bool ok;

	pthread_mutex_lock(&sp->lock);
	n = slots_locked(sp, queue, owner, &slots);
	ok = spool_execute(sp, "BEGIN") && reorder_locked(sp, slots, n, ids, count) &&
	     spool_execute(sp, "COMMIT");
	if (!ok) {
		spool_fail(sp, err, "order");
		spool_execute(sp, "ROLLBACK");
	}
	pthread_mutex_unlock(&sp->lock);
	free(slots);
	return ok;
}

/* ---- HOLD and FREE */

static bool held_row_locked(struct spool *sp, enum spool_queue queue, const char *userid,
			    const char *sql)
{
	sqlite3_stmt *st = spool_prepare(sp, sql);

	spool_bind_text(st, 1, userid);
	sqlite3_bind_int(st, 2, queue);
	return spool_finish(st);
}

bool spool_hold_queue(struct spool *sp, enum spool_queue queue, const char *userid,
		      bool hold, struct error *err)
{
	bool ok;

	pthread_mutex_lock(&sp->lock);
	ok = spool_execute(sp, "BEGIN") &&
	     held_row_locked(sp, queue, userid,
			     hold ? "INSERT OR IGNORE INTO held VALUES (?, ?)"
				  : "DELETE FROM held WHERE userid = ? AND queue = ?") &&
	     held_row_locked(sp, queue, userid,
			     hold ? "UPDATE file SET hold = hold | 2 WHERE owner = ? AND "
				    "queue = ?"
				  : "UPDATE file SET hold = hold & 1 WHERE owner = ? AND "
				    "queue = ?") &&
	     spool_execute(sp, "COMMIT");
	if (!ok) {
		spool_fail(sp, err, "hold");
		spool_execute(sp, "ROLLBACK");
	}
	pthread_mutex_unlock(&sp->lock);
	if (ok)
		spool_tell_changed(sp, queue);
	return ok;
}

struct held_user {
	char userid[9];
	bool queues[SPOOL_QUEUES];
};

void spool_holds(struct spool *sp,
		 void (*visit)(void *arg, const char *userid, bool printer, bool punch),
		 void *arg)
{
	struct held_user *users = NULL;
	size_t n = 0;
	sqlite3_stmt *st;

	pthread_mutex_lock(&sp->lock);
	st = spool_prepare(sp, "SELECT userid, max(queue = 1), max(queue = 2) FROM held"
			       " GROUP BY userid ORDER BY userid");
	while (st && sqlite3_step(st) == SQLITE_ROW) {
		users = realloc(users, (n + 1) * sizeof(*users));
		if (!users)
			BUG("no memory for a list of users");
		spool_column_text(st, 0, users[n].userid, sizeof(users[n].userid));
		users[n].queues[SPOOL_PRT] = sqlite3_column_int(st, 1) != 0;
		users[n++].queues[SPOOL_PUN] = sqlite3_column_int(st, 2) != 0;
	}
	sqlite3_finalize(st);
	pthread_mutex_unlock(&sp->lock);
	for (size_t i = 0; i < n; i++)
		visit(arg, users[i].userid, users[i].queues[SPOOL_PRT],
		      users[i].queues[SPOOL_PUN]);
	free(users);
}

/* ---- settings */

bool spool_setting_put(struct spool *sp, const char *name, const char *text,
		       struct error *err)
{
	sqlite3_stmt *st;
	bool ok;

	pthread_mutex_lock(&sp->lock);
	st = spool_prepare(sp, "INSERT OR REPLACE INTO setting VALUES (?, ?)");
	spool_bind_text(st, 1, name);
	spool_bind_text(st, 2, text);
	ok = spool_finish(st) || spool_fail(sp, err, "setting");
	pthread_mutex_unlock(&sp->lock);
	return ok;
}

bool spool_setting_get(struct spool *sp, const char *name, char *text, size_t size)
{
	sqlite3_stmt *st;
	bool found;

	pthread_mutex_lock(&sp->lock);
	st = spool_prepare(sp, "SELECT text FROM setting WHERE name = ?");
	spool_bind_text(st, 1, name);
	found = st && sqlite3_step(st) == SQLITE_ROW;
	if (found)
		spool_column_text(st, 0, text, size);
	sqlite3_finalize(st);
	pthread_mutex_unlock(&sp->lock);
	return found;
}
