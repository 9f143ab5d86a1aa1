/*
 * General instructions on fields of storage: MVC and its kin, CLC, TR, TRT, PACK,
 * UNPK, MVO, MVCL, CLCL. GA22-7000, "General Instructions".
 *
 * Fields are processed one byte after the other as the manual defines for
 * overlapping operands: on host addresses, so that two logical addresses of one
 * real byte overlap as well.
 */
#include "cpu370/int.h"

/*
 * Left to right over two fields of n bytes, in pieces that are contiguous in host
 * memory on both sides.
 */
static unsigned contiguous(const struct span *s, unsigned at, unsigned left)
{
	unsigned rest = at < s->n[0] ? s->n[0] - at : s->n[0] + s->n[1] - at;

	return rest < left ? rest : left;
}

static void move(uint8_t *to, const uint8_t *from, unsigned n)
{
	if (to == from + 1)
		guest_fill(to, *from, n);
	else if (to <= from || to >= from + n)
		guest_move(to, from, n);
	else
		for (unsigned i = 0; i < n; i++)
			to[i] = from[i];
}

enum ss_op { SS_MOVE, SS_NUMERICS, SS_ZONES, SS_AND, SS_OR, SS_XOR };

/* Returns the OR of all result bytes. */
static uint8_t combine(enum ss_op op, uint8_t *to, const uint8_t *from, unsigned n)
{
	uint8_t any = 0;

	switch (op) {
	case SS_MOVE:
		move(to, from, n);
		break;
	case SS_NUMERICS:
		for (unsigned i = 0; i < n; i++)
			to[i] = (to[i] & 0xF0) | (from[i] & 0x0F);
		break;
	case SS_ZONES:
		for (unsigned i = 0; i < n; i++)
			to[i] = (to[i] & 0x0F) | (from[i] & 0xF0);
		break;
	case SS_AND:
		for (unsigned i = 0; i < n; i++)
			any |= to[i] &= from[i];
		break;
	case SS_OR:
		for (unsigned i = 0; i < n; i++)
			any |= to[i] |= from[i];
		break;
	case SS_XOR:
		for (unsigned i = 0; i < n; i++)
			any |= to[i] ^= from[i];
		break;
	}
	return any;
}

static uint8_t ss(struct cpu370 *cpu, const struct insn *in, enum ss_op op)
{
	unsigned n = in->i2 + 1u, at = 0;
	struct span to, from;
	uint8_t any = 0;

	span_store(cpu, address_1(cpu, in), n, &to);
	span_fetch(cpu, address_2(cpu, in), n, &from);
	while (at < n) {
		unsigned k = contiguous(&from, at, contiguous(&to, at, n - at));

		any |= combine(op, span_at(&to, at), span_at(&from, at), k);
		at += k;
	}
	span_stored(cpu, &to);
	return any;
}

void op_mvc(struct cpu370 *cpu, const struct insn *in)
{
	ss(cpu, in, SS_MOVE);
}

void op_mvn(struct cpu370 *cpu, const struct insn *in)
{
	ss(cpu, in, SS_NUMERICS);
}

void op_mvz(struct cpu370 *cpu, const struct insn *in)
{
	ss(cpu, in, SS_ZONES);
}

/* cc 0 result all zero, 1 not. */
void op_nc(struct cpu370 *cpu, const struct insn *in)
{
	cpu->cc = -(int64_t)ss(cpu, in, SS_AND);
}

void op_oc(struct cpu370 *cpu, const struct insn *in)
{
	cpu->cc = -(int64_t)ss(cpu, in, SS_OR);
}

void op_xc(struct cpu370 *cpu, const struct insn *in)
{
	cpu->cc = -(int64_t)ss(cpu, in, SS_XOR);
}

/* The second operand is addressed by its rightmost byte. */
void op_mvcin(struct cpu370 *cpu, const struct insn *in)
{
	unsigned n = in->i2 + 1u;
	struct span to, from;

	span_store(cpu, address_1(cpu, in), n, &to);
	span_fetch(cpu, (address_2(cpu, in) - in->i2) & ADDRESS_MASK, n, &from);
	for (unsigned i = 0; i < n; i++)
		*span_at(&to, i) = *span_at(&from, in->i2 - i);
	span_stored(cpu, &to);
}

/* ---- reading as far as needed: no exception beyond */

static unsigned to_frame_end(uint32_t laddr, unsigned n)
{
	unsigned rest = FRAME_SIZE - (laddr & FRAME_OFFSET);

	return n < rest ? n : rest;
}

static const uint8_t *one_frame(struct cpu370 *cpu, uint32_t laddr)
{
	struct span s;

	span_fetch(cpu, laddr, 1, &s);
	return s.at[0];
}

void op_clc(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t a = address_1(cpu, in), b = address_2(cpu, in);
	unsigned left = in->i2 + 1u;
	int order = 0;

	while (left > 0 && order == 0) {
		unsigned k = to_frame_end(a, to_frame_end(b, left));
		const uint8_t *first = one_frame(cpu, a);

		order = memcmp(first, one_frame(cpu, b), k);
		a = (a + k) & ADDRESS_MASK;
		b = (b + k) & ADDRESS_MASK;
		left -= k;
	}
	cpu->cc = order;
}

/* Which table bytes a translation of n argument bytes looks at: lowest, highest. */
static void table_range(const struct span *args, unsigned n, unsigned *low, unsigned *high)
{
	*low = 255;
	*high = 0;
	for (unsigned i = 0; i < n; i++) {
		unsigned b = *span_at(args, i);

		if (b < *low)
			*low = b;
		if (b > *high)
			*high = b;
	}
}

/*
 * TRANSLATE: each byte is replaced by the table byte it selects. Only the part of
 * the table that is used is accessed.
 */
void op_tr(struct cpu370 *cpu, const struct insn *in)
{
	unsigned n = in->i2 + 1u, low, high;
	uint32_t at = address_2(cpu, in);
	struct span to, table;

	span_store(cpu, address_1(cpu, in), n, &to);
	table_range(&to, n, &low, &high);
	span_fetch(cpu, (at + low) & ADDRESS_MASK, high - low + 1, &table);
	for (unsigned i = 0; i < n; i++) {
		uint8_t *p = span_at(&to, i);

		/* An overlapping table may have changed what p holds. */
		if (*p < low || *p > high)
			*p = fetch8(cpu, (at + *p) & ADDRESS_MASK);
		else
			*p = *span_at(&table, *p - low);
	}
	span_stored(cpu, &to);
}

/*
 * TRANSLATE AND TEST: the first argument byte whose function byte is not zero.
 * cc 0 none, 1 found before the last byte, 2 the last byte.
 */
void op_trt(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t arg = address_1(cpu, in), table = address_2(cpu, in);

	for (unsigned i = 0; i <= in->i2; i++) {
		uint32_t at = (arg + i) & ADDRESS_MASK;
		uint8_t found = fetch8(cpu, (table + fetch8(cpu, at)) & ADDRESS_MASK);

		if (!found)
			continue;
		cpu->gr[1] = (cpu->gr[1] & 0xFF000000) | at;
		cpu->gr[2] = (cpu->gr[2] & 0xFFFFFF00) | found;
		set_cc(cpu, i == in->i2 ? 2 : 1);
		return;
	}
	set_cc(cpu, 0);
}

/* ---- PACK, UNPACK, MOVE WITH OFFSET: right to left, a byte at a time */

struct two_fields {
	struct span to, from;
	int i, j; /* next byte of to, of from; -1: used up */
};

static void two_fields(struct cpu370 *cpu, const struct insn *in, struct two_fields *f)
{
	span_store(cpu, address_1(cpu, in), in->r1 + 1u, &f->to);
	span_fetch(cpu, address_2(cpu, in), in->r2 + 1u, &f->from);
	f->i = in->r1;
	f->j = in->r2;
}

/* Next source byte from the right; 0 when there is none left. */
static uint8_t take(struct two_fields *f)
{
	return f->j < 0 ? 0 : *span_at(&f->from, (unsigned)f->j--);
}

static void give(struct two_fields *f, uint8_t byte)
{
	if (f->i >= 0)
		*span_at(&f->to, (unsigned)f->i--) = byte;
}

static uint8_t swap_digits(uint8_t byte)
{
	return (uint8_t)(byte << 4 | byte >> 4);
}

void op_pack(struct cpu370 *cpu, const struct insn *in)
{
	struct two_fields f;

	two_fields(cpu, in, &f);
	give(&f, swap_digits(take(&f)));
	while (f.i >= 0) {
		uint8_t low = take(&f) & 15;

		give(&f, (uint8_t)(take(&f) << 4) | low);
	}
	span_stored(cpu, &f.to);
}

void op_unpk(struct cpu370 *cpu, const struct insn *in)
{
	struct two_fields f;

	two_fields(cpu, in, &f);
	give(&f, swap_digits(take(&f)));
	while (f.i >= 0) {
		uint8_t digits = take(&f);

		give(&f, 0xF0 | (digits & 15));
		give(&f, 0xF0 | digits >> 4);
	}
	span_stored(cpu, &f.to);
}

void op_mvo(struct cpu370 *cpu, const struct insn *in)
{
	struct two_fields f;
	uint8_t carry, byte;

	two_fields(cpu, in, &f);
	byte = take(&f);
	carry = byte >> 4;
	give(&f, (uint8_t)(byte << 4) | (*span_at(&f.to, (unsigned)f.i) & 15));
	while (f.i >= 0) {
		byte = take(&f);
		give(&f, (uint8_t)(byte << 4) | carry);
		carry = byte >> 4;
	}
	span_stored(cpu, &f.to);
}

/* ---- MOVE LONG, COMPARE LOGICAL LONG */

/* A pair of registers: address in the even one, length in the odd one. */
struct long_operand {
	unsigned r;
	uint32_t laddr, length;
};

static struct long_operand long_operand(const struct cpu370 *cpu, unsigned r)
{
	return (struct long_operand){ r, cpu->gr[r] & ADDRESS_MASK,
				      cpu->gr[r + 1] & ADDRESS_MASK };
}

static void advance(struct long_operand *o, uint32_t n)
{
	o->laddr = (o->laddr + n) & ADDRESS_MASK;
	o->length -= n;
}

/* Bits 0-7 of the odd register, the pad, stay; those of the even one become zero. */
static void put_back(struct cpu370 *cpu, const struct long_operand *o)
{
	cpu->gr[o->r] = o->laddr;
	cpu->gr[o->r + 1] = (cpu->gr[o->r + 1] & 0xFF000000) | o->length;
}

/*
 * Interrupted between units of operation: the instruction is to be resumed. It does
 * not count until it is complete, so that counts do not depend on when others post.
 */
static void resume_later(struct cpu370 *cpu, const struct insn *in)
{
	cpu->icount--;
	cpu->ia = (cpu->ia - in->ilc) & ADDRESS_MASK;
}

static bool wanted(struct cpu370 *cpu)
{
	return atomic_load_explicit(&cpu->pending, memory_order_relaxed) != 0;
}

/* Would a destination byte be used as a source after it was moved into? */
static bool destructive(const struct long_operand *to, const struct long_operand *from)
{
	uint32_t n = to->length < from->length ? to->length : from->length;
	uint32_t distance = (to->laddr - from->laddr) & ADDRESS_MASK;

	return n > 1 && distance >= 1 && distance <= n - 1;
}

/* One unit: as far as both operands stay in their frames. */
static void move_unit(struct cpu370 *cpu, struct long_operand *to, struct long_operand *from,
		      uint8_t pad)
{
	unsigned n = to_frame_end(to->laddr, to->length);
	struct span out, in;

	if (from->length)
		n = to_frame_end(from->laddr, n < from->length ? n : from->length);
	span_store(cpu, to->laddr, n, &out);
	if (from->length) {
		span_fetch(cpu, from->laddr, n, &in);
		guest_move(out.at[0], in.at[0], n);
		advance(from, n);
	} else
		guest_fill(out.at[0], pad, n);
	span_stored(cpu, &out);
	advance(to, n);
}

/*
 * MOVE LONG: cc 0 lengths equal, 1 first shorter, 2 first longer, 3 destructive
 * overlap, nothing moved. Each unit leaves the registers ready to go on from.
 */
void op_mvcl(struct cpu370 *cpu, const struct insn *in)
{
	struct long_operand to = long_operand(cpu, in->r1), from = long_operand(cpu, in->r2);
	uint8_t pad = cpu->gr[in->r2 + 1] >> 24;
	int64_t cc = (int64_t)to.length - from.length;

	if (destructive(&to, &from)) {
		put_back(cpu, &to);
		put_back(cpu, &from);
		cpu->cc = CC3;
		return;
	}
	while (to.length) {
		move_unit(cpu, &to, &from, pad);
		put_back(cpu, &from);
		put_back(cpu, &to);
		if (to.length && wanted(cpu)) {
			resume_later(cpu, in);
			return;
		}
	}
	put_back(cpu, &from);
	put_back(cpu, &to);
	cpu->cc = cc;
}

/* Compare n bytes or find that they are equal: how many leading ones are. */
static unsigned equal_bytes(const uint8_t *a, const uint8_t *b, unsigned n)
{
	unsigned i = 0;

	while (i < n && a[i] == b[i])
		i++;
	return i;
}

static unsigned equal_to(const uint8_t *a, uint8_t pad, unsigned n)
{
	unsigned i = 0;

	while (i < n && a[i] == pad)
		i++;
	return i;
}

/* One unit; false: a difference was found and cc is set. */
static bool compare_unit(struct cpu370 *cpu, struct long_operand *a, struct long_operand *b,
			 uint8_t pad)
{
	unsigned n = FRAME_SIZE, same;
	const uint8_t *pa = NULL, *pb = NULL;

	if (a->length)
		n = to_frame_end(a->laddr, n < a->length ? n : a->length);
	if (b->length)
		n = to_frame_end(b->laddr, n < b->length ? n : b->length);
	if (a->length)
		pa = one_frame(cpu, a->laddr);
	if (b->length)
		pb = one_frame(cpu, b->laddr);
	same = pa && pb ? equal_bytes(pa, pb, n) : equal_to(pa ? pa : pb, pad, n);
	if (same < n)
		cpu->cc = (pa ? pa[same] : pad) - (pb ? pb[same] : pad);
	if (a->length)
		advance(a, same);
	if (b->length)
		advance(b, same);
	return same == n;
}

/* cc 0 equal (or both lengths zero), 1 first low, 2 first high. */
void op_clcl(struct cpu370 *cpu, const struct insn *in)
{
	struct long_operand a = long_operand(cpu, in->r1), b = long_operand(cpu, in->r2);
	uint8_t pad = cpu->gr[in->r2 + 1] >> 24;
	bool equal = true;

	while (equal && (a.length || b.length)) {
		equal = compare_unit(cpu, &a, &b, pad);
		put_back(cpu, &b);
		put_back(cpu, &a);
		if (equal && (a.length || b.length) && wanted(cpu)) {
			resume_later(cpu, in);
			return;
		}
	}
	put_back(cpu, &b);
	put_back(cpu, &a);
	if (equal)
		cpu->cc = 0;
}
