/* dasd370 list, cat, dump, track: what is on a volume. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ebcdic.h"
#include "dasd/cmsread.h"
#include "dasd/command.h"
#include "dasd/vtoc.h"

#define VOLUME_OPTIONS                                                                         \
	{ "at", '@', "CYLINDER", "where the CMS minidisk begins on the volume" },              \
	{ "shadow", 's', "PATTERN", "shadow files over FILE" }

/* Open the volume and look for a CMS minidisk on it. NULL: *rc says why. */
static struct volume *open_files(const struct arguments *args, struct cms_disk *disk,
				 bool *is_cms, int *rc)
{
	struct volume_options o = { .read_only = true,
				    .shadow = option_value(args, "shadow") };
	struct error err;
	struct volume *vol;
	uint32_t at;

	if (!option_number(args, "at", 0, UINT16_MAX, 0, &at)) {
		*rc = EXIT_USAGE;
		return NULL;
	}
	vol = volume_open(args->word[0], &o, &err);
	if (vol && cms_open(vol, at, disk, is_cms, &err)) {
		if (*is_cms || !option_given(args, "at"))
			return vol;
		*rc = command_fail(args, EXIT_NOT_FOUND,
				   "%s: no CMS minidisk begins at cylinder %u", args->word[0],
				   at);
	} else {
		*rc = command_trouble(args, &err);
	}
	volume_close(vol, NULL);
	return NULL;
}

/* ---- list ---- */

static bool list_dataset(void *context, const struct dataset *ds)
{
	char recfm[8];

	(void)context;
	printf("%-44s %-2s %-5s %5u %5u %3u %6u  %02u.%03u\n", ds->name, dsorg_name(ds->dsorg),
	       recfm_name(ds->recfm, recfm), ds->record, ds->block, ds->extents, ds->tracks,
	       ds->year % 100, ds->day);
	return true;
}

static bool list_cms(void *context, const struct cms_file *f)
{
	(void)context;
	printf("%-8s %-8s %-2s %c %5u %6u %5u  %02x/%02x/%s %02x:%02x\n", f->name, f->type,
	       f->mode, f->format, f->length, f->records, f->blocks, f->month, f->day, f->year,
	       f->hour, f->minute);
	return true;
}

/* Cylinders of the volume at which CMS minidisks begin. */
static bool list_minidisks(struct volume *vol, struct error *err)
{
	struct cms_disk d;
	bool found, any = false;

	for (uint32_t c = 0; c < volume_info(vol)->cylinders; c++) {
		if (!cms_open(vol, c, &d, &found, err))
			return false;
		if (!found)
			continue;
		if (!any)
			printf("cylinder  label   blocks   used\n");
		printf("%8u  %-6s %7u %6u\n", c, d.label, d.blocks, d.used);
		any = true;
	}
	if (!any)
		printf("no CMS minidisk begins on any cylinder\n");
	return true;
}

static bool list_members(struct volume *vol, const struct dataset *ds, struct error *err);

static int list_one(const struct arguments *args, struct volume *vol,
		    const struct cms_disk *disk, bool is_cms)
{
	struct error err;
	struct dataset ds;
	bool ok, found = true;

	if (option_given(args, "minidisks")) {
		ok = list_minidisks(vol, &err);
	} else if (is_cms) {
		printf("CMS disk %s: %u blocks, %u used\n", disk->label, disk->blocks,
		       disk->used);
		printf("filename filetype fm   lrecl   recs  blks  date     time\n");
		ok = cms_list(disk, list_cms, NULL, &err);
	} else if (args->words > 1) {
		ok = vtoc_find(vol, args->word[1], &ds, &found, &err) &&
		     (!found || list_members(vol, &ds, &err));
	} else {
		printf("%-44s %-2s %-5s %5s %5s %3s %6s  %s\n", "data set", "", "recfm",
		       "lrecl", "block", "ext", "tracks", "created");
		ok = vtoc_list(vol, list_dataset, NULL, &err);
	}
	if (!ok)
		return command_trouble(args, &err);
	if (!found)
		return command_fail(args, EXIT_NOT_FOUND, "%s: no such data set",
				    args->word[1]);
	return EXIT_OK;
}

static bool list_member(void *context, const struct member *m)
{
	(void)context;
	printf("%-8s %s\n", m->name, m->alias ? "alias" : "");
	return true;
}

static bool list_members(struct volume *vol, const struct dataset *ds, struct error *err)
{
	if (ds->dsorg & DSORG_PO)
		return pds_list(vol, ds, list_member, NULL, err);
	list_dataset(NULL, ds);
	return true;
}

static int run_list(struct arguments *args)
{
	struct cms_disk disk;
	bool is_cms;
	int rc;
	struct volume *vol = open_files(args, &disk, &is_cms, &rc);

	if (!vol)
		return rc;
	rc = list_one(args, vol, &disk, is_cms);
	volume_close(vol, NULL);
	return rc;
}

/* ---- cat and dump ---- */

struct output {
	bool hex, binary;
	uint32_t records;
	/* for blocks of data sets */
	uint8_t recfm;
	uint32_t length;
};

static void dump_bytes(const uint8_t *p, uint32_t n)
{
	for (uint32_t at = 0; at < n; at += 16) {
		uint32_t part = n - at < 16 ? n - at : 16;

		printf("  %04X ", at);
		for (uint32_t i = 0; i < 16; i++) {
			if (i % 4 == 0)
				putchar(' ');
			if (i < part)
				printf("%02X", p[at + i]);
			else
				fputs("  ", stdout);
		}
		fputs("  |", stdout);
		print_ebcdic(p + at, part);
		fputs("|\n", stdout);
	}
}

static bool put_record(void *context, const uint8_t *record, uint32_t n)
{
	struct output *o = context;

	o->records++;
	if (o->binary) {
		fwrite(record, 1, n, stdout);
		return true;
	}
	if (o->hex) {
		printf("record %u, %u bytes\n", o->records, n);
		dump_bytes(record, n);
		return true;
	}
	while (n > 0 && record[n - 1] == EBCDIC_SPACE)
		n--;
	for (uint32_t i = 0; i < n; i++)
		putchar(codepage_037.to_latin1[record[i]]);
	putchar('\n');
	return true;
}

/* Cut a block into records. */
static bool put_block(void *context, const uint8_t *key, uint32_t key_length,
		      const uint8_t *data, uint32_t n)
{
	struct output *o = context;

	(void)key;
	(void)key_length;
	if ((o->recfm & 0xC0) == 0x80 && o->length) {
		for (uint32_t at = 0; at < n; at += o->length)
			put_record(o, data + at, n - at < o->length ? n - at : o->length);
		return true;
	}
	if ((o->recfm & 0xC0) != 0x40 || n < 4)
		return put_record(o, data, n);
	/* Block and record descriptor words of variable-length records. */
	for (uint32_t at = 4; at + 4 <= n;) {
		uint32_t length = be16(data + at);

		if (length < 4 || length > n - at)
			break;
		put_record(o, data + at + 4, length - 4);
		at += length;
	}
	return true;
}

struct wanted {
	const char *name, *type;
	struct cms_file file;
	struct member member;
	bool found;
};

static bool is_file(void *context, const struct cms_file *f)
{
	struct wanted *w = context;

	if (strcmp(f->name, w->name) != 0 || strcmp(f->type, w->type) != 0)
		return true;
	w->file = *f;
	w->found = true;
	return false;
}

static bool is_member(void *context, const struct member *m)
{
	struct wanted *w = context;

	if (strcmp(m->name, w->name) != 0)
		return true;
	w->member = *m;
	w->found = true;
	return false;
}

static bool cat_cms(const struct cms_disk *disk, struct wanted *w, struct output *o,
		    struct error *err)
{
	return cms_list(disk, is_file, w, err) &&
	       (!w->found || cms_read(disk, &w->file, put_record, o, err));
}

/* name is SOME.DATA.SET or SOME.DATA.SET(MEMBER). */
static bool cat_dataset(struct volume *vol, const char *name, struct wanted *w,
			struct output *o, struct error *err)
{
	char base[DSNAME_SIZE + MEMBER_SIZE + 3];
	struct dataset ds;
	char *open, *close;

	snprintf(base, sizeof(base), "%s", name);
	open = strchr(base, '(');
	if (open) {
		*open = '\0';
		close = strchr(open + 1, ')');
		if (close)
			*close = '\0';
	}
	if (!vtoc_find(vol, base, &ds, &w->found, err))
		return false;
	if (!w->found)
		return true;
	o->recfm = ds.recfm;
	o->length = ds.record;
	if (!open)
		return dataset_read(vol, &ds, 0, 1, put_block, o, err);
	w->found = false;
	w->name = open + 1;
	if (!pds_list(vol, &ds, is_member, w, err))
		return false;
	return !w->found || dataset_read(vol, &ds, w->member.track, w->member.record, put_block,
					 o, err);
}

static void upper(char *s)
{
	for (; *s; s++)
		*s = (char)toupper((unsigned char)*s);
}

static int cat(struct arguments *args, struct output *o)
{
	struct wanted w = { 0 };
	struct cms_disk disk;
	struct error err;
	bool is_cms, ok;
	int rc;
	struct volume *vol = open_files(args, &disk, &is_cms, &rc);

	if (!vol)
		return rc;
	for (int i = 1; i < args->words; i++)
		upper(args->word[i]);
	w.name = args->word[1];
	w.type = args->words > 2 ? args->word[2] : "";
	ok = is_cms ? cat_cms(&disk, &w, o, &err)
		    : cat_dataset(vol, args->word[1], &w, o, &err);
	volume_close(vol, NULL);
	if (!ok)
		return command_trouble(args, &err);
	if (!w.found)
		return command_fail(args, EXIT_NOT_FOUND, "%s%s%s: not on %s", args->word[1],
				    *w.type ? " " : "", w.type, args->word[0]);
	return EXIT_OK;
}

static int run_cat(struct arguments *args)
{
	struct output o = { .binary = option_given(args, "binary") };

	return cat(args, &o);
}

static int run_dump(struct arguments *args)
{
	struct output o = { .hex = true };

	return cat(args, &o);
}

/* ---- track ---- */

static void show_track(const struct track *t, bool brief)
{
	const uint8_t *data = t->data;

	printf("home address %02X %04X %04X%s\n", data[0], be16(data + 1), be16(data + 3),
	       t->damaged ? " (damaged: what follows may not be all)" : "");
	for (uint32_t at = TRACK_R0; at == TRACK_R0 || !count_is_end(data + at);
	     at += count_record_size(data + at)) {
		const uint8_t *p = data + at;
		uint32_t key = count_key_length(p), length = count_data_length(p);

		printf("record %u: count %04X %04X %02X, key %u, data %u%s\n", count_record(p),
		       be16(p), be16(p + 2), count_record(p), key, length,
		       key + length == 0 ? " (end of file)" : "");
		if (brief)
			continue;
		if (key) {
			printf(" key\n");
			dump_bytes(p + TRACK_COUNT_SIZE, key);
		}
		if (length) {
			printf(" data\n");
			dump_bytes(p + TRACK_COUNT_SIZE + key, length);
		}
	}
}

static int run_track(struct arguments *args)
{
	struct volume_options o = { .read_only = true,
				    .shadow = option_value(args, "shadow") };
	struct error err;
	uint32_t cylinder, head, ignored;
	struct volume *vol;
	struct track *t = NULL;

	if (!parse_range(args->word[1], &cylinder, &ignored) ||
	    !parse_range(args->word[2], &head, &ignored))
		return EXIT_USAGE;
	vol = volume_open(args->word[0], &o, &err);
	if (!vol)
		return command_trouble(args, &err);
	if (volume_info(vol)->fixed_block || cylinder >= volume_info(vol)->cylinders ||
	    head >= volume_info(vol)->heads) {
		volume_close(vol, NULL);
		return command_fail(args, EXIT_NOT_FOUND, "%s: there is no such track",
				    args->word[0]);
	}
	t = volume_pin(vol, cylinder * volume_info(vol)->heads + head, &err);
	if (t) {
		show_track(t, option_given(args, "brief"));
		volume_unpin(t);
	}
	volume_close(vol, NULL);
	return t ? EXIT_OK : command_trouble(args, &err);
}

const struct command file_commands[] = {
	{ "list", "FILE [DATASET]",
	  "List the data sets of an OS volume, the members of one, or the files of a CMS disk", 1,
	  2,
	  { VOLUME_OPTIONS,
	    { "minidisks", 'm', NULL, "list where CMS minidisks begin instead" } },
	  run_list },
	{ "cat", "FILE DATASET[(MEMBER)] | FILE FN FT", "Print a data set or a CMS file as text",
	  2, 3,
	  { VOLUME_OPTIONS, { "binary", 'b', NULL, "the bytes as they are, no line ends" } },
	  run_cat },
	{ "dump", "FILE DATASET[(MEMBER)] | FILE FN FT",
	  "Print the records of a data set or a CMS file in hexadecimal", 2, 3,
	  { VOLUME_OPTIONS }, run_dump },
	{ "track", "FILE CYLINDER HEAD", "Print the records of a track in hexadecimal", 3, 3,
	  { { "brief", 'b', NULL, "only the count fields" },
	    { "shadow", 's', "PATTERN", "shadow files over FILE" } },
	  run_track },
	{ 0 },
};
