#include "cp/consolespool.h"

#include <string.h>

#include "base/ebcdic.h"
#include "cp/tap.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"

#define LINE_MAX_COLUMNS 132 /* what a printer takes */
#define WRITE_SPACE_1	 0x09

static struct unitrecord *console_of(const struct vmblok *vm)
{
	for (const struct virtual_device *v = vm->devices; v; v = v->next)
		if (v->kind == DEVICE_CONSOLE && v->ur)
			return v->ur;
	return NULL;
}

static bool option(struct unitrecord *ur, bool no_term)
{
	bool on;

	pthread_mutex_lock(&ur->lock);
	on = ur->opt.started && (!no_term || ur->opt.no_term);
	pthread_mutex_unlock(&ur->lock);
	return on;
}

static void put_line(struct unitrecord *ur, const uint8_t *text, size_t length)
{
	do {
		size_t n = length < LINE_MAX_COLUMNS ? length : LINE_MAX_COLUMNS;

		/* A limit stops the log, not the user; he has been told. */
		if (!ur->sink.put(&ur->sink, WRITE_SPACE_1, text, n))
			return;
		text += n;
		length -= n;
	} while (length);
}

void consolespool_text(struct vmblok *vm, const uint8_t *text, size_t length, bool newline)
{
	struct unitrecord *ur = console_of(vm);
	struct vconsole *vc = &vm->vconsole;
	char line[sizeof(vc->part) + 1];
	bool spooled = ur && option(ur, false);
	size_t n, n_part;

	if (!spooled && !tap_wanted(vm))
		return;
	/* A write without a new line is continued by the next one. */
	n = sizeof(vc->part) - vc->part_length;
	if (n > length)
		n = length;
	if (n)
		memcpy(vc->part + vc->part_length, text, n);
	vc->part_length += n;
	if (!newline && n == length)
		return;
	n_part = vc->part_length;
	vc->part_length = 0;
	if (spooled)
		put_line(ur, vc->part, n_part);
	if (tap_wanted(vm)) {
		ebcdic_to_latin1(&codepage_bracket, line, vc->part, n_part);
		line[n_part] = '\0';
		tap_line(vm, line);
	}
	if (n < length)
		consolespool_text(vm, text + n, length - n, newline);
}

void consolespool_part(const struct vmblok *vm, char out[CONSOLESPOOL_PART])
{
	const struct vconsole *vc = &vm->vconsole;

	_Static_assert(sizeof(vc->part) < CONSOLESPOOL_PART, "it has room for the part");
	ebcdic_to_latin1(&codepage_bracket, out, vc->part, vc->part_length);
	out[vc->part_length] = '\0';
}

void consolespool_line(struct vmblok *vm, const char *line)
{
	uint8_t text[512];
	size_t n = strnlen(line, sizeof(text));

	ebcdic_from_latin1(&codepage_bracket, text, line, n);
	consolespool_text(vm, text, n, true);
}

bool consolespool_hides(const struct vmblok *vm)
{
	struct unitrecord *ur = console_of(vm);

	return ur && option(ur, true);
}
