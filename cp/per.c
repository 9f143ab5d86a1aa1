/*
 * cp/per.c - the elements of PER: the current set and the saved ones. CP thread.
 */
#include "cp/per_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cp/trace.h"
#include "cp/vmblok.h"

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
