#include "cp/accounting.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ebcdic.h"
#include "base/log.h"
#include "cp/datadir.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"

#define ACCOUNTING_DB "accounting.db"
#define OWN_MAX	      70

struct accounting {
	pthread_mutex_t lock; /* the connection and journal_off */
	bool journal_off;
	sqlite3 *db;
};

static const char schema[] =
	"PRAGMA journal_mode=WAL;"
	"PRAGMA synchronous=NORMAL;"
	"CREATE TABLE IF NOT EXISTS record ("
	" id INTEGER PRIMARY KEY, code TEXT, userid TEXT, account TEXT, time INTEGER,"
	" connect_s INTEGER, cpu_ms INTEGER, virtual_cpu_ms INTEGER, page_reads INTEGER,"
	" page_writes INTEGER, io INTEGER, punched INTEGER, printed INTEGER, read INTEGER,"
	" terminal TEXT, target TEXT, vaddr TEXT, count INTEGER, max INTEGER, data TEXT);";

struct accounting *accounting_open(const char *dir, struct error *err)
{
	struct accounting *a = calloc(1, sizeof(*a));
	char path[512];

	if (!a)
		BUG("no memory for accounting");
	pthread_mutex_init(&a->lock, NULL);
	if (!datadir_path(path, sizeof(path), dir, ACCOUNTING_DB, err)) {
		accounting_close(a);
		return NULL;
	}
	if (sqlite3_open_v2(path, &a->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK ||
	    sqlite3_exec(a->db, schema, NULL, NULL, NULL) != SQLITE_OK) {
		error_set(err, EIO, "%s: %s", path, sqlite3_errmsg(a->db));
		accounting_close(a);
		return NULL;
	}
	return a;
}

void accounting_close(struct accounting *a)
{
	if (!a)
		return;
	sqlite3_close(a->db);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

/* ---- writing */

static sqlite3_stmt *prepare_locked(struct accounting *a, const char *sql, const char *code,
				    const char *userid, const char *account)
{
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(a->db, sql, -1, &st, NULL) != SQLITE_OK)
		return NULL;
	sqlite3_bind_text(st, 1, code, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(st, 2, userid, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(st, 3, account, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(st, 4, time(NULL));
	return st;
}

static void finish_locked(struct accounting *a, sqlite3_stmt *st)
{
	if (!st || sqlite3_step(st) != SQLITE_DONE)
		log_error("accounting", "a record is lost: %s", sqlite3_errmsg(a->db));
	sqlite3_finalize(st);
}

/* The counters of vm as they stand. */
struct accounting_base accounting_counters(struct vmblok *vm)
{
	struct machine_request req = { .kind = MACHINE_QUERY };
	struct accounting_base now = { .tod = clock_tod(&vm->cp->clock.clock) };

	if (vm_call(vm, &req)) {
		now.cpu_ns = req.cpu_ns;
		now.io = req.iocount;
	}
	for (const struct virtual_device *v = vm->devices; v; v = v->next) {
		uint64_t n;

		if (!v->ur || v->kind == DEVICE_CONSOLE)
			continue;
		pthread_mutex_lock(&v->ur->lock);
		n = v->ur->records;
		pthread_mutex_unlock(&v->ur->lock);
		if (v->kind == DEVICE_READER)
			now.read += n;
		else if (v->kind == DEVICE_PUNCH)
			now.punched += n;
		else
			now.printed += n;
	}
	return now;
}

/* A device or machine that was replaced counts from 0 again. */
static sqlite3_int64 since(uint64_t now, uint64_t then)
{
	return (sqlite3_int64)(now >= then ? now - then : now);
}

static const char *charged_user(const struct vmblok *vm)
{
	return vm->charge.userid[0] ? vm->charge.userid : vm->userid;
}

static const char *charged_account(const struct vmblok *vm)
{
	return vm->charge.account[0] ? vm->charge.account : vm->user->account;
}

void accounting_user(struct vmblok *vm)
{
	struct accounting *a = vm->cp->accounting;
	const struct accounting_base *then = &vm->accounted;
	struct accounting_base now;
	sqlite3_stmt *st;
	uint64_t from = then->tod ? then->tod : vm->logon_tod;

	if (!a || !vm->user)
		return;
	now = accounting_counters(vm);
	pthread_mutex_lock(&a->lock);
	st = prepare_locked(a, "INSERT INTO record (code, userid, account, time, connect_s,"
			       " cpu_ms, virtual_cpu_ms, page_reads, page_writes, io, punched,"
			       " printed, read)"
			       " VALUES (?, ?, ?, ?, ?, ?6, ?6, 0, 0, ?7, ?8, ?9, ?10)",
			    "01", charged_user(vm), charged_account(vm));
	/* A TOD unit is 2**-12 microseconds. */
	sqlite3_bind_int64(st, 5, (sqlite3_int64)((now.tod - from) / 4096 / 1000000));
	sqlite3_bind_int64(st, 6, since(now.cpu_ns, then->cpu_ns) / 1000000);
	sqlite3_bind_int64(st, 7, since(now.io, then->io));
	sqlite3_bind_int64(st, 8, since(now.punched, then->punched));
	sqlite3_bind_int64(st, 9, since(now.printed, then->printed));
	sqlite3_bind_int64(st, 10, since(now.read, then->read));
	finish_locked(a, st);
	pthread_mutex_unlock(&a->lock);
	vm->accounted = now;
}

void accounting_device(struct vmblok *vm, const char *code, uint16_t vaddr, const char *type,
		       uint64_t seconds, uint32_t cylinders)
{
	struct accounting *a = vm->cp->accounting;
	sqlite3_stmt *st;
	char text[8];

	if (!a || !vm->user)
		return;
	snprintf(text, sizeof(text), "%03X", vaddr);
	pthread_mutex_lock(&a->lock);
	st = prepare_locked(a, "INSERT INTO record (code, userid, account, time, connect_s,"
			       " vaddr, count, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			    code, charged_user(vm), charged_account(vm));
	sqlite3_bind_int64(st, 5, (sqlite3_int64)seconds);
	sqlite3_bind_text(st, 6, text, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(st, 7, cylinders);
	sqlite3_bind_text(st, 8, type, -1, SQLITE_TRANSIENT);
	finish_locked(a, st);
	pthread_mutex_unlock(&a->lock);
}

void accounting_set_journal(struct accounting *a, bool on)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	a->journal_off = !on;
	pthread_mutex_unlock(&a->lock);
}

void accounting_journal(struct accounting *a, const struct accounting_event *e)
{
	char terminal[8], vaddr[8];
	sqlite3_stmt *st;

	if (!a)
		return;
	snprintf(terminal, sizeof(terminal), "%03X", e->terminal);
	snprintf(vaddr, sizeof(vaddr), "%03X", e->vaddr);
	pthread_mutex_lock(&a->lock);
	if (a->journal_off) {
		pthread_mutex_unlock(&a->lock);
		return;
	}
	st = prepare_locked(a, "INSERT INTO record (code, userid, account, time, terminal,"
			       " target, vaddr, count, max)"
			       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			    e->code, e->userid, e->account);
	sqlite3_bind_text(st, 5, terminal, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(st, 6, e->target ? e->target : "", -1, SQLITE_TRANSIENT);
	if (strcmp(e->code, "04") != 0)
		sqlite3_bind_text(st, 7, vaddr, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int(st, 8, (int)e->count);
	sqlite3_bind_int(st, 9, (int)e->limit);
	finish_locked(a, st);
	pthread_mutex_unlock(&a->lock);
}

void accounting_own(struct accounting *a, const char *userid, const char *account,
		    const uint8_t *data, size_t length)
{
	char text[OWN_MAX + 1];
	sqlite3_stmt *st;

	if (!a)
		return;
	if (length > OWN_MAX)
		length = OWN_MAX;
	ebcdic_to_latin1(&codepage_037, text, data, length);
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ' || (unsigned char)text[i] > '~')
			text[i] = '.';
	text[length] = '\0';
	pthread_mutex_lock(&a->lock);
	st = prepare_locked(a, "INSERT INTO record (code, userid, account, time, data)"
			       " VALUES (?, ?, ?, ?, ?)", "C0", userid, account);
	sqlite3_bind_text(st, 5, text, -1, SQLITE_TRANSIENT);
	finish_locked(a, st);
	pthread_mutex_unlock(&a->lock);
}

/* ---- CSV */

/* RFC 4180: in quotes where needed, quotes doubled. */
static void put_field(FILE *out, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, out);
		return;
	}
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', out);
		putc(*text, out);
	}
	putc('"', out);
}

static void put_rows(sqlite3_stmt *st, FILE *out)
{
	int columns = sqlite3_column_count(st);

	for (int i = 0; i < columns; i++)
		fprintf(out, "%s%s", i ? "," : "", sqlite3_column_name(st, i));
	fputs("\r\n", out);
	while (sqlite3_step(st) == SQLITE_ROW) {
		for (int i = 0; i < columns; i++) {
			const char *text = (const char *)sqlite3_column_text(st, i);

			if (i)
				putc(',', out);
			put_field(out, text ? text : "");
		}
		fputs("\r\n", out);
	}
}

bool accounting_export(const char *dir, FILE *out, struct error *err)
{
	static const char sql[] =
		"SELECT code, userid, account, strftime('%m%d', time, 'unixepoch', 'localtime')"
		" || substr(strftime('%Y', time, 'unixepoch', 'localtime'), 3) AS date,"
		" strftime('%H%M%S', time, 'unixepoch', 'localtime') AS time, connect_s,"
		" cpu_ms, virtual_cpu_ms, page_reads, page_writes, io, punched, printed, read,"
		" terminal, target, vaddr, count, max, data FROM record ORDER BY id";
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;
	char path[512];
	bool ok;

	if (!datadir_path(path, sizeof(path), dir, ACCOUNTING_DB, err))
		return false;
	ok = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ==
		     SQLITE_OK &&
	     sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK;
	if (ok)
		put_rows(st, out);
	else
		error_set(err, EIO, "%s: %s", path, sqlite3_errmsg(db));
	sqlite3_finalize(st);
	sqlite3_close(db);
	return ok;
}
