#include "cp/datadir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Everybody has a console at 009, reader 00C, punch 00D and printer 00E, as
 * VM/370's own sample directory gives its users. The passwords are the userids:
 * good for a port on loopback only, and cp_start() says so where it is not. The
 * first start hashes them, see password.h.
 */
static const char default_directory[] =
	"* The directory of this system, as VM/370 reads it: GC20-1801, \"Creating Your\n"
	"* VM/370 Directory\". Columns 1 to 71; one statement a line. After a change\n"
	"* enter DIRECT at the operator's console, or: vm370 cmd DIR DIRECT\n"
	"* That hashes passwords and makes them a *: write a new one in its place.\n"
	"*\n"
	"* USER   userid   password  storage  maximum  classes\n"
	"*\n"
	"USER OPERATOR OPERATOR 1M 16M ABCDEG\n"
	" ACCOUNT OPERATOR SYSTEM\n"
	" OPTION REALTIMER\n"
	" CONSOLE 009 3215\n"
	" SPOOL 00C 2540 READER *\n"
	" SPOOL 00D 2540 PUNCH A\n"
	" SPOOL 00E 1403 A\n"
	"*\n"
	"USER ALICE ALICE 2M 16M G\n"
	" ACCOUNT ALICE DESK1\n"
	" OPTION REALTIMER ECMODE\n"
	" CONSOLE 009 3215\n"
	" SPOOL 00C 2540 READER *\n"
	" SPOOL 00D 2540 PUNCH A\n"
	" SPOOL 00E 1403 A\n"
	"*\n"
	"USER BOB BOB 2M 16M G\n"
	" ACCOUNT BOB DESK2\n"
	" OPTION REALTIMER ECMODE\n"
	" CONSOLE 009 3215\n"
	" SPOOL 00C 2540 READER *\n"
	" SPOOL 00D 2540 PUNCH A\n"
	" SPOOL 00E 1403 A\n"
	"*\n"
	"* For programs that look for their console at 01F and the reader at 00A.\n"
	"USER STUDENT STUDENT 2M 16M G\n"
	" ACCOUNT STUDENT DESK3\n"
	" OPTION REALTIMER ECMODE\n"
	" CONSOLE 01F 1052\n"
	" SPOOL 00A 2540 READER *\n"
	" SPOOL 00D 2540 PUNCH A\n"
	" SPOOL 00E 1403 A\n";

bool datadir_path(char *path, size_t size, const char *dir, const char *name,
		  struct error *err)
{
	int n = snprintf(path, size, "%s/%s", dir, name);

	if (n >= 0 && (size_t)n < size)
		return true;
	error_set(err, ENAMETOOLONG, "%s/%s: the name is too long", dir, name);
	return false;
}

static bool write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t n = write(fd, text, left);

		if (n < 0)
			return false;
		text += n;
		left -= (size_t)n;
	}
	return true;
}

static bool write_new_file(const char *path, const char *text, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST) {
		error_set(err, EEXIST, "%s is there already: this is a data directory", path);
		return false;
	}
	if (fd < 0) {
		error_errno(err, errno, "%s", path);
		return false;
	}
	if (!write_all(fd, text) || fsync(fd) != 0) {
		error_errno(err, errno, "%s", path);
		close(fd);
		unlink(path);
		return false;
	}
	close(fd);
	return true;
}

bool datadir_init(const char *dir, struct error *err)
{
	char path[512];

	if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
		error_errno(err, errno, "%s", dir);
		return false;
	}
	return datadir_path(path, sizeof(path), dir, DATADIR_DIRECTORY, err) &&
	       write_new_file(path, default_directory, err);
}

int datadir_lock(const char *dir, struct error *err)
{
	char path[512];
	int fd;

	if (!datadir_path(path, sizeof(path), dir, DATADIR_DIRECTORY, err))
		return -1;
	if (access(path, R_OK) != 0) {
		error_errno(err, errno, "%s (make one with: vm370 init %s)", path, dir);
		return -1;
	}
	if (!datadir_path(path, sizeof(path), dir, DATADIR_LOCK, err))
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		error_errno(err, errno, "%s", path);
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		error_set(err, errno, "%s: another vm370 runs on this directory", dir);
		close(fd);
		return -1;
	}
	return fd;
}

bool datadir_wait(const char *dir, struct error *err)
{
	char path[512];
	int fd, rc;

	if (!datadir_path(path, sizeof(path), dir, DATADIR_LOCK, err))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		error_errno(err, errno, "%s", path);
		return false;
	}
	do {
		rc = flock(fd, LOCK_SH);
	} while (rc != 0 && errno == EINTR);
	if (rc != 0)
		error_errno(err, errno, "%s", path);
	close(fd);
	return rc == 0;
}
