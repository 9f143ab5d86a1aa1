/*
 * Fuzz target: any bytes as a source of asm370, and what it punches as decks
 * of link370. Built by "make fuzz-asm" with clang's libFuzzer, address and
 * undefined-behaviour sanitizers.
 */
#include <stdlib.h>
#include <string.h>

#include "cms/toolchain/asm370/asm370.h"
#include "cms/toolchain/link370/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A member that is the source itself: COPY and macros that never end. */
static bool include(void *ctx, const char *name, struct asm370_source *out)
{
	if (name[0] == 'N')
		return false;
	*out = *(const struct asm370_source *)ctx;
	return true;
}

static void link_deck(const uint8_t *deck, size_t size)
{
	struct link370_options options = { .origin = 0x1000 };
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct asm370_options options;
	struct asm370_source source = { "fuzz", data, size, ASM370_LINES };
	struct asm370_result result;
	uint8_t flags = size ? data[0] : 0;

	asm370_defaults(&options);
	options.max_statements = 5000;
	options.sysparm = "PARM";
	options.include = include;
	options.ctx = &source;
	options.long_names = flags & 1;
	options.rent = flags & 2;
	options.mlogic = options.mcall = flags & 4;
	options.xref = ASM370_XREF_FULL;
	if (flags & 8)
		source.encoding = ASM370_CARDS;
	if (asm370_assemble(&source, &options, &result) && (flags & 0xF0) == 0x40 &&
	    result.deck_size < 100000)
		link_deck(result.deck, result.deck_size);
	asm370_release(&result);
	if (size % 80 == 0 && (flags == 0x02 || (flags & 0xF0) == 0x40))
		link_deck(data, size);
	return 0;
}
