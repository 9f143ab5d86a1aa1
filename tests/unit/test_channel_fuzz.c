/*
 * Channel programs made by chance, on every device model. Nothing is expected but
 * that the channel comes back, and what must always hold. The seed is fixed, so a
 * finding can be repeated; CHANNEL_FUZZ=programs makes a longer run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dasd/volume.h"
#include "devices/ctca.h"
#include "tests/unit/channel_rig.h"

static char directory[40];
static uint64_t seed;

/* xorshift64*: G. Marsaglia, "Xorshift RNGs" (2003). */
static uint32_t chance(uint32_t below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (uint32_t)((seed * UINT64_C(2685821657736338717)) >> 32) % below;
}

/* ---- terminals that answer at random */

static bool some_ready(void *arg)
{
	(void)arg;
	return chance(8) != 0;
}

static bool some_write(void *arg, const uint8_t *text, size_t length, unsigned flags)
{
	unsigned sum = flags;

	(void)arg;
	for (size_t i = 0; i < length; i++)
		sum += text[i]; /* let the sanitizer see the bytes */
	return (sum & 3) != 3;
}

static void some_read(void *arg, size_t max)
{
	(void)arg;
	(void)max;
}

static void some_cancel(void *arg)
{
	(void)arg;
}

static enum terminal_result some_write3270(void *arg, uint8_t command,
					   const uint8_t *data, size_t length)
{
	(void)arg;
	(void)command;
	return length && data[0] & 1 ? TERMINAL_BAD : (enum terminal_result)chance(3);
}

static void some_read3270(void *arg, uint8_t command)
{
	(void)arg;
	(void)command;
}

static const struct terminal_ops ops = {
	.ready = some_ready,
	.write = some_write,
	.read = some_read,
	.cancel = some_cancel,
	.write3270 = some_write3270,
	.read3270 = some_read3270,
};

/* ---- one device of each kind */

static struct device *devices[16];
static unsigned device_count;

static void attach(const char *type, const char *name, const char *word)
{
	static uint16_t next;
	char path[80];
	const char *argv[2] = { path, word };
	struct machine_request req = { .class_name = type };
	struct error err = { 0 };
	struct device *dev;

	next = device_count ? next + 1 : 0x100;
	snprintf(path, sizeof(path), "%s/%s", directory, name ? name : "");
	req.address = next;
	req.argc = name ? word ? 2 : 1 : 0;
	req.argv = (char *const *)(uintptr_t)argv;
	req.terminal.ops = &ops;
	dev = channels_attach(cs, device_class_find(type), NULL, &req, &err);
	ck_assert_msg(dev, "%s: %s", type, err.text);
	devices[device_count++] = dev;
}

static void create(const char *name, const char *type, bool fixed)
{
	struct volume_new what = {
		.format = fixed ? VOLUME_FBA : VOLUME_CKD,
		.geometry = fixed ? NULL : geometry_find(type),
		.cylinders = 3,
		.null_format = 2,
		.blocks = 200,
		.replace = true,
	};
	struct error err = { 0 };
	char path[80];

	if (what.geometry && what.geometry->slot < 50000)
		what.null_format = 1;
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	ck_assert_msg(volume_create(path, &what, &err), "%s", err.text);
}

static void setup(void)
{
	struct ctca_link *link = ctca_link_new();
	struct machine_request req = { .address = 0x2F0,
				       .class_name = "CTCA",
				       .link = link };
	char path[80];
	FILE *f;

	seed = 0x5370;
	device_count = 0;
	strcpy(directory, "/tmp/test_fuzz_XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/deck", directory);
	f = fopen(path, "w");
	for (int i = 0; i < 1000; i++)
		fprintf(f, "CARD %d\n", i);
	fclose(f);
	create("3330", "3330", false);
	create("2314", "2314", false);
	create("3380", "3380", false);
	create("fba", NULL, true);
	rig_setup();
	attach("3330", "3330", NULL);
	attach("2314", "2314", NULL);
	attach("3380", "3380", "offset=1");
	attach("3370", "fba", NULL);
	attach("3420", "tape.aws", NULL);
	attach("2400", "tape.het", NULL);
	attach("3505", "deck", "ascii");
	attach("3525", "punch", NULL);
	attach("1403", "print", NULL);
	attach("3211", "print2", NULL);
	attach("3215", NULL, NULL);
	attach("3278", NULL, NULL);
	for (; req.address < 0x2F2; req.address++)
		devices[device_count++] =
			channels_attach(cs, device_class_find("CTCA"), NULL, &req, NULL);
}

static void teardown(void)
{
	char command[80];

	rig_teardown();
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	ck_assert_int_eq(system(command), 0);
}

/* ---- programs */

/* Commands that lead somewhere; others come by chance. */
static const uint8_t commands[] = {
	0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x08, 0x09, 0x0A, 0x0B, 0x0C,
	0x0D, 0x0E, 0x0F, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x19, 0x1A, 0x1B,
	0x1D, 0x1E, 0x1F, 0x22, 0x23, 0x27, 0x29, 0x2F, 0x31, 0x31, 0x31, 0x37, 0x39,
	0x3F, 0x41, 0x42, 0x43, 0x5E, 0x63, 0x64, 0x69, 0x81, 0x82, 0x86, 0x89, 0x8B,
	0x92, 0x96, 0x9A, 0x9E, 0xA4, 0xB1, 0xB9, 0xC3, 0xE4, 0xE9,
};

static void random_program(void)
{
	unsigned n = 1 + chance(12);
	uint8_t data[64];

	for (unsigned i = 0; i < n; i++) {
		uint8_t op = chance(20) ? commands[chance(sizeof(commands))]
					: (uint8_t)chance(256);
		uint8_t flags = (uint8_t)(chance(6) ? CC : 0);
		uint32_t at = DATA + chance(0x6000);

		flags |= chance(3) ? SLI : 0;
		flags |= chance(8) ? 0 : CD;
		flags |= chance(12) ? 0 : IDA;
		flags |= chance(30) ? 0 : (uint8_t)(1u << chance(5));
		if (chance(25) == 0)
			at = chance(1 << 24);
		if ((op & 0x0F) == 0x08)
			at = PROGRAM + 8 * chance(n + 1);
		/* Arguments that mean something: small numbers in most bytes. */
		for (size_t b = 0; b < sizeof(data); b++)
			data[b] = (uint8_t)(chance(4) ? chance(3) : chance(256));
		if (at < STORAGE - sizeof(data) && at >= DATA)
			poke(at, data, sizeof(data));
		ccw(PROGRAM + 8 * i, op, at, flags,
		    (uint16_t)(chance(5) ? chance(64) : chance(65536)));
	}
}

/* Something from outside: an answer, a halt, another turn. */
static void random_event(struct device *dev)
{
	static const char text[] = "typed or sent";
	struct machine_request req = {
		.data = (uint8_t *)(uintptr_t)text,
		.length = chance(sizeof(text)),
		.on = chance(4) == 0,
	};
	static const enum machine_request_kind kinds[] = {
		MACHINE_TERMINAL_INPUT,
		MACHINE_TERMINAL_ROOM,
		MACHINE_WAKE_DEVICE,
	};

	req.kind = kinds[chance(3)];
	if (chance(3) && dev->class->request)
		(void)dev->class->request(dev, &req, NULL);
	if (chance(6) == 0)
		device_attention(dev, (uint8_t)chance(256));
	if (chance(200) == 0)
		dev->not_ready = !dev->not_ready;
}

static void run_one(void)
{
	struct device *dev = devices[chance(device_count)];
	uint8_t caw[4], csw[8];
	uint16_t who;
	unsigned cc;

	random_program();
	put_be32(caw, PROGRAM);
	caw[0] = (uint8_t)(chance(10) ? 0 : chance(256));
	poke(0x48, caw, 4);
	cc = channels_io(cs, chance(40) ? IO_SIO : IO_SIOF, dev->address, 0);
	ck_assert_uint_lt(cc, 3);
	for (int turn = 0; turn < 4 && channels_work(cs); turn++)
		;
	random_event(dev);
	if (chance(3) == 0)
		ck_assert_uint_le(
			channels_io(cs, (enum io_op)chance(12), dev->address, 0), 3);
	channels_hold(cs, 0, true);
	while (channels_interruption(cs, 0xFFFFFFFF, 0, &who)) {
		ck_assert_ptr_nonnull(channels_device(cs, who));
		peek(0x40, csw, 8);
		ck_assert_uint_le(be24(csw + 1), 1u << 24);
	}
	ck_assert(!pending);
	if (channels_have_work(cs) || chance(50) == 0)
		channels_io(cs, IO_CLRIO, dev->address, 0);
	if (chance(2000) == 0)
		channels_reset(cs);
}

START_TEST(programs_by_chance)
{
	const char *longer = getenv("CHANNEL_FUZZ");
	unsigned long programs = longer ? strtoul(longer, NULL, 10) : 20000;

	for (unsigned long i = 0; i < programs; i++)
		run_one();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("channel fuzz");
	TCase *tc = tcase_create("channel fuzz");

	tcase_set_timeout(tc, 7200);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, programs_by_chance);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
