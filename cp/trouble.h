/*
 * cp/trouble.h - the host failed a virtual device: its image is gone or damaged, the
 * file system is full. The guest sees an equipment check; its user and the operator
 * are told, and nobody else notices.
 *
 * Threads: any.
 */
#ifndef CP_TROUBLE_H
#define CP_TROUBLE_H

#include <stdint.h>

/* arg: struct vmblok; see struct machine_owner. */
void trouble_report(void *arg, uint16_t vaddr, const char *sentence);

#endif
