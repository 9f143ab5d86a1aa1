#include "cp/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"

#include "cp/message.h"
#include "cp/trace.h"
#include "cp/vmblok.h"

/* The first row that word abbreviates, whatever its class. */
static const struct cp_command *find(const char *word, bool logged_on)
{
	const struct cp_command *c = cp_commands;
	enum command_when now = logged_on ? LOGGED_ON : BEFORE_LOGON;

	while (c->name && !((c->when & now) && abbreviates(word, c->name, c->min)))
		c++;
	return c->name ? c : NULL;
}

static int unknown(struct vmblok *vm, const char *word, bool from_guest)
{
	if (from_guest)
		return 1;
	if (!vm->logged_on) {
		vm_say(vm, "restart");
		return 1;
	}
	cp_error(vm, "CFC", 1, word);
	return 1;
}

/* ---- commands that want the machine to stand */

/* One that waits until the machine does. */
struct deferred {
	struct deferred *next;
	char line[CP_LINE_MAX + 1];
};

/*
 * Does the machine stand? To call one that runs for a reset would have the CP
 * thread wait for the end of its instruction, which may be a DIAGNOSE that waits
 * for the CP thread.
 */
static bool machine_stands(struct vmblok *vm)
{
	struct machine_request req = { .kind = MACHINE_QUERY };

	return !vm->machine || !vm_call(vm, &req) ||
	       (req.state != MACHINE_RUNNING && req.state != MACHINE_WAITING);
}

static int execute(struct vmblok *vm, const char *line, bool from_guest, bool its_turn);

void command_machine_stopped(struct vmblok *vm)
{
	const struct machine_request start = { .kind = MACHINE_START };

	while (vm->deferred && !vm->leaving && machine_stands(vm)) {
		struct deferred *d = vm->deferred;

		vm->deferred = d->next;
		vm->settled = false;
		(void)execute(vm, d->line, false, true);
		if (!vm->settled && vm->machine && (!vm->in_cp || (vm->set & SET_RUN)))
			machine_post(vm->machine, &start);
		free(d);
	}
}

void command_forget(struct vmblok *vm)
{
	while (vm->deferred) {
		struct deferred *d = vm->deferred;

		vm->deferred = d->next;
		free(d);
	}
}

/*
 * Stop the machine; the answer to that executes the command.
 * DIFFERS: a guest that asked by DIAGNOSE sees return code 0; what is wrong is said
 * on the terminal.
 */
static int defer(struct vmblok *vm, const char *line)
{
	const struct machine_request stop = { .kind = MACHINE_STOP };
	struct deferred *d = calloc(1, sizeof(*d)), **end = &vm->deferred;

	if (!d)
		BUG("no memory for a command");
	snprintf(d->line, sizeof(d->line), "%s", line);
	while (*end)
		end = &(*end)->next;
	*end = d;
	machine_post(vm->machine, &stop);
	trace_release(vm);
	return 0;
}

/* Those that wait keep their order: one behind them waits too, though it need not. */
static int execute(struct vmblok *vm, const char *line, bool from_guest, bool its_turn)
{
	const struct cp_command *c;
	const char *word;
	struct args args;

	args_init(&args, line);
	word = args_word(&args);
	if (word && args_peek(&args) && abbreviates(word, "CP", 2))
		word = args_word(&args); /* CP is an optional prefix */
	if (!word || word[0] == '*')
		return 0;
	c = find(word, vm->logged_on);
	/* A command of another class is answered exactly like an unknown one. */
	if (!c || strlen(word) > 8 || (c->classes != CLASS_ANY && !(c->classes & vm->classes)))
		return unknown(vm, word, from_guest);
	if ((c->when & BETWEEN) &&
	    (from_guest || (vm->deferred && !its_turn) || !machine_stands(vm)))
		return defer(vm, line);
	vm->by_guest = from_guest;
	trace_flush(vm);
	return c->execute(vm, &args);
}

int command_execute(struct vmblok *vm, const char *line, bool from_guest)
{
	return execute(vm, line, from_guest, false);
}

int command_execute_lines(struct vmblok *vm, const char *text, char separator, bool from_guest)
{
	int rc = 0;

	while (*text) {
		char line[CP_LINE_MAX + 1];
		const char *end = separator ? strchr(text, separator) : NULL;
		size_t n = end ? (size_t)(end - text) : strlen(text);
		int one;

		snprintf(line, sizeof(line), "%.*s", (int)n, text);
		one = command_execute(vm, line, from_guest);
		if (one)
			rc = one;
		text += n + (end != NULL);
	}
	return rc;
}
