/*
 * The program that runs the cases, as machine code. It lies below X'1000', so its
 * code and data need no base register.
 */
#include <string.h>

#include "base/bytes.h"
#include "tests/differential/case.h"

/* Its data. */
#define S_PSW	 0x200u /* LPSW of the case */
#define S_GPR	 0x210u /* LM of the case */
#define S_SAVE	 0x280u /* registers as the case left them */
#define S_CR	 0x2C0u
#define S_CLASS	 0x300u
#define S_OUR_CR 0x310u /* control registers of the supervisor */
#define S_LOW	 0x360u /* assigned storage before each case, LOW_BYTES */
#define S_DONE	 0x420u /* disabled wait */
#define S_CLOCK	 0x428u /* what the TOD clock is set to before each case */
#define S_PREFIX 0x354u /* the prefix the case left */
#define S_ZERO	 0x358u
#define S_DRAIN	 0x308u /* external new PSW while old interruptions are taken */
#define S_CONST	 0x430u
#define S_CODE	 0x500u

struct emitter {
	uint8_t *image;
	uint32_t at;
	bool floats;
	struct supervisor *where;
};

static void put2(struct emitter *e, unsigned hi, unsigned lo)
{
	e->image[e->at++] = (uint8_t)hi;
	e->image[e->at++] = (uint8_t)lo;
}

static void rr(struct emitter *e, unsigned op, unsigned r1, unsigned r2)
{
	put2(e, op, r1 << 4 | r2);
}

static void address(struct emitter *e, unsigned b, unsigned d)
{
	put2(e, b << 4 | d >> 8, d & 0xFF);
}

static void rx(struct emitter *e, unsigned op, unsigned r1, unsigned b, unsigned d)
{
	put2(e, op, r1 << 4);
	address(e, b, d);
}

static void rs(struct emitter *e, unsigned op, unsigned r1, unsigned r3, unsigned b,
	       unsigned d)
{
	put2(e, op, r1 << 4 | r3);
	address(e, b, d);
}

static void ss(struct emitter *e, unsigned op, unsigned length, unsigned b1, unsigned d1,
	       unsigned b2, unsigned d2)
{
	put2(e, op, length - 1);
	address(e, b1, d1);
	address(e, b2, d2);
}

static void s(struct emitter *e, unsigned op, unsigned b, unsigned d)
{
	put2(e, op >> 8, op & 0xFF);
	address(e, b, d);
}

enum {
	BALR = 0x05,
	BCR = 0x07,
	LR = 0x18,
	AR = 0x1A,
	SR = 0x1B,
	SSK = 0x08,
	ISK = 0x09,
	LA = 0x41,
	STC = 0x42,
	IC = 0x43,
	EX = 0x44,
	BCT = 0x46,
	BC = 0x47,
	ST = 0x50,
	N = 0x54,
	C = 0x59,
	L = 0x58,
	A = 0x5A,
	LTR = 0x12,
	STOSM = 0xAD,
	STNSM = 0xAC,
	S_ = 0x5B,
	STD = 0x60,
	LD = 0x68,
	LPSW = 0x82,
	STM = 0x90,
	LM = 0x98,
	STCTL = 0xB6,
	LCTL = 0xB7,
	MVC = 0xD2,
	CLC = 0xD5,
	SCK = 0xB204,
	SCKC = 0xB206,
	STCKC = 0xB207,
	SPT = 0xB208,
	STPT = 0xB209,
	PTLB = 0xB20D,
	SPX = 0xB210,
	STPX = 0xB211
};

enum { EQUAL = 8, LOW = 4, HIGH = 2, NOT_EQUAL = 7, NOT_LOW = 11, ALWAYS = 15 };

/* A constant's place; they are laid down as they are asked for. */
static unsigned word(struct emitter *e, uint32_t value)
{
	unsigned at = S_CONST;

	while (be32(e->image + at) != value && be32(e->image + at) != 0)
		at += 4;
	put_be32(e->image + at, value);
	return at;
}

#define HEADER(w) (ST_HEADER + 4u * (w))

/*
 * Everything is fetch-protected with key 0: cases with another key cannot read what
 * differs from one emulator to the other, such as this program's save areas. The
 * window gets keys of its own for each case.
 */
static void protect(struct emitter *e)
{
	uint32_t loop;

	rr(e, SR, 5, 5);
	rx(e, LA, 6, 0, 0x08);
	rx(e, L, 7, 0, word(e, ST_SIZE / BLOCK));
	loop = e->at;
	rr(e, SSK, 6, 5);
	rx(e, LA, 5, 5, BLOCK);
	rx(e, BCT, 7, 0, loop);
}

/*
 * Take what external interruptions are pending since before the program was
 * loaded: each starts this anew, and behind it there is none.
 */
static void drain(struct emitter *e)
{
	put_be64(e->image + S_DRAIN, UINT64_C(0x0008000000000000) | (e->at + 6));
	ss(e, MVC, 8, 0, 0x58, 0, S_DRAIN);
	put2(e, STOSM, 1);
	address(e, 0, S_ZERO + 4);
	put2(e, BCR, 0);
	put2(e, STNSM, 0);
	address(e, 0, S_ZERO + 4);
}

/* Storage above X'FFF' needs a base: R13 points to the header. */
static void begin(struct emitter *e)
{
	rx(e, L, 13, 0, word(e, ST_HEADER));
}

/* The next case: R3 points to it. */
static uint32_t next_case(struct emitter *e, uint32_t *done_branch)
{
	uint32_t top = e->at;

	rx(e, L, 2, 13, 4 * H_INDEX);
	rx(e, C, 2, 13, 4 * H_CASES);
	*done_branch = e->at;
	rx(e, BC, NOT_LOW, 0, 0);
	rx(e, L, 4, 13, 4 * H_OUT);
	rx(e, C, 4, 13, 4 * H_OUT_LIMIT);
	rx(e, BC, NOT_LOW, 0, 0);
	rx(e, L, 3, 13, 4 * H_IN);
	return top;
}

/* EX of an MVC with the length in R6: R7 patch, R5 address. */
static void patches(struct emitter *e)
{
	uint32_t mvc = e->at + 4;

	rx(e, BC, ALWAYS, 0, mvc + 6);
	ss(e, MVC, 1, 5, 0, 7, 8);
	rx(e, LA, 7, 3, C_CODE);
	for (unsigned i = 0; i < PATCHES; i++) {
		uint32_t skip = e->at + 4 * 5;

		rx(e, L, 5, 7, 0);
		rx(e, L, 6, 7, 4);
		rx(e, C, 6, 0, word(e, 0xFFFFFFFF));
		rx(e, BC, EQUAL, 0, skip);
		rx(e, EX, 6, 0, mvc);
		rx(e, LA, 7, 7, i == 0 ? 8 + CODE_BYTES : 8 + PATCH_BYTES);
	}
}

static void keys_in(struct emitter *e)
{
	rx(e, L, 5, 0, word(e, ST_WINDOW));
	for (unsigned i = 0; i < BLOCKS; i++) {
		rx(e, IC, 6, 3, C_KEYS + i);
		rr(e, SSK, 6, 5);
		rx(e, LA, 5, 5, BLOCK);
	}
}

static void go(struct emitter *e)
{
	ss(e, MVC, LOW_BYTES, 0, 0, 0, S_LOW);
	for (unsigned i = 0; i < 4 && e->floats; i++)
		rx(e, LD, 2 * i, 3, C_FPR + 8 * i);
	s(e, SCK, 0, S_CLOCK);
	s(e, SCKC, 3, C_COMPARATOR);
	s(e, SPT, 3, C_TIMER);
	ss(e, MVC, 8, 0, S_PSW, 3, C_PSW);
	ss(e, MVC, 64, 0, S_GPR, 3, C_GPR);
	s(e, PTLB, 0, 0);
	rs(e, LCTL, 0, 15, 3, C_CR);
	rs(e, LM, 0, 15, 0, S_GPR);
	e->where->go = e->at;
	s(e, LPSW << 8, 0, S_PSW);
}

/*
 * All classes meet here. With a prefix, what was just stored lies in its page, of
 * which this very code is a copy: take it to page 0 and go on without a prefix.
 */
static void leave_prefix(struct emitter *e)
{
	uint32_t none;

	s(e, STPX, 0, S_PREFIX);
	rx(e, L, 5, 0, S_PREFIX);
	rr(e, LTR, 5, 5);
	none = e->at;
	rx(e, BC, EQUAL, 0, 0);
	s(e, SPX, 0, S_ZERO);
	ss(e, MVC, LOW_BYTES, 0, 0, 5, 0);
	ss(e, MVC, 64, 0, S_SAVE, 5, S_SAVE);
	ss(e, MVC, LOW_BYTES, 5, 0, 0, S_LOW);
	rx(e, ST, 5, 0, S_PREFIX);
	e->image[none + 2] = (uint8_t)(e->at >> 8);
	e->image[none + 3] = (uint8_t)e->at;
}

/* Where interruptions of one class arrive; all go on at common. */
static void entry(struct emitter *e, unsigned new_psw, unsigned class, uint32_t common)
{
	put_be64(e->image + S_LOW + new_psw, UINT64_C(0x0008000000000000) | e->at);
	e->where->entry[class] = e->at;
	rs(e, STM, 0, 15, 0, S_SAVE);
	rx(e, LA, 1, 0, class);
	rx(e, BC, ALWAYS, 0, common);
}

static void registers_out(struct emitter *e)
{
	rx(e, ST, 1, 0, S_CLASS);
	rs(e, STCTL, 0, 15, 0, S_CR);
	rs(e, LCTL, 0, 15, 0, S_OUR_CR);
	begin(e);
	rx(e, L, 4, 13, 4 * H_OUT);
	ss(e, MVC, 4, 4, R_INDEX, 13, 4 * H_INDEX);
	ss(e, MVC, 4, 4, R_CLASS, 0, S_CLASS);
	ss(e, MVC, 64, 4, R_GPR, 0, S_SAVE);
	ss(e, MVC, 64, 4, R_CR, 0, S_CR);
	ss(e, MVC, 4, 4, R_PREFIX, 0, S_PREFIX);
	s(e, STCKC, 0, S_GPR); /* a result lies on a word boundary only */
	s(e, STPT, 0, S_GPR + 8);
	ss(e, MVC, 16, 4, R_COMPARATOR, 0, S_GPR);
	for (unsigned i = 0; i < 4 && e->floats; i++)
		rx(e, STD, 2 * i, 4, R_FPR + 8 * i);
	ss(e, MVC, LOW_BYTES, 4, R_LOW, 0, 0);
	ss(e, MVC, LOW_BYTES, 0, 0, 0, S_LOW);
}

static void keys_out(struct emitter *e)
{
	rx(e, L, 5, 0, word(e, ST_WINDOW));
	for (unsigned i = 0; i < BLOCKS; i++) {
		rr(e, SR, 6, 6);
		rr(e, ISK, 6, 5);
		rx(e, STC, 6, 4, R_KEYS + i);
		rx(e, LA, 5, 5, BLOCK);
	}
}

/* Record every chunk of the window that is not the template's, and restore it. */
static void chunks_out(struct emitter *e)
{
	uint32_t loop, same;

	rx(e, L, 5, 0, word(e, ST_WINDOW));
	rx(e, L, 6, 0, word(e, ST_TEMPLATE));
	rx(e, L, 7, 0, word(e, WINDOW_SIZE / CHUNK));
	rr(e, SR, 8, 8);
	rx(e, LA, 9, 4, R_FIRST);
	loop = e->at;
	same = loop + 6 + 4 + 2 + 4 + 4 + 6 + 6 + 4 + 4;
	ss(e, CLC, CHUNK, 5, 0, 6, 0);
	rx(e, BC, EQUAL, 0, same);
	rr(e, LR, 10, 5);
	rx(e, S_, 10, 0, word(e, ST_WINDOW));
	rx(e, ST, 10, 9, 0);
	ss(e, MVC, CHUNK, 9, 4, 5, 0);
	ss(e, MVC, CHUNK, 5, 0, 6, 0);
	rx(e, LA, 9, 9, 4 + CHUNK);
	rx(e, LA, 8, 8, 1);
	rx(e, LA, 5, 5, CHUNK);
	rx(e, LA, 6, 6, CHUNK);
	rx(e, BCT, 7, 0, loop);
	rx(e, ST, 8, 4, R_CHUNKS);
	rx(e, ST, 9, 13, 4 * H_OUT);
}

static void advance(struct emitter *e, uint32_t top)
{
	rx(e, L, 2, 13, 4 * H_INDEX);
	rx(e, LA, 2, 2, 1);
	rx(e, ST, 2, 13, 4 * H_INDEX);
	rx(e, L, 3, 13, 4 * H_IN);
	rx(e, LA, 3, 3, CASE_SIZE);
	rx(e, ST, 3, 13, 4 * H_IN);
	rx(e, BC, ALWAYS, 0, top);
}

static void branch_to(struct emitter *e, uint32_t branch, uint32_t target)
{
	e->image[branch + 2] = (uint8_t)(target >> 8);
	e->image[branch + 3] = (uint8_t)target;
}

void supervisor_build(uint8_t *image, bool floats, struct supervisor *where)
{
	struct emitter e = { image, S_CODE, floats, where };
	uint32_t top, done, common;

	put_be32(image + S_OUR_CR + 0, 0x000000E0);
	put_be32(image + S_OUR_CR + 8, 0xFFFFFFFF);
	put_be32(image + S_OUR_CR + 56, 0xC2000000);
	put_be32(image + S_OUR_CR + 60, 0x00000200);
	put_be64(image + S_DONE, PSW_DONE);
	put_be64(image + S_CLOCK, TOD_BEGIN);
	put_be32(image + S_LOW + 0x50,
		 0x7FFFFF00); /* the interval timer stays positive */
	protect(&e);
	rs(&e, LCTL, 0, 15, 0, S_OUR_CR);
	drain(&e);
	where->begin = e.at;
	begin(&e);
	top = next_case(&e, &done);
	patches(&e);
	keys_in(&e);
	go(&e);
	common = e.at;
	leave_prefix(&e);
	registers_out(&e);
	keys_out(&e);
	chunks_out(&e);
	advance(&e, top);
	branch_to(&e, done, e.at);
	branch_to(&e, done + 12, e.at);
	s(&e, LPSW << 8, 0, S_DONE);
	entry(&e, 0x68, 1, common);
	entry(&e, 0x60, 2, common);
	entry(&e, 0x58, 3, common);
	entry(&e, 0x78, 4, common);
	entry(&e, 0x70, 5, common);
	put_be64(image + S_LOW, UINT64_C(0x0008000000000000) | S_CODE);
	memcpy(image, image + S_LOW, LOW_BYTES);
	memcpy(image + ST_PREFIX, image, 0x1000);
}
