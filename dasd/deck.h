/*
 * dasd/deck.h - card decks in files.
 *
 * An EBCDIC deck is cards of 80 bytes one after the other; object decks are
 * always that. A text deck is lines of ASCII (ISO 8859-1): carriage returns are
 * left out, a tab goes to the next multiple of 8, X'1A' ends the deck, and cards
 * are filled with blanks.
 *
 * Threads: a deck belongs to one thread at a time.
 */
#ifndef DASD_DECK_H
#define DASD_DECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ebcdic.h"
#include "base/error.h"

#define CARD_COLUMNS 80

struct deck;

enum deck_kind {
	DECK_AUTO, /* text if the first 160 bytes are printable ASCII */
	DECK_EBCDIC,
	DECK_TEXT,
};

struct deck_options {
	enum deck_kind kind;
	bool truncate; /* cut text lines of more than 80 columns; else they are an error */
	bool pad;      /* fill a last card of less than 80 bytes with blanks */
	const struct codepage *codepage; /* of text; NULL: 037 */
};

enum deck_status {
	DECK_CARD,
	DECK_END,
	DECK_BAD,    /* the file is no proper deck here (err says why) */
	DECK_FAILED, /* trouble with the host (err says why) */
};

struct deck *deck_open(const char *path, const struct deck_options *options,
		       struct error *err) MUST_USE;
void deck_close(struct deck *deck);

/* What the deck is, after DECK_AUTO was decided. */
enum deck_kind deck_kind(const struct deck *deck);

/* Cards read so far. */
uint32_t deck_cards(const struct deck *deck);

enum deck_status deck_next(struct deck *deck, uint8_t card[CARD_COLUMNS], struct error *err)
	MUST_USE;

#endif
