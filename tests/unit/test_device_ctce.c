/*
 * Two channel-to-channel adapters over TCP (SA22-7203), both here, and one whose other
 * end is the test itself. The test carries the wake-ups that a machine's queue would.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/pair_rig.h"
#include "tests/unit/ports.h"

#define PATIENCE 60 /* seconds until a test gives up */

static uint16_t port; /* even; dev has port, the far end port + 2 */

static struct device *attach_to(uint16_t address, unsigned local, const char *other,
				unsigned remote, struct error *err)
{
	char a[8], b[8], host[32];
	char *argv[] = { a, host, b };
	const struct machine_request req = {
		.address = address,
		.class_name = "CTCE",
		.argc = 3,
		.argv = argv,
	};

	snprintf(a, sizeof(a), "%u", local);
	snprintf(b, sizeof(b), "%u", remote);
	snprintf(host, sizeof(host), "%s", other);
	return channels_attach(cs, device_class_find("CTCE"), NULL, &req, err);
}

static struct device *attach(uint16_t address, unsigned local, unsigned remote,
			     struct error *err)
{
	return attach_to(address, local, "127.0.0.1", remote, err);
}

static bool coupled(struct device *d)
{
	char text[100];

	wake(d);
	d->class->describe(d, text, sizeof(text));
	return strstr(text, ", coupled") != NULL;
}

static bool uncoupled(struct device *d)
{
	return !coupled(d);
}

/* Until condition(d) is true; the other thread's work, so nothing to wait on. */
static void until(const char *what, bool (*condition)(struct device *), struct device *d)
{
	time_t end = time(NULL) + PATIENCE;

	while (!condition(d)) {
		ck_assert_msg(time(NULL) < end, "%s: in vain", what);
		wake(dev);
		wake(far_dev);
		sched_yield();
	}
}

static bool interrupts(struct device *d)
{
	const struct channels *all = cs;

	(void)d;
	channels_hold(cs, 0, true);
	return channels_pending(all);
}

static void setup(void)
{
	struct error err = { 0 };

	rig_setup();
	far_dev = NULL;
	port = free_ports();
	dev = attach(DEV, port, port + 2u, &err);
	ck_assert_msg(dev, "%s", err.text);
	poke(DATA, "MESSAGE", 7);
}

/* As a program does first; and until the other side's is known. */
static void set_extended(uint16_t address);
static void await_ready(uint16_t address);

static void both_ends(void)
{
	struct error err = { 0 };

	far_dev = attach(FAR_END, port + 2u, port, &err);
	ck_assert_msg(far_dev, "%s", err.text);
	until("near end", coupled, dev);
	until("far end", coupled, far_dev);
	set_extended(DEV);
	set_extended(FAR_END);
	await_ready(DEV);
	await_ready(FAR_END);
}

static unsigned start(uint16_t address, uint8_t op, uint32_t data, uint16_t count)
{
	return start_ccw(address, op, data, SLI, count);
}

/* The next interruption of an end: its unit status. */
static unsigned interruption_of(uint16_t address)
{
	time_t end = time(NULL) + PATIENCE;
	uint16_t who = 0;
	uint8_t csw[8];

	while (!channels_interruption(cs, channel_bit(address), 0, &who)) {
		ck_assert_msg(time(NULL) < end, "%03X: no interruption", address);
		wake(dev);
		wake(far_dev);
		channels_hold(cs, 0, true);
		sched_yield();
	}
	ck_assert_uint_eq(who, address);
	peek(0x40, csw, 8);
	return csw[4];
}

/* Its next interruption that is not only attention or device end of readiness. */
static unsigned status_of(uint16_t address)
{
	unsigned unit;

	do
		unit = interruption_of(address);
	while (!(unit & US_CE));
	return unit;
}

/* One command to its end; retried while the device reports what it held. */
static unsigned command(uint16_t address, uint8_t op, uint32_t data, uint16_t count)
{
	uint8_t csw[8];
	unsigned cc;

	do {
		cc = start(address, op, data, count);
		peek(0x40, csw, 8);
	} while (cc == 1 && (csw[4] & US_BUSY) && !(csw[4] & US_CE));
	return cc == 0 ? status_of(address) : csw[4];
}

static void set_extended(uint16_t address)
{
	unsigned unit = command(address, 0xC3, DATA, 1);

	/* The other side is not ready before it has said anything. */
	ck_assert_msg(unit == 0x0C || unit == 0x0E, "set extended: %02X", unit);
}

static void await_ready(uint16_t address)
{
	time_t end = time(NULL) + PATIENCE;

	while (command(address, 0x03, DATA, 1) != 0x0C) {
		ck_assert_msg(time(NULL) < end, "%03X: never ready", address);
		wake(dev);
		wake(far_dev);
		sched_yield();
	}
}

static void check_message(uint32_t at)
{
	uint8_t b[7];

	peek(at, b, sizeof(b));
	ck_assert_mem_eq(b, "MESSAGE", sizeof(b));
}

static void drain(uint16_t address)
{
	uint16_t who;

	while (channels_interruption(cs, channel_bit(address), 0, &who))
		;
}

START_TEST(a_reader_waits_for_the_writer)
{
	both_ends();
	ck_assert_uint_eq(start(DEV, 0x02, 0x3000, 20), 0);
	until("attention", interrupts, far_dev);
	ck_assert_uint_eq(command(FAR_END, 0x01, DATA, 7), 0x0C);
	ck_assert_uint_eq(status_of(DEV), 0x0C);
	check_message(0x3000);
}
END_TEST

START_TEST(a_writer_waits_for_the_reader)
{
	uint8_t csw[8];

	both_ends();
	ck_assert_uint_eq(start(DEV, 0x01, DATA, 7), 0);
	ck_assert_uint_eq(interruption_of(FAR_END) & US_ATTENTION, US_ATTENTION);
	ck_assert_uint_eq(command(FAR_END, 0x14, 0x3100, 1), 0x0C);
	peek(0x3100, csw, 1);
	ck_assert_uint_eq(csw[0], 0x01);
	ck_assert_uint_eq(command(FAR_END, 0x02, 0x3000, 20), 0x0C);
	peek(0x40, csw, 8);
	ck_assert_uint_eq(be16(csw + 6), 13);
	check_message(0x3000);
	ck_assert_uint_eq(status_of(DEV), 0x0C);
}
END_TEST

START_TEST(control_is_over_when_sensed)
{
	uint8_t sensed;

	both_ends();
	ck_assert_uint_eq(start(DEV, 0x07, DATA, 1), 0);
	ck_assert_uint_eq(interruption_of(FAR_END) & US_ATTENTION, US_ATTENTION);
	ck_assert_uint_eq(command(FAR_END, 0x14, 0x3100, 1), 0x0C);
	peek(0x3100, &sensed, 1);
	ck_assert_uint_eq(sensed, 0x07);
	ck_assert_uint_eq(status_of(DEV), 0x0C);
}
END_TEST

START_TEST(prepare_is_over_when_the_other_begins)
{
	both_ends();
	ck_assert_uint_eq(start(DEV, 0xE3, DATA, 1), 0);
	/* The message may be under way yet: the write matches it or comes first. */
	ck_assert_uint_eq(start(FAR_END, 0x01, DATA, 7), 0);
	ck_assert_uint_eq(status_of(DEV) & ~(unsigned)US_ATTENTION, 0x0C);
	ck_assert_uint_eq(command(DEV, 0x02, 0x3000, 7), 0x0C);
	ck_assert_uint_eq(status_of(FAR_END), 0x0C);
	check_message(0x3000);
}
END_TEST

START_TEST(end_of_file_in_extended_mode)
{
	both_ends();
	ck_assert_uint_eq(start(DEV, 0x02, 0x3000, 20), 0);
	until("attention", interrupts, far_dev);
	ck_assert_uint_eq(command(FAR_END, 0x81, DATA, 1), 0x0C);
	ck_assert_uint_eq(status_of(DEV), 0x0D);
}
END_TEST

START_TEST(nobody_at_the_other_end)
{
	uint8_t sense;

	ck_assert_uint_eq(command(DEV, 0x03, DATA, 1), 0x0C);
	ck_assert_uint_eq(command(DEV, 0x02, 0x3000, 20), 0x0E);
	ck_assert_uint_eq(command(DEV, 0x04, 0x3000, 2), 0x0C);
	peek(0x3000, &sense, 1);
	ck_assert_uint_eq(sense, SENSE0_INTERVENTION);
}
END_TEST

START_TEST(the_other_end_goes_while_a_read_waits)
{
	both_ends();
	ck_assert_uint_eq(start(DEV, 0x02, 0x3000, 20), 0);
	until("attention", interrupts, far_dev);
	ck_assert(channels_detach(cs, FAR_END));
	far_dev = NULL;
	ck_assert_uint_eq(status_of(DEV), 0x0E);
	/* Perhaps that was its last message only, a reset. */
	until("uncoupled", uncoupled, dev);
}
END_TEST

/* ---- the test as the other side */

static int connect_to(uint16_t p)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(p) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static bool hung_up(int fd)
{
	char byte;

	return recv(fd, &byte, 1, 0) <= 0;
}

START_TEST(nonsense_ends_the_connection)
{
	static const uint8_t too_short[12] = { 1, 3, 0, 0, 0, 0, 3, 0 };
	int fd = connect_to((uint16_t)(port + 1));

	ck_assert_int_eq(send(fd, too_short, sizeof(too_short), 0), sizeof(too_short));
	ck_assert(hung_up(fd));
	close(fd);
}
END_TEST

static int listen_on(uint16_t p)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(p) };
	int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	return fd;
}

START_TEST(messages_may_come_in_pieces_or_not_match_their_count)
{
	/* a write of count 9 with 2 bytes of data */
	static const uint8_t bytes[] = { 1, 3, 9, 0, 1, 0, 14, 0, 0, 0, 1, 0, 'A', 'B' };
	int listener = listen_on((uint16_t)(port + 3));
	int fd = connect_to((uint16_t)(port + 1)), back = accept(listener, NULL, NULL);
	uint8_t got[9];

	ck_assert_int_ge(back, 0);
	until("coupled", coupled, dev);
	for (size_t i = 0; i < sizeof(bytes); i++)
		ck_assert_int_eq(send(fd, bytes + i, 1, 0), 1);
	until("attention", interrupts, dev);
	drain(DEV);
	poke(0x3000, ".........", 9);
	ck_assert_uint_eq(command(DEV, 0x02, 0x3000, 9), 0x0C);
	peek(0x3000, got, sizeof(got));
	ck_assert_mem_eq(got, "AB.......", 9);
	close(fd);
	close(back);
	close(listener);
}
END_TEST

/* As Hercules 3.13 does when it starts: its own connection stays and is never made again. */
START_TEST(a_call_that_comes_too_early_is_repeated)
{
	static const uint8_t control[12] = { 7, 1, 1, 0, 1, 0, 12, 0, 0, 0, 1 };
	int listener = listen_on((uint16_t)(port + 3));
	int fd = connect_to((uint16_t)(port + 1)), back;
	uint8_t sensed;

	for (int i = 0; i < 3; i++) {
		back = accept(listener, NULL, NULL);
		ck_assert_int_ge(back, 0);
		until("coupled", coupled, dev);
		if (i < 2)
			close(back);
	}
	ck_assert_int_eq(send(fd, control, sizeof(control), 0), sizeof(control));
	until("attention", interrupts, dev);
	drain(DEV);
	ck_assert_uint_eq(command(DEV, 0x14, 0x3000, 1), 0x0C);
	peek(0x3000, &sensed, 1);
	ck_assert_uint_eq(sensed, 7);
	/* Once it has said something, both go. */
	close(back);
	ck_assert(hung_up(fd));
	close(fd);
	close(listener);
}
END_TEST

/* ---- the test as the other side, with the cable's second form */

static void receive_all(int fd, uint8_t *bytes, size_t n)
{
	ck_assert_int_eq(recv(fd, bytes, n, MSG_WAITALL), (ssize_t)n);
}

/* Connect to DEV and greet as the device with that number. */
static int greet(uint16_t device, bool receiving)
{
	uint8_t g[16] = { 0, 0, (uint8_t)(port + 2), (uint8_t)((port + 2) >> 8), 127, 0, 0, 1,
			  16, 0, (uint8_t)device, (uint8_t)(device >> 8), 1 };
	int fd = connect_to(port);

	g[0] = receiving;
	g[1] = receiving ? 0x80 : 0;
	ck_assert_int_eq(send(fd, g, sizeof(g), 0), sizeof(g));
	return fd;
}

/* The connection of DEV, after its greeting. */
static int greeted(int listener)
{
	int fd = accept(listener, NULL, NULL);
	uint8_t g[16];

	ck_assert_int_ge(fd, 0);
	receive_all(fd, g, sizeof(g));
	/* it has ours, or not yet */
	ck_assert((g[0] | g[1] << 8) == 0x8001 || (g[0] | g[1]) == 0);
	ck_assert_uint_eq(g[2] | g[3] << 8, port);
	ck_assert_mem_eq(g + 4, "\x7F\0\0\1", 4);
	ck_assert_uint_eq(g[8] | g[9] << 8, 16);
	ck_assert_uint_eq(g[10] | g[11] << 8, DEV);
	ck_assert_uint_eq(g[12] | g[13] << 8, 1);
	return fd;
}

static void write_of_two(int fd, uint8_t serial)
{
	uint8_t bytes[18] = { 1, 3, 9, 0, serial, 0, 0, 0, 18, 0, 0x20, 3, 1, 0, 0, 0, 'A', 'B' };

	for (size_t i = 0; i < sizeof(bytes); i++)
		ck_assert_int_eq(send(fd, bytes + i, 1, 0), 1);
}

/* DEV reads that; its own message in return. */
static void read_of_two(int fd)
{
	uint8_t got[16];

	until("attention", interrupts, dev);
	drain(DEV);
	poke(0x3000, ".........", 9);
	ck_assert_uint_eq(command(DEV, 0x02, 0x3000, 9), 0x0C);
	peek(0x3000, got, 9);
	ck_assert_mem_eq(got, "AB.......", 9);
	receive_all(fd, got, sizeof(got));
	ck_assert_uint_eq(got[0], 2);
	ck_assert_uint_eq(got[1] & 7, 4);
	ck_assert_uint_eq(got[2] | got[3] << 8, 9);
	ck_assert_uint_eq(got[8] | got[9] << 8, 16);
	ck_assert_uint_eq(got[10] | got[11] << 8, DEV);
}

START_TEST(second_form)
{
	int listener = listen_on((uint16_t)(port + 2)), fd = greet(0x320, false);
	int back = greeted(listener);

	until("coupled", coupled, dev);
	write_of_two(fd, 1);
	read_of_two(back);
	close(fd);
	close(back);
	close(listener);
}
END_TEST

START_TEST(the_other_side_connects_anew)
{
	int listener = listen_on((uint16_t)(port + 2)), fd = greet(0x320, false);
	int back = greeted(listener), again;

	until("coupled", coupled, dev);
	again = greet(0x320, true);
	ck_assert(hung_up(fd));
	write_of_two(again, 1);
	read_of_two(back);
	close(fd);
	close(again);
	close(back);
	close(listener);
}
END_TEST

START_TEST(a_reset_of_the_other_side_ends_a_command)
{
	static const uint8_t reset[16] = { 0, 5, 0, 0, 1, 0, 0, 0, 16, 0, 0x20, 3, 1 };
	int listener = listen_on((uint16_t)(port + 2)), fd = greet(0x320, false);
	int back = greeted(listener);
	uint8_t got[16];

	until("coupled", coupled, dev);
	ck_assert_uint_eq(start(DEV, 0x02, 0x3000, 20), 0);
	receive_all(back, got, sizeof(got));
	ck_assert_int_eq(send(fd, reset, sizeof(reset), 0), sizeof(reset));
	ck_assert_uint_eq(status_of(DEV), 0x0E);
	ck_assert_uint_eq(start(DEV, 0x02, 0x3000, 20), 0);
	receive_all(back, got, sizeof(got));
	channels_io(cs, IO_HIO, DEV, 0); /* and ours is told */
	receive_all(back, got, sizeof(got));
	ck_assert_uint_eq(got[0], 0);
	ck_assert_uint_eq(got[1] & 7, 5);
	close(fd);
	close(back);
	close(listener);
}
END_TEST

START_TEST(only_the_device_that_is_named)
{
	struct error err = { 0 };
	int listener, fd;

	ck_assert(channels_detach(cs, DEV));
	dev = attach_to(DEV, port, "321=127.0.0.1", port + 2u, &err);
	ck_assert_msg(dev, "%s", err.text);
	fd = greet(0x320, false);
	ck_assert(hung_up(fd));
	close(fd);
	listener = listen_on((uint16_t)(port + 2));
	fd = greet(0x321, true);
	close(greeted(listener));
	close(fd);
	close(listener);
}
END_TEST

START_TEST(words_of_the_second_form)
{
	struct error err = { 0 };

	/* odd ports */
	ck_assert_msg(attach(FAR_END, port + 3u, port + 1u, &err), "%s", err.text);
	ck_assert(channels_detach(cs, FAR_END));
	ck_assert_msg(attach_to(FAR_END, port + 3u, "1=127.0.0.1", port + 1u, &err), "%s",
		      err.text);
	ck_assert_ptr_null(attach_to(0x500, port + 2u, "XYZ=127.0.0.1", port, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "'XYZ=127.0.0.1' is not DEVICE=HOST"));
}
END_TEST

START_TEST(bad_words)
{
	struct error err = { 0 };

	ck_assert_ptr_null(attach(0x500, 70000, 32880, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "'70000' is not a port number"));
	ck_assert_ptr_null(attach(0x500, port, 32880, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "port "));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ctce");
	TCase *tc = tcase_create("ctce");

	tcase_add_checked_fixture(tc, setup, rig_teardown);
	tcase_add_test(tc, a_reader_waits_for_the_writer);
	tcase_add_test(tc, a_writer_waits_for_the_reader);
	tcase_add_test(tc, control_is_over_when_sensed);
	tcase_add_test(tc, prepare_is_over_when_the_other_begins);
	tcase_add_test(tc, end_of_file_in_extended_mode);
	tcase_add_test(tc, nobody_at_the_other_end);
	tcase_add_test(tc, the_other_end_goes_while_a_read_waits);
	tcase_add_test(tc, nonsense_ends_the_connection);
	tcase_add_test(tc, messages_may_come_in_pieces_or_not_match_their_count);
	tcase_add_test(tc, a_call_that_comes_too_early_is_repeated);
	tcase_add_test(tc, second_form);
	tcase_add_test(tc, the_other_side_connects_anew);
	tcase_add_test(tc, a_reset_of_the_other_side_ends_a_command);
	tcase_add_test(tc, only_the_device_that_is_named);
	tcase_add_test(tc, words_of_the_second_form);
	tcase_add_test(tc, bad_words);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
