/*
 * tests/unit/line_rig.h - lines of a 2703 as the pair of pair_rig.h, for tests of
 * what is at their other end: another line, or the test's own socket. The line is at
 * DEV, a second one at FAR_END. The test carries the wake-ups that a machine's queue
 * would, while it waits for an interruption or for bytes.
 */
#ifndef TESTS_UNIT_LINE_RIG_H
#define TESTS_UNIT_LINE_RIG_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/pair_rig.h"
#include "tests/unit/hex.h"

#define PATIENCE 60 /* seconds until a test gives up */
#define INTO	 0x3000u

enum {
	WRITE = 0x01,
	READ = 0x02,
	SENSE = 0x04,
	PREPARE = 0x06,
	POLL = 0x09,
	INHIBIT = 0x0A,
	SET_MODE = 0x23,
	ENABLE = 0x27,
	DIAL = 0x29,
	DISABLE = 0x2F
};

/* Unit status as tests write it */
enum { OK = 0x0C, UX = 0x0D, UC = 0x0E, SM = 0x4C };

static inline struct device *attach_as(const char *type, uint16_t address,
				       const char *words, struct error *err)
{
	char text[200], *argv[16];
	struct machine_request req = {
		.address = address,
		.class_name = type,
		.argv = argv,
	};

	snprintf(text, sizeof(text), "%s", words);
	for (char *w = strtok(text, " "); w; w = strtok(NULL, " "))
		argv[req.argc++] = w;
	return channels_attach(cs, device_class_find(type), NULL, &req, err);
}

static inline struct device *attach(uint16_t address, const char *words, struct error *err)
{
	return attach_as("2703", address, words, err);
}

static inline struct device *attached(uint16_t address, const char *words)
{
	struct error err = { 0 };
	struct device *d = attach(address, words, &err);

	ck_assert_msg(d, "%s", err.text);
	return d;
}

static inline void wake_both(void)
{
	wake(dev);
	wake(far_dev);
	sched_yield();
}

static inline const char *state_of(struct device *d)
{
	static char text[100];

	d->class->describe(d, text, sizeof(text));
	return text;
}

static inline uint16_t port_of(struct device *d)
{
	const char *at = strstr(state_of(d), "port ");

	ck_assert_ptr_nonnull(at);
	return (uint16_t)atoi(at + 5);
}

/* Until its description has these words; the other thread's work. */
static inline void until_state(struct device *d, const char *words)
{
	time_t end = time(NULL) + PATIENCE;

	while (!strstr(state_of(d), words)) {
		ck_assert_msg(time(NULL) < end, "not %s: %s", words, state_of(d));
		wake_both();
	}
}

static inline unsigned start(uint16_t address, uint8_t op, uint32_t data, uint16_t count)
{
	return start_ccw(address, op, data, SLI, count);
}

/* Its next interruption: unit status. */
static inline unsigned status_of(uint16_t address)
{
	time_t end = time(NULL) + PATIENCE;
	uint16_t who = 0;
	uint8_t csw[8];

	while (!channels_interruption(cs, channel_bit(address), 0, &who)) {
		ck_assert_msg(time(NULL) < end, "%03X: no interruption", address);
		wake_both();
		channels_hold(cs, 0, true);
	}
	peek(0x40, csw, 8);
	return csw[4];
}

static inline unsigned command(uint16_t address, uint8_t op, uint32_t data, uint16_t count)
{
	unsigned cc = start(address, op, data, count);
	uint8_t csw[8];

	peek(0x40, csw, 8);
	return cc == 0 ? status_of(address) : csw[4];
}

static inline unsigned residual(void)
{
	uint8_t csw[8];

	peek(0x40, csw, 8);
	return be16(csw + 6);
}

static inline void check_sense(uint16_t address, unsigned want)
{
	uint8_t sense;

	ck_assert_uint_eq(command(address, SENSE, 0x3F00, 1), OK);
	peek(0x3F00, &sense, 1);
	ck_assert_uint_eq(sense, want);
}

static inline unsigned write_bytes(uint16_t address, const char *text)
{
	uint8_t bytes[128];
	size_t n = from_hex(text, bytes);

	poke(DATA, bytes, n);
	return command(address, WRITE, DATA, (uint16_t)n);
}

/* What a READ has put to INTO. */
static inline void check_read(const char *text)
{
	uint8_t want[128], got[128];
	size_t n = from_hex(text, want);

	ck_assert_uint_eq(128 - residual(), n);
	peek(INTO, got, n);
	ck_assert_mem_eq(got, want, n);
}

static inline int connect_to(uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static inline void send_bytes(int fd, const char *text)
{
	uint8_t bytes[128];
	size_t n = from_hex(text, bytes);

	ck_assert_int_eq(send(fd, bytes, n, 0), (ssize_t)n);
}

static inline void receive(int fd, void *to, size_t n)
{
	time_t end = time(NULL) + PATIENCE;
	uint8_t *at = to;

	while (n) {
		ssize_t got = recv(fd, at, n, MSG_DONTWAIT);

		if (got > 0) {
			at += got;
			n -= (size_t)got;
			continue;
		}
		ck_assert_msg(got < 0, "%zu bytes do not come", n);
		ck_assert_msg(time(NULL) < end, "not %zu bytes more", n);
		wake_both();
	}
}

static inline void expect_bytes(int fd, const char *text)
{
	uint8_t want[128], got[128];
	size_t n = from_hex(text, want);

	receive(fd, got, n);
	ck_assert_mem_eq(got, want, n);
}

static inline void line_setup(void)
{
	rig_setup();
	dev = far_dev = NULL;
}

/* A line that is enabled, and the test at its other end. */
static inline int called(const char *words)
{
	int fd;

	dev = attached(DEV, words);
	ck_assert_uint_eq(start(DEV, ENABLE, 0, 1), 0);
	fd = connect_to(port_of(dev));
	ck_assert_uint_eq(status_of(DEV), OK);
	return fd;
}

#endif
