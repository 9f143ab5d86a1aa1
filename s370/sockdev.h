/*
 * s370/sockdev.h - the port of a device with sockdev, as Hercules has it.
 *
 * Threads: any.
 */
#ifndef S370_SOCKDEV_H
#define S370_SOCKDEV_H

#include "base/error.h"

/*
 * Listen at PORT, on this host only, or at HOST:PORT of a host that is this one. The
 * socket does not block; -1: err names where.
 */
int sockdev_listen(const char *where, struct error *err);

#endif
