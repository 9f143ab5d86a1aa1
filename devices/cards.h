/*
 * devices/cards.h - where a reader's cards come from and where punched cards
 * and printed lines go.
 *
 * The machine's owner fills these (CP with spool files, the monitor with host
 * files). Called on the machine's thread; may read or write a host file, must
 * not wait for a person.
 */
#ifndef DEVICES_CARDS_H
#define DEVICES_CARDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CARD_COLUMNS	80
#define CARD_RECORD_MAX 256

enum card_result {
	CARD_OK,
	CARD_EOF,   /* the last card of the file was read before: unit exception */
	CARD_EOF_INITIAL, /* the same; as the initial status if it is the first command */
	CARD_EMPTY, /* nothing in the hopper: intervention required */
	CARD_ERROR, /* the host failed: equipment check */
};

struct card_source {
	/*
	 * The next record into record (CARD_RECORD_MAX bytes), its length, and
	 * the CCW op code it was written with if it comes from a printer or
	 * punch (0: none).
	 */
	enum card_result (*next)(struct card_source *src, uint8_t *record, size_t *length,
				 uint8_t *op);
	void (*release)(struct card_source *src); /* device detached or replaced */
};

struct card_sink {
	/*
	 * One record with the CCW op code that wrote it; length 0 for an
	 * immediate carriage control. false: the host failed, equipment check.
	 */
	bool (*put)(struct card_sink *sink, uint8_t op, const uint8_t *record,
		    size_t length);
	void (*release)(struct card_sink *sink);
};

#endif
