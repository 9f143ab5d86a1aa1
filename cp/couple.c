#include "cp/couple.h"

#include "base/log.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"
#include "devices/ctca.h"

/* link NULL: take the cable out. */
static bool mount(struct vmblok *vm, const struct virtual_device *v, struct ctca_link *link,
		  struct error *err)
{
	struct machine_request req = { .kind = MACHINE_MOUNT, .address = v->vaddr,
				       .link = link };

	if (vm_call(vm, &req))
		return true;
	*err = req.error;
	return false;
}

static bool plug_in(struct vmblok *vm, struct virtual_device *v, struct vmblok *other_vm,
		    struct virtual_device *other, struct error *err)
{
	struct ctca_link *link = ctca_link_new();
	struct error ignored;

	if (!link) {
		error_set(err, 0, "no memory for a cable");
		return false;
	}
	if (!mount(vm, v, link, err)) {
		ctca_link_put(link);
		ctca_link_put(link);
		return false;
	}
	if (mount(other_vm, other, link, err))
		return true;
	ctca_link_put(link);
	(void)mount(vm, v, NULL, &ignored);
	return false;
}

bool couple_connect(struct vmblok *vm, struct virtual_device *v, struct vmblok *other_vm,
		    struct virtual_device *other, struct error *err)
{
	if (!plug_in(vm, v, other_vm, other, err))
		return false;
	v->far_vm = other_vm;
	v->far_end = other;
	other->far_vm = vm;
	other->far_end = v;
	return true;
}

static void tell_drop(struct vmblok *vm, const struct virtual_device *v,
		      const struct vmblok *other_vm, const struct virtual_device *other)
{
	if (!vm->leaving)
		vm_tell(vm, CONSOLE_CP, "CTCA %03X DROP FROM %-8s %03X", v->vaddr,
			other_vm->userid, other->vaddr);
}

void couple_drop(struct vmblok *vm, struct virtual_device *v)
{
	struct vmblok *other_vm = v->far_vm;
	struct virtual_device *other = v->far_end;
	struct error err;

	if (!other)
		return;
	v->far_end = other->far_end = NULL;
	v->far_vm = other->far_vm = NULL;
	if (vm->machine && !mount(vm, v, NULL, &err))
		log_error(vm->userid, "%03X: %s", v->vaddr, err.text);
	if (other_vm->machine && !mount(other_vm, other, NULL, &err))
		log_error(other_vm->userid, "%03X: %s", other->vaddr, err.text);
	if (other_vm != vm)
		tell_drop(other_vm, other, vm, v);
	tell_drop(vm, v, other_vm, other);
}

void couple_again(struct vmblok *vm)
{
	struct error err;

	for (struct virtual_device *v = vm->devices; v; v = v->next) {
		struct virtual_device *other = v->far_end;

		/* Both ends in one machine: once. */
		if (!other || (v->far_vm == vm && other->vaddr < v->vaddr))
			continue;
		if (!plug_in(vm, v, v->far_vm, other, &err))
			log_error(vm->userid, "%03X: %s", v->vaddr, err.text);
	}
}
