/*
 * CHANGE: the description of closed spool files. GC20-1820; class D GC20-1806.
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

struct change {
	struct vmblok *vm;
	unsigned count;
	bool any, name_set;
	char class, dist[9], name[25], ftype[9];
	unsigned copies;
	bool at_once;
	int hold, sys; /* 1 set, -1 reset, 0 leave */
	struct spoolargs_3800 o3800;
};

/* One of two words that exclude each other, each given once at most. */
static int either(struct vmblok *vm, const char *word, int *field, int value)
{
	if (*field)
		return cp_error(vm, "CSU", 13, word);
	*field = value;
	return 0;
}

static int change_option(struct vmblok *vm, const char *word, struct args *args,
			 struct change *c)
{
	bool class_d = vm->classes & CLASS_D, taken;
	int rc = spoolargs_3800(vm, "CSU", word, args, &c->o3800, &taken);

	if (rc || taken)
		return rc;
	if (abbreviates(word, "CLASS", 2))
		return c->class ? cp_error(vm, "CSU", 13, word)
				: spoolargs_class(vm, "CSU", args, false, &c->class);
	if (abbreviates(word, "COPY", 2))
		return c->copies ? cp_error(vm, "CSU", 13, word)
				 : spoolargs_copies(vm, "CSU", args, &c->copies, &c->at_once);
	if (abbreviates(word, "HOLD", 2))
		return either(vm, word, &c->hold, 1);
	if (abbreviates(word, "NOHOLD", 3))
		return either(vm, word, &c->hold, -1);
	if (abbreviates(word, "DIST", 2))
		return c->dist[0] ? cp_error(vm, "CSU", 13, word)
				  : spoolargs_dist(vm, "CSU", args, c->dist);
	if (class_d && strcmp(word, "SYS") == 0)
		return either(vm, word, &c->sys, 1);
	if (class_d && strcmp(word, "NOSYS") == 0)
		return either(vm, word, &c->sys, -1);
	if (!abbreviates(word, "NAME", 2))
		return cp_error(vm, "CSU", 3, word);
	c->name_set = true;
	rc = spoolargs_name(vm, "CSU", args, c->name, c->ftype);
	if (!rc && args_peek(args))
		rc = cp_error(vm, "CSU", 3, args_peek(args)); /* NAME is the last one */
	return rc;
}

static void apply(const struct change *c, struct spool_file *f)
{
	if (c->class)
		f->class = c->class;
	if (c->copies) {
		f->copies = c->copies;
		f->at_once = c->at_once;
	}
	if (c->hold)
		f->hold = c->hold > 0 ? f->hold | SPOOL_USER_HOLD : f->hold & ~SPOOL_USER_HOLD;
	if (c->sys)
		f->hold = c->sys > 0 ? f->hold | SPOOL_SYS_HOLD : f->hold & ~SPOOL_SYS_HOLD;
	if (c->dist[0])
		memcpy(f->dist, c->dist, sizeof(f->dist));
	if (c->name_set) {
		memcpy(f->name, c->name, sizeof(f->name));
		memcpy(f->ftype, c->ftype, sizeof(f->ftype));
	}
	spoolargs_3800_apply(&c->o3800, f->chars, f->fcb, f->flash, f->modify,
			     &f->flash_count);
}

static bool change_file(void *arg, const struct spool_file *file)
{
	struct change *c = arg;
	struct spool_file f = *file;
	struct error err;

	apply(c, &f);
	if (!spool_change(c->vm->cp->spool, &f, &err)) {
		log_error(c->vm->userid, "%s", err.text);
		return true;
	}
	c->count++;
	if (f.queue == SPOOL_RDR && (c->hold < 0 || c->sys < 0 || c->class))
		arrival_wake(c->vm->cp, &f);
	return true;
}

int cmd_change(struct vmblok *vm, struct args *args)
{
	struct change c = { .vm = vm };
	struct spool_selection sel;
	const char *word;
	bool found = false;
	int rc;

	spoolargs_owner(vm, args, &sel);
	rc = spoolargs_type(vm, "CSU", args, false, &sel);
	if (!rc)
		rc = spoolargs_id(vm, "CSU", args, &sel, &found);
	if (!rc && !found)
		rc = cp_error(vm, "CSU", 27);
	for (; !rc && (word = args_word(args)); c.any = true)
		rc = change_option(vm, word, args, &c);
	if (!rc && !c.any)
		rc = cp_error(vm, "CSU", 26);
	if (rc)
		return rc;
	found = spoolargs_each(vm, &sel, change_file, &c) > 0;
	spoolargs_count(vm, c.count, "CHANGED");
	return sel.id && !found ? spoolargs_missing(vm, "CSU", sel.id) : 0;
}
