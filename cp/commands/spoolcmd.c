/*
 * SPOOL and CLOSE. GC20-1820.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cp/arrival.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/commands/spoolargs.h"
#include "cp/message.h"
#include "cp/spool.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"

/* ---- CLOSE */

static int close_one(struct vmblok *vm, struct virtual_device *v, void *arg)
{
	struct unitrecord_close how = *(const struct unitrecord_close *)arg;
	struct error err;
	char vaddr[8];
	bool cont;

	pthread_mutex_lock(&v->ur->lock);
	cont = v->ur->opt.cont;
	pthread_mutex_unlock(&v->ur->lock);
	if (cont && v->kind != DEVICE_READER && !how.purge)
		return 0; /* CONT: one file until NOCONT */
	if (!unitrecord_close(v->ur, &how, &err)) {
		snprintf(vaddr, sizeof(vaddr), "%03X", v->vaddr);
		log_error(vm->userid, "%03X: %s", v->vaddr, err.text);
		return cp_error(vm, "VSP", 429, vdevice_word(v), vaddr, "PURGED");
	}
	if (how.closed && v->kind != DEVICE_READER && !how.purge)
		arrival_closed(vm, &how.file);
	return 0;
}

static int close_hold(struct vmblok *vm, const char *word, struct unitrecord_close *how,
		      enum unitrecord_hold hold)
{
	if (how->hold != CLOSE_AS_SPOOLED)
		return cp_error(vm, "CSQ", 13, word);
	how->hold = hold;
	return 0;
}

static int close_option(struct vmblok *vm, const char *word, struct args *args, bool reader,
			struct unitrecord_close *how)
{
	if (abbreviates(word, "HOLD", 2))
		return close_hold(vm, word, how, CLOSE_HOLD);
	if (abbreviates(word, "NOHOLD", 3))
		return close_hold(vm, word, how, CLOSE_NOHOLD);
	if (reader)
		return cp_error(vm, "CSQ", 3, word);
	if (abbreviates(word, "PURGE", 2)) {
		if (how->purge)
			return cp_error(vm, "CSQ", 13, word);
		how->purge = true;
		if (how->hold != CLOSE_AS_SPOOLED || how->dist[0])
			return cp_error(vm, "CSQ", 3, word);
		return 0;
	}
	if (how->purge)
		return cp_error(vm, "CSQ", 3, word);
	if (abbreviates(word, "DIST", 2))
		return how->dist[0] ? cp_error(vm, "CSQ", 13, word)
				    : spoolargs_dist(vm, "CSQ", args, how->dist);
	if (!abbreviates(word, "NAME", 2))
		return cp_error(vm, "CSQ", 3, word);
	if (spoolargs_name(vm, "CSQ", args, how->name, how->ftype))
		return 29;
	return args_peek(args) ? cp_error(vm, "CSQ", 3, args_peek(args)) : 0;
}

int cmd_close(struct vmblok *vm, struct args *args)
{
	struct unitrecord_close how = { .purge = false };
	struct spool_devices devices;
	const char *word;
	int rc = spoolargs_devices(vm, "CSQ", args, &devices);

	while (!rc && (word = args_word(args)))
		rc = close_option(vm, word, args, devices.kind == DEVICE_READER, &how);
	return rc ? rc : spoolargs_each_device(vm, &devices, close_one, &how);
}

/* ---- SPOOL */

/* What the operands say; 1 set, -1 reset, 0 not named. */
struct spool_change {
	int cont, hold, eof, start, term;
	char class;
	unsigned copies;
	bool at_once;
	bool to, owner, off; /* TO, FOR, and back to the system's devices */
	char userid[9], dist[9];
	bool close, purge;
	struct spoolargs_3800 o3800;
};

static int flag(struct vmblok *vm, const char *word, int *field, int value)
{
	if (*field)
		return cp_error(vm, "CSP", 13, word);
	*field = value;
	return 0;
}

/* The userid behind TO or FOR. SYSTEM, and FOR oneself, mean OFF. */
static int spool_user(struct vmblok *vm, const char *keyword, const char *word,
		      struct spool_change *c, bool to)
{
	int rc;

	if (c->to || c->owner || c->off)
		return cp_error(vm, "CSP", 13, keyword);
	if (word && strcmp(word, "SYSTEM") == 0 &&
	    !directory_find(vm->cp->directory, "SYSTEM")) {
		c->off = true;
		return 0;
	}
	rc = spoolargs_user(vm, "CSP", word, to, c->userid);
	if (rc)
		return rc;
	spoolargs_distcode(vm, c->userid, c->dist);
	c->to = to;
	c->owner = !to && strcmp(c->userid, vm->userid) != 0;
	c->off = !to && !c->owner;
	return 0;
}

static int output_option(struct vmblok *vm, const char *word, struct args *args,
			 struct spool_change *c)
{
	bool taken;
	int rc;

	if (abbreviates(word, "TO", 1))
		return spool_user(vm, word, args_word(args), c, true);
	if (strcmp(word, "FOR") == 0)
		return spool_user(vm, word, args_word(args), c, false);
	if (strcmp(word, "OFF") == 0)
		return spool_user(vm, word, "SYSTEM", c, true);
	if (abbreviates(word, "COPY", 2))
		return c->copies ? cp_error(vm, "CSP", 13, word)
				 : spoolargs_copies(vm, "CSP", args, &c->copies, &c->at_once);
	if (abbreviates(word, "CLOSE", 3) || abbreviates(word, "PURGE", 2)) {
		if (c->close)
			return cp_error(vm, "CSP", 13, word);
		c->close = true;
		c->purge = word[0] == 'P';
		return 0;
	}
	rc = spoolargs_3800(vm, "CSP", word, args, &c->o3800, &taken);
	if (rc || taken)
		return rc;
	/* Any other word is the userid of TO. */
	if (c->to || c->owner || c->off)
		return cp_error(vm, "CSP", 3, word);
	return spool_user(vm, word, word, c, true);
}

static int spool_option(struct vmblok *vm, const char *word, struct args *args,
			enum device_kind kind, struct spool_change *c)
{
	bool reader = kind == DEVICE_READER, console = kind == DEVICE_CONSOLE;

	if (abbreviates(word, "CLASS", 2))
		return c->class ? cp_error(vm, "CSP", 13, word)
				: spoolargs_class(vm, "CSP", args, reader, &c->class);
	if (abbreviates(word, "CONT", 3))
		return flag(vm, word, &c->cont, 1);
	if (abbreviates(word, "NOCONT", 3))
		return flag(vm, word, &c->cont, -1);
	if (abbreviates(word, "HOLD", 2))
		return flag(vm, word, &c->hold, 1);
	if (abbreviates(word, "NOHOLD", 3))
		return flag(vm, word, &c->hold, -1);
	if (reader && strcmp(word, "EOF") == 0)
		return flag(vm, word, &c->eof, 1);
	if (reader && abbreviates(word, "NOEOF", 3))
		return flag(vm, word, &c->eof, -1);
	if (console && abbreviates(word, "START", 3))
		return flag(vm, word, &c->start, 1);
	if (console && abbreviates(word, "STOP", 3))
		return flag(vm, word, &c->start, -1);
	if (console && abbreviates(word, "TERM", 2))
		return flag(vm, word, &c->term, 1);
	if (console && abbreviates(word, "NOTERM", 4))
		return flag(vm, word, &c->term, -1);
	if (reader)
		return cp_error(vm, "CSP", 3, word);
	return output_option(vm, word, args, c);
}

static void set_flag(bool *field, int value)
{
	if (value)
		*field = value > 0;
}

static void set_owner(struct vmblok *vm, const struct spool_change *c,
		      struct unitrecord_options *o)
{
	if (c->to)
		memcpy(o->to, c->userid, sizeof(o->to));
	if (c->owner || c->off)
		o->to[0] = '\0';
	if (c->owner)
		memcpy(o->owner, c->userid, sizeof(o->owner));
	if (c->to || c->off)
		snprintf(o->owner, sizeof(o->owner), "%s", vm->userid);
	if (c->to || c->owner)
		memcpy(o->dist, c->dist, sizeof(o->dist));
	if (c->off)
		snprintf(o->dist, sizeof(o->dist), "%s", vm->user->distcode);
}

static int spool_one(struct vmblok *vm, struct virtual_device *v, void *arg)
{
	const struct spool_change *c = arg;
	struct unitrecord_close how = { .purge = c->purge };
	struct unitrecord_options *o = &v->ur->opt;

	pthread_mutex_lock(&v->ur->lock);
	if (c->class)
		o->class = c->class;
	set_flag(&o->cont, c->cont);
	set_flag(&o->hold, c->hold);
	set_flag(&o->eof, c->eof);
	set_flag(&o->started, c->start);
	set_flag(&o->no_term, -c->term);
	if (c->copies) {
		o->copies = c->copies;
		o->at_once = c->at_once;
	}
	set_owner(vm, c, o);
	spoolargs_3800_apply(&c->o3800, o->chars, o->fcb, o->flash, o->modify,
			     &o->flash_count);
	pthread_mutex_unlock(&v->ur->lock);
	if (v->kind == DEVICE_READER && (c->class || c->hold))
		arrival_look(vm);
	return c->close ? close_one(vm, v, &how) : 0;
}

int cmd_spool(struct vmblok *vm, struct args *args)
{
	struct spool_change change = { .class = 0 };
	struct spool_devices devices;
	const char *word;
	int rc = spoolargs_devices(vm, "CSP", args, &devices);

	if (!rc && !args_peek(args))
		return cp_error(vm, "CSP", 26);
	while (!rc && (word = args_word(args)))
		rc = spool_option(vm, word, args, devices.kind, &change);
	return rc ? rc : spoolargs_each_device(vm, &devices, spool_one, &change);
}
