/*
 * ORDER and PURGE of closed spool files. GC20-1820; class D GC20-1806.
 */
#include <string.h>

#include "base/log.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/commands/spoolargs.h"
#include "cp/message.h"
#include "cp/vmblok.h"

/* ---- ORDER */

struct order {
	unsigned ids[SPOOL_ID_MAX];
	size_t count;
};

static bool order_file(void *arg, const struct spool_file *file)
{
	struct order *o = arg;

	for (size_t i = 0; i < o->count; i++)
		if (o->ids[i] == file->id)
			return true; /* named twice: the first one counts */
	if (o->count < SPOOL_ID_MAX)
		o->ids[o->count++] = file->id;
	return true;
}

static int order_operands(struct vmblok *vm, struct args *args, struct spool_selection *sel,
			  struct order *o)
{
	bool found = false, any = false;
	int rc;

	for (;;) {
		rc = spoolargs_id(vm, "CSV", args, sel, &found);
		if (rc)
			return rc;
		if (!found)
			return any ? 0 : cp_error(vm, "CSV", 27);
		if (!sel->id && !sel->class)
			return cp_error(vm, "CSV", 8, "ALL");
		any = true;
		if (!spoolargs_each(vm, sel, order_file, o) && sel->id)
			return 42;
	}
}

static enum spool_queue queue_of(const struct spool_selection *sel)
{
	enum spool_queue q = SPOOL_RDR;

	while (!sel->queues[q])
		q++;
	return q;
}

int cmd_order(struct vmblok *vm, struct args *args)
{
	struct order o = { .count = 0 };
	struct spool_selection sel;
	struct error err;
	int rc;

	spoolargs_owner(vm, args, &sel);
	rc = spoolargs_type(vm, "CSV", args, false, &sel);
	if (rc)
		return rc;
	rc = order_operands(vm, args, &sel, &o);
	if (rc && rc != 42)
		return rc;
	/* What was found before a spoolid that is not there has been ordered. */
	if (o.count && !spool_order(vm->cp->spool, queue_of(&sel),
				    sel.everybody ? NULL : sel.owner, o.ids, o.count, &err))
		log_error(vm->userid, "%s", err.text);
	spoolargs_count(vm, (unsigned)o.count, "ORDERED");
	return rc ? spoolargs_missing(vm, "CSV", sel.id) : 0;
}

/* ---- PURGE */

struct purge {
	struct vmblok *vm;
	unsigned count;
};

static bool purge_file(void *arg, const struct spool_file *file)
{
	struct purge *p = arg;
	struct error err;

	if (spool_purge(p->vm->cp->spool, file->id, &err))
		p->count++;
	else
		log_error(p->vm->userid, "%s", err.text);
	return true;
}

/* One spoolid, class or ALL after the other; none means ALL. */
static int purge_operands(struct vmblok *vm, struct args *args, struct spool_selection *sel,
			  struct purge *p)
{
	bool found = false, any = false;
	int rc;

	for (;;) {
		rc = spoolargs_id(vm, "CSV", args, sel, &found);
		if (rc || (!found && any))
			return rc;
		any = true;
		if (!sel->id && !sel->class && args_peek(args))
			return cp_error(vm, "CSV", 3, args_peek(args));
		if (!spoolargs_each(vm, sel, purge_file, p) && sel->id)
			return 42;
	}
}

int cmd_purge(struct vmblok *vm, struct args *args)
{
	struct purge p = { .vm = vm };
	struct spool_selection sel;
	const char *word;
	int rc;

	spoolargs_owner(vm, args, &sel);
	rc = spoolargs_type(vm, "CSV", args, true, &sel);
	if (rc)
		return rc;
	word = args_peek(args);
	if (sel.queues[SPOOL_RDR] && sel.queues[SPOOL_PUN] && word && strcmp(word, "ALL") != 0)
		return cp_error(vm, "CSV", 3, word);
	rc = purge_operands(vm, args, &sel, &p);
	if (!rc || p.count || rc == 42)
		spoolargs_count(vm, p.count, "PURGED");
	return rc == 42 ? spoolargs_missing(vm, "CSV", sel.id) : rc;
}
