/* Commands about the monitor itself: help, script, stats, quit. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/compiler.h"
#include "s370/monitor.h"
#include "s370/parse.h"

struct help_list {
	struct screen *screen;
	const char *wanted; /* NULL: the short list */
	unsigned found;
};

static void help_row(void *arg, const struct command *c)
{
	struct help_list *h = arg;

	if (h->wanted ? !strcasecmp(h->wanted, c->name) : c->help != NULL) {
		screen_say(h->screen, "%-34s %s", c->syntax,
			   c->help ? c->help : "not needed here");
		h->found++;
	}
}

static enum outcome cmd_help(struct monitor *m, char *args)
{
	struct help_list h = { m->screen, *args ? args : NULL, 0 };

	monitor_each(help_row, &h);
	if (h.found == 0)
		return malformed(m, "help: no command %s", args);
	if (!h.wanted) {
		screen_say(m->screen, "%-34s %s", "/TEXT",
			   "type a line at the console (REQUEST first if it does not read)");
		screen_say(m->screen, "%-34s %s", "* TEXT, # TEXT", "comment");
	}
	return OUTCOME_OK;
}

static enum outcome cmd_script(struct monitor *m, char *args)
{
	if (!*args)
		return malformed(m, "script FILE: no file name");
	return monitor_script(m, args);
}

static enum outcome cmd_quit(struct monitor *m, char *args)
{
	uint64_t rc = 0;

	if (*args && strcasecmp(args, "force") && !word_decimal(args, 255, &rc))
		return malformed(m, "quit [RC]: not a number from 0 to 255: %s", args);
	m->exit_status = (int)rc;
	return OUTCOME_QUIT;
}

static enum outcome cmd_stats(struct monitor *m, char *args)
{
	if (*args)
		return malformed(m, "stats takes no operand");
	bare_show_stats(m->bare);
	return OUTCOME_OK;
}

static enum outcome cmd_pause(struct monitor *m, char *args)
{
	char *end;
	double seconds = strtod(args, &end);
	struct timespec ts;

	if (end == args || *end || !(seconds >= 0) || seconds > 86400)
		return malformed(m, "pause SECONDS: not a time: %s", args);
	ts.tv_sec = (time_t)seconds;
	ts.tv_nsec = (long)((seconds - (double)ts.tv_sec) * 1e9);
	nanosleep(&ts, NULL);
	return OUTCOME_OK;
}

static enum outcome cmd_version(struct monitor *m, char *args)
{
	(void)args;
	screen_say(m->screen, "s370: System/370 bare machine");
	return OUTCOME_OK;
}

static enum outcome cmd_echo(struct monitor *m, char *args)
{
	screen_say(m->screen, "%s", args);
	return OUTCOME_OK;
}

/* Words of Hercules that tune what needs no tuning here. */
static enum outcome cmd_not_needed(struct monitor *m, char *args)
{
	(void)args;
	screen_say(m->screen, "not needed here");
	return OUTCOME_OK;
}

#define NOT_NEEDED(name) { name, cmd_not_needed, name, NULL }

const struct command session_commands[] = {
	{ "help", cmd_help, "help [COMMAND]", "this list, or one command" },
	{ "?", cmd_help, "? [COMMAND]", NULL },
	{ "script", cmd_script, "script FILE", "execute the commands in a file" },
	{ "stats", cmd_stats, "stats", "instructions, time, rate" },
	{ "maxrates", cmd_stats, "maxrates", NULL },
	{ "echo", cmd_echo, "echo TEXT", "show a line" },
	{ "pause", cmd_pause, "pause SECONDS", "let the machine run that long" },
	{ "version", cmd_version, "version", "what this is" },
	{ "quit", cmd_quit, "quit [RC]", "end, with exit status RC" },
	{ "exit", cmd_quit, "exit [RC]", "end" },
	NOT_NEEDED("panrate"),
	NOT_NEEDED("panopt"),
	NOT_NEEDED("pantitle"),
	NOT_NEEDED("hercprio"),
	NOT_NEEDED("cpuprio"),
	NOT_NEEDED("devprio"),
	NOT_NEEDED("todprio"),
	NOT_NEEDED("cckd"),
	NOT_NEEDED("timerint"),
	NOT_NEEDED("toddrag"),
	NOT_NEEDED("conkpalv"),
	NOT_NEEDED("iodelay"),
	NOT_NEEDED("devtmax"),
	NOT_NEEDED("http"),
	NOT_NEEDED("ldmod"),
	NOT_NEEDED("shrd"),
	NOT_NEEDED("pgmtrace"),
	NOT_NEEDED("ostailor"),
	{ 0 },
};
