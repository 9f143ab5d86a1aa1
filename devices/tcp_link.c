#include "devices/tcp_link.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define BACKLOG 16 /* callers until we look */

/* ---- the thread */

bool tcp_thread_start(struct tcp_thread *t, void *(*body)(void *arg), void *arg,
		      struct error *err)
{
	int e;

	if (pipe2(t->pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
		error_errno(err, errno, "no pipe");
		return false;
	}
	e = pthread_create(&t->thread, NULL, body, arg);
	if (e) {
		error_errno(err, e, "no thread");
		tcp_close(&t->pipe[0]);
		tcp_close(&t->pipe[1]);
	}
	return e == 0;
}

void tcp_thread_poke(struct tcp_thread *t, const char *subject)
{
	/* A full pipe wakes it as well. */
	if (write(t->pipe[1], "", 1) < 0 && errno != EAGAIN)
		log_error(subject, "no wake-up: %s", strerror(errno));
}

void tcp_thread_drain(struct tcp_thread *t)
{
	uint8_t bytes[64];

	while (read(t->pipe[0], bytes, sizeof(bytes)) == sizeof(bytes))
		;
}

void tcp_thread_end(struct tcp_thread *t)
{
	tcp_close(&t->pipe[1]);
	pthread_join(t->thread, NULL);
	tcp_close(&t->pipe[0]);
}

/* ---- sockets */

uint64_t tcp_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void tcp_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* A number out of range, which getaddrinfo() would take modulo 65536. */
static bool bad_port(const char *port, unsigned long least)
{
	char *end;
	unsigned long n = strtoul(port, &end, 10);

	return end != port && !*end && (n < least || n > UINT16_MAX);
}

bool tcp_resolve(const char *host, const char *port, unsigned long least,
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

int tcp_listen(const struct sockaddr_in *address, uint16_t *port)
{
	struct sockaddr_in here;
	socklen_t n = sizeof(here);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1,
	    e;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 &&
	    listen(fd, BACKLOG) == 0 && getsockname(fd, (struct sockaddr *)&here, &n) == 0) {
		*port = ntohs(here.sin_port);
		return fd;
	}
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

void tcp_options(int fd, int idle, int every, int times)
{
	const int on = 1;

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every, sizeof(every));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof(times));
}

int tcp_connect(const struct sockaddr_in *to)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)to, sizeof(*to)) != 0 &&
	    errno != EINPROGRESS)
		tcp_close(&fd);
	return fd;
}

/* Linux connects a socket that calls its own port from that port with itself. */
static bool with_itself(int fd)
{
	struct sockaddr_in a, b;
	socklen_t na = sizeof(a), nb = sizeof(b);

	return getsockname(fd, (struct sockaddr *)&a, &na) == 0 &&
	       getpeername(fd, (struct sockaddr *)&b, &nb) == 0 &&
	       a.sin_port == b.sin_port && a.sin_addr.s_addr == b.sin_addr.s_addr;
}

bool tcp_connected(int fd)
{
	int e = 0;
	socklen_t n = sizeof(e);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n) == 0 && !e &&
	       !with_itself(fd);
}
