#include "cp/cardport.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "cp/cp.h"
#include "cp/deckin.h"
#include "cp/output.h"

#define READER	     0x00C
#define SENDERS_MAX  16
#define DECK_MAX     (16u << 20) /* bytes */
#define IDLE_SECONDS 60

struct sender {
	struct sender *next;
	struct cardport *port;
	int fd, deck; /* the connection, and what has come: a file in memory */
	size_t size;
	struct loop_watch *watch;
	struct loop_timer idle;
	char name[32];
};

struct cardport {
	struct cp *cp;
	int fd;
	uint16_t number;
	struct loop_watch *watch;
	struct sender *senders;
	unsigned count, total;
};

static void sender_free(struct sender *s)
{
	struct sender **at = &s->port->senders;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	s->port->count--;
	loop_timer_stop(s->port->cp->loop, &s->idle);
	if (s->watch)
		loop_unwatch(s->watch);
	close(s->fd);
	if (s->deck >= 0)
		close(s->deck);
	free(s);
}

static void too_slow(void *arg)
{
	struct sender *s = arg;

	log_warn("reader", "%s: nothing for %d seconds, dropped", s->name, IDLE_SECONDS);
	sender_free(s);
}

/* The sender has closed: that was the deck. */
static void deck_is_whole(struct sender *s)
{
	static const struct deckin_default nobody = { "", "", "" };
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", s->deck);
	if (s->size == 0)
		log_info("reader", "%s: connected and sent nothing", s->name);
	else if (!output_started(output_find(s->port->cp->output, READER)))
		log_warn("reader", "%s: the reader is drained, deck refused", s->name);
	else
		deckin_take(s->port->cp, path, s->name, &nobody);
}

static bool keep(struct sender *s, const uint8_t *data, size_t n)
{
	if (s->size + n > DECK_MAX) {
		log_warn("reader", "%s: more than %u bytes, dropped", s->name, DECK_MAX);
		return false;
	}
	s->size += n;
	while (n) {
		ssize_t done = write(s->deck, data, n);

		if (done <= 0) {
			log_error("reader", "%s: %s", s->name, strerror(errno));
			return false;
		}
		data += done;
		n -= (size_t)done;
	}
	return true;
}

static void receive(void *arg, unsigned events)
{
	struct sender *s = arg;
	uint8_t buffer[16384];
	ssize_t n = read(s->fd, buffer, sizeof(buffer));

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	loop_timer_start(s->port->cp->loop, &s->idle, IDLE_SECONDS * 1000, too_slow, s);
	if (n > 0 && keep(s, buffer, (size_t)n))
		return;
	if (n == 0)
		deck_is_whole(s);
	else if (n < 0) /* cut off in the middle: no deck */
		log_warn("reader", "%s: %s", s->name, strerror(errno));
	sender_free(s);
}

static void accept_one(void *arg, unsigned events)
{
	struct cardport *p = arg;
	int fd = accept4(p->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct sender *s;
	struct error err = { 0, "no room" };

	(void)events;
	if (fd < 0)
		return;
	s = p->count < SENDERS_MAX ? calloc(1, sizeof(*s)) : NULL;
	if (!s) {
		close(fd);
		return;
	}
	s->port = p;
	s->fd = fd;
	snprintf(s->name, sizeof(s->name), "card port, deck %u", ++p->total);
	s->next = p->senders;
	p->senders = s;
	p->count++;
	s->deck = memfd_create("deck", MFD_CLOEXEC);
	if (s->deck >= 0)
		s->watch = loop_watch(p->cp->loop, fd, LOOP_READ, receive, s, &err);
	if (!s->watch) {
		log_error("reader", "%s: %s", s->name, err.text);
		sender_free(s);
		return;
	}
	loop_timer_start(p->cp->loop, &s->idle, IDLE_SECONDS * 1000, too_slow, s);
}

static bool listen_on(struct cardport *p, uint16_t number, struct error *err)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(number),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(sa);
	int on = 1;

	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p->fd < 0 || setsockopt(p->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(p->fd, (struct sockaddr *)&sa, sizeof(sa)) != 0 || listen(p->fd, 16) != 0 ||
	    getsockname(p->fd, (struct sockaddr *)&sa, &length) != 0) {
		error_errno(err, errno, "card port %u", number);
		return false;
	}
	p->number = ntohs(sa.sin_port);
	p->watch = loop_watch(p->cp->loop, p->fd, LOOP_READ, accept_one, p, err);
	return p->watch != NULL;
}

struct cardport *cardport_open(struct cp *cp, uint16_t number, struct error *err)
{
	struct cardport *p = calloc(1, sizeof(*p));

	if (!p)
		BUG("no memory for the card port");
	p->cp = cp;
	p->fd = -1;
	if (listen_on(p, number, err))
		return p;
	cardport_close(p);
	return NULL;
}

uint16_t cardport_number(const struct cardport *p)
{
	return p->number;
}

void cardport_close(struct cardport *p)
{
	if (!p)
		return;
	while (p->senders)
		sender_free(p->senders);
	if (p->watch)
		loop_unwatch(p->watch);
	if (p->fd >= 0)
		close(p->fd);
	free(p);
}
