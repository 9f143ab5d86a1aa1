/*
 * DEFINE and DETACH of virtual devices and storage.
 * GC20-1820.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/commands/real.h"
#include "cp/iucv.h"
#include "cp/message.h"
#include "cp/minidisk.h"
#include "cp/sysvolume.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"
#include "cp/vmcf.h"

/* Words of DEFINE and the device type each makes. */
static const struct {
	const char *name;
	size_t min;
	const char *type;
} types[] = {
	{ "READER", 1, "2540R" },  { "RDR", 3, "2540R" },    { "2501", 4, "2501" },
	{ "2540R", 5, "2540R" },   { "3505", 4, "3505" },    { "PRINTER", 1, "1403" },
	{ "PRT", 3, "1403" },      { "PTR", 3, "1403" },     { "1403", 4, "1403" },
	{ "1443", 4, "1443" },     { "3203", 4, "3203" },    { "3211", 4, "3211" },
	{ "PUNCH", 2, "2540P" },   { "PCH", 3, "2540P" },    { "2540P", 5, "2540P" },
	{ "3525", 4, "3525" },     { "CONSOLE", 3, "3215" },    { "GRAF", 2, "3270" },
	{ "CTCA", 3, "CTCA" },     { "LINE", 2, "2703" },
};

/* LINE ... [IBM1|TELE2], and BSC of ours, for COUPLE. false: another word. */
static bool line_option(const char *word, char option[9])
{
	if (!word || strcmp(word, "IBM1") == 0)
		strcpy(option, "IBM");
	else if (strcmp(word, "TELE2") == 0)
		strcpy(option, "TELE");
	else if (strcmp(word, "BSC") == 0)
		option[0] = '\0';
	else
		return false;
	return true;
}

/* The optional word AS, then a device address. */
static bool as_vaddr(struct args *args, uint16_t *vaddr)
{
	const char *word = args_word(args);

	if (word && strcmp(word, "AS") == 0)
		word = args_word(args);
	return word && args_vaddr(word, vaddr);
}

static bool as_free_vaddr(const struct vmblok *vm, struct args *args, uint16_t *vaddr)
{
	return as_vaddr(args, vaddr) && vdevice_address_ok(vm, *vaddr);
}

static int no_device(struct vmblok *vm, const char *module, uint16_t vaddr)
{
	char text[8];

	snprintf(text, sizeof(text), "%03X", vaddr);
	return cp_error(vm, module, 40, text);
}

static int already(struct vmblok *vm, const struct virtual_device *there)
{
	char vaddr[8], word[8];

	snprintf(vaddr, sizeof(vaddr), "%03X", there->vaddr);
	snprintf(word, sizeof(word), "%.4s", vdevice_word(there));
	return cp_error(vm, "DEF", 92, vaddr, word, vaddr);
}

static int define_new(struct vmblok *vm, const char *type, struct args *args)
{
	struct directory_entry e = { .class = 'A' };
	struct virtual_device *v;

	if (!as_free_vaddr(vm, args, &e.vaddr))
		return cp_error(vm, "DEF", 22);
	v = vdevice_find(vm, e.vaddr);
	if (v)
		return already(vm, v);
	snprintf(e.type, sizeof(e.type), "%s", type);
	if (strcmp(type, "2703") == 0) {
		const char *word = args_word(args);

		if (!line_option(word, e.option))
			return cp_error(vm, "DEF", 3, word);
	}
	if (strcmp(type, "3215") == 0)
		e.class = 'T';
	else if (type[strlen(type) - 1] == 'R' || strcmp(type, "2501") == 0 ||
		 strcmp(type, "3505") == 0)
		e.class = '*';
	v = vdevice_attach(vm, &e);
	if (v && (vm->set & SET_IMSG))
		vm_say(vm, "%s %03X DEFINED", vdevice_word(v), v->vaddr);
	return v ? 0 : 95;
}

/* ---- temporary disks */

static const char *const tdisks[] = { "T2305", "T2314", "T2319", "T3330", "T3340",
				      "T3350", "T3375", "T3380" };

/* Txxxx [AS] vaddr [CYL] nnn */
static int define_tdisk(struct vmblok *vm, const char *type, struct args *args)
{
	struct error err = { 0, "" };
	struct virtual_device *v;
	const char *word;
	uint32_t cylinders;
	uint16_t vaddr;
	char text[8];

	if (!as_free_vaddr(vm, args, &vaddr))
		return cp_error(vm, "DEF", 22);
	v = vdevice_find(vm, vaddr);
	if (v)
		return already(vm, v);
	word = args_word(args);
	if (word && strcmp(word, "CYL") == 0)
		word = args_word(args);
	if (!word || !args_decimal(word, 65535, &cylinders) || cylinders == 0)
		return cp_error(vm, "DEF", 24);
	if (!minidisk_temporary(vm, vaddr, type, cylinders, &err)) {
		log_warn(vm->userid, "%03X: %s", vaddr, err.text);
		snprintf(text, sizeof(text), "%03X", vaddr);
		return cp_error(vm, "DEF", 91, text);
	}
	if (vm->set & SET_IMSG)
		vm_say(vm, "DASD %03X DEFINED %03u CYL", vaddr, cylinders);
	return 0;
}

/* A disk keeps its volume while it gets its new address. */
static struct virtual_device *move_disk(struct vmblok *vm, struct virtual_device *v,
					uint16_t vaddr)
{
	struct minidisk disk = *v->disk;
	struct error err = { 0, "" };
	char type[9];

	snprintf(type, sizeof(type), "%s", v->type);
	if (!sysvolume_get(disk.volume, &err))
		return NULL;
	vdevice_detach(vm, v);
	v = vdevice_attach_disk(vm, vaddr, type, &disk, &err);
	if (!v)
		log_error(vm->userid, "%03X: %s", vaddr, err.text);
	return v;
}

/* The tape stays where it stands. */
static struct virtual_device *move_tape(struct vmblok *vm, struct virtual_device *v,
					uint16_t vaddr)
{
	struct error err = { 0, "" };

	if (vdevice_move_tape(vm, v, vaddr, &err))
		return v;
	log_error(vm->userid, "%03X: %s", v->vaddr, err.text);
	return NULL;
}

/* The call ends; the port is opened again. */
static struct virtual_device *move_line(struct vmblok *vm, struct virtual_device *v,
					uint16_t vaddr)
{
	struct sysline *line = v->real_line;
	struct error err = { 0, "" };

	vdevice_detach(vm, v);
	v = vdevice_attach_line(vm, vaddr, line, &err);
	if (!v)
		log_error(vm->userid, "%03X: %s", vaddr, err.text);
	return v;
}

/* vaddr1 AS vaddr2: a device gets another address; its open output is closed. */
static int define_again(struct vmblok *vm, struct virtual_device *v, struct args *args)
{
	struct directory_entry e = { .class = v->ur ? v->ur->opt.class : v->class };
	struct virtual_device *there;

	if (!as_free_vaddr(vm, args, &e.vaddr))
		return cp_error(vm, "DEF", 22);
	there = vdevice_find(vm, e.vaddr);
	if (there)
		return already(vm, there);
	snprintf(e.type, sizeof(e.type), "%s", v->type);
	snprintf(e.option, sizeof(e.option), "%s", v->option);
	if (v->disk) {
		v = move_disk(vm, v, e.vaddr);
	} else if (v->tape) {
		v = move_tape(vm, v, e.vaddr);
	} else if (v->real_line) {
		v = move_line(vm, v, e.vaddr);
	} else {
		vdevice_detach(vm, v);
		v = vdevice_attach(vm, &e);
	}
	if (v && (vm->set & SET_IMSG))
		vm_say(vm, "%s %03X DEFINED", vdevice_word(v), v->vaddr);
	return v ? 0 : 95;
}

static int define_storage(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	struct error err = { 0, "" };
	uint32_t bytes;

	if (word && strcmp(word, "AS") == 0)
		word = args_word(args);
	bytes = word ? directory_storage_size(word) : 0;
	if (!bytes)
		return cp_error(vm, "DEF", 25);
	if (bytes > vm->user->max_storage)
		return cp_error(vm, "DEF", 94);
	if (bytes != vm->storage && !vm_resize(vm, bytes, &err)) {
		vm_say(vm, "%s", err.text);
		return 25;
	}
	vm_say(vm, "STORAGE = %05uK", bytes / 1024);
	if (!vm->in_cp)
		vm_enter_cp(vm);
	return 0;
}

/* CHANNELS [AS] SEL|BMX: the machine is reset. */
static int define_channels(struct vmblok *vm, struct args *args)
{
	const struct machine_request reset = { .kind = MACHINE_RESET };
	const char *word = args_word(args);

	if (word && strcmp(word, "AS") == 0)
		word = args_word(args);
	if (!word)
		return cp_error(vm, "DEF", 26);
	if (strcmp(word, "SEL") != 0 && strcmp(word, "BMX") != 0)
		return cp_error(vm, "DEF", 3, word);
	vm->bmx = word[0] == 'B';
	vconsole_reset(vm);
	vmcf_reset(vm);
	iucv_reset(vm);
	machine_post(vm->machine, &reset);
	vm_set_channels(vm);
	vm_say(vm, "CHANNELS = %s", word);
	if (!vm->in_cp)
		vm_enter_cp(vm);
	return 0;
}

int cmd_define(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	struct virtual_device *v;
	uint16_t vaddr;

	if (!word)
		return cp_error(vm, "DEF", 26);
	if (abbreviates(word, "STORAGE", 4))
		return define_storage(vm, args);
	if (abbreviates(word, "CHANNELS", 4))
		return define_channels(vm, args);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (abbreviates(word, types[i].name, types[i].min))
			return define_new(vm, types[i].type, args);
	for (size_t i = 0; i < ARRAY_SIZE(tdisks); i++)
		if (strcmp(word, tdisks[i]) == 0)
			return define_tdisk(vm, tdisks[i] + 1, args);
	if (!args_vaddr(word, &vaddr))
		return cp_error(vm, "DEF", 3, word);
	v = vdevice_find(vm, vaddr);
	return v ? define_again(vm, v, args) : no_device(vm, "DEF", vaddr);
}

/* ---- DETACH */

/* vaddr-vaddr: all that are there, at least one. */
static int detach_range(struct vmblok *vm, const char *word, const char *dash, bool say)
{
	uint16_t first, last;
	unsigned n = 0;
	char text[8];

	snprintf(text, sizeof(text), "%.*s", (int)(dash - word), word);
	if (!args_vaddr(text, &first) || !args_vaddr(dash + 1, &last) || last < first)
		return cp_error(vm, "VDD", 22);
	for (unsigned a = first; a <= last; a++) {
		struct virtual_device *v = vdevice_find(vm, (uint16_t)a);

		if (v) {
			real_tell_detached(vm, v);
			vdevice_detach(vm, v);
			n++;
		}
	}
	if (!n)
		return no_device(vm, "VDD", first);
	if (say)
		vm_say(vm, "%s DETACHED", word);
	return 0;
}

static int detach_one(struct vmblok *vm, const char *word, bool say)
{
	const char *dash = strchr(word, '-');
	struct virtual_device *v;
	uint16_t vaddr;
	char kind[8];

	if (dash && dash - word <= 3)
		return detach_range(vm, word, dash, say);
	if (!args_vaddr(word, &vaddr))
		return cp_error(vm, "VDD", 22);
	v = vdevice_find(vm, vaddr);
	if (!v)
		return no_device(vm, "VDD", vaddr);
	snprintf(kind, sizeof(kind), "%s", vdevice_word(v));
	real_tell_detached(vm, v);
	vdevice_detach(vm, v);
	if (say)
		vm_say(vm, "%s %03X DETACHED", kind, vaddr);
	return 0;
}

/* Will there be a message? */
static bool cannot_detach(struct vmblok *vm, const char *word)
{
	uint16_t vaddr;

	return !strchr(word, '-') && !(args_vaddr(word, &vaddr) && vdevice_find(vm, vaddr));
}

/* What is gone is said before the message that ends the command. */
static void tell_several(struct vmblok *vm, char *done)
{
	if (done[0] && (vm->set & SET_IMSG))
		vm_say(vm, "%sDETACHED", done);
	done[0] = '\0';
}

int cmd_detach(struct vmblok *vm, struct args *args)
{
	const char *word;
	bool several;
	char done[CP_LINE_MAX + 1] = "";
	int rc = 0;

	if (real_is_detach(vm, args))
		return real_detach(vm, args);
	word = args_word(args);
	several = word && args_peek(args);
	if (!word)
		return cp_error(vm, "VDD", 22);
	for (; word && !rc; word = args_word(args)) {
		size_t used;

		if (several && cannot_detach(vm, word))
			tell_several(vm, done);
		used = strlen(done);
		rc = detach_one(vm, word, !several && (vm->set & SET_IMSG));
		if (!rc)
			snprintf(done + used, sizeof(done) - used, "%s ", word);
	}
	if (several)
		tell_several(vm, done);
	return rc;
}
