/*
 * devices/ckd_int.h - count-key-data control units: what ckd_control.c (arm,
 * file mask, sense, attaching) and ckd_record.c (searching, reading, writing)
 * share.
 *
 * GA26-5988 (2841, 2311), GA26-3599 (2314), GA26-1592 (3830, 3330), GA26-1638
 * (3350), GA26-1661 (3880).
 */
#ifndef DEVICES_CKD_INT_H
#define DEVICES_CKD_INT_H

#include "dasd/volume.h"
#include "devices/device.h"
#include "devices/disk.h"

/* What passed under the heads last. */
enum ckd_orient {
	ORIENT_NONE,  /* nothing in this program; the record at `at` some time ago */
	ORIENT_INDEX, /* the index point: home address is next */
	ORIENT_HA,
	ORIENT_COUNT, /* of the record at `at` */
	ORIENT_KEY,
	ORIENT_DATA,
};

enum ckd_family {
	CKD_2314 = 1, /* 2311, 2314: 6 sense bytes */
	CKD_3830 = 2, /* 2305, 3330, 3340, 3350 */
	CKD_3880 = 4, /* 3375 */
	CKD_ECKD = 8, /* 3380 and later: the 3880 with extended commands */
};

/* DEFINE EXTENT and LOCATE RECORD: what the rest of the program may do. */
struct ckd_domain {
	bool extent;	  /* DEFINE EXTENT was given */
	uint32_t from, to; /* its tracks, cylinder * heads + head */
	uint8_t operation; /* of LOCATE RECORD */
	unsigned left;	  /* commands that it still goes for, 0: none */
	bool begun;	  /* one of them is over */
	bool whole_track; /* they write record 0's data, then all behind it */
};

struct ckd {
	struct disk disk; /* offset, size: cylinders */
	const struct dasd_geometry *geometry;
	enum ckd_family family;
	uint32_t cylinders; /* that the program sees */
	uint32_t heads;

	/* the arm */
	uint32_t cylinder, head;  /* as the program sees them */
	struct track *track;	  /* pinned, or NULL */
	enum track_access access; /* how it is locked */
	uint32_t version;	  /* of the track when `at` was found */
	bool unsettled;		  /* this program has changed the track */
	uint32_t lost;		  /* the track's count of losses before that */
	enum ckd_orient orient;
	uint32_t at; /* offset of the record's count field, 0 none */

	uint32_t ipl_cylinder; /* where the next READ IPL finds record 1: not 0 once */

	/* the channel program */
	uint8_t file_mask;
	bool mask_was_set;
	unsigned index_passes; /* of consecutive searches */
	struct ckd_domain domain;

	uint8_t *buffer; /* one record: count, key, data */
};

#define CKD_BUFFER (TRACK_COUNT_SIZE + 255 + 65535)

/* File mask: SET FILE MASK. */
enum ckd_mask {
	MASK_WRITE = 0xC0, /* 00 no HA and R0, 01 nothing, 10 no formatting, 11 all */
	MASK_WRITE_NONE = 0x40,
	MASK_WRITE_UPDATE = 0x80,
	MASK_WRITE_ALL = 0xC0,
	MASK_SEEK = 0x18, /* 00 all, 08 cylinder and head, 10 head, 18 none */
	MASK_SEEK_NONE = 0x18,
};

enum ckd_sense0 {
	CKD0_SEEK_CHECK = 0x01, /* 2311, 2314 */
};

enum ckd_sense1 {
	CKD1_TRACK_OVERRUN = 0x40, /* 2311, 2314; else invalid track format */
	CKD1_END_OF_CYLINDER = 0x20,
	CKD1_SEQUENCE = 0x10, /* 2311, 2314: invalid sequence */
	CKD1_NO_RECORD = 0x08,
	CKD1_FILE_PROTECTED = 0x04,
	CKD1_WRITE_INHIBITED = 0x02, /* 3330 and later */
	CKD1_OVERFLOW = 0x01,	     /* overflow or operation incomplete */
};

/* Sense byte 7 of the later units: format 0 and a message. */
enum ckd_message {
	CKD_NO_MESSAGE,
	CKD_INVALID_COMMAND,
	CKD_INVALID_SEQUENCE,
	CKD_COUNT_TOO_SMALL,
	CKD_INVALID_ARGUMENT
};

/* Unit check with sense; channel end and device end too. */
int ckd_check(struct device *dev, uint8_t sense0, uint8_t sense1,
	      enum ckd_message message);
int ckd_reject(struct device *dev, enum ckd_message message);
/* The host failed: log, equipment check. */
int ckd_host_trouble(struct device *dev, const struct error *err);

/* Move the arm; the place on the track is forgotten. */
void ckd_move(struct ckd *ckd, uint32_t cylinder, uint32_t head);
/* Pin the track under the arm. 0 or unit status. */
int ckd_pin(struct device *dev);
/* The next head, for a multitrack command; unlocks, pins, locks. 0 or unit status. */
int ckd_next_head(struct device *dev);

/* The track under the arm: its number as the program sees it. */
static inline uint32_t ckd_track(const struct ckd *ckd)
{
	return ckd->cylinder * ckd->heads + ckd->head;
}

/* Is it outside the extent that the program has defined? */
static inline bool ckd_outside(const struct ckd *ckd, uint32_t track)
{
	return ckd->domain.extent &&
	       (track < ckd->domain.from || track > ckd->domain.to);
}

/* Before the first change of a track by a program. */
void ckd_change(struct ckd *ckd);

/* Does the file mask, or the volume, forbid a write? 0: no. */
int ckd_write_forbidden(struct device *dev, bool format, bool ha_r0);

/* Commands of ckd_extent.c. */
int ckd_define_extent(struct device *dev, struct ccw_io *io);
int ckd_locate_record(struct device *dev, struct ccw_io *io);
/* May this command be given in the domain of the LOCATE RECORD before it? */
bool ckd_in_domain(const struct ckd *ckd, uint8_t command);

/* Let the record with that identifier pass. 0 or unit status: it is not there. */
int ckd_find_id(struct device *dev, const uint8_t id[5]);

/* Commands of ckd_record.c; the track is pinned and locked. */
typedef int ckd_function(struct device *dev, struct ccw_io *io);
ckd_function ckd_read_ha, ckd_read_r0, ckd_read_count, ckd_read_data, ckd_read_key_data,
	ckd_read_ckd, ckd_read_multiple, ckd_search_ha, ckd_search_id, ckd_search_key,
	ckd_write_ha, ckd_write_r0, ckd_write_data, ckd_write_key_data, ckd_write_ckd,
	ckd_write_special, ckd_erase, ckd_read_track, ckd_write_ckd_next;

#endif
