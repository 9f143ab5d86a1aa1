/*
 * LOADVFCB: a forms control buffer for a virtual 3203 or 3211. GC20-1820.
 */
#include <stdio.h>
#include <string.h>

#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/message.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"

#define FCB_INDEX 0x80 /* in the byte before the lines; with the index, 1 to 31 */
#define FCB_LAST  0x10 /* in the last line's byte */

/* DMKFCB of Release 6. At most 14 channels; 0 ends. */
static const struct form {
	const char *name;
	unsigned lines;
	struct { uint8_t channel, line; } stop[15];
} forms[] = {
	{ "FCB1", 66, { { 1, 1 }, { 2, 3 }, { 3, 5 }, { 4, 7 }, { 5, 9 }, { 6, 11 }, { 7, 13 },
			{ 8, 15 }, { 10, 19 }, { 11, 21 }, { 12, 23 }, { 9, 64 } } },
};

static const struct form *find_form(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (strcmp(forms[i].name, name) == 0)
			return &forms[i];
	return NULL;
}

static int printer_at(struct vmblok *vm, const char *word, struct virtual_device **v)
{
	uint16_t vaddr;

	if (!word || !args_vaddr(word, &vaddr))
		return cp_error(vm, "CSB", 22);
	*v = vdevice_find(vm, vaddr);
	if (!*v)
		return cp_error(vm, "CSB", 40, word);
	if (strcmp((*v)->type, "3203") != 0 && strcmp((*v)->type, "3211") != 0)
		return cp_error(vm, "CSB", 6, word);
	return 0;
}

/* [INDEX [nn]]: 3211 only; no form here has an index of its own. */
static int form_index(struct vmblok *vm, struct args *args, const struct virtual_device *v,
		      uint32_t *index)
{
	const char *word = args_word(args);

	if (!word)
		return 0;
	if (!abbreviates(word, "INDEX", 1) || strcmp(v->type, "3203") == 0)
		return cp_error(vm, "CSB", 3, word);
	word = args_word(args);
	if (!word || !args_decimal(word, 31, index) || *index == 0)
		return cp_error(vm, "CSB", 36);
	return args_peek(args) ? cp_error(vm, "CSB", 3, args_peek(args)) : 0;
}

static void load(struct vmblok *vm, const struct virtual_device *v, const struct form *form,
		 uint32_t index)
{
	uint8_t image[200] = { 0 };
	uint8_t *line = image + (index != 0);
	struct machine_request req = { .kind = MACHINE_FORMS, .address = v->vaddr, .data = image };

	if (index)
		image[0] = (uint8_t)(FCB_INDEX | index);
	for (size_t i = 0; form->stop[i].channel; i++)
		line[form->stop[i].line - 1] = form->stop[i].channel;
	line[form->lines - 1] |= FCB_LAST;
	req.length = form->lines + (index != 0);
	vm_do(vm, &req);
}

int cmd_loadvfcb(struct vmblok *vm, struct args *args)
{
	struct virtual_device *v = NULL;
	const struct form *form;
	const char *word;
	uint32_t index = 0;
	int rc = printer_at(vm, args_word(args), &v);

	if (rc)
		return rc;
	word = args_word(args);
	if (!word)
		return cp_error(vm, "CSB", 26);
	if (!abbreviates(word, "FCB", 1))
		return cp_error(vm, "CSB", 3, word);
	word = args_word(args);
	if (!word || strlen(word) > 4)
		return cp_error(vm, "CSB", 31);
	form = find_form(word);
	if (!form)
		return cp_error(vm, "CSB", 43, word);
	rc = form_index(vm, args, v, &index);
	if (!rc)
		load(vm, v, form, index);
	return rc;
}
