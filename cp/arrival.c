#include "cp/arrival.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consoles/console.h"
#include "cp/message.h"
#include "cp/spool.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"
#include "devices/machine.h"

/*
 * A program that waits for its reader (RSCS, a batch monitor) gets device end
 * when a file comes that the reader would take and none is being read.
 */
static void wake_reader(struct vmblok *vm, const struct spool_file *file)
{
	for (struct virtual_device *v = vm->devices; v; v = v->next) {
		const struct machine_request req = { .kind = MACHINE_ATTENTION,
						     .address = v->vaddr, .value = US_DE };
		bool wanted;

		if (v->kind != DEVICE_READER || !v->ur)
			continue;
		pthread_mutex_lock(&v->ur->lock);
		wanted = !v->ur->reader &&
			 (v->ur->opt.class == '*' || v->ur->opt.class == file->class);
		pthread_mutex_unlock(&v->ur->lock);
		if (!wanted)
			continue;
		machine_post(vm->machine, &req);
		return; /* one reader is enough */
	}
}

void arrival_wake(struct cp *cp, const struct spool_file *file)
{
	struct vmblok *vm = vm_find(cp, file->owner);

	if (vm && file->queue == SPOOL_RDR && !file->hold)
		wake_reader(vm, file);
}

static void look_at(void *arg, const struct spool_file *file, bool in_use)
{
	if (!in_use && !file->hold)
		wake_reader(arg, file);
}

void arrival_look(struct vmblok *vm)
{
	spool_list(vm->cp->spool, SPOOL_RDR, vm->userid, look_at, vm);
}

/* "PRT FILE 0012 FROM ALICE    COPY 01 NOHOLD" */
static void notice(char out[64], const struct spool_file *f, const char *word,
		   const char *userid)
{
	snprintf(out, 64, "%s FILE %04u %s %-8s COPY %02u %s", f->type, f->id, word, userid,
		 f->copies, f->hold ? "  HOLD" : "NOHOLD");
}

void arrival_announce(struct cp *cp, const struct spool_file *file, const char *from)
{
	struct vmblok *vm = vm_find(cp, file->owner);
	char line[64];

	arrival_wake(cp, file);
	if (!vm || !(vm->set & SET_MSG) || (from && strcmp(from, vm->userid) == 0))
		return;
	if (!from)
		snprintf(line, sizeof(line), "RDR FILE %04u HAS BEEN READ", file->id);
	else
		notice(line, file, "FROM", from);
	vm_tell(vm, 0, "%s", line);
}

void arrival_closed(struct vmblok *vm, const struct spool_file *file)
{
	bool to_reader = file->queue == SPOOL_RDR;
	bool others = to_reader || strcmp(file->owner, vm->userid) != 0;
	char line[64];

	if ((others || file->copies > 1 || file->hold) && (vm->set & SET_MSG)) {
		notice(line, file, to_reader ? " TO " : " FOR", file->owner);
		vm_say(vm, "%s", line);
	}
	if (to_reader)
		arrival_announce(vm->cp, file, vm->userid);
}

/* ---- limits */

struct limit_event {
	struct vmblok *vm; /* counted */
	const char *type;
	char vaddr[8];
	bool purged;
};

static void tell_limit(void *arg)
{
	struct limit_event *e = arg;

	if (e->purged)
		cp_tell_operator(e->vm->cp, e->vm, "%s %s OF %-8s SPOOL ERROR; FILE PURGED",
				 e->type, e->vaddr, e->vm->userid);
	if (!e->vm->leaving && e->purged)
		cp_error(e->vm, "VSP", 429, e->type, e->vaddr, "PURGED");
	else if (!e->vm->leaving)
		cp_error(e->vm, "VSP", 427, e->type, e->vaddr);
	vm_put(e->vm);
	free(e);
}

/* The machine's thread. */
static void limit_reached(void *arg, const struct unitrecord *ur, bool purged)
{
	struct vmblok *vm = arg;
	struct limit_event *e = malloc(sizeof(*e));

	if (!e)
		BUG("no memory for an event");
	e->vm = vm_get(vm);
	e->type = ur->type;
	e->purged = purged;
	snprintf(e->vaddr, sizeof(e->vaddr), "%03X", ur->vaddr);
	loop_post(vm->cp->loop, tell_limit, e);
}

void arrival_watch_limit(struct vmblok *vm, struct virtual_device *v)
{
	v->ur->vaddr = v->vaddr;
	v->ur->full_arg = vm;
	v->ur->full = limit_reached;
}
