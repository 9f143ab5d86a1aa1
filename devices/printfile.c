/*
 * devices/printfile.c - printed lines and punched cards as host files.
 */
#include "devices/printfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/ebcdic.h"
#include "base/log.h"
#include "devices/carriage.h"

#define LOAD_FCB 0x63

struct printfile {
	struct card_sink sink; /* first: what the device sees */
	enum printfile_kind kind;
	int fd; /* or, -1: */
	bool (*write)(void *arg, const char *bytes, size_t n);
	void *arg;
	bool ebcdic, crlf;
	bool failed; /* said so in the log */
	char *name;
	struct carriage carriage;
	bool fresh; /* nothing on this page yet */
	/* one record as it is written, and where its text ends */
	size_t length;
	char out[CARD_RECORD_MAX * 2 + 2 * CARRIAGE_LINES_MAX + 16];
};

static void add(struct printfile *pf, char c)
{
	if (pf->length < sizeof(pf->out))
		pf->out[pf->length++] = c;
}

/* A character as UTF-8; what cannot be seen is a blank. */
static void add_text(struct printfile *pf, const uint8_t *record, size_t length)
{
	while (length && (record[length - 1] == EBCDIC_SPACE || record[length - 1] == 0))
		length--;
	for (size_t i = 0; i < length; i++) {
		uint8_t c = codepage_037.to_latin1[record[i]];

		if (c < 0x20 || (c >= 0x7F && c < 0xA0))
			c = ' ';
		if (c >= 0x80) {
			add(pf, (char)(0xC0 | c >> 6));
			c = 0x80 | (c & 0x3F);
		}
		add(pf, (char)c);
	}
}

static void add_line_end(struct printfile *pf)
{
	if (pf->crlf)
		add(pf, '\r');
	add(pf, '\n');
}

/* What moves the paper of a text file as op moves the form. */
static void add_movement(struct printfile *pf, struct carriage_op op)
{
	struct carriage_move move = carriage_move(&pf->carriage, op);

	if (op.skip == 1 && !op.write && pf->fresh)
		return; /* the paper is there already */
	pf->fresh = op.skip == 1;
	if (op.skip == 1) {
		if (op.write)
			add(pf, '\r'); /* as Hercules ends the last line of a page */
		add(pf, '\f');
	} else if (move.no_channel || (op.skip && !move.lines)) {
		add_line_end(pf);
	} else if (op.skip && move.new_page) {
		add(pf, '\f');
		for (unsigned n = 0; n < pf->carriage.line; n++)
			add_line_end(pf);
	} else {
		for (unsigned n = 0; n < move.lines; n++)
			add_line_end(pf);
	}
	if (!op.skip && !op.space)
		add(pf, '\r');
}

static bool write_out(struct printfile *pf)
{
	size_t done = 0;

	if (pf->write)
		return pf->write(pf->arg, pf->out, pf->length);
	while (done < pf->length) {
		ssize_t n = write(pf->fd, pf->out + done, pf->length - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (!pf->failed)
				log_error(pf->name, "cannot write: %s", strerror(errno));
			pf->failed = true;
			return false;
		}
		done += (size_t)n;
	}
	return true;
}

static void add_ebcdic(struct printfile *pf, uint8_t op, const uint8_t *record,
		       size_t length)
{
	if (pf->kind == PRINTFILE_PRINTER)
		add(pf, (char)op); /* machine control character */
	for (size_t i = 0; i < length; i++)
		add(pf, (char)record[i]);
}

static bool printfile_put(struct card_sink *sink, uint8_t op, const uint8_t *record,
			  size_t length)
{
	struct printfile *pf = (struct printfile *)sink;
	struct carriage_op move = carriage_op(op);

	if (op == LOAD_FCB && pf->kind == PRINTFILE_PRINTER) {
		carriage_load(&pf->carriage, record, length);
		return true;
	}
	pf->length = 0;
	if (length > CARD_RECORD_MAX)
		length = CARD_RECORD_MAX;
	if (pf->ebcdic) {
		add_ebcdic(pf, op, record, length);
	} else {
		add_text(pf, record, length);
		if (pf->kind == PRINTFILE_PRINTER && move.valid)
			add_movement(pf, move);
		else
			add_line_end(pf);
	}
	return write_out(pf);
}

static void printfile_release(struct card_sink *sink)
{
	struct printfile *pf = (struct printfile *)sink;

	if (pf->fd >= 0)
		close(pf->fd);
	free(pf->name);
	free(pf);
}

struct words {
	const char *file;
	bool append, ascii, ebcdic, crlf;
};

/* Hercules describes a printer's form with these. */
static bool is_form(const char *word)
{
	static const char *const keys[] = { "lpi=", "lpp=", "index=", "fcb=", "cctape=" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strncasecmp(word, keys[i], strlen(keys[i])) == 0)
			return true;
	return false;
}

static void take_word(struct words *w, const char *word)
{
	if (strcasecmp(word, "append") == 0 || strcasecmp(word, "noclear") == 0)
		w->append = true;
	else if (strcasecmp(word, "ascii") == 0)
		w->ascii = true;
	else if (strcasecmp(word, "ebcdic") == 0)
		w->ebcdic = true;
	else if (strcasecmp(word, "crlf") == 0)
		w->crlf = true;
	else if (!is_form(word))
		w->file = word;
}

static bool open_file(struct printfile *pf, const struct words *w, struct error *err)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND;

	pf->name = strdup(w->file);
	pf->fd = open(w->file, flags | (w->append ? 0 : O_TRUNC), 0666);
	if (pf->fd < 0)
		error_errno(err, errno, "%s", w->file);
	return pf->name && pf->fd >= 0;
}

static struct words take_words(int argc, char *const *argv)
{
	struct words w = { 0 };

	for (int i = 0; i < argc; i++)
		take_word(&w, argv[i]);
	return w;
}

static struct printfile *new_output(enum printfile_kind kind, const struct words *w)
{
	struct printfile *pf = calloc(1, sizeof(*pf));

	if (!pf)
		return NULL;
	pf->sink.put = printfile_put;
	pf->sink.release = printfile_release;
	pf->kind = kind;
	pf->fd = -1;
	pf->ebcdic = w->ebcdic || (kind == PRINTFILE_PUNCH && !w->ascii);
	pf->crlf = w->crlf;
	carriage_init(&pf->carriage);
	pf->fresh = true;
	return pf;
}

struct card_sink *printfile_sink_new(enum printfile_kind kind, int argc,
				     char *const *argv, struct error *err)
{
	const struct words w = take_words(argc, argv);
	struct printfile *pf;

	if (!w.file) {
		error_set(err, EINVAL, "no file named for the output");
		return NULL;
	}
	pf = new_output(kind, &w);
	if (!pf) {
		error_set(err, ENOMEM, "%s: no memory", w.file);
		return NULL;
	}
	if (!open_file(pf, &w, err)) {
		printfile_release(&pf->sink);
		return NULL;
	}
	return &pf->sink;
}

struct card_sink *printfile_stream_new(enum printfile_kind kind, int argc,
				       char *const *argv,
				       bool (*write)(void *arg, const char *bytes, size_t n),
				       void *arg)
{
	const struct words w = take_words(argc, argv);
	struct printfile *pf = new_output(kind, &w);

	if (!pf)
		return NULL;
	pf->write = write;
	pf->arg = arg;
	return &pf->sink;
}
