/*
 * Several CPUs on one storage, each on a thread of its own, or by SIGP.
 */
#include <pthread.h>

#include "tests/unit/cpu_rig.h"

#define CPUS   3
#define ROUNDS 20000

struct pack {
	struct rig rig;
	struct cpu370 *cpu[CPUS];
};

static struct cpu370 *cpu_at(void *arg, uint16_t address)
{
	struct pack *p = arg;

	return address < CPUS ? p->cpu[address] : NULL;
}

static void pack_init(struct pack *p)
{
	rig_init(&p->rig);
	cpu370_free(p->rig.cpu);
	p->rig.cpu = NULL;
	for (uint16_t i = 0; i < CPUS; i++) {
		struct cpu_config config = { .arch = CPU_S370, .address = i };
		struct cpu_owner owner = { .arg = p, .cpu_at = cpu_at };

		p->cpu[i] = cpu370_new(p->rig.st, &config, &owner, &p->rig.clock.clock, NULL);
		cpu370_set_interval_timer(p->cpu[i], false);
	}
}

static void pack_free(struct pack *p)
{
	for (int i = 0; i < CPUS; i++)
		cpu370_free(p->cpu[i]);
	storage_free(p->rig.st);
}

static void *run_to_wait(void *arg)
{
	enum cpu_exit why;

	do
		why = cpu370_run(arg, 1000000);
	while (why == CPU_EXIT_BUDGET);
	return (void *)(uintptr_t)why;
}

static void pack_run(struct pack *p)
{
	pthread_t thread[CPUS];

	for (int i = 0; i < CPUS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, run_to_wait, p->cpu[i]), 0);
	for (int i = 0; i < CPUS; i++) {
		void *why;

		pthread_join(thread[i], &why);
		ck_assert_uint_eq((uintptr_t)why, CPU_EXIT_DISABLED_WAIT);
	}
}

START_TEST(compare_and_swap_is_atomic)
{
	static const uint8_t code[] = {
		0x58, 0x30, 0x20, 0x00,             /* L 3,0(0,2) */
		0x18, 0x43,                         /* LR 4,3 */
		0x1A, 0x45,                         /* AR 4,5 */
		0xBA, 0x34, 0x20, 0x00,             /* CS 3,4,0(2) */
		0x47, 0x70, 0x80, 0x04,             /* BNE 4(8) */
		0x46, 0x10, 0x80, 0x00,             /* BCT 1,0(8) */
		0x82, 0x00, 0x80, 0x20,             /* LPSW 32(8) */
	};
	struct pack p;

	pack_init(&p);
	store(&p.rig, 0x1000, code, sizeof(code));
	store64(&p.rig, 0x1020, UINT64_C(0x0002000000000000));
	for (int i = 0; i < CPUS; i++) {
		cpu370_set_gr(p.cpu[i], 1, ROUNDS);
		cpu370_set_gr(p.cpu[i], 2, 0x2000);
		cpu370_set_gr(p.cpu[i], 5, 1);
		cpu370_set_gr(p.cpu[i], 8, 0x1000);
		cpu370_set_psw(p.cpu[i], 0x1000);
	}
	pack_run(&p);
	ck_assert_uint_eq(word(&p.rig, 0x2000), CPUS * ROUNDS);
	pack_free(&p);
}
END_TEST

START_TEST(test_and_set_locks)
{
	static const uint8_t code[] = {
		0x93, 0x00, 0x20, 0x04,             /* TS 4(2) */
		0x47, 0x70, 0x80, 0x00,             /* BNZ 0(8) */
		0x58, 0x30, 0x20, 0x00,             /* L 3,0(0,2) */
		0x41, 0x30, 0x30, 0x01,             /* LA 3,1(0,3) */
		0x50, 0x30, 0x20, 0x00,             /* ST 3,0(0,2) */
		0x07, 0xF0,                         /* BCR 15,0 */
		0x92, 0x00, 0x20, 0x04,             /* MVI 4(2),0 */
		0x46, 0x10, 0x80, 0x00,             /* BCT 1,0(8) */
		0x82, 0x00, 0x80, 0x20,             /* LPSW 32(8) */
	};
	struct pack p;

	pack_init(&p);
	store(&p.rig, 0x1000, code, sizeof(code));
	store64(&p.rig, 0x1028, UINT64_C(0x0002000000000000));
	store(&p.rig, 0x101E, "\x82\x00\x80\x28", 4);
	for (int i = 0; i < CPUS; i++) {
		cpu370_set_gr(p.cpu[i], 1, 2000);
		cpu370_set_gr(p.cpu[i], 2, 0x2000);
		cpu370_set_gr(p.cpu[i], 8, 0x1000);
		cpu370_set_psw(p.cpu[i], 0x1000);
	}
	pack_run(&p);
	ck_assert_uint_eq(word(&p.rig, 0x2000), CPUS * 2000);
	pack_free(&p);
}
END_TEST

/*
 * CPU 0 and 1 spin on a branch that CPU 2 turns into a no-operation in their decoded
 * code: they must see it.
 */
START_TEST(code_stored_by_another_cpu_is_seen)
{
	static const uint8_t spin[] = { 0x47, 0xF0, 0x80, 0x00, 0x82, 0x00, 0x80, 0x20 };
	static const uint8_t code[] = {
		0x46, 0x10, 0x90, 0x00, /* BCT 1,0(9) */
		0x92, 0x00, 0x80, 0x01, /* MVI 1(8),0 */
		0x82, 0x00, 0x80, 0x20,
	};
	struct pack p;

	pack_init(&p);
	store(&p.rig, 0x1000, spin, sizeof(spin));
	store64(&p.rig, 0x1020, UINT64_C(0x0002000000000000));
	store(&p.rig, 0x3000, code, sizeof(code));
	for (int i = 0; i < CPUS; i++) {
		cpu370_set_gr(p.cpu[i], 1, 300000);
		cpu370_set_gr(p.cpu[i], 8, 0x1000);
		cpu370_set_gr(p.cpu[i], 9, 0x3000);
		cpu370_set_psw(p.cpu[i], i == 2 ? 0x3000 : 0x1000);
	}
	pack_run(&p);
	pack_free(&p);
}
END_TEST

START_TEST(sigp_interrupts_another_cpu)
{
	struct pack p;

	pack_init(&p);
	store(&p.rig, 0x1000, "\xAE\x13\x00\x02\xAE\x13\x00\x02\xAE\x13\x00\x03", 12);
	cpu370_set_gr(p.cpu[0], 3, 1);
	cpu370_set_psw(p.cpu[0], 0x1000);
	ck_assert_int_eq(cpu370_run(p.cpu[0], 1), CPU_EXIT_BUDGET);
	ck_assert_uint_eq(cpu370_psw(p.cpu[0]) >> 28 & 3, 0);
	ck_assert_int_eq(cpu370_run(p.cpu[0], 1), CPU_EXIT_BUDGET);
	ck_assert_uint_eq(cpu370_psw(p.cpu[0]) >> 28 & 3, 1);
	ck_assert_uint_eq(cpu370_gr(p.cpu[0], 1), 0x80); /* a call is pending */
	ck_assert_int_eq(cpu370_run(p.cpu[0], 1), CPU_EXIT_BUDGET);

	cpu370_set_cr(p.cpu[1], 0, 0x00006000);
	cpu370_set_psw(p.cpu[1], UINT64_C(0x0102000000001000));
	ck_assert_int_eq(cpu370_run(p.cpu[1], 10), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(word(&p.rig, 0x18), 0x01021201); /* emergency goes first */
	cpu370_set_psw(p.cpu[1], UINT64_C(0x0102000000001000));
	ck_assert_int_eq(cpu370_run(p.cpu[1], 10), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(word(&p.rig, 0x18), 0x01021202);
	cpu370_set_psw(p.cpu[1], UINT64_C(0x0102000000001000));
	ck_assert_int_eq(cpu370_run(p.cpu[1], 10), CPU_EXIT_WAIT);
	pack_free(&p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("several CPUs");
	TCase *tc = tcase_create("several CPUs");

	tcase_add_test(tc, compare_and_swap_is_atomic);
	tcase_add_test(tc, test_and_set_locks);
	tcase_add_test(tc, code_stored_by_another_cpu_is_seen);
	tcase_add_test(tc, sigp_interrupts_another_cpu);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
