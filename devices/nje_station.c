#include "devices/nje_station.h"

#include <assert.h>
#include <string.h>

/* Where in a block; the DLE ETB is not counted. */
enum {
	AT_BCB = 2,
	AT_FCS = 3,
	AT_RCB = 5,
	AT_SRCB = 6,
	AT_FEATURES = 42, /* of a sign-on record */
	BLOCK_LEAST = 6,
};

#define RCB_PERMISSION	0xA0 /* a stream may be opened */
#define RCB_CONTROL	0xF0
#define SRCB_INITIAL	0xC9 /* I */
#define SRCB_RESPONSE	0xD1 /* J */
#define SRCB_SIGN_OFF	0xC2 /* B */
#define FEATURE_PREPARE 0x80 /* the machines' lines rest in PREPARE: not over TCP */
#define BCB_KIND	0x30 /* 0: a number in sequence */
#define BCB_RESET	0x20
#define FAST_OPEN	0x80 /* of a record from outside */

/* Function control: send what you have; send no data, we come back to you. */
static const uint8_t fcs_go[2] = { 0x8F, 0xCF }, fcs_wait[2] = { 0xC0, 0x80 };

/* ---- the link */

void nje_station_reset(struct nje_station *s)
{
	*s = (struct nje_station){ .hold = false };
}

void nje_station_link(struct nje_station *s, bool primary)
{
	nje_station_reset(s);
	s->linked = true;
	s->primary = primary;
}

void nje_station_unlink(struct nje_station *s)
{
	s->sign_off = s->signed_on && !s->signed_off;
	s->linked = s->signed_on = s->owes = s->held = s->hold = false;
}

/* ---- blocks */

static bool is_block(const uint8_t *r, size_t n)
{
	return n >= 2 && r[0] == BSC_DLE && r[1] == BSC_STX;
}

static bool is_control(const uint8_t *block, size_t n, uint8_t srcb)
{
	return n > AT_SRCB && block[AT_RCB] == RCB_CONTROL && block[AT_SRCB] == srcb;
}

/* Who says J? The one that was not first to say I. */
static bool responds(bool primary, bool nak)
{
	return primary == nak;
}

static void sign_on(uint8_t *block, size_t n)
{
	if ((is_control(block, n, SRCB_INITIAL) || is_control(block, n, SRCB_RESPONSE)) &&
	    n > AT_FEATURES)
		block[AT_FEATURES] &= (uint8_t)~FEATURE_PREPARE;
}

/* Not in sequence any more for the other side: what comes after this is. */
static void number_anew(struct nje_station *s, uint8_t *bcb)
{
	if (s->renumber && !(*bcb & BCB_KIND))
		*bcb = (uint8_t)((*bcb & 0xF0) | BCB_RESET | ((*bcb + 1) & 0x0F));
	s->renumber = false;
}

/* A block of the machine that is not for the other side. */
static enum nje_heard keep_block(struct nje_station *s)
{
	s->renumber = true;
	s->owes = s->signed_on;
	return NJE_HEARD_NOTHING;
}

static enum nje_heard hear_block(struct nje_station *s, uint8_t *r, size_t n)
{
	s->held = memcmp(r + AT_FCS, fcs_go, 2) != 0;
	if (n == BLOCK_LEAST && r[AT_RCB] == 0)
		return keep_block(s);
	if (!s->linked) { /* it thinks there is a link */
		s->sign_off = true;
		return NJE_HEARD_NOTHING;
	}
	if (n > AT_SRCB && s->fast_open && r[AT_RCB] == RCB_PERMISSION &&
	    r[AT_SRCB] == s->fast_open) {
		s->fast_open = 0;
		return keep_block(s);
	}
	number_anew(s, &r[AT_BCB]);
	sign_on(r, n);
	if (is_control(r, n, SRCB_RESPONSE) && responds(s->primary, s->nak_heard))
		s->signed_on = true;
	if (is_control(r, n, SRCB_SIGN_OFF))
		s->signed_off = true;
	s->owes = s->signed_on;
	return NJE_HEARD_RECORD;
}

/* ---- from the machine: other messages */

static bool is_bid(const uint8_t *r, size_t n)
{
	return n == 2 && r[0] == BSC_SOH && r[1] == BSC_ENQ;
}

static bool is_reply(const uint8_t *r, size_t n)
{
	return n == 2 && r[0] == BSC_DLE && r[1] == 0x70; /* ACK0 */
}

static enum nje_heard hear_control(struct nje_station *s, const uint8_t *r, size_t n,
				   const uint8_t **record, size_t *length)
{
	static const uint8_t nak[] = { BSC_SYN, BSC_NAK };
	bool refuses = n == 1 && r[0] == BSC_NAK;

	if (refuses) { /* outside it has the SYN that a line takes away */
		*record = nak;
		*length = sizeof(nak);
	}
	if (!s->linked)
		return refuses || is_bid(r, n) ? NJE_HEARD_BID : NJE_HEARD_NOTHING;
	if (refuses && s->primary && !s->signed_on)
		s->nak_heard = true;
	if (is_bid(r, n) && !s->primary && !s->nak_come)
		return NJE_HEARD_NOTHING; /* the other side bids */
	if (is_reply(r, n) && s->signed_on)
		return NJE_HEARD_NOTHING;
	return NJE_HEARD_RECORD;
}

static enum nje_heard hear_message(struct nje_station *s, const uint8_t **record,
				   size_t *n)
{
	struct bsc_message *m = &s->from;
	enum nje_heard heard = NJE_HEARD_NOISE;

	*record = m->data;
	*n = m->length;
	if (!is_block(m->data, m->length)) {
		heard = hear_control(s, m->data, m->length, record, n);
	} else if (m->length >= BLOCK_LEAST + 2 &&
		   m->data[m->length - 1] != BSC_ENQ) { /* not given up */
		*n -= 2;
		heard = hear_block(s, m->data, *n);
	}
	m->text = m->transparent = m->dle = false;
	m->length = 0;
	return heard;
}

enum nje_heard nje_station_hear(struct nje_station *s, uint8_t byte,
				const uint8_t **record, size_t *n)
{
	switch (bsc_receive(&s->from, byte, false)) {
	case BSC_MORE: return NJE_HEARD_MORE;
	case BSC_TOO_LONG:
		s->from.text = s->from.transparent = s->from.dle = false;
		s->from.length = 0;
		return NJE_HEARD_NOISE;
	default: return hear_message(s, record, n);
	}
}

/* ---- to the machine */

static void say(struct nje_station *s, const uint8_t *record, size_t n)
{
	bool transparent;

	assert(s->next == s->length && n <= NJE_RECORD_MAX);
	s->next = 0;
	s->length = bsc_transmit(record, n, s->to, &transparent);
	if (!transparent)
		return;
	s->to[s->length++] = BSC_DLE;
	s->to[s->length++] = BSC_ETB;
}

/* A block of our own: its number does not count (X'90'). */
static void say_block(struct nje_station *s, uint8_t rcb, uint8_t srcb)
{
	uint8_t block[] = { BSC_DLE, BSC_STX, 0x90, 0, 0, rcb, srcb, 0 };

	memcpy(block + AT_FCS, s->hold ? fcs_wait : fcs_go, 2);
	say(s, block, rcb ? sizeof(block) : BLOCK_LEAST);
	s->owes = false;
}

static bool take_block(struct nje_station *s, uint8_t *block, size_t n, uint8_t flags,
		       const char **fault)
{
	if (n < BLOCK_LEAST) {
		*fault = "a block without its control bytes";
		return false;
	}
	sign_on(block, n);
	if (is_control(block, n, SRCB_RESPONSE) && !responds(s->primary, s->nak_come))
		s->signed_on = true;
	if (is_control(block, n, SRCB_SIGN_OFF))
		s->signed_off = true;
	if ((flags & FAST_OPEN) && n > AT_SRCB)
		s->fast_open = block[AT_SRCB];
	memcpy(block + AT_FCS, s->hold ? fcs_wait : fcs_go, 2);
	say(s, block, n);
	s->owes = false;
	return true;
}

/* Is it a message of BSC without text? */
static bool is_message(const uint8_t *r, size_t n)
{
	if (n == 1)
		return r[0] == BSC_ENQ || r[0] == BSC_EOT || r[0] == BSC_NAK;
	if (n != 2)
		return false;
	if (r[0] == BSC_DLE)
		return r[1] == BSC_EOT || (r[1] & 0xF0) == 0x60 || (r[1] & 0xF0) == 0x70;
	return is_bid(r, n) || (r[0] == BSC_SYN && r[1] == BSC_NAK);
}

/* What a line would not let through to a program. */
static bool is_idle(const uint8_t *r, size_t n)
{
	if (n == 2 && r[0] == BSC_DLE && r[1] == BSC_ETB)
		return true;
	for (size_t i = 0; i < n; i++)
		if (r[i] != BSC_SYN)
			return false;
	return true;
}

bool nje_station_take(struct nje_station *s, uint8_t *record, size_t n, uint8_t flags,
		      const char **fault)
{
	if (n > NJE_RECORD_MAX) {
		*fault = "a record that is too long";
		return false;
	}
	if (is_block(record, n))
		return take_block(s, record, n, flags, fault);
	if (is_idle(record, n))
		return true;
	if (!is_message(record, n)) {
		*fault = "a record that is neither a block nor a control sequence";
		return false;
	}
	if (record[n - 1] == BSC_NAK)
		s->nak_come = true;
	else
		s->owes = false;
	say(s, record, n);
	return true;
}

bool nje_station_wants(const struct nje_station *s)
{
	return s->next == s->length && !s->held;
}

void nje_station_answer(struct nje_station *s, bool late)
{
	if (s->next < s->length)
		return;
	if (s->sign_off) {
		s->sign_off = false;
		say_block(s, RCB_CONTROL, SRCB_SIGN_OFF);
	} else if (s->linked && (s->held || (s->signed_on && (s->owes || late)))) {
		say_block(s, 0, 0);
	}
}

size_t nje_station_give(struct nje_station *s, uint8_t *bytes, size_t n)
{
	if (n > s->length - s->next)
		n = s->length - s->next;
	memcpy(bytes, s->to + s->next, n);
	s->next += n;
	return n;
}
