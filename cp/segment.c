#include "cp/segment.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "cp/message.h"
#include "cp/savesys.h"
#include "cp/vmblok.h"

struct named_system *segment_attached(const struct vmblok *vm, const char *name)
{
	for (unsigned i = 0; i < vm->segments.count; i++)
		if (strcmp(vm->segments.attached[i]->layout.name, name) == 0)
			return vm->segments.attached[i];
	return NULL;
}

/* ---- the list */

static void forget(struct vmblok *vm, struct named_system *sys)
{
	struct segments *s = &vm->segments;

	for (unsigned i = 0; i < s->count; i++)
		if (s->attached[i] == sys) {
			s->attached[i] = s->attached[--s->count];
			break;
		}
	system_put(vm->cp->systems, sys);
}

static bool overlap(const struct named_system *a, const struct named_system *b)
{
	for (unsigned i = 0; i < a->layout.ranges; i++)
		for (unsigned k = 0; k < b->layout.ranges; k++) {
			const struct system_range *x = &a->layout.range[i];
			const struct system_range *y = &b->layout.range[k];

			if (x->first < y->first + y->count && y->first < x->first + x->count)
				return true;
		}
	return false;
}

bool segment_shares_page(const struct vmblok *vm, uint32_t page)
{
	for (unsigned i = 0; i < vm->segments.count; i++) {
		const struct system_layout *l = &vm->segments.attached[i]->layout;

		for (unsigned k = 0; k < l->shared_ranges; k++)
			if (page >= l->shared[k].first &&
			    page - l->shared[k].first < l->shared[k].count)
				return true;
	}
	return false;
}

/* ---- in and out of storage */

static bool map_pages(struct storage *st, const struct named_system *sys, struct error *err)
{
	uint32_t done = 0;

	for (unsigned i = 0; i < sys->layout.ranges; i++) {
		const struct system_range *r = &sys->layout.range[i];

		if (!storage_map(st, r->first * SYSTEM_PAGE, sys->fd,
				 (uint64_t)done * SYSTEM_PAGE, r->count * SYSTEM_PAGE,
				 sys->keys + 2 * done, err))
			return false;
		done += r->count;
	}
	return true;
}

static void unmap_pages(struct storage *st, const struct named_system *sys)
{
	struct error err;

	for (unsigned i = 0; i < sys->layout.ranges; i++) {
		const struct system_range *r = &sys->layout.range[i];

		if (!storage_unmap(st, r->first * SYSTEM_PAGE, r->count * SYSTEM_PAGE, &err))
			log_error(sys->layout.name, "%s", err.text);
	}
}

void segment_purge(struct vmblok *vm, struct storage *st, struct named_system *sys)
{
	unmap_pages(st, sys);
	forget(vm, sys);
}

bool segment_load(struct vmblok *vm, struct storage *st, struct named_system *sys,
		  struct error *err)
{
	struct segments *s = &vm->segments;

	for (unsigned i = 0; i < s->count;) {
		if (overlap(s->attached[i], sys))
			segment_purge(vm, st, s->attached[i]);
		else
			i++;
	}
	if (s->count == SEGMENTS_MAX) {
		error_set(err, ENOSPC, "%s has %d segments already", vm->userid, SEGMENTS_MAX);
		system_put(vm->cp->systems, sys);
		return false;
	}
	if (!map_pages(st, sys, err)) {
		unmap_pages(st, sys);
		system_put(vm->cp->systems, sys);
		return false;
	}
	s->attached[s->count++] = sys;
	return true;
}

/* ---- on the CP thread */

static void unmap_by_request(struct vmblok *vm, const struct named_system *sys)
{
	for (unsigned i = 0; i < sys->layout.ranges; i++) {
		const struct system_range *r = &sys->layout.range[i];
		struct machine_request req = { .kind = MACHINE_UNMAP,
					       .address = r->first * SYSTEM_PAGE,
					       .length = (size_t)r->count * SYSTEM_PAGE };

		vm_do(vm, &req);
	}
}

void segments_release(struct vmblok *vm)
{
	while (vm->segments.count) {
		struct named_system *sys = vm->segments.attached[0];

		if (vm->machine)
			unmap_by_request(vm, sys);
		forget(vm, sys);
	}
}

static bool map_by_request(struct vmblok *vm, const struct named_system *sys)
{
	uint32_t done = 0;

	for (unsigned i = 0; i < sys->layout.ranges; i++) {
		const struct system_range *r = &sys->layout.range[i];
		struct machine_request req = { .kind = MACHINE_MAP, .fd = sys->fd,
					       .address = r->first * SYSTEM_PAGE,
					       .length = (size_t)r->count * SYSTEM_PAGE,
					       .count = (uint64_t)done * SYSTEM_PAGE,
					       .data = sys->keys + 2 * done };

		if (!vm_call(vm, &req)) {
			log_error(vm->userid, "%s", req.error.text);
			return false;
		}
		done += r->count;
	}
	return true;
}

static bool load_registers(struct vmblok *vm, const struct named_system *sys)
{
	struct machine_request req = { .kind = MACHINE_SET_REGISTERS,
				       .which = REGISTERS_PSW | REGISTERS_GR | REGISTERS_CR |
						REGISTERS_FPR | REGISTERS_PREFIX };

	req.registers.psw = sys->registers.psw;
	memcpy(req.registers.gr, sys->registers.gr, sizeof(req.registers.gr));
	memcpy(req.registers.cr, sys->registers.cr, sizeof(req.registers.cr));
	memcpy(req.registers.fpr, sys->registers.fpr, sizeof(req.registers.fpr));
	return vm_call(vm, &req);
}

int segment_ipl(struct vmblok *vm, const char *name)
{
	struct machine_request reset = { .kind = MACHINE_RESET, .on = true, .clear = true };
	struct error err = { 0, "" };
	struct named_system *sys = system_get(vm->cp->systems, name, &err);

	if (!sys && err.code == ENOENT)
		return cp_error(vm, "CFG", 44, name);
	if (!sys) {
		log_error(vm->userid, "%s", err.text);
		return cp_error(vm, "CFG", 174);
	}
	if (system_end(sys) >= vm->storage) {
		system_put(vm->cp->systems, sys);
		return cp_error(vm, "CFG", 170, name);
	}
	if (!vm_call(vm, &reset)) {
		system_put(vm->cp->systems, sys);
		return cp_error(vm, "CFG", 174);
	}
	segments_release(vm);
	vm->segments.attached[vm->segments.count++] = sys;
	if (map_by_request(vm, sys) && load_registers(vm, sys))
		return 0;
	segments_release(vm);
	return cp_error(vm, "CFG", 174);
}
