/*
 * devices/ckd_record.c - searching, reading and writing records.
 *
 * The track goes round: home address, record 0, records, and again. `at` is the
 * record that passed last, `orient` how much of it. All functions run with the
 * track pinned and locked; a multitrack command may end on another track.
 */
#include "devices/ckd_int.h"

#include <errno.h>
#include <string.h>

#include "base/bytes.h"

static bool multitrack(const struct ccw_io *io)
{
	return io->command & 0x80;
}

static int no_record(struct device *dev)
{
	return ckd_check(dev, 0, CKD1_NO_RECORD, CKD_NO_MESSAGE);
}

/* The count field of the current record. */
static const uint8_t *count_field(const struct ckd *ckd)
{
	return ckd->track->data + ckd->at;
}

static const uint8_t *key_field(const struct ckd *ckd)
{
	return count_field(ckd) + TRACK_COUNT_SIZE;
}

static uint32_t data_offset(const struct ckd *ckd)
{
	return ckd->at + TRACK_COUNT_SIZE + count_key_length(count_field(ckd));
}

/* ---- what passes under the heads */

/* The index point: the next head, or the same track again. 0 or unit status. */
static int index_point(struct device *dev, const struct ccw_io *io)
{
	struct ckd *ckd = dev->state;

	if (ckd->track->damaged)
		return ckd_check(dev, SENSE0_DATA_CHECK, 0, CKD_NO_MESSAGE);
	if (multitrack(io) || ckd->domain.left)
		return ckd_next_head(dev);
	ckd->at = 0;
	ckd->orient = ORIENT_INDEX;
	return ++ckd->index_passes >= 2 ? no_record(dev) : 0;
}

/* Let the next count field pass; with_r0: record 0 counts. 0 or unit status. */
static int next_count(struct device *dev, const struct ccw_io *io, bool with_r0)
{
	struct ckd *ckd = dev->state;
	uint32_t next;
	int unit;

	for (;;) {
		next = ckd->at	 ? ckd->at + count_record_size(count_field(ckd))
		       : with_r0 ? TRACK_R0
				 : TRACK_R1;
		if (!count_is_end(ckd->track->data + next))
			break;
		unit = index_point(dev, io);
		if (unit)
			return unit;
	}
	ckd->at = next;
	ckd->orient = ORIENT_COUNT;
	return 0;
}

/* The key field of the current record, or of the next one if it has passed. */
static int next_key(struct device *dev, const struct ccw_io *io)
{
	const struct ckd *ckd = dev->state;

	return ckd->orient == ORIENT_COUNT ? 0 : next_count(dev, io, false);
}

static int next_data(struct device *dev, const struct ccw_io *io)
{
	const struct ckd *ckd = dev->state;

	return ckd->orient == ORIENT_COUNT || ckd->orient == ORIENT_KEY
		       ? 0
		       : next_count(dev, io, false);
}

/* ---- reading */

/* Home address and record 0 carry the drive's cylinder: show the minidisk's. */
static void show_cylinder(const struct ckd *ckd, uint8_t *cc)
{
	if (ckd->disk.offset && be16(cc) == ckd->disk.offset + ckd->cylinder)
		put_be16(cc, (uint16_t)ckd->cylinder);
}

static void put_count(struct ckd *ckd, struct ccw_io *io)
{
	uint8_t count[TRACK_COUNT_SIZE];

	memcpy(count, count_field(ckd), sizeof(count));
	count[0] &= (uint8_t)~TRACK_OVERFLOW;
	if (ckd->at == TRACK_R0)
		show_cylinder(ckd, count);
	ccw_put(io, count, sizeof(count));
}

static void put_key(struct ckd *ckd, struct ccw_io *io)
{
	if (count_key_length(count_field(ckd)))
		ccw_put(io, key_field(ckd), count_key_length(count_field(ckd)));
	ckd->orient = ORIENT_KEY;
}

/* On to the part of an overflow record on the next track: 0, or the unit status. */
static int overflow(struct device *dev)
{
	struct ckd *ckd = dev->state;

	if (ckd_next_head(dev) || count_is_end(ckd->track->data + TRACK_R1))
		return ckd_check(dev, 0, CKD1_OVERFLOW | dev->sense[1], CKD_NO_MESSAGE);
	ckd->at = TRACK_R1;
	return 0;
}

/*
 * The data of the current record, and of those on the following tracks that it
 * overflows to. A record without data is an end of file.
 */
static int put_data(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	uint32_t length = count_data_length(count_field(ckd));
	bool more;
	int unit;

	if (length == 0) {
		ckd->orient = ORIENT_DATA;
		return US_CE | US_DE | US_UX;
	}
	for (;;) {
		more = count_field(ckd)[0] & TRACK_OVERFLOW;
		length = count_data_length(count_field(ckd));
		if (length)
			ccw_put(io, ckd->track->data + data_offset(ckd), length);
		ckd->orient = ORIENT_DATA;
		unit = more ? overflow(dev) : US_CE | US_DE;
		if (unit)
			return unit;
	}
}

int ckd_read_data(struct device *dev, struct ccw_io *io)
{
	int unit = next_data(dev, io);

	return unit ? unit : put_data(dev, io);
}

int ckd_read_key_data(struct device *dev, struct ccw_io *io)
{
	int unit = next_key(dev, io);

	if (unit)
		return unit;
	put_key(dev->state, io);
	return put_data(dev, io);
}

int ckd_read_count(struct device *dev, struct ccw_io *io)
{
	int unit = next_count(dev, io, false);

	if (unit)
		return unit;
	put_count(dev->state, io);
	return US_CE | US_DE;
}

static int put_record(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;

	put_count(ckd, io);
	put_key(ckd, io);
	return put_data(dev, io);
}

int ckd_read_ckd(struct device *dev, struct ccw_io *io)
{
	int unit = next_count(dev, io, false);

	return unit ? unit : put_record(dev, io);
}

/* READ MULTIPLE COUNT, KEY AND DATA: all records up to the index point. */
int ckd_read_multiple(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	int unit = next_count(dev, io, false);

	if (unit)
		return unit;
	for (;;) {
		uint32_t length = count_data_length(count_field(ckd));
		uint32_t next = ckd->at + count_record_size(count_field(ckd));

		put_count(ckd, io);
		put_key(ckd, io);
		if (length)
			ccw_put(io, ckd->track->data + data_offset(ckd), length);
		ckd->orient = ORIENT_DATA;
		if (count_is_end(ckd->track->data + next))
			return US_CE | US_DE;
		ckd->at = next;
	}
}

/*
 * READ TRACK: all records of this track, of the next one if a READ TRACK was
 * before it, and eight bytes of ones.
 */
int ckd_read_track(struct device *dev, struct ccw_io *io)
{
	static const uint8_t ones[TRACK_END_SIZE] = { 0xFF, 0xFF, 0xFF, 0xFF,
						      0xFF, 0xFF, 0xFF, 0xFF };
	struct ckd *ckd = dev->state;
	int unit = ckd->domain.begun ? ckd_next_head(dev) : 0;

	if (unit)
		return unit;
	for (ckd->at = TRACK_R0; !count_is_end(count_field(ckd));
	     ckd->at += count_record_size(count_field(ckd))) {
		put_count(ckd, io);
		put_key(ckd, io);
		if (count_data_length(count_field(ckd)))
			ccw_put(io, ckd->track->data + data_offset(ckd),
				count_data_length(count_field(ckd)));
	}
	ccw_put(io, ones, sizeof(ones));
	ckd->at = 0;
	ckd->orient = ORIENT_INDEX;
	return US_CE | US_DE;
}

int ckd_read_ha(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	uint8_t ha[TRACK_HA_SIZE];
	int unit;

	if (multitrack(io)) {
		unit = ckd_next_head(dev);
		if (unit)
			return unit;
	}
	memcpy(ha, ckd->track->data, sizeof(ha));
	show_cylinder(ckd, ha + 1);
	ckd->at = 0;
	ckd->orient = ORIENT_HA;
	ccw_put(io, ha, sizeof(ha));
	return US_CE | US_DE;
}

int ckd_read_r0(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	int unit;

	if (multitrack(io)) {
		unit = ckd_next_head(dev);
		if (unit)
			return unit;
	}
	ckd->at = TRACK_R0;
	return put_record(dev, io);
}

/* ---- searching */

/* Does the field pass the test of the command: equal, high, or either? */
static bool passes(const struct ccw_io *io, const uint8_t *field, const uint8_t *argument,
		   size_t length)
{
	int order = length ? memcmp(field, argument, length) : -1;

	return (order == 0 && (io->command & 0x20)) ||
	       (order > 0 && (io->command & 0x40));
}

int ckd_search_ha(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	uint8_t argument[4], ha[4];
	size_t length;
	int unit;

	/* Once round, then the index point is passed by each further search. */
	if (multitrack(io)) {
		unit = ckd_next_head(dev);
		if (unit)
			return unit;
	} else if (++ckd->index_passes > 2) {
		return no_record(dev);
	}
	memcpy(ha, ckd->track->data + 1, sizeof(ha));
	show_cylinder(ckd, ha);
	ckd->at = 0;
	ckd->orient = ORIENT_HA;
	length = ccw_get(io, argument, sizeof(argument));
	return length && memcmp(ha, argument, length) == 0 ? US_CE | US_DE | US_SM
							   : US_CE | US_DE;
}

int ckd_find_id(struct device *dev, const uint8_t id[5])
{
	struct ckd *ckd = dev->state;
	uint8_t here[5];

	for (ckd->at = TRACK_R0; !count_is_end(count_field(ckd));
	     ckd->at += count_record_size(count_field(ckd))) {
		memcpy(here, count_field(ckd), sizeof(here));
		here[0] &= (uint8_t)~TRACK_OVERFLOW;
		if (ckd->at == TRACK_R0)
			show_cylinder(ckd, here);
		ckd->orient = ORIENT_COUNT;
		if (memcmp(here, id, sizeof(here)) == 0)
			return 0;
	}
	ckd->at = 0;
	ckd->orient = ORIENT_INDEX;
	return no_record(dev);
}

int ckd_search_id(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	int unit = next_count(dev, io, true);
	uint8_t argument[5], id[5];
	size_t length;

	if (unit)
		return unit;
	memcpy(id, count_field(ckd), sizeof(id));
	id[0] &= (uint8_t)~TRACK_OVERFLOW;
	if (ckd->at == TRACK_R0)
		show_cylinder(ckd, id);
	length = ccw_get(io, argument, sizeof(argument));
	return passes(io, id, argument, length) ? US_CE | US_DE | US_SM : US_CE | US_DE;
}

int ckd_search_key(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	int unit = next_key(dev, io);
	uint8_t argument[255];
	size_t length;

	if (unit)
		return unit;
	length = ccw_get(io, argument, count_key_length(count_field(ckd)));
	ckd->orient = ORIENT_KEY;
	return passes(io, key_field(ckd), argument, length) ? US_CE | US_DE | US_SM
							    : US_CE | US_DE;
}

/* ---- writing */

/*
 * What a write in the domain of a LOCATE RECORD goes to: the record that was
 * located, then one after the other. 0 or unit status.
 */
static int next_in_domain(struct device *dev, const struct ccw_io *io)
{
	const struct ckd *ckd = dev->state;

	return ckd->domain.left && ckd->domain.begun ? next_count(dev, io, false) : 0;
}

static bool may_update_data(const struct ckd *ckd)
{
	return ckd->orient == ORIENT_COUNT || ckd->orient == ORIENT_KEY;
}

/* Take length bytes for the track at offset, short ones filled with zeros. */
static int update(struct device *dev, struct ccw_io *io, uint32_t offset, uint32_t length)
{
	struct ckd *ckd = dev->state;
	struct error err = { 0 };
	size_t got = ccw_get(io, ckd->buffer, length);

	memset(ckd->buffer + got, 0, length - got);
	ckd_change(ckd);
	if (!volume_update_later(ckd->disk.vol, ckd->track, offset, ckd->buffer, length, &err))
		return ckd_host_trouble(dev, &err);
	return 0;
}

/* The data field, and where it overflows to the next tracks' first records. */
static int update_data(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	int unit;

	for (;;) {
		uint32_t length = count_data_length(count_field(ckd));
		bool more = count_field(ckd)[0] & TRACK_OVERFLOW;

		if (length) {
			unit = update(dev, io, data_offset(ckd), length);
			if (unit)
				return unit;
		}
		ckd->orient = ORIENT_DATA;
		unit = more ? overflow(dev) : US_CE | US_DE;
		if (unit)
			return unit;
	}
}

/*
 * Key and data of the current record are one piece in the image, and are
 * updated as one.
 */
int ckd_write_key_data(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	uint32_t key, length;
	int unit = next_in_domain(dev, io);

	if (unit)
		return unit;
	if (ckd->orient != ORIENT_COUNT)
		return ckd_reject(dev, CKD_INVALID_SEQUENCE);
	key = count_key_length(count_field(ckd));
	length = count_data_length(count_field(ckd));
	if (key && (count_field(ckd)[0] & TRACK_OVERFLOW)) {
		unit = update(dev, io, ckd->at + TRACK_COUNT_SIZE, key);
		return unit ? unit : update_data(dev, io);
	}
	if (!key)
		return update_data(dev, io);
	unit = update(dev, io, ckd->at + TRACK_COUNT_SIZE, key + length);
	ckd->orient = ORIENT_DATA;
	if (unit)
		return unit;
	return length ? US_CE | US_DE : US_CE | US_DE | US_UX;
}

/* Space that R1 and the following up to and including the current record take. */
static uint32_t space_used(const struct ckd *ckd)
{
	const uint8_t *data = ckd->track->data;
	uint32_t used = 0;

	for (uint32_t at = TRACK_R1; at <= ckd->at; at += count_record_size(data + at))
		used += geometry_space(ckd->geometry, count_key_length(data + at),
				       count_data_length(data + at));
	return used;
}

/* Take a record of the program into the buffer; its length. */
static uint32_t take_record(struct ckd *ckd, struct ccw_io *io, uint8_t flag)
{
	uint8_t *record = ckd->buffer;
	size_t got = ccw_get(io, record, TRACK_COUNT_SIZE);
	uint32_t length;

	memset(record + got, 0, TRACK_COUNT_SIZE - got);
	record[0] = (uint8_t)((record[0] & ~TRACK_OVERFLOW) | flag);
	length = count_record_size(record);
	got = ccw_get(io, record + TRACK_COUNT_SIZE, length - TRACK_COUNT_SIZE);
	memset(record + TRACK_COUNT_SIZE + got, 0, length - TRACK_COUNT_SIZE - got);
	return length;
}

/* Put the record in the buffer behind the current one; it becomes current. */
static int format(struct device *dev, uint32_t length)
{
	struct ckd *ckd = dev->state;
	uint32_t next = ckd->at + count_record_size(count_field(ckd));
	struct error err = { 0 };

	if (length &&
	    (count_is_end(ckd->buffer) ||
	     !geometry_fits(ckd->geometry, space_used(ckd), count_key_length(ckd->buffer),
			    count_data_length(ckd->buffer))))
		return ckd_check(dev, 0, CKD1_TRACK_OVERRUN, CKD_NO_MESSAGE);
	ckd_change(ckd);
	if (!volume_format_later(ckd->disk.vol, ckd->track, next, ckd->buffer, length, &err))
		return err.code == EOVERFLOW
			       ? ckd_check(dev, 0, CKD1_TRACK_OVERRUN, CKD_NO_MESSAGE)
			       : ckd_host_trouble(dev, &err);
	if (length)
		ckd->at = next;
	ckd->orient = ORIENT_DATA;
	return US_CE | US_DE;
}

int ckd_write_data(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	int unit = next_in_domain(dev, io);

	if (unit)
		return unit;
	if (!may_update_data(ckd))
		return ckd_reject(dev, CKD_INVALID_SEQUENCE);
	if (count_data_length(count_field(ckd)) == 0) {
		ckd->orient = ORIENT_DATA;
		return US_CE | US_DE | US_UX;
	}
	unit = update_data(dev, io);
	return unit == (US_CE | US_DE) && ckd->domain.whole_track && ckd->domain.left == 1
		       ? format(dev, 0)
		       : unit;
}

/* Formatting goes on behind a record that this program has found or written. */
static bool may_format(const struct ckd *ckd)
{
	return ckd->at && (ckd->orient == ORIENT_COUNT || ckd->orient == ORIENT_KEY ||
			   ckd->orient == ORIENT_DATA);
}

int ckd_write_ckd(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;

	if (!may_format(ckd))
		return ckd_reject(dev, CKD_INVALID_SEQUENCE);
	return format(dev, take_record(ckd, io, 0));
}

/* WRITE CKD NEXT TRACK: the first record behind R0 of the next track. */
int ckd_write_ckd_next(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	int unit = ckd_next_head(dev);

	if (unit)
		return unit;
	ckd->at = TRACK_R0;
	ckd->orient = ORIENT_DATA;
	return format(dev, take_record(ckd, io, 0));
}

/* A segment of a record that overflows to the next track. */
int ckd_write_special(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;

	if (!may_format(ckd))
		return ckd_reject(dev, CKD_INVALID_SEQUENCE);
	return format(dev, take_record(ckd, io, TRACK_OVERFLOW));
}

/* ERASE takes the data of a record and leaves the track empty instead. */
int ckd_erase(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;

	if (!may_format(ckd))
		return ckd_reject(dev, CKD_INVALID_SEQUENCE);
	(void)take_record(ckd, io, 0);
	return format(dev, 0);
}

/*
 * WRITE HOME ADDRESS. An image has no defective tracks, so the flag byte stays
 * zero and the address is always the track's own.
 */
int ckd_write_ha(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	uint8_t ha[TRACK_HA_SIZE];

	ccw_get(io, ha, sizeof(ha));
	ckd->at = 0;
	ckd->orient = ORIENT_HA;
	return US_CE | US_DE;
}

/* WRITE R0, behind a home address; the rest of the track is erased. */
int ckd_write_r0(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	struct error err = { 0 };
	uint32_t length;

	if (ckd->orient != ORIENT_HA)
		return ckd_reject(dev, CKD_INVALID_SEQUENCE);
	length = take_record(ckd, io, 0);
	/* Images have a record 0 of eight bytes, as all systems write it. */
	if (count_key_length(ckd->buffer) || count_data_length(ckd->buffer) != 8)
		return ckd_check(dev, 0, CKD1_TRACK_OVERRUN, CKD_INVALID_ARGUMENT);
	if (be16(ckd->buffer) == ckd->cylinder)
		put_be16(ckd->buffer, (uint16_t)(ckd->disk.offset + ckd->cylinder));
	ckd_change(ckd);
	if (!volume_format_later(ckd->disk.vol, ckd->track, TRACK_R1, NULL, 0, &err) ||
	    !volume_update_later(ckd->disk.vol, ckd->track, TRACK_R0, ckd->buffer, length,
				 &err))
		return ckd_host_trouble(dev, &err);
	ckd->at = TRACK_R0;
	ckd->orient = ORIENT_DATA;
	return US_CE | US_DE;
}
