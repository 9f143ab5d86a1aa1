#include "cp/shellconsole.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "cp/control.h"
#include "cp/command.h"
#include "cp/consolespool.h"
#include "cp/directory.h"
#include "cp/session.h"
#include "cp/tap.h"
#include "cp/utf8.h"
#include "cp/vmblok.h"

#define OUTPUT_MAX (1u << 20) /* bytes that a slow reader may leave unread */
#define INPUT_MAX  (64u << 10)

struct shell {
	struct tap tap; /* first */
	struct vmblok *vm; /* counted */
	int fd;
	bool script, ended; /* ended: no more input comes */
	bool feeding;
	struct loop_watch *watch;
	struct loop_deferred feed_later;
	char *out;
	size_t out_length, out_room;
	size_t shown; /* characters of the line that has not ended */
	char in[INPUT_MAX];
	size_t in_length;
};

/* ---- output */

static void shell_free(struct shell *s)
{
	loop_undefer(s->vm->cp->loop, &s->feed_later);
	if (s->watch)
		loop_unwatch(s->watch);
	close(s->fd);
	vm_put(s->vm);
	free(s->out);
	free(s);
}

/* The client is gone, or has all it wanted. */
static void end(struct shell *s)
{
	tap_remove(s->vm, &s->tap);
	shell_free(s);
}

static void put(struct shell *s, const char *bytes, size_t n)
{
	if (s->out_length + n > OUTPUT_MAX)
		return; /* nobody reads: the console goes on without him */
	if (s->out_length + n > s->out_room) {
		s->out_room = 2 * (s->out_length + n);
		s->out = realloc(s->out, s->out_room);
		if (!s->out)
			BUG("no memory for a console");
	}
	memcpy(s->out + s->out_length, bytes, n);
	s->out_length += n;
}

static void watch_events(struct shell *s)
{
	loop_watch_events(s->watch, (s->ended || s->in_length == INPUT_MAX ? 0 : LOOP_READ) |
					    (s->out_length ? LOOP_WRITE : 0));
}

static void put_text(struct shell *s, const char *text)
{
	for (; *text; text++) {
		char utf8[2];

		put(s, utf8, utf8_from_latin1(utf8, *text));
	}
}

static void tap_text(struct tap *t, const char *text)
{
	struct shell *s = (struct shell *)t;

	put_text(s, text + s->shown);
	put(s, "\n", 1);
	s->shown = 0;
	watch_events(s);
}

/* A question, perhaps, that is answered on its own line. */
static void show_part(struct shell *s)
{
	char part[CONSOLESPOOL_PART];

	consolespool_part(s->vm, part);
	if (!part[s->shown])
		return;
	put_text(s, part + s->shown);
	s->shown = strlen(part);
	watch_events(s);
}

/* False: the client is gone. */
static bool flush(struct shell *s)
{
	ssize_t n = s->out_length ? send(s->fd, s->out, s->out_length, MSG_NOSIGNAL) : 0;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	memmove(s->out, s->out + n, s->out_length - (size_t)n);
	s->out_length -= (size_t)n;
	return true;
}

/* The user has logged off: what was said last still arrives, if it is read soon. */
static void tap_user_gone(struct tap *t)
{
	struct shell *s = (struct shell *)t;
	const struct timeval soon = { .tv_sec = 1 };
	size_t before = 0;

	setsockopt(s->fd, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof(soon));
	while (s->out_length && s->out_length != before) {
		before = s->out_length;
		if (!flush(s))
			break;
	}
	shell_free(s);
}

/* ---- input */

static bool is_escape(const struct shell *s)
{
	return s->in_length >= 3 && strncasecmp(s->in, "#cp", 3) == 0;
}

/* The first line that has come, if it may be typed now. */
static bool next_line(struct shell *s, char line[CP_LINE_MAX + 1])
{
	char *eol = memchr(s->in, '\n', s->in_length);
	size_t n = eol ? (size_t)(eol - s->in) : s->in_length;

	if (!eol && !(s->ended && n) && n < INPUT_MAX)
		return false;
	if (s->script && !session_reads(s->vm) && !is_escape(s))
		return false;
	if (command_typed_waits(s->vm) && !s->vm->prompt)
		return false;
	snprintf(line, CP_LINE_MAX + 1, "%.*s", (int)(n > CP_LINE_MAX ? CP_LINE_MAX : n), s->in);
	n += eol != NULL;
	memmove(s->in, s->in + n, s->in_length - n);
	s->in_length -= n;
	line[strcspn(line, "\r")] = '\0';
	utf8_to_latin1(line);
	return true;
}

/* Type what may be typed; at the end of a script close when it is all done. */
static void feed(void *arg)
{
	struct shell *s = arg;
	char line[CP_LINE_MAX + 1];

	s->feeding = true;
	while (!s->vm->leaving && next_line(s, line))
		(void)session_type(s->vm, line);
	s->feeding = false;
	if (!s->vm->leaving && s->ended && !s->in_length &&
	    (!s->script || session_reads(s->vm)) && !s->out_length)
		end(s);
	else
		watch_events(s);
}

static void tap_may_type(struct tap *t)
{
	struct shell *s = (struct shell *)t;

	show_part(s);
	/* Not here: a command may be in the middle of something. */
	if (!s->feeding)
		loop_defer(s->vm->cp->loop, &s->feed_later, feed, s);
}

static bool read_more(struct shell *s)
{
	ssize_t n = read(s->fd, s->in + s->in_length, INPUT_MAX - s->in_length);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	s->ended = n == 0;
	s->in_length += (size_t)n;
	return true;
}

static void ready(void *arg, unsigned events)
{
	struct shell *s = arg;

	/* Behind the end of its input only a hang-up comes. */
	if (((events & LOOP_WRITE) && !flush(s)) || ((events & LOOP_READ) && s->ended) ||
	    ((events & LOOP_READ) && s->in_length < INPUT_MAX && !read_more(s))) {
		end(s);
		return;
	}
	feed(s);
}

/* ---- begin */

static struct vmblok *user_of(struct cp *cp, const char *userid, struct error *err)
{
	const struct directory_user *user = directory_find(cp->directory, userid);
	struct vmblok *vm = vm_find(cp, userid);

	if (vm)
		return vm;
	if (!user) {
		error_set(err, 53, "%s NOT IN CP DIRECTORY", userid);
		return NULL;
	}
	vm = session_autolog(cp, user, err);
	if (vm)
		cp_tell_operator(cp, NULL, "AUTO LOGON *** %-8s USERS = %03u BY SHELL",
				 vm->userid, vm_users(cp));
	return vm;
}

int shellconsole_begin(struct cp *cp, int fd, const char *operands, const uint8_t *input,
		       size_t length, struct error *err)
{
	char userid[CP_USERID_MAX + 1] = "", how[8] = "";
	struct vmblok *vm;
	struct shell *s;

	if (sscanf(operands, "%8s %7s", userid, how) < 1 || length > INPUT_MAX) {
		error_set(err, 20, "USERID MISSING OR INVALID");
		return 20;
	}
	for (char *c = userid; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	vm = cp->shutdown ? NULL : user_of(cp, userid, err);
	if (!vm)
		return err->code ? err->code : 45;
	s = calloc(1, sizeof(*s));
	if (!s)
		BUG("no memory for a console");
	s->tap.line = tap_text;
	s->tap.status = tap_may_type;
	s->tap.gone = tap_user_gone;
	s->vm = vm_get(vm);
	s->fd = fd;
	s->script = strcmp(how, "SCRIPT") == 0;
	memcpy(s->in, input, length);
	s->in_length = length;
	put(s, "RC 0 0\n", 7);
	tap_add(vm, &s->tap);
	s->watch = loop_watch(cp->loop, fd, LOOP_READ | LOOP_WRITE, ready, s, err);
	if (s->watch)
		return 0;
	s->fd = -1;
	end(s);
	return 1;
}

/* ---- the other end */

static bool copy_out(int fd, bool *first)
{
	char buffer[4096];
	ssize_t n = read(fd, buffer, sizeof(buffer));
	size_t skip = *first ? strlen("RC 0 0\n") : 0;

	if (n <= 0)
		return n < 0 && errno == EINTR;
	*first = false;
	for (size_t at = skip; at < (size_t)n;) {
		ssize_t out = write(STDOUT_FILENO, buffer + at, (size_t)n - at);

		if (out < 0 && errno != EINTR)
			return false;
		at += out > 0 ? (size_t)out : 0;
	}
	return true;
}

/* Standard input to the socket; false: something is wrong. */
static bool copy_in(int fd, bool *ended)
{
	char buffer[4096];
	ssize_t n = read(STDIN_FILENO, buffer, sizeof(buffer));

	if (n < 0)
		return errno == EINTR;
	if (n == 0) {
		*ended = true;
		shutdown(fd, SHUT_WR);
	}
	for (ssize_t at = 0; at < n;) {
		ssize_t out = send(fd, buffer + at, (size_t)(n - at), MSG_NOSIGNAL);

		if (out < 0 && errno != EINTR)
			return false;
		at += out > 0 ? out : 0;
	}
	return true;
}

static int refused(int fd, struct error *err)
{
	FILE *in = fdopen(fd, "r");
	int rc = control_copy_reply(in, err);

	fclose(in);
	return rc;
}

int shellconsole_run(const char *dir, const char *userid, struct error *err)
{
	bool first = true, ended = false, interactive = isatty(STDIN_FILENO);
	char line[64], head[8] = "";
	int fd;

	snprintf(line, sizeof(line), "CONSOLE %.20s%s", userid, interactive ? "" : " SCRIPT");
	fd = control_connect(dir, line, err);
	if (fd < 0)
		return -1;
	if (recv(fd, head, 7, MSG_PEEK | MSG_WAITALL) != 7 || strcmp(head, "RC 0 0\n") != 0)
		return refused(fd, err);
	for (;;) {
		struct pollfd p[2] = { { .fd = fd, .events = POLLIN },
				       { .fd = ended ? -1 : STDIN_FILENO, .events = POLLIN } };

		if (poll(p, 2, -1) < 0)
			continue;
		if ((p[0].revents && !copy_out(fd, &first)) ||
		    (p[1].revents && !copy_in(fd, &ended)))
			break;
		if (ended && interactive)
			break;
	}
	close(fd);
	return 0;
}
