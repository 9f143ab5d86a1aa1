#include "devices/line_link.h"

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
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define RETRY_MS   250 /* between two tries to reach the other end of a leased line */
#define NEVER	   UINT64_MAX
#define KEEP_IDLE  60 /* seconds of silence before we ask whether he is there yet */
#define KEEP_EVERY 10
#define KEEP_TIMES 6

struct line_link {
	char subject[32];
	void (*wake)(void *arg);
	void *arg;
	bool leased;
	uint16_t port;		/* we listen at */
	struct sockaddr_in far; /* the other end of a leased line */
	pthread_t thread;
	int listener;
	int pipe[2]; /* a byte, or end of file: the thread shall look up or end */

	pthread_mutex_t lock; /* all below */
	bool ending, hanging_up, calling;
	bool answering;
	bool told; /* wake() was called; the device has not looked since */
	enum line_state state;
	struct sockaddr_in callee;
	int fd;	    /* the connection, -1 none */
	int spare;  /* the second of two that a leased line made at once */
	bool made;  /* we have called, not the other end */
	bool fresh; /* nothing has come or gone over fd yet */
	size_t in_first, in_count;
	uint8_t in[LINE_IN_MAX];
	size_t out_first, out_count;
	uint8_t out[LINE_OUT_MAX];
	uint64_t deadline; /* ms; NEVER */
	bool timed_out;
	unsigned refused; /* calls since the last connection */

	/* the link's thread only */
	int trying;	   /* a connection that is being made, or -1 */
	uint64_t next_try; /* ms */
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ---- the state; the lock is held in what ends in _locked */

static void poke(struct line_link *l)
{
	/* A full pipe wakes it as well. */
	if (write(l->pipe[1], "", 1) < 0 && errno != EAGAIN)
		log_error(l->subject, "no wake-up: %s", strerror(errno));
}

/* Should the device be told? At most once until it looks. */
static bool tell_locked(struct line_link *l)
{
	bool tell = !l->told;

	l->told = true;
	return tell;
}

static void set_socket_options(int fd)
{
	const int on = 1, idle = KEEP_IDLE, every = KEEP_EVERY, times = KEEP_TIMES;

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every, sizeof(every));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof(times));
}

static void connected_locked(struct line_link *l, int fd, bool made)
{
	set_socket_options(fd);
	l->fd = fd;
	l->made = made;
	l->fresh = true;
	l->state = LINE_CONNECTED;
	l->answering = l->calling = false;
	l->in_first = l->in_count = l->out_first = l->out_count = 0;
	if (l->refused > 1)
		log_warn(l->subject, "%u calls refused meanwhile", l->refused);
	l->refused = 0;
	log_info(l->subject, "connected");
}

/* The connection has ended: by the spare one, or for good. Bytes stay to be read. */
static void disconnected_locked(struct line_link *l)
{
	close_fd(&l->fd);
	l->out_first = l->out_count = 0;
	if (l->spare >= 0) {
		l->fd = l->spare;
		l->spare = -1;
		return;
	}
	log_info(l->subject, "disconnected");
	if (l->in_count == 0)
		l->state = LINE_IDLE;
}

/* Bytes were exchanged over fd: that one counts. */
static void settle_locked(struct line_link *l)
{
	l->fresh = false;
	close_fd(&l->spare);
}

static void send_locked(struct line_link *l)
{
	while (l->fd >= 0 && l->out_count) {
		ssize_t n =
			send(l->fd, l->out + l->out_first, l->out_count, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			/* Its thread polls it and closes it. */
			shutdown(l->fd, SHUT_RDWR);
			l->out_count = 0;
			return;
		}
		settle_locked(l);
		l->out_first += (size_t)n;
		l->out_count -= (size_t)n;
	}
	if (l->out_count == 0)
		l->out_first = 0;
}

/* ---- the link's thread */

/* Make room at the end of the buffer; false: it is full. */
static bool room_locked(struct line_link *l)
{
	if (l->in_first && l->in_first + l->in_count == LINE_IN_MAX) {
		memmove(l->in, l->in + l->in_first, l->in_count);
		l->in_first = 0;
	}
	return l->in_first + l->in_count < LINE_IN_MAX;
}

/* true: the device must know. */
static bool receive_locked(struct line_link *l)
{
	size_t at;
	ssize_t n;

	if (!room_locked(l)) { /* only an end of the connection was reported */
		disconnected_locked(l);
		return true;
	}
	at = l->in_first + l->in_count;
	n = recv(l->fd, l->in + at, LINE_IN_MAX - at, 0);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return false;
	if (n > 0) {
		l->in_count += (size_t)n;
		settle_locked(l);
	} else {
		disconnected_locked(l);
	}
	return true;
}

/* If the spare connection says something, the other end has chosen it. */
static void look_at_spare_locked(struct line_link *l)
{
	uint8_t byte;

	if (recv(l->spare, &byte, 1, MSG_PEEK) <= 0) {
		close_fd(&l->spare);
		return;
	}
	close_fd(&l->fd);
	l->fd = l->spare;
	l->spare = -1;
}

/* Two ends of a leased line have called each other. */
static void second_locked(struct line_link *l, int fd)
{
	set_socket_options(fd);
	if (l->port < ntohs(l->far.sin_port)) {
		l->spare = fd; /* ours counts */
		return;
	}
	l->spare = l->fd;
	l->fd = fd;
}

static bool may_connect_locked(const struct line_link *l, const struct sockaddr_in *from)
{
	if (l->leased)
		return from->sin_addr.s_addr == l->far.sin_addr.s_addr;
	return l->answering;
}

static bool accept_locked(struct line_link *l)
{
	struct sockaddr_in from;
	socklen_t n = sizeof(from);
	int fd = accept4(l->listener, (struct sockaddr *)&from, &n,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return false;
	if (l->fd < 0 && l->state != LINE_CONNECTED && may_connect_locked(l, &from)) {
		close_fd(&l->trying);
		connected_locked(l, fd, false);
		return true;
	}
	if (l->leased && l->fd >= 0 && l->made && l->fresh && l->spare < 0 &&
	    may_connect_locked(l, &from)) {
		second_locked(l, fd);
		return false;
	}
	if (l->refused++ == 0) /* one line for a flood of them */
		log_warn(l->subject, "call from %s refused", inet_ntoa(from.sin_addr));
	close(fd);
	return false;
}

static void call_failed_locked(struct line_link *l)
{
	close_fd(&l->trying);
	l->next_try = now_ms() + RETRY_MS;
	if (!l->calling)
		return;
	l->calling = false;
	l->state = LINE_FAILED;
}

/* Begin to connect, if that is wanted and due. true: it failed at once. */
static bool try_locked(struct line_link *l)
{
	bool redial = l->leased && l->answering && now_ms() >= l->next_try;
	const struct sockaddr_in *to = l->calling ? &l->callee : &l->far;

	if (l->trying >= 0 || l->fd >= 0 || (!l->calling && !redial))
		return false;
	l->trying = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->trying >= 0 &&
	    (connect(l->trying, (const struct sockaddr *)to, sizeof(*to)) == 0 ||
	     errno == EINPROGRESS))
		return false;
	call_failed_locked(l);
	return l->state == LINE_FAILED;
}

/* Linux connects a socket that calls its own port from that port with itself. */
static bool self_connected(int fd)
{
	struct sockaddr_in a, b;
	socklen_t na = sizeof(a), nb = sizeof(b);

	return getsockname(fd, (struct sockaddr *)&a, &na) == 0 &&
	       getpeername(fd, (struct sockaddr *)&b, &nb) == 0 &&
	       a.sin_port == b.sin_port && a.sin_addr.s_addr == b.sin_addr.s_addr;
}

static bool connect_ended_locked(struct line_link *l)
{
	int e = 0, fd = l->trying;
	socklen_t n = sizeof(e);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n) != 0 || e ||
	    self_connected(fd)) {
		call_failed_locked(l);
		return l->state == LINE_FAILED;
	}
	l->trying = -1;
	connected_locked(l, fd, true);
	return true;
}

static void hang_up_locked(struct line_link *l)
{
	l->hanging_up = false;
	close_fd(&l->fd);
	close_fd(&l->spare);
	close_fd(&l->trying);
}

static void drain_pipe(struct line_link *l)
{
	uint8_t bytes[64];

	while (read(l->pipe[0], bytes, sizeof(bytes)) == sizeof(bytes))
		;
}

static int timeout_locked(const struct line_link *l)
{
	uint64_t until = l->deadline, now = now_ms();

	if (l->leased && l->answering && l->trying < 0 && l->next_try < until)
		until = l->next_try;
	if (until == NEVER)
		return -1;
	return until <= now ? 0 : until - now > 60000 ? 60000 : (int)(until - now);
}

static bool timer_locked(struct line_link *l)
{
	if (l->deadline > now_ms())
		return false;
	l->deadline = NEVER;
	l->timed_out = true;
	return true;
}

enum { P_PIPE, P_LISTENER, P_LINE, P_TRYING, P_SPARE, P_COUNT };

static void prepare_locked(struct line_link *l, struct pollfd *p)
{
	short line = room_locked(l) ? POLLIN : 0;

	if (l->out_count)
		line |= POLLOUT;
	p[P_PIPE] = (struct pollfd){ .fd = l->pipe[0], .events = POLLIN };
	p[P_LISTENER] = (struct pollfd){ .fd = l->listener, .events = POLLIN };
	p[P_LINE] = (struct pollfd){ .fd = l->fd, .events = line };
	p[P_TRYING] = (struct pollfd){ .fd = l->trying, .events = POLLOUT };
	p[P_SPARE] = (struct pollfd){ .fd = l->spare, .events = POLLIN };
}

/* What poll() has found; true: the device must know. */
static bool events_locked(struct line_link *l, const struct pollfd *p)
{
	bool tell = false;

	if (l->hanging_up) /* since: it is about what is over */
		return false;
	if (p[P_SPARE].revents && p[P_SPARE].fd == l->spare && l->spare >= 0) {
		look_at_spare_locked(l);
	} else if (p[P_LINE].revents && p[P_LINE].fd == l->fd) {
		if (p[P_LINE].revents & POLLOUT) {
			send_locked(l);
			tell = l->out_count == 0;
		}
		if (p[P_LINE].revents & ~POLLOUT)
			tell |= receive_locked(l);
	}
	if (p[P_TRYING].revents && p[P_TRYING].fd == l->trying && l->trying >= 0)
		tell |= connect_ended_locked(l);
	if (p[P_LISTENER].revents)
		tell |= accept_locked(l);
	return tell;
}

static void *link_main(void *arg)
{
	struct line_link *l = arg;

	pthread_mutex_lock(&l->lock);
	while (!l->ending) {
		struct pollfd p[P_COUNT];
		bool tell;
		int timeout;

		if (l->hanging_up)
			hang_up_locked(l);
		tell = try_locked(l);
		prepare_locked(l, p);
		timeout = tell ? 0 : timeout_locked(l);
		pthread_mutex_unlock(&l->lock);
		if (poll(p, P_COUNT, timeout) <= 0)
			memset(p, 0, sizeof(p));
		if (p[P_PIPE].revents)
			drain_pipe(l);
		pthread_mutex_lock(&l->lock);
		tell |= events_locked(l, p);
		tell |= timer_locked(l);
		if (tell && tell_locked(l)) {
			pthread_mutex_unlock(&l->lock);
			l->wake(l->arg);
			pthread_mutex_lock(&l->lock);
		}
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

/* ---- opening */

/* A number out of range, which getaddrinfo() would take modulo 65536. */
static bool bad_port(const char *port, unsigned long least)
{
	char *end;
	unsigned long n = strtoul(port, &end, 10);

	return end != port && !*end && (n < least || n > UINT16_MAX);
}

static bool resolve(const char *host, const char *port, unsigned long least,
		    struct sockaddr_in *address, struct error *err)
{
	const struct addrinfo hints = { .ai_family = AF_INET,
					.ai_socktype = SOCK_STREAM,
					.ai_flags = AI_PASSIVE };
	struct addrinfo *found;
	int e;

	if (bad_port(port, least)) {
		error_set(err, 0, "%s is no port", port);
		return false;
	}
	e = getaddrinfo(host, port, &hints, &found);
	if (e) {
		error_set(err, 0, "%s:%s: %s", host ? host : "*", port, gai_strerror(e));
		return false;
	}
	memcpy(address, found->ai_addr, sizeof(*address));
	freeaddrinfo(found);
	return true;
}

static bool listen_at(struct line_link *l, const char *host, const char *port,
		      struct error *err)
{
	struct sockaddr_in here;
	socklen_t n = sizeof(here);
	int on = 1;

	if (!resolve(host, port, 0, &here, err))
		return false;
	l->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->listener >= 0) {
		setsockopt(l->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (bind(l->listener, (struct sockaddr *)&here, sizeof(here)) == 0 &&
		    listen(l->listener, 4) == 0 &&
		    getsockname(l->listener, (struct sockaddr *)&here, &n) == 0) {
			l->port = ntohs(here.sin_port);
			return true;
		}
	}
	error_errno(err, errno, "port %s", port);
	return false;
}

static bool start(struct line_link *l, const struct line_link_config *config,
		  struct error *err)
{
	int e;

	if (config->remote_host) {
		l->leased = true;
		if (!resolve(config->remote_host, config->remote_port, 1, &l->far, err))
			return false;
	}
	if (config->local_port &&
	    !listen_at(l, config->local_host, config->local_port, err))
		return false;
	if (pipe2(l->pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
		error_errno(err, errno, "no pipe");
		return false;
	}
	e = pthread_create(&l->thread, NULL, link_main, l);
	if (e)
		error_errno(err, e, "no thread");
	return e == 0;
}

static void link_free(struct line_link *l)
{
	close_fd(&l->listener);
	close_fd(&l->pipe[0]);
	close_fd(&l->pipe[1]);
	hang_up_locked(l);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

struct line_link *line_link_open(const struct line_link_config *config, struct error *err)
{
	struct line_link *l = calloc(1, sizeof(*l));

	if (!l) {
		error_set(err, ENOMEM, "no memory for a line");
		return NULL;
	}
	snprintf(l->subject, sizeof(l->subject), "%s %03X", config->name, config->device);
	l->wake = config->wake;
	l->arg = config->arg;
	l->listener = l->pipe[0] = l->pipe[1] = l->fd = l->spare = l->trying = -1;
	l->deadline = NEVER;
	pthread_mutex_init(&l->lock, NULL);
	if (start(l, config, err))
		return l;
	link_free(l);
	return NULL;
}

static void link_close(void *wire)
{
	struct line_link *l = wire;

	pthread_mutex_lock(&l->lock);
	l->ending = true;
	pthread_mutex_unlock(&l->lock);
	poke(l);
	pthread_join(l->thread, NULL);
	link_free(l);
}

/* ---- for the device's thread */

static enum line_state link_look(void *wire)
{
	struct line_link *l = wire;
	enum line_state state;

	pthread_mutex_lock(&l->lock);
	l->told = false;
	if (l->state == LINE_CONNECTED && l->fd < 0 && l->in_count == 0)
		l->state = LINE_IDLE;
	state = l->state == LINE_CONNECTED && l->fd < 0 ? LINE_ENDED : l->state;
	pthread_mutex_unlock(&l->lock);
	return state;
}

uint16_t line_link_port(const struct line_link *l)
{
	return l->port;
}

static void link_answer(void *wire, bool on)
{
	struct line_link *l = wire;

	pthread_mutex_lock(&l->lock);
	if (l->state != LINE_CONNECTED || l->fd < 0) {
		l->answering = on;
		l->state = on ? LINE_TRYING : LINE_IDLE;
		l->hanging_up |= !on;
		l->in_first = l->in_count = 0;
	}
	pthread_mutex_unlock(&l->lock);
	poke(l);
}

static void link_call(void *wire, uint32_t address, uint16_t port)
{
	struct line_link *l = wire;

	pthread_mutex_lock(&l->lock);
	if (l->state != LINE_CONNECTED || l->fd < 0) {
		l->in_first = l->in_count = 0;
		l->callee = (struct sockaddr_in){ .sin_family = AF_INET,
						  .sin_port = htons(port) };
		l->callee.sin_addr.s_addr = htonl(address);
		l->calling = true;
		l->state = LINE_TRYING;
	}
	pthread_mutex_unlock(&l->lock);
	poke(l);
}

static void link_hang_up(void *wire)
{
	struct line_link *l = wire;

	pthread_mutex_lock(&l->lock);
	l->hanging_up = true;
	l->answering = l->calling = false;
	l->state = LINE_IDLE;
	l->in_first = l->in_count = l->out_first = l->out_count = 0;
	pthread_mutex_unlock(&l->lock);
	poke(l);
}

static void link_flush(void *wire)
{
	struct line_link *l = wire;

	pthread_mutex_lock(&l->lock);
	l->in_first = l->in_count = 0;
	pthread_mutex_unlock(&l->lock);
	poke(l);
}

static size_t link_read(void *wire, uint8_t *bytes, size_t n)
{
	struct line_link *l = wire;
	bool was_full;

	pthread_mutex_lock(&l->lock);
	was_full = l->in_count == LINE_IN_MAX;
	if (n > l->in_count)
		n = l->in_count;
	memcpy(bytes, l->in + l->in_first, n);
	l->in_first += n;
	l->in_count -= n;
	if (l->in_count == 0)
		l->in_first = 0;
	pthread_mutex_unlock(&l->lock);
	if (was_full)
		poke(l);
	return n;
}

static bool link_has_bytes(void *wire)
{
	struct line_link *l = wire;
	bool has;

	pthread_mutex_lock(&l->lock);
	has = l->in_count > 0;
	pthread_mutex_unlock(&l->lock);
	return has;
}

static bool link_write(void *wire, const uint8_t *bytes, size_t n)
{
	struct line_link *l = wire;
	bool ok, waits;

	pthread_mutex_lock(&l->lock);
	ok = l->fd >= 0 && !l->hanging_up && n <= LINE_OUT_MAX - l->out_count;
	if (ok) {
		memmove(l->out, l->out + l->out_first, l->out_count);
		memcpy(l->out + l->out_count, bytes, n);
		l->out_first = 0;
		l->out_count += n;
		send_locked(l);
	}
	waits = l->out_count > 0;
	pthread_mutex_unlock(&l->lock);
	if (waits)
		poke(l);
	return ok;
}

static bool link_written(void *wire)
{
	struct line_link *l = wire;
	bool written;

	pthread_mutex_lock(&l->lock);
	written = l->out_count == 0;
	pthread_mutex_unlock(&l->lock);
	return written;
}

static void link_timer(void *wire, unsigned ms)
{
	struct line_link *l = wire;

	pthread_mutex_lock(&l->lock);
	l->deadline = ms ? now_ms() + ms : NEVER;
	l->timed_out = false;
	pthread_mutex_unlock(&l->lock);
	if (ms)
		poke(l);
}

static bool link_timed_out(void *wire)
{
	struct line_link *l = wire;
	bool out;

	pthread_mutex_lock(&l->lock);
	out = l->timed_out;
	pthread_mutex_unlock(&l->lock);
	return out;
}

struct line_wire line_link_wire(struct line_link *l)
{
	static const struct line_wire_ops ops = {
		.close = link_close,
		.look = link_look,
		.answer = link_answer,
		.call = link_call,
		.hang_up = link_hang_up,
		.flush = link_flush,
		.read = link_read,
		.has_bytes = link_has_bytes,
		.write = link_write,
		.written = link_written,
		.timer = link_timer,
		.timed_out = link_timed_out,
	};

	return (struct line_wire){ .ops = &ops, .arg = l };
}
