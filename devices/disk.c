/*
 * devices/disk.c - attaching disks, and who may use one that machines share.
 *
 * A reserved drive answers the others with device busy, and with device end when it
 * is free again: GA26-1592 (3830), "Device Reserve" and "Device Release".
 *
 * DIFFERS: a channel program of another machine that is under way when RESERVE comes
 * goes on; a real drive would have let RESERVE wait.
 */
#include "devices/disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/compiler.h"
#include "base/log.h"
#include "devices/machine.h"

#define RESERVE_UNCONDITIONAL 0x14
#define RELEASE		      0x94

/* ---- the words of a device line */

struct words {
	const char *file, *shadow, *size_word;
	bool read_only, shared;
	unsigned long offset, size; /* size 0: to the end */
};

static bool number(const char *word, const char *name, unsigned long *value)
{
	size_t n = strlen(name);
	char *end;

	if (strncasecmp(word, name, n) != 0 || !word[n])
		return false;
	*value = strtoul(word + n, &end, 10);
	return *end == '\0' && *value <= UINT32_MAX;
}

/* Words of Hercules that nothing depends on here. */
static bool not_needed(const char *word)
{
	static const char *const words[] = { "rw",	     "syncio",	    "nosyncio",
					     "lazywrite",    "nolazywrite", "fulltrackio",
					     "nofulltrackio" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcasecmp(word, words[i]) == 0)
			return true;
	return strncasecmp(word, "cu=", 3) == 0;
}

static bool take_word(struct words *w, const char *word, struct error *err)
{
	if (strcasecmp(word, "ro") == 0 || strcasecmp(word, "rdonly") == 0 ||
	    strcasecmp(word, "readonly") == 0)
		w->read_only = true;
	else if (strcasecmp(word, "shared") == 0)
		w->shared = true;
	else if (strncasecmp(word, "sf=", 3) == 0)
		w->shadow = word + 3;
	else if (number(word, "offset=", &w->offset) ||
		 number(word, w->size_word, &w->size) || not_needed(word))
		return true;
	else if (!w->file)
		w->file = word;
	else {
		error_set(err, 0, "word '%s' is not known", word);
		return false;
	}
	return true;
}

/* ---- the volume */

static bool open_volume(struct disk *disk, const struct words *w,
			const struct machine_request *req, struct error *err)
{
	const struct volume_options options = {
		.read_only = w->read_only,
		.shadow = w->shadow,
	};

	disk->vol = req->volume;
	if (disk->vol)
		return true;
	if (!w->file) {
		error_set(err, 0, "no image file named");
		return false;
	}
	disk->vol = volume_open(w->file, &options, err);
	disk->own = disk->vol != NULL;
	return disk->own;
}

bool disk_open(struct device *dev, struct disk *disk, const struct machine_request *req,
	       const char *size_word, struct error *err)
{
	struct words w = { .size_word = size_word };

	(void)dev;
	for (int i = 0; i < req->argc; i++)
		if (!take_word(&w, req->argv[i], err))
			return false;
	if (!open_volume(disk, &w, req, err))
		return false;
	disk->read_only = w.read_only || volume_info(disk->vol)->read_only;
	disk->shared = w.shared;
	disk->offset = (uint32_t)w.offset;
	disk->size = (uint32_t)w.size;
	return true;
}

/* On another machine's thread: the drive is free again. */
static void released(struct volume_user *user)
{
	const struct device *dev = user->arg;
	const struct machine_request req = {
		.kind = MACHINE_WAKE_DEVICE,
		.address = dev->address,
	};

	if (dev->machine)
		machine_post(dev->machine, &req);
}

bool disk_fits(struct device *dev, struct disk *disk, uint32_t total, const char *unit,
	       struct error *err)
{
	if (disk->offset >= total || disk->size > total - disk->offset) {
		error_set(err, 0, "%s has %u %s, not %u to %u",
			  volume_info(disk->vol)->path, total, unit, disk->offset,
			  disk->offset + disk->size - 1);
		return false;
	}
	if (!disk->size)
		disk->size = total - disk->offset;
	disk->user = (struct volume_user){
		.first = disk->offset,
		.count = disk->size,
		.released = released,
		.arg = dev,
	};
	volume_user_add(disk->vol, &disk->user);
	return true;
}

void disk_trouble(struct device *dev, const struct error *err)
{
	machine_trouble(dev->machine, dev->address, err->text);
}

void disk_close(struct device *dev, struct disk *disk)
{
	struct error err = { 0 };

	if (disk->user.arg)
		volume_user_remove(disk->vol, &disk->user);
	if (disk->own && !volume_close(disk->vol, &err))
		disk_trouble(dev, &err);
	disk->user.arg = NULL;
	disk->vol = NULL;
	disk->own = false;
}

/* ---- RESERVE and RELEASE */

int disk_admit(struct disk *disk)
{
	return volume_user_admitted(disk->vol, &disk->user) ? 0 : US_BUSY;
}

int disk_reserve(struct disk *disk, uint8_t command)
{
	if (!disk->shared)
		return 0;
	if (command == RELEASE)
		volume_release(disk->vol, &disk->user);
	else if (!volume_reserve(disk->vol, &disk->user,
				 command == RESERVE_UNCONDITIONAL))
		return US_BUSY;
	return 0;
}

void disk_reset(struct disk *disk)
{
	if (disk->user.arg)
		volume_release(disk->vol, &disk->user);
}

bool disk_request(struct device *dev, const struct machine_request *req,
		  struct error *err)
{
	if (req->kind != MACHINE_WAKE_DEVICE) {
		error_set(err, 0, "not for a disk");
		return false;
	}
	device_attention(dev, US_DE);
	return true;
}
