/*
 * VARY of volumes, tape drives and lines; ENABLE and DISABLE of lines and the terminals'
 * way in. GC20-1806.
 *
 * DIFFERS: terminals of the system's own ports have no addresses before they connect, so
 * for them there is only ALL. A disabled system takes no new terminals; who is there
 * stays.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/commands/real.h"
#include "cp/lineport.h"
#include "cp/message.h"
#include "cp/output.h"
#include "cp/sysline.h"
#include "cp/systape.h"
#include "cp/sysvolume.h"
#include "cp/vmblok.h"

/* ---- VARY */

/* Nobody may use what goes offline. */
static int vary_device(struct vmblok *vm, const struct real *r, bool online)
{
	const struct vmblok *user = real_user(r, NULL);
	char users[12];

	if (!online && user)
		return cp_error(vm, "CPS", 140, r->word, r->text, user->userid);
	if (!online && r->drive && r->drive->system)
		return cp_error(vm, "CPS", 143, r->word, r->text);
	if (!online && r->line && r->line->port)
		return cp_error(vm, "CPS", 49, r->word, r->text);
	if (!online && r->volume && r->volume->users) {
		snprintf(users, sizeof(users), "%03u", r->volume->users);
		return cp_error(vm, "CPS", 124, r->text, users);
	}
	if (r->drive)
		r->drive->offline = !online;
	else if (r->line)
		r->line->offline = !online;
	else
		r->volume->offline = !online;
	return online && !real_online(r) ? cp_error(vm, "CPS", 40, r->text) : 0;
}

static int vary_one(struct vmblok *vm, uint16_t raddr, bool online)
{
	const struct output_device *d = output_find(vm->cp->output, raddr);
	struct real r;

	if (real_at(vm, raddr, &r))
		return vary_device(vm, &r, online);
	if (d)
		return cp_error(vm, "CPS", 143, output_word(d), r.text);
	return cp_error(vm, "CPS", 40, r.text);
}

/* raddr or raddr-raddr; of a range those that are there, at least one. */
static int vary_word(struct vmblok *vm, const char *word, bool online)
{
	uint16_t first, last;
	struct real r;
	unsigned n = 0;
	char text[8];

	if (!real_range(word, &first, &last))
		return cp_error(vm, "CPS", 21, word);
	if (first == last)
		return vary_one(vm, first, online);
	for (unsigned a = first; a <= last; a++) {
		int rc;

		if (!real_at(vm, (uint16_t)a, &r))
			continue;
		rc = vary_device(vm, &r, online);
		if (rc)
			return rc;
		n++;
	}
	snprintf(text, sizeof(text), "%03X", first);
	return n ? 0 : cp_error(vm, "CPS", 40, text);
}

int cmd_vary(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	char done[CP_LINE_MAX + 1] = "";
	bool online;
	int rc = 0;

	if (!word)
		return cp_error(vm, "CPS", 26);
	online = abbreviates(word, "ONLINE", 2);
	if (!online && !abbreviates(word, "OFFLINE", 2))
		return cp_error(vm, "CPS", 3, word);
	word = args_word(args);
	if (!word)
		return cp_error(vm, "CPS", 21, "");
	if (strchr(word, '-') && args_peek(args))
		return cp_error(vm, "CPS", 26);
	if (online)
		syslines_read(vm->cp->lines);
	for (; word && !rc; word = args_word(args)) {
		size_t used = strlen(done);

		rc = vary_word(vm, word, online);
		if (!rc)
			snprintf(done + used, sizeof(done) - used, "%s ", word);
	}
	if (done[0])
		vm_say(vm, "%sVARIED %s", done, online ? " ONLINE" : "OFFLINE");
	return rc;
}

/* ---- ENABLE, DISABLE */

static int not_a_terminal(struct vmblok *vm, uint16_t raddr)
{
	struct real r;

	if (real_at(vm, raddr, &r) || output_find(vm->cp->output, raddr))
		return cp_error(vm, "CPV", 6, r.text);
	return cp_error(vm, "CPV", 40, r.text);
}

static int not_opened(struct vmblok *vm, const struct real *r)
{
	struct error err = { 0, "" };

	if (lineport_enable(vm->cp, r->line, &err))
		return 0;
	log_error("lines", "%s: %s", r->text, err.text);
	return cp_error(vm, "CPV", 46, r->word, r->text);
}

static int enable_word(struct vmblok *vm, const char *word, bool on)
{
	uint16_t raddr;
	struct real r;

	if (!args_vaddr(word, &raddr))
		return cp_error(vm, "CPV", 21, word);
	if (!real_at(vm, raddr, &r) || !r.line || !lineport_possible(r.line))
		return not_a_terminal(vm, raddr);
	if (r.line->user)
		return cp_error(vm, "CPV", 140, r.word, r.text, r.line->user->userid);
	if (!real_online(&r))
		return cp_error(vm, "CPV", 46, r.word, r.text);
	if (on)
		return not_opened(vm, &r);
	lineport_disable(vm->cp, r.line);
	return 0;
}

/* The terminals' ports, and all lines that terminals can call and nobody has. */
static void enable_all(struct vmblok *vm, bool on)
{
	struct error err = { 0, "" };

	vm->cp->disabled = !on;
	for (struct sysline *l = syslines_first(vm->cp->lines); l; l = l->next) {
		if (!on)
			lineport_disable(vm->cp, l);
		else if (!l->user && sysline_online(l) && lineport_possible(l) &&
			 !lineport_enable(vm->cp, l, &err))
			log_error("lines", "%03X: %s", l->raddr, err.text);
	}
}

static int enable(struct vmblok *vm, struct args *args, bool on)
{
	const char *word = args_word(args);
	int rc = 0;

	if (!word)
		return cp_error(vm, "CPV", 26);
	if (strcmp(word, "ALL") == 0) {
		if (args_peek(args))
			return cp_error(vm, "CPV", 3, args_peek(args));
		enable_all(vm, on);
	} else {
		for (; word && !rc; word = args_word(args))
			rc = enable_word(vm, word, on);
	}
	if (!rc)
		vm_say(vm, "COMMAND COMPLETE");
	return rc;
}

int cmd_enable(struct vmblok *vm, struct args *args)
{
	return enable(vm, args, true);
}

int cmd_disable(struct vmblok *vm, struct args *args)
{
	return enable(vm, args, false);
}
