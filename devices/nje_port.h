/*
 * devices/nje_port.h - where links of NJE over TCP are listened for: one port may serve
 * any number of links of a machine. Who calls says which link he means (an OPEN record,
 * nje_frame.h); the link takes the connection, or says why not.
 *
 * Callers that say nothing, or no OPEN, or name no link here, disturb nobody: a few may
 * wait at a time, for a few seconds, the oldest goes first.
 *
 * Threads: a port has a thread of its own, which calls offer(); the other functions are
 * for one thread, that of the machine.
 */
#ifndef DEVICES_NJE_PORT_H
#define DEVICES_NJE_PORT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "devices/nje_frame.h"

struct nje_port;

struct nje_member {
	uint8_t here[NJE_NAME], there[NJE_NAME]; /* the nodes of its link */
	/*
	 * NJE_WELCOME: the link has taken the connection and answers it. Else why not,
	 * which the caller is told. Must not wait.
	 */
	enum nje_reason (*offer)(void *arg, int fd, const struct nje_control *open);
	void *arg;
	struct nje_member *next; /* the port's */
};

/* Listen; subject is of the device that was the first. NULL with err. */
MUST_USE struct nje_port *nje_port_open(const struct sockaddr_in *at, const char *subject,
					struct error *err);
/* Does it listen there? */
bool nje_port_is(const struct nje_port *p, const struct sockaddr_in *at);
/* The number of the port. */
uint16_t nje_port_number(const struct nje_port *p);
/*
 * The member stays the caller's, until it leaves: offer() is not called then. The last
 * one closes the port. Two links of the same nodes: false.
 */
MUST_USE bool nje_port_join(struct nje_port *p, struct nje_member *m);
void nje_port_leave(struct nje_port *p, struct nje_member *m);

#endif
