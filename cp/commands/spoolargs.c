#include "cp/commands/spoolargs.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cp/command.h"
#include "cp/message.h"
#include "cp/password.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"

static const struct {
	const char *name;
	size_t min;
	enum spool_queue queue;
	enum device_kind kind;
} types[] = {
	{ "READER", 1, SPOOL_RDR, DEVICE_READER },   { "RDR", 3, SPOOL_RDR, DEVICE_READER },
	{ "PRINTER", 1, SPOOL_PRT, DEVICE_PRINTER }, { "PRT", 3, SPOOL_PRT, DEVICE_PRINTER },
	{ "PUNCH", 2, SPOOL_PUN, DEVICE_PUNCH },     { "PCH", 3, SPOOL_PUN, DEVICE_PUNCH },
};

/* ---- whose and which files */

void spoolargs_owner(struct vmblok *vm, struct args *args, struct spool_selection *sel)
{
	const char *word = args_peek(args);

	*sel = (struct spool_selection){ .everybody = false };
	snprintf(sel->owner, sizeof(sel->owner), "%s", vm->userid);
	if (!(vm->classes & CLASS_D) || !word || strlen(word) > CP_USERID_MAX)
		return;
	if (strcmp(word, "SYSTEM") == 0)
		sel->everybody = true;
	else if (strcmp(word, "*") != 0 && !directory_find(vm->cp->directory, word))
		return;
	else if (strcmp(word, "*") != 0)
		snprintf(sel->owner, sizeof(sel->owner), "%s", word);
	sel->named = true;
	args_word(args);
}

bool spoolargs_queue(const char *word, enum spool_queue *queue)
{
	for (size_t i = 0; word && i < ARRAY_SIZE(types); i++)
		if (abbreviates(word, types[i].name, types[i].min)) {
			*queue = types[i].queue;
			return true;
		}
	return false;
}

int spoolargs_type(struct vmblok *vm, const char *module, struct args *args, bool all_ok,
		   struct spool_selection *sel)
{
	/* A class D user's first word may also have been meant as a userid. */
	bool maybe_userid = (vm->classes & CLASS_D) && !sel->named;
	const char *word = args_word(args);
	enum spool_queue queue;

	if (!word)
		return cp_error(vm, module, maybe_userid ? 26 : 35);
	if (spoolargs_queue(word, &queue)) {
		sel->queues[queue] = true;
		return 0;
	}
	if (strcmp(word, "ALL") == 0 && all_ok) {
		for (unsigned q = 0; q < SPOOL_QUEUES; q++)
			sel->queues[q] = true;
		return 0;
	}
	if (maybe_userid && strcmp(word, "ALL") != 0)
		return cp_error(vm, module, 3, word);
	return cp_error(vm, module, 6, word);
}

int spoolargs_class(struct vmblok *vm, const char *module, struct args *args, bool star,
		    char *class)
{
	const char *word = args_word(args);

	if (!word || word[1] ||
	    !(isupper((unsigned char)word[0]) || isdigit((unsigned char)word[0]) ||
	      (star && word[0] == '*')))
		return cp_error(vm, module, 28);
	*class = word[0];
	return 0;
}

int spoolargs_id(struct vmblok *vm, const char *module, struct args *args,
		 struct spool_selection *sel, bool *found)
{
	const char *word = args_word(args);
	uint32_t id;

	sel->class = 0;
	sel->id = 0;
	*found = word != NULL;
	if (!word || strcmp(word, "ALL") == 0)
		return 0;
	if (abbreviates(word, "CLASS", 2))
		return spoolargs_class(vm, module, args, false, &sel->class);
	if (!args_decimal(word, 9999, &id) || id == 0)
		return cp_error(vm, module, 8, word);
	sel->id = id;
	return 0;
}

/* ---- what becomes of them */

int spoolargs_copies(struct vmblok *vm, const char *module, struct args *args,
		     unsigned *copies, bool *at_once)
{
	const char *word = args_word(args);
	uint32_t n;

	*at_once = word && word[0] == '*';
	if (!word || !args_decimal(word + *at_once, 99, &n) || n == 0)
		return cp_error(vm, module, 30);
	*copies = n;
	return 0;
}

int spoolargs_name(struct vmblok *vm, const char *module, struct args *args, char name[25],
		   char ftype[9])
{
	const char *fn = args_word(args), *ft;

	if (!fn || strlen(fn) > 24)
		return cp_error(vm, module, 29);
	snprintf(name, 25, "%s", fn);
	ftype[0] = '\0';
	/* A long one is a data set's name, and there is nothing behind it. */
	if (strlen(fn) > 8)
		return 0;
	ft = args_word(args);
	if (ft && strlen(ft) > 8)
		return cp_error(vm, module, 29);
	snprintf(ftype, 9, "%s", ft ? ft : "");
	return 0;
}

int spoolargs_dist(struct vmblok *vm, const char *module, struct args *args, char dist[9])
{
	const char *word = args_word(args);

	if (!word || strlen(word) > 8)
		return cp_error(vm, module, 32);
	snprintf(dist, 9, "%s", word);
	return 0;
}

int spoolargs_user(struct vmblok *vm, const char *module, const char *word, bool receiver,
		   char userid[9])
{
	const struct directory_user *user;

	if (!word)
		return cp_error(vm, module, 20);
	if (strlen(word) > CP_USERID_MAX)
		return cp_error(vm, module, 7, word);
	if (strcmp(word, "*") == 0)
		word = vm->userid;
	user = directory_find(vm->cp->directory, word);
	if (!user || (receiver && password_is(&user->password, "NOLOG")))
		return cp_error(vm, module, 53, word);
	snprintf(userid, 9, "%s", user->userid);
	return 0;
}

void spoolargs_distcode(struct vmblok *vm, const char *userid, char dist[9])
{
	const struct directory_user *user = directory_find(vm->cp->directory, userid);

	snprintf(dist, 9, "%s", user ? user->distcode : userid);
}

/* ---- 3800 printers */

static const struct {
	const char *name;
	size_t min;
	int missing;
} words_3800[] = {
	{ "CHARS", 2, 245 }, { "FCB", 3, 246 }, { "FLASH", 2, 243 }, { "MODIFY", 2, 253 },
};
enum { CHARS, FCB, FLASH, MODIFY };

int spoolargs_3800(struct vmblok *vm, const char *module, const char *word,
		   struct args *args, struct spoolargs_3800 *o, bool *taken)
{
	char *const fields[] = { o->chars, o->fcb, o->flash, o->modify };
	uint32_t count = 0;
	const char *value;
	size_t i = 0;

	while (i < ARRAY_SIZE(words_3800) &&
	       !abbreviates(word, words_3800[i].name, words_3800[i].min))
		i++;
	*taken = i < ARRAY_SIZE(words_3800);
	if (!*taken)
		return 0;
	if (o->set[i])
		return cp_error(vm, module, 13, word);
	value = args_word(args);
	if (!value || strlen(value) > 4 ||
	    (i == FLASH && !args_decimal(args_word(args), 99, &count)))
		return cp_error(vm, module, words_3800[i].missing);
	o->set[i] = true;
	snprintf(fields[i], 5, "%s", strcmp(value, "NULL") == 0 ? "" : value);
	if (i == FLASH && count == 0)
		fields[i][0] = '\0';
	if (i == FLASH)
		o->flash_count = count;
	return 0;
}

void spoolargs_3800_apply(const struct spoolargs_3800 *o, char chars[5], char fcb[5],
			  char flash[5], char modify[5], unsigned *flash_count)
{
	if (o->set[CHARS])
		memcpy(chars, o->chars, 5);
	if (o->set[FCB])
		memcpy(fcb, o->fcb, 5);
	if (o->set[MODIFY])
		memcpy(modify, o->modify, 5);
	if (o->set[FLASH]) {
		memcpy(flash, o->flash, 5);
		*flash_count = o->flash_count;
	}
}

/* ---- doing it */

struct each {
	const struct spool_selection *sel;
	bool (*act)(void *arg, const struct spool_file *file);
	void *arg;
	unsigned count;
	bool stop;
};

static void each_file(void *arg, const struct spool_file *file, bool in_use)
{
	struct each *e = arg;

	if (e->stop || in_use || (e->sel->class && file->class != e->sel->class) ||
	    (e->sel->id && file->id != e->sel->id))
		return;
	e->count++;
	e->stop = !e->act(e->arg, file);
}

unsigned spoolargs_each(struct vmblok *vm, const struct spool_selection *sel,
			bool (*act)(void *arg, const struct spool_file *file), void *arg)
{
	struct each e = { .sel = sel, .act = act, .arg = arg };

	for (unsigned q = 0; q < SPOOL_QUEUES; q++)
		if (sel->queues[q])
			spool_list(vm->cp->spool, q, sel->everybody ? NULL : sel->owner,
				   each_file, &e);
	return e.count;
}

void spoolargs_count(struct vmblok *vm, unsigned count, const char *verb)
{
	if (!(vm->set & SET_IMSG))
		return;
	if (count)
		vm_say(vm, "%04u %s %s", count, count == 1 ? "FILE " : "FILES", verb);
	else
		vm_say(vm, " NO  FILES %s", verb);
}

int spoolargs_missing(struct vmblok *vm, const char *module, unsigned id)
{
	char text[16];

	snprintf(text, sizeof(text), "%04u", id);
	return cp_error(vm, module, 42, text);
}

/* ---- virtual devices */

static bool spooled(const struct virtual_device *v)
{
	return v->ur != NULL;
}

static int device_at(struct vmblok *vm, const char *module, const char *word,
		     struct spool_devices *devices)
{
	uint16_t vaddr;

	if (!args_vaddr(word, &vaddr))
		return cp_error(vm, module, 22);
	*devices = (struct spool_devices){ .vdev = vdevice_find(vm, vaddr) };
	if (!devices->vdev)
		return cp_error(vm, module, 40, word);
	devices->kind = devices->vdev->kind;
	return spooled(devices->vdev) ? 0 : cp_error(vm, module, 6, word);
}

int spoolargs_devices(struct vmblok *vm, const char *module, struct args *args,
		      struct spool_devices *devices)
{
	const char *word = args_word(args);

	if (!word)
		return cp_error(vm, module, 22);
	if (strcmp(word, "ALL") == 0)
		return cp_error(vm, module, 6, word);
	*devices = (struct spool_devices){ .by_kind = true, .kind = DEVICE_CONSOLE };
	if (abbreviates(word, "CONSOLE", 3))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (abbreviates(word, types[i].name, types[i].min)) {
			devices->kind = types[i].kind;
			return 0;
		}
	return device_at(vm, module, word, devices);
}

int spoolargs_each_device(struct vmblok *vm, const struct spool_devices *devices,
			  int (*act)(struct vmblok *vm, struct virtual_device *v, void *arg),
			  void *arg)
{
	int rc = 0;

	if (!devices->by_kind)
		return act(vm, devices->vdev, arg);
	for (struct virtual_device *v = vm->devices; v && !rc; v = v->next)
		if (v->kind == devices->kind && spooled(v))
			rc = act(vm, v, arg);
	return rc;
}
