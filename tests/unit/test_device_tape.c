/* Tape drives: GA32-0020 (3420), GA22-6866 (2400). */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/channel_rig.h"

static struct device *dev;
static char directory[40], path[64];

/* With further words on the line, parted by blanks. */
static bool mount(const char *type, const char *word)
{
	static char line[80];
	const char *argv[4] = { path };
	int argc = 1;
	struct machine_request req = {
		.kind = MACHINE_MOUNT,
		.address = DEV,
		.class_name = type,
		.argv = (char *const *)(uintptr_t)argv,
	};

	snprintf(line, sizeof(line), "%s", word ? word : "");
	for (char *w = strtok(line, " "); w; w = strtok(NULL, " "))
		argv[argc++] = w;
	req.argc = argc;
	if (dev)
		return dev->class->request(dev, &req, NULL);
	dev = channels_attach(cs, device_class_find(type), NULL, &req, NULL);
	return dev != NULL;
}

static void setup(void)
{
	strcpy(directory, "/tmp/test_tape_XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/tape.aws", directory);
	rig_setup();
	dev = NULL;
	ck_assert(mount("3420", NULL)); /* a new tape */
}

static void teardown(void)
{
	rig_teardown();
	unlink(path);
	rmdir(directory);
}

/* Execute one command; unit and channel status, the latter without PCI. */
static unsigned command(uint8_t op, unsigned count, uint8_t flags)
{
	uint8_t csw[8];
	uint16_t who;

	ccw(PROGRAM, op, DATA, flags, (uint16_t)count);
	if (sio(0, PROGRAM) == 0)
		ck_assert(channels_interruption(cs, 0xFFFFFFFF, 0, &who));
	peek(0x40, csw, 8);
	return be16(csw + 4);
}

static void write_block(const char *text)
{
	poke(DATA, text, strlen(text));
	ck_assert_uint_eq(command(0x01, (unsigned)strlen(text), 0), 0x0C00);
}

static void rewind_tape(void)
{
	ck_assert_uint_eq(command(0x07, 1, 0), 0x0800);
	interruption("device end", 0, 0x0400, 0);
}

static void check_data(const char *expected)
{
	uint8_t b[80];

	peek(DATA, b, strlen(expected));
	ck_assert_mem_eq(b, expected, strlen(expected));
}

static void make_tape(void)
{
	write_block("ONE");
	write_block("TWO+");
	ck_assert_uint_eq(command(0x1F, 1, 0), 0x0C00);
	write_block("THREE");
	ck_assert_uint_eq(command(0x1F, 1, 0), 0x0C00);
	rewind_tape();
}

START_TEST(reads_blocks_and_marks)
{
	make_tape();
	ck_assert_uint_eq(command(0x02, 3, 0), 0x0C00);
	check_data("ONE");
	ck_assert_uint_eq(command(0x02, 80, 0), 0x0C40); /* shorter than the count */
	check_data("TWO+");
	ck_assert_uint_eq(command(0x02, 80, SLI), 0x0D00);
	ck_assert_uint_eq(command(0x02, 3, 0), 0x0C40); /* longer */
	check_data("THR");
	ck_assert_uint_eq(command(0x02, 80, SLI), 0x0D00);
	ck_assert_uint_eq(command(0x02, 80, SLI), 0x0E00); /* blank tape */
	ck_assert_uint_eq(dev->sense[0], SENSE0_DATA_CHECK);
}
END_TEST

START_TEST(spacing)
{
	make_tape();
	ck_assert_uint_eq(command(0x37, 1, 0), 0x0C00); /* over ONE */
	ck_assert_uint_eq(command(0x37, 1, 0), 0x0C00); /* over TWO+ */
	ck_assert_uint_eq(command(0x37, 1, 0), 0x0D00); /* over the mark */
	ck_assert_uint_eq(command(0x27, 1, 0), 0x0D00);
	ck_assert_uint_eq(command(0x27, 1, 0), 0x0C00);
	ck_assert_uint_eq(command(0x02, 80, SLI), 0x0C00);
	check_data("TWO+");
	ck_assert_uint_eq(command(0x3F, 1, 0), 0x0C00); /* behind the mark */
	ck_assert_uint_eq(command(0x02, 80, SLI), 0x0C00);
	check_data("THREE");
	ck_assert_uint_eq(command(0x2F, 1, 0), 0x0C00); /* before the mark */
	ck_assert_uint_eq(command(0x02, 80, SLI), 0x0D00);
	ck_assert_uint_eq(command(0x2F, 1, 0), 0x0C00);
	ck_assert_uint_eq(command(0x2F, 1, 0), 0x0E00); /* the load point */
	ck_assert_uint_eq(dev->sense[1], 0x08);
	ck_assert_uint_eq(command(0x27, 1, 0), 0x0E00);
}
END_TEST

START_TEST(reads_backward)
{
	uint8_t back[4];

	make_tape();
	command(0x3F, 1, 0);
	ck_assert_uint_eq(command(0x0C, 80, SLI), 0x0D00); /* the mark */
	ccw(PROGRAM, 0x0C, DATA + 9, SLI, 80);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("backward", PROGRAM + 8, 0x0C00, 76);
	peek(DATA + 6, back, 4); /* from the last byte down */
	ck_assert_mem_eq(back, "TWO+", 4);
	rewind_tape();
	ck_assert_uint_eq(command(0x0C, 80, SLI), 0x0E00);
}
END_TEST

START_TEST(writing_ends_the_tape)
{
	make_tape();
	ck_assert_uint_eq(command(0x37, 1, 0), 0x0C00);
	write_block("NEW");
	ck_assert_uint_eq(command(0x02, 80, SLI), 0x0E00);
	rewind_tape();
	command(0x37, 1, 0);
	ck_assert_uint_eq(command(0x02, 80, SLI), 0x0C00);
	check_data("NEW");
}
END_TEST

START_TEST(no_ring_no_writing)
{
	uint8_t sense[24];

	make_tape();
	ck_assert(mount("3420", "ro"));
	interruption("ready", 0, 0x0400, 0);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_uint_eq(command("\x01\x1F\x17\x97"[i], 3, SLI) & 0xFF00,
				  0x0E00);
		ck_assert_uint_eq(dev->sense[0], SENSE0_COMMAND_REJECT);
		ck_assert_uint_eq(dev->sense[1], 0x02);
	}
	ck_assert_uint_eq(command(0x04, 24, 0), 0x0C00);
	peek(DATA, sense, 24);
	ck_assert_uint_eq(sense[1],
			  0x40 | 0x08 | 0x02); /* ready, load point, protected */
}
END_TEST

START_TEST(unload_and_not_ready)
{
	uint8_t sense[24];

	make_tape();
	ck_assert_uint_eq(command(0x0F, 1, 0) & 0xFF00, 0x0C00);
	ck_assert_uint_eq(command(0x02, 80, SLI), 0x0E00);
	ck_assert_uint_eq(command(0x04, 24, 0), 0x0C00);
	peek(DATA, sense, 24);
	ck_assert_uint_eq(sense[0], SENSE0_INTERVENTION);
	ck_assert_uint_eq(sense[1], 0x20);
	ck_assert_uint_eq(command(0x03, 1, 0), 0x0C00);
}
END_TEST

/* Blocks of 80 bytes are 86 in the file. */
START_TEST(the_end_of_the_reel_is_marked)
{
	uint8_t sense[24];

	ck_assert(mount("3420", "maxsize=400 eotmargin=100"));
	interruption("ready", 0, 0x0400, 0);
	for (unsigned n = 0; n < 3; n++)
		ck_assert_uint_eq(command(0x01, 80, 0), 0x0C00);
	ck_assert_uint_eq(command(0x04, 24, 0), 0x0C00);
	peek(DATA, sense, 24);
	ck_assert_uint_eq(sense[4], 0);
	ck_assert_uint_eq(command(0x01, 80, 0), 0x0D00);
	ck_assert_uint_eq(command(0x1F, 1, 0), 0x0D00);
	ck_assert_uint_eq(command(0x17, 1, 0) & 0xFF00, 0x0D00);
	ck_assert_uint_eq(command(0x04, 24, 0), 0x0C00);
	peek(DATA, sense, 24);
	ck_assert_uint_eq(sense[4], 0x20);
	/* A chain of writes ends there. */
	ccw(PROGRAM, 0x01, DATA, CC, 80);
	ccw(PROGRAM + 8, 0x01, DATA, 0, 80);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("past the marker", PROGRAM + 8, 0x0D00, 0);
	rewind_tape();
	/* Reading does not care, and four blocks, a mark and a block are there. */
	for (unsigned n = 0; n < 4; n++)
		ck_assert_uint_eq(command(0x02, 80, 0), 0x0C00);
	ck_assert_uint_eq(command(0x02, 80, SLI), 0x0D00);
	ck_assert_uint_eq(command(0x02, 80, 0), 0x0C00);
	rewind_tape();
	ck_assert_uint_eq(command(0x01, 80, 0), 0x0C00);
}
END_TEST

START_TEST(sizes_of_reels)
{
	static const struct {
		const char *words;
		bool taken;
		unsigned first; /* status of a first block */
	} cases[] = {
		{ "maxsizek=1 eotmargin=1000",	     true,  0x0D00 },
		{ "maxsizek=1 eotmargin=900",	     true,  0x0C00 },
		{ "maxsizem=1",			     true,  0x0C00 },
		{ "maxsizek=1",			     true,  0x0D00 },
		{ "maxsize=0 eotmargin=5",	     true,  0x0C00 },
		{ "maxsize=many",		     false, 0	   },
		{ "maxsize=",			     false, 0	   },
		{ "maxsizem=18446744073709551615", false, 0	   },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(mount("3420", cases[i].words), cases[i].taken);
		if (!cases[i].taken)
			continue;
		interruption("ready", 0, 0x0400, 0);
		ck_assert_msg(command(0x01, 80, 0) == cases[i].first, "%s", cases[i].words);
	}
}
END_TEST

START_TEST(mode_sets)
{
	ck_assert_uint_eq(command(0xC3, 1, 0), 0x0C00);
	ck_assert_uint_eq(command(0xD3, 1, 0), 0x0C00);
	ck_assert_uint_eq(command(0xF3, 1, 0) & 0xFF00, 0x0E00); /* a 3420 rejects it */
	ck_assert(channels_detach(cs, DEV));
	dev = NULL;
	ck_assert(mount("2400", NULL));
	ck_assert_uint_eq(command(0xF3, 1, 0), 0x0C00);
	ck_assert_uint_eq(command(0x04, 6, 0), 0x0C00); /* six sense bytes */
}
END_TEST

START_TEST(rewinding_in_a_chain)
{
	make_tape();
	command(0x37, 1, 0);
	ccw(PROGRAM, 0x07, 0, CC, 1);
	ccw(PROGRAM + 8, 0x02, DATA, SLI, 80);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("rewind, read", PROGRAM + 16, 0x0C00, 77);
	check_data("ONE");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tape");
	TCase *tc = tcase_create("tape");
	const TTest *tests[] = {
		reads_blocks_and_marks,
		spacing,
		reads_backward,
		writing_ends_the_tape,
		no_ring_no_writing,
		unload_and_not_ready,
		the_end_of_the_reel_is_marked,
		sizes_of_reels,
		mode_sets,
		rewinding_in_a_chain,
	};

	tcase_add_checked_fixture(tc, setup, teardown);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
