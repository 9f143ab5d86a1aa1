/*
 * An NJE link as the device has it: opening, and the functions of its wire, between which
 * and the connection (nje_link_thread.c) the station stands. nje_link.h.
 */
#include "devices/nje_link_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define OUT_BLOCKS 4u /* of the largest size wait at most to be sent */

static void poke(struct nje_link *l)
{
	tcp_thread_poke(&l->thread, l->subject);
}

/* ---- opening */

static enum nje_reason offer(void *arg, int fd, const struct nje_control *open)
{
	struct nje_link *l = arg;
	enum nje_reason why;
	bool tell;

	pthread_mutex_lock(&l->lock);
	why = nje_link_offered_locked(l, fd, open);
	tell = !l->told;
	l->told = true;
	pthread_mutex_unlock(&l->lock);
	poke(l);
	if (tell)
		l->wake(l->arg);
	return why;
}

static bool listen_at(struct nje_link *l, const struct nje_link_config *config,
		      struct error *err)
{
	struct sockaddr_in here;
	struct nje_port *port = NULL;

	if (!tcp_resolve(config->local_host, config->local_port, 0, &here, err))
		return false;
	if (config->port_at)
		port = config->port_at(config->arg, &here);
	if (!port)
		port = nje_port_open(&here, l->subject, err);
	if (!port)
		return false;
	if (!nje_port_join(port, &l->member)) {
		error_set(err, 0, "%s is another line's", l->nodes);
		return false;
	}
	l->port = port;
	return true;
}

static bool start(struct nje_link *l, const struct nje_link_config *config,
		  struct error *err)
{
	l->calls = config->remote_host != NULL;
	if (l->calls &&
	    !tcp_resolve(config->remote_host, config->remote_port, 1, &l->far, err))
		return false;
	if (!tcp_thread_start(&l->thread, nje_link_main, l, err))
		return false;
	if (!config->local_port || listen_at(l, config, err))
		return true;
	if (l->calls) { /* as Hercules: port 175 needs a privilege */
		log_warn(l->subject, "NJE: calls for %s are not heard: %s", l->nodes,
			 err->text);
		*err = (struct error){ 0 };
		return true;
	}
	pthread_mutex_lock(&l->lock);
	l->ending = true;
	pthread_mutex_unlock(&l->lock);
	tcp_thread_end(&l->thread);
	return false;
}

static void link_free(struct nje_link *l)
{
	tcp_close(&l->fd);
	pthread_mutex_destroy(&l->lock);
	free(l->in);
	free(l->out);
	free(l->block);
	free(l);
}

static struct nje_link *link_new(const struct nje_link_config *config)
{
	struct nje_link *l = calloc(1, sizeof(*l));
	char here[NJE_NAME + 1], there[NJE_NAME + 1];

	if (!l)
		return NULL;
	pthread_mutex_init(&l->lock, NULL);
	l->fd = -1;
	snprintf(l->subject, sizeof(l->subject), "%s %03X", config->name, config->device);
	nje_name_text(config->here, here);
	nje_name_text(config->there, there);
	snprintf(l->nodes, sizeof(l->nodes), "%s-%s", here, there);
	memcpy(l->member.here, config->here, NJE_NAME);
	memcpy(l->member.there, config->there, NJE_NAME);
	l->member.offer = offer;
	l->member.arg = l;
	l->wake = config->wake;
	l->arg = config->arg;
	l->connect_ms = config->connect_ms;
	l->keepalive = config->keepalive;
	l->buffer = config->buffer;
	l->deadline = l->give_up = NJE_NEVER;
	l->out_size = OUT_BLOCKS * l->buffer;
	l->in = malloc(l->buffer);
	l->out = malloc(l->out_size);
	l->block = malloc(l->buffer);
	if (l->in && l->out && l->block)
		return l;
	link_free(l);
	return NULL;
}

struct nje_link *nje_link_open(const struct nje_link_config *config, struct error *err)
{
	struct nje_link *l = link_new(config);
	struct error why = { 0 };

	if (!l)
		error_set(&why, ENOMEM, "no memory for a link");
	else if (start(l, config, &why))
		return l;
	else
		link_free(l);
	if (err)
		*err = why;
	return NULL;
}

static void link_close(void *wire)
{
	struct nje_link *l = wire;

	if (l->port)
		nje_port_leave(l->port, &l->member);
	pthread_mutex_lock(&l->lock);
	l->ending = true;
	pthread_mutex_unlock(&l->lock);
	tcp_thread_end(&l->thread);
	link_free(l);
}

struct nje_port *nje_link_port(const struct nje_link *l)
{
	return l->port;
}

void nje_link_describe(struct nje_link *l, char *text, size_t size)
{
	static const char *const states[] = {
		[NJE_CLOSED] = "down",
		[NJE_CALLING] = "calling",
		[NJE_ASKING] = "opening",
		[NJE_UP] = "up",
	};
	char where[16] = "";

	if (l->port)
		snprintf(where, sizeof(where), " port %u", nje_port_number(l->port));
	pthread_mutex_lock(&l->lock);
	snprintf(text, size, "NJE %s%s, %s, %s%s", l->nodes, where,
		 l->enabled ? "enabled" : "disabled", states[l->state],
		 l->station.signed_on ? ", signed on" : "");
	pthread_mutex_unlock(&l->lock);
}

/* ---- the wire */

static enum line_state link_look(void *wire)
{
	struct nje_link *l = wire;
	enum line_state state;

	pthread_mutex_lock(&l->lock);
	l->told = false;
	state = l->enabled ? LINE_CONNECTED : LINE_IDLE;
	pthread_mutex_unlock(&l->lock);
	return state;
}

static void disable_locked(struct nje_link *l)
{
	if (l->state != NJE_CLOSED)
		nje_link_drop_locked(l,
				     l->state == NJE_UP ? "the line is disabled" : NULL);
	l->enabled = l->bidding = l->complete = l->late = false;
	l->have = 0;
	nje_station_reset(&l->station);
}

static void link_answer(void *wire, bool on)
{
	struct nje_link *l = wire;

	pthread_mutex_lock(&l->lock);
	if (on && !l->enabled) {
		l->enabled = true;
		l->noise = l->lonely = false;
		l->next_call = 0;
		nje_station_reset(&l->station);
	} else if (!on) {
		disable_locked(l);
	}
	pthread_mutex_unlock(&l->lock);
	poke(l);
}

static void link_hang_up(void *wire)
{
	link_answer(wire, false);
}

static void link_flush(void *wire)
{
	struct nje_link *l = wire;

	pthread_mutex_lock(&l->lock);
	l->station.next = l->station.length = 0;
	pthread_mutex_unlock(&l->lock);
}

/* The machine reads, and what was said is read: what comes next? */
static void say_more_locked(struct nje_link *l)
{
	uint8_t *record, flags;
	const char *fault;
	size_t n;

	while (nje_station_wants(&l->station) &&
	       nje_link_next_locked(l, &record, &n, &flags)) {
		if (nje_station_take(&l->station, record, n, flags, &fault))
			continue;
		log_warn(l->subject, "NJE: %zu bytes, %02X%02X...: %s", n, record[0],
			 n > 1 ? record[1] : 0, fault);
		l->complete = false;
		nje_link_drop_locked(l, fault);
	}
	nje_station_answer(&l->station, l->late);
	l->late = false;
}

static size_t link_read(void *wire, uint8_t *bytes, size_t n)
{
	struct nje_link *l = wire;
	bool was_complete;

	pthread_mutex_lock(&l->lock);
	was_complete = l->complete;
	if (l->station.next == l->station.length)
		say_more_locked(l);
	n = nje_station_give(&l->station, bytes, n);
	was_complete &= !l->complete;
	pthread_mutex_unlock(&l->lock);
	if (was_complete) /* the next block may come */
		poke(l);
	return n;
}

/* PREPARE wants to know. */
static bool link_has_bytes(void *wire)
{
	struct nje_link *l = wire;
	bool has;

	pthread_mutex_lock(&l->lock);
	has = l->station.next < l->station.length || l->station.sign_off ||
	      (l->complete && nje_station_wants(&l->station));
	pthread_mutex_unlock(&l->lock);
	return has;
}

static void bid_locked(struct nje_link *l, const uint8_t bid[2])
{
	memcpy(l->bid, bid, 2);
	l->bidding = true;
	l->bid_until = tcp_now_ms() + l->connect_ms;
}

/* A WRITE that says nothing to the other side. */
static void idle_locked(struct nje_link *l)
{
	uint8_t block[NJE_OVERHEAD];

	if (l->state != NJE_UP || ++l->idle <= l->keepalive)
		return;
	(void)!nje_link_send_locked(l, block, nje_block_put(block, NULL, 0));
	l->idle = 0;
}

static bool hear_locked(struct nje_link *l, const uint8_t *bytes, size_t n)
{
	const uint8_t *record;
	size_t length;

	for (size_t i = 0; i < n; i++)
		switch (nje_station_hear(&l->station, bytes[i], &record, &length)) {
		case NJE_HEARD_MORE: break;
		case NJE_HEARD_NOTHING: idle_locked(l); break;
		case NJE_HEARD_BID: bid_locked(l, record); break;
		case NJE_HEARD_RECORD:
			if (nje_link_record_locked(l, record, length))
				break;
			if (!l->noise)
				log_warn(l->subject, "NJE: no room for %zu bytes to %s",
					 length, l->nodes);
			l->noise = true;
			return false;
		case NJE_HEARD_NOISE:
			if (!l->noise)
				log_warn(l->subject, "NJE: no message, from the machine");
			l->noise = true;
			break;
		}
	return true;
}

static bool link_write(void *wire, const uint8_t *bytes, size_t n)
{
	struct nje_link *l = wire;
	bool ok;

	pthread_mutex_lock(&l->lock);
	ok = l->enabled && hear_locked(l, bytes, n);
	pthread_mutex_unlock(&l->lock);
	poke(l);
	return ok;
}

static bool link_written(void *wire)
{
	struct nje_link *l = wire;
	bool written;

	pthread_mutex_lock(&l->lock);
	written = !l->bidding;
	pthread_mutex_unlock(&l->lock);
	return written;
}

static void link_timer(void *wire, unsigned ms)
{
	struct nje_link *l = wire;

	pthread_mutex_lock(&l->lock);
	l->deadline = ms ? tcp_now_ms() + ms : NJE_NEVER;
	l->timed_out = l->late = false;
	pthread_mutex_unlock(&l->lock);
	if (ms)
		poke(l);
}

static bool link_timed_out(void *wire)
{
	struct nje_link *l = wire;
	bool out;

	pthread_mutex_lock(&l->lock);
	out = l->timed_out;
	pthread_mutex_unlock(&l->lock);
	return out;
}

struct line_wire nje_link_wire(struct nje_link *l)
{
	static const struct line_wire_ops ops = {
		.close = link_close,
		.look = link_look,
		.answer = link_answer,
		.hang_up = link_hang_up,
		.flush = link_flush,
		.read = link_read,
		.has_bytes = link_has_bytes,
		.write = link_write,
		.written = link_written,
		.timer = link_timer,
		.timed_out = link_timed_out,
	};

	return (struct line_wire){ .ops = &ops, .arg = l, .station = true };
}
