#include "consoles/charset.h"

#include <stdbool.h>

#include "base/compiler.h"
#include "base/ebcdic.h"
#include "consoles/datastream.h"

#define TAB 0x05

/* count codes of CP from ours on are codes of the second set from theirs on. */
struct run {
	uint8_t ours, theirs, count;
};

static const struct run apl[] = {
	{0x41,	0x41, 9 },
	    { 0x51, 0x51, 9 },
	       { 0x62, 0x62, 8 },
	   { 0x71, 0x71, 2 },
	{ 0x78, 0x78, 1 },
	    { 0x80, 0x80, 1 },
	       { 0x8A, 0x8A, 7 },
	   { 0x9A, 0x9A, 7 },
	{ 0xAA, 0xAA, 11},
	    { 0xB6, 0xB6, 3 },
	       { 0xBA, 0xBA, 6 },
	   { 0xCA, 0xCA, 2 },
	{ 0xCD, 0xCD, 1 },
	    { 0xCF, 0xCF, 1 },
	       { 0xDA, 0xDA, 6 },
	   { 0xEA, 0xEA, 2 },
	{ 0xED, 0xED, 3 },
	    { 0xFB, 0xFB, 4 },
	       { 0x30, 0xF0, 10},
	   { 0x73, 0xE1, 3 },
	{ 0x77, 0xA1, 1 },
	    { 0x2D, 0xA2, 1 },
	       { 0xB9, 0xA3, 1 },
	   { 0x76, 0xA4, 1 },
	{ 0x20, 0xC1, 1 },
	    { 0x22, 0xC2, 1 },
	       { 0xB5, 0xC3, 1 },
	   { 0x1E, 0xC4, 1 },
	{ 0x1C, 0xC5, 1 },
	    { 0x3D, 0xC6, 2 },
	       { 0x2B, 0xC8, 1 },
	   { 0x21, 0xD1, 1 },
	{ 0x23, 0xD2, 1 },
	    { 0x2C, 0xD3, 1 },
	       { 0x1F, 0xD4, 1 },
	   { 0x1B, 0xD5, 1 },
	{ 0x3F, 0xD6, 1 },
	    { 0x3B, 0xD7, 1 },
	       { 0x3A, 0xD8, 1 },
};

static const struct run text_set[] = {
	{0xCC,	0x71, 1 },
	   { 0xCD, 0x78, 1 },
	      { 0x8A, 0x8A, 1 },
	  { 0x59, 0x8B, 1 },
	{ 0x8C, 0x8C, 1 },
	   { 0xCB, 0x8D, 1 },
	      { 0xFB, 0x8E, 1 },
	  { 0xDF, 0x8F, 1 },
	{ 0x90, 0x90, 1 },
	   { 0x9C, 0x9C, 1 },
	      { 0x9E, 0x9E, 1 },
	  { 0xDE, 0x9F, 1 },
	{ 0xA1, 0xA1, 1 },
	   { 0xBF, 0xA2, 1 },
	      { 0xAF, 0xA3, 1 },
	  { 0x70, 0xA4, 1 },
	{ 0xAD, 0xAD, 2 },
	   { 0xE0, 0xB7, 1 },
	      { 0xBA, 0xBA, 1 },
	  { 0xCA, 0xBB, 1 },
	{ 0xBD, 0xBD, 2 },
	   { 0xFA, 0xBF, 1 },
	      { 0x8B, 0xC0, 1 },
	  { 0x8D, 0xC1, 2 },
	{ 0x9F, 0xC3, 1 },
	   { 0xAB, 0xC4, 2 },
	      { 0xEE, 0xC6, 1 },
	  { 0xEB, 0xC7, 1 },
	{ 0x2B, 0xC8, 1 },
	   { 0x9B, 0xD0, 1 },
	      { 0x9D, 0xD1, 1 },
	  { 0xA0, 0xD2, 1 },
	{ 0x8F, 0xD3, 1 },
	   { 0xBB, 0xD4, 2 },
	      { 0xEF, 0xD6, 1 },
	  { 0xEA, 0xD7, 1 },
	{ 0x3A, 0xD8, 1 },
	   { 0xEC, 0xDC, 2 },
	      { 0x51, 0xE1, 3 },
	  { 0xCE, 0xEA, 2 },
	{ 0xDA, 0xEE, 1 },
	   { 0xFC, 0xEF, 1 },
	      { 0xB0, 0xF0, 10},
	  { 0xDC, 0xFB, 1 },
	{ 0xDB, 0xFC, 1 },
	   { 0xDD, 0xFD, 1 },
	      { 0xFD, 0xFE, 1 },
};

/* The other code of a character; 0: it has none. */
static uint8_t other(bool is_text, bool ours, uint8_t code)
{
	const struct run *runs = is_text ? text_set : apl;
	size_t count = is_text ? ARRAY_SIZE(text_set) : ARRAY_SIZE(apl);

	for (size_t i = 0; i < count; i++) {
		uint8_t from = ours ? runs[i].ours : runs[i].theirs;

		if (code >= from && code < from + runs[i].count)
			return (uint8_t)(code - from +
					 (ours ? runs[i].theirs : runs[i].ours));
	}
	return 0;
}

void charset_put(struct bytebuf *b, const struct console_terminal *t, const uint8_t *text,
		 size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t code = t->charset == CONSOLE_PLAIN
				       ? 0
				       : other(t->charset == CONSOLE_TEXT, true, text[i]);
		uint8_t c = text[i] == TAB ? t->tabchar : text[i];

		if (code) {
			bytebuf_put1(b, DS_GE);
			bytebuf_put1(b, code);
		} else {
			ds_text(b, &c, 1);
		}
	}
}

size_t charset_take(const struct console_terminal *t, uint8_t *text, size_t n)
{
	size_t out = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] == DS_GE && i + 1 < n) {
			uint8_t c = other(t->charset == CONSOLE_TEXT, false, text[++i]);

			text[out++] = c ? c : EBCDIC_SPACE;
		} else {
			text[out++] = t->tabchar && text[i] == t->tabchar ? TAB : text[i];
		}
	}
	return out;
}
