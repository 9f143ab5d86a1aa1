#include "dasd/command.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ebcdic.h"

#define BAR_WIDTH 40

const char *option_value(const struct arguments *args, const char *name)
{
	const struct command_option *o = args->command->options;

	for (int i = 0; i < OPTIONS_MAX && o[i].name; i++)
		if (strcmp(o[i].name, name) == 0)
			return args->option[i];
	BUG("a command asks for an option that its row does not have");
}

static bool parse_number(const char *text, uint32_t *out)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || n > UINT32_MAX)
		return false;
	*out = (uint32_t)n;
	return true;
}

bool option_number(const struct arguments *args, const char *name, uint32_t low, uint32_t high,
		   uint32_t usual, uint32_t *out)
{
	const char *text = option_value(args, name);

	*out = usual;
	if (!text || (parse_number(text, out) && *out >= low && *out <= high))
		return true;
	command_fail(args, EXIT_USAGE, "--%s %s: not a number from %u to %u", name, text, low,
		     high);
	return false;
}

bool parse_range(const char *text, uint32_t *first, uint32_t *last)
{
	char low[16];
	const char *dash = strchr(text, '-');
	size_t n = dash ? (size_t)(dash - text) : strlen(text);

	if (n < sizeof(low)) {
		memcpy(low, text, n);
		low[n] = '\0';
		if (parse_number(low, first) && parse_number(dash ? dash + 1 : low, last) &&
		    *first <= *last)
			return true;
	}
	fprintf(stderr, "dasd370: %s: not a range of cylinders like 10-19\n", text);
	return false;
}

int command_fail(const struct arguments *args, enum exit_status status, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "dasd370 %s: ", args->command->name);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	return status;
}

int command_trouble(const struct arguments *args, const struct error *err)
{
	return command_fail(args, EXIT_TROUBLE, "%s", err->text);
}

void progress_begin(struct progress *p, const char *what, uint64_t total)
{
	p->what = what;
	p->total = total ? total : 1;
	p->shown = UINT64_MAX;
	p->active = isatty(STDERR_FILENO);
}

void progress_show(struct progress *p, uint64_t done)
{
	uint64_t percent = done * 100 / p->total;
	char bar[BAR_WIDTH + 1];
	int full;

	if (!p->active || percent == p->shown)
		return;
	p->shown = percent;
	full = (int)(percent * BAR_WIDTH / 100);
	for (int i = 0; i < BAR_WIDTH; i++)
		bar[i] = i < full ? '#' : '.';
	bar[BAR_WIDTH] = '\0';
	fprintf(stderr, "\r%s [%s] %3u%%", p->what, bar, (unsigned)percent);
	fflush(stderr);
}

void progress_end(struct progress *p)
{
	if (p->active)
		fprintf(stderr, "\r%*s\r", (int)strlen(p->what) + BAR_WIDTH + 8, "");
	p->active = false;
}

void print_ebcdic(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = codepage_037.to_latin1[bytes[i]];

		putchar(c >= 0x20 && c < 0x7F ? c : '.');
	}
}

const char *with_commas(uint64_t n, char buffer[32])
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	int out = 0;

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			buffer[out++] = ',';
		buffer[out++] = digits[i];
	}
	buffer[out] = '\0';
	return buffer;
}
