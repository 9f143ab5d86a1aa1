/*
 * devices/line_link_int.h - what the two halves of line_link.h share: line_link.c, which
 * the device calls, and line_link_thread.c, which has the sockets.
 */
#ifndef DEVICES_LINE_LINK_INT_H
#define DEVICES_LINE_LINK_INT_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "devices/line_link.h"
#include "devices/tcp_link.h"

#define LINE_NEVER UINT64_MAX

struct line_link {
	char subject[32];
	void (*wake)(void *arg);
	void *arg;
	bool leased;
	uint16_t port;		/* we listen at */
	struct sockaddr_in far; /* the other end of a leased line */
	struct tcp_thread thread;
	int listener;

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
	bool unsent; /* the last connection ended with bytes in out */
	uint64_t deadline; /* ms; NEVER */
	bool timed_out;
	unsigned refused; /* calls since the last connection */

	/* the link's thread only */
	int trying;	   /* a connection that is being made, or -1 */
	uint64_t next_try; /* ms */
};

/* The link's thread, until ending. */
void *line_link_main(void *link);

/* With the lock held: send what can be sent. */
void line_link_send_locked(struct line_link *l);
/* With the lock held, or without the thread: close all connections. */
void line_link_hang_up_locked(struct line_link *l);

#endif
