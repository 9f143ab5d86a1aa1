/*
 * devices/tape_drive.c - magnetic tape drives 3420, 3410 and 2400.
 *
 * GA32-0020 (3803, 3420), GA32-0022 (3410/3411), GA22-6866 (2400): commands, sense.
 * The tape itself is dasd/tape.h's.
 */
#include "devices/classes.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/log.h"
#include "dasd/tape.h"
#include "devices/machine.h"

/* The longest block that a data chain of ours transfers. */
#define BLOCK_MAX (256u << 10)

enum tape_command {
	CMD_WRITE = 0x01,
	CMD_READ = 0x02,
	CMD_NOP = 0x03,
	CMD_SENSE = 0x04,
	CMD_REWIND = 0x07,
	CMD_DIAGNOSTIC_SET = 0x0B,
	CMD_READ_BACKWARD = 0x0C,
	CMD_REWIND_UNLOAD = 0x0F,
	CMD_ERASE_GAP = 0x17,
	CMD_TRACK_IN_ERROR = 0x1B,
	CMD_WRITE_MARK = 0x1F,
	CMD_BACKSPACE_BLOCK = 0x27,
	CMD_BACKSPACE_FILE = 0x2F,
	CMD_SPACE_BLOCK = 0x37,
	CMD_SPACE_FILE = 0x3F,
	CMD_SET_DIAGNOSE = 0x4B,
	CMD_LOOP_WRITE_READ = 0x8B,
	CMD_SECURITY_ERASE = 0x97,
};

/* The end-of-tape marker, in bytes before the end of a reel, unless the line says. */
#define MARGIN_USUAL (128u << 10)
#define S4_TAPE_INDICATE 0x20 /* 3803: past the marker */

enum tape_sense1 {
	S1_STATUS_A = 0x40, /* ready */
	S1_STATUS_B = 0x20, /* not ready, or rewinding */
	S1_LOAD_POINT = 0x08,
	S1_WRITE_STATUS = 0x04,
	S1_FILE_PROTECTED = 0x02,
};

struct tape_drive {
	struct tape *tape; /* NULL: nothing mounted */
	char *name;
	uint8_t *block; /* BLOCK_MAX bytes while a tape is mounted */
	bool is_2400;
	unsigned sense_bytes;
	bool wrote; /* the last motion was a write */
	uint64_t marker; /* offset of the end-of-tape marker in the file; 0: endless */
};

/* ---- ends of operations */

static int check(struct device *dev, uint8_t sense0, uint8_t sense1)
{
	int unit = device_unit_check(dev, sense0);

	dev->sense[1] = sense1;
	return unit;
}

static int host_trouble(struct device *dev, const struct error *err, uint8_t sense0)
{
	machine_trouble(dev->machine, dev->address, err->text);
	return check(dev, sense0, 0);
}

/*
 * What a motion came to. at_mark: the unit status for a tape mark. Blank tape has
 * nothing to read or pass: data check.
 */
static int moved(struct device *dev, enum tape_status status, int at_mark,
		 const struct error *err)
{
	switch (status) {
	case TAPE_BLOCK: return US_CE | US_DE;
	case TAPE_MARK: return at_mark;
	case TAPE_LOAD_POINT: return check(dev, 0, S1_LOAD_POINT);
	case TAPE_END: return check(dev, SENSE0_DATA_CHECK, 0);
	case TAPE_DAMAGED: return host_trouble(dev, err, SENSE0_DATA_CHECK);
	default: return host_trouble(dev, err, SENSE0_EQUIPMENT);
	}
}

/*
 * The end of a write: unit exception if the tape is past its end-of-tape marker,
 * where it has written all the same. The program decides how much more it writes.
 */
static bool past_marker(const struct tape_drive *drv)
{
	return drv->marker && tape_offset(drv->tape) >= drv->marker;
}

static int written(struct tape_drive *drv)
{
	drv->wrote = true;
	return past_marker(drv) ? US_CE | US_DE | US_UX : US_CE | US_DE;
}

/* ---- commands that move data */

static int read_block(struct device *dev, struct ccw_io *io)
{
	struct tape_drive *drv = dev->state;
	struct error err = { 0 };
	enum tape_status status;
	uint32_t length = 0;

	status = tape_read(drv->tape, drv->block, BLOCK_MAX, &length, &err);
	if (status == TAPE_BLOCK)
		ccw_put(io, drv->block, length < BLOCK_MAX ? length : BLOCK_MAX);
	return moved(dev, status, US_CE | US_DE | US_UX, &err);
}

static void reverse(uint8_t *b, uint32_t n)
{
	for (uint32_t i = 0; i < n / 2; i++) {
		uint8_t c = b[i];

		b[i] = b[n - 1 - i];
		b[n - 1 - i] = c;
	}
}

static int read_backward(struct device *dev, struct ccw_io *io)
{
	struct tape_drive *drv = dev->state;
	struct error err = { 0 };
	enum tape_status status;
	uint32_t length = 0;

	status = tape_read_backward(drv->tape, drv->block, BLOCK_MAX, &length, &err);
	if (status == TAPE_BLOCK) {
		if (length > BLOCK_MAX)
			return check(dev, SENSE0_OVERRUN, 0);
		reverse(drv->block, length);
		ccw_put(io, drv->block, length);
	}
	return moved(dev, status, US_CE | US_DE | US_UX, &err);
}

static int file_protected(struct device *dev)
{
	return check(dev, SENSE0_COMMAND_REJECT, S1_FILE_PROTECTED);
}

static int write_block(struct device *dev, struct ccw_io *io)
{
	struct tape_drive *drv = dev->state;
	struct error err = { 0 };
	size_t length;

	if (tape_read_only(drv->tape))
		return file_protected(dev);
	length = ccw_get(io, drv->block, BLOCK_MAX);
	if (!length)
		return US_CE | US_DE; /* the channel has found an error */
	if (!tape_write(drv->tape, drv->block, (uint32_t)length, &err))
		return host_trouble(dev, &err, SENSE0_EQUIPMENT);
	return written(drv);
}

/* ---- commands that only move the tape */

static int write_mark(struct device *dev)
{
	struct tape_drive *drv = dev->state;
	struct error err = { 0 };

	if (tape_read_only(drv->tape))
		return file_protected(dev);
	if (!tape_write_mark(drv->tape, &err))
		return host_trouble(dev, &err, SENSE0_EQUIPMENT);
	return written(drv);
}

static int erase(struct device *dev, bool all)
{
	struct tape_drive *drv = dev->state;
	struct error err = { 0 };

	if (tape_read_only(drv->tape))
		return file_protected(dev);
	/* A gap is nothing in an image: the next write goes here anyway. */
	if (all && !tape_erase(drv->tape, &err))
		return host_trouble(dev, &err, SENSE0_EQUIPMENT);
	return written(drv);
}

static int space(struct device *dev, uint8_t command)
{
	struct tape_drive *drv = dev->state;
	struct error err = { 0 };
	uint32_t length;
	int normal = US_CE | US_DE, exception = normal | US_UX;

	switch (command) {
	case CMD_BACKSPACE_BLOCK:
		return moved(dev, tape_backspace(drv->tape, &err), exception, &err);
	case CMD_SPACE_BLOCK:
		return moved(dev, tape_read(drv->tape, NULL, 0, &length, &err), exception,
			     &err);
	case CMD_BACKSPACE_FILE:
		return moved(dev, tape_back_file(drv->tape, &err), normal, &err);
	default: return moved(dev, tape_forward_file(drv->tape, &err), normal, &err);
	}
}

/* Channel end now, device end when the tape is at its load point: at once. */
static int rewind_tape(struct device *dev)
{
	struct tape_drive *drv = dev->state;

	tape_rewind(drv->tape);
	device_attention(dev, US_DE);
	return US_CE;
}

static void unmount(struct device *dev)
{
	struct tape_drive *drv = dev->state;
	struct error err = { 0 };

	if (drv->tape && !tape_close(drv->tape, &err))
		host_trouble(dev, &err, SENSE0_EQUIPMENT);
	drv->tape = NULL;
	free(drv->name);
	drv->name = NULL;
	free(drv->block);
	drv->block = NULL;
	drv->wrote = false;
}

static int motion(struct device *dev, struct ccw_io *io)
{
	struct tape_drive *drv = dev->state;

	drv->wrote = false;
	switch (io->command) {
	case CMD_READ: return read_block(dev, io);
	case CMD_READ_BACKWARD: return read_backward(dev, io);
	case CMD_WRITE: return write_block(dev, io);
	case CMD_WRITE_MARK: return write_mark(dev);
	case CMD_ERASE_GAP: return erase(dev, false);
	case CMD_SECURITY_ERASE: return erase(dev, true);
	case CMD_REWIND: return rewind_tape(dev);
	case CMD_REWIND_UNLOAD: unmount(dev); return US_CE | US_DE;
	default: return space(dev, io->command);
	}
}

/* ---- all commands */

static int sense(struct device *dev, struct ccw_io *io)
{
	const struct tape_drive *drv = dev->state;

	if (drv->tape) {
		dev->sense[1] |= S1_STATUS_A;
		dev->sense[1] |= tape_at_load_point(drv->tape) ? S1_LOAD_POINT : 0;
		dev->sense[1] |= tape_read_only(drv->tape) ? S1_FILE_PROTECTED : 0;
		dev->sense[1] |= drv->wrote ? S1_WRITE_STATUS : 0;
		if (!drv->is_2400 && past_marker(drv))
			dev->sense[4] |= S4_TAPE_INDICATE;
	} else {
		dev->sense[1] |= S1_STATUS_B;
	}
	ccw_put(io, dev->sense, drv->sense_bytes);
	memset(dev->sense, 0, sizeof(dev->sense));
	return US_CE | US_DE;
}

/*
 * Mode set: density, and on seven-track drives parity and translation. Nothing
 * to do for an image. A 3420 knows those of nine tracks and takes the seven-track
 * ones of its feature; a 2400 takes whatever is coded like one.
 */
static bool is_mode_set(const struct tape_drive *drv, uint8_t command)
{
	static const uint8_t known[] = { 0xC3, 0xCB, 0xD3, 0x13, 0x23, 0x33, 0x3B, 0x53,
					 0x63, 0x6B, 0x7B, 0x93, 0xA3, 0xAB, 0xB3, 0xBB };

	if (drv->is_2400)
		return (command & 0x07) == 0x03;
	return memchr(known, command, sizeof(known)) != NULL;
}

static bool is_motion(uint8_t command)
{
	switch (command) {
	case CMD_READ:
	case CMD_READ_BACKWARD:
	case CMD_WRITE:
	case CMD_WRITE_MARK:
	case CMD_ERASE_GAP:
	case CMD_SECURITY_ERASE:
	case CMD_REWIND:
	case CMD_REWIND_UNLOAD:
	case CMD_BACKSPACE_BLOCK:
	case CMD_BACKSPACE_FILE:
	case CMD_SPACE_BLOCK:
	case CMD_SPACE_FILE: return true;
	default: return false;
	}
}

static int tape_command(struct device *dev, struct ccw_io *io)
{
	const struct tape_drive *drv = dev->state;
	uint8_t byte;

	if (is_motion(io->command))
		return drv->tape ? motion(dev, io) : check(dev, SENSE0_INTERVENTION, 0);
	switch (io->command) {
	case CMD_NOP: return US_CE | US_DE;
	case CMD_SENSE: return sense(dev, io);
	case CMD_TRACK_IN_ERROR: ccw_get(io, &byte, 1); return US_CE | US_DE;
	case CMD_DIAGNOSTIC_SET:
	case CMD_SET_DIAGNOSE:
	case CMD_LOOP_WRITE_READ: return US_CE | US_DE;
	default:
		return is_mode_set(drv, io->command)
			       ? US_CE | US_DE
			       : check(dev, SENSE0_COMMAND_REJECT, 0);
	}
}

/* ---- mounting */

struct words {
	const char *file;
	bool read_only;
	uint64_t size, margin; /* of the reel, bytes; size 0: endless */
};

/* NAME=n, in units of so many bytes. false: the word is something else. */
static bool take_size(const char *word, const char *name, uint64_t unit, uint64_t *size,
		      struct error *err)
{
	size_t n = strlen(name);
	char *end;

	if (strncasecmp(word, name, n) != 0)
		return false;
	*size = strtoull(word + n, &end, 10);
	if (!isdigit((unsigned char)word[n]) || *end || *size > INT64_MAX / unit)
		error_set(err, 0, "%s: not a number of bytes", word);
	else
		*size *= unit;
	return true;
}

/* The size of the reel, in the words of a Hercules configuration. */
static bool take_reel(struct words *w, const char *word, struct error *err)
{
	return take_size(word, "maxsize=", 1, &w->size, err) ||
	       take_size(word, "maxsizek=", 1 << 10, &w->size, err) ||
	       take_size(word, "maxsizem=", 1 << 20, &w->size, err) ||
	       take_size(word, "eotmargin=", 1, &w->margin, err);
}

static bool take_word(struct words *w, const char *word, struct error *err)
{
	struct error bad = { 0 };

	if (take_reel(w, word, &bad)) {
		if (bad.text[0] && err)
			*err = bad;
		return !bad.text[0];
	}
	if (strcasecmp(word, "ro") == 0 || strcasecmp(word, "noring") == 0 ||
	    strcasecmp(word, "readonly=1") == 0)
		w->read_only = true;
	else if (strcasecmp(word, "rw") == 0 || strcasecmp(word, "ring") == 0)
		w->read_only = false;
	else if (!w->file)
		w->file = word;
	else if (!strchr(word, '=') && strcasecmp(word, "awstape") != 0 &&
		 strcasecmp(word, "het") != 0) {
		error_set(err, 0, "word '%s' is not known", word);
		return false;
	}
	return true;
}

/* A tape that does not exist is made, unless it is only to be read. */
static struct tape *open_tape(const struct words *w, struct error *err)
{
	struct tape_options options = { .read_only = w->read_only, .level = -1 };
	size_t n = strlen(w->file);

	if (access(w->file, F_OK) != 0 && !w->read_only) {
		options.create = true;
		options.compression = COMPRESS_ZLIB;
		options.format = TAPE_AWS;
		if (n > 4 && strcasecmp(w->file + n - 4, ".het") == 0)
			options.format = TAPE_HET;
		if (n > 4 && strcasecmp(w->file + n - 4, ".tap") == 0)
			options.format = TAPE_SIMH;
	} else if (access(w->file, W_OK) != 0) {
		options.read_only = true; /* no ring: the host does not let us write */
	}
	return tape_open(w->file, &options, err);
}

static bool mount(struct device *dev, const struct machine_request *req,
		  struct error *err)
{
	struct tape_drive *drv = dev->state;
	struct words w = { .margin = MARGIN_USUAL };
	struct tape *tape;

	for (int i = 0; i < req->argc; i++)
		if (!take_word(&w, req->argv[i], err))
			return false;
	if (!w.file || strcmp(w.file, "*") == 0) {
		unmount(dev);
		return true;
	}
	unmount(dev); /* first: the new tape may be the same file */
	tape = open_tape(&w, err);
	if (!tape)
		return false;
	drv->tape = tape;
	/* A margin as long as the reel: the marker is at the load point, or behind it. */
	drv->marker = w.size > w.margin ? w.size - w.margin : w.size ? 1 : 0;
	drv->name = strdup(w.file);
	drv->block = malloc(BLOCK_MAX);
	if (drv->block && drv->name)
		return true;
	error_set(err, 0, "%s: no memory for the tape", w.file);
	unmount(dev);
	return false;
}

static bool tape_attach(struct device *dev, const struct machine_request *req,
			struct error *err)
{
	struct tape_drive *drv = dev->state;

	drv->is_2400 = dev->type[0] == '2';
	drv->sense_bytes = drv->is_2400 ? 6 : strncmp(dev->type, "341", 3) == 0 ? 9 : 24;
	return mount(dev, req, err);
}

static bool tape_request(struct device *dev, const struct machine_request *req,
			 struct error *err)
{
	const struct tape_drive *drv = dev->state;

	if (req->kind != MACHINE_MOUNT) {
		error_set(err, 0, "not for a tape drive");
		return false;
	}
	if (!mount(dev, req, err))
		return false;
	if (drv->tape)
		device_attention(dev, US_DE); /* not ready to ready */
	return true;
}

static void tape_describe(struct device *dev, char *text, size_t size)
{
	const struct tape_drive *drv = dev->state;

	if (drv->tape)
		snprintf(text, size, "%s%s, block %llu", drv->name,
			 tape_read_only(drv->tape) ? ", no ring" : "",
			 (unsigned long long)tape_position(drv->tape));
	else
		snprintf(text, size, "no tape");
}

static const char *const aliases[] = { "3410", "3411", "2400", "2401",
				       "2415", "2420", NULL };

const struct device_class tape_class = {
	.type = "3420",
	.aliases = aliases,
	.kind = DEVICE_TAPE,
	.state_size = sizeof(struct tape_drive),
	.sense_bytes = 24,
	.attach = tape_attach,
	.detach = unmount,
	.command = tape_command,
	.request = tape_request,
	.describe = tape_describe,
};
