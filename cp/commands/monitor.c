/*
 * MONITOR. GC20-1806; messages as in VM/370 Release 6, modules DMKMCC and DMKMCD.
 *
 * START SPOOL writes CSV files, whoever is named behind it (see cp/monitor.h). There is
 * no trace table of CP (CPTRACE).
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/message.h"
#include "cp/monitor.h"
#include "cp/systape.h"
#include "cp/sysvolume.h"
#include "cp/vmblok.h"

#define INTERVAL_MIN 5
#define INTERVAL_MAX (9 * 3600)
#define LIMIT_MIN    10
#define LIMIT_MAX    50000
#define DAY	     (24 * 60)

static int complete(struct vmblok *vm)
{
	vm_say(vm, "COMMAND COMPLETE");
	return 0;
}

static int display(struct vmblok *vm, struct args *args)
{
	unsigned enabled = monitor_enabled(vm->cp->monitor);

	(void)args;
	vm_say(vm, "CLS KEYWORD  STATUS");
	for (unsigned i = 0; i < MONITOR_CLASSES; i++)
		if (monitor_class_name[i][0])
			vm_say(vm, "%02u  %-8s %s", i, monitor_class_name[i],
			       enabled & 1u << i ? "ENABLED" : "DISABLED");
	return 0;
}

/* The number of a class by three or four letters, or -1. */
static int class_number(const char *word)
{
	static const size_t min[MONITOR_CLASSES] = { 4, 4, 3, 0, 4, 4, 3, 4, 3 };

	for (int i = 0; i < MONITOR_CLASSES; i++)
		if (min[i] && abbreviates(word, monitor_class_name[i], min[i]))
			return i;
	return -1;
}

static int enable(struct vmblok *vm, struct args *args)
{
	const unsigned needed = MONITOR_SCHEDULE | MONITOR_DASTAP;
	unsigned classes = 0, before = monitor_enabled(vm->cp->monitor);
	const char *word;

	while ((word = args_word(args))) {
		int n = class_number(word);

		if (n < 0)
			return cp_error(vm, "MCC", 2, word);
		classes |= 1u << n;
	}
	if (!classes)
		return cp_error(vm, "MCC", 26);
	if (monitor_active(vm->cp->monitor) && (classes & MONITOR_DASTAP) &&
	    !(before & MONITOR_DASTAP))
		return cp_error(vm, "MCC", 215);
	if ((classes & MONITOR_SYSPROF) && (classes & needed) != needed)
		return cp_error(vm, "MCC", 216);
	monitor_enable(vm->cp->monitor, classes);
	return complete(vm);
}

static int interval(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args), *unit = args_word(args);
	uint32_t seconds;

	if (!word)
		return cp_error(vm, "MCD", 26);
	if (!args_decimal(word, INTERVAL_MAX, &seconds))
		return cp_error(vm, "MCD", 2, word);
	if (unit && strcmp(unit, "MIN") == 0)
		seconds *= 60;
	else if (unit && strcmp(unit, "SEC") != 0)
		return cp_error(vm, "MCD", 3, unit);
	if (seconds < INTERVAL_MIN || seconds > INTERVAL_MAX)
		return cp_error(vm, "MCD", 2, word);
	monitor_interval(vm->cp->monitor, seconds);
	return complete(vm);
}

static int limit(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args), *what = args_word(args);
	uint32_t n = 0;

	if (!word)
		return cp_error(vm, "MCD", 26);
	if (strcmp(word, "*") != 0 &&
	    (!args_decimal(word, LIMIT_MAX, &n) || n < LIMIT_MIN))
		return cp_error(vm, "MCD", 224);
	/* SAMPLE is ours at any rate: records are counted by the sample. */
	if (what && strcmp(what, "STOP") != 0 && strcmp(what, "NOSTOP") != 0 &&
	    strcmp(what, "SAMPLE") != 0)
		return cp_error(vm, "MCD", 2, what);
	monitor_limit(vm->cp->monitor, n, what && strcmp(what, "STOP") == 0);
	return complete(vm);
}

static int started(struct vmblok *vm, struct systape *drive)
{
	struct error err;

	if (monitor_start(vm->cp->monitor, drive, &err))
		return complete(vm);
	log_warn("monitor", "%s", err.text);
	vm_say(vm, "%s", err.text);
	return 220;
}

static int start_spool(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);

	if (word && strcmp(word, "TO") == 0)
		word = args_word(args);
	if (word && !directory_find(vm->cp->directory, word))
		return cp_error(vm, "MCC", 225);
	return started(vm, NULL);
}

/* A free drive with a tape that may be written on. */
static int start_tape(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	struct systape *drive;
	uint16_t raddr;

	if (!word || !args_vaddr(word, &raddr))
		return cp_error(vm, "MCC", 21, word ? word : "");
	drive = systape_at(vm->cp->tapes, raddr);
	if (!drive)
		return cp_error(vm, "MCC", 40, word);
	if (drive->user)
		return cp_error(vm, "MCC", 140, "TAPE", word, drive->user->userid);
	if (!drive->path || drive->read_only)
		return cp_error(vm, "MCC", 46, "TAPE", word);
	if (!monitor_enabled(vm->cp->monitor))
		return cp_error(vm, "MCC", 217);
	return started(vm, drive);
}

static int start(struct vmblok *vm, struct args *args)
{
	enum monitor_output active = monitor_active(vm->cp->monitor);
	const char *word = args_word(args);
	bool tape;

	if (!word)
		return cp_error(vm, "MCC", 26);
	tape = strcmp(word, "TAPE") == 0;
	if (!tape && strcmp(word, "SPOOL") != 0)
		return cp_error(vm, "MCC", 2, word);
	if (active)
		return cp_error(vm, "MCC", active == MONITOR_TAPE ? 211 : 221);
	return tape ? start_tape(vm, args) : start_spool(vm, args);
}

static int stop(struct vmblok *vm, struct args *args)
{
	enum monitor_output active = monitor_active(vm->cp->monitor), wanted;
	const char *word = args_word(args);

	if (!word)
		return cp_error(vm, "MCD", 26);
	wanted = strcmp(word, "SPOOL") == 0 ? MONITOR_SPOOL
		 : strcmp(word, "TAPE") == 0 ? MONITOR_TAPE : MONITOR_NONE;
	if (!wanted)
		return cp_error(vm, "MCD", 2, word);
	if (active != wanted)
		return cp_error(vm, "MCD", 212);
	monitor_stop(vm->cp->monitor);
	return complete(vm);
}

/* ---- AUTODISK, TIME */

static int autodisk(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);

	if (!word)
		return cp_error(vm, "MCC", 26);
	if (strcmp(word, "ON") != 0 && strcmp(word, "OFF") != 0)
		return cp_error(vm, "MCC", 2, word);
	monitor_automatic(vm->cp->monitor, strcmp(word, "ON") == 0);
	return complete(vm);
}

/* hh:mm, up to 24:60 as R6 takes it. Minutes, or the error's number with rc. */
static int time_of_day(struct vmblok *vm, const char *word, unsigned *minutes)
{
	const char *colon = word ? strchr(word, ':') : NULL;
	char hours[4];
	uint32_t h, m;

	if (!word)
		return cp_error(vm, "MCD", 26);
	if (!colon || colon == word || (size_t)(colon - word) >= sizeof(hours))
		return cp_error(vm, "MCD", 2, word);
	memcpy(hours, word, (size_t)(colon - word));
	hours[colon - word] = '\0';
	if (!args_decimal(hours, 999, &h) || !args_decimal(colon + 1, 999, &m))
		return cp_error(vm, "MCD", 2, word);
	if (h > 24 || m > 60)
		return cp_error(vm, "MCD", 222);
	*minutes = h * 60 + m;
	return 0;
}

static int time_from(struct vmblok *vm, struct args *args)
{
	unsigned from, to;
	const char *word;
	int rc = time_of_day(vm, args_word(args), &from);

	if (rc)
		return rc;
	word = args_word(args);
	if (!word || strcmp(word, "TO") != 0)
		return word ? cp_error(vm, "MCD", 2, word) : cp_error(vm, "MCD", 26);
	rc = time_of_day(vm, args_word(args), &to);
	if (rc)
		return rc;
	if (from >= to)
		return cp_error(vm, "MCD", 223);
	monitor_time(vm->cp->monitor, from, to);
	return complete(vm);
}

static int time_for(struct vmblok *vm, struct args *args)
{
	unsigned length, now = monitor_minute();
	int rc;

	if (monitor_active(vm->cp->monitor))
		return cp_error(vm, "MCD", 228);
	if (!monitor_is_automatic(vm->cp->monitor))
		return cp_error(vm, "MCD", 227);
	rc = time_of_day(vm, args_word(args), &length);
	if (rc)
		return rc;
	if (now + length > DAY)
		return cp_error(vm, "MCD", 226);
	monitor_time(vm->cp->monitor, now, now + length);
	return complete(vm);
}

static int time_window(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);

	if (!word)
		return cp_error(vm, "MCD", 26);
	if (strcmp(word, "FROM") == 0)
		return time_from(vm, args);
	if (strcmp(word, "FOR") == 0)
		return time_for(vm, args);
	if (strcmp(word, "ALL") != 0 && strcmp(word, "NONE") != 0)
		return cp_error(vm, "MCD", 2, word);
	monitor_time(vm->cp->monitor, word[0] == 'A' ? 0 : DAY, DAY);
	return complete(vm);
}

static int close_file(struct vmblok *vm, struct args *args)
{
	(void)args;
	if (!monitor_active(vm->cp->monitor))
		return cp_error(vm, "MCC", 212);
	monitor_close(vm->cp->monitor);
	return complete(vm);
}

/* ---- SEEKS INCLUDE|EXCLUDE raddr|raddr-raddr... | DELETE | DISPLAY */

static bool seeks_add(struct monitor_seeks *list, uint16_t raddr)
{
	unsigned at = list->count;

	if (list->count == MONITOR_SEEKS_MAX)
		return false;
	while (at && list->raddr[at - 1] > raddr) {
		list->raddr[at] = list->raddr[at - 1];
		at--;
	}
	list->raddr[at] = raddr;
	list->count++;
	return true;
}

/* raddr or raddr-raddr. A volume that is not there is told, and left out. */
static int seeks_word(struct vmblok *vm, const char *word, struct monitor_seeks *list)
{
	const char *dash = strchr(word, '-');
	uint16_t first, last;
	char text[8];

	snprintf(text, sizeof(text), "%.*s", dash ? (int)(dash - word) : 7, word);
	if (strlen(text) != 3 || !args_vaddr(text, &first) ||
	    (dash && (strlen(dash + 1) != 3 || !args_vaddr(dash + 1, &last) || last <= first)))
		return cp_error(vm, "MCD", 21, word);
	if (!dash)
		last = first;
	for (unsigned a = first; a <= last; a++) {
		snprintf(text, sizeof(text), "%03X", a);
		if (!sysvolume_at(vm->cp->volumes, (uint16_t)a))
			(void)cp_error(vm, "MCD", 40, text);
		else if (!seeks_add(list, (uint16_t)a))
			return cp_error(vm, "MCD", 131, "SEEKS");
	}
	return 0;
}

static int seeks_list(struct vmblok *vm, struct args *args, bool include)
{
	struct monitor_seeks list = { .include = include };
	const char *word = args_word(args);
	int rc = word ? 0 : cp_error(vm, "MCD", 26);

	for (; word && !rc; word = args_word(args))
		rc = seeks_word(vm, word, &list);
	if (rc)
		return rc;
	monitor_set_seeks(vm->cp->monitor, &list);
	return complete(vm);
}

/* Eight to a line. */
static int seeks_display(struct vmblok *vm)
{
	const struct monitor_seeks *list = monitor_seeks(vm->cp->monitor);
	char line[40] = "";

	if (!list->count) {
		vm_say(vm, "SELECTIVE SEEKS NOT CURRENTLY ACTIVE");
		return complete(vm);
	}
	vm_say(vm, "--SEEKS %sCLUDED DEVICES", list->include ? "IN" : "EX");
	for (unsigned i = 0; i < list->count; i++) {
		snprintf(line + 4 * (i % 8), sizeof(line) - 4 * (i % 8), " %03X", list->raddr[i]);
		if (i % 8 == 7 || i + 1 == list->count)
			vm_say(vm, "%s", line);
	}
	return complete(vm);
}

static int seeks(struct vmblok *vm, struct args *args)
{
	const struct monitor_seeks none = { .count = 0 };
	const char *word = args_word(args);

	if (!word)
		return cp_error(vm, "MCD", 26);
	if (abbreviates(word, "INCLUDE", 1))
		return seeks_list(vm, args, true);
	if (abbreviates(word, "EXCLUDE", 1))
		return seeks_list(vm, args, false);
	if (abbreviates(word, "DISPLAY", 2))
		return seeks_display(vm);
	if (!abbreviates(word, "DELETE", 2))
		return cp_error(vm, "MCD", 2, word);
	monitor_set_seeks(vm->cp->monitor, &none);
	return complete(vm);
}

int cmd_monitor(struct vmblok *vm, struct args *args)
{
	static const struct {
		const char *name;
		size_t min;
		int (*execute)(struct vmblok *vm, struct args *args);
	} rows[] = {
		{ "START", 3, start }, { "STOP", 4, stop }, { "DISPLAY", 1, display },
		{ "ENABLE", 2, enable }, { "INTERVAL", 3, interval }, { "LIMIT", 3, limit },
		{ "CLOSE", 2, close_file }, { "AUTODISK", 4, autodisk },
		{ "TIME", 4, time_window }, { "SEEKS", 2, seeks },
	};
	const char *word = args_word(args);

	if (!word)
		return cp_error(vm, "MCC", 26);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (abbreviates(word, rows[i].name, rows[i].min))
			return rows[i].execute(vm, args);
	return cp_error(vm, "MCC", 2, word);
}
