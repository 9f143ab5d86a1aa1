/*
 * dasd/space.h - which bytes of a compressed image are free (inside dasd/ only).
 *
 * Pieces are kept in ascending order and never touch each other. A piece may
 * be too small to be used; it is free all the same. The caller locks.
 */
#ifndef DASD_SPACE_H
#define DASD_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A remainder smaller than this is not split off a piece: Hercules counts it
 * as slack of the track that took the piece.
 */
#define SPACE_MINIMUM 96

struct space_piece {
	uint64_t offset;
	uint64_t size;
};

struct space {
	struct space_piece *piece;
	size_t pieces, room;
	uint64_t end; /* bytes of the file in use up to here; free behind it */
};

void space_init(struct space *s, uint64_t end);
void space_release(struct space *s);

/*
 * Take size bytes, the offset a multiple of align (1 or a power of two). With
 * slack non-null up to SPACE_MINIMUM - 1 bytes more may be given, and *slack
 * says how many. Offsets do not go beyond limit. false: no room below it, or
 * no memory.
 */
bool space_take(struct space *s, uint64_t size, uint32_t align, uint64_t limit,
		uint64_t *offset, uint32_t *slack);

/* Give bytes back; false: no memory (they are lost until the next open). */
bool space_give(struct space *s, uint64_t offset, uint64_t size);

/* Let the end of the file move down over a free piece that touches it. */
void space_trim(struct space *s);

#endif
