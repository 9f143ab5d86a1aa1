#include "cp/logmsg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cp/cp.h"
#include "cp/spool.h"

#define SETTING "logmsg"
#define TEXT_MAX (LOGMSG_LINES * (LOGMSG_WIDTH + 1) + 1)

static char *copy_of(const char *line)
{
	size_t n = strlen(line);
	char *copy = malloc(LOGMSG_WIDTH + 1);

	if (!copy)
		BUG("no memory for the log message");
	if (n > LOGMSG_WIDTH)
		n = LOGMSG_WIDTH;
	memcpy(copy, line, n);
	copy[n] = '\0';
	return copy;
}

static void add(struct cp *cp, const char *line)
{
	char **lines;

	if (cp->logmsg_lines == LOGMSG_LINES)
		return;
	lines = realloc(cp->logmsg, (cp->logmsg_lines + 1) * sizeof(*lines));
	if (!lines)
		BUG("no memory for the log message");
	cp->logmsg = lines;
	lines[cp->logmsg_lines++] = copy_of(line);
}

static void keep(struct cp *cp)
{
	char text[TEXT_MAX] = "";
	struct error err;
	size_t used = 0;

	for (size_t i = 0; i < cp->logmsg_lines; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s\n",
					 cp->logmsg[i]);
	if (!spool_setting_put(cp->spool, SETTING, text, &err))
		log_warn("spool", "%s", err.text);
}

void logmsg_load(struct cp *cp)
{
	char text[TEXT_MAX], *next = text;

	if (!spool_setting_get(cp->spool, SETTING, text, sizeof(text)))
		return;
	while (*next) {
		char *line = next, *end = strchr(line, '\n');

		next = end ? end + 1 : line + strlen(line);
		if (end)
			*end = '\0';
		add(cp, line);
	}
}

void logmsg_append(struct cp *cp, const char *line)
{
	add(cp, line);
	keep(cp);
}

void logmsg_replace(struct cp *cp, size_t n, const char *line)
{
	if (n >= cp->logmsg_lines)
		return;
	free(cp->logmsg[n]);
	if (*line) {
		cp->logmsg[n] = copy_of(line);
	} else {
		cp->logmsg_lines--;
		memmove(cp->logmsg + n, cp->logmsg + n + 1,
			(cp->logmsg_lines - n) * sizeof(*cp->logmsg));
	}
	keep(cp);
}

static void forget(struct cp *cp)
{
	while (cp->logmsg_lines)
		free(cp->logmsg[--cp->logmsg_lines]);
}

void logmsg_clear(struct cp *cp)
{
	forget(cp);
	keep(cp);
}

void logmsg_free(struct cp *cp)
{
	forget(cp);
	free(cp->logmsg);
	cp->logmsg = NULL;
}
