#include "cp/place.h"

#include <string.h>

/* Bytes of one storage key; neither they nor a page of 4K are at two places. */
#define UNIT STORAGE_BLOCK

static uint32_t absolute(const struct place *p, uint32_t offset)
{
	uint32_t real = (p->address + offset) & 0xFFFFFF;

	if (real < 4096)
		return real + p->prefix;
	return real - p->prefix < 4096 ? real - p->prefix : real;
}

static uint32_t piece(const struct place *p, uint32_t offset, uint32_t length)
{
	uint32_t n = UNIT - (p->address + offset) % UNIT;

	return n < length - offset ? n : length - offset;
}

static enum storage_status fetch(const struct place *p, uint32_t offset, uint8_t *data,
				 uint32_t n)
{
	if (p->storage)
		return storage_fetch(p->storage, absolute(p, offset), p->key, data, n, NULL);
	memcpy(data, p->text + offset, n);
	return STORAGE_OK;
}

bool place_exists(const struct place *p, uint32_t length)
{
	return length == 0 || (storage_has(p->storage, absolute(p, 0)) &&
			       storage_has(p->storage, absolute(p, length - 1)));
}

enum storage_status place_store(const struct place *p, const uint8_t *data, uint32_t length)
{
	enum storage_status status = STORAGE_OK;
	uint32_t n;

	for (uint32_t at = 0; at < length && status == STORAGE_OK; at += n) {
		n = piece(p, at, length);
		status = storage_store(p->storage, absolute(p, at), p->key, data + at, n, NULL);
	}
	return status;
}

enum storage_status place_fetch(const struct place *p, uint8_t *data, uint32_t length)
{
	enum storage_status status = STORAGE_OK;
	uint32_t n;

	for (uint32_t at = 0; at < length && status == STORAGE_OK; at += n) {
		n = piece(p, at, length);
		status = fetch(p, at, data + at, n);
	}
	return status;
}

static enum place_error from_error(enum storage_status status)
{
	return status == STORAGE_ADDRESSING ? PLACE_FROM_ADDRESSING : PLACE_FROM_PROTECTION;
}

static enum place_error to_error(enum storage_status status)
{
	return status == STORAGE_ADDRESSING ? PLACE_TO_ADDRESSING : PLACE_TO_PROTECTION;
}

enum place_error place_copy(const struct place *from, const struct place *to, uint32_t length,
			    uint32_t *moved)
{
	uint8_t data[UNIT];

	*moved = 0;
	if (length && from->storage == to->storage && to->address > from->address &&
	    to->address - from->address < length)
		return PLACE_OVERLAP;
	while (*moved < length) {
		uint32_t n = piece(from, *moved, length), there = piece(to, *moved, length);
		enum storage_status status;

		n = n < there ? n : there;
		status = fetch(from, *moved, data, n);
		if (status != STORAGE_OK)
			return from_error(status);
		status = storage_store(to->storage, absolute(to, *moved), to->key, data, n, NULL);
		if (status != STORAGE_OK)
			return to_error(status);
		*moved += n;
	}
	return PLACE_OK;
}
