/*
 * cp/args.h - taking a command line apart.
 *
 * Threads: any; an args belongs to its caller.
 */
#ifndef CP_ARGS_H
#define CP_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cp/cp.h"

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
bool args_vaddr(const char *word, uint16_t *vaddr);
/* A hex number of at most digits digits, all of word. */
bool args_hex(const char *word, unsigned digits, uint64_t *value);
bool args_decimal(const char *word, uint32_t max, uint32_t *value);

#endif
