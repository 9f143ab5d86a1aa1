/*
 * devices/line_wire.h - what is behind the connector of a communication line: a TCP
 * connection (line_link.h), a cable within this process (line_cable.h), or a station that
 * speaks NJE over TCP to the outside (nje_link.h).
 *
 * A connection is made when both sides want it, and lasts until one side hangs up. In
 * between bytes go both ways.
 *
 * Threads: the functions are for one thread, the device's, and do not wait. Whoever made
 * the wire said what is called when something changes, on any thread: once, until
 * line_look().
 */
#ifndef DEVICES_LINE_WIRE_H
#define DEVICES_LINE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of one WRITE as they go over the line, and of replies of telnet beside them. */
#define LINE_OUT_MAX (2u * 65535u + 64u)

enum line_state {
	LINE_IDLE,   /* nobody there, nobody called */
	LINE_TRYING, /* waits for a call, or is calling */
	LINE_FAILED, /* the call that was made did not succeed */
	LINE_CONNECTED,
	LINE_ENDED, /* was connected; bytes are left to be read */
};

struct line_wire_ops {
	/* Hangs up, and the wire is gone. */
	void (*close)(void *wire);
	/* The state now; whoever wants to know will be told of what comes after it. */
	enum line_state (*look)(void *wire);
	/* Take a call (on a leased line: make one too), or no more. */
	void (*answer)(void *wire, bool on);
	/* Call that address, in host byte order. NULL: there are no numbers here. */
	void (*call)(void *wire, uint32_t address, uint16_t port);
	/* End the connection, or the attempt; what was not read is dropped. */
	void (*hang_up)(void *wire);
	/* Drop what was not read. */
	void (*flush)(void *wire);
	/* Up to n received bytes; their number. */
	size_t (*read)(void *wire, uint8_t *bytes, size_t n);
	bool (*has_bytes)(void *wire);
	/* false: not connected, or no room beside what is not sent yet. */
	bool (*write)(void *wire, const uint8_t *bytes, size_t n);
	/* Is all sent that was written? Stays false if the connection ended before. */
	bool (*written)(void *wire);
	/* Be told in so many milliseconds; 0: not any more. */
	void (*timer)(void *wire, unsigned ms);
	/* Has the timer run out since it was set? */
	bool (*timed_out)(void *wire);
};

struct line_wire {
	const struct line_wire_ops *ops; /* NULL: nothing is plugged in */
	void *arg;
	/*
	 * Behind it is a station of this process, which speaks only when the machine
	 * reads (bytes that wait are no contention), and rests when the line is disabled.
	 */
	bool station;
};

#endif
