/*
 * dasd/tape_format.h - what a tape format does for tape.c (inside dasd/ only).
 */
#ifndef DASD_TAPE_FORMAT_H
#define DASD_TAPE_FORMAT_H

#include "dasd/compress.h"
#include "dasd/tape.h"

struct tape_ops {
	/*
	 * Find the block or mark at t->at: its stored bytes go to t->raw (of
	 * t->raw_length), t->after is where the next one begins. Does not move.
	 */
	enum tape_status (*look)(struct tape *t, struct error *err);
	/* Find where the block or mark before t->at begins: t->before. */
	enum tape_status (*look_back)(struct tape *t, struct error *err);
	/* Store what makes a block, or (length 0) a mark, at t->at. */
	bool (*put)(struct tape *t, const uint8_t *block, uint32_t length, struct error *err);
};

struct tape {
	const struct tape_ops *ops;
	char *path;
	int fd;
	enum tape_format format;
	bool read_only;
	enum compression compression;
	int level;
	uint64_t at;       /* here */
	uint64_t size;     /* of the file */
	uint64_t position; /* blocks and marks before here */

	uint16_t previous;       /* AWS: length of the chunk before here */
	uint16_t after_previous; /* AWS: the same at after */
	uint16_t before_previous;
	uint64_t after, before;
	uint8_t *raw;        /* stored bytes of a block, room for RAW_MAX */
	uint32_t raw_length;
	enum compression raw_method;
	struct workspace workspace;
};

/* Blocks of TAPE_BLOCK_MAX that could not be compressed. */
#define RAW_MAX (TAPE_BLOCK_MAX + 4096)

extern const struct tape_ops tape_aws_ops;
extern const struct tape_ops tape_simh_ops;

/* Does the file's beginning look like this format? */
bool tape_is_aws(const uint8_t *head, size_t n, uint64_t size);
bool tape_is_simh(const uint8_t *head, size_t n, uint64_t size);

enum tape_status tape_damaged(struct tape *t, uint64_t at, const char *what, struct error *err);

/* Cut the file at t->at and write n bytes there in one go. */
bool tape_append(struct tape *t, const uint8_t *bytes, size_t n, struct error *err);

#endif
