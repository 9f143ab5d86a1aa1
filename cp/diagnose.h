/*
 * cp/diagnose.h - DIAGNOSE (X'83') as VM/370 answers it.
 *
 * SC19-6203, "VM/370 System Programmer's Guide", DIAGNOSE Instruction in a
 * Virtual Machine.
 *
 * Threads: called on the machine's thread.
 */
#ifndef CP_DIAGNOSE_H
#define CP_DIAGNOSE_H

#include <stdint.h>

struct cpu370;

/* The function of struct machine_owner; arg is the VMBLOK. */
int diagnose(void *arg, struct cpu370 *cpu, unsigned r1, unsigned r3, uint32_t code);

#endif
