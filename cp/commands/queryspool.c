/*
 * QUERY of spool files: READER, PRINTER, PUNCH, FILES, HOLD. GC20-1820; class D
 * GC20-1806. The columns are those of VM/370 Release 6.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/commands/spoolargs.h"
#include "cp/message.h"
#include "cp/spool.h"
#include "cp/vmblok.h"

/* ---- QUERY READER, PRINTER, PUNCH */

struct file_query {
	struct vmblok *vm;
	enum spool_queue queue;
	bool all, table;
	unsigned id;    /* 0: any */
	char class;     /* 0: any */
	bool everybody; /* class D */
	char owner[9];
	unsigned found;
};

static void say_header(const struct file_query *q)
{
	const char *more = "";

	if (q->table)
		more = "FLASH  CHARS  FCB   MDFY  FLSHC";
	else if (q->all || q->id)
		more = "DATE  TIME     NAME        TYPE     DIST";
	vm_say(q->vm, "%s FILE CLASS RECDS  CPY HOLD %s",
	       q->everybody ? "OWNERID " : "ORIGINID", more);
}

static void detail(const struct file_query *q, const struct spool_file *f, char out[64])
{
	char when[24];
	time_t t = (time_t)f->created;
	struct tm tm;

	out[0] = '\0';
	if (q->table) {
		snprintf(out, 64, "%-5s  %-5s  %-4s  %-4s  %02u", f->flash, f->chars, f->fcb,
			 f->modify, f->flash_count);
	} else if (q->all || q->id) {
		localtime_r(&t, &tm);
		strftime(when, sizeof(when), "%m/%d %H:%M:%S", &tm);
		/* A data set's name goes through both fields. */
		if (strlen(f->name) > 12)
			snprintf(out, 64, "%s %-20.20s %s", when, f->name, f->dist);
		else
			snprintf(out, 64, "%s %-12.12s%-8s %s", when, f->name, f->ftype,
				 f->dist);
	}
}

static void say_file(void *arg, const struct spool_file *f, bool in_use)
{
	static const char *const hold[] = { "NONE", "USER", "SYS ", "USYS" };
	struct file_query *q = arg;
	char more[64];

	if (in_use || (q->id && f->id != q->id) || (q->class && f->class != q->class))
		return;
	if (q->found++ == 0)
		say_header(q);
	detail(q, f, more);
	vm_say(q->vm, "%-8s %04u %c %-3s %06u %c%02u %s %s",
	       q->everybody ? f->owner : f->origin, f->id, f->class, f->type,
	       f->records % 1000000, q->table && f->at_once ? '*' : ' ', f->copies % 100,
	       hold[f->hold & 3], more);
}

/* A userid, for class D only: whose files. */
static int whose(struct vmblok *vm, const char *word, struct file_query *q)
{
	if (!word)
		return 0;
	if (!(vm->classes & CLASS_D))
		return cp_error(vm, "CQH", 26);
	if (strlen(word) > CP_USERID_MAX)
		return cp_error(vm, "CQH", 20);
	q->everybody = false;
	if (strcmp(word, "*") != 0)
		snprintf(q->owner, sizeof(q->owner), "%s", word);
	return 0;
}

static int which(struct vmblok *vm, struct args *args, struct file_query *q)
{
	const char *word = args_word(args);
	uint32_t id = 0;
	int rc;

	if (!word)
		return 0;
	if (args_decimal(word, 9999, &id) && id) {
		q->id = id;
		return args_peek(args) ? whose(vm, args_word(args), q) : 0;
	}
	q->all = strcmp(word, "ALL") == 0;
	q->table = strcmp(word, "TBL") == 0;
	if (abbreviates(word, "CLASS", 2)) {
		rc = spoolargs_class(vm, "CQH", args, false, &q->class);
		if (rc)
			return rc;
	} else if (!q->all && !q->table) {
		return whose(vm, word, q);
	}
	return whose(vm, args_word(args), q);
}

static int query_queue(struct vmblok *vm, struct args *args, enum spool_queue queue)
{
	struct file_query q = { .vm = vm, .queue = queue,
				.everybody = vm->classes & CLASS_D };
	int rc;

	snprintf(q.owner, sizeof(q.owner), "%s", vm->userid);
	rc = which(vm, args, &q);
	if (rc)
		return rc;
	spool_list(vm->cp->spool, queue, q.everybody ? NULL : q.owner, say_file, &q);
	if (q.found)
		return 0;
	if (q.id)
		return spoolargs_missing(vm, "CQH", q.id);
	vm_say(vm, "NO %s FILES", spool_queue_name[queue]);
	return 0;
}

int query_reader(struct vmblok *vm, struct args *args)
{
	return query_queue(vm, args, SPOOL_RDR);
}

int query_printer(struct vmblok *vm, struct args *args)
{
	return query_queue(vm, args, SPOOL_PRT);
}

int query_punch(struct vmblok *vm, struct args *args)
{
	return query_queue(vm, args, SPOOL_PUN);
}

/* ---- QUERY FILES, QUERY HOLD */

struct file_count {
	char class; /* 0: any */
	bool held;  /* count held ones */
	unsigned n;
};

static void count_file(void *arg, const struct spool_file *f, bool in_use)
{
	struct file_count *c = arg;

	if (c->held)
		c->n += f->hold != 0;
	else
		c->n += !in_use && (!c->class || c->class == f->class);
}

static void say_counts(struct vmblok *vm, const char *head, const char *owner,
		       struct file_count *c)
{
	char line[64];
	size_t used = (size_t)snprintf(line, sizeof(line), "%s", head);

	for (unsigned q = 0; q < SPOOL_QUEUES; q++) {
		const char *comma = q + 1 < SPOOL_QUEUES ? "," : "";
		char number[8];

		c->n = 0;
		spool_list(vm->cp->spool, q, owner, count_file, c);
		snprintf(number, sizeof(number), c->n > 999 ? "%04u" : " %03u", c->n % 10000);
		used += (size_t)snprintf(line + used, sizeof(line) - used, "%s %s%s",
					 c->n ? number : "  NO", spool_queue_name[q], comma);
	}
	vm_say(vm, "%s", line);
}

int query_files(struct vmblok *vm, struct args *args)
{
	bool class_d = vm->classes & CLASS_D;
	struct file_count c = { .class = 0 };
	const char *word = args_word(args), *owner = class_d ? NULL : vm->userid;
	int rc;

	if (word && abbreviates(word, "CLASS", 2)) {
		rc = spoolargs_class(vm, "CQR", args, false, &c.class);
		if (rc)
			return rc;
		word = args_word(args);
	}
	if (word && (!class_d || strlen(word) > CP_USERID_MAX))
		return cp_error(vm, "CQR", 20);
	if (word)
		owner = strcmp(word, "*") == 0 ? vm->userid : word;
	if (args_peek(args))
		return cp_error(vm, "CQR", 26);
	say_counts(vm, "FILES:", owner, &c);
	return 0;
}

struct hold_lines {
	struct vmblok *vm;
	char line[80];
	unsigned n;
};

static void say_hold(void *arg, const char *userid, bool printer, bool punch)
{
	struct hold_lines *h = arg;
	size_t used = strlen(h->line);

	if (h->n == 4) {
		vm_say(h->vm, "%s,", h->line);
		h->n = 0;
		used = 0;
	}
	snprintf(h->line + used, sizeof(h->line) - used, "%s%-8s - %s", h->n++ ? ", " : "",
		 userid, printer && punch ? "ALL" : printer ? "PRT" : "PUN");
}

int query_hold(struct vmblok *vm, struct args *args)
{
	struct file_count c = { .held = true };
	struct hold_lines h = { .vm = vm };

	(void)args;
	say_counts(vm, "HOLD :", NULL, &c);
	vm_say(vm, "%s", "");
	spool_holds(vm->cp->spool, say_hold, &h);
	if (h.n)
		vm_say(vm, "%s", h.line);
	return 0;
}
