/* Are two results the same, and if not, is it known why? */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "tests/differential/batch.h"

static const struct field {
	const char *name;
	unsigned at, length, unit;
} fields[] = {
	{ "class", R_CLASS, 4, 4 },
	{ "GR", R_GPR, 64, 4 },
	{ "FPR", R_FPR, 32, 8 },
	{ "CR", R_CR, 64, 4 },
	{ "KEYS", R_KEYS, BLOCKS, 1 },
	{ "LOW", R_LOW, LOW_BYTES, 4 },
	{ "CHUNKS", R_CHUNKS, 4, 4 },
};

/* What the clock makes different: the interval timer. */
static void neutralise(uint8_t *result)
{
	memset(result + R_LOW + 0x50, 0, 4);
}

/*
 * Known differences, in the order of docs/differences.md. A row's function says
 * whether two results differ in this way and no other.
 */
static const struct known {
	bool (*is)(const struct test_case *c, const uint8_t *theirs, const uint8_t *ours);
	const char *text;
} known[] = {
	{ NULL, NULL },
};

const char *known_difference(unsigned n)
{
	return n < ARRAY_SIZE(known) ? known[n].text : NULL;
}

void compare(const struct test_case *c, struct comparison *cmp)
{
	neutralise(cmp->theirs);
	neutralise(cmp->ours);
	cmp->verdict = SAME;
	if (cmp->theirs_length == cmp->ours_length &&
	    !memcmp(cmp->theirs, cmp->ours, cmp->ours_length))
		return;
	cmp->verdict = DIFFERENT;
	for (unsigned n = 0; known[n].is; n++)
		if (known[n].is(c, cmp->theirs, cmp->ours)) {
			cmp->verdict = KNOWN;
			cmp->known = n;
			return;
		}
}

static void print_unit(const uint8_t *at, unsigned unit)
{
	for (unsigned i = 0; i < unit; i++)
		printf("%02X", at[i]);
}

static void print_field(const struct field *f, const uint8_t *theirs, const uint8_t *ours)
{
	for (unsigned i = 0; i < f->length; i += f->unit) {
		const uint8_t *a = theirs + f->at + i, *b = ours + f->at + i;

		if (!memcmp(a, b, f->unit))
			continue;
		printf("  %s %X: hercules ", f->name, f->unit == 4 && f->at == R_LOW ? i
							 : i / f->unit);
		print_unit(a, f->unit);
		printf(" s370 ");
		print_unit(b, f->unit);
		printf("\n");
	}
}

/* The chunk of a result at offset in the window, or NULL. */
static const uint8_t *find_chunk(const uint8_t *result, uint32_t offset)
{
	uint32_t n = be32(result + R_CHUNKS);

	for (uint32_t i = 0; i < n && i < WINDOW_SIZE / CHUNK; i++) {
		const uint8_t *at = result + R_FIRST + i * (4 + CHUNK);

		if (be32(at) == offset)
			return at + 4;
	}
	return NULL;
}

static void print_chunk(uint32_t offset, const uint8_t *a, const uint8_t *b)
{
	if (!a || !b) {
		if (a || b)
			printf("  storage %06X changed only on %s\n", ST_WINDOW + offset,
			       a ? "hercules" : "s370");
		return;
	}
	for (unsigned i = 0; i < CHUNK; i++)
		if (a[i] != b[i])
			printf("  storage %06X: hercules %02X s370 %02X\n",
			       ST_WINDOW + offset + i, a[i], b[i]);
}

void comparison_print(const struct comparison *cmp)
{
	if (!cmp->has_results) {
		printf("  one emulator did not come to the end of the case\n");
		return;
	}
	printf("  class %u, PSW old: program %016llX SVC %016llX\n", be32(cmp->theirs + R_CLASS),
	       (unsigned long long)be64(cmp->theirs + R_LOW + 0x28),
	       (unsigned long long)be64(cmp->theirs + R_LOW + 0x20));
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		print_field(&fields[i], cmp->theirs, cmp->ours);
	for (uint32_t offset = 0; offset < WINDOW_SIZE; offset += CHUNK)
		print_chunk(offset, find_chunk(cmp->theirs, offset),
			    find_chunk(cmp->ours, offset));
}
