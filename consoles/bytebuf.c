#include "consoles/bytebuf.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static void reserve(struct bytebuf *b, size_t n)
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

void bytebuf_put(struct bytebuf *b, const void *bytes, size_t n)
{
	if (!n)
		return;
	reserve(b, n);
	memcpy(b->data + b->length, bytes, n);
	b->length += n;
}

void bytebuf_put1(struct bytebuf *b, uint8_t byte)
{
	bytebuf_put(b, &byte, 1);
}

void bytebuf_take(struct bytebuf *b, size_t n)
{
	b->length -= n;
	if (b->length)
		memmove(b->data, b->data + n, b->length);
}

void bytebuf_free(struct bytebuf *b)
{
	free(b->data);
	*b = (struct bytebuf){ 0 };
}
