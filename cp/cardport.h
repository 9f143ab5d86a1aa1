/*
 * cp/cardport.h - the system's card reader on a TCP port of the loopback
 * address: a connection is a deck, as Hercules' socket reader takes it. Its
 * first card must be an ID card (deckin.h). Nothing is sent back.
 *
 * Threads: the CP thread.
 */
#ifndef CP_CARDPORT_H
#define CP_CARDPORT_H

#include <stdint.h>

#include "base/error.h"

struct cardport;
struct cp;

/* port 0: any free one */
struct cardport *cardport_open(struct cp *cp, uint16_t port, struct error *err);
uint16_t cardport_number(const struct cardport *port);
void cardport_close(struct cardport *port);

#endif
