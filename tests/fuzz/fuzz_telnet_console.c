/*
 * Fuzzing of all that a client's bytes reach: telnet, TN3270, TN3270E, the line
 * screen, the typewriter, full-screen use.
 *
 * Input: a byte of settings, then pieces. A piece is a byte (bits 0-1: flush and
 * timer afterwards; bits 2-7: length - 1) and that many bytes of the client.
 * What is checked: nothing but that nothing breaks, and that the memory in use
 * for a client stays bounded.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "consoles/console_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct host {
	struct console *c;
	bool flush, closed;
	unsigned lines;
};

static void host_output(void *arg)
{
	(void)arg;
}

static void host_close(void *arg, bool now)
{
	(void)now;
	((struct host *)arg)->closed = true;
}

static void host_timer(void *arg, unsigned milliseconds)
{
	(void)arg;
	(void)milliseconds;
}

static void host_flush(void *arg)
{
	((struct host *)arg)->flush = true;
}

static bool host_lu_in_use(void *arg, const char *name)
{
	(void)arg;
	return name[0] == 'U';
}

static const struct console_host host_ops = {
	.output = host_output,
	.close = host_close,
	.timer = host_timer,
	.flush = host_flush,
	.lu_in_use = host_lu_in_use,
};

static void opened(void *arg, struct console *c)
{
	static const char *const art[] = { "\xC1\xC2", "\xC3" };

	(void)arg;
	console_set_pf(c, 1, CONSOLE_PF_IMMED, (const uint8_t *)"\xC1", 1);
	console_set_pf(c, 2, CONSOLE_PF_RETRIEVE, NULL, 0);
	console_set_pf(c, 3, CONSOLE_PF_TAB, (const uint8_t *)"\x05\xFF\x09", 3);
	console_set_pf(c, 5, CONSOLE_PF_COPY, NULL, 0);
	console_set_pf(c, 4, CONSOLE_PF_DELAYED, (const uint8_t *)"\xC1\xC2", 2);
	console_logo(c, "\xE5", art, 2);
}

static void logo_key(void *arg, struct console *c)
{
	(void)arg;
	console_set_status(c, CONSOLE_CP_READ, false);
}

static void set_terminal(struct console *c, unsigned bits, size_t tabchar)
{
	const struct console_terminal t = {
		.charset = (enum console_charset)(bits % 3),
		.tabchar = (uint8_t)(0x40 + tabchar),
		.no_hold = bits & 8,
		.pa2 = bits & 16,
		.mask = bits & 32,
		.quiet_attention = bits & 64,
	};

	console_set_terminal(c, &t);
}

static enum console_taken copy(void *arg, struct console *c, const uint8_t *text,
			       size_t length)
{
	unsigned rows, columns;

	(void)arg;
	(void)text;
	return console_screen(c, &rows, &columns) && !length ? CONSOLE_ACCEPTED
							      : CONSOLE_NOT_ACCEPTED;
}

/* What the owner does depends on the first byte of the line. */
static enum console_taken line(void *arg, struct console *c, const uint8_t *text,
			       size_t length)
{
	struct host *h = arg;
	static const uint8_t screen[] = { 0xC3, 0x11, 0x40, 0x40, 0x1D, 0x40, 0x13 };
	unsigned rows, columns;

	h->lines++;
	console_set_status(c, (enum console_status)(length % 3), length == 7);
	switch (length ? text[0] & 15 : 0) {
	case 1: return CONSOLE_NOT_ACCEPTED;
	case 2:
		for (int i = 0; i < 60; i++)
			console_write(c, text, length, CONSOLE_CP);
		break;
	case 3: console_fullscreen_write(c, 0x05, screen, sizeof(screen)); break;
	case 4: console_fullscreen_write(c, 0x0D, text, length); break;
	case 5: console_dial(c, true); break;
	case 6: console_display(c, length, true, text, length); break;
	case 7: console_close(c); break;
	case 8: console_set_linesize(c, text[length - 1]); break;
	case 9: console_screen(c, &rows, &columns); break;
	case 10: opened(arg, c); break;
	case 11: set_terminal(c, text[length - 1], length); break;
	default:
		console_write(c, text, length, text[length ? length - 1 : 0] & 15);
		break;
	}
	return CONSOLE_ACCEPTED;
}

static void key(void *arg, struct console *c, enum console_key which)
{
	(void)arg;
	console_write(c, (const uint8_t *)"\xD2", 1, which);
}

static void told(void *arg, struct console *c)
{
	(void)arg;
	(void)c;
}

static void record(void *arg, struct console *c, const uint8_t *bytes, size_t length)
{
	(void)arg;
	if (bytes[0] == 0x6D)
		console_dial(c, false);
	else if (bytes[0] == 0xF3)
		console_fullscreen_end(c);
	else if (length > 1)
		console_fullscreen_write(c, bytes[1], bytes, length);
}

static const struct console_events owner = {
	.opened = opened,
	.logo_key = logo_key,
	.line = line,
	.key = key,
	.drained = told,
	.cancelled = told,
	.closed = told,
	.record = record,
	.fullscreen_ready = told,
	.copy = copy,
};

static void settle(struct host *h)
{
	size_t n;

	for (int i = 0; i < 10 && h->flush; i++) {
		h->flush = false;
		console_flush(h->c);
	}
	console_output(h->c, &n);
	if (n > 4u << 20)
		BUG("output without a bound");
	console_sent(h->c, n);
}

static void run(struct host *h, const uint8_t *at, size_t left)
{
	while (left > 1 && !h->closed) {
		size_t n = 1 + (*at >> 2), what = *at & 3;

		if (n > left - 1)
			n = left - 1;
		console_receive(h->c, at + 1, n);
		if (console_wants_tls(h->c))
			console_tls_begun(h->c);
		if (what & 1)
			settle(h);
		if (what & 2)
			console_timer(h->c);
		at += 1 + n;
		left -= 1 + n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct console_settings settings = { .negotiate_ms = 1 };
	struct host h = { 0 };

	if (!size)
		return 0;
	settings.no_tn3270e = data[0] & 1;
	settings.start_tls = data[0] & 2;
	h.c = console_new(&settings, &owner, &h, &host_ops, &h, "fuzz", 1);
	console_start(h.c);
	run(&h, data + 1, size - 1);
	settle(&h);
	console_free(h.c);
	return 0;
}
