/*
 * dasd/layer.h - one image file under a volume (inside dasd/ only).
 *
 * A volume is a stack of layers: a base image, and shadow files over it. A
 * layer stores units; it does not cache them. The volume calls read, write,
 * replace and tidy of one unit under that unit's exclusive lock, and those of
 * different units from many threads at once.
 */
#ifndef DASD_LAYER_H
#define DASD_LAYER_H

#include <sys/types.h>

#include "dasd/reserve.h"
#include "dasd/volume.h"

#define IMAGE_HEADER_SIZE 512
#define UNIT_SIZE_MAX     65536
#define NO_UNIT           UINT32_MAX

struct layer;

enum layer_result {
	LAYER_READ,
	LAYER_ABSENT, /* not in this file: look in the one below */
	LAYER_FAILED,
};

/* What a unit in storage has and the file has not. */
struct change {
	uint32_t from, to;    /* replaced within their records; equal: nothing */
	uint32_t format_from; /* NO_FORMAT, or new from this count field on, behind to */
	bool at_end;          /* the file has the end of the track there */
};

#define NO_FORMAT UINT32_MAX

struct layer_ops {
	/*
	 * Fill data (unit_size bytes) and length. A CKD image that is not sound
	 * is cut behind its last whole record and reported in damaged.
	 */
	enum layer_result (*read)(struct layer *l, uint32_t unit, uint8_t *data,
				  uint32_t *length, bool *damaged, struct error *err);
	/*
	 * Store data[0..length), of which the file, or a layer below, has all but the
	 * change.
	 */
	bool (*write)(struct layer *l, uint32_t unit, const uint8_t *data, uint32_t length,
		      const struct change *change, struct error *err);
	/* Store a whole new image. */
	bool (*replace)(struct layer *l, uint32_t unit, const uint8_t *data, uint32_t length,
			struct error *err);
	/*
	 * The unit was found damaged and cut to data[0..length): cut it in the
	 * file, too, without touching its sound records. NULL: replace does it.
	 */
	bool (*mend)(struct layer *l, uint32_t unit, const uint8_t *data, uint32_t length,
		     struct error *err);
	/* A unit that should be given to tidy(), or NO_UNIT. May be NULL. */
	uint32_t (*untidy)(struct layer *l, bool all);
	/* Store the unit in its final, compressed form. */
	bool (*tidy)(struct layer *l, uint32_t unit, const uint8_t *data, uint32_t length,
		     struct error *err);
	bool (*flush)(struct layer *l, struct error *err);
	/* Finish and free; clean: every untidy unit has been tidied. */
	bool (*close)(struct layer *l, bool clean, struct error *err);
};

struct layer {
	const struct layer_ops *ops;
	char *path;
	bool read_only;
	enum volume_format format;
	enum compression compression;
	bool fixed_block;
	const struct dasd_geometry *geometry;
	const struct fba_geometry *fba;
	uint32_t cylinders, heads, units, unit_size, blocks;
	_Atomic uint64_t compressions;
};

/* Openers; each takes an open file (and closes it on failure). */
struct layer *ckd_layer_open(int fd, const char *path, bool read_only, struct error *err);
struct layer *fba_layer_open(int fd, const char *path, bool read_only, struct error *err);
struct layer *cckd_layer_open(int fd, const char *path, bool read_only, struct error *err);

/* Look at the file and open it. */
struct layer *layer_open(const char *path, bool read_only, struct error *err);

/* Makers of new, empty images: every unit null. */
bool ckd_image_create(int fd, const char *path, const struct volume_new *what, struct error *err);
bool fba_image_create(int fd, const char *path, const struct volume_new *what, struct error *err);
bool cckd_image_create(int fd, const char *path, const struct volume_new *what,
		       struct error *err);
/* An empty shadow file over the layer below. */
bool cckd_shadow_create(int fd, const char *path, const struct layer *below, struct error *err);

/* The volume's, for reserve.c. */
struct reservations *volume_reservations_lock(struct volume *vol);
void volume_reservations_unlock(struct volume *vol);
bool volume_any_reserved(const struct volume *vol);

/* Helpers that layers share. */
void layer_free(struct layer *l);
bool file_read(int fd, const char *path, off_t at, void *buffer, size_t n, size_t *got,
	       struct error *err);
bool file_read_all(int fd, const char *path, off_t at, void *buffer, size_t n,
		   struct error *err);
bool file_write(int fd, const char *path, off_t at, const void *buffer, size_t n,
		struct error *err);
bool file_sync(int fd, const char *path, struct error *err);
bool file_lock(int fd, const char *path, bool exclusive, struct error *err);
/* Close, and free the lock at once, so that the image can be opened again. */
void file_close(int fd);

/*
 * Write data[offset..length), records and the end of the track, to the track that
 * lies at unit_at. at_end: offset holds the end of track now. The order of the
 * writes makes the track readable at every moment up to offset.
 */
bool file_format(int fd, const char *path, off_t unit_at, const uint8_t *data,
		 uint32_t length, uint32_t offset, bool at_end, struct error *err);

/*
 * Make data[0..available) a checked image of the track in a buffer of size
 * bytes: cut it if need be. Returns its length.
 */
uint32_t track_make_sound(uint8_t *data, uint32_t available, uint32_t size, uint32_t cylinder,
			  uint32_t head, bool *damaged);

/* "FILE: cylinder 3 head 4: " or "FILE: blocks 120 to 239: " in front of err. */
void layer_place(const struct layer *l, uint32_t unit, struct error *err);

/* The header that all CKD formats share: 512 bytes at the file's beginning. */
void image_header_make(uint8_t header[IMAGE_HEADER_SIZE], const char *id, uint32_t heads,
		       uint32_t slot, uint8_t type_byte);

static inline uint16_t le16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t le32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t le64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline void put_le16(void *p, uint16_t v)
{
	memcpy(p, &v, sizeof(v));
}

static inline void put_le32(void *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

static inline void put_le64(void *p, uint64_t v)
{
	memcpy(p, &v, sizeof(v));
}

#endif
