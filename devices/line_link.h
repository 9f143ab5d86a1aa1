/*
 * devices/line_link.h - the wire of a communication line as a TCP connection. What
 * Hercules' 2703 does: a call is a connection, a byte is a byte.
 *
 * A switched line answers a call only while it was told to, and may call an address. A
 * leased line has one other end: it makes the connection when it is enabled, and
 * accepts one from that host at any time. If both ends do so at once, the connection
 * that the lower port number has made is used.
 *
 * Threads: a link has a thread of its own, which calls wake(); the other functions are
 * for one thread, the device's, and never wait for the network.
 */
#ifndef DEVICES_LINE_LINK_H
#define DEVICES_LINE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

#define LINE_IN_MAX  16384u		 /* bytes received that nobody has read */
#define LINE_OUT_MAX (2u * 65535u + 64u) /* of one WRITE, and replies of telnet */

struct line_link;

struct line_link_config {
	const char *local_host;	 /* where to listen; NULL: everywhere */
	const char *local_port;	 /* number or service; NULL: do not listen */
	const char *remote_host; /* the other end of a leased line; NULL: switched */
	const char *remote_port;
	uint16_t device;  /* address, for logs */
	const char *name; /* of the machine, for logs */
	/* Something has changed; once until line_link_look(). Must not wait. */
	void (*wake)(void *arg);
	void *arg;
};

enum line_state {
	LINE_IDLE,   /* nobody there, nobody called */
	LINE_TRYING, /* waits for a call, or is calling */
	LINE_FAILED, /* the call that was made did not succeed */
	LINE_CONNECTED,
	LINE_ENDED, /* was connected; bytes are left to be read */
};

/* Listen, and begin. NULL with err. */
MUST_USE struct line_link *line_link_open(const struct line_link_config *config,
					  struct error *err);
/* Hangs up and ends the thread. */
void line_link_close(struct line_link *link);

/* The state now; wake() will be called for what comes after it. */
enum line_state line_link_look(struct line_link *link);
/* The port it listens at, 0 none. */
uint16_t line_link_port(const struct line_link *link);

/* Take a call (on a leased line: make one too), or no more. */
void line_link_answer(struct line_link *link, bool on);
/* Call that address, in host byte order. */
void line_link_call(struct line_link *link, uint32_t address, uint16_t port);
/* End the connection, or the attempt; what was not read is dropped. */
void line_link_hang_up(struct line_link *link);
/* Drop what was not read. */
void line_link_flush(struct line_link *link);

/* Up to n received bytes; their number. */
size_t line_link_read(struct line_link *link, uint8_t *bytes, size_t n);
bool line_link_has_bytes(struct line_link *link);
/* false: not connected, or no room beside what is not sent yet. */
bool line_link_write(struct line_link *link, const uint8_t *bytes, size_t n);
/* Is all sent (or the connection gone)? */
bool line_link_written(struct line_link *link);

/* wake() in so many milliseconds; 0: not any more. */
void line_link_timer(struct line_link *link, unsigned ms);
/* Has the timer run out since it was set? */
bool line_link_timed_out(struct line_link *link);

#endif
