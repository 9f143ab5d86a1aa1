/*
 * A library to preload: lets input and output of files fail as a broken disk or a full
 * file system does. FAILIO names a folder; while it has a file NAME with a number in it,
 * writes (and, with a letter r behind the number, reads) of files called NAME fail with
 * that errno.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

ssize_t pwrite(int fd, const void *data, size_t n, off_t at);
ssize_t pwrite64(int fd, const void *data, size_t n, off_t at);
ssize_t pread(int fd, void *data, size_t n, off_t at);
ssize_t pread64(int fd, void *data, size_t n, off_t at);

/* The errno to fail with, 0 for none. */
static int failure(int fd, int reading)
{
	const char *folder = getenv("FAILIO"), *base;
	char path[512], target[512], how[16] = "";
	ssize_t n;
	FILE *f;

	if (!folder)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, sizeof(target) - 1);
	if (n <= 0)
		return 0;
	target[n] = '\0';
	base = strrchr(target, '/');
	snprintf(path, sizeof(path), "%.240s/%.250s", folder, base ? base + 1 : target);
	if (access(path, F_OK) != 0)
		return 0;
	f = fopen(path, "r");
	if (!f)
		return 0;
	n = fscanf(f, "%15s", how);
	fclose(f);
	return !reading || strchr(how, 'r') ? atoi(how) : 0;
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define OR_FAIL(reading)                                                                 \
	do {                                                                             \
		int e = failure(fd, reading);                                            \
		if (e) {                                                                 \
			errno = e;                                                       \
			return -1;                                                       \
		}                                                                        \
	} while (0)

ssize_t pwrite(int fd, const void *data, size_t n, off_t at)
{
	REAL(pwrite);
	OR_FAIL(0);
	return real(fd, data, n, at);
}

ssize_t pwrite64(int fd, const void *data, size_t n, off_t at)
{
	REAL(pwrite64);
	OR_FAIL(0);
	return real(fd, data, n, at);
}

ssize_t pwritev(int fd, const struct iovec *iov, int count, off_t at)
{
	REAL(pwritev);
	OR_FAIL(0);
	return real(fd, iov, count, at);
}

ssize_t write(int fd, const void *data, size_t n)
{
	REAL(write);
	OR_FAIL(0);
	return real(fd, data, n);
}

ssize_t pread(int fd, void *data, size_t n, off_t at)
{
	REAL(pread);
	OR_FAIL(1);
	return real(fd, data, n, at);
}

ssize_t pread64(int fd, void *data, size_t n, off_t at)
{
	REAL(pread64);
	OR_FAIL(1);
	return real(fd, data, n, at);
}
