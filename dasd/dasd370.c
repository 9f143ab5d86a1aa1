/*
 * dasd370 - look after disk volumes, tapes and card decks of a System/370.
 *
 * Subcommands are rows in the tables of cmd_*.c; see command.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dasd/command.h"

static const struct command *const tables[] = {
	image_commands, layer_commands, file_commands, tape_commands, deck_commands,
};

/* Words of the command line that a command's name takes: "tape map" is two. */
static int name_words(const char *name)
{
	return strchr(name, ' ') ? 2 : 1;
}

static bool is_named(const struct command *c, int argc, char **argv)
{
	char two[64];

	if (name_words(c->name) == 1)
		return argc >= 1 && strcmp(c->name, argv[0]) == 0;
	if (argc < 2)
		return false;
	snprintf(two, sizeof(two), "%s %s", argv[0], argv[1]);
	return strcmp(c->name, two) == 0;
}

static const struct command *find_command(int argc, char **argv)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct command *c = tables[i]; c->name; c++)
			if (is_named(c, argc, argv))
				return c;
	return NULL;
}

static void help_all(FILE *out)
{
	fprintf(out, "Usage: dasd370 COMMAND [OPTION]... [ARGUMENT]...\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct command *c = tables[i]; c->name; c++)
			fprintf(out, "  %-13s %s\n", c->name, c->does);
	fprintf(out, "  %-13s %s\n\n", "help", "Say more about a command: dasd370 help COMMAND");
	fprintf(out, "Exit status: 0 done; 1 no such thing, or damage found; 2 wrong usage;\n"
		     "3 trouble with a file; 4 damage found and repaired.\n");
}

static void help_one(FILE *out, const struct command *c)
{
	fprintf(out, "Usage: dasd370 %s%s %s\n%s.\n", c->name,
		c->options[0].name ? " [OPTION]..." : "", c->takes, c->does);
	for (const struct command_option *o = c->options; o < c->options + OPTIONS_MAX && o->name;
	     o++) {
		char left[48];

		snprintf(left, sizeof(left), "%c%c%s--%s%s%s", o->letter ? '-' : ' ',
			 o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name,
			 o->value ? " " : "", o->value ? o->value : "");
		fprintf(out, "  %-26s %s\n", left, o->help);
	}
}

static int usage(const struct command *c, const char *what, const char *which)
{
	fprintf(stderr, "dasd370 %s: %s%s; try \"dasd370 help %s\"\n", c->name, what, which,
		c->name);
	return EXIT_USAGE;
}

/* The row of an option as typed ("-c", "--cylinders", "--cylinders=5"), or -1. */
static int find_option(const struct command *c, const char *typed, const char **value)
{
	const char *equals = strchr(typed, '=');
	size_t n = equals ? (size_t)(equals - typed) : strlen(typed);

	*value = equals ? equals + 1 : NULL;
	for (int i = 0; i < OPTIONS_MAX && c->options[i].name; i++) {
		const struct command_option *o = &c->options[i];

		if (typed[1] == '-' ? strlen(o->name) == n - 2 &&
					      strncmp(o->name, typed + 2, n - 2) == 0
				    : n == 2 && o->letter && o->letter == typed[1])
			return i;
	}
	return -1;
}

/* Sort the command line into options and words. Returns 0 or an exit status. */
static int parse(struct arguments *args, int argc, char **argv)
{
	const struct command *c = args->command;
	bool only_words = false;

	args->word = argv;
	for (int i = 0; i < argc; i++) {
		const char *value;
		int row;

		if (only_words || argv[i][0] != '-' || !argv[i][1]) {
			argv[args->words++] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "--") == 0) {
			only_words = true;
			continue;
		}
		row = find_option(c, argv[i], &value);
		if (row < 0)
			return usage(c, "no such option: ", argv[i]);
		if (c->options[row].value && !value && i + 1 < argc)
			value = argv[++i];
		if (!c->options[row].value == !!value)
			return usage(c, value ? "takes no value: --" : "wants a value: --",
				     c->options[row].name);
		args->option[row] = value ? value : "";
	}
	if (args->words < c->min)
		return usage(c, "something is missing: ", c->takes);
	if (c->max >= 0 && args->words > c->max)
		return usage(c, "too much: ", argv[c->max]);
	return 0;
}

static int help(int argc, char **argv)
{
	const struct command *c = find_command(argc, argv);

	if (argc > 0 && !c) {
		fprintf(stderr, "dasd370: there is no command \"%s\"\n", argv[0]);
		return EXIT_USAGE;
	}
	if (c)
		help_one(stdout, c);
	else
		help_all(stdout);
	return EXIT_OK;
}

int main(int argc, char **argv)
{
	const struct command *c;
	struct arguments args = { 0 };
	int rc, skip;

	if (argc < 2) {
		help_all(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0)
		return help(argc - 2, argv + 2);
	c = find_command(argc - 1, argv + 1);
	if (!c) {
		fprintf(stderr, "dasd370: there is no command \"%s\"; try \"dasd370 help\"\n",
			argv[1]);
		return EXIT_USAGE;
	}
	skip = 1 + name_words(c->name);
	if (argc > skip && strcmp(argv[skip], "--help") == 0) {
		help_one(stdout, c);
		return EXIT_OK;
	}
	args.command = c;
	rc = parse(&args, argc - skip, argv + skip);
	if (!rc)
		rc = c->run(&args);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("dasd370: standard output");
		rc = EXIT_TROUBLE;
	}
	return rc;
}
