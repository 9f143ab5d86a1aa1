/*
 * devices/nje_link_int.h - what the halves of nje_link.h share: nje_link.c, which the
 * device calls, and nje_link_thread.c, which has the connection.
 */
#ifndef DEVICES_NJE_LINK_INT_H
#define DEVICES_NJE_LINK_INT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "devices/nje_link.h"
#include "devices/nje_station.h"
#include "devices/tcp_link.h"

#define NJE_NEVER UINT64_MAX

enum nje_state {
	NJE_CLOSED,
	NJE_CALLING, /* a connection is being made */
	NJE_ASKING,  /* OPEN is sent */
	NJE_UP,
};

struct nje_link {
	char subject[32];
	char nodes[2 * NJE_NAME + 4]; /* HERE-THERE */
	void (*wake)(void *arg);
	void *arg;
	bool calls;
	struct sockaddr_in far;
	unsigned connect_ms, keepalive;
	size_t buffer; /* bytes of a block at most */
	struct nje_port *port;
	struct nje_member member;
	struct tcp_thread thread;

	pthread_mutex_t lock; /* all below; after that of the port */
	bool ending;
	bool enabled;
	bool told; /* wake() was called; the device has not looked since */
	enum nje_state state;
	unsigned turn; /* changes with fd */
	int fd;
	uint64_t give_up;   /* ms: a call and its answer */
	uint64_t next_call; /* ms: not before */

	uint8_t bid[2]; /* the machine wants a link, and said so like this */
	bool bidding;
	uint64_t bid_until; /* ms */

	uint64_t deadline; /* ms: the device's timer */
	bool timed_out, late;
	unsigned idle;	    /* WRITEs that stayed here, since something went out */
	bool noise, lonely; /* said so in the log, since the line was enabled or up */

	/* a control record, or a block; at: the next record of a block that is complete */
	size_t have, length, at;
	bool complete;
	uint8_t *in;
	size_t out_first, out_count, out_size;
	uint8_t *out, *block; /* block: of one that is being made */

	struct nje_station station;
};

/* The link's thread, until ending. */
void *nje_link_main(void *link);

/* All with the lock held. */

/* n bytes go out, now or later. false: there is no room. */
MUST_USE bool nje_link_send_locked(struct nje_link *l, const uint8_t *bytes, size_t n);
/* A record, as a block of its own. false: there is no room. */
MUST_USE bool nje_link_record_locked(struct nje_link *l, const uint8_t *record, size_t n);
/* A connection for this link has come, with an OPEN. */
enum nje_reason nje_link_offered_locked(struct nje_link *l, int fd,
					const struct nje_control *open);
/* No connection any more; why NULL: nothing is to be said about it. */
void nje_link_drop_locked(struct nje_link *l, const char *why);
/* Is there a record, complete, that has not been read? A broken block ends the link. */
bool nje_link_next_locked(struct nje_link *l, uint8_t **record, size_t *n,
			  uint8_t *flags);

#endif
