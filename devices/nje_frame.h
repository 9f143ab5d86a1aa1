/*
 * devices/nje_frame.h - NJE over TCP as its bytes are: the control records that open a
 * link, and blocks of records.
 *
 * BITNET RFC 2 (Definition of the BITNETII Protocol, A Technical Overview of VMNET); all
 * numbers are big endian, all text is EBCDIC.
 *
 * Control record, 33 bytes: type (8), the sender's node (8) and IP address (4), the
 * receiver's node (8) and IP address (4), reason of a NAK (1).
 * Block: flags (1), unused (1), length with this header (2), unused (4); then records,
 * each flags (1), unused (1), length without this header (2), data; the last one is
 * followed by a header of length 0.
 *
 * No sockets, no state: bytes in, bytes out. What comes from outside may be anything.
 */
#ifndef DEVICES_NJE_FRAME_H
#define DEVICES_NJE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

#define NJE_NAME	  8u
#define NJE_CONTROL	  33u
#define NJE_BLOCK_HEADER  8u
#define NJE_RECORD_HEADER 4u
/* What a block of one record has beside its data. */
#define NJE_OVERHEAD	  (NJE_BLOCK_HEADER + 2 * NJE_RECORD_HEADER)
#define NJE_FLAG_FASTOPEN 0x80

enum nje_type { NJE_OPEN, NJE_ACK, NJE_NAK, NJE_UNKNOWN };

enum nje_reason {
	NJE_WELCOME = 0,
	NJE_NO_LINK = 1,
	NJE_LINK_ACTIVE = 2,  /* it was up, and is reset now */
	NJE_LINK_OPENING = 3, /* both have opened it at once */
	NJE_NOT_NOW = 4,
};

struct nje_control {
	enum nje_type type;
	uint8_t from[NJE_NAME], to[NJE_NAME];
	uint32_t from_ip, to_ip; /* host order */
	uint8_t reason;
};

void nje_control_put(const struct nje_control *c, uint8_t bytes[NJE_CONTROL]);
void nje_control_get(struct nje_control *c, const uint8_t bytes[NJE_CONTROL]);

/* A node name, one to eight printable characters: upper case, blanks behind it. */
MUST_USE bool nje_name_put(const char *text, uint8_t name[NJE_NAME]);
/* For people: what cannot be printed becomes a period. */
void nje_name_text(const uint8_t name[NJE_NAME], char text[NJE_NAME + 1]);
const char *nje_reason_text(uint8_t reason);

/* The length of a block from its header. 0: it is none that fits into max bytes. */
size_t nje_block_length(const uint8_t header[NJE_BLOCK_HEADER], size_t max);

enum nje_next { NJE_RECORD, NJE_END, NJE_BROKEN };

/*
 * The record at *at of a block of that length; *at, NJE_BLOCK_HEADER for the first, goes
 * to the next. NJE_BROKEN: it does not end within the block.
 */
enum nje_next nje_block_next(uint8_t *block, size_t length, size_t *at, uint8_t **record,
			     size_t *n, uint8_t *flags);

/*
 * A block of one record, or with n 0 of none, which only shows that somebody is there.
 * n is at most 65535 - NJE_OVERHEAD; block has room. Its length.
 */
size_t nje_block_put(uint8_t *block, const uint8_t *record, size_t n);

#endif
