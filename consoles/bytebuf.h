/*
 * consoles/bytebuf.h - a byte string that grows.
 *
 * Zero it first; bytebuf_free() gives the memory back and leaves it empty. Who
 * fills one from outside bounds it first: memory that runs out ends the program.
 */
#ifndef CONSOLES_BYTEBUF_H
#define CONSOLES_BYTEBUF_H

#include <stddef.h>
#include <stdint.h>

struct bytebuf {
	uint8_t *data;
	size_t length, size;
};

void bytebuf_put(struct bytebuf *b, const void *bytes, size_t n);
void bytebuf_put1(struct bytebuf *b, uint8_t byte);
/* Remove n bytes from the front. */
void bytebuf_take(struct bytebuf *b, size_t n);
void bytebuf_free(struct bytebuf *b);

#endif
