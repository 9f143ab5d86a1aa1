#include "s370/monitor.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/compiler.h"
#include "s370/parse.h"

#define SCRIPT_DEPTH 10

static const struct command *const tables[] = {
	run_commands, storage_commands, register_commands, device_commands, session_commands,
};

enum outcome malformed(struct monitor *m, const char *format, ...)
{
	va_list args;

	m->error.code = 0;
	va_start(args, format);
	vsnprintf(m->error.text, sizeof(m->error.text), format, args);
	va_end(args);
	return OUTCOME_INPUT;
}

/* The row of that name in any table, NULL if there is none. */
static const struct command *monitor_find(const char *name)
{
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (const struct command *c = tables[t]; c->name; c++)
			if (!strcasecmp(c->name, name))
				return c;
	return NULL;
}

void monitor_each(void (*visit)(void *arg, const struct command *c), void *arg)
{
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (const struct command *c = tables[t]; c->name; c++)
			visit(arg, c);
}

/* A line with a slash in front is typed at the guest's console. */
static enum outcome type_line(struct monitor *m, const char *text)
{
	struct teleprinter *t = bare_console(m->bare, BARE_FIRST_CONSOLE);
	struct machine_request attention = { .kind = MACHINE_ATTENTION, .value = 0x80 };

	if (!t) {
		error_set(&m->error, 0, "no console is attached");
		return OUTCOME_FAILED;
	}
	if (teleprinter_type(t, text))
		return OUTCOME_OK;
	attention.address = teleprinter_address(t);
	return outcome(bare_call(m->bare, &attention, &m->error));
}

/* "t+", "b-" and "s?" are commands of their own, with or without a blank. */
static size_t name_length(const char *line)
{
	size_t n = 0;

	while (isalnum((unsigned char)line[n]))
		n++;
	if (n == 1 && strchr("tTbBsS", line[0]) && line[1] && strchr("+-?", line[1]))
		return 2;
	if (n == 0 && line[0] == '?')
		return 1;
	return n;
}

enum outcome monitor_line(struct monitor *m, char *line)
{
	char name[32];
	const struct command *c;
	size_t n;

	line = word_trim(line);
	if (*line == '\0' || *line == '*' || *line == '#')
		return OUTCOME_OK;
	if (*line == '/')
		return type_line(m, line + 1);
	n = name_length(line);
	if (n == 0 || n >= sizeof(name))
		return malformed(m, "not a command: %.60s", line);
	memcpy(name, line, n);
	name[n] = '\0';
	c = monitor_find(name);
	if (!c)
		return malformed(m, "unknown command: %s", name);
	return c->run(m, word_trim(line + n));
}

static enum outcome run_lines(struct monitor *m, FILE *f, const char *name)
{
	enum outcome result = OUTCOME_OK;
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	for (unsigned number = 1; (n = getline(&line, &size, f)) >= 0; number++) {
		if (memchr(line, '\0', (size_t)n))
			result = malformed(m, "a zero byte in a command");
		else
			result = monitor_line(m, line);
		if (result == OUTCOME_INPUT || result == OUTCOME_FAILED)
			error_prefix(&m->error, "%s:%u: ", name, number);
		if (result != OUTCOME_OK)
			break;
	}
	free(line);
	return result;
}

enum outcome monitor_script(struct monitor *m, const char *path)
{
	bool standard = !strcmp(path, "-");
	enum outcome result;
	FILE *f;

	if (m->depth == SCRIPT_DEPTH)
		return malformed(m, "%s: scripts call each other more than %d deep", path,
				 SCRIPT_DEPTH);
	f = standard ? stdin : fopen(path, "re");
	if (!f) {
		error_errno(&m->error, errno, "%s", path);
		return OUTCOME_FAILED;
	}
	m->depth++;
	result = run_lines(m, f, standard ? "stdin" : path);
	m->depth--;
	if (!standard)
		fclose(f);
	return result;
}
