/*
 * devices/nje_station.h - the station at the other end of a BSC line that is NJE over TCP
 * to the outside: what it hears from the machine, what it says when the machine reads.
 *
 * To the machine it is a computer at the end of a line, GA27-3004 (General Information -
 * Binary Synchronous Communications): SOH ENQ, DLE ACK0, and blocks of transparent text
 * DLE STX BCB FCS FCS RCB SRCB ... DLE ETB, one in turn from either side; GG22-9373
 * (Network Job Entry Formats and Protocols), "NJE Protocol" has what is in them: block
 * and function control bytes, sign-on records I and J, sign-off B. Outside every message
 * is a record, without its DLE ETB, that may come at any time. So the station
 * acknowledges for the other side: with an empty block when a block has come from the
 * machine and there is nothing to say. Empty blocks and acknowledgements stay here, and
 * the next block's number is set anew.
 *
 * Function control bytes have an end on either side: while the machine wants no data it
 * gets none; hold tells it to send none.
 *
 * No sockets, no threads: bytes and records in, bytes and records out.
 */
#ifndef DEVICES_NJE_STATION_H
#define DEVICES_NJE_STATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "devices/line_bsc.h"

/* A record of a block in words of the machine: doubled DLEs, and DLE ETB. */
#define NJE_RECORD_MAX (BSC_MESSAGE_MAX - 2u)

struct nje_station {
	bool linked;	/* records can go out and come */
	bool primary;	/* we have opened the link: our machine bids */
	bool signed_on; /* J has gone or come: acknowledgements stay here */
	bool hold;	/* the machine shall send no data: its owner's to set */

	bool signed_off;	  /* the machine has been told that it is over */
	bool sign_off;		  /* tell it that */
	bool held;		  /* it wants no data now */
	bool owes;		  /* its last block is not acknowledged */
	bool renumber;		  /* blocks of it stayed here */
	bool nak_heard, nak_come; /* before the sign-on: who would be the secondary */
	uint8_t fast_open;	  /* a stream that was opened without asking */

	struct bsc_message from; /* what it is sending */
	size_t next, length;	 /* what it has not read of what is said to it */
	uint8_t to[2 * BSC_MESSAGE_MAX];
};

/* A line that is enabled: nobody there. */
void nje_station_reset(struct nje_station *s);
/* There is a link now. primary: this side has opened it. */
void nje_station_link(struct nje_station *s, bool primary);
/* It is gone: the machine hears a sign-off, if it was signed on. */
void nje_station_unlink(struct nje_station *s);

enum nje_heard {
	NJE_HEARD_MORE,	   /* the message goes on */
	NJE_HEARD_NOTHING, /* it is for nobody else */
	NJE_HEARD_RECORD,  /* it is to go out: record and n */
	NJE_HEARD_BID,	   /* nobody is there: the machine wants a link; likewise */
	NJE_HEARD_NOISE,   /* no message that there is, or too long */
};

/* A byte from the machine. *record stays until the next one. */
enum nje_heard nje_station_hear(struct nje_station *s, uint8_t byte,
				const uint8_t **record, size_t *n);

/*
 * A record from outside, of NJE_RECORD_MAX at most, when there is nothing left to read:
 * it is now (with our own function control bytes written into it), or else it means
 * nothing to the machine. false: it is no record, *fault.
 */
MUST_USE bool nje_station_take(struct nje_station *s, uint8_t *record, size_t n,
			       uint8_t flags, const char **fault);
/* Does the machine want records now? */
bool nje_station_wants(const struct nje_station *s);
/*
 * It reads, and there is no record that it wants: say what must be said, if anything.
 * late: it has waited as long as it can.
 */
void nje_station_answer(struct nje_station *s, bool late);
/* Up to n bytes of what is said. */
size_t nje_station_give(struct nje_station *s, uint8_t *bytes, size_t n);

#endif
