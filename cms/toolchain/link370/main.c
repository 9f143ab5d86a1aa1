/*
 * link370 - put object decks together.
 *
 *   link370 [options] DECK... -o FILE
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cms/toolchain/asm370/library.h"
#include "cms/toolchain/link370/link.h"

enum format { FORMAT_IPL, FORMAT_CORE, FORMAT_MODULE, FORMAT_TEXT };

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "format", required_argument, NULL, 'f' },
	{ "origin", required_argument, NULL, 'O' },
	{ "entry", required_argument, NULL, 'e' },
	{ "map", required_argument, NULL, 'm' },
	{ "library", required_argument, NULL, 'l' },
	{ "nucleus", no_argument, NULL, 'n' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char usage[] =
	"usage: link370 [options] DECK...\n"
	"  -o FILE, --output FILE   what to write\n"
	"  -f FORMAT, --format F    ipl: deck to IPL from a reader (the default)\n"
	"                           core: storage from the first to the last byte\n"
	"                           module: CMS MODULE, each record after its length\n"
	"                           text: the decks in one file\n"
	"  -O HEX, --origin HEX     address of the first section (default 0; module 20000)\n"
	"  -e NAME, --entry NAME    where the program begins\n"
	"  -m FILE, --map FILE      write the map; - is standard output\n"
	"  -l DIR, --library DIR    look there for NAME.obj or NAME.text of missing names\n"
	"  -n, --nucleus            keep sections behind DMKCPE within pages\n"
	"  -q, --quiet              no messages\n"
	"Exit status: 0; 4 undefined or duplicate names; 8 wrong cards; 16 nothing written.\n";

struct program {
	struct link370_options options;
	const char *output, *map;
	enum format format;
	bool has_origin, quiet;
	const char *folders[32];
	unsigned folder_count;
	void *decks[1024]; /* contents of files, freed at the end */
	unsigned deck_count;
};

static bool parse_format(struct program *p, const char *arg, struct error *err)
{
	static const char *const names[] = { "ipl", "core", "module", "text" };

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(arg, names[i]) == 0) {
			p->format = (enum format)i;
			return true;
		}
	error_set(err, 0, "--format %s: no such format", arg);
	return false;
}

static bool parse_origin(struct program *p, const char *arg, struct error *err)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 16);

	if (*end || end == arg || n >= LINK370_STORAGE) {
		error_set(err, 0, "--origin %s: not a hexadecimal address below 1000000",
			  arg);
		return false;
	}
	p->options.origin = (uint32_t)n;
	p->has_origin = true;
	return true;
}

static bool parse_option(struct program *p, int c, const char *arg, struct error *err)
{
	switch (c) {
	case 'o': p->output = arg; return true;
	case 'f': return parse_format(p, arg, err);
	case 'O': return parse_origin(p, arg, err);
	case 'e': p->options.entry = arg; return true;
	case 'm': p->map = arg; return true;
	case 'n': p->options.nucleus = true; return true;
	case 'q': p->quiet = true; return true;
	case 'l':
		if (p->folder_count == ARRAY_SIZE(p->folders)) {
			error_set(err, 0, "too many libraries");
			return false;
		}
		p->folders[p->folder_count++] = arg;
		return true;
	default: error_set(err, 0, "wrong command line, see --help"); return false;
	}
}

static void *keep(struct program *p, void *deck)
{
	if (deck && p->deck_count < ARRAY_SIZE(p->decks))
		p->decks[p->deck_count++] = deck;
	return deck;
}

static bool find(void *ctx, const char *name, const void **deck, size_t *size)
{
	static const char *const endings[] = { "obj", "text", "TEXT", "OBJ" };
	struct program *p = ctx;
	struct error err;
	char path[4096];

	for (unsigned f = 0; f < p->folder_count; f++)
		for (unsigned i = 0; i < ARRAY_SIZE(endings); i++) {
			if (p->deck_count == ARRAY_SIZE(p->decks))
				return false;
			snprintf(path, sizeof(path), "%s/%s.%s", p->folders[f], name,
				 endings[i]);
			*deck = keep(p, library_read_file(path, size, &err));
			if (*deck)
				return true;
		}
	return false;
}

static bool write_all(const char *name, const void *data, size_t n, struct error *err)
{
	FILE *f = strcmp(name, "-") == 0 ? stdout : fopen(name, "wb");
	bool ok = f && fwrite(data, 1, n, f) == n;

	if (f && (f == stdout ? fflush(f) : fclose(f)) != 0)
		ok = false;
	if (!ok)
		error_set(err, 0, "%s: cannot be written", name);
	return ok;
}

static bool write_output(struct program *p, struct link370 *link, struct error *err)
{
	struct link370_program program;
	uint8_t *data;
	size_t n = 0;
	bool ok;

	link370_program(link, &program);
	if (p->format == FORMAT_CORE)
		return write_all(p->output, program.storage + program.low,
				 program.high - program.low, err);
	data = p->format == FORMAT_MODULE ? link370_module(link, &n, err)
					  : link370_ipl_deck(link, &n, err);
	ok = data && write_all(p->output, data, n, err);
	free(data);
	return ok;
}

static bool write_map(struct program *p, struct link370 *link, struct error *err)
{
	size_t n;
	char *map;
	bool ok;

	if (!p->map)
		return true;
	map = link370_map(link, &n);
	ok = map && write_all(p->map, map, n, err);
	free(map);
	return ok;
}

static bool load_all(struct program *p, struct link370 *link, char **files, int count,
		     struct error *err)
{
	for (int i = 0; i < count; i++) {
		size_t size = 0;
		void *deck;

		if (p->deck_count == ARRAY_SIZE(p->decks)) {
			error_set(err, 0, "too many decks");
			return false;
		}
		deck = keep(p, library_read_file(files[i], &size, err));
		if (!deck || !link370_load(link, files[i], deck, size, err))
			return false;
	}
	return true;
}

/* --format text: the decks behind one another, an ENTRY card last. */
static bool write_text(struct program *p, char **files, int count, struct error *err)
{
	FILE *f = fopen(p->output, "wb");
	bool ok = f != NULL;

	for (int i = 0; ok && i < count; i++) {
		size_t size = 0;
		void *deck = keep(p, library_read_file(files[i], &size, err));

		ok = deck && fwrite(deck, 1, size, f) == size;
	}
	if (f && fclose(f) != 0)
		ok = false;
	if (!ok && !err->text[0])
		error_set(err, 0, "%s: cannot be written", p->output);
	return ok;
}

static int run(struct program *p, char **files, int count, struct error *err)
{
	struct link370_program program;
	struct link370 *link;
	int rc = 16;

	if (p->format == FORMAT_MODULE && !p->has_origin)
		p->options.origin = 0x20000;
	p->options.find = find;
	p->options.ctx = p;
	link = link370_new(&p->options);
	if (!link) {
		error_set(err, 0, "memory ran out");
		return rc;
	}
	if (load_all(p, link, files, count, err) && link370_finish(link, err) &&
	    write_map(p, link, err) &&
	    (p->format == FORMAT_TEXT ? write_text(p, files, count, err)
				      : write_output(p, link, err))) {
		link370_program(link, &program);
		if (!p->quiet)
			fputs(program.messages, stderr);
		rc = program.errors				 ? 8
		     : program.unresolved || program.duplicates ? 4
								: 0;
	}
	link370_free(link);
	return rc;
}

int main(int argc, char **argv)
{
	static struct program p;
	struct error err = { 0, "" };
	int c, rc = 16;

	while ((c = getopt_long(argc, argv, "o:f:O:e:m:l:nqh", long_options, NULL)) != -1) {
		if (c == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		if (!parse_option(&p, c, optarg, &err))
			break;
	}
	if (!err.text[0] && (optind >= argc || !p.output))
		error_set(&err, 0, "give decks and --output, see --help");
	if (!err.text[0])
		rc = run(&p, argv + optind, argc - optind, &err);
	if (err.text[0])
		fprintf(stderr, "link370: %s\n", err.text);
	for (unsigned i = 0; i < p.deck_count; i++)
		free(p.decks[i]);
	return rc;
}
