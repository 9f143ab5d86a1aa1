/*
 * tests/unit/hex.h - bytes that a case writes in hexadecimal.
 */
#ifndef TESTS_UNIT_HEX_H
#define TESTS_UNIT_HEX_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The bytes of hex, pairs of digits with spaces or without; how many they are. */
static inline size_t from_hex(const char *hex, uint8_t *bytes)
{
	size_t n = 0;
	unsigned byte;
	int used;

	for (; sscanf(hex, "%2x%n", &byte, &used) == 1; hex += used)
		bytes[n++] = (uint8_t)byte;
	return n;
}

#endif
