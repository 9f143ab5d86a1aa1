/*
 * cp/command.h - CP commands: the table and the way in.
 *
 * GC20-1820, "VM/370 CP Command Reference for General Users".
 *
 * Threads: the CP thread.
 */
#ifndef CP_COMMAND_H
#define CP_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cp/args.h"
#include "cp/cp.h"

struct vmblok;

enum command_when {
	BEFORE_LOGON = 1, /* only a terminal that is not logged on */
	LOGGED_ON = 2,
	ANYTIME = 3,
	/*
	 * Besides: it resets or loads the machine or its registers. If that runs, it
	 * is stopped first, and the command is executed when it stands.
	 */
	BETWEEN = 4,
};

struct cp_command {
	const char *name;
	size_t min;       /* letters of the shortest form */
	uint8_t classes;  /* CLASS_* of vmblok.h, or CLASS_ANY */
	enum command_when when;
	/*
	 * Executes it. Returns 0 or the number of the error message, which is
	 * the return code DIAGNOSE X'08' hands to a guest.
	 */
	int (*execute)(struct vmblok *vm, struct args *args);
	const char *synopsis; /* HELP and docs print it; capitals: shortest form */
};

/* In search order; ends with a row without a name. */
extern const struct cp_command cp_commands[];

/*
 * Execute one command line. from_guest: DIAGNOSE, which gets return code 1 and
 * no text for an unknown command. Returns the return code.
 */
int command_execute(struct vmblok *vm, const char *line, bool from_guest);
/* Several, separated by a character (0: one); the last return code that is not 0. */
int command_execute_lines(struct vmblok *vm, const char *text, char separator,
			  bool from_guest);

/* The machine has stopped: execute what waited for that. */
void command_machine_stopped(struct vmblok *vm);
/* LOGOFF: it will not be executed. */
void command_forget(struct vmblok *vm);

#endif
