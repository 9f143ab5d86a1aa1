/*
 * cp/per_event.c - does an instruction match an element of PER, and what is shown of
 * it then? All on the machine's thread.
 */
#include "cp/per_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cp/vmblok.h"
#include "cpu370/cpu.h"
#include "devices/machine.h"

#define ADDRESS 0xFFFFFFu

/* One instruction, and what is to be shown of it. */
struct event {
	struct per *per;
	struct cpu370 *cpu;
	const struct cpu_trace *what;
	struct per_output *out;
	uint16_t changed;       /* registers */
	uint16_t shown;         /* those of the elements that match */
	bool stored, plain;     /* an element that shows the instruction matches */
	bool traceback;
	uint32_t data_at[PER_ELEMENTS_MAX];
	unsigned data_length[PER_ELEMENTS_MAX], data_count;
};

static bool inside(const struct per_range *r, uint32_t at)
{
	return r->first <= r->last ? at >= r->first && at <= r->last
				   : at >= r->first || at <= r->last;
}

/* Is one byte of [first, last] inside? */
static bool touches(const struct per_range *r, uint32_t first, uint32_t last)
{
	return inside(r, first) || inside(r, last) ||
	       (r->first >= first && r->first <= last);
}

/* The instruction, or the target of an EX, is where the user wants to look. */
static bool wanted_there(const struct per_options *o, const struct cpu_trace *what)
{
	for (unsigned i = 0; i < o->range_count; i++)
		if (inside(&o->ranges[i], what->ia) ||
		    (what->done->ex && inside(&o->ranges[i], what->done->ex_at)))
			return true;
	return o->range_count == 0;
}

static bool data_is(struct event *e, uint32_t at, const struct per_element *p)
{
	uint8_t there[PER_DATA];

	return perline_peek(e->cpu, at, there, p->length) &&
	       memcmp(there, p->data, p->length) == 0;
}

static void show_data(struct event *e, uint32_t at, unsigned n)
{
	e->data_at[e->data_count] = at;
	e->data_length[e->data_count++] = n;
}

static bool matches_fetch(struct event *e, struct per_element *p)
{
	const struct cpu_trace *what = e->what;
	uint32_t at = what->ia;

	if (!p->length)
		return true;
	if (!data_is(e, at, p)) {
		at = what->done->ex_at;
		if (!what->done->ex || !data_is(e, at, p))
			return false;
	}
	show_data(e, at, p->length);
	return true;
}

static bool stored_into(const struct cpu_done *done, const struct per_range *r)
{
	for (unsigned i = 0; i < done->stores; i++)
		if (touches(r, done->store[i].first, done->store[i].last))
			return true;
	return false;
}

static bool matches_store(struct event *e, struct per_element *p)
{
	const struct cpu_done *done = e->what->done;
	bool was = p->equal;

	if (p->bounded ? !stored_into(done, &p->where) : !done->stores)
		return false;
	if (p->length) {
		p->equal = data_is(e, p->where.first, p);
		if (!p->equal || was)
			return false;
		show_data(e, p->where.first, p->length);
	}
	e->stored = true;
	return true;
}

static bool matches_mask(struct event *e, struct per_element *p)
{
	uint8_t now[PER_DATA];
	bool changed = !p->known;

	if (!stored_into(e->what->done, &p->where) ||
	    !perline_peek(e->cpu, p->where.first, now, p->length))
		return false;
	for (unsigned i = 0; i < p->length; i++)
		changed |= (now[i] ^ p->old[i]) & p->data[i];
	memcpy(p->old, now, p->length);
	p->known = true;
	if (!changed)
		return false;
	show_data(e, p->where.first, p->length);
	e->stored = true;
	return true;
}

static bool matches_registers(struct event *e, struct per_element *p)
{
	uint16_t changed = e->changed & p->registers;

	for (unsigned r = 0; p->length && r < 16; r++) {
		uint32_t value = (uint32_t)p->data[0] << 24 | (uint32_t)p->data[1] << 16 |
				 (uint32_t)p->data[2] << 8 | p->data[3];

		if (cpu370_gr(e->cpu, r) != value)
			changed &= (uint16_t)~(0x8000u >> r);
	}
	e->shown |= changed;
	return changed;
}

static bool matches_branch(struct event *e, struct per_element *p)
{
	const struct cpu_done *done = e->what->done;

	if (!done->branched || (p->bounded && !inside(&p->where, done->next)))
		return false;
	e->traceback |= p->bounded;
	return true;
}

/* The segment that the instruction at ia is in: a range, a page of it, or the rest. */
static struct per_range segment_of(const struct per_element *p, uint32_t ia)
{
	const struct per_options *o = &p->options;
	struct per_range r = { 0, ADDRESS };

	for (unsigned i = 0; i < o->range_count; i++) {
		r = o->ranges[i];
		if (inside(&r, ia))
			break;
		r = (struct per_range){ (r.last + 1) & ADDRESS, (r.first - 1) & ADDRESS };
	}
	if (p->page && inside(&r, ia)) {
		r.first = ia / p->page * p->page;
		r.last = r.first + p->page - 1;
	}
	return r;
}

static bool matches_page(struct event *e, struct per_element *p)
{
	uint32_t ia = e->what->ia;

	if (p->known && inside(&p->segment, ia))
		return false;
	p->known = true;
	p->segment = segment_of(p, ia);
	return true;
}

static bool matches(struct event *e, struct per_element *p)
{
	if (p->type == PER_PAGETRACE)
		return matches_page(e, p);
	if (!wanted_there(&p->options, e->what))
		return false;
	switch (p->type) {
	case PER_BRANCH: return matches_branch(e, p);
	case PER_IFETCH: return matches_fetch(e, p);
	case PER_STORE:  return matches_store(e, p);
	case PER_GREG:   return matches_registers(e, p);
	case PER_MASK:   return matches_mask(e, p);
	case PER_PAGETRACE: break;
	}
	return false;
}

/* It matches, and it is its turn: where it goes, and what follows. */
static void tell(struct event *e, struct per_element *p)
{
	const struct per_options *o = &p->options;
	struct per_output *out = e->out;

	p->told++;
	out->terminal |= o->terminal;
	out->printer |= o->printer;
	if (o->terminal && !o->run && ++p->stepped >= o->step) {
		p->stepped = 0;
		out->stop = true;
	}
	if (o->commands) {
		char *copy = strdup(o->commands);

		if (!copy)
			BUG("no memory for PER");
		out->commands[out->command_count++] = copy;
	}
	e->plain |= p->type != PER_PAGETRACE;
}

/* Not its turn: nothing of what it would have shown. */
static void try_element(struct event *e, struct per_element *p)
{
	struct event before = *e;

	if (!matches(e, p))
		return;
	if (++p->skipped < p->options.skip) {
		*e = before;
		return;
	}
	p->skipped = 0;
	tell(e, p);
}

static uint16_t registers_changed(struct cpu370 *cpu, const struct cpu_done *done)
{
	uint16_t changed = 0;

	for (unsigned r = 0; r < 16; r++)
		if (cpu370_gr(cpu, r) != done->gr[r])
			changed |= (uint16_t)(0x8000u >> r);
	return changed;
}

static bool keeps_branches(const struct per *p)
{
	for (const struct per_element *e = p->current; e; e = e->next)
		if (e->type == PER_BRANCH)
			return true;
	return false;
}

static void note_branch(struct per *p, const struct cpu_trace *what)
{
	const struct cpu_done *done = what->done;
	struct per_taken now = { .at = done->ex ? done->ex_at : what->ia, .to = done->next,
				 .times = 1 };
	struct per_taken *last = &p->taken[PER_TRACEBACK - 1];

	memcpy(now.code, done->ex ? done->ex_code : what->code, sizeof(now.code));
	if (p->taken_count && last->at == now.at && last->to == now.to &&
	    memcmp(last->code, now.code, sizeof(now.code)) == 0) {
		last->times++;
		return;
	}
	memmove(p->taken, p->taken + 1, sizeof(p->taken) - sizeof(p->taken[0]));
	*last = now;
	if (p->taken_count < PER_TRACEBACK)
		p->taken_count++;
}

/* The branches that led to the one that is shown. */
static void put_traceback(struct event *e)
{
	struct per *p = e->per;
	char text[TRACE_COLUMNS + 1];

	perline_text(e->out, "TRACEBACK TABLE:");
	for (unsigned i = PER_TRACEBACK - p->taken_count; i + 1 < PER_TRACEBACK; i++) {
		perline_taken(&p->taken[i], text);
		perline_text(e->out, text);
	}
}

static void put_lines(struct vmblok *vm, struct event *e, bool page)
{
	struct per *p = e->per;
	const struct cpu_trace *what = e->what;
	struct machine_usage usage;

	if (page) {
		machine_usage(vm->machine, &usage);
		perline_page(e->out, what->ia, usage.cpu_ns / 1000);
	}
	if (!e->plain)
		return;
	perline_instruction(e->out, e->cpu, what, !p->showing || p->expected != what->ia,
			    e->shown, e->stored);
	p->showing = true;
	p->expected = (what->ia + what->length) & ADDRESS;
	for (unsigned i = 0; i < e->data_count; i++)
		perline_data(e->out, e->cpu, e->data_at[i], e->data_length[i]);
	if (e->traceback)
		put_traceback(e);
}

bool per_event(struct vmblok *vm, struct cpu370 *cpu, const struct cpu_trace *what,
	       struct per_output *out)
{
	struct per *p = vm->per;
	struct event e = { .per = p, .cpu = cpu, .what = what, .out = out };
	uint64_t pages = 0, before;

	out->lines = out->command_count = 0;
	out->terminal = out->printer = out->stop = false;
	pthread_mutex_lock(&p->lock);
	if (p->current) {
		e.changed = registers_changed(cpu, what->done);
		if (what->done->branched && keeps_branches(p))
			note_branch(p, what);
	}
	for (struct per_element *el = p->current; el; el = el->next) {
		before = el->told;
		try_element(&e, el);
		if (el->type == PER_PAGETRACE)
			pages += el->told - before;
	}
	if (out->terminal || out->printer)
		put_lines(vm, &e, pages != 0);
	pthread_mutex_unlock(&p->lock);
	return out->terminal || out->printer || out->command_count;
}
