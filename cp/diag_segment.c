/*
 * DIAGNOSE X'64', finding, loading and purging named segments, and X'10', release
 * pages.
 */
#include <errno.h>
#include <string.h>

#include "base/ebcdic.h"
#include "base/log.h"
#include "cp/diagnose_int.h"
#include "cp/savesys.h"
#include "cp/segment.h"
#include "cp/vmblok.h"

enum { LOAD_SHARED = 0, LOAD_ALONE = 4, PURGE = 8, FIND = 12 };

/* Numbers of CP messages, as Ry. */
enum { NO_SUCH_SYSTEM = 44, NOT_READABLE = 177 };

static int refuse(const struct diag *d, const struct error *err)
{
	if (err->code != ENOENT)
		log_error(d->vm->userid, "%s", err->text);
	diag_set_gr(d, d->ry, err->code == ENOENT ? NO_SUCH_SYSTEM : NOT_READABLE);
	cpu370_set_cc(d->cpu, 2);
	return 0;
}

static int load(const struct diag *d, const char *name)
{
	struct storage *st = cpu370_storage(d->cpu);
	struct error err = { 0, "" };
	struct named_system *sys = system_get(d->vm->cp->systems, name, &err);

	if (!sys || !segment_load(d->vm, st, sys, &err))
		return refuse(d, &err);
	diag_set_gr(d, d->rx, system_start(sys));
	if (system_start(sys) >= storage_size(st)) {
		cpu370_set_cc(d->cpu, 0);
		return 0;
	}
	/* What the machine had there is lost. */
	diag_set_gr(d, d->ry, system_end(sys));
	cpu370_set_cc(d->cpu, 1);
	return 0;
}

static int purge(const struct diag *d, const char *name)
{
	struct named_system *sys = segment_attached(d->vm, name);
	struct error err = { 0, "" };

	if (sys) {
		segment_purge(d->vm, cpu370_storage(d->cpu), sys);
		cpu370_set_cc(d->cpu, 0);
		return 0;
	}
	sys = system_get(d->vm->cp->systems, name, &err);
	if (!sys)
		return refuse(d, &err);
	system_put(d->vm->cp->systems, sys);
	cpu370_set_cc(d->cpu, 1);
	return 0;
}

static int find(const struct diag *d, const char *name)
{
	struct error err = { 0, "" };
	struct named_system *sys = system_get(d->vm->cp->systems, name, &err);

	if (!sys)
		return refuse(d, &err);
	diag_set_gr(d, d->rx, system_start(sys));
	diag_set_gr(d, d->ry, system_end(sys));
	cpu370_set_cc(d->cpu, segment_attached(d->vm, name) ? 0 : 1);
	system_put(d->vm->cp->systems, sys);
	return 0;
}

int diag_segment(const struct diag *d)
{
	uint8_t ebcdic[8];
	char name[9];
	int pic = diag_move(d, false, diag_gr(d, d->rx), ebcdic, sizeof(ebcdic), 0);

	if (pic)
		return pic;
	if (diag_gr(d, d->ry) > FIND || diag_gr(d, d->ry) % 4 || diag_gr(d, d->rx) % 8)
		return PIC_SPECIFICATION;
	ebcdic_to_latin1(&codepage_037, name, ebcdic, 8);
	name[8] = '\0';
	name[strcspn(name, " ")] = '\0';
	switch (diag_gr(d, d->ry)) {
	case LOAD_SHARED:
	case LOAD_ALONE: return load(d, name);
	case PURGE: return purge(d, name);
	default: return find(d, name);
	}
}

/* X'10' RELEASE PAGES: zeros, but for what is shared with others. */
int diag_release_pages(const struct diag *d)
{
	struct storage *st = cpu370_storage(d->cpu);
	uint32_t first = diag_gr(d, d->rx), last = diag_gr(d, d->ry);
	struct error err;

	if (last >= storage_size(st))
		return PIC_ADDRESSING;
	if ((int32_t)first < 0 || first % SYSTEM_PAGE || last % SYSTEM_PAGE || first > last)
		return PIC_SPECIFICATION;
	for (uint32_t at = first; at <= last;) {
		uint32_t end = at;

		while (end <= last && !segment_shares_page(d->vm, end / SYSTEM_PAGE))
			end += SYSTEM_PAGE;
		if (end > at && !storage_unmap(st, at, end - at, &err))
			log_error(d->vm->userid, "%s", err.text);
		at = end + SYSTEM_PAGE;
	}
	return 0;
}
