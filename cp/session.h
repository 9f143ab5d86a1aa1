/*
 * cp/session.h - a terminal's life: logo, LOGON, lines and keys, the end.
 *
 * Threads: the CP thread.
 */
#ifndef CP_SESSION_H
#define CP_SESSION_H

#include <stdbool.h>

#include "cp/cp.h"

struct console_events;
struct directory_user;
struct vmblok;

/* What the listener tells; its arg is struct cp. */
extern const struct console_events session_events;

/*
 * Complete a LOGON: vm (LOGONxxx) becomes user, or its terminal goes to the
 * machine of that user which is there disconnected. noipl: no automatic IPL.
 * Returns the command's return code.
 */
int session_logon(struct vmblok *vm, const struct directory_user *user, bool noipl);

/* Log a user on without a terminal: the operator at start, AUTOLOG. */
struct vmblok *session_autolog(struct cp *cp, const struct directory_user *user,
			       struct error *err);

enum logoff_kind { LOGOFF_SELF, LOGOFF_FORCED, LOGOFF_SYSTEM };
/* hold: the terminal stays, with a new logo; otherwise it is closed. */
void session_logoff(struct vmblok *vm, enum logoff_kind kind, bool hold);
/* DISCONN: the machine keeps running. */
void session_disconnect(struct vmblok *vm, bool hold);

/*
 * A line as if typed at vm's terminal, ISO 8859-1. False: there is read-ahead already,
 * or a password is being checked; it was not taken.
 */
bool session_type(struct vmblok *vm, const char *text);
/* CP commands, separated by the user's line end symbol, as if typed behind #CP. */
void session_command(struct vmblok *vm, const char *text);
/* Does the console read: in CP, or for the guest? */
bool session_reads(const struct vmblok *vm);

/* Show the logo on a terminal that belongs to nobody. */
void session_logo(struct console *console);

#endif
