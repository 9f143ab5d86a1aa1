/*
 * Lines of a 2703 over TCP, as binary synchronous communications uses them: the device
 * with the test, or another line, at the other end.
 */
#include "base/compiler.h"
#include "devices/line_bsc.h"
#include "tests/unit/line_rig.h"
#include "tests/unit/ports.h"

/* Two lines with each other; the far one has called. */
static void both_ends(void)
{
	char words[80];

	dev = attached(DEV, "dial=in lport=0 lhost=127.0.0.1");
	ck_assert_uint_eq(start(DEV, ENABLE, 0, 1), 0);
	snprintf(words, sizeof(words), "dial=no lport=0 rhost=127.0.0.1 rport=%u",
		 port_of(dev));
	far_dev = attached(FAR_END, words);
	ck_assert_uint_eq(command(FAR_END, ENABLE, 0, 1), OK);
	ck_assert_uint_eq(status_of(DEV), OK);
}

START_TEST(a_conversation)
{
	both_ends();
	ck_assert_uint_eq(start(DEV, READ, INTO, 128), 0);
	ck_assert_uint_eq(write_bytes(FAR_END, "32 32 32 32 2D"), OK);
	ck_assert_uint_eq(status_of(DEV), OK);
	check_read("2D");
	ck_assert_uint_eq(start(FAR_END, READ, INTO, 128), 0);
	ck_assert_uint_eq(write_bytes(DEV, "32 10 70"), OK);
	ck_assert_uint_eq(status_of(FAR_END), OK);
	check_read("10 70");
	ck_assert_uint_eq(start(DEV, PREPARE, 0, 1), 0);
	ck_assert_uint_eq(write_bytes(FAR_END, "32 02 C8 C9 03"), OK);
	ck_assert_uint_eq(status_of(DEV), OK);
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("02 C8 C9 03");
	ck_assert_uint_eq(write_bytes(DEV, "10 61"), OK);
	ck_assert_uint_eq(command(FAR_END, READ, INTO, 128), OK);
	ck_assert_uint_eq(write_bytes(FAR_END, "37"), OK);
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), UX);
	check_read("37");
}
END_TEST

START_TEST(transparent_text)
{
	both_ends();
	ck_assert_uint_eq(start(DEV, READ, INTO, 128), 0);
	ck_assert_uint_eq(write_bytes(FAR_END, "10 02 10 03 32"), OK);
	ck_assert_uint_eq(command(FAR_END, READ, INTO, 128), UC);
	check_sense(FAR_END, SENSE0_COMMAND_REJECT);
	ck_assert_uint_eq(write_bytes(FAR_END, "10 03"), OK);
	ck_assert_uint_eq(status_of(DEV), OK);
	check_read("10 02 10 03 32 10 03");
}
END_TEST

START_TEST(a_message_in_two_reads)
{
	int fd = called("dial=in lport=0");

	send_bytes(fd, "02 C1 C2 C3 03 2D");
	ck_assert_uint_eq(command(DEV, READ, INTO + 64, 2), OK);
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("C2 C3 03");
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("2D");
	close(fd);
}
END_TEST

START_TEST(error_index_bytes_on_demand)
{
	int fd = called("dial=in lport=0");
	const uint8_t mode = 0x40;

	poke(DATA, &mode, 1);
	ck_assert_uint_eq(command(DEV, SET_MODE, DATA, 1), OK);
	send_bytes(fd, "02 C1 03");
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("02 C1 03 00");
	close(fd);
}
END_TEST

START_TEST(a_read_times_out)
{
	int fd = called("dial=in lport=0 rto=1");

	ck_assert_uint_eq(command(DEV, READ, INTO, 128), UC);
	check_sense(DEV, 0x01);
	close(fd);
}
END_TEST

START_TEST(a_time_limit_below_zero_is_none)
{
	int fd = called("dial=in lport=0 rto=-1 pto=-1");

	ck_assert_uint_eq(command(DEV, READ, INTO, 128), UC);
	check_sense(DEV, 0x01);
	close(fd);
}
END_TEST

/* clang-format off */
static const struct halt_case {
	const char *what;
	uint8_t op;
} halt_cases[] = {
	{ "READ", READ },
	{ "INHIBIT", INHIBIT },
	{ "PREPARE", PREPARE },
	{ "POLL", POLL },
};
/* clang-format on */

START_TEST(halt_ends_what_waits)
{
	static const uint8_t list[] = { 0xC1, BSC_ENQ, 1 };
	int fd = called("dial=in lport=0 rto=0 pto=0");

	poke(INTO, list, sizeof(list));
	ck_assert_uint_eq(start(DEV, halt_cases[_i].op, INTO, 3), 0);
	ck_assert_uint_eq(io(IO_HIO), 1);
	ck_assert_uint_eq(status_of(DEV), UX);
	ck_assert_uint_eq(write_bytes(DEV, "2D"), OK);
	if (halt_cases[_i].op == POLL)
		expect_bytes(fd, "32 32 C1 2D");
	expect_bytes(fd, "2D");
	close(fd);
}
END_TEST

START_TEST(halt_ends_enable)
{
	int fd;
	char byte;

	dev = attached(DEV, "dial=in lport=0");
	ck_assert_uint_eq(start(DEV, ENABLE, 0, 1), 0);
	ck_assert_uint_eq(io(IO_HIO), 1);
	ck_assert_uint_eq(status_of(DEV), UX);
	fd = connect_to(port_of(dev)); /* nobody answers */
	ck_assert_int_le(recv(fd, &byte, 1, 0), 0);
	close(fd);
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), UC);
	check_sense(DEV, SENSE0_COMMAND_REJECT);
}
END_TEST

START_TEST(the_other_side_hangs_up)
{
	int fd = called("dial=in lport=0");

	ck_assert_uint_eq(start(DEV, INHIBIT, INTO, 128), 0);
	close(fd);
	ck_assert_uint_eq(status_of(DEV), UC);
	check_sense(DEV, SENSE0_INTERVENTION);
	ck_assert_uint_eq(write_bytes(DEV, "2D"), UC);
	check_sense(DEV, SENSE0_INTERVENTION);
	/* and calls again */
	ck_assert_uint_eq(start(DEV, ENABLE, 0, 1), 0);
	fd = connect_to(port_of(dev));
	ck_assert_uint_eq(status_of(DEV), OK);
	close(fd);
}
END_TEST

/* Has a command ended, though nothing has woken the device? */
static bool ended_at_once(void)
{
	uint16_t who;

	return channels_interruption(cs, channel_bit(DEV), 0, &who);
}

/* Whatever was sent before the other side has hung up, was sent. */
START_TEST(the_other_side_hears_all_and_hangs_up)
{
	enum { LONG = 0x4000 };
	int fd = called("dial=in lport=0"), writes = 0;
	const uint8_t eot = 0x37;
	static uint8_t bytes[0x40000];
	ssize_t n;

	poke(DATA + LONG - 1, &eot, 1);
	do {
		ck_assert_uint_eq(start(DEV, WRITE, DATA, LONG), 0);
		writes++;
	} while (ended_at_once());
	while (writes) {
		n = recv(fd, bytes, sizeof(bytes), 0);
		ck_assert_int_gt(n, 0);
		while (n--)
			writes -= bytes[n] == eot;
	}
	close(fd);
	while (strstr(state_of(dev), "enabled, connected"))
		sched_yield();
	ck_assert_uint_eq(status_of(DEV), OK);
	ck_assert_uint_eq(write_bytes(DEV, "2D"), UC);
}
END_TEST

/* But not what was to be sent yet. */
START_TEST(the_other_side_hangs_up_in_a_write)
{
	int fd = called("dial=in lport=0");

	do
		ck_assert_uint_eq(start(DEV, WRITE, DATA, 0x4000), 0);
	while (ended_at_once());
	close(fd);
	ck_assert_uint_eq(status_of(DEV), UC);
	check_sense(DEV, SENSE0_INTERVENTION);
}
END_TEST

START_TEST(last_words_are_heard)
{
	int fd = called("dial=in lport=0");

	send_bytes(fd, "37 2D");
	close(fd);
	until_state(dev, "disconnected");
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), UX);
	check_read("37");
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("2D");
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), UC);
	check_sense(DEV, SENSE0_INTERVENTION);
}
END_TEST

START_TEST(a_second_caller_is_refused)
{
	int fd = called("dial=in lport=0"), second = connect_to(port_of(dev));
	char byte;

	ck_assert_int_le(recv(second, &byte, 1, 0), 0);
	send_bytes(fd, "2D");
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	close(second);
	close(fd);
}
END_TEST

START_TEST(a_flood_of_calls)
{
	int fd = called("dial=in lport=0");
	uint16_t port = port_of(dev);

	for (int i = 0; i < 300; i++)
		close(connect_to(port));
	send_bytes(fd, "02 C1 03");
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("02 C1 03");
	close(fd);
}
END_TEST

START_TEST(disable_hangs_up)
{
	int fd = called("dial=in lport=0");
	char byte;

	ck_assert_uint_eq(command(DEV, DISABLE, 0, 1), OK);
	ck_assert_int_le(recv(fd, &byte, 1, 0), 0);
	close(fd);
}
END_TEST

START_TEST(a_write_while_the_other_talks)
{
	int fd = called("dial=in lport=0");

	send_bytes(fd, "2D");
	ck_assert_uint_eq(command(DEV, PREPARE, 0, 1), OK);
	ck_assert_uint_eq(write_bytes(DEV, "2D"), UX);
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("2D");
	close(fd);
}
END_TEST

/* What is a feature that it does not have, or of no 2703 at all. */
START_TEST(unknown_commands)
{
	static const uint8_t codes[] = { 0x0E, 0x1E, 0x05, 0xE4, 0x07, 0x0F };

	dev = attached(DEV, "lport=0 dial=in");
	for (size_t i = 0; i < sizeof(codes); i++) {
		ck_assert_uint_eq(command(DEV, codes[i], INTO, 7), UC);
		check_sense(DEV, SENSE0_COMMAND_REJECT);
	}
}
END_TEST

START_TEST(polling)
{
	static const uint8_t list[] = { 0xC1, 0xC1, BSC_ENQ, 1, 0xC2, BSC_ENQ, 2 };
	int fd = called("dial=in lport=0");

	poke(DATA, list, sizeof(list));
	ck_assert_uint_eq(start(DEV, POLL, DATA, sizeof(list)), 0);
	expect_bytes(fd, "32 32 C1 C1 2D");
	send_bytes(fd, "32 37");
	expect_bytes(fd, "32 32 C2 2D");
	send_bytes(fd, "32 02 E7 03");
	ck_assert_uint_eq(status_of(DEV), SM);
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("02 02 E7 03"); /* the index byte; STX... */
	/* Nobody has anything to say. */
	ck_assert_uint_eq(start(DEV, POLL, DATA + 4, 3), 0);
	expect_bytes(fd, "32 32 C2 2D");
	send_bytes(fd, "37");
	ck_assert_uint_eq(status_of(DEV), OK);
	/* A list that makes no sense. */
	ck_assert_uint_eq(command(DEV, POLL, DATA, 2), UC);
	check_sense(DEV, SENSE0_DATA_CHECK);
	close(fd);
}
END_TEST

/* 127.0.0.1 and the port in the digits of a telephone number. */
static uint16_t number_of(uint16_t port)
{
	char text[40];
	uint8_t digits[40];
	size_t n = (size_t)snprintf(text, sizeof(text), "127=0=0=1=%u<", port);

	for (size_t i = 0; i < n; i++)
		digits[i] = text[i] == '='   ? 0x0D
			    : text[i] == '<' ? 0x0C
					     : (uint8_t)text[i];
	poke(DATA, digits, n);
	return (uint16_t)n;
}

START_TEST(dialing)
{
	uint16_t n;

	dev = attached(DEV, "dial=in lport=0");
	far_dev = attached(FAR_END, "dial=out");
	n = number_of(port_of(dev));
	ck_assert_uint_eq(command(FAR_END, ENABLE, 0, 1), UC);
	ck_assert_uint_eq(command(DEV, DIAL, DATA, n), UC);
	check_sense(DEV, SENSE0_COMMAND_REJECT);
	ck_assert_uint_eq(start(DEV, ENABLE, 0, 1), 0);
	ck_assert_uint_eq(command(FAR_END, DIAL, DATA, n), OK);
	ck_assert_uint_eq(status_of(DEV), OK);
	ck_assert_uint_eq(command(FAR_END, DIAL, DATA, n), UC);
	check_sense(FAR_END, SENSE0_COMMAND_REJECT);
	ck_assert_uint_eq(write_bytes(FAR_END, "2D"), OK);
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
}
END_TEST

START_TEST(a_number_that_is_none)
{
	static const char *const numbers[] = { "",
					       "1",
					       "1=2=3=4=",
					       "1=2=3=4=5=6",
					       "256=0=0=1=9",
					       "1=2=3=4=65536",
					       "1=2=3=4=:",
					       "1=2<3=4=5" };

	far_dev = attached(FAR_END, "dial=out");
	for (unsigned i = 0; i < ARRAY_SIZE(numbers); i++) {
		size_t n = strlen(numbers[i]);
		uint8_t digits[40];

		memcpy(digits, numbers[i], n);
		for (size_t k = 0; k < n; k++)
			if (digits[k] == '=' || digits[k] == '<')
				digits[k] = digits[k] == '=' ? 0x0D : 0x0C;
		poke(DATA, digits, n);
		ck_assert_msg(command(FAR_END, DIAL, DATA, (uint16_t)(n ? n : 1)) == UC,
			      "%s", numbers[i]);
	}
	/* and one where nobody is */
	ck_assert_uint_eq(command(FAR_END, DIAL, DATA, number_of(1)), UC);
	check_sense(FAR_END, SENSE0_INTERVENTION);
}
END_TEST

/* Both call, again and again: whatever crosses, they must end up on one connection. */
START_TEST(both_ends_of_a_leased_line_call)
{
	uint16_t port = free_ports();
	unsigned near, far;
	char words[80];

	for (int i = 0; i < 20; i++) {
		snprintf(words, sizeof(words),
			 "dial=no lport=%u rhost=127.0.0.1 rport=%u", port, port + 1);
		dev = attached(DEV, words);
		snprintf(words, sizeof(words),
			 "dial=no lport=%u rhost=127.0.0.1 rport=%u", port + 1, port);
		far_dev = attached(FAR_END, words);
		near = start(DEV, ENABLE, 0, 1); /* 1: there at once */
		far = start(FAR_END, ENABLE, 0, 1);
		ck_assert(near == 1 || status_of(DEV) == OK);
		ck_assert(far == 1 || status_of(FAR_END) == OK);
		ck_assert_uint_eq(write_bytes(i % 2 ? DEV : FAR_END, "2D"), OK);
		ck_assert_uint_eq(command(i % 2 ? FAR_END : DEV, INHIBIT, INTO, 128), OK);
		ck_assert_uint_eq(write_bytes(i % 2 ? FAR_END : DEV, "10 70"), OK);
		ck_assert_uint_eq(command(i % 2 ? DEV : FAR_END, INHIBIT, INTO, 128), OK);
		ck_assert(channels_detach(cs, DEV));
		ck_assert(channels_detach(cs, FAR_END));
	}
}
END_TEST

/* clang-format off */
static const struct word_case {
	const char *words, *why;
} word_cases[] = {
	{ "dial=in", "lport= is missing" },
	{ "dial=no lport=0", "needs rhost=" },
	{ "dial=maybe lport=0", "dial='maybe'" },
	{ "lport=0 nonsense", "'nonsense' is not KEY=VALUE" },
	{ "dial=in lport=0 colour=red", "'colour'" },
	{ "dial=in lport=0 rto=soon", "'soon' is no number" },
	{ "dial=in lport=0 skip=123", "'123' is not up to" },
	{ "dial=in lport=0 append=0102030405", "up to 4" },
	{ "dial=in lport=0 term=vt100", "'vt100'" },
	{ "dial=in lport=65537", "65537 is no port" },
	{ "dial=no lport=0 rhost=127.0.0.1 rport=0", "0 is no port" },
	{ "dial=in lport=no-such-service", "no-such-service" },
};
/* clang-format on */

START_TEST(bad_words)
{
	const struct word_case *c = &word_cases[_i];
	struct error err = { 0 };

	ck_assert_msg(!attach(0x500, c->words, &err), "%s: accepted", c->words);
	ck_assert_msg(strstr(err.text, c->why), "%s: %s", c->words, err.text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("line");
	TCase *tc = tcase_create("line");

	tcase_add_checked_fixture(tc, line_setup, rig_teardown);
	tcase_add_test(tc, a_conversation);
	tcase_add_test(tc, transparent_text);
	tcase_add_test(tc, a_message_in_two_reads);
	tcase_add_test(tc, error_index_bytes_on_demand);
	tcase_add_test(tc, a_read_times_out);
	tcase_add_test(tc, a_time_limit_below_zero_is_none);
	tcase_add_loop_test(tc, halt_ends_what_waits, 0, ARRAY_SIZE(halt_cases));
	tcase_add_test(tc, halt_ends_enable);
	tcase_add_test(tc, the_other_side_hangs_up);
	tcase_add_test(tc, the_other_side_hears_all_and_hangs_up);
	tcase_add_test(tc, the_other_side_hangs_up_in_a_write);
	tcase_add_test(tc, last_words_are_heard);
	tcase_add_test(tc, a_second_caller_is_refused);
	tcase_add_test(tc, a_flood_of_calls);
	tcase_add_test(tc, disable_hangs_up);
	tcase_add_test(tc, a_write_while_the_other_talks);
	tcase_add_test(tc, unknown_commands);
	tcase_add_test(tc, polling);
	tcase_add_test(tc, dialing);
	tcase_add_test(tc, a_number_that_is_none);
	tcase_add_test(tc, both_ends_of_a_leased_line_call);
	tcase_add_loop_test(tc, bad_words, 0, ARRAY_SIZE(word_cases));
	suite_add_tcase(s, tc);
	return run_suite(s);
}
