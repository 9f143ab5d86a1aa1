/* Pages mapped into storage, and the interval timer that counts virtual time. */
#include <check.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "cpu370/cpu.h"
#include "tests/unit/runner.h"

struct rig {
	struct manual_clock clock;
	struct storage *st[2];
	struct cpu370 *cpu;
	int fd;
};

static void rig_init(struct rig *r)
{
	const struct cpu_config config = { .arch = CPU_S370 };
	uint8_t page[4096];

	manual_clock_init(&r->clock, UINT64_C(0x8000000000000000));
	for (unsigned i = 0; i < 2; i++)
		r->st[i] = storage_new(1 << 20, NULL);
	r->cpu = cpu370_new(r->st[0], &config, NULL, &r->clock.clock, NULL);
	ck_assert_ptr_nonnull(r->cpu);
	r->fd = memfd_create("segment", MFD_CLOEXEC);
	for (unsigned i = 0; i < 4; i++) {
		memset(page, 0xA0 + (int)i, sizeof(page));
		/* At the start of page 2: LA 1,7 and a wait. */
		if (i == 2)
			memcpy(page, "\x41\x10\x00\x07\x82\x00\x01\x00", 8);
		ck_assert_int_eq(write(r->fd, page, sizeof(page)), sizeof(page));
	}
}

static void rig_free(struct rig *r)
{
	cpu370_free(r->cpu);
	storage_free(r->st[0]);
	storage_free(r->st[1]);
	close(r->fd);
}

/* At X'100', for the programs of these tests to end with. */
static void store_wait(struct rig *r)
{
	uint8_t psw[8];

	put_be64(psw, UINT64_C(0x0002000000EEEEEE));
	ck_assert_int_eq(storage_store(r->st[0], 0x100, 0, psw, 8, NULL), STORAGE_OK);
}

static unsigned byte(struct storage *st, uint32_t at)
{
	uint8_t b;

	ck_assert_int_eq(storage_fetch(st, at, 0, &b, 1, NULL), STORAGE_OK);
	return b;
}

static void map(struct storage *st, uint32_t at, int fd, uint64_t offset, uint32_t length,
		const uint8_t *keys)
{
	struct error err = { 0, "" };

	ck_assert_msg(storage_map(st, at, fd, offset, length, keys, &err), "%s", err.text);
}

START_TEST(pages_beyond_the_size)
{
	static const uint8_t keys[4] = { 0xD4, 0xD4, 0x10, 0x20 };
	struct error err;
	struct rig r;
	uint8_t b = 1;

	rig_init(&r);
	ck_assert(!storage_has(r.st[0], 0xF00000));
	map(r.st[0], 0xF00000, r.fd, 4096, 8192, keys);
	ck_assert(storage_has(r.st[0], 0xF00000));
	ck_assert(storage_has(r.st[0], 0xF01FFF));
	ck_assert(!storage_has(r.st[0], 0xF02000));
	ck_assert(!storage_has(r.st[0], 0x100000));
	ck_assert_uint_eq(storage_size(r.st[0]), 1 << 20);
	ck_assert_uint_eq(byte(r.st[0], 0xF00000), 0xA1);
	ck_assert_uint_eq(storage_key(r.st[0], 0xF01800) & 0xF0, 0x20);
	ck_assert_int_eq(storage_fetch(r.st[0], 0xF01FFF, 0, &b, 2, NULL), STORAGE_ADDRESSING);
	ck_assert_int_eq(storage_store(r.st[0], 0xF00000, 0x30, &b, 1, NULL),
			 STORAGE_PROTECTION);
	ck_assert(storage_unmap(r.st[0], 0xF00000, 8192, &err));
	ck_assert(!storage_has(r.st[0], 0xF00000));
	rig_free(&r);
}
END_TEST

START_TEST(stores_are_private)
{
	struct rig r;
	uint8_t b = 0x55;

	rig_init(&r);
	map(r.st[0], 0x10000, r.fd, 0, 4096, NULL);
	map(r.st[1], 0x20000, r.fd, 0, 4096, NULL);
	ck_assert_int_eq(storage_store(r.st[0], 0x10000, 0, &b, 1, NULL), STORAGE_OK);
	ck_assert_uint_eq(byte(r.st[0], 0x10000), 0x55);
	ck_assert_uint_eq(byte(r.st[0], 0x10001), 0xA0);
	ck_assert_uint_eq(byte(r.st[1], 0x20000), 0xA0);
	ck_assert_int_eq(pread(r.fd, &b, 1, 0), 1);
	ck_assert_uint_eq(b, 0xA0);
	rig_free(&r);
}
END_TEST

START_TEST(clear_takes_mappings_away)
{
	struct rig r;

	rig_init(&r);
	map(r.st[0], 0x10000, r.fd, 0, 4096, NULL);
	map(r.st[0], 0xF00000, r.fd, 0, 4096, NULL);
	storage_clear(r.st[0]);
	ck_assert_uint_eq(byte(r.st[0], 0x10000), 0);
	ck_assert(!storage_has(r.st[0], 0xF00000));
	rig_free(&r);
}
END_TEST

START_TEST(bad_ranges_are_refused)
{
	struct error err;
	struct rig r;

	rig_init(&r);
	ck_assert(!storage_map(r.st[0], 0x800, r.fd, 0, 4096, NULL, &err));
	ck_assert(!storage_map(r.st[0], 0x1000, r.fd, 0, 100, NULL, &err));
	ck_assert(!storage_map(r.st[0], 0xFFF000, r.fd, 0, 8192, NULL, &err));
	ck_assert(!storage_map(r.st[0], 0x1000000, r.fd, 0, 4096, NULL, &err));
	ck_assert(!storage_unmap(r.st[0], 0x1000, 0, &err));
	rig_free(&r);
}
END_TEST

/* A program runs in a page; other pages are mapped over it; it runs again. */
START_TEST(decoded_code_is_forgotten)
{
	struct rig r;

	rig_init(&r);
	store_wait(&r);
	ck_assert_int_eq(storage_store(r.st[0], 0xF000, 0, "\x41\x10\x00\x05\x82\x00\x01\x00", 8,
				       NULL), STORAGE_OK);
	cpu370_set_psw(r.cpu, 0xF000);
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(cpu370_gr(r.cpu, 1), 5);
	map(r.st[0], 0xF000, r.fd, 8192, 4096, NULL);
	cpu370_set_psw(r.cpu, 0xF000);
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(cpu370_gr(r.cpu, 1), 7);
	rig_free(&r);
}
END_TEST

/* Execution beyond the size of storage, with the segment's key. */
START_TEST(code_beyond_the_size_runs)
{
	struct rig r;

	rig_init(&r);
	store_wait(&r);
	map(r.st[0], 0xF00000, r.fd, 8192, 4096, NULL);
	cpu370_set_psw(r.cpu, 0xF00000);
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(cpu370_gr(r.cpu, 1), 7);
	rig_free(&r);
}
END_TEST

static uint32_t timer_word(struct rig *r)
{
	uint8_t b[4];

	ck_assert_int_eq(storage_fetch(r->st[0], 0x50, 0, b, 4, NULL), STORAGE_OK);
	return be32(b);
}

/* SET TIMER ON: neither the wait state nor time between runs counts. */
START_TEST(virtual_timer_stands_in_the_wait)
{
	struct rig r;
	const uint8_t start[4] = { 0, 0, 1, 0 };

	rig_init(&r);
	cpu370_set_interval_timer(r.cpu, ITIMER_VIRTUAL);
	ck_assert_int_eq(storage_store(r.st[0], 0x50, 0, start, 4, NULL), STORAGE_OK);
	cpu370_set_psw(r.cpu, UINT64_C(0x0102000000001000));
	manual_clock_advance(&r.clock, TOD_SECOND);
	ck_assert_int_eq(cpu370_run(r.cpu, 10), CPU_EXIT_WAIT);
	manual_clock_advance(&r.clock, TOD_SECOND);
	ck_assert_int_eq(cpu370_run(r.cpu, 10), CPU_EXIT_WAIT);
	ck_assert_uint_eq(timer_word(&r), 0x100);
	ck_assert_uint_eq(cpu370_deadline(r.cpu), CLOCK_NEVER);
	cpu370_set_interval_timer(r.cpu, ITIMER_REAL);
	manual_clock_advance(&r.clock, TOD_SECOND / 300 + 1);
	ck_assert_int_eq(cpu370_run(r.cpu, 10), CPU_EXIT_WAIT);
	ck_assert_uint_eq(timer_word(&r), 0);
	rig_free(&r);
}
END_TEST

static int slow_diagnose(void *arg, struct cpu370 *cpu, unsigned r1, unsigned r3, uint32_t code)
{
	struct rig *r = arg;

	(void)r1;
	(void)r3;
	cpu370_owner_waits(cpu, code == 8);
	manual_clock_advance(&r->clock, TOD_SECOND);
	cpu370_owner_waits(cpu, false);
	return 0;
}

/* What CP takes for a DIAGNOSE is not virtual time, if it says so. */
START_TEST(virtual_timer_stands_while_the_owner_waits)
{
	const struct cpu_config config = { .arch = CPU_S370 };
	struct rig r;
	struct cpu_owner owner = { .arg = &r, .diagnose = slow_diagnose };
	const uint8_t start[4] = { 0, 1, 0x2C, 0 };

	rig_init(&r);
	cpu370_free(r.cpu);
	r.cpu = cpu370_new(r.st[0], &config, &owner, &r.clock.clock, NULL);
	cpu370_set_interval_timer(r.cpu, ITIMER_VIRTUAL);
	ck_assert_int_eq(storage_store(r.st[0], 0x50, 0, start, 4, NULL), STORAGE_OK);
	ck_assert_int_eq(storage_store(r.st[0], 0x1000, 0, "\x83\x12\x00\x08", 4, NULL),
			 STORAGE_OK);
	cpu370_set_psw(r.cpu, 0x1000);
	ck_assert_int_eq(cpu370_run(r.cpu, 1), CPU_EXIT_BUDGET);
	ck_assert_uint_eq(timer_word(&r), 0x12C00);
	rig_free(&r);
}
END_TEST

/* Each fraction of a step counts, however often the clock is looked at. */
START_TEST(fractions_add_up)
{
	struct rig r;
	const uint8_t start[4] = { 0, 0, 1, 0 };

	rig_init(&r);
	ck_assert_int_eq(storage_store(r.st[0], 0x50, 0, start, 4, NULL), STORAGE_OK);
	cpu370_set_psw(r.cpu, UINT64_C(0x0102000000001000));
	for (unsigned i = 0; i < 301; i++) {
		manual_clock_advance(&r.clock, TOD_SECOND / 300 / 300 + 1);
		ck_assert_int_eq(cpu370_run(r.cpu, 10), CPU_EXIT_WAIT);
	}
	ck_assert_uint_le(timer_word(&r), 1);
	rig_free(&r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("storage maps and virtual time");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, pages_beyond_the_size);
	tcase_add_test(tc, stores_are_private);
	tcase_add_test(tc, clear_takes_mappings_away);
	tcase_add_test(tc, bad_ranges_are_refused);
	tcase_add_test(tc, decoded_code_is_forgotten);
	tcase_add_test(tc, code_beyond_the_size_runs);
	tcase_add_test(tc, virtual_timer_stands_in_the_wait);
	tcase_add_test(tc, virtual_timer_stands_while_the_owner_waits);
	tcase_add_test(tc, fractions_add_up);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
