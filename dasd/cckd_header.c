/* Headers and tables of compressed images, between bytes and numbers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dasd/cckd.h"

#define COMPRESSED_HEADER_SIZE 512

static const struct {
	const char *id;
	bool shadow, wide, fixed_block;
} cckd_ids[] = {
	{ "CKD_C370", false, false, false }, { "CKD_S370", true, false, false },
	{ "FBA_C370", false, false, true },  { "FBA_S370", true, false, true },
	{ "CKD_C064", false, true, false },  { "CKD_S064", true, true, false },
	{ "FBA_C064", false, true, true },   { "FBA_S064", true, true, true },
};

static uint16_t get16(const struct cckd *c, const uint8_t *p)
{
	return c->swapped ? be16(p) : le16(p);
}

static uint32_t get32(const struct cckd *c, const uint8_t *p)
{
	return c->swapped ? be32(p) : le32(p);
}

static uint64_t get64(const struct cckd *c, const uint8_t *p)
{
	return c->swapped ? be64(p) : le64(p);
}

/* An offset in a table: all ones in either width means the same. */
static uint64_t get_offset(const struct cckd *c, const uint8_t *p)
{
	uint32_t v;

	if (c->wide)
		return get64(c, p);
	v = get32(c, p);
	return v == UINT32_MAX ? CCKD_NO_WHERE : v;
}

static void put_offset(const struct cckd *c, uint8_t *p, uint64_t v)
{
	if (c->wide)
		put_le64(p, v);
	else
		put_le32(p, (uint32_t)v);
}

static void parse_narrow(struct cckd *c, const uint8_t *b)
{
	struct cckd_header *h = &c->header;

	h->size = get32(c, b + 12);
	h->used = get32(c, b + 16);
	h->free_offset = get32(c, b + 20);
	h->free_total = get32(c, b + 24);
	h->free_largest = get32(c, b + 28);
	h->free_number = get32(c, b + 32);
	h->free_slack = get32(c, b + 36);
	h->cylinders = get32(c, b + 40);
	h->null_format = b[44];
	h->method = b[45];
	h->level = (int16_t)get16(c, b + 46);
}

static void parse_wide(struct cckd *c, const uint8_t *b)
{
	struct cckd_header *h = &c->header;

	h->cylinders = get32(c, b + 12);
	h->size = get64(c, b + 16);
	h->used = get64(c, b + 24);
	h->free_offset = get64(c, b + 32);
	h->free_total = get64(c, b + 40);
	h->free_largest = get64(c, b + 48);
	h->free_number = get64(c, b + 56);
	h->free_slack = get64(c, b + 64);
	h->null_format = b[72];
	h->method = b[73];
	h->level = (int16_t)get16(c, b + 74);
}

static bool set_kind(struct cckd *c, const uint8_t *id, struct error *err)
{
	struct layer *l = &c->layer;

	for (size_t i = 0; i < ARRAY_SIZE(cckd_ids); i++) {
		if (memcmp(id, cckd_ids[i].id, 8) != 0)
			continue;
		c->shadow = cckd_ids[i].shadow;
		c->wide = cckd_ids[i].wide;
		l->fixed_block = cckd_ids[i].fixed_block;
		if (l->fixed_block)
			l->format = c->wide ? VOLUME_CFBA64 : VOLUME_CFBA;
		else
			l->format = c->wide ? VOLUME_CCKD64 : VOLUME_CCKD;
		return true;
	}
	error_set(err, EINVAL, "%s: not a compressed image", l->path);
	return false;
}

static bool set_geometry(struct cckd *c, const uint8_t *b, struct error *err)
{
	struct layer *l = &c->layer;

	if (l->fixed_block) {
		l->blocks = c->header.cylinders;
		l->units = (uint32_t)(((uint64_t)l->blocks + FBA_GROUP_BLOCKS - 1) /
				      FBA_GROUP_BLOCKS);
		l->unit_size = FBA_GROUP_SIZE;
		for (const struct fba_geometry *g = fba_geometries; g->name; g++)
			if (g->blocks == l->blocks)
				l->fba = g;
		return true;
	}
	l->heads = le32(b + 8);
	l->unit_size = le32(b + 12);
	l->cylinders = c->header.cylinders;
	if (l->heads == 0 || l->heads > 255 || l->unit_size < TRACK_EMPTY_SIZE ||
	    l->unit_size > UINT16_MAX || l->cylinders > UINT16_MAX) {
		error_set(err, EINVAL,
			  "%s: header says %u cylinders, %u heads and %u bytes a track",
			  l->path, l->cylinders, l->heads, l->unit_size);
		return false;
	}
	l->units = l->cylinders * l->heads;
	l->geometry = geometry_of_image(b[16], l->cylinders, l->heads);
	if (l->geometry)
		return true;
	error_set(err, EINVAL, "%s: no device type %02X with %u heads is known", l->path, b[16],
		  l->heads);
	return false;
}

bool cckd_read_header(struct cckd *c, struct error *err)
{
	uint8_t device[IMAGE_HEADER_SIZE], b[COMPRESSED_HEADER_SIZE];
	struct cckd_header *h = &c->header;
	const char *path = c->layer.path;
	struct stat st;

	if (!file_read_all(c->fd, path, 0, device, sizeof(device), err) ||
	    !file_read_all(c->fd, path, CCKD_HEADER_AT, b, sizeof(b), err) ||
	    !set_kind(c, device, err))
		return false;
	memcpy(h->version, b, 3);
	h->options = b[3];
	c->swapped = h->options & CCKD_BIG_ENDIAN;
	h->l1_count = get32(c, b + 4);
	if (get32(c, b + 8) != L2_ENTRIES || fstat(c->fd, &st) < 0 ||
	    h->l1_count > (uint64_t)st.st_size / cckd_l1_entry(c)) {
		error_set(err, EINVAL, "%s: header says tables of %u and %u entries", path,
			  h->l1_count, get32(c, b + 8));
		return false;
	}
	(c->wide ? parse_wide : parse_narrow)(c, b);
	if (!set_geometry(c, device, err))
		return false;
	if (c->layer.units <= (uint64_t)h->l1_count * L2_ENTRIES &&
	    h->null_format < NULL_FORMATS && h->method <= COMPRESS_BZIP2) {
		c->layer.compression = (enum compression)h->method;
		return true;
	}
	error_set(err, EINVAL, "%s: header: %u level-1 entries, null format %u, compression %u",
		  path, h->l1_count, h->null_format, h->method);
	return false;
}

static void make_narrow(const struct cckd_header *h, uint8_t *b)
{
	put_le32(b + 12, (uint32_t)h->size);
	put_le32(b + 16, (uint32_t)h->used);
	put_le32(b + 20, (uint32_t)h->free_offset);
	put_le32(b + 24, (uint32_t)h->free_total);
	put_le32(b + 28, (uint32_t)h->free_largest);
	put_le32(b + 32, (uint32_t)h->free_number);
	put_le32(b + 36, (uint32_t)h->free_slack);
	put_le32(b + 40, h->cylinders);
	b[44] = h->null_format;
	b[45] = h->method;
	put_le16(b + 46, (uint16_t)h->level);
}

static void make_wide(const struct cckd_header *h, uint8_t *b)
{
	put_le32(b + 12, h->cylinders);
	put_le64(b + 16, h->size);
	put_le64(b + 24, h->used);
	put_le64(b + 32, h->free_offset);
	put_le64(b + 40, h->free_total);
	put_le64(b + 48, h->free_largest);
	put_le64(b + 56, h->free_number);
	put_le64(b + 64, h->free_slack);
	b[72] = h->null_format;
	b[73] = h->method;
	put_le16(b + 74, (uint16_t)h->level);
}

bool cckd_write_header(struct cckd *c, struct error *err)
{
	uint8_t b[COMPRESSED_HEADER_SIZE] = { 0 };

	memcpy(b, c->header.version, 3);
	b[3] = c->header.options;
	put_le32(b + 4, c->header.l1_count);
	put_le32(b + 8, L2_ENTRIES);
	(c->wide ? make_wide : make_narrow)(&c->header, b);
	return file_write(c->fd, c->layer.path, CCKD_HEADER_AT, b, sizeof(b), err);
}

bool cckd_set_options(struct cckd *c, uint8_t options, struct error *err)
{
	c->header.options = options;
	return file_write(c->fd, c->layer.path, CCKD_HEADER_AT + 3, &options, 1, err);
}

bool cckd_read_l1(struct cckd *c, struct error *err)
{
	size_t bytes = (size_t)c->header.l1_count * cckd_l1_entry(c);
	uint8_t *b = malloc(bytes + 1);
	bool ok = b && file_read_all(c->fd, c->layer.path, CCKD_L1_AT, b, bytes, err);

	for (uint32_t i = 0; ok && i < c->header.l1_count; i++)
		c->l1[i] = get_offset(c, b + (size_t)i * cckd_l1_entry(c));
	if (!b)
		error_errno(err, ENOMEM, "%s", c->layer.path);
	free(b);
	return ok;
}

bool cckd_write_l1_entry(struct cckd *c, uint32_t index, struct error *err)
{
	uint8_t b[8];

	put_offset(c, b, c->l1[index]);
	return file_write(c->fd, c->layer.path,
			  CCKD_L1_AT + (off_t)index * cckd_l1_entry(c), b, cckd_l1_entry(c),
			  err);
}

static void put_entry(const struct cckd *c, uint8_t *p, struct cckd_entry e)
{
	uint32_t width = cckd_l1_entry(c);

	memset(p, 0, cckd_l2_entry(c));
	put_offset(c, p, e.offset);
	put_le16(p + width, e.length);
	put_le16(p + width + 2, e.size);
}

bool cckd_read_l2(struct cckd *c, uint64_t at, struct cckd_entry *table, struct error *err)
{
	uint8_t b[L2_ENTRIES * 16];
	uint32_t width = cckd_l1_entry(c);

	if (at > INT64_MAX - sizeof(b) || at < cckd_first_free(c)) {
		error_set(err, EIO, "%s: level-2 table at impossible byte %llu", c->layer.path,
			  (unsigned long long)at);
		return false;
	}
	if (!file_read_all(c->fd, c->layer.path, (off_t)at, b, cckd_l2_size(c), err))
		return false;
	for (unsigned i = 0; i < L2_ENTRIES; i++) {
		const uint8_t *p = b + (size_t)i * cckd_l2_entry(c);

		table[i].offset = get_offset(c, p);
		table[i].length = get16(c, p + width);
		table[i].size = get16(c, p + width + 2);
	}
	return true;
}

bool cckd_write_l2(struct cckd *c, uint64_t at, const struct cckd_entry *table,
		   struct error *err)
{
	uint8_t b[L2_ENTRIES * 16];

	for (unsigned i = 0; i < L2_ENTRIES; i++)
		put_entry(c, b + (size_t)i * cckd_l2_entry(c), table[i]);
	if (!file_write(c->fd, c->layer.path, (off_t)at, b, cckd_l2_size(c), err))
		return false;
	if (c->file_size < at + cckd_l2_size(c))
		c->file_size = at + cckd_l2_size(c);
	return true;
}

bool cckd_write_l2_entry(struct cckd *c, uint32_t unit, struct error *err)
{
	uint8_t b[16];
	uint64_t at = c->l1[unit / L2_ENTRIES] + unit % L2_ENTRIES * cckd_l2_entry(c);

	put_entry(c, b, c->l2[unit / L2_ENTRIES][unit % L2_ENTRIES]);
	return file_write(c->fd, c->layer.path, (off_t)at, b, cckd_l2_entry(c), err);
}

/*
 * Chain the free pieces: each begins with the offset of the next and its own
 * length. Hercules looks at the chain only in a file that was closed.
 */
bool cckd_write_free_chain(struct cckd *c, struct error *err)
{
	for (size_t i = 0; i < c->space.pieces; i++) {
		const struct space_piece *p = &c->space.piece[i];
		uint32_t width = cckd_l1_entry(c);
		uint8_t b[16];

		if (p->size < 2 * width)
			continue;
		put_offset(c, b, i + 1 < c->space.pieces ? p[1].offset : 0);
		put_offset(c, b + width, p->size);
		if (!file_write(c->fd, c->layer.path, (off_t)p->offset, b, 2 * width, err))
			return false;
	}
	return true;
}

bool cckd_image_create(int fd, const char *path, const struct volume_new *what,
		       struct error *err)
{
	bool wide = what->format == VOLUME_CCKD64 || what->format == VOLUME_CFBA64;
	bool fixed = what->format == VOLUME_CFBA || what->format == VOLUME_CFBA64;
	const struct dasd_geometry *g = what->geometry;
	uint32_t units = fixed ? (what->blocks + FBA_GROUP_BLOCKS - 1) / FBA_GROUP_BLOCKS
			       : what->cylinders * g->heads;
	struct cckd c = { .fd = fd, .wide = wide, .layer.path = (char *)path };
	uint8_t device[IMAGE_HEADER_SIZE];
	uint8_t *zeros;
	bool ok;

	for (size_t i = 0; i < ARRAY_SIZE(cckd_ids); i++)
		if (!cckd_ids[i].shadow && cckd_ids[i].wide == wide &&
		    cckd_ids[i].fixed_block == fixed)
			image_header_make(device, cckd_ids[i].id, fixed ? 0 : g->heads,
					  fixed ? 0 : g->slot, fixed ? 0 : g->type & 0xFF);
	c.header.version[1] = 3;
	c.header.version[2] = 1;
	c.header.options = CCKD_READ_WRITE | 1;
	c.header.l1_count = (units + L2_ENTRIES - 1) / L2_ENTRIES;
	c.header.cylinders = fixed ? what->blocks : what->cylinders;
	c.header.null_format = fixed ? 0 : (uint8_t)what->null_format;
	c.header.method = (uint8_t)what->compression;
	c.header.level = (int16_t)what->level;
	c.header.size = c.header.used = cckd_first_free(&c);
	zeros = calloc(c.header.l1_count + 1, 8);
	ok = zeros && file_write(fd, path, 0, device, sizeof(device), err) &&
	     file_write(fd, path, CCKD_L1_AT, zeros,
			(size_t)c.header.l1_count * cckd_l1_entry(&c), err) &&
	     cckd_write_header(&c, err);
	if (!zeros)
		error_errno(err, ENOMEM, "%s", path);
	free(zeros);
	return ok;
}

bool cckd_shadow_create(int fd, const char *path, const struct layer *below, struct error *err)
{
	bool wide = below->format == VOLUME_CCKD64 || below->format == VOLUME_CFBA64;
	struct cckd c = { .fd = fd, .wide = wide, .layer.path = (char *)path };
	uint8_t device[IMAGE_HEADER_SIZE];
	uint8_t *ones;
	size_t bytes;
	bool ok;

	image_header_make(device, "", below->heads, below->fixed_block ? 0 : below->unit_size,
			  below->fixed_block ? 0 : below->geometry->type & 0xFF);
	for (size_t i = 0; i < ARRAY_SIZE(cckd_ids); i++)
		if (cckd_ids[i].shadow && cckd_ids[i].wide == wide &&
		    cckd_ids[i].fixed_block == below->fixed_block)
			memcpy(device, cckd_ids[i].id, 8);
	c.header.version[1] = 3;
	c.header.version[2] = 1;
	c.header.options = CCKD_READ_WRITE | 1;
	c.header.l1_count = (below->units + L2_ENTRIES - 1) / L2_ENTRIES;
	c.header.cylinders = below->fixed_block ? below->blocks : below->cylinders;
	c.header.null_format = below->fixed_block ? 0 : 1;
	c.header.method = below->compression ? (uint8_t)below->compression : COMPRESS_ZLIB;
	c.header.level = -1;
	c.header.size = c.header.used = cckd_first_free(&c);
	bytes = (size_t)c.header.l1_count * cckd_l1_entry(&c);
	ones = malloc(bytes + 1);
	if (ones)
		memset(ones, 0xFF, bytes);
	else
		error_errno(err, ENOMEM, "%s", path);
	ok = ones && file_write(fd, path, 0, device, sizeof(device), err) &&
	     file_write(fd, path, CCKD_L1_AT, ones, bytes, err) && cckd_write_header(&c, err);
	free(ones);
	return ok;
}
