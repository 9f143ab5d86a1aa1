#include "cp/control.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "cp/arrival.h"
#include "cp/command.h"
#include "cp/datadir.h"
#include "cp/shellconsole.h"
#include "cp/spool.h"
#include "cp/utf8.h"
#include "cp/vmblok.h"
#include "cp/directory.h"
#include "devices/cards.h"

#define REQUEST_LINE_MAX 512
#define PUNCH_CARDS_MAX  1000000
#define CLIENTS_MAX      64

struct client {
	struct client *next;
	struct control *control;
	struct loop_watch *watch;
	int fd;
	uint8_t *in;              /* request so far */
	size_t in_length, in_room;
	size_t wanted;            /* bytes of the whole request; 0: line not there yet */
	char *out;
	size_t out_length, sent;
	struct order *order;      /* its command, while that is executed */
	bool replied;
};

struct control {
	struct cp *cp;
	int fd;
	char path[512];
	struct loop_watch *watch;
	struct client *clients;
	unsigned count;
};

/* ---- requests */

static void reply(struct client *c, int rc, const char *text, size_t length)
{
	char head[64];
	size_t n = (size_t)snprintf(head, sizeof(head), "RC %d %zu\n", rc, length);

	c->out = malloc(n + length);
	if (!c->out)
		BUG("no memory for a reply");
	memcpy(c->out, head, n);
	if (length)
		memcpy(c->out + n, text, length);
	c->out_length = n + length;
	c->replied = true;
	loop_watch_events(c->watch, LOOP_WRITE);
}

static void reply_text(struct client *c, int rc, const char *text)
{
	reply(c, rc, text, strlen(text));
}

static void reply_latin1(struct client *c, int rc, const struct response *r)
{
	char *text = malloc(2 * r->length + 1);
	size_t n = 0;

	if (!text)
		BUG("no memory for a reply");
	for (size_t i = 0; i < r->length; i++)
		n += utf8_from_latin1(text + n, r->text[i]);
	reply(c, rc, text, n);
	free(text);
}

/* A command that is being executed; who gave it may be gone when it ends. */
struct order {
	struct client *client; /* NULL: gone */
	struct response response;
};

static void order_done(void *arg, int rc)
{
	struct order *o = arg;

	if (o->client) {
		o->client->order = NULL;
		reply_latin1(o->client, rc, &o->response);
	}
	free(o->response.text);
	free(o);
}

/* A command, executed as if the system operator had typed it. */
static void do_command(struct client *c, char *text)
{
	struct vmblok *oper = c->control->cp->oper;
	struct order *o;

	if (!oper) {
		reply_text(c, 45, "OPERATOR NOT LOGGED ON\n");
		return;
	}
	o = calloc(1, sizeof(*o));
	if (!o)
		BUG("no memory for a command");
	o->client = c;
	c->order = o;
	utf8_to_latin1(text);
	loop_watch_events(c->watch, 0); /* of what comes now only the end matters */
	command_lines(oper, text, &(struct command_how){ .response = &o->response,
							  .done = order_done, .arg = o });
}

/* The head of a PUNCH request: PUNCH userid cards[/class] [name [type]]. */
struct punch_head {
	char userid[CP_USERID_MAX + 1], name[9], type[9];
	unsigned count;
	char class;
};

static bool parse_punch(const char *line, struct punch_head *h)
{
	int n = 0;

	*h = (struct punch_head){ .class = 'A' };
	if (sscanf(line, "PUNCH %8s %u%n", h->userid, &h->count, &n) < 2)
		return false;
	if (line[n] == '/') {
		h->class = line[n + 1];
		if (!isupper((unsigned char)h->class) && !isdigit((unsigned char)h->class))
			return false;
		n += 2;
	}
	(void)sscanf(line + n, " %8s %8s", h->name, h->type);
	return h->count <= PUNCH_CARDS_MAX;
}

static void do_punch(struct client *c, const struct punch_head *h, const uint8_t *cards)
{
	struct cp *cp = c->control->cp;
	struct spool_file file;
	const struct directory_user *user = directory_find(cp->directory, h->userid);
	struct error err = { 0, "" };
	char text[500];

	if (!user) {
		snprintf(text, sizeof(text), "%s NOT IN CP DIRECTORY\n", h->userid);
		reply_text(c, 53, text);
		return;
	}
	if (!spool_deck(cp->spool, user->userid, user->distcode, h->name, h->type, h->class,
			cards, h->count, &file, &err)) {
		snprintf(text, sizeof(text), "%s\n", err.text);
		reply_text(c, 1, text);
		return;
	}
	arrival_announce(cp, &file, NULL);
	snprintf(text, sizeof(text), "RDR FILE %04u FOR %s, %u CARDS\n", file.id, h->userid,
		 h->count);
	reply_text(c, 0, text);
}

/*
 * Look at the request line, once it is whole: how many bytes will the request
 * have? Answers malformed ones.
 */
static void measure(struct client *c)
{
	const uint8_t *eol = memchr(c->in, '\n', c->in_length);
	char line[REQUEST_LINE_MAX];
	struct punch_head head;
	size_t n;

	if (!eol) {
		if (c->in_length >= REQUEST_LINE_MAX)
			reply_text(c, 1, "the request line is too long\n");
		return;
	}
	n = (size_t)(eol - c->in);
	if (n >= sizeof(line)) {
		reply_text(c, 1, "the request line is too long\n");
		return;
	}
	memcpy(line, c->in, n);
	line[n] = '\0';
	if (strncmp(line, "CMD ", 4) == 0 || strncmp(line, "CONSOLE ", 8) == 0)
		c->wanted = n + 1;
	else if (parse_punch(line, &head))
		c->wanted = n + 1 + (size_t)head.count * CARD_COLUMNS;
	else
		reply_text(c, 1, "unknown request\n");
}

static void client_free(struct client *c);

/* The connection becomes a user's console. */
static void do_console(struct client *c, const char *operands, const uint8_t *behind)
{
	size_t length = c->in_length - (size_t)(behind - c->in);
	struct error err = { 0, "" };
	int rc, fd = dup(c->fd); /* its watch goes with c */

	rc = fd < 0 ? 1 : shellconsole_begin(c->control->cp, fd, operands, behind, length, &err);
	if (!rc) {
		client_free(c);
		return;
	}
	if (fd >= 0)
		close(fd);
	snprintf(err.text + strlen(err.text), sizeof(err.text) - strlen(err.text), "\n");
	reply_text(c, rc, err.text);
}

static void carry_out(struct client *c)
{
	uint8_t *eol = memchr(c->in, '\n', c->in_length);
	struct punch_head head;

	*eol = '\0';
	if (strncmp((char *)c->in, "CONSOLE ", 8) == 0)
		do_console(c, (char *)c->in + 8, eol + 1);
	else if (strncmp((char *)c->in, "CMD ", 4) == 0)
		do_command(c, (char *)c->in + 4);
	else if (parse_punch((char *)c->in, &head))
		do_punch(c, &head, eol + 1);
}

/* ---- connections */

static void client_free(struct client *c)
{
	struct client **at = &c->control->clients;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->control->count--;
	if (c->order)
		c->order->client = NULL;
	loop_unwatch(c->watch);
	close(c->fd);
	free(c->in);
	free(c->out);
	free(c);
}

/* Read what is there. False: the other end is gone. */
static bool read_more(struct client *c)
{
	ssize_t n;

	if (c->in_room - c->in_length < 4096) {
		size_t room = c->in_room ? 2 * c->in_room : 8192;
		uint8_t *in = realloc(c->in, room);

		if (!in)
			return false;
		c->in = in;
		c->in_room = room;
	}
	n = read(c->fd, c->in + c->in_length, c->in_room - c->in_length);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->in_length += (size_t)n;
	return n > 0;
}

static bool write_more(struct client *c)
{
	ssize_t n = send(c->fd, c->out + c->sent, c->out_length - c->sent, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->sent += (size_t)n;
	return c->sent < c->out_length;
}

static void client_ready(void *arg, unsigned events)
{
	struct client *c = arg;

	if (c->replied) {
		if (!write_more(c))
			client_free(c);
		return;
	}
	if ((events & LOOP_READ) && !read_more(c)) {
		client_free(c);
		return;
	}
	if (c->order)
		return;
	if (!c->wanted)
		measure(c);
	if (!c->replied && c->wanted && c->in_length >= c->wanted)
		carry_out(c);
}

static void accept_one(void *arg, unsigned events)
{
	struct control *ctl = arg;
	int fd = accept4(ctl->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *c;
	struct error err;

	(void)events;
	if (fd < 0)
		return;
	c = ctl->count < CLIENTS_MAX ? calloc(1, sizeof(*c)) : NULL;
	if (!c) {
		close(fd);
		return;
	}
	c->control = ctl;
	c->fd = fd;
	c->watch = loop_watch(ctl->cp->loop, fd, LOOP_READ, client_ready, c, &err);
	if (!c->watch) {
		log_error(ctl->path, "%s", err.text);
		close(fd);
		free(c);
		return;
	}
	c->next = ctl->clients;
	ctl->clients = c;
	ctl->count++;
}

static bool socket_address(const char *path, struct sockaddr_un *sa, struct error *err)
{
	*sa = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(sa->sun_path)) {
		error_set(err, ENAMETOOLONG, "%s: too long for a socket's name", path);
		return false;
	}
	strcpy(sa->sun_path, path);
	return true;
}

struct control *control_open(struct cp *cp, struct error *err)
{
	struct control *ctl = calloc(1, sizeof(*ctl));
	struct sockaddr_un sa;

	if (!ctl)
		BUG("no memory for the control socket");
	ctl->cp = cp;
	ctl->fd = -1;
	if (!datadir_path(ctl->path, sizeof(ctl->path), cp->dir, DATADIR_CONTROL, err) ||
	    !socket_address(ctl->path, &sa, err)) {
		free(ctl);
		return NULL;
	}
	/* The lock on the directory is ours: a socket that is there is a dead one. */
	unlink(ctl->path);
	ctl->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ctl->fd < 0 || fchmod(ctl->fd, 0600) != 0 ||
	    bind(ctl->fd, (struct sockaddr *)&sa, sizeof(sa)) != 0 ||
	    chmod(ctl->path, 0600) != 0 || listen(ctl->fd, 16) != 0) {
		error_errno(err, errno, "%s", ctl->path);
		control_close(ctl);
		return NULL;
	}
	ctl->watch = loop_watch(cp->loop, ctl->fd, LOOP_READ, accept_one, ctl, err);
	if (!ctl->watch) {
		control_close(ctl);
		return NULL;
	}
	return ctl;
}

void control_close(struct control *ctl)
{
	if (!ctl)
		return;
	while (ctl->clients) {
		struct client *c = ctl->clients;

		/* The reply to SHUTDOWN itself should still arrive. */
		if (c->replied)
			(void)write_more(c);
		client_free(c);
	}
	if (ctl->watch)
		loop_unwatch(ctl->watch);
	if (ctl->fd >= 0) {
		close(ctl->fd);
		unlink(ctl->path);
	}
	free(ctl);
}

/* ---- the other end */

static bool send_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		ssize_t n = send(fd, at, size, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		size -= (size_t)n;
	}
	return true;
}

int control_copy_reply(FILE *in, struct error *err)
{
	char buffer[4096];
	size_t left, n;
	int rc;

	if (!fgets(buffer, sizeof(buffer), in) || sscanf(buffer, "RC %d %zu", &rc, &left) != 2) {
		error_set(err, 0, "vm370 ended before it answered");
		return -1;
	}
	while (left) {
		n = fread(buffer, 1, left < sizeof(buffer) ? left : sizeof(buffer), in);
		if (n == 0) {
			error_set(err, 0, "vm370 ended in the middle of its answer");
			return -1;
		}
		fwrite(buffer, 1, n, stdout);
		left -= n;
	}
	return rc;
}

int control_connect(const char *dir, const char *line, struct error *err)
{
	struct sockaddr_un sa;
	char path[512];
	int fd;

	if (!datadir_path(path, sizeof(path), dir, DATADIR_CONTROL, err) ||
	    !socket_address(path, &sa, err))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0) {
		error_errno(err, errno, "%s: no vm370 runs on this directory", dir);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (send_all(fd, line, strlen(line)) && send_all(fd, "\n", 1))
		return fd;
	error_errno(err, errno, "%s", path);
	close(fd);
	return -1;
}

int control_call(const char *dir, const char *line, const void *body, size_t body_size,
		 struct error *err)
{
	int fd = control_connect(dir, line, err), rc;
	FILE *in;

	if (fd < 0)
		return -1;
	if (!send_all(fd, body, body_size)) {
		error_errno(err, errno, "%s", dir);
		close(fd);
		return -1;
	}
	in = fdopen(fd, "r");
	if (!in)
		BUG("no memory for a stream");
	rc = control_copy_reply(in, err);
	fclose(in);
	return rc;
}
