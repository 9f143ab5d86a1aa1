/*
 * devices/ctca.h - the cable between two channel-to-channel adapters of this
 * process.
 *
 * Threads: a cable is shared by the threads of two machines; it has its own lock.
 */
#ifndef DEVICES_CTCA_H
#define DEVICES_CTCA_H

struct ctca_link;

/*
 * A cable with two loose ends, each a reference. MACHINE_ATTACH or MACHINE_MOUNT of
 * a CTCA with link set takes one end; MACHINE_MOUNT with link NULL, detaching, and
 * ctca_link_put() give it back. NULL: no memory.
 */
struct ctca_link *ctca_link_new(void);
/* Drop an end that was never plugged in. */
void ctca_link_put(struct ctca_link *link);

#endif
