#include "tests/differential/shrink.h"

#include <string.h>

#define STEPS 150

/* Replace an instruction by one of the same length that does nothing. */
static bool blank(uint8_t *insn)
{
	static const uint8_t nothing[3][6] = {
		{ 0x07, 0x00 }, { 0x47, 0x00 }, { 0xD2, 0x00, 0x02, 0x00, 0x02, 0x00 },
	};
	uint8_t old[6];
	unsigned n = length_of(insn);

	memcpy(old, insn, 6);
	memcpy(insn, nothing[n / 2 - 1], 6);
	return memcmp(old, insn, n) != 0;
}

static bool zero(void *at, size_t n)
{
	const uint8_t *b = at;
	bool any = false;

	for (size_t i = 0; i < n; i++)
		any |= b[i] != 0;
	memset(at, 0, n);
	return any;
}

/* The n-th way to make c simpler; false: it changes nothing, or there is none. */
static bool simplify(struct test_case *c, unsigned n)
{
	if (n < INSNS_MAX)
		return n < c->insns && length_of(c->insn[n]) < 6 && blank(c->insn[n]);
	n -= INSNS_MAX;
	if (n == 0)
		return c->insns > 1 && c->insns--;
	if (--n < PATCHES - 1)
		return zero(&c->patch[n], sizeof(c->patch[n]));
	n -= PATCHES - 1;
	if (n < 16)
		return zero(&c->gr[n], sizeof(c->gr[n]));
	n -= 16;
	if (n < 4)
		return zero(&c->fpr[n], sizeof(c->fpr[n]));
	n -= 4;
	if (n < 16)
		return n != 0 && n != 1 && n != 2 && zero(&c->cr[n], sizeof(c->cr[n]));
	n -= 16;
	if (n < BLOCKS)
		return zero(&c->keys[n], 1);
	n -= BLOCKS;
	if (n < INSNS_MAX) { /* take it out; what it jumps over moves */
		if (n >= c->insns)
			return false;
		memmove(c->insn[n], c->insn[n + 1],
			(c->insns - n - 1) * sizeof(c->insn[0]));
		c->insns--;
		return true;
	}
	n -= INSNS_MAX;
	if (n < 2)
		return blank(c->target[n]);
	return false;
}

struct search {
	struct test_case variants[STEPS];
	struct facts facts[STEPS];
	uint8_t step[STEPS];    /* the last simplification in each variant */
	bool shows[STEPS];
	struct comparison cmp;  /* of the last variant that shows */
	unsigned count;
};

static void judge(void *arg, unsigned n, const struct comparison *cmp)
{
	struct search *s = arg;

	if (cmp->verdict != DIFFERENT)
		return;
	s->shows[n] = true;
	s->cmp = *cmp;
}

static void add(struct pair *p, struct search *s, const struct test_case *c,
		unsigned step)
{
	struct test_case *v = &s->variants[s->count];

	*v = *c;
	if (!simplify(v, step) ||
	    rehearse(p->rehearsal, v, &s->facts[s->count], NULL) != REHEARSED_GOOD)
		return;
	s->step[s->count++] = (uint8_t)step;
}

static bool try_all(struct pair *p, struct search *s)
{
	memset(s->shows, 0, sizeof(s->shows));
	return s->count && batch_run(p, s->variants, s->facts, s->count, judge, s);
}

/* Each simplification by itself, then those that help one on top of the other. */
static bool one_round(struct pair *p, struct search *s, struct test_case *c,
		      struct comparison *cmp)
{
	uint8_t helps[STEPS];
	unsigned n = 0;

	s->count = 0;
	for (unsigned step = 0; step < STEPS; step++)
		add(p, s, c, step);
	if (!try_all(p, s))
		return false;
	for (unsigned i = 0; i < s->count; i++)
		if (s->shows[i])
			helps[n++] = s->step[i];
	s->count = 0;
	for (unsigned i = 0; i < n; i++)
		add(p, s, s->count ? &s->variants[s->count - 1] : c, helps[i]);
	if (!try_all(p, s))
		return false;
	while (s->count && !s->shows[s->count - 1])
		s->count--;
	if (!s->count)
		return false;
	*c = s->variants[s->count - 1];
	*cmp = s->cmp;
	return true;
}

void shrink(struct pair *p, struct test_case *c, struct comparison *cmp)
{
	static struct search s;

	memset(cmp, 0, sizeof(*cmp));
	cmp->verdict = SAME;
	s.count = 1;
	s.variants[0] = *c;
	rehearse(p->rehearsal, c, &s.facts[0], NULL);
	if (!try_all(p, &s) || !s.shows[0])
		return;
	*cmp = s.cmp;
	for (unsigned round = 0; round < 12 && one_round(p, &s, c, cmp); round++)
		;
}

struct last {
	unsigned n;
	struct comparison *cmp;
};

static void judge_last(void *arg, unsigned n, const struct comparison *cmp)
{
	struct last *last = arg;

	if (n == last->n)
		*last->cmp = *cmp;
}

static bool shows(struct pair *p, const struct test_case *cases, unsigned n,
		  struct comparison *cmp)
{
	static struct facts facts[BATCH_CASES];
	struct comparison found = { .verdict = SAME };
	struct last last = { n, &found };

	for (unsigned i = 0; i <= n; i++)
		rehearse(p->rehearsal, &cases[i], &facts[i], NULL);
	if (!batch_run(p, cases, facts, n + 1, judge_last, &last) ||
	    found.verdict != DIFFERENT)
		return false;
	*cmp = found;
	return true;
}

unsigned shrink_sequence(struct pair *p, struct test_case *cases, unsigned n,
			 struct comparison *cmp)
{
	static struct test_case tried[BATCH_CASES];

	if (!shows(p, cases, n, cmp))
		return 0;
	for (unsigned step = n; step > 0; step = step / 2) {
		for (unsigned at = 0; at + step <= n;) {
			unsigned rest = n + 1 - at - step;

			memcpy(tried, cases, at * sizeof(*cases));
			memcpy(tried + at, cases + at + step, rest * sizeof(*cases));
			if (shows(p, tried, n - step, cmp)) {
				n -= step;
				memcpy(cases, tried, (n + 1) * sizeof(*cases));
			} else {
				at += step;
			}
		}
	}
	return shows(p, cases, n, cmp) ? n + 1 : 0;
}
