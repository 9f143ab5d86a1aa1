#include "consoles/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ebcdic.h"
#include "base/error.h"
#include "base/log.h"
#include "consoles/bytebuf.h"
#include "consoles/console_int.h"
#include "consoles/datastream.h"
#include "consoles/linescreen.h"
#include "consoles/nvt.h"
#include "consoles/recorder.h"
#include "consoles/screenbuf.h"
#include "consoles/tn3270.h"

/* Bytes that may wait in front of a slow client before more is painted. */
#define OUTPUT_LIMIT 65536

#define QUERY_REPLY_MAX 8192 /* bytes kept for the owner */

#define SCREEN_ROWS_MIN    12
#define SCREEN_COLUMNS_MIN 40
#define SCREEN_MAX         16383 /* positions that a 14-bit address reaches */

enum opening { NEGOTIATING, QUERYING, OPEN };

struct console {
	const struct console_settings *settings;
	const struct console_events *ev;
	void *arg, *data;
	const struct console_host *host;
	void *host_arg;
	unsigned number;
	char address[64], name[160];

	struct tn3270 *tn;
	struct linescreen *screen; /* one of these, from OPEN on */
	struct nvt *nvt;
	struct screenbuf *seen; /* what is on the 3270's screen */
	struct bytebuf out, repaint;

	enum opening opening;
	bool opened_called, closing, failed;
	unsigned window_columns, window_rows; /* of a typewriter that told */
	struct bytebuf query_reply;
	struct recorder *recorder; /* NULL: not recorded */
	struct bytebuf sent;       /* output not yet in the recording */
	bool write_waits; /* a full-screen write found the output full */
};

#define RECORD(c, ...)                                       \
	do {                                                 \
		if ((c)->recorder)                           \
			recorder_line((c)->recorder, __VA_ARGS__); \
	} while (0)

/* Output up to here becomes a line of the recording. */
static void record_output(struct console *c)
{
	if (!c->sent.length)
		return;
	RECORD(c, c->sent.data, c->sent.length, ">");
	c->sent.length = 0;
}

static bool full(const struct console *c)
{
	return c->out.length >= OUTPUT_LIMIT;
}

/* ---- opening */

static void name_it(struct console *c)
{
	const char *type = tn3270_type(c->tn);

	if (c->screen)
		snprintf(c->name, sizeof(c->name), "%s %s %ux%u", c->address, type,
			 console_rows(c), console_columns(c));
	else
		snprintf(c->name, sizeof(c->name), "%s %s", c->address,
			 *type ? type : "NVT");
}

static void open_now(struct console *c)
{
	c->opening = OPEN;
	c->opened_called = true;
	name_it(c);
	RECORD(c, NULL, 0, "event opened");
	c->ev->opened(c->arg, c);
	RECORD(c, NULL, 0, "return");
}

static void scr_send(void *arg, const uint8_t *stream, size_t n)
{
	struct console *c = arg;

	screenbuf_write(c->seen, stream, n);
	tn3270_send(c->tn, stream, n, false);
}

static void any_dirty(void *arg)
{
	struct console *c = arg;

	c->host->flush(c->host_arg);
}

static void any_timer(void *arg, unsigned milliseconds)
{
	struct console *c = arg;

	c->host->timer(c->host_arg, milliseconds);
}

static void any_logo_key(void *arg)
{
	struct console *c = arg;

	RECORD(c, NULL, 0, "event logo_key");
	c->ev->logo_key(c->arg, c);
	RECORD(c, NULL, 0, "return");
}

static enum console_taken any_line(void *arg, const uint8_t *text, size_t length)
{
	struct console *c = arg;
	enum console_taken taken;

	RECORD(c, text, length, "event line");
	taken = c->ev->line(c->arg, c, text, length);
	RECORD(c, NULL, 0, "return %u", taken);
	return taken;
}

static void any_key(void *arg, enum console_key key)
{
	struct console *c = arg;

	RECORD(c, NULL, 0, "event key %u", key);
	c->ev->key(c->arg, c, key);
	RECORD(c, NULL, 0, "return");
}

static void any_drained(void *arg)
{
	struct console *c = arg;

	RECORD(c, NULL, 0, "event drained");
	c->ev->drained(c->arg, c);
	RECORD(c, NULL, 0, "return");
}

static void scr_cancelled(void *arg)
{
	struct console *c = arg;

	RECORD(c, NULL, 0, "event cancelled");
	c->ev->cancelled(c->arg, c);
	RECORD(c, NULL, 0, "return");
}

static void scr_record(void *arg, const uint8_t *record, size_t length)
{
	struct console *c = arg;

	RECORD(c, record, length, "event record");
	if (c->ev->record)
		c->ev->record(c->arg, c, record, length);
	RECORD(c, NULL, 0, "return");
}

static void scr_fullscreen_ready(void *arg)
{
	struct console *c = arg;

	RECORD(c, NULL, 0, "event fullscreen_ready");
	if (c->ev->fullscreen_ready)
		c->ev->fullscreen_ready(c->arg, c);
	RECORD(c, NULL, 0, "return");
}

static const struct linescreen_events screen_events = {
	.send = scr_send,
	.dirty = any_dirty,
	.timer = any_timer,
	.logo_key = any_logo_key,
	.line = any_line,
	.key = any_key,
	.drained = any_drained,
	.cancelled = scr_cancelled,
	.record = scr_record,
	.fullscreen_ready = scr_fullscreen_ready,
};

static void open_screen(struct console *c, unsigned rows, unsigned columns)
{
	const struct linescreen_options options = {
		.rows = rows,
		.columns = columns,
		.alternate = rows != 24 || columns != 80,
		.extended = tn3270_structured(c->tn),
		.more_ms = c->settings->more_ms,
		.more_alarm_ms = c->settings->more_alarm_ms,
		.not_accepted_ms = c->settings->not_accepted_ms,
	};

	c->host->timer(c->host_arg, 0);
	c->screen = linescreen_new(&options, &screen_events, c);
	c->seen = screenbuf_new(rows, columns);
	open_now(c);
	linescreen_flush(c->screen);
}

/*
 * Ask how large the screen is. The Erase/Write in front puts a TN3270E client
 * into 3270 mode.
 */
static void query(struct console *c)
{
	struct bytebuf b = { 0 };

	c->opening = QUERYING;
	ds_begin(&b, DS_ERASE_WRITE, DS_RESTORE);
	tn3270_send(c->tn, b.data, b.length, false);
	b.length = 0;
	ds_query(&b);
	tn3270_send(c->tn, b.data, b.length, false);
	bytebuf_free(&b);
	c->host->timer(c->host_arg, c->settings->negotiate_ms);
}

static void query_answered(struct console *c, const struct ds_record *r)
{
	struct ds_capabilities caps;
	unsigned rows = tn3270_rows(c->tn), columns = tn3270_columns(c->tn);

	if (r->aid != AID_STRUCTURED)
		return;
	if (r->length <= QUERY_REPLY_MAX)
		bytebuf_put(&c->query_reply, r->data, r->length);
	if (!ds_query_reply(&caps, r))
		log_warn(c->address, "damaged query reply of %zu bytes", r->raw_length);
	else if (caps.rows >= SCREEN_ROWS_MIN && caps.columns >= SCREEN_COLUMNS_MIN &&
		 caps.rows * caps.columns <= SCREEN_MAX) {
		rows = caps.rows;
		columns = caps.columns;
	}
	open_screen(c, rows, columns);
}

/* ---- the typewriter's side */

static void nvt_send(void *arg, const uint8_t *bytes, size_t n)
{
	struct console *c = arg;

	tn3270_send_text(c->tn, bytes, n);
}

static void nvt_hide(void *arg, bool hide)
{
	struct console *c = arg;

	tn3270_hide_typing(c->tn, hide);
}

static const struct nvt_events typewriter_events = {
	.send = nvt_send,
	.hide = nvt_hide,
	.dirty = any_dirty,
	.timer = any_timer,
	.logo_key = any_logo_key,
	.line = any_line,
	.key = any_key,
	.drained = any_drained,
};

static void open_typewriter(struct console *c)
{
	unsigned retry = c->settings->not_accepted_ms;

	c->host->timer(c->host_arg, 0);
	c->nvt = nvt_new(&typewriter_events, c, retry ? retry : 3000);
	open_now(c);
}

/* ---- what the protocol tells */

static void tn_send(void *arg, const uint8_t *bytes, size_t n)
{
	struct console *c = arg;

	bytebuf_put(&c->out, bytes, n);
	if (c->recorder)
		bytebuf_put(&c->sent, bytes, n);
	c->host->output(c->host_arg);
}

static void tn_ready(void *arg)
{
	struct console *c = arg;

	if (tn3270_mode(c->tn) == TN3270_NVT)
		open_typewriter(c);
	else if (tn3270_structured(c->tn))
		query(c);
	else
		open_screen(c, tn3270_rows(c->tn), tn3270_columns(c->tn));
}

static void tn_record(void *arg, const uint8_t *bytes, size_t n)
{
	struct console *c = arg;
	struct ds_record r;

	if (c->closing || !ds_parse(&r, bytes, n))
		return;
	if (c->opening == QUERYING) {
		query_answered(c, &r);
	} else if (c->screen) {
		screenbuf_input(c->seen, &r);
		linescreen_input(c->screen, &r);
	}
}

static void tn_text(void *arg, const uint8_t *bytes, size_t n)
{
	struct console *c = arg;

	if (c->nvt && !c->closing)
		nvt_input(c->nvt, bytes, n);
}

static void tn_window(void *arg, unsigned columns, unsigned rows)
{
	struct console *c = arg;

	c->window_columns = columns;
	c->window_rows = rows;
	if (c->nvt)
		nvt_set_window(c->nvt, columns);
}

static void short_read(struct console *c, uint8_t aid)
{
	tn_record(c, &aid, 1);
}

static void tn_attention(void *arg)
{
	struct console *c = arg;

	if (c->closing)
		return;
	if (c->nvt)
		nvt_attention(c->nvt);
	else
		short_read(c, AID_PA1);
}

static void tn_sysreq(void *arg)
{
	short_read(arg, AID_SYSREQ);
}

static void tn_response(void *arg, unsigned number, int sense)
{
	struct console *c = arg;

	if (sense >= 0)
		log_warn(c->name, "client refused write %u with sense %d", number, sense);
}

static int tn_lu(void *arg, char name[9])
{
	struct console *c = arg;

	bool taken = !c->ev->lu || c->ev->lu(c->arg, c, name);

	RECORD(c, name, strlen(name), "lu %u", taken);
	if (!taken)
		return TN3270_INV_NAME;
	if (!name[0])
		snprintf(name, 9, "GRAF%04X", c->number & 0xFFFF);
	return TN3270_LU_OK;
}

static void tn_failed(void *arg, const char *why)
{
	struct console *c = arg;

	log_warn(c->name, "connection closed: %s", why);
	c->failed = c->closing = true;
	c->host->close(c->host_arg, true);
}

static const struct tn3270_events protocol_events = {
	.send = tn_send,
	.ready = tn_ready,
	.record = tn_record,
	.text = tn_text,
	.window = tn_window,
	.attention = tn_attention,
	.sysreq = tn_sysreq,
	.response = tn_response,
	.lu = tn_lu,
	.failed = tn_failed,
};

/* ---- the connection's side */

struct console *console_new(const struct console_settings *settings,
			    const struct console_events *events, void *arg,
			    const struct console_host *host, void *host_arg,
			    const char *address, unsigned number)
{
	struct console *c = calloc(1, sizeof(*c));
	const struct tn3270_options options = {
		.no_extended = settings->no_tn3270e,
		.start_tls = settings->start_tls,
	};

	if (!c)
		BUG("out of memory");
	c->settings = settings;
	c->ev = events;
	c->arg = arg;
	c->host = host;
	c->host_arg = host_arg;
	c->number = number;
	snprintf(c->address, sizeof(c->address), "%s", address);
	snprintf(c->name, sizeof(c->name), "%s", address);
	c->tn = tn3270_new(&options, &protocol_events, c);
	return c;
}

void console_free(struct console *c)
{
	c->closing = true;
	if (c->opened_called)
		c->ev->closed(c->arg, c);
	linescreen_free(c->screen);
	nvt_free(c->nvt);
	screenbuf_free(c->seen);
	bytebuf_free(&c->repaint);
	tn3270_free(c->tn);
	bytebuf_free(&c->out);
	bytebuf_free(&c->sent);
	bytebuf_free(&c->query_reply);
	recorder_free(c->recorder);
	free(c);
}

void console_record(struct console *c, struct recorder *r)
{
	const struct console_settings *set = c->settings;

	c->recorder = r;
	RECORD(c, NULL, 0, "# 3270 session of %s", c->address);
	RECORD(c, NULL, 0, "settings %u %u %u %u", c->number, set->no_tn3270e, set->start_tls,
	       set->not_accepted_ms);
}

void console_start(struct console *c)
{
	c->host->timer(c->host_arg, c->settings->negotiate_ms);
	tn3270_start(c->tn);
	record_output(c);
}

size_t console_receive(struct console *c, const uint8_t *bytes, size_t n)
{
	size_t used;

	RECORD(c, bytes, n, "<");
	used = tn3270_receive(c->tn, bytes, n);
	record_output(c);
	return used;
}

bool console_wants_tls(const struct console *c)
{
	return tn3270_wants_tls(c->tn);
}

void console_tls_begun(struct console *c)
{
	RECORD(c, NULL, 0, "tls");
	tn3270_restart(c->tn);
	record_output(c);
}

void console_timer(struct console *c)
{
	RECORD(c, NULL, 0, "timer");
	if (c->opening == NEGOTIATING)
		tn3270_give_up(c->tn);
	else if (c->opening == QUERYING)
		open_screen(c, tn3270_rows(c->tn), tn3270_columns(c->tn));
	else if (c->screen)
		linescreen_timeout(c->screen);
	else if (c->nvt)
		nvt_timeout(c->nvt);
	record_output(c);
}

void console_flush(struct console *c)
{
	if (c->failed || full(c))
		return; /* console_sent() comes back to it */
	RECORD(c, NULL, 0, "flush");
	if (c->screen)
		linescreen_flush(c->screen);
	else if (c->nvt)
		nvt_flush(c->nvt, OUTPUT_LIMIT - c->out.length);
	record_output(c);
	if (c->closing && (!c->nvt || nvt_idle(c->nvt)))
		c->host->close(c->host_arg, false);
}

void console_probe(struct console *c)
{
	tn3270_probe(c->tn);
}

const uint8_t *console_output(const struct console *c, size_t *n)
{
	*n = c->out.length;
	return c->out.data;
}

void console_sent(struct console *c, size_t n)
{
	bool was_full = full(c);

	bytebuf_take(&c->out, n);
	if ((was_full && !full(c)) || (c->nvt && !nvt_idle(c->nvt)))
		c->host->flush(c->host_arg);
	if (c->write_waits && !full(c) && !c->closing) {
		c->write_waits = false;
		scr_fullscreen_ready(c);
	}
}

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
	if (c->screen)
		linescreen_set_more(c->screen, more_s, alarm_s);
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

void console_set_pf(struct console *c, unsigned n, enum console_pf kind, const uint8_t *text,
		    size_t length)
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

	RECORD(c, data ? data : (const uint8_t *)"", length, "call fullscreen_write %u", command);
	if (!c->screen || !code || (!is_read(command) && command != 0x0F && !length))
		return CONSOLE_BAD;
	if (command == 0x11 && !tn3270_structured(c->tn))
		return CONSOLE_BAD;
	if (full(c)) {
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
	if (full(c)) {
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

const uint8_t *console_repaint(struct console *c, uint8_t *command, size_t *length)
{
	if (!c->seen)
		return NULL;
	c->repaint.length = 0;
	screenbuf_repaint(c->seen, &c->repaint);
	*command = c->repaint.data[0] == DS_ERASE_WRITE ? 0x05 : 0x0D;
	*length = c->repaint.length - 1;
	return c->repaint.data + 1;
}

void console_close(struct console *c)
{
	RECORD(c, NULL, 0, "call close");
	c->closing = true;
	c->host->flush(c->host_arg);
}
