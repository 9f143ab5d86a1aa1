#include "consoles/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static void reserve(struct buffer *b, size_t n)
{
	size_t size = b->size ? b->size : 256;

	if (b->size - b->length >= n)
		return;
	while (size - b->length < n)
		size *= 2;
	b->data = realloc(b->data, size);
	if (!b->data)
		BUG("out of memory");
	b->size = size;
}

void buffer_put(struct buffer *b, const void *bytes, size_t n)
{
	if (!n)
		return;
	reserve(b, n);
	memcpy(b->data + b->length, bytes, n);
	b->length += n;
}

void buffer_put1(struct buffer *b, uint8_t byte)
{
	buffer_put(b, &byte, 1);
}

void buffer_take(struct buffer *b, size_t n)
{
	b->length -= n;
	if (b->length)
		memmove(b->data, b->data + n, b->length);
}

void buffer_free(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){ 0 };
}
