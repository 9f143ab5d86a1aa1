#include "dasd/track.h"

#include <string.h>

#define R0_DATA_LENGTH  8
#define NULL2_RECORDS   12
#define NULL2_DATA      4096

void count_set(uint8_t *p, uint32_t cylinder, uint32_t head, uint8_t record, uint8_t key,
	       uint16_t data)
{
	put_be16(p, (uint16_t)cylinder);
	put_be16(p + 2, (uint16_t)head);
	p[4] = record;
	p[5] = key;
	put_be16(p + 6, data);
}

uint32_t track_find(const uint8_t *data, uint8_t r)
{
	for (uint32_t at = TRACK_R1; !count_is_end(data + at);
	     at += count_record_size(data + at))
		if (count_record(data + at) == r)
			return at;
	return 0;
}

uint32_t track_records(const uint8_t *data)
{
	uint32_t n = 0;

	for (uint32_t at = TRACK_R1; !count_is_end(data + at);
	     at += count_record_size(data + at))
		n++;
	return n;
}

uint32_t track_make_empty(uint8_t *data, uint32_t cylinder, uint32_t head)
{
	data[0] = 0;
	put_be16(data + 1, (uint16_t)cylinder);
	put_be16(data + 3, (uint16_t)head);
	count_set(data + TRACK_R0, cylinder, head, 0, 0, R0_DATA_LENGTH);
	memset(data + TRACK_R0 + TRACK_COUNT_SIZE, 0, R0_DATA_LENGTH);
	memset(data + TRACK_R1, 0xFF, TRACK_END_SIZE);
	return TRACK_EMPTY_SIZE;
}

bool track_append(uint8_t *data, uint32_t *length, uint32_t capacity, const uint8_t count[8],
		  const uint8_t *key, const uint8_t *body)
{
	uint32_t at = *length - TRACK_END_SIZE;
	uint32_t key_length = count_key_length(count);
	uint32_t data_length = count_data_length(count);

	if (*length + count_record_size(count) > capacity)
		return false;
	memcpy(data + at, count, TRACK_COUNT_SIZE);
	at += TRACK_COUNT_SIZE;
	if (key_length)
		memcpy(data + at, key, key_length);
	at += key_length;
	if (data_length)
		memcpy(data + at, body, data_length);
	at += data_length;
	memset(data + at, 0xFF, TRACK_END_SIZE);
	*length = at + TRACK_END_SIZE;
	return true;
}

uint32_t track_check(const uint8_t *data, uint32_t available, uint32_t *good)
{
	uint32_t at = TRACK_R0;

	*good = 0;
	while (at + TRACK_END_SIZE <= available) {
		if (at > TRACK_R0 && count_is_end(data + at))
			return at + TRACK_END_SIZE;
		if (at == TRACK_R0 && (count_record(data + at) != 0 ||
				       count_key_length(data + at) != 0 ||
				       count_data_length(data + at) != R0_DATA_LENGTH))
			return 0;
		at += count_record_size(data + at);
		if (at + TRACK_END_SIZE <= available)
			*good = at;
	}
	return 0;
}

uint32_t track_make_null(uint8_t *data, uint32_t capacity, unsigned format, uint32_t cylinder,
			 uint32_t head)
{
	static const uint8_t zeros[NULL2_DATA];
	uint32_t length = track_make_empty(data, cylinder, head);
	uint8_t count[TRACK_COUNT_SIZE];

	if (format == 0) {
		count_set(count, cylinder, head, 1, 0, 0);
		return track_append(data, &length, capacity, count, zeros, zeros) ? length : 0;
	}
	for (unsigned r = 1; format == 2 && r <= NULL2_RECORDS; r++) {
		count_set(count, cylinder, head, (uint8_t)r, 0, NULL2_DATA);
		if (!track_append(data, &length, capacity, count, zeros, zeros))
			return 0;
	}
	return length;
}

int track_null_format(const uint8_t *data, uint32_t length, uint32_t cylinder, uint32_t head)
{
	uint8_t null[TRACK_EMPTY_SIZE + NULL2_RECORDS * (TRACK_COUNT_SIZE + NULL2_DATA)];

	if (length > TRACK_EMPTY_SIZE + TRACK_COUNT_SIZE && length != sizeof(null))
		return -1;
	for (unsigned format = 0; format < NULL_FORMATS; format++)
		if (track_make_null(null, sizeof(null), format, cylinder, head) == length &&
		    memcmp(data, null, length) == 0)
			return (int)format;
	return -1;
}

void track_relocate(uint8_t *data, uint32_t cylinder, uint32_t head, bool counts)
{
	uint16_t old = be16(data + 1);

	put_be16(data + 1, (uint16_t)cylinder);
	put_be16(data + 3, (uint16_t)head);
	memcpy(data + TRACK_R0, data + 1, 4);
	if (!counts)
		return;
	for (uint32_t at = TRACK_R1; !count_is_end(data + at);
	     at += count_record_size(data + at)) {
		uint16_t flag = be16(data + at) & (TRACK_OVERFLOW << 8);

		if ((be16(data + at) ^ flag) == old)
			put_be16(data + at, (uint16_t)(cylinder | flag));
	}
}
