/* Local 3270 displays with a scripted terminal: GA27-2749. */
#include "tests/unit/channel_rig.h"

static struct {
	bool there;
	enum terminal_result result;
	uint8_t command, data[64];
	size_t length;
	uint8_t read_command;
	unsigned cancels;
} term;

static bool term_ready(void *arg)
{
	(void)arg;
	return term.there;
}

static void term_cancel(void *arg)
{
	(void)arg;
	term.cancels++;
}

static enum terminal_result term_write(void *arg, uint8_t command, const uint8_t *data,
				       size_t length)
{
	(void)arg;
	term.command = command;
	term.length = length;
	if (length)
		memcpy(term.data, data, length);
	return term.result;
}

static void term_read(void *arg, uint8_t command)
{
	(void)arg;
	term.read_command = command;
}

static const struct terminal_ops ops = {
	.ready = term_ready,
	.cancel = term_cancel,
	.write3270 = term_write,
	.read3270 = term_read,
};

static struct device *dev;

static void setup(void)
{
	struct machine_request req = { .address = DEV, .class_name = "3279" };

	memset(&term, 0, sizeof(term));
	term.there = true;
	req.terminal.ops = &ops;
	rig_setup();
	dev = channels_attach(cs, device_class_find("3279"), NULL, &req, NULL);
	ck_assert_ptr_nonnull(dev);
	poke(DATA, "\xC3\x11\x40\x40HELLO", 9);
}

static bool post(enum machine_request_kind kind, const char *record, size_t length)
{
	const struct machine_request req = {
		.kind = kind,
		.data = (uint8_t *)(uintptr_t)record,
		.length = length,
	};

	return dev->class->request(dev, &req, NULL);
}

START_TEST(writes_go_to_the_terminal)
{
	for (size_t i = 0; i < 4; i++) {
		uint8_t op = (uint8_t) "\x01\x05\x0D\x11"[i];

		ccw(PROGRAM, op, DATA, 0, 9);
		ck_assert_uint_eq(sio(0, PROGRAM), 0);
		interruption("write", PROGRAM + 8, 0x0C00, 0);
		ck_assert_uint_eq(term.command, op);
		ck_assert_uint_eq(term.length, 9);
		ck_assert_mem_eq(term.data, "\xC3\x11\x40\x40HELLO", 9);
	}
	ccw(PROGRAM, 0x0F, DATA, 0, 1); /* immediate */
	ck_assert_uint_eq(sio(0, PROGRAM), 1);
	check_csw("erase unprotected", 0xEEEEEE, 0x0C00, 0xEEEE);
	ck_assert_uint_eq(term.length, 0);
}
END_TEST

START_TEST(a_full_terminal_and_a_bad_stream)
{
	term.result = TERMINAL_NO_ROOM;
	ccw(PROGRAM, 0x05, DATA, 0, 9);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	ck_assert(!pending);
	term.result = TERMINAL_TAKEN;
	ck_assert(post(MACHINE_TERMINAL_ROOM, NULL, 0));
	interruption("room", PROGRAM + 8, 0x0C00, 0);
	term.result = TERMINAL_BAD;
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("bad", PROGRAM + 8, 0x0E00, 0);
	ck_assert_uint_eq(dev->sense[0], 0x01);
}
END_TEST

START_TEST(a_key_is_an_attention_and_is_read)
{
	uint8_t b[4];

	ck_assert(post(MACHINE_TERMINAL_INPUT, "\x7D\x40\x40", 3));
	interruption("attention", 0, 0x8000, 0);
	ccw(PROGRAM, 0x06, DATA, SLI, 100);
	for (int i = 0; i < 2; i++) { /* as often as the program likes */
		ck_assert_uint_eq(sio(0, PROGRAM), 0);
		interruption("read modified", PROGRAM + 8, 0x0C00, 97);
		peek(DATA, b, 3);
		ck_assert_mem_eq(b, "\x7D\x40\x40", 3);
	}
	poke(DATA, "\xC2", 1); /* a WCC that restores the keyboard */
	ccw(PROGRAM, 0x01, DATA, CC, 1);
	ccw(PROGRAM + 8, 0x06, DATA, SLI, 100);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	ck_assert(!pending); /* the terminal is asked now */
	ck_assert_uint_eq(term.read_command, 0x06);
	ck_assert(post(MACHINE_TERMINAL_INPUT, "\x60\x40\x40", 3));
	interruption("no AID", PROGRAM + 16, 0x0C00, 97);
}
END_TEST

START_TEST(read_buffer_asks)
{
	ck_assert(post(MACHINE_TERMINAL_INPUT, "\x7D\x40\x40", 3));
	interruption("attention", 0, 0x8000, 0);
	ccw(PROGRAM, 0x02, DATA, SLI, 100);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	ck_assert(!pending);
	ck_assert_uint_eq(term.read_command, 0x02);
	ck_assert_uint_eq(io(IO_HIO), 1);
	ck_assert_uint_eq(term.cancels, 1);
	interruption("halted", PROGRAM + 8, 0x0C00, 100);
	ck_assert(!post(MACHINE_TERMINAL_INPUT, "", 0));
}
END_TEST

START_TEST(nobody_there_and_sense_id)
{
	uint8_t id[7];

	term.there = false;
	ccw(PROGRAM, 0x05, DATA, 0, 9);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("nobody", PROGRAM + 8, 0x0E00, 9);
	ck_assert_uint_eq(dev->sense[0], SENSE0_INTERVENTION);
	ccw(PROGRAM, 0xE4, DATA, 0, 7);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("sense ID", PROGRAM + 8, 0x0C00, 0);
	peek(DATA, id, 7);
	ck_assert_mem_eq(id, "\xFF\x32\x74\x1D\x32\x79\x02", 7);
	term.there = true;
	ccw(PROGRAM, 0x09, DATA, 0, 7);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("reject", PROGRAM + 8, 0x0E00, 7);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("display");
	TCase *tc = tcase_create("display");
	const TTest *tests[] = {
		writes_go_to_the_terminal,	   a_full_terminal_and_a_bad_stream,
		a_key_is_an_attention_and_is_read, read_buffer_asks,
		nobody_there_and_sense_id,
	};

	tcase_add_checked_fixture(tc, setup, rig_teardown);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
