#include "cp/tap.h"

#include <stddef.h>

#include "cp/vmblok.h"

void tap_add(struct vmblok *vm, struct tap *t)
{
	t->next = vm->taps;
	vm->taps = t;
}

void tap_remove(struct vmblok *vm, struct tap *t)
{
	struct tap **at = &vm->taps;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
}

/* The secondary user, if he is one who sees vm's console now; or NULL. */
static struct vmblok *tap_secondary(const struct vmblok *vm)
{
	struct vmblok *other;

	if (!vm->secuser[0] || !vm->logged_on || vm_attended(vm))
		return NULL;
	other = vm_find(vm->cp, vm->secuser);
	return other && vm_attended(other) ? other : NULL;
}

bool tap_wanted(const struct vmblok *vm)
{
	return vm->taps || vm->secuser[0];
}

void tap_line(struct vmblok *vm, const char *text)
{
	struct vmblok *secondary = tap_secondary(vm);

	for (struct tap *t = vm->taps, *next; t; t = next) {
		next = t->next;
		t->line(t, text);
	}
	if (secondary)
		vm_tell(secondary, 0, "%-8s: %s", vm->userid, text);
}

void tap_status(struct vmblok *vm)
{
	for (struct tap *t = vm->taps, *next; t; t = next) {
		next = t->next;
		t->status(t);
	}
}

void tap_gone(struct vmblok *vm)
{
	while (vm->taps) {
		struct tap *t = vm->taps;

		vm->taps = t->next;
		t->gone(t);
	}
}
