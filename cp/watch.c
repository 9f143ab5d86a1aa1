#include "cp/watch.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cp/cp.h"
#include "cp/datadir.h"
#include "cp/deckin.h"
#include "cp/output.h"

#define READER 0x00C

struct watch {
	struct cp *cp;
	int fd;
	struct loop_watch *loop;
	char dir[480], rejected[500];
};

/* One part of a file's name, as far as the next dot, as a spool file's name. */
static const char *take_part(const char *at, char out[9])
{
	size_t n = 0;

	for (; *at && *at != '.'; at++)
		if (n < 8)
			out[n++] = isalnum((unsigned char)*at)
					   ? (char)toupper((unsigned char)*at) : '$';
	out[n] = '\0';
	return *at ? at + 1 : at;
}

static void reject(struct watch *w, const char *path, const char *name)
{
	char to[800];

	if (mkdir(w->rejected, 0700) != 0 && errno != EEXIST)
		log_error("reader", "%s: %s", w->rejected, strerror(errno));
	snprintf(to, sizeof(to), "%s/%s", w->rejected, name);
	if (rename(path, to) != 0)
		log_error("reader", "%s: %s", path, strerror(errno));
}

static void take_file(struct watch *w, const char *name)
{
	struct deckin_default standard = { "", "", "" };
	char path[800];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	if (name[0] == '.' || lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return;
	if (!output_started(output_find(w->cp->output, READER)))
		return;
	if (strchr(name, '.'))
		take_part(take_part(take_part(name, standard.userid), standard.name),
			  standard.type);
	if (!deckin_take(w->cp, path, name, &standard))
		reject(w, path, name);
	else if (unlink(path) != 0)
		log_error("reader", "%s: %s", path, strerror(errno));
}

static int is_candidate(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

void watch_scan(struct watch *w)
{
	struct dirent **names;
	int n = scandir(w->dir, &names, is_candidate, alphasort);

	for (int i = 0; i < n; i++) {
		take_file(w, names[i]->d_name);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

static void ready(void *arg, unsigned events)
{
	struct watch *w = arg;
	_Alignas(struct inotify_event) char buffer[4096];
	ssize_t n = read(w->fd, buffer, sizeof(buffer));

	(void)events;
	for (ssize_t at = 0; at < n;) {
		struct inotify_event e;

		memcpy(&e, buffer + at, sizeof(e));
		if (e.mask & IN_Q_OVERFLOW)
			watch_scan(w);
		else if (e.len)
			take_file(w, buffer + at + sizeof(e));
		at += (ssize_t)sizeof(e) + e.len;
	}
}

static bool begin(struct watch *w, struct error *err)
{
	if (!datadir_path(w->dir, sizeof(w->dir), w->cp->dir, "cards", err))
		return false;
	snprintf(w->rejected, sizeof(w->rejected), "%s/rejected", w->dir);
	if (mkdir(w->dir, 0700) != 0 && errno != EEXIST) {
		error_errno(err, errno, "%s", w->dir);
		return false;
	}
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->fd < 0 || inotify_add_watch(w->fd, w->dir, IN_CLOSE_WRITE | IN_MOVED_TO) < 0) {
		error_errno(err, errno, "%s: cannot be watched", w->dir);
		return false;
	}
	w->loop = loop_watch(w->cp->loop, w->fd, LOOP_READ, ready, w, err);
	return w->loop != NULL;
}

struct watch *watch_open(struct cp *cp, struct error *err)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		BUG("no memory for the card reader");
	w->cp = cp;
	w->fd = -1;
	if (!begin(w, err)) {
		watch_close(w);
		return NULL;
	}
	watch_scan(w);
	return w;
}

void watch_close(struct watch *w)
{
	if (!w)
		return;
	if (w->loop)
		loop_unwatch(w->loop);
	if (w->fd >= 0)
		close(w->fd);
	free(w);
}
