#include "consoles/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ebcdic.h"
#include "base/error.h"
#include "base/log.h"
#include "consoles/console_state.h"
#include "consoles/datastream.h"

#define QUERY_REPLY_MAX 8192 /* bytes kept for the owner */

#define SCREEN_ROWS_MIN	   12
#define SCREEN_COLUMNS_MIN 40
#define SCREEN_MAX	   16383 /* positions that a 14-bit address reaches */

/* Output up to here becomes a line of the recording. */
static void record_output(struct console *c)
{
	if (!c->sent.length)
		return;
	RECORD(c, c->sent.data, c->sent.length, ">");
	c->sent.length = 0;
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

static enum console_taken scr_copy(void *arg, const uint8_t *text, size_t length)
{
	struct console *c = arg;
	enum console_taken taken = CONSOLE_NOT_ACCEPTED;

	RECORD(c, text, length, "event copy");
	if (c->ev->copy)
		taken = c->ev->copy(c->arg, c, text, length);
	RECORD(c, NULL, 0, "return %u", taken);
	return taken;
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
	.copy = scr_copy,
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

/* What waited for room may go on. */
static void go_on(struct console *c)
{
	c->host->flush(c->host_arg);
	if (c->write_waits && !c->closing) {
		c->write_waits = false;
		scr_fullscreen_ready(c);
	}
}

/* When the session with the system ends, the screen is repainted. */
static void tn_sysreq(void *arg)
{
	struct console *c = arg;

	if (tn3270_in_sscp(c->tn))
		return;
	short_read(c, AID_SYSREQ);
	go_on(c);
}

static void tn_logoff(void *arg)
{
	struct console *c = arg;

	c->closing = true;
	c->host->close(c->host_arg, false);
}

static void tn_response(void *arg, unsigned number, int sense)
{
	struct console *c = arg;

	if (sense >= 0)
		log_warn(c->name, "client refused write %u with sense %d", number, sense);
}

/* The names that we give: GRAF and four digits. */
static bool is_graf(const char *name)
{
	return strncmp(name, "GRAF", 4) == 0 && strspn(name + 4, "0123456789ABCDEF") == 4 &&
	       !name[8];
}

/* A name that the owner knows, that is not one of ours, and that nobody has. */
static int tn_lu(void *arg, char name[9])
{
	struct console *c = arg;

	bool known = !c->ev->lu || c->ev->lu(c->arg, c, name);
	char own[9];
	int answer = TN3270_LU_OK;

	snprintf(own, sizeof(own), "GRAF%04X", c->number & 0xFFFF);
	if (!known || (is_graf(name) && strcmp(name, own) != 0))
		answer = TN3270_INV_NAME;
	else if (c->host->lu_in_use && c->host->lu_in_use(c->host_arg, name))
		answer = TN3270_DEVICE_IN_USE;
	RECORD(c, name, strlen(name), "lu %d", answer);
	if (!name[0])
		strcpy(name, own);
	return answer;
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
	.logoff = tn_logoff,
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
	RECORD(c, NULL, 0, "settings %u %u %u %u", c->number, set->no_tn3270e,
	       set->start_tls, set->not_accepted_ms);
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
	if (c->failed || console_full(c))
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
	bool was_full = console_full(c);

	bytebuf_take(&c->out, n);
	if (was_full && !console_full(c))
		go_on(c);
	else if (c->nvt && !nvt_idle(c->nvt))
		c->host->flush(c->host_arg);
}
