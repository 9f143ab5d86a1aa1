/*
 * Two lines of a 2703 that a cable inside this process joins.
 */
#include "devices/line_cable.h"
#include "tests/unit/line_rig.h"

static struct device *cabled(uint16_t address, struct line_end *end, const char *word)
{
	char cable[] = "cable=yes", more[40], *argv[] = { cable, more };
	const struct machine_request req = {
		.address = address,
		.class_name = "2703",
		.argc = word ? 2 : 1,
		.argv = argv,
		.line = end,
	};
	struct error err = { 0 };
	struct device *d;

	snprintf(more, sizeof(more), "%s", word ? word : "");
	d = channels_attach(cs, device_class_find("2703"), NULL, &req, &err);
	ck_assert_msg(d, "%s", err.text);
	return d;
}

static void cable_setup(struct line_end *ends[2])
{
	ck_assert(line_cable_new(ends));
	dev = cabled(DEV, ends[0], NULL);
	far_dev = cabled(FAR_END, ends[1], NULL);
	ck_assert_uint_eq(start(DEV, ENABLE, 0, 1), 0);
	ck_assert(line_end_answers(ends[0]));
	ck_assert(!line_end_answers(ends[1]));
	ck_assert_uint_eq(command(FAR_END, ENABLE, 0, 1), OK);
	ck_assert_uint_eq(status_of(DEV), OK);
}

START_TEST(a_cable)
{
	struct line_end *ends[2];

	cable_setup(ends);
	ck_assert_uint_eq(start(DEV, READ, INTO, 128), 0);
	ck_assert_uint_eq(write_bytes(FAR_END, "32 02 C1 03"), OK);
	ck_assert_uint_eq(status_of(DEV), OK);
	check_read("02 C1 03");
	ck_assert_uint_eq(write_bytes(DEV, "10 70 37"), OK);
	ck_assert_uint_eq(command(DEV, DISABLE, 0, 1), OK);
	ck_assert_uint_eq(command(FAR_END, READ, INTO, 128), OK);
	ck_assert_uint_eq(command(FAR_END, READ, INTO, 128), UX);
	ck_assert_uint_eq(command(FAR_END, READ, INTO, 128), UC);
	check_sense(FAR_END, SENSE0_INTERVENTION);
}
END_TEST

START_TEST(a_cable_is_pulled_out)
{
	const struct machine_request none = { .kind = MACHINE_MOUNT };
	struct line_end *ends[2];

	cable_setup(ends);
	ck_assert_uint_eq(start(DEV, INHIBIT, INTO, 128), 0);
	ck_assert(far_dev->class->request(far_dev, &none, NULL));
	ck_assert_uint_eq(status_of(DEV), UC);
	check_sense(DEV, SENSE0_INTERVENTION);
	ck_assert_uint_eq(write_bytes(FAR_END, "2D"), UC);
	ck_assert(!line_end_answers(ends[0]));
	/* The other line goes with a command waiting. */
	ck_assert_uint_eq(start(DEV, ENABLE, 0, 1), 0);
	ck_assert(channels_detach(cs, DEV));
	dev = NULL;
}
END_TEST

/* A WRITE of more than the line holds ends when the other side has read. */
START_TEST(a_long_write_over_a_cable)
{
	struct line_end *ends[2];
	unsigned unit = OK;

	cable_setup(ends);
	for (int i = 0; i < 30000; i++)
		poke(0x10000 + (uint32_t)i, "\xC1", 1);
	poke(0x10000, "\x02", 1);
	poke(0x10000 + 29999, "\x03", 1);
	ck_assert_uint_eq(start(FAR_END, WRITE, 0x10000, 30000), 0);
	unit = command(DEV, READ, 0x20000, 30000);
	ck_assert_uint_eq(unit, OK);
	ck_assert_uint_eq(residual(), 0);
	ck_assert_uint_eq(status_of(FAR_END), OK);
}
END_TEST

START_TEST(a_cable_is_pulled_out_in_a_write)
{
	const struct machine_request none = { .kind = MACHINE_MOUNT };
	struct line_end *ends[2];

	cable_setup(ends);
	ck_assert_uint_eq(start(FAR_END, WRITE, 0x10000, 30000), 0);
	ck_assert(dev->class->request(dev, &none, NULL));
	ck_assert_uint_eq(status_of(FAR_END), UC);
	check_sense(FAR_END, SENSE0_INTERVENTION);
}
END_TEST

static unsigned clock_set;

static void set_clock(void *arg, unsigned ms)
{
	(void)arg;
	clock_set = ms;
}

START_TEST(a_time_limit_over_a_cable)
{
	struct line_end *ends[2];

	cable_setup(ends);
	line_end_hold(ends[0]);
	line_end_clock(ends[0], set_clock, NULL);
	ck_assert_uint_eq(start(DEV, READ, INTO, 128), 0);
	ck_assert_uint_eq(clock_set, 3000);
	line_end_expire(ends[0]);
	ck_assert_uint_eq(status_of(DEV), UC);
	check_sense(DEV, 0x01);
	ck_assert_uint_eq(clock_set, 0);
	ck_assert(channels_detach(cs, DEV));
	dev = NULL;
	line_end_expire(ends[0]); /* too late, and harmless */
	line_end_release(ends[0]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("line cable");
	TCase *tc = tcase_create("line cable");

	tcase_add_checked_fixture(tc, line_setup, rig_teardown);
	tcase_add_test(tc, a_cable);
	tcase_add_test(tc, a_cable_is_pulled_out);
	tcase_add_test(tc, a_long_write_over_a_cable);
	tcase_add_test(tc, a_cable_is_pulled_out_in_a_write);
	tcase_add_test(tc, a_time_limit_over_a_cable);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
