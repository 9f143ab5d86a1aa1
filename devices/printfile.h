/*
 * devices/printfile.h - host files that take what a punch or a printer writes.
 */
#ifndef DEVICES_PRINTFILE_H
#define DEVICES_PRINTFILE_H

#include "base/error.h"
#include "devices/cards.h"

enum printfile_kind { PRINTFILE_PUNCH, PRINTFILE_PRINTER };

/*
 * A sink on a host file. Words:
 *
 *   FILE       created; emptied if it exists
 *   append     (noclear) not emptied
 *   ascii      text lines without trailing blanks, code page 037, UTF-8: the
 *              default of a printer
 *   ebcdic     records as they are: 80-byte cards, the default of a punch;
 *              lines of a printer with the command code in front
 *   crlf       CR LF as line end
 *   lpi= lpp= index= fcb= cctape=   of Hercules: without effect
 *
 * Carriage control in text: a skip to channel 1 is a form feed, to other
 * channels as many line ends as the form asks for, no space a carriage return.
 * Every record is handed to the host before put() returns. NULL with err if the
 * file cannot be opened.
 */
struct card_sink *printfile_sink_new(enum printfile_kind kind, int argc,
				     char *const *argv, struct error *err);

/*
 * The same for something else than a file: write() is given what would be written,
 * and false from it is an equipment check. Must not wait. NULL: no memory.
 */
struct card_sink *printfile_stream_new(enum printfile_kind kind, int argc,
				       char *const *argv,
				       bool (*write)(void *arg, const char *bytes, size_t n),
				       void *arg);

#endif
