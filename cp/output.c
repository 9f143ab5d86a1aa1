#include "cp/output.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cp/cp.h"
#include "cp/datadir.h"
#include "cp/separator.h"
#include "cp/vmblok.h"
#include "devices/printfile.h"

#define PATH_SIZE	600
#define WRITE_SPACE_1	0x09
#define WRITE_SKIP_1	0x89
#define SKIP_1		0x8B
#define COPIES_MAX	99

struct output_device {
	struct output *output;
	uint16_t raddr;
	enum spool_queue queue;
	pthread_t thread;
	bool has_thread;
	/* The rest under the output's lock. */
	char classes[5]; /* up to four, '*' is any */
	bool separator;
	bool drained, draining;
	bool active;              /* a file is being written */
	bool waiting;             /* ... and the host did not take it */
	struct spool_file file;   /* the active one */
	unsigned copies;          /* of it that are left, this one included */
	/* What the operator wants of the active file: */
	bool retry, flush, flush_all, hold, single_space, backspace, from_end;
	int pages;                /* of backspace; -1 the file */
};

struct output {
	struct cp *cp;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	unsigned changes; /* counts changed() */
	struct output_device devices[3];
};

static void lock(struct output_device *d)
{
	pthread_mutex_lock(&d->output->lock);
}

static void unlock(struct output_device *d)
{
	pthread_mutex_unlock(&d->output->lock);
}

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

	lock(d);
	file_line(d, word, line);
	unlock(d);
	tell_operator(d->output->cp, line);
}

/* ---- host files of one copy */

struct copy {
	char dir[PATH_SIZE], temp[PATH_SIZE + 40];
	struct card_sink *sink;
};

/* A spool file's name as part of a host file's: letters, digits, . - */
static void host_name(const struct spool_file *f, char out[40])
{
	size_t n = 0;

	for (const char *c = f->name; *c && n < 24; c++)
		out[n++] = isalnum((unsigned char)*c) || *c == '.' || *c == '-' ? *c : '_';
	out[n] = '\0';
}

static bool make_dir(const char *path, struct error *err)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return true;
	error_errno(err, errno, "%s", path);
	return false;
}

static bool copy_open(struct output_device *d, struct copy *c, struct error *err)
{
	char *words[1];

	if (!datadir_path(c->dir, sizeof(c->dir) - 16, d->output->cp->dir, "output", err) ||
	    !make_dir(c->dir, err))
		return false;
	snprintf(c->dir + strlen(c->dir), 16, "/%s", d->file.owner);
	if (!make_dir(c->dir, err))
		return false;
	snprintf(c->temp, sizeof(c->temp), "%s/.%03X-%04u.tmp", c->dir, d->raddr, d->file.id);
	words[0] = c->temp;
	c->sink = printfile_sink_new(d->queue == SPOOL_PUN ? PRINTFILE_PUNCH : PRINTFILE_PRINTER,
				     1, words, err);
	return c->sink != NULL;
}

static void copy_discard(struct copy *c)
{
	if (c->sink)
		c->sink->release(c->sink);
	c->sink = NULL;
	unlink(c->temp);
}

static bool sync_path(const char *path, int flags, struct error *err)
{
	int fd = open(path, flags | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		error_errno(err, errno, "%s", path);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Give the complete file its name; an older one of that name is not replaced. */
static bool publish(struct output_device *d, struct copy *c, struct error *err)
{
	char name[40], path[PATH_SIZE + 100];
	bool punch = d->queue == SPOOL_PUN;

	host_name(&d->file, name);
	for (unsigned n = 1; n < 100000; n++) {
		char again[16] = "";

		if (n > 1)
			snprintf(again, sizeof(again), "~%u", n);
		snprintf(path, sizeof(path), "%s/%s-%04u%s%s%s.%s", c->dir,
			 punch ? "pun" : "prt", d->file.id, name[0] ? "-" : "", name, again,
			 punch ? "deck" : "txt");
		if (link(c->temp, path) == 0) {
			unlink(c->temp);
			return sync_path(c->dir, O_RDONLY | O_DIRECTORY, err);
		}
		if (errno != EEXIST)
			break;
	}
	error_errno(err, errno, "%s", path);
	return false;
}

static bool copy_finish(struct output_device *d, struct copy *c, struct error *err)
{
	c->sink->release(c->sink);
	c->sink = NULL;
	return sync_path(c->temp, O_RDONLY, err) && publish(d, c, err);
}

/* ---- writing one copy */

enum copy_result { COPY_DONE, COPY_FLUSHED, COPY_AGAIN, COPY_TROUBLE, COPY_STOPPED };

/* Where the pages of the file begin, as numbers of records. */
struct pages {
	unsigned *starts;
	size_t count, room;
};

static void page_begins(struct pages *p, unsigned record)
{
	if (p->count == p->room) {
		p->room = p->room ? 2 * p->room : 64;
		p->starts = realloc(p->starts, p->room * sizeof(*p->starts));
		if (!p->starts)
			BUG("no memory for page numbers");
	}
	p->starts[p->count++] = record;
}

static bool skips_to_1(uint8_t op)
{
	return op == WRITE_SKIP_1 || op == SKIP_1;
}

/* A wish of the operator that ends or moves this copy. */
struct wish {
	bool stop, flush, back, single_space, from_end;
	int pages;
};

static struct wish take_wish(struct output_device *d)
{
	struct wish w;

	lock(d);
	w = (struct wish){ .stop = d->output->stop, .flush = d->flush, .back = d->backspace,
			   .single_space = d->single_space, .from_end = d->from_end,
			   .pages = d->pages };
	d->flush = d->backspace = false;
	unlock(d);
	return w;
}

/* The record at which the page lies that BACKSPAC asks for. */
static unsigned back_to(const struct pages *p, const struct wish *w, unsigned total_pages)
{
	size_t from = w->from_end ? total_pages : p->count;
	size_t pages = (size_t)w->pages;

	return from <= pages ? 0 : p->starts[from - pages];
}

static unsigned read_to(struct spool_reader *r, unsigned from, unsigned to, struct pages *p)
{
	uint8_t record[SPOOL_RECORD_MAX], op;
	size_t length;

	while (from < to && spool_read(r, record, &length, &op)) {
		from++;
		if (skips_to_1(op))
			page_begins(p, from);
	}
	return from;
}

/* Go back (or, counted from the end, anywhere); returns the record to go on with. */
static unsigned go_back(struct spool_reader *r, const struct wish *w, struct pages *p,
			unsigned at)
{
	unsigned target;

	if (w->from_end)
		read_to(r, at, UINT32_MAX, p);
	target = back_to(p, w, (unsigned)p->count);
	spool_read_rewind(r);
	p->count = 0;
	page_begins(p, 0);
	return read_to(r, 0, target, p);
}

static bool put_record(struct copy *c, const struct wish *w, uint8_t op,
		       const uint8_t *record, size_t length)
{
	if (!w->single_space)
		return c->sink->put(c->sink, op, record, length);
	return length == 0 || c->sink->put(c->sink, WRITE_SPACE_1, record, length);
}

static enum copy_result write_records(struct output_device *d, struct spool_reader *r,
				      struct copy *c, struct pages *p)
{
	uint8_t record[SPOOL_RECORD_MAX], op;
	unsigned at = 0;
	size_t length;

	page_begins(p, 0);
	for (;;) {
		struct wish w = take_wish(d);

		if (w.stop)
			return COPY_STOPPED;
		if (w.flush)
			return COPY_FLUSHED;
		if (w.back && w.pages < 0)
			return COPY_AGAIN;
		if (w.back)
			at = go_back(r, &w, p, at);
		if (!spool_read(r, record, &length, &op))
			return COPY_DONE;
		at++;
		if (skips_to_1(op))
			page_begins(p, at);
		if (!put_record(c, &w, op, record, length))
			return COPY_TROUBLE;
	}
}

static void tell_terminated(struct copy *c)
{
	static const uint8_t line[] = { /* OUTPUT TERMINATED BY OPERATOR */
		0xD6, 0xE4, 0xE3, 0xD7, 0xE4, 0xE3, 0x40, 0xE3, 0xC5, 0xD9, 0xD4, 0xC9, 0xD5,
		0xC1, 0xE3, 0xC5, 0xC4, 0x40, 0xC2, 0xE8, 0x40, 0xD6, 0xD7, 0xC5, 0xD9, 0xC1,
		0xE3, 0xD6, 0xD9,
	};

	(void)c->sink->put(c->sink, WRITE_SPACE_1, line, sizeof(line));
}

static enum copy_result write_copy(struct output_device *d, struct spool_reader *r, bool first,
				   struct error *err)
{
	struct copy c = { .sink = NULL };
	struct pages p = { .count = 0 };
	enum copy_result result;

	spool_read_rewind(r);
	if (!copy_open(d, &c, err))
		return COPY_TROUBLE;
	if (first && d->separator)
		separator_write(c.sink, d->queue, &d->file);
	error_set(err, EIO, "%s cannot be written", c.temp);
	result = write_records(d, r, &c, &p);
	free(p.starts);
	if (result == COPY_FLUSHED && d->queue == SPOOL_PRT)
		tell_terminated(&c);
	if ((result == COPY_DONE || result == COPY_FLUSHED) && !copy_finish(d, &c, err))
		result = COPY_TROUBLE;
	if (result == COPY_STOPPED || result == COPY_TROUBLE || result == COPY_AGAIN)
		copy_discard(&c);
	return result;
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
	lock(d);
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
	unlock(d);
	return result;
}

/* True: there is one more copy to make. */
static bool copy_is_done(struct output_device *d, enum copy_result result)
{
	bool more;

	if (result == COPY_FLUSHED)
		tell_file(d, "FLUSHED");
	lock(d);
	d->copies = d->flush_all || d->copies <= 1 ? 0 : d->copies - 1;
	d->flush_all = false;
	more = d->copies > 0;
	unlock(d);
	if (more)
		tell_file(d, "REPEATED");
	return more;
}

static void file_is_done(struct output_device *d, struct spool_reader *r)
{
	struct spool_file f = *spool_reader_file(r);
	struct error err;
	bool hold;

	lock(d);
	hold = d->hold;
	unlock(d);
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
		result = write_copy(d, r, first, &err);
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
	lock(d);
	snprintf(text, sizeof(text), "%s %s %s",
		 d->drained || d->draining ? "drained" : "started", d->classes,
		 d->separator ? "sep" : "nosep");
	unlock(d);
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

	lock(d);
	started = !d->drained && !d->draining;
	unlock(d);
	return started;
}

void output_start(struct output_device *d, const char *classes, bool separator)
{
	lock(d);
	if (classes)
		snprintf(d->classes, sizeof(d->classes), "%s", classes);
	d->separator = separator;
	d->drained = d->draining = d->single_space = false;
	d->retry = true;
	d->output->changes++;
	pthread_cond_broadcast(&d->output->wake);
	unlock(d);
	save_state(d);
}

bool output_drain(struct output_device *d)
{
	bool now;

	lock(d);
	now = !d->active;
	d->drained = now;
	d->draining = !now;
	unlock(d);
	save_state(d);
	return now;
}

void output_describe(struct output_device *d, char line[80])
{
	lock(d);
	if (d->queue == SPOOL_RDR)
		snprintf(line, 80, "%-4s %03X %-9s SYSTEM", output_word(d), d->raddr,
			 d->drained ? "DRAINED" : "STARTED");
	else
		snprintf(line, 80, "%-4s %03X %-9s SYSTEM   CLASS = %-4s %s", output_word(d),
			 d->raddr, d->drained ? "DRAINED" : "STARTED", d->classes,
			 d->separator ? "  SEP" : "NOSEP");
	unlock(d);
}

bool output_active(struct output_device *d, const char *word, char line[120])
{
	bool active;

	lock(d);
	active = d->active;
	if (active)
		file_line(d, word ? word : d->queue == SPOOL_PUN ? "PUNCHING" : "PRINTING",
			  line);
	unlock(d);
	return active;
}

bool output_flush(struct output_device *d, bool all, bool hold)
{
	bool active;

	lock(d);
	active = d->active;
	if (active) {
		d->flush = true;
		d->flush_all |= all;
		d->hold |= hold;
		pthread_cond_broadcast(&d->output->wake);
	}
	unlock(d);
	return active;
}

bool output_repeat(struct output_device *d, unsigned copies, bool hold)
{
	bool active;

	lock(d);
	active = d->active;
	if (active) {
		d->copies += copies;
		if (d->copies > COPIES_MAX)
			d->copies = COPIES_MAX;
		d->hold |= hold;
	}
	unlock(d);
	return active;
}

bool output_space(struct output_device *d)
{
	bool active;

	lock(d);
	active = d->active;
	d->single_space |= active;
	unlock(d);
	return active;
}

bool output_backspace(struct output_device *d, int pages, bool from_end, bool *busy)
{
	bool active;

	lock(d);
	active = d->active;
	*busy = active && d->backspace;
	if (active && !*busy) {
		d->backspace = true;
		d->pages = pages;
		d->from_end = from_end;
		pthread_cond_broadcast(&d->output->wake);
	}
	unlock(d);
	return active;
}
