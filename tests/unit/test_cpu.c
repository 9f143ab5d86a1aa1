/*
 * A CPU apart from single instructions: budget, modes, interruptions, time, PER.
 */
#include <string.h>

#include "cpu370/opcodes.h"
#include "tests/unit/cpu_rig.h"

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

/* ---- every privileged row, and every byte that is no instruction */

START_TEST(privileged_rows_need_supervisor_state)
{
	const struct opcode *op = &opcode_rows[_i];
	uint8_t code[6] = { 0 };
	struct rig r;

	if (!(op->flags & OPF_PRIV) || (op->flags & OPF_OPT))
		return;
	rig_init(&r);
	if (op->opcode > 0xFF)
		put_be16(code, op->opcode);
	else
		code[0] = (uint8_t)op->opcode;
	store(&r, 0x1000, code, 6);
	cpu370_set_psw(r.cpu, UINT64_C(0x0001000000001000));
	ck_assert_msg(cpu370_run(r.cpu, 100) == CPU_EXIT_DISABLED_WAIT, "%s", op->mnemonic);
	ck_assert_msg((word(&r, 0x28) & 0xFFFF) == PIC_PRIVILEGED, "%s: code %04X",
		      op->mnemonic, word(&r, 0x28) & 0xFFFF);
	rig_free(&r);
}
END_TEST

START_TEST(other_bytes_are_operation_exceptions)
{
	uint8_t code[6] = { (uint8_t)_i };
	struct rig r;

	for (unsigned second = 0; second < 256; second++)
		if (opcode_find((unsigned)_i, second))
			return;
	rig_init(&r);
	store(&r, 0x1000, code, 6);
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(word(&r, 0x28), PIC_OPERATION);
	ck_assert_uint_eq(word(&r, 0x2C), insn_length((unsigned)_i) << 29 | (0x1000 + insn_length((unsigned)_i)));
	rig_free(&r);
}
END_TEST

/* ---- interruptions */

START_TEST(wait_states_are_told_apart)
{
	struct rig r;

	rig_init(&r);
	cpu370_set_psw(r.cpu, UINT64_C(0x0002000000001234));
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_DISABLED_WAIT);
	cpu370_set_psw(r.cpu, UINT64_C(0x0102000000001234));
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_WAIT);
	cpu370_set_psw(r.cpu, UINT64_C(0x8002000000001234));
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_WAIT);
	cpu370_set_cr(r.cpu, 0, 0);
	cpu370_set_psw(r.cpu, UINT64_C(0x0102000000001234));
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(cpu370_icount(r.cpu), 0);
	rig_free(&r);
}
END_TEST

START_TEST(external_comes_before_io_and_restart_runs_first)
{
	struct rig r;

	rig_init(&r);
	store64(&r, 0x58, UINT64_C(0x0000000000002000));
	store64(&r, 0x00, UINT64_C(0x0002000000EE0000));
	cpu370_external(r.cpu, 0x40);
	cpu370_post(r.cpu, CPU_PENDING_RESTART);
	cpu370_set_psw(r.cpu, UINT64_C(0x0100000000001000));
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(ia(&r), 0xEE0000);
	ck_assert_uint_eq(word(&r, 0x0C), 0x2000); /* restart interrupted the external one */
	ck_assert_uint_eq(word(&r, 0x1C), 0x1000);
	ck_assert_uint_eq(cpu370_icount(r.cpu), 0);
	rig_free(&r);
}
END_TEST

START_TEST(external_codes_in_ec_mode_go_to_storage)
{
	struct rig r;

	rig_init(&r);
	cpu370_external(r.cpu, 0xC1); /* timer, key, signal 7 in one */
	cpu370_set_psw(r.cpu, UINT64_C(0x0108000000001000));
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(word(&r, 0x84), 0x000000C1);
	ck_assert_uint_eq(word(&r, 0x18), 0x01080000);
	rig_free(&r);
}
END_TEST

START_TEST(svc_in_ec_mode_stores_its_code)
{
	struct rig r;

	rig_init(&r);
	store(&r, 0x1000, "\x0A\x7B", 2);
	cpu370_set_psw(r.cpu, UINT64_C(0x0008000000001000));
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(word(&r, 0x88), 0x0002007B);
	ck_assert_uint_eq(word(&r, 0x24), 0x1002);
	rig_free(&r);
}
END_TEST

START_TEST(new_psw_that_interrupts_into_itself_is_a_loop)
{
	struct rig r;

	rig_init(&r);
	store64(&r, 0x68, UINT64_C(0x000A400000001000)); /* invalid EC PSW */
	cpu370_set_psw(r.cpu, UINT64_C(0x0008400000001000));
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_LOOP);
	store64(&r, 0x68, UINT64_C(0x0000000000000001)); /* odd address */
	cpu370_set_psw(r.cpu, UINT64_C(0x0000000000001001));
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_LOOP);
	rig_free(&r);
}
END_TEST

static unsigned io_result(void *arg, struct cpu370 *cpu, enum io_op op, uint16_t address)
{
	unsigned *seen = arg;

	(void)cpu;
	*seen = (unsigned)op << 16 | address;
	return 2;
}

static bool io_pending(void *arg, struct cpu370 *cpu, uint32_t channels, uint16_t *address)
{
	unsigned *seen = arg;

	*seen = channels;
	cpu370_unpost(cpu, CPU_PENDING_IO);
	*address = 0x0191;
	return true;
}

static int diagnose(void *arg, struct cpu370 *cpu, unsigned r1, unsigned r3, uint32_t code)
{
	(void)arg;
	if (code == 0x999)
		return PIC_SPECIFICATION;
	cpu370_set_gr(cpu, r1, cpu370_gr(cpu, r3) + code);
	cpu370_set_cc(cpu, 1);
	return 0;
}

static void rig_owned(struct rig *r, unsigned *seen)
{
	struct cpu_owner owner = { .arg = seen, .io = io_result,
				   .io_interruption = io_pending, .diagnose = diagnose };

	rig_init_owned(r, &owner);
}

START_TEST(io_instructions_and_diagnose_go_to_the_owner)
{
	unsigned seen = 0;
	struct rig r;

	rig_owned(&r, &seen);
	cpu370_set_gr(r.cpu, 1, 0xFF0100);
	store(&r, 0x1000, "\x9D\x01\x10\x91\x83\x23\x01\x00\x83\x23\x09\x99", 12);
	ck_assert_int_eq(cpu370_run(r.cpu, 1), CPU_EXIT_BUDGET);
	ck_assert_uint_eq(seen, IO_CLRIO << 16 | 0x0191);
	ck_assert_uint_eq(cpu370_psw(r.cpu) >> 28 & 3, 2);
	cpu370_set_gr(r.cpu, 3, 7);
	ck_assert_int_eq(cpu370_run(r.cpu, 1), CPU_EXIT_BUDGET);
	ck_assert_uint_eq(cpu370_gr(r.cpu, 2), 0x107);
	ck_assert_int_eq(cpu370_run(r.cpu, 100), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(word(&r, 0x28), PIC_SPECIFICATION);
	rig_free(&r);
}
END_TEST

START_TEST(io_interruption_names_its_device)
{
	unsigned seen = 0;
	struct rig r;

	rig_owned(&r, &seen);
	cpu370_post(r.cpu, CPU_PENDING_IO);
	cpu370_set_cr(r.cpu, 2, 0xFD000000);
	cpu370_set_psw(r.cpu, UINT64_C(0x0208000000001000));
	ck_assert_int_eq(cpu370_run(r.cpu, 10), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(seen, 0xFD000000); /* EC: bit 6, and CR2 for all */
	ck_assert_uint_eq(word(&r, 0xB8) & 0xFFFFFF, 0x0191);
	cpu370_post(r.cpu, CPU_PENDING_IO);
	cpu370_set_psw(r.cpu, UINT64_C(0x4200000000001000));
	ck_assert_int_eq(cpu370_run(r.cpu, 10), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(seen, 0x41000000); /* BC: bit 1, and bit 6 with CR2 */
	ck_assert_uint_eq(word(&r, 0x38), 0x42000191);
	ck_assert_uint_eq(ia(&r), 0xEE0078);
	rig_free(&r);
}
END_TEST

START_TEST(masked_io_keeps_waiting_while_code_runs)
{
	unsigned seen = 0;
	struct rig r;

	rig_owned(&r, &seen);
	store(&r, 0x1000, "\x46\x10\x20\x00\x80\x00\x30\x00", 8); /* BCT; SSM */
	cpu370_set_gr(r.cpu, 1, 1000);
	cpu370_set_gr(r.cpu, 2, 0x1000);
	cpu370_set_gr(r.cpu, 3, 0x2000);
	store(&r, 0x2000, "\xFF", 1);
	cpu370_post(r.cpu, CPU_PENDING_IO);
	ck_assert_int_eq(cpu370_run(r.cpu, UINT64_MAX), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(cpu370_icount(r.cpu), 1001);
	ck_assert_uint_eq(word(&r, 0x3C), 0x80001008 & 0xFFFFFF); /* before the next one */
	rig_free(&r);
}
END_TEST

/* ---- time */

START_TEST(interval_timer_counts_and_interrupts)
{
	struct rig r;

	rig_init(&r);
	store(&r, 0x50, "\x00\x00\x01\x00", 4);
	cpu370_set_psw(r.cpu, UINT64_C(0x0102000000001000));
	ck_assert_int_eq(cpu370_run(r.cpu, 10), CPU_EXIT_WAIT);
	/* 1/300 s takes 256 units; the count of 256 becomes 0, not negative. */
	manual_clock_advance(&r.clock, TOD_SECOND / 300 + 1);
	ck_assert_int_eq(cpu370_run(r.cpu, 10), CPU_EXIT_WAIT);
	ck_assert_uint_eq(word(&r, 0x50), 0);
	manual_clock_advance(&r.clock, cpu370_deadline(r.cpu) - clock_tod(&r.clock.clock));
	ck_assert_int_eq(cpu370_run(r.cpu, 10), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(word(&r, 0x50), 0xFFFFFFFF);
	ck_assert_uint_eq(word(&r, 0x18), 0x01020080);
	rig_free(&r);
}
END_TEST

START_TEST(interval_timer_can_be_off)
{
	struct rig r;

	rig_init(&r);
	cpu370_set_interval_timer(r.cpu, false);
	cpu370_set_psw(r.cpu, UINT64_C(0x0102000000001000));
	manual_clock_advance(&r.clock, TOD_SECOND);
	ck_assert_int_eq(cpu370_run(r.cpu, 10), CPU_EXIT_WAIT);
	ck_assert_uint_eq(word(&r, 0x50), 0);
	ck_assert_uint_eq(cpu370_deadline(r.cpu), CLOCK_NEVER);
	rig_free(&r);
}
END_TEST

START_TEST(clock_comparator_is_a_level)
{
	struct rig r;

	rig_init(&r);
	store64(&r, 0x2000, UINT64_C(0x8000000000001000));
	cpu370_set_gr(r.cpu, 1, 0x2000);
	store(&r, 0x1000, "\xB2\x06\x10\x00\x82\x00\x10\x08", 8); /* SCKC; LPSW */
	store64(&r, 0x2008, UINT64_C(0x010A000000001234));
	cpu370_set_cr(r.cpu, 0, 0x00000800);
	ck_assert_int_eq(cpu370_run(r.cpu, 10), CPU_EXIT_WAIT);
	ck_assert_uint_eq(cpu370_deadline(r.cpu), UINT64_C(0x8000000000001001));
	manual_clock_advance(&r.clock, 0x1001);
	ck_assert_int_eq(cpu370_run(r.cpu, 10), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(word(&r, 0x84), 0x00001004);
	cpu370_set_psw(r.cpu, UINT64_C(0x010A000000001234));
	ck_assert_int_eq(cpu370_run(r.cpu, 10), CPU_EXIT_DISABLED_WAIT);
	rig_free(&r);
}
END_TEST

START_TEST(cpu_timer_interrupts_while_negative)
{
	struct rig r;

	rig_init(&r);
	store64(&r, 0x2000, 0x5000);
	cpu370_set_gr(r.cpu, 1, 0x2000);
	store(&r, 0x1000, "\xB2\x08\x10\x00\xB2\x09\x10\x10\x82\x00\x10\x08", 12);
	store64(&r, 0x2008, UINT64_C(0x010A000000001234));
	cpu370_set_cr(r.cpu, 0, 0x00000400);
	ck_assert_int_eq(cpu370_run(r.cpu, 10), CPU_EXIT_WAIT);
	ck_assert_uint_eq(word(&r, 0x2014), 0x5000);
	manual_clock_advance(&r.clock, 0x5001);
	ck_assert_int_eq(cpu370_run(r.cpu, 10), CPU_EXIT_DISABLED_WAIT);
	ck_assert_uint_eq(word(&r, 0x84), 0x00001005);
	rig_free(&r);
}
END_TEST

START_TEST(stck_never_gives_the_same_twice)
{
	struct rig r;

	rig_init(&r);
	store(&r, 0x1000, "\xB2\x05\x20\x00\xB2\x05\x20\x08", 8);
	cpu370_set_gr(r.cpu, 2, 0x2000);
	ck_assert_int_eq(cpu370_run(r.cpu, 2), CPU_EXIT_BUDGET);
	ck_assert_uint_eq(word(&r, 0x2000), 0x80000000);
	ck_assert_uint_lt(word(&r, 0x2004), word(&r, 0x200C));
	rig_free(&r);
}
END_TEST

/* ---- program-event recording */

static const struct per_case {
	const char *what;
	uint32_t cr9, cr10, cr11;
	uint8_t code[8];
	uint32_t interruption; /* X'8C' */
	uint16_t events;
	uint32_t address, next;
} per_cases[] = {
	{ "register", 0x10004000, 0, 0, { 0x41, 0x10, 0, 1 }, 0x00040080, 0x1000, 0x1000, 0x1004 },
	{ "other register", 0x10004000, 0, 0, { 0x41, 0x20, 0, 1, 0x41, 0x10, 0, 1 },
	  0x00040080, 0x1000, 0x1004, 0x1008 },
	{ "same value", 0x10004000, 0, 0, { 0x18, 0x11 }, 0x00020080, 0x1000, 0x1000, 0x1002 },
	{ "fetch", 0x40000000, 0x1004, 0x1005, { 0x41, 0x20, 0, 1, 0x18, 0x22 },
	  0x00020080, 0x4000, 0x1004, 0x1006 },
	{ "fetch range wraps", 0x40000000, 0x1004, 0x0FFF, { 0x41, 0x20, 0, 1, 0x18, 0x22 },
	  0x00020080, 0x4000, 0x1004, 0x1006 },
	{ "store", 0x20000000, 0x2003, 0x2003, { 0x50, 0x10, 0x80, 0, 0, 0 },
	  0x00040080, 0x2000, 0x1000, 0x1004 },
	{ "branch", 0x80000000, 0, 0, { 0x47, 0xF0, 0x80, 0x10 }, 0x00040080, 0x8000, 0x1000,
	  0x2010 },
	{ "branch not taken, then one", 0x80000000, 0, 0,
	  { 0x47, 0x70, 0x80, 0x10, 0x07, 0xF8 }, 0x00020080, 0x8000, 0x1004, 0x2000 },
	{ "with a program interruption", 0x40000000, 0x1000, 0x1000, { 0x00 }, 0x00020081,
	  0x4000, 0x1000, 0x1002 },
	{ "two events", 0x50004000, 0x1000, 0x1000, { 0x41, 0x10, 0, 1 }, 0x00040080, 0x5000,
	  0x1000, 0x1004 },
	{ "execute", 0x10004000, 0, 0, { 0x44, 0, 0x80, 0x20 }, 0x00040080, 0x1000, 0x1000,
	  0x1004 },
};

START_TEST(per_events_are_reported)
{
	const struct per_case *c = &per_cases[_i];
	struct rig r;

	rig_init(&r);
	store(&r, 0x1000, c->code, 8);
	store(&r, 0x2020, "\x41\x10\x00\x01", 4);
	cpu370_set_gr(r.cpu, 8, 0x2000);
	cpu370_set_cr(r.cpu, 9, c->cr9);
	cpu370_set_cr(r.cpu, 10, c->cr10);
	cpu370_set_cr(r.cpu, 11, c->cr11);
	cpu370_set_psw(r.cpu, UINT64_C(0x4008000000001000));
	ck_assert_msg(cpu370_run(r.cpu, 10) == CPU_EXIT_DISABLED_WAIT, "%s", c->what);
	ck_assert_msg(word(&r, 0x8C) == c->interruption, "%s: %08X", c->what, word(&r, 0x8C));
	ck_assert_msg(word(&r, 0x94) == c->events, "%s: %08X", c->what, word(&r, 0x94));
	ck_assert_msg(word(&r, 0x98) == c->address, "%s: %08X", c->what, word(&r, 0x98));
	ck_assert_msg(word(&r, 0x2C) == c->next, "%s: %08X", c->what, word(&r, 0x2C));
	rig_free(&r);
}
END_TEST

START_TEST(store_status_fills_the_save_areas)
{
	struct rig r;

	rig_init(&r);
	cpu370_set_gr(r.cpu, 15, 0x15151515);
	cpu370_set_cr(r.cpu, 15, 0xC5C5C5C5);
	cpu370_set_fpr(r.cpu, 6, UINT64_C(0x6666666677777777));
	cpu370_set_prefix(r.cpu, 0x4000);
	cpu370_store_status(r.cpu);
	ck_assert_uint_eq(word(&r, 0x104), 0x1000);
	ck_assert_uint_eq(word(&r, 0x108), 0x4000);
	ck_assert_uint_eq(word(&r, 0x178), 0x66666666);
	ck_assert_uint_eq(word(&r, 0x1BC), 0x15151515);
	ck_assert_uint_eq(word(&r, 0x1FC), 0xC5C5C5C5);
	rig_free(&r);
}
END_TEST

START_TEST(the_door_checks_keys_and_ends)
{
	uint8_t b[4096] = { 1 };
	size_t done;
	struct rig r;

	rig_init(&r);
	storage_set_key(r.st, 0x2000, 0x20);
	storage_set_key(r.st, 0x2800, 0x38);
	ck_assert_int_eq(storage_store(r.st, 0x2400, 0x20, b, 4096, &done), STORAGE_PROTECTION);
	ck_assert_uint_eq(done, 0x400);
	ck_assert_uint_eq(storage_key(r.st, 0x2000), 0x26);
	ck_assert_uint_eq(storage_key(r.st, 0x2800), 0x38);
	ck_assert_int_eq(storage_fetch(r.st, 0x2400, 0x20, b, 4096, &done), STORAGE_PROTECTION);
	ck_assert_uint_eq(done, 0x400);
	ck_assert_int_eq(storage_fetch(r.st, 0xFFC00, 0, b, 4096, &done), STORAGE_ADDRESSING);
	ck_assert_uint_eq(done, 0x400);
	ck_assert_int_eq(storage_fetch(r.st, 0xFFFFFFFF, 0, b, 4096, &done), STORAGE_ADDRESSING);
	ck_assert_uint_eq(done, 0);
	ck_assert_ptr_null(storage_new(5000, NULL));
	rig_free(&r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cpu");
	TCase *tc = tcase_create("cpu");

	tcase_add_test(tc, budget_is_exact);
	tcase_add_test(tc, external_key_enters_when_enabled);
	tcase_add_test(tc, next_instruction_is_seen_as_stored);
	tcase_add_loop_test(tc, privileged_rows_need_supervisor_state, 0, (int)opcode_count);
	tcase_add_loop_test(tc, other_bytes_are_operation_exceptions, 0, 256);
	tcase_add_test(tc, wait_states_are_told_apart);
	tcase_add_test(tc, external_comes_before_io_and_restart_runs_first);
	tcase_add_test(tc, external_codes_in_ec_mode_go_to_storage);
	tcase_add_test(tc, svc_in_ec_mode_stores_its_code);
	tcase_add_test(tc, new_psw_that_interrupts_into_itself_is_a_loop);
	tcase_add_test(tc, io_instructions_and_diagnose_go_to_the_owner);
	tcase_add_test(tc, io_interruption_names_its_device);
	tcase_add_test(tc, masked_io_keeps_waiting_while_code_runs);
	tcase_add_test(tc, interval_timer_counts_and_interrupts);
	tcase_add_test(tc, interval_timer_can_be_off);
	tcase_add_test(tc, clock_comparator_is_a_level);
	tcase_add_test(tc, cpu_timer_interrupts_while_negative);
	tcase_add_test(tc, stck_never_gives_the_same_twice);
	tcase_add_loop_test(tc, per_events_are_reported, 0, (int)ARRAY_SIZE(per_cases));
	tcase_add_test(tc, store_status_fills_the_save_areas);
	tcase_add_test(tc, the_door_checks_keys_and_ends);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
