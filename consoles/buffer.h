/*
 * consoles/buffer.h - a byte string that grows.
 *
 * Zero it first; buffer_free() gives the memory back and leaves it empty. Who
 * fills one from outside bounds it first: memory that runs out ends the program.
 */
#ifndef CONSOLES_BUFFER_H
#define CONSOLES_BUFFER_H

#include <stddef.h>
#include <stdint.h>

struct buffer {
	uint8_t *data;
	size_t length, size;
};

void buffer_put(struct buffer *b, const void *bytes, size_t n);
void buffer_put1(struct buffer *b, uint8_t byte);
/* Remove n bytes from the front. */
void buffer_take(struct buffer *b, size_t n);
void buffer_free(struct buffer *b);

#endif
