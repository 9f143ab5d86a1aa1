/* Making new images. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "dasd/label.h"
#include "dasd/layer.h"

static bool fixed_block(enum volume_format format)
{
	return format == VOLUME_FBA || format == VOLUME_CFBA || format == VOLUME_CFBA64;
}

static bool sensible(const char *path, const struct volume_new *what, struct error *err)
{
	const char *complaint = NULL;

	if (fixed_block(what->format)) {
		if (what->blocks < 2 || what->blocks > UINT32_MAX - FBA_GROUP_BLOCKS)
			complaint = "a fixed-block volume needs 2 blocks at least";
	} else if (!what->geometry) {
		complaint = "a CKD volume needs a device type";
	} else if (what->cylinders < 1 || what->cylinders > UINT16_MAX) {
		complaint = "a volume has 1 to 65535 cylinders";
	}
	if (what->null_format >= NULL_FORMATS)
		complaint = "there is no such null format";
	if (what->null_format == 2 && what->geometry && what->geometry->slot < 49280)
		complaint = "null format 2 needs longer tracks";
	if (what->volser && !volser_valid(what->volser))
		complaint = "a volume serial number is 1 to 6 letters and digits";
	if (complaint)
		error_set(err, EINVAL, "%s: %s", path, complaint);
	return !complaint;
}

static bool make_image(int fd, const char *path, const struct volume_new *what,
		       struct error *err)
{
	switch (what->format) {
	case VOLUME_CKD: return ckd_image_create(fd, path, what, err);
	case VOLUME_FBA: return fba_image_create(fd, path, what, err);
	default: return cckd_image_create(fd, path, what, err);
	}
}

static bool write_label(const char *path, const struct volume_new *what, struct error *err)
{
	struct volume *vol;
	uint8_t buffer[UNIT_SIZE_MAX];
	bool ok;

	if (!what->volser)
		return true;
	vol = volume_open(path, NULL, err);
	if (!vol)
		return false;
	if (fixed_block(what->format)) {
		label_make_block(buffer, what->volser);
		ok = volume_write_blocks(vol, 1, 1, buffer, err);
	} else {
		uint32_t n = label_make_track(buffer, what->geometry->slot, what->volser);

		ok = volume_write_track(vol, 0, buffer, n, err);
	}
	return volume_close(vol, ok ? err : NULL) && ok;
}

bool volume_create(const char *path, const struct volume_new *what, struct error *err)
{
	bool ok;
	int fd;

	if (!sensible(path, what, err))
		return false;
	if (what->replace && unlink(path) < 0 && errno != ENOENT) {
		error_errno(err, errno, "%s", path);
		return false;
	}
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0) {
		error_errno(err, errno, "%s", path);
		return false;
	}
	ok = make_image(fd, path, what, err);
	close(fd);
	ok = ok && write_label(path, what, err);
	if (!ok)
		unlink(path);
	return ok;
}
