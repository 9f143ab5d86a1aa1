/* Printers and punches, and the host files behind them: GA24-3312, GA24-3543. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "devices/carriage.h"
#include "tests/unit/channel_rig.h"

static struct device *dev;
static char path[64];

static void setup(void)
{
	int fd;

	strcpy(path, "/tmp/test_output_XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	rig_setup();
}

static void teardown(void)
{
	rig_teardown();
	unlink(path);
}

static void attach(const char *type, const char *word)
{
	const char *const argv[] = { path, word };
	const struct machine_request req = {
		.address = DEV,
		.class_name = type,
		.argc = word ? 2 : 1,
		.argv = (char *const *)(uintptr_t)argv,
	};

	dev = channels_attach(cs, device_class_find(type), NULL, &req, NULL);
	ck_assert_ptr_nonnull(dev);
}

/* Execute one command with EBCDIC text; the unit status. */
static unsigned command(uint8_t op, const char *text)
{
	uint8_t csw[8], data[200];
	size_t n = strlen(text);
	uint16_t who;

	ebcdic_from_latin1(&codepage_037, data, text, n);
	if (n)
		poke(DATA, data, n);
	ccw(PROGRAM, op, DATA, SLI, (uint16_t)(n ? n : 1));
	if (sio(0, PROGRAM) == 0)
		ck_assert(channels_interruption(cs, 0xFFFFFFFF, 0, &who));
	peek(0x40, csw, 8);
	ck_assert_uint_eq(csw[5], 0);
	return csw[4];
}

static void check_file(const char *expected, size_t length)
{
	char got[2048];
	FILE *f = fopen(path, "rb");
	size_t n = fread(got, 1, sizeof(got), f);

	fclose(f);
	ck_assert_uint_eq(n, length);
	ck_assert_mem_eq(got, expected, n);
}

#define CHECK_TEXT(text) check_file(text, sizeof(text) - 1)

START_TEST(a_page_of_text)
{
	attach("1403", NULL);
	ck_assert_uint_eq(command(0x8B, ""), 0x0C);
	ck_assert_uint_eq(command(0x09, "ONE  "), 0x0C);
	ck_assert_uint_eq(command(0x01, "OVER"), 0x0C);
	ck_assert_uint_eq(command(0x11, "PRINT"), 0x0C);
	ck_assert_uint_eq(command(0x13, ""), 0x0C);
	ck_assert_uint_eq(command(0x91, "TO LINE 7"), 0x0C);
	ck_assert_uint_eq(command(0x89, "END\x01\xAC"), 0x0C);
	CHECK_TEXT("ONE\nOVER\rPRINT\n\n\n\nTO LINE 7\nEND \xC2\xAC\r\f");
	ck_assert_uint_eq(command(0x8B, ""), 0x0C); /* on a new page already */
	CHECK_TEXT("ONE\nOVER\rPRINT\n\n\n\nTO LINE 7\nEND \xC2\xAC\r\f");
	ck_assert_uint_eq(command(0x63, "x"), 0x02); /* a 1403 has no FCB */
	ck_assert_uint_eq(command(0x7B, ""), 0x0C);
	ck_assert_uint_eq(command(0xE9, "channel 13"), 0x02);
}
END_TEST

START_TEST(a_long_line_is_wrong_length)
{
	attach("1403", "crlf");
	ccw(PROGRAM, 0x09, DATA, 0, 133);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("133 columns", PROGRAM + 8, 0x0C40, 1);
	CHECK_TEXT("\r\n");
}
END_TEST

START_TEST(forms_control)
{
	static const uint8_t form[] = { 1, 0, 9, 12, 0x15 }, endless[] = { 1, 2, 3 };

	attach("3211", NULL);
	poke(DATA, endless, sizeof(endless));
	ccw(PROGRAM, 0x63, DATA, 0, sizeof(endless));
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("no last line", PROGRAM + 8, 0x0E00, 0);
	ck_assert_uint_eq(dev->sense[0], 0x02);
	poke(DATA, form, sizeof(form));
	ccw(PROGRAM, 0x63, DATA, 0, sizeof(form));
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("load FCB", PROGRAM + 8, 0x0C00, 0);
	ck_assert_uint_eq(command(0x09, "1"), 0x0C); /* to line 2 */
	ck_assert_uint_eq(command(0x09, "2"), 0x0E); /* to 3: channel 9 */
	ck_assert_uint_eq(dev->sense[0], 0x01);
	ck_assert_uint_eq(command(0x09, "3"), 0x0D); /* to 4: channel 12 */
	ck_assert_uint_eq(command(0x09, "4"), 0x0C);
	ck_assert_uint_eq(command(0x93, ""), 0x0E); /* no channel 2 in this form */
	ck_assert_uint_eq(dev->sense[0], 0x08);
	ck_assert_uint_eq(dev->sense[1], 0x10);
	CHECK_TEXT("1\n2\n3\n4\n\n");
}
END_TEST

START_TEST(carriage_commands)
{
	unsigned writes = 0, moves = 0;

	for (unsigned c = 0; c < 256; c++) {
		struct carriage_op op = carriage_op((uint8_t)c);

		writes += op.valid && op.write;
		moves += op.valid && !op.write;
	}
	ck_assert_uint_eq(writes, 16);
	ck_assert_uint_eq(moves, 15);
	ck_assert_uint_eq(carriage_op(0xE3).skip, 12);
	ck_assert_uint_eq(carriage_op(0x1B).space, 3);
	ck_assert(!carriage_op(0x03).valid);
	ck_assert(!carriage_op(0x89 + 0x60 + 8).valid);
}
END_TEST

START_TEST(cards)
{
	char card[80];

	memset(card, 0x40, sizeof(card));
	memset(card, 0xC1, 3);
	attach("2540P", NULL);
	ck_assert_uint_eq(command(0x41, "AAA"), 0x0C);
	check_file(card, 80);
	ck_assert_uint_eq(command(0x21, "column binary"), 0x02);
	ccw(PROGRAM, 0x01, DATA, 0, 90);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("90 columns", PROGRAM + 8, 0x0C40, 10);
}
END_TEST

START_TEST(cards_as_text)
{
	attach("3525", "ascii");
	ck_assert_uint_eq(command(0x01, "// JOB"), 0x0C);
	ck_assert_uint_eq(command(0x01, " "), 0x0C);
	CHECK_TEXT("// JOB\n\n");
}
END_TEST

START_TEST(nothing_to_write_on)
{
	const char *const argv[] = { path };
	struct machine_request req = { .address = DEV, .class_name = "1403" };

	dev = channels_attach(cs, device_class_find("1403"), NULL, &req, NULL);
	ck_assert_uint_eq(command(0x09, "X"), 0x02);
	ck_assert_uint_eq(dev->sense[0], SENSE0_INTERVENTION);
	req.kind = MACHINE_MOUNT;
	req.argc = 1;
	req.argv = (char *const *)(uintptr_t)argv;
	ck_assert(dev->class->request(dev, &req, NULL));
	interruption("ready", 0, 0x0400, 0);
	ck_assert_uint_eq(command(0x09, "X"), 0x0C);
	CHECK_TEXT("X\n");
}
END_TEST

START_TEST(a_full_disk_is_an_equipment_check)
{
	if (access("/dev/full", W_OK) != 0)
		return;
	unlink(path);
	strcpy(path, "/dev/full");
	attach("1403", "append");
	ck_assert_uint_eq(command(0x09, "X"), 0x0E);
	ck_assert_uint_eq(dev->sense[0], SENSE0_EQUIPMENT);
	strcpy(path, "/tmp/test_output_gone");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("output");
	TCase *tc = tcase_create("output");
	const TTest *tests[] = {
		a_page_of_text,
		a_long_line_is_wrong_length,
		forms_control,
		carriage_commands,
		cards,
		cards_as_text,
		nothing_to_write_on,
		a_full_disk_is_an_equipment_check,
	};

	tcase_add_checked_fixture(tc, setup, teardown);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
