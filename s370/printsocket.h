/*
 * s370/printsocket.h - a printer or punch whose output goes over TCP: Hercules'
 * "sockdev". One client at a time has what is printed from then on; while there is none
 * the device is not ready (intervention required).
 *
 * What a client does not read waits for him, up to a limit; then he is sent away. The
 * machine never waits.
 *
 * Threads: a socket has one of its own, which makes the device ready and not ready with
 * machine_call(); the device's output comes on the machine's thread.
 */
#ifndef S370_PRINTSOCKET_H
#define S370_PRINTSOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "devices/printfile.h"

struct machine;
struct printsocket;

/*
 * words: PORT (of this host only) or HOST:PORT, "sockdev", and those of an output file
 * (devices/printfile.h): text unless they say "ebcdic". NULL with err.
 */
MUST_USE struct printsocket *printsocket_new(struct machine *machine, uint16_t address,
					     enum printfile_kind kind, int count,
					     char *const *words, struct error *err);
/* Ends its thread: before the device is detached, on another thread than the machine's. */
void printsocket_stop(struct printsocket *s);
/* Afterwards, when the device has gone. */
void printsocket_free(struct printsocket *s);

uint16_t printsocket_address(const struct printsocket *s);

#endif
