/*
 * Uncompressed CKD images: a header and track slots of equal size. A volume may
 * be split into files of whole cylinders named x_1.ext, x_2.ext, ...
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dasd/layer.h"

#define FILES_MAX 35 /* suffixes 1 to 9 and A to Z */

struct ckd_file {
	int fd;
	char *path;
	uint32_t first; /* its first track */
	uint32_t tracks;
};

struct ckd_layer {
	struct layer layer;
	char id[8]; /* CKD_P370 or CKD_P064, which are alike */
	unsigned files;
	struct ckd_file file[FILES_MAX];
};

/* The file that holds the track, and where in it the track's slot is. */
static const struct ckd_file *ckd_locate(const struct layer *l, uint32_t track, off_t *at)
{
	const struct ckd_layer *c = CONTAINER_OF(l, struct ckd_layer, layer);
	const struct ckd_file *f = c->file;

	while (track >= f->first + f->tracks)
		f++;
	*at = IMAGE_HEADER_SIZE + (off_t)(track - f->first) * l->unit_size;
	return f;
}

static enum layer_result ckd_read(struct layer *l, uint32_t track, uint8_t *data,
				  uint32_t *length, bool *damaged, struct error *err)
{
	off_t at;
	const struct ckd_file *f = ckd_locate(l, track, &at);
	size_t got;

	if (!file_read(f->fd, f->path, at, data, l->unit_size, &got, err))
		return LAYER_FAILED;
	*length = track_make_sound(data, (uint32_t)got, l->unit_size, track / l->heads,
				   track % l->heads, damaged);
	return LAYER_READ;
}

static bool ckd_write(struct layer *l, uint32_t track, const uint8_t *data, uint32_t length,
		      const struct change *ch, struct error *err)
{
	off_t at;
	const struct ckd_file *f = ckd_locate(l, track, &at);

	return file_write(f->fd, f->path, at + ch->from, data + ch->from, ch->to - ch->from,
			  err) &&
	       (ch->format_from == NO_FORMAT ||
		file_format(f->fd, f->path, at, data, length, ch->format_from, ch->at_end,
			    err));
}

/* Home address and R0 first, then the rest as one long record. */
static bool ckd_replace(struct layer *l, uint32_t track, const uint8_t *data, uint32_t length,
			struct error *err)
{
	off_t at;
	const struct ckd_file *f = ckd_locate(l, track, &at);
	uint8_t head[TRACK_EMPTY_SIZE];

	memcpy(head, data, TRACK_R1);
	memset(head + TRACK_R1, 0xFF, TRACK_END_SIZE);
	return file_write(f->fd, f->path, at, head, sizeof(head), err) &&
	       file_format(f->fd, f->path, at, data, length, TRACK_R1, true, err);
}

static bool ckd_mend(struct layer *l, uint32_t track, const uint8_t *data, uint32_t length,
		     struct error *err)
{
	off_t at;
	const struct ckd_file *f = ckd_locate(l, track, &at);

	return file_write(f->fd, f->path, at, data, TRACK_R1, err) &&
	       file_format(f->fd, f->path, at, data, length, length - TRACK_END_SIZE, false,
			   err);
}

static bool ckd_flush(struct layer *l, struct error *err)
{
	struct ckd_layer *c = CONTAINER_OF(l, struct ckd_layer, layer);
	bool ok = true;

	for (unsigned i = 0; i < c->files; i++)
		ok &= file_sync(c->file[i].fd, c->file[i].path, ok ? err : NULL);
	return ok;
}

static bool ckd_close(struct layer *l, bool clean, struct error *err)
{
	struct ckd_layer *c = CONTAINER_OF(l, struct ckd_layer, layer);
	bool ok = l->read_only || ckd_flush(l, err);

	(void)clean;
	for (unsigned i = 0; i < c->files; i++) {
		file_close(c->file[i].fd);
		free(c->file[i].path);
	}
	layer_free(l);
	return ok;
}

static const struct layer_ops ckd_ops = {
	.read = ckd_read,
	.write = ckd_write,
	.replace = ckd_replace,
	.mend = ckd_mend,
	.flush = ckd_flush,
	.close = ckd_close,
};

/*
 * Name of file number n of a split volume: the character before the first "."
 * behind the last "/", or the last character, is replaced. NULL: no memory.
 */
static char *split_name(const char *path, unsigned n)
{
	char *name = strdup(path);
	char *slash, *dot;

	if (!name)
		return NULL;
	slash = strrchr(name, '/');
	dot = strchr(slash ? slash : name, '.');
	if (!dot)
		dot = name + strlen(name);
	if (dot > name)
		dot[-1] = (char)(n < 10 ? '0' + n : 'A' + n - 10);
	return name;
}

/* Check one file's header against the first file's and add its tracks. */
static bool ckd_add_file(struct ckd_layer *c, int fd, char *path,
			 const uint8_t header[IMAGE_HEADER_SIZE], struct error *err)
{
	struct layer *l = &c->layer;
	struct ckd_file *f = &c->file[c->files];
	off_t cylinder = (off_t)l->unit_size * l->heads;
	struct stat st;
	off_t body, cylinders;

	f->fd = fd;
	f->path = path;
	f->first = l->units;
	c->files++;
	if (fstat(fd, &st) < 0) {
		error_errno(err, errno, "%s", path);
		return false;
	}
	body = st.st_size - IMAGE_HEADER_SIZE;
	cylinders = (body + cylinder - 1) / cylinder;
	if (memcmp(header, c->id, 8) != 0 || le32(header + 8) != l->heads ||
	    le32(header + 12) != l->unit_size) {
		error_set(err, EINVAL, "%s: not a part of the volume of %s", path, l->path);
		return false;
	}
	if (body <= 0 || cylinders + l->cylinders > UINT16_MAX) {
		error_set(err, EINVAL, "%s: %lld bytes are not a whole number of cylinders",
			  path, (long long)st.st_size);
		return false;
	}
	f->tracks = (uint32_t)cylinders * l->heads;
	l->cylinders += (uint32_t)cylinders;
	l->units += f->tracks;
	return true;
}

/* Open the files behind the first one of a split volume. */
static bool ckd_add_others(struct ckd_layer *c, unsigned sequence, uint16_t high,
			   struct error *err)
{
	while (sequence != 0 && high != 0) {
		uint8_t header[IMAGE_HEADER_SIZE];
		char *path = split_name(c->layer.path, ++sequence);
		int fd = -1;

		if (path && c->files < FILES_MAX)
			fd = open(path, (c->layer.read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
		if (fd < 0) {
			error_errno(err, path ? errno : ENOMEM, "%s",
				    path ? path : c->layer.path);
			free(path);
			return false;
		}
		if (!file_read_all(fd, path, 0, header, sizeof(header), err)) {
			file_close(fd);
			free(path);
			return false;
		}
		if (!ckd_add_file(c, fd, path, header, err) ||
		    !file_lock(fd, path, !c->layer.read_only, err))
			return false;
		high = le16(header + 18);
	}
	return true;
}

struct layer *ckd_layer_open(int fd, const char *path, bool read_only, struct error *err)
{
	uint8_t header[IMAGE_HEADER_SIZE];
	struct ckd_layer *c = calloc(1, sizeof(*c));
	char *name = strdup(path);
	struct layer *l;

	if (!c || !name || !file_read_all(fd, path, 0, header, sizeof(header), err)) {
		free(c);
		free(name);
		file_close(fd);
		return NULL;
	}
	memcpy(c->id, header, sizeof(c->id));
	l = &c->layer;
	l->ops = &ckd_ops;
	l->path = strdup(path);
	l->read_only = read_only;
	l->format = VOLUME_CKD;
	l->heads = le32(header + 8);
	l->unit_size = le32(header + 12);
	if (!l->path || l->heads == 0 || l->heads > 255 || l->unit_size < TRACK_EMPTY_SIZE ||
	    l->unit_size > UNIT_SIZE_MAX) {
		error_set(err, EINVAL, "%s: header says %u heads and %u bytes a track", path,
			  l->heads, l->unit_size);
		c->files = 1;
		c->file[0].fd = fd;
		c->file[0].path = name;
		goto fail;
	}
	if (!ckd_add_file(c, fd, name, header, err) ||
	    !ckd_add_others(c, header[17], le16(header + 18), err))
		goto fail;
	l->geometry = geometry_of_image(header[16], l->cylinders, l->heads);
	if (l->geometry)
		return l;
	error_set(err, EINVAL, "%s: no device type %02X with %u heads is known", path,
		  header[16], l->heads);
fail:
	l->read_only = true;
	ckd_close(l, false, NULL);
	return NULL;
}

bool ckd_image_create(int fd, const char *path, const struct volume_new *what,
		      struct error *err)
{
	const struct dasd_geometry *g = what->geometry;
	uint8_t header[IMAGE_HEADER_SIZE];
	uint8_t track[TRACK_EMPTY_SIZE + TRACK_COUNT_SIZE];
	uint32_t tracks = what->cylinders * g->heads;
	unsigned null = what->null_format == 0 ? 0 : 1;

	image_header_make(header, "CKD_P370", g->heads, g->slot, g->type & 0xFF);
	if (!file_write(fd, path, 0, header, sizeof(header), err))
		return false;
	for (uint32_t t = 0; t < tracks; t++) {
		uint32_t n = track_make_null(track, sizeof(track), null, t / g->heads,
					     t % g->heads);

		if (!file_write(fd, path, IMAGE_HEADER_SIZE + (off_t)t * g->slot, track, n, err))
			return false;
	}
	if (ftruncate(fd, IMAGE_HEADER_SIZE + (off_t)tracks * g->slot) == 0)
		return true;
	error_errno(err, errno, "%s: cannot give it its size", path);
	return false;
}
