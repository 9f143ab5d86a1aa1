/*
 * dasd/tape.h - tape volumes in files: AWSTAPE, HET and SIMH .tap.
 *
 * A tape is a row of blocks and tape marks between the load point and the end
 * of what is recorded. Writing anywhere ends the tape behind what was written.
 *
 * Threads: a tape belongs to one thread at a time.
 *
 * Durability: a block or mark is in the file when the function has returned. If
 * the process dies inside, the tape ends before it: a block that is not whole
 * at the end of the file is not seen, and the next write goes over it.
 *
 * Lengths are bytes. A block has 1 to TAPE_BLOCK_MAX bytes.
 */
#ifndef DASD_TAPE_H
#define DASD_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "dasd/volume.h"

#define TAPE_BLOCK_MAX ((uint32_t)2 << 20)

struct tape;

enum tape_format {
	TAPE_AWS,  /* 6-byte headers, not compressed */
	TAPE_HET,  /* the same headers; blocks may be compressed */
	TAPE_SIMH, /* length before and behind each block */
};

enum tape_status {
	TAPE_BLOCK,      /* a block was read or passed */
	TAPE_MARK,       /* a tape mark was read or passed */
	TAPE_END,        /* nothing is recorded from here on; not moved */
	TAPE_LOAD_POINT, /* backward at the load point; not moved */
	TAPE_DAMAGED,    /* the file makes no sense here (err says why) */
	TAPE_FAILED,     /* trouble with the host (err says why) */
};

struct tape_options {
	bool read_only;
	bool create;             /* make a new, empty tape; the file must not exist */
	enum tape_format format; /* of a new tape; a file that exists speaks for itself */
	enum compression compression; /* of blocks written to a HET */
	int level;                    /* -1: usual */
};

/*
 * options NULL: open for reading and writing. The format is found from the
 * contents; an empty file goes by its name: .tap, .het, else AWSTAPE.
 */
struct tape *tape_open(const char *path, const struct tape_options *options,
		       struct error *err) MUST_USE;
bool tape_close(struct tape *tape, struct error *err);

/* What is recorded is on the disk of the host. */
bool tape_flush(struct tape *tape, struct error *err) MUST_USE;

enum tape_format tape_format(const struct tape *tape);
const char *tape_format_name(enum tape_format format);
bool tape_read_only(const struct tape *tape);
bool tape_at_load_point(const struct tape *tape);

/* Blocks and marks between the load point and here. */
uint64_t tape_position(const struct tape *tape);

/* Where in the file, bytes. */
uint64_t tape_offset(const struct tape *tape);

void tape_rewind(struct tape *tape);

/*
 * Read the next block: the first room bytes of it into buffer, its whole length
 * into *length. With room 0 this spaces forward.
 */
enum tape_status tape_read(struct tape *tape, void *buffer, uint32_t room, uint32_t *length,
			   struct error *err) MUST_USE;

/* Read the block before this place (bytes in forward order) and stop before it. */
enum tape_status tape_read_backward(struct tape *tape, void *buffer, uint32_t room,
				    uint32_t *length, struct error *err) MUST_USE;

/* Move over the block or mark before this place. */
enum tape_status tape_backspace(struct tape *tape, struct error *err) MUST_USE;

/* Move behind the next mark, or before the one before: TAPE_MARK if there is one. */
enum tape_status tape_forward_file(struct tape *tape, struct error *err) MUST_USE;
enum tape_status tape_back_file(struct tape *tape, struct error *err) MUST_USE;

bool tape_write(struct tape *tape, const void *block, uint32_t length, struct error *err)
	MUST_USE;
bool tape_write_mark(struct tape *tape, struct error *err) MUST_USE;

/* Nothing is recorded from here on: data security erase, or a new beginning. */
bool tape_erase(struct tape *tape, struct error *err) MUST_USE;

#endif
