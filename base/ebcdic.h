/*
 * base/ebcdic.h - EBCDIC code pages against ISO 8859-1.
 *
 * 037 is what S/370 decks use and is the default; "bracket" is 037 with the
 * brackets at X'AD' and X'BD', as 3270s of the time had them and as x3270 and
 * most tn3270 clients assume; 1047 is what C compilers and Unix ports use.
 */
#ifndef BASE_EBCDIC_H
#define BASE_EBCDIC_H

#include <stddef.h>
#include <stdint.h>

#define EBCDIC_SPACE 0x40

struct codepage {
	const char *name;         /* "037", "bracket", "1047" */
	const uint8_t *to_latin1; /* 256 bytes, index EBCDIC */
	const uint8_t *to_ebcdic; /* 256 bytes, index ISO 8859-1 */
};

extern const struct codepage codepage_037;
extern const struct codepage codepage_bracket;
extern const struct codepage codepage_1047;

/* The code page of that name, or NULL. */
const struct codepage *codepage_find(const char *name);

/* Translate n bytes; in and out may be the same memory. */
void ebcdic_from_latin1(const struct codepage *cp, uint8_t *out, const char *in, size_t n);
void ebcdic_to_latin1(const struct codepage *cp, char *out, const uint8_t *in, size_t n);

#endif
