/*
 * dasd/cckd.h - compressed images from inside (for dasd/ only).
 *
 * File: 512-byte device header, 512-byte compressed header, a table of level 1
 * (L1) with the offset of a level-2 table (L2) for each 256 units, and anywhere
 * behind it L2 tables and unit images. Numbers are little-endian, 32 bits wide
 * or, in the newer form, 64.
 *
 * How a write is made safe: the new image goes to free space; then one aligned
 * store of the unit's L2 entry switches over, and only then is the old space
 * free. A changed unit is stored uncompressed ("expanded"), so that keys and data
 * can be replaced in place; it is compressed again (tidied) when many are
 * expanded, and at close. At every moment the tables are right, for Hercules too.
 */
#ifndef DASD_CCKD_H
#define DASD_CCKD_H

#include <pthread.h>

#include "dasd/compress.h"
#include "dasd/layer.h"
#include "dasd/space.h"

#define CCKD_HEADER_AT 512
#define CCKD_L1_AT     1024
#define L2_ENTRIES     256
#define CCKD_NO_WHERE  UINT64_MAX /* "look in the file below", in either width */

#define CCKD_OPENED     0x80 /* option: was not closed */
#define CCKD_READ_WRITE 0x40 /* option: opened for writing since the last check */
#define CCKD_SPACE_ERR  0x20
#define CCKD_BIG_ENDIAN 0x02

/* Where a unit is; offset 0: null, and length is the null format. */
struct cckd_entry {
	uint64_t offset;
	uint16_t length;
	uint16_t size; /* bytes taken; those beyond length are slack */
};

/* The compressed header, without what the layer has already. */
struct cckd_header {
	uint8_t version[3];
	uint8_t options;
	uint32_t l1_count;
	uint64_t size, used, free_offset, free_total, free_largest, free_number, free_slack;
	uint32_t cylinders; /* fixed-block: blocks */
	uint8_t null_format;
	uint8_t method;
	int16_t level;
};

struct cckd {
	struct layer layer;
	int fd;
	struct workspace workspace;
	bool wide;    /* 64-bit offsets */
	bool swapped; /* made on a big-endian host; read only */
	bool shadow;
	struct cckd_header header;

	pthread_mutex_t lock;   /* guards everything below */
	uint64_t *l1;           /* L1: offsets, 0, or CCKD_NO_WHERE */
	struct cckd_entry **l2; /* decoded tables; NULL: not read yet */
	struct space space;     /* only when writing, or for an audit */
	uint64_t file_size;     /* the file is at least so long */
	uint8_t *expanded;      /* by unit: stored uncompressed by a change */
	uint32_t expanded_count, expanded_next;
};

/* What check and repair have to say: one sentence at a time. */
struct cckd_audit {
	void (*say)(void *context, const char *sentence);
	void *context;
	bool repair; /* make bad entries null */
	unsigned problems;
};

/* audit NULL: the first problem is an error. */
struct cckd *cckd_open(int fd, const char *path, bool read_only, struct cckd_audit *audit,
		       struct error *err);

/* Bytes of an L1 entry, an L2 entry, an L2 table, the L1 table. */
static inline uint32_t cckd_l1_entry(const struct cckd *c)
{
	return c->wide ? 8 : 4;
}

static inline uint32_t cckd_l2_entry(const struct cckd *c)
{
	return c->wide ? 16 : 8;
}

static inline uint32_t cckd_l2_size(const struct cckd *c)
{
	return L2_ENTRIES * cckd_l2_entry(c);
}

static inline uint64_t cckd_first_free(const struct cckd *c)
{
	return CCKD_L1_AT + (uint64_t)c->header.l1_count * cckd_l1_entry(c);
}

/* Highest offset that the tables can hold. */
static inline uint64_t cckd_limit(const struct cckd *c)
{
	return c->wide ? INT64_MAX : UINT32_MAX - 1;
}

/* cckd_header.c: headers and tables as bytes. */
bool cckd_read_header(struct cckd *c, struct error *err);
bool cckd_write_header(struct cckd *c, struct error *err);
bool cckd_set_options(struct cckd *c, uint8_t options, struct error *err);
bool cckd_read_l1(struct cckd *c, struct error *err);
bool cckd_write_l1_entry(struct cckd *c, uint32_t index, struct error *err);
bool cckd_read_l2(struct cckd *c, uint64_t at, struct cckd_entry *table, struct error *err);
bool cckd_write_l2(struct cckd *c, uint64_t at, const struct cckd_entry *table,
		   struct error *err);
bool cckd_write_l2_entry(struct cckd *c, uint32_t unit, struct error *err);
bool cckd_write_free_chain(struct cckd *c, struct error *err);

/* cckd_table.c: what the tables mean, with c->lock held. */
bool cckd_lookup_locked(struct cckd *c, uint32_t unit, struct cckd_entry *entry,
			struct error *err);
bool cckd_enter_locked(struct cckd *c, uint32_t unit, struct cckd_entry entry,
		       struct error *err);
bool cckd_survey(struct cckd *c, struct cckd_audit *audit, struct error *err);
void cckd_count(struct cckd *c);

#endif
