/*
 * Two channel-to-channel adapters and a cable: GA22-6983. Both are on channels of one machine;
 * the test carries the wake-ups that machines post to each other.
 */
#include "devices/ctca.h"
#include "tests/unit/pair_rig.h"

static struct device *attach(uint16_t address, struct ctca_link *link)
{
	const struct machine_request req = {
		.address = address,
		.class_name = "CTCA",
		.link = link,
	};

	return channels_attach(cs, device_class_find("CTCA"), NULL, &req, NULL);
}

static void setup(void)
{
	struct ctca_link *link = ctca_link_new();

	rig_setup();
	dev = attach(DEV, link);
	far_dev = attach(FAR_END, link);
	ck_assert_ptr_nonnull(dev);
	ck_assert_ptr_nonnull(far_dev);
	poke(DATA, "MESSAGE", 7);
}

static unsigned start(uint16_t address, uint8_t op, uint32_t data, uint16_t count)
{
	return start_ccw(address, op, data, 0, count);
}

/* The interruption of an end: unit status, channel status, count. */
static void check(uint16_t address, unsigned status, unsigned count)
{
	uint16_t who = 0;
	uint8_t csw[8];

	ck_assert(channels_interruption(cs, channel_bit(address), 0, &who));
	ck_assert_uint_eq(who, address);
	peek(0x40, csw, 8);
	ck_assert_uint_eq(be16(csw + 4), status);
	ck_assert_uint_eq(be16(csw + 6), count);
}

static uint8_t sensed(uint16_t address)
{
	uint8_t byte;

	ck_assert_uint_eq(start(address, 0x14, 0x3000, 1), 0);
	check(address, 0x0C00, 0);
	peek(0x3000, &byte, 1);
	return byte;
}

static void check_message(uint32_t at)
{
	uint8_t b[7];

	peek(at, b, 7);
	ck_assert_mem_eq(b, "MESSAGE", 7);
}

START_TEST(a_writer_waits_for_the_reader)
{
	ck_assert_uint_eq(sensed(FAR_END), 0);
	ck_assert_uint_eq(start(DEV, 0x01, DATA, 7), 0);
	ck_assert(!pending);
	ck_assert_uint_eq(sensed(FAR_END), 0x01);
	ck_assert_uint_eq(start(FAR_END, 0x02, 0x3000, 10), 0);
	ck_assert(!pending);
	wake(dev);
	check(DEV, 0x0C00, 0);
	wake(far_dev);
	check(FAR_END, 0x0C40, 3); /* shorter than the reader's count */
	check_message(0x3000);
	ck_assert_uint_eq(sensed(FAR_END), 0);
}
END_TEST

START_TEST(a_reader_waits_for_the_writer)
{
	ck_assert_uint_eq(start(FAR_END, 0x02, 0x3000, 5), 0);
	ck_assert_uint_eq(sensed(DEV), 0x02);
	ck_assert_uint_eq(start(DEV, 0x01, DATA, 7), 0);
	check(DEV, 0x0C40, 2); /* the reader took five */
	wake(far_dev);
	check(FAR_END, 0x0C00, 0);
}
END_TEST

START_TEST(the_same_command_is_busy)
{
	ck_assert_uint_eq(start(DEV, 0x01, DATA, 7), 0);
	ck_assert_uint_eq(start(FAR_END, 0x01, DATA, 7), 1);
	check_csw("both write", 0, 0x9000, 0);
	ck_assert_uint_eq(start(FAR_END, 0x07, DATA, 1), 1);
	check_csw("control", 0, 0x9000, 0);
}
END_TEST

START_TEST(control_is_over_when_sensed)
{
	ck_assert_uint_eq(start(DEV, 0x07, DATA, 1), 1);
	ck_assert_uint_eq(sensed(FAR_END), 0x07);
	wake(dev);
	check(DEV, 0x0400, 0);
	ck_assert_uint_eq(sensed(FAR_END), 0);
}
END_TEST

START_TEST(a_halted_reader_leaves_the_writer_waiting)
{
	ck_assert_uint_eq(start(DEV, 0x01, DATA, 7), 0);
	ck_assert_uint_eq(start(FAR_END, 0x02, 0x3000, 7), 0);
	ck_assert_uint_eq(channels_io(cs, IO_HIO, FAR_END, 0), 1);
	check(FAR_END, 0x0C00, 7);
	wake(dev);
	ck_assert(!pending);
	ck_assert_uint_eq(start(FAR_END, 0x02, 0x3000, 7), 0);
	wake(dev);
	wake(far_dev);
	check(DEV, 0x0C00, 0);
	check(FAR_END, 0x0C00, 0);
	check_message(0x3000);
}
END_TEST

START_TEST(end_of_file_in_extended_mode)
{
	ck_assert_uint_eq(start(DEV, 0x81, DATA, 1), 0);
	check(DEV, 0x0E40 & 0x0E00, 1); /* not in base mode */
	ck_assert_uint_eq(start(DEV, 0xC3, DATA, 1), 1);
	ck_assert_uint_eq(start(FAR_END, 0x02, 0x3000, 7), 0);
	ck_assert_uint_eq(start(DEV, 0x81, DATA, 1), 0);
	check(DEV, 0x0C40, 1);
	wake(far_dev);
	check(FAR_END, 0x0D40, 7);
}
END_TEST

START_TEST(nobody_at_the_other_end)
{
	ck_assert_uint_eq(start(FAR_END, 0x02, 0x3000, 7), 0);
	ck_assert(channels_detach(cs, DEV));
	wake(far_dev);
	check(FAR_END, 0x0E00, 7);
	ck_assert_uint_eq(far_dev->sense[0], SENSE0_INTERVENTION);
	ck_assert_uint_eq(start(FAR_END, 0x01, DATA, 7), 0);
	check(FAR_END, 0x0E00, 7);
	ck_assert_uint_eq(start(FAR_END, 0x03, DATA, 1), 1);
	dev = attach(DEV, NULL); /* not coupled at all */
	ck_assert_uint_eq(start(DEV, 0x14, DATA, 1), 0);
	check(DEV, 0x0E00, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ctca");
	TCase *tc = tcase_create("ctca");
	const TTest *tests[] = {
		a_writer_waits_for_the_reader,
		a_reader_waits_for_the_writer,
		the_same_command_is_busy,
		control_is_over_when_sensed,
		a_halted_reader_leaves_the_writer_waiting,
		end_of_file_in_extended_mode,
		nobody_at_the_other_end,
	};

	tcase_add_checked_fixture(tc, setup, rig_teardown);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
