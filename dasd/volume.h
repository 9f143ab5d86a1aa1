/*
 * dasd/volume.h - disk volumes of any image format, behind one interface.
 *
 * An image is recognised by looking at it:
 *
 *   CKD      CKD_P370  track after track; may be split into files _1, _2, ...
 *   CCKD     CKD_C370  compressed tracks; may have up to eight shadow files
 *   CCKD64   CKD_C064  the same with 64-bit offsets
 *   FBA                512-byte blocks without a header
 *   CFBA     FBA_C370  compressed groups of 120 blocks; FBA_C064 with 64 bits
 *
 * A volume is an array of units: tracks (number = cylinder * heads + head), or
 * on a fixed-block volume groups of 120 blocks. Units are read into buffers of
 * a cache that belongs to the volume.
 *
 * Use from a device model:
 *
 *   t = volume_pin(vol, number, &err);      once, when the arm gets there
 *   track_lock(t, TRACK_READ);              for the length of one command
 *   ... look at t->data[0 .. t->length) ...
 *   track_unlock(t);
 *   volume_unpin(t);                        when the arm moves on
 *
 * Writes go through volume_update() and volume_format(), with the track locked for
 * TRACK_WRITE, or through their likes that end in _later and volume_settle().
 *
 * Threads: a volume may be used by any number of threads at the same time,
 * except volume_close(), which wants to be the last. Threads on different
 * tracks do not wait for each other (but for a few instructions). A thread
 * holds the lock of at most one track of a volume at a time, and must not call
 * volume_pin(), volume_write_track(), the block functions or volume_flush()
 * while it holds one; pins may be held as long as one likes.
 *
 * Durability: when a writing function (of those ending in _later: volume_settle())
 * has returned true, the change survives the death of this process at any later
 * moment (kill -9); if the process dies before, a record under update may have bytes
 * of both contents, and the records under format are there or not, all or none (on an
 * uncompressed volume the track may also end before them); other records are never
 * touched. volume_flush() and
 * volume_close() make it survive the death of the host.
 *
 * Errors: false or NULL, and a struct error whose sentence names file, cylinder
 * and head. A damaged track is not an error of volume_pin(): see struct track.
 */
#ifndef DASD_VOLUME_H
#define DASD_VOLUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "dasd/geometry.h"
#include "dasd/track.h"

struct volume;

enum volume_format {
	VOLUME_CKD,
	VOLUME_CCKD,
	VOLUME_CCKD64,
	VOLUME_FBA,
	VOLUME_CFBA,
	VOLUME_CFBA64,
};

enum compression {
	COMPRESS_NONE,
	COMPRESS_ZLIB,
	COMPRESS_BZIP2,
};

#define FBA_GROUP_BLOCKS 120
#define FBA_GROUP_SIZE   (FBA_GROUP_BLOCKS * FBA_BLOCK_SIZE)

struct volume_options {
	bool read_only;     /* nothing is ever written, not even a header */
	const char *shadow; /* pattern of the shadow files' names, or NULL; see below */
	bool new_shadow;    /* begin one more shadow file on top */
	size_t cache_bytes; /* for track buffers; 0: VOLUME_CACHE_DEFAULT */
};

#define VOLUME_CACHE_DEFAULT ((size_t)64 << 20)
#define VOLUME_SHADOWS_MAX   8

/* What volume_open() found; constant while the volume is open. */
struct volume_info {
	const char *path;
	enum volume_format format;
	enum compression compression; /* what newly written tracks get */
	bool fixed_block;
	bool read_only;
	unsigned shadows;                     /* shadow files over the base */
	const struct dasd_geometry *geometry; /* NULL on a fixed-block volume */
	const struct fba_geometry *fba;       /* NULL unless known from the image */
	uint32_t cylinders;                   /* 0 on a fixed-block volume */
	uint32_t heads;
	uint32_t units;                       /* tracks, or groups of blocks */
	uint32_t unit_size;                   /* longest unit, bytes */
	uint32_t blocks;                      /* 0 on a CKD volume */
};

/*
 * A track in the cache. Pinned, the fields stay where they are; their values
 * may be looked at with the track locked and are changed only by the functions
 * below.
 */
struct track {
	uint32_t number;
	uint32_t length;  /* bytes in use, end of track included */
	uint32_t version; /* changes with each write: a remembered place is stale */
	uint32_t lost;    /* how often changes were undone, see volume_settle() */
	bool damaged;     /* the image was unsound: data ends behind its last whole record */
	uint8_t *data;    /* unit_size bytes; a checked image, see track_check() */
};

enum track_access {
	TRACK_READ,
	TRACK_WRITE,
};

/* Open an image; options may be NULL: read and write, no shadow files. */
struct volume *volume_open(const char *path, const struct volume_options *options,
			   struct error *err) MUST_USE;

/*
 * Write out, sync and free. Nothing may be pinned. false: something could not
 * be written; the volume is closed all the same.
 */
bool volume_close(struct volume *vol, struct error *err);

/* Everything written so far is on the disk of the host. */
bool volume_flush(struct volume *vol, struct error *err) MUST_USE;

const struct volume_info *volume_info(const struct volume *vol);

/*
 * Get a unit into the cache and keep it there. NULL: it cannot be read, or
 * number is not below units.
 */
struct track *volume_pin(struct volume *vol, uint32_t number, struct error *err) MUST_USE;
void volume_unpin(struct track *t);

/* Readers share the lock. */
void track_lock(struct track *t, enum track_access access);
void track_unlock(struct track *t);

/*
 * Replace n bytes at offset of a track that is locked for TRACK_WRITE: of the
 * key and data of one record, or of R0 and its count field. Record number and
 * lengths of R0 (0, 0, 8) and the home address cannot change: false with EINVAL.
 */
bool volume_update(struct volume *vol, struct track *t, uint32_t offset, const void *bytes,
		   uint32_t n, struct error *err) MUST_USE;

/*
 * Write a record (n bytes: count, key, data) at offset, where a count field or
 * the end is now, and end the track behind it. n 0 erases from offset on. The
 * track must be locked for TRACK_WRITE. The room on a real track is the
 * caller's to check (geometry_fits); here it must fit into unit_size, and
 * false with code EOVERFLOW says that it does not.
 */
bool volume_format(struct volume *vol, struct track *t, uint32_t offset, const void *record,
		   uint32_t n, struct error *err) MUST_USE;

/*
 * The same, but nothing need have reached the file before volume_settle() has
 * returned true: many changes of one track cost little more than one. The caller
 * settles, with the track locked for TRACK_WRITE, before he unpins the track, and
 * before he tells anybody that the change was made.
 *
 * If any change of a track cannot be written, all that are not settled are undone,
 * also those of other threads: t->lost then counts one more. Who remembers it at
 * his first change and finds another number when he has settled has lost his.
 */
bool volume_update_later(struct volume *vol, struct track *t, uint32_t offset,
			 const void *bytes, uint32_t n, struct error *err) MUST_USE;
bool volume_format_later(struct volume *vol, struct track *t, uint32_t offset,
			 const void *record, uint32_t n, struct error *err) MUST_USE;
bool volume_settle(struct volume *vol, struct track *t, struct error *err) MUST_USE;

/*
 * Replace a whole track by length bytes that track_check() accepts; takes the
 * lock itself. For restore, copy and the like. On a compressed volume the track
 * has the old or the new contents if the process dies inside; on an uncompressed
 * one it may have lost records of both.
 */
bool volume_write_track(struct volume *vol, uint32_t number, const void *data, uint32_t length,
			struct error *err) MUST_USE;

/*
 * Read or write blocks of a fixed-block volume. A call is atomic against other
 * threads within each group of 120 blocks only.
 */
bool volume_read_blocks(struct volume *vol, uint32_t first, uint32_t count, void *buffer,
			struct error *err) MUST_USE;
bool volume_write_blocks(struct volume *vol, uint32_t first, uint32_t count,
			 const void *buffer, struct error *err) MUST_USE;

/* Counters since open; any thread, approximately. */
struct volume_statistics {
	uint64_t pins, misses, writes, compressions;
};
void volume_statistics(struct volume *vol, struct volume_statistics *out);

/*
 * Make a new image; the file must not exist unless replace is set.
 */
struct volume_new {
	enum volume_format format;
	enum compression compression; /* for the compressed formats */
	int level;                    /* of the compression; -1: its default */
	unsigned null_format;         /* 0 to 2, see track_make_null(); usual: 1 */
	const struct dasd_geometry *geometry; /* CKD formats */
	uint32_t cylinders;           /* 1 to 65535 */
	uint8_t fba_type;             /* FBA formats: low byte of the type, or 0 */
	uint32_t blocks;              /* FBA formats */
	const char *volser;           /* 1 to 6 characters, or NULL: no label */
	bool replace;
};
bool volume_create(const char *path, const struct volume_new *what, struct error *err) MUST_USE;

/*
 * Name of shadow file number n (1 to 8): the pattern with its last character
 * before the last "." (or its very last character) replaced by the digit.
 * false: the name is too long for out.
 */
bool volume_shadow_name(char *out, size_t size, const char *pattern, unsigned n);

const char *volume_format_name(enum volume_format format);
const char *compression_name(enum compression compression);

#endif
