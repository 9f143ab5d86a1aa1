#include "devices/nje_port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "devices/tcp_link.h"

#define CALLERS	   8	  /* that have not said yet whom they want */
#define PATIENCE   10000u /* ms until they must have */
#define COMPLAINTS 5	  /* lines in the log until a call is for somebody */

/* Somebody who has called. */
struct caller {
	int fd; /* -1: nobody */
	struct sockaddr_in from;
	uint64_t until; /* ms */
	size_t have;
	uint8_t open[NJE_CONTROL];
};

struct nje_port {
	char subject[32];
	struct sockaddr_in at;
	uint16_t number;
	struct tcp_thread thread;
	int listener;

	pthread_mutex_t lock; /* before that of a link; these two */
	bool ending;
	struct nje_member *members;

	/* the port's thread only */
	struct caller callers[CALLERS];
	unsigned complaints;
};

/* ---- callers, on the port's thread */

static void complain(struct nje_port *p, const struct caller *c, const char *why)
{
	p->complaints++;
	if (p->complaints <= COMPLAINTS)
		log_warn(p->subject, "NJE: call from %s port %u: %s",
			 inet_ntoa(c->from.sin_addr), ntohs(c->from.sin_port), why);
	if (p->complaints == COMPLAINTS)
		log_warn(p->subject, "NJE: no more of this until a call is for a link");
}

static void drop(struct nje_port *p, struct caller *c, const char *why)
{
	complain(p, c, why);
	tcp_close(&c->fd);
}

/* A free place; else the oldest loses his. */
static struct caller *place_for_one(struct nje_port *p)
{
	struct caller *oldest = &p->callers[0];

	for (int i = 0; i < CALLERS; i++) {
		if (p->callers[i].fd < 0)
			return &p->callers[i];
		if (p->callers[i].until < oldest->until)
			oldest = &p->callers[i];
	}
	drop(p, oldest, "has not said which link, and others want to");
	return oldest;
}

/* false: nobody more has called. */
static bool accept_one(struct nje_port *p)
{
	struct sockaddr_in from;
	socklen_t n = sizeof(from);
	int fd = accept4(p->listener, (struct sockaddr *)&from, &n,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct caller *c;

	if (fd < 0)
		return false;
	c = place_for_one(p);
	*c = (struct caller){ .fd = fd, .from = from, .until = tcp_now_ms() + PATIENCE };
	return true;
}

static struct nje_member *find_locked(const struct nje_port *p,
				      const uint8_t here[NJE_NAME],
				      const uint8_t there[NJE_NAME])
{
	struct nje_member *m = p->members;

	while (m && (memcmp(m->here, here, NJE_NAME) != 0 ||
		     memcmp(m->there, there, NJE_NAME) != 0))
		m = m->next;
	return m;
}

/* Tell him why not. What he sent is swapped: we are the one he called. */
static void refuse(struct nje_port *p, struct caller *c, const struct nje_control *open,
		   enum nje_reason why)
{
	struct nje_control nak = { .type = NJE_NAK,
				   .from_ip = open->to_ip,
				   .to_ip = open->from_ip,
				   .reason = (uint8_t)why };
	char from[NJE_NAME + 1], to[NJE_NAME + 1], text[80];
	uint8_t bytes[NJE_CONTROL];

	memcpy(nak.from, open->to, NJE_NAME);
	memcpy(nak.to, open->from, NJE_NAME);
	nje_control_put(&nak, bytes);
	/* A new connection has room for that; if it has not, he hears nothing. */
	(void)!send(c->fd, bytes, sizeof(bytes), MSG_NOSIGNAL);
	nje_name_text(open->from, from);
	nje_name_text(open->to, to);
	snprintf(text, sizeof(text), "%s for %s refused: %s", from, to,
		 nje_reason_text((uint8_t)why));
	drop(p, c, text);
}

/* He has said which link he wants. */
static void connect_one(struct nje_port *p, struct caller *c)
{
	enum nje_reason why = NJE_NO_LINK;
	struct nje_control open;
	struct nje_member *m;

	nje_control_get(&open, c->open);
	if (open.type != NJE_OPEN) {
		drop(p, c, "does not begin with OPEN");
		return;
	}
	pthread_mutex_lock(&p->lock);
	m = find_locked(p, open.to, open.from);
	if (m)
		why = m->offer(m->arg, c->fd, &open);
	pthread_mutex_unlock(&p->lock);
	if (why != NJE_WELCOME) {
		refuse(p, c, &open, why);
		return;
	}
	c->fd = -1; /* the link's now */
	p->complaints = 0;
}

static void listen_to(struct nje_port *p, struct caller *c)
{
	ssize_t n = recv(c->fd, c->open + c->have, NJE_CONTROL - c->have, 0);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		drop(p, c, "has gone without saying which link");
		return;
	}
	c->have += (size_t)n;
	if (c->have == NJE_CONTROL)
		connect_one(p, c);
}

/* ---- the port's thread */

static bool is_ending(struct nje_port *p)
{
	bool ending;

	pthread_mutex_lock(&p->lock);
	ending = p->ending;
	pthread_mutex_unlock(&p->lock);
	return ending;
}

/* Until somebody's patience is over; -1: nobody is there. */
static int timeout(const struct nje_port *p)
{
	uint64_t now = tcp_now_ms();
	int ms = -1;

	for (int i = 0; i < CALLERS; i++) {
		const struct caller *c = &p->callers[i];
		int left = c->until > now ? (int)(c->until - now) : 0;

		if (c->fd >= 0 && (ms < 0 || left < ms))
			ms = left;
	}
	return ms;
}

static void *port_main(void *arg)
{
	struct nje_port *p = arg;

	while (!is_ending(p)) {
		struct pollfd f[2 + CALLERS] = {
			{.fd = p->thread.pipe[0], .events = POLLIN},
			{ .fd = p->listener,	     .events = POLLIN},
		};

		for (int i = 0; i < CALLERS; i++)
			f[2 + i] = (struct pollfd){ .fd = p->callers[i].fd,
						    .events = POLLIN };
		if (poll(f, 2 + CALLERS, timeout(p)) < 0)
			continue;
		if (f[0].revents)
			tcp_thread_drain(&p->thread);
		for (int i = 0; i < CALLERS; i++) {
			struct caller *c = &p->callers[i];

			if (c->fd >= 0 && f[2 + i].revents)
				listen_to(p, c);
			if (c->fd >= 0 && c->until <= tcp_now_ms())
				drop(p, c, "has not said which link");
		}
		for (int i = 0; f[1].revents && i < CALLERS && accept_one(p); i++)
			;
	}
	return NULL;
}

/* ---- the machine's thread */

static void port_free(struct nje_port *p)
{
	tcp_close(&p->listener);
	for (int i = 0; i < CALLERS; i++)
		tcp_close(&p->callers[i].fd);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

struct nje_port *nje_port_open(const struct sockaddr_in *at, const char *subject,
			       struct error *err)
{
	struct nje_port *p = calloc(1, sizeof(*p));

	if (!p) {
		error_set(err, ENOMEM, "no memory for a port");
		return NULL;
	}
	snprintf(p->subject, sizeof(p->subject), "%s", subject);
	p->at = *at;
	for (int i = 0; i < CALLERS; i++)
		p->callers[i].fd = -1;
	pthread_mutex_init(&p->lock, NULL);
	p->listener = tcp_listen(at, &p->number);
	p->at.sin_port = htons(p->number); /* 0 was: any */
	if (p->listener < 0)
		error_errno(err, errno, "port %u", ntohs(at->sin_port));
	else if (tcp_thread_start(&p->thread, port_main, p, err))
		return p;
	port_free(p);
	return NULL;
}

bool nje_port_is(const struct nje_port *p, const struct sockaddr_in *at)
{
	return p->at.sin_port == at->sin_port &&
	       p->at.sin_addr.s_addr == at->sin_addr.s_addr;
}

uint16_t nje_port_number(const struct nje_port *p)
{
	return p->number;
}

bool nje_port_join(struct nje_port *p, struct nje_member *m)
{
	bool new;

	pthread_mutex_lock(&p->lock);
	new = !find_locked(p, m->here, m->there);
	if (new) {
		m->next = p->members;
		p->members = m;
	}
	pthread_mutex_unlock(&p->lock);
	return new;
}

void nje_port_leave(struct nje_port *p, struct nje_member *m)
{
	bool last;

	pthread_mutex_lock(&p->lock);
	for (struct nje_member **at = &p->members; *at; at = &(*at)->next)
		if (*at == m) {
			*at = m->next;
			break;
		}
	last = !p->members;
	p->ending = last;
	pthread_mutex_unlock(&p->lock);
	if (!last)
		return;
	tcp_thread_end(&p->thread);
	port_free(p);
}
