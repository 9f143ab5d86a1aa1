/*
 * cp/spool_db.c - the database of the spool: its tables, small statements, and the
 * rows that describe files.
 */
#include "cp/spool_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

const char *const spool_queue_name[SPOOL_QUEUES] = { "RDR", "PRT", "PUN" };

/*
 * A record in a chunk is op (1 byte), length (2) and the data. A file without
 * an owner is being written; the rows that a crash leaves are removed at start.
 */
static const char schema[] =
	"PRAGMA journal_mode=WAL;"
	"PRAGMA synchronous=NORMAL;"
	"PRAGMA foreign_keys=ON;"
	"CREATE TABLE IF NOT EXISTS file ("
	" id INTEGER PRIMARY KEY, queue INTEGER, owner TEXT, origin TEXT, class TEXT,"
	" type TEXT, records INTEGER, copies INTEGER, hold INTEGER, created INTEGER,"
	" name TEXT, ftype TEXT, dist TEXT, tag TEXT, place REAL);"
	"CREATE TABLE IF NOT EXISTS chunk ("
	" id INTEGER REFERENCES file ON DELETE CASCADE, seq INTEGER, data BLOB,"
	" PRIMARY KEY (id, seq)) WITHOUT ROWID;"
	"CREATE INDEX IF NOT EXISTS file_queue ON file (queue, owner, place);"
	"CREATE TABLE IF NOT EXISTS held ("
	" userid TEXT, queue INTEGER, PRIMARY KEY (userid, queue)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, text TEXT) WITHOUT ROWID;"
	"DELETE FROM file WHERE owner IS NULL;";

/* What version 1 added, also to a spool that an older program made. */
static const char schema_1[] =
	"BEGIN;"
	"ALTER TABLE file ADD COLUMN flash TEXT;"
	"ALTER TABLE file ADD COLUMN chars TEXT;"
	"ALTER TABLE file ADD COLUMN fcb TEXT;"
	"ALTER TABLE file ADD COLUMN modify TEXT;"
	"ALTER TABLE file ADD COLUMN flash_count INTEGER;"
	"ALTER TABLE file ADD COLUMN at_once INTEGER;"
	"CREATE INDEX file_origin ON file (origin);"
	"PRAGMA user_version=1;"
	"COMMIT;";

bool spool_fail(struct spool *sp, struct error *err, const char *doing)
{
	error_set(err, sqlite3_errcode(sp->db) == SQLITE_FULL ? ENOSPC : EIO,
		  "spool: %s: %s", doing, sqlite3_errmsg(sp->db));
	return false;
}

/* ---- small statements: up to one integer or text parameter each */

sqlite3_stmt *spool_prepare(struct spool *sp, const char *sql)
{
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(sp->db, sql, -1, &st, NULL) != SQLITE_OK)
		return NULL;
	return st;
}

bool spool_finish(sqlite3_stmt *st)
{
	int rc = st ? sqlite3_step(st) : SQLITE_ERROR;

	sqlite3_finalize(st);
	return rc == SQLITE_DONE;
}

static int64_t number(struct spool *sp, const char *sql)
{
	sqlite3_stmt *st = spool_prepare(sp, sql);
	int64_t n =
		st && sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;

	sqlite3_finalize(st);
	return n;
}

bool spool_execute(struct spool *sp, const char *sql)
{
	return sqlite3_exec(sp->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* Open the database and have ready() look at it. */
static struct spool *open_database(const char *path, int flags,
				   bool (*ready)(struct spool *sp), struct error *err)
{
	struct spool *sp = calloc(1, sizeof(*sp));

	if (!sp) {
		error_set(err, ENOMEM, "spool: no memory");
		return NULL;
	}
	pthread_mutex_init(&sp->lock, NULL);
	if (sqlite3_open_v2(path, &sp->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
	    !ready(sp)) {
		error_set(err, EIO, "%s: %s", path, sqlite3_errmsg(sp->db));
		spool_close(sp);
		return NULL;
	}
	return sp;
}

static bool is_current(struct spool *sp)
{
	return number(sp, "PRAGMA user_version") >= 1;
}

static bool make_current(struct spool *sp)
{
	return spool_execute(sp, schema) &&
	       (is_current(sp) || spool_execute(sp, schema_1));
}

struct spool *spool_open(const char *path, struct error *err)
{
	return open_database(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, make_current,
			     err);
}

struct spool *spool_open_read_only(const char *path, struct error *err)
{
	return open_database(path, SQLITE_OPEN_READONLY, is_current, err);
}

void spool_close(struct spool *sp)
{
	if (!sp)
		return;
	sqlite3_close(sp->db);
	pthread_mutex_destroy(&sp->lock);
	free(sp);
}

bool spool_used(const struct spool *sp, unsigned id)
{
	return sp->in_use[id / 8] & (1u << id % 8);
}

void spool_set_used(struct spool *sp, unsigned id, bool on)
{
	if (on)
		sp->in_use[id / 8] |= (uint8_t)(1u << id % 8);
	else
		sp->in_use[id / 8] &= (uint8_t)~(1u << id % 8);
}

void spool_set_limits(struct spool *sp, const struct spool_limits *limits)
{
	sp->limits = *limits;
}

void spool_listen(struct spool *sp, void (*changed)(void *arg), void *arg)
{
	sp->changed = changed;
	sp->changed_arg = arg;
}

void spool_tell_changed(struct spool *sp, enum spool_queue queue)
{
	if (sp->changed && queue != SPOOL_RDR)
		sp->changed(sp->changed_arg);
}

/* ---- rows of files */

void spool_bind_text(sqlite3_stmt *st, int parameter, const char *text)
{
	sqlite3_bind_text(st, parameter, text, -1, SQLITE_TRANSIENT);
}

/* Bind the description of a file to parameters 1 to 19, in FILE_COLUMNS order. */
static void bind_file(sqlite3_stmt *st, const struct spool_file *f)
{
	const char class[2] = { f->class, '\0' };

	sqlite3_bind_int(st, 1, f->queue);
	spool_bind_text(st, 2, f->owner);
	spool_bind_text(st, 3, f->origin);
	spool_bind_text(st, 4, class);
	spool_bind_text(st, 5, f->type);
	sqlite3_bind_int(st, 6, (int)f->records);
	sqlite3_bind_int(st, 7, (int)f->copies);
	sqlite3_bind_int(st, 8, (int)f->hold);
	sqlite3_bind_int64(st, 9, f->created);
	spool_bind_text(st, 10, f->name);
	spool_bind_text(st, 11, f->ftype);
	spool_bind_text(st, 12, f->dist);
	spool_bind_text(st, 13, f->tag);
	spool_bind_text(st, 14, f->flash);
	spool_bind_text(st, 15, f->chars);
	spool_bind_text(st, 16, f->fcb);
	spool_bind_text(st, 17, f->modify);
	sqlite3_bind_int(st, 18, (int)f->flash_count);
	sqlite3_bind_int(st, 19, f->at_once);
	sqlite3_bind_int(st, 20, (int)f->id);
}

static bool to_end_locked(struct spool *sp, unsigned id)
{
	sqlite3_stmt *st =
		spool_prepare(sp, "UPDATE file SET place ="
				  " (SELECT coalesce(max(place), 0) + 1 FROM file)"
				  " WHERE id = ?");

	sqlite3_bind_int(st, 1, (int)id);
	return spool_finish(st);
}

bool spool_update_locked(struct spool *sp, const struct spool_file *f, bool to_end)
{
	sqlite3_stmt *st = spool_prepare(
		sp, "UPDATE file SET queue=?, owner=?, origin=?, class=?, type=?,"
		    " records=?, copies=?, hold=?, created=?, name=?, ftype=?, dist=?,"
		    " tag=?, flash=?, chars=?, fcb=?, modify=?, flash_count=?, at_once=?"
		    " WHERE id=?");

	bind_file(st, f);
	return spool_finish(st) && (!to_end || to_end_locked(sp, f->id));
}

bool spool_delete_locked(struct spool *sp, unsigned id)
{
	sqlite3_stmt *st = spool_prepare(sp, "DELETE FROM file WHERE id = ?");

	sqlite3_bind_int(st, 1, (int)id);
	return spool_finish(st);
}

void spool_column_text(sqlite3_stmt *st, int column, char *out, size_t size)
{
	const unsigned char *text = sqlite3_column_text(st, column);

	snprintf(out, size, "%s", text ? (const char *)text : "");
}

void spool_get_file(sqlite3_stmt *st, struct spool_file *f)
{
	char class[2];

	*f = (struct spool_file){ .id = (unsigned)sqlite3_column_int(st, 0) };
	f->queue = (enum spool_queue)sqlite3_column_int(st, 1);
	spool_column_text(st, 2, f->owner, sizeof(f->owner));
	spool_column_text(st, 3, f->origin, sizeof(f->origin));
	spool_column_text(st, 4, class, sizeof(class));
	f->class = class[0];
	spool_column_text(st, 5, f->type, sizeof(f->type));
	f->records = (unsigned)sqlite3_column_int(st, 6);
	f->copies = (unsigned)sqlite3_column_int(st, 7);
	f->hold = (unsigned)sqlite3_column_int(st, 8);
	f->created = sqlite3_column_int64(st, 9);
	spool_column_text(st, 10, f->name, sizeof(f->name));
	spool_column_text(st, 11, f->ftype, sizeof(f->ftype));
	spool_column_text(st, 12, f->dist, sizeof(f->dist));
	spool_column_text(st, 13, f->tag, sizeof(f->tag));
	spool_column_text(st, 14, f->flash, sizeof(f->flash));
	spool_column_text(st, 15, f->chars, sizeof(f->chars));
	spool_column_text(st, 16, f->fcb, sizeof(f->fcb));
	spool_column_text(st, 17, f->modify, sizeof(f->modify));
	f->flash_count = (unsigned)sqlite3_column_int(st, 18);
	f->at_once = sqlite3_column_int(st, 19) != 0;
}

bool spool_find_locked(struct spool *sp, unsigned id, struct spool_file *file)
{
	sqlite3_stmt *st =
		spool_prepare(sp, "SELECT " FILE_COLUMNS
				  " FROM file WHERE id = ? AND owner IS NOT NULL");
	bool found;

	sqlite3_bind_int(st, 1, (int)id);
	found = st && sqlite3_step(st) == SQLITE_ROW;
	if (found)
		spool_get_file(st, file);
	sqlite3_finalize(st);
	return found;
}
