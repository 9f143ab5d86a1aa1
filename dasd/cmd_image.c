/* dasd370 create, info, copy, convert, check, compact. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dasd/cckd.h"
#include "dasd/command.h"
#include "dasd/label.h"
#include "dasd/maintain.h"

#define BASE_OPTIONS                                                                           \
	{ "format", 'f', "FORMAT", "ckd, cckd, cckd64, fba, cfba or cfba64" },                 \
	{ "compress", 'z', "METHOD", "zlib (usual), bzip2 or none" },                          \
	{ "level", 'l', "N", "level of the compression, 1 to 9" },                             \
	{ "force", 0, NULL, "replace a file of that name" }

static const char *const format_names[] = { "ckd", "cckd", "cckd64", "fba", "cfba", "cfba64" };
static const char *const method_names[] = { "none", "zlib", "bzip2" };

static bool pick(const struct arguments *args, const char *option, const char *const *names,
		 int count, int *out)
{
	const char *value = option_value(args, option);

	if (!value)
		return true;
	for (int i = 0; i < count; i++)
		if (strcasecmp(value, names[i]) == 0) {
			*out = i;
			return true;
		}
	command_fail(args, EXIT_USAGE, "--%s %s: not known", option, value);
	return false;
}

/* Format, compression and level from the options; what has the usual ones. */
static bool pick_format(const struct arguments *args, struct volume_new *what)
{
	int format = what->format, method = what->compression;
	uint32_t level;

	if (!pick(args, "format", format_names, 6, &format) ||
	    !pick(args, "compress", method_names, 3, &method) ||
	    !option_number(args, "level", 1, 9, 0, &level))
		return false;
	what->format = (enum volume_format)format;
	what->compression = (enum compression)method;
	what->level = level ? (int)level : -1;
	what->replace = option_given(args, "force");
	return true;
}

static bool is_fixed(enum volume_format format)
{
	return format >= VOLUME_FBA;
}

/* ---- create ---- */

static int run_create(struct arguments *args)
{
	struct volume_new what = { .format = VOLUME_CCKD, .compression = COMPRESS_ZLIB };
	const char *type = args->word[1];
	const struct fba_geometry *fba = geometry_find_fba(type);
	struct error err;
	uint32_t null;

	what.geometry = geometry_find(type);
	if (fba)
		what.format = VOLUME_CFBA;
	if (!pick_format(args, &what) || !option_number(args, "null", 0, 2, 1, &null))
		return EXIT_USAGE;
	if (!what.geometry && !fba)
		return command_fail(args, EXIT_USAGE, "%s: no such device type", type);
	if (is_fixed(what.format) != !!fba)
		return command_fail(args, EXIT_USAGE, "a %s cannot have that format", type);
	if (what.geometry) {
		uint32_t usual = what.geometry->cylinders;

		if (option_given(args, "alternates"))
			usual += what.geometry->alternates;
		if (!option_number(args, "cylinders", 1, UINT16_MAX, usual, &what.cylinders))
			return EXIT_USAGE;
	} else if (!option_number(args, "blocks", 2, INT32_MAX, fba->blocks, &what.blocks)) {
		return EXIT_USAGE;
	}
	what.null_format = null;
	what.volser = args->words > 2 ? args->word[2] : NULL;
	return volume_create(args->word[0], &what, &err) ? EXIT_OK : command_trouble(args, &err);
}

/* ---- info ---- */

static void print_bytes(const char *label, uint64_t n)
{
	char commas[32];

	printf("  %-12s %s bytes\n", label, with_commas(n, commas));
}

static void info_label(struct volume *vol)
{
	const struct volume_info *info = volume_info(vol);
	char volser[VOLSER_SIZE + 1];
	uint8_t block[FBA_BLOCK_SIZE];
	struct track *t;
	bool found = false;

	if (info->fixed_block) {
		found = info->blocks > 1 && volume_read_blocks(vol, 1, 1, block, NULL) &&
			label_of_block(block, volser);
	} else if ((t = volume_pin(vol, 0, NULL))) {
		found = label_of_track(t->data, volser);
		volume_unpin(t);
	}
	printf("  %-12s %s\n", "volume", found ? volser : "no VOL1 label");
}

static void info_shape(const struct volume_info *info)
{
	char commas[32];
	uint64_t track = info->geometry ? info->geometry->track_length : 0;

	if (info->fixed_block) {
		printf("  %-12s %s\n", "device",
		       info->fba ? info->fba->name : "fixed-block, not known which");
		printf("  %-12s %s\n", "blocks", with_commas(info->blocks, commas));
		print_bytes("capacity", (uint64_t)info->blocks * FBA_BLOCK_SIZE);
		return;
	}
	printf("  %-12s %s\n", "device", info->geometry->name);
	printf("  %-12s %u of %u tracks, %s bytes a track\n", "cylinders", info->cylinders,
	       info->heads, with_commas(track, commas));
	print_bytes("capacity", track * info->units);
}

static int info_one(const struct arguments *args, const char *path)
{
	struct volume_options o = { .read_only = true,
				    .shadow = option_value(args, "shadow") };
	struct error err;
	struct volume *vol = volume_open(path, &o, &err);
	const struct volume_info *info;
	struct stat st;

	if (!vol)
		return command_trouble(args, &err);
	info = volume_info(vol);
	printf("%s: %s", path, volume_format_name(info->format));
	if (info->format != VOLUME_CKD && info->format != VOLUME_FBA)
		printf(", %s", compression_name(info->compression));
	if (info->shadows)
		printf(", %u shadow file%s", info->shadows, info->shadows > 1 ? "s" : "");
	printf("\n");
	info_label(vol);
	info_shape(info);
	if (stat(path, &st) == 0)
		print_bytes("file", (uint64_t)st.st_size);
	volume_close(vol, NULL);
	return EXIT_OK;
}

static int run_info(struct arguments *args)
{
	int rc = EXIT_OK;

	for (int i = 0; i < args->words; i++) {
		int one = info_one(args, args->word[i]);

		rc = one ? one : rc;
	}
	return rc;
}

/* ---- copy ---- */

static void show(void *context, uint64_t done)
{
	progress_show(context, done);
}

/* The target's form: the source's, changed by the options. */
static bool describe_copy(const struct arguments *args, const struct volume_info *from,
			  struct volume_new *what)
{
	what->format = from->format;
	what->compression = COMPRESS_ZLIB;
	if (from->format != VOLUME_CKD && from->format != VOLUME_FBA)
		what->compression = from->compression;
	what->geometry = from->geometry;
	what->null_format = 1;
	what->fba_type = from->fba ? from->fba->type & 0xFF : 0;
	if (!pick_format(args, what))
		return false;
	if (is_fixed(what->format) != from->fixed_block) {
		command_fail(args, EXIT_USAGE, "a %s volume cannot become %s",
			     volume_format_name(from->format),
			     volume_format_name(what->format));
		return false;
	}
	if (from->fixed_block)
		return option_number(args, "blocks", 2, INT32_MAX, from->blocks, &what->blocks);
	return option_number(args, "cylinders", 1, UINT16_MAX, from->cylinders,
			     &what->cylinders);
}

/* Fixed-block volumes of other sizes end in the middle of a group. */
static bool copy_blocks(struct volume *from, struct volume *to, progress_fn progress,
			void *context, struct error *err)
{
	uint32_t blocks = volume_info(from)->blocks;
	uint8_t group[FBA_GROUP_SIZE];

	if (volume_info(to)->blocks < blocks)
		blocks = volume_info(to)->blocks;
	for (uint32_t at = 0; at < blocks; at += FBA_GROUP_BLOCKS) {
		uint32_t n = blocks - at < FBA_GROUP_BLOCKS ? blocks - at : FBA_GROUP_BLOCKS;

		memset(group, 0, sizeof(group));
		if (!volume_read_blocks(from, at, n, group, err) ||
		    !volume_write_track(to, at / FBA_GROUP_BLOCKS, group, sizeof(group), err))
			return false;
		progress(context, at / FBA_GROUP_BLOCKS + 1);
	}
	return true;
}

static bool copy_all(struct volume *from, struct volume *to, struct error *err)
{
	uint32_t units = volume_info(from)->units;
	struct progress p;
	bool ok;

	if (volume_info(to)->units < units)
		units = volume_info(to)->units;
	progress_begin(&p, "copying", units);
	if (volume_info(from)->fixed_block)
		ok = copy_blocks(from, to, show, &p, err);
	else
		ok = volume_copy(from, 0, to, 0, units, false, show, &p, err);
	progress_end(&p);
	return ok;
}

/* Would anything be lost if the volume ended behind unit number units? */
static bool nothing_beyond(const struct arguments *args, struct volume *vol, uint32_t units,
			   int *rc)
{
	struct error err;
	bool empty;

	if (units >= volume_info(vol)->units || option_given(args, "cut"))
		return true;
	if (!volume_is_empty(vol, units, volume_info(vol)->units - units, &empty, &err))
		*rc = command_trouble(args, &err);
	else if (!empty)
		*rc = command_fail(args, EXIT_NOT_FOUND,
				   "there is data beyond the new end; --cut gives it up");
	return *rc == 0;
}

/* Make "to" of that form, filled from vol; removed again on failure. */
static int copy_into(const struct arguments *args, struct volume *vol,
		     const struct volume_new *what, const char *to)
{
	struct error err;
	struct volume *out;
	bool ok;

	if (!volume_create(to, what, &err))
		return command_trouble(args, &err);
	out = volume_open(to, NULL, &err);
	ok = out && copy_all(vol, out, &err);
	if (out)
		ok = volume_close(out, ok ? &err : NULL) && ok;
	if (ok)
		return EXIT_OK;
	unlink(to);
	return command_trouble(args, &err);
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

static int run_copy(struct arguments *args)
{
	struct volume_options o = { .read_only = true,
				    .shadow = option_value(args, "shadow") };
	struct volume_new what = { 0 };
	struct error err;
	struct volume *vol;
	uint32_t units;
	int rc = EXIT_OK;

	if (same_file(args->word[0], args->word[1]))
		return command_fail(args, EXIT_USAGE, "%s: cannot be copied onto itself",
				    args->word[0]);
	vol = volume_open(args->word[0], &o, &err);
	if (!vol)
		return command_trouble(args, &err);
	if (!describe_copy(args, volume_info(vol), &what)) {
		volume_close(vol, NULL);
		return EXIT_USAGE;
	}
	units = volume_info(vol)->fixed_block
			? (what.blocks + FBA_GROUP_BLOCKS - 1) / FBA_GROUP_BLOCKS
			: what.cylinders * volume_info(vol)->heads;
	if (nothing_beyond(args, vol, units, &rc))
		rc = copy_into(args, vol, &what, args->word[1]);
	volume_close(vol, NULL);
	return rc;
}

/* ---- check ---- */

#define SAID_MAX 100 /* of one file */

struct checking {
	struct progress progress;
	unsigned said;
};

static void say(void *context, const char *sentence)
{
	struct checking *c = context;

	if (c->said++ < SAID_MAX)
		printf("%s\n", sentence);
	else if (c->said == SAID_MAX + 1)
		printf("... and more\n");
}

static void show_check(void *context, uint64_t done)
{
	progress_show(&((struct checking *)context)->progress, done);
}

static int check_one(const struct arguments *args, const char *path, bool repair)
{
	struct checking c = { .said = 0 };
	struct volume_options o = { .read_only = true, .cache_bytes = 1 };
	struct volume *vol = volume_open(path, &o, NULL);
	struct check_result r;
	bool counted = vol != NULL;
	struct error err;
	bool ok;

	progress_begin(&c.progress, "checking", vol ? volume_info(vol)->units : 1);
	volume_close(vol, NULL);
	ok = image_check(path, repair, say, counted ? show_check : NULL, &c, &r, &err);
	progress_end(&c.progress);
	if (!ok)
		return command_trouble(args, &err);
	if (r.was_open)
		printf("%s: had not been closed%s\n", path,
		       repair ? "; it is now" : " (nothing is lost by that)");
	printf("%s: %u problem%s, %u repaired\n", path, r.problems, r.problems == 1 ? "" : "s",
	       r.repaired);
	if (!r.problems)
		return EXIT_OK;
	return repair ? EXIT_REPAIRED : EXIT_NOT_FOUND;
}

static int run_check(struct arguments *args)
{
	int rc = EXIT_OK;

	for (int i = 0; i < args->words; i++) {
		int one = check_one(args, args->word[i], option_given(args, "repair"));

		rc = one == EXIT_OK || rc == EXIT_TROUBLE ? rc : one;
	}
	return rc;
}

/* ---- compact ---- */

static int compact(const struct arguments *args, const char *path)
{
	struct volume_options o = { .read_only = true };
	const struct volume_info *info;
	struct volume_new what = { .null_format = 1, .level = -1, .replace = true };
	struct stat before, after;
	struct error err;
	struct volume *vol;
	char temporary[1024], a[32], b[32];
	int rc;

	vol = volume_open(path, &o, &err);
	if (!vol)
		return command_trouble(args, &err);
	info = volume_info(vol);
	what.format = info->format;
	what.compression = info->compression;
	what.geometry = info->geometry;
	what.cylinders = info->cylinders;
	what.blocks = info->blocks;
	if (info->format == VOLUME_CKD || info->format == VOLUME_FBA)
		rc = command_fail(args, EXIT_USAGE, "%s: not a compressed image", path);
	else if (snprintf(temporary, sizeof(temporary), "%s.compact", path) >=
		 (int)sizeof(temporary))
		rc = command_fail(args, EXIT_USAGE, "%s: the name is too long", path);
	else
		rc = copy_into(args, vol, &what, temporary);
	volume_close(vol, NULL);
	if (rc)
		return rc;
	if (stat(path, &before) < 0 || stat(temporary, &after) < 0 ||
	    chmod(temporary, before.st_mode & 07777) < 0 || rename(temporary, path) < 0) {
		rc = command_fail(args, EXIT_TROUBLE, "%s: %s", path, strerror(errno));
		unlink(temporary);
		return rc;
	}
	printf("%s: %s bytes, were %s\n", path, with_commas((uint64_t)after.st_size, a),
	       with_commas((uint64_t)before.st_size, b));
	return EXIT_OK;
}

static int run_compact(struct arguments *args)
{
	int rc = EXIT_OK;

	for (int i = 0; i < args->words; i++) {
		int one = compact(args, args->word[i]);

		rc = one ? one : rc;
	}
	return rc;
}

#define COPY_OPTIONS                                                                           \
	{ BASE_OPTIONS,                                                                        \
	  { "cylinders", 'c', "N", "cylinders of the copy" },                                  \
	  { "blocks", 'b', "N", "blocks of the copy" },                                        \
	  { "cut", 0, NULL, "give up data beyond the new end" },                               \
	  { "shadow", 's', "PATTERN", "shadow files over FROM" } }

const struct command image_commands[] = {
	{ "create", "FILE TYPE[-MODEL] [VOLSER]", "Make a new volume; with VOLSER it gets a label",
	  2, 3,
	  { BASE_OPTIONS,
	    { "cylinders", 'c', "N", "cylinders, if other than the model has" },
	    { "alternates", 'a', NULL, "add the model's alternate cylinders" },
	    { "blocks", 'b', "N", "blocks, if other than the model has" },
	    { "null", 0, "N", "what new tracks hold: 0 an end-of-file record, 1 nothing (usual), "
			      "2 twelve records of 4096 zeros" } },
	  run_create },
	{ "info", "FILE...", "Say what a volume is", 1, -1,
	  { { "shadow", 's', "PATTERN", "shadow files over it" } },
	  run_info },
	{ "copy", "FROM TO", "Copy a volume, in another format or size if wanted", 2, 2,
	  COPY_OPTIONS, run_copy },
	{ "convert", "FROM TO", "The same as copy", 2, 2, COPY_OPTIONS, run_copy },
	{ "check", "FILE...", "Check the tables and every track of an image", 1, -1,
	  { { "repair", 0, NULL, "mend what can be mended; damaged tracks lose records" } },
	  run_check },
	{ "compact", "FILE...", "Write a compressed image anew, without free space", 1, -1,
	  { { 0 } }, run_compact },
	{ 0 },
};
