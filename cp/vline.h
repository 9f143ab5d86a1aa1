/*
 * cp/vline.h - a virtual line of a machine (2701, 2702, 2703): what is at its other end.
 *
 * GC20-1820, DIAL: a terminal that dials a line is a Teletype (TELE) or a 2741 (IBM) to
 * the guest, which must have enabled the line; what is typed goes to the guest as it is.
 * COUPLE of two lines, an extension, makes a cable between two machines; a line without
 * TELE or IBM is a BSC line and good for nothing else.
 *
 * The device has one end of a cable (devices/line_cable.h). The other is ours, for the
 * terminal, or the far line's.
 *
 * Threads: the CP thread.
 */
#ifndef CP_VLINE_H
#define CP_VLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct line_end;
struct vline;
struct vmblok;

struct vline *vline_new(struct vmblok *owner, uint16_t vaddr);
/* The device is detached or the machine gone: the terminal gets its logo back. */
void vline_free(struct vline *l);

/* A new cable to us: the end that the device is attached with or has mounted. */
struct line_end *vline_cable(struct vline *l);
/* The device gets this end of a cable to another line; a terminal is dropped. */
void vline_couple(struct vline *l, struct line_end *end);

/* Has the guest enabled it? */
bool vline_enabled(const struct vline *l);
/* The VMBLOK LOGONxxx whose terminal is connected; NULL: none. */
struct vmblok *vline_dialer(const struct vline *l);
void vline_dial(struct vline *l, struct vmblok *dialer);
/* End it. gone: the client has left, there is no terminal to give back. */
void vline_drop(struct vline *l, bool gone);

/* From the session: a line was typed (false: not now), the attention key, room. */
bool vline_typed(struct vline *l, const char *text);
void vline_attention(struct vline *l);
void vline_room(struct vline *l);

#endif
