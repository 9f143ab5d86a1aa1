/*
 * cp/commands/tape.h - what ATTACH, DETACH and QUERY do with tape drives. Each returns
 * the command's return code, as in commands.h.
 */
#ifndef CP_COMMANDS_TAPE_H
#define CP_COMMANDS_TAPE_H

#include <stdbool.h>
#include <stdint.h>

struct args;
struct systape;
struct vmblok;

/* ATTACH, its operands taken apart. */
int tape_attach(struct vmblok *vm, struct systape *drive, struct vmblok *to, uint16_t vaddr);

/* Are these operands of DETACH a drive and a user, of whom an operator takes it? */
bool tape_is_real_detach(const struct vmblok *vm, const struct args *args);
int tape_detach(struct vmblok *vm, struct args *args);
/* The operator hears that a user gave up his drive. */
void tape_tell_detached(struct vmblok *vm, const struct systape *drive);

/* " NAME R/O": the tape on a drive, by the name of its file; "" none. */
const char *tape_mounted(const struct systape *drive, char out[64]);
/* QUERY TAPES of class B. */
int query_real_tapes(struct vmblok *vm, struct args *args);

#endif
