/*
 * Any bytes as a disk image: open, read, look for files, write, check and
 * repair. Whatever the file says, a unit that can be read is a sound one, and
 * what was written comes back after the image was closed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dasd/cmsread.h"
#include "dasd/maintain.h"
#include "dasd/vtoc.h"
#include "dasd/volume.h"

#define UNITS_MAX 96 /* of a volume, looked at in one execution */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static char path[64];

static void save(const uint8_t *bytes, size_t n)
{
	int fd;

	if (!path[0])
		snprintf(path, sizeof(path), "/dev/shm/fuzz_dasd_image.%d", (int)getpid());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		abort();
	close(fd);
}

static bool any_file(void *context, const struct cms_file *f)
{
	*(struct cms_file *)context = *f;
	return f->name[0] != 'Q';
}

static bool any_record(void *context, const uint8_t *record, uint32_t n)
{
	unsigned *count = context;

	(void)record;
	(void)n;
	return ++*count < 1000;
}

static bool any_dataset(void *context, const struct dataset *ds)
{
	*(struct dataset *)context = *ds;
	return ds->name[0] != 'Q';
}

static bool any_member(void *context, const struct member *m)
{
	*(struct member *)context = *m;
	return true;
}

static bool any_block(void *context, const uint8_t *key, uint32_t key_length,
		      const uint8_t *data, uint32_t n)
{
	(void)key;
	(void)key_length;
	return any_record(context, data, n);
}

static void look_for_files(struct volume *vol)
{
	struct cms_disk disk;
	struct cms_file file = { .name = "" };
	struct dataset ds = { .name = "" };
	struct member m = { .name = "" };
	struct error err;
	unsigned count = 0;
	bool found;

	if (cms_open(vol, 0, &disk, &found, &err) && found &&
	    cms_list(&disk, any_file, &file, &err) && file.name[0] &&
	    !cms_read(&disk, &file, any_record, &count, &err))
		count = 0;
	if (vtoc_list(vol, any_dataset, &ds, &err) && ds.name[0] &&
	    pds_list(vol, &ds, any_member, &m, &err) &&
	    !dataset_read(vol, &ds, m.track, m.record, any_block, &count, &err))
		count = 0;
}

static void look_at_units(struct volume *vol)
{
	const struct volume_info *info = volume_info(vol);

	for (uint32_t i = 0; i < info->units && i < UNITS_MAX; i++) {
		struct track *t = volume_pin(vol, i, NULL);
		uint32_t good;

		if (!t)
			continue;
		if (t->length > info->unit_size ||
		    (!info->fixed_block && track_check(t->data, t->length, &good) != t->length))
			abort();
		volume_unpin(t);
	}
}

/* Change a few units; returns how many were changed, and the last one's data. */
static uint32_t change(struct volume *vol, uint8_t seed, uint8_t *data, uint32_t *length)
{
	const struct volume_info *info = volume_info(vol);
	uint32_t last = UINT32_MAX;
	uint8_t record[8 + 600];

	for (uint32_t i = seed % 3; i < info->units && i < UNITS_MAX; i += 7) {
		struct track *t = volume_pin(vol, i, NULL);
		bool ok;

		if (!t)
			continue;
		track_lock(t, TRACK_WRITE);
		memset(record, seed, sizeof(record));
		count_set(record, 1, 2, 3, 0, 600);
		if (info->fixed_block)
			ok = volume_update(vol, t, 512, record, 512, NULL);
		else if (seed & 1 && t->length > TRACK_EMPTY_SIZE)
			ok = volume_update(vol, t, TRACK_R0 + TRACK_COUNT_SIZE, record, 8, NULL);
		else
			ok = volume_format(vol, t, t->length - TRACK_END_SIZE, record,
					   sizeof(record), NULL);
		if (ok) {
			last = i;
			*length = t->length;
			memcpy(data, t->data, t->length);
		}
		track_unlock(t);
		volume_unpin(t);
	}
	return last;
}

static void say(void *context, const char *sentence)
{
	(void)context;
	if (!sentence[0])
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct volume_options small = { .read_only = true, .cache_bytes = 1 };
	struct check_result r;
	static uint8_t data[65536];
	struct volume *vol;
	struct error err;
	uint32_t last, length = 0;

	if (n == 0)
		return 0;
	save(bytes, n);
	vol = volume_open(path, &small, &err);
	if (vol) {
		look_at_units(vol);
		look_for_files(vol);
		volume_close(vol, NULL);
	}
	vol = volume_open(path, NULL, &err);
	if (vol) {
		last = change(vol, bytes[n - 1], data, &length);
		if (volume_close(vol, &err) && last != UINT32_MAX) {
			struct track *t;

			vol = volume_open(path, &small, &err);
			t = vol ? volume_pin(vol, last, &err) : NULL;
			if (!t || t->length != length || memcmp(t->data, data, length) != 0)
				abort();
			volume_unpin(t);
			volume_close(vol, NULL);
		}
	}
	save(bytes, n);
	if (image_check(path, true, say, NULL, NULL, &r, &err) &&
	    (!image_check(path, false, say, NULL, NULL, &r, &err) || r.problems))
		abort(); /* repaired, but not well */
	return 0;
}
