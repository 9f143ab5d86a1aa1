/*
 * Fuzz target: any bytes as a source of asm370, as an update, as a control file,
 * and what comes out as decks of link370. Built by "make fuzz-asm" with clang's
 * libFuzzer, address and undefined-behaviour sanitizers; run by run_asm.
 *
 * The first two bytes choose options, the rest is the source. A line that begins
 * with ./ ends it where an update or control file is asked for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cms/toolchain/asm370/asm370.h"
#include "cms/toolchain/asm370/control.h"
#include "cms/toolchain/asm370/update.h"
#include "cms/toolchain/link370/link.h"

/* byte 0 */
#define LONG_NAMES 0x01
#define RENT       0x02
#define MLOGIC     0x04
#define CARDS      0x08
#define TEST       0x10
#define UPDATE     0x20
#define LINK       0x40
#define CONTROL    0x80
/* byte 1 */
#define SHORT      0x01 /* cross reference */
#define NO_LIST    0x02
#define NUCLEUS    0x04
#define DECK       0x08 /* the input is a deck */
#define LINES      0x10 /* ten lines a page */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A member that is the source itself: COPY and macros that never end. */
static bool include(void *ctx, const char *name, struct asm370_source *out)
{
	if (name[0] == 'N')
		return false;
	*out = *(const struct asm370_source *)ctx;
	return true;
}

static void link_deck(const uint8_t *deck, size_t size, bool nucleus)
{
	struct link370_options options = { .origin = 0x1000, .nucleus = nucleus };
	struct link370 *link = link370_new(&options);
	struct error err = { 0, "" };
	size_t n;

	if (link && link370_load(link, "deck", deck, size, &err) &&
	    link370_finish(link, &err)) {
		free(link370_map(link, &n));
		free(link370_ipl_deck(link, &n, &err));
		free(link370_module(link, &n, &err));
	}
	link370_free(link);
}

/* Where a line begins with ./, or the end. */
static size_t update_at(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 2 < n; i++)
		if (p[i] == '\n' && p[i + 1] == '.' && p[i + 2] == '/')
			return i + 1;
	return n;
}

static void write_file(const char *name, const void *p, size_t n)
{
	FILE *f = fopen(name, "wb");

	if (f) {
		fwrite(p, 1, n, f);
		fclose(f);
	}
}

/* The bytes as control file, as list and as update of a source. */
static void control(const uint8_t *p, size_t n, size_t split)
{
	struct asm370_source source = { .encoding = ASM370_LINES, .size = split };
	struct control result;
	struct error err = { 0, "" };
	char folder[64], name[3][100];

	snprintf(folder, sizeof(folder), "/tmp/fuzz_asm.%d", (int)getpid());
	snprintf(name[0], sizeof(name[0]), "%s.cntrl", folder);
	snprintf(name[1], sizeof(name[1]), "%s.auxa", folder);
	snprintf(name[2], sizeof(name[2]), "%s.updta", folder);
	write_file(name[0], p, split);
	write_file(name[1], "A\nPTF UPDTA\n", 12);
	write_file(name[2], p + split, n - split);
	source.data = malloc(split + 1);
	if (!source.data)
		return;
	memcpy((void *)source.data, p, split);
	if (!control_apply(name[0], name[0], &source, &result, &err) && !err.text[0])
		abort();
	control_release(&result);
	free((void *)source.data);
	for (unsigned i = 0; i < 3; i++)
		unlink(name[i]);
}

static void set_options(struct asm370_options *o, uint8_t flags, uint8_t more)
{
	asm370_defaults(o);
	o->max_statements = 5000;
	o->sysparm = "PARM";
	o->include = include;
	o->long_names = flags & LONG_NAMES;
	o->rent = flags & RENT;
	o->mlogic = o->mcall = o->libmac = flags & MLOGIC;
	o->test = flags & TEST;
	o->list = !(more & NO_LIST);
	o->xref = more & SHORT ? ASM370_XREF_SHORT : ASM370_XREF_FULL;
	if (more & LINES)
		o->linecount = 10;
}

static void assemble(const struct asm370_source *source, uint8_t flags, uint8_t more)
{
	struct asm370_options options;
	struct asm370_result result;

	set_options(&options, flags, more);
	options.ctx = (void *)source;
	if (asm370_assemble(source, &options, &result) && (flags & LINK) &&
	    result.deck_size < 100000)
		link_deck(result.deck, result.deck_size, more & NUCLEUS);
	asm370_release(&result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct asm370_source source = { .name = "fuzz", .encoding = ASM370_LINES };
	uint8_t flags, more;
	char *updated = NULL;
	size_t split;

	if (size < 2)
		return 0;
	flags = data[0];
	more = data[1];
	source.data = data + 2;
	source.size = size - 2;
	if (flags & CARDS)
		source.encoding = ASM370_CARDS;
	if (more & DECK) {
		link_deck(source.data, source.size, more & NUCLEUS);
		return 0;
	}
	split = update_at(source.data, source.size);
	if (flags & CONTROL)
		control(source.data, source.size, split);
	if (flags & UPDATE) {
		struct asm370_source update = source;
		struct error err;

		update.data = data + 2 + split;
		update.size -= split;
		source.size = split;
		updated = update_apply(&source, &update, &split, &err);
		if (updated) {
			source.data = updated;
			source.size = split;
			source.encoding = ASM370_LINES;
		}
	}
	assemble(&source, flags, more);
	free(updated);
	return 0;
}
