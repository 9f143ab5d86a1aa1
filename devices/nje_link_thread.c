/*
 * The connection of an NJE link: calling, OPEN and its answer, blocks in and out.
 * nje_link.h; the lock is held in what ends in _locked.
 */
#include "devices/nje_link_int.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"

#define RETRY_MS   250	/* between two calls */
#define REFUSED_MS 500	/* from a refusal to the next call */
#define YIELD_MS   2000 /* from two calls at once to the next of the higher name */
#define KEEP_IDLE  60	/* seconds of silence before we ask whether he is there yet */
#define KEEP_EVERY 10
#define KEEP_TIMES 6

/* ---- out */

static void send_now_locked(struct nje_link *l)
{
	while (l->fd >= 0 && l->out_count) {
		ssize_t n =
			send(l->fd, l->out + l->out_first, l->out_count, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			shutdown(l->fd, SHUT_RDWR); /* the thread sees its end */
			l->out_count = 0;
			break;
		}
		l->out_first += (size_t)n;
		l->out_count -= (size_t)n;
	}
	if (l->out_count == 0)
		l->out_first = 0;
}

/* While the other side is slow, the machine is told to send no data. */
static void hold_machine_locked(struct nje_link *l)
{
	l->station.hold = l->state == NJE_UP && l->out_count > l->buffer;
}

bool nje_link_send_locked(struct nje_link *l, const uint8_t *bytes, size_t n)
{
	if (l->fd < 0 || n > l->out_size - l->out_count)
		return false;
	memmove(l->out, l->out + l->out_first, l->out_count);
	memcpy(l->out + l->out_count, bytes, n);
	l->out_first = 0;
	l->out_count += n;
	l->idle = 0;
	send_now_locked(l);
	hold_machine_locked(l);
	return true;
}

bool nje_link_record_locked(struct nje_link *l, const uint8_t *record, size_t n)
{
	if (NJE_OVERHEAD + n > l->buffer)
		return false;
	return nje_link_send_locked(l, l->block, nje_block_put(l->block, record, n));
}

/* ---- the connection */

static void set_fd_locked(struct nje_link *l, int fd)
{
	tcp_close(&l->fd);
	l->fd = fd;
	l->turn++;
	l->out_first = l->out_count = 0;
}

void nje_link_drop_locked(struct nje_link *l, const char *why)
{
	bool up = l->state == NJE_UP;

	if (why && up)
		log_info(l->subject, "%s is down: %s", l->nodes, why);
	else if (why)
		log_warn(l->subject, "%s: %s", l->nodes, why);
	set_fd_locked(l, -1);
	l->state = NJE_CLOSED;
	l->give_up = NJE_NEVER;
	l->next_call = tcp_now_ms() + RETRY_MS;
	if (!l->complete) /* what has come whole may be read */
		l->have = 0;
	if (up)
		nje_station_unlink(&l->station);
}

static void up_locked(struct nje_link *l, bool primary)
{
	bool bids = l->bidding;

	log_info(l->subject, "%s is up: %s", l->nodes,
		 primary ? "we have called" : "they have called");
	l->state = NJE_UP;
	l->give_up = NJE_NEVER;
	l->have = l->at = l->idle = 0;
	l->complete = l->bidding = l->late = l->noise = l->lonely = false;
	nje_station_link(&l->station, primary);
	/* Nothing is in its way yet: it cannot fail. */
	if (primary && bids && nje_link_record_locked(l, l->bid, 2))
		l->station.nak_heard = l->bid[0] == BSC_SYN;
}

/* The next call, after both have called or a refusal. */
static void put_off_locked(struct nje_link *l, enum nje_reason why)
{
	unsigned ms = REFUSED_MS;

	if (why == NJE_LINK_ACTIVE)
		ms = RETRY_MS;
	if (why == NJE_LINK_OPENING)
		ms = memcmp(l->member.here, l->member.there, NJE_NAME) < 0 ? RETRY_MS
									   : YIELD_MS;
	l->next_call = tcp_now_ms() + ms;
}

static uint32_t end_of(int fd, int (*name)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);

	return name(fd, (struct sockaddr *)&a, &n) == 0 ? ntohl(a.sin_addr.s_addr) : 0;
}

static bool send_control_locked(struct nje_link *l, struct nje_control *c)
{
	uint8_t bytes[NJE_CONTROL];

	memcpy(c->from, l->member.here, NJE_NAME);
	memcpy(c->to, l->member.there, NJE_NAME);
	nje_control_put(c, bytes);
	return nje_link_send_locked(l, bytes, sizeof(bytes));
}

static int our_name(int fd, struct sockaddr *a, socklen_t *n)
{
	return getsockname(fd, a, n);
}

static int their_name(int fd, struct sockaddr *a, socklen_t *n)
{
	return getpeername(fd, a, n);
}

/* ---- they call */

enum nje_reason nje_link_offered_locked(struct nje_link *l, int fd,
					const struct nje_control *open)
{
	struct nje_control ack = { .type = NJE_ACK,
				   .from_ip = open->to_ip,
				   .to_ip = open->from_ip };

	if (!l->enabled)
		return NJE_NOT_NOW;
	if (l->state == NJE_UP) { /* for them it is not: so it is broken */
		nje_link_drop_locked(l, "they have called again");
		return NJE_LINK_ACTIVE;
	}
	if (l->state == NJE_ASKING) {
		nje_link_drop_locked(l, NULL);
		put_off_locked(l, NJE_LINK_OPENING);
		return NJE_LINK_OPENING;
	}
	tcp_options(fd, KEEP_IDLE, KEEP_EVERY, KEEP_TIMES);
	set_fd_locked(l, fd);
	l->state = NJE_UP;
	if (!send_control_locked(l, &ack))
		nje_link_drop_locked(l, "no room for ACK");
	else
		up_locked(l, false);
	return NJE_WELCOME;
}

/* ---- we call */

static void call_failed_locked(struct nje_link *l)
{
	nje_link_drop_locked(l, NULL);
}

static void call_locked(struct nje_link *l)
{
	if (l->state != NJE_CLOSED || !l->calls || !l->bidding ||
	    tcp_now_ms() < l->next_call)
		return;
	set_fd_locked(l, tcp_connect(&l->far));
	if (l->fd < 0) {
		call_failed_locked(l);
		return;
	}
	l->state = NJE_CALLING;
	l->give_up = tcp_now_ms() + l->connect_ms;
}

static void connected_locked(struct nje_link *l)
{
	struct nje_control open = { .type = NJE_OPEN };

	if (!tcp_connected(l->fd)) {
		call_failed_locked(l);
		return;
	}
	tcp_options(l->fd, KEEP_IDLE, KEEP_EVERY, KEEP_TIMES);
	open.from_ip = end_of(l->fd, our_name);
	open.to_ip = end_of(l->fd, their_name);
	l->state = NJE_ASKING;
	l->have = 0;
	l->complete = false;
	if (!send_control_locked(l, &open))
		nje_link_drop_locked(l, "no room for OPEN");
}

/* They have answered our OPEN. */
static void answered_locked(struct nje_link *l)
{
	struct nje_control c;
	char text[100];

	nje_control_get(&c, l->in);
	l->have = 0;
	if (c.type != NJE_ACK && c.type != NJE_NAK) {
		nje_link_drop_locked(l, "their answer is neither ACK nor NAK");
		put_off_locked(l, NJE_NO_LINK);
	} else if (memcmp(c.from, l->member.there, NJE_NAME) != 0 ||
		   memcmp(c.to, l->member.here, NJE_NAME) != 0) {
		nje_link_drop_locked(l, "their answer is for another link");
		put_off_locked(l, NJE_NO_LINK);
	} else if (c.type == NJE_NAK) {
		snprintf(text, sizeof(text), "they refuse (%u): %s", c.reason,
			 nje_reason_text(c.reason));
		nje_link_drop_locked(l, text);
		put_off_locked(l, (enum nje_reason)c.reason);
	} else {
		up_locked(l, true);
	}
}

/* ---- in */

bool nje_link_next_locked(struct nje_link *l, uint8_t **record, size_t *n, uint8_t *flags)
{
	if (!l->complete)
		return false;
	switch (nje_block_next(l->in, l->length, &l->at, record, n, flags)) {
	case NJE_RECORD: return true;
	case NJE_BROKEN:
		l->complete = false;
		nje_link_drop_locked(l, "a record goes beyond its block");
		return false;
	default: break;
	}
	l->complete = false;
	l->have = 0;
	return false;
}

/* How much more is to come of what is coming. */
static size_t wanted_locked(const struct nje_link *l)
{
	if (l->state == NJE_ASKING)
		return NJE_CONTROL - l->have;
	if (l->state != NJE_UP || l->complete)
		return 0;
	return (l->have < NJE_BLOCK_HEADER ? NJE_BLOCK_HEADER : l->length) - l->have;
}

/* Something is complete. true: the device must know. */
static bool received_locked(struct nje_link *l)
{
	if (l->state == NJE_ASKING) {
		answered_locked(l);
		return true;
	}
	if (l->have == NJE_BLOCK_HEADER) {
		l->length = nje_block_length(l->in, l->buffer);
		if (l->length == 0) {
			nje_link_drop_locked(l, "a block shorter or longer than may be");
			return true;
		}
		if (l->length > NJE_BLOCK_HEADER)
			return false;
	}
	l->at = NJE_BLOCK_HEADER;
	l->complete = true;
	return true;
}

static bool receive_locked(struct nje_link *l)
{
	size_t wanted = wanted_locked(l);
	ssize_t n;

	if (wanted == 0) { /* only an end of the connection was reported */
		nje_link_drop_locked(l, "the connection has ended");
		return true;
	}
	n = recv(l->fd, l->in + l->have, wanted, 0);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return false;
	if (n <= 0) {
		nje_link_drop_locked(l, "they have hung up");
		return true;
	}
	l->have += (size_t)n;
	return (size_t)n == wanted && received_locked(l);
}

/* ---- the thread */

static uint64_t soonest(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static int timeout_locked(const struct nje_link *l)
{
	uint64_t until = soonest(l->deadline, l->give_up), now = tcp_now_ms();

	if (l->bidding) {
		until = soonest(until, l->bid_until);
		if (l->calls && l->state == NJE_CLOSED)
			until = soonest(until, l->next_call);
	}
	if (until == NJE_NEVER)
		return -1;
	return until <= now ? 0 : until - now > 60000 ? 60000 : (int)(until - now);
}

/* What is over. true: the device must know. */
static bool clocks_locked(struct nje_link *l)
{
	uint64_t now = tcp_now_ms();
	bool tell = false;

	if (l->give_up <= now)
		nje_link_drop_locked(l, l->state == NJE_ASKING ? "OPEN is not answered"
							       : "no connection");
	if (l->bidding && l->bid_until <= now) {
		l->bidding = false; /* as if nobody had heard it */
		if (!l->lonely)
			log_info(l->subject, "%s: nobody is there yet", l->nodes);
		l->lonely = true;
		tell = true;
	}
	if (l->deadline <= now) {
		l->deadline = NJE_NEVER;
		if (l->station.signed_on)
			l->late = true; /* the station says something instead */
		else
			l->timed_out = true;
		tell = true;
	}
	return tell;
}

static struct pollfd events_of_locked(const struct nje_link *l)
{
	struct pollfd p = { .fd = l->fd };

	if (l->state == NJE_CALLING)
		p.events = POLLOUT;
	else
		p.events = (short)((wanted_locked(l) ? POLLIN : 0) |
				   (l->out_count ? POLLOUT : 0));
	return p;
}

/* true: the device must know. */
static bool events_locked(struct nje_link *l, short events)
{
	if (l->state == NJE_CALLING) {
		connected_locked(l);
		return false;
	}
	if (events & POLLOUT) {
		send_now_locked(l);
		hold_machine_locked(l);
	}
	return (events & ~POLLOUT) && receive_locked(l);
}

static void tell_locked(struct nje_link *l)
{
	if (l->told)
		return;
	l->told = true;
	pthread_mutex_unlock(&l->lock);
	l->wake(l->arg);
	pthread_mutex_lock(&l->lock);
}

void *nje_link_main(void *arg)
{
	struct nje_link *l = arg;

	pthread_mutex_lock(&l->lock);
	while (!l->ending) {
		struct pollfd p[2] = {
			{.fd = l->thread.pipe[0], .events = POLLIN}
		};
		unsigned turn;
		int timeout;
		bool tell = false;

		p[1] = events_of_locked(l);
		turn = l->turn;
		timeout = timeout_locked(l);
		pthread_mutex_unlock(&l->lock);
		if (poll(p, 2, timeout) <= 0)
			p[0].revents = p[1].revents = 0;
		if (p[0].revents)
			tcp_thread_drain(&l->thread);
		pthread_mutex_lock(&l->lock);
		if (p[1].revents && turn == l->turn && l->fd >= 0)
			tell = events_locked(l, p[1].revents);
		call_locked(l); /* before its bid is too old */
		tell |= clocks_locked(l);
		if (tell)
			tell_locked(l);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}
