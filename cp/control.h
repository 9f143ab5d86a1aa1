/*
 * cp/control.h - the UNIX socket in the data directory: operator's commands and
 * decks from the shell.
 *
 * One request a connection. A request is a line, for PUNCH followed by cards:
 *
 *   CMD command text
 *   PUNCH userid cards [name [type]]    and then cards x 80 bytes
 *   CONSOLE userid [SCRIPT]             see shellconsole.h
 *
 * The reply is a line "RC number bytes" and so many bytes of text (ISO 8859-1
 * lines). Who may open the socket is the operator: its mode is 0600.
 *
 * Threads: control_* the CP thread; control_call() is the other end, in a
 * process of its own.
 */
#ifndef CP_CONTROL_H
#define CP_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

struct control;
struct cp;

struct control *control_open(struct cp *cp, struct error *err);
void control_close(struct control *control);

/*
 * Send a request line (and body) to the vm370 that runs on dir, and write the
 * reply's text to standard output. Returns the return code, -1 with err if
 * there is nobody or the talk broke off.
 */
int control_call(const char *dir, const char *line, const void *body, size_t body_size,
		 struct error *err);

/* Only send the line. A descriptor to go on with, -1 with err. */
int control_connect(const char *dir, const char *line, struct error *err);
/* Copy a reply's text to standard output; the return code, -1 with err. */
int control_copy_reply(FILE *in, struct error *err);

#endif
