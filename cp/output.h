/*
 * cp/output.h - the system's printer, punch and reader: where closed spool files
 * go to the host and decks come from.
 *
 * GC20-1806, "VM/370 Operator's Guide", Spooling. A started printer makes one
 * text file (UTF-8, form feeds) of each copy of a printer file, a started punch
 * one file of 80-byte EBCDIC cards:
 *
 *   DIR/output/USERID/prt-0012-NAME.txt, pun-0013-NAME.deck
 *
 * A file leaves the spool when the host's disk has all of it; a crash in between
 * prints it once more. If the host cannot take it (no space, no directory) the
 * device asks for intervention and the file stays active until START or FLUSH.
 *
 * Threads: the CP thread. Each printer and punch has a thread of its own.
 */
#ifndef CP_OUTPUT_H
#define CP_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "cp/spool.h"

struct cp;
struct output;
struct output_device;

/*
 * Reader 00C, punch 00D, printer 00E, as the last session of CP left them, or, if
 * drain, drained.
 */
struct output *output_open(struct cp *cp, bool drain, struct error *err);
/* What is being written is given up; it is still in the spool. */
void output_close(struct output *output);

/* The device at an address, NULL if there is none. */
struct output_device *output_find(struct output *output, uint16_t raddr);
/* The devices in order of address; NULL behind the last one. */
struct output_device *output_next(struct output *output, const struct output_device *d);
enum spool_queue output_queue(const struct output_device *d);
uint16_t output_address(const struct output_device *d);
/* "PRT", "PUN", "RDR" */
const char *output_word(const struct output_device *d);

bool output_started(struct output_device *d);
/* classes NULL: as they are. A device that asks for intervention tries again. */
void output_start(struct output_device *d, const char *classes, bool separator);
/* True: it is drained now; false: it will be when the active file is done. */
bool output_drain(struct output_device *d);
/* "PRT  00E STARTED   SYSTEM   CLASS = A    NOSEP" */
void output_describe(struct output_device *d, char line[80]);
/* The line about the active file ("PRT  00E PRINTING  ..."); false: none. */
bool output_active(struct output_device *d, const char *word, char line[120]);

/*
 * Requests about the active file; false: there is none. FLUSH: all copies or
 * this one. BACKSPAC: pages -1 means the whole file; from_end counts pages from
 * the end of the file. *busy: the last one is not done yet.
 */
bool output_flush(struct output_device *d, bool all, bool hold);
bool output_repeat(struct output_device *d, unsigned copies, bool hold);
bool output_space(struct output_device *d);
bool output_backspace(struct output_device *d, int pages, bool from_end, bool *busy);

#endif
