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
#include "cp/vline.h"
#include "cp/vmblok.h"

static bool is_busy(const struct virtual_device *v)
{
	return v->graf ? vgraf_dialer(v->graf) != NULL
		       : v->far_end || vline_dialer(v->line);
}

/* A line that a terminal can be at, when its guest has enabled it. */
static bool is_terminal_line(const struct virtual_device *v)
{
	return v->line && v->option[0];
}

/* The lowest free device of the owner, of that kind; NULL: all are taken, or none. */
static struct virtual_device *any_free(struct vmblok *owner, bool graf)
{
	struct virtual_device *v = owner->devices;

	while (v && ((graf ? !v->graf
			  : !is_terminal_line(v) || !vline_enabled(v->line)) || is_busy(v)))
		v = v->next;
	return v;
}

static int connect_to(struct vmblok *vm, struct vmblok *owner, struct virtual_device *v)
{
	char terminal[16];

	vm_say(vm, "DIALED TO %-8s %03X", owner->userid, v->vaddr);
	if (v->graf)
		vgraf_dial(v->graf, vm);
	else
		vline_dial(v->line, vm);
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
	if (!vm->console)
		return cp_error(vm, "DIA", 707);
	owner = vm_find(vm->cp, userid);
	if (!owner)
		return cp_error(vm, "DIA", 45, userid);
	if (!address) {
		/* A 3270 is a 3270 to the guest, or a typewriter. */
		v = console_is_3270(vm->console) ? any_free(owner, true) : NULL;
		if (!v)
			v = any_free(owner, false);
		return v ? connect_to(vm, owner, v) : cp_error(vm, "DIA", 55, userid);
	}
	v = vdevice_find(owner, vaddr);
	if (!v)
		return cp_error(vm, "DIA", 47, userid, address);
	if (!is_terminal_line(v) && !(v->graf && console_is_3270(vm->console)))
		return cp_error(vm, "DIA", 11, userid, address);
	if (is_busy(v))
		return cp_error(vm, "DIA", 56, address, userid);
	if (v->line && !vline_enabled(v->line))
		return cp_error(vm, "DIA", 55, userid);
	return connect_to(vm, owner, v);
}
