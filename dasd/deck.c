#include "dasd/deck.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROBE     160
#define TAB       8
#define TEXT_END  0x1A /* control-Z */

struct deck {
	FILE *file;
	char *path;
	struct deck_options options;
	uint32_t cards;
	bool ended;
};

static bool is_text(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((p[i] < 0x20 || p[i] > 0x7F) && p[i] != '\n' && p[i] != '\r' && p[i] != '\t')
			return p[i] == TEXT_END && i > 0;
	return n > 0;
}

static bool decide_kind(struct deck *d, struct error *err)
{
	uint8_t head[PROBE];
	size_t n;

	if (d->options.kind != DECK_AUTO)
		return true;
	n = fread(head, 1, sizeof(head), d->file);
	if (ferror(d->file) || fseek(d->file, 0, SEEK_SET) < 0) {
		error_errno(err, errno, "%s", d->path);
		return false;
	}
	d->options.kind = is_text(head, n) ? DECK_TEXT : DECK_EBCDIC;
	return true;
}

struct deck *deck_open(const char *path, const struct deck_options *options, struct error *err)
{
	struct deck *d = calloc(1, sizeof(*d));

	if (!d || !(d->path = strdup(path)) || !(d->file = fopen(path, "rbe"))) {
		error_errno(err, errno, "%s", path);
		goto fail;
	}
	if (options)
		d->options = *options;
	if (!d->options.codepage)
		d->options.codepage = &codepage_037;
	if (decide_kind(d, err))
		return d;
	fclose(d->file);
fail:
	if (d)
		free(d->path);
	free(d);
	return NULL;
}

void deck_close(struct deck *d)
{
	if (!d)
		return;
	fclose(d->file);
	free(d->path);
	free(d);
}

enum deck_kind deck_kind(const struct deck *d)
{
	return d->options.kind;
}

uint32_t deck_cards(const struct deck *d)
{
	return d->cards;
}

static enum deck_status read_failed(struct deck *d, struct error *err)
{
	error_errno(err, errno, "%s: card %u", d->path, d->cards + 1);
	return DECK_FAILED;
}

static enum deck_status next_ebcdic(struct deck *d, uint8_t *card, struct error *err)
{
	size_t n = fread(card, 1, CARD_COLUMNS, d->file);

	if (ferror(d->file))
		return read_failed(d, err);
	if (n == 0)
		return DECK_END;
	if (n < CARD_COLUMNS && !d->options.pad) {
		error_set(err, EINVAL, "%s: card %u has only %zu bytes", d->path, d->cards + 1,
			  n);
		d->ended = true;
		return DECK_BAD;
	}
	memset(card + n, EBCDIC_SPACE, CARD_COLUMNS - n);
	d->cards++;
	return DECK_CARD;
}

/* One column of a text line; false: the card is full and may not be cut. */
static bool put_column(struct deck *d, uint8_t *card, unsigned *column, int c)
{
	do {
		if (*column == CARD_COLUMNS)
			return d->options.truncate || c == '\t' || c == ' ';
		card[(*column)++] = d->options.codepage->to_ebcdic[c == '\t' ? ' ' : c];
	} while (c == '\t' && *column % TAB != 0);
	return true;
}

static enum deck_status next_text(struct deck *d, uint8_t *card, struct error *err)
{
	unsigned column = 0;
	bool any = false;
	int c;

	memset(card, EBCDIC_SPACE, CARD_COLUMNS);
	while ((c = getc(d->file)) != EOF && c != '\n' && c != TEXT_END) {
		any = true;
		if (c == '\r' || put_column(d, card, &column, c))
			continue;
		error_set(err, EINVAL, "%s: line %u has more than 80 columns", d->path,
			  d->cards + 1);
		d->ended = true;
		return DECK_BAD;
	}
	if (c == EOF && ferror(d->file))
		return read_failed(d, err);
	if (c == TEXT_END)
		d->ended = true;
	if (c != '\n' && !any)
		return DECK_END;
	d->cards++;
	return DECK_CARD;
}

enum deck_status deck_next(struct deck *d, uint8_t card[CARD_COLUMNS], struct error *err)
{
	if (d->ended)
		return DECK_END;
	return d->options.kind == DECK_TEXT ? next_text(d, card, err)
					    : next_ebcdic(d, card, err);
}
