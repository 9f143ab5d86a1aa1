/* Commands about devices and consoles. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "devices/device.h"
#include "s370/monitor.h"
#include "s370/parse.h"

static enum outcome cmd_attach(struct monitor *m, char *args)
{
	char *words[WORDS_MAX];
	int n = word_split(args, words, WORDS_MAX);
	uint16_t address;

	if (n < 2)
		return malformed(m, "attach ADDR TYPE [ARGUMENTS]");
	if (!word_device(words[0], &address))
		return malformed(m, "attach: not a device address: %s", words[0]);
	return outcome(bare_attach(m->bare, address, words[1], n - 2, words + 2, &m->error));
}

static enum outcome cmd_detach(struct monitor *m, char *args)
{
	uint16_t address;

	if (!word_device(args, &address))
		return malformed(m, "detach: not a device address: %s", args);
	return outcome(bare_detach(m->bare, address, &m->error));
}

static enum outcome cmd_mount(struct monitor *m, char *args)
{
	char *words[WORDS_MAX];
	int n = word_split(args, words, WORDS_MAX);
	uint16_t address;

	if (n < 1)
		return malformed(m, "mount ADDR [FILE] [OPTIONS]");
	if (!word_device(words[0], &address))
		return malformed(m, "mount: not a device address: %s", words[0]);
	return outcome(bare_mount(m->bare, address, n - 1, words + 1, &m->error));
}

static void show_device(void *arg, const struct device *dev, const char *text)
{
	struct monitor *m = arg;

	screen_say(m->screen, "%04X %-5s %s", dev->address, dev->type, text ? text : "");
}

static enum outcome cmd_devices(struct monitor *m, char *args)
{
	struct machine_request req = {
		.kind = MACHINE_DEVICES,
		.visit = show_device,
		.visit_arg = m,
	};

	if (*args)
		return malformed(m, "devices takes no operand");
	return outcome(bare_call(m->bare, &req, &m->error));
}

static enum outcome set_ready(struct monitor *m, const char *name, const char *args, bool on)
{
	struct machine_request req = { .kind = MACHINE_READY, .on = on };
	uint16_t address;

	if (!word_device(args, &address))
		return malformed(m, "%s: not a device address: %s", name, args);
	req.address = address;
	return outcome(bare_call(m->bare, &req, &m->error));
}

static enum outcome cmd_ready(struct monitor *m, char *args)
{
	return set_ready(m, "ready", args, true);
}

static enum outcome cmd_notready(struct monitor *m, char *args)
{
	return set_ready(m, "notready", args, false);
}

/* Without an address: the REQUEST key of the first console. */
static enum outcome cmd_attn(struct monitor *m, char *args)
{
	struct machine_request req = { .kind = MACHINE_ATTENTION, .value = US_ATTENTION };
	struct teleprinter *t = bare_console(m->bare, BARE_FIRST_CONSOLE);
	uint16_t address = t ? teleprinter_address(t) : 0;

	if (*args ? !word_device(args, &address) : !t)
		return malformed(m, "attn [ADDR]: no such device: %s", args);
	req.address = address;
	return outcome(bare_call(m->bare, &req, &m->error));
}

static enum outcome cmd_type(struct monitor *m, char *args)
{
	size_t n = strcspn(args, " \t");
	struct teleprinter *t;
	char digits[8];
	uint16_t address;

	snprintf(digits, sizeof(digits), "%.*s", n < 7 ? (int)n : 7, args);
	if (!word_device(digits, &address))
		return malformed(m, "type ADDR TEXT: not a device address: %s", digits);
	t = bare_console(m->bare, address);
	if (!t) {
		error_set(&m->error, 0, "type: %s is no console", digits);
		return OUTCOME_FAILED;
	}
	teleprinter_type(t, args[n] ? args + n + 1 : "");
	return OUTCOME_OK;
}

static enum outcome cmd_types(struct monitor *m, char *args)
{
	const struct device_class *class;

	(void)args;
	for (unsigned i = 0; (class = device_class_at(i)); i++) {
		char text[200];
		size_t n = (size_t)snprintf(text, sizeof(text), "%s", class->type);

		for (const char *const *a = class->aliases; a && *a; a++)
			if (n < sizeof(text))
				n += (size_t)snprintf(text + n, sizeof(text) - n, " %s", *a);
		screen_say(m->screen, "%s", text);
	}
	return OUTCOME_OK;
}

const struct command device_commands[] = {
	{ "attach", cmd_attach, "attach ADDR TYPE [ARGUMENTS]",
	  "add a device, as a Hercules device statement" },
	{ "detach", cmd_detach, "detach ADDR", "remove a device" },
	{ "mount", cmd_mount, "mount ADDR [FILE] [OPTIONS]", "cards, tape or file into a device" },
	{ "devinit", cmd_mount, "devinit ADDR [FILE] [OPTIONS]", "as mount" },
	{ "devices", cmd_devices, "devices", "all devices" },
	{ "devlist", cmd_devices, "devlist", "as devices" },
	{ "types", cmd_types, "types", "the device types there are" },
	{ "ready", cmd_ready, "ready ADDR", "START key of a device" },
	{ "notready", cmd_notready, "notready ADDR", "STOP key of a device" },
	{ "attn", cmd_attn, "attn [ADDR]", "attention; REQUEST key of a console" },
	{ "i", cmd_attn, "i [ADDR]", "as attn" },
	{ "type", cmd_type, "type ADDR TEXT", "answer a console's next read" },
	{ 0 },
};
