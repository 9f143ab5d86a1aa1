/*
 * devices/ckd_control.c - control units and drives of count-key-data disks: arm,
 * file mask, sense, and which command belongs to which unit.
 *
 * A minidisk is a range of cylinders of a volume; the program sees its first
 * cylinder as 0. Home addresses and record 0 are shown as the program's
 * cylinder; the count fields of other records are what was written.
 */
#include "devices/ckd_int.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "devices/ckd.h"
#include "devices/classes.h"
#include "devices/machine.h"

#define SENSE_BYTES_OLD 6
#define SENSE_BYTES_NEW 24

/* ---- sense */

static void sense_position(struct device *dev)
{
	const struct ckd *ckd = dev->state;

	dev->sense[4] = dev->address & 0x0F;
	dev->sense[5] = (uint8_t)ckd->cylinder;
	dev->sense[6] =
		(uint8_t)((ckd->head & 0x1F) | (ckd->cylinder & 0x100 ? 0x40 : 0) |
			  (ckd->cylinder & 0x200 ? 0x20 : 0));
}

int ckd_check(struct device *dev, uint8_t sense0, uint8_t sense1,
	      enum ckd_message message)
{
	const struct ckd *ckd = dev->state;

	memset(dev->sense, 0, sizeof(dev->sense));
	dev->sense[0] = sense0;
	dev->sense[1] = sense1;
	if (ckd->family != CKD_2314) {
		sense_position(dev);
		dev->sense[7] = (uint8_t)message;
	} else if (message == CKD_INVALID_SEQUENCE) {
		dev->sense[1] |= CKD1_SEQUENCE;
	}
	return US_CE | US_DE | US_UC;
}

int ckd_reject(struct device *dev, enum ckd_message message)
{
	return ckd_check(dev, SENSE0_COMMAND_REJECT, 0, message);
}

int ckd_host_trouble(struct device *dev, const struct error *err)
{
	disk_trouble(dev, err);
	return ckd_check(dev, SENSE0_EQUIPMENT, 0, CKD_NO_MESSAGE);
}

static int sense(struct device *dev, struct ccw_io *io)
{
	const struct ckd *ckd = dev->state;

	ccw_put(io, dev->sense,
		ckd->family == CKD_2314 ? SENSE_BYTES_OLD : SENSE_BYTES_NEW);
	memset(dev->sense, 0, sizeof(dev->sense));
	return US_CE | US_DE;
}

static int sense_id(struct device *dev, struct ccw_io *io)
{
	const struct ckd *ckd = dev->state;
	uint8_t id[7] = { 0xFF, 0x38, 0x80, 0x03 };

	put_be16(id + 4, ckd->geometry->type);
	id[6] = (uint8_t)(ckd->cylinders > 1770	 ? 0x1E
			  : ckd->cylinders > 885 ? 0x0A
						 : 0x02);
	ccw_put(io, id, sizeof(id));
	return US_CE | US_DE;
}

/* RESERVE, RELEASE: they transfer the sense bytes. */
static int reserve(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	int unit = disk_reserve(&ckd->disk, io->command);

	return unit ? unit : sense(dev, io);
}

static int read_log(struct device *dev, struct ccw_io *io)
{
	static const uint8_t log[SENSE_BYTES_NEW];

	(void)dev;
	ccw_put(io, log, sizeof(log));
	return US_CE | US_DE;
}

/* ---- the arm */

static void unpin(struct ckd *ckd)
{
	if (ckd->track)
		volume_unpin(ckd->track);
	ckd->track = NULL;
}

void ckd_move(struct ckd *ckd, uint32_t cylinder, uint32_t head)
{
	ckd->cylinder = cylinder;
	ckd->head = head;
	ckd->orient = ORIENT_NONE;
	ckd->at = 0;
}

/* Is `at` still the place of a count field? Another machine may write here. */
static bool place_is_good(const struct ckd *ckd)
{
	const uint8_t *data = ckd->track->data;
	uint32_t at = TRACK_R0;

	while (at < ckd->at && !count_is_end(data + at))
		at += count_record_size(data + at);
	return at == ckd->at && !count_is_end(data + at);
}

static void forget_stale_place(struct ckd *ckd)
{
	if (ckd->version == ckd->track->version)
		return;
	ckd->version = ckd->track->version;
	if (ckd->at && !place_is_good(ckd)) {
		ckd->at = 0;
		ckd->orient = ORIENT_NONE;
	}
}

/*
 * Changes of a track are written when the arm leaves it or the program ends: before
 * device end of the last command, or an interruption between, is presented.
 */
void ckd_change(struct ckd *ckd)
{
	if (!ckd->unsettled)
		ckd->lost = ckd->track->lost;
	ckd->unsettled = true;
}

/* With the track not locked. 0 or unit status. */
static int ckd_settle(struct device *dev)
{
	struct ckd *ckd = dev->state;
	struct error err = { 0 };
	bool ok;

	if (!ckd->unsettled)
		return 0;
	ckd->unsettled = false;
	track_lock(ckd->track, TRACK_WRITE);
	ok = volume_settle(ckd->disk.vol, ckd->track, &err);
	if (ok && ckd->track->lost != ckd->lost) {
		error_set(&err, EIO, "%s: changes were lost with those of another user",
			  volume_info(ckd->disk.vol)->path);
		ok = false;
	}
	track_unlock(ckd->track);
	if (ok)
		return 0;
	unpin(ckd); /* pinned again it will be read again */
	return ckd_host_trouble(dev, &err);
}

static int pin_other(struct device *dev, uint32_t number)
{
	struct ckd *ckd = dev->state;
	struct error err = { 0 };
	int unit = ckd_settle(dev);

	if (unit)
		return unit;
	unpin(ckd);
	ckd->at = 0;
	ckd->track = volume_pin(ckd->disk.vol, number, &err);
	if (!ckd->track)
		return ckd_host_trouble(dev, &err);
	ckd->version = ckd->track->version;
	return 0;
}

int ckd_pin(struct device *dev)
{
	const struct ckd *ckd = dev->state;
	uint32_t number = (ckd->disk.offset + ckd->cylinder) * ckd->heads + ckd->head;

	return ckd->track && ckd->track->number == number ? 0 : pin_other(dev, number);
}

int ckd_next_head(struct device *dev)
{
	struct ckd *ckd = dev->state;
	int unit;

	if ((ckd->file_mask & MASK_SEEK) == MASK_SEEK_NONE && !ckd->domain.left)
		return ckd_check(dev, 0, CKD1_FILE_PROTECTED, CKD_NO_MESSAGE);
	if (ckd->head + 1 >= ckd->heads)
		return ckd_check(dev, 0, CKD1_END_OF_CYLINDER, CKD_NO_MESSAGE);
	if (ckd_outside(ckd, ckd_track(ckd) + 1))
		return ckd_check(dev, 0, CKD1_FILE_PROTECTED, CKD_NO_MESSAGE);
	track_unlock(ckd->track);
	ckd_move(ckd, ckd->cylinder, ckd->head + 1);
	ckd->orient = ORIENT_INDEX;
	unit = ckd_pin(dev);
	if (ckd->track)
		track_lock(ckd->track, ckd->access);
	return unit;
}

static int bad_address(struct device *dev)
{
	const struct ckd *ckd = dev->state;

	if (ckd->family == CKD_2314)
		return ckd_check(dev, CKD0_SEEK_CHECK, 0, CKD_NO_MESSAGE);
	return ckd_reject(dev, CKD_INVALID_ARGUMENT);
}

static void count_seek(const struct device *dev, uint32_t from, uint32_t to)
{
	if (!dev->counts || from == to)
		return;
	atomic_fetch_add_explicit(&dev->counts->seeks, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&dev->counts->moved, from < to ? to - from : from - to,
				  memory_order_relaxed);
}

/* SEEK 07, SEEK CYLINDER 0B, SEEK HEAD 1B: six bytes 0000 CCCC HHHH. */
static int seek(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	uint8_t allowed = ckd->file_mask & MASK_SEEK;
	bool head_only = io->command == 0x1B;
	uint8_t to[6];
	uint32_t cylinder;

	if (allowed == MASK_SEEK_NONE || (allowed == 0x10 && !head_only) ||
	    (allowed == 0x08 && io->command == 0x07))
		return ckd_check(dev, 0, CKD1_FILE_PROTECTED, CKD_NO_MESSAGE);
	if (ccw_get(io, to, sizeof(to)) < sizeof(to))
		return ckd_reject(dev, CKD_COUNT_TOO_SMALL);
	cylinder = head_only ? ckd->cylinder : be16(to + 2);
	if (be16(to) || cylinder >= ckd->cylinders || be16(to + 4) >= ckd->heads)
		return bad_address(dev);
	if (ckd_outside(ckd, cylinder * ckd->heads + be16(to + 4)))
		return ckd_check(dev, 0, CKD1_FILE_PROTECTED, CKD_NO_MESSAGE);
	count_seek(dev, ckd->cylinder, cylinder);
	ckd_move(ckd, cylinder, be16(to + 4));
	return US_CE | US_DE;
}

static int recalibrate(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;

	(void)io;
	if (ckd->file_mask & MASK_SEEK)
		return ckd_check(dev, 0, CKD1_FILE_PROTECTED, CKD_NO_MESSAGE);
	ckd_move(ckd, 0, 0);
	return US_CE | US_DE;
}

/* READ IPL: record 1 of cylinder 0, head 0; or of the one that was asked for. */
static int read_ipl(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	uint32_t cylinder = ckd->ipl_cylinder;
	int unit;

	ckd->ipl_cylinder = 0;
	if (ckd->file_mask & MASK_SEEK)
		return ckd_check(dev, 0, CKD1_FILE_PROTECTED, CKD_NO_MESSAGE);
	if (cylinder >= ckd->cylinders)
		return bad_address(dev);
	ckd_move(ckd, cylinder, 0);
	unit = ckd_pin(dev);
	if (unit)
		return unit;
	ckd->access = TRACK_READ;
	track_lock(ckd->track, ckd->access);
	unit = ckd_read_data(dev, io);
	if (ckd->track)
		track_unlock(ckd->track);
	return unit;
}

static int set_file_mask(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	uint8_t mask;

	if (ckd->mask_was_set)
		return ckd_reject(dev, CKD_INVALID_SEQUENCE);
	if (ccw_get(io, &mask, 1) < 1 || (mask & 0x20))
		return ckd_reject(dev, CKD_INVALID_ARGUMENT);
	ckd->file_mask = mask;
	ckd->mask_was_set = true;
	return US_CE | US_DE;
}

/*
 * SET SECTOR only saves channel time: the program's search finds the record
 * wherever it is.
 */
static int set_sector(struct device *dev, struct ccw_io *io)
{
	const struct ckd *ckd = dev->state;
	uint8_t sector;

	if (ccw_get(io, &sector, 1) < 1)
		return ckd_reject(dev, CKD_COUNT_TOO_SMALL);
	if (sector != 0xFF && sector >= ckd->geometry->sectors)
		return ckd_reject(dev, CKD_INVALID_ARGUMENT);
	return US_CE | US_DE;
}

/* READ SECTOR: where the last record began, in parts of a revolution. */
static int read_sector(struct device *dev, struct ccw_io *io)
{
	const struct ckd *ckd = dev->state;
	uint32_t length = ckd->geometry->track_length;
	uint32_t at = ckd->at < length ? ckd->at : length - 1;
	uint8_t sector = (uint8_t)((uint64_t)at * ckd->geometry->sectors / length);

	ccw_put(io, &sector, 1);
	return US_CE | US_DE;
}

static int no_operation(struct device *dev, struct ccw_io *io)
{
	(void)dev;
	(void)io;
	return US_CE | US_DE;
}

/* ---- the commands */

enum ckd_flags {
	F_OLD = CKD_2314,
	F_3830 = CKD_3830,
	F_3880 = CKD_3880 | CKD_ECKD,
	F_ECKD = CKD_ECKD,
	F_ALL = F_OLD | F_3830 | F_3880,
	F_NEW = F_3830 | F_3880,
	F_DOMAIN = 0x200, /* only behind LOCATE RECORD */
	F_TRACK = 0x10,	 /* pin and lock the track for reading */
	F_WRITE = 0x20,	 /* lock it for writing; not on a read-only volume */
	F_SEARCH = 0x40, /* consecutive ones count the index points they pass */
	F_FORMAT = 0x80, /* file mask must allow formatting ... */
	F_HA_R0 = 0x100, /* ... and writing HA and R0 */
};

#define F_READ (F_ALL | F_TRACK)
#define F_FIND (F_ALL | F_TRACK | F_SEARCH)
#define F_UPD  (F_ALL | F_WRITE)
#define F_FMT  (F_ALL | F_WRITE | F_FORMAT)

static const struct ckd_command {
	ckd_function *execute;
	unsigned flags;
} commands[256] = {
	[0x01] = {ckd_write_special,   F_FMT	    },
	[0x02] = { read_ipl,	     F_ALL	   },
	[0x03] = { no_operation,	 F_ALL	       },
	[0x04] = { sense,		  F_ALL		},
	[0x05] = { ckd_write_data,	   F_UPD		 },
	[0x06] = { ckd_read_data,	  F_READ		 },
	[0x07] = { seek,		 F_ALL	       },
	[0x0B] = { seek,		 F_ALL	       },
	[0x0D] = { ckd_write_key_data, F_UPD	     },
	[0x0E] = { ckd_read_key_data,  F_READ	     },
	[0x11] = { ckd_erase,	      F_FMT	    },
	[0x12] = { ckd_read_count,	   F_READ	  },
	[0x13] = { recalibrate,	F_ALL	      },
	[0x14] = { reserve,	    F_NEW		  },
	[0x15] = { ckd_write_r0,	 F_FMT | F_HA_R0 },
	[0x16] = { ckd_read_r0,	F_READ	       },
	[0x17] = { no_operation,	 F_ALL	       }, /* RESTORE, of the 2321 */
	[0x19] = { ckd_write_ha,	 F_FMT | F_HA_R0 },
	[0x1A] = { ckd_read_ha,	F_READ	       },
	[0x1B] = { seek,		 F_ALL	       },
	[0x1D] = { ckd_write_ckd,	  F_FMT		},
	[0x1E] = { ckd_read_ckd,	 F_READ		},
	[0x1F] = { set_file_mask,	  F_ALL		},
	[0x22] = { read_sector,	F_NEW	      },
	[0x23] = { set_sector,	       F_NEW	     },
	[0x29] = { ckd_search_key,	   F_FIND	  },
	[0x31] = { ckd_search_id,	  F_FIND		 },
	[0x39] = { ckd_search_ha,	  F_FIND		 },
	[0x47] = { ckd_locate_record, F_ECKD},
	[0x49] = { ckd_search_key,	   F_FIND	  },
	[0x51] = { ckd_search_id,	  F_FIND		 },
	[0x5E] = { ckd_read_multiple,  F_3880 | F_TRACK},
	[0x63] = { ckd_define_extent, F_ECKD},
	[0x69] = { ckd_search_key,	   F_FIND	  },
	[0x71] = { ckd_search_id,	  F_FIND		 },
	[0x82] = { read_ipl,	     F_ALL	   },
	[0x85] = { ckd_write_data, F_ECKD | F_WRITE | F_DOMAIN},
	[0x86] = { ckd_read_data,	  F_READ		 },
	[0x8D] = { ckd_write_key_data, F_ECKD | F_WRITE | F_DOMAIN},
	[0x8E] = { ckd_read_key_data,  F_READ	     },
	[0x92] = { ckd_read_count,	   F_READ	  },
	[0x94] = { reserve,	    F_ALL		  },
	[0x96] = { ckd_read_r0,	F_READ	       },
	[0x9A] = { ckd_read_ha,	F_READ	       },
	[0x9D] = { ckd_write_ckd_next, F_ECKD | F_WRITE | F_FORMAT | F_DOMAIN},
	[0x9E] = { ckd_read_ckd,	 F_READ		},
	[0xA4] = { read_log,	     F_NEW	   },
	[0xA9] = { ckd_search_key,	   F_FIND	  },
	[0xB1] = { ckd_search_id,	  F_FIND		 },
	[0xB4] = { reserve,	    F_ALL		  },
	[0xB9] = { ckd_search_ha,	  F_FIND		 },
	[0xC9] = { ckd_search_key,	   F_FIND	  },
	[0xD1] = { ckd_search_id,	  F_FIND		 },
	[0xDE] = { ckd_read_track, F_ECKD | F_TRACK | F_DOMAIN},
	[0xE4] = { sense_id,	     F_3880	    },
	[0xE9] = { ckd_search_key,	   F_FIND	  },
	[0xF1] = { ckd_search_id,	  F_FIND		 },
};

int ckd_write_forbidden(struct device *dev, bool format, bool ha_r0)
{
	const struct ckd *ckd = dev->state;
	uint8_t mask = ckd->file_mask & MASK_WRITE;

	if (ckd->disk.read_only)
		return ckd_check(dev, SENSE0_COMMAND_REJECT,
				 ckd->family == CKD_2314 ? 0 : CKD1_WRITE_INHIBITED,
				 CKD_NO_MESSAGE);
	if (mask == MASK_WRITE_NONE || (format && mask == MASK_WRITE_UPDATE) ||
	    (ha_r0 && mask != MASK_WRITE_ALL))
		return ckd_reject(dev, CKD_INVALID_SEQUENCE);
	return 0;
}

static int on_track(struct device *dev, struct ccw_io *io, const struct ckd_command *c)
{
	struct ckd *ckd = dev->state;
	int unit = ckd_outside(ckd, ckd_track(ckd))
			   ? ckd_check(dev, 0, CKD1_FILE_PROTECTED, CKD_NO_MESSAGE)
			   : ckd_pin(dev);

	if (unit)
		return unit;
	ckd->access = c->flags & F_WRITE ? TRACK_WRITE : TRACK_READ;
	track_lock(ckd->track, ckd->access);
	forget_stale_place(ckd);
	unit = c->execute(dev, io);
	if (ckd->track) {
		ckd->version = ckd->track->version;
		track_unlock(ckd->track);
	}
	return unit;
}

static void program_begins(struct ckd *ckd)
{
	ckd->file_mask = 0;
	ckd->mask_was_set = false;
	ckd->index_passes = 0;
	ckd->orient = ORIENT_NONE;
	ckd->domain = (struct ckd_domain){ 0 };
}

static int ckd_command(struct device *dev, struct ccw_io *io)
{
	struct ckd *ckd = dev->state;
	const struct ckd_command *c = &commands[io->command];
	bool in_domain;
	int unit;

	if (!io->previous)
		program_begins(ckd);
	if (!io->previous && io->command != 0x14) {
		unit = disk_admit(&ckd->disk);
		if (unit)
			return unit;
	}
	if (!(c->flags & (unsigned)ckd->family))
		return ckd_reject(dev, CKD_INVALID_COMMAND);
	if (!(c->flags & F_SEARCH))
		ckd->index_passes = 0;
	if (ckd->domain.left ? !ckd_in_domain(ckd, io->command) : c->flags & F_DOMAIN)
		return ckd_reject(dev, CKD_INVALID_SEQUENCE);
	if (c->flags & F_WRITE) {
		unit = ckd_write_forbidden(dev, c->flags & F_FORMAT, c->flags & F_HA_R0);
		if (unit)
			return unit;
	}
	in_domain = ckd->domain.left != 0;
	unit = c->flags & (F_TRACK | F_WRITE) ? on_track(dev, io, c)
					      : c->execute(dev, io);
	if (in_domain) {
		ckd->domain.left--;
		ckd->domain.begun = true;
	}
	return unit;
}

/* ---- attaching */

static enum ckd_family family_of(uint16_t type)
{
	switch (type) {
	case 0x2311:
	case 0x2314: return CKD_2314;
	case 0x2305:
	case 0x3330:
	case 0x3340:
	case 0x3350: return CKD_3830;
	case 0x3375: return CKD_3880;
	default: return CKD_ECKD;
	}
}

static bool same_type(const char *type, const struct dasd_geometry *g)
{
	const struct dasd_geometry *row =
		geometry_find(strcmp(type, "2319") ? type : "2314");

	return row && row->type == g->type;
}

/* Look at what was opened: is it what the device line says? */
static bool check_volume(struct device *dev, struct error *err)
{
	struct ckd *ckd = dev->state;
	const struct volume_info *info = volume_info(ckd->disk.vol);

	if (info->fixed_block || !info->geometry ||
	    !same_type(dev->type, info->geometry)) {
		error_set(err, 0, "%s is not a %s but a %s", info->path, dev->type,
			  info->geometry ? info->geometry->name : "fixed-block volume");
		return false;
	}
	if (!disk_fits(dev, &ckd->disk, info->cylinders, "cylinders", err))
		return false;
	ckd->geometry = info->geometry;
	ckd->family = family_of(info->geometry->type);
	ckd->cylinders = ckd->disk.size;
	ckd->heads = info->heads;
	return true;
}

static void ckd_detach(struct device *dev)
{
	struct ckd *ckd = dev->state;

	assert(!ckd->unsettled);
	unpin(ckd);
	disk_close(dev, &ckd->disk);
	free(ckd->buffer);
	ckd->buffer = NULL;
}

static bool ckd_attach(struct device *dev, const struct machine_request *req,
		       struct error *err)
{
	struct ckd *ckd = dev->state;

	ckd->buffer = malloc(CKD_BUFFER);
	if (!ckd->buffer) {
		error_set(err, 0, "no memory for a record");
		return false;
	}
	if (disk_open(dev, &ckd->disk, req, "cylinders=", err) && check_volume(dev, err))
		return true;
	ckd_detach(dev);
	return false;
}

static void ckd_reset(struct device *dev)
{
	struct ckd *ckd = dev->state;

	program_begins(ckd);
	ckd_move(ckd, 0, 0);
	disk_reset(&ckd->disk);
}

static void ckd_describe(struct device *dev, char *text, size_t size)
{
	const struct ckd *ckd = dev->state;

	snprintf(text, size, "%s, %u cylinders%s", volume_info(ckd->disk.vol)->path,
		 ckd->cylinders, ckd->disk.read_only ? ", read only" : "");
}

bool ckd_facts(const struct device *dev, struct ckd_facts *out)
{
	const struct ckd *ckd = dev->state;

	if (dev->class != &ckd_class || !ckd->geometry)
		return false;
	*out = (struct ckd_facts){
		.type = ckd->geometry->type,
		.cylinders = ckd->cylinders,
		.heads = ckd->heads,
		.read_only = ckd->disk.read_only,
		.sectors = ckd->geometry->sectors != 0,
	};
	return true;
}

static const char *const aliases[] = { "2305", "2311", "2314", "2319", "3330", "3340",
				       "3375", "3380", "3390", "9345", NULL };

static bool ckd_request(struct device *dev, const struct machine_request *req,
			struct error *err)
{
	struct ckd *ckd = dev->state;

	if (req->kind != MACHINE_IPL)
		return disk_request(dev, req, err);
	ckd->ipl_cylinder = req->value;
	return true;
}

const struct device_class ckd_class = {
	.type = "3350",
	.aliases = aliases,
	.kind = DEVICE_DASD,
	.quick = true,
	.state_size = sizeof(struct ckd),
	.sense_bytes = SENSE_BYTES_NEW,
	.attach = ckd_attach,
	.detach = ckd_detach,
	.command = ckd_command,
	.settle = ckd_settle,
	.reset = ckd_reset,
	.request = ckd_request,
	.describe = ckd_describe,
};
