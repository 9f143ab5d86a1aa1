/*
 * Code as the CPU keeps it decoded: it changes under its feet, stops at breakpoints, and
 * is told of when it has been executed.
 */
#include <string.h>

#include "tests/unit/cpu_rig.h"

START_TEST(the_door_reaches_decoded_code)
{
	struct rig r;

	rig_init(&r);
	store(&r, 0x1000, "\x41\x30\x30\x01\x46\x10\x20\x00", 8); /* LA 3,1(3); BCT 1,0(2) */
	cpu370_set_gr(r.cpu, 1, 1000);
	cpu370_set_gr(r.cpu, 2, 0x1000);
	ck_assert_int_eq(cpu370_run(r.cpu, 1000), CPU_EXIT_BUDGET);
	ck_assert_uint_eq(cpu370_gr(r.cpu, 3), 500);
	store(&r, 0x1003, "\x02", 1);
	ck_assert_int_eq(cpu370_run(r.cpu, 200), CPU_EXIT_BUDGET);
	ck_assert_uint_eq(cpu370_gr(r.cpu, 3), 700);
	rig_free(&r);
}
END_TEST

/* A loop that changes the displacement of an LA in itself each time round. */
START_TEST(code_that_keeps_changing_itself_stays_right)
{
	static const uint8_t code[] = {
		0x42, 0x10, 0x20, 0x07, /* STC 1,7(0,2) */
		0x41, 0x30, 0x30, 0x00, /* LA 3,*(0,3) */
		0x46, 0x10, 0x20, 0x00, /* BCT 1,0(0,2) */
		0x0A, 0x00,
	};
	struct rig r;

	rig_init(&r);
	store(&r, 0x1000, code, sizeof(code));
	cpu370_set_gr(r.cpu, 1, 200);
	cpu370_set_gr(r.cpu, 2, 0x1000);
	ck_assert_int_eq(cpu370_run(r.cpu, UINT64_MAX), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(cpu370_gr(r.cpu, 3), 200 * 201 / 2);
	ck_assert_uint_eq(cpu370_icount(r.cpu), 601);
	rig_free(&r);
}
END_TEST

/* Through two logical addresses of one real page. */
START_TEST(code_changes_through_another_mapping)
{
	static const uint8_t table[] = { 0x00, 0x00, 0x00, 0x10, 0x00, 0x10 };
	static const uint8_t code[] = {
		0x92, 0x33, 0x20, 0x05, /* MVI 5(2),X'33' with 2 = 2000 */
		0x18, 0x34, 0x0A, 0x00, /* LR 3,4; SVC */
	};
	struct rig r;

	rig_init(&r);
	store(&r, 0x5000, table, sizeof(table));
	store64(&r, 0x4000, UINT64_C(0xF000500000000001));
	cpu370_set_cr(r.cpu, 0, 0x008000E0);
	cpu370_set_cr(r.cpu, 1, 0x4000);
	for (int round = 0; round < 10; round++) {
		store(&r, 0x1000, code, sizeof(code));
		cpu370_set_gr(r.cpu, 2, 0x2000);
		cpu370_set_gr(r.cpu, 3, 3);
		cpu370_set_gr(r.cpu, 4, 4);
		cpu370_set_psw(r.cpu, UINT64_C(0x0408000000001000));
		ck_assert_int_eq(cpu370_run(r.cpu, 1000), CPU_EXIT_DISABLED_WAIT);
		ck_assert_uint_eq(ia(&r), 0xEE0060);
		ck_assert_uint_eq(cpu370_gr(r.cpu, 3), 3);
	}
	rig_free(&r);
}
END_TEST

/* An instruction that grows from two bytes to four, again and again. */
START_TEST(instructions_may_change_their_length)
{
	struct rig r;

	rig_init(&r);
	for (int round = 0; round < 20; round++) {
		/* MVC 6(4,1),0(2): LR 3,3 LR 4,4 becomes LA 3,7 or back; SVC */
		store(&r, 0x1000, "\xD2\x03\x10\x06\x20\x00\x18\x33\x18\x44\x0A\x00", 12);
		store(&r, 0x2000, round & 1 ? "\x41\x30\x00\x07" : "\x18\x34\x18\x34", 4);
		cpu370_set_gr(r.cpu, 1, 0x1000);
		cpu370_set_gr(r.cpu, 2, 0x2000);
		cpu370_set_gr(r.cpu, 3, 0);
		cpu370_set_gr(r.cpu, 4, 4);
		cpu370_set_psw(r.cpu, 0x1000);
		ck_assert_int_eq(cpu370_run(r.cpu, 1000), CPU_EXIT_DISABLED_WAIT);
		ck_assert_uint_eq(ia(&r), 0xEE0060);
		ck_assert_uint_eq(cpu370_gr(r.cpu, 3), round & 1 ? 7 : 4);
	}
	rig_free(&r);
}
END_TEST

/* ---- instructions that are told of */

struct told {
	unsigned count;
	struct cpu_trace what[8];
	struct cpu_done done[8];
};

static bool note_done(void *arg, struct cpu370 *cpu, const struct cpu_trace *what)
{
	struct told *told = arg;

	(void)cpu;
	ck_assert_int_eq(what->kind, CPU_TRACE_DONE);
	ck_assert_uint_lt(told->count, ARRAY_SIZE(told->what));
	told->what[told->count] = *what;
	told->done[told->count++] = *what->done;
	return what->code[0] == 0x07; /* stop behind the branch */
}

static void stored(const struct cpu_done *done, uint32_t first, uint32_t last)
{
	ck_assert_uint_eq(done->stores, 1);
	ck_assert_uint_eq(done->store[0].first, first);
	ck_assert_uint_eq(done->store[0].last, last);
}

START_TEST(executed_instructions_are_told)
{
	struct told told = { .count = 0 };
	struct cpu_owner owner = { .arg = &told, .trace = note_done };
	const uint32_t gr[] = { 0, 0, 3, 33, 0x2000, 3000, 0x4000, 3000, 0x100E };
	struct rig r;

	rig_init_owned(&r, &owner);
	for (unsigned i = 0; i < ARRAY_SIZE(gr); i++)
		cpu370_set_gr(r.cpu, i, gr[i]);
	/* ST 3,X'400'; EX 2,X'800'; MVCL 4,6; BR 8; not reached; an operation exception */
	store(&r, 0x1000, "\x50\x30\x04\x00\x44\x20\x08\x00\x0E\x46\x07\xF8\x00\x00\x00\x00",
	      16);
	store(&r, 0x800, "\xD2\x00\x05\x00\x06\x00", 6);
	cpu370_set_trace(r.cpu, CPU_TRACE_DONE);
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_TRACE);
	ck_assert_uint_eq(told.count, 4);
	ck_assert_uint_eq(ia(&r), 0x100E);
	stored(&told.done[0], 0x400, 0x403);
	ck_assert(told.done[0].completed && !told.done[0].ex && !told.done[0].branched);
	ck_assert(told.done[1].ex && told.done[1].ex_at == 0x800);
	ck_assert_mem_eq(told.done[1].ex_code, "\xD2\x00\x05\x00\x06\x00", 6);
	stored(&told.done[1], 0x500, 0x503);
	stored(&told.done[2], 0x2000, 0x2000 + 2999);
	ck_assert_uint_eq(told.done[2].gr[5], 3000);
	ck_assert_uint_eq(told.what[3].ia, 0x100A);
	ck_assert(told.done[3].branched && told.done[3].next == 0x100E);
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(told.count, 5);
	ck_assert(!told.done[4].completed && told.what[4].ia == 0x100E);
	/* Not any more: and stores go by the TLB again. */
	cpu370_set_trace(r.cpu, 0);
	cpu370_set_psw(r.cpu, 0x1000);
	ck_assert_int_eq(cpu370_run(r.cpu, 1), CPU_EXIT_BUDGET);
	ck_assert_uint_eq(told.count, 5);
	rig_free(&r);
}
END_TEST

START_TEST(breakpoints_stop_before_the_instruction)
{
	struct rig r;

	rig_init(&r);
	store(&r, 0x1000, "\x41\x30\x30\x01\x46\x10\x20\x00", 8);
	cpu370_set_gr(r.cpu, 1, 1000);
	cpu370_set_gr(r.cpu, 2, 0x1000);
	ck_assert(cpu370_set_break(r.cpu, 0x1004));
	for (uint32_t i = 1; i < 5; i++) {
		ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_BREAK);
		ck_assert_uint_eq(ia(&r), 0x1004);
		ck_assert_uint_eq(cpu370_gr(r.cpu, 3), i);
	}
	cpu370_clear_break(r.cpu, 0x1004);
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_BUDGET);
	rig_free(&r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("code");
	TCase *tc = tcase_create("code");

	tcase_add_test(tc, the_door_reaches_decoded_code);
	tcase_add_test(tc, code_that_keeps_changing_itself_stays_right);
	tcase_add_test(tc, code_changes_through_another_mapping);
	tcase_add_test(tc, instructions_may_change_their_length);
	tcase_add_test(tc, executed_instructions_are_told);
	tcase_add_test(tc, breakpoints_stop_before_the_instruction);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
