/*
 * SHUTDOWN (GC20-1806), DIRECT, HELP.
 */
#include <string.h>

#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/message.h"
#include "cp/vmblok.h"

int cmd_shutdown(struct vmblok *vm, struct args *args)
{
	if (args_peek(args))
		return cp_error(vm, "CPS", 3, args_word(args));
	cp_error(vm, "CKP", 960);
	cp_error(vm, "CKP", 961);
	cp_shutdown(vm->cp);
	return 0;
}

/*
 * Under VM/370 DIRECT is a program of MAINT's; here the directory source is a
 * file of the host, and this reads it anew.
 */
static void say_complaint(void *arg, const char *sentence)
{
	vm_say(arg, "%s", sentence);
}

int cmd_direct(struct vmblok *vm, struct args *args)
{
	(void)args;
	if (!cp_reload_directory(vm->cp, say_complaint, vm)) {
		vm_say(vm, "EOJ DIRECTORY NOT UPDATED");
		return 2;
	}
	vm_say(vm, "EOJ DIRECTORY UPDATED AND ON LINE");
	return 0;
}

static bool may(const struct vmblok *vm, const struct cp_command *c)
{
	return (c->when & (vm->logged_on ? LOGGED_ON : BEFORE_LOGON)) && c->synopsis &&
	       (c->classes == CLASS_ANY || (c->classes & vm->classes));
}

int cmd_help(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	bool found = false;

	if (!word)
		vm_say(vm, "HELP command SHOWS ONE. AT MORE... PA2 OR CLEAR GOES ON.");
	for (const struct cp_command *c = cp_commands; c->name; c++)
		if (may(vm, c) && (!word || abbreviates(word, c->name, 1))) {
			vm_say(vm, "%s", c->synopsis);
			found = true;
		}
	return found ? 0 : cp_error(vm, "CFC", 1, word);
}
