/*
 * DIAGNOSE X'14': a program reads its reader's spool files by the buffer.
 *
 * GC20-1807, "VM/370 System Programmer's Guide", DIAGNOSE Code X'14'; SFBLOK and the
 * layout of a buffer: SY20-0884, "VM/370 Data Areas and Control Block Logic". Buffers
 * are made from the records when they are asked for; the DASD addresses in them are
 * numbers of buffers, which lead nowhere.
 *
 * DIFFERS: files of a queue are told apart only as print and other files; subcodes X'1C'
 * and X'20', for monitor files, are answered as if there were none.
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

enum subcode {
	READ_BUFFER = 0x00, NEXT_PRINT = 0x04, NEXT_CARDS = 0x08, SELECT = 0x0C,
	SET_COPIES = 0x10, RESTART = 0x14, BACKSPACE = 0x18, NEXT_MONITOR = 0x1C,
	SELECT_MONITOR = 0x20, NEXT_FILE = 0xFFF,
};

enum { CC_OK, CC_END, CC_NONE, CC_ERROR };
enum { BAD_ADDRESS = 4, NOT_READER = 8, BUSY = 12 };

static void result(struct question *q, uint32_t cc, uint32_t code)
{
	q->out[0] = cc;
	q->out[1] = code;
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

static void read_locked(struct question *q, struct unitrecord *ur)
{
	struct error err = { 0, "" };

	if (!ur->reader) {
		ur->reader = spool_read_next(ur->spool, ur->userid, ur->opt.class, &err);
		ur->buffer = 0;
	}
	if (!ur->reader) {
		result(q, CC_NONE, 0);
		return;
	}
	give(q, BUFFER);
	if (build_buffer(ur->reader, ur->buffer, q->data)) {
		ur->buffer++;
		return;
	}
	q->length = 0;
	if (ur->opt.cont) { /* this one is done with; the next, if there is one */
		spool_read_close(ur->reader, !ur->opt.hold);
		ur->reader = spool_read_next(ur->spool, ur->userid, ur->opt.class, &err);
		ur->buffer = 0;
		if (ur->reader) {
			read_locked(q, ur);
			return;
		}
	}
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
	b[0x20] = 0x40 | (f->hold & SPOOL_USER_HOLD ? 0x20 : 0) | (f->hold & ~SPOOL_USER_HOLD ? 4 : 0);
	b[0x21] = print ? 0x41 : 0x82;
	put_text(b + 0x28, f->name, strlen(f->name) > 12 ? 24 : 12);
	if (strlen(f->name) <= 12)
		put_text(b + 0x34, f->ftype, 12);
	put_be16(b + 0x54, (uint16_t)f->copies);
	b[0x56] = codepage_037.to_ebcdic[(uint8_t)f->class];
	put_text(b + 0x58, f->dist, 8);
}

/* The file behind `after` in the reader's queue: of that kind. */
struct search {
	unsigned after;
	bool print, cards, passed, found;
	struct spool_file file;
};

static void visit(void *arg, const struct spool_file *f, bool in_use)
{
	struct search *s = arg;
	bool print = strcmp(f->type, "PRT") == 0 || strcmp(f->type, "CON") == 0;

	(void)in_use;
	if (s->passed && !s->found && (print ? s->print : s->cards)) {
		s->file = *f;
		s->found = true;
	}
	s->passed |= f->id == s->after;
}

static struct search search(struct question *q, unsigned after, bool print, bool cards)
{
	struct search s = { .after = after, .print = print, .cards = cards, .passed = !after };

	spool_list(q->vm->cp->spool, SPOOL_RDR, q->vm->userid, visit, &s);
	return s;
}

static void next_locked(struct question *q, struct unitrecord *ur, bool print)
{
	struct search s;

	if (ur->reader) {
		result(q, CC_ERROR, BUSY);
		return;
	}
	s = search(q, ur->described, print, !print);
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
	struct search s = search(q, after, true, true);

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

static void select_file(struct question *q, unsigned id)
{
	struct spool_file f;
	struct error err;
	bool in_use;

	if (!spool_find(q->vm->cp->spool, id, &f, &in_use) || in_use ||
	    f.queue != SPOOL_RDR || strcmp(f.owner, q->vm->userid) != 0 ||
	    !spool_order(q->vm->cp->spool, SPOOL_RDR, q->vm->userid, &id, 1, &err))
		result(q, CC_NONE, 0);
}

static void copies_locked(struct question *q, struct unitrecord *ur, unsigned copies)
{
	struct spool_file f;
	struct error err;

	if (!ur->reader) {
		result(q, CC_NONE, 0);
		return;
	}
	f = *spool_reader_file(ur->reader);
	f.copies = copies & 0xFF;
	if (!spool_reader_change(ur->reader, &f, &err))
		log_warn(q->vm->userid, "%s", err.text);
}

/* ---- on the CP thread: in[0] is the subcode, the data are Rx and Ry */

static void carry_out_locked(struct question *q, struct unitrecord *ur, uint32_t rx)
{
	switch (q->in[0]) {
	case RESTART:
	case BACKSPACE:
		if (!ur->reader) {
			result(q, CC_NONE, 0);
			break;
		}
		ur->buffer = q->in[0] == RESTART || ur->buffer < 2 ? 0 : ur->buffer - 2;
		read_locked(q, ur);
		break;
	case READ_BUFFER: read_locked(q, ur); break;
	case NEXT_PRINT: next_locked(q, ur, true); break;
	case NEXT_CARDS: next_locked(q, ur, false); break;
	case SELECT: select_file(q, rx); break;
	case SET_COPIES: copies_locked(q, ur, rx); break;
	default: result(q, CC_NONE, 0); break;
	}
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
	pthread_mutex_lock(&v->ur->lock);
	carry_out_locked(q, v->ur, rx);
	if (q->in[0] != NEXT_PRINT && q->in[0] != NEXT_CARDS)
		v->ur->described = 0;
	pthread_mutex_unlock(&v->ur->lock);
}

/* ---- on the machine's thread */

/* What the answer's data must have room for and be aligned to; 0 or a code. */
static int check_operands(uint32_t sub, uint32_t rx)
{
	bool page = sub == READ_BUFFER || sub == RESTART || sub == BACKSPACE;
	bool block = sub == NEXT_PRINT || sub == NEXT_CARDS || sub == NEXT_FILE;

	if (sub != NEXT_FILE && (sub % 4 || sub > SELECT_MONITOR))
		return PIC_SPECIFICATION;
	if (page && rx % BUFFER)
		return PIC_SPECIFICATION;
	if (block && (rx % 8 || rx % BUFFER + (sub == NEXT_FILE ? TAG_BLOCK : SFBLOK) > BUFFER))
		return PIC_SPECIFICATION;
	return sub == SET_COPIES && (int32_t)rx <= 0 ? PIC_SPECIFICATION : 0;
}

int diag_spool_file(const struct diag *d)
{
	uint32_t rx = diag_gr(d, d->rx), sub = diag_gr(d, d->ry + 1);
	uint8_t operands[8];
	struct question *q;
	int pic = d->ry % 2 ? PIC_SPECIFICATION : check_operands(sub, rx);

	if (pic)
		return pic;
	put_be32(operands, rx);
	put_be32(operands + 4, diag_gr(d, d->ry));
	q = question_ask_with(d, spool_answer, sub, operands, sizeof(operands));
	if (!q) /* the machine is being freed */
		return 0;
	if (q->length && q->out[0] == CC_OK)
		pic = diag_move(d, true, rx, q->data, q->length, diag_key(d));
	if (!pic) {
		cpu370_set_cc(d->cpu, q->out[0]);
		if (q->out[0] == CC_ERROR)
			diag_set_gr(d, d->ry + 1, q->out[1]);
	}
	question_put(q);
	return pic;
}
