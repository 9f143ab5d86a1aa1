/*
 * cp/output_copy.c - one copy of a spool file as a file of the host: complete under its
 * name, or not there. What the operator wishes meanwhile is looked at between records.
 */
#include "cp/output_int.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cp/cp.h"
#include "cp/datadir.h"
#include "cp/separator.h"
#include "devices/printfile.h"

#define PATH_SIZE     600
#define WRITE_SPACE_1 0x09
#define WRITE_SKIP_1  0x89
#define SKIP_1	      0x8B

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

	output_lock(d);
	w = (struct wish){ .stop = d->output->stop, .flush = d->flush, .back = d->backspace,
			   .single_space = d->single_space, .from_end = d->from_end,
			   .pages = d->pages };
	d->flush = d->backspace = false;
	output_unlock(d);
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

enum copy_result output_write_copy(struct output_device *d, struct spool_reader *r, bool first,
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
