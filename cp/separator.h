/*
 * cp/separator.h - what a printer or punch that was started with separators
 * writes before each file.
 *
 * GC20-1806, "VM/370 Operator's Guide", START: two pages with the file's facts
 * and its owner and distribution code in large letters; four cards.
 *
 * Threads: any.
 */
#ifndef CP_SEPARATOR_H
#define CP_SEPARATOR_H

#include "cp/spool.h"
#include "devices/cards.h"

void separator_write(struct card_sink *sink, enum spool_queue queue,
		     const struct spool_file *file);

#endif
