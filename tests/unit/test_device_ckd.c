/* Count-key-data disks: GA26-1592 (3830), GA26-3599 (2314), GA26-1638 (3350). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "dasd/volume.h"
#include "tests/unit/channel_rig.h"

static struct device *dev;
static char directory[40], path[64];
static uint32_t end; /* where the next CCW of the program goes */

static void new_volume(const char *type, uint32_t cylinders)
{
	const struct volume_new what = {
		.format = VOLUME_CKD,
		.geometry = geometry_find(type),
		.cylinders = cylinders,
		.null_format = 1,
		.replace = true,
	};
	struct error err = { 0 };

	ck_assert_msg(volume_create(path, &what, &err), "%s", err.text);
}

static struct device *attach(const char *type, const char *word1, const char *word2,
			     struct error *err)
{
	const char *const argv[] = { path, word1, word2 };
	const struct machine_request req = {
		.address = DEV,
		.class_name = type,
		.argc = word2	? 3
			: word1 ? 2
				: 1,
		.argv = (char *const *)(uintptr_t)argv,
	};

	return dev = channels_attach(cs, device_class_find(type), NULL, &req, err);
}

static void setup(void)
{
	strcpy(directory, "/tmp/test_ckd_XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/volume", directory);
	rig_setup();
	new_volume("3330", 10);
	ck_assert_ptr_nonnull(attach("3330", NULL, NULL, NULL));
}

static void teardown(void)
{
	rig_teardown();
	unlink(path);
	rmdir(directory);
}

/* ---- writing channel programs */

static void begin(void)
{
	end = PROGRAM;
}

/* A CCW with its own data behind the programs; chained to the next. */
static void add(uint8_t op, const void *data, uint16_t count)
{
	uint32_t at = 0x4000 + (end - PROGRAM) * 32;

	if (data)
		poke(at, data, count);
	ccw(end, op, at, CC | SLI, count);
	end += 8;
}

static uint32_t result_of(unsigned n)
{
	return 0x4000 + n * 256;
}

static void add_seek(unsigned cylinder, unsigned head)
{
	uint8_t to[6] = { 0 };

	put_be16(to + 2, (uint16_t)cylinder);
	put_be16(to + 4, (uint16_t)head);
	add(0x07, to, 6);
}

static void add_search(uint8_t op, unsigned cylinder, unsigned head, uint8_t record)
{
	uint8_t id[5];

	put_be16(id, (uint16_t)cylinder);
	put_be16(id + 2, (uint16_t)head);
	id[4] = record;
	add(op, id, 5);
	ccw(end, 0x08, end - 8, 0, 1); /* TIC *-8 */
	end += 8;
}

static void add_write_ckd(unsigned cylinder, unsigned head, uint8_t record,
			  const char *key, const char *data)
{
	uint8_t b[255] = { 0 };
	size_t kl = strlen(key), dl = strlen(data);

	put_be16(b, (uint16_t)cylinder);
	put_be16(b + 2, (uint16_t)head);
	b[4] = record;
	b[5] = (uint8_t)kl;
	put_be16(b + 6, (uint16_t)dl);
	memcpy(b + 8, key, kl);
	memcpy(b + 8 + kl, data, dl);
	add(0x1D, b, (uint16_t)(8 + kl + dl));
}

/* Execute; unit status of the end, whose channel status must be zero. */
static unsigned execute(void)
{
	uint8_t csw[8], last[8];
	uint16_t who;

	peek(end - 8, last, 8);
	last[4] &= (uint8_t)~CC;
	poke(end - 8, last, 8);
	if (sio(0, PROGRAM) == 0)
		ck_assert(channels_interruption(cs, 0xFFFFFFFF, 0, &who));
	peek(0x40, csw, 8);
	ck_assert_uint_eq(csw[5], 0);
	return csw[4];
}

static void check_data(unsigned n, const char *expected)
{
	uint8_t b[256];

	peek(result_of(n), b, strlen(expected));
	ck_assert_mem_eq(b, expected, strlen(expected));
}

/* Cylinder 1 head 2: records 1 (no key), 2 (key), 3 (end of file). */
static void format_a_track(void)
{
	begin();
	add_seek(1, 2);
	add_search(0x31, 1, 2, 0);
	add_write_ckd(1, 2, 1, "", "FIRST");
	add_write_ckd(1, 2, 2, "KEY2", "SECOND");
	add_write_ckd(1, 2, 3, "", "");
	ck_assert_uint_eq(execute(), 0x0C);
}

/* ---- tests */

START_TEST(reads_what_it_wrote)
{
	static const uint8_t count2[] = { 0, 1, 0, 2, 2, 4, 0, 6 };
	uint8_t b[8];

	format_a_track();
	begin();
	add_seek(1, 2);
	add_search(0x31, 1, 2, 1);
	add(0x06, NULL, 5);  /* 3: data of 1 */
	add(0x0E, NULL, 10); /* 4: key and data of 2 */
	add(0x12, NULL, 8);  /* 5: count of 3 */
	ck_assert_uint_eq(execute(), 0x0C);
	check_data(3, "FIRST");
	check_data(4, "KEY2SECOND");
	begin();
	add_seek(1, 2);
	add_search(0x31, 1, 2, 1);
	add(0x1E, NULL, 18); /* 3: count, key, data of the next */
	ck_assert_uint_eq(execute(), 0x0C);
	peek(result_of(3), b, 8);
	ck_assert_mem_eq(b, count2, 8);
}
END_TEST

START_TEST(a_record_without_data_is_end_of_file)
{
	format_a_track();
	begin();
	add_seek(1, 2);
	add_search(0x31, 1, 2, 3);
	add(0x06, NULL, 5);
	ck_assert_uint_eq(execute(), 0x0D);
}
END_TEST

START_TEST(updates_data_and_keys)
{
	format_a_track();
	begin();
	add_seek(1, 2);
	add_search(0x31, 1, 2, 1);
	add(0x05, "NEW", 3);
	add_search(0x31, 1, 2, 2);
	add(0x0D, "KEYX", 4); /* the data becomes zeros */
	add_search(0x31, 1, 2, 2);
	add(0x0E, NULL, 10); /* 9 */
	add_search(0x31, 1, 2, 1);
	add(0x06, NULL, 5); /* 12 */
	ck_assert_uint_eq(execute(), 0x0C);
	check_data(9, "KEYX");
	check_data(12, "NEW");
}
END_TEST

/* While the host refuses every write. */
static unsigned execute_full(void)
{
	const struct rlimit full = { 0, RLIM_INFINITY },
			    roomy = { RLIM_INFINITY, RLIM_INFINITY };
	unsigned unit;

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &full);
	unit = execute();
	setrlimit(RLIMIT_FSIZE, &roomy);
	return unit;
}

/* The program ends with what the last write says, and the track is as it was. */
START_TEST(a_full_host_is_equipment_check)
{
	format_a_track();
	begin();
	add_seek(1, 2);
	add_search(0x31, 1, 2, 1);
	add(0x05, "WRONG", 5);
	add_search(0x31, 1, 2, 3);
	add_write_ckd(1, 2, 4, "", "FOURTH");
	ck_assert_uint_eq(execute_full(), 0x0E);
	ck_assert_uint_eq(dev->sense[0], SENSE0_EQUIPMENT);
	/* The arm leaves the track: the program does not go on. */
	begin();
	add_seek(1, 2);
	add_search(0x31, 1, 2, 1);
	add(0x05, "WRONG", 5);
	add_seek(1, 3);
	add_search(0x31, 1, 3, 0);
	add(0x04, NULL, 24);
	poke(result_of(7), "unsensed", 8);
	ck_assert_uint_eq(execute_full(), 0x0E);
	ck_assert_uint_eq(dev->sense[0], SENSE0_EQUIPMENT);
	check_data(7, "unsensed");
	begin();
	add_seek(1, 2);
	add_search(0x31, 1, 2, 1);
	add(0x06, NULL, 5); /* 3 */
	add_search(0x31, 1, 2, 4);
	ck_assert_uint_eq(execute(), 0x0E);
	ck_assert_uint_eq(dev->sense[1], 0x08); /* no record 4 */
	check_data(3, "FIRST");
}
END_TEST

/* Between programs the file has all that the guest was told is written. */
START_TEST(the_file_has_what_has_ended)
{
	char data[19254];
	FILE *f;

	format_a_track();
	begin();
	add_seek(1, 2);
	add_search(0x31, 1, 2, 1);
	add(0x05, "OTHER", 5);
	ck_assert_uint_eq(execute(), 0x0C);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, 512 + (19 + 2) * (long)geometry_find("3330")->slot, 0), 0);
	ck_assert_uint_gt(fread(data, 1, sizeof(data), f), 100);
	fclose(f);
	ck_assert_mem_eq(data + 21 + 8, "OTHER", 5);
	ck_assert_mem_eq(data + 21 + 13 + 8, "KEY2SECOND", 10);
}
END_TEST

START_TEST(searches)
{
	format_a_track();
	begin();
	add_seek(1, 2);
	add_search(0x29, 0, 0, 0);
	poke(result_of(1), "KEY2", 4);
	ccw(PROGRAM + 8, 0x29, result_of(1), CC | SLI, 4);
	add(0x06, NULL, 6); /* 3 */
	ck_assert_uint_eq(execute(), 0x0C);
	check_data(3, "SECOND");
	/* High: the first key above "KEY1"; equal or high too. */
	for (uint8_t op = 0x49; op <= 0x69; op += 0x20) {
		poke(result_of(1), "KEY1", 4);
		poke(result_of(3), "xxxxxx", 6);
		ccw(PROGRAM + 8, op, result_of(1), CC | SLI, 4);
		ck_assert_uint_eq(execute(), 0x0C);
		check_data(3, "SECOND");
	}
	begin();
	add_seek(1, 2);
	add_search(0x51, 1, 2, 1); /* ID high: record 2 */
	add(0x12, NULL, 8);	   /* count of 3 */
	ck_assert_uint_eq(execute(), 0x0C);
}
END_TEST

START_TEST(nothing_found_in_two_turns)
{
	format_a_track();
	begin();
	add_seek(1, 2);
	add_search(0x31, 1, 2, 9);
	add(0x06, NULL, 5);
	ck_assert_uint_eq(execute(), 0x0E);
	ck_assert_uint_eq(dev->sense[0], 0);
	ck_assert_uint_eq(dev->sense[1], 0x08);
	begin();
	add_seek(3, 0); /* only record 0 there */
	add(0x12, NULL, 8);
	ck_assert_uint_eq(execute(), 0x0E);
	ck_assert_uint_eq(dev->sense[1], 0x08);
}
END_TEST

START_TEST(multitrack_goes_down_the_cylinder)
{
	format_a_track();
	begin();
	add_seek(1, 0);
	add_search(0xB1, 1, 2, 1);
	add(0x06, NULL, 5); /* 3 */
	ck_assert_uint_eq(execute(), 0x0C);
	check_data(3, "FIRST");
	begin();
	add_seek(1, 0);
	add_search(0xB1, 7, 7, 7);
	add(0x06, NULL, 5);
	ck_assert_uint_eq(execute(), 0x0E);
	ck_assert_uint_eq(dev->sense[1], 0x20); /* end of cylinder */
}
END_TEST

START_TEST(home_address_and_record_0)
{
	static const uint8_t ha[] = { 0, 0, 1, 0, 2 };
	uint8_t b[16];

	format_a_track();
	begin();
	add_seek(1, 2);
	add(0x1A, NULL, 5);	  /* 1 */
	add(0x16, NULL, 16);	  /* 2 */
	add(0x39, "\0\1\0\2", 4); /* 3, equal: skips 4 */
	ccw(end, 0x08, end - 8, 0, 1);
	end += 8;
	add(0x06, NULL, 5); /* 5: record 0 is not what comes next */
	ck_assert_uint_eq(execute(), 0x0C);
	peek(result_of(1), b, 5);
	ck_assert_mem_eq(b, ha, 5);
	peek(result_of(2), b, 16);
	ck_assert_mem_eq(b, "\0\1\0\2\0\0\0\10", 8);
	check_data(5, "FIRST");
}
END_TEST

START_TEST(write_r0_erases_the_track)
{
	uint8_t mask = 0xC0;

	format_a_track();
	begin();
	add_seek(1, 2);
	add(0x1F, &mask, 1);
	add(0x39, "\0\1\0\2", 4);
	ccw(end, 0x08, end - 8, 0, 1);
	end += 8;
	add(0x15, "\0\1\0\2\0\0\0\10ABCDEFGH", 16);
	ck_assert_uint_eq(execute(), 0x0C);
	begin();
	add_seek(1, 2);
	add(0x16, NULL, 16); /* 1 */
	add(0x12, NULL, 8);
	ck_assert_uint_eq(execute(), 0x0E);
	ck_assert_uint_eq(dev->sense[1], 0x08);
	peek(result_of(1) + 8, &mask, 1);
	ck_assert_uint_eq(mask, 'A');
}
END_TEST

START_TEST(file_mask)
{
	static const struct {
		uint8_t mask, op;
		unsigned sense0, sense1;
	} cases[] = {
		{0x40,	0x05, 0x80, 0   },
		 { 0x80, 0x1D, 0x80, 0   },
		  { 0x00, 0x15, 0x80, 0	},
		{ 0x08, 0x07, 0,	 0x04},
		 { 0x10, 0x0B, 0,	  0x04},
		  { 0x18, 0x1B, 0,	   0x04},
		{ 0x18, 0x92, 0,	 0x04},
		 { 0x08, 0x13, 0,	  0x04},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin();
		add_seek(3, 0);
		add(0x1F, &cases[i].mask, 1);
		if (cases[i].op == 0x05 || cases[i].op == 0x1D)
			add_search(0x31, 3, 0, 0);
		if (cases[i].op == 0x15)
			add(0x1A, NULL, 5);
		add(cases[i].op, "\0\0\0\3\0\0", 6);
		ck_assert_uint_eq(execute(), 0x0E);
		ck_assert_uint_eq(dev->sense[0], cases[i].sense0);
		ck_assert_uint_eq(dev->sense[1], cases[i].sense1);
	}
	begin();
	add(0x1F, "\0", 1);
	add(0x1F, "\0", 1); /* only once */
	ck_assert_uint_eq(execute(), 0x0E);
}
END_TEST

START_TEST(writes_need_orientation)
{
	const uint8_t ops[] = { 0x05, 0x0D, 0x1D, 0x01, 0x11 };

	for (size_t i = 0; i < sizeof(ops); i++) {
		begin();
		add_seek(3, 0);
		add(ops[i], "\0\3\0\0\1\0\0\5HELLO", 13);
		ck_assert_uint_eq(execute(), 0x0E);
		ck_assert_uint_eq(dev->sense[0], SENSE0_COMMAND_REJECT);
	}
}
END_TEST

START_TEST(a_track_is_full_at_its_length)
{
	/* R1 of 13030 bytes fills a 3330 track; 13031 do not fit. */
	for (unsigned length = 13030; length <= 13031; length++) {
		uint8_t count[8] = { 0, 4, 0, 0, 1 };

		put_be16(count + 6, (uint16_t)length);
		begin();
		add_seek(4, 0);
		add_search(0x31, 4, 0, 0);
		add(0x1D, count, 8);
		ck_assert_uint_eq(execute(), length == 13030 ? 0x0C : 0x0E);
	}
	ck_assert_uint_eq(dev->sense[1], 0x40);
}
END_TEST

START_TEST(records_overflow_to_the_next_track)
{
	begin();
	add_seek(5, 0);
	add_search(0x31, 5, 0, 0);
	add(0x01, "\0\5\0\0\1\0\0\3ABC", 11);
	ck_assert_uint_eq(execute(), 0x0C);
	begin();
	add_seek(5, 1);
	add_search(0x31, 5, 1, 0);
	add(0x1D, "\0\5\0\1\1\0\0\2DE", 10);
	ck_assert_uint_eq(execute(), 0x0C);
	begin();
	add_seek(5, 0);
	add_search(0x31, 5, 0, 1);
	add(0x06, NULL, 5); /* 3 */
	ck_assert_uint_eq(execute(), 0x0C);
	check_data(3, "ABCDE");
	begin();
	add_seek(5, 0);
	add_search(0x31, 5, 0, 1);
	add(0x05, "VWXYZ", 5);
	add_seek(5, 1);
	add_search(0x31, 5, 1, 1);
	add(0x06, NULL, 2); /* 7 */
	ck_assert_uint_eq(execute(), 0x0C);
	check_data(7, "YZ");
}
END_TEST

START_TEST(erase_ends_the_track)
{
	format_a_track();
	begin();
	add_seek(1, 2);
	add_search(0x31, 1, 2, 1);
	add(0x11, "\0\1\0\2\2\0\0\0", 8);
	add_seek(1, 2);
	add_search(0x31, 1, 2, 2);
	add(0x03, NULL, 1);
	ck_assert_uint_eq(execute(), 0x0E);
	ck_assert_uint_eq(dev->sense[1], 0x08);
}
END_TEST

START_TEST(bad_seeks)
{
	static const uint8_t to[][6] = {
		{0,  0, 0, 10 },
		 { 0, 0, 0, 0, 0, 19 },
		{ 1}
	};

	for (size_t i = 0; i < 3; i++) {
		begin();
		add(0x07, to[i], 6);
		ck_assert_uint_eq(execute(), 0x0E);
		ck_assert_uint_eq(dev->sense[0], SENSE0_COMMAND_REJECT);
		ck_assert_uint_eq(dev->sense[7], 0x04);
	}
	begin();
	add(0x07, to[0], 5);
	ck_assert_uint_eq(execute(), 0x0E);
	ck_assert(channels_detach(cs, DEV));
	new_volume("2314", 10);
	ck_assert_ptr_nonnull(attach("2314", NULL, NULL, NULL));
	begin();
	add(0x07, to[0], 6);
	ck_assert_uint_eq(execute(), 0x0E);
	ck_assert_uint_eq(dev->sense[0], 0x01); /* seek check */
	begin();
	add(0x23, "\0", 1); /* no sectors on a 2314 */
	ck_assert_uint_eq(execute(), 0x0E);
	ck_assert_uint_eq(dev->sense[0], SENSE0_COMMAND_REJECT);
}
END_TEST

START_TEST(sectors)
{
	uint8_t sector;

	format_a_track();
	begin();
	add_seek(1, 2);
	add(0x23, "\5", 1);
	add_search(0x31, 1, 2, 2);
	add(0x22, NULL, 1); /* 4 */
	ck_assert_uint_eq(execute(), 0x0C);
	peek(result_of(4), &sector, 1);
	ck_assert_uint_lt(sector, 128);
	begin();
	add(0x23, "\x80", 1);
	ck_assert_uint_eq(execute(), 0x0E);
}
END_TEST

START_TEST(a_minidisk_is_a_part)
{
	uint8_t ha[5];

	ck_assert(channels_detach(cs, DEV));
	ck_assert_ptr_nonnull(attach("3330", "offset=4", "cylinders=3", NULL));
	format_a_track(); /* cylinder 1 of it, with its own numbers */
	begin();
	add_seek(1, 2);
	add(0x1A, NULL, 5); /* 1 */
	ck_assert_uint_eq(execute(), 0x0C);
	peek(result_of(1), ha, 5);
	ck_assert_uint_eq(be16(ha + 1), 1);
	begin();
	add_seek(3, 0);
	ck_assert_uint_eq(execute(), 0x0E);
	ck_assert(channels_detach(cs, DEV));
	ck_assert_ptr_nonnull(attach("3330", NULL, NULL, NULL));
	begin();
	add_seek(5, 2);
	add_search(0x31, 1, 2, 1);
	add(0x06, NULL, 5); /* 3 */
	ck_assert_uint_eq(execute(), 0x0C);
	check_data(3, "FIRST");
}
END_TEST

START_TEST(read_only)
{
	format_a_track();
	ck_assert(channels_detach(cs, DEV));
	ck_assert_ptr_nonnull(attach("3330", "ro", NULL, NULL));
	begin();
	add_seek(1, 2);
	add_search(0x31, 1, 2, 1);
	add(0x05, "NEW", 3);
	ck_assert_uint_eq(execute(), 0x0E);
	ck_assert_uint_eq(dev->sense[0], SENSE0_COMMAND_REJECT);
	ck_assert_uint_eq(dev->sense[1], 0x02);
}
END_TEST

START_TEST(ipl_record)
{
	begin();
	add_seek(0, 0);
	add_search(0x31, 0, 0, 0);
	add_write_ckd(0, 0, 1, "", "IPLRECORD");
	add_write_ckd(0, 0, 2, "", "NEXT");
	add_seek(5, 5);
	ck_assert_uint_eq(execute(), 0x0C);
	begin();
	add(0x02, NULL, 9);
	add(0x06, NULL, 4);
	ck_assert_uint_eq(execute(), 0x0C);
	check_data(0, "IPLRECORD");
	check_data(1, "NEXT");
}
END_TEST

START_TEST(ipl_record_of_another_cylinder)
{
	struct machine_request req = { .kind = MACHINE_IPL, .value = 5 };
	struct error err = { 0 };

	begin();
	add_seek(5, 0);
	add_search(0x31, 5, 0, 0);
	add_write_ckd(5, 0, 1, "", "FIVE");
	add_seek(0, 0);
	add_search(0x31, 0, 0, 0);
	add_write_ckd(0, 0, 1, "", "NULL");
	ck_assert_uint_eq(execute(), 0x0C);
	ck_assert(dev->class->request(dev, &req, &err));
	begin();
	add(0x02, NULL, 4);
	add(0x02, NULL, 4); /* the second one is as ever */
	ck_assert_uint_eq(execute(), 0x0C);
	check_data(0, "FIVE");
	check_data(1, "NULL");
	req.value = 65535;
	ck_assert(dev->class->request(dev, &req, &err));
	begin();
	add(0x02, NULL, 4);
	ck_assert_uint_eq(execute(), 0x0E);
	ck_assert_uint_eq(dev->sense[0], SENSE0_COMMAND_REJECT);
	begin();
	add(0x02, NULL, 4);
	ck_assert_uint_eq(execute(), 0x0C);
	check_data(0, "NULL");
}
END_TEST

START_TEST(sense_and_attach)
{
	struct error err = { 0 };
	uint8_t b[24];

	begin();
	add(0xFF, NULL, 1);
	ck_assert_uint_eq(execute(), 0x0E);
	begin();
	add(0x04, NULL, 24);
	ck_assert_uint_eq(execute(), 0x0C);
	peek(result_of(0), b, 24);
	ck_assert_uint_eq(b[0], SENSE0_COMMAND_REJECT);
	ck_assert_uint_eq(b[7], 0x01);
	begin();
	add(0xE4, NULL, 7); /* a 3830 does not know SENSE ID */
	ck_assert_uint_eq(execute(), 0x0E);
	ck_assert(channels_detach(cs, DEV));
	ck_assert_ptr_null(attach("3350", NULL, NULL, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "is not a 3350 but a 3330"));
	ck_assert_ptr_null(attach("3330", "offset=8", "cylinders=3", &err));
	ck_assert_ptr_null(attach("3330", "offset=8x", NULL, &err));
	ck_assert_ptr_nonnull(attach("3330-1", NULL, NULL, &err));
}
END_TEST

/* ---- extended commands of the 3880 */

static void add_extent(uint8_t mask, unsigned from, unsigned to)
{
	uint8_t b[16] = { mask, 0xC0 };

	put_be16(b + 8, (uint16_t)from);
	put_be16(b + 12, (uint16_t)to);
	put_be16(b + 14, 14);
	add(0x63, b, sizeof(b));
}

static void add_locate(uint8_t operation, uint8_t count, unsigned cylinder, unsigned head,
		       uint8_t record)
{
	uint8_t b[16] = { operation, 0, 0, count };

	put_be16(b + 4, (uint16_t)cylinder);
	put_be16(b + 6, (uint16_t)head);
	memcpy(b + 8, b + 4, 4);
	b[12] = record;
	add(0x47, b, sizeof(b));
}

/* A 3380 with records 1 to 3 on cylinder 1, head 0, and one on head 1. */
static void extended_setup(void)
{
	channels_detach(cs, DEV);
	new_volume("3380", 3);
	ck_assert_ptr_nonnull(attach("3380", NULL, NULL, NULL));
	begin();
	add_extent(0xC0, 0, 2);
	add_locate(0x03, 4, 1, 0, 0);
	add_write_ckd(1, 0, 1, "", "FIRST");
	add_write_ckd(1, 0, 2, "KEY", "SECOND");
	add_write_ckd(1, 0, 3, "", "THIRD");
	add_write_ckd(1, 1, 1, "", "FOURTH");
	ccw(end - 8, 0x9D, 0x4000 + (end - 8 - PROGRAM) * 32, CC | SLI, 14);
	ck_assert_uint_eq(execute(), US_CE | US_DE);
}

START_TEST(located_records_are_read_and_written)
{
	extended_setup();
	begin();
	add_extent(0, 1, 1);
	add_locate(0x06, 3, 1, 0, 2);
	add(0x06, NULL, 6); /* record 2, 3, and over the index to the next head */
	add(0x06, NULL, 5);
	add(0x06, NULL, 6);
	ck_assert_uint_eq(execute(), US_CE | US_DE);
	check_data(2, "SECOND");
	check_data(3, "THIRD");
	check_data(4, "FOURTH");
	begin();
	add_extent(0x80, 1, 1);
	add_locate(0x01, 2, 1, 0, 1);
	add(0x85, "first", 5);
	add(0x8D, "keySecond", 9);
	add_search(0x31, 1, 0, 1);
	add(0x06, NULL, 5);
	add(0x0E, NULL, 9);
	ck_assert_uint_eq(execute(), US_CE | US_DE);
	check_data(6, "first");
	check_data(7, "keySecond");
}
END_TEST

START_TEST(whole_tracks_are_read)
{
	static const uint8_t ones[8] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };
	uint8_t b[80];

	extended_setup();
	begin();
	add_extent(0, 1, 1);
	add_locate(0x0C, 2, 1, 0, 0);
	add(0xDE, NULL, 74); /* R0 16, 13, 17, 13, end 8 */
	add(0xDE, NULL, 38);
	ck_assert_uint_eq(execute(), US_CE | US_DE);
	peek(result_of(2), b, sizeof(b));
	ck_assert_uint_eq(b[4], 0);
	ck_assert_mem_eq(b + 24, "FIRST", 5);
	ck_assert_mem_eq(b + 37, "KEYSECOND", 9);
	ck_assert_mem_eq(b + 54, "THIRD", 5);
	ck_assert_mem_eq(b + 59, ones, 8);
	peek(result_of(3), b, sizeof(b));
	ck_assert_mem_eq(b + 24, "FOURTH", 6);
	ck_assert_mem_eq(b + 30, ones, 8);
}
END_TEST

/* Record 0's data and all records behind it: SA22-1025, "Write Track". */
START_TEST(whole_tracks_are_written)
{
	static const uint8_t ones[8] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };
	uint8_t b[80];

	extended_setup();
	begin();
	add_extent(0xC0, 1, 1);
	add_locate(0x0B, 3, 1, 0, 0);
	add(0x05, "CAPACITY", 8);
	add_write_ckd(1, 0, 1, "", "ALPHA");
	add_write_ckd(1, 0, 2, "", "OMEGA");
	add_locate(0x0C, 1, 1, 0, 0);
	add(0xDE, NULL, 74);
	ck_assert_uint_eq(execute(), US_CE | US_DE);
	peek(result_of(6), b, sizeof(b));
	ck_assert_mem_eq(b + 8, "CAPACITY", 8);
	ck_assert_mem_eq(b + 24, "ALPHA", 5);
	ck_assert_mem_eq(b + 37, "OMEGA", 5);
	ck_assert_mem_eq(b + 42, ones, 8); /* the third record has gone */
	begin();
	add_extent(0xC0, 1, 1);
	add_locate(0x0B, 1, 1, 0, 0);
	add(0x05, "EMPTY", 5);
	add_locate(0x0C, 1, 1, 0, 0);
	add(0xDE, NULL, 74);
	ck_assert_uint_eq(execute(), US_CE | US_DE);
	peek(result_of(4), b, sizeof(b));
	ck_assert_mem_eq(b + 8, "EMPTY\0\0\0", 8);
	ck_assert_mem_eq(b + 16, ones, 8);
}
END_TEST

/* What is refused, and why: sense bytes 0 and 1. */
START_TEST(extents_and_domains_are_kept)
{
	static const struct {
		const char *what;
		uint8_t mask, operation, count;
		unsigned cylinder, record;
		uint8_t command;
		unsigned sense;
	} cases[] = {
		{ "outside the extent", 0, 0x06, 1, 2, 1, 0x06, 0x0004 },
		{ "no such record", 0, 0x06, 1, 1, 9, 0x06, 0x0008 },
		{ "no such cylinder", 0, 0x06, 1, 3, 1, 0x06, 0x8000 },
		{ "a write in a domain of reads", 0, 0x06, 1, 1, 1, 0x05, 0x8000 },
		{ "READ TRACK among reads", 0, 0x16, 1, 1, 1, 0xDE, 0x8000 },
		{ "unknown operation", 0, 0x3F, 1, 1, 1, 0x06, 0x8000 },
		{ "no count", 0, 0x06, 0, 1, 1, 0x06, 0x8000 },
		{ "writes forbidden by the mask", 0x40, 0x01, 1, 1, 1, 0x85, 0x8000 },
		{ "a track, formatting forbidden", 0x80, 0x0B, 1, 1, 0, 0x05, 0x8000 },
		{ "a track without record 0", 0, 0x0B, 1, 1, 0, 0x1D, 0x8000 },
		{ "a track from its home address", 0, 0x4B, 1, 1, 0, 0x05, 0x8000 },
		{ "bad mask", 0x20, 0x06, 1, 1, 1, 0x06, 0x8000 },
	};

	extended_setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin();
		add_extent(cases[i].mask, 1, 1);
		add_locate(cases[i].operation, cases[i].count, cases[i].cylinder, 0,
			   (uint8_t)cases[i].record);
		add(cases[i].command, "12345", 5);
		ck_assert_msg(execute() == (US_CE | US_DE | US_UC), "%s: taken",
			      cases[i].what);
		ck_assert_msg(be16(dev->sense) == cases[i].sense, "%s: sense %04X",
			      cases[i].what, be16(dev->sense));
	}
	begin();
	add_locate(0x06, 1, 1, 0, 1);
	ck_assert_uint_eq(execute(), US_CE | US_DE | US_UC);
	begin();
	add(0xDE, NULL, 100);
	ck_assert_uint_eq(execute(), US_CE | US_DE | US_UC);
	begin();
	add_extent(0, 1, 1);
	add_seek(2, 0);
	ck_assert_uint_eq(execute(), US_CE | US_DE | US_UC);
	ck_assert_uint_eq(dev->sense[1], 0x04);
	begin();
	add_seek(0, 0);
	ck_assert_uint_eq(execute(), US_CE | US_DE);
	begin();
	add_extent(0, 1, 1);
	add(0x06, NULL, 5); /* where the arm is */
	ck_assert_uint_eq(execute(), US_CE | US_DE | US_UC);
}
END_TEST

START_TEST(a_3330_has_no_extended_commands)
{
	begin();
	add_extent(0, 0, 1);
	ck_assert_uint_eq(execute(), US_CE | US_DE | US_UC);
	ck_assert_uint_eq(dev->sense[0], SENSE0_COMMAND_REJECT);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ckd");
	TCase *tc = tcase_create("ckd");
	const TTest *tests[] = {
		reads_what_it_wrote,
		a_record_without_data_is_end_of_file,
		updates_data_and_keys,
		a_full_host_is_equipment_check,
		the_file_has_what_has_ended,
		searches,
		nothing_found_in_two_turns,
		multitrack_goes_down_the_cylinder,
		home_address_and_record_0,
		write_r0_erases_the_track,
		file_mask,
		writes_need_orientation,
		a_track_is_full_at_its_length,
		records_overflow_to_the_next_track,
		erase_ends_the_track,
		bad_seeks,
		sectors,
		a_minidisk_is_a_part,
		read_only,
		ipl_record,
		ipl_record_of_another_cylinder,
		sense_and_attach,
	};

	tcase_add_checked_fixture(tc, setup, teardown);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	tcase_add_test(tc, located_records_are_read_and_written);
	tcase_add_test(tc, whole_tracks_are_read);
	tcase_add_test(tc, whole_tracks_are_written);
	tcase_add_test(tc, extents_and_domains_are_kept);
	tcase_add_test(tc, a_3330_has_no_extended_commands);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
