/*
 * cp/vmcf.h - VMCF, the Virtual Machine Communication Facility: DIAGNOSE X'68' and
 * the external interruption X'4001', and SMSG, which is CP's way into it.
 *
 * GC20-1807, "VM/370 System Programmer's Guide", The Virtual Machine Communication
 * Facility. Where that is silent the order of checks is that of Release 6 (DMKVMC).
 *
 * Threads: machines' threads and the CP thread; everything is done under one lock,
 * which is held while data is copied from one guest's storage into another's. A
 * machine is barred before it is freed, so that nobody copies from what is gone.
 */
#ifndef CP_VMCF_H
#define CP_VMCF_H

#include <stdbool.h>

struct cpu370;
struct diag;
struct vmblok;
struct vmcf;

struct vmcf *vmcf_new(void);
void vmcf_free(struct vmcf *hub);

/* DIAGNOSE X'68', on the machine's thread; 0 or a program-interruption code. */
int vmcf_diagnose(const struct diag *d);
/*
 * X'4001' is about to be taken: store the header of the first message (and the data
 * of a SENDX). False: there is none that can be stored. See struct cpu_owner.
 */
bool vmcf_external(struct vmblok *vm, struct cpu370 *cpu, bool *more);

/* The machine is reset: it is not authorized any more. */
void vmcf_reset(struct vmblok *vm);
/* The same, and it cannot AUTHORIZE until barred is false again. */
void vmcf_bar(struct vmblok *vm, bool barred);

/*
 * SMSG: text as a SENDX of the user SYSTEM, the sender's name in the user doubleword.
 * Returns a VMCF return code: 0, 5 not authorized, 7 too long for the receiver's
 * buffer, 9 quiesced, 10 too many that he has not taken.
 */
int vmcf_special_message(struct vmblok *from, struct vmblok *to, const char *text);

#endif
