#include "consoles/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "consoles/console_int.h"
#include "consoles/recorder.h"
#include "consoles/tls.h"

#define READ_SIZE      16384
#define OUTPUT_MAX     (256 * 1024) /* a client that is slower is not read from */
#define STALLED_PROBES 3            /* probes without a byte taken: closed */
#define ACCEPT_PAUSE   100          /* ms, when the host is out of descriptors */

struct client {
	struct listener *l;
	struct client *next, **link; /* list of the listener */
	struct loop_watch *watch;
	struct loop_timer console_timer, keepalive;
	struct loop_deferred flush, write, reap;
	struct console *c;
	struct tls *tls;
	int fd;
	unsigned number;
	char host[NI_MAXHOST];
	bool closing;      /* when everything is sent */
	bool dead;         /* now */
	bool heard;        /* since the last probe */
	unsigned silent_s; /* nothing came */
	unsigned stalled;  /* probes while output waited and did not move */
	bool moved;
};

struct listener {
	struct loop *loop;
	struct listener_options options;
	struct console_settings settings;
	const struct console_events *events;
	void *arg;
	struct tls_context *tls;
	struct loop_watch *watch;
	struct loop_timer pause;
	int fd;
	uint16_t port;
	struct client *clients;
	unsigned count;
	char *record; /* folder */
};

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

	if (sent >= 0)
		return sent;
	return errno == EAGAIN || errno == EINTR ? 0 : -1;
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
		if (sent < 0)
			return false;
		if (!sent)
			return true;
		cl->moved = true;
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
		if (sent < 0)
			return false;
		if (!sent)
			return true;
		cl->moved = true;
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
	loop_timer_start(l->loop, &cl->keepalive, l->options.keepalive_s * 1000ull, keepalive,
			 cl);
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
		loop_timer_start(cl->l->loop, &cl->console_timer, milliseconds, console_time,
				 cl);
	else
		loop_timer_stop(cl->l->loop, &cl->console_timer);
}

static void host_flush(void *host)
{
	struct client *cl = host;

	loop_defer(cl->l->loop, &cl->flush, flush, cl);
}

static const struct console_host host_ops = {
	.output = host_output,
	.close = host_close,
	.timer = host_timer,
	.flush = host_flush,
};

/* ---- accepting */

static unsigned from_same_address(const struct listener *l, const char *host)
{
	unsigned n = 0;

	for (const struct client *cl = l->clients; cl; cl = cl->next)
		n += strcmp(cl->host, host) == 0;
	return n;
}

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

static void client_new(struct listener *l, int fd, const char *host, const char *service)
{
	struct client *cl = calloc(1, sizeof(*cl)), **at;
	char address[64];
	struct error err;

	if (!cl)
		BUG("out of memory");
	cl->l = l;
	cl->fd = fd;
	snprintf(cl->host, sizeof(cl->host), "%s", host);
	snprintf(address, sizeof(address), strchr(host, ':') ? "[%.46s]:%s" : "%.46s:%s", host,
		 service);
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
	loop_timer_start(l->loop, &cl->keepalive, l->options.keepalive_s * 1000ull, keepalive,
			 cl);
	if (!l->options.tls)
		console_start(cl->c);
	else
		begin_tls(cl);
}

static void refuse(int fd, const char *host, const char *why)
{
	static const char text[] = "TOO MANY TERMINALS, TRY LATER\r\n";

	log_warn(host, "connection refused: %s", why);
	if (send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_info(host, "it was gone already");
	close(fd);
}

static void admit(struct listener *l, int fd, const struct sockaddr *sa, socklen_t length)
{
	char host[NI_MAXHOST] = "?", service[NI_MAXSERV] = "?";

	getnameinfo(sa, length, host, sizeof(host), service, sizeof(service),
		    NI_NUMERICHOST | NI_NUMERICSERV);
	if (l->count >= l->options.max_clients)
		refuse(fd, host, "all terminals are in use");
	else if (l->options.max_per_address < l->options.max_clients &&
		 from_same_address(l, host) >= l->options.max_per_address)
		refuse(fd, host, "too many from this address");
	else
		client_new(l, fd, host, service);
}

static void accept_again(void *arg)
{
	struct listener *l = arg;

	loop_watch_events(l->watch, LOOP_READ);
}

static void accept_clients(void *arg, unsigned events)
{
	struct listener *l = arg;

	(void)events;
	for (int i = 0; i < 64; i++) {
		struct sockaddr_storage sa;
		socklen_t length = sizeof(sa);
		int fd = accept4(l->fd, (struct sockaddr *)&sa, &length,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			admit(l, fd, (struct sockaddr *)&sa, length);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		    errno == ENOBUFS) {
			log_warn("listener", "no descriptor for another client");
			loop_watch_events(l->watch, 0);
			loop_timer_start(l->loop, &l->pause, ACCEPT_PAUSE, accept_again, l);
		}
		if (errno != EINTR && errno != ECONNABORTED)
			return;
	}
}

/* ---- birth and death */

static int bind_one(const struct addrinfo *ai)
{
	int on = 1, fd, saved;

	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, 1024) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static bool open_socket(struct listener *l, struct error *err)
{
	const char *host = l->options.bind;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *list;
	struct sockaddr_storage sa;
	socklen_t length = sizeof(sa);
	char service[8];
	int rc;

	snprintf(service, sizeof(service), "%u", l->options.port);
	rc = getaddrinfo(host, service, &hints, &list);
	if (rc) {
		error_set(err, 0, "terminal port %s:%s: %s", host, service, gai_strerror(rc));
		return false;
	}
	for (const struct addrinfo *ai = list; ai && l->fd < 0; ai = ai->ai_next)
		l->fd = bind_one(ai);
	if (l->fd < 0)
		error_errno(err, errno, "terminal port %s:%s", host, service);
	freeaddrinfo(list);
	if (l->fd < 0 || getsockname(l->fd, (struct sockaddr *)&sa, &length) < 0)
		return false;
	l->port = ntohs(sa.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&sa)->sin6_port
						 : ((struct sockaddr_in *)&sa)->sin_port);
	return true;
}

static unsigned or_default(unsigned value, unsigned standard)
{
	return value ? value : standard;
}

static void take_options(struct listener *l, const struct listener_options *options)
{
	struct listener_options *o = &l->options;

	*o = *options;
	o->bind = o->bind ? o->bind : "127.0.0.1";
	o->max_clients = or_default(o->max_clients, 4096);
	o->max_per_address = or_default(o->max_per_address, o->max_clients);
	o->keepalive_s = or_default(o->keepalive_s, 60);
	o->first_number = or_default(o->first_number, 1);
	l->settings = (struct console_settings){
		.negotiate_ms = or_default(o->negotiate_ms, 3000),
		.more_ms = o->more_ms,
		.more_alarm_ms = o->more_alarm_ms,
		.not_accepted_ms = o->not_accepted_ms,
		.no_tn3270e = o->no_tn3270e,
		.start_tls = o->tls_certificate && !o->tls,
	};
}

struct listener *listener_new(struct loop *loop, const struct listener_options *options,
			      const struct console_events *events, void *arg,
			      struct error *err)
{
	struct listener *l = calloc(1, sizeof(*l));

	if (!l)
		BUG("out of memory");
	l->loop = loop;
	l->events = events;
	l->arg = arg;
	l->fd = -1;
	take_options(l, options);
	l->record = options->record ? strdup(options->record) : NULL;
	if (l->options.tls_certificate || l->options.tls) {
		l->tls = tls_context_new(l->options.tls_certificate, l->options.tls_key, err);
		if (!l->tls)
			goto failed;
	}
	if (!open_socket(l, err))
		goto failed;
	l->watch = loop_watch(loop, l->fd, LOOP_READ, accept_clients, l, err);
	if (!l->watch)
		goto failed;
	l->options.bind = l->options.tls_certificate = l->options.tls_key = NULL;
	return l;
failed:
	listener_free(l);
	return NULL;
}

uint16_t listener_port(const struct listener *l)
{
	return l->port;
}

unsigned listener_clients(const struct listener *l)
{
	return l->count;
}

void listener_free(struct listener *l)
{
	if (!l)
		return;
	while (l->clients) {
		if (!l->clients->dead)
			write_out(l->clients);
		client_free(l->clients);
	}
	loop_timer_stop(l->loop, &l->pause);
	if (l->watch)
		loop_unwatch(l->watch);
	if (l->fd >= 0)
		close(l->fd);
	tls_context_free(l->tls);
	free(l->record);
	free(l);
}
