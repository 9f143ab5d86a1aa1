/*
 * INDICATE. GC20-1820 and GC20-1806; the lines are those of VM/370 Release 6, module
 * DMKTHI. Pages are the host's to keep: what it has in memory of a machine's storage is
 * resident, nothing is read or written, and nobody waits for a page or for a disk.
 */
#include <stdio.h>
#include <string.h>

#include "cp/accounting.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/load.h"
#include "cp/message.h"
#include "cp/vmblok.h"

#define PAGE 4096

static int indicate_load(struct vmblok *vm, struct args *args)
{
	struct load now;

	(void)args;
	load_now(vm->cp->load, &now);
	vm_say(vm, "CPU-%03u%%  APU-000%%  Q1-%02u  Q2-%02u  STORAGE-%03u%%  RATIO-01.0", now.cpu,
	       now.q1, now.q2, now.storage);
	return 0;
}

static unsigned resident_pages(struct vmblok *user)
{
	struct machine_request req = { .kind = MACHINE_RESIDENT };

	return vm_call(user, &req) ? (unsigned)(req.count / PAGE) : 0;
}

static void say_user(struct vmblok *vm, struct vmblok *user)
{
	struct accounting_base now = accounting_counters(user);
	unsigned pages = resident_pages(user);
	unsigned seconds = (unsigned)((now.cpu_ns + 500000000) / 1000000000);
	char time[16];

	snprintf(time, sizeof(time), "%03u:%02u", seconds / 60 % 1000, seconds % 60);
	vm_say(vm, "PAGES: RES-%04u WS-%04u READS=000000 WRITES=000000 DISK-0000 DRUM-0000",
	       pages, pages);
	vm_say(vm, "VTIME=%s TTIME=%s SIO=%06u RDR-%06u PRT-%06u PCH-%06u", time, time,
	       (unsigned)(now.io % 1000000), (unsigned)(now.read % 1000000),
	       (unsigned)(now.printed % 1000000), (unsigned)(now.punched % 1000000));
}

static int indicate_user(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	struct vmblok *user = vm;

	if (word && strcmp(word, "*") != 0) {
		if (strlen(word) > CP_USERID_MAX || !(vm->classes & CLASS_E))
			return cp_error(vm, "THI", 3, word);
		user = vm_find(vm->cp, word);
		if (!user)
			return cp_error(vm, "THI", 45, word);
	}
	say_user(vm, user);
	return 0;
}

/* Three entries a line; flush writes what there is. */
static void put_entry(struct vmblok *vm, char *line, unsigned *n, unsigned per_line,
		      const char *entry)
{
	if (entry && (*n)++)
		strcat(line, " ");
	if (entry)
		strcat(line, entry);
	if (*n && (!entry || *n == per_line)) {
		vm_say(vm, "%s", line);
		line[0] = '\0';
		*n = 0;
	}
}

static bool is_machine(const struct vmblok *u)
{
	return u->logged_on && !u->leaving && u->machine;
}

static void queue_entry(char out[32], struct vmblok *u, enum load_state state)
{
	struct machine_request req = { .kind = MACHINE_QUERY };
	unsigned pages = resident_pages(u) % 1000;
	const char *status = "--";

	if (vm_call(u, &req))
		status = req.state == MACHINE_RUNNING ? "RU" : "PS";
	snprintf(out, 32, "%-8s %s %s %03u/%03u", u->userid, state == LOAD_BUSY ? "Q2" : "Q1",
		 status, pages, pages);
}

static int indicate_queues(struct vmblok *vm, struct args *args)
{
	char line[120] = "", entry[32];
	unsigned n = 0, all = 0;

	(void)args;
	for (struct vmblok *u = vm->cp->vms; u; u = u->next) {
		enum load_state state = is_machine(u) ? load_state(u) : LOAD_IDLE;

		if (state == LOAD_IDLE)
			continue;
		queue_entry(entry, u, state);
		put_entry(vm, line, &n, 3, entry);
		all++;
	}
	put_entry(vm, line, &n, 3, NULL);
	if (!all)
		vm_say(vm, "NO USERS IN Q");
	return 0;
}

static int indicate_io(struct vmblok *vm, struct args *args)
{
	(void)args;
	vm_say(vm, "NO USERS IN I/O  WAIT");
	return 0;
}

static int indicate_paging(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	char line[120] = "", entry[32];
	unsigned n = 0;

	if (word && !abbreviates(word, "WAIT", 1) && !abbreviates(word, "ALL", 1))
		return cp_error(vm, "THI", 3, word);
	if (!word || word[0] == 'W') {
		vm_say(vm, "NO USERS IN PAGE WAIT");
		return 0;
	}
	for (struct vmblok *u = vm->cp->vms; u; u = u->next) {
		if (!is_machine(u))
			continue;
		snprintf(entry, sizeof(entry), "%-8s 000:000", u->userid);
		put_entry(vm, line, &n, 4, entry);
	}
	put_entry(vm, line, &n, 4, NULL);
	return 0;
}

int cmd_indicate(struct vmblok *vm, struct args *args)
{
	static const struct {
		const char *name;
		size_t min;
		uint8_t classes;
		int (*indicate)(struct vmblok *vm, struct args *args);
	} rows[] = {
		{ "LOAD", 3, CLASS_E | CLASS_G, indicate_load },
		{ "USER", 3, CLASS_E | CLASS_G, indicate_user },
		{ "QUEUES", 1, CLASS_E, indicate_queues },
		{ "PAGING", 3, CLASS_E, indicate_paging },
		{ "I/O", 1, CLASS_E, indicate_io },
	};
	const char *word = args_word(args);

	if (!word)
		return indicate_load(vm, args);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if ((vm->classes & rows[i].classes) &&
		    abbreviates(word, rows[i].name, rows[i].min))
			return rows[i].indicate(vm, args);
	return cp_error(vm, "THI", 3, word);
}
