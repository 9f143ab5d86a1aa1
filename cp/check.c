#include "cp/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "cp/datadir.h"
#include "cp/directory.h"
#include "cp/extents.h"
#include "cp/password.h"
#include "cp/savesys.h"
#include "cp/sysline.h"
#include "cp/sysvolume.h"
#include "dasd/maintain.h"

struct check {
	const char *dir;
	const char *what; /* is being looked at */
	unsigned problems, notes;
};

static void problem(struct check *c, const char *format, ...) PRINTF_LIKE(2, 3);

static void problem(struct check *c, const char *format, ...)
{
	va_list ap;

	printf("%s: ", c->what);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
	c->problems++;
}

static void say_problem(void *arg, const char *sentence)
{
	problem(arg, "%s", sentence);
}

/* A thing that may be as it is. */
static void say_note(void *arg, const char *sentence)
{
	struct check *c = arg;

	printf("%s: note: %s\n", c->what, sentence);
	c->notes++;
}

static bool path_of(struct check *c, char path[512], const char *name)
{
	struct error err;

	if (datadir_path(path, 512, c->dir, name, &err))
		return true;
	problem(c, "%s", err.text);
	return false;
}

/* ---- directory and minidisks */

static void check_minidisk(struct check *c, struct sysvolumes *volumes,
			   const struct directory_user *u, const struct directory_entry *e)
{
	const struct volume_options options = { .read_only = true, .cache_bytes = 1 << 20 };
	struct sysvolume *v = sysvolume_find(volumes, e->volid);
	struct error err = { 0, "" };
	struct volume *vol;
	uint32_t there;

	if (!v)
		return; /* extents_check() has said so */
	vol = volume_open(v->path, &options, &err);
	if (!vol)
		return; /* check_volumes() says so */
	there = volume_info(vol)->cylinders;
	if (e->cylinder >= there)
		problem(c, "line %u: MDISK %03X of %s begins at cylinder %u, and %s has %u",
			e->line, e->vaddr, u->userid, e->cylinder, e->volid, there);
	else if (e->cylinder && e->cylinders > there - e->cylinder)
		problem(c, "line %u: MDISK %03X of %s ends at cylinder %u, and %s has %u",
			e->line, e->vaddr, u->userid, e->cylinder + e->cylinders - 1, e->volid,
			there);
	(void)volume_close(vol, &err);
}

static void check_minidisks(struct check *c, struct sysvolumes *volumes,
			    const struct directory *dir)
{
	for (const struct directory_user *u = directory_users(dir); u; u = u->next)
		for (const struct directory_entry *e = u->devices; e; e = e->next)
			if (e->kind == DIR_MDISK && !e->temporary)
				check_minidisk(c, volumes, u, e);
}

/* May others read what only the owner should? */
static void check_mode(struct check *c, const char *name)
{
	char path[512], sentence[100];
	struct stat st;

	if (!path_of(c, path, name) || stat(path, &st) != 0 || !(st.st_mode & 077))
		return;
	snprintf(sentence, sizeof(sentence), "%s has mode %o: others may use it, not only its "
		 "owner", name, (unsigned)st.st_mode & 0777);
	say_note(c, sentence);
}

static void check_directory(struct check *c, struct sysvolumes *volumes)
{
	struct directory *dir;
	char path[512];

	c->what = DATADIR_DIRECTORY;
	if (!path_of(c, path, DATADIR_DIRECTORY))
		return;
	dir = directory_read(path, say_problem, c);
	if (!dir)
		return;
	if (!directory_find(dir, "OPERATOR"))
		problem(c, "there is no USER OPERATOR");
	(void)passwords_fill(c->dir, dir, say_problem, c);
	check_mode(c, DATADIR_PASSWORDS);
	check_mode(c, DATADIR_DIRECTORY);
	(void)extents_check(dir, volumes, say_note, c);
	check_minidisks(c, volumes, dir);
	directory_put(dir);
}

/* ---- disk images */

static void check_image(struct check *c, const char *path)
{
	struct check_result result = { 0 };
	struct error err = { 0, "" };

	if (!image_check(path, false, say_problem, NULL, c, &result, &err))
		problem(c, "%s", err.text);
	else if (result.was_open)
		say_note(c, "the image was not closed; that is no damage");
}

/* Files that are no volume of the system: images without a label, or damaged ones. */
static void check_others(struct check *c, struct sysvolumes *volumes)
{
	char folder[512], path[800];
	struct dirent *d;
	struct stat st;
	DIR *files;

	c->what = DATADIR_VOLUMES;
	files = path_of(c, folder, DATADIR_VOLUMES) ? opendir(folder) : NULL;
	while (files && (d = readdir(files))) {
		const struct sysvolume *v = sysvolumes_first(volumes);

		snprintf(path, sizeof(path), "%s/%s", folder, d->d_name);
		while (v && strcmp(v->path, path) != 0)
			v = v->next;
		if (!v && d->d_name[0] != '.' && stat(path, &st) == 0 && S_ISREG(st.st_mode))
			check_image(c, path);
	}
	if (files)
		closedir(files);
}

static void check_volumes(struct check *c, struct sysvolumes *volumes)
{
	for (struct sysvolume *v = sysvolumes_first(volumes); v; v = v->next) {
		c->what = v->volid;
		check_image(c, v->path);
	}
	check_others(c, volumes);
}

/* ---- communication lines */

static void check_lines(struct check *c)
{
	c->what = c->dir;
	syslines_free(syslines_new(c->dir, say_problem, c));
}

/* ---- saved systems */

static void check_systems(struct check *c)
{
	struct systems *systems = systems_new(c->dir);
	struct named_system *sys;
	struct error err;
	char path[512];
	struct dirent *d;
	DIR *folder;

	c->what = DATADIR_SYSTEMS;
	folder = path_of(c, path, DATADIR_SYSTEMS) ? opendir(path) : NULL;
	while (folder && (d = readdir(folder))) {
		if (d->d_name[0] == '.')
			continue;
		err = (struct error){ 0, "" };
		sys = system_get(systems, d->d_name, &err);
		if (sys)
			system_put(systems, sys);
		else
			problem(c, "%s: %s", d->d_name, err.text);
	}
	if (folder)
		closedir(folder);
	systems_free(systems);
}

/* ---- data bases */

static sqlite3 *open_database(struct check *c, const char *path)
{
	char uri[600], wal[520];
	sqlite3 *db = NULL;
	struct stat st;

	snprintf(wal, sizeof(wal), "%s-wal", path);
	/* Without a log that a crash left, even the files beside it need not be made. */
	snprintf(uri, sizeof(uri), "file:%s?%s", path,
		 stat(wal, &st) == 0 && st.st_size ? "mode=ro" : "immutable=1");
	if (sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) == SQLITE_OK)
		return db;
	problem(c, "%s", sqlite3_errmsg(db));
	sqlite3_close(db);
	return NULL;
}

static void check_integrity(struct check *c, sqlite3 *db)
{
	sqlite3_stmt *st = NULL;
	int rc;

	if (sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &st, NULL) != SQLITE_OK) {
		problem(c, "%s", sqlite3_errmsg(db));
		return;
	}
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(st, 0);

		if (strcmp(text, "ok") != 0)
			problem(c, "%s", text);
	}
	if (rc != SQLITE_DONE)
		problem(c, "%s", sqlite3_errmsg(db));
	sqlite3_finalize(st);
}

/* Records in a chunk (see spool.c); *sound: it ends with one. */
static unsigned count_records(const uint8_t *chunk, size_t length, bool *sound)
{
	unsigned n = 0;
	size_t at = 0;

	while (at + 3 <= length && at + 3 + be16(chunk + at + 1) <= length) {
		at += 3u + be16(chunk + at + 1);
		n++;
	}
	*sound = at == length;
	return n;
}

static void check_file(struct check *c, sqlite3_stmt *chunks, int id, unsigned records)
{
	unsigned found = 0;
	int seq = 0;
	bool sound;

	sqlite3_bind_int(chunks, 1, id);
	while (sqlite3_step(chunks) == SQLITE_ROW) {
		if (sqlite3_column_int(chunks, 0) != seq++)
			problem(c, "file %04d: part %d is not there", id, seq - 1);
		found += count_records(sqlite3_column_blob(chunks, 1),
				       (size_t)sqlite3_column_bytes(chunks, 1), &sound);
		if (!sound)
			problem(c, "file %04d: part %d is damaged", id, seq - 1);
	}
	sqlite3_reset(chunks);
	if (found != records)
		problem(c, "file %04d has %u records, not %u", id, found, records);
}

static void check_files(struct check *c, sqlite3 *db)
{
	sqlite3_stmt *files = NULL, *chunks = NULL;

	if (sqlite3_prepare_v2(db, "SELECT id, records FROM file WHERE owner IS NOT NULL", -1,
			       &files, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, "SELECT seq, data FROM chunk WHERE id = ? ORDER BY seq", -1,
			       &chunks, NULL) != SQLITE_OK)
		problem(c, "%s", sqlite3_errmsg(db));
	while (chunks && sqlite3_step(files) == SQLITE_ROW)
		check_file(c, chunks, sqlite3_column_int(files, 0),
			   (unsigned)sqlite3_column_int(files, 1));
	sqlite3_finalize(files);
	sqlite3_finalize(chunks);
}

/* One that was never made is in order. */
static void check_database(struct check *c, const char *name, bool spool)
{
	char path[512];
	sqlite3 *db;

	c->what = name;
	if (!path_of(c, path, name) || access(path, F_OK) != 0)
		return;
	db = open_database(c, path);
	if (!db)
		return;
	check_integrity(c, db);
	if (spool)
		check_files(c, db);
	sqlite3_close(db);
}

/* ---- all of it */

/* A lock that a running system has not, and that makes no file. -1: it runs. */
static int share_lock(struct check *c, bool *locked)
{
	char path[512];
	int fd;

	*locked = false;
	if (!path_of(c, path, DATADIR_LOCK))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0) {
		problem(c, "a vm370 runs on this directory; stop it first");
		*locked = true;
	}
	return fd;
}

int check_data_directory(const char *dir)
{
	struct check c = { .dir = dir, .what = dir };
	struct sysvolumes *volumes;
	bool runs;
	int lock = share_lock(&c, &runs);

	if (!runs) {
		volumes = sysvolumes_new(dir);
		check_directory(&c, volumes);
		check_volumes(&c, volumes);
		sysvolumes_free(volumes);
		check_lines(&c);
		check_systems(&c);
		check_database(&c, DATADIR_SPOOL, true);
		check_database(&c, "accounting.db", false);
		printf("%u problems, %u notes\n", c.problems, c.notes);
	}
	if (lock >= 0)
		close(lock);
	return c.problems != 0;
}
