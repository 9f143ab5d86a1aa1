/*
 * SET and QUERY of what depends on the processor CP runs on: ASSIST, SASSIST, CPASSIST,
 * AFFINITY, NOTRANS, CPUID; and SET JOURNAL, QUERY PAGING. GC20-1806 and GC20-1820.
 *
 * There is no VM/370 assist, no attached processor and no virtual=real area, and these
 * commands say so as they do on a processor that has none.
 */
#include <stdio.h>
#include <string.h>

#include "cp/accounting.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/load.h"
#include "cp/message.h"
#include "cp/vmblok.h"

static int missing(struct vmblok *vm, const char *module)
{
	return cp_error(vm, module, 26);
}

int set_assist(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);

	if (!word)
		return missing(vm, "CFS");
	for (; word; word = args_word(args)) {
		if (strcmp(word, "ON") == 0 || strcmp(word, "SVC") == 0)
			return cp_error(vm, "CFS", 184);
		if (strcmp(word, "TMR") == 0)
			return cp_error(vm, "CFS", 187);
		if (strcmp(word, "OFF") != 0 && strcmp(word, "NOSVC") != 0 &&
		    strcmp(word, "NOTMR") != 0)
			return cp_error(vm, "CFS", 3, word);
	}
	return 0;
}

static int no_assist(struct vmblok *vm, struct args *args, int number)
{
	const char *word = args_word(args);

	if (!word)
		return missing(vm, "CFO");
	if (strcmp(word, "OFF") == 0)
		return 0;
	if (strcmp(word, "ON") != 0)
		return cp_error(vm, "CFO", 3, word);
	return cp_error(vm, "CFO", number);
}

int set_sassist(struct vmblok *vm, struct args *args)
{
	return no_assist(vm, args, 184);
}

int set_cpassist(struct vmblok *vm, struct args *args)
{
	return no_assist(vm, args, 186);
}

int set_affinity(struct vmblok *vm, struct args *args)
{
	return args_word(args) ? cp_error(vm, "CFS", 189) : missing(vm, "CFS");
}

/* For the machine in the virtual=real area, which is nobody. */
int set_notrans(struct vmblok *vm, struct args *args)
{
	(void)args;
	return cp_error(vm, "CFS", 3, "NOTRANS");
}

/* The serial number that STIDP stores from now on: 1 to 6 hexadecimal digits. */
int set_cpuid(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	struct machine_request req = { .kind = MACHINE_CPUID };
	uint64_t serial;

	if (!word || !args_hex(word, 6, &serial))
		return missing(vm, "CFS");
	vm->serial = (uint32_t)serial;
	req.count = vm_cpuid(vm);
	vm_do(vm, &req);
	return 0;
}

int set_journal(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);

	if (!word)
		return missing(vm, "CFO");
	if (strcmp(word, "ON") != 0 && strcmp(word, "OFF") != 0)
		return cp_error(vm, "CFO", 3, word);
	vm->cp->no_journal = word[1] == 'F';
	accounting_set_journal(vm->cp->accounting, !vm->cp->no_journal);
	return 0;
}

/* ---- QUERY */

int query_sassist(struct vmblok *vm, struct args *args)
{
	(void)args;
	vm_say(vm, "SASSIST OFF");
	return 0;
}

int query_cpassist(struct vmblok *vm, struct args *args)
{
	(void)args;
	vm_say(vm, "CPASSIST OFF");
	return 0;
}

int query_journal(struct vmblok *vm, struct args *args)
{
	const char *on = vm->cp->no_journal ? "OFF" : "ON ";

	(void)args;
	vm_say(vm, "JOURNAL LOGON %s LINK %s", on, vm->cp->no_journal ? "OFF" : "ON");
	return 0;
}

/* The host pages; RATE is what it had to read for us lately. */
int query_paging(struct vmblok *vm, struct args *args)
{
	struct load now;

	(void)args;
	load_now(vm->cp->load, &now);
	vm_say(vm, "PAGING 00, SET 16, RATE %03u/SEC, INTERVAL= %02u:%02u:%02u",
	       now.faults_per_second, now.interval / 3600, now.interval / 60 % 60,
	       now.interval % 60);
	return 0;
}
