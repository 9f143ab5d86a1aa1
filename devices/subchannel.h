/*
 * devices/subchannel.h - what channel.c (instructions, interruptions) and ccw.c
 * (channel programs) know of a subchannel and its one device.
 */
#ifndef DEVICES_SUBCHANNEL_H
#define DEVICES_SUBCHANNEL_H

#include "devices/channel.h"

enum ccw_flags {
	CCW_CD = 0x80,
	CCW_CC = 0x40,
	CCW_SLI = 0x20,
	CCW_SKIP = 0x10,
	CCW_PCI = 0x08,
	CCW_IDA = 0x04,
	CCW_SUSPEND = 0x02,
	CCW_RESERVED = 0x01,
};

/* Channel status, CSW bits 40-47. */
enum channel_status {
	CS_PCI = 0x80,
	CS_IL = 0x40,
	CS_PROGRAM = 0x20,
	CS_PROTECTION = 0x10,
	CS_DATA = 0x08,
	CS_CONTROL = 0x04,
	CS_INTERFACE = 0x02,
	CS_CHAINING = 0x01,
};

#define CSW_SUSPENDED 0x08 /* CSW bit 4 */

enum sch_state {
	SCH_IDLE,      /* available, or holding ending status */
	SCH_RUNNING,   /* its program is being executed right now, below us */
	SCH_WORKING,   /* the device answered DEVICE_WORKING */
	SCH_READY,     /* the chain goes on in channels_work() */
	SCH_AWAIT_DE,  /* command chaining waits for device end */
	SCH_SUSPENDED, /* by a CCW with the suspend flag, until RESUME I/O */
};

struct subchannel {
	struct channels *cs;
	struct device dev;
	enum sch_state state;
	bool pending;	     /* csw is to be presented */
	bool pci;	     /* PCI status is to be presented */
	bool suspend_told;   /* the suspension itself is to be presented */
	bool device_busy;    /* channel end was given, device end is due */
	uint8_t unsolicited; /* unit status that the device holds by itself */
	uint8_t csw[8];	     /* ending status */
	bool held;	     /* in cs->held: csw does not interrupt yet */
	uint64_t held_until; /* instruction count; 0: not fixed yet */
	struct subchannel *next_held;
	bool at_initiation; /* ended in the first command before any data moved */

	/* the channel program */
	uint8_t key;	      /* X'00' ... X'F0' */
	bool suspend_control; /* CAW bit 4 */
	uint32_t first;	      /* address of its first CCW */
	uint32_t next;	      /* address of the next CCW */
	uint8_t chstat;	      /* channel status of this program so far */

	/* the current CCW */
	uint8_t flags;
	uint16_t count; /* bytes left */
	uint32_t data;	/* absolute address of the next byte */
	uint32_t idal;	/* IDA: address of the next IDAW */
	uint16_t block; /* IDA: bytes left in this 2K block, 0: fetch an IDAW */
	bool first_idaw;
	bool excess;	   /* the device had more than the count */
	bool moved;	   /* the device asked for a transfer */
	unsigned chained;  /* CCWs data-chained in this command */
	unsigned commands; /* commands begun in this program, at most 2 counted */
	struct ccw_io io;
};

struct channel {
	unsigned devices;    /* attached */
	uint64_t pending[4]; /* bit unit: it can interrupt; unit 0 = bit 0 of [0] */
	struct subchannel *unit[256];
	uint64_t present[4]; /* bit unit: unit[] has one; the same order */
};

struct channels {
	struct storage *st;
	struct channels_owner owner;
	struct channel *channel[CHANNEL_COUNT]; /* NULL: no device yet */
	enum channel_type type[CHANNEL_COUNT];
	uint32_t pending; /* bit 0 leftmost: channel has something in its pending map */
	unsigned ready;	  /* subchannels in SCH_READY */
	struct subchannel *held; /* list of those whose ending status is held back */
	uint64_t started;
};

/* NULL: there is none, or no device on it. */
static inline struct channel *channel_at(const struct channels *cs, uint16_t address)
{
	return address >> 8 < CHANNEL_COUNT ? cs->channel[address >> 8] : NULL;
}

static inline struct subchannel *sch_at(const struct channels *cs, uint16_t address)
{
	struct channel *ch = channel_at(cs, address);

	return ch ? ch->unit[address & 0xFF] : NULL;
}

/* Move to another state; keeps the count of ready ones. */
void sch_set_state(struct subchannel *sch, enum sch_state state);
/* A reset of one device: nothing is pending, held or going on behind it. */
void sch_reset(struct subchannel *sch);
/* Recompute whether the subchannel can interrupt. */
void sch_update(struct subchannel *sch);

/*
 * Begin a channel program at CCW address ccw, or with the 8 bytes of first (an
 * implied CCW; then ccw is where it goes on). Runs as far as it can.
 */
void ccw_start(struct subchannel *sch, uint8_t key, uint32_t ccw, const uint8_t *first);
/* Go on: after SCH_READY, RESUME I/O. */
void ccw_continue(struct subchannel *sch);
/* Stop the program now: HALT I/O and the like. Ending status is left in csw. */
void ccw_halt(struct subchannel *sch);
/* CSW for status that comes without or before the end of a program. */
void csw_build(const struct subchannel *sch, uint8_t csw[8], uint8_t unit,
	       uint8_t chstat);

#endif
