/*
 * cp/shellconsole.h - a user's console in the shell: vm370 console DIR USER.
 *
 * Request: a line "CONSOLE userid [SCRIPT]". The answer is "RC 0 0", and from then
 * on lines of the console one way and typed lines the other, in UTF-8, until either
 * side closes. SCRIPT: a line is typed only when the console reads, and after the
 * last one the connection ends when it reads again. A user who is not logged on is,
 * without IPL; he stays when the connection ends.
 *
 * Threads: shellconsole_begin() the CP thread; shellconsole_run() is the other end.
 */
#ifndef CP_SHELLCONSOLE_H
#define CP_SHELLCONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct cp;

/*
 * operands: what is behind CONSOLE. Takes fd, and what of its input was read
 * already. Not 0: why not, with a sentence in err; fd is still the caller's.
 */
int shellconsole_begin(struct cp *cp, int fd, const char *operands, const uint8_t *input,
		       size_t length, struct error *err);

/*
 * Standard input to the console of userid on the system that runs on dir, and the
 * console to standard output. An exit status; -1 with err.
 */
int shellconsole_run(const char *dir, const char *userid, struct error *err);

#endif
