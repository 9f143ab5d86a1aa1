#include "cp/systape.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cp/datadir.h"
#include "cp/vmblok.h"
#include "dasd/tape.h"

#define FIRST_2400 8
#define PATH_SIZE  1024

struct systapes *systapes_new(const char *dir)
{
	struct systapes *st = calloc(1, sizeof(*st));

	if (!st)
		BUG("no memory for the tape drives");
	st->dir = dir;
	for (unsigned i = 0; i < SYSTAPE_DRIVES; i++) {
		st->drive[i].raddr = (uint16_t)(SYSTAPE_FIRST + i);
		st->drive[i].type = i < FIRST_2400 ? "3420" : "2400";
	}
	return st;
}

void systapes_free(struct systapes *st)
{
	for (unsigned i = 0; st && i < SYSTAPE_DRIVES; i++)
		free(st->drive[i].path);
	free(st);
}

struct systape *systape_at(struct systapes *st, uint16_t raddr)
{
	if (raddr < SYSTAPE_FIRST || raddr >= SYSTAPE_FIRST + SYSTAPE_DRIVES)
		return NULL;
	return &st->drive[raddr - SYSTAPE_FIRST];
}

/* ---- the tapes */

/* Only names in tapes/ itself: an operator's command does not walk the host. */
static bool valid_name(const char *name)
{
	size_t n = strlen(name);

	return n && n <= 64 && name[0] != '.' &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			    "0123456789.-_$#@+") == n;
}

static bool find_file(const char *folder, const char *name, char *path, size_t size)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	bool found = false;

	while (d && !found && (e = readdir(d)))
		if (strcasecmp(e->d_name, name) == 0) {
			snprintf(path, size, "%s/%s", folder, e->d_name);
			found = true;
		}
	if (d)
		closedir(d);
	return found;
}

static bool make_tape(const char *folder, const char *name, char *path, size_t size,
		      struct error *err)
{
	struct tape_options options = { .create = true, .level = -1,
					.compression = COMPRESS_ZLIB };
	size_t at = strlen(folder) + 1;
	const char *dot = strrchr(name, '.');
	struct tape *tape;

	snprintf(path, size, "%s/%s", folder, name);
	for (char *c = path + at; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (dot && strcasecmp(dot, ".het") == 0)
		options.format = TAPE_HET;
	else if (dot && strcasecmp(dot, ".tap") == 0)
		options.format = TAPE_SIMH;
	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		error_errno(err, errno, "%s", folder);
		return false;
	}
	tape = tape_open(path, &options, err);
	return tape && tape_close(tape, err);
}

/* Is it a tape? The machine's thread would find out too late to say so here. */
static bool try_tape(const char *path, struct error *err)
{
	const struct tape_options options = { .read_only = true };
	struct tape *tape = tape_open(path, &options, err);

	return tape && tape_close(tape, err);
}

static bool tape_path(struct systapes *st, const char *name, bool new_tape, char *path,
		      size_t size, struct error *err)
{
	char folder[512];

	if (!datadir_path(folder, sizeof(folder), st->dir, DATADIR_TAPES, err))
		return false;
	if (!valid_name(name)) {
		error_set(err, EINVAL, "%s is not the name of a tape", name);
		return false;
	}
	if (find_file(folder, name, path, size)) {
		if (new_tape)
			error_set(err, EEXIST, "%s is there already", path);
		return !new_tape && try_tape(path, err);
	}
	if (new_tape)
		return make_tape(folder, name, path, size, err);
	error_set(err, ENOENT, "there is no %s in %s", name, folder);
	return false;
}

/* ---- the drives */

int systape_words(const struct systape *drive, char *words[2])
{
	static char ro[] = "ro";

	words[0] = drive->path;
	words[1] = ro;
	return !drive->path ? 0 : drive->read_only ? 2 : 1;
}

/* Tell the machine that has the drive what is on it now. */
static bool tell_machine(struct systape *drive, struct error *err)
{
	struct machine_request req = { .kind = MACHINE_MOUNT, .address = drive->vaddr };
	char *words[2];
	bool ok;

	if (!drive->user)
		return true;
	req.argc = systape_words(drive, words);
	req.argv = words;
	ok = vm_call(drive->user, &req);
	if (!ok)
		*err = req.error;
	return ok;
}

static void forget(struct systape *drive)
{
	free(drive->path);
	drive->path = NULL;
}

bool systape_mount(struct systapes *st, struct systape *drive, const char *name,
		   bool new_tape, bool read_only, struct error *err)
{
	char path[PATH_SIZE];

	if (!tape_path(st, name, new_tape, path, sizeof(path), err))
		return false;
	for (unsigned i = 0; i < SYSTAPE_DRIVES; i++)
		if (&st->drive[i] != drive && st->drive[i].path &&
		    strcmp(st->drive[i].path, path) == 0) {
			error_set(err, EBUSY, "%s is on drive %03X", name, st->drive[i].raddr);
			return false;
		}
	forget(drive);
	drive->path = strdup(path);
	if (!drive->path)
		BUG("no memory for a tape");
	drive->read_only = read_only;
	if (tell_machine(drive, err))
		return true;
	forget(drive);
	return false;
}

void systape_unload(struct systape *drive)
{
	struct error err;

	if (!drive->path)
		return;
	forget(drive);
	if (!tell_machine(drive, &err))
		log_warn(drive->user->userid, "%03X: %s", drive->vaddr, err.text);
}

bool systape_rewind(struct systape *drive)
{
	struct error err;

	return drive->path && tell_machine(drive, &err);
}

void systape_release(struct systape *drive)
{
	drive->user = NULL;
	if (!drive->leave)
		forget(drive);
	drive->leave = false;
}
