/*
 * devices/line_link.h - the wire of a communication line as a TCP connection. What
 * Hercules' 2703 does: a call is a connection, a byte is a byte.
 *
 * A switched line answers a call only while it was told to, and may call an address. A
 * leased line has one other end: it makes the connection when it is enabled, and
 * accepts one from that host at any time. If both ends do so at once, the connection
 * that the lower port number has made is used.
 *
 * Threads: a link has a thread of its own, which calls wake().
 */
#ifndef DEVICES_LINE_LINK_H
#define DEVICES_LINE_LINK_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "devices/line_wire.h"

#define LINE_IN_MAX 16384u /* bytes received that nobody has read */

struct line_link;

struct line_link_config {
	const char *local_host;	 /* where to listen; NULL: everywhere */
	const char *local_port;	 /* number or service; NULL: do not listen */
	const char *remote_host; /* the other end of a leased line; NULL: switched */
	const char *remote_port;
	uint16_t device;  /* address, for logs */
	const char *name; /* of the machine, for logs */
	/* Something has changed; once until line_look(). Must not wait. */
	void (*wake)(void *arg);
	void *arg;
};

/* Listen, and begin. NULL with err. */
MUST_USE struct line_link *line_link_open(const struct line_link_config *config,
					  struct error *err);
/* The device's view of it; ops->close() ends the thread. */
struct line_wire line_link_wire(struct line_link *link);
/* The port it listens at, 0 none. */
uint16_t line_link_port(const struct line_link *link);

#endif
