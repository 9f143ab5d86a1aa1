/*
 * cp/utf8.h - the shell writes UTF-8; CP's text is ISO 8859-1.
 *
 * Threads: any.
 */
#ifndef CP_UTF8_H
#define CP_UTF8_H

#include <stddef.h>

/* In place; what has no place in ISO 8859-1 is a question mark. */
void utf8_to_latin1(char *text);
/*
 * One character; returns its bytes. Control characters but a new line are blanks: what
 * a guest writes must not drive the terminal of who looks on.
 */
size_t utf8_from_latin1(char out[2], char c);

#endif
