#include "devices/ctce_link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "devices/tcp_link.h"

#define RETRY_MS     250 /* between two tries to reach the other side */
#define SEND_SECONDS 5	 /* the other side takes no more: the link is broken */
/* More unread messages than two adapters ever exchange: the other side is mad. */
#define QUEUE_MAX    64

struct queued {
	struct queued *next;
	struct ctce_message message;
};

struct ctce_link {
	struct ctce_config config;
	char subject[32];
	char remote[100];
	struct sockaddr_in peer; /* without a port */
	struct tcp_thread thread;
	int listener[CTCE_FORMS]; /* -1: not in that form */

	pthread_mutex_t lock; /* all below */
	bool ending;
	int out, in; /* connections, -1 none */
	enum ctce_form out_form, in_form;
	unsigned generation;
	bool first;
	bool heard; /* something has come over in */
	uint16_t serial;
	struct queued *head, **tail;
	unsigned queued;

	/* the link's thread only */
	uint8_t *buffer;
	size_t have;
	int trying; /* a connection that is being made, or -1 */
	enum ctce_form trying_form;
	uint64_t not_before; /* of the next try, by tcp_now_ms() */
	int greeter;	     /* a connection whose greeting is awaited, or -1 */
	size_t greeted;	     /* bytes of it so far, in greeting as far as they fit */
	uint8_t greeting[CTCE_GREETING];
};

/* ---- sockets */

/* A socket bound to that port; -1 with errno. shared: with others of ours. */
static int bound_socket(uint16_t port, bool shared)
{
	const struct sockaddr_in here = { .sin_family = AF_INET,
					  .sin_port = htons(port),
					  .sin_addr.s_addr = htonl(INADDR_ANY) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1,
	    e;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (shared)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&here, sizeof(here)) == 0)
		return fd;
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

static bool find_peer(struct ctce_link *l, struct error *err)
{
	const struct addrinfo hints = { .ai_family = AF_INET,
					.ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	int e = getaddrinfo(l->remote, NULL, &hints, &found);

	if (e) {
		error_set(err, 0, "%s: %s", l->remote, gai_strerror(e));
		return false;
	}
	memcpy(&l->peer, found->ai_addr, sizeof(l->peer));
	freeaddrinfo(found);
	return true;
}

/* The first form's connection comes from the port at which the second listens. */
static bool listen_at(struct ctce_link *l, enum ctce_form form, struct error *err)
{
	unsigned port = l->config.local_port + (form == CTCE_OLD);
	bool shared = form == CTCE_NEW && l->config.old_form;

	l->listener[form] = bound_socket((uint16_t)port, shared);
	if (l->listener[form] >= 0 && listen(l->listener[form], 4) == 0)
		return true;
	error_errno(err, errno, "port %u", port);
	return false;
}

/* ---- the coupling; the lock is held in these */

static bool coupled_locked(const struct ctce_link *l)
{
	return l->out >= 0 && l->in >= 0;
}

static void drop_queue_locked(struct ctce_link *l)
{
	while (l->head) {
		struct queued *q = l->head;

		l->head = q->next;
		free(q);
	}
	l->tail = &l->head;
	l->queued = 0;
}

static void uncouple_locked(struct ctce_link *l)
{
	if (coupled_locked(l))
		log_info(l->subject, "%s has gone", l->remote);
	/* The thread polls these: it closes them itself. Of in see out_closed(). */
	if (l->in >= 0 && (l->heard || l->in_form == CTCE_NEW))
		shutdown(l->in, SHUT_RDWR);
	if (l->out >= 0)
		shutdown(l->out, SHUT_RDWR);
}

static void tune(int fd)
{
	int on = 1;
	const struct timeval limit = { .tv_sec = SEND_SECONDS };

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

static void drop_in_locked(struct ctce_link *l)
{
	tcp_close(&l->in);
	l->have = 0;
}

/*
 * A connection of that form is there: what must go for it? false: it must, because the
 * other connection is of the second form.
 */
static bool make_room_locked(struct ctce_link *l, bool outgoing, enum ctce_form form)
{
	int other = outgoing ? l->in : l->out;
	bool differs = other >= 0 && form != (outgoing ? l->in_form : l->out_form);

	if (differs && form == CTCE_OLD)
		return false;
	if (differs && outgoing)
		drop_in_locked(l);
	else if (differs)
		tcp_close(&l->out);
	if (!outgoing && l->in >= 0) { /* made anew by the other side */
		drop_in_locked(l);
		l->generation++;
	}
	return true;
}

/* A connection is there; was it the second? */
static void connected(struct ctce_link *l, bool outgoing, int fd, enum ctce_form form)
{
	bool both, ok;

	tune(fd);
	pthread_mutex_lock(&l->lock);
	ok = make_room_locked(l, outgoing, form);
	if (ok && l->in < 0 && l->out < 0) {
		l->generation++;
		if (form == CTCE_OLD)
			l->first = outgoing;
	}
	if (ok && !outgoing)
		l->heard = false;
	if (ok) {
		*(outgoing ? &l->out : &l->in) = fd;
		*(outgoing ? &l->out_form : &l->in_form) = form;
	}
	both = ok && coupled_locked(l);
	if (both)
		log_info(l->subject, "coupled with %s, port %u", l->remote,
			 l->config.remote_port);
	pthread_mutex_unlock(&l->lock);
	if (!ok)
		close(fd);
	if (both)
		l->config.wake(l->config.arg);
}

static void disconnected(struct ctce_link *l)
{
	pthread_mutex_lock(&l->lock);
	uncouple_locked(l);
	drop_in_locked(l);
	tcp_close(&l->out);
	pthread_mutex_unlock(&l->lock);
	l->config.wake(l->config.arg);
}

/*
 * The other side has closed the connection that we made. If it has not said anything
 * yet over its own, only ours is made anew: Hercules 3.13, when it starts, closes one
 * that comes too early for it, and would not make its own again.
 */
static void out_closed(struct ctce_link *l)
{
	bool again;

	pthread_mutex_lock(&l->lock);
	again = l->in >= 0 && l->in_form == CTCE_OLD && !l->heard;
	if (again) {
		log_info(l->subject, "%s has closed our connection", l->remote);
		tcp_close(&l->out);
		l->generation++;
		l->first = false;
	}
	pthread_mutex_unlock(&l->lock);
	l->not_before = tcp_now_ms() + RETRY_MS;
	if (again)
		l->config.wake(l->config.arg);
	else
		disconnected(l);
}

/* ---- the link's thread: connecting */

static size_t small_of(const struct ctce_link *l, enum ctce_form form)
{
	size_t least = ctce_prefix_size(form);

	return l->config.small > least ? l->config.small : least;
}

/* The other form in its turn; when both have been tried, later. */
static void try_failed(struct ctce_link *l)
{
	tcp_close(&l->trying);
	if (l->trying_form == CTCE_NEW && l->config.old_form && l->in < 0) {
		l->trying_form = CTCE_OLD;
		return;
	}
	l->trying_form = CTCE_NEW;
	l->not_before = tcp_now_ms() + RETRY_MS;
}

static void try_connect(struct ctce_link *l)
{
	struct sockaddr_in to = l->peer;
	bool old;

	if (l->in >= 0)
		l->trying_form = l->in_form;
	old = l->trying_form == CTCE_OLD;
	to.sin_port = htons((uint16_t)(l->config.remote_port + old));
	l->trying = bound_socket(old ? l->config.local_port : 0, old);
	if (l->trying < 0 || (connect(l->trying, (struct sockaddr *)&to, sizeof(to)) != 0 &&
			      errno != EINPROGRESS))
		try_failed(l);
}

static void blocking(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

/* The first thing on a connection of the second form. */
static bool greet(const struct ctce_link *l, int fd)
{
	size_t n = small_of(l, CTCE_NEW);
	uint8_t *bytes = calloc(1, n);
	struct ctce_greeting g = {
		.receiving = l->in >= 0,
		.port = l->config.local_port,
		.length = (uint16_t)n,
		.device = l->config.device,
	};
	bool ok = false;

	memcpy(g.to, &l->peer.sin_addr, sizeof(g.to));
	if (bytes) {
		ctce_greeting_put(bytes, &g);
		ok = send(fd, bytes, n, MSG_NOSIGNAL) == (ssize_t)n;
	}
	free(bytes);
	return ok;
}

static void connect_ended(struct ctce_link *l)
{
	int e = 0, fd = l->trying;
	socklen_t n = sizeof(e);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n) != 0 || e ||
	    (l->trying_form == CTCE_NEW && !greet(l, fd))) {
		try_failed(l);
		return;
	}
	l->trying = -1;
	blocking(fd);
	connected(l, true, fd, l->trying_form);
	l->trying_form = CTCE_NEW;
}

/* A connection of the host that we are to be coupled with; -1: of another, or none. */
static int accept_peer(struct ctce_link *l, enum ctce_form form)
{
	struct sockaddr_in from;
	socklen_t n = sizeof(from);
	int fd = accept4(l->listener[form], (struct sockaddr *)&from, &n, SOCK_CLOEXEC);

	if (fd < 0)
		return -1;
	if (from.sin_addr.s_addr == l->peer.sin_addr.s_addr &&
	    (form == CTCE_NEW || l->in < 0))
		return fd;
	log_warn(l->subject, "connection from %s refused", inet_ntoa(from.sin_addr));
	close(fd);
	return -1;
}

static void accept_one(struct ctce_link *l, enum ctce_form form)
{
	int fd = accept_peer(l, form);

	if (fd < 0)
		return;
	if (form == CTCE_OLD) {
		connected(l, false, fd, form);
		return;
	}
	tcp_close(&l->greeter); /* it has had its time */
	l->greeter = fd;
	l->greeted = 0;
}

/* The greeting is complete. */
static void take_greeting(struct ctce_link *l)
{
	const uint8_t *address = (const uint8_t *)&l->peer.sin_addr;
	struct ctce_greeting g;
	int fd = l->greeter;

	l->greeter = -1;
	ctce_greeting_get(l->greeting, &g);
	if (g.port != l->config.remote_port ||
	    (l->config.remote_device && g.device != l->config.remote_device)) {
		log_warn(l->subject, "greeting of device %04X, port %u, refused", g.device,
			 g.port);
		close(fd);
		return;
	}
	pthread_mutex_lock(&l->lock);
	l->first = ctce_greeting_first(&g, address, l->config.device);
	pthread_mutex_unlock(&l->lock);
	connected(l, false, fd, CTCE_NEW);
}

static void receive_greeting(struct ctce_link *l)
{
	uint8_t rest[256];
	size_t all = small_of(l, CTCE_NEW), want = all - l->greeted;
	bool beginning = l->greeted < CTCE_GREETING;
	uint8_t *to = beginning ? l->greeting + l->greeted : rest;
	size_t room = beginning ? CTCE_GREETING - l->greeted : sizeof(rest);
	ssize_t n = recv(l->greeter, to, want < room ? want : room, 0);

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		tcp_close(&l->greeter);
		return;
	}
	l->greeted += (size_t)n;
	if (l->greeted == all)
		take_greeting(l);
}

/* ---- the link's thread: receiving */

/* The length of the message in the buffer; 0: not known yet; SIZE_MAX: nonsense. */
static size_t message_length(const struct ctce_link *l)
{
	struct ctce_prefix p;

	if (l->have < ctce_prefix_size(l->in_form))
		return 0;
	ctce_prefix_get(l->in_form, l->buffer, &p);
	return p.length < small_of(l, l->in_form) ? SIZE_MAX : p.length;
}

static bool keep(struct ctce_link *l, size_t length)
{
	size_t prefix = ctce_prefix_size(l->in_form);
	struct queued *q = malloc(sizeof(*q) + length);
	struct ctce_prefix p;
	bool ok = false;

	if (!q)
		return false;
	ctce_prefix_get(l->in_form, l->buffer, &p);
	q->next = NULL;
	q->message.command = p.command;
	q->message.state = p.state;
	q->message.count = p.count;
	q->message.length = length - prefix;
	memcpy(q->message.data, l->buffer + prefix, q->message.length);
	pthread_mutex_lock(&l->lock);
	if (l->queued < QUEUE_MAX) {
		q->message.generation = l->generation;
		*l->tail = q;
		l->tail = &q->next;
		l->queued++;
		ok = true;
	}
	pthread_mutex_unlock(&l->lock);
	if (!ok)
		free(q);
	return ok;
}

/* What is in the buffer as messages; false: it makes no sense. */
static bool take_messages(struct ctce_link *l)
{
	bool any = false;

	for (;;) {
		size_t length = message_length(l);

		if (length == SIZE_MAX)
			return false;
		if (length == 0 || l->have < length)
			break;
		if (!keep(l, length))
			return false;
		l->have -= length;
		memmove(l->buffer, l->buffer + length, l->have);
		any = true;
	}
	if (any)
		l->config.wake(l->config.arg);
	return true;
}

static void receive(struct ctce_link *l)
{
	ssize_t n = recv(l->in, l->buffer + l->have, UINT16_MAX - l->have, 0);

	if (n < 0 && errno == EINTR)
		return;
	if (n > 0) {
		l->heard = true;
		l->have += (size_t)n;
		if (take_messages(l))
			return;
		log_warn(l->subject, "%s sends what is no message", l->remote);
	}
	disconnected(l);
}

/* ---- the link's thread */

static bool look_up(struct ctce_link *l)
{
	bool go_on;

	tcp_thread_drain(&l->thread);
	pthread_mutex_lock(&l->lock);
	go_on = !l->ending;
	pthread_mutex_unlock(&l->lock);
	return go_on;
}

/* Milliseconds to wait for something to come; -1: as long as it takes. */
static int patience(const struct ctce_link *l)
{
	uint64_t now = tcp_now_ms();

	if (l->out >= 0 || l->trying >= 0)
		return -1;
	return l->not_before > now ? (int)(l->not_before - now) : 0;
}

static void *link_main(void *arg)
{
	struct ctce_link *l = arg;

	for (;;) {
		if (l->out < 0 && l->trying < 0 && tcp_now_ms() >= l->not_before)
			try_connect(l);

		struct pollfd p[] = {
			{ .fd = l->thread.pipe[0],     .events = POLLIN    },
			{ .fd = l->listener[CTCE_OLD], .events = POLLIN    },
			{ .fd = l->listener[CTCE_NEW], .events = POLLIN    },
			{ .fd = l->greeter,	    .events = POLLIN    },
			{ .fd = l->trying,		   .events = POLLOUT   },
			{ .fd = l->in,		       .events = POLLIN    },
			{ .fd = l->out,		.events = POLLRDHUP },
		};

		if (poll(p, ARRAY_SIZE(p), patience(l)) <= 0)
			continue;
		if (p[0].revents && !look_up(l))
			return NULL;
		if (p[4].revents)
			connect_ended(l);
		if (p[3].revents)
			receive_greeting(l);
		if (p[1].revents)
			accept_one(l, CTCE_OLD);
		if (p[2].revents)
			accept_one(l, CTCE_NEW);
		/* Not if one of the others has closed it meanwhile. */
		if (p[5].revents && p[5].fd == l->in)
			receive(l);
		else if (p[6].revents && p[6].fd == l->out)
			out_closed(l);
	}
}

/* ---- for the device's thread */

static bool start(struct ctce_link *l, struct error *err)
{
	if (!find_peer(l, err) ||
	    (l->config.old_form && !listen_at(l, CTCE_OLD, err)) ||
	    !listen_at(l, CTCE_NEW, err))
		return false;
	return tcp_thread_start(&l->thread, link_main, l, err);
}

static void link_free(struct ctce_link *l)
{
	tcp_close(&l->listener[CTCE_OLD]);
	tcp_close(&l->listener[CTCE_NEW]);
	tcp_close(&l->greeter);
	tcp_close(&l->trying);
	tcp_close(&l->in);
	tcp_close(&l->out);
	drop_queue_locked(l);
	pthread_mutex_destroy(&l->lock);
	free(l->buffer);
	free(l);
}

struct ctce_link *ctce_link_open(const struct ctce_config *config, struct error *err)
{
	struct ctce_link *l = calloc(1, sizeof(*l));

	if (!l || !(l->buffer = malloc(UINT16_MAX))) {
		error_set(err, ENOMEM, "no memory for a link");
		free(l);
		return NULL;
	}
	l->config = *config;
	snprintf(l->remote, sizeof(l->remote), "%s", config->remote);
	snprintf(l->subject, sizeof(l->subject), "%s %03X", config->name, config->device);
	l->listener[CTCE_OLD] = l->listener[CTCE_NEW] = l->greeter = -1;
	l->in = l->out = l->trying = -1;
	l->trying_form = CTCE_NEW;
	l->tail = &l->head;
	pthread_mutex_init(&l->lock, NULL);
	if (start(l, err))
		return l;
	link_free(l);
	return NULL;
}

void ctce_link_close(struct ctce_link *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	l->ending = true;
	pthread_mutex_unlock(&l->lock);
	tcp_thread_end(&l->thread);
	link_free(l);
}

struct ctce_coupling ctce_link_coupling(struct ctce_link *l)
{
	struct ctce_coupling c;

	pthread_mutex_lock(&l->lock);
	/* What came before the end is taken first. */
	c.coupled = coupled_locked(l) || l->head;
	c.generation = l->generation;
	c.first = l->first;
	c.resets = coupled_locked(l) && l->out_form == CTCE_NEW;
	pthread_mutex_unlock(&l->lock);
	return c;
}

static bool send_all(int fd, const uint8_t *bytes, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		bytes += sent;
		n -= (size_t)sent;
	}
	return true;
}

static bool send_locked(struct ctce_link *l, struct ctce_prefix *p, const uint8_t *data,
			size_t n)
{
	size_t prefix = ctce_prefix_size(l->out_form), small = small_of(l, l->out_form);
	size_t length = prefix + n > small ? prefix + n : small;
	size_t most = l->out_form == CTCE_NEW ? l->config.most : UINT16_MAX;
	uint8_t *message = coupled_locked(l) && length <= most ? calloc(1, length) : NULL;
	bool ok;

	if (!message)
		return false;
	p->length = (uint16_t)length;
	p->serial = ++l->serial;
	ctce_prefix_put(l->out_form, message, p);
	if (n)
		memcpy(message + prefix, data, n);
	ok = send_all(l->out, message, length);
	if (!ok)
		uncouple_locked(l);
	free(message);
	return ok;
}

bool ctce_link_send(struct ctce_link *l, uint8_t command, uint8_t state, uint16_t count,
		    const uint8_t *data, size_t n)
{
	struct ctce_prefix p = {
		.command = command,
		.state = state,
		.count = count,
		.device = l->config.device,
	};
	bool ok;

	pthread_mutex_lock(&l->lock);
	ok = send_locked(l, &p, data, n);
	pthread_mutex_unlock(&l->lock);
	return ok;
}

struct ctce_message *ctce_link_take(struct ctce_link *l)
{
	struct queued *q;

	pthread_mutex_lock(&l->lock);
	while ((q = l->head) != NULL) {
		l->head = q->next;
		l->queued--;
		if (!l->head)
			l->tail = &l->head;
		if (q->message.generation == l->generation)
			break;
		free(q); /* of a coupling that is over */
	}
	pthread_mutex_unlock(&l->lock);
	if (!q)
		return NULL;
	/* The message was allocated with its link in front. */
	return memmove(q, &q->message, sizeof(q->message) + q->message.length);
}
