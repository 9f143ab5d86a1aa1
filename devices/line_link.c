/*
 * A line's link as the device has it: opening, and the functions of its wire, which only
 * look at buffers and state under the lock. line_link.h; the sockets are served in
 * line_link_thread.c.
 */
#include "devices/line_link_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- opening */

static bool listen_at(struct line_link *l, const char *host, const char *port,
		      struct error *err)
{
	struct sockaddr_in here;

	if (!tcp_resolve(host, port, 0, &here, err))
		return false;
	l->listener = tcp_listen(&here, &l->port);
	if (l->listener < 0)
		error_errno(err, errno, "port %s", port);
	return l->listener >= 0;
}

static bool start(struct line_link *l, const struct line_link_config *config,
		  struct error *err)
{
	if (config->remote_host) {
		l->leased = true;
		if (!tcp_resolve(config->remote_host, config->remote_port, 1, &l->far,
				 err))
			return false;
	}
	if (config->local_port &&
	    !listen_at(l, config->local_host, config->local_port, err))
		return false;
	return tcp_thread_start(&l->thread, line_link_main, l, err);
}

static void link_free(struct line_link *l)
{
	tcp_close(&l->listener);
	line_link_hang_up_locked(l);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

struct line_link *line_link_open(const struct line_link_config *config, struct error *err)
{
	struct line_link *l = calloc(1, sizeof(*l));

	if (!l) {
		error_set(err, ENOMEM, "no memory for a line");
		return NULL;
	}
	snprintf(l->subject, sizeof(l->subject), "%s %03X", config->name, config->device);
	l->wake = config->wake;
	l->arg = config->arg;
	l->listener = l->fd = l->spare = l->trying = -1;
	l->deadline = LINE_NEVER;
	pthread_mutex_init(&l->lock, NULL);
	if (start(l, config, err))
		return l;
	link_free(l);
	return NULL;
}

static void link_close(void *wire)
{
	struct line_link *l = wire;

	pthread_mutex_lock(&l->lock);
	l->ending = true;
	pthread_mutex_unlock(&l->lock);
	tcp_thread_end(&l->thread);
	link_free(l);
}

/* ---- for the device's thread */

static enum line_state link_look(void *wire)
{
	struct line_link *l = wire;
	enum line_state state;

	pthread_mutex_lock(&l->lock);
	l->told = false;
	if (l->state == LINE_CONNECTED && l->fd < 0 && l->in_count == 0)
		l->state = LINE_IDLE;
	state = l->state == LINE_CONNECTED && l->fd < 0 ? LINE_ENDED : l->state;
	pthread_mutex_unlock(&l->lock);
	return state;
}

uint16_t line_link_port(const struct line_link *l)
{
	return l->port;
}

static void link_answer(void *wire, bool on)
{
	struct line_link *l = wire;

	pthread_mutex_lock(&l->lock);
	if (l->state != LINE_CONNECTED || l->fd < 0) {
		l->answering = on;
		l->state = on ? LINE_TRYING : LINE_IDLE;
		l->hanging_up |= !on;
		l->in_first = l->in_count = 0;
	}
	pthread_mutex_unlock(&l->lock);
	tcp_thread_poke(&l->thread, l->subject);
}

static void link_call(void *wire, uint32_t address, uint16_t port)
{
	struct line_link *l = wire;

	pthread_mutex_lock(&l->lock);
	if (l->state != LINE_CONNECTED || l->fd < 0) {
		l->in_first = l->in_count = 0;
		l->callee = (struct sockaddr_in){ .sin_family = AF_INET,
						  .sin_port = htons(port) };
		l->callee.sin_addr.s_addr = htonl(address);
		l->calling = true;
		l->state = LINE_TRYING;
	}
	pthread_mutex_unlock(&l->lock);
	tcp_thread_poke(&l->thread, l->subject);
}

static void link_hang_up(void *wire)
{
	struct line_link *l = wire;

	pthread_mutex_lock(&l->lock);
	l->hanging_up = true;
	l->answering = l->calling = false;
	l->state = LINE_IDLE;
	l->unsent |= l->out_count > 0;
	l->in_first = l->in_count = l->out_first = l->out_count = 0;
	pthread_mutex_unlock(&l->lock);
	tcp_thread_poke(&l->thread, l->subject);
}

static void link_flush(void *wire)
{
	struct line_link *l = wire;

	pthread_mutex_lock(&l->lock);
	l->in_first = l->in_count = 0;
	pthread_mutex_unlock(&l->lock);
	tcp_thread_poke(&l->thread, l->subject);
}

static size_t link_read(void *wire, uint8_t *bytes, size_t n)
{
	struct line_link *l = wire;
	bool was_full;

	pthread_mutex_lock(&l->lock);
	was_full = l->in_count == LINE_IN_MAX;
	if (n > l->in_count)
		n = l->in_count;
	memcpy(bytes, l->in + l->in_first, n);
	l->in_first += n;
	l->in_count -= n;
	if (l->in_count == 0)
		l->in_first = 0;
	pthread_mutex_unlock(&l->lock);
	if (was_full)
		tcp_thread_poke(&l->thread, l->subject);
	return n;
}

static bool link_has_bytes(void *wire)
{
	struct line_link *l = wire;
	bool has;

	pthread_mutex_lock(&l->lock);
	has = l->in_count > 0;
	pthread_mutex_unlock(&l->lock);
	return has;
}

static bool link_write(void *wire, const uint8_t *bytes, size_t n)
{
	struct line_link *l = wire;
	bool ok, waits;

	pthread_mutex_lock(&l->lock);
	ok = l->fd >= 0 && !l->hanging_up && n <= LINE_OUT_MAX - l->out_count;
	if (ok) {
		memmove(l->out, l->out + l->out_first, l->out_count);
		memcpy(l->out + l->out_count, bytes, n);
		l->out_first = 0;
		l->out_count += n;
		line_link_send_locked(l);
	}
	waits = l->out_count > 0;
	pthread_mutex_unlock(&l->lock);
	if (waits)
		tcp_thread_poke(&l->thread, l->subject);
	return ok;
}

static bool link_written(void *wire)
{
	struct line_link *l = wire;
	bool written;

	pthread_mutex_lock(&l->lock);
	written = l->out_count == 0 && !l->unsent;
	pthread_mutex_unlock(&l->lock);
	return written;
}

static void link_timer(void *wire, unsigned ms)
{
	struct line_link *l = wire;

	pthread_mutex_lock(&l->lock);
	l->deadline = ms ? tcp_now_ms() + ms : LINE_NEVER;
	l->timed_out = false;
	pthread_mutex_unlock(&l->lock);
	if (ms)
		tcp_thread_poke(&l->thread, l->subject);
}

static bool link_timed_out(void *wire)
{
	struct line_link *l = wire;
	bool out;

	pthread_mutex_lock(&l->lock);
	out = l->timed_out;
	pthread_mutex_unlock(&l->lock);
	return out;
}

struct line_wire line_link_wire(struct line_link *l)
{
	static const struct line_wire_ops ops = {
		.close = link_close,
		.look = link_look,
		.answer = link_answer,
		.call = link_call,
		.hang_up = link_hang_up,
		.flush = link_flush,
		.read = link_read,
		.has_bytes = link_has_bytes,
		.write = link_write,
		.written = link_written,
		.timer = link_timer,
		.timed_out = link_timed_out,
	};

	return (struct line_wire){ .ops = &ops, .arg = l };
}
