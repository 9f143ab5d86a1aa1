#include "cp/session.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ebcdic.h"
#include "base/log.h"
#include "consoles/console.h"
#include "cp/command.h"
#include "cp/consolespool.h"
#include "cp/lineedit.h"
#include "cp/lineport.h"
#include "cp/message.h"
#include "cp/spool.h"
#include "cp/sysline.h"
#include "cp/times.h"
#include "cp/vdevice.h"
#include "cp/vgraf.h"
#include "cp/vline.h"
#include "cp/vmblok.h"

/* A machine whose terminal was lost waits so long for its user to come back. */
#define LOST_MINUTES 15

/* ---- logo */

static const char *const logo[] = {
	"VV        VV   MM        MM",
	" VV      VV    MMM      MMM",
	"  VV    VV     MMMM    MMMM",
	"   VV  VV      MM MM  MM MM",
	"    VVVV       MM  MMMM  MM",
	"     VV        MM   MM   MM",
	"",
	"  333333     77777777777     000000",
	" 33    33    77       77    00    00",
	"       33            77     00    00",
	"   33333            77      00    00",
	"       33          77       00    00",
	" 33    33         77        00    00",
	"  333333         77          000000",
	"",
	"Press ENTER, then: LOGON userid",
};

static void to_ebcdic(char *out, const char *text)
{
	size_t n = strlen(text);

	ebcdic_from_latin1(&codepage_bracket, (uint8_t *)out, text, n);
	out[n] = '\0';
}

void session_logo(struct console *console)
{
	char text[ARRAY_SIZE(logo)][64], online[24];
	const char *lines[ARRAY_SIZE(logo)];

	for (size_t i = 0; i < ARRAY_SIZE(logo); i++) {
		to_ebcdic(text[i], logo[i]);
		lines[i] = text[i];
	}
	to_ebcdic(online, "VM/370 ONLINE");
	console_set_data(console, NULL);
	console_logo(console, online, lines, ARRAY_SIZE(logo));
}

static void opened(void *arg, struct console *c)
{
	struct cp *cp = arg;
	const struct sysline *line = lineport_of(cp, c);

	if (line ? line->disable : cp->disabled) {
		log_info(console_name(c), "refused: terminals are disabled");
		console_close(c);
		return;
	}
	log_info(console_name(c), "connected as %03X", console_number(c));
	/* A typewriter's brackets are those that CP writes. */
	console_set_codepage(c, &codepage_bracket);
	session_logo(c);
}

static void logo_key(void *arg, struct console *c)
{
	struct vmblok *vm = vm_new(arg, c);

	console_set_data(c, vm);
	vm_show_status(vm);
}

/* ---- lines */

static struct lineedit_symbols symbols_of(const struct vmblok *vm)
{
	/* What APL types has other uses for the symbols. */
	if (!(vm->set & SET_LINEDIT) || vm->term.charset != CONSOLE_PLAIN)
		return (struct lineedit_symbols){ 0 };
	return (struct lineedit_symbols){ .linend = vm->linend, .linedel = vm->linedel,
					  .chardel = vm->chardel, .escape = vm->escape };
}

/* "#CP", alone or with a command behind it. Returns the command, or NULL. */
static const char *escape_to_cp(const struct vmblok *vm, const char *text)
{
	char linend = vm->linend ? vm->linend : '#';

	if (text[0] == linend && toupper((unsigned char)text[1]) == 'C' &&
	    toupper((unsigned char)text[2]) == 'P' && (text[3] == ' ' || text[3] == '\0'))
		return text + 3;
	return NULL;
}

/* Commands of one input line, each a logical line. */
static void cp_lines(struct vmblok *vm, const char *text)
{
	const struct command_how how = { .symbols = symbols_of(vm), .typed = true };

	command_lines(vm, text, &how);
}

static void enter_cp_or_execute(struct vmblok *vm, const char *command)
{
	if (command[strspn(command, " ")] == '\0')
		vm_enter_cp(vm);
	else
		cp_lines(vm, command);
}

/* A line for the guest: the first logical line answers, the others queue. */
static enum console_taken guest_lines(struct vmblok *vm, const char *text)
{
	const struct lineedit_symbols symbols = symbols_of(vm);
	char line[CP_LINE_MAX + 1];
	uint8_t ebcdic[CP_LINE_MAX];
	bool first = true;

	do {
		size_t n;

		if (!lineedit_next(&symbols, &text, line))
			continue;
		n = strlen(line);
		ebcdic_from_latin1(&codepage_bracket, ebcdic, line, n);
		if (!first)
			vconsole_more(vm, ebcdic, n);
		else if (!vconsole_line(vm, ebcdic, n))
			return CONSOLE_NOT_ACCEPTED;
		first = false;
	} while (text);
	return CONSOLE_ACCEPTED;
}

static void answer_prompt(struct vmblok *vm, const char *text)
{
	void (*answer)(struct vmblok *, const char *) = vm->prompt;

	vm->prompt = NULL;
	vm->prompt_masked = false;
	answer(vm, text);
}

static void line_in_cp(struct vmblok *vm, const char *text)
{
	const char *command = escape_to_cp(vm, text);

	if (command)
		text = command;
	if (text[strspn(text, " ")] == '\0')
		vm_say(vm, "%s", vm == vm->cp->oper ? "" : "CP");
	else
		cp_lines(vm, text);
}

static enum console_taken line_in_vm(struct vmblok *vm, const char *text)
{
	const char *command = escape_to_cp(vm, text);

	if (command)
		enter_cp_or_execute(vm, command);
	else if (vm->term.mode_cp && !vm->vconsole.reading)
		cp_lines(vm, text);
	else
		return guest_lines(vm, text);
	return CONSOLE_ACCEPTED;
}

bool session_reads(const struct vmblok *vm)
{
	if (vm->prompt || command_typed_waits(vm))
		return vm->prompt;
	return (vm->in_cp && !vm->sleeping && !vm->deferred) || vm->vconsole.reading;
}

void session_command(struct vmblok *vm, const char *text)
{
	cp_lines(vm, text);
}

bool session_type(struct vmblok *vm, const char *text)
{
	enum console_taken taken = CONSOLE_ACCEPTED;

	if (vm->logon_checked || (command_typed_waits(vm) && !vm->prompt))
		return false;
	vm_get(vm);
	if (!vm->prompt_masked)
		consolespool_line(vm, text);
	if (vm->prompt)
		answer_prompt(vm, text);
	else if (vm->in_cp)
		line_in_cp(vm, text);
	else
		taken = line_in_vm(vm, text);
	vm_show_status(vm);
	vm_put(vm);
	return taken == CONSOLE_ACCEPTED;
}

static enum console_taken line(void *arg, struct console *c, const uint8_t *text,
			       size_t length)
{
	struct vmblok *vm = console_data(c);
	char latin1[CP_LINE_MAX + 1];

	(void)arg;
	if (!vm)
		return CONSOLE_ACCEPTED;
	vm_line_entered(vm);
	if (length > CP_LINE_MAX)
		length = CP_LINE_MAX;
	ebcdic_to_latin1(&codepage_bracket, latin1, text, length);
	latin1[length] = '\0';
	if (vm->dialed_line)
		return vline_typed(vm->dialed_line, latin1) ? CONSOLE_ACCEPTED
							    : CONSOLE_NOT_ACCEPTED;
	return session_type(vm, latin1) ? CONSOLE_ACCEPTED : CONSOLE_NOT_ACCEPTED;
}

/* ---- keys */

static void wake_up(struct vmblok *vm)
{
	vm->sleeping = false;
	loop_timer_stop(vm->cp->loop, &vm->timer);
}

static void attention(struct vmblok *vm)
{
	if (vm->prompt) {
		/* Instead of a password: it gives the command up. */
		vm_give_up_prompt(vm);
	} else if (vm->sleeping) {
		wake_up(vm);
		vm_enter_cp(vm);
	} else if (!vm->logged_on) {
		; /* also while a password is being checked */
	} else if (vm->in_cp) {
		vconsole_attention(vm);
		vm_begin(vm);
	} else {
		vm_enter_cp(vm);
	}
	vm_show_status(vm);
}

/* DIAGNOSE X'54': PA2 is the interrupt key of the CPU. */
static void interrupt_key(struct vmblok *vm)
{
	const struct machine_request req = { .kind = MACHINE_EXTERNAL, .value = 0x40 };

	if (vm->machine)
		machine_post(vm->machine, &req);
}

static void key(void *arg, struct console *c, enum console_key key)
{
	struct vmblok *vm = console_data(c);

	(void)arg;
	if (!vm)
		return;
	if (vm->dialed_line) {
		vline_attention(vm->dialed_line);
		return;
	}
	switch (key) {
	case CONSOLE_KEY_PA1:
		attention(vm);
		break;
	case CONSOLE_KEY_EMPTY_ENTER:
	case CONSOLE_KEY_ATTENTION:
		if (vm->sleeping || vm->term.mode_cp || !vm->logged_on)
			attention(vm);
		else if (!vm->in_cp)
			vconsole_attention(vm);
		break;
	case CONSOLE_KEY_PA2:
		interrupt_key(vm);
		break;
	}
}

static void drained(void *arg, struct console *c)
{
	struct vmblok *vm = console_data(c);

	(void)arg;
	if (vm && vm->dialed_line)
		vline_room(vm->dialed_line);
	else if (vm)
		vconsole_room(vm);
}

static void cancelled(void *arg, struct console *c)
{
	(void)arg;
	(void)c;
}

/* ---- the end of a connection */

static void lost_too_long(void *arg)
{
	session_logoff(arg, LOGOFF_FORCED, false);
}

/* The client is gone without LOGOFF: as a line that dropped. */
static void terminal_lost(struct vmblok *vm)
{
	char terminal[16];

	cp_tell_operator(vm->cp, vm, "%s DSCONNECT %-8s USERS = %03u  FORCED",
			 vm_terminal(vm, terminal), vm->userid, vm_users(vm->cp));
	vm->console = NULL;
	/* First stopped: a guest's DIAGNOSE that waits for an answer ends below, and what
	   the machine then comes to would be told to nobody. */
	if (vm != vm->cp->oper)
		vm_enter_cp(vm);
	vm_give_up_prompt(vm);
	wake_up(vm);
	vconsole_room(vm);
	if (vm == vm->cp->oper)
		return;
	loop_timer_start(vm->cp->loop, &vm->lost, LOST_MINUTES * 60 * 1000, lost_too_long, vm);
}

static void closed(void *arg, struct console *c)
{
	struct vmblok *vm = console_data(c);
	struct sysline *line = lineport_of(arg, c);

	log_info(console_name(c), "gone");
	if (line)
		lineport_left(arg, line);
	if (!vm)
		return;
	if (vm->dialed)
		vgraf_drop(vm->dialed, true);
	if (vm->dialed_line)
		vline_drop(vm->dialed_line, true);
	if (!vm->logged_on || vm->leaving) {
		vm->console = NULL;
		if (!vm->leaving) /* otherwise LOGOFF is about to do it */
			vm_remove(vm);
	} else {
		terminal_lost(vm);
	}
}

static void record(void *arg, struct console *c, const uint8_t *bytes, size_t length)
{
	struct vmblok *vm = console_data(c);

	(void)arg;
	if (vm && vm->dialed)
		vgraf_record(vm->dialed, bytes, length);
	else if (vm)
		vconsole_record(vm, bytes, length);
}

static enum console_taken copy(void *arg, struct console *c, const uint8_t *text,
			       size_t length)
{
	struct vmblok *vm = console_data(c);
	char where[CP_LINE_MAX + 1];

	(void)arg;
	if (length > CP_LINE_MAX)
		length = CP_LINE_MAX;
	ebcdic_to_latin1(&codepage_bracket, where, text, length);
	where[length] = '\0';
	return vm && termset_copy(vm, where) ? CONSOLE_ACCEPTED : CONSOLE_NOT_ACCEPTED;
}

static void fullscreen_ready(void *arg, struct console *c)
{
	struct vmblok *vm = console_data(c);

	(void)arg;
	if (vm && vm->dialed)
		vgraf_resume(vm->dialed);
	else if (vm)
		vconsole_display_ready(vm);
}

const struct console_events session_events = {
	.record = record, .fullscreen_ready = fullscreen_ready,
	.copy = copy,
	.opened = opened, .logo_key = logo_key, .line = line, .key = key,
	.drained = drained, .cancelled = cancelled, .closed = closed,
};

/* ---- LOGON */

static void count_files(void *arg, const struct spool_file *file, bool in_use)
{
	unsigned *n = arg;

	(void)file;
	*n += !in_use;
}

static const char *file_count(char out[16], unsigned n, const char *word)
{
	if (n)
		snprintf(out, 16, " %03u %s", n % 1000, word);
	else
		snprintf(out, 16, "  NO %s", word);
	return out;
}

static void tell_files(struct vmblok *vm)
{
	unsigned n[SPOOL_QUEUES] = { 0 };
	char part[SPOOL_QUEUES][16];

	for (unsigned q = 0; q < SPOOL_QUEUES; q++)
		spool_list(vm->cp->spool, q, vm->userid, count_files, &n[q]);
	if (n[SPOOL_RDR] + n[SPOOL_PRT] + n[SPOOL_PUN])
		vm_say(vm, "FILES:%s,%s,%s", file_count(part[0], n[SPOOL_RDR], "RDR"),
		       file_count(part[1], n[SPOOL_PRT], "PRT"),
		       file_count(part[2], n[SPOOL_PUN], "PUN"));
}

static void tell_logmsg(struct vmblok *vm)
{
	char when[CP_DATE_SIZE];

	if (!vm->cp->logmsg_lines)
		return;
	vm_say(vm, "LOGMSG - %s", times_full(when));
	for (size_t i = 0; i < vm->cp->logmsg_lines; i++)
		if (vm->cp->logmsg[i][0] == '*')
			vm_say(vm, "%s", vm->cp->logmsg[i]);
}

static void automatic_ipl(struct vmblok *vm)
{
	char command[100];

	if (!vm->user->ipl[0])
		return;
	snprintf(command, sizeof(command), "IPL %s%s%s", vm->user->ipl,
		 vm->user->ipl_parm[0] ? " PARM " : "", vm->user->ipl_parm);
	command_execute(vm, command, false);
}

static int reconnect(struct vmblok *vm, struct vmblok *there)
{
	struct console *c = vm->console;
	char when[CP_DATE_SIZE], terminal[16];

	loop_timer_stop(there->cp->loop, &there->lost);
	vm->console = NULL;
	there->console = c;
	console_set_data(c, there);
	console_clear(c);
	termset_begin(there);
	vm_remove(vm);
	tell_logmsg(there);
	tell_files(there);
	vm_say(there, "RECONNECTED AT %s", times_full(when));
	cp_tell_operator(there->cp, there, "%s RECONNECT %-8s USERS = %03u",
			 vm_terminal(there, terminal), there->userid, vm_users(there->cp));
	vconsole_room(there);
	vm_enter_cp(there);
	vm_show_status(there);
	return 0;
}

int session_logon(struct vmblok *vm, const struct directory_user *user, bool noipl)
{
	struct vmblok *there = vm_find(vm->cp, user->userid);
	char when[CP_DATE_SIZE], terminal[16];
	struct error err = { 0, "" };

	if (there && there->console)
		return cp_error(vm, "LOG", 54, vm_terminal(there, terminal));
	if (there)
		return reconnect(vm, there);
	if (vm->cp->shutdown) {
		vm_say(vm, "SYSTEM SHUTDOWN IN PROGRESS");
		return 51;
	}
	if (!vm_build(vm, user, &err)) {
		log_error(user->userid, "%s", err.text);
		return cp_error(vm, "LOG", 131, "LOGON");
	}
	vdevice_attach_all(vm, user);
	termset_begin(vm);
	tell_logmsg(vm);
	tell_files(vm);
	vm_say(vm, "LOGON AT %s", times_full(when));
	cp_tell_operator(vm->cp, vm, "%s LOGON AS %-8s USERS = %03u",
			 vm_terminal(vm, terminal), vm->userid, vm_users(vm->cp));
	if (!noipl)
		automatic_ipl(vm);
	return 0;
}

struct vmblok *session_autolog(struct cp *cp, const struct directory_user *user,
			       struct error *err)
{
	struct vmblok *vm = vm_new(cp, NULL);

	if (!vm_build(vm, user, err)) {
		vm_remove(vm);
		return NULL;
	}
	vdevice_attach_all(vm, user);
	return vm;
}

/* ---- LOGOFF and DISCONN */

static void give_terminal_back(struct cp *cp, struct console *c, bool hold)
{
	const struct sysline *line = c ? lineport_of(cp, c) : NULL;

	if (!c)
		return;
	console_set_data(c, NULL);
	if (hold && !(line && line->disable))
		session_logo(c);
	else
		console_close(c);
}

struct logoff {
	struct vmblok *vm; /* counted */
	bool hold;
};

/*
 * The second half, on the loop: a LOGOFF that came by DIAGNOSE must first have
 * answered the machine's thread, which is about to be ended.
 */
static void finish_logoff(void *arg)
{
	struct logoff *l = arg;
	struct vmblok *vm = l->vm;
	struct cp *cp = vm->cp;
	struct console *c = vm->console;

	vm_dismantle(vm);
	vm->console = NULL;
	vm_remove(vm);
	if (cp->oper == vm)
		cp->oper = NULL;
	give_terminal_back(cp, c, l->hold);
	vm_put(vm);
	free(l);
}

static void tell_times(struct vmblok *vm)
{
	struct machine_request req = { .kind = MACHINE_QUERY };
	char connect[CP_DATE_SIZE], cpu[CP_DATE_SIZE];

	if (!vm_call(vm, &req))
		return;
	times_cpu(cpu, req.cpu_ns);
	vm_say(vm, "CONNECT= %s VIRTCPU= %s TOTCPU= %s",
	       times_connect(connect, clock_tod(&vm->cp->clock.clock) - vm->logon_tod), cpu,
	       cpu);
}

void session_logoff(struct vmblok *vm, enum logoff_kind kind, bool hold)
{
	struct logoff *l = malloc(sizeof(*l));
	char when[CP_DATE_SIZE], terminal[16];

	if (!l)
		BUG("no memory for LOGOFF");
	*l = (struct logoff){ .vm = vm_get(vm), .hold = hold };
	tell_times(vm);
	accounting_user(vm);
	vm_say(vm, "LOGOFF AT %s%s", times_full(when),
	       kind == LOGOFF_SELF ? "" : " BY SYSTEM");
	vm->leaving = true;
	vm_give_up_prompt(vm);
	cp_tell_operator(vm->cp, vm, "%s LOGOFF AS %-8s USERS = %03u%s",
			 vm->console ? vm_terminal(vm, terminal) : "USER DSC", vm->userid,
			 vm_users(vm->cp), kind == LOGOFF_FORCED ? "  FORCED" : "");
	loop_post(vm->cp->loop, finish_logoff, l);
}

void session_disconnect(struct vmblok *vm, bool hold)
{
	struct console *c = vm->console;
	char when[CP_DATE_SIZE], terminal[16];

	if (!c)
		return;
	vm_say(vm, "DISCONNECT AT %s", times_full(when));
	cp_tell_operator(vm->cp, vm, "%s DSCONNECT %-8s USERS = %03u",
			 vm_terminal(vm, terminal), vm->userid, vm_users(vm->cp));
	vm->console = NULL;
	vconsole_room(vm);
	/* DISCONN from CP READ lets the machine run on. */
	if (vm->in_cp)
		vm_begin(vm);
	give_terminal_back(vm->cp, c, hold);
}
