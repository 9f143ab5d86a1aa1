/* dasd370 layer, merge, extract, insert. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dasd/command.h"
#include "dasd/maintain.h"

/* ---- shadow files ---- */

static int run_layer(struct arguments *args)
{
	struct volume_options o = { .shadow = args->word[1], .new_shadow = true };
	struct error err;
	struct volume *vol = volume_open(args->word[0], &o, &err);
	char name[1024];
	unsigned n;

	if (!vol)
		return command_trouble(args, &err);
	n = volume_info(vol)->shadows;
	if (!volume_close(vol, &err))
		return command_trouble(args, &err);
	if (volume_shadow_name(name, sizeof(name), args->word[1], n))
		printf("%s\n", name);
	return EXIT_OK;
}

static int run_merge(struct arguments *args)
{
	bool all = option_given(args, "all");
	struct error err;
	unsigned merged, total = 0;

	do {
		if (!volume_merge(args->word[0], args->word[1], &merged, &err))
			return command_trouble(args, &err);
		total += merged > 0;
	} while (all && merged);
	if (!total)
		return command_fail(args, EXIT_NOT_FOUND, "%s: there is no shadow file",
				    args->word[1]);
	printf("%u merged\n", total);
	return EXIT_OK;
}

/* ---- cylinder ranges ---- */

static void show(void *context, uint64_t done)
{
	progress_show(context, done);
}

static bool copy_range(struct volume *from, uint32_t from_cylinder, struct volume *to,
		       uint32_t to_cylinder, uint32_t cylinders, bool counts, struct error *err)
{
	uint32_t heads = volume_info(from)->heads;
	struct progress p;
	bool ok;

	progress_begin(&p, "copying", (uint64_t)cylinders * heads);
	ok = volume_copy(from, from_cylinder * heads, to, to_cylinder * heads,
			 cylinders * heads, counts, show, &p, err);
	progress_end(&p);
	return ok;
}

static int extract(const struct arguments *args, struct volume *vol, uint32_t first,
		   uint32_t last, const char *to)
{
	const struct volume_info *info = volume_info(vol);
	struct volume_new what = {
		.format = info->format,
		.compression = info->compression ? info->compression : COMPRESS_ZLIB,
		.level = -1,
		.null_format = 1,
		.geometry = info->geometry,
		.cylinders = last - first + 1,
		.replace = option_given(args, "force"),
	};
	struct error err;
	struct volume *out;
	bool ok;

	if (info->fixed_block || last >= info->cylinders)
		return command_fail(args, EXIT_USAGE, "%s: has no cylinder %u", info->path, last);
	if (!volume_create(to, &what, &err) || !(out = volume_open(to, NULL, &err)))
		return command_trouble(args, &err);
	ok = copy_range(vol, first, out, 0, what.cylinders, option_given(args, "renumber"),
			&err);
	ok = volume_close(out, ok ? &err : NULL) && ok;
	if (ok)
		return EXIT_OK;
	unlink(to);
	return command_trouble(args, &err);
}

static int run_extract(struct arguments *args)
{
	struct volume_options o = { .read_only = true,
				    .shadow = option_value(args, "shadow") };
	struct error err;
	uint32_t first, last;
	struct volume *vol;
	int rc;

	if (!parse_range(args->word[1], &first, &last))
		return EXIT_USAGE;
	vol = volume_open(args->word[0], &o, &err);
	if (!vol)
		return command_trouble(args, &err);
	rc = extract(args, vol, first, last, args->word[2]);
	volume_close(vol, NULL);
	return rc;
}

static int insert(const struct arguments *args, struct volume *vol, uint32_t first,
		  struct volume *mini)
{
	const struct volume_info *to = volume_info(vol), *from = volume_info(mini);
	struct error err;

	if (to->fixed_block || from->fixed_block || to->geometry->type != from->geometry->type)
		return command_fail(args, EXIT_USAGE, "the volumes are of different types");
	if (first + from->cylinders > to->cylinders)
		return command_fail(args, EXIT_USAGE, "%u cylinders do not fit behind %u of %u",
				    from->cylinders, first, to->cylinders);
	if (!copy_range(mini, 0, vol, first, from->cylinders, option_given(args, "renumber"),
			&err))
		return command_trouble(args, &err);
	return EXIT_OK;
}

static int run_insert(struct arguments *args)
{
	struct volume_options to = { .shadow = option_value(args, "shadow") };
	struct volume_options from = { .read_only = true };
	struct volume *vol, *mini;
	struct error err;
	uint32_t first, last;
	int rc;

	if (!parse_range(args->word[1], &first, &last))
		return EXIT_USAGE;
	mini = volume_open(args->word[2], &from, &err);
	if (!mini)
		return command_trouble(args, &err);
	vol = volume_open(args->word[0], &to, &err);
	rc = vol ? insert(args, vol, first, mini) : command_trouble(args, &err);
	if (vol && !volume_close(vol, &err) && rc == EXIT_OK)
		rc = command_trouble(args, &err);
	volume_close(mini, NULL);
	return rc;
}

const struct command layer_commands[] = {
	{ "layer", "FILE PATTERN", "Begin one more shadow file over an image", 2, 2,
	  { { 0 } }, run_layer },
	{ "merge", "FILE PATTERN", "Write the highest shadow file into the file below it", 2, 2,
	  { { "all", 0, NULL, "and so on, down to the image" } }, run_merge },
	{ "extract", "FILE FIRST-LAST TO", "Copy a range of cylinders to a volume of its own", 3,
	  3,
	  { { "renumber", 'r', NULL, "change the cylinder in the records' count fields too" },
	    { "force", 0, NULL, "replace a file of that name" },
	    { "shadow", 's', "PATTERN", "shadow files over FILE" } },
	  run_extract },
	{ "insert", "FILE FIRST FROM", "Copy a volume to a range of cylinders of another one", 3,
	  3,
	  { { "renumber", 'r', NULL, "change the cylinder in the records' count fields too" },
	    { "shadow", 's', "PATTERN", "shadow files over FILE" } },
	  run_insert },
	{ 0 },
};
