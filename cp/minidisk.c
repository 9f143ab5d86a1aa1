#include "cp/minidisk.h"

#include <string.h>

#include "base/compiler.h"
#include "cp/sysvolume.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"

static void count(struct minidisk_sharers *out, const struct vmblok *vm,
		  const struct virtual_device *v)
{
	if (v->disk->read_only) {
		out->readers++;
		out->reader = vm;
	} else {
		out->writers++;
		out->writer = vm;
	}
}

void minidisk_sharers(const struct cp *cp, const struct sysvolume *volume, uint32_t start,
		      const struct virtual_device *except, struct minidisk_sharers *out)
{
	*out = (struct minidisk_sharers){ 0 };
	for (const struct vmblok *vm = cp->vms; vm; vm = vm->next)
		for (const struct virtual_device *v = vm->devices; v; v = v->next)
			if (v != except && v->disk && v->disk->volume == volume &&
			    v->disk->start == start)
				count(out, vm, v);
}

bool minidisk_temporary(struct vmblok *vm, uint16_t vaddr, const char *type,
			uint32_t cylinders, struct error *err)
{
	struct minidisk disk = { .cylinders = cylinders, .temporary = true };

	disk.volume = sysvolume_temporary(vm->cp->volumes, vm->userid, vaddr, type, cylinders,
					  err);
	return disk.volume && vdevice_attach_disk(vm, vaddr, type, &disk, err);
}
