/*
 * devices/tcp_link.h - what devices with a TCP connection share: the thread that serves
 * it and how the device wakes that; names, listening, connecting. IPv4, as Hercules.
 *
 * Threads: tcp_thread_drain() is the thread's own; the others its owner's. No state
 * beside what the caller has.
 */
#ifndef DEVICES_TCP_LINK_H
#define DEVICES_TCP_LINK_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

/* ---- a thread in poll(), and a pipe to get it out of there */

struct tcp_thread {
	pthread_t thread;
	int pipe[2]; /* to read: a byte, or the end of file that means its end */
};

/* false with err: nothing is left of it. */
MUST_USE bool tcp_thread_start(struct tcp_thread *t, void *(*body)(void *arg), void *arg,
			       struct error *err);
/* Its poll() of pipe[0] returns. subject: for a log. */
void tcp_thread_poke(struct tcp_thread *t, const char *subject);
/* What woke it is done with. */
void tcp_thread_drain(struct tcp_thread *t);
/* Wake it for the last time, wait until body has returned. */
void tcp_thread_end(struct tcp_thread *t);

/* ---- sockets: non-blocking, closed by exec */

/* Milliseconds of a clock that nobody sets. */
uint64_t tcp_now_ms(void);
/* Close it unless it is -1, which it becomes. */
void tcp_close(int *fd);
/*
 * The address of a host (NULL: this one, every address of it) and a port, a number from
 * least on or the name of a service. false with err.
 */
MUST_USE bool tcp_resolve(const char *host, const char *port, unsigned long least,
			  struct sockaddr_in *address, struct error *err);
/* Listen there; the socket, and the port. -1 with errno. */
int tcp_listen(const struct sockaddr_in *address, uint16_t *port);
/* What a connection is set to; keepalive in seconds. */
void tcp_options(int fd, int idle, int every, int times);
/* Begin to connect: a socket that polls for output when that has ended. -1: it failed. */
int tcp_connect(const struct sockaddr_in *to);
/* Has it succeeded? */
MUST_USE bool tcp_connected(int fd);

#endif
