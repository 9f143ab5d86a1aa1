/*
 * SET. GC20-1820.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/ebcdic.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/logmsg.h"
#include "cp/message.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"

static const struct {
	const char *name;
	size_t min;
	unsigned bit;
} switches[] = {
	{ "MSG", 3, SET_MSG },         { "WNG", 3, SET_WNG },
	{ "IMSG", 4, SET_IMSG },       { "ACNT", 4, SET_ACNT },
	{ "SMSG", 2, SET_SMSG },       { "RUN", 3, SET_RUN },
	{ "LINEDIT", 5, SET_LINEDIT }, { "ISAM", 4, SET_ISAM },
	{ "PAGEX", 5, SET_PAGEX },     { "AUTOPOLL", 5, SET_AUTOPOLL },
};

/* -1 neither */
static int on_or_off(const char *word)
{
	if (word && strcmp(word, "ON") == 0)
		return 1;
	return word && strcmp(word, "OFF") == 0 ? 0 : -1;
}

static int bad_option(struct vmblok *vm, const char *word)
{
	return word ? cp_error(vm, "CFS", 3, word) : cp_error(vm, "CFS", 26);
}

/* SET MSG IUCV, SET WNG IUCV: on, and to the program. */
static unsigned iucv_bit(unsigned bit)
{
	return bit == SET_MSG ? SET_MSG_IUCV : bit == SET_WNG ? SET_WNG_IUCV : 0;
}

static int set_switch(struct vmblok *vm, const char *value, unsigned bit)
{
	int on = on_or_off(value);

	if (value && iucv_bit(bit) && strcmp(value, "IUCV") == 0) {
		vm->set |= bit | iucv_bit(bit);
		return 0;
	}

	if (on < 0)
		return bad_option(vm, value);
	if (on && bit == SET_PAGEX && !(vm->set & SET_ECMODE))
		return cp_error(vm, "CFS", 3, "PAGEX");
	vm->set = (on ? vm->set | bit : vm->set & ~bit) & ~iucv_bit(bit);
	return 0;
}

/* Any execution resets the virtual machine. */
static int set_ecmode(struct vmblok *vm, struct args *args)
{
	const struct machine_request req = { .kind = MACHINE_RESET };
	int rc = set_switch(vm, args_word(args), SET_ECMODE);

	if (rc)
		return rc;
	vconsole_reset(vm);
	/* It may be in a DIAGNOSE that waits for us: no call. */
	machine_post(vm->machine, &req);
	return 0;
}

static int set_emsg(struct vmblok *vm, struct args *args)
{
	static const struct { const char *name; enum vm_emsg value; } values[] = {
		{ "ON", EMSG_ON }, { "OFF", EMSG_OFF }, { "CODE", EMSG_CODE },
		{ "TEXT", EMSG_TEXT },
	};
	const char *word = args_word(args);

	for (size_t i = 0; word && i < ARRAY_SIZE(values); i++)
		if (strcmp(word, values[i].name) == 0) {
			vm->emsg = values[i].value;
			return 0;
		}
	return bad_option(vm, word);
}

static int set_timer(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	unsigned bits;

	if (!word)
		return bad_option(vm, word);
	if (strcmp(word, "ON") == 0)
		bits = SET_TIMER;
	else if (strcmp(word, "OFF") == 0)
		bits = 0;
	else if (strcmp(word, "REAL") == 0)
		bits = SET_TIMER | SET_TIMER_REAL;
	else
		return bad_option(vm, word);
	vm->set = (vm->set & ~(unsigned)(SET_TIMER | SET_TIMER_REAL)) | bits;
	vm_set_timer(vm);
	return 0;
}

/* ---- SET PFnn */

/* IMMED or DELAYED, by at least three letters; -1 neither. */
static int pf_option(const char *word)
{
	if (word && abbreviates(word, "IMMED", 3))
		return 1;
	return word && abbreviates(word, "DELAYED", 3) ? 0 : -1;
}

static int set_pf(struct vmblok *vm, const char *key, struct args *args)
{
	uint32_t n;
	int option;

	if (!args_decimal(key + 2, TERMSET_PF_KEYS, &n) || n == 0)
		return cp_error(vm, "CFS", 26);
	option = pf_option(args_peek(args));
	if (option >= 0)
		args_word(args);
	termset_pf(vm, n, option, args_rest(args));
	return 0;
}

/* ---- SET LOGMSG, class B */

static void fold(char out[LOGMSG_WIDTH + 1], const char *line)
{
	size_t n = 0;

	for (; *line && n < LOGMSG_WIDTH; line++)
		out[n++] = (char)toupper((unsigned char)*line);
	out[n] = '\0';
}

static void logmsg_line(struct vmblok *vm, const char *line)
{
	char text[LOGMSG_WIDTH + 1];

	if (!*line)
		return;
	fold(text, line);
	logmsg_append(vm->cp, text);
	vm_ask(vm, "LOGMSG: ", false, logmsg_line);
}

/* Nothing typed deletes the line. */
static void logmsg_new_line(struct vmblok *vm, const char *line)
{
	char text[LOGMSG_WIDTH + 1];

	fold(text, line);
	logmsg_replace(vm->cp, vm->logmsg_number - 1, text);
}

/* [nn|NULL]: without an operand lines are added until an empty one. */
static int set_logmsg(struct vmblok *vm, struct args *args)
{
	const char *word = args_peek(args);
	uint32_t n;

	if (!word) {
		vm_ask(vm, "LOGMSG: ", false, logmsg_line);
		return 0;
	}
	if (strcmp(word, "NULL") == 0) {
		logmsg_clear(vm->cp);
		return 0;
	}
	if (!args_decimal(word, 9999, &n))
		return cp_error(vm, "CFO", 26);
	if (n == 0 || n > vm->cp->logmsg_lines)
		return cp_error(vm, "CFO", 41, word);
	vm->logmsg_number = n;
	vm_ask(vm, "LOGMSG: ", false, logmsg_new_line);
	return 0;
}

/* SECUSER userid|*|OFF: who sees the console while its user is disconnected. */
static int set_secuser(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);

	if (!word || strlen(word) > CP_USERID_MAX)
		return cp_error(vm, "CFS", 20);
	if (args_peek(args))
		return cp_error(vm, "CFS", 3, args_peek(args));
	if (strcmp(word, "OFF") == 0)
		word = "";
	else if (strcmp(word, "*") == 0)
		word = vm->userid;
	if (*word && !directory_find(vm->cp->directory, word))
		return cp_error(vm, "CFS", 53, word);
	snprintf(vm->secuser, sizeof(vm->secuser), "%s", word);
	return 0;
}

/* In the order of VM/370; rows whose class does not fit are passed over. */
static const struct {
	const char *name;
	size_t min;
	uint8_t classes;
	int (*set)(struct vmblok *vm, struct args *args);
} rows[] = {
	{ "EMSG", 4, CLASS_G, set_emsg },
	{ "ECMODE", 2, CLASS_G, set_ecmode },
	{ "TIMER", 5, CLASS_G, set_timer },
	{ "ASSIST", 2, CLASS_G, set_assist },
	{ "NOTRANS", 4, CLASS_G, set_notrans },
	{ "CPUID", 3, CLASS_G, set_cpuid },
	{ "AFFINITY", 3, CLASS_A | CLASS_G, set_affinity },
	{ "LOGMSG", 3, CLASS_B, set_logmsg },
	{ "SECUSER", 3, CLASS_G, set_secuser },
	{ "PRIORITY", 5, CLASS_A, set_priority },
	{ "FAVORED", 5, CLASS_A, set_favored },
	{ "RESERVE", 3, CLASS_A, set_reserve },
	{ "SHARE", 3, CLASS_A, set_share },
	{ "SASSIST", 3, CLASS_A, set_sassist },
	{ "CPASSIST", 3, CLASS_A, set_cpassist },
	{ "JOURNAL", 2, CLASS_A, set_journal },
};

int cmd_set(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);

	if (!word)
		return cp_error(vm, "CFS", 26);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if ((vm->classes & rows[i].classes) &&
		    abbreviates(word, rows[i].name, rows[i].min))
			return rows[i].set(vm, args);
	if (strncmp(word, "PF", 2) == 0)
		return set_pf(vm, word, args);
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++)
		if (abbreviates(word, switches[i].name, switches[i].min))
			return set_switch(vm, args_word(args), switches[i].bit);
	return cp_error(vm, "CFS", 3, word);
}
