/* Card readers and decks in host files: GA24-3312. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/channel_rig.h"

static struct device *dev;
static char directory[] = "/tmp/test_reader_XXXXXX";
static char cards[64], text[64];

static void write_file(const char *path, const void *data, size_t n)
{
	FILE *f = fopen(path, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(data, 1, n, f), n);
	fclose(f);
}

static void setup(void)
{
	uint8_t deck[160];

	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(cards, sizeof(cards), "%s/cards", directory);
	snprintf(text, sizeof(text), "%s/text", directory);
	memset(deck, 0x40, sizeof(deck));
	deck[0] = 0xC1;	 /* A */
	deck[80] = 0xC2; /* B */
	write_file(cards, deck, sizeof(deck));
	write_file(text, "Line 1\r\n\tTab\n", 13);
	rig_setup();
}

static void teardown(void)
{
	rig_teardown();
	unlink(cards);
	unlink(text);
	rmdir(directory);
	memcpy(directory + sizeof(directory) - 7, "XXXXXX", 6);
}

static struct device *attach(const char *type, int argc, const char *const *argv,
			     struct error *err)
{
	const struct machine_request req = {
		.address = DEV,
		.class_name = type,
		.argc = argc,
		.argv = (char *const *)(uintptr_t)argv,
	};

	return dev = channels_attach(cs, device_class_find(type), NULL, &req, err);
}

static bool mount(int argc, const char *const *argv)
{
	const struct machine_request req = {
		.kind = MACHINE_MOUNT,
		.argc = argc,
		.argv = (char *const *)(uintptr_t)argv,
	};

	return dev->class->request(dev, &req, NULL);
}

/* Execute one command; the unit status. */
static unsigned command(uint8_t op, unsigned count)
{
	uint8_t csw[8];
	uint16_t who;

	ccw(PROGRAM, op, DATA, SLI, (uint16_t)count);
	if (sio(0, PROGRAM) == 0)
		ck_assert(channels_interruption(cs, 0xFFFFFFFF, 0, &who));
	peek(0x40, csw, 8);
	ck_assert_uint_eq(csw[5], 0);
	return csw[4];
}

static uint8_t column(unsigned n)
{
	uint8_t b;

	peek(DATA + n, &b, 1);
	return b;
}

START_TEST(reads_decks_one_after_the_other)
{
	char both[160];
	const char *const argv[] = { both };

	snprintf(both, sizeof(both), "%s+%s", cards, text);
	ck_assert_ptr_nonnull(attach("2540R", 1, argv, NULL));
	ck_assert_uint_eq(command(0x02, 80), 0x0C);
	ck_assert_uint_eq(column(0), 0xC1);
	ck_assert_uint_eq(command(0x42, 80), 0x0C);
	ck_assert_uint_eq(column(0), 0xC2);
	ck_assert_uint_eq(command(0x02, 80), 0x0C);
	ck_assert_uint_eq(column(0), 0xD3); /* L */
	ck_assert_uint_eq(column(5), 0xF1);
	ck_assert_uint_eq(column(6), 0x40); /* no carriage return */
	ck_assert_uint_eq(column(79), 0x40);
	ck_assert_uint_eq(command(0x82, 80), 0x0C);
	ck_assert_uint_eq(column(7), 0x40);
	ck_assert_uint_eq(column(8), 0xE3);	    /* T behind the tab */
	ck_assert_uint_eq(command(0x02, 80), 0x0D); /* end of file, told once */
	ck_assert_uint_eq(command(0x02, 80), 0x02);
	ck_assert_uint_eq(dev->sense[0], SENSE0_INTERVENTION);
}
END_TEST

START_TEST(intrq_and_mount)
{
	const char *const argv[] = { cards, "ebcdic", "intrq" };

	ck_assert_ptr_nonnull(attach("3505", 3, argv, NULL));
	ck_assert_uint_eq(command(0x02, 80), 0x0C);
	ck_assert_uint_eq(command(0x02, 80), 0x0C);
	ck_assert_uint_eq(command(0x02, 80), 0x02);
	ck_assert_uint_eq(dev->sense[1], 0x10); /* a 3505 */
	ck_assert(mount(1, argv));
	interruption("not ready to ready", 0, 0x0400, 0);
	ck_assert_uint_eq(command(0x02, 80), 0x0C);
	ck_assert_uint_eq(column(0), 0xC1);
}
END_TEST

START_TEST(reading_without_feeding)
{
	const char *const argv[] = { cards };

	ck_assert_ptr_nonnull(attach("2540R", 1, argv, NULL));
	ck_assert_uint_eq(command(0xC2, 80), 0x0C);
	ck_assert_uint_eq(column(0), 0xC1);
	ck_assert_uint_eq(command(0x02, 80), 0x0C); /* the same card */
	ck_assert_uint_eq(column(0), 0xC1);
	ck_assert_uint_eq(command(0x02, 80), 0x0C);
	ck_assert_uint_eq(column(0), 0xC2);
}
END_TEST

START_TEST(feed_throws_a_card_away)
{
	const char *const argv[] = { cards };

	ck_assert_ptr_nonnull(attach("2540R", 1, argv, NULL));
	ck_assert_uint_eq(command(0x23, 1), 0x0C);
	ck_assert_uint_eq(command(0x02, 80), 0x0C);
	ck_assert_uint_eq(column(0), 0xC2);
	ck_assert_uint_eq(command(0x77, 1), 0x02);
	ck_assert_uint_eq(dev->sense[0], SENSE0_COMMAND_REJECT);
}
END_TEST

START_TEST(wrong_length)
{
	const char *const argv[] = { cards };

	ck_assert_ptr_nonnull(attach("2540R", 1, argv, NULL));
	ccw(PROGRAM, 0x02, DATA, 0, 100);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("100 columns", PROGRAM + 8, 0x0C40, 20);
}
END_TEST

START_TEST(bad_decks_are_refused_with_a_reason)
{
	const char *const missing[] = { "/nonexistent/deck" };
	const char *const odd[] = { text, "ebcdic" };
	const char *const wide[] = { text, "ascii" }, *const trunc[] = { text, "ascii",
									 "trunc" };
	struct error err = { 0 };

	ck_assert_ptr_null(attach("2540R", 1, missing, &err));
	ck_assert_str_eq(err.text,
			 "120 2540R: /nonexistent/deck: No such file or directory");
	ck_assert_ptr_null(attach("2540R", 2, odd, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "13 bytes are no whole number"));
	write_file(text,
		   "1234567890123456789012345678901234567890"
		   "12345678901234567890123456789012345678901\n",
		   82);
	ck_assert_ptr_null(attach("2540R", 2, wide, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "text:1: the line is longer"));
	ck_assert_ptr_nonnull(attach("2540R", 3, trunc, &err));
}
END_TEST

START_TEST(an_empty_hopper_can_be_at_its_end)
{
	const char *const argv[] = { text, "eof" };

	write_file(text, "", 0);
	ck_assert_ptr_nonnull(attach("3505", 2, argv, NULL));
	ck_assert_uint_eq(command(0x02, 80), 0x0D);
	ck_assert_uint_eq(command(0x02, 80), 0x02);
	ck_assert(channels_detach(cs, DEV));
	ck_assert_ptr_nonnull(attach("2501", 0, NULL, NULL));
	ck_assert_uint_eq(command(0x02, 80), 0x02);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("reader");
	TCase *tc = tcase_create("reader");
	const TTest *tests[] = {
		reads_decks_one_after_the_other,
		intrq_and_mount,
		reading_without_feeding,
		feed_throws_a_card_away,
		wrong_length,
		bad_decks_are_refused_with_a_reason,
		an_empty_hopper_can_be_at_its_end,
	};

	tcase_add_checked_fixture(tc, setup, teardown);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
