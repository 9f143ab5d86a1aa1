/*
 * devices/nje_link.h - the wire of a communication line as NJE over TCP: to the machine a
 * BSC station (nje_station.h), outside the protocol of BITNET's VMNET (nje_frame.h).
 * Compatible with Hercules' TCPNJE.
 *
 * The line itself is always there: ENABLE ends at once. The link is made when the machine
 * bids (SOH ENQ): it is called, again and again, or waited for, and the WRITE of the bid
 * ends when it is up or after cto= milliseconds. A call for the link is taken whenever the
 * line is enabled. If both sides call at once both calls are given up, and the node whose
 * name is lower calls sooner.
 *
 * DIFFERS from Hercules: the port is open from attach on, and a line that is not enabled
 * refuses with reason 4; a READ that nobody answers before the sign-on times out (there it
 * gets DLE NAK); SYN NAK is read as NAK, as any line takes a SYN away; a block of the
 * machine goes out at once, not when it has no more.
 *
 * A link that breaks is a sign-off to a machine that was signed on, else silence. What
 * is no NJE breaks it.
 *
 * Threads: a link has a thread of its own, which calls wake(); its port has another.
 */
#ifndef DEVICES_NJE_LINK_H
#define DEVICES_NJE_LINK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "devices/line_wire.h"
#include "devices/nje_frame.h"
#include "devices/nje_port.h"

#define NJE_BUFFER_LEAST 1024u
#define NJE_BUFFER_MOST	 32768u /* a machine reads no longer block */

struct nje_link;

struct nje_link_config {
	uint8_t here[NJE_NAME], there[NJE_NAME]; /* nodes */
	const char *local_host, *local_port;	 /* port NULL: do not listen */
	const char *remote_host, *remote_port;	 /* host NULL: do not call */
	unsigned connect_ms; /* until a bid, a call, its answer are given up */
	unsigned keepalive;  /* idle WRITEs until an empty block goes out */
	unsigned buffer;     /* bytes of a block at most */
	uint16_t device;     /* address, for logs */
	const char *name;    /* of the machine, for logs */
	/* The port of another link that listens there; NULL: none. */
	struct nje_port *(*port_at)(void *arg, const struct sockaddr_in *at);
	/* Something has changed; once until look(). Must not wait. */
	void (*wake)(void *arg);
	void *arg;
};

/*
 * NULL with err. A port that cannot be listened at is only logged if there is somebody
 * to call.
 */
MUST_USE struct nje_link *nje_link_open(const struct nje_link_config *config,
					struct error *err);
/* The device's view of it; ops->close() ends the thread. */
struct line_wire nje_link_wire(struct nje_link *link);
/* Where it listens; NULL: nowhere. */
struct nje_port *nje_link_port(const struct nje_link *link);
/* Its nodes, its port, what it does, for people. */
void nje_link_describe(struct nje_link *link, char *text, size_t size);

#endif
