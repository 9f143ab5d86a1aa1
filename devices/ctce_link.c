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
#define SUBCHANNELS  1	 /* the subchannel set that Hercules calls 0 */
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
	struct sockaddr_in peer; /* its odd port */
	struct tcp_thread thread;
	int listener;

	pthread_mutex_t lock; /* all below */
	bool ending;
	int out, in; /* connections, -1 none */
	unsigned generation;
	bool first; /* out was there before in */
	uint16_t serial;
	struct queued *head, **tail;
	unsigned queued;

	/* the link's thread only */
	uint8_t *buffer;
	size_t have;
	int trying; /* a connection that is being made, or -1 */
};

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

/* ---- sockets */

static struct sockaddr_in any_address(uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	a.sin_addr.s_addr = htonl(INADDR_ANY);
	return a;
}

/* A socket bound to that port; -1 with errno. */
static int bound_socket(uint16_t port)
{
	const struct sockaddr_in here = any_address(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1,
	    e;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
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
	l->peer.sin_port = htons((uint16_t)(l->config.remote_port + 1));
	return true;
}

static bool listen_at(struct ctce_link *l, struct error *err)
{
	unsigned port = l->config.local_port + 1u;

	l->listener = bound_socket((uint16_t)port);
	if (l->listener >= 0 && listen(l->listener, 1) == 0)
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
	/* The thread polls these: it closes them itself. */
	if (l->in >= 0)
		shutdown(l->in, SHUT_RDWR);
	if (l->out >= 0)
		shutdown(l->out, SHUT_RDWR);
}

/* A connection is there; was it the second? */
static void connected(struct ctce_link *l, int *place, int fd)
{
	bool both;
	int on = 1;
	const struct timeval limit = { .tv_sec = SEND_SECONDS };

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	pthread_mutex_lock(&l->lock);
	if (l->in < 0 && l->out < 0) {
		l->generation++;
		l->first = place == &l->out;
	}
	*place = fd;
	both = coupled_locked(l);
	if (both)
		log_info(l->subject, "coupled with %s, port %u", l->remote,
			 l->config.remote_port);
	pthread_mutex_unlock(&l->lock);
	if (both)
		l->config.wake(l->config.arg);
}

static void disconnected(struct ctce_link *l)
{
	pthread_mutex_lock(&l->lock);
	uncouple_locked(l);
	tcp_close(&l->in);
	tcp_close(&l->out);
	l->have = 0;
	pthread_mutex_unlock(&l->lock);
	l->config.wake(l->config.arg);
}

/* ---- the link's thread: connecting */

static void blocking(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

static void try_connect(struct ctce_link *l)
{
	l->trying = bound_socket(l->config.local_port);
	if (l->trying < 0)
		return; /* the port is in use yet: later */
	if (connect(l->trying, (struct sockaddr *)&l->peer, sizeof(l->peer)) != 0 &&
	    errno != EINPROGRESS)
		tcp_close(&l->trying);
}

static void connect_ended(struct ctce_link *l)
{
	int e = 0, fd = l->trying;
	socklen_t n = sizeof(e);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n) != 0 || e) {
		tcp_close(&l->trying);
		return;
	}
	l->trying = -1;
	blocking(fd);
	connected(l, &l->out, fd);
}

/* Only the host that we are to be coupled with. */
static void accept_one(struct ctce_link *l)
{
	struct sockaddr_in from;
	socklen_t n = sizeof(from);
	int fd = accept4(l->listener, (struct sockaddr *)&from, &n, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (l->in >= 0 || from.sin_addr.s_addr != l->peer.sin_addr.s_addr) {
		log_warn(l->subject, "connection from %s refused",
			 inet_ntoa(from.sin_addr));
		close(fd);
		return;
	}
	connected(l, &l->in, fd);
}

/* ---- the link's thread: receiving */

/* The length of the message in the buffer; 0: not known yet; SIZE_MAX: nonsense. */
static size_t message_length(const struct ctce_link *l)
{
	size_t length;

	if (l->have < CTCE_PREFIX)
		return 0;
	length = get16(l->buffer + 6);
	return length < l->config.small ? SIZE_MAX : length;
}

static bool keep(struct ctce_link *l, size_t length)
{
	struct queued *q = malloc(sizeof(*q) + length);
	bool ok = false;

	if (!q)
		return false;
	q->next = NULL;
	q->message.command = l->buffer[0];
	q->message.state = l->buffer[1];
	q->message.count = get16(l->buffer + 2);
	q->message.length = length - CTCE_PREFIX;
	memcpy(q->message.data, l->buffer + CTCE_PREFIX, q->message.length);
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

static void *link_main(void *arg)
{
	struct ctce_link *l = arg;

	for (;;) {
		struct pollfd p[] = {
			{.fd = l->thread.pipe[0], .events = POLLIN },
			{ .fd = l->listener, .events = POLLIN },
			{ .fd = l->in,       .events = POLLIN },
			{ .fd = l->trying,   .events = POLLOUT},
			{ .fd = l->out,	.events = 0	    },
		};
		int n;

		if (l->out < 0 && l->trying < 0)
			try_connect(l);
		p[3].fd = l->trying;
		n = poll(p, 5, l->out < 0 && l->trying < 0 ? RETRY_MS : -1);
		if (n <= 0)
			continue;
		if ((p[0].revents) && !look_up(l))
			return NULL;
		if (p[3].revents)
			connect_ended(l);
		if (p[1].revents)
			accept_one(l);
		if (p[2].revents)
			receive(l);
		else if (p[4].revents)
			disconnected(l);
	}
}

/* ---- for the device's thread */

static bool start(struct ctce_link *l, struct error *err)
{
	if (!find_peer(l, err) || !listen_at(l, err))
		return false;
	return tcp_thread_start(&l->thread, link_main, l, err);
}

static void link_free(struct ctce_link *l)
{
	tcp_close(&l->listener);
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
	l->listener = l->in = l->out = l->trying = -1;
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

bool ctce_link_coupled(struct ctce_link *l, unsigned *generation, bool *first)
{
	bool coupled;

	pthread_mutex_lock(&l->lock);
	/* What came before the end is taken first. */
	coupled = coupled_locked(l) || l->head;
	*generation = l->generation;
	*first = l->first;
	pthread_mutex_unlock(&l->lock);
	return coupled;
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

bool ctce_link_send(struct ctce_link *l, uint8_t command, uint8_t state, uint16_t count,
		    const uint8_t *data, size_t n)
{
	size_t length =
		CTCE_PREFIX + n > l->config.small ? CTCE_PREFIX + n : l->config.small;
	uint8_t *message = length <= UINT16_MAX ? calloc(1, length) : NULL;
	bool ok;

	if (!message)
		return false;
	message[0] = command;
	message[1] = state;
	put16(message + 2, count);
	put16(message + 6, (uint16_t)length);
	put16(message + 8, l->config.device);
	put16(message + 10, SUBCHANNELS);
	if (n)
		memcpy(message + CTCE_PREFIX, data, n);
	pthread_mutex_lock(&l->lock);
	put16(message + 4, ++l->serial);
	ok = coupled_locked(l);
	if (ok && !send_all(l->out, message, length)) {
		uncouple_locked(l);
		ok = false;
	}
	pthread_mutex_unlock(&l->lock);
	free(message);
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
