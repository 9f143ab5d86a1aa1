#include "cp/couple.h"

#include "base/log.h"
#include "cp/vdevice.h"
#include "cp/vline.h"
#include "cp/vmblok.h"
#include "devices/ctca.h"
#include "devices/line_cable.h"
#include "devices/machine.h"

static bool mount(struct vmblok *vm, const struct virtual_device *v,
		  struct machine_request req, struct error *err)
{
	req.kind = MACHINE_MOUNT;
	req.address = v->vaddr;
	if (vm_call(vm, &req))
		return true;
	*err = req.error;
	return false;
}

/* Take the cable out; a line gets its own back, for a terminal. */
static bool unmount(struct vmblok *vm, const struct virtual_device *v, struct error *err)
{
	struct machine_request req = { .link = NULL };

	if (v->line)
		req.line = vline_cable(v->line);
	if (mount(vm, v, req, err))
		return true;
	if (req.line)
		line_end_drop(req.line);
	return false;
}

static bool plug_in_line(struct vmblok *vm, struct virtual_device *v,
			 struct line_end *end, struct error *err)
{
	struct machine_request req = { .line = end };

	vline_couple(v->line, end);
	if (mount(vm, v, req, err))
		return true;
	line_end_drop(end);
	return false;
}

static bool plug_in_lines(struct vmblok *vm, struct virtual_device *v,
			  struct vmblok *other_vm, struct virtual_device *other,
			  struct error *err)
{
	struct line_end *ends[2];
	struct error ignored;

	if (!line_cable_new(ends)) {
		error_set(err, 0, "no memory for a cable");
		return false;
	}
	if (!plug_in_line(vm, v, ends[0], err)) {
		line_end_drop(ends[1]);
		return false;
	}
	if (plug_in_line(other_vm, other, ends[1], err))
		return true;
	(void)unmount(vm, v, &ignored);
	return false;
}

static bool plug_in(struct vmblok *vm, struct virtual_device *v, struct vmblok *other_vm,
		    struct virtual_device *other, struct error *err)
{
	struct machine_request req = { .link = NULL };
	struct error ignored;

	if (v->line)
		return plug_in_lines(vm, v, other_vm, other, err);
	req.link = ctca_link_new();
	if (!req.link) {
		error_set(err, 0, "no memory for a cable");
		return false;
	}
	if (!mount(vm, v, req, err)) {
		ctca_link_put(req.link);
		ctca_link_put(req.link);
		return false;
	}
	if (mount(other_vm, other, req, err))
		return true;
	ctca_link_put(req.link);
	(void)unmount(vm, v, &ignored);
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
		vm_tell(vm, CONSOLE_CP, "%s %03X DROP FROM %-8s %03X", vdevice_word(v),
			v->vaddr, other_vm->userid, other->vaddr);
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
	if (vm->machine && !unmount(vm, v, &err))
		log_error(vm->userid, "%03X: %s", v->vaddr, err.text);
	if (other_vm->machine && !unmount(other_vm, other, &err))
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
