/*
 * cp/commands/hexloc.h - the operand [L|T|K]hexloc[-|:hexloc2|END][.count] of
 * DISPLAY and DUMP. GC20-1820, DISPLAY.
 */
#ifndef CP_HEXLOC_H
#define CP_HEXLOC_H

#include <stdbool.h>
#include <stdint.h>

struct vmblok;

struct hexloc {
	bool text, keys;      /* T and K forms */
	uint32_t first, last; /* inclusive, word-aligned first; T: 16-byte lines */
};

/* Returns 0, or the number of the message sent in the name of module. */
int hexloc_parse(struct vmblok *vm, const char *module, const char *word,
		 struct hexloc *loc);

#endif
