/*
 * DIAL. GC20-1820.
 */
#include <stdio.h>
#include <string.h>

#include "consoles/console.h"
#include "cp/args.h"
#include "cp/commands/commands.h"
#include "cp/message.h"
#include "cp/vdevice.h"
#include "cp/vgraf.h"
#include "cp/vmblok.h"

/* The lowest free 3270 of the owner; NULL: all are taken, or he has none. */
static struct virtual_device *any_free(struct vmblok *owner)
{
	struct virtual_device *v = owner->devices;

	while (v && !(v->graf && !vgraf_dialer(v->graf)))
		v = v->next;
	return v;
}

static int connect_to(struct vmblok *vm, struct vmblok *owner, struct virtual_device *v)
{
	char terminal[16];

	vm_say(vm, "DIALED TO %-8s %03X", owner->userid, v->vaddr);
	vgraf_dial(v->graf, vm);
	cp_tell_operator(vm->cp, vm, "%s DIALED TO %-8s DIALED= %03u", vm_terminal(vm, terminal),
			 owner->userid, vm_dialed(vm->cp));
	return 0;
}

int cmd_dial(struct vmblok *vm, struct args *args)
{
	const char *userid = args_word(args), *address = args_word(args);
	struct virtual_device *v;
	struct vmblok *owner;
	uint16_t vaddr;

	if (!userid || strlen(userid) > CP_USERID_MAX)
		return cp_error(vm, "DIA", 20);
	if (address && !args_vaddr(address, &vaddr))
		return cp_error(vm, "DIA", 22);
	if (!vm->console || !console_is_3270(vm->console))
		return cp_error(vm, "DIA", 707);
	owner = vm_find(vm->cp, userid);
	if (!owner)
		return cp_error(vm, "DIA", 45, userid);
	if (!address) {
		v = any_free(owner);
		return v ? connect_to(vm, owner, v) : cp_error(vm, "DIA", 55, userid);
	}
	v = vdevice_find(owner, vaddr);
	if (!v)
		return cp_error(vm, "DIA", 47, userid, address);
	if (!v->graf)
		return cp_error(vm, "DIA", 11, userid, address);
	if (vgraf_dialer(v->graf))
		return cp_error(vm, "DIA", 56, address, userid);
	return connect_to(vm, owner, v);
}
