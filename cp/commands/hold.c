/*
 * HOLD and FREE: a user's printer and punch files, those that are there and
 * those to come. Class D; GC20-1806.
 */
#include <string.h>

#include "base/log.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/commands/spoolargs.h"
#include "cp/message.h"
#include "cp/vmblok.h"

static int hold_or_free(struct vmblok *vm, struct args *args, bool hold)
{
	bool queues[SPOOL_QUEUES] = { [SPOOL_PRT] = true, [SPOOL_PUN] = true };
	enum spool_queue queue;
	char userid[9];
	const char *word;
	struct error err;
	int rc = spoolargs_user(vm, "CSQ", args_word(args), false, userid);

	if (rc)
		return rc;
	word = args_word(args);
	if (word && strcmp(word, "ALL") != 0) {
		if (!spoolargs_queue(word, &queue) || queue == SPOOL_RDR)
			return cp_error(vm, "CSQ", 6, word);
		queues[SPOOL_PRT] = queue == SPOOL_PRT;
		queues[SPOOL_PUN] = queue == SPOOL_PUN;
	}
	for (unsigned q = SPOOL_PRT; q < SPOOL_QUEUES; q++)
		if (queues[q] && !spool_hold_queue(vm->cp->spool, q, userid, hold, &err))
			log_error(vm->userid, "%s", err.text);
	return 0;
}

int cmd_hold(struct vmblok *vm, struct args *args)
{
	return hold_or_free(vm, args, true);
}

int cmd_free(struct vmblok *vm, struct args *args)
{
	return hold_or_free(vm, args, false);
}
