/*
 * devices/channel.h - the channels of one machine.
 *
 * Executes the I/O instructions, runs channel programs and presents I/O
 * interruptions: GA22-7000, "Input/Output Operations". Needs no CPU: whoever
 * calls channels_io() is the CPU.
 *
 * A channel program runs on the caller's thread inside SIO until it ends, a
 * device answers DEVICE_WORKING, or it has taken its share of time; then
 * channels_work() carries it on. So a chain without an end never keeps the
 * machine from looking at its requests.
 *
 * Threads: all functions belong to the machine's thread.
 */
#ifndef DEVICES_CHANNEL_H
#define DEVICES_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "cpu370/cpu.h"
#include "devices/device.h"

#define CHANNEL_COUNT 32u /* channels 0-31, 256 units each */

struct channels;

struct channels_owner {
	void *arg;
	/* Interruption status has come (on), or the last of it is gone. */
	void (*pending)(void *arg, bool on);
};

enum channel_type { CHANNEL_SELECTOR, CHANNEL_BYTE, CHANNEL_BLOCK };

struct channels *channels_new(struct storage *st, const struct channels_owner *owner,
			      struct error *err);
/* Detaches all devices. */
void channels_free(struct channels *cs);

/*
 * Channel 0 starts as a byte multiplexer, the others as block multiplexers with
 * a subchannel for every device. On a selector channel one operation, or one
 * pending interruption, keeps all other devices busy (cc 2).
 */
void channels_set_type(struct channels *cs, unsigned channel, enum channel_type type);

/*
 * Execute an I/O instruction for a CPU whose real page 0 is at absolute address
 * prefix (there are the CAW and the CSW). Returns the condition code.
 */
unsigned channels_io(struct channels *cs, enum io_op op, uint16_t address,
		     uint32_t prefix);

/*
 * Take the interruption of highest priority from the channels enabled in mask
 * (bit 0, leftmost, is channel 0): store its CSW, give its address. false:
 * those channels have none.
 */
bool channels_interruption(struct channels *cs, uint32_t mask, uint32_t prefix,
			   uint16_t *address);
/* Is there interruption status in any channel? */
bool channels_pending(const struct channels *cs);

/* Carry on channel programs whose share of time was used up. true: not all ended. */
bool channels_work(struct channels *cs);
/* Does channels_work() have anything to do? */
bool channels_have_work(const struct channels *cs);

/*
 * No real device ends within an instruction or two, and programs of the time know
 * it: they start a card reader with interruptions enabled and then load a wait
 * PSW for the interruption. So the ending status of a program that ended inside
 * SIO, unless the device class is quick, interrupts only CHANNEL_HOLD
 * instructions later, or when the CPU waits. TEST I/O sees it at once.
 *
 * channels_hold() is told, after each stretch of execution, the instruction count
 * and whether the CPU waits, and lets go what is due (true: something was).
 * channels_held_until() is the count at which something is due: UINT64_MAX nothing,
 * 0 call channels_hold().
 */
#define CHANNEL_HOLD 250u
bool channels_hold(struct channels *cs, uint64_t icount, bool waits);
uint64_t channels_held_until(const struct channels *cs);

/*
 * Run a channel program to its end now, for an owner's DIAGNOSE: from the CCW at
 * ccw on, with that key; its ending status goes to csw and is not presented. A
 * program without an end is halted after a while, one that waits for a person at
 * once. Returns 0; CC 2 the subchannel or device is busy or holds status; CC 3
 * there is none.
 */
unsigned channels_run(struct channels *cs, uint16_t address, uint8_t key, uint32_t ccw,
		      uint8_t csw[8]);

/*
 * Start a channel program as START I/O does, with the address and key given instead
 * of a CAW; the device sees io->diagnose. Returns the condition code.
 */
unsigned channels_start(struct channels *cs, uint16_t address, uint8_t key, uint32_t ccw,
			uint32_t prefix);

/*
 * Is there a channel program whose channel end has not come? Then *first is the
 * address of its first CCW.
 */
bool channels_program(const struct channels *cs, uint16_t address, uint32_t *first);

/* I/O system reset: all channels and devices. */
void channels_reset(struct channels *cs);

/* Selective reset of one device: its status is dropped. false: no such device. */
bool channels_reset_device(struct channels *cs, uint16_t address);

/* SIO and SIOF that started an operation, since channels_new(). */
uint64_t channels_started(const struct channels *cs);

/*
 * Attach a device of the class with the words of req. NULL with err: the
 * address is taken or bad, or the class refused.
 */
struct device *channels_attach(struct channels *cs, const struct device_class *class,
			       struct machine *machine, const struct machine_request *req,
			       struct error *err);
bool channels_detach(struct channels *cs, uint16_t address);
/* Another address for a device, which is reset and keeps what it has (its tape). */
bool channels_move(struct channels *cs, uint16_t from, uint16_t to, struct error *err);
struct device *channels_device(const struct channels *cs, uint16_t address);
/* The device with the lowest address that is >= address; NULL: no more. */
struct device *channels_next_device(const struct channels *cs, uint32_t address);

/*
 * The load function, second half: after the resets, read 24 bytes to absolute 0
 * and go on with the CCW at 8. Then ask channels_ipl_done() until it is true
 * (calling channels_work() between): cc 0 with the CSW that would have been
 * stored; *ok if it was channel end and device end and nothing else.
 */
unsigned channels_ipl(struct channels *cs, uint16_t address);
bool channels_ipl_done(struct channels *cs, uint16_t address, uint8_t csw[8], bool *ok);

#endif
