#include "dasd/label.h"

#include <ctype.h>
#include <string.h>

#include "base/ebcdic.h"
#include "dasd/track.h"

#define KEY_SIZE       4
#define IPL1_SIZE      24
#define IPL2_SIZE      144
#define LABEL_VTOC     11
#define LABEL_OWNER    37
#define OWNER_SIZE     14

static void text(uint8_t *to, const char *from, size_t n)
{
	ebcdic_from_latin1(&codepage_037, to, from, n);
}

bool volser_valid(const char *volser)
{
	size_t n = strlen(volser);

	if (n < 1 || n > VOLSER_SIZE)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)volser[i]) && !strchr("@#$-", volser[i]))
			return false;
	return true;
}

static void label_begin(uint8_t *label, const char *volser)
{
	text(label, "VOL1      ", KEY_SIZE + VOLSER_SIZE);
	for (size_t i = 0; i < strlen(volser) && i < VOLSER_SIZE; i++)
		label[4 + i] =
			codepage_037.to_ebcdic[toupper((unsigned char)volser[i])];
}

void label_make(uint8_t label[LABEL_SIZE], const char *volser)
{
	static const uint8_t vtoc[5] = { 0, 0, 0, 1, 1 };

	memset(label, EBCDIC_SPACE, LABEL_SIZE);
	label_begin(label, volser);
	memcpy(label + LABEL_VTOC, vtoc, sizeof(vtoc));
	text(label + LABEL_OWNER, "    HERCULES  ", OWNER_SIZE);
}

uint32_t label_make_track(uint8_t *data, uint32_t capacity, const char *volser)
{
	static const uint8_t ipl1[IPL1_SIZE] = { 0x00, 0x06, 0, 0, 0, 0, 0, 0x0F,
						 0x03, 0,    0, 0, 0, 0, 0, 1 };
	static const uint8_t ipl2[IPL2_SIZE];
	uint8_t label[LABEL_SIZE], key[KEY_SIZE], count[TRACK_COUNT_SIZE];
	uint32_t length = track_make_empty(data, 0, 0);
	bool fits = true;

	label_make(label, volser);
	text(key, "IPL1", KEY_SIZE);
	count_set(count, 0, 0, 1, KEY_SIZE, IPL1_SIZE);
	fits &= track_append(data, &length, capacity, count, key, ipl1);
	text(key, "IPL2", KEY_SIZE);
	count_set(count, 0, 0, 2, KEY_SIZE, IPL2_SIZE);
	fits &= track_append(data, &length, capacity, count, key, ipl2);
	text(key, "VOL1", KEY_SIZE);
	count_set(count, 0, 0, LABEL_RECORD, KEY_SIZE, LABEL_SIZE);
	fits &= track_append(data, &length, capacity, count, key, label);
	return fits ? length : 0;
}

void label_make_block(uint8_t block[512], const char *volser)
{
	memset(block, 0, 512);
	label_begin(block, volser);
}

static bool label_read(const uint8_t *label, char volser[VOLSER_SIZE + 1])
{
	char ascii[4 + VOLSER_SIZE];

	ebcdic_to_latin1(&codepage_037, ascii, label, sizeof(ascii));
	if (memcmp(ascii, "VOL1", 4) != 0)
		return false;
	memcpy(volser, ascii + 4, VOLSER_SIZE);
	volser[VOLSER_SIZE] = '\0';
	for (int i = VOLSER_SIZE - 1; i >= 0 && (volser[i] == ' ' || volser[i] == '\0'); i--)
		volser[i] = '\0';
	for (char *p = volser; *p; p++)
		if (!isgraph((unsigned char)*p) || (unsigned char)*p > 126)
			*p = '?';
	return true;
}

bool label_of_track(const uint8_t *data, char volser[VOLSER_SIZE + 1])
{
	uint32_t at = track_find(data, LABEL_RECORD);

	return at && count_data_length(data + at) >= LABEL_SIZE &&
	       label_read(data + at + TRACK_COUNT_SIZE + count_key_length(data + at), volser);
}

bool label_of_block(const uint8_t *block, char volser[VOLSER_SIZE + 1])
{
	return label_read(block, volser);
}
