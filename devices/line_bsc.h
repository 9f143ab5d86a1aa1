/*
 * devices/line_bsc.h - binary synchronous communication as a 2703 speaks it.
 *
 * GA27-3004 (General Information - Binary Synchronous Communications), "Control
 * Characters"; GA27-2703 (2703 Component Description), "Binary Synchronous". Over TCP
 * there are no pad characters and no block check characters, as with Hercules' 2703:
 * the network does not lose bits.
 *
 * No sockets, no state elsewhere: bytes in, messages out.
 */
#ifndef DEVICES_LINE_BSC_H
#define DEVICES_LINE_BSC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

enum bsc_character {
	BSC_SOH = 0x01,
	BSC_STX = 0x02,
	BSC_ETX = 0x03,
	BSC_DLE = 0x10,
	BSC_ITB = 0x1F,
	BSC_ETB = 0x26,
	BSC_ENQ = 0x2D,
	BSC_SYN = 0x32,
	BSC_EOT = 0x37,
	BSC_NAK = 0x3D,
};

#define BSC_MESSAGE_MAX 32768u /* longer than any block of the time */

/* What a READ has received of a message. Zeroed: nothing. */
struct bsc_message {
	bool text;	  /* behind SOH or STX */
	bool transparent; /* behind DLE STX */
	bool dle;	  /* the last byte was a DLE that is not decided yet */
	size_t length;
	uint8_t data[BSC_MESSAGE_MAX];
};

enum bsc_progress {
	BSC_MORE,     /* the message goes on */
	BSC_END,      /* it is complete */
	BSC_END_EOT,  /* it is complete: EOT, which is a unit exception */
	BSC_TOO_LONG, /* there is no room for the byte: lost data */
};

/*
 * One byte from the line. error_byte: the program asked for an error-index byte behind
 * ITB, ETB and ETX (SET MODE with bit 1). It is always zero: no errors.
 */
MUST_USE enum bsc_progress bsc_receive(struct bsc_message *m, uint8_t byte,
				       bool error_byte);

/*
 * The bytes of a WRITE as they go over the line, at most twice as many: in transparent
 * text every DLE is doubled; what stands behind the ETB or ETX of normal text is not
 * sent. transparent: out, the data ended within transparent text, so that only another
 * WRITE may follow.
 */
size_t bsc_transmit(const uint8_t *data, size_t n, uint8_t *wire, bool *transparent);

#endif
