/*
 * TAG: a note of up to 136 characters on output devices and spool files, which
 * RSCS reads as the address of a file. GC20-1820.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/commands/spoolargs.h"
#include "cp/message.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"

static int output_devices(struct vmblok *vm, struct args *args, struct spool_devices *devices)
{
	const char *word = args_peek(args);
	int rc = spoolargs_devices(vm, "CST", args, devices);

	if (!rc && devices->kind == DEVICE_READER)
		rc = cp_error(vm, "CST", 6, word);
	return rc;
}

static int set_tag(struct vmblok *vm, struct virtual_device *v, void *arg)
{
	(void)vm;
	pthread_mutex_lock(&v->ur->lock);
	snprintf(v->ur->opt.tag, sizeof(v->ur->opt.tag), "%s", (const char *)arg);
	pthread_mutex_unlock(&v->ur->lock);
	return 0;
}

static int show_tag(struct vmblok *vm, struct virtual_device *v, void *arg)
{
	char tag[sizeof(v->ur->opt.tag)];

	(void)arg;
	pthread_mutex_lock(&v->ur->lock);
	memcpy(tag, v->ur->opt.tag, sizeof(tag));
	pthread_mutex_unlock(&v->ur->lock);
	if (tag[0]) {
		vm_say(vm, "%s %03X TAG:", vdevice_word(v), v->vaddr);
		vm_say(vm, "%s", tag);
	} else {
		vm_say(vm, "%s %03X TAG NOT SET", vdevice_word(v), v->vaddr);
	}
	return 0;
}

/* A reader file of the user's own that nobody is reading. */
static int own_file(struct vmblok *vm, struct args *args, struct spool_file *f)
{
	const char *word = args_word(args);
	uint32_t id;
	bool in_use;

	if (!word || !args_decimal(word, 9999, &id) || id == 0)
		return cp_error(vm, "CST", 27);
	if (!spool_find(vm->cp->spool, id, f, &in_use) || in_use || f->queue != SPOOL_RDR ||
	    strcmp(f->owner, vm->userid) != 0)
		return spoolargs_missing(vm, "CST", id);
	return 0;
}

static int tag_file(struct vmblok *vm, struct args *args)
{
	struct spool_file f;
	struct error err;
	int rc = own_file(vm, args, &f);

	if (rc)
		return rc;
	/* A deck from a card reader has no tag record. */
	if (strcmp(f.type, "RDR") == 0)
		return cp_error(vm, "CST", 27);
	snprintf(f.tag, sizeof(f.tag), "%s", args_rest(args));
	if (!spool_change(vm->cp->spool, &f, &err))
		log_error(vm->userid, "%s", err.text);
	return 0;
}

static int show_file(struct vmblok *vm, struct args *args)
{
	struct spool_file f;
	int rc = own_file(vm, args, &f);

	if (rc)
		return rc;
	if (f.tag[0])
		vm_say(vm, "%s", f.tag);
	else
		vm_say(vm, strcmp(f.type, "RDR") == 0 ? "(TAG MISSING)" : "(TAG BLANK)");
	return 0;
}

int cmd_tag(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	bool query = word && abbreviates(word, "QUERY", 2);
	struct spool_devices devices;
	int rc;

	if (query)
		word = args_word(args);
	if (!word)
		return cp_error(vm, "CST", 26);
	if (abbreviates(word, "FILE", 3))
		return query ? show_file(vm, args) : tag_file(vm, args);
	if (!abbreviates(word, "DEV", 2))
		return cp_error(vm, "CST", 3, word);
	rc = output_devices(vm, args, &devices);
	if (rc)
		return rc;
	if (query)
		return spoolargs_each_device(vm, &devices, show_tag, NULL);
	return spoolargs_each_device(vm, &devices, set_tag, (char *)args_rest(args));
}
