/*
 * SET and QUERY of SHARE (z/VM), PRIORITY, FAVORED and RESERVE (VM/370). SC24-6307 and
 * GC20-1806.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/message.h"
#include "cp/share.h"
#include "cp/vmblok.h"

/* The machine of the user that the next word names; NULL with the message sent. */
static struct vmblok *operand_user(struct vmblok *vm, const char *module, struct args *args,
				   int *rc)
{
	const char *word = args_word(args);
	struct vmblok *user;

	*rc = 0;
	if (!word || strlen(word) > CP_USERID_MAX) {
		*rc = cp_error(vm, module, 20);
		return NULL;
	}
	user = strcmp(word, "*") == 0 ? vm : vm_find(vm->cp, word);
	if (!user)
		*rc = cp_error(vm, module, 45, word);
	return user;
}

/* "12%" or "12.5%" in tenths; the sign may be left out. */
static bool percentage(const char *word, unsigned *tenths)
{
	char *end;
	double v = strtod(word, &end);

	if (end == word || (*end && strcmp(end, "%") != 0) || !(v >= 0.1 && v <= 100))
		return false;
	*tenths = (unsigned)(v * 10 + 0.5);
	return true;
}

/* ---- SET SHARE userid [RELATIVE n | ABSOLUTE n%] [maximum%] [LIMITHARD|...] | INITIAL */

/* RELATIVE n or ABSOLUTE n%: word is the first of the two. */
static int share_kind(struct vmblok *vm, const char *word, struct args *args, struct share *s)
{
	const char *value = args_word(args);
	uint32_t n;

	if (!value)
		return cp_error(vm, "CFO", 26);
	s->absolute = abbreviates(word, "ABSOLUTE", 3);
	if (s->absolute)
		return percentage(value, &s->value) ? 0 : cp_error(vm, "CFO", 3, value);
	if (!args_decimal(value, SHARE_RELATIVE_MAX, &n) || n == 0)
		return cp_error(vm, "CFO", 3, value);
	s->value = n;
	return 0;
}

/* [ABSOLUTE] n%: the maximum; it is soft unless LIMITHARD follows. */
static int share_maximum(struct vmblok *vm, const char *word, struct args *args,
			 struct share *s)
{
	if (abbreviates(word, "ABSOLUTE", 3))
		word = args_word(args);
	if (!word)
		return cp_error(vm, "CFO", 26);
	if (!percentage(word, &s->maximum))
		return cp_error(vm, "CFO", 3, word);
	s->limit = SHARE_LIMIT_SOFT;
	return 0;
}

static const struct {
	const char *name;
	size_t min;
	enum share_limit limit;
} limits[] = {
	{ "NOLIMIT", 3, SHARE_NO_LIMIT },
	{ "LIMITSOFT", 6, SHARE_LIMIT_SOFT },
	{ "LIMITHARD", 6, SHARE_LIMIT_HARD },
};

/* A limit by word: -1 if it is none, else a return code. */
static int share_limit(struct vmblok *vm, const char *word, struct share *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		if (abbreviates(word, limits[i].name, limits[i].min)) {
			if (limits[i].limit != SHARE_NO_LIMIT && !s->maximum)
				return cp_error(vm, "CFO", 26);
			s->limit = limits[i].limit;
			return 0;
		}
	return -1;
}

static int share_operands(struct vmblok *vm, struct args *args, struct share *s)
{
	const char *word = args_word(args);
	int rc = 0;

	if (abbreviates(word, "RELATIVE", 3) || abbreviates(word, "ABSOLUTE", 3)) {
		rc = share_kind(vm, word, args, s);
		word = args_word(args);
	}
	if (!rc && word && share_limit(vm, word, &(struct share){ .maximum = 1 }) < 0) {
		rc = share_maximum(vm, word, args, s);
		word = args_word(args);
	}
	if (!rc && word) {
		rc = share_limit(vm, word, s);
		word = rc < 0 ? word : args_word(args);
	}
	return rc > 0 || !word ? rc : cp_error(vm, "CFO", 3, word);
}

static void say_share(struct vmblok *vm, const struct vmblok *user)
{
	const struct share *s = &user->share;

	if (s->absolute)
		vm_say(vm, "USER %-8s: ABSOLUTE SHARE = %u.%u%%", user->userid, s->value / 10,
		       s->value % 10);
	else
		vm_say(vm, "USER %-8s: RELATIVE SHARE = %5u", user->userid, s->value);
	if (s->limit == SHARE_NO_LIMIT)
		vm_say(vm, "               MAXIMUM SHARE = NOLIMIT");
	else
		vm_say(vm, "               MAXIMUM SHARE = %s ABSOLUTE %u.%u%%",
		       s->limit == SHARE_LIMIT_HARD ? "LIMITHARD" : "LIMITSOFT",
		       s->maximum / 10, s->maximum % 10);
}

int set_share(struct vmblok *vm, struct args *args)
{
	int rc;
	struct vmblok *user = operand_user(vm, "CFO", args, &rc);
	const char *word = user ? args_peek(args) : NULL;
	struct share s;

	if (!user)
		return rc;
	if (!word)
		return cp_error(vm, "CFO", 26);
	if (abbreviates(word, "INITIAL", 3)) {
		share_init(user);
		say_share(vm, user);
		return 0;
	}
	s = user->share;
	rc = share_operands(vm, args, &s);
	if (rc)
		return rc;
	s.favored = false;
	user->share = s;
	share_changed(user);
	say_share(vm, user);
	return 0;
}

int query_share(struct vmblok *vm, struct args *args)
{
	const char *word = args_peek(args);
	int rc;
	struct vmblok *user = word ? operand_user(vm, "CQP", args, &rc) : vm;

	if (!user)
		return rc;
	if (user != vm && !(vm->classes & (CLASS_A | CLASS_C | CLASS_E)))
		return cp_error(vm, "CQP", 3, word);
	say_share(vm, user);
	return 0;
}

/* ---- VM/370's */

int set_priority(struct vmblok *vm, struct args *args)
{
	int rc;
	struct vmblok *user = operand_user(vm, "CFO", args, &rc);
	const char *word = user ? args_word(args) : NULL;
	uint32_t n;

	if (!user)
		return rc;
	if (!word || !args_decimal(word, 99, &n) || n == 0)
		return cp_error(vm, "CFO", 26);
	user->share.priority = n;
	user->share.absolute = user->share.favored = false;
	user->share.value = 2 * (100 - n);
	share_changed(user);
	return 0;
}

int query_priority(struct vmblok *vm, struct args *args)
{
	int rc;
	struct vmblok *user = operand_user(vm, "CQP", args, &rc);

	if (user)
		vm_say(vm, "%-8s PRIORITY = %02u", user->userid, user->share.priority);
	return rc;
}

int set_favored(struct vmblok *vm, struct args *args)
{
	int rc;
	struct vmblok *user = operand_user(vm, "CFO", args, &rc), *other = vm->cp->vms;
	const char *word = user ? args_word(args) : NULL;
	uint32_t n = 0;

	if (!user)
		return rc;
	if (word && strcmp(word, "OFF") == 0) {
		share_init(user);
		return 0;
	}
	if (word && (!args_decimal(word, 100, &n) || n == 0))
		return cp_error(vm, "CFO", 26);
	/* One user has a guaranteed percentage. */
	for (; n && other; other = other->next)
		if (other != user && other->share.favored && other->share.absolute)
			return cp_error(vm, "CFO", 175, "FAVORED", other->userid);
	user->share.favored = true;
	user->share.absolute = n != 0;
	user->share.value = n ? 10 * n : SHARE_RELATIVE_MAX;
	share_changed(user);
	return 0;
}

/* Pages are the host's to keep: accepted, and without effect. */
int set_reserve(struct vmblok *vm, struct args *args)
{
	int rc;
	struct vmblok *user = operand_user(vm, "CFO", args, &rc);
	const char *word = user ? args_word(args) : NULL;
	uint32_t n;

	if (!user)
		return rc;
	if (!word || (strcmp(word, "OFF") != 0 && !args_decimal(word, 9999, &n)))
		return cp_error(vm, "CFO", 26);
	return 0;
}
