/*
 * cp/vgraf.h - a virtual 3270 of a machine, and the terminal that dialed to it.
 *
 * GC20-1820, DIAL: the terminal of somebody who has not logged on becomes a local
 * 3270 of a machine; keys and screen belong to the guest until either side ends
 * it. Without a terminal the device is not ready.
 *
 * Threads: the CP thread, but for the terminal interface, which the machine's
 * thread calls.
 */
#ifndef CP_VGRAF_H
#define CP_VGRAF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devices/terminal.h"

struct vgraf;
struct vmblok;

struct vgraf *vgraf_new(struct vmblok *owner, uint16_t vaddr);
/* The device is detached or the machine gone: the terminal gets its logo back. */
void vgraf_free(struct vgraf *g);
/* What to attach the display with. */
struct terminal vgraf_terminal(struct vgraf *g);

/* The VMBLOK LOGONxxx whose terminal is connected; NULL: none. */
struct vmblok *vgraf_dialer(const struct vgraf *g);
/* Connect a terminal: a 3270 that belongs to a VMBLOK that is not logged on. */
void vgraf_dial(struct vgraf *g, struct vmblok *dialer);
/* End it. gone: the client has left, there is no terminal to give back. */
void vgraf_drop(struct vgraf *g, bool gone);

/* From the session: a record of the dialed terminal; it takes output again. */
void vgraf_record(struct vgraf *g, const uint8_t *record, size_t length);
void vgraf_resume(struct vgraf *g);

#endif
