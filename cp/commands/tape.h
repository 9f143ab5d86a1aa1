/*
 * cp/commands/tape.h - what QUERY tells of tape drives.
 */
#ifndef CP_COMMANDS_TAPE_H
#define CP_COMMANDS_TAPE_H

#include <stdbool.h>
#include <stdint.h>

struct args;
struct systape;
struct vmblok;

/* " NAME R/O": the tape on a drive, by the name of its file; "" none. */
const char *tape_mounted(const struct systape *drive, char out[64]);
/* QUERY TAPES of class B. */
int query_real_tapes(struct vmblok *vm, struct args *args);

#endif
