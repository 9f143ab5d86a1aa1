/* Fixed-block disks: GA26-1660 (3310), GA26-1657 (3370). */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dasd/volume.h"
#include "tests/unit/channel_rig.h"

#define BLOCKS 500

static struct device *dev;
static char directory[40], path[64];

static void attach(const char *word1, const char *word2)
{
	const char *const argv[] = { path, word1, word2 };
	const struct machine_request req = {
		.address = DEV,
		.class_name = "3310",
		.argc = word2	? 3
			: word1 ? 2
				: 1,
		.argv = (char *const *)(uintptr_t)argv,
	};

	dev = channels_attach(cs, device_class_find("3310"), NULL, &req, NULL);
	ck_assert_ptr_nonnull(dev);
}

static void setup(void)
{
	const struct volume_new what = {
		.format = VOLUME_FBA,
		.fba_type = 0x10,
		.blocks = BLOCKS,
		.replace = true,
	};
	struct error err = { 0 };

	strcpy(directory, "/tmp/test_fba_XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/volume", directory);
	ck_assert_msg(volume_create(path, &what, &err), "%s", err.text);
	rig_setup();
	attach(NULL, NULL);
}

static void teardown(void)
{
	rig_teardown();
	unlink(path);
	rmdir(directory);
}

/*
 * DEFINE EXTENT of relative blocks 10-19 at physical block 100, LOCATE, and one
 * transfer. Returns the unit status.
 */
static unsigned transfer(uint8_t mask, uint8_t operation, uint32_t start, uint16_t count,
			 uint8_t command, uint16_t bytes)
{
	uint8_t extent[16] = { mask }, where[8] = { operation }, csw[8];
	uint16_t who;

	put_be32(extent + 4, 100);
	put_be32(extent + 8, 10);
	put_be32(extent + 12, 19);
	put_be16(where + 2, count);
	put_be32(where + 4, start);
	poke(0x3000, extent, 16);
	poke(0x3010, where, 8);
	ccw(PROGRAM, 0x63, 0x3000, CC, 16);
	ccw(PROGRAM + 8, 0x43, 0x3010, CC, 8);
	ccw(PROGRAM + 16, command, DATA, SLI, bytes);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	ck_assert(channels_interruption(cs, 0xFFFFFFFF, 0, &who));
	peek(0x40, csw, 8);
	return csw[4];
}

START_TEST(writes_and_reads_blocks)
{
	uint8_t b[1024];

	memset(b, 'A', 512);
	memset(b + 512, 'B', 512);
	poke(DATA, b, 1024);
	ck_assert_uint_eq(transfer(0, 0x01, 12, 2, 0x41, 1024), 0x0C);
	memset(b, 0, sizeof(b));
	poke(DATA, b, 1024);
	ck_assert_uint_eq(transfer(0, 0x06, 13, 1, 0x42, 512), 0x0C);
	peek(DATA, b, 512);
	ck_assert_uint_eq(b[0], 'B');
	ck_assert(channels_detach(cs, DEV));
	attach("offset=100", "blocks=20"); /* a minidisk: block 3 is the same */
	ccw(PROGRAM, 0x02, DATA, SLI, 512);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("read IPL", PROGRAM + 8, 0x0C00, 0);
	peek(DATA, b, 512);
	ck_assert_uint_eq(b[0], 0);
}
END_TEST

START_TEST(a_short_last_block_is_zeros)
{
	uint8_t b[512];

	memset(b, 'A', 512);
	poke(DATA, b, 512);
	ck_assert_uint_eq(transfer(0, 0x01, 10, 1, 0x41, 512), 0x0C);
	ck_assert_uint_eq(transfer(0, 0x01, 10, 1, 0x41, 3), 0x0C);
	ck_assert_uint_eq(transfer(0, 0x06, 10, 1, 0x42, 512), 0x0C);
	peek(DATA, b, 512);
	ck_assert_mem_eq(b, "AAA\0", 4);
	ck_assert_uint_eq(b[511], 0);
}
END_TEST

static const struct refusal {
	const char *what;
	uint8_t mask, operation;
	uint32_t start;
	uint16_t count;
	uint8_t command, sense0, sense1;
} refusals[] = {
	{"below the extent",	      0,	 0x06, 9,  1, 0x42, 0,    0x04},
	{ "beyond the extent",	       0,	  0x06, 19, 2, 0x42, 0,	0x04},
	{ "no blocks",		       0,	  0x06, 10, 0, 0x42, 0x80, 0   },
	{ "no such operation",	       0,	  0x0A, 10, 1, 0x42, 0x80, 0   },
	{ "write inhibited",	     0x40, 0x01, 10, 1, 0x41, 0x80, 0x02},
	{ "write after a read locate", 0,	  0x06, 10, 1, 0x41, 0x80, 0   },
	{ "read after a write locate", 0,	  0x01, 10, 1, 0x42, 0x80, 0   },
	{ "bad extent mask",	     0x10, 0x06, 10, 1, 0x42, 0x80, 0   },
	{ "no such command",	     0,	0x06, 10, 1, 0x05, 0x80, 0   },
};

START_TEST(refused)
{
	const struct refusal *c = &refusals[_i];

	ck_assert_msg(transfer(c->mask, c->operation, c->start, c->count, c->command,
			       512) == 0x0E,
		      "%s", c->what);
	ck_assert_msg(dev->sense[0] == c->sense0, "%s: %02X", c->what, dev->sense[0]);
	ck_assert_msg(dev->sense[1] == c->sense1, "%s: %02X", c->what, dev->sense[1]);
}
END_TEST

START_TEST(locate_needs_an_extent)
{
	uint8_t where[8] = { 0x06, 0, 0, 1 };

	poke(0x3010, where, 8);
	ccw(PROGRAM, 0x43, 0x3010, 0, 8);
	ck_assert_uint_eq(sio(0, PROGRAM), 1); /* refused before any data moved */
	check_csw("locate", 0xEEEEEE, 0x0E00, 0xEEEE);
}
END_TEST

START_TEST(characteristics)
{
	uint8_t b[32];

	ccw(PROGRAM, 0x64, DATA, 0, 32);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("characteristics", PROGRAM + 8, 0x0C00, 0);
	peek(DATA, b, 32);
	ck_assert_uint_eq(be16(b + 4), 512);
	ck_assert_uint_eq(be32(b + 6), 32);
	ck_assert_uint_eq(be32(b + 14), BLOCKS);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fba");
	TCase *tc = tcase_create("fba");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, writes_and_reads_blocks);
	tcase_add_test(tc, a_short_last_block_is_zeros);
	tcase_add_loop_test(tc, refused, 0, sizeof(refusals) / sizeof(refusals[0]));
	tcase_add_test(tc, locate_needs_an_extent);
	tcase_add_test(tc, characteristics);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
