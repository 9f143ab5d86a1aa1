#include "s370/printsocket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "devices/machine.h"
#include "s370/sockdev.h"

#define WORDS_MAX    8
#define UNREAD_MAX   (64u << 20) /* bytes that wait for the client */
#define SEND_AT_MOST 65536u
#define LAST_MS	     2000 /* for what is not sent when the device goes */

struct printsocket {
	struct machine *machine;
	uint16_t address;
	enum printfile_kind kind;
	int listener, client; /* client: -1 none; the thread's */
	int pipe[2];	      /* a byte: look up */
	pthread_t thread;
	char *words[WORDS_MAX];
	int word_count;
	char subject[16];

	pthread_mutex_t lock; /* below */
	bool ending;
	bool lost; /* the client has not read what it should */
	char *bytes;
	size_t first, count, size;
};

/* ---- on the machine's thread */

static bool make_room_locked(struct printsocket *s, size_t n)
{
	size_t size = s->size ? s->size : 4096;
	char *bytes;

	if (s->first) {
		memmove(s->bytes, s->bytes + s->first, s->count);
		s->first = 0;
	}
	if (n > UNREAD_MAX - s->count)
		return false;
	while (size < s->count + n)
		size *= 2;
	if (size == s->size)
		return true;
	bytes = realloc(s->bytes, size);
	if (!bytes)
		return false;
	s->bytes = bytes;
	s->size = size;
	return true;
}

static void poke(struct printsocket *s)
{
	/* A full pipe wakes it as well. */
	if (write(s->pipe[1], "", 1) < 0 && errno != EAGAIN)
		log_error(s->subject, "no wake-up: %s", strerror(errno));
}

/* Something is printed. */
static bool print(void *arg, const char *bytes, size_t n)
{
	struct printsocket *s = arg;
	bool was_empty, ok;

	pthread_mutex_lock(&s->lock);
	was_empty = s->count == 0;
	ok = !s->lost && (n == 0 || make_room_locked(s, n));
	if (ok && n) {
		memcpy(s->bytes + s->count, bytes, n);
		s->count += n;
	}
	s->lost |= !ok;
	pthread_mutex_unlock(&s->lock);
	if (was_empty || !ok)
		poke(s);
	return ok;
}

/* ---- the socket's thread */

static void mount(struct printsocket *s, struct card_sink *sink)
{
	struct machine_request req = { .kind = MACHINE_MOUNT,
				       .address = s->address,
				       .sink = sink };

	if (machine_call(s->machine, &req))
		return;
	log_warn(s->subject, "%s", req.error.text);
	if (sink)
		sink->release(sink);
}

static void forget_output(struct printsocket *s)
{
	pthread_mutex_lock(&s->lock);
	free(s->bytes);
	s->bytes = NULL;
	s->first = s->count = s->size = 0;
	s->lost = false;
	pthread_mutex_unlock(&s->lock);
}

static void take_client(struct printsocket *s)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), on = 1;
	struct card_sink *sink;

	if (fd < 0)
		return;
	if (s->client >= 0) { /* he has it */
		close(fd);
		return;
	}
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	forget_output(s);
	sink = printfile_stream_new(s->kind, s->word_count, s->words, print, s);
	if (!sink) {
		close(fd);
		return;
	}
	s->client = fd;
	log_info(s->subject, "a client takes the output");
	mount(s, sink);
}

static void client_gone(struct printsocket *s, const char *why)
{
	log_info(s->subject, "the client %s", why);
	close(s->client);
	s->client = -1;
	mount(s, NULL);
	forget_output(s);
}

/* A client has nothing to say; false: he has gone. */
static bool hear(struct printsocket *s)
{
	char bytes[4096];
	ssize_t n = recv(s->client, bytes, sizeof(bytes), 0);

	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Send some; false: he has gone. The buffer may move meanwhile, so it is a copy. */
static bool send_some(struct printsocket *s)
{
	char bytes[SEND_AT_MOST];
	size_t n;
	ssize_t sent;

	pthread_mutex_lock(&s->lock);
	n = s->count < sizeof(bytes) ? s->count : sizeof(bytes);
	if (n)
		memcpy(bytes, s->bytes + s->first, n);
	pthread_mutex_unlock(&s->lock);
	sent = n ? send(s->client, bytes, n, MSG_NOSIGNAL) : 0;
	if (sent < 0)
		return errno == EAGAIN || errno == EINTR;
	pthread_mutex_lock(&s->lock);
	s->first += (size_t)sent;
	s->count -= (size_t)sent;
	pthread_mutex_unlock(&s->lock);
	return true;
}

static void serve(struct printsocket *s, short events, bool lost)
{
	if (s->client < 0)
		return;
	if (lost)
		client_gone(s, "does not read what is printed");
	else if ((events & POLLOUT) && !send_some(s))
		client_gone(s, "has gone");
	else if ((events & ~POLLOUT) && !hear(s))
		client_gone(s, "has gone");
}

static void *socket_main(void *arg)
{
	struct printsocket *s = arg;

	for (;;) {
		struct pollfd p[3] = {
			{.fd = s->pipe[0],   .events = POLLIN},
			{ .fd = s->listener, .events = POLLIN},
			{ .fd = s->client,   .events = POLLIN},
		};
		char bytes[64];
		bool lost, ending;

		pthread_mutex_lock(&s->lock);
		lost = s->lost;
		ending = s->ending;
		if (s->count)
			p[2].events |= POLLOUT;
		pthread_mutex_unlock(&s->lock);
		if (ending)
			return NULL;
		if (lost) {
			serve(s, 0, true);
			continue;
		}
		if (poll(p, 3, -1) < 0)
			continue;
		while (p[0].revents && read(s->pipe[0], bytes, sizeof(bytes)) > 0)
			;
		serve(s, p[2].revents, false);
		if (p[1].revents)
			take_client(s);
	}
}

/* ---- for the owner */

uint16_t printsocket_address(const struct printsocket *s)
{
	return s->address;
}

/* Where to listen; the words of the output are kept. NULL: not said. */
static const char *take_words(struct printsocket *s, int count, char *const *words)
{
	const char *where = NULL;
	bool ebcdic = false;

	for (int i = 0; i < count; i++) {
		if (strcasecmp(words[i], "sockdev") == 0)
			continue;
		if (!where && (strchr(words[i], ':') ||
			       (words[i][0] >= '0' && words[i][0] <= '9'))) {
			where = words[i];
			continue;
		}
		ebcdic |= strcasecmp(words[i], "ebcdic") == 0;
		if (s->word_count < WORDS_MAX - 1)
			s->words[s->word_count++] = strdup(words[i]);
	}
	if (!ebcdic)
		s->words[s->word_count++] = strdup("ascii");
	return where;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void printsocket_free(struct printsocket *s)
{
	for (int i = 0; i < s->word_count; i++)
		free(s->words[i]);
	close_fd(s->listener);
	close_fd(s->client);
	close_fd(s->pipe[0]);
	close_fd(s->pipe[1]);
	pthread_mutex_destroy(&s->lock);
	free(s->bytes);
	free(s);
}

struct printsocket *printsocket_new(struct machine *machine, uint16_t address,
				    enum printfile_kind kind, int count,
				    char *const *words, struct error *err)
{
	struct printsocket *s = calloc(1, sizeof(*s));
	const char *where;
	int e;

	if (!s) {
		error_set(err, ENOMEM, "no memory for a socket");
		return NULL;
	}
	s->machine = machine;
	s->address = address;
	s->kind = kind;
	s->listener = s->client = s->pipe[0] = s->pipe[1] = -1;
	snprintf(s->subject, sizeof(s->subject), "%03X", address);
	pthread_mutex_init(&s->lock, NULL);
	where = take_words(s, count, words);
	if (!where) {
		error_set(err, 0, "%03X: sockdev needs a port", address);
	} else if ((s->listener = sockdev_listen(where, err)) >= 0) {
		e = pipe2(s->pipe, O_CLOEXEC | O_NONBLOCK) != 0
			    ? errno
			    : pthread_create(&s->thread, NULL, socket_main, s);
		if (!e)
			return s;
		error_errno(err, e, "%03X: no thread", address);
	}
	printsocket_free(s);
	return NULL;
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* What is printed is for the client, if he takes it soon. */
static void send_rest(struct printsocket *s)
{
	struct pollfd p = { .fd = s->client, .events = POLLOUT };
	long left, end = now_ms() + LAST_MS;

	while (s->client >= 0 && s->count && (left = end - now_ms()) > 0 &&
	       poll(&p, 1, (int)left) > 0 && send_some(s))
		;
}

void printsocket_stop(struct printsocket *s)
{
	pthread_mutex_lock(&s->lock);
	s->ending = true;
	pthread_mutex_unlock(&s->lock);
	poke(s);
	pthread_join(s->thread, NULL);
	send_rest(s);
}
