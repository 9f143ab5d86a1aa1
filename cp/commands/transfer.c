/*
 * TRANSFER: closed files to another user, and back. GC20-1820; the queues' names are of
 * later systems: VM/370 transfers reader files only.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cp/arrival.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/commands/spoolargs.h"
#include "cp/message.h"
#include "cp/vmblok.h"

struct transfer {
	struct vmblok *vm;
	const char *to;      /* whose they become */
	const char *origin;  /* FROM: only files that this user made; NULL: all */
	enum spool_queue queue; /* which of his queues */
	unsigned count;
};

static void tell_receiver(const struct transfer *t, const struct spool_file *f,
			  const char *from)
{
	struct vmblok *receiver = vm_find(t->vm->cp, t->to);

	if (!receiver || receiver == t->vm || !(receiver->set & SET_MSG) ||
	    !(receiver->set & SET_IMSG))
		return;
	vm_tell(receiver, 0, "%s FILE %04u TRANSFERRED FROM %s", spool_queue_name[f->queue], f->id,
		from);
}

static bool transfer_file(void *arg, const struct spool_file *file)
{
	struct transfer *t = arg;
	struct spool_file f = *file;
	struct error err;

	if ((t->origin && strcmp(f.origin, t->origin) != 0) ||
	    (strcmp(f.owner, t->to) == 0 && f.queue == t->queue))
		return true;
	f.queue = t->queue;
	snprintf(f.owner, sizeof(f.owner), "%s", t->to);
	if (!spool_move(t->vm->cp->spool, &f, &err)) {
		log_error(t->vm->userid, "%s", err.text);
		return true;
	}
	t->count++;
	tell_receiver(t, &f, file->owner);
	if (!t->origin && strcmp(t->to, t->vm->userid) != 0 && (t->vm->set & SET_IMSG))
		vm_say(t->vm, "%s FILE %04u TRANSFERRED  TO  %s", spool_queue_name[f.queue], f.id,
		       t->to);
	if (f.queue == SPOOL_RDR)
		arrival_wake(t->vm->cp, &f);
	return true;
}

/*
 * TO userid or FROM userid|ALL; the word TO may be left out. FROM fetches back
 * files that the user (class D: the named one) has sent to others.
 */
static int direction(struct vmblok *vm, struct args *args, bool *from, char userid[9])
{
	const char *word = args_word(args);

	*from = false;
	if (!word)
		return cp_error(vm, "CSV", 20);
	if (abbreviates(word, "TO", 1)) {
		word = args_word(args);
	} else if (abbreviates(word, "FROM", 1)) {
		*from = true;
		word = args_word(args);
		userid[0] = '\0';
		if (word && strcmp(word, "ALL") == 0)
			return 0;
	}
	return spoolargs_user(vm, "CSV", word, !*from, userid);
}

int cmd_transfer(struct vmblok *vm, struct args *args)
{
	struct transfer t = { .vm = vm, .queue = SPOOL_RDR };
	struct spool_selection sel;
	char userid[9] = "", sender[9];
	bool found = false, from = false;
	int rc;

	spoolargs_owner(vm, args, &sel);
	if (args_peek(args) && spoolargs_queue(args_peek(args), &t.queue))
		args_word(args);
	sel.queues[t.queue] = true;
	t.queue = SPOOL_RDR;
	rc = spoolargs_id(vm, "CSV", args, &sel, &found);
	if (!rc && !found)
		rc = cp_error(vm, "CSV", (vm->classes & CLASS_D) && !sel.named ? 26 : 27);
	if (!rc)
		rc = direction(vm, args, &from, userid);
	if (!rc && args_peek(args) && spoolargs_queue(args_peek(args), &t.queue))
		args_word(args);
	if (!rc && args_peek(args))
		rc = cp_error(vm, "CSV", 3, args_peek(args));
	if (rc)
		return rc;
	t.to = userid;
	if (from) {
		snprintf(sender, sizeof(sender), "%s", sel.owner);
		t.to = t.origin = sender;
		sel.everybody = userid[0] == '\0';
		snprintf(sel.owner, sizeof(sel.owner), "%s", userid);
	}
	found = spoolargs_each(vm, &sel, transfer_file, &t) > 0;
	spoolargs_count(vm, t.count, "TRANSFERRED");
	if (sel.id && (!found || (from && !t.count)))
		return spoolargs_missing(vm, "CSV", sel.id);
	return 0;
}
