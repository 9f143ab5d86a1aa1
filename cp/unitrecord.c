#include "cp/unitrecord.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* ---- reader, on the machine's thread */

/*
 * Behind the last card: the file is done with, the option says what comes next. A
 * program whose first command finds the end gets it as condition code 1 of START I/O
 * (DMKVSP), and CMS (CARDRD) knows the end of a deck by nothing else.
 */
static enum card_result end_of_file_locked(struct unitrecord *ur)
{
	spool_read_close(ur->reader, !ur->opt.hold);
	ur->reader = NULL;
	return ur->opt.eof ? CARD_EOF_INITIAL : CARD_EMPTY;
}

void unitrecord_done_locked(struct unitrecord *ur)
{
	struct spool_file f = *spool_reader_file(ur->reader);
	struct error err;

	f.hold |= SPOOL_USER_HOLD;
	if (ur->opt.hold && !spool_reader_change(ur->reader, &f, &err))
		log_error(ur->userid, "%s", err.text);
	spool_read_close(ur->reader, !ur->opt.hold);
	ur->reader = NULL;
}

static enum card_result next_record_locked(struct unitrecord *ur, uint8_t *record,
					   size_t *length, uint8_t *op)
{
	struct error err = { 0, "" };

	for (;;) {
		if (!ur->reader) {
			ur->reader = spool_read_next(ur->spool, ur->userid, ur->opt.class, &err);
			ur->by_diagnose = false;
		}
		if (!ur->reader) {
			if (!err.text[0])
				return CARD_EMPTY;
			log_error(ur->userid, "%s", err.text);
			return CARD_ERROR;
		}
		if (spool_read(ur->reader, record, length, op)) {
			ur->records++;
			return CARD_OK;
		}
		if (!ur->opt.cont)
			return end_of_file_locked(ur);
		unitrecord_done_locked(ur);
		ur->reader = spool_read_next(ur->spool, ur->userid, ur->opt.class, &err);
		if (!ur->reader)
			return ur->opt.eof ? CARD_EOF_INITIAL : CARD_EMPTY;
	}
}

static enum card_result source_next(struct card_source *src, uint8_t *record, size_t *length,
				    uint8_t *op)
{
	struct unitrecord *ur = CONTAINER_OF(src, struct unitrecord, source);
	enum card_result result;

	pthread_mutex_lock(&ur->lock);
	result = next_record_locked(ur, record, length, op);
	pthread_mutex_unlock(&ur->lock);
	return result;
}

/* The unit belongs to its VDEVBLOK, which outlives the machine's device. */
static void source_release(struct card_source *src)
{
	(void)src;
}

/* ---- punch and printer, on the machine's thread */

static bool close_output_locked(struct unitrecord *ur, struct unitrecord_close *how,
				struct error *err);

/* A limit is reached: the file is closed as it is, what is in it is not lost. */
static bool close_full_locked(struct unitrecord *ur)
{
	struct unitrecord_close how = { .purge = false };
	struct error err;

	if (close_output_locked(ur, &how, &err))
		return true;
	log_error(ur->userid, "%s", err.text);
	return false;
}

/* The host failed the spool: a file with gaps is worth nothing. */
static void purge_locked(struct unitrecord *ur)
{
	if (ur->writer)
		spool_write_abandon(ur->writer);
	ur->writer = NULL;
}

static bool sink_put(struct card_sink *sink, uint8_t op, const uint8_t *record, size_t length)
{
	struct unitrecord *ur = CONTAINER_OF(sink, struct unitrecord, sink);
	struct error err = { 0, "" };
	bool ok, closed = false, had;

	pthread_mutex_lock(&ur->lock);
	had = ur->writer != NULL;
	if (!ur->writer && spool_room(ur->spool, ur->userid, &err))
		ur->writer = spool_write_begin(ur->spool, &err);
	ok = ur->writer && spool_write(ur->writer, op, record, length, &err);
	ur->records += ok;
	if (!ok)
		closed = err.code == ENOSPC && close_full_locked(ur);
	if (!ok && !closed)
		purge_locked(ur);
	/* What is said about that must not be spooled and fail again. */
	if (!ok && (!closed || !had) && strcmp(ur->type, "CON") == 0)
		ur->opt.started = false;
	pthread_mutex_unlock(&ur->lock);
	if (ok)
		return true;
	if (closed)
		log_warn(ur->userid, "%s", err.text);
	else
		log_error(ur->userid, "%s", err.text);
	if (ur->full)
		ur->full(ur->full_arg, ur, !closed);
	return false;
}

static void sink_release(struct card_sink *sink)
{
	(void)sink;
}

/* ---- the CP thread */

struct unitrecord *unitrecord_new(struct spool *spool, enum spool_queue queue,
				  const char *userid, char class, const char *dist)
{
	struct unitrecord *ur = calloc(1, sizeof(*ur));

	if (!ur)
		BUG("no memory for a unit record device");
	ur->source = (struct card_source){ .next = source_next, .release = source_release };
	ur->sink = (struct card_sink){ .put = sink_put, .release = sink_release };
	pthread_mutex_init(&ur->lock, NULL);
	ur->spool = spool;
	ur->queue = queue;
	ur->type = spool_queue_name[queue];
	snprintf(ur->userid, sizeof(ur->userid), "%s", userid);
	ur->opt = (struct unitrecord_options){ .class = class, .eof = true, .copies = 1 };
	snprintf(ur->opt.owner, sizeof(ur->opt.owner), "%s", userid);
	snprintf(ur->opt.dist, sizeof(ur->opt.dist), "%s", dist);
	return ur;
}

struct unitrecord *unitrecord_new_console(struct spool *spool, const char *userid, char class,
					  const char *dist)
{
	struct unitrecord *ur = unitrecord_new(spool, SPOOL_PRT, userid, class, dist);

	ur->type = "CON";
	return ur;
}

void unitrecord_free(struct unitrecord *ur)
{
	if (!ur)
		return;
	spool_read_close(ur->reader, false);
	spool_write_abandon(ur->writer);
	pthread_mutex_destroy(&ur->lock);
	free(ur);
}

static void describe_3800(const struct unitrecord_options *o, struct spool_file *f)
{
	memcpy(f->flash, o->flash, sizeof(f->flash));
	memcpy(f->chars, o->chars, sizeof(f->chars));
	memcpy(f->fcb, o->fcb, sizeof(f->fcb));
	memcpy(f->modify, o->modify, sizeof(f->modify));
	f->flash_count = o->flash_count;
	f->at_once = o->at_once;
}

static void describe_locked(const struct unitrecord *ur, const struct unitrecord_close *how,
			    struct spool_file *f)
{
	const struct unitrecord_options *o = &ur->opt;
	bool to_reader = o->to[0] != '\0';
	bool hold = how->hold == CLOSE_HOLD || (o->hold && how->hold != CLOSE_NOHOLD);

	*f = (struct spool_file){ .queue = to_reader ? SPOOL_RDR : ur->queue,
				  .class = o->class, .copies = to_reader ? 1 : o->copies,
				  .hold = hold ? SPOOL_USER_HOLD : 0 };
	snprintf(f->owner, sizeof(f->owner), "%s", to_reader ? o->to : o->owner);
	snprintf(f->origin, sizeof(f->origin), "%s", ur->userid);
	snprintf(f->type, sizeof(f->type), "%s", ur->type);
	snprintf(f->name, sizeof(f->name), "%s", how->name);
	snprintf(f->ftype, sizeof(f->ftype), "%s", how->ftype);
	snprintf(f->dist, sizeof(f->dist), "%s", how->dist[0] ? how->dist : o->dist);
	snprintf(f->tag, sizeof(f->tag), "%s", o->tag);
	describe_3800(o, f);
}

static bool close_output_locked(struct unitrecord *ur, struct unitrecord_close *how,
				struct error *err)
{
	struct spool_writer *w = ur->writer;

	if (!w)
		return true;
	ur->writer = NULL;
	if (how->purge) {
		spool_write_abandon(w);
		return true;
	}
	describe_locked(ur, how, &how->file);
	how->closed = spool_write_close(w, &how->file, err);
	ur->closed += how->closed;
	return how->closed;
}

bool unitrecord_close(struct unitrecord *ur, struct unitrecord_close *how, struct error *err)
{
	bool ok = true;

	pthread_mutex_lock(&ur->lock);
	how->closed = false;
	if (ur->reader) {
		how->closed = true;
		how->file = *spool_reader_file(ur->reader);
		spool_read_close(ur->reader, !how->keep && how->hold != CLOSE_HOLD &&
						(!ur->opt.hold || how->hold == CLOSE_NOHOLD));
		ur->reader = NULL;
	}
	ok = close_output_locked(ur, how, err);
	pthread_mutex_unlock(&ur->lock);
	return ok;
}

void unitrecord_rewind(struct unitrecord *ur)
{
	pthread_mutex_lock(&ur->lock);
	spool_read_close(ur->reader, false);
	ur->reader = NULL;
	pthread_mutex_unlock(&ur->lock);
}
