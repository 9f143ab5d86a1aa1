#include "cp/lineport.h"

#include <stdlib.h>
#include <string.h>

#include "consoles/console.h"
#include "consoles/listener.h"
#include "cp/session.h"
#include "cp/sysline.h"
#include "cp/vmblok.h"

/* Their numbers end with the line's address, and no other port has such ones. */
#define FIRST_NUMBER 0x10000u

bool lineport_possible(const struct sysline *l)
{
	return l->start_stop && sysline_word(l, "lport")[0];
}

bool lineport_enable(struct cp *cp, struct sysline *l, struct error *err)
{
	const char *host = sysline_word(l, "lhost"), *port = sysline_word(l, "lport");
	const struct listener_options options = {
		.bind = *host && strcmp(host, "*") ? host : "0.0.0.0",
		.port = (uint16_t)strtoul(port, NULL, 10),
		.max_clients = 1,
		.first_number = FIRST_NUMBER + l->raddr,
	};

	l->disable = false;
	if (!l->port)
		l->port = listener_new(cp->loop, &options, &session_events, cp, err);
	return l->port != NULL;
}

static void close_port(struct sysline *l)
{
	struct listener *port = l->port;

	l->port = NULL;
	l->disable = false;
	listener_free(port);
}

static bool user_is_there(struct cp *cp, const struct sysline *l)
{
	for (const struct vmblok *vm = cp->vms; vm; vm = vm->next)
		if (vm->logged_on && vm->console && lineport_of(cp, vm->console) == l)
			return true;
	return false;
}

void lineport_disable(struct cp *cp, struct sysline *l)
{
	if (l->port && user_is_there(cp, l))
		l->disable = true;
	else if (l->port)
		close_port(l);
}

const char *lineport_state(const struct sysline *l)
{
	return !l->port ? "DISABLED" : l->disable ? "DSBLPND" : "ENABLED";
}

void lineports_close(struct cp *cp)
{
	for (struct sysline *l = cp->lines ? syslines_first(cp->lines) : NULL; l; l = l->next)
		if (l->port)
			close_port(l);
}

struct sysline *lineport_of(struct cp *cp, const struct console *c)
{
	unsigned n = console_number(c);

	return n >= FIRST_NUMBER ? sysline_at(cp->lines, (uint16_t)(n - FIRST_NUMBER)) : NULL;
}

/* Behind the end of the connection, which is the listener's own. */
static void close_disabled(void *arg)
{
	struct cp *cp = arg;

	for (struct sysline *l = syslines_first(cp->lines); l; l = l->next)
		if (l->port && l->disable && listener_clients(l->port) == 0)
			close_port(l);
}

void lineport_left(struct cp *cp, struct sysline *l)
{
	if (l->disable)
		loop_post(cp->loop, close_disabled, cp);
}
