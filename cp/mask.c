#include "cp/mask.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_there(const char *line, size_t length, const struct mask_word *w)
{
	size_t n = strlen(w->plain);

	if (!n || w->column + n > length || strncasecmp(line + w->column, w->plain, n) != 0)
		return false;
	return w->column + n == length || isspace((unsigned char)line[w->column + n]);
}

static bool write_star(int fd, const struct mask_word *w, off_t at)
{
	char star[sizeof(w->plain)];
	size_t n = strlen(w->plain);

	memset(star, ' ', n);
	star[0] = '*';
	return pwrite(fd, star, n, at) == (ssize_t)n;
}

static bool write_stars(int fd, const char *text, const struct mask_word *words)
{
	const char *line = text;
	bool ok = true;

	for (unsigned number = 1; *line; number++) {
		size_t length = strcspn(line, "\n");

		for (const struct mask_word *w = words; w; w = w->next)
			if (w->line == number && is_there(line, length, w))
				ok = write_star(fd, w, line - text + w->column) && ok;
		line += length + (line[length] == '\n');
	}
	return ok;
}

static bool mask_open(int fd, const struct mask_word *words)
{
	struct stat st;
	char *text = fstat(fd, &st) == 0 ? malloc((size_t)st.st_size + 1) : NULL;
	ssize_t n = text ? pread(fd, text, (size_t)st.st_size, 0) : -1;
	bool ok = n >= 0;

	if (ok) {
		text[n] = '\0';
		ok = write_stars(fd, text, words);
		explicit_bzero(text, (size_t)n);
	}
	free(text);
	return ok;
}

/* That somebody waits is told by a signal. It needs none: we are done in no time. */
static bool lease(int fd)
{
	return fcntl(fd, F_SETSIG, SIGURG) == 0 && fcntl(fd, F_SETLEASE, F_WRLCK) == 0;
}

enum mask_result mask_words(const char *path, const struct mask_word *words,
			    struct error *err)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	enum mask_result result = MASK_DONE;

	if (fd < 0 || !lease(fd)) {
		result = errno == EAGAIN ? MASK_BUSY : MASK_FAILED;
		error_set(err, errno, "%s: %s", path, strerror(errno));
	} else if (!mask_open(fd, words)) {
		result = MASK_FAILED;
		error_set(err, errno, "%s: %s", path, strerror(errno));
	}
	if (fd >= 0)
		close(fd); /* gives the lease back */
	return result;
}
