#include "cp/oppanel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"
#include "consoles/panel.h"
#include "cp/command.h"
#include "cp/datadir.h"
#include "cp/session.h"
#include "cp/vmblok.h"

#define LOG_FILE    "vm370.log"
#define REFRESH_TOD TOD_SECOND /* the machines are asked at most so often */
#define LOOK_NS	    20000000   /* and so long all in all */

/* A machine, and what it said when it was last asked. */
struct looked {
	struct panel_machine row;
	enum machine_state state;
	struct vmblok *vm; /* only while rows are made */
};

struct oppanel {
	struct cp *cp;
	struct panel *panel;      /* NULL: lines */
	int saved_stderr;         /* while the log goes to the file; -1 */
	struct loop_watch *input; /* lines: standard input */
	char line[CP_LINE_MAX + 1];
	size_t length;
	struct looked *rows; /* as they were at fresh */
	size_t count, resume;
	uint64_t fresh;
};

/* ---- commands */

static void execute(struct oppanel *o, const char *line)
{
	struct vmblok *oper = o->cp->oper;

	if (!oper || !line[strspn(line, " ")])
		return;
	vm_get(oper);
	if (oper->prompt)
		session_type(oper, line);
	else
		command_lines(oper, line, &(struct command_how){ .typed = true });
	vm_put(oper);
}

void oppanel_line(struct oppanel *o, const char *line, bool alarm)
{
	if (o->panel) {
		panel_line(o->panel, line, alarm);
		return;
	}
	printf("%s\n", line);
	fflush(stdout);
}

/* ---- lines on standard input */

static void input_byte(struct oppanel *o, char c)
{
	if (c != '\n') {
		if (o->length < CP_LINE_MAX)
			o->line[o->length++] = c;
		return;
	}
	o->line[o->length] = '\0';
	o->length = 0;
	execute(o, o->line);
}

static void input_ready(void *arg, unsigned events)
{
	struct oppanel *o = arg;
	char buffer[512];
	ssize_t n = read(STDIN_FILENO, buffer, sizeof(buffer));

	(void)events;
	if (n <= 0) { /* end of file: nobody types any more */
		loop_unwatch(o->input);
		o->input = NULL;
		return;
	}
	for (ssize_t i = 0; i < n; i++)
		input_byte(o, buffer[i]);
}

/* A file or /dev/null cannot be watched; then there are no typed commands. */
static void watch_input(struct oppanel *o)
{
	struct error err;

	o->input = loop_watch(o->cp->loop, STDIN_FILENO, LOOP_READ, input_ready, o, &err);
}

/* ---- what the panel asks */

static uint64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static const char *state_word(const struct vmblok *vm, enum machine_state state)
{
	static const char *const words[] = {
		[MACHINE_STOPPED] = "STOPPED", [MACHINE_RUNNING] = "RUNNING",
		[MACHINE_WAITING] = "WAITING", [MACHINE_DISABLED_WAIT] = "DISABLED PSW",
		[MACHINE_CHECK_STOP] = "CHECK STOP", [MACHINE_BREAK] = "ADSTOP",
		[MACHINE_LOADING] = "LOADING", [MACHINE_LOOP] = "PROGRAM LOOP",
		[MACHINE_TRACED] = "STOPPED",
	};

	return vm->in_cp && vm->console && state == MACHINE_STOPPED ? "CP READ" : words[state];
}

static void ask(struct looked *l, struct vmblok *vm)
{
	struct machine_request req = { .kind = MACHINE_QUERY };

	l->row.at_ns = monotonic_ns();
	if (!vm_call(vm, &req))
		return;
	l->state = req.state;
	put_be64(l->row.psw, req.psw);
	l->row.instructions = req.icount;
	l->row.io = req.iocount;
	l->row.cpu_us = req.cpu_ns / 1000;
}

/* What is known without the machine. */
static void describe(struct looked *l, const struct vmblok *vm)
{
	char terminal[16];

	snprintf(l->row.userid, sizeof(l->row.userid), "%s", vm->userid);
	snprintf(l->row.state, sizeof(l->row.state), "%s", state_word(vm, l->state));
	snprintf(l->row.terminal, sizeof(l->row.terminal), "%s", vm_terminal(vm, terminal));
	l->row.storage = vm->storage;
}

static const struct looked *find_row(const struct looked *rows, size_t count,
				     const struct vmblok *vm)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].vm == vm && strcmp(rows[i].row.userid, vm->userid) == 0)
			return &rows[i];
	return NULL;
}

/* A row for each machine, as it was when it was last asked. */
static void list_machines(struct oppanel *o)
{
	struct looked *old = o->rows;
	size_t old_count = o->count;

	o->rows = calloc(vm_users(o->cp) + 1, sizeof(*o->rows));
	if (!o->rows)
		BUG("no memory for the panel");
	o->count = 0;
	for (struct vmblok *vm = o->cp->vms; vm; vm = vm->next) {
		const struct looked *was = find_row(old, old_count, vm);

		if (!vm->logged_on || vm->leaving)
			continue;
		if (was)
			o->rows[o->count] = *was;
		o->rows[o->count++].vm = vm;
	}
	free(old);
}

/* It has slept since it was asked. */
static bool unchanged(const struct looked *l)
{
	uint64_t asleep = l->vm->machine ? machine_asleep_since(l->vm->machine) : 0;

	return asleep && asleep < l->row.at_ns;
}

/*
 * Terminals are not served while a machine is asked, and one that computes answers
 * when the host lets it. So those that sleep are not asked, and when the time is
 * up nobody is: the next look begins where this one ended.
 */
static void refresh(struct oppanel *o)
{
	uint64_t now = clock_tod(&o->cp->clock.clock), end = monotonic_ns() + LOOK_NS;
	size_t first = o->resume;

	if (o->fresh && now - o->fresh < REFRESH_TOD)
		return;
	o->fresh = now;
	list_machines(o);
	for (size_t i = 0; i < o->count; i++) {
		size_t at = (first + i) % o->count;
		struct looked *l = &o->rows[at];

		if (unchanged(l))
			l->row.at_ns = monotonic_ns();
		else if (monotonic_ns() < end)
			ask(l, l->vm);
		else if (o->resume == first)
			o->resume = at;
	}
	for (size_t i = 0; i < o->count; i++)
		describe(&o->rows[i], o->rows[i].vm);
}

static size_t machines(void *arg, struct panel_machine *rows, size_t max)
{
	struct oppanel *o = arg;

	refresh(o);
	for (size_t i = 0; i < o->count && i < max; i++)
		rows[i] = o->rows[i].row;
	return o->count;
}

static bool lamps(void *arg, const char *userid, struct panel_lamps *lamps)
{
	struct oppanel *o = arg;
	struct vmblok *vm = vm_find(o->cp, userid);
	struct machine_request req = { .kind = MACHINE_QUERY };

	if (!vm || !vm_call(vm, &req))
		return false;
	*lamps = (struct panel_lamps){ .load = req.state == MACHINE_LOADING };
	lamps->manual = req.state == MACHINE_STOPPED || req.state == MACHINE_BREAK;
	lamps->system = req.state == MACHINE_RUNNING;
	req.kind = MACHINE_REGISTERS;
	if (!vm_call(vm, &req))
		return false;
	put_be64(lamps->psw, req.registers.psw);
	lamps->wait = lamps->psw[1] & 0x02;
	memcpy(lamps->gr, req.registers.gr, sizeof(lamps->gr));
	memcpy(lamps->cr, req.registers.cr, sizeof(lamps->cr));
	return true;
}

static void command(void *arg, const char *line)
{
	execute(arg, line);
}

/* ---- the log, while the panel has the terminal */

static bool redirect_log(struct oppanel *o, struct error *err)
{
	char path[512];
	int fd;

	if (!datadir_path(path, sizeof(path), o->cp->dir, LOG_FILE, err))
		return false;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0) {
		error_errno(err, errno, "%s", path);
		return false;
	}
	o->saved_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	dup2(fd, STDERR_FILENO);
	close(fd);
	return true;
}

static void restore_log(struct oppanel *o)
{
	if (o->saved_stderr < 0)
		return;
	dup2(o->saved_stderr, STDERR_FILENO);
	close(o->saved_stderr);
	o->saved_stderr = -1;
}

/* The terminal is gone: the system runs on, without a panel. */
static void end_panel(void *arg)
{
	struct oppanel *o = arg;

	panel_free(o->panel);
	o->panel = NULL;
	log_warn("operator", "the panel's terminal is gone");
}

static void lost(void *arg)
{
	struct oppanel *o = arg;

	loop_post(o->cp->loop, end_panel, o);
}

struct oppanel *oppanel_open(struct cp *cp, bool panel, struct error *err)
{
	static const struct panel_source source = {
		.machines = machines, .lamps = lamps, .command = command, .lost = lost,
	};
	const struct panel_options options = { .title = "VM/370 REL 6", .in = 0, .out = 1 };
	struct oppanel *o = calloc(1, sizeof(*o));

	if (!o)
		BUG("no memory for the operator's console");
	o->cp = cp;
	o->saved_stderr = -1;
	if (!panel) {
		watch_input(o);
		return o;
	}
	if (redirect_log(o, err))
		o->panel = panel_new(cp->loop, &options, &source, o, err);
	if (o->panel)
		return o;
	oppanel_close(o);
	return NULL;
}

void oppanel_close(struct oppanel *o)
{
	if (!o)
		return;
	if (o->panel)
		panel_free(o->panel);
	if (o->input)
		loop_unwatch(o->input);
	restore_log(o);
	free(o->rows);
	free(o);
}
