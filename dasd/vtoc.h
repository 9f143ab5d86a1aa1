/*
 * dasd/vtoc.h - data sets of OS volumes: the VTOC, partitioned directories and
 * the blocks of data sets. Reading only.
 *
 * Layout: GC28-0608 "OS/VS2 System Programming Library: Debugging Handbook",
 * data areas; GC26-3813, "The Volume Table of Contents".
 */
#ifndef DASD_VTOC_H
#define DASD_VTOC_H

#include "dasd/volume.h"

#define DSNAME_SIZE     44
#define MEMBER_SIZE     8
#define EXTENTS_MAX     16

struct extent {
	uint32_t first, last; /* tracks of the volume */
};

struct dataset {
	char name[DSNAME_SIZE + 1];
	uint16_t dsorg; /* 4000 PS, 0200 PO, 2000 DA, 8000 IS */
	uint8_t recfm;  /* 80 F, 40 V, C0 U, 10 B, 08 S, 04 ASA, 02 machine code */
	uint16_t block, record; /* lengths; 0: none fixed */
	uint8_t key;            /* length */
	uint16_t year, day;     /* created: years since 1900, day of the year */
	unsigned extents;
	struct extent extent[EXTENTS_MAX];
	uint32_t tracks; /* in all extents */
};

#define DSORG_PO 0x0200
#define DSORG_PS 0x4000
#define DSORG_DA 0x2000
#define DSORG_IS 0x8000

/*
 * Each returns false on trouble; the callback returns false to stop early,
 * which is no trouble.
 */
typedef bool (*dataset_fn)(void *context, const struct dataset *ds);
bool vtoc_list(struct volume *vol, dataset_fn fn, void *context, struct error *err) MUST_USE;

/* Find one by name. found false: there is none. */
bool vtoc_find(struct volume *vol, const char *name, struct dataset *ds, bool *found,
	       struct error *err) MUST_USE;

/* A member of a partitioned data set. */
struct member {
	char name[MEMBER_SIZE + 1];
	uint32_t track; /* relative to the data set */
	uint8_t record;
	bool alias;
};
typedef bool (*member_fn)(void *context, const struct member *m);
bool pds_list(struct volume *vol, const struct dataset *ds, member_fn fn, void *context,
	      struct error *err) MUST_USE;

/* Blocks from relative track and record on, up to an end-of-file record. */
typedef bool (*block_fn)(void *context, const uint8_t *key, uint32_t key_length,
			 const uint8_t *data, uint32_t length);
bool dataset_read(struct volume *vol, const struct dataset *ds, uint32_t track, uint8_t record,
		  block_fn fn, void *context, struct error *err) MUST_USE;

/* "FB", "VBA" and the like; "PO". */
const char *recfm_name(uint8_t recfm, char out[8]);
const char *dsorg_name(uint16_t dsorg);

#endif
