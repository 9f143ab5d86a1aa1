#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "consoles/listener_int.h"
#include "consoles/recorder.h"

#define READ_SIZE      16384
#define OUTPUT_MAX     (256 * 1024) /* a client that is slower is not read from */
#define STALLED_PROBES 3	    /* probes without a byte taken: closed */

/* ---- one client */

static void client_free(struct client *cl)
{
	struct listener *l = cl->l;

	loop_timer_stop(l->loop, &cl->console_timer);
	loop_timer_stop(l->loop, &cl->keepalive);
	console_free(cl->c);
	loop_timer_stop(l->loop, &cl->console_timer);
	loop_undefer(l->loop, &cl->flush);
	loop_undefer(l->loop, &cl->write);
	loop_undefer(l->loop, &cl->reap);
	loop_unwatch(cl->watch);
	tls_free(cl->tls);
	close(cl->fd);
	*cl->link = cl->next;
	if (cl->next)
		cl->next->link = cl->link;
	l->count--;
	free(cl);
}

static void reap(void *arg)
{
	client_free(arg);
}

static void die(struct client *cl)
{
	cl->dead = true;
	loop_defer(cl->l->loop, &cl->reap, reap, cl);
}

/* What the watch waits for: reading stops while the client takes nothing. */
static void watch_again(struct client *cl)
{
	size_t waiting;

	console_output(cl->c, &waiting);
	waiting += tls_pending(cl->tls);
	loop_watch_events(cl->watch, (waiting < OUTPUT_MAX ? LOOP_READ : 0u) |
					     (waiting ? LOOP_WRITE : 0u));
}

/* Send n bytes; returns how many the socket took, 0 if it is full, -1: gone. */
static ssize_t put(struct client *cl, const uint8_t *bytes, size_t n)
{
	ssize_t sent = send(cl->fd, bytes, n, MSG_NOSIGNAL);

	if (sent < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	cl->moved |= sent > 0;
	return sent;
}

static bool send_plain(struct client *cl)
{
	for (;;) {
		size_t n;
		const uint8_t *bytes = console_output(cl->c, &n);
		ssize_t sent;

		if (!n)
			return true;
		sent = put(cl, bytes, n);
		if (sent <= 0)
			return sent == 0;
		console_sent(cl->c, (size_t)sent);
	}
}

static bool send_tls(struct client *cl)
{
	for (;;) {
		size_t n;
		const uint8_t *bytes;
		ssize_t sent;

		if (!tls_pending(cl->tls)) {
			bytes = console_output(cl->c, &n);
			console_sent(cl->c, tls_encrypt(cl->tls, bytes, n));
		}
		bytes = tls_output(cl->tls, &n);
		if (!n)
			return true;
		sent = put(cl, bytes, n);
		if (sent <= 0)
			return sent == 0;
		tls_sent(cl->tls, (size_t)sent);
	}
}

static void write_out(void *arg)
{
	struct client *cl = arg;
	size_t left;

	if (cl->dead)
		return;
	if (!(cl->tls ? send_tls(cl) : send_plain(cl))) {
		die(cl);
		return;
	}
	console_output(cl->c, &left);
	if (cl->closing && !left && !tls_pending(cl->tls))
		die(cl);
	else
		watch_again(cl);
}

static void flush(void *arg)
{
	struct client *cl = arg;

	if (!cl->dead)
		console_flush(cl->c);
}

static bool begin_tls(struct client *cl)
{
	struct error err;

	cl->tls = tls_new(cl->l->tls, &err);
	if (cl->tls)
		return true;
	log_error(cl->host, "%s", err.text);
	die(cl);
	return false;
}

static void received_tls(struct client *cl, const uint8_t *bytes, size_t n)
{
	uint8_t clear[READ_SIZE];
	bool was_open = tls_is_open(cl->tls);
	ssize_t got;

	tls_input(cl->tls, bytes, n);
	while ((got = tls_decrypt(cl->tls, clear, sizeof(clear))) > 0 && !cl->dead)
		console_receive(cl->c, clear, (size_t)got);
	loop_defer(cl->l->loop, &cl->write, write_out, cl);
	if (got < 0) {
		log_warn(cl->host, "TLS: %s", tls_error(cl->tls));
		cl->closing = true;
	} else if (!was_open && tls_is_open(cl->tls)) {
		if (cl->l->options.tls)
			console_start(cl->c);
		else
			console_tls_begun(cl->c);
	}
}

/* Bytes from the client; START-TLS makes the rest of them TLS. */
static void received(struct client *cl, const uint8_t *bytes, size_t n)
{
	size_t used;

	if (cl->tls) {
		received_tls(cl, bytes, n);
		return;
	}
	used = console_receive(cl->c, bytes, n);
	if (!console_wants_tls(cl->c) || cl->dead)
		return;
	write_out(cl);
	if (begin_tls(cl) && used < n)
		received_tls(cl, bytes + used, n - used);
}

static void read_in(struct client *cl)
{
	uint8_t bytes[READ_SIZE];
	ssize_t n = recv(cl->fd, bytes, sizeof(bytes), 0);

	if (n > 0) {
		cl->heard = true;
		received(cl, bytes, (size_t)n);
		if (!cl->dead)
			watch_again(cl);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		die(cl);
	}
}

static void client_ready(void *arg, unsigned events)
{
	struct client *cl = arg;

	if (events & LOOP_WRITE && !cl->dead)
		write_out(cl);
	if (events & LOOP_READ && !cl->dead)
		read_in(cl);
}

/*
 * A silent client is sent a telnet NOP; the host's TCP closes the connection
 * when nobody acknowledges it (TCP_USER_TIMEOUT). A client that acknowledges
 * but takes no output is closed here.
 */
static void keepalive(void *arg)
{
	struct client *cl = arg;
	struct listener *l = cl->l;
	size_t waiting;

	cl->silent_s = cl->heard ? 0 : cl->silent_s + l->options.keepalive_s;
	console_output(cl->c, &waiting);
	cl->stalled = waiting && !cl->moved ? cl->stalled + 1 : 0;
	if (cl->tls && !tls_is_open(cl->tls)) {
		log_info(cl->host, "closed: no TLS handshake");
		die(cl);
		return;
	}
	if (cl->stalled >= STALLED_PROBES ||
	    (l->options.idle_s && cl->silent_s >= l->options.idle_s)) {
		log_info(console_name(cl->c), "closed: %s",
			 cl->stalled ? "takes no output" : "idle");
		die(cl);
		return;
	}
	if (!cl->heard && !waiting)
		console_probe(cl->c);
	cl->heard = cl->moved = false;
	loop_timer_start(l->loop, &cl->keepalive, l->options.keepalive_s * 1000ull,
			 keepalive, cl);
}

/* ---- what the console asks for */

static void host_output(void *host)
{
	struct client *cl = host;

	loop_defer(cl->l->loop, &cl->write, write_out, cl);
}

static void host_close(void *host, bool now)
{
	struct client *cl = host;

	cl->closing = true;
	if (now)
		die(cl);
	else
		host_output(cl);
}

static void console_time(void *arg)
{
	struct client *cl = arg;

	console_timer(cl->c);
}

static void host_timer(void *host, unsigned milliseconds)
{
	struct client *cl = host;

	if (milliseconds)
		loop_timer_start(cl->l->loop, &cl->console_timer, milliseconds,
				 console_time, cl);
	else
		loop_timer_stop(cl->l->loop, &cl->console_timer);
}

static void host_flush(void *host)
{
	struct client *cl = host;

	loop_defer(cl->l->loop, &cl->flush, flush, cl);
}

static bool host_lu_in_use(void *host, const char *name)
{
	struct client *cl = host;

	for (const struct client *other = cl->l->clients; *name && other; other = other->next)
		if (other != cl && !other->dead && strcmp(console_lu(other->c), name) == 0)
			return true;
	return false;
}

static const struct console_host host_ops = {
	.output = host_output,
	.close = host_close,
	.timer = host_timer,
	.flush = host_flush,
	.lu_in_use = host_lu_in_use,
};

/* ---- birth and death */

/* The lowest number that no client has: the list is in order of numbers. */
static struct client **free_number(struct listener *l, unsigned *number)
{
	struct client **at = &l->clients;

	*number = l->options.first_number;
	while (*at && (*at)->number == *number) {
		++*number;
		at = &(*at)->next;
	}
	return at;
}

static void set_socket(int fd, unsigned keepalive_s)
{
	int on = 1, idle = (int)keepalive_s, timeout = (int)keepalive_s * 1000;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof(timeout));
}

/* record/20260131-235959-0041.3270, with .1 and so on where that exists. */
static void start_recording(struct client *cl)
{
	struct error err = { 0, "" };
	char path[512], when[32];
	time_t now = time(NULL);
	struct tm tm;

	strftime(when, sizeof(when), "%Y%m%d-%H%M%S", localtime_r(&now, &tm));
	for (unsigned i = 0; i < 100; i++) {
		struct recorder *r;

		snprintf(path, sizeof(path), "%s/%s-%04X%s%.0u.3270", cl->l->record, when,
			 cl->number, i ? "." : "", i);
		r = recorder_new(path, &err);
		if (r) {
			console_record(cl->c, r);
			return;
		}
	}
	log_warn(cl->host, "%s", err.text);
}

void client_new(struct listener *l, int fd, const char *host, const char *service)
{
	struct client *cl = calloc(1, sizeof(*cl)), **at;
	char address[64];
	struct error err;

	if (!cl)
		BUG("out of memory");
	cl->l = l;
	cl->fd = fd;
	snprintf(cl->host, sizeof(cl->host), "%s", host);
	snprintf(address, sizeof(address), strchr(host, ':') ? "[%.46s]:%s" : "%.46s:%s",
		 host, service);
	set_socket(fd, l->options.keepalive_s);
	cl->watch = loop_watch(l->loop, fd, LOOP_READ, client_ready, cl, &err);
	if (!cl->watch) {
		log_error(address, "%s", err.text);
		close(fd);
		free(cl);
		return;
	}
	at = free_number(l, &cl->number);
	cl->next = *at;
	cl->link = at;
	*at = cl;
	if (cl->next)
		cl->next->link = &cl->next;
	l->count++;
	cl->c = console_new(&l->settings, l->events, l->arg, &host_ops, cl, address,
			    cl->number);
	if (l->record)
		start_recording(cl);
	loop_timer_start(l->loop, &cl->keepalive, l->options.keepalive_s * 1000ull,
			 keepalive, cl);
	if (!l->options.tls)
		console_start(cl->c);
	else
		begin_tls(cl);
}

void client_end(struct client *cl)
{
	if (!cl->dead)
		write_out(cl);
	client_free(cl);
}
