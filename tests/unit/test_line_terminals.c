/*
 * Lines of a 2703 with a terminal at the other end: a teletype or a 2741, which is a
 * telnet client.
 */
#include "tests/unit/line_rig.h"

static void expect_text(int fd, const char *want)
{
	char got[200] = "";
	size_t n = strlen(want);

	receive(fd, got, n);
	ck_assert_str_eq(got, want);
}

START_TEST(a_teletype)
{
	static const uint8_t hi[] = { 0x12, 0x93, 0xB1,
				      0x50 }; /* "HI" CR LF, no parity */
	int fd = called("dial=in lport=0 lnctl=tele2 uctrans=yes");

	expect_text(fd, "CONNECTED TO LINE 120, TTY\r\n");
	poke(DATA, hi, sizeof(hi));
	ck_assert_uint_eq(command(DEV, WRITE, DATA, sizeof(hi)), OK);
	expect_text(fd, "HI\r\n");
	ck_assert_uint_eq(start(DEV, PREPARE, 0, 1), 0);
	ck_assert_int_eq(send(fd, "ac\r\n", 4, 0), 4);
	ck_assert_uint_eq(status_of(DEV), OK);
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("82 C3 B1");
	close(fd);
}
END_TEST

START_TEST(a_break_of_a_teletype)
{
	static const uint8_t idle[] = { 0xDF, 0xDF, 0xDF };
	int fd = called("dial=in lport=0 lnctl=tele2");

	ck_assert_uint_eq(start(DEV, READ, INTO, 128), 0);
	ck_assert_int_eq(send(fd, "ac\377\364", 4, 0), 4);
	ck_assert_uint_eq(status_of(DEV), UC);
	check_sense(DEV, SENSE0_INTERVENTION);
	/* Known while nothing waits; time fillers do not end it, output does. */
	ck_assert_int_eq(send(fd, "\377\363", 2, 0), 2);
	ck_assert_uint_eq(command(DEV, PREPARE, 0, 1), OK);
	ck_assert_int_eq(send(fd, "\377\363", 2, 0), 2);
	poke(DATA, idle, sizeof(idle));
	while (command(DEV, WRITE, DATA + 3, 3) == OK)
		wake_both();
	check_sense(DEV, SENSE0_INTERVENTION);
	ck_assert_uint_eq(command(DEV, WRITE, DATA, 3), OK);
	close(fd);
}
END_TEST

START_TEST(a_2741)
{
	static const uint8_t hello[] = { 0xE8, 0x62, 0x5B,
					 0x5E }; /* "Da", new line, idle */
	int fd = called("dial=in lport=0 lnctl=ibm1 term=2741 code=ebcd append=1F");

	expect_text(fd, "CONNECTED TO LINE 120, 2741\r\n");
	poke(DATA, hello, sizeof(hello));
	ck_assert_uint_eq(command(DEV, WRITE, DATA, sizeof(hello)), OK);
	expect_text(fd, "Da\r\n");
	ck_assert_int_eq(send(fd, "Da\r\n", 4, 0), 4);
	ck_assert_uint_eq(command(DEV, READ, INTO, 128), OK);
	check_read("E8 62 5B 1F");
	close(fd);
}
END_TEST

/* A client that never listens and never ends a line hurts nobody. */
START_TEST(a_hostile_client)
{
	int fd = called("dial=in lport=0 lnctl=tele2");
	static char asks[65536];
	time_t end = time(NULL) + PATIENCE;

	for (size_t i = 0; i < sizeof(asks); i++)
		asks[i] = "\377\375\001"[i % 3];
	for (int i = 0; i < 200; i++) {
		if (send(fd, asks, sizeof(asks), MSG_DONTWAIT) <= 0)
			wake_both();
	}
	ck_assert_uint_eq(start(DEV, READ, INTO, 128), 0);
	ck_assert_uint_eq(io(IO_HIO), 1);
	ck_assert_uint_eq(status_of(DEV), UX);
	close(fd);
	/* "disconnected" as long as something is to be read yet, then "nobody there" */
	while (strstr(state_of(dev), ", connected")) {
		ck_assert_msg(time(NULL) < end, "%s", state_of(dev));
		wake_both();
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("line terminals");
	TCase *tc = tcase_create("line terminals");

	tcase_add_checked_fixture(tc, line_setup, rig_teardown);
	tcase_add_test(tc, a_teletype);
	tcase_add_test(tc, a_break_of_a_teletype);
	tcase_add_test(tc, a_2741);
	tcase_add_test(tc, a_hostile_client);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
