/*
 * The tape drives of the system: QUERY TAPES of class B, MOUNT, which stands for the
 * operator's hands, and REWIND of class G. GC20-1806, GC20-1820.
 */
#include <stdio.h>
#include <string.h>

#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/commands/tape.h"
#include "cp/message.h"
#include "cp/systape.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"

/* ---- MOUNT raddr name|OFF [NEW] [R/O] */

static int mount_options(struct vmblok *vm, struct args *args, bool *new_tape, bool *read_only)
{
	const char *word;

	while ((word = args_word(args))) {
		if (strcmp(word, "NEW") == 0)
			*new_tape = true;
		else if (strcmp(word, "R/O") == 0 || strcmp(word, "RO") == 0)
			*read_only = true;
		else
			return cp_error(vm, "VDE", 3, word);
	}
	return 0;
}

int cmd_mount(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args), *name;
	bool new_tape = false, read_only = false;
	struct error err = { 0, "" };
	struct systape *drive;
	uint16_t raddr;
	int rc;

	if (!word || !args_vaddr(word, &raddr))
		return cp_error(vm, "VDE", 21, word ? word : "");
	drive = systape_at(vm->cp->tapes, raddr);
	if (!drive)
		return cp_error(vm, "VDE", 40, word);
	name = args_word(args);
	if (!name)
		return cp_error(vm, "VDE", 26);
	rc = mount_options(vm, args, &new_tape, &read_only);
	if (rc)
		return rc;
	if (drive->system)
		return cp_error(vm, "VDE", 140, "TAPE", word, "SYSTEM");
	if (strcmp(name, "OFF") == 0) {
		systape_unload(drive);
		vm_say(vm, "TAPE %03X UNLOADED", raddr);
		return 0;
	}
	if (!systape_mount(vm->cp->tapes, drive, name, new_tape, read_only, &err)) {
		vm_say(vm, "TAPE %03X NOT MOUNTED; %s", raddr, err.text);
		return 46;
	}
	vm_say(vm, "TAPE %03X MOUNTED %s%s", raddr, name, read_only ? " R/O" : "");
	return 0;
}

/* ---- REWIND vaddr */

int cmd_rewind(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	const struct virtual_device *v;
	uint16_t vaddr;

	if (!word || !args_vaddr(word, &vaddr))
		return cp_error(vm, "CPB", 22);
	v = vdevice_find(vm, vaddr);
	if (!v)
		return cp_error(vm, "CPB", 40, word);
	if (!v->tape)
		return cp_error(vm, "CPB", 6, word);
	vm_say(vm, "%s", systape_rewind(v->tape) ? "REWIND COMPLETE" : "REWIND NOT PERFORMED");
	return 0;
}

/* ---- QUERY TAPES [ACTive|FREe|ATTach|OFFline|ALL] */

const char *tape_mounted(const struct systape *d, char out[64])
{
	const char *name = d->path ? strrchr(d->path, '/') : NULL;

	out[0] = '\0';
	if (name)
		snprintf(out, 64, " %.50s%s", name + 1, d->read_only ? " R/O" : "");
	return out;
}

static void say_in_use(struct vmblok *vm, const struct systape *d)
{
	char tape[64];

	if (d->system)
		vm_say(vm, "TAPE %03X ATTACH TO SYSTEM      %s", d->raddr, tape_mounted(d, tape));
	else
		vm_say(vm, "TAPE %03X ATTACH TO %-8s %03X%s", d->raddr, d->user->userid,
		       d->vaddr, tape_mounted(d, tape));
}

static unsigned say_attached(struct vmblok *vm)
{
	unsigned n = 0;

	for (unsigned i = 0; i < SYSTAPE_DRIVES; i++) {
		const struct systape *d = &vm->cp->tapes->drive[i];

		if (!d->user && !d->system)
			continue;
		say_in_use(vm, d);
		n++;
	}
	return n;
}

/* Free drives that have a tape, one to a line. */
static unsigned say_waiting(struct vmblok *vm)
{
	char tape[64];
	unsigned n = 0;

	for (unsigned i = 0; i < SYSTAPE_DRIVES; i++) {
		const struct systape *d = &vm->cp->tapes->drive[i];

		if (d->user || d->system || d->offline || !d->path)
			continue;
		vm_say(vm, "TAPE %03X FREE   %s", d->raddr, tape_mounted(d, tape));
		n++;
	}
	return n;
}

/* The others, or those that are offline: four to a line, 18 columns each. */
static unsigned say_idle(struct vmblok *vm, bool offline)
{
	char line[80] = "";
	unsigned n = 0;

	for (unsigned i = 0; i < SYSTAPE_DRIVES; i++) {
		const struct systape *d = &vm->cp->tapes->drive[i];

		if (d->user || d->system || d->offline != offline || (d->path && !offline))
			continue;
		if (n && n % 4 == 0) {
			vm_say(vm, "%s,", line);
			line[0] = '\0';
		}
		snprintf(line + strlen(line), sizeof(line) - strlen(line),
			 "%sTAPE %03X %-7s", n % 4 ? ", " : "", d->raddr,
			 offline ? "OFFLINE" : "FREE");
		n++;
	}
	if (n)
		vm_say(vm, "%s", line);
	return n;
}

int query_real_tapes(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args), *what = "ACTIVE";
	bool attached = true, free = false, offline = false;
	unsigned n = 0;

	if (word && abbreviates(word, "ALL", 3)) {
		what = "DEVICES";
		free = offline = true;
	} else if (word && abbreviates(word, "FREE", 3)) {
		what = "FREE";
		attached = false;
		free = true;
	} else if (word && abbreviates(word, "ATTACH", 3)) {
		what = "ATTACH";
	} else if (word && abbreviates(word, "OFFLINE", 3)) {
		what = "OFFLINE";
		attached = false;
		offline = true;
	} else if (word && !abbreviates(word, "ACTIVE", 3)) {
		return cp_error(vm, "CQP", 3, word);
	}
	if (attached)
		n += say_attached(vm);
	if (free)
		n += say_waiting(vm) + say_idle(vm, false);
	if (offline)
		n += say_idle(vm, true);
	if (!n)
		vm_say(vm, "TAPE %-8sNOT FOUND", what);
	return 0;
}
