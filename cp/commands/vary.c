/*
 * VARY of volumes; ENABLE and DISABLE of the terminals' way in. GC20-1806.
 *
 * DIFFERS: terminals have no addresses before they connect, so ENABLE and DISABLE
 * know only ALL. A disabled system takes no new terminals; who is there stays.
 */
#include <stdio.h>
#include <string.h>

#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/message.h"
#include "cp/output.h"
#include "cp/sysvolume.h"
#include "cp/vmblok.h"

/* ---- VARY */

/* Nobody may use what goes offline. */
static int vary_volume(struct vmblok *vm, struct sysvolume *v, bool online)
{
	char raddr[8], users[8];

	snprintf(raddr, sizeof(raddr), "%03X", v->raddr);
	snprintf(users, sizeof(users), "%03u", v->users);
	if (!online && v->dedicated)
		return cp_error(vm, "CPS", 140, "DASD", raddr, v->dedicated->userid);
	if (!online && v->users)
		return cp_error(vm, "CPS", 124, raddr, users);
	v->offline = !online;
	return 0;
}

static int vary_one(struct vmblok *vm, uint16_t raddr, bool online)
{
	struct sysvolume *v = sysvolume_at(vm->cp->volumes, raddr);
	const struct output_device *d = output_find(vm->cp->output, raddr);
	char text[8];

	snprintf(text, sizeof(text), "%03X", raddr);
	if (v)
		return vary_volume(vm, v, online);
	if (d)
		return cp_error(vm, "CPS", 143, output_word(d), text);
	return cp_error(vm, "CPS", 40, text);
}

/* raddr or raddr-raddr; of a range those that are there, at least one. */
static int vary_word(struct vmblok *vm, const char *word, bool online)
{
	const char *dash = strchr(word, '-');
	uint16_t first, last;
	unsigned n = 0;
	char text[8];
	int rc;

	snprintf(text, sizeof(text), "%.*s", dash ? (int)(dash - word) : 7, word);
	if (!args_vaddr(text, &first) || (dash && !args_vaddr(dash + 1, &last)))
		return cp_error(vm, "CPS", 21, word);
	if (!dash)
		return vary_one(vm, first, online);
	if (last <= first)
		return cp_error(vm, "CPS", 21, word);
	for (unsigned a = first; a <= last; a++) {
		if (!sysvolume_at(vm->cp->volumes, (uint16_t)a))
			continue;
		rc = vary_one(vm, (uint16_t)a, online);
		if (rc)
			return rc;
		n++;
	}
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

static int no_line(struct vmblok *vm, const char *word)
{
	char text[8];
	uint16_t raddr;

	if (!args_vaddr(word, &raddr))
		return cp_error(vm, "CPV", 21, word);
	snprintf(text, sizeof(text), "%03X", raddr);
	return cp_error(vm, "CPV", 40, text);
}

static int enable(struct vmblok *vm, struct args *args, bool on)
{
	const char *word = args_word(args);

	if (!word)
		return cp_error(vm, "CPV", 26);
	if (strcmp(word, "ALL") != 0)
		return no_line(vm, word);
	if (args_peek(args))
		return cp_error(vm, "CPV", 3, args_peek(args));
	vm->cp->disabled = !on;
	vm_say(vm, "COMMAND COMPLETE");
	return 0;
}

int cmd_enable(struct vmblok *vm, struct args *args)
{
	return enable(vm, args, true);
}

int cmd_disable(struct vmblok *vm, struct args *args)
{
	return enable(vm, args, false);
}
