/*
 * LINK, QUERY LINKS and SAVESYS. GC20-1820; SAVESYS: GC20-1807, Saved Systems.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/directory.h"
#include "cp/link.h"
#include "cp/message.h"
#include "cp/minidisk.h"
#include "cp/savesys.h"
#include "cp/segment.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"

/* The next word, behind one that may be left out. */
static const char *word_behind(struct args *args, const char *noise)
{
	const char *word = args_word(args);

	return word && strcmp(word, noise) == 0 ? args_word(args) : word;
}

/* [mode] [[PASS=] password] */
static void mode_and_password(struct args *args, struct link_wanted *w)
{
	const char *word = args_word(args);

	if (word && link_mode_of(word, &w->mode)) {
		w->mode_given = true;
		word = args_word(args);
	}
	if (word && strcmp(word, "PASS=") == 0)
		word = args_word(args);
	if (word)
		snprintf(w->password, sizeof(w->password), "%s", word);
}

int cmd_link(struct vmblok *vm, struct args *args)
{
	struct link_wanted w = { .by_guest = vm->by_guest };
	char vaddr[8];
	const char *owner = word_behind(args, "TO"), *word;

	if (!owner || strlen(owner) > CP_USERID_MAX)
		return cp_error(vm, "LNK", 20);
	snprintf(w.owner, sizeof(w.owner), "%s", strcmp(owner, "*") ? owner : vm->userid);
	if (!directory_find(vm->cp->directory, w.owner))
		return cp_error(vm, "LNK", 53, w.owner);
	word = args_word(args);
	if (!word || !args_vaddr(word, &w.vaddr1))
		return cp_error(vm, "LNK", 22);
	word = word_behind(args, "AS");
	if (!word || !args_vaddr(word, &w.vaddr2) || !vdevice_address_ok(vm, w.vaddr2))
		return cp_error(vm, "LNK", 22);
	mode_and_password(args, &w);
	if (w.password[0] && command_suppresses_password(vm)) {
		snprintf(vaddr, sizeof(vaddr), "%03X", w.vaddr1);
		return cp_error(vm, "LNK", 118, w.owner, vaddr);
	}
	return link_minidisk(vm, &w);
}

/* ---- QUERY LINKS */

struct link_lines {
	struct vmblok *vm;
	char text[80];
	unsigned n; /* on this line */
};

static void flush_links(struct link_lines *l, const char *comma)
{
	if (l->n)
		vm_say(l->vm, "%s%s", l->text, comma);
	l->n = 0;
	l->text[0] = '\0';
}

static void add_link(struct link_lines *l, const struct vmblok *who,
		     const struct virtual_device *v)
{
	size_t used;

	if (l->n == 4)
		flush_links(l, ",");
	used = strlen(l->text);
	snprintf(l->text + used, sizeof(l->text) - used, "%s%-8s %03X %s", l->n ? ", " : "",
		 who->userid, v->vaddr, v->disk->read_only ? "R/O" : "R/W");
	l->n++;
}

int query_links(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	struct link_lines lines = { .vm = vm };
	const struct virtual_device *mine;
	uint16_t vaddr;

	if (!word || !args_vaddr(word, &vaddr))
		return cp_error(vm, "CQG", 22);
	mine = vdevice_find(vm, vaddr);
	if (!mine)
		return cp_error(vm, "CQG", 40, word);
	if (!mine->disk)
		return cp_error(vm, "CQP", 6, word);
	for (const struct vmblok *u = vm->cp->vms; u; u = u->next)
		for (const struct virtual_device *v = u->devices; v; v = v->next)
			if (v->disk && v->disk->volume == mine->disk->volume &&
			    v->disk->start == mine->disk->start)
				add_link(&lines, u, v);
	flush_links(&lines, "");
	return 0;
}

/* ---- SAVESYS */

static bool fetch_pages(struct vmblok *vm, const struct system_range *r, uint8_t *pages)
{
	struct machine_request req = { .kind = MACHINE_FETCH, .space = SPACE_ABSOLUTE,
				       .address = r->first * SYSTEM_PAGE, .data = pages,
				       .length = (size_t)r->count * SYSTEM_PAGE };

	return vm_call(vm, &req);
}

static bool fetch_keys(struct vmblok *vm, const struct system_range *r, uint8_t *keys)
{
	for (uint32_t n = 0; n < 2 * r->count; n++) {
		struct machine_request req = { .kind = MACHINE_KEY };

		req.address = r->first * SYSTEM_PAGE + n * SYSTEM_PAGE / 2;
		if (!vm_call(vm, &req))
			return false;
		keys[n] = (uint8_t)req.value;
	}
	return true;
}

static bool fetch_registers(struct vmblok *vm, struct system_registers *r)
{
	struct machine_request req = { .kind = MACHINE_REGISTERS };

	if (!vm_call(vm, &req))
		return false;
	r->psw = req.registers.psw;
	memcpy(r->gr, req.registers.gr, sizeof(r->gr));
	memcpy(r->cr, req.registers.cr, sizeof(r->cr));
	memcpy(r->fpr, req.registers.fpr, sizeof(r->fpr));
	return true;
}

static bool fetch_all(struct vmblok *vm, const struct system_layout *l,
		      struct system_registers *registers, uint8_t *pages, uint8_t *keys)
{
	for (unsigned i = 0; i < l->ranges; i++) {
		if (!fetch_pages(vm, &l->range[i], pages) ||
		    !fetch_keys(vm, &l->range[i], keys))
			return false;
		pages += (size_t)l->range[i].count * SYSTEM_PAGE;
		keys += 2 * (size_t)l->range[i].count;
	}
	return fetch_registers(vm, registers);
}

static int save(struct vmblok *vm, const struct system_layout *l)
{
	struct system_registers registers;
	struct error err = { 0, "" };
	uint8_t *pages, *keys;
	uint32_t count = 0;
	bool ok;
	int rc = 0;

	for (unsigned i = 0; i < l->ranges; i++)
		count += l->range[i].count;
	pages = malloc((size_t)count * SYSTEM_PAGE);
	keys = malloc(2 * (size_t)count);
	if (!pages || !keys)
		BUG("no memory for SAVESYS");
	ok = fetch_all(vm, l, &registers, pages, keys);
	if (!ok)
		rc = cp_error(vm, "CFH", 300);
	else if (!system_save(vm->cp->systems, l, &registers, pages, keys, &err)) {
		log_error(vm->userid, "SAVESYS %s: %s", l->name, err.text);
		rc = cp_error(vm, "CFH", 435);
	} else {
		vm_say(vm, "SYSTEM SAVED");
	}
	free(pages);
	free(keys);
	return rc;
}

int cmd_savesys(struct vmblok *vm, struct args *args)
{
	struct machine_request stop = { .kind = MACHINE_STOP };
	const char *name = args_word(args);
	struct system_layout layout;

	if (!name)
		return cp_error(vm, "CFH", 26);
	if (strlen(name) > 8 || !system_layout(vm->cp->systems, name, &layout))
		return cp_error(vm, "CFH", 44, name);
	/* What is saved must not change meanwhile. */
	if (!vm_call(vm, &stop))
		return cp_error(vm, "CFH", 300);
	if (vm->in_cp)
		return save(vm, &layout);
	{
		int rc = save(vm, &layout);

		vm_begin(vm);
		return rc;
	}
}
