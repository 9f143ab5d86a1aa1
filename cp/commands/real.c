/*
 * Devices of the system that one machine at a time may have, and DETACH of them,
 * class B. GC20-1806; the lines are those of VM/370 Release 6, module DMKVDD.
 */
#include "cp/commands/real.h"

#include <stdio.h>
#include <string.h>

#include "cp/command.h"
#include "cp/message.h"
#include "cp/minidisk.h"
#include "cp/sysline.h"
#include "cp/systape.h"
#include "cp/sysvolume.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"

/* ---- finding them */

bool real_at(struct vmblok *vm, uint16_t raddr, struct real *r)
{
	*r = (struct real){ .raddr = raddr, .word = "TAPE" };
	snprintf(r->text, sizeof(r->text), "%03X", raddr);
	r->drive = systape_at(vm->cp->tapes, raddr);
	if (r->drive)
		return true;
	r->line = sysline_at(vm->cp->lines, raddr);
	r->word = r->line ? "LINE" : "DASD";
	r->volume = r->line ? NULL : sysvolume_at(vm->cp->volumes, raddr);
	return r->line || r->volume;
}

bool real_online(const struct real *r)
{
	return r->drive ? !r->drive->offline :
	       r->line ? sysline_online(r->line) : !r->volume->offline;
}

static bool is_it(const struct real *r, const struct virtual_device *v)
{
	return r->drive ? v->tape == r->drive :
	       r->line ? v->real_line == r->line :
	       v->disk && v->disk->dedicated && v->disk->volume == r->volume;
}

struct vmblok *real_user(const struct real *r, struct virtual_device **vdev)
{
	struct vmblok *user = r->drive ? r->drive->user :
			      r->line ? r->line->user : r->volume->dedicated;
	struct virtual_device *v = user ? user->devices : NULL;

	while (v && !is_it(r, v))
		v = v->next;
	if (vdev)
		*vdev = v;
	return user;
}

bool real_of(struct vmblok *vm, const struct virtual_device *v, struct real *r)
{
	if (v->tape)
		return real_at(vm, v->tape->raddr, r);
	if (v->real_line)
		return real_at(vm, v->real_line->raddr, r);
	return v->disk && v->disk->dedicated && real_at(vm, v->disk->volume->raddr, r);
}

bool real_range(const char *word, uint16_t *first, uint16_t *last)
{
	const char *dash = strchr(word, '-');
	char text[8];

	if (!dash) {
		bool ok = args_vaddr(word, first);

		*last = *first;
		return ok;
	}
	if (dash - word > 3)
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)(dash - word), word);
	return args_vaddr(text, first) && args_vaddr(dash + 1, last) && *last > *first;
}

/* ---- DETACH raddr... [From] userid|SYSTEM|* [LEAVE] */

/*
 * A word that is no address makes the difference; a user whose name looks like one must
 * be the second and last word, and logged on.
 */
bool real_is_detach(const struct vmblok *vm, const struct args *args)
{
	struct args copy = *args;
	uint16_t first, last;
	struct real r;
	const char *word = args_word(&copy), *before = NULL;
	unsigned n = 0;

	if (!(vm->classes & CLASS_B))
		return false;
	for (; word && real_range(word, &first, &last); word = args_word(&copy), n++)
		before = word;
	if (word)
		return n > 0 && strchr(word, '-') == NULL;
	copy = *args;
	return n == 2 && vm_find(vm->cp, before) &&
	       args_vaddr(args_word(&copy), &first) &&
	       real_at((struct vmblok *)vm, first, &r);
}

static int not_attached(struct vmblok *vm, const struct real *r, const char *userid)
{
	return cp_error(vm, "VDD", 121, r->word, r->text, userid);
}

/* A volume that the system had is free: nobody can link to it. */
static int from_system(struct vmblok *vm, const struct real *r)
{
	char users[8];

	if (!r->volume || r->volume->dedicated || r->volume->unattached)
		return not_attached(vm, r, "SYSTEM");
	snprintf(users, sizeof(users), "%03u", r->volume->users);
	if (r->volume->users)
		return cp_error(vm, "VDD", 124, r->text, users);
	r->volume->unattached = true;
	vm_say(vm, "DASD %s DETACHED SYSTEM   %s", r->text, r->volume->volid);
	cp_tell_operator(vm->cp, vm, "DASD %s DETACHED SYSTEM   %s BY %s", r->text,
			 r->volume->volid, vm->userid);
	return 0;
}

static int from_user(struct vmblok *vm, const struct real *r, struct vmblok *from, bool leave)
{
	struct virtual_device *v;
	uint16_t vaddr;

	if (real_user(r, &v) != from || !v)
		return not_attached(vm, r, from->userid);
	vaddr = v->vaddr;
	if (r->drive)
		r->drive->leave = leave;
	vdevice_detach(from, v);
	vm_say(vm, "%s %s DETACHED %-8s %03X", r->word, r->text, from->userid, vaddr);
	if (from != vm)
		vm_tell(from, CONSOLE_CP, "%s %03X DETACHED", r->word, vaddr);
	cp_tell_operator(vm->cp, vm, "%s %s DETACHED %-8s %03X BY %s", r->word, r->text,
			 from->userid, vaddr, vm->userid);
	return 0;
}

/* from NULL: from the system. A range passes over what is not there. */
static int detach_word(struct vmblok *vm, const char *word, struct vmblok *from, bool leave)
{
	uint16_t first = 0, last = 0;
	struct real r;
	int rc = 0;

	(void)real_range(word, &first, &last);
	for (unsigned a = first; a <= last; a++) {
		int one = 0;

		if (!real_at(vm, (uint16_t)a, &r))
			one = first == last ? cp_error(vm, "VDD", 40, r.text) : 0;
		else
			one = from ? from_user(vm, &r, from, leave) : from_system(vm, &r);
		if (one)
			rc = one;
	}
	return rc;
}

/* The words behind the addresses: who, and LEAVE. from NULL: SYSTEM. */
static int whom_from(struct vmblok *vm, const char *word, struct args *args,
		     struct vmblok **from, bool *leave)
{
	if (word && strcmp(word, "FROM") == 0)
		word = args_word(args);
	if (!word || strlen(word) > CP_USERID_MAX)
		return cp_error(vm, "VDD", 20);
	*from = strcmp(word, "*") == 0 ? vm : vm_find(vm->cp, word);
	if (!*from && strcmp(word, "SYSTEM") != 0)
		return cp_error(vm, "VDD", 45, word);
	word = args_word(args);
	*leave = word && abbreviates(word, "LEAVE", 5);
	if (*leave)
		word = args_word(args);
	return word ? cp_error(vm, "VDD", 3, word) : 0;
}

int real_detach(struct vmblok *vm, struct args *args)
{
	struct args list = *args;
	uint16_t first, last;
	struct vmblok *from = NULL;
	bool leave = false;
	const char *word;
	unsigned n = 0;
	int rc;

	do {
		word = args_word(args);
		n++;
	} while (word && real_range(word, &first, &last) && args_peek(args));
	rc = whom_from(vm, word, args, &from, &leave);
	if (rc)
		return rc;
	while (--n) {
		int one = detach_word(vm, args_word(&list), from, leave);

		rc = one ? one : rc;
	}
	return rc;
}

void real_tell_detached(struct vmblok *vm, const struct virtual_device *v)
{
	struct real r;

	if (vm != vm->cp->oper && real_of(vm, v, &r))
		cp_tell_operator(vm->cp, vm, "%s %s DETACHED %-8s %03X", r.word, r.text,
				 vm->userid, v->vaddr);
}
