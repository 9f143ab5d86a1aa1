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
	/* The outstanding read or write is off (HALT I/O, reset, detach). */
	void (*cancel)(void *arg);
};

struct terminal {
	const struct terminal_ops *ops; /* NULL: no terminal, never ready */
	void *arg;
};

#endif
