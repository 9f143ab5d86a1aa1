/*
 * s370/parse.h - words and numbers of monitor commands and configuration lines.
 */
#ifndef S370_PARSE_H
#define S370_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORDS_MAX 64

/*
 * Split line in place at blanks; "..." keeps blanks together, without escapes.
 * Returns the number of words, or -1 for a missing quote or too many words.
 */
int word_split(char *line, char **words, int max);

/*
 * Numbers. The whole text must be one; value must not exceed max. false: it is
 * not, and *value is unchanged.
 */
bool word_hex(const char *text, uint64_t max, uint64_t *value);
bool word_decimal(const char *text, uint64_t max, uint64_t *value);

/* A size in bytes: a decimal number with K, M or G behind it, or neither. */
bool word_size(const char *text, uint64_t max, uint64_t *value);

/* A whole number with an optional sign, -max to max. */
bool word_signed(const char *text, uint64_t max, int64_t *value);

/* A time difference, [+|-]HHMM, in seconds. */
bool word_zone(const char *text, int64_t *seconds);

/* An I/O address: three or four hex digits, or fewer. */
bool word_device(const char *text, uint16_t *address);

/* ADDR.LEN, ADDR-END or ADDR, hex; length stays as it is for ADDR alone. */
bool word_range(const char *text, uint32_t *address, uint32_t *length);

/*
 * Hex digits, blanks ignored, into bytes. Returns the number of bytes or -1
 * for something else, an odd number of digits, or more than max bytes.
 */
int word_bytes(const char *text, uint8_t *bytes, size_t max);

/* text without leading and trailing blanks, in place. */
char *word_trim(char *text);

#endif
