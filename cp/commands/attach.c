/*
 * ATTACH of volumes, tape drives and lines to a user, of a volume to the system, class B.
 * GC20-1806; the lines are those of VM/370 Release 6, modules DMKVDA and DMKVDE.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/commands/real.h"
#include "cp/message.h"
#include "cp/output.h"
#include "cp/sysline.h"
#include "cp/systape.h"
#include "cp/sysvolume.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"

#define ADDRESSES_PER_LINE 10

/* A command on its way. */
struct attach {
	struct vmblok *vm;    /* who gives it */
	struct args list;     /* the addresses: count words */
	unsigned count;
	uint16_t first, last; /* of the first word: a range, or twice the same */
	struct vmblok *to;    /* NULL: the system */
	uint16_t vaddr;	      /* of a single one */
	bool read_only;
	const char *volid; /* NULL: not said */

	/* Of a range: neighbours that are attached and not yet told of. */
	bool untold;
	uint16_t run_first, run_last;
	struct real run_only;
};

static bool is_range(const struct attach *a)
{
	return a->count == 1 && a->first != a->last;
}

static bool is_single(const struct attach *a)
{
	return a->count == 1 && a->first == a->last;
}

/* ---- what is said */

static void tell_one(const struct attach *a, const struct real *r, uint16_t vaddr)
{
	const char *mode = a->read_only && r->volume ? " R/O" : "";

	vm_say(a->vm, "%s %s ATTACH TO %-8s %03X%s", r->word, r->text, a->to->userid, vaddr,
	       mode);
	if (a->to != a->vm)
		vm_tell(a->to, CONSOLE_CP, "%s %03X ATTACHED%s", r->word, vaddr, mode);
	cp_tell_operator(a->vm->cp, a->vm, "%s %s ATTACH TO %-8s %03X%s BY %s", r->word,
			 r->text, a->to->userid, vaddr, mode, a->vm->userid);
}

/* Neighbours are told of in one line. */
static void tell_run(struct attach *a)
{
	if (a->untold && a->run_first == a->run_last) {
		tell_one(a, &a->run_only, a->run_first);
	} else if (a->untold) {
		vm_say(a->vm, "%03X-%03X  ATTACH TO %s", a->run_first, a->run_last,
		       a->to->userid);
		if (a->to != a->vm)
			vm_tell(a->to, CONSOLE_CP, "%03X-%03X  ATTACHED", a->run_first,
				a->run_last);
		cp_tell_operator(a->vm->cp, a->vm, "%03X-%03X  ATTACH TO %-8s BY   %s",
				 a->run_first, a->run_last, a->to->userid, a->vm->userid);
	}
	a->untold = false;
}

/* A list, ten to a line. */
static void tell_list(const struct attach *a, const char *done)
{
	while (*done) {
		int n = 4 * ADDRESSES_PER_LINE;
		bool last = strlen(done) <= (size_t)n;

		vm_say(a->vm, last ? "%.*sATTACHED TO %s" : "%.*s", n, done, a->to->userid);
		if (a->to != a->vm)
			vm_tell(a->to, CONSOLE_CP, last ? "%.*sATTACHED" : "%.*s", n, done);
		cp_tell_operator(a->vm->cp, a->vm, last ? "%.*sATTACHED TO %-8s BY %s" : "%.*s",
				 n, done, a->to->userid, a->vm->userid);
		done += last ? strlen(done) : (size_t)n;
	}
}

/* A message stands behind what is said of the devices before that one. */
static int refuse(struct attach *a, int number, const char *x, const char *y, const char *z,
		  const char *w)
{
	tell_run(a);
	return cp_error(a->vm, "VDE", number, x, y, z, w);
}

/* ---- one device */

static int find(struct attach *a, uint16_t raddr, struct real *r)
{
	const struct output_device *d;

	if (real_at(a->vm, raddr, r))
		return 0;
	d = output_find(a->vm->cp->output, raddr);
	return d ? refuse(a, 143, output_word(d), r->text, "", "")
		 : refuse(a, 40, r->text, "", "", "");
}

static int not_free(struct attach *a, const struct real *r)
{
	const struct vmblok *user = real_user(r, NULL);

	if (!real_online(r))
		return refuse(a, 46, r->word, r->text, "", "");
	if (user || (r->drive && r->drive->system))
		return refuse(a, 122, r->word, r->text, user ? user->userid : "SYSTEM", "");
	return 0;
}

static int volume_not_free(struct attach *a, const struct real *r)
{
	char users[8];

	snprintf(users, sizeof(users), "%03u", r->volume->users);
	if (r->volume->users)
		return refuse(a, 124, r->text, users, "", "");
	if (a->volid && strcmp(a->volid, r->volume->volid) != 0)
		return refuse(a, 127, r->text, a->volid, "", "");
	return 0;
}

/* Whatever the host has against it is in the log. */
static int give(struct attach *a, const struct real *r, uint16_t vaddr)
{
	struct error err = { 0, "" };
	struct virtual_device *v =
		r->drive ? vdevice_attach_tape(a->to, vaddr, r->drive, &err) :
		r->line ? vdevice_attach_line(a->to, vaddr, r->line, &err) :
		vdevice_attach_volume(a->to, vaddr, r->volume, a->read_only, &err);

	if (v)
		return 0;
	log_error(a->to->userid, "%03X: %s", vaddr, err.text);
	return r->volume ? refuse(a, 133, r->text, "", "", "")
			 : refuse(a, 46, r->word, r->text, "", "");
}

static int attach_one(struct attach *a, uint16_t raddr, uint16_t vaddr, struct real *r)
{
	char text[8];
	int rc = find(a, raddr, r);

	if (!rc)
		rc = not_free(a, r);
	if (rc)
		return rc;
	if (a->read_only && !r->volume && is_single(a))
		return refuse(a, 3, "R/O", "", "", "");
	if (r->line && r->line->port)
		return refuse(a, 143, r->word, r->text, "", "");
	snprintf(text, sizeof(text), "%03X", vaddr);
	if (vdevice_find(a->to, vaddr))
		return refuse(a, 120, r->word, r->text, a->to->userid, text);
	rc = r->volume ? volume_not_free(a, r) : 0;
	return rc ? rc : give(a, r, vaddr);
}

/* ---- one, a range, a list, each as what it is */

static int attach_single(struct attach *a)
{
	struct real r;
	int rc = attach_one(a, a->first, a->vaddr, &r);

	if (!rc)
		tell_one(a, &r, a->vaddr);
	return rc;
}

static int attach_range(struct attach *a)
{
	int rc = 0;

	for (unsigned raddr = a->first; raddr <= a->last; raddr++) {
		struct real r;
		int one = attach_one(a, (uint16_t)raddr, (uint16_t)raddr, &r);

		if (one) {
			rc = one;
			continue;
		}
		if (!a->untold) {
			a->run_first = (uint16_t)raddr;
			a->run_only = r;
		}
		a->untold = true;
		a->run_last = (uint16_t)raddr;
	}
	tell_run(a);
	return rc;
}

static int attach_list(struct attach *a)
{
	char done[CP_LINE_MAX * 2 + 8] = "";
	int rc = 0;

	for (unsigned i = 0; i < a->count; i++) {
		uint16_t raddr = 0;
		struct real r;
		size_t used = strlen(done);
		int one;

		(void)args_vaddr(args_word(&a->list), &raddr);
		one = attach_one(a, raddr, raddr, &r);
		if (one)
			rc = one;
		else
			snprintf(done + used, sizeof(done) - used, "%s ", r.text);
	}
	tell_list(a, done);
	return rc;
}

/* ---- to the system */

static int attach_to_system(struct attach *a)
{
	struct real r;
	int rc = find(a, a->first, &r);

	if (!rc && !r.volume)
		rc = refuse(a, 6, r.text, "", "", "");
	if (!rc)
		rc = not_free(a, &r);
	if (!rc)
		rc = volume_not_free(a, &r);
	if (!rc && !r.volume->unattached)
		rc = refuse(a, 125, r.text, r.volume->volid, "", "");
	if (rc)
		return rc;
	r.volume->unattached = false;
	vm_say(a->vm, "DASD %s ATTACH TO SYSTEM   %s", r.text, r.volume->volid);
	cp_tell_operator(a->vm->cp, a->vm, "DASD %s ATTACH TO SYSTEM   %s BY %s", r.text,
			 r.volume->volid, a->vm->userid);
	return 0;
}

/* ---- the operands */

/* raddr | raddr-raddr | raddr raddr...: the first word behind them, NULL none. */
static int which(struct attach *a, struct args *args, const char **behind)
{
	const char *word;
	uint16_t raddr;

	a->list = *args;
	word = args_word(args);
	if (!word || !real_range(word, &a->first, &a->last))
		return cp_error(a->vm, "VDE", 21, word ? word : "");
	a->count = 1;
	*behind = args_word(args);
	/* A user's name that looks like an address has nothing but TO before it. */
	while (*behind && a->first == a->last && args_vaddr(*behind, &raddr) &&
	       (a->count > 1 || args_peek(args)) && !vm_find(a->vm->cp, *behind)) {
		a->count++;
		*behind = args_word(args);
	}
	return 0;
}

/* [To] userid|*|SYSTEM */
static int whom(struct attach *a, struct args *args, const char *word)
{
	if (word && strcmp(word, "TO") == 0)
		word = args_word(args);
	if (!word || strlen(word) > CP_USERID_MAX)
		return cp_error(a->vm, "VDE", 20);
	a->to = strcmp(word, "*") == 0 ? a->vm : vm_find(a->vm->cp, word);
	if (a->to)
		return 0;
	if (strcmp(word, "SYSTEM") != 0)
		return cp_error(a->vm, "VDE", 45, word);
	return is_single(a) ? 0 : cp_error(a->vm, "VDE", 20);
}

/* [As] volid */
static int as_volid(struct attach *a, struct args *args)
{
	const char *word = args_word(args);

	if (word && strcmp(word, "AS") == 0)
		word = args_word(args);
	if (!word || strlen(word) > 6)
		return cp_error(a->vm, "VDE", 23);
	a->volid = word;
	word = args_word(args);
	return word ? cp_error(a->vm, "VDE", 3, word) : 0;
}

/* Can the user have all of them? */
static bool addresses_ok(const struct attach *a)
{
	struct args list = a->list;
	uint16_t raddr = 0;

	if (a->count == 1)
		return vdevice_address_ok(a->to, is_range(a) ? a->last : a->vaddr);
	for (unsigned i = 0; i < a->count; i++)
		if (!args_vaddr(args_word(&list), &raddr) || !vdevice_address_ok(a->to, raddr))
			return false;
	return true;
}

/* VOLID volid */
static int take_volid(struct attach *a, struct args *args)
{
	a->volid = args_word(args);
	return !a->volid || strlen(a->volid) > 6 ? cp_error(a->vm, "VDE", 23) : 0;
}

/* A word that is none of the options: the device's address, once, or wrong. */
static int take_vaddr(struct attach *a, const char *word, bool *given)
{
	if (*given || !is_single(a))
		return cp_error(a->vm, "VDE", 3, word);
	*given = args_vaddr(word, &a->vaddr);
	return *given ? 0 : cp_error(a->vm, "VDE", 22);
}

/* [[As] vaddr] [R/O] [VOLID volid]: an address that is not said is that of the system. */
static int options(struct attach *a, struct args *args)
{
	const char *word = args_peek(args);
	bool given = false;
	int rc = 0;

	a->vaddr = a->first;
	if (is_single(a) && word && strcmp(word, "AS") == 0)
		(void)args_word(args);
	while (!rc && (word = args_word(args))) {
		if (strcmp(word, "R/O") == 0)
			a->read_only = true;
		else if (strcmp(word, "VOLID") == 0 && is_single(a))
			rc = take_volid(a, args);
		else
			rc = take_vaddr(a, word, &given);
	}
	return rc ? rc : addresses_ok(a) ? 0 : cp_error(a->vm, "VDE", 22);
}

int cmd_attach(struct vmblok *vm, struct args *args)
{
	struct attach a = { .vm = vm };
	const char *word = NULL;
	int rc = which(&a, args, &word);

	if (!rc)
		rc = whom(&a, args, word);
	if (!rc && !a.to)
		rc = as_volid(&a, args);
	if (!rc && !a.to)
		return attach_to_system(&a);
	if (!rc)
		rc = options(&a, args);
	if (rc)
		return rc;
	return is_single(&a) ? attach_single(&a) :
	       is_range(&a) ? attach_range(&a) : attach_list(&a);
}
