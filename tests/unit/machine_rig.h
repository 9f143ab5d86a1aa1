/*
 * tests/unit/machine_rig.h - a machine on its thread, with a console and a reader that
 * loads a program of 80 bytes at X'100'; its owner is the test, which waits for what the
 * machine's thread tells, and never sleeps.
 */
#ifndef TESTS_UNIT_MACHINE_RIG_H
#define TESTS_UNIT_MACHINE_RIG_H

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/ebcdic.h"
#include "devices/machine.h"
#include "devices/device.h"
#include "tests/unit/hex.h"
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
static inline void await(const unsigned *counter, unsigned n)
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

static inline void note(unsigned *counter)
{
	(*counter)++;
	pthread_cond_broadcast(&changed);
}

static inline void on_state(void *arg, enum machine_state state, uint64_t psw)
{
	(void)arg;
	pthread_mutex_lock(&lock);
	seen.psw = psw;
	note(&seen.count[state]);
	pthread_mutex_unlock(&lock);
}

static inline void on_ipl_failed(void *arg, uint16_t address, unsigned cc, const uint8_t csw[8],
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

static inline bool answer_is_there(void *arg)
{
	bool there;

	(void)arg;
	pthread_mutex_lock(&lock);
	there = seen.answered;
	pthread_mutex_unlock(&lock);
	return there;
}

/* DIAGNOSE X'008' waits for the test, others give R1 to the test. */
static inline int on_diagnose(void *arg, struct cpu370 *cpu, unsigned r1, unsigned r3,
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

static inline bool term_ready(void *arg)
{
	(void)arg;
	return true;
}

static inline bool term_write(void *arg, const uint8_t *text, size_t length, unsigned flags)
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

static inline void term_read(void *arg, size_t max)
{
	(void)arg;
	(void)max;
	pthread_mutex_lock(&lock);
	note(&seen.reads);
	pthread_mutex_unlock(&lock);
}

static inline void term_cancel(void *arg)
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

static inline enum card_result deck_next(struct card_source *src, uint8_t *record,
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

static inline void load_deck(const char *hex)
{
	static const uint8_t first[24] = { 0, 0, 0, 0, 0,    0, 1, 0,
					   2, 0, 1, 0, 0x20, 0, 0, 80 };

	memset(&deck, 0, sizeof(deck));
	deck.source.next = deck_next;
	memcpy(deck.card[0], first, sizeof(first));
	from_hex(hex, deck.card[1]);
}

/* ---- the rig */

static inline struct machine_request request(enum machine_request_kind kind, uint32_t address)
{
	return (struct machine_request){ .kind = kind, .address = address };
}

static inline bool call(struct machine_request *req)
{
	return machine_call(m, req);
}

static inline void post(enum machine_request_kind kind, uint32_t address)
{
	struct machine_request req = request(kind, address);

	machine_post(m, &req);
}

static inline struct machine *new_machine(unsigned cpus)
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

static inline void attach_all(void)
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

static inline void machine_setup(void)
{
	memset(&seen, 0, sizeof(seen));
	seen.room = true;
	manual_clock_init(&clock_by_hand, TOD_1970);
	m = new_machine(1);
	ck_assert_ptr_nonnull(m);
	attach_all();
}

static inline void machine_teardown(void)
{
	machine_free(m);
}

static inline void ipl(const char *hex)
{
	load_deck(hex);
	post(MACHINE_IPL, READER);
}

static inline struct machine_request query(void)
{
	struct machine_request q = request(MACHINE_QUERY, 0);

	ck_assert(call(&q));
	return q;
}

/* ---- several owners' threads at once, for the thread sanitizer */

static inline void *pester(void *arg)
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

static inline void pester_from_four_threads(void)
{
	pthread_t thread[4];
	int number[4];
	void *failed;

	for (int i = 0; i < 4; i++) {
		number[i] = i;
		pthread_create(&thread[i], NULL, pester, &number[i]);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], &failed);
		ck_assert_ptr_null(failed);
	}
}

#endif
