#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_text(struct error *err, int code, const char *format, va_list ap)
{
	if (!err)
		return;
	err->code = code;
	vsnprintf(err->text, sizeof(err->text), format, ap);
}

void error_set(struct error *err, int code, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	set_text(err, code, format, ap);
	va_end(ap);
}

void error_errno(struct error *err, int code, const char *format, ...)
{
	va_list ap;
	size_t used;
	char words[128];

	va_start(ap, format);
	set_text(err, code, format, ap);
	va_end(ap);
	if (!err)
		return;
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s",
		 strerror_r(code, words, sizeof(words)));
}

void error_prefix(struct error *err, const char *format, ...)
{
	char before[sizeof(err->text)];
	char both[2 * sizeof(err->text)];
	va_list ap;

	if (!err)
		return;
	va_start(ap, format);
	vsnprintf(before, sizeof(before), format, ap);
	va_end(ap);
	snprintf(both, sizeof(both), "%s%s", before, err->text);
	memcpy(err->text, both, sizeof(err->text));
	err->text[sizeof(err->text) - 1] = '\0';
}

NORETURN void bug(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: bug: %s\n", file, line, what);
	abort();
}
