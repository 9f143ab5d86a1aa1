/*
 * devices/ckd_extent.c - DEFINE EXTENT and LOCATE RECORD, the extended commands of
 * the 3880 with 3380 and later.
 *
 * GA26-1661 (3880), GA32-0274 (3990): DEFINE EXTENT says which tracks the program
 * may touch and sets the file mask; LOCATE RECORD seeks, finds a record and says what
 * the next commands, its domain, will do with it and those behind it.
 */
#include "devices/ckd_int.h"

#include "base/bytes.h"

#define PARAMETERS 16 /* bytes that both commands take */

#define ATTRIBUTE_EXTENDED 0xC0 /* byte 1 of DEFINE EXTENT: "extended mode" */
#define MASK_ZERO	   0x26 /* bits of its byte 0 that must be zero */

/* Byte 0 of LOCATE RECORD. */
enum orientation {
	FROM = 0xC0,
	FROM_COUNT = 0x00,
	FROM_HA = 0x40,
	FROM_DATA = 0x80,
	FROM_INDEX = 0xC0,
};

enum operation {
	OP_ORIENT = 0x00,
	OP_WRITE_DATA = 0x01,
	OP_FORMAT = 0x03,
	OP_READ_DATA = 0x06,
	OP_WRITE_TRACK = 0x0B,
	OP_READ_TRACKS = 0x0C,
	OP_READ = 0x16,
};

/* CCHH as a track number; false: the program has no such track. */
static bool track_of(const struct ckd *ckd, const uint8_t *cchh, uint32_t *track)
{
	*track = be16(cchh) * ckd->heads + be16(cchh + 2);
	return be16(cchh) < ckd->cylinders && be16(cchh + 2) < ckd->heads;
}

int ckd_define_extent(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	struct ckd_domain d = { .extent = true };
	uint8_t b[PARAMETERS];

	if (ckd->domain.extent || ckd->mask_was_set)
		return ckd_reject(dev, CKD_INVALID_SEQUENCE);
	if (ccw_get(io, b, sizeof(b)) < sizeof(b))
		return ckd_reject(dev, CKD_COUNT_TOO_SMALL);
	if ((b[0] & MASK_ZERO) || (b[1] & ATTRIBUTE_EXTENDED) != ATTRIBUTE_EXTENDED ||
	    !track_of(ckd, b + 8, &d.from) || !track_of(ckd, b + 12, &d.to) ||
	    d.to < d.from)
		return ckd_reject(dev, CKD_INVALID_ARGUMENT);
	ckd->file_mask = b[0] & (MASK_WRITE | MASK_SEEK);
	ckd->mask_was_set = true;
	ckd->domain = d;
	return US_CE | US_DE;
}

static bool known(uint8_t operation)
{
	switch (operation) {
	case OP_ORIENT:
	case OP_WRITE_DATA:
	case OP_FORMAT:
	case OP_READ_DATA:
	case OP_WRITE_TRACK:
	case OP_READ_TRACKS:
	case OP_READ: return true;
	default: return false;
	}
}

/* Find what LOCATE RECORD names on the track under the arm; it may be record 0 anyway. */
static int orient(struct device *dev, uint8_t operation, uint8_t how, const uint8_t id[5])
{
	struct ckd *ckd = dev->state;
	int unit = ckd_pin(dev);

	if (unit)
		return unit;
	track_lock(ckd->track, TRACK_READ);
	if (operation == OP_WRITE_TRACK) {
		ckd->at = TRACK_R0;
		ckd->orient = ORIENT_COUNT;
	} else if (how == FROM_HA || how == FROM_INDEX) {
		ckd->orient = how == FROM_HA ? ORIENT_HA : ORIENT_INDEX;
	} else {
		unit = ckd_find_id(dev, id);
	}
	if (!unit && how == FROM_DATA)
		ckd->orient = ORIENT_DATA;
	ckd->version = ckd->track->version;
	track_unlock(ckd->track);
	return unit;
}

int ckd_locate_record(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	uint8_t b[PARAMETERS], operation, how;
	uint32_t track;
	int unit = 0;

	if (!ckd->domain.extent)
		return ckd_reject(dev, CKD_INVALID_SEQUENCE);
	if (ccw_get(io, b, sizeof(b)) < sizeof(b))
		return ckd_reject(dev, CKD_COUNT_TOO_SMALL);
	operation = b[0] & 0x3F;
	how = b[0] & FROM;
	if (!known(operation) || b[2] || (operation == OP_WRITE_TRACK && how) ||
	    (operation == OP_ORIENT) != (b[3] == 0) || !track_of(ckd, b + 4, &track))
		return ckd_reject(dev, CKD_INVALID_ARGUMENT);
	if (ckd_outside(ckd, track))
		return ckd_check(dev, 0, CKD1_FILE_PROTECTED, CKD_NO_MESSAGE);
	if (operation == OP_WRITE_DATA || operation == OP_FORMAT ||
	    operation == OP_WRITE_TRACK)
		unit = ckd_write_forbidden(dev, operation != OP_WRITE_DATA, false);
	if (unit)
		return unit;
	ckd_move(ckd, be16(b + 4), be16(b + 6));
	unit = orient(dev, operation, operation == OP_READ_TRACKS ? FROM_INDEX : how,
		      b + 8);
	if (unit)
		return unit;
	ckd->domain.operation = operation;
	ckd->domain.left = b[3];
	ckd->domain.begun = false;
	/* Record 0, and the others anew; without others the track ends behind it. */
	ckd->domain.whole_track = operation == OP_WRITE_TRACK;
	return US_CE | US_DE;
}

static bool allowed(uint8_t operation, uint8_t command, bool begun)
{
	switch (operation) {
	case OP_WRITE_DATA:
		return command == 0x05 || command == 0x0D || command == 0x85 ||
		       command == 0x8D;
	case OP_FORMAT:
		return command == 0x01 || command == 0x11 || command == 0x15 ||
		       command == 0x1D || command == 0x9D;
	case OP_WRITE_TRACK: return command == (begun ? 0x1D : 0x05);
	case OP_READ_DATA: return (command & 0x77) == 0x06;
	case OP_READ_TRACKS: return command == 0xDE;
	default: return (command & 0x03) == 0x02 && command != 0x22 && command != 0xDE;
	}
}

bool ckd_in_domain(const struct ckd *ckd, uint8_t command)
{
	return allowed(ckd->domain.operation, command, ckd->domain.begun);
}
