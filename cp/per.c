#include "cp/per.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "cp/perline.h"
#include "cp/trace.h"
#include "cp/vmblok.h"
#include "cpu370/cpu.h"
#include "devices/machine.h"

#define ADDRESS 0xFFFFFFu

struct set {
	struct set *next;
	char name[PER_NAME_MAX + 1];
	struct per_element *elements;
};

struct per {
	struct set *saved;            /* CP thread */
	pthread_mutex_t lock;         /* everything below; the elements too */
	struct per_element *current;
	uint32_t expected;            /* behind the last instruction shown */
	bool showing;                 /* there was one */
	struct per_taken taken[PER_TRACEBACK]; /* the latest is the last */
	unsigned taken_count;
};

/* ---- sets */

static struct per *per_of(struct vmblok *vm)
{
	if (vm->per)
		return vm->per;
	vm->per = calloc(1, sizeof(*vm->per));
	if (!vm->per)
		BUG("no memory for PER");
	pthread_mutex_init(&vm->per->lock, NULL);
	return vm->per;
}

struct per_element *per_copy(const struct per_element *e)
{
	struct per_element *copy = malloc(sizeof(*copy));

	if (!copy)
		BUG("no memory for PER");
	*copy = *e;
	copy->next = NULL;
	if (e->options.commands) {
		copy->options.commands = strdup(e->options.commands);
		if (!copy->options.commands)
			BUG("no memory for PER");
	}
	return copy;
}

void per_free_elements(struct per_element *e)
{
	while (e) {
		struct per_element *next = e->next;

		free(e->options.commands);
		free(e);
		e = next;
	}
}

static struct per_element *copy_all(const struct per_element *e)
{
	struct per_element *first = NULL, **end = &first;

	for (; e; e = e->next) {
		*end = per_copy(e);
		end = &(*end)->next;
	}
	return first;
}

static struct set **find(struct per *p, const char *name)
{
	struct set **s = &p->saved;

	while (*s && strcmp((*s)->name, name) != 0)
		s = &(*s)->next;
	return s;
}

const struct per_element *per_set(const struct vmblok *vm, const char *name)
{
	const struct set *s;

	if (!vm->per)
		return NULL;
	if (!name)
		return vm->per->current;
	s = *find(vm->per, name);
	return s ? s->elements : NULL;
}

const char *per_saved(const struct vmblok *vm, unsigned n)
{
	const struct set *s = vm->per ? vm->per->saved : NULL;

	while (s && n--)
		s = s->next;
	return s ? s->name : NULL;
}

/* Put these in the place of the current set. */
static void replace(struct vmblok *vm, struct per_element *elements)
{
	struct per *p = per_of(vm);
	struct per_element *old;

	pthread_mutex_lock(&p->lock);
	old = p->current;
	p->current = elements;
	p->showing = false;
	if (!elements)
		p->taken_count = 0;
	pthread_mutex_unlock(&p->lock);
	per_free_elements(old);
	trace_per(vm, elements != NULL);
}

/* ---- merging */

static bool same_options(const struct per_options *a, const struct per_options *b)
{
	if (a->range_count != b->range_count || a->skip != b->skip || a->step != b->step ||
	    a->run != b->run || a->terminal != b->terminal || a->printer != b->printer ||
	    !a->commands != !b->commands)
		return false;
	return memcmp(a->ranges, b->ranges, a->range_count * sizeof(a->ranges[0])) == 0 &&
	       (!a->commands || strcmp(a->commands, b->commands) == 0);
}

static bool mergeable(const struct per_element *a, const struct per_element *b)
{
	return a->type == b->type && a->bounded == b->bounded &&
	       a->registers == b->registers && a->page == b->page &&
	       a->length == b->length && memcmp(a->data, b->data, a->length) == 0 &&
	       same_options(&a->options, &b->options);
}

/* One range for both, if they overlap or touch. Not for those around the end. */
static bool join(struct per_range *a, const struct per_range *b)
{
	if (a->last < a->first || b->last < b->first || a->first > b->last + 1 ||
	    b->first > a->last + 1)
		return false;
	a->first = b->first < a->first ? b->first : a->first;
	a->last = b->last > a->last ? b->last : a->last;
	return true;
}

static bool merged(struct per_element *into, const struct per_element *e)
{
	if (!mergeable(into, e))
		return false;
	if (!e->bounded)
		return true;
	if (e->length) /* data is at one place */
		return into->where.first == e->where.first;
	return join(&into->where, &e->where);
}

bool per_add(struct vmblok *vm, struct per_element *e)
{
	struct per *p = per_of(vm);
	struct per_element **end;
	unsigned count = 0;
	bool done = false;

	pthread_mutex_lock(&p->lock);
	for (end = &p->current; *end && !done; end = &(*end)->next, count++)
		done = merged(*end, e);
	if (!done && count < PER_ELEMENTS_MAX)
		*end = e;
	pthread_mutex_unlock(&p->lock);
	if (done || count >= PER_ELEMENTS_MAX)
		per_free_elements(e);
	trace_per(vm, true);
	return done || count < PER_ELEMENTS_MAX;
}

void per_off(struct vmblok *vm, enum per_type type)
{
	struct per *p = per_of(vm);
	struct per_element **at, *gone = NULL;
	bool left;

	pthread_mutex_lock(&p->lock);
	for (at = &p->current; *at;) {
		struct per_element *e = *at;

		if (e->type != type) {
			at = &e->next;
			continue;
		}
		*at = e->next;
		e->next = gone;
		gone = e;
	}
	left = p->current != NULL;
	pthread_mutex_unlock(&p->lock);
	per_free_elements(gone);
	trace_per(vm, left);
}

void per_change(struct vmblok *vm, void (*change)(struct per_element *e, void *arg), void *arg)
{
	struct per *p = per_of(vm);

	pthread_mutex_lock(&p->lock);
	for (struct per_element *e = p->current; e; e = e->next)
		change(e, arg);
	pthread_mutex_unlock(&p->lock);
}

/* ---- saved sets */

bool per_save(struct vmblok *vm, const char *name)
{
	struct per *p = per_of(vm);
	struct set **at = find(p, name);

	if (!p->current || (!*at && per_saved(vm, PER_SETS_MAX - 1)))
		return false;
	if (!*at) {
		*at = calloc(1, sizeof(**at));
		if (!*at)
			BUG("no memory for PER");
		memcpy((*at)->name, name, strlen(name) + 1);
	}
	per_free_elements((*at)->elements);
	pthread_mutex_lock(&p->lock); /* it counts while it runs */
	(*at)->elements = copy_all(p->current);
	pthread_mutex_unlock(&p->lock);
	return true;
}

bool per_get(struct vmblok *vm, const char *name)
{
	struct set *s = *find(per_of(vm), name);

	if (s)
		replace(vm, copy_all(s->elements));
	return s != NULL;
}

bool per_clear(struct vmblok *vm, const char *name)
{
	struct per *p = per_of(vm);
	struct set **at, *gone;

	if (!name) {
		if (!p->current)
			return false;
		replace(vm, NULL);
		return true;
	}
	at = find(p, name);
	gone = *at;
	if (!gone)
		return false;
	*at = gone->next;
	per_free_elements(gone->elements);
	free(gone);
	return true;
}

void per_end(struct vmblok *vm)
{
	while (vm->per && vm->per->saved)
		(void)per_clear(vm, vm->per->saved->name);
	(void)per_clear(vm, NULL);
}

void per_free(struct vmblok *vm)
{
	struct per *p = vm->per;

	if (!p)
		return;
	while (p->saved)
		(void)per_clear(vm, p->saved->name);
	per_free_elements(p->current);
	vm->per = NULL;
	pthread_mutex_destroy(&p->lock);
	free(p);
}

void per_say_traceback(struct vmblok *vm)
{
	struct per *p = per_of(vm);
	struct per_taken taken[PER_TRACEBACK];
	unsigned count;

	pthread_mutex_lock(&p->lock);
	count = p->taken_count;
	memcpy(taken, p->taken, sizeof(taken));
	pthread_mutex_unlock(&p->lock);
	vm_say(vm, "TRACEBACK TABLE:");
	for (unsigned i = PER_TRACEBACK - count; i < PER_TRACEBACK; i++) {
		char text[TRACE_COLUMNS + 1];

		perline_taken(&taken[i], text);
		vm_say(vm, "%s", text);
	}
}

/* ---- the machine's thread: does it match? */

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
