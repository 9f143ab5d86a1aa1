/* dasd370 tape map, tape copy, tape convert. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ebcdic.h"
#include "dasd/command.h"
#include "dasd/tape.h"

#define LABEL_LENGTH 80

/* ---- map ---- */

struct tally {
	uint32_t file, blocks, shortest, longest;
	uint64_t bytes;
};

static bool is_label(const uint8_t *block, uint32_t length)
{
	static const char *const ids[] = { "VOL1", "HDR1", "HDR2", "EOF1", "EOF2",
					   "EOV1", "EOV2", "UHL1", "UTL1" };
	char ascii[4];

	if (length != LABEL_LENGTH)
		return false;
	ebcdic_to_latin1(&codepage_037, ascii, block, 4);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		if (memcmp(ascii, ids[i], 4) == 0)
			return true;
	return false;
}

static void add_block(struct tally *t, uint32_t length)
{
	if (t->blocks == 0 || length < t->shortest)
		t->shortest = length;
	if (length > t->longest)
		t->longest = length;
	t->blocks++;
	t->bytes += length;
}

static void print_tally(const struct tally *t)
{
	char commas[32];

	printf("file %u: %u block%s", t->file, t->blocks, t->blocks == 1 ? "" : "s");
	if (t->blocks)
		printf(" of %u to %u, %s bytes", t->shortest, t->longest,
		       with_commas(t->bytes, commas));
	printf("\n");
}

static int map_tape(const struct arguments *args, struct tape *tape)
{
	struct tally t = { .file = 1 };
	uint8_t block[LABEL_LENGTH];
	enum tape_status status;
	struct error err;
	uint32_t length;

	for (;;) {
		status = tape_read(tape, block, sizeof(block), &length, &err);
		if (status == TAPE_BLOCK) {
			add_block(&t, length);
			if (is_label(block, length)) {
				print_ebcdic(block, LABEL_LENGTH);
				printf("\n");
			}
			continue;
		}
		if (status == TAPE_MARK || t.blocks)
			print_tally(&t);
		if (status != TAPE_MARK)
			break;
		t = (struct tally){ .file = t.file + 1 };
	}
	if (status == TAPE_FAILED)
		return command_trouble(args, &err);
	if (status == TAPE_DAMAGED)
		return command_fail(args, EXIT_NOT_FOUND, "%s", err.text);
	printf("end of tape\n");
	return EXIT_OK;
}

static int run_map(struct arguments *args)
{
	struct tape_options o = { .read_only = true };
	struct error err;
	struct tape *tape = tape_open(args->word[0], &o, &err);
	int rc;

	if (!tape)
		return command_trouble(args, &err);
	printf("%s: %s\n", args->word[0], tape_format_name(tape_format(tape)));
	rc = map_tape(args, tape);
	tape_close(tape, NULL);
	return rc;
}

/* ---- copy ---- */

/* The format of a new tape: by option, or by the name's ending. */
static bool new_format(const struct arguments *args, const char *path, struct tape_options *o)
{
	const char *format = option_value(args, "format");
	const char *method = option_value(args, "compress");
	const char *dot = strrchr(path, '.');
	uint32_t level;

	if (!format)
		format = dot && (!strcasecmp(dot, ".tap") || !strcasecmp(dot, ".het")) ? dot + 1
										      : "aws";
	if (!strcasecmp(format, "aws"))
		o->format = TAPE_AWS;
	else if (!strcasecmp(format, "het"))
		o->format = TAPE_HET;
	else if (!strcasecmp(format, "tap"))
		o->format = TAPE_SIMH;
	else
		return command_fail(args, EXIT_USAGE, "--format %s: not known", format), false;
	o->compression = COMPRESS_ZLIB;
	if (method && !strcasecmp(method, "bzip2"))
		o->compression = COMPRESS_BZIP2;
	else if (method && !strcasecmp(method, "none"))
		o->compression = COMPRESS_NONE;
	else if (method && strcasecmp(method, "zlib"))
		return command_fail(args, EXIT_USAGE, "--compress %s: not known", method), false;
	if (!option_number(args, "level", 1, 9, 0, &level))
		return false;
	o->level = level ? (int)level : -1;
	return true;
}

/* Everything from one tape to another; damage in the source is an error. */
static bool copy_tape(struct tape *from, struct tape *to, uint64_t size, struct error *err)
{
	uint8_t *block = malloc(TAPE_BLOCK_MAX);
	enum tape_status status;
	struct progress p;
	uint32_t length;
	bool ok = block != NULL;

	if (!block)
		error_set(err, 0, "no memory");
	progress_begin(&p, "copying", size);
	while (ok) {
		status = tape_read(from, block, TAPE_BLOCK_MAX, &length, err);
		progress_show(&p, tape_offset(from));
		if (status == TAPE_BLOCK && length)
			ok = tape_write(to, block, length, err);
		else if (status == TAPE_MARK)
			ok = tape_write_mark(to, err);
		else if (status != TAPE_BLOCK)
			break;
	}
	progress_end(&p);
	free(block);
	return ok && status == TAPE_END;
}

static int run_copy(struct arguments *args)
{
	struct tape_options in = { .read_only = true }, out = { .create = true };
	struct tape *from, *to;
	struct error err;
	struct stat st;
	bool ok;

	if (!new_format(args, args->word[1], &out))
		return EXIT_USAGE;
	from = tape_open(args->word[0], &in, &err);
	if (!from)
		return command_trouble(args, &err);
	if (option_given(args, "force"))
		unlink(args->word[1]);
	to = tape_open(args->word[1], &out, &err);
	ok = to && copy_tape(from, to, stat(args->word[0], &st) == 0 ? (uint64_t)st.st_size : 0,
			     &err);
	if (to)
		ok = tape_close(to, ok ? &err : NULL) && ok;
	tape_close(from, NULL);
	if (ok)
		return EXIT_OK;
	if (to)
		unlink(args->word[1]);
	return command_trouble(args, &err);
}

#define COPY_OPTIONS                                                                           \
	{ { "format", 'f', "FORMAT", "aws, het or tap; usual: as TO's name ends" },            \
	  { "compress", 'z', "METHOD", "of a HET: zlib (usual), bzip2 or none" },              \
	  { "level", 'l', "N", "level of the compression, 1 to 9" },                           \
	  { "force", 0, NULL, "replace a file of that name" } }

const struct command tape_commands[] = {
	{ "tape map", "FILE", "Say what is recorded on a tape, file by file", 1, 1, { { 0 } },
	  run_map },
	{ "tape copy", "FROM TO", "Copy a tape, in another format if wanted", 2, 2, COPY_OPTIONS,
	  run_copy },
	{ "tape convert", "FROM TO", "The same as tape copy", 2, 2, COPY_OPTIONS, run_copy },
	{ 0 },
};
