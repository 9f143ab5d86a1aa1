/*
 * s370/bare_devices.c - the devices of the bare machine: attach, detach, mount, and what
 * stands behind them here: teleprinters, displays, sockets of readers and printers.
 */
#include "s370/bare_int.h"

#include <string.h>
#include <strings.h>

#include "devices/device.h"

struct teleprinter *bare_console(struct bare *b, uint32_t address)
{
	for (unsigned i = 0; i < b->console_count; i++)
		if (address == BARE_FIRST_CONSOLE ||
		    teleprinter_address(b->consoles[i]) == address)
			return b->consoles[i];
	return NULL;
}

static void forget_console(struct bare *b, uint16_t address)
{
	for (unsigned i = 0; i < b->console_count; i++) {
		if (teleprinter_address(b->consoles[i]) != address)
			continue;
		if (b->displays)
			displays_drop_console(b->displays, b->consoles[i]);
		teleprinter_free(b->consoles[i]);
		b->consoles[i] = b->consoles[--b->console_count];
		return;
	}
}

/* A teleprinter for the console about to be attached; log=FILE among its words. */
static struct teleprinter *add_console(struct bare *b, struct machine_request *req,
				       struct error *err)
{
	const char *log = NULL;
	struct teleprinter *t;

	for (int i = 0; i < req->argc; i++)
		if (!strncasecmp(req->argv[i], "log=", 4))
			log = req->argv[i] + 4;
	if (b->console_count == CONSOLES_MAX) {
		error_set(err, 0, "%03X: more than %d consoles", req->address, CONSOLES_MAX);
		return NULL;
	}
	t = teleprinter_new(b->machine, (uint16_t)req->address, b->screen, b->codepage, log, err);
	if (t)
		req->terminal = teleprinter_terminal(t);
	return t;
}

void bare_set_console_port(struct bare *b, const char *host, uint16_t port)
{
	snprintf(b->console_host, sizeof(b->console_host), "%s", host ? host : "");
	b->console_port = port;
	b->want_displays = true;
}

/* The first display or console for a client opens the port. */
static bool open_displays(struct bare *b, struct error *err)
{
	if (b->displays)
		return true;
	b->displays = displays_new(b->machine, *b->console_host ? b->console_host : NULL,
				   b->console_port, err);
	if (b->displays)
		screen_say(b->screen, "3270 port %u", displays_port(b->displays));
	return b->displays != NULL;
}

static bool add_display(struct bare *b, struct machine_request *req, struct error *err)
{
	if (!open_displays(b, err))
		return false;
	req->terminal = displays_terminal(b->displays, (uint16_t)req->address);
	return true;
}

/*
 * A console that is not integrated, which Hercules writes "-C", is for a telnet client
 * too. It is here without him, so a port that cannot be had is worth a note only.
 */
static void share_console(struct bare *b, const char *type, struct teleprinter *t)
{
	size_t n = strlen(type);
	struct error err = { 0 };

	if (!b->want_displays || (n > 2 && !strcasecmp(type + n - 2, "-C")))
		return;
	if (!open_displays(b, &err))
		screen_say(b->screen, "%03X: no telnet client here: %s",
			   teleprinter_address(t), err.text);
	else
		(void)displays_add_console(b->displays, t);
}

/* Where in sockets the one of that reader is; socket_count: it has none. */
static unsigned socket_of(const struct bare *b, uint16_t address)
{
	unsigned i = 0;

	while (i < b->socket_count && cardsocket_address(b->sockets[i]) != address)
		i++;
	return i;
}

static unsigned print_of(const struct bare *b, uint16_t address)
{
	unsigned i = 0;

	while (i < b->print_count && printsocket_address(b->prints[i]) != address)
		i++;
	return i;
}

/* The socket of a printer or punch that was attached without paper. */
static bool add_print(struct bare *b, uint16_t address, enum device_kind kind, int count,
		      char *const *words, struct error *err)
{
	struct printsocket *s = NULL;

	if (b->print_count == SOCKETS_MAX)
		error_set(err, 0, "%03X: more than %d printers with sockets", address,
			  SOCKETS_MAX);
	else
		s = printsocket_new(b->machine, address,
				    kind == DEVICE_PUNCH ? PRINTFILE_PUNCH
							 : PRINTFILE_PRINTER,
				    count, words, err);
	if (s)
		b->prints[b->print_count++] = s;
	return s != NULL;
}

/* The socket of a device that was attached empty. */
static bool add_socket(struct bare *b, uint16_t address, enum device_kind kind, int count,
		       char *const *words, struct error *err)
{
	struct cardsocket *s = NULL;

	if (kind != DEVICE_READER)
		return add_print(b, address, kind, count, words, err);
	if (b->socket_count == SOCKETS_MAX)
		error_set(err, 0, "%03X: more than %d readers with sockets", address,
			  SOCKETS_MAX);
	else
		s = cardsocket_new(b->machine, address, count, words, err);
	if (s)
		b->sockets[b->socket_count++] = s;
	return s != NULL;
}

static bool takes_socket(enum device_kind kind)
{
	return kind == DEVICE_READER || kind == DEVICE_PRINTER || kind == DEVICE_PUNCH;
}

bool bare_attach(struct bare *b, uint16_t address, const char *type, int count,
		 char *const *words, struct error *err)
{
	const struct device_class *class = device_class_find(type);
	struct machine_request req = {
		.kind = MACHINE_ATTACH,
		.address = address,
		.class_name = type,
		.argc = count,
		.argv = words,
	};
	struct teleprinter *console = NULL;
	bool socket = class && takes_socket(class->kind) && cardsocket_wanted(count, words);

	if (!class) {
		error_set(err, 0, "%03X: unknown device type %s", address, type);
		return false;
	}
	if (!bare_build(b, err))
		return false;
	if (class->kind == DEVICE_CONSOLE && !(console = add_console(b, &req, err)))
		return false;
	if (socket)
		req.argc = 0;
	if (class->kind == DEVICE_GRAF && b->want_displays && !add_display(b, &req, err))
		return false;
	if (!bare_call(b, &req, err)) {
		if (console)
			teleprinter_free(console);
		return false;
	}
	if (socket && !add_socket(b, address, class->kind, count, words, err)) {
		bare_detach(b, address, NULL);
		return false;
	}
	if (console) {
		b->consoles[b->console_count++] = console;
		share_console(b, type, console);
	}
	return true;
}

bool bare_detach(struct bare *b, uint16_t address, struct error *err)
{
	struct machine_request req = { .kind = MACHINE_DETACH, .address = address };
	unsigned i = socket_of(b, address), print = print_of(b, address);
	struct error ignored;

	if (i < b->socket_count)
		cardsocket_stop(b->sockets[i]);
	if (print < b->print_count)
		printsocket_stop(b->prints[print]);
	if (!bare_call(b, &req, err ? err : &ignored))
		return false;
	if (i < b->socket_count) {
		cardsocket_free(b->sockets[i]);
		b->sockets[i] = b->sockets[--b->socket_count];
	}
	if (print < b->print_count) {
		printsocket_free(b->prints[print]);
		b->prints[print] = b->prints[--b->print_count];
	}
	forget_console(b, address);
	return true;
}

bool bare_mount(struct bare *b, uint16_t address, int count, char *const *words,
		struct error *err)
{
	struct machine_request req = {
		.kind = MACHINE_MOUNT,
		.address = address,
		.argc = count,
		.argv = words,
	};

	return bare_call(b, &req, err);
}
