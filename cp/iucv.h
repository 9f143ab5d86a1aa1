/*
 * cp/iucv.h - IUCV, the Inter-User Communication Vehicle: instruction X'B2F0' and
 * the external interruption X'4000'.
 *
 * SC19-6203, "VM/SP System Programmer's Guide", Inter-User Communications Vehicle.
 * VM/370 has none: it is for guests that know it. Buffer and answer lists are those of
 * later systems. Left out: CP system services but *MSG, APPC; TEST MESSAGE does not wait
 * but gives condition code 0 when nothing is queued.
 *
 * Threads: as cp/vmcf.h, with a lock of its own.
 */
#ifndef CP_IUCV_H
#define CP_IUCV_H

#include <stdbool.h>
#include <stdint.h>

struct cpu370;
struct iucv;
struct vmblok;

struct iucv *iucv_new(void);
void iucv_free(struct iucv *hub);

/* The instruction; GR 0 is the function. 0 or a program-interruption code. */
int iucv_execute(struct vmblok *vm, struct cpu370 *cpu, uint32_t parameters);
/* X'4000' is about to be taken: see struct cpu_owner. */
bool iucv_external(struct vmblok *vm, bool *more);

/* Classes of what the service *MSG sends: IPTRGCLS. */
enum { IUCV_CLASS_MSG = 1, IUCV_CLASS_WNG = 2 };
/*
 * Give vm's machine a message over its path to *MSG: eight bytes of who says it, then
 * the text. false: there is no path, or it takes no more now. The CP thread.
 */
bool iucv_tell(struct vmblok *vm, uint32_t class, const char *from, const char *text);

/* The machine is reset: its paths are severed, its buffer forgotten. */
void iucv_reset(struct vmblok *vm);
/* barred: the same, and nobody can reach it until barred is false again. */
void iucv_bar(struct vmblok *vm, bool barred);

#endif
