/*
 * Two drives with one volume behind them, as two machines share a minidisk: RESERVE
 * and RELEASE of GA26-1592 (3830), "Device Reserve". The test carries the wake-up
 * that machines post to each other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dasd/reserve.h"
#include "dasd/volume.h"
#include "tests/unit/channel_rig.h"

enum { RESERVE = 0xB4, RELEASE = 0x94, UNCONDITIONAL = 0x14, NOP = 0x03, SENSE = 0x04 };

#define OTHER (DEV + 1)

static char path[40];
static struct volume *vol;

static struct device *attach(uint16_t address, const char *word1, const char *word2,
			     const char *word3)
{
	const char *const argv[] = { word1, word2, word3 };
	const struct machine_request req = {
		.address = address,
		.class_name = "3330",
		.volume = vol,
		.argc = word3	? 3
			: word2 ? 2
			: word1 ? 1
				: 0,
		.argv = (char *const *)(uintptr_t)argv,
	};
	struct error err = { 0 };
	struct device *dev =
		channels_attach(cs, device_class_find("3330"), NULL, &req, &err);

	ck_assert_msg(dev, "%s", err.text);
	return dev;
}

static void setup(void)
{
	const struct volume_new what = {
		.format = VOLUME_CKD,
		.geometry = geometry_find("3330"),
		.cylinders = 10,
		.replace = true,
	};
	struct error err = { 0 };

	strcpy(path, "/tmp/test_share_XXXXXX");
	ck_assert_int_ge(mkstemp(path), 0);
	ck_assert_msg(volume_create(path, &what, &err), "%s", err.text);
	vol = volume_open(path, NULL, &err);
	ck_assert_msg(vol, "%s", err.text);
	rig_setup();
}

static void teardown(void)
{
	rig_teardown();
	ck_assert(volume_close(vol, NULL));
	unlink(path);
}

/* Unit status of one command at a drive: of the interruption, or of cc 1. */
static unsigned command(uint16_t address, uint8_t op)
{
	uint8_t caw[4], csw[8] = { 0 };
	uint16_t who;

	poke(0x40, csw, 8);
	put_be32(caw, PROGRAM);
	poke(0x48, caw, 4);
	ccw(PROGRAM, op, DATA, SLI, 24);
	if (channels_io(cs, IO_SIO, address, 0) == 0) {
		ck_assert(channels_interruption(cs, 0xFFFFFFFF, 0, &who));
		ck_assert_uint_eq(who, address);
	}
	peek(0x40, csw, 8);
	return csw[4];
}

static void check(const char *what, uint16_t address, uint8_t op, unsigned status)
{
	unsigned got = command(address, op);

	ck_assert_msg(got == status, "%s: status %02X, not %02X", what, got, status);
}

#define GOOD (US_CE | US_DE)

START_TEST(the_other_drive_is_busy_until_release)
{
	const struct machine_request wake = { .kind = MACHINE_WAKE_DEVICE };
	struct device *other;
	uint8_t csw[8];
	uint16_t who;

	attach(DEV, "shared", NULL, NULL);
	other = attach(OTHER, "shared", NULL, NULL);
	check("nobody has it", OTHER, NOP, GOOD);
	check("reserve", DEV, RESERVE, GOOD);
	check("the holder goes on", DEV, NOP, GOOD);
	check("the holder again", DEV, RESERVE, GOOD);
	check("busy", OTHER, NOP, US_BUSY);
	check("SENSE, too", OTHER, SENSE, US_BUSY);
	check("RESERVE, too", OTHER, RESERVE, US_BUSY);
	check("RELEASE of what another has", OTHER, RELEASE, US_BUSY);
	check("release", DEV, RELEASE, GOOD);
	ck_assert(other->class->request(other, &wake, NULL));
	ck_assert(channels_interruption(cs, 0xFFFFFFFF, 0, &who));
	ck_assert_uint_eq(who, OTHER);
	peek(0x40, csw, 8);
	ck_assert_uint_eq(csw[4], US_DE);
	check("free", OTHER, RESERVE, GOOD);
	check("and the other way round", DEV, NOP, US_BUSY);
}
END_TEST

START_TEST(unconditional_reserve_takes_it)
{
	attach(DEV, "shared", NULL, NULL);
	attach(OTHER, "shared", NULL, NULL);
	check("reserve", DEV, RESERVE, GOOD);
	check("take", OTHER, UNCONDITIONAL, GOOD);
	check("lost", DEV, NOP, US_BUSY);
}
END_TEST

START_TEST(reset_and_detach_release)
{
	attach(DEV, "shared", NULL, NULL);
	attach(OTHER, "shared", NULL, NULL);
	check("reserve", DEV, RESERVE, GOOD);
	ck_assert(channels_reset_device(cs, DEV));
	check("after a reset", OTHER, RESERVE, GOOD);
	ck_assert(channels_detach(cs, OTHER));
	check("after detach", DEV, NOP, GOOD);
}
END_TEST

START_TEST(other_minidisks_are_not_disturbed)
{
	attach(DEV, "shared", "offset=1", "cylinders=3");
	attach(OTHER, "shared", "offset=4", "cylinders=3");
	attach(OTHER + 1, "shared", "offset=3", "cylinders=1");
	check("reserve", DEV, RESERVE, GOOD);
	check("behind it", OTHER, NOP, GOOD);
	check("inside it", OTHER + 1, NOP, US_BUSY);
}
END_TEST

START_TEST(not_shared_is_only_sense)
{
	attach(DEV, NULL, NULL, NULL);
	attach(OTHER, NULL, NULL, NULL);
	check("reserve", DEV, RESERVE, GOOD);
	check("not kept out", OTHER, NOP, GOOD);
}
END_TEST

static void count(struct volume_user *user)
{
	++*(unsigned *)user->arg;
}

START_TEST(who_was_refused_is_told_once)
{
	unsigned told[2] = { 0, 0 };
	struct volume_user a = { .count = 5, .released = count, .arg = &told[0] };
	struct volume_user b = { .count = 5, .released = count, .arg = &told[1] };

	volume_user_add(vol, &a);
	volume_user_add(vol, &b);
	ck_assert(volume_reserve(vol, &a, false));
	ck_assert(!volume_user_admitted(vol, &b));
	ck_assert(!volume_reserve(vol, &b, false));
	volume_release(vol, &b);
	ck_assert_uint_eq(told[1], 0);
	volume_release(vol, &a);
	volume_release(vol, &a);
	ck_assert_uint_eq(told[0], 0);
	ck_assert_uint_eq(told[1], 1);
	ck_assert(volume_user_admitted(vol, &b));
	volume_user_remove(vol, &a);
	volume_user_remove(vol, &b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("shared disks");
	TCase *tc = tcase_create("shared disks");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_other_drive_is_busy_until_release);
	tcase_add_test(tc, unconditional_reserve_takes_it);
	tcase_add_test(tc, reset_and_detach_release);
	tcase_add_test(tc, other_minidisks_are_not_disturbed);
	tcase_add_test(tc, not_shared_is_only_sense);
	tcase_add_test(tc, who_was_refused_is_told_once);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
