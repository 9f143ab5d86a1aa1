/*
 * cp/output.c - the printers and punches of the system: their threads, and what the
 * operator does to them. How a file is written: output_copy.c.
 */
#include "cp/output_int.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cp/cp.h"
#include "cp/vmblok.h"

#define COPIES_MAX 99

/* ---- messages to the operator, from any thread */

struct operator_line {
	struct cp *cp;
	char text[120];
};

static void deliver_line(void *arg)
{
	struct operator_line *line = arg;

	if (line->cp->shutdown) /* the operator may be gone already */
		log_info("operator", "%s", line->text);
	else
		cp_tell_operator(line->cp, NULL, "%s", line->text);
	free(line);
}

static void tell_operator(struct cp *cp, const char *text)
{
	struct operator_line *line = malloc(sizeof(*line));

	if (!line)
		BUG("no memory for a line to the operator");
	line->cp = cp;
	snprintf(line->text, sizeof(line->text), "%s", text);
	loop_post(cp->loop, deliver_line, line);
}

static void file_line(const struct output_device *d, const char *word, char line[120])
{
	snprintf(line, 120, "%-4s %03X %-10s%-8s FILE  = %04u RECDS= %06u COPY= %02u  %c %s",
		 output_word(d), d->raddr, word, d->file.owner, d->file.id,
		 d->file.records % 1000000, d->copies, d->file.class, d->file.type);
}

static void tell_file(struct output_device *d, const char *word)
{
	char line[120];

	output_lock(d);
	file_line(d, word, line);
	output_unlock(d);
	tell_operator(d->output->cp, line);
}

/* ---- one file */

/* The host cannot take it: wait for START (again), FLUSH or the end of CP. */
static enum copy_result intervention(struct output_device *d, const struct error *err)
{
	enum copy_result result = COPY_AGAIN;
	char line[40];

	log_warn("output", "%03X: %s", d->raddr, err->text);
	snprintf(line, sizeof(line), "%-4s %03X INT REQ", output_word(d), d->raddr);
	tell_operator(d->output->cp, line);
	output_lock(d);
	d->waiting = true;
	d->retry = false;
	while (!d->output->stop && !d->retry && !d->flush && !d->backspace)
		pthread_cond_wait(&d->output->wake, &d->output->lock);
	d->waiting = false;
	if (d->output->stop)
		result = COPY_STOPPED;
	else if (d->flush)
		result = COPY_FLUSHED;
	d->flush = d->backspace = false;
	output_unlock(d);
	return result;
}

/* True: there is one more copy to make. */
static bool copy_is_done(struct output_device *d, enum copy_result result)
{
	bool more;

	if (result == COPY_FLUSHED)
		tell_file(d, "FLUSHED");
	output_lock(d);
	d->copies = d->flush_all || d->copies <= 1 ? 0 : d->copies - 1;
	d->flush_all = false;
	more = d->copies > 0;
	output_unlock(d);
	if (more)
		tell_file(d, "REPEATED");
	return more;
}

static void file_is_done(struct output_device *d, struct spool_reader *r)
{
	struct spool_file f = *spool_reader_file(r);
	struct error err;
	bool hold;

	output_lock(d);
	hold = d->hold;
	output_unlock(d);
	if (hold) {
		f.hold |= SPOOL_SYS_HOLD;
		f.copies = 1;
		if (!spool_reader_change(r, &f, &err))
			log_error("output", "%s", err.text);
		tell_file(d, "FILE HELD");
	}
	spool_read_close(r, !hold);
}

static void write_file(struct output_device *d, struct spool_reader *r)
{
	enum copy_result result;
	struct error err = { 0, "" };
	bool first = true;

	tell_file(d, d->queue == SPOOL_PUN ? "PUNCHING" : "PRINTING");
	do {
		result = output_write_copy(d, r, first, &err);
		if (result == COPY_TROUBLE)
			result = intervention(d, &err);
		if (result == COPY_STOPPED) {
			spool_read_close(r, false);
			return;
		}
		first = false;
	} while (result == COPY_AGAIN || copy_is_done(d, result));
	file_is_done(d, r);
}

/* ---- the thread of a device */

static void begin_file_locked(struct output_device *d, const struct spool_reader *r)
{
	d->file = *spool_reader_file(r);
	d->copies = d->file.copies ? d->file.copies : 1;
	d->flush = d->flush_all = d->hold = d->backspace = d->single_space = false;
	d->active = true;
}

static void tell_drained(struct output_device *d)
{
	char line[80];

	output_describe(d, line);
	tell_operator(d->output->cp, line);
}

/* Wait until there is something to do. False: CP ends. */
static bool wait_for_work_locked(struct output_device *d, unsigned seen)
{
	struct output *o = d->output;

	while (!o->stop && (d->drained || o->changes == seen) && !d->draining)
		pthread_cond_wait(&o->wake, &o->lock);
	return !o->stop;
}

static void *run_device(void *arg)
{
	struct output_device *d = arg;
	struct output *o = d->output;
	struct spool_reader *r;
	struct error err;
	unsigned seen;
	char classes[5];

	pthread_mutex_lock(&o->lock);
	seen = o->changes - 1; /* look at once */
	while (wait_for_work_locked(d, seen)) {
		if (d->draining) {
			d->draining = false;
			d->drained = true;
			pthread_mutex_unlock(&o->lock);
			tell_drained(d);
			pthread_mutex_lock(&o->lock);
			continue;
		}
		seen = o->changes;
		memcpy(classes, d->classes, sizeof(classes));
		pthread_mutex_unlock(&o->lock);
		r = spool_read_output(o->cp->spool, d->queue, classes, &err);
		pthread_mutex_lock(&o->lock);
		if (!r)
			continue;
		seen--; /* there may be more */
		begin_file_locked(d, r);
		pthread_mutex_unlock(&o->lock);
		write_file(d, r);
		pthread_mutex_lock(&o->lock);
		d->active = false;
	}
	pthread_mutex_unlock(&o->lock);
	return NULL;
}

/* ---- start and end */

/* "started ABCD sep", what SHUTDOWN or a crash left. */
static void load_state(struct output_device *d)
{
	char name[16], text[40], word[10], sep[8];

	snprintf(name, sizeof(name), "device %03X", d->raddr);
	if (!spool_setting_get(d->output->cp->spool, name, text, sizeof(text)) ||
	    sscanf(text, "%9s %4s %7s", word, d->classes, sep) != 3)
		return;
	d->drained = strcmp(word, "drained") == 0;
	d->separator = strcmp(sep, "sep") == 0;
}

static void save_state(struct output_device *d)
{
	char name[16], text[40];
	struct error err;

	snprintf(name, sizeof(name), "device %03X", d->raddr);
	output_lock(d);
	snprintf(text, sizeof(text), "%s %s %s",
		 d->drained || d->draining ? "drained" : "started", d->classes,
		 d->separator ? "sep" : "nosep");
	output_unlock(d);
	if (!spool_setting_put(d->output->cp->spool, name, text, &err))
		log_error("output", "%s", err.text);
}

static bool start_thread(struct output_device *d, struct error *err)
{
	int rc = pthread_create(&d->thread, NULL, run_device, d);

	if (rc) {
		error_errno(err, rc, "device %03X: no thread", d->raddr);
		return false;
	}
	d->has_thread = true;
	return true;
}

/* The spool's listener, on any thread: there may be work. */
static void changed(void *arg)
{
	struct output *o = arg;

	pthread_mutex_lock(&o->lock);
	o->changes++;
	pthread_cond_broadcast(&o->wake);
	pthread_mutex_unlock(&o->lock);
}

struct output *output_open(struct cp *cp, bool drain, struct error *err)
{
	static const enum spool_queue queues[] = { SPOOL_RDR, SPOOL_PUN, SPOOL_PRT };
	struct output *o = calloc(1, sizeof(*o));

	if (!o)
		BUG("no memory for the unit record devices");
	o->cp = cp;
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->wake, NULL);
	for (unsigned i = 0; i < 3; i++) {
		struct output_device *d = &o->devices[i];

		*d = (struct output_device){ .output = o, .raddr = (uint16_t)(0x00C + i),
					     .queue = queues[i], .classes = "*" };
		load_state(d);
		d->drained |= drain;
	}
	for (unsigned i = 1; i < 3; i++)
		if (!start_thread(&o->devices[i], err)) {
			output_close(o);
			return NULL;
		}
	spool_listen(cp->spool, changed, o);
	return o;
}

void output_close(struct output *o)
{
	if (!o)
		return;
	spool_listen(o->cp->spool, NULL, NULL);
	pthread_mutex_lock(&o->lock);
	o->stop = true;
	pthread_cond_broadcast(&o->wake);
	pthread_mutex_unlock(&o->lock);
	for (unsigned i = 0; i < 3; i++)
		if (o->devices[i].has_thread)
			pthread_join(o->devices[i].thread, NULL);
	pthread_cond_destroy(&o->wake);
	pthread_mutex_destroy(&o->lock);
	free(o);
}

/* ---- the operator's side */

struct output_device *output_find(struct output *o, uint16_t raddr)
{
	for (unsigned i = 0; i < 3; i++)
		if (o->devices[i].raddr == raddr)
			return &o->devices[i];
	return NULL;
}

struct output_device *output_next(struct output *o, const struct output_device *d)
{
	size_t next = d ? (size_t)(d - o->devices) + 1 : 0;

	return next < 3 ? &o->devices[next] : NULL;
}

enum spool_queue output_queue(const struct output_device *d)
{
	return d->queue;
}

uint16_t output_address(const struct output_device *d)
{
	return d->raddr;
}

const char *output_word(const struct output_device *d)
{
	return spool_queue_name[d->queue];
}

bool output_started(struct output_device *d)
{
	bool started;

	output_lock(d);
	started = !d->drained && !d->draining;
	output_unlock(d);
	return started;
}

void output_start(struct output_device *d, const char *classes, bool separator)
{
	output_lock(d);
	if (classes)
		snprintf(d->classes, sizeof(d->classes), "%s", classes);
	d->separator = separator;
	d->drained = d->draining = d->single_space = false;
	d->retry = true;
	d->output->changes++;
	pthread_cond_broadcast(&d->output->wake);
	output_unlock(d);
	save_state(d);
}

bool output_drain(struct output_device *d)
{
	bool now;

	output_lock(d);
	now = !d->active;
	d->drained = now;
	d->draining = !now;
	output_unlock(d);
	save_state(d);
	return now;
}

void output_describe(struct output_device *d, char line[80])
{
	output_lock(d);
	if (d->queue == SPOOL_RDR)
		snprintf(line, 80, "%-4s %03X %-9s SYSTEM", output_word(d), d->raddr,
			 d->drained ? "DRAINED" : "STARTED");
	else
		snprintf(line, 80, "%-4s %03X %-9s SYSTEM   CLASS = %-4s %s", output_word(d),
			 d->raddr, d->drained ? "DRAINED" : "STARTED", d->classes,
			 d->separator ? "  SEP" : "NOSEP");
	output_unlock(d);
}

bool output_active(struct output_device *d, const char *word, char line[120])
{
	bool active;

	output_lock(d);
	active = d->active;
	if (active)
		file_line(d, word ? word : d->queue == SPOOL_PUN ? "PUNCHING" : "PRINTING",
			  line);
	output_unlock(d);
	return active;
}

bool output_flush(struct output_device *d, bool all, bool hold)
{
	bool active;

	output_lock(d);
	active = d->active;
	if (active) {
		d->flush = true;
		d->flush_all |= all;
		d->hold |= hold;
		pthread_cond_broadcast(&d->output->wake);
	}
	output_unlock(d);
	return active;
}

bool output_repeat(struct output_device *d, unsigned copies, bool hold)
{
	bool active;

	output_lock(d);
	active = d->active;
	if (active) {
		d->copies += copies;
		if (d->copies > COPIES_MAX)
			d->copies = COPIES_MAX;
		d->hold |= hold;
	}
	output_unlock(d);
	return active;
}

bool output_space(struct output_device *d)
{
	bool active;

	output_lock(d);
	active = d->active;
	d->single_space |= active;
	output_unlock(d);
	return active;
}

bool output_backspace(struct output_device *d, int pages, bool from_end, bool *busy)
{
	bool active;

	output_lock(d);
	active = d->active;
	*busy = active && d->backspace;
	if (active && !*busy) {
		d->backspace = true;
		d->pages = pages;
		d->from_end = from_end;
		pthread_cond_broadcast(&d->output->wake);
	}
	output_unlock(d);
	return active;
}
