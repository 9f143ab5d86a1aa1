#include "consoles/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "consoles/listener_int.h"

#define ACCEPT_PAUSE 100 /* ms, when the host is out of descriptors */

/* ---- accepting */

static unsigned from_same_address(const struct listener *l, const char *host)
{
	unsigned n = 0;

	for (const struct client *cl = l->clients; cl; cl = cl->next)
		n += strcmp(cl->host, host) == 0;
	return n;
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
			loop_timer_start(l->loop, &l->pause, ACCEPT_PAUSE, accept_again,
					 l);
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
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE },
			*list;
	struct sockaddr_storage sa;
	socklen_t length = sizeof(sa);
	char service[8];
	int rc;

	snprintf(service, sizeof(service), "%u", l->options.port);
	rc = getaddrinfo(host, service, &hints, &list);
	if (rc) {
		error_set(err, 0, "terminal port %s:%s: %s", host, service,
			  gai_strerror(rc));
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
		l->tls = tls_context_new(l->options.tls_certificate, l->options.tls_key,
					 err);
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
	while (l->clients)
		client_end(l->clients);
	loop_timer_stop(l->loop, &l->pause);
	if (l->watch)
		loop_unwatch(l->watch);
	if (l->fd >= 0)
		close(l->fd);
	tls_context_free(l->tls);
	free(l->record);
	free(l);
}
