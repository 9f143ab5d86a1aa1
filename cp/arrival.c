#include "cp/arrival.h"

#include <string.h>

#include "consoles/console.h"
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
		if (wanted)
			machine_post(vm->machine, &req);
	}
}

void arrival_announce(struct cp *cp, const struct spool_file *file, const char *from)
{
	struct vmblok *vm = vm_find(cp, file->owner);

	if (!vm)
		return;
	if (file->queue == SPOOL_RDR)
		wake_reader(vm, file);
	if (!(vm->set & SET_MSG) || (from && strcmp(from, vm->userid) == 0))
		return;
	if (!from)
		vm_tell(vm, 0, "RDR FILE %04u HAS BEEN READ", file->id);
	else
		vm_tell(vm, 0, "%s FILE %04u FROM %-8s COPY %02u %s", file->type, file->id, from,
			file->copies, file->hold ? "  HOLD" : "NOHOLD");
}
