/*
 * The operator's commands for the system's reader, punch and printer: START,
 * DRAIN, FLUSH, REPEAT, BACKSPAC, SPACE, LOADBUF. Class D; GC20-1806.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/commands/spoolargs.h"
#include "cp/message.h"
#include "cp/output.h"
#include "cp/vmblok.h"
#include "cp/watch.h"

/* The device that a word is the address of. */
static int device_at(struct vmblok *vm, const char *word, struct output_device **d)
{
	uint16_t raddr;

	if (!word || !args_vaddr(word, &raddr))
		return cp_error(vm, "CSO", 21, word ? word : "");
	*d = output_find(vm->cp->output, raddr);
	return *d ? 0 : cp_error(vm, "CSO", 40, word);
}

/* The same, and it must be a printer or punch. */
static int writer_at(struct vmblok *vm, struct args *args, struct output_device **d)
{
	const char *word = args_word(args);
	int rc = device_at(vm, word, d);

	if (!rc && output_queue(*d) == SPOOL_RDR)
		rc = cp_error(vm, "CSO", 6, word);
	return rc;
}

static int not_active(struct vmblok *vm, const struct output_device *d)
{
	char raddr[8];

	snprintf(raddr, sizeof(raddr), "%03X", output_address(d));
	return cp_error(vm, "CSO", 141, output_word(d), raddr);
}

/* A line for who gave the command, and for the operator if that is another. */
static void say_both(struct vmblok *vm, const char *line)
{
	vm_say(vm, "%s", line);
	cp_tell_operator(vm->cp, vm, "%s", line);
}

/* ---- START and DRAIN */

struct start {
	bool drain;
	bool class_set, no_separator;
	char classes[5];
};

static void start_or_drain(struct vmblok *vm, struct output_device *d, const struct start *s)
{
	char line[80];
	bool done = true;

	if (s->drain)
		done = output_drain(d);
	else
		output_start(d, s->class_set ? s->classes : NULL, !s->no_separator);
	output_describe(d, line);
	if (done)
		say_both(vm, line);
	if (!s->drain && output_queue(d) == SPOOL_RDR && vm->cp->watch)
		watch_scan(vm->cp->watch);
}

static int all_of(struct vmblok *vm, const bool queues[SPOOL_QUEUES], const struct start *s)
{
	for (struct output_device *d = output_next(vm->cp->output, NULL); d;
	     d = output_next(vm->cp->output, d))
		if (queues[output_queue(d)])
			start_or_drain(vm, d, s);
	return 0;
}

/* CLASS cccc: one to four of A-Z, 0-9 and *. */
static int start_class(struct vmblok *vm, const char *keyword, const char *word,
		       struct start *s)
{
	if (s->class_set)
		return cp_error(vm, "CSO", 13, keyword);
	if (!word || strlen(word) > 4)
		return cp_error(vm, "CSO", 28);
	for (const char *c = word; *c; c++)
		if (!isupper((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '*')
			return cp_error(vm, "CSO", 28);
	s->class_set = true;
	snprintf(s->classes, sizeof(s->classes), "%s", word);
	return 0;
}

/* The options behind an address, up to the next address. */
static int start_options(struct vmblok *vm, struct args *args, enum spool_queue queue,
			 struct start *s)
{
	uint16_t raddr;
	const char *word;
	int rc = 0;

	while (!rc && (word = args_peek(args))) {
		if (queue != SPOOL_RDR && abbreviates(word, "CLASS", 2)) {
			args_word(args);
			rc = start_class(vm, word, args_word(args), s);
		} else if (queue != SPOOL_RDR && abbreviates(word, "NOSEP", 3)) {
			args_word(args);
			if (s->no_separator)
				return cp_error(vm, "CSO", 13, word);
			s->no_separator = true;
		} else if (args_vaddr(word, &raddr)) {
			return 0;
		} else {
			return cp_error(vm, "CSO", 3, word);
		}
	}
	return rc;
}

static int start_addresses(struct vmblok *vm, struct args *args, bool drain)
{
	struct output_device *d;
	int rc = 0;

	while (!rc && args_peek(args)) {
		struct start s = { .drain = drain };

		rc = device_at(vm, args_word(args), &d);
		if (!rc)
			rc = start_options(vm, args, output_queue(d), &s);
		if (!rc)
			start_or_drain(vm, d, &s);
	}
	return rc;
}

static int start_and_drain(struct vmblok *vm, struct args *args, bool drain)
{
	const char *word = args_peek(args);
	bool all = !word || strcmp(word, "ALL") == 0;
	bool queues[SPOOL_QUEUES] = { all, all, all };
	enum spool_queue queue;
	const struct start plain = { .drain = drain };

	if (!all && !spoolargs_queue(word, &queue))
		return start_addresses(vm, args, drain);
	args_word(args);
	if (args_peek(args))
		return cp_error(vm, "CSO", 3, args_peek(args));
	if (!all)
		queues[queue] = true;
	return all_of(vm, queues, &plain);
}

int cmd_start(struct vmblok *vm, struct args *args)
{
	return start_and_drain(vm, args, false);
}

int cmd_drain(struct vmblok *vm, struct args *args)
{
	return start_and_drain(vm, args, true);
}

/* ---- the active file */

int cmd_flush(struct vmblok *vm, struct args *args)
{
	struct output_device *d;
	bool all = false, hold = false;
	const char *word;
	int rc = writer_at(vm, args, &d);

	while (!rc && (word = args_word(args))) {
		bool is_all = abbreviates(word, "ALL", 2);

		if (!is_all && !abbreviates(word, "HOLD", 2))
			rc = cp_error(vm, "CSO", 3, word);
		else if (is_all ? all : hold)
			rc = cp_error(vm, "CSO", 13, word);
		all |= is_all;
		hold |= !is_all;
	}
	if (rc)
		return rc;
	return output_flush(d, all, hold) ? 0 : not_active(vm, d);
}

int cmd_repeat(struct vmblok *vm, struct args *args)
{
	struct output_device *d;
	uint32_t copies = 0;
	bool hold = false;
	const char *word;
	int rc = writer_at(vm, args, &d);

	while (!rc && (word = args_word(args))) {
		if (abbreviates(word, "HOLD", 2)) {
			if (hold)
				rc = cp_error(vm, "CSO", 13, word);
			hold = true;
		} else if ((copies && hold) || strlen(word) > 2) {
			rc = cp_error(vm, "CSO", 3, word);
		} else if (copies) {
			rc = cp_error(vm, "CSO", 13, word);
		} else if (!args_decimal(word, 99, &copies) || copies == 0) {
			rc = cp_error(vm, "CSO", 30);
		}
	}
	if (rc)
		return rc;
	return output_repeat(d, copies ? copies : 1, hold) ? 0 : not_active(vm, d);
}

int cmd_space(struct vmblok *vm, struct args *args)
{
	struct output_device *d;
	const char *word = args_peek(args);
	int rc = writer_at(vm, args, &d);

	if (!rc && output_queue(d) != SPOOL_PRT)
		rc = cp_error(vm, "CSO", 6, word);
	if (rc)
		return rc;
	if (!output_space(d))
		return not_active(vm, d);
	vm_say(vm, "COMMAND COMPLETE");
	return 0;
}

static int backspace_operands(struct vmblok *vm, struct args *args, enum spool_queue queue,
			      int *pages, bool *from_end)
{
	const char *word = args_word(args);
	uint32_t n = 1;

	*pages = queue == SPOOL_PRT ? 1 : -1;
	*from_end = false;
	if (!word)
		return 0;
	if (abbreviates(word, "FILE", 1)) {
		*pages = -1;
	} else {
		if (queue != SPOOL_PRT || !args_decimal(word, 99, &n) || n == 0)
			return cp_error(vm, "CSO", 3, word);
		*pages = (int)n;
		*from_end = args_peek(args) && strcmp(args_peek(args), "EOF") == 0;
		if (*from_end)
			args_word(args);
	}
	return args_peek(args) ? cp_error(vm, "CSO", 3, args_peek(args)) : 0;
}

int cmd_backspac(struct vmblok *vm, struct args *args)
{
	struct output_device *d;
	bool from_end = false, busy;
	char line[120];
	int pages = 0, rc = writer_at(vm, args, &d);

	if (!rc && !output_active(d, "BACKSPACE", line))
		return not_active(vm, d);
	if (!rc)
		rc = backspace_operands(vm, args, output_queue(d), &pages, &from_end);
	if (rc)
		return rc;
	if (!output_backspace(d, pages, from_end, &busy))
		return not_active(vm, d);
	if (busy)
		return cp_error(vm, "CSO", 441);
	say_both(vm, line);
	return 0;
}
