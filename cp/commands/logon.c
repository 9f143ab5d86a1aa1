/*
 * LOGON, LOGOFF, DISCONN, AUTOLOG, FORCE. GC20-1820; AUTOLOG and FORCE:
 * GC20-1806, "VM/370 Operator's Guide".
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cp/accounting.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
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

/* A wrong password is answered after a while; the terminal does nothing meanwhile. */
static void refuse_now(void *arg)
{
	struct vmblok *vm = arg;

	vm->logon_checked = false;
	refuse_password(vm, vm->logging_on);
}

static void tell_failures(const struct vmblok *vm, const char *userid, unsigned failures)
{
	if (failures)
		cp_tell_operator(vm->cp, NULL, "%u WRONG PASSWORDS BEFORE LOGON OF %s", failures,
				 userid);
}

/* Its password was checked. The terminal may be gone by now. */
static void password_checked(void *arg, bool matches)
{
	struct vmblok *vm = arg;
	const struct directory_user *user = directory_find(vm->cp->directory, vm->logging_on);

	if (!vm->console) {
		;
	} else if (!user) {
		vm->logon_checked = false;
		cp_error(vm, "LOG", 53, vm->logging_on);
	} else if (matches) {
		vm->logon_checked = false;
		tell_failures(vm, user->userid, password_right(vm->cp->passwords, user->userid));
		session_logon(vm, user, vm->logon_noipl);
	} else {
		loop_timer_start(vm->cp->loop, &vm->timer,
				 password_wrong(vm->cp->passwords, user->userid), refuse_now,
				 vm);
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
	password_check(vm->cp->passwords, &user->password, password, password_checked,
		       vm_get(vm));
	return 0;
}

static void password_typed(struct vmblok *vm, const char *line)
{
	char password[CP_USERID_MAX + 2];
	size_t n = 0;

	line += strspn(line, " ");
	if (!*line) { /* an empty line asks again */
		vm_ask(vm, "ENTER PASSWORD:", true, password_typed);
		return;
	}
	for (; *line && *line != ' ' && n < sizeof(password) - 1; line++)
		password[n++] = (char)toupper((unsigned char)*line);
	password[n] = '\0';
	logon_with(vm, vm->logging_on, password, vm->logon_noipl);
}

int cmd_logon(struct vmblok *vm, struct args *args)
{
	const char *userid = args_word(args);
	const char *password = NULL, *word;
	bool noipl = false;

	if (!userid || strlen(userid) > CP_USERID_MAX)
		return cp_error(vm, "LOG", 20);
	while ((word = args_word(args))) {
		if (abbreviates(word, "NOIPL", 1) && (password || !args_peek(args)) &&
		    strlen(word) > 1)
			noipl = true;
		else if (strcmp(word, "MASK") == 0)
			;
		else if (!password)
			password = word;
		else
			return cp_error(vm, "LOG", 3, word);
	}
	if (password)
		return logon_with(vm, userid, password, noipl);
	if (!directory_find(vm->cp->directory, userid))
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

int cmd_autolog(struct vmblok *vm, struct args *args)
{
	const char *userid = args_word(args), *password = args_word(args);
	const struct directory_user *user;
	struct error err = { 0, "" };
	struct vmblok *there;
	char terminal[16], ipl[80];

	if (!userid || strlen(userid) > CP_USERID_MAX)
		return cp_error(vm, "LOG", 20);
	user = directory_find(vm->cp->directory, userid);
	if (!user || !password_usable(&user->password))
		return cp_error(vm, "LOG", 53, userid);
	if (!password || !password_matches(&user->password, password))
		return cp_error(vm, "LOG", 50);
	there = vm_find(vm->cp, userid);
	if (there)
		return cp_error(vm, "LOG", 54, vm_terminal(there, terminal));
	snprintf(ipl, sizeof(ipl), "IPL %s", args_peek(args) ? args_rest(args) : user->ipl);
	if (!ipl[4])
		return cp_error(vm, "LOG", 59, userid, "IPL MISSING");
	there = session_autolog(vm->cp, user, &err);
	if (!there) {
		log_error(userid, "%s", err.text);
		return cp_error(vm, "LOG", 131, "LOGON");
	}
	vm_say(vm, "AUTO LOGON *** %-8s USERS = %03u", userid, vm_users(vm->cp));
	cp_tell_operator(vm->cp, vm, "AUTO LOGON *** %-8s USERS = %03u BY %s", userid,
			 vm_users(vm->cp), vm->userid);
	if (command_execute(there, ipl, false) == 0)
		return 0;
	session_logoff(there, LOGOFF_SYSTEM, false);
	return cp_error(vm, "LOG", 59, userid, "IPL FAILED");
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
