/*
 * cp/hardcopy.h - lines that CP itself writes on a user's virtual printer: those of
 * DUMP and TRACE.
 *
 * Threads: the CP thread.
 */
#ifndef CP_HARDCOPY_H
#define CP_HARDCOPY_H

#include <stddef.h>

struct vmblok;

enum hardcopy_result {
	HARDCOPY_OK,
	HARDCOPY_NO_PRINTER, /* no spooled printer among his devices */
	HARDCOPY_FULL,       /* the spool did not take it */
};

/*
 * One line (ISO 8859-1) on his first spooled printer. page counts the lines; at 0 and
 * behind every 60th a new page begins.
 */
enum hardcopy_result hardcopy_line(struct vmblok *vm, unsigned *page, const char *text);

#endif
