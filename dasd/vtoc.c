#include "dasd/vtoc.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/ebcdic.h"
#include "dasd/label.h"

#define DSCB_SIZE      140 /* key and data */
#define DSCB_KEY       44
#define DIRECTORY_SIZE 256

/* Offsets in a DSCB. */
enum {
	DS_FORMAT = 44,
	DS1_CREATED = 53,
	DS1_EXTENTS = 59,
	DS1_DSORG = 82,
	DS1_RECFM = 84,
	DS1_BLOCK = 86,
	DS1_RECORD = 88,
	DS1_KEY = 90,
	DS1_EXTENT1 = 105,
	DS1_POINTER = 135,
	DS3_EXTENT1 = 4,
	DS3_EXTENT2 = 45,
	DS4_VTOC = 105,
	EXTENT_SIZE = 10,
};

/* Trailing blanks off, what cannot be printed shown as "?". */
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

/* Track number of CC HH; false: not on the volume. */
static bool track_of(const struct volume *vol, const uint8_t *cchh, uint32_t *track)
{
	const struct volume_info *info = volume_info(vol);

	if (be16(cchh) >= info->cylinders || be16(cchh + 2) >= info->heads)
		return false;
	*track = be16(cchh) * info->heads + be16(cchh + 2);
	return true;
}

/* The record numbered r of a track, n bytes of key and data together. */
static bool read_record(struct volume *vol, uint32_t track, uint8_t r, uint8_t *out, uint32_t n,
			bool *found, struct error *err)
{
	struct track *t = volume_pin(vol, track, err);
	uint32_t at;

	*found = false;
	if (!t)
		return false;
	track_lock(t, TRACK_READ);
	at = track_find(t->data, r);
	if (at && count_record_size(t->data + at) - TRACK_COUNT_SIZE >= n) {
		memcpy(out, t->data + at + TRACK_COUNT_SIZE, n);
		*found = true;
	}
	track_unlock(t);
	volume_unpin(t);
	return true;
}

/* First and last track of the VTOC. */
static bool find_vtoc(struct volume *vol, struct extent *vtoc, struct error *err)
{
	uint8_t label[4 + LABEL_SIZE], f4[DSCB_SIZE];
	const uint8_t *cchhr = label + 4 + 11;
	uint32_t track;
	bool found;

	if (volume_info(vol)->fixed_block) {
		error_set(err, EINVAL, "%s: a VTOC of a fixed-block volume cannot be read",
			  volume_info(vol)->path);
		return false;
	}
	if (!read_record(vol, 0, LABEL_RECORD, label, sizeof(label), &found, err))
		return false;
	if (found && track_of(vol, cchhr, &track)) {
		if (!read_record(vol, track, cchhr[4], f4, sizeof(f4), &found, err))
			return false;
		if (found && f4[DS_FORMAT] == 0xF4 &&
		    track_of(vol, f4 + DS4_VTOC + 2, &vtoc->first) &&
		    track_of(vol, f4 + DS4_VTOC + 6, &vtoc->last))
			return true;
	}
	error_set(err, ENOENT, "%s: there is no VTOC", volume_info(vol)->path);
	return false;
}

static void add_extent(const struct volume *vol, struct dataset *ds, const uint8_t *p)
{
	struct extent x;

	if (p[0] == 0 || ds->extents == EXTENTS_MAX || !track_of(vol, p + 2, &x.first) ||
	    !track_of(vol, p + 6, &x.last) || x.last < x.first)
		return;
	/* Type 40 is the track of user labels: no data. */
	if (p[0] == 0x40)
		return;
	ds->extent[ds->extents++] = x;
	ds->tracks += x.last - x.first + 1;
}

static void parse_format1(const struct volume *vol, const uint8_t *d, struct dataset *ds)
{
	memset(ds, 0, sizeof(*ds));
	name_text(ds->name, d, DSNAME_SIZE);
	ds->year = d[DS1_CREATED];
	ds->day = be16(d + DS1_CREATED + 1);
	ds->dsorg = be16(d + DS1_DSORG);
	ds->recfm = d[DS1_RECFM];
	ds->block = be16(d + DS1_BLOCK);
	ds->record = be16(d + DS1_RECORD);
	ds->key = d[DS1_KEY];
	for (unsigned i = 0; i < 3; i++)
		add_extent(vol, ds, d + DS1_EXTENT1 + i * EXTENT_SIZE);
}

struct listing {
	struct volume *vol;
	dataset_fn fn;
	void *context;
	uint8_t (*pending)[DSCB_SIZE]; /* format-1 DSCBs of the track at hand */
	unsigned count;
};

#define DSCBS_MAX 1024 /* more than a track of any device holds */

/* Take the format-1 DSCBs of a track, so that callbacks run without its lock. */
static bool collect(struct listing *l, uint32_t number, struct error *err)
{
	struct track *t = volume_pin(l->vol, number, err);

	l->count = 0;
	if (!t)
		return false;
	track_lock(t, TRACK_READ);
	for (uint32_t at = TRACK_R1; !count_is_end(t->data + at) && l->count < DSCBS_MAX;
	     at += count_record_size(t->data + at)) {
		const uint8_t *p = t->data + at;

		if (count_key_length(p) == DSCB_KEY &&
		    count_data_length(p) >= DSCB_SIZE - DSCB_KEY &&
		    p[TRACK_COUNT_SIZE + DS_FORMAT] == 0xF1)
			memcpy(l->pending[l->count++], p + TRACK_COUNT_SIZE, DSCB_SIZE);
	}
	track_unlock(t);
	volume_unpin(t);
	return true;
}

/* The thirteen further extents of a format-3 DSCB. */
static bool more_extents(struct listing *l, const uint8_t *pointer, struct dataset *ds,
			 struct error *err)
{
	uint8_t d[DSCB_SIZE];
	uint32_t track;
	bool found;

	if (pointer[4] == 0 || !track_of(l->vol, pointer, &track))
		return true;
	if (!read_record(l->vol, track, pointer[4], d, sizeof(d), &found, err))
		return false;
	if (!found || d[DS_FORMAT] != 0xF3)
		return true;
	for (unsigned i = 0; i < 4; i++)
		add_extent(l->vol, ds, d + DS3_EXTENT1 + i * EXTENT_SIZE);
	for (unsigned i = 0; i < 9; i++)
		add_extent(l->vol, ds, d + DS3_EXTENT2 + i * EXTENT_SIZE);
	return true;
}

/* false: stop, because of trouble (*ok false) or because the callback says so. */
static bool deliver(struct listing *l, bool *ok, struct error *err)
{
	struct dataset ds;

	for (unsigned i = 0; i < l->count; i++) {
		parse_format1(l->vol, l->pending[i], &ds);
		*ok = more_extents(l, l->pending[i] + DS1_POINTER, &ds, err);
		if (!*ok || !l->fn(l->context, &ds))
			return false;
	}
	return true;
}

bool vtoc_list(struct volume *vol, dataset_fn fn, void *context, struct error *err)
{
	uint8_t pending[DSCBS_MAX][DSCB_SIZE];
	struct listing l = { .vol = vol, .fn = fn, .context = context, .pending = pending };
	struct extent vtoc;
	bool ok = true;

	if (!find_vtoc(vol, &vtoc, err))
		return false;
	for (uint32_t track = vtoc.first; ok && track <= vtoc.last; track++) {
		if (!collect(&l, track, err))
			return false;
		if (!deliver(&l, &ok, err))
			return ok;
	}
	return ok;
}

struct search {
	const char *name;
	struct dataset *out;
	bool found;
};

static bool is_it(void *context, const struct dataset *ds)
{
	struct search *s = context;

	if (strcmp(s->name, ds->name) != 0)
		return true;
	*s->out = *ds;
	s->found = true;
	return false;
}

bool vtoc_find(struct volume *vol, const char *name, struct dataset *ds, bool *found,
	       struct error *err)
{
	struct search s = { .name = name, .out = ds };

	if (!vtoc_list(vol, is_it, &s, err))
		return false;
	*found = s.found;
	return true;
}

/* ---- blocks ---- */

/* The track's data is copied first: a callback may take long. */
static bool read_track(struct volume *vol, uint32_t number, uint8_t *data, struct error *err)
{
	struct track *t = volume_pin(vol, number, err);

	if (!t)
		return false;
	track_lock(t, TRACK_READ);
	memcpy(data, t->data, t->length);
	track_unlock(t);
	volume_unpin(t);
	return true;
}

/* false: the end of the file, or the callback had enough. */
static bool deliver_track(const uint8_t *data, uint8_t from, block_fn fn, void *context)
{
	uint32_t at = from > 1 ? track_find(data, from) : TRACK_R1;

	if (!at)
		return false;
	for (; !count_is_end(data + at); at += count_record_size(data + at)) {
		const uint8_t *p = data + at;
		uint32_t key = count_key_length(p), length = count_data_length(p);

		if (key == 0 && length == 0)
			return false;
		if (!fn(context, p + TRACK_COUNT_SIZE, key, p + TRACK_COUNT_SIZE + key, length))
			return false;
	}
	return true;
}

/* Number on the volume of a track of the data set; false: behind its end. */
static bool absolute_track(const struct dataset *ds, uint32_t relative, uint32_t *track)
{
	for (unsigned i = 0; i < ds->extents; i++) {
		uint32_t n = ds->extent[i].last - ds->extent[i].first + 1;

		if (relative < n) {
			*track = ds->extent[i].first + relative;
			return true;
		}
		relative -= n;
	}
	return false;
}

bool dataset_read(struct volume *vol, const struct dataset *ds, uint32_t track, uint8_t record,
		  block_fn fn, void *context, struct error *err)
{
	uint8_t data[65536];
	uint32_t number;

	for (; absolute_track(ds, track, &number); track++, record = 1) {
		if (!read_track(vol, number, data, err))
			return false;
		if (!deliver_track(data, record, fn, context))
			return true;
	}
	return true;
}

/* ---- partitioned directories ---- */

struct directory {
	member_fn fn;
	void *context;
};

static bool directory_block(void *context, const uint8_t *key, uint32_t key_length,
			    const uint8_t *data, uint32_t length)
{
	struct directory *d = context;
	uint32_t used, at = 2;

	(void)key;
	if (key_length != MEMBER_SIZE || length != DIRECTORY_SIZE)
		return false;
	used = be16(data);
	if (used > length)
		used = length;
	while (at + 12 <= used) {
		struct member m;

		if (be64(data + at) == UINT64_MAX)
			return false;
		name_text(m.name, data + at, MEMBER_SIZE);
		m.track = be16(data + at + 8);
		m.record = data[at + 10];
		m.alias = data[at + 11] & 0x80;
		if (!d->fn(d->context, &m))
			return false;
		at += 12 + 2 * (data[at + 11] & 0x1F);
	}
	return true;
}

bool pds_list(struct volume *vol, const struct dataset *ds, member_fn fn, void *context,
	      struct error *err)
{
	struct directory d = { fn, context };

	return dataset_read(vol, ds, 0, 1, directory_block, &d, err);
}

/* ---- names ---- */

const char *recfm_name(uint8_t recfm, char out[8])
{
	unsigned n = 0;

	switch (recfm & 0xC0) {
	case 0x80: out[n++] = 'F'; break;
	case 0x40: out[n++] = 'V'; break;
	case 0xC0: out[n++] = 'U'; break;
	default: out[n++] = '-'; break;
	}
	if (recfm & 0x10)
		out[n++] = 'B';
	if (recfm & 0x08)
		out[n++] = 'S';
	if (recfm & 0x20)
		out[n++] = 'T';
	if (recfm & 0x04)
		out[n++] = 'A';
	if (recfm & 0x02)
		out[n++] = 'M';
	out[n] = '\0';
	return out;
}

const char *dsorg_name(uint16_t dsorg)
{
	if (dsorg & DSORG_PS)
		return "PS";
	if (dsorg & DSORG_PO)
		return "PO";
	if (dsorg & DSORG_DA)
		return "DA";
	if (dsorg & DSORG_IS)
		return "IS";
	return dsorg & 0x0008 ? "VS" : "--";
}
