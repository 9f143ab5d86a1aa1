/*
 * COUPLE: a cable between two virtual channel-to-channel adapters (GC20-1820), or lines.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/couple.h"
#include "cp/message.h"
#include "cp/vdevice.h"
#include "cp/vline.h"
#include "cp/vmblok.h"

static bool operand_vaddr(const struct vmblok *vm, const char *word, uint16_t *vaddr)
{
	return word && args_vaddr(word, vaddr) && vdevice_address_ok(vm, *vaddr);
}

/* The issuer's adapter. */
static int near_end(struct vmblok *vm, const char *word, struct virtual_device **v)
{
	uint16_t vaddr;
	char text[8];

	if (!operand_vaddr(vm, word, &vaddr))
		return cp_error(vm, "DIB", 22);
	snprintf(text, sizeof(text), "%03X", vaddr);
	*v = vdevice_find(vm, vaddr);
	return *v ? 0 : cp_error(vm, "DIB", 40, text);
}

static int find_user(struct vmblok *vm, struct args *args, struct vmblok **to)
{
	const char *word = args_word(args);

	if (word && strcmp(word, "TO") == 0)
		word = args_word(args);
	if (!word || strlen(word) > CP_USERID_MAX)
		return cp_error(vm, "DIB", 20);
	*to = strcmp(word, "*") == 0 ? vm : vm_find(vm->cp, word);
	return *to ? 0 : cp_error(vm, "DIB", 45, word);
}

static int far_end(struct vmblok *vm, const char *word, struct vmblok *to,
		   struct virtual_device **v)
{
	uint16_t vaddr;
	char text[8];

	if (!operand_vaddr(to, word, &vaddr))
		return cp_error(vm, "DIB", 22);
	snprintf(text, sizeof(text), "%03X", vaddr);
	*v = vdevice_find(to, vaddr);
	return *v ? 0 : cp_error(vm, "DIB", 47, to->userid, text);
}

/* A line that a terminal is at. */
static bool is_dialed(const struct virtual_device *v)
{
	return v->line && vline_dialer(v->line);
}

int cmd_couple(struct vmblok *vm, struct args *args)
{
	struct virtual_device *v = NULL, *other = NULL;
	struct error err = { 0, "" };
	struct vmblok *to = NULL;
	char vaddr[8];
	int rc = near_end(vm, args_word(args), &v);

	if (!rc)
		rc = find_user(vm, args, &to);
	if (!rc)
		rc = far_end(vm, args_word(args), to, &other);
	if (rc)
		return rc;
	snprintf(vaddr, sizeof(vaddr), "%03X", v->vaddr);
	if (v->kind != DEVICE_CTCA && !v->line)
		return cp_error(vm, "DIB", 6, vaddr);
	couple_drop(vm, v); /* a cable that is there is pulled out first */
	snprintf(vaddr, sizeof(vaddr), "%03X", other->vaddr);
	if (other->kind != v->kind || other->real_line)
		return cp_error(vm, "DIB", 11, to->userid, vaddr);
	if (other->far_end || other == v || is_dialed(v) || is_dialed(other))
		return cp_error(vm, "DIB", 58, vaddr, to->userid);
	if (!couple_connect(vm, v, to, other, &err)) {
		log_error(vm->userid, "%03X: %s", v->vaddr, err.text);
		return cp_error(vm, "DIB", 58, vaddr, to->userid);
	}
	if (to != vm)
		vm_tell(to, CONSOLE_CP, "%s %03X COUPLE BY %-8s %03X", vdevice_word(v),
			other->vaddr, vm->userid, v->vaddr);
	vm_say(vm, "%s %03X COUPLE TO %-8s %03X", vdevice_word(v), v->vaddr, to->userid,
	       other->vaddr);
	return 0;
}
