/*
 * cp/message.h - the numbered messages of CP, as VM/370 Release 6 words them.
 *
 * Threads: the CP thread.
 */
#ifndef CP_MESSAGE_H
#define CP_MESSAGE_H

struct vmblok;

/*
 * Send message number of module ("MSG" gives DMKMSG) to a user, in the form his
 * SET EMSG wants. The arguments are const char *, one for each & of the text in
 * the table. Returns number, which is also the command's return code.
 */
int cp_error(struct vmblok *vm, const char *module, int number, ...);

#endif
