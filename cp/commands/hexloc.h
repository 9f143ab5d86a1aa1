/*
 * cp/commands/hexloc.h - operands of DISPLAY and DUMP: a letter, and first[-|:last],
 * first.count or END behind it. GC20-1820, DISPLAY.
 *
 * What is refused, with which message and which part of the operand in it, is as in
 * VM/370 Release 6 (modules DMKCDB and DMKCDM).
 */
#ifndef CP_HEXLOC_H
#define CP_HEXLOC_H

#include <stdbool.h>
#include <stdint.h>

struct vmblok;

struct hexloc {
	uint32_t first, last; /* inclusive, as they were typed */
};

/*
 * Storage addresses: text is what stands behind the letter; nothing, or a range
 * without an end, means all there is. Returns 0, or the number of the message sent
 * in the name of module.
 */
int hexloc_storage(struct vmblok *vm, const char *module, const char *text,
		   struct hexloc *loc);
/* Register numbers, decimal or hexadecimal: step 1, or 2 for floating point. */
int hexloc_registers(struct vmblok *vm, const char *module, const char *text, unsigned step,
		     struct hexloc *loc);

#endif
