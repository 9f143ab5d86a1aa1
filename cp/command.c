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

/* Lines that are being executed. */
struct command_run {
	struct command_run *next; /* of the typed ones */
	struct vmblok *vm;        /* counted */
	struct command_how how;
	char *text;
	const char *rest; /* NULL: no more lines */
	int rc;
	bool begun, waits, waited;
};

/* ---- commands that want the machine to stand */

/* One that waits until the machine does. */
struct deferred {
	struct deferred *next;
	struct command_how how; /* of the lines it was in; .later is NULL where nobody asks */
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

static void execute_deferred(struct vmblok *vm, struct deferred *d)
{
	struct response *before = vm->response;
	int rc;

	vm->response = d->how.response;
	rc = execute(vm, d->line, false, true);
	vm->response = before;
	if (d->how.later)
		d->how.later(d->how.arg, !vm->settled && vm->machine && !vm->leaving, rc);
}

void command_machine_stopped(struct vmblok *vm)
{
	const struct machine_request start = { .kind = MACHINE_START };

	while (vm->deferred && !vm->leaving && machine_stands(vm)) {
		struct deferred *d = vm->deferred;

		vm->deferred = d->next;
		vm->settled = false;
		execute_deferred(vm, d);
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
		if (d->how.later)
			d->how.later(d->how.arg, false, 0);
		free(d);
	}
}

/* Stop the machine; the answer to that executes the command. */
static int defer(struct vmblok *vm, const char *line)
{
	const struct machine_request stop = { .kind = MACHINE_STOP };
	struct deferred *d = calloc(1, sizeof(*d)), **end = &vm->deferred;

	if (!d)
		BUG("no memory for a command");
	snprintf(d->line, sizeof(d->line), "%s", line);
	if (vm->running && vm->running->how.later) {
		d->how = vm->running->how;
		d->how.waits(d->how.arg);
	}
	while (*end)
		end = &(*end)->next;
	*end = d;
	machine_post(vm->machine, &stop);
	trace_release(vm);
	return 0;
}

/* ---- one command */

/* Those that wait keep their order: one behind them waits too, though it need not. */
static int execute(struct vmblok *vm, const char *line, bool from_guest, bool its_turn)
{
	const struct cp_command *c;
	const char *word;
	struct args args;

	args_init(&args, line);
	word = args_word(&args);
	while (word && abbreviates(word, "CP", 2))
		word = args_word(&args); /* CP is an optional prefix, and nothing alone */
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

/* ---- lines of commands */

static void go_through(struct command_run *r);

static void end_typed(struct command_run *r)
{
	struct vmblok *vm = r->vm;

	vm->typed = r->next;
	if (r->waited && !vm->leaving)
		vm_show_status(vm);
	if (vm->typed && !vm->typed->begun)
		go_through(vm->typed);
}

static void end_run(struct command_run *r)
{
	struct vmblok *vm = r->vm;

	if (r->how.done)
		r->how.done(r->how.arg, r->rc);
	if (r->how.typed)
		end_typed(r);
	explicit_bzero(r->text, strlen(r->text)); /* a password, perhaps */
	free(r->text);
	free(r);
	vm_put(vm);
}

/* Execute again(arg), or line, with its answers where they belong. */
static void execute_part(struct command_run *r, const char *line,
			 int (*again)(struct vmblok *vm, void *arg), void *arg)
{
	struct vmblok *vm = r->vm;
	struct command_run *outer = vm->running;
	struct response *before = vm->response;
	int rc;

	vm->running = r;
	vm->response = r->how.response;
	rc = again ? again(vm, arg) : command_execute(vm, line, r->how.from_guest);
	vm->response = before;
	vm->running = outer;
	if (rc == COMMAND_WAITS)
		r->waits = r->waited = true;
	else if (rc)
		r->rc = rc;
}

/* Until one ends the session, or asks for a line that is not a command. */
static void go_through(struct command_run *r)
{
	char line[CP_LINE_MAX + 1];

	r->begun = true;
	while (r->rest && !r->waits && !r->vm->leaving && !(r->how.typed && r->vm->prompt)) {
		if (lineedit_next(&r->how.symbols, &r->rest, line))
			execute_part(r, line, NULL, NULL);
	}
	explicit_bzero(line, sizeof(line));
	if (!r->waits)
		end_run(r);
}

static struct command_run *run_new(struct vmblok *vm, const char *text,
				   const struct command_how *how)
{
	struct command_run *r = calloc(1, sizeof(*r));
	char *copy = strdup(text);

	if (!r || !copy)
		BUG("no memory for a command");
	*r = (struct command_run){ .vm = vm_get(vm), .how = *how, .text = copy, .rest = copy };
	return r;
}

void command_lines(struct vmblok *vm, const char *text, const struct command_how *how)
{
	struct command_run *r = run_new(vm, text, how), **end = &vm->typed;

	if (how->typed) {
		while (*end)
			end = &(*end)->next;
		*end = r;
	}
	if (!how->typed || vm->typed == r)
		go_through(r);
}

int command_wait(struct vmblok *vm, struct command_run **run)
{
	if (!vm->running)
		BUG("a command of CP's own waits");
	*run = vm->running;
	return COMMAND_WAITS;
}

void command_go_on(struct command_run *r, int (*again)(struct vmblok *vm, void *arg),
		   void *arg, int rc)
{
	r->waits = false;
	if (again && !r->vm->leaving)
		execute_part(r, NULL, again, arg);
	else if (!again && rc)
		r->rc = rc;
	go_through(r);
}

bool command_typed_waits(const struct vmblok *vm)
{
	return vm->typed && vm->typed->waits;
}

bool command_suppresses_password(const struct vmblok *vm)
{
	const struct command_run *r = vm->running;

	return vm->cp->suppress_passwords && r &&
	       (r->how.typed || (r->how.from_guest && r->how.no_password));
}
