/*
 * Uncompressed fixed-block images: block n at byte 512 n, no header.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dasd/layer.h"

struct fba_layer {
	struct layer layer;
	int fd;
};

static struct fba_layer *fba_of(struct layer *l)
{
	return CONTAINER_OF(l, struct fba_layer, layer);
}

/* Bytes of the group that are on the volume: the last one may be short. */
static uint32_t group_size(const struct layer *l, uint32_t group)
{
	uint32_t left = l->blocks - group * FBA_GROUP_BLOCKS;

	return (left < FBA_GROUP_BLOCKS ? left : FBA_GROUP_BLOCKS) * FBA_BLOCK_SIZE;
}

static enum layer_result fba_read(struct layer *l, uint32_t group, uint8_t *data,
				  uint32_t *length, bool *damaged, struct error *err)
{
	uint32_t n = group_size(l, group);

	*damaged = false;
	*length = l->unit_size;
	memset(data + n, 0, l->unit_size - n);
	return file_read_all(fba_of(l)->fd, l->path, (off_t)group * FBA_GROUP_SIZE, data, n,
			     err)
		       ? LAYER_READ
		       : LAYER_FAILED;
}

static bool fba_write(struct layer *l, uint32_t group, const uint8_t *data, uint32_t length,
		      const struct change *ch, struct error *err)
{
	(void)length;
	return file_write(fba_of(l)->fd, l->path, (off_t)group * FBA_GROUP_SIZE + ch->from,
			  data + ch->from, ch->to - ch->from, err);
}

static bool fba_replace(struct layer *l, uint32_t group, const uint8_t *data, uint32_t length,
			struct error *err)
{
	const struct change all = { .to = group_size(l, group) };

	return fba_write(l, group, data, length, &all, err);
}

static bool fba_flush(struct layer *l, struct error *err)
{
	return file_sync(fba_of(l)->fd, l->path, err);
}

static bool fba_close(struct layer *l, bool clean, struct error *err)
{
	bool ok = l->read_only || fba_flush(l, err);

	(void)clean;
	file_close(fba_of(l)->fd);
	layer_free(l);
	return ok;
}

static const struct layer_ops fba_ops = {
	.read = fba_read,
	.write = fba_write,
	.replace = fba_replace,
	.flush = fba_flush,
	.close = fba_close,
};

struct layer *fba_layer_open(int fd, const char *path, bool read_only, struct error *err)
{
	struct fba_layer *f = calloc(1, sizeof(*f));
	struct stat st;

	if (!f || !(f->layer.path = strdup(path)) || fstat(fd, &st) < 0) {
		error_errno(err, errno, "%s", path);
		goto fail;
	}
	if (st.st_size == 0 || st.st_size % FBA_BLOCK_SIZE != 0 ||
	    st.st_size / FBA_BLOCK_SIZE > UINT32_MAX - FBA_GROUP_BLOCKS) {
		error_set(err, EINVAL,
			  "%s: not a disk image: no known header, and %lld bytes are not "
			  "blocks of 512",
			  path, (long long)st.st_size);
		goto fail;
	}
	f->fd = fd;
	f->layer.ops = &fba_ops;
	f->layer.read_only = read_only;
	f->layer.format = VOLUME_FBA;
	f->layer.fixed_block = true;
	f->layer.blocks = (uint32_t)(st.st_size / FBA_BLOCK_SIZE);
	f->layer.units = (f->layer.blocks + FBA_GROUP_BLOCKS - 1) / FBA_GROUP_BLOCKS;
	f->layer.unit_size = FBA_GROUP_SIZE;
	for (const struct fba_geometry *g = fba_geometries; g->name; g++)
		if (g->blocks == f->layer.blocks)
			f->layer.fba = g;
	return &f->layer;
fail:
	file_close(fd);
	if (f)
		layer_free(&f->layer);
	return NULL;
}

bool fba_image_create(int fd, const char *path, const struct volume_new *what,
		      struct error *err)
{
	if (ftruncate(fd, (off_t)what->blocks * FBA_BLOCK_SIZE) == 0)
		return true;
	error_errno(err, errno, "%s: cannot give it its size", path);
	return false;
}
