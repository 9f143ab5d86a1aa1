/*
 * cp/iucv_area.c - IUCV: data in one buffer, or in those that a list names.
 *
 * A list has an address and a length for each buffer, eight bytes on a doubleword
 * boundary. It stays the guest's, who may change it while the message waits: nothing is
 * taken for granted when it is used.
 */
#include "cp/iucv_int.h"

#include "base/bytes.h"
#include "cpu370/cpu.h"

#define ENTRY_SIZE  8
#define ENTRIES_MAX 4096 /* of one list, those without length included */

struct area area_of(const struct iucv_call *c, uint32_t address, uint32_t length, bool list)
{
	struct area a = { .length = length, .list = list, .at = iucv_place(c, address) };

	if (list)
		a.entries = a.at;
	return a;
}

static enum storage_status read_entry(const struct area *a, uint32_t *address, uint32_t *length)
{
	uint8_t entry[ENTRY_SIZE];
	enum storage_status status = place_fetch(&a->entries, entry, sizeof(entry));

	if (status == STORAGE_OK) {
		*address = be32(entry) & 0xFFFFFF;
		*length = be32(entry + 4);
	}
	return status;
}

uint8_t area_check(struct iucv_call *c, const struct area *a, uint8_t boundary)
{
	struct area walk = *a;
	uint64_t sum = 0;
	uint32_t address, length;

	if (!a->list)
		return (int32_t)a->length < 0 ? RC_NEGATIVE : RC_OK;
	if (a->at.address % ENTRY_SIZE)
		return boundary;
	if ((int32_t)a->length < 0)
		return RC_NEGATIVE;
	for (unsigned n = 0; sum < a->length; n++) {
		enum storage_status status = read_entry(&walk, &address, &length);

		if (status != STORAGE_OK) {
			c->pic = status == STORAGE_ADDRESSING ? PIC_ADDRESSING : PIC_PROTECTION;
			return RC_OK;
		}
		if ((int32_t)length < 0)
			return RC_LIST_NEGATIVE;
		sum += length;
		if (n == ENTRIES_MAX)
			return RC_LIST_TOTAL;
		walk.entries.address += ENTRY_SIZE;
	}
	return sum == a->length ? RC_OK : RC_LIST_TOTAL;
}

/* Bytes that lie together where the area is now; goes on to the next buffer. */
static enum storage_status together(struct area *a, uint32_t *n)
{
	*n = a->length;
	if (!a->list)
		return STORAGE_OK;
	for (unsigned i = 0; !a->left && i < ENTRIES_MAX; i++) {
		enum storage_status status = read_entry(a, &a->at.address, &a->left);

		if (status != STORAGE_OK)
			return status;
		if ((int32_t)a->left < 0)
			a->left = 0;
		a->entries.address += ENTRY_SIZE;
	}
	*n = a->left < a->length ? a->left : a->length;
	return *n ? STORAGE_OK : STORAGE_ADDRESSING; /* the list is not what it was */
}

static void advance(struct area *a, uint32_t n)
{
	a->at.address += n;
	if (!a->at.storage)
		a->at.text += n; /* of a service of CP */
	a->length -= n;
	if (a->list)
		a->left -= n;
}

enum place_error area_copy(struct area *from, struct area *to, uint32_t *moved)
{
	uint32_t n = from->length < to->length ? from->length : to->length;

	for (*moved = 0; *moved < n;) {
		uint32_t here, there, now;
		enum storage_status status = together(from, &here);
		enum place_error e;

		if (status != STORAGE_OK)
			return status == STORAGE_ADDRESSING ? PLACE_FROM_ADDRESSING
							    : PLACE_FROM_PROTECTION;
		status = together(to, &there);
		if (status != STORAGE_OK)
			return status == STORAGE_ADDRESSING ? PLACE_TO_ADDRESSING
							    : PLACE_TO_PROTECTION;
		e = place_copy(&from->at, &to->at, here < there ? here : there, &now);
		advance(from, now);
		advance(to, now);
		*moved += now;
		if (e)
			return e;
	}
	return PLACE_OK;
}

uint32_t area_address(const struct area *a)
{
	return a->list ? a->entries.address : a->at.address;
}
