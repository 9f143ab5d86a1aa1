/*
 * dasd/command.h - the parts that dasd370's subcommands share.
 *
 * A subcommand is a row: its name, what it takes, what it does, its options and
 * a function. Help is printed from the rows, and a test holds the man page
 * against them.
 */
#ifndef DASD_COMMAND_H
#define DASD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Exit statuses, as in dasd370(1). */
enum exit_status {
	EXIT_OK = 0,
	EXIT_NOT_FOUND = 1, /* the answer is no: damage found, no such file on the disk */
	EXIT_USAGE = 2,
	EXIT_TROUBLE = 3,   /* a file of the host could not be read or written */
	EXIT_REPAIRED = 4,  /* check --repair: damage was found and mended */
};

struct command_option {
	const char *name;  /* "cylinders" */
	char letter;       /* 'c', or 0 */
	const char *value; /* what it takes: "N"; NULL: a flag */
	const char *help;
};

#define OPTIONS_MAX 16

struct arguments {
	const struct command *command;
	const char *option[OPTIONS_MAX]; /* by row; "" for a flag that was given */
	char **word;                     /* what is not an option */
	int words;
};

struct command {
	const char *name;  /* "create", or "tape map" */
	const char *takes; /* "FILE TYPE [VOLSER]" */
	const char *does;  /* one sentence without a full stop */
	int min, max;      /* words taken; max -1: any number */
	struct command_option options[OPTIONS_MAX];
	int (*run)(struct arguments *args);
};

/* The rows of each file; each ends with a row without a name. */
extern const struct command image_commands[];
extern const struct command layer_commands[];
extern const struct command file_commands[];
extern const struct command tape_commands[];
extern const struct command deck_commands[];

/* The option's value, "" for a flag, NULL if it was not given. */
const char *option_value(const struct arguments *args, const char *name);
static inline bool option_given(const struct arguments *args, const char *name)
{
	return option_value(args, name) != NULL;
}

/*
 * A number option, or usual if it was not given. false: not a number between
 * low and high; a message has been printed.
 */
bool option_number(const struct arguments *args, const char *name, uint32_t low, uint32_t high,
		   uint32_t usual, uint32_t *out);

/* "100-199" or "100". false with a message if it is not that. */
bool parse_range(const char *text, uint32_t *first, uint32_t *last);

/* Print "dasd370 NAME: ..." on standard error and return the status. */
int command_fail(const struct arguments *args, enum exit_status status, const char *format, ...)
	PRINTF_LIKE(3, 4);
int command_trouble(const struct arguments *args, const struct error *err);

/* A progress bar on standard error, if that is a terminal. */
struct progress {
	const char *what;
	uint64_t total, shown;
	bool active;
};
void progress_begin(struct progress *p, const char *what, uint64_t total);
void progress_show(struct progress *p, uint64_t done);
void progress_end(struct progress *p);

/* Write a printable form of EBCDIC bytes: "." for what is not. */
void print_ebcdic(const uint8_t *bytes, size_t n);

/* "12,345" */
const char *with_commas(uint64_t n, char buffer[32]);

#endif
