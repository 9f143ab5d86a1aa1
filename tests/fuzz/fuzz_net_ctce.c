/*
 * Any bytes as what the other side of a CTCA over TCP sends, and what the program of this
 * side does meanwhile. The link's own code takes the bytes apart; only its thread and its
 * sockets are not there: bytes are put into its buffer as if received.
 */
#include <sys/socket.h>
#include <unistd.h>

/* All of the link but for what opens and closes it. */
#define ctce_link_open	link_open_with_sockets
#define ctce_link_close link_close_with_sockets
#include "devices/ctce_link.c"
#undef ctce_link_open
#undef ctce_link_close

#include "tests/fuzz/net_rig.h"

/* Couplings are not worth a line each. */
void log_info(const char *subject, const char *format, ...)
{
	(void)subject;
	(void)format;
}

void log_warn(const char *subject, const char *format, ...)
{
	(void)subject;
	(void)format;
}

void log_error(const char *subject, const char *format, ...)
{
	(void)subject;
	(void)format;
}

static struct ctce_link *the_link;
static int far_in, far_out; /* the other side's sockets */

static void couple(struct ctce_link *l)
{
	int a[2], b[2];
	enum ctce_form form = l->generation % 2 ? CTCE_NEW : CTCE_OLD;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, a) || socketpair(AF_UNIX, SOCK_STREAM, 0, b))
		abort();
	connected(l, false, a[0], form);
	connected(l, true, b[0], form);
	far_out = a[1];
	far_in = b[1];
}

static void uncouple(struct ctce_link *l)
{
	disconnected(l);
	tcp_close(&far_in);
	tcp_close(&far_out);
}

struct ctce_link *ctce_link_open(const struct ctce_config *config, struct error *err)
{
	struct ctce_link *l = calloc(1, sizeof(*l));

	(void)err;
	if (!l || !(l->buffer = malloc(UINT16_MAX)))
		abort();
	l->config = *config;
	l->listener[CTCE_OLD] = l->listener[CTCE_NEW] = l->greeter = -1;
	l->in = l->out = l->trying = -1;
	l->tail = &l->head;
	pthread_mutex_init(&l->lock, NULL);
	the_link = l;
	couple(l);
	return l;
}

void ctce_link_close(struct ctce_link *l)
{
	uncouple(l);
	link_free(l);
}

static const uint8_t commands[] = { 0x01, 0x02, 0x03, 0x04, 0x07, 0x0C, 0x14, 0x43,
				    0x81, 0xC3, 0xE3, 0xE4, 0x00, 0x09, 0x87, 0xC7 };

static void receive_bytes(const uint8_t *bytes, size_t n)
{
	struct ctce_link *l = the_link;

	if (l->in < 0)
		return;
	if (n > UINT16_MAX - l->have)
		n = UINT16_MAX - l->have;
	memcpy(l->buffer + l->have, bytes, n);
	l->have += n;
	if (!take_messages(l))
		uncouple(l);
}

/* A message that is well formed but for what it says. */
static void receive_message(struct rig *r, uint8_t what)
{
	static uint8_t message[CTCE_PREFIX_MAX + 255];
	enum ctce_form form = the_link->in_form;
	size_t prefix = ctce_prefix_size(form);
	const uint8_t *data;
	size_t n = next_bytes(r, &data, next(r));
	struct ctce_prefix p = { .command = commands[what >> 4], .state = next(r) };

	p.count = next(r) & 1 ? next16(r) : (uint16_t)n;
	p.length = (uint16_t)(prefix + n);
	ctce_prefix_put(form, message, &p);
	memcpy(message + prefix, data, n);
	receive_bytes(message, prefix + n);
}

static void operation(struct rig *r)
{
	uint8_t what = next(r), drain[4096];
	const uint8_t *bytes;
	size_t n;

	switch (what & 7) {
	case 0:
	case 1: start_program(r, commands[what >> 4], commands[next(r) & 15]); break;
	case 2:
	case 3: receive_message(r, what); break;
	case 4:
		n = next_bytes(r, &bytes, what >> 3);
		receive_bytes(bytes, n);
		break;
	case 5:
		if (the_link->in >= 0)
			uncouple(the_link);
		else
			couple(the_link);
		break;
	case 6: channels_io(r->cs, what & 8 ? IO_HIO : IO_CLRIO, DEV, 0); break;
	default: take_interruptions(r); break;
	}
	wake_device(r);
	while (far_in >= 0 && recv(far_in, drain, sizeof(drain), MSG_DONTWAIT) > 0)
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const char *const words[] = { "2000", "127.0.0.1", "2002" };
	const struct machine_request req = { .address = DEV,
					     .argc = 3,
					     .argv = (char *const *)(uintptr_t)words };
	struct error err = { 0 };
	struct rig r;

	far_in = far_out = -1;
	rig_begin(&r, bytes, n);
	r.dev = channels_attach(r.cs, device_class_find("CTCE"), NULL, &req, &err);
	if (!r.dev)
		abort();
	for (int i = 0; i < OPERATIONS && r.at < r.end; i++)
		operation(&r);
	rig_end(&r);
	return 0;
}
