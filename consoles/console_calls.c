#include "consoles/console.h"

#include <string.h>

#include "base/ebcdic.h"
#include "consoles/console_state.h"
#include "consoles/datastream.h"

/* ---- the owner's side */

void console_set_data(struct console *c, void *data)
{
	c->data = data;
}

void *console_data(const struct console *c)
{
	return c->data;
}

const char *console_name(const struct console *c)
{
	return c->name;
}

unsigned console_number(const struct console *c)
{
	return c->number;
}

bool console_is_3270(const struct console *c)
{
	return c->screen != NULL;
}

const char *console_lu(const struct console *c)
{
	return tn3270_lu(c->tn);
}

unsigned console_rows(const struct console *c)
{
	return c->screen ? linescreen_rows(c->screen) : c->window_rows;
}

unsigned console_columns(const struct console *c)
{
	return c->screen ? linescreen_columns(c->screen) : c->window_columns;
}

const uint8_t *console_query_reply(const struct console *c, size_t *length)
{
	*length = c->query_reply.length;
	return c->query_reply.data;
}

void console_logo(struct console *c, const char *online, const char *const *lines,
		  size_t count)
{
	RECORD(c, online, strlen(online), "call logo %zu", count);
	for (size_t i = 0; i < count; i++)
		RECORD(c, lines[i], strlen(lines[i]), "logo_line");
	if (c->screen)
		linescreen_logo(c->screen, online, lines, count);
	else if (c->nvt)
		nvt_logo(c->nvt, online, lines, count);
}

void console_write(struct console *c, const uint8_t *text, size_t length, unsigned flags)
{
	RECORD(c, text ? text : (const uint8_t *)"", length, "call write %u", flags);
	if (c->screen)
		linescreen_write(c->screen, text, length, flags);
	else if (c->nvt)
		nvt_write(c->nvt, text, length, flags);
}

bool console_room(const struct console *c)
{
	return c->screen ? linescreen_room(c->screen) : c->nvt && nvt_room(c->nvt);
}

void console_set_status(struct console *c, enum console_status status, bool masked)
{
	RECORD(c, NULL, 0, "call status %u %u", status, masked);
	if (c->screen)
		linescreen_set_status(c->screen, status, masked);
	else if (c->nvt)
		nvt_set_status(c->nvt, status, masked);
}

void console_set_mode_cp(struct console *c, bool on)
{
	RECORD(c, NULL, 0, "call mode_cp %u", on);
	if (c->screen)
		linescreen_set_mode_cp(c->screen, on);
}

void console_set_highlight(struct console *c, bool on)
{
	RECORD(c, NULL, 0, "call highlight %u", on);
	if (c->screen)
		linescreen_set_highlight(c->screen, on);
}

void console_set_more(struct console *c, unsigned more_s, unsigned alarm_s)
{
	RECORD(c, NULL, 0, "call more %u %u", more_s, alarm_s);
	if (c->screen)
		linescreen_set_more(c->screen, more_s, alarm_s);
}

void console_set_terminal(struct console *c, const struct console_terminal *t)
{
	RECORD(c, NULL, 0, "call terminal %u %u %u %u %u %u", t->charset, t->tabchar,
	       t->no_hold, t->pa2, t->mask, t->quiet_attention);
	if (c->screen)
		linescreen_set_terminal(c->screen, t);
	else if (c->nvt)
		nvt_set_terminal(c->nvt, t);
}

void console_set_sysid(struct console *c, const uint8_t *text, size_t length)
{
	RECORD(c, text, length, "call sysid");
	if (c->screen)
		linescreen_set_sysid(c->screen, text, length);
}

void console_set_codepage(struct console *c, const struct codepage *page)
{
	RECORD(c, NULL, 0, "call codepage %s", page->name);
	if (c->nvt)
		nvt_set_codepage(c->nvt, page);
}

void console_set_echo(struct console *c, bool on)
{
	RECORD(c, NULL, 0, "call echo %u", on);
	if (c->screen)
		linescreen_set_echo(c->screen, on);
}

void console_set_pf(struct console *c, unsigned n, enum console_pf kind,
		    const uint8_t *text, size_t length)
{
	RECORD(c, text ? text : (const uint8_t *)"", length, "call pf %u %u", n, kind);
	if (c->screen)
		linescreen_set_pf(c->screen, n, kind, text, length);
}

void console_set_linesize(struct console *c, unsigned columns)
{
	RECORD(c, NULL, 0, "call linesize %u", columns);
	if (c->screen)
		linescreen_set_linesize(c->screen, columns);
	else if (c->nvt)
		nvt_set_linesize(c->nvt, columns);
}

unsigned console_linesize(const struct console *c)
{
	return c->screen ? linescreen_linesize(c->screen) : nvt_linesize(c->nvt);
}

void console_clear(struct console *c)
{
	RECORD(c, NULL, 0, "call clear");
	if (c->screen)
		linescreen_clear(c->screen);
	else if (c->nvt)
		nvt_clear(c->nvt);
}

/* ---- full screen */

static bool is_erase(uint8_t command)
{
	return command == 0x05 || command == 0x0D;
}

static bool is_read(uint8_t command)
{
	return command == 0x02 || command == 0x06 || command == 0x0E;
}

enum console_fullscreen console_fullscreen_write(struct console *c, uint8_t command,
						 const uint8_t *data, size_t length)
{
	uint8_t code = ds_command(command);
	struct bytebuf b = { 0 };

	RECORD(c, data ? data : (const uint8_t *)"", length, "call fullscreen_write %u",
	       command);
	if (!c->screen || !code || (!is_read(command) && command != 0x0F && !length))
		return CONSOLE_BAD;
	if (command == 0x11 && !tn3270_structured(c->tn))
		return CONSOLE_BAD;
	if (console_full(c)) {
		c->write_waits = true;
		return CONSOLE_WAIT;
	}
	if (is_erase(command)) {
		if (linescreen_take(c->screen, command == 0x0D) != CONSOLE_DONE)
			return CONSOLE_WAIT;
	} else if (!linescreen_is_fullscreen(c->screen)) {
		return CONSOLE_TAKEN;
	}
	bytebuf_put1(&b, code);
	if (!is_read(command) && command != 0x0F)
		bytebuf_put(&b, data, length);
	screenbuf_write(c->seen, b.data, b.length);
	tn3270_send(c->tn, b.data, b.length, true);
	bytebuf_free(&b);
	return CONSOLE_DONE;
}

void console_fullscreen_pa1(struct console *c, bool guest)
{
	RECORD(c, NULL, 0, "call fullscreen_pa1 %u", guest);
	if (c->screen)
		linescreen_fullscreen_pa1(c->screen, guest);
}

bool console_is_fullscreen(const struct console *c)
{
	return c->screen && linescreen_is_fullscreen(c->screen);
}

void console_fullscreen_end(struct console *c)
{
	RECORD(c, NULL, 0, "call fullscreen_end");
	if (c->screen)
		linescreen_take_back(c->screen);
}

enum console_fullscreen console_display(struct console *c, unsigned row, bool erase,
					const uint8_t *data, size_t length)
{
	RECORD(c, data, length, "call display %u %u", row, erase);
	if (!c->screen)
		return CONSOLE_BAD;
	if (console_full(c)) {
		c->write_waits = true;
		return CONSOLE_WAIT;
	}
	return linescreen_display(c->screen, row, erase, data, length);
}

void console_dial(struct console *c, bool on)
{
	RECORD(c, NULL, 0, "call dial %u", on);
	if (c->screen)
		linescreen_dial(c->screen, on);
}

const uint8_t *console_screen(struct console *c, unsigned *rows, unsigned *columns)
{
	if (!c->seen)
		return NULL;
	*rows = screenbuf_rows(c->seen);
	*columns = screenbuf_columns(c->seen);
	return screenbuf_text(c->seen);
}

void console_close(struct console *c)
{
	RECORD(c, NULL, 0, "call close");
	c->closing = true;
	c->host->flush(c->host_arg);
}
