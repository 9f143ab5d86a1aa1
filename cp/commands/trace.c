/*
 * TRACE. GC20-1820, TRACE; what conflicts with what is as in VM/370 Release 6,
 * module DMKTRA.
 */
#include <string.h>

#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/message.h"
#include "cp/trace.h"
#include "cp/vmblok.h"

#define ALL                                                                              \
	(TRACE_SVC | TRACE_IO | TRACE_PROGRAM | TRACE_EXTERNAL | TRACE_SIO | TRACE_CCW | \
	 TRACE_CSW | TRACE_INSTRUCT)

enum option { OPT_PRINTER = 1, OPT_TERMINAL = 2, OPT_RUN = 4, OPT_NORUN = 8 };

struct word {
	const char *name;
	size_t min;
	unsigned value;
};

static const struct word classes[] = {
	{ "INSTRUCT", 4, TRACE_INSTRUCT }, { "SVC", 3, TRACE_SVC },
	{ "I/O", 3, TRACE_IO },            { "PROGRAM", 3, TRACE_PROGRAM },
	{ "EXTERNAL", 3, TRACE_EXTERNAL }, { "PRIV", 4, TRACE_PRIV },
	{ "SIO", 3, TRACE_SIO },           { "CCW", 3, TRACE_CCW },
	{ "CSW", 3, TRACE_CSW },           { "BRANCH", 2, TRACE_BRANCH },
	{ "ALL", 3, ALL },
};

static const struct word options[] = {
	{ "PRINTER", 1, OPT_PRINTER }, { "TERMINAL", 4, OPT_TERMINAL },
	{ "BOTH", 4, OPT_PRINTER | OPT_TERMINAL },
	{ "RUN", 3, OPT_RUN }, { "NORUN", 3, OPT_NORUN },
};

static const struct word *find(const struct word *words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (abbreviates(word, words[i].name, words[i].min))
			return &words[i];
	return NULL;
}

static int trace_off(struct vmblok *vm, unsigned off)
{
	const struct trace_sets *now = trace_sets(vm);
	struct trace_sets sets;

	if (!now)
		return cp_error(vm, "TRA", 180);
	if (off & TRACE_SIO)
		off |= TRACE_CCW;
	if (off & TRACE_IO)
		off |= TRACE_CSW;
	sets = *now;
	sets.on &= ~off;
	trace_set(vm, &sets);
	return 0;
}

/* Without options: on the terminal, and stop behind each line. */
static int check_options(struct vmblok *vm, unsigned *opt)
{
	if ((*opt & OPT_RUN) && (*opt & OPT_NORUN))
		return cp_error(vm, "TRA", 13, "NORUN");
	if (!(*opt & (OPT_PRINTER | OPT_TERMINAL)))
		*opt |= OPT_TERMINAL;
	if (!(*opt & OPT_TERMINAL) && (*opt & (OPT_RUN | OPT_NORUN)))
		return cp_error(vm, "TRA", 13, "RUN/NORUN PRINTER");
	return 0;
}

/* CCW means SIO too, CSW means I/O, wherever they go. */
static unsigned with_implied(unsigned set)
{
	if (set & TRACE_CCW)
		set |= TRACE_SIO;
	if (set & TRACE_CSW)
		set |= TRACE_IO;
	return set;
}

static int trace_on(struct vmblok *vm, unsigned wanted, unsigned opt)
{
	struct trace_sets sets = { .on = 0 };
	int rc = check_options(vm, &opt);

	if (rc)
		return rc;
	if ((wanted & TRACE_BRANCH) && (wanted & TRACE_INSTRUCT))
		return cp_error(vm, "TRA", 13, "BRANCH");
	if (trace_sets(vm))
		sets = *trace_sets(vm);
	sets.on = with_implied(sets.on | wanted);
	sets.printer &= ~wanted;
	sets.terminal &= ~wanted;
	sets.run &= ~wanted;
	if (opt & OPT_PRINTER)
		sets.printer = with_implied(sets.printer | wanted);
	if (opt & OPT_TERMINAL)
		sets.terminal = with_implied(sets.terminal | wanted);
	if (opt & OPT_RUN)
		sets.run = with_implied(sets.run | wanted);
	trace_set(vm, &sets);
	return 0;
}

int cmd_trace(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	const struct word *w;
	unsigned wanted = 0, opt = 0;

	if (!word)
		return cp_error(vm, "TRA", 26);
	if (strcmp(word, "END") == 0)
		return trace_off(vm, ~0u);
	for (; word; word = args_word(args)) {
		w = opt ? NULL : find(classes, ARRAY_SIZE(classes), word);
		if (w) {
			wanted |= w->value;
			continue;
		}
		if (!wanted)
			return cp_error(vm, "TRA", 2, word);
		if (!opt && strcmp(word, "OFF") == 0)
			return trace_off(vm, wanted);
		w = find(options, ARRAY_SIZE(options), word);
		if (!w)
			return cp_error(vm, "TRA", 3, word);
		opt |= w->value;
	}
	return trace_on(vm, wanted, opt);
}
