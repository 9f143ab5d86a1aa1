/*
 * cp/datadir.h - the data directory: what lies where.
 *
 *   user.direct   the directory source (facts: VM/370 USER DIRECT)
 *   passwords     hashes of what user.direct has a * for (password.h)
 *   spool.db      spool files (SQLite)
 *   volumes/      disk images; volumes.conf gives serials to unlabelled ones
 *   systems/      named systems; systems.conf says what they are made of
 *   tapes/        tape images; MOUNT puts them on drives
 *   lines.conf    communication lines over TCP (sysline.h)
 *   tdisk/        temporary disks
 *   control       UNIX socket for operator commands
 *   lock          held while a vm370 runs on this directory
 */
#ifndef CP_DATADIR_H
#define CP_DATADIR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define DATADIR_DIRECTORY "user.direct"
#define DATADIR_PASSWORDS "passwords"
#define DATADIR_SPOOL     "spool.db"
#define DATADIR_CONTROL   "control"
#define DATADIR_LOCK      "lock"
#define DATADIR_VOLUMES   "volumes"
#define DATADIR_VOLUMES_CONF "volumes.conf"
#define DATADIR_TAPES     "tapes"
#define DATADIR_LINES_CONF "lines.conf"
#define DATADIR_SYSTEMS   "systems"
#define DATADIR_SYSTEMS_CONF "systems.conf"

/* dir/name into path; false if it does not fit. */
MUST_USE bool datadir_path(char *path, size_t size, const char *dir, const char *name,
			   struct error *err);

/* Make dir with a default user.direct; refuses a directory that has one. */
MUST_USE bool datadir_init(const char *dir, struct error *err);

/*
 * Take the directory for this process: returns a descriptor that holds the
 * lock until it is closed, -1 if dir is none or another process has it.
 */
MUST_USE int datadir_lock(const char *dir, struct error *err);

/* Wait until no vm370 runs on dir. */
MUST_USE bool datadir_wait(const char *dir, struct error *err);

#endif
