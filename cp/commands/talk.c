/*
 * MESSAGE, MSGNOH, WARNING, SMSG, SEND, SLEEP, ECHO. GC20-1820; MSGNOH, WARNING: GC20-1806.
 */
#include <stdio.h>
#include <string.h>

#include "consoles/console.h"
#include "cp/command.h"
#include "cp/iucv.h"
#include "cp/commands/commands.h"
#include "cp/message.h"
#include "cp/session.h"
#include "cp/times.h"
#include "cp/vmblok.h"
#include "cp/vmcf.h"

struct note {
	const char *kind; /* "MSG", "WNG"; NULL: text alone */
	unsigned needed;  /* SET_MSG, SET_WNG */
	const char *off;  /* why not, if that is off */
	unsigned flags;
	unsigned iucv;    /* SET_MSG_IUCV, SET_WNG_IUCV */
	uint32_t class;   /* of IUCV */
};

static const struct note msg = { "MSG", SET_MSG, "MSG OFF", CONSOLE_ALARM, SET_MSG_IUCV,
				 IUCV_CLASS_MSG };
static const struct note msgnoh = { NULL, SET_MSG, "MSG OFF", 0, SET_MSG_IUCV,
				    IUCV_CLASS_MSG };
static const struct note wng = { "WNG", SET_WNG, "WNG OFF", CONSOLE_ALARM | CONSOLE_PRIORITY,
				 SET_WNG_IUCV, IUCV_CLASS_WNG };

/* SET MSG IUCV: to the program that runs there, not to the screen. */
static bool to_program(struct vmblok *from, struct vmblok *to, const struct note *note,
		       const char *text)
{
	return (to->set & note->iucv) && iucv_tell(to, note->class, from->userid, text);
}

static void deliver(struct vmblok *from, struct vmblok *to, const struct note *note,
		    const char *text)
{
	char when[CP_DATE_SIZE];

	if (to_program(from, to, note, text))
		return;
	if (note->kind)
		vm_tell(to, note->flags, "%s  %s FROM %-8s: %s", times_clock(when), note->kind,
			from->userid, text);
	else
		vm_tell(to, note->flags, "%s", text);
}

static int to_all(struct vmblok *vm, const struct note *note, const char *text)
{
	for (struct vmblok *to = vm->cp->vms; to; to = to->next)
		if (to->logged_on && !to->leaving && (to->set & note->needed) &&
		    (vm_attended(to) || (to->set & note->iucv)))
			deliver(vm, to, note, text);
	return 0;
}

static int send_note(struct vmblok *vm, struct args *args, const struct note *note)
{
	const char *who = args_word(args);
	const char *text = args_rest(args);
	struct vmblok *to;

	if (!who || strlen(who) > CP_USERID_MAX)
		return cp_error(vm, "MSG", 20);
	if (strcmp(who, "ALL") == 0)
		return vm->classes & (CLASS_A | CLASS_B) ? to_all(vm, note, text)
							 : cp_error(vm, "MSG", 3, who);
	to = vm_find_receiver(vm, who);
	if (!to)
		return cp_error(vm, "MSG", 45, who);
	if (!*text)
		return 0;
	if (!(to->set & note->needed))
		return cp_error(vm, "MSG", 57, to->userid,
				vm_attended(to) ? note->off : "DISCONNECTED");
	if (to_program(vm, to, note, text))
		return 0;
	deliver(vm, to, note, text); /* to his console spool, if he is not there */
	return vm_attended(to) ? 0 : cp_error(vm, "MSG", 57, to->userid, "DISCONNECTED");
}

int cmd_message(struct vmblok *vm, struct args *args)
{
	return send_note(vm, args, &msg);
}

int cmd_msgnoh(struct vmblok *vm, struct args *args)
{
	return send_note(vm, args, &msgnoh);
}

int cmd_warning(struct vmblok *vm, struct args *args)
{
	return send_note(vm, args, &wng);
}

/* ---- SMSG */

static int smsg_refused(struct vmblok *vm, const char *userid, int rc)
{
	char other[24];

	switch (rc) {
	case 5: return cp_error(vm, "MSG", 57, userid, "NOT AUTHORIZED");
	case 7: return cp_error(vm, "MSG", 57, userid, "MSG TOO LARGE");
	case 9: return cp_error(vm, "MSG", 57, userid, "QUIESCED");
	default:
		snprintf(other, sizeof(other), "VMCF ERROR %03d", rc);
		return cp_error(vm, "MSG", 57, userid, other);
	}
}

int cmd_smsg(struct vmblok *vm, struct args *args)
{
	const char *who = args_word(args);
	const char *text = args_rest(args);
	struct vmblok *to;
	int rc;

	if (!who || strlen(who) > CP_USERID_MAX)
		return cp_error(vm, "MSG", 20);
	to = vm_find_receiver(vm, who);
	if (!to)
		return cp_error(vm, "MSG", 45, who);
	if (!*text)
		return 0;
	if (!(to->set & SET_SMSG))
		return cp_error(vm, "MSG", 57, to->userid, "SMSG OFF");
	rc = vmcf_special_message(vm, to, text);
	return rc ? smsg_refused(vm, to->userid, rc) : 0;
}

/* ---- SEND: a line for the console of a user whose secondary user vm is */

static int send_to(struct vmblok *vm, struct vmblok *to, bool to_cp, const char *text)
{
	bool secondary = strcmp(to->secuser, vm->userid) == 0;

	if (!secondary && !(vm->classes & CLASS_C))
		return cp_error(vm, "SND", 69, to->userid);
	if (vm_attended(to))
		return cp_error(vm, "SND", 68, to->userid);
	if (to_cp)
		session_command(to, text);
	else if (!session_type(to, text))
		return cp_error(vm, "SND", 70, to->userid);
	return 0;
}

int cmd_send(struct vmblok *vm, struct args *args)
{
	const char *who = args_word(args);
	bool to_cp = who && strcmp(who, "CP") == 0 && args_peek(args);
	struct vmblok *to;
	int rc;

	if (to_cp)
		who = args_word(args);
	if (!who || strlen(who) > CP_USERID_MAX)
		return cp_error(vm, "SND", 20);
	to = vm_find(vm->cp, who);
	if (!to)
		return cp_error(vm, "SND", 45, who);
	if (to == vm)
		return cp_error(vm, "SND", 68, who);
	vm_get(to);
	rc = send_to(vm, to, to_cp, args_rest(args));
	vm_put(to);
	return rc;
}

/* ---- SLEEP */

static void slept(void *arg)
{
	struct vmblok *vm = arg;

	vm->sleeping = false;
	vm_show_status(vm);
}

static bool sleep_unit(const char *word, uint64_t *ms)
{
	if (!word || strcmp(word, "MIN") == 0)
		*ms = 60000;
	else if (strcmp(word, "SEC") == 0)
		*ms = 1000;
	else if (abbreviates(word, "HRS", 2))
		*ms = 3600000;
	else
		return false;
	return true;
}

int cmd_sleep(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	uint32_t count = 0;
	uint64_t ms = 0;

	if (word && (strlen(word) > 2 || !args_decimal(word, 99, &count)))
		return cp_error(vm, "CFC", 2, word);
	if (word && !sleep_unit(args_peek(args), &ms))
		return cp_error(vm, "CFC", 2, args_peek(args));
	vm->sleeping = true;
	if (word)
		loop_timer_start(vm->cp->loop, &vm->timer, count * ms, slept, vm);
	return 0;
}

/* ---- ECHO */

static void echo_line(struct vmblok *vm, const char *line)
{
	if ((line[0] | 0x20) == 'e' && (line[1] | 0x20) == 'n' && (line[2] | 0x20) == 'd' &&
	    line[3] == '\0')
		return;
	for (unsigned i = 0; i < vm->echo_times; i++)
		vm_say(vm, "%s", line);
	vm_ask(vm, "ENTER LINE", false, echo_line);
}

int cmd_echo(struct vmblok *vm, struct args *args)
{
	uint32_t times;

	if (!args_decimal(args_word(args), 99, &times) || times == 0)
		times = 1;
	vm->echo_times = times;
	vm_say(vm, "ECHO ENTERED ; TO TERMINATE TEST TYPE-END");
	vm_ask(vm, "ENTER LINE", false, echo_line);
	return 0;
}
