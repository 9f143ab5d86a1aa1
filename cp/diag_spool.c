/*
 * DIAGNOSE X'14': a program reads its reader's spool files by the buffer.
 *
 * GC20-1807, "VM/370 System Programmer's Guide", DIAGNOSE Code X'14'; SFBLOK and the
 * layout of a buffer: SY20-0884, "VM/370 Data Areas and Control Block Logic". Buffers
 * are made from the records when they are asked for; the DASD addresses in them are
 * numbers of buffers, which lead nowhere.
 *
 * The order of the checks, and what the guide does not say: DMKDRD of Release 6.
 *
 * DIFFERS: files of a queue are told apart only as print and other files; subcodes X'1C'
 * and X'20', for monitor files, are answered as if there were none. A reader whose file
 * was opened here is not busy for START I/O.
 *
 * Threads: the machine's; what the spool says is asked on the CP thread.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/ebcdic.h"
#include "base/log.h"
#include "cp/diagnose_int.h"
#include "cp/spool.h"
#include "cp/vdevice.h"
#include "cp/vmblok.h"
#include "devices/cards.h"

#define BUFFER	     4096u
#define LINK	     16u  /* SPLINK */
#define FIRST_UNUSED 48u  /* at the end of the first buffer */
#define CCWS	     12u  /* a CCW, and the first half of a TIC behind the data */
#define SFBLOK	     104u
#define TAG	     136u
#define TAG_BLOCK    (SFBLOK + CCWS + TAG)
#define ID_MAX	     9900u /* number of a spool file */

enum subcode {
	READ_BUFFER = 0x00, NEXT_PRINT = 0x04, NEXT_CARDS = 0x08, SELECT = 0x0C,
	SET_COPIES = 0x10, RESTART = 0x14, BACKSPACE = 0x18, NEXT_MONITOR = 0x1C,
	READ_MONITOR = 0x20, NEXT_FILE = 0xFFF,
};

enum { CC_OK, CC_END, CC_NONE, CC_ERROR };
enum { BAD_ADDRESS = 4, NOT_READER = 8, BUSY = 12 };

static void result(struct question *q, uint32_t cc, uint32_t code)
{
	q->out[0] = cc;
	q->out[1] = code;
}

/* A program interruption instead of an answer; 0 none. */
static void refuse(struct question *q, int pic)
{
	q->out[2] = (uint32_t)pic;
}

static void give(struct question *q, size_t length)
{
	free(q->data);
	q->data = calloc(1, length);
	if (!q->data)
		BUG("no memory for a spool buffer");
	q->length = length;
}

static void put_text(uint8_t *out, const char *text, size_t width)
{
	char padded[160];

	snprintf(padded, sizeof(padded), "%-*s", (int)width, text);
	ebcdic_from_latin1(&codepage_037, out, padded, width);
}

/* ---- buffers */

struct packing {
	uint8_t *page;
	unsigned wanted, at; /* buffers */
	size_t used;
	unsigned records;    /* in the wanted one */
	bool more;           /* something is behind it */
};

/* CCW, half a TIC, the data, up to a doubleword. */
static void pack(struct packing *p, uint8_t op, const uint8_t *data, size_t length)
{
	size_t size = (CCWS + length + 7) & ~(size_t)7;
	uint8_t *to;

	if (p->used + size > BUFFER - (p->at == 0 ? FIRST_UNUSED : 0)) {
		p->at++;
		p->used = LINK;
	}
	if (p->at == p->wanted) {
		to = p->page + p->used;
		to[0] = op;
		put_be32(to + 4, 0x60000000u | (uint32_t)length);
		to[8] = 0x08;
		put_be16(to + 10, (uint16_t)size);
		memcpy(to + CCWS, data, length);
		p->records++;
	}
	p->more |= p->at > p->wanted;
	p->used += size;
}

static size_t without_blanks(const uint8_t *record, size_t length)
{
	while (length > 1 && record[length - 1] == EBCDIC_SPACE)
		length--;
	return length;
}

/* False: the file has no such buffer. */
static bool build_buffer(struct spool_reader *r, unsigned n, uint8_t *page)
{
	struct packing p = { .page = page, .wanted = n, .used = LINK };
	uint8_t record[CARD_RECORD_MAX], tag[TAG], op;
	size_t length;

	put_text(tag, spool_reader_file(r)->tag, TAG);
	pack(&p, 0x03, tag, TAG);
	spool_read_rewind(r);
	while (!p.more && spool_read(r, record, &length, &op))
		pack(&p, op ? op : 0x02, record, without_blanks(record, length));
	spool_read_rewind(r);
	put_be32(page, p.more ? n + 2 : 1);
	put_be32(page + 4, n);
	put_be32(page + 12, p.records);
	return p.records != 0;
}

/* A file is open that the program reads with START I/O. */
static bool busy_with_sio(const struct unitrecord *ur)
{
	return ur->reader && !ur->by_diagnose;
}

static void open_next(struct unitrecord *ur)
{
	struct error err = { 0, "" };

	ur->reader = spool_read_next(ur->spool, ur->userid, ur->opt.class, &err);
	ur->by_diagnose = true;
	ur->buffer = 0;
	if (!ur->reader && err.text[0])
		log_error(ur->userid, "%s", err.text);
}

/* One copy has been read to its end; is there another one to be read? */
static bool count_copy(struct unitrecord *ur)
{
	struct spool_file f = *spool_reader_file(ur->reader);
	struct error err;

	if (f.copies <= 1)
		return false;
	f.copies--;
	if (!spool_reader_change(ur->reader, &f, &err))
		log_warn(ur->userid, "%s", err.text);
	return true;
}

/* The file goes back to the head of the queue; nothing is active. */
static void put_back(struct question *q, struct unitrecord *ur)
{
	unsigned id = spool_reader_file(ur->reader)->id;
	struct error err;

	spool_read_close(ur->reader, false);
	ur->reader = NULL;
	if (!spool_order(q->vm->cp->spool, SPOOL_RDR, q->vm->userid, &id, 1, &err))
		log_warn(q->vm->userid, "%s", err.text);
}

/* Behind the last buffer. false: that was the end. */
static bool go_on_locked(struct question *q, struct unitrecord *ur)
{
	bool again = count_copy(ur);

	if (!ur->opt.cont) {
		if (again)
			put_back(q, ur);
		return false;
	}
	ur->buffer = 0;
	if (again)
		return true;
	unitrecord_done_locked(ur);
	open_next(ur);
	return ur->reader != NULL;
}

static void read_locked(struct question *q, struct unitrecord *ur)
{
	if (busy_with_sio(ur)) {
		result(q, CC_ERROR, BUSY);
		return;
	}
	if (!ur->reader)
		open_next(ur);
	if (!ur->reader) {
		result(q, CC_NONE, 0);
		return;
	}
	give(q, BUFFER);
	/* A file without a record is at its end at once: the loop ends with the queue. */
	while (!build_buffer(ur->reader, ur->buffer, q->data)) {
		if (!go_on_locked(q, ur)) {
			q->length = 0;
			result(q, CC_END, 0);
			return;
		}
		memset(q->data, 0, BUFFER);
	}
	ur->buffer++;
}

/* The buffer before the last one; before the first there is only the first. */
static void backspace_locked(struct question *q, struct unitrecord *ur)
{
	bool first = ur->buffer < 2;

	ur->buffer = first ? 0 : ur->buffer - 2;
	read_locked(q, ur);
	if (first)
		result(q, CC_END, 0);
}

/* ---- descriptions */

static void put_sfblok(uint8_t *b, const struct spool_file *f)
{
	bool print = strcmp(f->type, "PRT") == 0 || strcmp(f->type, "CON") == 0;

	put_text(b + 0x08, f->owner, 8);
	put_text(b + 0x10, f->origin, 8);
	put_be32(b + 0x18, f->records);
	put_be16(b + 0x1C, print ? 132 : 80);
	put_be16(b + 0x1E, (uint16_t)f->id);
	b[0x20] = 0x40 | (f->hold & SPOOL_USER_HOLD ? 0x20 : 0) |
		  (f->hold & ~SPOOL_USER_HOLD ? 4 : 0);
	b[0x21] = print ? 0x41 : 0x82;
	put_text(b + 0x28, f->name, strlen(f->name) > 12 ? 24 : 12);
	if (strlen(f->name) <= 12)
		put_text(b + 0x34, f->ftype, 12);
	put_be16(b + 0x54, (uint16_t)f->copies);
	b[0x56] = codepage_037.to_ebcdic[(uint8_t)f->class];
	put_text(b + 0x58, f->dist, 8);
}

/*
 * The file behind `after` in the reader's queue: of that kind, and (class not 0) one
 * that a reader of that class would take now.
 */
struct search {
	unsigned after;
	bool print, cards, passed, found;
	char class;
	struct spool_file file;
};

static bool takes(char class, const struct spool_file *f, bool in_use)
{
	return !in_use && !(f->hold & SPOOL_USER_HOLD) && (class == '*' || class == f->class);
}

static void visit(void *arg, const struct spool_file *f, bool in_use)
{
	struct search *s = arg;
	bool print = strcmp(f->type, "PRT") == 0 || strcmp(f->type, "CON") == 0;

	if (s->passed && !s->found && (print ? s->print : s->cards) &&
	    (!s->class || takes(s->class, f, in_use))) {
		s->file = *f;
		s->found = true;
	}
	s->passed |= f->id == s->after;
}

static struct search search(struct question *q, unsigned after, bool print, bool cards,
			    char class)
{
	struct search s = { .after = after, .print = print, .cards = cards,
			    .passed = !after, .class = class };

	spool_list(q->vm->cp->spool, SPOOL_RDR, q->vm->userid, visit, &s);
	return s;
}

static void next_locked(struct question *q, struct unitrecord *ur, bool print)
{
	struct search s;

	if (busy_with_sio(ur)) {
		result(q, CC_ERROR, BUSY);
		return;
	}
	s = search(q, ur->described, print, !print, ur->opt.class);
	if (!s.found) {
		result(q, ur->described ? CC_END : CC_NONE, 0);
		ur->described = 0;
		return;
	}
	ur->described = s.file.id;
	give(q, SFBLOK);
	put_sfblok(q->data, &s.file);
}

static void next_file(struct question *q, unsigned after)
{
	struct search s = search(q, after, true, true, 0);

	if (!s.found) {
		result(q, s.passed ? CC_END : CC_NONE, 0);
		return;
	}
	give(q, TAG_BLOCK);
	put_sfblok(q->data, &s.file);
	q->data[SFBLOK] = 0x03;
	put_be32(q->data + SFBLOK + 4, 0x60000000u | TAG);
	put_text(q->data + SFBLOK + CCWS, s.file.tag, TAG);
}

static void select_file(struct question *q, const struct unitrecord *ur, unsigned id)
{
	struct spool_file f;
	struct error err;
	bool in_use;

	if (!spool_find(q->vm->cp->spool, id, &f, &in_use) ||
	    !takes(ur->opt.class, &f, in_use) || f.queue != SPOOL_RDR ||
	    strcmp(f.owner, q->vm->userid) != 0 ||
	    !spool_order(q->vm->cp->spool, SPOOL_RDR, q->vm->userid, &id, 1, &err))
		result(q, CC_NONE, 0);
}

static void copies_locked(struct question *q, struct unitrecord *ur, uint32_t copies)
{
	struct spool_file f;
	struct error err;

	if ((int32_t)copies <= 0) {
		refuse(q, PIC_SPECIFICATION);
		return;
	}
	f = *spool_reader_file(ur->reader);
	f.copies = copies & 0xFF;
	if (!spool_reader_change(ur->reader, &f, &err))
		log_warn(q->vm->userid, "%s", err.text);
}

/* ---- on the CP thread: in[0] is the subcode, the data are Rx and Ry */

static void monitor_file(struct question *q, const struct unitrecord *ur)
{
	if (busy_with_sio(ur) || (q->in[0] == READ_MONITOR && ur->reader))
		result(q, CC_ERROR, BUSY);
	else
		result(q, CC_NONE, 0);
}

/* What is done with the file that is active. */
static void with_active_locked(struct question *q, struct unitrecord *ur, uint32_t rx)
{
	if (!ur->reader || !ur->by_diagnose)
		result(q, CC_NONE, 0);
	else if (q->in[0] == RESTART)
		ur->buffer = 0;
	else if (q->in[0] == BACKSPACE)
		backspace_locked(q, ur);
	else
		copies_locked(q, ur, rx);
}

static void carry_out_locked(struct question *q, struct unitrecord *ur, uint32_t rx)
{
	switch (q->in[0]) {
	case READ_BUFFER: read_locked(q, ur); break;
	case NEXT_PRINT: next_locked(q, ur, true); break;
	case NEXT_CARDS: next_locked(q, ur, false); break;
	case SELECT: select_file(q, ur, rx); break;
	case NEXT_MONITOR:
	case READ_MONITOR: monitor_file(q, ur); break;
	default: with_active_locked(q, ur, rx); break;
	}
}

/* Is the buffer in storage, and in one page? Pages are aligned. 0 or a code. */
static int check_buffer(uint32_t sub, uint32_t rx, uint32_t storage)
{
	uint32_t size = sub == READ_BUFFER || sub == BACKSPACE || sub == READ_MONITOR ? BUFFER
		: sub == NEXT_PRINT || sub == NEXT_CARDS || sub == NEXT_MONITOR ? SFBLOK : 0;

	rx &= 0xFFFFFF;
	if (size && rx >= storage)
		return PIC_ADDRESSING;
	return rx % BUFFER + size > BUFFER ? PIC_SPECIFICATION : 0;
}

static void spool_answer(struct question *q)
{
	uint32_t rx = be32(q->data), ry = be32(q->data + 4);
	struct virtual_device *v;

	q->length = 0;
	if (q->vm->leaving)
		return;
	if (q->in[0] == NEXT_FILE) {
		next_file(q, ry);
		return;
	}
	v = ry <= 0xFFFF ? vdevice_find(q->vm, (uint16_t)ry) : NULL;
	if (!v || v->kind != DEVICE_READER || !v->ur) {
		result(q, CC_ERROR, v ? NOT_READER : BAD_ADDRESS);
		return;
	}
	refuse(q, check_buffer(q->in[0], rx, q->vm->storage));
	if (q->out[2])
		return;
	pthread_mutex_lock(&v->ur->lock);
	carry_out_locked(q, v->ur, rx);
	if (q->in[0] != NEXT_PRINT && q->in[0] != NEXT_CARDS)
		v->ur->described = 0;
	pthread_mutex_unlock(&v->ur->lock);
}

/* ---- on the machine's thread */

/* 0 or a code: the registers, and a subcode that there is. */
static int check_operands(const struct diag *d, uint32_t sub)
{
	if (d->ry % 2)
		return PIC_SPECIFICATION;
	if (sub == NEXT_FILE)
		return diag_gr(d, d->ry) > ID_MAX ? PIC_SPECIFICATION : 0;
	return sub % 4 || sub > READ_MONITOR ? PIC_SPECIFICATION : 0;
}

int diag_spool_file(const struct diag *d)
{
	uint32_t rx = diag_gr(d, d->rx), sub = diag_gr(d, d->ry + 1);
	int pic = check_operands(d, sub);
	uint8_t operands[8];
	struct question *q;

	if (pic)
		return pic;
	put_be32(operands, rx);
	put_be32(operands + 4, diag_gr(d, d->ry));
	q = question_ask_with(d, spool_answer, sub, operands, sizeof(operands));
	if (!q) /* the machine is being freed */
		return 0;
	pic = (int)q->out[2];
	if (!pic && q->length)
		pic = diag_move(d, true, rx, q->data, q->length, diag_key(d));
	if (!pic) {
		cpu370_set_cc(d->cpu, q->out[0]);
		if (q->out[0] == CC_ERROR)
			diag_set_gr(d, d->ry + 1, q->out[1]);
	}
	question_put(q);
	return pic;
}
