/*
 * devices/fba_control.c - fixed-block disks 3310 and 3370.
 *
 * GA26-1660 (3310), GA26-1657 (3370): DEFINE EXTENT says which blocks the
 * program may touch, LOCATE which come next, READ and WRITE move them.
 */
#include "devices/classes.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "devices/disk.h"

enum fba_command {
	CMD_READ_IPL = 0x02,
	CMD_NOP = 0x03,
	CMD_SENSE = 0x04,
	CMD_RESERVE_UNCOND = 0x14,
	CMD_WRITE = 0x41,
	CMD_READ = 0x42,
	CMD_LOCATE = 0x43,
	CMD_DEFINE_EXTENT = 0x63,
	CMD_CHARACTERISTICS = 0x64,
	CMD_RELEASE = 0x94,
	CMD_READ_LOG = 0xA4,
	CMD_RESERVE = 0xB4,
	CMD_SENSE_ID = 0xE4,
};

/* LOCATE operation, low four bits of its first byte. */
enum fba_operation {
	OP_NONE,
	OP_WRITE = 1,
	OP_READ_REPLICATED = 2,
	OP_FORMAT = 4,
	OP_WRITE_VERIFY = 5,
	OP_READ = 6
};

#define MASK_WRITE	 0xC0 /* of DEFINE EXTENT */
#define MASK_WRITE_NONE	 0x40
#define SENSE_BYTES	 24
#define SENSE1_PROTECTED 0x04 /* file protected: outside the extent */
#define SENSE1_INHIBITED 0x02 /* write inhibited */

struct fba {
	struct disk disk; /* offset, size: blocks */
	const struct fba_geometry *geometry;
	uint32_t blocks; /* that the program sees */

	/* the channel program */
	bool extent_defined;
	uint8_t mask;
	uint32_t first, extent_start, extent_end; /* physical block; data-set blocks */
	enum fba_operation operation;
	uint32_t next, left; /* blocks to go, from LOCATE */
};

static int check(struct device *dev, uint8_t sense0, uint8_t sense1)
{
	int unit = device_unit_check(dev, sense0);

	dev->sense[1] = sense1;
	return unit;
}

static int reject(struct device *dev)
{
	return check(dev, SENSE0_COMMAND_REJECT, 0);
}

static int host_trouble(struct device *dev, const struct error *err)
{
	disk_trouble(dev, err);
	return check(dev, SENSE0_EQUIPMENT, 0);
}

/*
 * Sixteen bytes: mask, 3 zero, block number of the extent on the volume, and the
 * relative numbers of its first and last block.
 */
static int define_extent(struct device *dev, struct ccw_io *io)
{
	struct fba *fba = dev->state;
	uint8_t b[16];

	if (ccw_get(io, b, sizeof(b)) < sizeof(b) || fba->extent_defined)
		return reject(dev);
	fba->mask = b[0];
	fba->first = be32(b + 4);
	fba->extent_start = be32(b + 8);
	fba->extent_end = be32(b + 12);
	if ((b[0] & 0x33) || be24(b + 1) || fba->extent_end < fba->extent_start ||
	    fba->first >= fba->blocks ||
	    fba->extent_end - fba->extent_start >= fba->blocks - fba->first)
		return reject(dev);
	fba->extent_defined = true;
	return US_CE | US_DE;
}

/* Eight bytes: operation, replication count, blocks, relative first block. */
static int locate(struct device *dev, struct ccw_io *io)
{
	struct fba *fba = dev->state;
	uint32_t start, count;
	uint8_t b[8];

	if (!fba->extent_defined || ccw_get(io, b, sizeof(b)) < sizeof(b))
		return reject(dev);
	fba->operation = b[0] & 0x0F;
	count = be16(b + 2);
	start = be32(b + 4);
	switch (fba->operation) {
	case OP_WRITE:
	case OP_WRITE_VERIFY:
	case OP_FORMAT:
		if (fba->disk.read_only || (fba->mask & MASK_WRITE) == MASK_WRITE_NONE)
			return check(dev, SENSE0_COMMAND_REJECT, SENSE1_INHIBITED);
		break;
	case OP_READ:
	case OP_READ_REPLICATED: break;
	default: return reject(dev);
	}
	if (count == 0)
		return reject(dev);
	if (start < fba->extent_start || start > fba->extent_end ||
	    count - 1 > fba->extent_end - start)
		return check(dev, 0, SENSE1_PROTECTED);
	fba->next = fba->first + (start - fba->extent_start);
	fba->left = count;
	return US_CE | US_DE;
}

static int read_blocks(struct device *dev, struct ccw_io *io, uint32_t at, uint32_t n)
{
	const struct fba *fba = dev->state;
	uint8_t block[FBA_BLOCK_SIZE];
	struct error err = { 0 };

	for (; n; n--, at++) {
		if (!volume_read_blocks(fba->disk.vol, fba->disk.offset + at, 1, block, &err))
			return host_trouble(dev, &err);
		if (ccw_put(io, block, sizeof(block)) < sizeof(block))
			break;
	}
	return US_CE | US_DE;
}

static int read_located(struct device *dev, struct ccw_io *io)
{
	struct fba *fba = dev->state;
	uint32_t n = fba->left;

	if (!n || (fba->operation != OP_READ && fba->operation != OP_READ_REPLICATED))
		return reject(dev);
	fba->left = 0;
	return read_blocks(dev, io, fba->next, n);
}

/* Blocks that go to the file in one call. */
#define BLOCKS_AT_ONCE 32

/* A short last block is filled with zeros. */
static int write_located(struct device *dev, struct ccw_io *io)
{
	struct fba *fba = dev->state;
	uint8_t data[BLOCKS_AT_ONCE * FBA_BLOCK_SIZE];
	struct error err = { 0 };
	uint32_t n = fba->left;

	if (!n || (fba->operation != OP_WRITE && fba->operation != OP_WRITE_VERIFY))
		return reject(dev);
	fba->left = 0;
	while (n) {
		uint32_t most = n < BLOCKS_AT_ONCE ? n : BLOCKS_AT_ONCE;
		size_t got = ccw_get(io, data, most * FBA_BLOCK_SIZE);
		uint32_t blocks = (uint32_t)(got + FBA_BLOCK_SIZE - 1) / FBA_BLOCK_SIZE;

		memset(data + got, 0, blocks * FBA_BLOCK_SIZE - got);
		if (blocks && !volume_write_blocks(fba->disk.vol, fba->disk.offset + fba->next,
						   blocks, data, &err))
			return host_trouble(dev, &err);
		fba->next += blocks;
		n -= blocks;
		if (got < most * FBA_BLOCK_SIZE)
			break;
	}
	return US_CE | US_DE;
}

/* READ IPL: block 0; the program goes on as if all blocks were its extent. */
static int read_ipl(struct device *dev, struct ccw_io *io)
{
	struct fba *fba = dev->state;

	fba->extent_defined = true;
	fba->mask = 0;
	fba->first = fba->extent_start = 0;
	fba->extent_end = fba->blocks - 1;
	return read_blocks(dev, io, 0, 1);
}

/* READ DEVICE CHARACTERISTICS, 32 bytes. */
static int characteristics(struct device *dev, struct ccw_io *io)
{
	const struct fba *fba = dev->state;
	uint8_t b[32] = { 0x30, 0x08, 0x21 };

	b[3] = fba->geometry && fba->geometry->type == 0x3310 ? 0x01 : 0x02;
	put_be16(b + 4, FBA_BLOCK_SIZE);
	put_be32(b + 6, fba->geometry ? fba->geometry->per_track : 62);
	put_be32(b + 10, fba->geometry ? fba->geometry->per_cylinder : 744);
	put_be32(b + 14, fba->blocks);
	ccw_put(io, b, sizeof(b));
	return US_CE | US_DE;
}

static int sense_id(struct device *dev, struct ccw_io *io)
{
	const struct fba *fba = dev->state;
	uint8_t id[7] = { 0xFF, 0x38, 0x80, 0x01 };
	uint16_t type = fba->geometry ? fba->geometry->type : 0x3370;

	if (type == 0x3310)
		put_be16(id + 1, 0x4331);
	put_be16(id + 4, type);
	id[6] = fba->blocks > 558000 ? 0x04 : 0x00;
	ccw_put(io, id, sizeof(id));
	return US_CE | US_DE;
}

static int send_sense(struct device *dev, struct ccw_io *io)
{
	ccw_put(io, dev->sense, SENSE_BYTES);
	memset(dev->sense, 0, sizeof(dev->sense));
	return US_CE | US_DE;
}

static int fba_command(struct device *dev, struct ccw_io *io)
{
	struct fba *fba = dev->state;
	int unit;

	if (!io->previous) {
		fba->extent_defined = false;
		fba->left = 0;
		unit = io->command == CMD_RESERVE_UNCOND ? 0 : disk_admit(&fba->disk);
		if (unit)
			return unit;
	}
	switch (io->command) {
	case CMD_READ_IPL: return read_ipl(dev, io);
	case CMD_NOP: return US_CE | US_DE;
	case CMD_RESERVE:
	case CMD_RESERVE_UNCOND:
	case CMD_RELEASE:
		unit = disk_reserve(&fba->disk, io->command);
		return unit ? unit : send_sense(dev, io);
	case CMD_SENSE:
	case CMD_READ_LOG: return send_sense(dev, io);
	case CMD_WRITE: return write_located(dev, io);
	case CMD_READ: return read_located(dev, io);
	case CMD_LOCATE: return locate(dev, io);
	case CMD_DEFINE_EXTENT: return define_extent(dev, io);
	case CMD_CHARACTERISTICS: return characteristics(dev, io);
	case CMD_SENSE_ID: return sense_id(dev, io);
	default: return reject(dev);
	}
}

/* ---- attaching */

static bool check_volume(struct device *dev, struct error *err)
{
	struct fba *fba = dev->state;
	const struct volume_info *info = volume_info(fba->disk.vol);

	if (!info->fixed_block) {
		error_set(err, 0, "%s is not a fixed-block volume", info->path);
		return false;
	}
	if (!disk_fits(dev, &fba->disk, info->blocks, "blocks", err))
		return false;
	fba->blocks = fba->disk.size;
	fba->geometry = geometry_find_fba(dev->type);
	return true;
}

static void fba_detach(struct device *dev)
{
	struct fba *fba = dev->state;

	disk_close(dev, &fba->disk);
}

static bool fba_attach(struct device *dev, const struct machine_request *req,
		       struct error *err)
{
	struct fba *fba = dev->state;

	if (disk_open(dev, &fba->disk, req, "blocks=", err) && check_volume(dev, err))
		return true;
	fba_detach(dev);
	return false;
}

static void fba_reset(struct device *dev)
{
	struct fba *fba = dev->state;

	disk_reset(&fba->disk);
}

static void fba_describe(struct device *dev, char *text, size_t size)
{
	const struct fba *fba = dev->state;

	snprintf(text, size, "%s, %u blocks%s", volume_info(fba->disk.vol)->path, fba->blocks,
		 fba->disk.read_only ? ", read only" : "");
}

static const char *const aliases[] = { "3310", "9313", "9332",	 "9335",
				       "9336", "0671", "FB-512", NULL };

const struct device_class fba_class = {
	.type = "3370",
	.aliases = aliases,
	.kind = DEVICE_DASD,
	.quick = true,
	.state_size = sizeof(struct fba),
	.sense_bytes = SENSE_BYTES,
	.attach = fba_attach,
	.detach = fba_detach,
	.command = fba_command,
	.reset = fba_reset,
	.request = disk_request,
	.describe = fba_describe,
};
