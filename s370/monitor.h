/*
 * s370/monitor.h - the commands of the bare machine.
 *
 * One table row a command: name, handler, syntax, help. A line comes from the
 * keyboard or from a script; in a script, input that is unknown or malformed
 * ends everything with a message that names file and line.
 */
#ifndef S370_MONITOR_H
#define S370_MONITOR_H

#include <stdbool.h>

#include "base/error.h"
#include "s370/bare.h"

enum outcome {
	OUTCOME_OK,
	OUTCOME_INPUT,  /* unknown or malformed: error says why; exit status 2 */
	OUTCOME_FAILED, /* well-formed, but it did not work: exit status 1 */
	OUTCOME_QUIT,   /* exit_status is set */
};

struct monitor {
	struct bare *bare;
	struct screen *screen;
	unsigned cpu;       /* that register commands refer to */
	unsigned depth;     /* of scripts in scripts */
	int exit_status;
	struct error error; /* for OUTCOME_INPUT and OUTCOME_FAILED */
};

struct command {
	const char *name;
	/* args: the rest of the line, without blanks around it; may be changed. */
	enum outcome (*run)(struct monitor *m, char *args);
	const char *syntax;
	const char *help;
};

/* The tables of the command files; each ends with a row without a name. */
extern const struct command storage_commands[];
extern const struct command register_commands[];
extern const struct command run_commands[];
extern const struct command device_commands[];
extern const struct command session_commands[];

/* Execute one line. */
enum outcome monitor_line(struct monitor *m, char *line);

/*
 * Execute the lines of a file ("-": standard input). Stops at the first line
 * that is not carried out, with the place in front of m->error.
 */
enum outcome monitor_script(struct monitor *m, const char *path);

/* Talk to a person until quit or end of input. */
enum outcome monitor_interactive(struct monitor *m);

/* Call visit for every row. */
void monitor_each(void (*visit)(void *arg, const struct command *c), void *arg);

/* m->error is filled; for handlers: return malformed(m, "...") */
enum outcome malformed(struct monitor *m, const char *format, ...) PRINTF_LIKE(2, 3);
/* The outcome of an operation that fills m->error itself. */
static inline enum outcome outcome(bool ok)
{
	return ok ? OUTCOME_OK : OUTCOME_FAILED;
}

#endif
