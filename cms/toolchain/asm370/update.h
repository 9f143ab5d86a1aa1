/*
 * cms/toolchain/asm370/update.h - UPDATE files applied to a source before it
 * is assembled, as VM/370's UPDATE and VMFASM do. GC20-1819, "UPDATE".
 */
#ifndef CMS_TOOLCHAIN_ASM370_UPDATE_H
#define CMS_TOOLCHAIN_ASM370_UPDATE_H

#include <stddef.h>

#include "base/compiler.h"
#include "base/error.h"
#include "cms/toolchain/asm370/asm370.h"

/*
 * Apply one update file, whose control statements are
 *
 *   ./ S [start [increment [label]]]   give new sequence numbers
 *   ./ I seq [$ start [increment]]     insert what follows behind seq
 *   ./ D seq [seq] [$]                 delete
 *   ./ R seq [seq] [$ start [incr]]    replace by what follows
 *   ./ * comment
 *
 * Sequence numbers are columns 73-80, or 76-80 where a label stands before
 * them. Returns lines of 80 columns in malloc'ed memory and their size, or
 * NULL with err naming file and line.
 */
char *update_apply(const struct asm370_source *source,
		   const struct asm370_source *update, size_t *size,
		   struct error *err) MUST_USE;

#endif
