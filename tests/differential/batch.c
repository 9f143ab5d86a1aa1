#include "tests/differential/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define RETRIES_MAX 12 /* cases that end a batch, before giving up */

struct batch {
	struct pair *p;
	const struct test_case *cases;
	const struct facts *facts;
	unsigned count;
	uint8_t *theirs, *ours; /* images */
	enum verdict *ended;	/* SAME, ENDLESS or DERAILED so far */
};

static uint32_t header(const uint8_t *image, unsigned word)
{
	return be32(image + ST_HEADER + 4 * word);
}

/* A case that only ends. */
static void encode_nothing(uint8_t bytes[CASE_SIZE])
{
	struct test_case c = {
		.psw = UINT64_C(0x0008000000000000) | ST_WINDOW,
		.code_at = ST_WINDOW,
		.comparator = ~UINT64_C(0xFF),
		.timer = INT64_MAX,
		.cr = { [0] = 0xE0 },
	};

	case_encode(&c, bytes);
}

static void build(const struct batch *b, unsigned first, uint8_t *image)
{
	uint32_t words[] = { b->count - first, 0, ST_IN, ST_OUT,
			     ST_SIZE - R_FIRST - WINDOW_SIZE / CHUNK * (4 + CHUNK) };
	struct supervisor where;

	memset(image, 0, ST_SIZE);
	supervisor_build(image, !b->p->no_float, &where);
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		put_be32(image + ST_HEADER + 4 * i, words[i]);
	memcpy(image + ST_TEMPLATE, b->p->window, WINDOW_SIZE);
	memcpy(image + ST_WINDOW, b->p->window, WINDOW_SIZE);
	for (unsigned i = first; i < b->count; i++) {
		uint8_t *at = image + ST_IN + (i - first) * CASE_SIZE;

		if (b->ended[i] == SAME)
			case_encode(&b->cases[i], at);
		else
			encode_nothing(at);
	}
}

/* How many cases an image has results of; fewer than all: it went wrong there. */
static unsigned finished(const uint8_t *image, unsigned count)
{
	uint32_t n = header(image, H_INDEX);

	return n <= count ? n : 0;
}

static bool out_is_full(const uint8_t *image)
{
	uint32_t out = header(image, H_OUT);

	return out >= header(image, H_OUT_LIMIT) && out < ST_SIZE;
}

/* Length of the result at out, 0 if it cannot be one. */
static size_t result_length(const uint8_t *image, uint32_t out)
{
	uint32_t chunks;

	if (out > ST_SIZE - R_FIRST)
		return 0;
	chunks = be32(image + out + R_CHUNKS);
	if (chunks > WINDOW_SIZE / CHUNK ||
	    out + R_FIRST + chunks * (4 + CHUNK) > ST_SIZE)
		return 0;
	return R_FIRST + chunks * (4 + CHUNK);
}

static void keep(uint8_t *to, size_t size, size_t *length, const uint8_t *from, size_t n)
{
	*length = n;
	memset(to, 0, size);
	memcpy(to, from, n < size ? n : size);
}

/* Judge results first ... end-1. */
static void judge_results(struct batch *b, unsigned first, unsigned end,
			  void (*judge)(void *arg, unsigned n,
					const struct comparison *cmp),
			  void *arg)
{
	uint32_t theirs = ST_OUT, ours = ST_OUT;

	for (unsigned i = first; i < end; i++) {
		size_t a = result_length(b->theirs, theirs),
		       o = result_length(b->ours, ours);
		struct comparison cmp = { .verdict = b->ended[i] };

		if (a == 0 || o == 0)
			return;
		if (b->ended[i] == SAME) {
			cmp.has_results = true;
			keep(cmp.theirs, sizeof(cmp.theirs), &cmp.theirs_length,
			     b->theirs + theirs, a);
			keep(cmp.ours, sizeof(cmp.ours), &cmp.ours_length, b->ours + ours,
			     o);
			compare(&b->facts[i], &cmp);
		}
		judge(arg, i, &cmp);
		theirs += (uint32_t)a;
		ours += (uint32_t)o;
	}
}

/*
 * Case n did not end on s370. Does it on Hercules? That takes seconds, so only the
 * first ASKED_MAX of a run are tried there; the others are believed to be alike.
 */
#define ASKED_MAX 40

static void judge_endless(struct batch *b, unsigned n)
{
	const struct test_case *c = &b->cases[n];
	enum verdict alone = SAME;
	struct batch one = { .p = b->p, .cases = c, .count = 1, .ended = &alone };

	b->ended[n] = ENDLESS;
	if (b->p->asked == ASKED_MAX)
		return;
	b->p->asked++;
	build(&one, 0, b->theirs);
	emulator_patience(b->p->theirs, 2);
	emulator_run(b->p->theirs, b->theirs);
	emulator_patience(b->p->theirs, 20);
	b->ended[n] = finished(b->theirs, 1) == 1 ? DERAILED : ENDLESS;
	if (b->p->verbose) {
		printf("case %u does not end: %s\n", n,
		       b->ended[n] == ENDLESS ? "on both" : "only on s370");
		case_print(c);
	}
}

/* Is an address one where the supervisor, or time, writes? */
static bool is_scratch(uint32_t at)
{
	return (at >= 0x50 && at < 0x54) || (at >= 0x200 && at < 0x360) ||
	       (at >= ST_PREFIX + 0x50 && at < ST_PREFIX + 0x54) ||
	       (at >= ST_PREFIX + 0x200 && at < ST_PREFIX + 0x360) ||
	       (at >= ST_HEADER && at < ST_HEADER + 0x20) || at >= ST_OUT;
}

/* The first address outside results where the images differ, 0 for none. */
static uint32_t stray(const struct batch *b)
{
	for (uint32_t at = 0; at < ST_OUT; at += CHUNK) {
		if (!memcmp(b->theirs + at, b->ours + at, CHUNK))
			continue;
		for (uint32_t i = at; i < at + CHUNK; i++)
			if (b->theirs[i] != b->ours[i] && !is_scratch(i))
				return i;
	}
	return 0;
}

/* Run cases first ... end-1. false: not to their end. */
static bool run_part(struct batch *b, unsigned first, unsigned end)
{
	struct batch part = *b;

	part.count = end;
	build(&part, first, b->ours);
	memcpy(b->theirs, b->ours, ST_SIZE);
	return emulator_run(b->p->ours, b->ours) &&
	       emulator_run(b->p->theirs, b->theirs) &&
	       finished(b->ours, end - first) == end - first &&
	       finished(b->theirs, end - first) == end - first;
}

/* Cases first ... end-1 leave storage different: the case that made it so. */
static void
judge_stray(struct batch *b, unsigned first, unsigned end,
	    void (*judge)(void *arg, unsigned n, const struct comparison *cmp), void *arg)
{
	unsigned low = first, high = end; /* not yet after low cases, but after high */
	struct comparison cmp = { .verdict = DIFFERENT };
	uint32_t at = stray(b);

	while (at && high - low > 1) {
		unsigned middle = low + (high - low) / 2;

		if (!run_part(b, first, middle))
			return;
		if (stray(b)) {
			high = middle;
			at = stray(b);
			cmp.theirs[0] = b->theirs[at];
			cmp.ours[0] = b->ours[at];
		} else {
			low = middle;
		}
	}
	cmp.stray = at;
	if (at)
		judge(arg, high - 1, &cmp);
}

/*
 * Run from case first on. Returns how many cases came to an end on both, 0 if one
 * did not, which is marked and left out from now on.
 */
static unsigned run_once(struct batch *b, unsigned first)
{
	unsigned count = b->count - first, theirs, ours;

	build(b, first, b->ours);
	memcpy(b->theirs, b->ours, ST_SIZE);
	if (!emulator_run(b->p->ours, b->ours)) {
		if (b->p->verbose)
			printf("from %u: s370 does not answer\n", first);
		return 0;
	}
	ours = finished(b->ours, count);
	if (ours < count && !out_is_full(b->ours)) {
		judge_endless(b, first + ours);
		return 0;
	}
	if (!emulator_run(b->p->theirs, b->theirs))
		return 0;
	theirs = finished(b->theirs, count);
	if (b->p->verbose)
		printf("from %u: hercules %u, s370 %u of %u\n", first, theirs, ours,
		       count);
	if (theirs < ours && !out_is_full(b->theirs)) {
		b->ended[first + theirs] = DERAILED;
		return 0;
	}
	return theirs < ours ? theirs : ours;
}

bool batch_run(struct pair *p, const struct test_case *cases, const struct facts *facts,
	       unsigned count,
	       void (*judge)(void *arg, unsigned n, const struct comparison *cmp),
	       void *arg)
{
	struct batch b = { .p = p, .cases = cases, .facts = facts, .count = count };
	unsigned first = 0, tries = 0;

	b.theirs = malloc(ST_SIZE);
	b.ours = malloc(ST_SIZE);
	b.ended = calloc(count, sizeof(*b.ended));
	while (b.theirs && b.ours && b.ended && first < count && tries < RETRIES_MAX) {
		unsigned n = run_once(&b, first);

		judge_results(&b, first, first + n, judge, arg);
		if (n)
			judge_stray(&b, first, first + n, judge, arg);
		first += n;
		tries = n ? tries : tries + 1;
	}
	free(b.theirs);
	free(b.ours);
	free(b.ended);
	return first == count;
}
