/*
 * Any bytes as blocks of NJE over TCP and as what a machine says to its station
 * meanwhile; or as the words of a TCPNJE device statement. Whatever comes, what the
 * station says to the machine is whole messages of BSC, and what it sends out is a record
 * that comes back from its block. The input: options, then operations.
 */
#include "devices/nje_frame.h"
#include "devices/nje_station.h"
#include "devices/nje_words.h"
#include "tests/fuzz/net_rig.h"

#define BLOCK_MAX 4096u

struct ends {
	struct nje_station station;
	struct bsc_message heard; /* by the machine */
	uint8_t block[BLOCK_MAX], copy[BSC_MESSAGE_MAX + NJE_OVERHEAD];
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void try_words(const uint8_t *bytes, size_t n)
{
	char text[512], *words[32];
	struct nje_words w;
	struct error err = { 0 };
	int count = 0;

	n = n < sizeof(text) - 1 ? n : sizeof(text) - 1;
	memcpy(text, bytes, n);
	text[n] = '\0';
	for (size_t at = 0; at < n && count < 32; at += strlen(text + at) + 1)
		words[count++] = text + at;
	must(nje_words_take(&w, count, words, &err) || err.text[0]);
}

static void try_control(const uint8_t *bytes)
{
	uint8_t again[NJE_CONTROL];
	struct nje_control c;
	char name[NJE_NAME + 1];

	nje_control_get(&c, bytes);
	nje_name_text(c.from, name);
	if (c.type == NJE_UNKNOWN)
		return;
	nje_control_put(&c, again);
	must(memcmp(again, bytes, NJE_CONTROL) == 0);
}

/* The machine reads until there is nothing; each message ends with what is said. */
static void machine_reads(struct ends *e, bool late)
{
	enum bsc_progress end = BSC_MORE;
	uint8_t bytes[64];
	size_t n;

	nje_station_answer(&e->station, late);
	while ((n = nje_station_give(&e->station, bytes, sizeof(bytes))) != 0)
		for (size_t i = 0; i < n; i++) {
			must(end == BSC_MORE);
			end = bsc_receive(&e->heard, bytes[i], false);
		}
	if (end == BSC_MORE) /* nothing was said */
		must(e->heard.length == 0 && !e->heard.dle);
	must(end != BSC_TOO_LONG);
	e->heard.text = e->heard.transparent = e->heard.dle = false;
	e->heard.length = 0;
}

static void record_goes_out(struct ends *e, const uint8_t *record, size_t n)
{
	size_t length = nje_block_put(e->copy, record, n), at = NJE_BLOCK_HEADER, m;
	uint8_t *back, flags;

	must(nje_block_length(e->copy, UINT16_MAX) == length);
	must(nje_block_next(e->copy, length, &at, &back, &m, &flags) == NJE_RECORD);
	must(m == n && memcmp(back, record, n) == 0);
	must(nje_block_next(e->copy, length, &at, &back, &m, &flags) == NJE_END);
}

static void machine_says(struct ends *e, const uint8_t *bytes, size_t n)
{
	const uint8_t *record;
	size_t length;

	for (size_t i = 0; i < n; i++)
		switch (nje_station_hear(&e->station, bytes[i], &record, &length)) {
		case NJE_HEARD_RECORD: record_goes_out(e, record, length); break;
		case NJE_HEARD_BID: must(length == 2); break;
		default: break;
		}
}

/* A block; what is no record ends the link. */
static void block_comes(struct ends *e, const uint8_t *bytes, size_t n)
{
	size_t length, at = NJE_BLOCK_HEADER;
	uint8_t *record, flags;
	const char *fault;

	if (n < NJE_BLOCK_HEADER)
		return;
	memcpy(e->block, bytes, n);
	length = nje_block_length(e->block, n);
	while (length) {
		size_t m;

		if (nje_block_next(e->block, length, &at, &record, &m, &flags) !=
		    NJE_RECORD)
			return;
		if (!nje_station_wants(&e->station))
			machine_reads(e, false);
		if (!nje_station_wants(&e->station))
			return;
		if (!nje_station_take(&e->station, record, m, flags, &fault)) {
			must(fault != NULL);
			nje_station_unlink(&e->station);
			return;
		}
	}
}

static void operation(struct rig *r, struct ends *e)
{
	uint8_t what = next(r);
	const uint8_t *bytes;
	size_t n;

	switch (what & 7) {
	case 0:
	case 1:
		n = next_bytes(r, &bytes, next(r));
		machine_says(e, bytes, n);
		break;
	case 2:
	case 3:
		n = next_bytes(r, &bytes, next16(r) % BLOCK_MAX);
		block_comes(e, bytes, n);
		break;
	case 4: machine_reads(e, what & 8); break;
	case 5:
		if (what & 8)
			nje_station_unlink(&e->station);
		else
			nje_station_link(&e->station, what & 16);
		break;
	case 6: e->station.hold = what & 8; break;
	default:
		if (next_bytes(r, &bytes, NJE_CONTROL) == NJE_CONTROL)
			try_control(bytes);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct rig r = { .at = bytes + 1, .end = bytes + n };
	static struct ends e; /* large */

	if (n == 0)
		return 0;
	if (bytes[0] & 0x80) {
		try_words(bytes + 1, n - 1);
		return 0;
	}
	memset(&e.heard, 0, offsetof(struct bsc_message, data));
	nje_station_reset(&e.station);
	for (int i = 0; i < OPERATIONS && r.at < r.end; i++)
		operation(&r, &e);
	return 0;
}
