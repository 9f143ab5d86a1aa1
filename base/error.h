/*
 * base/error.h - host trouble, told as a sentence.
 *
 * A function that can fail for a reason outside this program (a file, a
 * socket, memory, bad input) takes a struct error, fills it and returns false,
 * NULL or a negative errno. The sentence names the object and the place:
 * "run/user.direct:12: MDISK 191: cylinder 'x' is not a number".
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/compiler.h"

struct error {
	int code;       /* errno value, or 0 where none fits */
	char text[400]; /* one sentence, no newline; "" until something fails */
};

/* Fill err (may be NULL) with a sentence. */
void error_set(struct error *err, int code, const char *format, ...) PRINTF_LIKE(3, 4);

/* As error_set, and append ": " and the host's words for errno value code. */
void error_errno(struct error *err, int code, const char *format, ...) PRINTF_LIKE(3, 4);

/* Put context in front of the sentence that err already holds. */
void error_prefix(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* A bug of ours that release builds must stop at too. */
NORETURN void bug(const char *file, int line, const char *what);
#define BUG(what) bug(__FILE__, __LINE__, what)

#endif
