/*
 * devices/carriage.c - spacing and skipping.
 */
#include "devices/carriage.h"

#include <string.h>

#define FCB_INDEX   0x80 /* first byte of a 3211 image: print position indexing */
#define FCB_LAST    0x10 /* flag in the byte of the last line */
#define FCB_CHANNEL 0x0F

struct carriage_op carriage_op(uint8_t command)
{
	struct carriage_op op = { 0 };
	unsigned amount = command >> 3 & 0x0F;

	/* xxxxx001 write then move, xxxxx011 move now. */
	if ((command & 0x05) != 0x01)
		return op;
	op.write = !(command & 0x02);
	if (command & 0x80) {
		op.skip = (uint8_t)amount;
		op.valid = amount >= 1 && amount <= 12;
	} else {
		op.space = (uint8_t)amount;
		op.valid = amount <= 3 && (op.write || amount);
	}
	return op;
}

void carriage_init(struct carriage *c)
{
	static const uint8_t line_of_channel[13] = { 0,	 1,  7,	 13, 19, 25, 31,
						     37, 43, 63, 49, 55, 61 };

	memset(c, 0, sizeof(*c));
	c->lines = 66;
	for (uint8_t ch = 1; ch <= 12; ch++)
		c->channel[line_of_channel[ch] - 1] = ch;
}

bool carriage_load(struct carriage *c, const uint8_t *image, size_t length)
{
	struct carriage form = { 0 };
	size_t at = length && (image[0] & FCB_INDEX) ? 1 : 0;

	for (; at < length && form.lines < CARRIAGE_LINES_MAX; at++) {
		uint8_t channel = image[at] & FCB_CHANNEL;

		if (channel > 12 || (image[at] & 0xE0))
			return false;
		form.channel[form.lines++] = channel;
		if (image[at] & FCB_LAST) {
			form.line = c->line < form.lines ? c->line : 0;
			*c = form;
			return true;
		}
	}
	return false; /* no last line */
}

/* Forward one line. */
static void advance(struct carriage *c, struct carriage_move *move)
{
	move->lines++;
	if (++c->line >= c->lines) {
		c->line = 0;
		move->new_page = true;
	}
}

static void skip(struct carriage *c, unsigned channel, struct carriage_move *move)
{
	unsigned start = c->line;

	do {
		advance(c, move);
		if (c->channel[c->line] == channel)
			return;
	} while (c->line != start);
	move->no_channel = true;
}

struct carriage_move carriage_move(struct carriage *c, struct carriage_op op)
{
	struct carriage_move move = { 0 };

	/* A skip to the channel where the paper stands does not move it. */
	if (op.skip && c->channel[c->line] != op.skip)
		skip(c, op.skip, &move);
	for (unsigned i = 0; i < op.space; i++) {
		advance(c, &move);
		move.channel_9 |= c->channel[c->line] == 9;
		move.channel_12 |= c->channel[c->line] == 12;
	}
	return move;
}
