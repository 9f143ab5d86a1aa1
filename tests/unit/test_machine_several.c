/*
 * A machine with several CPUs, each on a thread of its own: they start each other by
 * SIGP, stop together, and requests find them in the middle of things.
 */
#include "tests/unit/machine_rig.h"

/*
 * CPU 0 restarts CPU 1 (SIGP 6), which stores into a word that CPU 0 waits for, and
 * then loads a disabled wait; CPU 1 loops on.
 */
START_TEST(two_processors)
{
	machine_free(m);
	m = new_machine(2);
	ck_assert_ptr_nonnull(m);
	attach_all();
	/*
	 * 100: MVC 0(8),130 restart new PSW; LA 3,1; SIGP 2,3,6; 10E: L 4,140;
	 * LTR 4,4; BZ 10E; LPSW 138. 120: LA 5,1; ST 5,140; B 128.
	 */
	ipl("D20700000130 41300001 AE230006 58400140 1244 4780010E 82000138 00000000 "
	    "41500001 50500140 47F00128 00000000 "
	    "0000000000000120 0002000000000ABC 00000000");
	for (;;) { /* CPU 0 is in a disabled wait, CPU 1 loops */
		struct machine_request req = request(MACHINE_REGISTERS, 0);

		ck_assert(call(&req));
		if ((req.registers.psw & 0xFFFFFF) == 0xABC)
			break;
	}
	ck_assert_uint_eq(seen.count[MACHINE_DISABLED_WAIT], 0);
	ck_assert_uint_eq(query().state, MACHINE_RUNNING);
	post(MACHINE_STOP, 0);
	await(&seen.count[MACHINE_STOPPED], 1);
}
END_TEST

/*
 * A machine with that many CPUs, all of which count in a word of their own:
 * 100: LA 3,1; MVC 0(8),140 restart new PSW; 10A: SIGP 2,3,6; BC 2,10A; LA 3,1(3);
 * C 3,148; BL 10A; 120: STAP 14C; LH 4,14C; SLA 4,2; 12C: L 5,200(4); LA 5,1(5);
 * ST 5,200(4); B 12C; 140: the PSW, how many.
 */
static void start_several(unsigned cpus)
{
	char deck_text[300];

	machine_free(m);
	m = new_machine(cpus);
	ck_assert_ptr_nonnull(m);
	attach_all();
	snprintf(deck_text, sizeof(deck_text),
		 "41300001 D20700000140 AE230006 4720010A 41330001 59300148 4740010A "
		 "0700 B212014C 4840014C 8B400002 58540200 41550001 50540200 47F0012C "
		 "00000000 0000000000000120 %08X 00000000", cpus);
	ipl(deck_text);
	await(&seen.count[MACHINE_RUNNING], 1);
}

/* Has CPU n come to its loop? All of them pass word 14C at once, so some may share. */
static bool counts(unsigned n)
{
	struct machine_request req = request(MACHINE_REGISTERS, 0);

	req.cpu = n;
	ck_assert(call(&req));
	return (req.registers.psw & 0xFFFFFF) >= 0x12C && req.registers.gr[5] > 0;
}

START_TEST(requests_to_three_processors)
{
	start_several(3);
	for (unsigned n = 0; n < 3; n++)
		while (!counts(n))
			continue;
	pester_from_four_threads();
}
END_TEST

START_TEST(four_processors_stop_and_go_on)
{
	uint64_t before;

	start_several(4);
	for (unsigned n = 0; n < 4; n++)
		while (!counts(n))
			continue;
	for (unsigned i = 1; i <= 20; i++) {
		post(MACHINE_STOP, 0);
		await(&seen.count[MACHINE_STOPPED], i);
		before = query().icount;
		ck_assert_uint_eq(query().icount, before);
		post(MACHINE_START, 0);
		await(&seen.count[MACHINE_RUNNING], i + 1);
		while (query().icount == before)
			continue;
	}
}
END_TEST

/* CPU 1 waits in a DIAGNOSE; CPU 0 goes on, requests are carried out, a stop waits. */
START_TEST(requests_while_one_of_two_waits_in_a_diagnose)
{
	struct machine_request req;
	uint32_t count;

	machine_free(m);
	m = new_machine(2);
	attach_all();
	/*
	 * 100: MVC 0(8),130; LA 3,1; SIGP 2,3,6; 10E: LA 4,1(4); B 10E.
	 * 120: DIAGNOSE 5,0,8; 124: B 124; 130: PSW.
	 */
	ipl("D20700000130 41300001 AE230006 41440001 47F0010E 0000 00000000 00000000 "
	    "83500008 47F00124 00000000 00000000 0000000000000120");
	await(&seen.diagnoses, 1);
	req = request(MACHINE_REGISTERS, 0);
	ck_assert(call(&req));
	count = req.registers.gr[4];
	do
		ck_assert(call(&req));
	while (req.registers.gr[4] == count);
	post(MACHINE_STOP, 0);
	ck_assert_uint_eq(query().state, MACHINE_RUNNING);
	pthread_mutex_lock(&lock);
	seen.answered = true;
	pthread_mutex_unlock(&lock);
	machine_wake(m);
	await(&seen.count[MACHINE_STOPPED], 1);
	req.cpu = 1;
	ck_assert(call(&req));
	ck_assert_uint_eq(req.registers.gr[5], 0xABCD);
}
END_TEST

START_TEST(freed_while_four_run)
{
	start_several(4);
}
END_TEST

START_TEST(freed_while_one_of_two_waits_in_a_diagnose)
{
	machine_free(m);
	m = new_machine(2);
	attach_all();
	ipl("D20700000130 41300001 AE230006 41440001 47F0010E 0000 00000000 00000000 "
	    "83500008 47F00124 00000000 00000000 0000000000000120");
	await(&seen.diagnoses, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("several CPUs");
	TCase *tc = tcase_create("several CPUs");
	const TTest *tests[] = {
		two_processors,
		requests_to_three_processors,
		four_processors_stop_and_go_on,
		requests_while_one_of_two_waits_in_a_diagnose,
		freed_while_four_run,
		freed_while_one_of_two_waits_in_a_diagnose,
	};

	tcase_add_checked_fixture(tc, machine_setup, machine_teardown);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
