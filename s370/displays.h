/*
 * s370/displays.h - the 3270 displays of the bare machine: tn3270 clients of one port
 * (Hercules' CNSLPORT).
 *
 * A client that names a LU gets the display whose address that is in hexadecimal
 * (0C0), any other the first that is free. Without a client a display is not ready.
 *
 * Threads: the consoles live on a thread of displays' own. What is declared here is for
 * the operator's thread, the terminals for the machine's.
 */
#ifndef S370_DISPLAYS_H
#define S370_DISPLAYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "devices/terminal.h"

struct displays;
struct machine;

/* Listen at the port of host (NULL: this host only); 0: any free one. NULL with err. */
MUST_USE struct displays *displays_new(struct machine *machine, const char *host,
				       uint16_t port, struct error *err);
uint16_t displays_port(const struct displays *d);
/* The terminal for a display that is about to be attached there; ops NULL: no memory. */
struct terminal displays_terminal(struct displays *d, uint16_t address);
/* Send all clients away and end the thread: before the machine goes. */
void displays_stop(struct displays *d);
/* After it has gone. */
void displays_free(struct displays *d);

#endif
