#include "cp/trouble.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"

/* A guest that tries again and again is told of once in so long. */
#define QUIET_SECONDS 60

struct trouble {
	struct vmblok *vm; /* counted */
	uint16_t vaddr;
	char sentence[400];
};

static bool told_already(const struct vmblok *vm, struct virtual_device *v)
{
	uint64_t now = clock_tod(&vm->cp->clock.clock);

	if (v->trouble && now - v->trouble < QUIET_SECONDS * TOD_SECOND)
		return true;
	v->trouble = now;
	return false;
}

static void tell(void *arg)
{
	struct trouble *t = arg;
	struct vmblok *vm = t->vm;
	struct virtual_device *v = vdevice_find(vm, t->vaddr);
	/* A LINK may have failed: then there is no device yet. */
	const char *word = v ? vdevice_word(v) : "DASD";

	if (!v || !told_already(vm, v)) {
		log_error(vm->userid, "%03X: %s", t->vaddr, t->sentence);
		if (!vm->leaving)
			vm_tell(vm, CONSOLE_CP | CONSOLE_ALARM, "%s %03X I/O ERROR ON THE HOST",
				word, t->vaddr);
		cp_tell_operator(vm->cp, NULL, "%s %03X OF %-8s: %s", word, t->vaddr,
				 vm->userid, t->sentence);
	}
	vm_put(vm);
	free(t);
}

void trouble_report(void *arg, uint16_t vaddr, const char *sentence)
{
	struct vmblok *vm = arg;
	struct trouble *t = malloc(sizeof(*t));

	if (!t)
		BUG("no memory for an event");
	t->vm = vm_get(vm);
	t->vaddr = vaddr;
	snprintf(t->sentence, sizeof(t->sentence), "%s", sentence);
	loop_post(vm->cp->loop, tell, t);
}
