#include "cp/utf8.h"

#include <stdint.h>

void utf8_to_latin1(char *text)
{
	char *out = text;

	for (const uint8_t *c = (const uint8_t *)text; *c; c++) {
		if (*c < 0x80) {
			*out++ = (char)*c;
		} else if ((*c & 0xFC) == 0xC0 && (c[1] & 0xC0) == 0x80) {
			*out++ = (char)((*c & 3) << 6 | (c[1] & 0x3F));
			c++;
		} else if ((*c & 0xC0) != 0x80) {
			*out++ = '?';
		}
	}
	*out = '\0';
}

size_t utf8_from_latin1(char out[2], char latin1)
{
	uint8_t c = (uint8_t)latin1;

	if ((c < 0x20 && c != '\n') || (c >= 0x7F && c < 0xA0))
		c = ' ';
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	out[0] = (char)(0xC0 | c >> 6);
	out[1] = (char)(0x80 | (c & 0x3F));
	return 2;
}
