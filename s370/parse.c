#include "s370/parse.h"

#include <ctype.h>
#include <string.h>

int word_split(char *line, char **words, int max)
{
	int n = 0;

	for (;;) {
		while (isspace((unsigned char)*line))
			line++;
		if (!*line)
			return n;
		if (n == max)
			return -1;
		if (*line == '"') {
			words[n++] = ++line;
			line = strchr(line, '"');
			if (!line)
				return -1;
		} else {
			words[n++] = line;
			while (*line && !isspace((unsigned char)*line))
				line++;
		}
		if (*line)
			*line++ = '\0';
	}
}

static int digit_value(char c, unsigned base)
{
	int v = c >= '0' && c <= '9' ? c - '0'
	      : c >= 'a' && c <= 'f' ? c - 'a' + 10
	      : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

	return v < (int)base ? v : -1;
}

static bool parse_number(const char *text, size_t length, unsigned base, uint64_t max,
			 uint64_t *value)
{
	uint64_t v = 0;

	if (length == 0)
		return false;
	for (size_t i = 0; i < length; i++) {
		int d = digit_value(text[i], base);

		if (d < 0 || v > (UINT64_MAX - (unsigned)d) / base)
			return false;
		v = v * base + (unsigned)d;
	}
	if (v > max)
		return false;
	*value = v;
	return true;
}

bool word_hex(const char *text, uint64_t max, uint64_t *value)
{
	return parse_number(text, strlen(text), 16, max, value);
}

bool word_decimal(const char *text, uint64_t max, uint64_t *value)
{
	return parse_number(text, strlen(text), 10, max, value);
}

bool word_size(const char *text, uint64_t max, uint64_t *value)
{
	size_t n = strlen(text);
	unsigned shift = 0;
	uint64_t v;

	switch (n ? toupper((unsigned char)text[n - 1]) : 0) {
	case 'G': shift = 30; break;
	case 'M': shift = 20; break;
	case 'K': shift = 10; break;
	}
	if (!parse_number(text, shift ? n - 1 : n, 10, max >> shift, &v))
		return false;
	*value = v << shift;
	return true;
}

bool word_signed(const char *text, uint64_t max, int64_t *value)
{
	bool negative = *text == '-';
	uint64_t v;

	if (!word_decimal(text + (negative || *text == '+'), max, &v))
		return false;
	*value = negative ? -(int64_t)v : (int64_t)v;
	return true;
}

bool word_zone(const char *text, int64_t *seconds)
{
	int64_t hhmm;

	if (!word_signed(text, 2359, &hhmm) || hhmm % 100 >= 60 || hhmm % 100 <= -60)
		return false;
	*seconds = hhmm / 100 * 3600 + hhmm % 100 * 60;
	return true;
}

bool word_device(const char *text, uint16_t *address)
{
	uint64_t v;

	if (strlen(text) > 4 || !word_hex(text, 0xFFFF, &v))
		return false;
	*address = (uint16_t)v;
	return true;
}

bool word_range(const char *text, uint32_t *address, uint32_t *length)
{
	size_t n = strcspn(text, ".-");
	uint64_t start, second;

	if (!parse_number(text, n, 16, UINT32_MAX, &start))
		return false;
	if (text[n]) {
		if (!word_hex(text + n + 1, UINT32_MAX, &second))
			return false;
		if (text[n] == '-' && second < start)
			return false;
		*length = (uint32_t)(text[n] == '.' ? second : second - start + 1);
	}
	*address = (uint32_t)start;
	return true;
}

int word_bytes(const char *text, uint8_t *bytes, size_t max)
{
	size_t digits = 0;

	for (; *text; text++) {
		int d;

		if (isspace((unsigned char)*text))
			continue;
		d = digit_value(*text, 16);
		if (d < 0 || digits / 2 >= max)
			return -1;
		bytes[digits / 2] = (uint8_t)(digits % 2 ? bytes[digits / 2] << 4 | d : d);
		digits++;
	}
	return digits % 2 ? -1 : (int)(digits / 2);
}

char *word_trim(char *text)
{
	size_t n;

	while (isspace((unsigned char)*text))
		text++;
	n = strlen(text);
	while (n > 0 && isspace((unsigned char)text[n - 1]))
		text[--n] = '\0';
	return text;
}
