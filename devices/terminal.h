/*
 * devices/terminal.h - how a device model reaches the person in front of it.
 *
 * A 3215 or a 3270 of a machine is attached with one of these, filled by the
 * machine's owner (CP or the monitor). Everything that crosses is plain bytes
 * in EBCDIC, so it can be recorded, replayed, or carried to another process.
 *
 * Threads: all operations are called on the machine's own thread and do not
 * wait. The owner answers with machine_post() of MACHINE_TERMINAL_* requests.
 */
#ifndef DEVICES_TERMINAL_H
#define DEVICES_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TERMINAL_LINE_MAX 4096 /* bytes of one console line that cross */

enum terminal_write_flags {
	TERMINAL_NEWLINE = 1, /* end the line after this text (CCW X'09') */
	TERMINAL_ALARM = 2,   /* sound the alarm (CCW X'0B') */
};

/* What became of a 3270 write. */
enum terminal_result {
	TERMINAL_TAKEN,
	TERMINAL_NO_ROOM, /* the owner posts MACHINE_TERMINAL_ROOM: try again */
	TERMINAL_BAD,	  /* no good data stream: operation check */
};

#define TERMINAL_RECORD_MAX 32768 /* bytes of a 3270 record, either way */

struct terminal_ops {
	/* Is somebody there? false: the device model gives intervention required. */
	bool (*ready)(void *arg);
	/*
	 * Show text. true: taken. false: no room now; the owner posts
	 * MACHINE_TERMINAL_ROOM when the same write may be tried again.
	 */
	bool (*write)(void *arg, const uint8_t *text, size_t length, unsigned flags);
	/* A read is outstanding: the owner answers with MACHINE_TERMINAL_INPUT. */
	void (*read)(void *arg, size_t max);
	/*
	 * A command that only a program started for a DIAGNOSE may give (X'58' of
	 * VM/370): its code, byte 5 of the CCW, the data of a write. The owner
	 * answers with MACHINE_TERMINAL_INPUT: value is the unit status, data what a
	 * read gets. NULL: there is no such thing here.
	 */
	void (*display)(void *arg, uint8_t command, uint8_t control, const uint8_t *data,
			size_t length);
	/* The outstanding read or write is off (HALT I/O, reset, detach). */
	void (*cancel)(void *arg);
	/*
	 * 3270 only, NULL on a typewriter. A write command as the channel has it
	 * (01 write, 05 erase/write, 0D erase/write alternate, 0F erase all
	 * unprotected, 11 write structured field) and its data, WCC first.
	 */
	enum terminal_result (*write3270)(void *arg, uint8_t command, const uint8_t *data,
					  size_t length);
	/*
	 * 02 read buffer, 06 read modified or 0E read modified all is outstanding:
	 * the owner answers with MACHINE_TERMINAL_INPUT, an inbound record (AID,
	 * cursor address, fields). It posts the same when a key is pressed while
	 * no read is outstanding; that is an attention, and the record is what the
	 * next read modified gets.
	 */
	void (*read3270)(void *arg, uint8_t command);
};

struct terminal {
	const struct terminal_ops *ops; /* NULL: no terminal, never ready */
	void *arg;
};

#endif
