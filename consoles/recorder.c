#include "consoles/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_MAX (64L << 20) /* bytes; then the recording ends */

struct recorder {
	FILE *file;
	long size;
};

struct recorder *recorder_new(const char *path, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct recorder *r;

	if (fd < 0) {
		error_errno(err, errno, "recording %s", path);
		return NULL;
	}
	r = calloc(1, sizeof(*r));
	if (!r)
		BUG("out of memory");
	r->file = fdopen(fd, "w");
	if (!r->file)
		BUG("out of memory");
	return r;
}

void recorder_free(struct recorder *r)
{
	if (!r)
		return;
	fclose(r->file);
	free(r);
}

void recorder_line(struct recorder *r, const void *bytes, size_t n, const char *format,
		   ...)
{
	const uint8_t *b = bytes;
	va_list ap;

	if (!r || r->size > FILE_MAX)
		return;
	va_start(ap, format);
	r->size += vfprintf(r->file, format, ap) + 2 + 2 * (long)n;
	va_end(ap);
	if (bytes)
		fputc(' ', r->file);
	for (size_t i = 0; bytes && i < n; i++)
		fprintf(r->file, "%02X", b[i]);
	fputc('\n', r->file);
}
