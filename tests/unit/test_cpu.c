#include <string.h>

#include "base/bytes.h"
#include "cpu370/cpu.h"
#include "tests/unit/runner.h"

struct rig {
	struct manual_clock clock;
	struct storage *st;
	struct cpu370 *cpu;
};

static void store(struct rig *r, uint32_t at, const void *bytes, size_t n)
{
	ck_assert_int_eq(storage_store(r->st, at, 0, bytes, n, NULL), STORAGE_OK);
}

static uint32_t word(struct rig *r, uint32_t at)
{
	uint8_t b[4];

	ck_assert_int_eq(storage_fetch(r->st, at, 0, b, 4, NULL), STORAGE_OK);
	return be32(b);
}

static void store64(struct rig *r, uint32_t at, uint64_t value)
{
	uint8_t b[8];

	put_be64(b, value);
	store(r, at, b, 8);
}

static void rig_init(struct rig *r)
{
	struct cpu_config config = { .arch = CPU_S370, .cpuid = 0 };

	manual_clock_init(&r->clock, UINT64_C(0x8000000000000000));
	r->st = storage_new(1 << 20, NULL);
	r->cpu = cpu370_new(r->st, &config, NULL, &r->clock.clock, NULL);
	ck_assert_ptr_nonnull(r->cpu);
	/* Every new PSW is a disabled wait that names its class. */
	for (uint32_t at = 0x58; at <= 0x78; at += 8)
		store64(r, at, UINT64_C(0x0002000000EE0000) + at);
	cpu370_set_psw(r->cpu, 0x1000);
}

static void rig_free(struct rig *r)
{
	cpu370_free(r->cpu);
	storage_free(r->st);
}

static uint32_t ia(struct rig *r)
{
	return cpu370_psw(r->cpu) & 0xFFFFFF;
}

START_TEST(budget_is_exact)
{
	struct rig r;

	rig_init(&r);
	cpu370_set_gr(r.cpu, 1, 1000000);
	store(&r, 0x1000, "\x46\x10\x20\x00", 4); /* BCT 1,0(0,2) */
	cpu370_set_gr(r.cpu, 2, 0x1000);
	for (uint64_t n = 0; n < 200; n += 7) {
		uint64_t before = cpu370_icount(r.cpu);

		ck_assert_int_eq(cpu370_run(r.cpu, n), CPU_EXIT_BUDGET);
		ck_assert_uint_eq(cpu370_icount(r.cpu) - before, n);
		ck_assert_uint_eq(cpu370_gr(r.cpu, 1), 1000000 - cpu370_icount(r.cpu));
	}
	rig_free(&r);
}
END_TEST

START_TEST(external_key_enters_when_enabled)
{
	struct rig r;

	rig_init(&r);
	store(&r, 0x1000, "\x47\xF0\x10\x00", 4); /* B *, base 1 */
	cpu370_set_gr(r.cpu, 1, 0x1000);
	cpu370_external(r.cpu, 0x40);
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_BUDGET);
	cpu370_set_psw(r.cpu, UINT64_C(0x0100000000001000));
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(ia(&r), 0xEE0058);
	ck_assert_uint_eq(word(&r, 0x18), 0x01000040);
	rig_free(&r);
}
END_TEST

START_TEST(next_instruction_is_seen_as_stored)
{
	/* MVI 5(1),X'33': makes the LR 2,3 behind it LR 3,3; then SVC. */
	static const uint8_t code[] = { 0x92, 0x33, 0x10, 0x05, 0x18, 0x23, 0x0A, 0x01 };
	struct rig r;

	rig_init(&r);
	for (int round = 0; round < 20; round++) {
		store(&r, 0x1000, code, sizeof(code));
		cpu370_set_gr(r.cpu, 1, 0x1000);
		cpu370_set_gr(r.cpu, 2, 22);
		cpu370_set_gr(r.cpu, 3, 33);
		cpu370_set_psw(r.cpu, 0x1000);
		ck_assert_int_eq(cpu370_run(r.cpu, 1000), CPU_EXIT_DISABLED_WAIT);
		ck_assert_uint_eq(ia(&r), 0xEE0060);
		ck_assert_uint_eq(cpu370_gr(r.cpu, 2), 22);
	}
	rig_free(&r);
}
END_TEST

static Suite *cpu_suite(void)
{
	Suite *s = suite_create("cpu");
	TCase *tc = tcase_create("cpu");

	tcase_add_test(tc, budget_is_exact);
	tcase_add_test(tc, external_key_enters_when_enabled);
	tcase_add_test(tc, next_instruction_is_seen_as_stored);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(cpu_suite());
}
