/*
 * cp/command.h - CP commands: the parser, the table, the way in.
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

#include "cp/cp.h"

struct vmblok;

/* The operands of one command. */
struct args {
	char text[CP_LINE_MAX + 1];   /* as typed */
	size_t at;
	char words[2 * CP_LINE_MAX + 2]; /* upper-case copies of words handed out */
	size_t words_used;
};

void args_init(struct args *args, const char *text);
/* The next word, upper case, or NULL; lives as long as args. */
const char *args_word(struct args *args);
/* The same without taking it. */
const char *args_peek(struct args *args);
/* What is left, as typed, without leading blanks; "" if nothing is. */
const char *args_rest(struct args *args);

/* Is word a leading part of name, at least min letters long? */
bool abbreviates(const char *word, const char *name, size_t min);
/* A device address of 1 to 3 hex digits; false if it is none. */
bool parse_vaddr(const char *word, uint16_t *vaddr);
/* A hex number of at most digits digits, all of word. */
bool parse_hex(const char *word, unsigned digits, uint64_t *value);
bool parse_decimal(const char *word, uint32_t max, uint32_t *value);

enum command_when {
	BEFORE_LOGON = 1, /* only a terminal that is not logged on */
	LOGGED_ON = 2,
	ANYTIME = 3,
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

#endif
