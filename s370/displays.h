/*
 * s370/displays.h - the 3270 displays of the bare machine: tn3270 clients of one port
 * (Hercules' CNSLPORT), and telnet clients of the same port at its 3215 and 1052.
 *
 * A client that names a LU gets the display whose address that is in hexadecimal
 * (0C0), any other the first that is free. Without a client a display is not ready.
 *
 * A telnet client without 3270 gets the first console that has none yet. He sees what is
 * written there from then on and types as the operator of s370 does, who keeps it too. A
 * client that does not read its lines is sent away; the machine never waits for it.
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
struct teleprinter;

/* Listen at the port of host (NULL: this host only); 0: any free one. NULL with err. */
MUST_USE struct displays *displays_new(struct machine *machine, const char *host,
				       uint16_t port, struct error *err);
uint16_t displays_port(const struct displays *d);
/* The terminal for a display that is about to be attached there; ops NULL: no memory. */
struct terminal displays_terminal(struct displays *d, uint16_t address);
/* A console for telnet clients; false: no memory. */
bool displays_add_console(struct displays *d, struct teleprinter *t);
/* It is about to be freed: its client is sent away. Waits for the consoles' thread. */
void displays_drop_console(struct displays *d, const struct teleprinter *t);
/* Send all clients away and end the thread: before the machine goes. */
void displays_stop(struct displays *d);
/* After it has gone. */
void displays_free(struct displays *d);

#endif
