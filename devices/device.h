/*
 * devices/device.h - what a device model is made of.
 *
 * A model is one .c file with one class record. The channel (channel.h) fetches
 * CCWs and calls the class for each; the class moves data with ccw_put() and
 * ccw_get(), which obey data chaining, IDAWs, keys and counts. GA22-7000,
 * "Input/Output Operations".
 *
 * Threads: everything here runs on the machine's own thread.
 */
#ifndef DEVICES_DEVICE_H
#define DEVICES_DEVICE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct machine;
struct machine_request;
struct device;
struct subchannel;

/* Unit status, CSW bits 32-39. */
enum unit_status {
	US_ATTENTION = 0x80,
	US_SM = 0x40,
	US_CUE = 0x20,
	US_BUSY = 0x10,
	US_CE = 0x08,
	US_DE = 0x04,
	US_UC = 0x02,
	US_UX = 0x01,
};

/* Sense byte 0, common to all devices. */
enum sense0 {
	SENSE0_COMMAND_REJECT = 0x80,
	SENSE0_INTERVENTION = 0x40,
	SENSE0_BUS_OUT = 0x20,
	SENSE0_EQUIPMENT = 0x10,
	SENSE0_DATA_CHECK = 0x08,
	SENSE0_OVERRUN = 0x04,
};

/*
 * What a class answers to a command: unit status, or this: the operation goes
 * on until device_resume() is called (a person must type, a screen is full).
 */
#define DEVICE_WORKING (-1)

#define DEVICE_SENSE_MAX 32

/* One command of a channel program as the device sees it. */
struct ccw_io {
	uint8_t command;
	uint8_t previous;  /* command before it in the chain, 0: it is the first */
	uint16_t count;	   /* of the current CCW, before any data moved */
	bool data_chained; /* the current CCW has CD on: count is not all */
	bool diagnose;	   /* the program was started by channels_start() */
	uint8_t control;   /* byte 5 of the CCW, which the channel ignores */
	struct subchannel *sch;
};

/*
 * Give the channel length bytes of a read or sense; take at most length bytes
 * of a write or control. Both return the number of bytes moved, which is less
 * if the count ran out or storage refused (the channel then ends the chain by
 * itself). May be called several times for one command. What the device had
 * more or less than the count decides incorrect length: a class that reads
 * calls ccw_put() with all its data; a class that writes fixed-length records
 * calls ccw_get() with that length; one that takes whatever comes asks for
 * more than any count and ends when it gets less.
 */
size_t ccw_put(struct ccw_io *io, const void *data, size_t length);
size_t ccw_get(struct ccw_io *io, void *buffer, size_t length);

enum device_kind {
	DEVICE_CONSOLE,
	DEVICE_GRAF,
	DEVICE_READER,
	DEVICE_PUNCH,
	DEVICE_PRINTER,
	DEVICE_TAPE,
	DEVICE_DASD,
	DEVICE_CTCA,
	DEVICE_LINE,
};

struct device_class {
	const char *type;	    /* "3215", "2540R": as in directories and --device */
	const char *const *aliases; /* NULL-ended list of types that act alike, or NULL */
	enum device_kind kind;
	size_t state_size;    /* bytes of zeroed private state */
	unsigned sense_bytes; /* length of the device's sense information */
	bool quick;	      /* may interrupt at once after SIO, see channels_hold() */
	/* Take the words behind the type on a device line; false with err. */
	bool (*attach)(struct device *dev, const struct machine_request *req,
		       struct error *err);
	void (*detach)(struct device *dev);
	/* Execute one command: unit status or DEVICE_WORKING. */
	int (*command)(struct device *dev, struct ccw_io *io);
	/* Go on with a command that answered DEVICE_WORKING. Same answer. */
	int (*resume)(struct device *dev, struct ccw_io *io);
	/*
	 * Before the end of a program, or a pause in it, shows: what its commands have
	 * changed and left for later is made to last. 0 or unit status. May be NULL.
	 */
	int (*settle)(struct device *dev);
	/* HALT I/O, CLEAR I/O: stop now; returns the unit status to end with. */
	int (*halt)(struct device *dev, struct ccw_io *io);
	/* System or selective reset. May be NULL. */
	void (*reset)(struct device *dev);
	/* A request of the owner for this device: input, room, mount. May be NULL. */
	bool (*request)(struct device *dev, const struct machine_request *req,
			struct error *err);
	/* One line about its state for `devices`. May be NULL. */
	void (*describe)(struct device *dev, char *text, size_t size);
};

/*
 * What devices do, counted for their owner; several may add to one (the minidisks of
 * a volume). Any thread may read it.
 */
struct device_counts {
	_Atomic uint64_t starts; /* channel programs */
	_Atomic uint64_t seeks;  /* of them and in them: to another cylinder */
	_Atomic uint64_t moved;  /* cylinders */
};

struct device {
	const struct device_class *class;
	const char *type; /* the type or alias it was attached as */
	struct machine *machine;
	struct subchannel *sch;
	uint16_t address; /* channel and unit: X'00C' */
	uint8_t sense[DEVICE_SENSE_MAX];
	bool not_ready; /* the operator made it not ready */
	struct device_counts *counts; /* the owner's, or NULL */
	void *state;	/* class->state_size bytes */
};

/* Unit check (with CE and DE) and one sense byte 0; other sense bytes cleared. */
int device_unit_check(struct device *dev, uint8_t sense0);
/*
 * The same for a command that the device does not begin: it is not ready, or does not
 * know it. As the first of a program that is initial status, unit check alone, which
 * START I/O tells with condition code 1 (and so does CP of Release 6, DMKVSP).
 */
int device_initial_check(struct device *dev, const struct ccw_io *io, uint8_t sense0);
/* The SENSE command (X'04') as every simple device answers it. */
int device_basic_sense(struct device *dev, struct ccw_io *io);
/* Asynchronous status: attention, device end after ready. */
void device_attention(struct device *dev, uint8_t unit_status);
/* Let the channel call class->resume() now. */
void device_resume(struct device *dev);

/* The class of that type or alias, NULL if there is none. */
const struct device_class *device_class_find(const char *type);
/* The class's own spelling of a type or alias; its type if name is neither. */
const char *device_class_type(const struct device_class *class, const char *name);
/* The n-th class, NULL behind the last; for help texts. */
const struct device_class *device_class_at(unsigned n);

#endif
