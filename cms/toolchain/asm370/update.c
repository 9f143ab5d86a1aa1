#include "cms/toolchain/asm370/update.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cms/toolchain/asm370/int.h"

#define COLUMNS  80
#define SEQUENCE 72 /* column 73 */
#define NO_SEQUENCE UINT32_MAX

struct merge {
	struct asm a; /* only its arena and buffers are used */
	const struct text *source, *update;
	uint32_t from, at; /* next record of source, of update */
	struct buffer out;
	struct error *err;
};

/* Records as 80 columns, so that sequence numbers are where they belong. */
static void columns(const struct record *r, char out[COLUMNS])
{
	memset(out, ' ', COLUMNS);
	memcpy(out, r->p, r->n < COLUMNS ? r->n : COLUMNS);
}

static uint32_t digits(const char *p, size_t n)
{
	uint32_t value = 0;

	for (size_t i = 0; i < n; i++) {
		if (!isdigit((unsigned char)p[i]))
			return NO_SEQUENCE;
		value = value * 10 + (uint32_t)(p[i] - '0');
	}
	return value;
}

static uint32_t sequence_of(const struct record *r)
{
	char line[COLUMNS];
	uint32_t n;

	columns(r, line);
	n = digits(line + SEQUENCE, 8);
	return n == NO_SEQUENCE ? digits(line + SEQUENCE + 3, 5) : n;
}

static bool fail(struct merge *m, const char *what)
{
	error_set(m->err, 0, "%s:%u: %s", m->update->name ? m->update->name : "update",
		  m->at, what);
	return false;
}

static void put(struct merge *m, const struct record *r)
{
	buffer_put(&m->out, r->p, r->n);
	buffer_put(&m->out, "\n", 1);
}

/* Copy the source up to the record numbered seq, which stays. */
static bool copy_before(struct merge *m, uint32_t seq)
{
	for (; m->from < m->source->count; m->from++) {
		const struct record *r = &m->source->records[m->from];

		if (sequence_of(r) == seq)
			return true;
		put(m, r);
	}
	return fail(m, "no record has that sequence number");
}

struct control {
	char code;
	uint32_t first, last;      /* sequence numbers */
	bool dollar;
	uint32_t start, increment; /* for what is inserted */
	char label[4];
};

static bool control_parse(struct merge *m, const struct record *r, struct control *k)
{
	char line[COLUMNS + 1], word[9];
	int at = 2, n;
	uint32_t numbers = 0, after = 0;

	memset(k, 0, sizeof(*k));
	k->first = k->last = NO_SEQUENCE;
	columns(r, line);
	line[SEQUENCE] = '\0'; /* the update file has numbers of its own */
	if (sscanf(line + at, "%8s%n", word, &n) != 1)
		return fail(m, "control statement without a code");
	k->code = word[0];
	if (k->code == '*')
		return true;
	for (at += n; sscanf(line + at, "%8s%n", word, &n) == 1; at += n) {
		uint32_t value = digits(word, strlen(word));

		if (strcmp(word, "$") == 0)
			k->dollar = true;
		else if (value == NO_SEQUENCE && k->code == 'S' && numbers == 2)
			snprintf(k->label, sizeof(k->label), "%.3s", word);
		else if (value == NO_SEQUENCE)
			break; /* remarks */
		else if (k->dollar)
			*(after++ ? &k->increment : &k->start) = value;
		else
			*(numbers++ ? &k->last : &k->first) = value;
	}
	return true;
}

/* ./ S: the whole source gets new numbers; it must come first. */
static bool resequence(struct merge *m, const struct control *k)
{
	uint32_t increment = k->last == NO_SEQUENCE ? 1000 : k->last;
	uint32_t number = k->first == NO_SEQUENCE ? increment : k->first;

	for (; m->from < m->source->count; m->from++, number += increment) {
		char line[COLUMNS + 1], seq[16];

		columns(&m->source->records[m->from], line);
		if (k->label[0])
			snprintf(seq, sizeof(seq), "%-3.3s%05u", k->label, number % 100000);
		else
			snprintf(seq, sizeof(seq), "%08u", number % 100000000);
		memcpy(line + SEQUENCE, seq, 8);
		line[COLUMNS] = '\n';
		buffer_put(&m->out, line, sizeof(line));
	}
	return true;
}

static bool is_control(const struct record *r)
{
	return r->n >= 2 && r->p[0] == '.' && r->p[1] == '/';
}

/* A tenth of the place of the last digit that is not zero: 10 for 41300. */
static uint32_t default_increment(uint32_t seq)
{
	uint32_t step = 1;

	if (seq % 1000 == 0)
		return 100;
	for (; seq % 10 == 0; seq /= 10)
		step *= 10;
	return step > 1 ? step / 10 : 1;
}

static void insert(struct merge *m, const struct control *k)
{
	uint32_t step = k->increment ? k->increment : default_increment(k->first);
	uint32_t number = k->start ? k->start : k->first + step;

	for (; m->at < m->update->count && !is_control(&m->update->records[m->at]);
	     m->at++, number += step) {
		char line[COLUMNS + 1], seq[16] = "********";

		columns(&m->update->records[m->at], line);
		if (k->dollar)
			snprintf(seq, sizeof(seq), "%08u", number % 100000000);
		memcpy(line + SEQUENCE, seq, 8);
		line[COLUMNS] = '\n';
		buffer_put(&m->out, line, sizeof(line));
	}
}

static bool delete(struct merge *m, const struct control *k)
{
	uint32_t last = k->last == NO_SEQUENCE ? k->first : k->last;

	if (!copy_before(m, k->first))
		return false;
	for (; m->from < m->source->count; m->from++)
		if (sequence_of(&m->source->records[m->from]) == last) {
			m->from++;
			return true;
		}
	return fail(m, "no record has the last sequence number");
}

static bool statement(struct merge *m)
{
	struct control k;

	if (!is_control(&m->update->records[m->at]))
		return fail(m, "text without a control statement");
	if (!control_parse(m, &m->update->records[m->at++], &k))
		return false;
	if (k.code != '*' && k.code != 'S' && k.first == NO_SEQUENCE)
		return fail(m, "sequence number missing");
	switch (k.code) {
	case '*': return true;
	case 'S': return resequence(m, &k);
	case 'D': return delete (m, &k);
	case 'R':
		if (!delete (m, &k))
			return false;
		insert(m, &k);
		return true;
	case 'I':
		if (!copy_before(m, k.first))
			return false;
		put(m, &m->source->records[m->from++]);
		insert(m, &k);
		return true;
	default: return fail(m, "unknown control statement");
	}
}

static bool merge(struct merge *m)
{
	while (m->at < m->update->count)
		if (!statement(m))
			return false;
	for (; m->from < m->source->count; m->from++)
		put(m, &m->source->records[m->from]);
	return true;
}

/* All of it; false with err filled. */
static bool run(struct merge *m, const struct asm370_source *source,
		const struct asm370_source *update)
{
	if (setjmp(m->a.out_of_memory)) {
		error_set(m->err, 0, "memory ran out");
		return false;
	}
	m->a.arena.out_of_memory = &m->a.out_of_memory;
	m->out.out_of_memory = &m->a.out_of_memory;
	m->source = text_make(&m->a, source, false);
	m->update = text_make(&m->a, update, false);
	return merge(m);
}

char *update_apply(const struct asm370_source *source,
		   const struct asm370_source *update, size_t *size, struct error *err)
{
	struct merge *m = calloc(1, sizeof(*m));
	char *out = NULL;

	if (!m) {
		error_set(err, 0, "memory ran out");
		return NULL;
	}
	m->err = err;
	if (run(m, source, update)) {
		*size = m->out.n;
		out = m->out.p ? m->out.p : calloc(1, 1);
		m->out.p = NULL;
	}
	arena_release(&m->a.arena);
	free(m->out.p);
	free(m);
	return out;
}
