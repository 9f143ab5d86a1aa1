/*
 * A machine on its thread: requests, states, IPL, console dialogue, timers. The
 * guests are a few instructions in a card deck. No test sleeps: it waits for a
 * state or a terminal call that must come.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/ebcdic.h"
#include "devices/machine.h"
#include "devices/device.h"
#include "tests/unit/runner.h"

#define READER	0x00C
#define CONSOLE 0x009

/* ---- what the machine's thread tells; under lock */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct {
	unsigned count[MACHINE_LOOP + 1]; /* times each state was told */
	uint64_t psw;
	unsigned ipl_failures, ipl_cc;
	uint8_t ipl_sense, ipl_unit;
	char output[256];
	size_t length;
	unsigned refusals, reads, cancels;
	bool room;
	unsigned diagnoses;
	bool answered;
} seen;

static struct machine *m;
static struct manual_clock clock_by_hand;

/* Wait until *counter has reached n; fails after ten seconds. */
static void await(const unsigned *counter, unsigned n)
{
	struct timespec until;
	int e = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 10;
	pthread_mutex_lock(&lock);
	while (*counter < n && !e)
		e = pthread_cond_timedwait(&changed, &lock, &until);
	pthread_mutex_unlock(&lock);
	ck_assert_msg(!e, "waited in vain");
}

static void note(unsigned *counter)
{
	(*counter)++;
	pthread_cond_broadcast(&changed);
}

static void on_state(void *arg, enum machine_state state, uint64_t psw)
{
	(void)arg;
	pthread_mutex_lock(&lock);
	seen.psw = psw;
	note(&seen.count[state]);
	pthread_mutex_unlock(&lock);
}

static void on_ipl_failed(void *arg, uint16_t address, unsigned cc, const uint8_t csw[8],
			  uint8_t sense0)
{
	(void)arg;
	ck_assert_uint_lt(address, 0x200);
	pthread_mutex_lock(&lock);
	seen.ipl_cc = cc;
	seen.ipl_sense = sense0;
	seen.ipl_unit = csw[4];
	note(&seen.ipl_failures);
	pthread_mutex_unlock(&lock);
}

static bool answer_is_there(void *arg)
{
	bool there;

	(void)arg;
	pthread_mutex_lock(&lock);
	there = seen.answered;
	pthread_mutex_unlock(&lock);
	return there;
}

/* DIAGNOSE X'008' waits for the test, others give R1 to the test. */
static int on_diagnose(void *arg, struct cpu370 *cpu, unsigned r1, unsigned r3,
		       uint32_t code)
{
	(void)arg;
	(void)r3;
	pthread_mutex_lock(&lock);
	note(&seen.diagnoses);
	pthread_mutex_unlock(&lock);
	if (code == 8 && machine_serve(m, answer_is_there, NULL))
		cpu370_set_gr(cpu, r1, 0xABCD);
	return 0;
}

/* ---- a terminal */

static bool term_ready(void *arg)
{
	(void)arg;
	return true;
}

static bool term_write(void *arg, const uint8_t *text, size_t length, unsigned flags)
{
	bool room;

	(void)arg;
	(void)flags;
	pthread_mutex_lock(&lock);
	room = seen.room;
	if (room) {
		ck_assert(seen.length + length < sizeof(seen.output));
		ebcdic_to_latin1(&codepage_037, seen.output + seen.length, text, length);
		seen.length += length;
	} else {
		note(&seen.refusals);
	}
	pthread_mutex_unlock(&lock);
	return room;
}

static void term_read(void *arg, size_t max)
{
	(void)arg;
	(void)max;
	pthread_mutex_lock(&lock);
	note(&seen.reads);
	pthread_mutex_unlock(&lock);
}

static void term_cancel(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock);
	note(&seen.cancels);
	pthread_mutex_unlock(&lock);
}

static const struct terminal_ops term_ops = {
	.ready = term_ready,
	.write = term_write,
	.read = term_read,
	.cancel = term_cancel,
};

/* ---- decks: one card that IPLs the second to X'100' */

struct deck {
	struct card_source source;
	uint8_t card[2][CARD_COLUMNS];
	unsigned next;
};

static enum card_result deck_next(struct card_source *src, uint8_t *record,
				  size_t *length, uint8_t *op)
{
	struct deck *d = (struct deck *)src;

	if (d->next == 2)
		return CARD_EMPTY;
	memcpy(record, d->card[d->next++], CARD_COLUMNS);
	*length = CARD_COLUMNS;
	*op = 0;
	return CARD_OK;
}

static struct deck deck;

static void load_deck(const char *hex)
{
	static const uint8_t first[24] = { 0, 0, 0, 0, 0,    0, 1, 0,
					   2, 0, 1, 0, 0x20, 0, 0, 80 };
	uint8_t *p = deck.card[1];

	memset(&deck, 0, sizeof(deck));
	deck.source.next = deck_next;
	memcpy(deck.card[0], first, sizeof(first));
	for (; *hex; hex++) {
		unsigned byte;

		if (*hex == ' ')
			continue;
		ck_assert_int_eq(sscanf(hex++, "%2x", &byte), 1);
		*p++ = (uint8_t)byte;
	}
}

/* ---- the rig */

static struct machine_request request(enum machine_request_kind kind, uint32_t address)
{
	return (struct machine_request){ .kind = kind, .address = address };
}

static bool call(struct machine_request *req)
{
	return machine_call(m, req);
}

static void post(enum machine_request_kind kind, uint32_t address)
{
	struct machine_request req = request(kind, address);

	machine_post(m, &req);
}

static struct machine *new_machine(unsigned cpus)
{
	const struct machine_config config = {
		.name = "TEST",
		.storage = 64u << 10,
		.cpus = cpus,
		.arch = CPU_S370,
		.cpuid = 0xFF00000003700000,
	};
	const struct machine_owner owner = {
		.state = on_state,
		.diagnose = on_diagnose,
		.ipl_failed = on_ipl_failed,
	};

	return machine_new(&config, &owner, &clock_by_hand.clock, NULL);
}

static void attach_all(void)
{
	struct machine_request reader = request(MACHINE_ATTACH, READER);
	struct machine_request console = request(MACHINE_ATTACH, CONSOLE);

	reader.class_name = "2540R";
	reader.cards = &deck.source;
	ck_assert(call(&reader));
	console.class_name = "3215";
	console.terminal.ops = &term_ops;
	ck_assert(call(&console));
}

static void setup(void)
{
	memset(&seen, 0, sizeof(seen));
	seen.room = true;
	manual_clock_init(&clock_by_hand, TOD_1970);
	m = new_machine(1);
	ck_assert_ptr_nonnull(m);
	attach_all();
}

static void teardown(void)
{
	machine_free(m);
}

static void ipl(const char *hex)
{
	load_deck(hex);
	post(MACHINE_IPL, READER);
}

static struct machine_request query(void)
{
	struct machine_request q = request(MACHINE_QUERY, 0);

	ck_assert(call(&q));
	return q;
}

/* LA 1,120; ST 1,48; SIO 009; TIO 009; BNZ *-4; LPSW 128; CCW; PSW; text */
#define START_IO "41100120 50100048 9C000009 9D000009 4770010C 82000128 0000000000000000 "
#define HELLO	 START_IO "0900013020000005 0002000000000ABC C8C5D3D3D6"
#define DIALOGUE START_IO "0A00020060000050 0900020020000005"

/* ---- tests */

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

START_TEST(an_endless_ipl_can_be_left)
{
	load_deck("");
	/* CCW at 8: NOP, TIC back to it at 16. */
	memcpy(deck.card[0] + 8, "\x03\0\0\0\x40\0\0\1\x08\0\0\x08\0\0\0\0", 16);
	post(MACHINE_IPL, READER);
	await(&seen.count[MACHINE_LOADING], 1);
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
	load_deck("");
	memcpy(deck.card[0] + 8, "\x03\0\0\0\x40\0\0\1\x08\0\0\x08\0\0\0\0", 16);
	post(MACHINE_IPL, READER);
	await(&seen.count[MACHINE_LOADING], 1);
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

/* Several owners' threads at once, for the thread sanitizer. */
static void *pester(void *arg)
{
	struct machine_request req;
	uint8_t data[100];

	for (int i = 0; i < 200; i++) {
		memset(&req, 0, sizeof(req));
		req.kind = i % 2 ? MACHINE_FETCH : MACHINE_STORE;
		req.address = 0x4000 + 100 * *(int *)arg;
		req.data = data;
		req.length = sizeof(data);
		memset(data, i, sizeof(data));
		if (!machine_call(m, &req))
			return arg;
		post(MACHINE_ATTENTION, CONSOLE);
		post(i % 3 ? MACHINE_START : MACHINE_STOP, 0);
	}
	return NULL;
}

START_TEST(many_threads)
{
	pthread_t thread[4];
	int number[4];
	void *failed;

	ipl("47F00100");
	for (int i = 0; i < 4; i++) {
		number[i] = i;
		pthread_create(&thread[i], NULL, pester, &number[i]);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], &failed);
		ck_assert_ptr_null(failed);
	}
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
	pthread_t thread[4];
	int number[4];
	void *failed;

	start_several(3);
	for (unsigned n = 0; n < 3; n++)
		while (!counts(n))
			continue;
	for (int i = 0; i < 4; i++) {
		number[i] = i;
		pthread_create(&thread[i], NULL, pester, &number[i]);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], &failed);
		ck_assert_ptr_null(failed);
	}
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
		two_processors,
		freed_while_it_runs,
		freed_during_a_read,
		freed_during_a_diagnose,
		many_threads,
		requests_to_three_processors,
		four_processors_stop_and_go_on,
		requests_while_one_of_two_waits_in_a_diagnose,
		freed_while_four_run,
		freed_while_one_of_two_waits_in_a_diagnose,
		hundred_machines,
	};

	tcase_add_checked_fixture(tc, setup, teardown);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
