/*
 * dasd/track.h - the bytes of a track image.
 *
 * A CKD track in storage and in an image file is
 *
 *   home address   5 bytes  00 CC CC HH HH
 *   record 0       count field with KL 0 and DL 8, and 8 bytes of data
 *   record n       count field CC CC HH HH RR KL DL DL, key, data
 *   end            8 bytes FF
 *
 * without gaps. CC HH of a count field need not be the track's own. Bit 0 of a
 * count field's first byte says that the record goes on on the next track
 * (record overflow). A count with KL 0 and DL 0 is an end-of-file record.
 *
 * All offsets and lengths are bytes from the home address. Nothing here keeps
 * state; any thread may call.
 */
#ifndef DASD_TRACK_H
#define DASD_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define TRACK_HA_SIZE    5
#define TRACK_COUNT_SIZE 8
#define TRACK_R0         TRACK_HA_SIZE
#define TRACK_R1         (TRACK_R0 + TRACK_COUNT_SIZE + 8)
#define TRACK_END_SIZE   8
#define TRACK_EMPTY_SIZE (TRACK_R1 + TRACK_END_SIZE) /* home address, R0, end: 29 */
#define TRACK_OVERFLOW   0x80 /* in the first byte of a count field */

/* Fields of a count field at p. */
static inline uint8_t count_record(const uint8_t *p)
{
	return p[4];
}

static inline uint32_t count_key_length(const uint8_t *p)
{
	return p[5];
}

static inline uint32_t count_data_length(const uint8_t *p)
{
	return be16(p + 6);
}

/* Count, key and data together. */
static inline uint32_t count_record_size(const uint8_t *p)
{
	return TRACK_COUNT_SIZE + count_key_length(p) + count_data_length(p);
}

/* Is p the end of the track rather than a count field? */
static inline bool count_is_end(const uint8_t *p)
{
	return be64(p) == UINT64_MAX;
}

void count_set(uint8_t *p, uint32_t cylinder, uint32_t head, uint8_t record, uint8_t key,
	       uint16_t data);

/*
 * Walk the records of a track: start with TRACK_R0 (or TRACK_R1) and call
 * track_next() until it returns 0. data must be a checked image, see
 * track_check(). Example:
 *
 *   for (uint32_t at = TRACK_R1; !count_is_end(data + at); at += count_record_size(data + at))
 */

/* Offset of the count field of the first record numbered r behind R0; 0: none. */
uint32_t track_find(const uint8_t *data, uint8_t r);

/* Records behind R0. */
uint32_t track_records(const uint8_t *data);

/* Write home address, R0 and the end; returns TRACK_EMPTY_SIZE. */
uint32_t track_make_empty(uint8_t *data, uint32_t cylinder, uint32_t head);

/*
 * Append a record to an image under construction of *length bytes (the end
 * included); moves the end. key may be NULL with key_length 0. false: it would
 * not fit into capacity bytes.
 */
bool track_append(uint8_t *data, uint32_t *length, uint32_t capacity, const uint8_t count[8],
		  const uint8_t *key, const uint8_t *body);

/*
 * Length of the image in data[0..available), the end included, if every count
 * field leads to the next within it; 0 if it does not: *good is then the offset
 * behind the last whole record (0: not even home address and R0 are sound).
 */
uint32_t track_check(const uint8_t *data, uint32_t available, uint32_t *good);

/*
 * What a null track looks like. Formats as in the images of Hercules: 0 holds
 * R0 and an end-of-file record, 1 holds R0, 2 holds R0 and twelve records of
 * 4096 zero bytes. Returns the length, 0 if it does not fit into capacity.
 */
#define NULL_FORMATS 3
uint32_t track_make_null(uint8_t *data, uint32_t capacity, unsigned format, uint32_t cylinder,
			 uint32_t head);

/* The null format that data is equal to in every byte, or -1. */
int track_null_format(const uint8_t *data, uint32_t length, uint32_t cylinder, uint32_t head);

/*
 * Move the track to another cylinder: home address and the count field of R0
 * always; with counts also the count fields whose cylinder is the old one. (OS
 * volumes number their records by the real cylinder, minidisks by their own.)
 */
void track_relocate(uint8_t *data, uint32_t cylinder, uint32_t head, bool counts);

#endif
