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
#include "cp/lineedit.h"

struct command_run;
struct response;
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
	 * the return code DIAGNOSE X'08' hands to a guest; or COMMAND_WAITS.
	 */
	int (*execute)(struct vmblok *vm, struct args *args);
	const char *synopsis; /* HELP and docs print it; capitals: shortest form */
};

/* In search order; ends with a row without a name. */
extern const struct cp_command cp_commands[];

/* Execute one command line of CP's own, which cannot wait. Returns the return code. */
int command_execute(struct vmblok *vm, const char *line, bool from_guest);

/*
 * Lines of somebody's. A command that needs something which takes time (a password to
 * be typed, or hashed) returns command_wait(), and the lines behind it wait as well.
 * Who has what it needs calls command_go_on().
 */
struct command_how {
	struct lineedit_symbols symbols; /* .linend 0: there is one line */
	bool typed;       /* at the terminal: after all that was typed before */
	bool from_guest;  /* DIAGNOSE: return code 1 and no text for unknown commands */
	bool no_password; /* flag X'80' of that DIAGNOSE */
	struct response *response; /* NULL: the terminal; must live until done() */
	/*
	 * May be NULL. At once or later, but always: with the last return code that is
	 * not 0, also when the user logged off in the middle.
	 */
	void (*done)(void *arg, int rc);
	void *arg;
	/*
	 * May be NULL, for a guest's. A command waits until the machine stands, and counts
	 * as ended with 0 so far. later() is called when it was executed (ran: it did not
	 * start or reset the machine, which stands behind the DIAGNOSE), or never will be.
	 * Its response goes where the others do, which must live as long.
	 */
	void (*waits)(void *arg);
	void (*later)(void *arg, bool ran, int rc);
};
void command_lines(struct vmblok *vm, const char *text, const struct command_how *how);

#define COMMAND_WAITS (-1)
/* The command being executed waits. */
int command_wait(struct vmblok *vm, struct command_run **run);
/*
 * again() is the rest of that command: as its execute(), it may wait again. It is not
 * called if the user has logged off meanwhile. NULL: the command's return code is rc.
 */
void command_go_on(struct command_run *run, int (*again)(struct vmblok *vm, void *arg),
		   void *arg, int rc);
/* Are typed lines waiting? */
bool command_typed_waits(const struct vmblok *vm);
/*
 * SYSJRL PSUPRS=YES: does the command being executed take no password in its line? One
 * that was typed does not, nor one of a machine that asks for that. The shell's may.
 */
bool command_suppresses_password(const struct vmblok *vm);

/* The machine has stopped: execute what waited for that. */
void command_machine_stopped(struct vmblok *vm);
/* LOGOFF: it will not be executed. */
void command_forget(struct vmblok *vm);

#endif
