#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void log_line(const char *level, const char *subject, const char *format, va_list ap)
{
	char line[1024];
	struct tm tm;
	time_t now = time(NULL);
	size_t n;

	localtime_r(&now, &tm);
	n = strftime(line, sizeof(line), "%Y-%m-%d %H:%M:%S ", &tm);
	n += (size_t)snprintf(line + n, sizeof(line) - n, "%s %.64s: ", level, subject);
	vsnprintf(line + n, sizeof(line) - n - 1, format, ap);
	n = strlen(line);
	line[n++] = '\n';
	/* A log that cannot be written is no reason to stop a machine. */
	if (write(STDERR_FILENO, line, n) < 0)
		return;
}

void log_info(const char *subject, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_line("info ", subject, format, ap);
	va_end(ap);
}

void log_warn(const char *subject, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_line("warn ", subject, format, ap);
	va_end(ap);
}

void log_error(const char *subject, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_line("error", subject, format, ap);
	va_end(ap);
}
