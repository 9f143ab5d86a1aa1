#include "cp/spool.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"

#define SPOOL_CHUNK (64u << 10) /* bytes of records that go into one row */

const char *const spool_queue_name[SPOOL_QUEUES] = { "RDR", "PRT", "PUN" };

struct spool {
	pthread_mutex_t lock; /* everything below, and the database connection */
	sqlite3 *db;
	uint8_t in_use[(SPOOL_ID_MAX + 8) / 8]; /* being read or written */
	unsigned last_id;
	struct spool_limits limits;
	void (*changed)(void *arg); /* set before other threads use the spool */
	void *changed_arg;
};

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

#define FILE_COLUMNS                                                          \
	"id, queue, owner, origin, class, type, records, copies, hold, created," \
	" name, ftype, dist, tag, flash, chars, fcb, modify, flash_count, at_once"

static bool fail(struct spool *sp, struct error *err, const char *doing)
{
	error_set(err, sqlite3_errcode(sp->db) == SQLITE_FULL ? ENOSPC : EIO, "spool: %s: %s",
		  doing, sqlite3_errmsg(sp->db));
	return false;
}

/* ---- small statements: up to one integer or text parameter each */

static sqlite3_stmt *prepare(struct spool *sp, const char *sql)
{
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(sp->db, sql, -1, &st, NULL) != SQLITE_OK)
		return NULL; /* the steps below then fail and say why */
	return st;
}

static bool finish(sqlite3_stmt *st)
{
	int rc = st ? sqlite3_step(st) : SQLITE_ERROR;

	sqlite3_finalize(st);
	return rc == SQLITE_DONE;
}

static int64_t number(struct spool *sp, const char *sql)
{
	sqlite3_stmt *st = prepare(sp, sql);
	int64_t n = st && sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;

	sqlite3_finalize(st);
	return n;
}

static bool execute(struct spool *sp, const char *sql)
{
	return sqlite3_exec(sp->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

struct spool *spool_open(const char *path, struct error *err)
{
	struct spool *sp = calloc(1, sizeof(*sp));

	if (!sp) {
		error_set(err, ENOMEM, "spool: no memory");
		return NULL;
	}
	pthread_mutex_init(&sp->lock, NULL);
	if (sqlite3_open_v2(path, &sp->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK ||
	    !execute(sp, schema) ||
	    (number(sp, "PRAGMA user_version") < 1 && !execute(sp, schema_1))) {
		error_set(err, EIO, "%s: %s", path, sqlite3_errmsg(sp->db));
		spool_close(sp);
		return NULL;
	}
	return sp;
}

struct spool *spool_open_read_only(const char *path, struct error *err)
{
	struct spool *sp = calloc(1, sizeof(*sp));

	if (!sp) {
		error_set(err, ENOMEM, "spool: no memory");
		return NULL;
	}
	pthread_mutex_init(&sp->lock, NULL);
	if (sqlite3_open_v2(path, &sp->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
		    SQLITE_OK ||
	    number(sp, "PRAGMA user_version") < 1) {
		error_set(err, EIO, "%s: %s", path, sqlite3_errmsg(sp->db));
		spool_close(sp);
		return NULL;
	}
	return sp;
}

void spool_close(struct spool *sp)
{
	if (!sp)
		return;
	sqlite3_close(sp->db);
	pthread_mutex_destroy(&sp->lock);
	free(sp);
}

static bool used(const struct spool *sp, unsigned id)
{
	return sp->in_use[id / 8] & (1u << id % 8);
}

static void set_used(struct spool *sp, unsigned id, bool on)
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

static void tell_changed(struct spool *sp, enum spool_queue queue)
{
	if (sp->changed && queue != SPOOL_RDR)
		sp->changed(sp->changed_arg);
}

static bool id_taken_locked(struct spool *sp, unsigned id)
{
	sqlite3_stmt *st = prepare(sp, "SELECT 1 FROM file WHERE id = ?");
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
		if (!used(sp, sp->last_id) && !id_taken_locked(sp, sp->last_id))
			return sp->last_id;
	}
	return 0;
}

/* ---- writing */

struct spool_writer {
	struct spool *sp;
	unsigned id, records, seq;
	uint64_t bytes;
	size_t used;
	uint8_t chunk[SPOOL_CHUNK];
};

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
	st = prepare(sp, "INSERT INTO file (id) VALUES (?)");
	sqlite3_bind_int(st, 1, (int)w->id);
	ok = finish(st) && w->id != 0;
	if (ok)
		set_used(sp, w->id, true);
	else if (w->id == 0)
		error_set(err, ENOSPC, "spool: all %d spool ids are taken", SPOOL_ID_MAX);
	else
		fail(sp, err, "new file");
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
	st = prepare(sp, "SELECT count(*) FROM file WHERE origin = ?");
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
	st = prepare(sp, "INSERT INTO chunk (id, seq, data) VALUES (?, ?, ?)");
	sqlite3_bind_int(st, 1, (int)w->id);
	sqlite3_bind_int(st, 2, (int)w->seq++);
	sqlite3_bind_blob(st, 3, w->chunk, (int)w->used, SQLITE_STATIC);
	ok = finish(st) || fail(sp, err, "write");
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

unsigned spool_written(const struct spool_writer *w)
{
	return w->records;
}

static void bind_text(sqlite3_stmt *st, int parameter, const char *text)
{
	sqlite3_bind_text(st, parameter, text, -1, SQLITE_TRANSIENT);
}

/* Bind the description of a file to parameters 1 to 19, in FILE_COLUMNS order. */
static void bind_file(sqlite3_stmt *st, const struct spool_file *f)
{
	const char class[2] = { f->class, '\0' };

	sqlite3_bind_int(st, 1, f->queue);
	bind_text(st, 2, f->owner);
	bind_text(st, 3, f->origin);
	bind_text(st, 4, class);
	bind_text(st, 5, f->type);
	sqlite3_bind_int(st, 6, (int)f->records);
	sqlite3_bind_int(st, 7, (int)f->copies);
	sqlite3_bind_int(st, 8, (int)f->hold);
	sqlite3_bind_int64(st, 9, f->created);
	bind_text(st, 10, f->name);
	bind_text(st, 11, f->ftype);
	bind_text(st, 12, f->dist);
	bind_text(st, 13, f->tag);
	bind_text(st, 14, f->flash);
	bind_text(st, 15, f->chars);
	bind_text(st, 16, f->fcb);
	bind_text(st, 17, f->modify);
	sqlite3_bind_int(st, 18, (int)f->flash_count);
	sqlite3_bind_int(st, 19, f->at_once);
	sqlite3_bind_int(st, 20, (int)f->id);
}

static bool to_end_locked(struct spool *sp, unsigned id)
{
	sqlite3_stmt *st = prepare(sp, "UPDATE file SET place ="
				       " (SELECT coalesce(max(place), 0) + 1 FROM file)"
				       " WHERE id = ?");

	sqlite3_bind_int(st, 1, (int)id);
	return finish(st);
}

static bool update_file_locked(struct spool *sp, const struct spool_file *f, bool to_end)
{
	sqlite3_stmt *st = prepare(
		sp, "UPDATE file SET queue=?, owner=?, origin=?, class=?, type=?,"
		    " records=?, copies=?, hold=?, created=?, name=?, ftype=?, dist=?,"
		    " tag=?, flash=?, chars=?, fcb=?, modify=?, flash_count=?, at_once=?"
		    " WHERE id=?");

	bind_file(st, f);
	return finish(st) && (!to_end || to_end_locked(sp, f->id));
}

static bool queue_held_locked(struct spool *sp, const char *userid, enum spool_queue queue)
{
	sqlite3_stmt *st = prepare(sp, "SELECT 1 FROM held WHERE userid = ? AND queue = ?");
	bool held;

	bind_text(st, 1, userid);
	sqlite3_bind_int(st, 2, queue);
	held = st && sqlite3_step(st) == SQLITE_ROW;
	sqlite3_finalize(st);
	return held;
}

/* Do not return before the host's disk has it. */
static bool commit_durably_locked(struct spool *sp)
{
	bool ok;

	ok = execute(sp, "COMMIT");
	execute(sp, "PRAGMA synchronous=NORMAL");
	return ok;
}

static bool begin_durably_locked(struct spool *sp)
{
	return execute(sp, "PRAGMA synchronous=FULL") && execute(sp, "BEGIN IMMEDIATE");
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
	ok = begin_durably_locked(sp) && update_file_locked(sp, file, true);
	if (!ok || !commit_durably_locked(sp)) {
		ok = fail(sp, err, "close");
		execute(sp, "ROLLBACK");
	}
	set_used(sp, w->id, false);
	pthread_mutex_unlock(&sp->lock);
	free(w);
	if (ok)
		tell_changed(sp, file->queue);
	return ok;
}

static bool delete_locked(struct spool *sp, unsigned id)
{
	sqlite3_stmt *st = prepare(sp, "DELETE FROM file WHERE id = ?");

	sqlite3_bind_int(st, 1, (int)id);
	return finish(st);
}

void spool_write_abandon(struct spool_writer *w)
{
	struct spool *sp;

	if (!w)
		return;
	sp = w->sp;
	pthread_mutex_lock(&sp->lock);
	(void)delete_locked(sp, w->id); /* if it fails, the next start removes it */
	set_used(sp, w->id, false);
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
	*file = (struct spool_file){ .queue = SPOOL_RDR, .class = class, .type = "RDR",
				     .copies = 1 };
	snprintf(file->owner, sizeof(file->owner), "%s", owner);
	snprintf(file->origin, sizeof(file->origin), "%s", owner);
	snprintf(file->dist, sizeof(file->dist), "%s", dist);
	snprintf(file->name, sizeof(file->name), "%s", name);
	snprintf(file->ftype, sizeof(file->ftype), "%s", type);
	return spool_write_close(w, file, err);
}

/* ---- reading */

struct spool_reader {
	struct spool *sp;
	struct spool_file file;
	unsigned seq;
	uint8_t *chunk;
	size_t length, at;
};

static void column_text(sqlite3_stmt *st, int column, char *out, size_t size)
{
	const unsigned char *text = sqlite3_column_text(st, column);

	snprintf(out, size, "%s", text ? (const char *)text : "");
}

static void get_file(sqlite3_stmt *st, struct spool_file *f)
{
	char class[2];

	*f = (struct spool_file){ .id = (unsigned)sqlite3_column_int(st, 0) };
	f->queue = (enum spool_queue)sqlite3_column_int(st, 1);
	column_text(st, 2, f->owner, sizeof(f->owner));
	column_text(st, 3, f->origin, sizeof(f->origin));
	column_text(st, 4, class, sizeof(class));
	f->class = class[0];
	column_text(st, 5, f->type, sizeof(f->type));
	f->records = (unsigned)sqlite3_column_int(st, 6);
	f->copies = (unsigned)sqlite3_column_int(st, 7);
	f->hold = (unsigned)sqlite3_column_int(st, 8);
	f->created = sqlite3_column_int64(st, 9);
	column_text(st, 10, f->name, sizeof(f->name));
	column_text(st, 11, f->ftype, sizeof(f->ftype));
	column_text(st, 12, f->dist, sizeof(f->dist));
	column_text(st, 13, f->tag, sizeof(f->tag));
	column_text(st, 14, f->flash, sizeof(f->flash));
	column_text(st, 15, f->chars, sizeof(f->chars));
	column_text(st, 16, f->fcb, sizeof(f->fcb));
	column_text(st, 17, f->modify, sizeof(f->modify));
	f->flash_count = (unsigned)sqlite3_column_int(st, 18);
	f->at_once = sqlite3_column_int(st, 19) != 0;
}

/* The next file of a queue that is not held or in use. owner NULL: any. */
static bool next_file_locked(struct spool *sp, enum spool_queue queue, const char *owner,
			     char class, struct spool_file *f)
{
	sqlite3_stmt *st = prepare(sp, "SELECT " FILE_COLUMNS
				       " FROM file WHERE queue = ? AND owner IS NOT NULL"
				       " AND (?2 IS NULL OR owner = ?2)"
				       " AND hold = 0 ORDER BY place");
	bool found = false;

	sqlite3_bind_int(st, 1, queue);
	if (owner)
		bind_text(st, 2, owner);
	while (!found && st && sqlite3_step(st) == SQLITE_ROW) {
		get_file(st, f);
		found = f->id <= SPOOL_ID_MAX && !used(sp, f->id) &&
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

struct spool_reader *spool_read_next(struct spool *sp, const char *owner, char class,
				     struct error *err)
{
	struct spool_reader *r = reader_new(sp, err);
	bool found;

	if (!r)
		return NULL;
	pthread_mutex_lock(&sp->lock);
	found = next_file_locked(sp, SPOOL_RDR, owner, class, &r->file);
	if (found)
		set_used(sp, r->file.id, true);
	pthread_mutex_unlock(&sp->lock);
	if (found)
		return r;
	free(r);
	return NULL;
}

struct spool_reader *spool_read_output(struct spool *sp, enum spool_queue queue,
				       const char *classes, struct error *err)
{
	struct spool_reader *r = reader_new(sp, err);
	bool found = false;

	if (!r)
		return NULL;
	pthread_mutex_lock(&sp->lock);
	for (; *classes && !found; classes++)
		found = next_file_locked(sp, queue, NULL, *classes, &r->file);
	if (found)
		set_used(sp, r->file.id, true);
	pthread_mutex_unlock(&sp->lock);
	if (found)
		return r;
	free(r);
	return NULL;
}

static bool find_locked(struct spool *sp, unsigned id, struct spool_file *file)
{
	sqlite3_stmt *st = prepare(sp, "SELECT " FILE_COLUMNS
				       " FROM file WHERE id = ? AND owner IS NOT NULL");
	bool found;

	sqlite3_bind_int(st, 1, (int)id);
	found = st && sqlite3_step(st) == SQLITE_ROW;
	if (found)
		get_file(st, file);
	sqlite3_finalize(st);
	return found;
}

struct spool_reader *spool_read_open(struct spool *sp, unsigned id, struct error *err)
{
	struct spool_reader *r = reader_new(sp, err);
	bool found;

	if (!r)
		return NULL;
	pthread_mutex_lock(&sp->lock);
	found = id > 0 && id <= SPOOL_ID_MAX && !used(sp, id) && find_locked(sp, id, &r->file);
	if (found)
		set_used(sp, id, true);
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
	ok = update_file_locked(sp, file, false) || fail(sp, err, "change");
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
	st = prepare(sp, "SELECT data FROM chunk WHERE id = ? AND seq = ?");
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
		(void)delete_locked(sp, r->file.id);
	set_used(sp, r->file.id, false);
	pthread_mutex_unlock(&sp->lock);
	if (!erase)
		tell_changed(sp, r->file.queue);
	free(r->chunk);
	free(r);
}

/* ---- queues */

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
	st = prepare(sp, "SELECT " FILE_COLUMNS " FROM file WHERE queue = ?"
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
		get_file(st, &files[n]);
		busy[n] = files[n].id <= SPOOL_ID_MAX && used(sp, files[n].id);
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
	found = find_locked(sp, id, file);
	*in_use = used(sp, id);
	pthread_mutex_unlock(&sp->lock);
	return found;
}

static bool usable_locked(struct spool *sp, unsigned id, struct error *err)
{
	if (id > 0 && id <= SPOOL_ID_MAX && !used(sp, id))
		return true;
	error_set(err, EBUSY, "spool: file %u is in use", id);
	return false;
}

bool spool_purge(struct spool *sp, unsigned id, struct error *err)
{
	bool ok;

	pthread_mutex_lock(&sp->lock);
	ok = usable_locked(sp, id, err) &&
	     (delete_locked(sp, id) || fail(sp, err, "purge"));
	pthread_mutex_unlock(&sp->lock);
	return ok;
}

static bool change(struct spool *sp, const struct spool_file *file, bool to_end,
		   struct error *err)
{
	bool ok;

	pthread_mutex_lock(&sp->lock);
	ok = usable_locked(sp, file->id, err) &&
	     ((execute(sp, "BEGIN") && update_file_locked(sp, file, to_end) &&
	       execute(sp, "COMMIT")) || fail(sp, err, "change"));
	if (!ok)
		execute(sp, "ROLLBACK");
	pthread_mutex_unlock(&sp->lock);
	if (ok)
		tell_changed(sp, file->queue);
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
	sqlite3_stmt *st = prepare(sp, "SELECT id, place FROM file WHERE queue = ?"
				       " AND owner IS NOT NULL AND (?2 IS NULL OR owner = ?2)"
				       " ORDER BY place");
	size_t n = 0, room = 0;

	*slots = NULL;
	sqlite3_bind_int(st, 1, queue);
	if (owner)
		bind_text(st, 2, owner);
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
	sqlite3_stmt *st = prepare(sp, "UPDATE file SET place = ? WHERE id = ?");

	sqlite3_bind_double(st, 1, place);
	sqlite3_bind_int(st, 2, (int)id);
	return finish(st);
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
	ok = execute(sp, "BEGIN") && reorder_locked(sp, slots, n, ids, count) &&
	     execute(sp, "COMMIT");
	if (!ok) {
		fail(sp, err, "order");
		execute(sp, "ROLLBACK");
	}
	pthread_mutex_unlock(&sp->lock);
	free(slots);
	return ok;
}

/* ---- HOLD and FREE */

static bool held_row_locked(struct spool *sp, enum spool_queue queue, const char *userid,
			    const char *sql)
{
	sqlite3_stmt *st = prepare(sp, sql);

	bind_text(st, 1, userid);
	sqlite3_bind_int(st, 2, queue);
	return finish(st);
}

bool spool_hold_queue(struct spool *sp, enum spool_queue queue, const char *userid, bool hold,
		      struct error *err)
{
	bool ok;

	pthread_mutex_lock(&sp->lock);
	ok = execute(sp, "BEGIN") &&
	     held_row_locked(sp, queue, userid,
			     hold ? "INSERT OR IGNORE INTO held VALUES (?, ?)"
				  : "DELETE FROM held WHERE userid = ? AND queue = ?") &&
	     held_row_locked(sp, queue, userid,
			     hold ? "UPDATE file SET hold = hold | 2 WHERE owner = ? AND queue = ?"
				  : "UPDATE file SET hold = hold & 1 WHERE owner = ? AND queue = ?") &&
	     execute(sp, "COMMIT");
	if (!ok) {
		fail(sp, err, "hold");
		execute(sp, "ROLLBACK");
	}
	pthread_mutex_unlock(&sp->lock);
	if (ok)
		tell_changed(sp, queue);
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
	st = prepare(sp, "SELECT userid, max(queue = 1), max(queue = 2) FROM held"
			 " GROUP BY userid ORDER BY userid");
	while (st && sqlite3_step(st) == SQLITE_ROW) {
		users = realloc(users, (n + 1) * sizeof(*users));
		if (!users)
			BUG("no memory for a list of users");
		column_text(st, 0, users[n].userid, sizeof(users[n].userid));
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

bool spool_setting_put(struct spool *sp, const char *name, const char *text, struct error *err)
{
	sqlite3_stmt *st;
	bool ok;

	pthread_mutex_lock(&sp->lock);
	st = prepare(sp, "INSERT OR REPLACE INTO setting VALUES (?, ?)");
	bind_text(st, 1, name);
	bind_text(st, 2, text);
	ok = finish(st) || fail(sp, err, "setting");
	pthread_mutex_unlock(&sp->lock);
	return ok;
}

bool spool_setting_get(struct spool *sp, const char *name, char *text, size_t size)
{
	sqlite3_stmt *st;
	bool found;

	pthread_mutex_lock(&sp->lock);
	st = prepare(sp, "SELECT text FROM setting WHERE name = ?");
	bind_text(st, 1, name);
	found = st && sqlite3_step(st) == SQLITE_ROW;
	if (found)
		column_text(st, 0, text, size);
	sqlite3_finalize(st);
	pthread_mutex_unlock(&sp->lock);
	return found;
}
