/*
 * The thread of a line's link: makes the connection, takes the call, moves the bytes
 * between the socket and the buffers. line_link.h; the lock is held in what ends in
 * _locked.
 */
#include "devices/line_link_int.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

#define RETRY_MS   250 /* between two tries to reach the other end of a leased line */
#define KEEP_IDLE  60  /* seconds of silence before we ask whether he is there yet */
#define KEEP_EVERY 10
#define KEEP_TIMES 6

/* ---- the state */

/* Should the device be told? At most once until it looks. */
static bool tell_locked(struct line_link *l)
{
	bool tell = !l->told;

	l->told = true;
	return tell;
}

static void keep_alive(int fd)
{
	tcp_options(fd, KEEP_IDLE, KEEP_EVERY, KEEP_TIMES);
}

static void connected_locked(struct line_link *l, int fd, bool made)
{
	keep_alive(fd);
	l->fd = fd;
	l->made = made;
	l->fresh = true;
	l->state = LINE_CONNECTED;
	l->answering = l->calling = false;
	l->in_first = l->in_count = l->out_first = l->out_count = 0;
	l->unsent = false;
	if (l->refused > 1)
		log_warn(l->subject, "%u calls refused meanwhile", l->refused);
	l->refused = 0;
	log_info(l->subject, "connected");
}

/* The connection has ended: by the spare one, or for good. Bytes stay to be read. */
static void disconnected_locked(struct line_link *l)
{
	tcp_close(&l->fd);
	l->unsent |= l->out_count > 0;
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
	tcp_close(&l->spare);
}

void line_link_send_locked(struct line_link *l)
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
			l->unsent = true;
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
		tcp_close(&l->spare);
		return;
	}
	tcp_close(&l->fd);
	l->fd = l->spare;
	l->spare = -1;
}

/* Two ends of a leased line have called each other. */
static void second_locked(struct line_link *l, int fd)
{
	keep_alive(fd);
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
		tcp_close(&l->trying);
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
	tcp_close(&l->trying);
	l->next_try = tcp_now_ms() + RETRY_MS;
	if (!l->calling)
		return;
	l->calling = false;
	l->state = LINE_FAILED;
}

/* Begin to connect, if that is wanted and due. true: it failed at once. */
static bool try_locked(struct line_link *l)
{
	bool redial = l->leased && l->answering && tcp_now_ms() >= l->next_try;
	const struct sockaddr_in *to = l->calling ? &l->callee : &l->far;

	if (l->trying >= 0 || l->fd >= 0 || (!l->calling && !redial))
		return false;
	l->trying = tcp_connect(to);
	if (l->trying >= 0)
		return false;
	call_failed_locked(l);
	return l->state == LINE_FAILED;
}

static bool connect_ended_locked(struct line_link *l)
{
	int fd = l->trying;

	if (!tcp_connected(fd)) {
		call_failed_locked(l);
		return l->state == LINE_FAILED;
	}
	l->trying = -1;
	connected_locked(l, fd, true);
	return true;
}

void line_link_hang_up_locked(struct line_link *l)
{
	l->hanging_up = false;
	tcp_close(&l->fd);
	tcp_close(&l->spare);
	tcp_close(&l->trying);
}

static int timeout_locked(const struct line_link *l)
{
	uint64_t until = l->deadline, now = tcp_now_ms();

	if (l->leased && l->answering && l->trying < 0 && l->next_try < until)
		until = l->next_try;
	if (until == LINE_NEVER)
		return -1;
	return until <= now ? 0 : until - now > 60000 ? 60000 : (int)(until - now);
}

static bool timer_locked(struct line_link *l)
{
	if (l->deadline > tcp_now_ms())
		return false;
	l->deadline = LINE_NEVER;
	l->timed_out = true;
	return true;
}

enum { P_PIPE, P_LISTENER, P_LINE, P_TRYING, P_SPARE, P_COUNT };

static void prepare_locked(struct line_link *l, struct pollfd *p)
{
	short line = room_locked(l) ? POLLIN : 0;

	if (l->out_count)
		line |= POLLOUT;
	p[P_PIPE] = (struct pollfd){ .fd = l->thread.pipe[0], .events = POLLIN };
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
			line_link_send_locked(l);
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

void *line_link_main(void *arg)
{
	struct line_link *l = arg;

	pthread_mutex_lock(&l->lock);
	while (!l->ending) {
		struct pollfd p[P_COUNT];
		bool tell;
		int timeout;

		if (l->hanging_up)
			line_link_hang_up_locked(l);
		tell = try_locked(l);
		prepare_locked(l, p);
		timeout = tell ? 0 : timeout_locked(l);
		pthread_mutex_unlock(&l->lock);
		if (poll(p, P_COUNT, timeout) <= 0)
			memset(p, 0, sizeof(p));
		if (p[P_PIPE].revents)
			tcp_thread_drain(&l->thread);
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
