/*
 * A machine on its thread: requests, states, IPL, console dialogue, timers. The
 * guests are a few instructions in a card deck.
 */
#include "tests/unit/machine_rig.h"

/* LA 1,120; ST 1,48; SIO 009; TIO 009; BNZ *-4; LPSW 128; CCW; PSW; text */
#define START_IO "41100120 50100048 9C000009 9D000009 4770010C 82000128 0000000000000000 "
#define HELLO	 START_IO "0900013020000005 0002000000000ABC C8C5D3D3D6"
#define DIALOGUE START_IO "0A00020060000050 0900020020000005"

START_TEST(a_deck_says_hello)
{
	struct machine_request fetch = request(MACHINE_FETCH, 2);
	uint8_t low[2];

	ipl(HELLO);
	await(&seen.count[MACHINE_DISABLED_WAIT], 1);
	ck_assert_uint_eq(seen.psw & 0xFFFF0000FFFFFFFF, 0x0002000080000ABC);
	ck_assert_uint_eq(seen.count[MACHINE_LOADING], 1);
	ck_assert_uint_eq(seen.count[MACHINE_RUNNING], 1);
	ck_assert_mem_eq(seen.output, "HELLO", 5);
	fetch.data = low;
	fetch.length = 2;
	ck_assert(call(&fetch)); /* the IPL address is in the PSW at 0 */
	ck_assert_uint_eq(be16(low), READER);
	ck_assert_uint_eq(query().state, MACHINE_DISABLED_WAIT);
	ck_assert_uint_eq(query().iocount, 1);
}
END_TEST

START_TEST(a_dialogue)
{
	struct machine_request input = request(MACHINE_TERMINAL_INPUT, CONSOLE);
	uint8_t text[5];

	ebcdic_from_latin1(&codepage_037, text, "TYPED", 5);
	ipl(START_IO "0A00013060000050 0900013020000005"); /* the CCWs are the PSW too */
	await(&seen.reads, 1);
	input.data = text;
	input.length = 5;
	machine_post(m, &input);
	memset(text, 0, sizeof(text)); /* the request has its own copy */
	/* LPSW loads CCW 2, 09000130 20000005: an odd address, program check to 0. */
	await(&seen.count[MACHINE_LOOP], 1);
	ck_assert_mem_eq(seen.output, "TYPED", 5);
}
END_TEST

START_TEST(output_waits_for_room)
{
	pthread_mutex_lock(&lock);
	seen.room = false;
	pthread_mutex_unlock(&lock);
	ipl(HELLO);
	await(&seen.refusals, 1);
	ck_assert_uint_eq(seen.length, 0);
	pthread_mutex_lock(&lock);
	seen.room = true;
	pthread_mutex_unlock(&lock);
	post(MACHINE_TERMINAL_ROOM, CONSOLE);
	await(&seen.count[MACHINE_DISABLED_WAIT], 1);
	ck_assert_mem_eq(seen.output, "HELLO", 5);
}
END_TEST

START_TEST(a_loop_stops_and_goes_on)
{
	uint64_t icount;

	ipl("47F00100");
	await(&seen.count[MACHINE_RUNNING], 1);
	post(MACHINE_STOP, 0);
	await(&seen.count[MACHINE_STOPPED], 1);
	ck_assert_uint_eq(seen.psw & 0xFFFFFF, 0x100);
	icount = query().icount;
	ck_assert_uint_eq(query().icount, icount);
	ck_assert_uint_eq(query().state, MACHINE_STOPPED);
	post(MACHINE_START, 0);
	await(&seen.count[MACHINE_RUNNING], 2);
	while (query().icount == icount) /* each query is a round trip */
		;
	post(MACHINE_STOP, 0);
	await(&seen.count[MACHINE_STOPPED], 2);
}
END_TEST

START_TEST(an_endless_channel_program_stops)
{
	/* NOP and TIC to it on the reader; then a loop. */
	ipl("41100118 50100048 9C00000C 47F0010C 0000000000000000 0300000040000001 "
	    "0800011800000000");
	await(&seen.count[MACHINE_RUNNING], 1);
	post(MACHINE_STOP, 0);
	await(&seen.count[MACHINE_STOPPED], 1);
	post(MACHINE_START, 0);
	await(&seen.count[MACHINE_RUNNING], 2);
}
END_TEST

static void ipl_without_end(void)
{
	load_deck("");
	/* CCW at 8: NOP, TIC back to it at 16. */
	memcpy(deck.card[0] + 8, "\x03\0\0\0\x40\0\0\1\x08\0\0\x08\0\0\0\0", 16);
	post(MACHINE_IPL, READER);
	await(&seen.count[MACHINE_LOADING], 1);
}

START_TEST(an_endless_ipl_can_be_left)
{
	ipl_without_end();
	ck_assert_uint_eq(query().state, MACHINE_LOADING);
	ipl(HELLO);
	await(&seen.count[MACHINE_DISABLED_WAIT], 1);
}
END_TEST

START_TEST(a_stop_behind_the_load_key_waits_for_the_load)
{
	/* Both are in the queue before the thread looks: the load is not torn. */
	ipl("47F00100");
	post(MACHINE_STOP, 0);
	await(&seen.count[MACHINE_STOPPED], 1);
	ck_assert_uint_eq(seen.psw & 0xFFFFFF, 0x100);
	post(MACHINE_START, 0);
	await(&seen.count[MACHINE_RUNNING], 1);
	post(MACHINE_STOP, 0);
	await(&seen.count[MACHINE_STOPPED], 2);
}
END_TEST

START_TEST(a_second_stop_gives_a_load_up)
{
	ipl_without_end();
	post(MACHINE_STOP, 0);
	ck_assert_uint_eq(query().state, MACHINE_LOADING);
	post(MACHINE_STOP, 0);
	await(&seen.count[MACHINE_STOPPED], 1);
}
END_TEST

START_TEST(ipl_fails_with_a_reason)
{
	post(MACHINE_IPL, 0x123);
	await(&seen.ipl_failures, 1);
	ck_assert_uint_eq(seen.ipl_cc, 3);
	load_deck("");
	deck.next = 2; /* the hopper is empty */
	post(MACHINE_IPL, READER);
	await(&seen.ipl_failures, 2);
	ck_assert_uint_eq(seen.ipl_cc, 0);
	ck_assert_uint_eq(seen.ipl_unit, 0x02);
	ck_assert_uint_eq(seen.ipl_sense, 0x40);
	ck_assert_uint_eq(query().state, MACHINE_STOPPED);
}
END_TEST

START_TEST(the_interval_timer_ends_a_wait)
{
	struct machine_request fetch = request(MACHINE_FETCH, 0x18);
	uint8_t old[8];

	/* MVC 50(4),150 = 3 ticks; external new PSW: wait ABC; LPSW enabled wait. */
	ipl("D20300500130 D20700580138 82000140 0000000000000000000000000000 "
	    "000000000000000000000000000000000000 "
	    "00000300 00000000 0002000000000ABC FF02000000000DEF");
	while (query().state != MACHINE_WAITING)
		;
	ck_assert_uint_eq(query().psw & 0xFFFFFF, 0xDEF);
	manual_clock_advance(&clock_by_hand, TOD_SECOND / 300);
	machine_wake(m);
	ck_assert_uint_eq(query().state, MACHINE_WAITING);
	manual_clock_advance(&clock_by_hand, TOD_SECOND);
	machine_wake(m);
	await(&seen.count[MACHINE_DISABLED_WAIT], 1);
	fetch.data = old;
	fetch.length = 8;
	ck_assert(call(&fetch));
	ck_assert_uint_eq(be16(old + 2), 0x0080);
	ck_assert_uint_eq(be24(old + 5), 0x000DEF);
}
END_TEST

START_TEST(an_attention_ends_a_wait)
{
	/* MVC 78(8),130: I/O new PSW; LPSW 138: enabled wait. */
	ipl("D20700780130 82000138 000000000000 00000000000000000000000000000000 "
	    "00000000000000000000000000000000 0002000000000ABC FF02000000000DEF");
	while (query().state != MACHINE_WAITING)
		;
	post(MACHINE_ATTENTION, CONSOLE);
	await(&seen.count[MACHINE_DISABLED_WAIT], 1);
}
END_TEST

START_TEST(storage_registers_and_keys)
{
	struct machine_request req = request(MACHINE_STORE, 0x7FE);
	uint8_t data[6] = "ABCDEF", back[6];

	req.data = data;
	req.length = 6;
	req.space = SPACE_LOGICAL;
	ck_assert(call(&req));
	req = request(MACHINE_FETCH, 0x7FE);
	req.data = back;
	req.length = 6;
	ck_assert(call(&req));
	ck_assert_mem_eq(back, data, 6);
	req.address = 0xFFFE;
	req.length = 6;
	ck_assert(!call(&req));
	ck_assert_str_eq(req.error.text, "010000: not in storage");
	ck_assert_uint_eq(req.length, 2);

	req = request(MACHINE_SET_KEY, 0x800);
	req.value = 0x70;
	ck_assert(call(&req));
	req.kind = MACHINE_KEY;
	req.value = 0;
	ck_assert(call(&req));
	ck_assert_uint_eq(req.value & 0xF8, 0x70);

	req = request(MACHINE_SET_REGISTERS, 0);
	req.which = REGISTERS_GR | REGISTERS_PSW;
	req.registers.gr[7] = 0x12345678;
	req.registers.psw = 0x100;
	ck_assert(call(&req));
	req = request(MACHINE_REGISTERS, 0);
	ck_assert(call(&req));
	ck_assert_uint_eq(req.registers.gr[7], 0x12345678);
	ck_assert_uint_eq(req.registers.psw, 0x100);
	ck_assert_uint_eq(req.registers.cr[2], 0xFFFFFFFF);
	req.cpu = 3;
	ck_assert(!call(&req));
}
END_TEST

START_TEST(steps_and_breakpoints)
{
	struct machine_request req = request(MACHINE_STEP, 0);

	ipl("47F00108 00000000 47F00100"); /* 100: B 108; 108: B 100 */
	await(&seen.count[MACHINE_RUNNING], 1);
	post(MACHINE_STOP, 0);
	await(&seen.count[MACHINE_STOPPED], 1);
	req.count = (seen.psw & 0xFFFFFF) == 0x100 ? 3 : 4;
	machine_post(m, &req);
	await(&seen.count[MACHINE_STOPPED], 2);
	ck_assert_uint_eq(seen.psw & 0xFFFFFF, 0x108);
	req = request(MACHINE_BREAKPOINT, 0x100);
	req.on = true;
	ck_assert(call(&req));
	post(MACHINE_START, 0);
	await(&seen.count[MACHINE_BREAK], 1);
	ck_assert_uint_eq(seen.psw & 0xFFFFFF, 0x100);
	post(MACHINE_START, 0);
	await(&seen.count[MACHINE_BREAK], 2); /* it left the address before */
	ck_assert_uint_eq(seen.psw & 0xFFFFFF, 0x100);
}
END_TEST

START_TEST(devices_come_and_go)
{
	struct machine_request req = request(MACHINE_ATTACH, 0x190);

	req.class_name = "4711";
	ck_assert(!call(&req));
	ck_assert_str_eq(req.error.text, "190: device type '4711' is not known");
	req.class_name = "3350";
	ck_assert(!call(&req));
	ck_assert_str_eq(req.error.text, "190 3350: no image file named");
	req.address = CONSOLE;
	req.class_name = "3215";
	ck_assert(!call(&req));
	req = request(MACHINE_DETACH, CONSOLE);
	ck_assert(call(&req));
	ck_assert(!call(&req));
	req = request(MACHINE_ATTENTION, CONSOLE);
	ck_assert(!call(&req));
	req = request(MACHINE_TERMINAL_INPUT, READER);
	ck_assert(!call(&req));
}
END_TEST

START_TEST(detach_ends_a_read)
{
	struct machine_request req = request(MACHINE_DETACH, CONSOLE);

	ipl(DIALOGUE);
	await(&seen.reads, 1);
	ck_assert(call(&req));
	ck_assert_uint_eq(seen.cancels, 1);
	/* TIO gives cc 3 from now on: the loop goes on for ever. */
	post(MACHINE_STOP, 0);
	await(&seen.count[MACHINE_STOPPED], 1);
}
END_TEST

START_TEST(requests_during_a_diagnose)
{
	struct machine_request req = request(MACHINE_FETCH, 0);
	uint8_t byte;

	/* DIAGNOSE R5,R0,8; LPSW 108: wait */
	ipl("83500008 82000108 0002000000000ABC");
	await(&seen.diagnoses, 1);
	req.data = &byte;
	req.length = 1;
	ck_assert(call(&req));
	post(MACHINE_STOP, 0); /* must wait for the instruction */
	ck_assert_uint_eq(query().state, MACHINE_RUNNING);
	pthread_mutex_lock(&lock);
	seen.answered = true;
	pthread_mutex_unlock(&lock);
	machine_wake(m);
	await(&seen.count[MACHINE_STOPPED], 1);
	req = request(MACHINE_REGISTERS, 0);
	ck_assert(call(&req));
	ck_assert_uint_eq(req.registers.gr[5], 0xABCD);
	ck_assert_uint_eq(req.registers.psw & 0xFFFFFF, 0x104);
}
END_TEST

START_TEST(a_reset_clears)
{
	struct machine_request req = request(MACHINE_RESET, 0);
	uint8_t byte = 1;

	ipl(DIALOGUE);
	await(&seen.reads, 1);
	req.clear = true;
	ck_assert(call(&req));
	ck_assert_uint_eq(seen.cancels, 1);
	req = request(MACHINE_FETCH, 0x100);
	req.data = &byte;
	req.length = 1;
	ck_assert(call(&req));
	ck_assert_uint_eq(byte, 0);
	ck_assert_uint_eq(query().state, MACHINE_STOPPED);
}
END_TEST

/* The deaths: teardown frees the machine in the middle of something. */
START_TEST(freed_while_it_runs)
{
	ipl("47F00100");
	await(&seen.count[MACHINE_RUNNING], 1);
}
END_TEST

START_TEST(freed_during_a_read)
{
	ipl(DIALOGUE);
	await(&seen.reads, 1);
}
END_TEST

START_TEST(freed_during_a_diagnose)
{
	ipl("83500008 82000108 0002000000000ABC");
	await(&seen.diagnoses, 1);
}
END_TEST

START_TEST(many_threads)
{
	ipl("47F00100");
	pester_from_four_threads();
}
END_TEST

START_TEST(hundred_machines)
{
	struct machine *many[100];

	for (int i = 0; i < 100; i++) {
		many[i] = new_machine(1);
		ck_assert_ptr_nonnull(many[i]);
	}
	for (int i = 0; i < 100; i++)
		machine_free(many[i]);
	ck_assert_ptr_null(new_machine(5));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("machine");
	TCase *tc = tcase_create("machine");
	const TTest *tests[] = {
		a_deck_says_hello,
		a_dialogue,
		output_waits_for_room,
		a_loop_stops_and_goes_on,
		an_endless_channel_program_stops,
		an_endless_ipl_can_be_left,
		a_stop_behind_the_load_key_waits_for_the_load,
		a_second_stop_gives_a_load_up,
		ipl_fails_with_a_reason,
		the_interval_timer_ends_a_wait,
		an_attention_ends_a_wait,
		storage_registers_and_keys,
		steps_and_breakpoints,
		devices_come_and_go,
		detach_ends_a_read,
		requests_during_a_diagnose,
		a_reset_clears,
		freed_while_it_runs,
		freed_during_a_read,
		freed_during_a_diagnose,
		many_threads,
		hundred_machines,
	};

	tcase_add_checked_fixture(tc, machine_setup, machine_teardown);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
