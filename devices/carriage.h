/*
 * devices/carriage.h - the carriage of a line printer: which CCWs space and skip,
 * and where the paper is.
 *
 * GA24-3312 (1403 on a 2821), GA24-3543 (3211 on a 3811).
 */
#ifndef DEVICES_CARRIAGE_H
#define DEVICES_CARRIAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CARRIAGE_LINES_MAX 180

/* What a carriage command code does. */
struct carriage_op {
	bool valid;    /* a write or an immediate carriage control */
	bool write;    /* prints before it moves */
	uint8_t space; /* lines to space, 0-3 */
	uint8_t skip;  /* channel to skip to, 1-12; 0 none */
};

struct carriage_op carriage_op(uint8_t command);

/* Forms control: for each line of the page its channel, 0 none. */
struct carriage {
	unsigned lines; /* of a page */
	uint8_t channel[CARRIAGE_LINES_MAX];
	unsigned line; /* where the paper is, 0 is the top */
};

/* A page of 66 lines with channels all over, 12 on line 61, 9 on line 63. */
void carriage_init(struct carriage *c);

/* An FCB image as LOAD FCB takes it. false: it is not a good one. */
bool carriage_load(struct carriage *c, const uint8_t *image, size_t length);

/* What a movement came to. */
struct carriage_move {
	unsigned lines;		    /* the paper went forward so many lines, ... */
	bool new_page;		    /* ... over the end of the page */
	bool channel_9, channel_12; /* was met by spacing, or stopped at */
	bool no_channel;	    /* skip to a channel that the form does not have */
};

struct carriage_move carriage_move(struct carriage *c, struct carriage_op op);

#endif
