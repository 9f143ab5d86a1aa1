/*
 * SPOOL, CLOSE, PURGE. GC20-1820.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cp/arrival.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/message.h"
#include "cp/spool.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"

/* READER, PRINTER, PUNCH or a device address; sets kind or vdev. */
struct which {
	bool by_kind;
	enum device_kind kind;
	struct virtual_device *vdev;
};

static const struct {
	const char *name;
	size_t min;
	enum device_kind kind;
} kinds[] = {
	{ "READER", 1, DEVICE_READER },   { "RDR", 3, DEVICE_READER },
	{ "PRINTER", 1, DEVICE_PRINTER }, { "PRT", 3, DEVICE_PRINTER },
	{ "PUNCH", 2, DEVICE_PUNCH },     { "PCH", 3, DEVICE_PUNCH },
};

static int parse_which(struct vmblok *vm, const char *module, const char *word,
		       struct which *w)
{
	uint16_t vaddr;

	if (!word)
		return cp_error(vm, module, 26);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (abbreviates(word, kinds[i].name, kinds[i].min)) {
			*w = (struct which){ .by_kind = true, .kind = kinds[i].kind };
			return 0;
		}
	if (!args_vaddr(word, &vaddr))
		return cp_error(vm, module, 26);
	*w = (struct which){ .vdev = vdevice_find(vm, vaddr) };
	if (!w->vdev)
		return cp_error(vm, module, 40, word);
	return w->vdev->ur ? 0 : cp_error(vm, module, 6, word);
}

/* Call act for each device that w means, until one returns not 0. */
static int for_each(struct vmblok *vm, const struct which *w,
		    int (*act)(struct vmblok *vm, struct virtual_device *v, void *arg),
		    void *arg)
{
	int rc = 0;

	if (!w->by_kind)
		return act(vm, w->vdev, arg);
	for (struct virtual_device *v = vm->devices; v && !rc; v = v->next)
		if (v->kind == w->kind && v->ur)
			rc = act(vm, v, arg);
	return rc;
}

/* ---- closing */

static void tell_closed(struct vmblok *vm, const struct spool_file *f)
{
	const char *to = f->queue == SPOOL_RDR ? "TO " : "FOR";

	if ((f->queue == SPOOL_RDR || strcmp(f->owner, vm->userid) != 0 || f->copies > 1 ||
	     f->hold) && (vm->set & SET_MSG))
		vm_say(vm, "%s FILE %04u %s  %-8s COPY %02u %s", f->type, f->id, to, f->owner,
		       f->copies, f->hold ? "  HOLD" : "NOHOLD");
	if (strcmp(f->owner, vm->userid) != 0 || f->queue == SPOOL_RDR)
		arrival_announce(vm->cp, f, vm->userid);
}

static int close_one(struct vmblok *vm, struct virtual_device *v, void *arg)
{
	struct unitrecord_close how = *(const struct unitrecord_close *)arg;
	struct error err;

	if (!unitrecord_close(v->ur, &how, &err)) {
		log_error(vm->userid, "%03X: %s", v->vaddr, err.text);
		vm_say(vm, "%s %03X SPOOL ERROR; FILE PURGED", vdevice_word(v), v->vaddr);
		return 0;
	}
	if (how.closed && v->kind != DEVICE_READER)
		tell_closed(vm, &how.file);
	return 0;
}

/* NAME fn [ft] or dsname: the last operand. */
static int close_name(struct vmblok *vm, struct args *args, struct unitrecord_close *how)
{
	const char *fn = args_word(args), *ft = args_word(args);

	if (!fn || strlen(fn) > 24 || (ft && (strlen(fn) > 8 || strlen(ft) > 8)))
		return cp_error(vm, "CSP", 29);
	snprintf(how->name, sizeof(how->name), "%s", fn);
	snprintf(how->ftype, sizeof(how->ftype), "%s", ft ? ft : "");
	return 0;
}

int cmd_close(struct vmblok *vm, struct args *args)
{
	struct unitrecord_close how = { .purge = false };
	struct which which;
	const char *word = args_word(args);
	int rc = parse_which(vm, "CSP", word, &which);

	if (rc)
		return rc;
	while (!rc && (word = args_word(args))) {
		if (abbreviates(word, "PURGE", 2)) {
			how.purge = true;
		} else if (abbreviates(word, "HOLD", 2)) {
			how.keep = true;
			how.hold = SPOOL_USER_HOLD;
		} else if (abbreviates(word, "NOHOLD", 3)) {
			how.hold = 0;
		} else if (abbreviates(word, "NAME", 2)) {
			rc = close_name(vm, args, &how);
		} else {
			rc = cp_error(vm, "CSP", 3, word);
		}
	}
	return rc ? rc : for_each(vm, &which, close_one, &how);
}

/* ---- SPOOL */

struct spool_change {
	struct unitrecord_options set;
	bool class, cont, hold, eof, copies, to, owner, off;
	bool close, purge;
};

static int spool_user(struct vmblok *vm, const char *word, char *out)
{
	const struct directory_user *user;

	if (!word)
		return cp_error(vm, "CSP", 20);
	if (strcmp(word, "*") == 0)
		word = vm->userid;
	user = strlen(word) <= CP_USERID_MAX ? directory_find(vm->cp->directory, word) : NULL;
	if (!user)
		return cp_error(vm, "CSP", 53, word);
	snprintf(out, CP_USERID_MAX + 1, "%s", word);
	return 0;
}

static int spool_option(struct vmblok *vm, const char *word, struct args *args,
			struct spool_change *c)
{
	uint32_t copies;

	if (abbreviates(word, "CLASS", 2)) {
		word = args_word(args);
		if (!word || word[1] || !(isalnum((unsigned char)word[0]) || word[0] == '*'))
			return cp_error(vm, "CSP", 28);
		c->class = true;
		c->set.class = word[0];
	} else if (abbreviates(word, "CONT", 3)) {
		c->cont = c->set.cont = true;
	} else if (abbreviates(word, "NOCONT", 3)) {
		c->cont = true;
	} else if (abbreviates(word, "HOLD", 2)) {
		c->hold = c->set.hold = true;
	} else if (abbreviates(word, "NOHOLD", 3)) {
		c->hold = true;
	} else if (abbreviates(word, "EOF", 2)) {
		c->eof = c->set.eof = true;
	} else if (abbreviates(word, "NOEOF", 3)) {
		c->eof = true;
	} else if (abbreviates(word, "COPY", 2)) {
		if (!args_decimal(args_word(args), 99, &copies) || copies == 0)
			return cp_error(vm, "CSP", 30);
		c->copies = true;
		c->set.copies = copies;
	} else if (strcmp(word, "OFF") == 0) {
		c->off = true;
	} else if (strcmp(word, "TO") == 0) {
		c->to = true;
		return spool_user(vm, args_word(args), c->set.to);
	} else if (strcmp(word, "FOR") == 0) {
		c->owner = true;
		return spool_user(vm, args_word(args), c->set.owner);
	} else if (abbreviates(word, "CLOSE", 3)) {
		c->close = true;
	} else if (abbreviates(word, "PURGE", 2)) {
		c->close = c->purge = true;
	} else {
		return cp_error(vm, "CSP", 3, word);
	}
	return 0;
}

static int spool_one(struct vmblok *vm, struct virtual_device *v, void *arg)
{
	const struct spool_change *c = arg;
	struct unitrecord_close how = { .purge = c->purge };
	struct unitrecord_options *o = &v->ur->opt;

	pthread_mutex_lock(&v->ur->lock);
	if (c->class)
		o->class = c->set.class;
	if (c->cont)
		o->cont = c->set.cont;
	if (c->hold)
		o->hold = c->set.hold;
	if (c->eof)
		o->eof = c->set.eof;
	if (c->copies)
		o->copies = c->set.copies;
	if (c->to)
		memcpy(o->to, c->set.to, sizeof(o->to));
	if (c->owner)
		memcpy(o->owner, c->set.owner, sizeof(o->owner));
	if (c->off) {
		o->to[0] = '\0';
		snprintf(o->owner, sizeof(o->owner), "%s", vm->userid);
	}
	pthread_mutex_unlock(&v->ur->lock);
	return c->close ? close_one(vm, v, &how) : 0;
}

int cmd_spool(struct vmblok *vm, struct args *args)
{
	struct spool_change change = { .class = false };
	struct which which;
	const char *word = args_word(args);
	int rc = parse_which(vm, "CSP", word, &which);

	if (!rc && !args_peek(args))
		return cp_error(vm, "CSP", 26);
	while (!rc && (word = args_word(args)))
		rc = spool_option(vm, word, args, &change);
	return rc ? rc : for_each(vm, &which, spool_one, &change);
}

/* ---- PURGE */

struct purge {
	struct vmblok *vm;
	char class;   /* 0: any */
	unsigned id;  /* 0: any */
	unsigned done;
	bool seen;
};

static void purge_file(void *arg, const struct spool_file *f, bool in_use)
{
	struct purge *p = arg;
	struct error err;

	if ((p->id && f->id != p->id) || (p->class && f->class != p->class) || in_use)
		return;
	p->seen = true;
	if (spool_purge(p->vm->cp->spool, f->id, &err))
		p->done++;
	else
		log_error(p->vm->userid, "%s", err.text);
}

static int purge_operand(struct vmblok *vm, struct args *args, enum spool_queue queue,
			 struct purge *p)
{
	const char *word = args_word(args);
	uint32_t id = 0;
	char text[8];

	p->class = 0;
	p->id = 0;
	p->seen = false;
	if (word && abbreviates(word, "CLASS", 2)) {
		word = args_word(args);
		if (!word || word[1])
			return cp_error(vm, "CSV", 28);
		p->class = word[0];
	} else if (word && strcmp(word, "ALL") != 0) {
		if (!args_decimal(word, SPOOL_ID_MAX, &id) || id == 0)
			return cp_error(vm, "CSV", 8, word);
		p->id = id;
	}
	spool_list(vm->cp->spool, queue, vm->userid, purge_file, p);
	snprintf(text, sizeof(text), "%04u", id);
	return p->id && !p->seen ? cp_error(vm, "CSV", 42, text) : 0;
}

static enum spool_queue queue_of(enum device_kind kind)
{
	return kind == DEVICE_READER ? SPOOL_RDR : kind == DEVICE_PUNCH ? SPOOL_PUN : SPOOL_PRT;
}

int cmd_purge(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	struct purge p = { .vm = vm };
	int rc = 0;

	if (word && strcmp(word, "ALL") == 0) {
		for (unsigned q = 0; q < SPOOL_QUEUES; q++)
			spool_list(vm->cp->spool, q, vm->userid, purge_file, &p);
	} else {
		size_t i = 0;

		while (word && i < ARRAY_SIZE(kinds) &&
		       !abbreviates(word, kinds[i].name, kinds[i].min))
			i++;
		if (!word || i == ARRAY_SIZE(kinds))
			return cp_error(vm, "CSV", 35);
		if (!args_peek(args))
			return cp_error(vm, "CSV", 27);
		while (!rc && args_peek(args))
			rc = purge_operand(vm, args, queue_of(kinds[i].kind), &p);
	}
	if (rc == 0 && (vm->set & SET_IMSG)) {
		if (p.done)
			vm_say(vm, "%04u %s PURGED", p.done, p.done == 1 ? "FILE " : "FILES");
		else
			vm_say(vm, " NO  FILES PURGED");
	}
	return rc;
}
