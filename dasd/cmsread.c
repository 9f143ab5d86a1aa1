#include "dasd/cmsread.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ebcdic.h"

#define LABEL_BLOCK      3
#define DIRECTORY_BLOCK  4
#define FST_SIZE         40
#define FSTS_IN_BLOCK    20
#define LINKS_IN_FIRST   40 /* first chain link: so many links, then data blocks */
#define DATA_IN_FIRST    60
#define DATA_IN_LINK     400
#define DATA_BLOCKS_MAX  (DATA_IN_FIRST + LINKS_IN_FIRST * DATA_IN_LINK)
#define MFD_END          0xFFFF
#define MFD_EXTENDED     0xFFFD
#define MFD_COUNTS       0x16C

/* How blocks lie on the tracks. */
static const struct layout {
	uint16_t type;
	uint16_t per_cylinder, per_unit, heads; /* heads in a unit */
	bool quarters;
} layouts[] = {
	{ 0x2311, 40, 4, 1, true },   { 0x2314, 150, 15, 2, true },
	{ 0x3330, 266, 14, 1, false }, { 0x3340, 96, 8, 1, false },
	{ 0x3350, 570, 19, 1, false }, { 0x3380, 540, 36, 1, false },
};

static const struct layout *layout_of(const struct volume *vol)
{
	for (size_t i = 0; !volume_info(vol)->fixed_block && i < ARRAY_SIZE(layouts); i++)
		if (layouts[i].type == volume_info(vol)->geometry->type)
			return &layouts[i];
	return NULL;
}

/* Data of record r of a track, at most room bytes; *n 0: no such record. */
static bool take_record(struct volume *vol, uint32_t track, uint8_t r, uint8_t *out,
			uint32_t room, uint32_t *n, bool *overflow, struct error *err)
{
	struct track *t = volume_pin(vol, track, err);
	uint32_t at;

	*n = 0;
	*overflow = false;
	if (!t)
		return false;
	track_lock(t, TRACK_READ);
	at = track_find(t->data, r);
	if (at) {
		*overflow = t->data[at] & TRACK_OVERFLOW;
		*n = count_data_length(t->data + at);
		if (*n > room)
			*n = room;
		memcpy(out, t->data + at + TRACK_COUNT_SIZE + count_key_length(t->data + at), *n);
	}
	track_unlock(t);
	volume_unpin(t);
	return true;
}

/*
 * Read block number n (from 1). Record 8 of a pair of 2314 tracks begins on the
 * first of them and goes on in record 8 of the second.
 */
static bool read_block(const struct cms_disk *d, uint32_t n, uint8_t block[CMS_BLOCK],
		       bool *found, struct error *err)
{
	const struct layout *l = layout_of(d->vol);
	uint32_t cylinder = (n - 1) / l->per_cylinder;
	uint32_t rest = (n - 1) % l->per_cylinder;
	uint8_t record = (uint8_t)(rest % l->per_unit + 1);
	uint32_t head = rest / l->per_unit * l->heads + (l->heads == 2 && record > 8);
	uint32_t track = (d->first_cylinder + cylinder) * volume_info(d->vol)->heads + head;
	uint32_t got, more = 0;
	bool overflow, ignored;

	*found = false;
	if (n == 0 || cylinder >= d->cylinders || track >= volume_info(d->vol)->units)
		return true;
	if (!take_record(d->vol, track, record, block, CMS_BLOCK, &got, &overflow, err))
		return false;
	if (overflow && got < CMS_BLOCK && track + 1 < volume_info(d->vol)->units &&
	    !take_record(d->vol, track + 1, record, block + got, CMS_BLOCK - got, &more,
			 &ignored, err))
		return false;
	*found = got > 0;
	memset(block + got + more, 0, CMS_BLOCK - got - more);
	return true;
}

static bool need_block(const struct cms_disk *d, uint32_t n, uint8_t block[CMS_BLOCK],
		       const char *what, struct error *err)
{
	bool found;

	if (!read_block(d, n, block, &found, err))
		return false;
	if (found)
		return true;
	error_set(err, EIO, "%s: cylinder %u: %s is in block %u, which is not there",
		  volume_info(d->vol)->path, d->first_cylinder, what, n);
	return false;
}

static void name_text(char *out, const uint8_t *in, size_t n)
{
	ebcdic_to_latin1(&codepage_037, out, in, n);
	while (n > 0 && (out[n - 1] == ' ' || out[n - 1] == '\0'))
		n--;
	out[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (!isprint((unsigned char)out[i]) || (unsigned char)out[i] > 126)
			out[i] = '?';
}

bool cms_open(struct volume *vol, uint32_t first_cylinder, struct cms_disk *disk, bool *found,
	      struct error *err)
{
	static const uint8_t label[4] = { 0xC3, 0xD4, 0xE2, 0x7E }; /* CMS= */
	uint8_t block[CMS_BLOCK];

	memset(disk, 0, sizeof(*disk));
	*found = false;
	if (!layout_of(vol) || first_cylinder >= volume_info(vol)->cylinders)
		return true;
	disk->vol = vol;
	disk->first_cylinder = first_cylinder;
	disk->cylinders = volume_info(vol)->cylinders - first_cylinder;
	disk->quarters = layout_of(vol)->quarters;
	if (!read_block(disk, LABEL_BLOCK, block, found, err))
		return false;
	*found = *found && memcmp(block, label, sizeof(label)) == 0;
	if (!*found)
		return true;
	name_text(disk->label, block + 4, 6);
	if (!need_block(disk, DIRECTORY_BLOCK, block, "the directory", err))
		return false;
	disk->blocks = be32(block + MFD_COUNTS);
	disk->used = be32(block + MFD_COUNTS + 4);
	return true;
}

static void parse_fst(const uint8_t *p, struct cms_file *f)
{
	name_text(f->name, p, 8);
	name_text(f->type, p + 8, 8);
	f->month = p[16];
	f->day = p[17];
	f->hour = p[18];
	f->minute = p[19];
	name_text(f->mode, p + 24, 2);
	f->records = be16(p + 26);
	f->chain = be16(p + 28);
	f->format = (char)codepage_037.to_latin1[p[30]];
	if (f->format != 'F' && f->format != 'V')
		f->format = '?';
	f->length = be32(p + 32);
	f->blocks = be16(p + 36);
	name_text(f->year, p + 38, 2);
}

bool cms_list(const struct cms_disk *d, cms_file_fn fn, void *context, struct error *err)
{
	uint8_t directory[CMS_BLOCK], block[CMS_BLOCK];

	if (!need_block(d, DIRECTORY_BLOCK, directory, "the directory", err))
		return false;
	for (unsigned i = 0; i < MFD_COUNTS; i += 2) {
		uint16_t n = be16(directory + i);

		if (n == MFD_END || n == MFD_EXTENDED || n == 0)
			return true;
		if (!need_block(d, n, block, "a part of the directory", err))
			return false;
		for (unsigned j = 0; j < FSTS_IN_BLOCK; j++) {
			struct cms_file f;

			if (block[j * FST_SIZE] == 0)
				continue;
			parse_fst(block + j * FST_SIZE, &f);
			if (!fn(context, &f))
				return true;
		}
	}
	return true;
}

/* Block number and offset of a first chain link; see the sheet on quarters. */
static uint32_t chain_block(const struct cms_disk *d, uint16_t address, uint32_t *offset)
{
	*offset = 0;
	if (!d->quarters)
		return address;
	if (!(address & 0x2000)) {
		*offset = (uint32_t)(address >> 14) * (CMS_BLOCK / 4);
		return address & 0x1FFF;
	}
	return address & 0x8000 ? (uint16_t)(address - 0x6000) : address;
}

/* Block number of the file's data block i; 0: a hole. */
static bool data_block(const struct cms_disk *d, const uint8_t *first, uint8_t *link,
		       uint32_t *link_number, uint32_t i, uint32_t *number, struct error *err)
{
	uint32_t n;

	if (i < DATA_IN_FIRST) {
		*number = be16(first + 2 * LINKS_IN_FIRST + 2 * i);
		return true;
	}
	n = (i - DATA_IN_FIRST) / DATA_IN_LINK;
	if (*link_number != n + 1) {
		if (!need_block(d, be16(first + 2 * n), link, "a chain link", err))
			return false;
		*link_number = n + 1;
	}
	*number = be16(link + 2 * ((i - DATA_IN_FIRST) % DATA_IN_LINK));
	return true;
}

struct stream {
	const struct cms_disk *disk;
	uint8_t first[CMS_BLOCK / 4], link[CMS_BLOCK], block[CMS_BLOCK];
	uint32_t link_number; /* 1 + number of the link in link; 0: none */
	uint32_t next, at;    /* next data block; place in block */
};

/* The next n bytes of the file's data. */
static bool stream_take(struct stream *s, uint8_t *out, uint32_t n, struct error *err)
{
	while (n > 0) {
		uint32_t part = CMS_BLOCK - s->at;
		uint32_t number;

		if (part == 0) {
			if (s->next >= DATA_BLOCKS_MAX) {
				error_set(err, EIO, "a file is longer than files can be");
				return false;
			}
			if (!data_block(s->disk, s->first, s->link, &s->link_number, s->next,
					&number, err))
				return false;
			if (number == 0)
				memset(s->block, 0, CMS_BLOCK);
			else if (!need_block(s->disk, number, s->block, "data", err))
				return false;
			s->next++;
			s->at = 0;
			continue;
		}
		if (part > n)
			part = n;
		memcpy(out, s->block + s->at, part);
		s->at += part;
		out += part;
		n -= part;
	}
	return true;
}

bool cms_read(const struct cms_disk *d, const struct cms_file *file, cms_record_fn fn,
	      void *context, struct error *err)
{
	struct stream s = { .disk = d, .at = CMS_BLOCK };
	uint8_t block[CMS_BLOCK], length[2];
	uint8_t record[65536];
	uint32_t offset, n = file->length;

	if (file->records == 0)
		return true;
	if (file->format == '?' || (file->format == 'F' && n > sizeof(record))) {
		error_set(err, EIO, "%s %s: neither format F nor V", file->name, file->type);
		return false;
	}
	if (!need_block(d, chain_block(d, file->chain, &offset), block, "a chain link", err))
		return false;
	memcpy(s.first, block + offset, sizeof(s.first));
	for (uint32_t i = 0; i < file->records; i++) {
		if (file->format == 'V') {
			if (!stream_take(&s, length, 2, err))
				return false;
			n = be16(length);
		}
		if (!stream_take(&s, record, n, err))
			return false;
		if (!fn(context, record, n))
			return true;
	}
	return true;
}
