/* Typewriter consoles with a scripted terminal: GA24-3550. */
#include "tests/unit/channel_rig.h"

/* What the terminal was told, and how it behaves. */
static struct {
	bool there, room;
	char log[512];
	size_t length;
	size_t read_max;
	unsigned cancels;
} term;

static bool term_ready(void *arg)
{
	(void)arg;
	return term.there;
}

static bool term_write(void *arg, const uint8_t *text, size_t length, unsigned flags)
{
	(void)arg;
	if (!term.room)
		return false;
	ck_assert(term.length + length + 2 < sizeof(term.log));
	if (length)
		memcpy(term.log + term.length, text, length);
	term.length += length;
	if (flags & TERMINAL_ALARM)
		term.log[term.length++] = '!';
	if (flags & TERMINAL_NEWLINE)
		term.log[term.length++] = '|';
	return true;
}

static void term_read(void *arg, size_t max)
{
	(void)arg;
	term.read_max = max;
}

static void term_cancel(void *arg)
{
	(void)arg;
	term.cancels++;
}

static const struct terminal_ops ops = {
	.ready = term_ready,
	.write = term_write,
	.read = term_read,
	.cancel = term_cancel,
};

static struct device *dev;

static void setup(void)
{
	const struct device_class *class = device_class_find("3210");
	struct machine_request req = { .address = DEV, .class_name = "3210" };

	memset(&term, 0, sizeof(term));
	term.there = term.room = true;
	req.terminal.ops = &ops;
	rig_setup();
	dev = channels_attach(cs, class, NULL, &req, NULL);
	ck_assert_str_eq(dev->type, "3210");
	poke(DATA, "HELLO", 5);
}

static bool request(enum machine_request_kind kind, const char *text, bool cancel)
{
	const struct machine_request req = {
		.kind = kind,
		.data = (uint8_t *)(uintptr_t)text,
		.length = text ? strlen(text) : 0,
		.on = cancel,
	};

	return dev->class->request(dev, &req, NULL);
}

static void check_log(const char *expected)
{
	ck_assert_uint_eq(term.length, strlen(expected));
	ck_assert_mem_eq(term.log, expected, term.length);
}

START_TEST(writes)
{
	ccw(PROGRAM, 0x01, DATA, CC, 2);
	ccw(PROGRAM + 8, 0x09, DATA + 2, CC, 3);
	ccw(PROGRAM + 16, 0x0B, 0, 0, 1);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("writes", PROGRAM + 24, 0x0C00, 1);
	check_log("HELLO|!");
}
END_TEST

START_TEST(a_write_waits_for_room)
{
	term.room = false;
	ccw(PROGRAM, 0x09, DATA, CC, 5);
	ccw(PROGRAM + 8, 0x03, 0, 0, 1);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	ck_assert(!pending);
	ck_assert(request(MACHINE_TERMINAL_ROOM, NULL, false)); /* too early */
	ck_assert(!pending);
	term.room = true;
	poke(DATA, "XXXXX", 5); /* the data was fetched before */
	ck_assert(request(MACHINE_TERMINAL_ROOM, NULL, false));
	interruption("after room", PROGRAM + 16, 0x0C00, 1);
	check_log("HELLO|");
}
END_TEST

START_TEST(a_long_write_comes_in_pieces)
{
	static char big[TERMINAL_LINE_MAX];

	memset(big, 'x', sizeof(big));
	poke(0x8000, big, sizeof(big));
	term.room = false;
	ccw(PROGRAM, 0x09, 0x8000, CD, sizeof(big));
	ccw(PROGRAM + 8, 0, DATA, 0, 5);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	term.room = true;
	term.length = sizeof(term.log) - 1; /* full: halt instead */
	ck_assert_uint_eq(io(IO_HIO), 1);
	ck_assert_uint_eq(term.cancels, 1);
	interruption("halted", PROGRAM + 16, 0x0C40 & 0x0C00, 5);
}
END_TEST

START_TEST(reads)
{
	uint8_t b[8] = { 0 };

	ck_assert(!request(MACHINE_TERMINAL_INPUT, "early", false));
	ccw(PROGRAM, 0x0A, DATA, SLI | CC, 130);
	ccw(PROGRAM + 8, 0x09, DATA, 0, 3);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	ck_assert_uint_eq(term.read_max, 130);
	ck_assert(!pending);
	ck_assert(request(MACHINE_TERMINAL_INPUT, "abc", false));
	interruption("read, write", PROGRAM + 16, 0x0C00, 0);
	peek(DATA, b, 5);
	ck_assert_mem_eq(b, "abcLO", 5);
	check_log("abc|");
}
END_TEST

START_TEST(an_empty_line_is_a_line)
{
	ccw(PROGRAM, 0x0A, DATA, 0, 130);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	ck_assert(request(MACHINE_TERMINAL_INPUT, "", false));
	interruption("empty", PROGRAM + 8, 0x0C40, 130);
}
END_TEST

START_TEST(cancel_is_unit_exception)
{
	ccw(PROGRAM, 0x0A, DATA, SLI | CC, 130);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	ck_assert(request(MACHINE_TERMINAL_INPUT, NULL, true));
	interruption("cancelled", PROGRAM + 8, 0x0D00, 130);
}
END_TEST

START_TEST(halting_a_read)
{
	ccw(PROGRAM, 0x0A, DATA, SLI, 130);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	ck_assert_uint_eq(io(IO_HIO), 1);
	ck_assert_uint_eq(term.cancels, 1);
	interruption("halted", PROGRAM + 8, 0x0C00, 130);
	ck_assert(!request(MACHINE_TERMINAL_INPUT, "late", false));
}
END_TEST

START_TEST(nobody_there)
{
	uint8_t sense;

	term.there = false;
	ccw(PROGRAM, 0x09, DATA, 0, 5);
	ccw(PROGRAM + 8, 0x04, DATA, 0, 1);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("nobody", PROGRAM + 8, 0x0E00, 5);
	ck_assert_uint_eq(sio(0, PROGRAM + 8), 0);
	interruption("sense", PROGRAM + 16, 0x0C00, 0);
	peek(DATA, &sense, 1);
	ck_assert_uint_eq(sense, SENSE0_INTERVENTION);
	ccw(PROGRAM, 0x0D, DATA, 0, 5);
	ck_assert_uint_eq(sio(0, PROGRAM), 0);
	interruption("reject", PROGRAM + 8, 0x0E00, 5);
	ck_assert_uint_eq(dev->sense[0], SENSE0_COMMAND_REJECT);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("console");
	TCase *tc = tcase_create("console");
	const TTest *tests[] = {
		writes,
		a_write_waits_for_room,
		a_long_write_comes_in_pieces,
		reads,
		an_empty_line_is_a_line,
		cancel_is_unit_exception,
		halting_a_read,
		nobody_there,
	};

	tcase_add_checked_fixture(tc, setup, rig_teardown);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
