/*
 * ATTACH of a volume or a tape drive to a user, class B. GC20-1806.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/commands/tape.h"
#include "cp/message.h"
#include "cp/systape.h"
#include "cp/sysvolume.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"

struct attach_operands {
	struct sysvolume *volume; /* or */
	struct systape *drive;
	struct vmblok *to;
	uint16_t vaddr;
	bool read_only;
	char raddr[8];
};

/* raddr [To] userid|* [As] vaddr */
static int who_and_where(struct vmblok *vm, struct args *args, struct attach_operands *a)
{
	const char *word = args_word(args);
	uint16_t raddr;

	if (!word || !args_vaddr(word, &raddr))
		return cp_error(vm, "VDE", 21, word ? word : "");
	snprintf(a->raddr, sizeof(a->raddr), "%03X", raddr);
	a->drive = systape_at(vm->cp->tapes, raddr);
	a->volume = a->drive ? NULL : sysvolume_at(vm->cp->volumes, raddr);
	if (!a->volume && !a->drive)
		return cp_error(vm, "VDE", 40, a->raddr);
	if (a->volume && a->volume->offline)
		return cp_error(vm, "VDE", 46, "DASD", a->raddr);
	word = args_word(args);
	if (word && strcmp(word, "TO") == 0)
		word = args_word(args);
	if (!word || strlen(word) > CP_USERID_MAX)
		return cp_error(vm, "VDE", 20);
	a->to = strcmp(word, "*") == 0 ? vm : vm_find(vm->cp, word);
	if (!a->to)
		return cp_error(vm, "VDE", 45, word);
	word = args_word(args);
	if (word && strcmp(word, "AS") == 0)
		word = args_word(args);
	if (!word || !args_vaddr(word, &a->vaddr) || !vdevice_address_ok(a->to, a->vaddr))
		return cp_error(vm, "VDE", 22);
	return 0;
}

static int attach_options(struct vmblok *vm, struct args *args, struct attach_operands *a)
{
	const char *word;

	while ((word = args_word(args))) {
		if (strcmp(word, "R/O") == 0) {
			a->read_only = true;
		} else if (strcmp(word, "VOLID") == 0 && a->volume) {
			word = args_word(args);
			if (!word || strlen(word) > 6)
				return cp_error(vm, "VDE", 23);
			if (strcmp(word, a->volume->volid) != 0)
				return cp_error(vm, "VDE", 127, a->raddr, word);
		} else {
			return cp_error(vm, "VDE", 3, word);
		}
	}
	return 0;
}

static int not_free(struct vmblok *vm, const struct attach_operands *a)
{
	char text[16];

	if (vdevice_find(a->to, a->vaddr)) {
		snprintf(text, sizeof(text), "%03X", a->vaddr);
		return cp_error(vm, "VDE", 120, "DASD", a->raddr, a->to->userid, text);
	}
	if (a->volume->dedicated)
		return cp_error(vm, "VDE", 122, "DASD", a->raddr,
				a->volume->dedicated->userid);
	if (a->volume->users) {
		snprintf(text, sizeof(text), "%03u", a->volume->users);
		return cp_error(vm, "VDE", 124, a->raddr, text);
	}
	return 0;
}

int cmd_attach(struct vmblok *vm, struct args *args)
{
	struct attach_operands a = { 0 };
	struct error err = { 0, "" };
	const char *mode;
	int rc = who_and_where(vm, args, &a);

	if (!rc)
		rc = attach_options(vm, args, &a);
	if (!rc && a.drive)
		return tape_attach(vm, a.drive, a.to, a.vaddr);
	if (!rc)
		rc = not_free(vm, &a);
	if (rc)
		return rc;
	if (!vdevice_attach_volume(a.to, a.vaddr, a.volume, a.read_only, &err)) {
		log_error(a.to->userid, "%03X: %s", a.vaddr, err.text);
		return cp_error(vm, "VDE", 133, a.raddr);
	}
	mode = a.read_only ? " R/O" : "";
	vm_say(vm, "DASD %s ATTACH TO %-8s %03X%s", a.raddr, a.to->userid, a.vaddr, mode);
	if (a.to != vm)
		vm_tell(a.to, CONSOLE_CP, "DASD %03X ATTACHED%s", a.vaddr, mode);
	cp_tell_operator(vm->cp, vm, "DASD %s ATTACH TO %-8s %03X%s BY %s", a.raddr,
			 a.to->userid, a.vaddr, mode, vm->userid);
	return 0;
}
