#include <pthread.h>
#include <string.h>

#include "base/bytes.h"
#include "cpu370/cpu.h"
#include "cpu370/opcodes.h"
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
	struct cpu_config config = { .arch = CPU_S370 };
	struct cpu_owner owner = { .arg = seen, .io = io_result,
				   .io_interruption = io_pending, .diagnose = diagnose };

	rig_init(r);
	cpu370_free(r->cpu);
	r->cpu = cpu370_new(r->st, &config, &owner, &r->clock.clock, NULL);
	cpu370_set_psw(r->cpu, 0x1000);
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

/* ---- code that changes */

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
	struct cpu_config config = { .arch = CPU_S370 };
	struct cpu_owner owner = { .arg = &told, .trace = note_done };
	const uint32_t gr[] = { 0, 0, 3, 33, 0x2000, 3000, 0x4000, 3000, 0x100E };
	struct rig r;

	rig_init(&r);
	cpu370_free(r.cpu);
	r.cpu = cpu370_new(r.st, &config, &owner, &r.clock.clock, NULL);
	cpu370_set_psw(r.cpu, 0x1000);
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

/* ---- several CPUs on one storage */

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

/* ---- storage */

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

static Suite *cpu_suite(void)
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
	tcase_add_test(tc, the_door_reaches_decoded_code);
	tcase_add_test(tc, code_that_keeps_changing_itself_stays_right);
	tcase_add_test(tc, code_changes_through_another_mapping);
	tcase_add_test(tc, instructions_may_change_their_length);
	tcase_add_test(tc, executed_instructions_are_told);
	tcase_add_test(tc, breakpoints_stop_before_the_instruction);
	tcase_add_test(tc, compare_and_swap_is_atomic);
	tcase_add_test(tc, test_and_set_locks);
	tcase_add_test(tc, code_stored_by_another_cpu_is_seen);
	tcase_add_test(tc, sigp_interrupts_another_cpu);
	tcase_add_test(tc, store_status_fills_the_save_areas);
	tcase_add_test(tc, the_door_checks_keys_and_ends);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(cpu_suite());
}
