/*
 * ACNT: cut accounting records of users who are logged on. Class A; GC20-1806.
 */
#include <string.h>

#include "cp/accounting.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/message.h"
#include "cp/times.h"
#include "cp/vmblok.h"

static void cut(struct vmblok *vm)
{
	struct machine_request req = { .kind = MACHINE_QUERY };
	char connect[CP_DATE_SIZE], cpu[CP_DATE_SIZE];

	if ((vm->set & SET_ACNT) && vm_call(vm, &req)) {
		times_cpu(cpu, req.cpu_ns);
		times_connect(connect, clock_tod(&vm->cp->clock.clock) - vm->logon_tod);
		vm_tell(vm, 0, "CONNECT= %s VIRTCPU= %s TOTCPU= %s", connect, cpu, cpu);
	}
	accounting_user(vm);
}

static void cut_all(struct cp *cp)
{
	for (struct vmblok *vm = cp->vms; vm; vm = vm->next)
		if (vm->logged_on && !vm->leaving)
			cut(vm);
}

int cmd_acnt(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);

	if (!word)
		return cp_error(vm, "CPV", 20);
	for (; word; word = args_word(args)) {
		struct vmblok *user;

		if (strcmp(word, "ALL") == 0) {
			cut_all(vm->cp);
			continue;
		}
		if (strlen(word) > CP_USERID_MAX)
			return cp_error(vm, "CPV", 7, word);
		user = vm_find(vm->cp, word);
		if (!user)
			return cp_error(vm, "CPV", 45, word);
		cut(user);
	}
	vm_say(vm, "COMMAND COMPLETE");
	return 0;
}
