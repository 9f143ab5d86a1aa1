/*
 * QUERY. GC20-1820 (class G) and GC20-1806 (the others); the columns are those
 * of VM/370 Release 6.
 */
#include <stdio.h>
#include <string.h>

#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/commands/tape.h"
#include "cp/message.h"
#include "cp/minidisk.h"
#include "cp/sysline.h"
#include "cp/systape.h"
#include "cp/sysvolume.h"
#include "cp/times.h"
#include "cp/vdevice.h"
#include "cp/vgraf.h"
#include "cp/vline.h"
#include "cp/vmblok.h"

/* ---- time and settings */

static int query_time(struct vmblok *vm, struct args *args)
{
	struct machine_request req = { .kind = MACHINE_QUERY };
	char text[CP_DATE_SIZE], cpu[CP_DATE_SIZE];

	(void)args;
	vm_say(vm, "TIME IS %s", times_full(text));
	if (!vm_call(vm, &req))
		return 0;
	times_cpu(cpu, req.cpu_ns);
	vm_say(vm, "CONNECT= %s VIRTCPU= %s TOTCPU= %s",
	       times_connect(text, clock_tod(&vm->cp->clock.clock) - vm->logon_tod), cpu, cpu);
	return 0;
}

static const char *on_off(const struct vmblok *vm, unsigned bit)
{
	return vm->set & bit ? "ON " : "OFF";
}

static const char *on_off_iucv(const struct vmblok *vm, unsigned bit, unsigned iucv)
{
	return vm->set & iucv ? "IUCV" : on_off(vm, bit);
}

static int query_set(struct vmblok *vm, struct args *args)
{
	static const char *const emsg[] = { "ON  ", "TEXT", "CODE", "OFF " };
	const char *timer = !(vm->set & SET_TIMER) ? "OFF "
			    : vm->set & SET_TIMER_REAL ? "REAL" : "ON  ";

	(void)args;
	vm_say(vm, "MSG %s, WNG %s, EMSG %s, ACNT %s, RUN %s",
	       on_off_iucv(vm, SET_MSG, SET_MSG_IUCV), on_off_iucv(vm, SET_WNG, SET_WNG_IUCV),
	       emsg[vm->emsg], on_off(vm, SET_ACNT), on_off(vm, SET_RUN));
	vm_say(vm, "LINEDIT %s, TIMER %s, ISAM %s, ECMODE %s", on_off(vm, SET_LINEDIT),
	       timer, on_off(vm, SET_ISAM), on_off(vm, SET_ECMODE));
	vm_say(vm, "ASSIST OFF           , PAGEX %s, AUTOPOLL %s", on_off(vm, SET_PAGEX),
	       on_off(vm, SET_AUTOPOLL));
	vm_say(vm, "IMSG %s, SMSG %s, AFFINITY NONE   , NOTRANS %s", on_off(vm, SET_IMSG),
	       on_off(vm, SET_SMSG), on_off(vm, SET_NOTRANS));
	return 0;
}

static int query_cpuid(struct vmblok *vm, struct args *args)
{
	(void)args;
	vm_say(vm, "CPUID = %016llX", (unsigned long long)vm_cpuid(vm));
	return 0;
}

static int query_logmsg(struct vmblok *vm, struct args *args)
{
	(void)args;
	for (size_t i = 0; i < vm->cp->logmsg_lines; i++)
		vm_say(vm, "%s", vm->cp->logmsg[i]);
	return 0;
}

/* ---- who is there */

static void user_entry(char out[24], const struct vmblok *u)
{
	char terminal[16];
	const char *where = vm_terminal(u, terminal);

	/* Only the address: "GRAF 041" shows as 041. */
	snprintf(out, 24, "%-8s - %s", u->userid, vm_attended(u) ? where + 5 : where);
}

static int query_names(struct vmblok *vm, struct args *args)
{
	char line[100] = "", entry[24];
	unsigned n = 0;

	(void)args;
	for (const struct vmblok *u = vm->cp->vms; u; u = u->next) {
		if (!u->logged_on || u->leaving)
			continue;
		user_entry(entry, u);
		if (n == 4) {
			strcat(line, ",");
			vm_say(vm, "%s", line);
			line[0] = '\0';
			n = 0;
		}
		if (n++)
			strcat(line, ", ");
		strcat(line, entry);
	}
	if (n)
		vm_say(vm, "%s", line);
	return 0;
}

static int query_one_user(struct vmblok *vm, const char *userid, const char *module)
{
	const struct vmblok *u = vm_find(vm->cp, userid);
	char entry[24];

	if (!u)
		return cp_error(vm, module, 45, userid);
	user_entry(entry, u);
	vm_say(vm, "%s", entry);
	return 0;
}

static int query_users(struct vmblok *vm, struct args *args)
{
	const char *userid = args_word(args);

	if (userid && strlen(userid) > CP_USERID_MAX)
		return cp_error(vm, "CQY", 20);
	if (userid)
		return query_one_user(vm, userid, "CQY");
	vm_say(vm, "%03u USERS, %03u DIALED", vm_users(vm->cp), vm_dialed(vm->cp));
	return 0;
}

static int query_userid(struct vmblok *vm, struct args *args)
{
	(void)args;
	vm_say(vm, "%s AT VM370", vm->userid);
	return 0;
}

static int query_secuser(struct vmblok *vm, struct args *args)
{
	(void)args;
	vm_say(vm, "SECUSER = %s", vm->secuser[0] ? vm->secuser : "NONE");
	return 0;
}

/* ---- virtual devices */

/* "CL A NOCONT NOHOLD COPY 01    READY" and who gets it. */
static void say_spooling(struct vmblok *vm, const struct virtual_device *v, const char *word,
			 const struct unitrecord_options *o)
{
	char copies[16];

	if (v->kind == DEVICE_READER)
		snprintf(copies, sizeof(copies), "%s", o->eof ? "  EOF" : "NOEOF");
	else
		snprintf(copies, sizeof(copies), "%s%02u", o->at_once ? "CPY *" : "COPY ",
			 o->copies);
	vm_say(vm, "%s %03X CL %c %s %s %-7s %s", word, v->vaddr, o->class,
	       o->cont ? "  CONT" : "NOCONT", o->hold ? "  HOLD" : "NOHOLD", copies,
	       v->not_ready ? "NOTREADY" : "   READY");
	if (v->kind == DEVICE_READER)
		return;
	if (v->kind != DEVICE_PRINTER) {
		vm_say(vm, "     %03X %s %-8s DIST %s", v->vaddr, o->to[0] ? "TO " : "FOR",
		       o->to[0] ? o->to : o->owner, o->dist);
		return;
	}
	vm_say(vm, "     %03X %s %-8s DIST %-8s  FLASHC %02u", v->vaddr,
	       o->to[0] ? "TO " : "FOR", o->to[0] ? o->to : o->owner, o->dist,
	       o->flash_count);
	vm_say(vm, "         FLASH %-4s  CHAR %-4s  MDFY %-4s  FCB %s", o->flash, o->chars,
	       o->modify, o->fcb);
}

static void say_unit_record(struct vmblok *vm, const struct virtual_device *v)
{
	struct unitrecord_options o;
	char terminal[16], where[24];

	pthread_mutex_lock(&v->ur->lock);
	o = v->ur->opt;
	pthread_mutex_unlock(&v->ur->lock);
	if (v->kind != DEVICE_CONSOLE) {
		say_spooling(vm, v, vdevice_word(v), &o);
		return;
	}
	snprintf(where, sizeof(where), "%s%s", vm->console ? "ON " : "",
		 vm->console ? vm_terminal(vm, terminal) : "DISCONNECTED");
	vm_say(vm, "CONS %03X %-11s%s %s", v->vaddr, where, o.no_term ? "NOTERM" : "  TERM",
	       o.started ? "START" : "STOP ");
	say_spooling(vm, v, "    ", &o);
}

/* volid, or what its first directory entry calls a T-disk */
static void say_disk(struct vmblok *vm, const struct virtual_device *v)
{
	const struct minidisk *d = v->disk;

	vm_say(vm, "DASD %03X %-4s %-6s %s %03u CYL", v->vaddr, v->type, d->volume->volid,
	       d->read_only ? "R/O" : "R/W", d->cylinders);
}

static void say_graf(struct vmblok *vm, const struct virtual_device *v)
{
	char terminal[16];

	if (vgraf_dialer(v->graf))
		vm_say(vm, "GRAF %03X ON %s", v->vaddr,
		       vm_terminal(vgraf_dialer(v->graf), terminal));
	else
		vm_say(vm, "GRAF %03X NOT READY", v->vaddr);
}

static void say_adapter(struct vmblok *vm, const struct virtual_device *v)
{
	if (v->far_end)
		vm_say(vm, "CTCA %03X COUPLE TO %-8s %03X", v->vaddr, v->far_vm->userid,
		       v->far_end->vaddr);
	else
		vm_say(vm, "CTCA %03X NOT READY", v->vaddr);
}

static void say_line(struct vmblok *vm, const struct virtual_device *v)
{
	char terminal[16];

	if (v->far_end)
		vm_say(vm, "LINE %03X COUPLE TO %-8s %03X", v->vaddr, v->far_vm->userid,
		       v->far_end->vaddr);
	else if (vline_dialer(v->line))
		vm_say(vm, "LINE %03X ON %s", v->vaddr,
		       vm_terminal(vline_dialer(v->line), terminal));
	else
		vm_say(vm, "LINE %03X %s", v->vaddr,
		       vline_enabled(v->line) ? "ENABLED" : "DISABLED");
}

static void say_device(struct vmblok *vm, const struct virtual_device *v)
{
	if (v->ur)
		say_unit_record(vm, v);
	else if (v->disk)
		say_disk(vm, v);
	else if (v->graf)
		say_graf(vm, v);
	else if (v->kind == DEVICE_CTCA)
		say_adapter(vm, v);
	else if (v->line)
		say_line(vm, v);
	else if (v->tape)
		vm_say(vm, "TAPE %03X ON TAPE %03X", v->vaddr, v->tape->raddr);
	else if (v->real_line)
		vm_say(vm, "LINE %03X ON LINE %03X", v->vaddr, v->real_line->raddr);
	else
		vm_say(vm, "%s %03X", vdevice_word(v), v->vaddr);
}

static int say_storage(struct vmblok *vm)
{
	vm_say(vm, "STORAGE = %05uK", vm->storage / 1024);
	return 0;
}

static int say_channels(struct vmblok *vm)
{
	vm_say(vm, "CHANNELS = %s", vm->bmx ? "BMX" : "SEL");
	return 0;
}

static bool is_unit_record(const struct virtual_device *v)
{
	return v->ur && v->kind != DEVICE_CONSOLE;
}

static bool is_console(const struct virtual_device *v)
{
	return v->kind == DEVICE_CONSOLE;
}

static bool is_dasd(const struct virtual_device *v)
{
	return v->kind == DEVICE_DASD;
}

static bool is_tape(const struct virtual_device *v)
{
	return v->kind == DEVICE_TAPE;
}

static bool is_graf(const struct virtual_device *v)
{
	return v->kind == DEVICE_GRAF;
}

static bool is_line(const struct virtual_device *v)
{
	return v->kind == DEVICE_LINE;
}

static bool is_any(const struct virtual_device *v)
{
	(void)v;
	return true;
}

static const struct {
	const char *name;
	size_t min;
	bool (*want)(const struct virtual_device *v);
	const char *none;
} device_groups[] = {
	{ "DASD", 2, is_dasd, "DASD " },
	{ "TAPES", 2, is_tape, "TAPES" },
	{ "LINES", 5, is_line, "LINES" },
	{ "UR", 2, is_unit_record, "UR   " },
	{ "GRAF", 2, is_graf, "GRAF " },
	{ "CONSOLE", 3, is_console, "CONS " },
};

static int say_group(struct vmblok *vm, bool (*want)(const struct virtual_device *v),
		     const char *none)
{
	unsigned n = 0;

	for (const struct virtual_device *v = vm->devices; v; v = v->next)
		if (want(v)) {
			say_device(vm, v);
			n++;
		}
	if (!n)
		vm_say(vm, "%s DO NOT EXIST", none);
	return 0;
}

static int say_all(struct vmblok *vm)
{
	say_storage(vm);
	say_channels(vm);
	return say_group(vm, is_any, "DEVS ");
}

/* vaddr or vaddr-vaddr, upwards. Returns -1 if word is neither. */
static int say_range(struct vmblok *vm, const char *word)
{
	char text[8];
	const char *dash = strchr(word, '-');
	uint16_t first, last;
	int rc = 0;

	snprintf(text, sizeof(text), "%.*s", (int)(dash ? dash - word : 7), word);
	if (!args_vaddr(text, &first))
		return -1;
	last = first;
	if (dash && (!args_vaddr(dash + 1, &last) || last <= first))
		return -1;
	for (unsigned a = first; a <= last; a++) {
		const struct virtual_device *v = vdevice_find(vm, (uint16_t)a);

		snprintf(text, sizeof(text), "%03X", a);
		if (v)
			say_device(vm, v);
		else
			rc = cp_error(vm, vm->classes & CLASS_B ? "CQP" : "CQG", 40, text);
	}
	return rc;
}

static int query_virtual(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	int rc;

	if (!word || abbreviates(word, "ALL", 3))
		return say_all(vm);
	if (abbreviates(word, "STORAGE", 4))
		return say_storage(vm);
	if (abbreviates(word, "CHANNELS", 4))
		return say_channels(vm);
	for (size_t i = 0; i < ARRAY_SIZE(device_groups); i++)
		if (abbreviates(word, device_groups[i].name, device_groups[i].min))
			return say_group(vm, device_groups[i].want, device_groups[i].none);
	rc = say_range(vm, word);
	return rc < 0 ? cp_error(vm, "CQG", 22) : rc;
}

/* ---- the table */

static const struct {
	const char *name;
	size_t min;
	uint8_t classes;
	int (*query)(struct vmblok *vm, struct args *args);
} operands[] = {
	{ "SYSTEM", 3, CLASS_B, query_system },
	{ "DASD", 2, CLASS_B, query_real_dasd },
	{ "TAPES", 2, CLASS_B, query_real_tapes },
	{ "LINES", 5, CLASS_B, query_real_lines },
	{ "UR", 2, CLASS_B | CLASS_D, query_real_ur },
	{ "STORAGE", 4, CLASS_B, query_real_storage },
	{ "ALL", 3, CLASS_B, query_real_all },
	{ "LINKS", 1, CLASS_G, query_links },
	{ "GRAF", 2, CLASS_B, query_real_graf },
	{ "TDSK", 2, CLASS_B, query_tdisks },
	{ "PROCESSR", 4, CLASS_A | CLASS_B | CLASS_C | CLASS_E | CLASS_G, query_processors },
	{ "VIRTUAL", 1, CLASS_G, query_virtual },
	{ "FILES", 1, CLASS_D | CLASS_G, query_files },
	{ "SET", 1, CLASS_G, query_set },
	{ "HOLD", 1, CLASS_D, query_hold },
	{ "TERMINAL", 4, CLASS_G, query_terminal },
	{ "TIME", 1, CLASS_ANY, query_time },
	{ "LOGMSG", 3, CLASS_ANY, query_logmsg },
	{ "NAMES", 1, CLASS_ANY, query_names },
	{ "USERS", 1, CLASS_ANY, query_users },
	{ "CPUID", 3, CLASS_G, query_cpuid },
	{ "READER", 1, CLASS_D | CLASS_G, query_reader },
	{ "RDR", 3, CLASS_D | CLASS_G, query_reader },
	{ "PRINTER", 1, CLASS_D | CLASS_G, query_printer },
	{ "PRT", 3, CLASS_D | CLASS_G, query_printer },
	{ "PUNCH", 2, CLASS_D | CLASS_G, query_punch },
	{ "PCH", 3, CLASS_D | CLASS_G, query_punch },
	{ "USERID", 5, CLASS_ANY, query_userid },
	{ "SECUSER", 3, CLASS_G, query_secuser },
	{ "PER", 3, CLASS_G, query_per },
	{ "SHARE", 3, CLASS_A | CLASS_C | CLASS_E | CLASS_G, query_share },
	{ "PRIORITY", 5, CLASS_A | CLASS_C | CLASS_E, query_priority },
	{ "PAGING", 3, CLASS_A | CLASS_E, query_paging },
	{ "SASSIST", 3, CLASS_A | CLASS_E, query_sassist },
	{ "CPASSIST", 3, CLASS_A | CLASS_E, query_cpassist },
	{ "JOURNAL", 2, CLASS_A, query_journal },
};

/* STORAGE, UR, CONSOLE... stand for VIRTUAL STORAGE and so on. */
static bool virtual_without_the_word(const char *word)
{
	if (abbreviates(word, "STORAGE", 4) || abbreviates(word, "CHANNELS", 4) ||
	    abbreviates(word, "ALL", 3))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(device_groups); i++)
		if (abbreviates(word, device_groups[i].name, device_groups[i].min))
			return true;
	return false;
}

int cmd_query(struct vmblok *vm, struct args *args)
{
	const char *word = args_peek(args);
	int rc;

	if (!word)
		return cp_error(vm, "CFC", 26);
	if (strcmp(word, "USERID") == 0) {
		args_word(args);
		return query_userid(vm, args);
	}
	/* Rows whose class does not fit are passed over. */
	for (size_t i = 0; i < ARRAY_SIZE(operands); i++)
		if ((operands[i].classes == CLASS_ANY ||
		     (operands[i].classes & vm->classes)) &&
		    abbreviates(word, operands[i].name, operands[i].min)) {
			args_word(args);
			return operands[i].query(vm, args);
		}
	if ((vm->classes & CLASS_G) && virtual_without_the_word(word))
		return query_virtual(vm, args);
	if ((vm->classes & CLASS_G) && strncmp(word, "PF", 2) == 0 &&
	    strspn(word + 2, "0123456789") == strlen(word + 2))
		return query_pf(vm, word);
	/* DIFFERS: what the system does not have may be a device of class B's own. */
	if ((vm->classes & CLASS_B) && query_real_address(vm, word, &rc))
		return rc;
	rc = vm->machine ? say_range(vm, word) : -1;
	if (rc >= 0)
		return rc;
	if (strlen(word) > CP_USERID_MAX)
		return cp_error(vm, "CFC", 3, word);
	return query_one_user(vm, word, vm->classes & CLASS_B ? "CQP" : "CQG");
}
