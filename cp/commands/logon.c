/*
 * LOGON, LOGOFF, DISCONN, AUTOLOG, FORCE. GC20-1820; AUTOLOG and FORCE:
 * GC20-1806, "VM/370 Operator's Guide".
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cp/accounting.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/link.h"
#include "cp/message.h"
#include "cp/password.h"
#include "cp/session.h"
#include "cp/vmblok.h"

#define LOGON_FAILURES_MAX 4 /* then the terminal is dropped */

static void refuse_password(struct vmblok *vm, const char *userid)
{
	char terminal[16];

	log_warn(userid, "wrong password at %s", vm_terminal(vm, terminal));
	accounting_journal(vm->cp->accounting,
			   &(struct accounting_event){ .code = "04", .userid = userid,
				.account = "",
				.terminal = vm->console ? (uint16_t)console_number(vm->console) : 0,
				.count = vm->failures + 1, .limit = LOGON_FAILURES_MAX });
	cp_error(vm, "LOG", 50);
	if (++vm->failures >= LOGON_FAILURES_MAX && vm->console) {
		struct console *c = vm->console;

		vm->console = NULL;
		console_set_data(c, NULL);
		vm_remove(vm);
		console_close(c);
	}
}

static void tell_failures(struct cp *cp, const char *userid, unsigned failures)
{
	if (failures)
		cp_tell_operator(cp, NULL, "%u WRONG PASSWORDS BEFORE LOGON OF %s", failures,
				 userid);
}

/* Its password was tried. The terminal, which did nothing meanwhile, may be gone. */
static void password_tried(void *arg, bool right, unsigned wrong)
{
	struct vmblok *vm = arg;
	const struct directory_user *user = directory_find(vm->cp->directory, vm->logging_on);

	vm->logon_checked = false;
	if (!vm->console) {
		;
	} else if (!user) {
		cp_error(vm, "LOG", 53, vm->logging_on);
	} else if (right) {
		tell_failures(vm->cp, user->userid, wrong);
		session_logon(vm, user, vm->logon_noipl);
	} else {
		refuse_password(vm, user->userid);
	}
	vm_show_status(vm);
	vm_put(vm);
}

static int logon_with(struct vmblok *vm, const char *userid, const char *password, bool noipl)
{
	const struct directory_user *user = directory_find(vm->cp->directory, userid);

	if (!user || !password_usable(&user->password))
		return cp_error(vm, "LOG", 53, userid);
	snprintf(vm->logging_on, sizeof(vm->logging_on), "%s", user->userid);
	vm->logon_noipl = noipl;
	vm->logon_checked = true;
	password_try(vm->cp->passwords, &user->password, user->userid, password,
		     password_tried, vm_get(vm));
	return 0;
}

static void take_password(char out[CP_USERID_MAX + 2], const char *line)
{
	size_t n = 0;

	for (; *line && *line != ' ' && n < CP_USERID_MAX + 1; line++)
		out[n++] = (char)toupper((unsigned char)*line);
	out[n] = '\0';
}

static void password_typed(struct vmblok *vm, const char *line)
{
	char password[CP_USERID_MAX + 2];

	line += strspn(line, " ");
	if (!*line) { /* an empty line asks again */
		vm_ask(vm, "ENTER PASSWORD:", true, password_typed);
		return;
	}
	take_password(password, line);
	logon_with(vm, vm->logging_on, password, vm->logon_noipl);
}

int cmd_logon(struct vmblok *vm, struct args *args)
{
	const char *userid = args_word(args);
	const char *password = NULL, *word;
	const struct directory_user *user;
	bool noipl = false;

	if (!userid || strlen(userid) > CP_USERID_MAX)
		return cp_error(vm, "LOG", 20);
	while ((word = args_word(args))) {
		if (abbreviates(word, "NOIPL", 1) && (password || !args_peek(args)) &&
		    strlen(word) > 1)
			noipl = true;
		else if (strcmp(word, "MASK") == 0)
			;
		else if (vm->cp->suppress_passwords)
			return cp_error(vm, "LOG", 67);
		else if (!password)
			password = word;
		else
			return cp_error(vm, "LOG", 3, word);
	}
	if (password)
		return logon_with(vm, userid, password, noipl);
	user = directory_find(vm->cp->directory, userid);
	if (!user || password_is(&user->password, "NOLOG"))
		return cp_error(vm, "LOG", 53, userid);
	snprintf(vm->logging_on, sizeof(vm->logging_on), "%s", userid);
	vm->logon_noipl = noipl;
	vm_ask(vm, "ENTER PASSWORD:", true, password_typed);
	return 0;
}

static bool wants_hold(struct args *args)
{
	const char *word = args_word(args);

	return word && abbreviates(word, "HOLD", 2);
}

int cmd_logoff(struct vmblok *vm, struct args *args)
{
	const char *word = args_peek(args);

	if (word && !abbreviates(word, "HOLD", 2))
		return cp_error(vm, "USO", 3, word);
	/* The terminal shows the logo again; without HOLD a line would be dropped. */
	(void)wants_hold(args);
	session_logoff(vm, LOGOFF_SELF, true);
	return 0;
}

int cmd_disconn(struct vmblok *vm, struct args *args)
{
	const char *word = args_peek(args);

	if (word && !abbreviates(word, "HOLD", 2))
		return cp_error(vm, "USO", 3, word);
	session_disconnect(vm, true);
	return 0;
}

/* An AUTOLOG, while its password is typed and tried. */
struct autolog {
	struct vmblok *vm; /* who gave it; the run counts him */
	struct command_run *run;
	char userid[CP_USERID_MAX + 1], password[CP_USERID_MAX + 2];
	char operands[64]; /* of IPL */
	bool by_guest, right;
	unsigned wrong; /* ones before */
};

static int refuse_autolog(struct vmblok *vm, const struct autolog *a)
{
	vm->link_failures += a->by_guest;
	log_warn(a->userid, "wrong password in AUTOLOG by %s", vm->userid);
	accounting_journal(vm->cp->accounting,
			   &(struct accounting_event){ .code = "04", .userid = vm->userid,
				.account = vm->user->account,
				.terminal = vm->console ? (uint16_t)console_number(vm->console) : 0,
				.target = a->userid, .count = vm->link_failures,
				.limit = LINK_WRONG_PASSWORDS });
	return cp_error(vm, "LOG", 50);
}

static int autolog(struct vmblok *vm, const struct directory_user *user, const char *operands)
{
	struct error err = { 0, "" };
	struct vmblok *there = vm_find(vm->cp, user->userid);
	char terminal[16], ipl[80];

	if (there)
		return cp_error(vm, "LOG", 54, vm_terminal(there, terminal));
	snprintf(ipl, sizeof(ipl), "IPL %s", *operands ? operands : user->ipl);
	if (!ipl[4])
		return cp_error(vm, "LOG", 59, user->userid, "IPL MISSING");
	there = session_autolog(vm->cp, user, &err);
	if (!there) {
		log_error(user->userid, "%s", err.text);
		return cp_error(vm, "LOG", 131, "LOGON");
	}
	vm_say(vm, "AUTO LOGON *** %-8s USERS = %03u", user->userid, vm_users(vm->cp));
	cp_tell_operator(vm->cp, vm, "AUTO LOGON *** %-8s USERS = %03u BY %s", user->userid,
			 vm_users(vm->cp), vm->userid);
	if (command_execute(there, ipl, false) == 0)
		return 0;
	session_logoff(there, LOGOFF_SYSTEM, false);
	return cp_error(vm, "LOG", 59, user->userid, "IPL FAILED");
}

static int autolog_tried(struct vmblok *vm, void *arg)
{
	const struct autolog *a = arg;
	const struct directory_user *user = directory_find(vm->cp->directory, a->userid);

	if (!user)
		return cp_error(vm, "LOG", 53, a->userid);
	if (!a->right)
		return refuse_autolog(vm, a);
	tell_failures(vm->cp, a->userid, a->wrong);
	return autolog(vm, user, a->operands);
}

static void autolog_answer(void *arg, bool right, unsigned wrong)
{
	struct autolog *a = arg;

	a->right = right;
	a->wrong = wrong;
	command_go_on(a->run, autolog_tried, a, 0);
	free(a);
}

/* No password is a wrong one. */
static void try_autolog(struct autolog *a, const struct directory_user *user)
{
	password_try(a->vm->cp->passwords, &user->password, user->userid,
		     a->password[0] ? a->password : " ", autolog_answer, a);
	explicit_bzero(a->password, sizeof(a->password));
}

static void ask_for_autolog(struct autolog *a);

static void autolog_typed(struct vmblok *vm, const char *line)
{
	struct autolog *a = vm->prompt_arg;
	const struct directory_user *user = directory_find(vm->cp->directory, a->userid);

	take_password(a->password, line + strspn(line, " "));
	if (!a->password[0]) {
		ask_for_autolog(a);
	} else if (user) {
		try_autolog(a, user);
	} else {
		command_go_on(a->run, autolog_tried, a, 0);
		free(a);
	}
}

static void autolog_given_up(struct vmblok *vm)
{
	struct autolog *a = vm->prompt_arg;

	command_go_on(a->run, NULL, NULL, 50);
	free(a);
}

static void ask_for_autolog(struct autolog *a)
{
	vm_ask(a->vm, "ENTER PASSWORD:", true, autolog_typed);
	a->vm->prompt_given_up = autolog_given_up;
	a->vm->prompt_arg = a;
}

/* With passwords suppressed what stands behind the userid is for IPL. DMKLOG, LOG06F. */
int cmd_autolog(struct vmblok *vm, struct args *args)
{
	bool suppressed = command_suppresses_password(vm);
	const char *userid = args_word(args), *password = suppressed ? NULL : args_word(args);
	const struct directory_user *user;
	struct autolog *a;
	int rc;

	if (vm->by_guest && vm->link_failures >= LINK_WRONG_PASSWORDS)
		return cp_error(vm, "ALG", 115, "AUTOLOG");
	if (!userid || strlen(userid) > CP_USERID_MAX)
		return cp_error(vm, "LOG", 20);
	user = directory_find(vm->cp->directory, userid);
	if (!user || !password_usable(&user->password))
		return cp_error(vm, "LOG", 53, userid);
	a = calloc(1, sizeof(*a));
	if (!a)
		BUG("no memory for AUTOLOG");
	a->vm = vm;
	a->by_guest = vm->by_guest;
	snprintf(a->userid, sizeof(a->userid), "%s", userid);
	snprintf(a->operands, sizeof(a->operands), "%s", args_peek(args) ? args_rest(args) : "");
	take_password(a->password, password ? password : "");
	rc = command_wait(vm, &a->run);
	if (suppressed)
		ask_for_autolog(a);
	else
		try_autolog(a, user);
	return rc;
}

int cmd_force(struct vmblok *vm, struct args *args)
{
	const char *userid = args_word(args);
	struct vmblok *victim;

	if (!userid || strlen(userid) > CP_USERID_MAX)
		return cp_error(vm, "USO", 20);
	victim = vm_find(vm->cp, userid);
	if (!victim)
		return cp_error(vm, "USO", 45, userid);
	session_logoff(victim, victim == vm ? LOGOFF_SELF : LOGOFF_FORCED, true);
	return 0;
}
