/*
 * consoles/recorder.h - a session in a text file, to be replayed as a test.
 *
 * One line for each thing that went in or out of a console (console.h), in the
 * order it happened:
 *
 *   # text            a comment
 *   settings N E T A  number of the console; TN3270E off; START-TLS; NOT ACCEPTED ms
 *   < HEX             bytes from the client
 *   > HEX             bytes to the client since the last such line
 *   timer  flush  tls the console's timer ran out; the end of a turn; TLS began
 *   event NAME ...    the owner is told something; what follows, up to
 *   return VALUE      happens while he is
 *   lu REASON HEX     the LU name, as the owner left it; -1, or why it is refused
 *   call NAME ...     the owner does something (logo_line HEX follows call logo)
 *
 * A recording holds everything that was typed, passwords too: the file is
 * readable by its owner only.
 */
#ifndef CONSOLES_RECORDER_H
#define CONSOLES_RECORDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct recorder;

/* Begin a new file; an existing one is not touched (an error). */
struct recorder *recorder_new(const char *path, struct error *err);
void recorder_free(struct recorder *r);

/* A line: the text, then a blank and the bytes in hexadecimal (if not NULL). */
void recorder_line(struct recorder *r, const void *bytes, size_t n, const char *format,
		   ...) PRINTF_LIKE(4, 5);

#endif
