/*
 * Handlers for the frequent instructions: the case in which the operand is found in
 * the TLB and nothing unusual happens. Everything else goes to run_op() or
 * run_end(), which execute the op of the instruction from its start; so a handler
 * changes nothing before it is sure of its operands.
 *
 * Handlers come in variants by what is known when the instruction is decoded: the
 * mask of a BC, whether an index register is used.
 */
#include "cpu370/engine.h"
#include "cpu370/fast.h"
#include "cpu370/fixed.h"

/* Make a handler out of an inline function and constants. */
#define HANDLER(name, ...)                                                               \
	struct insn *name(struct cpu370 *cpu, struct insn *in)                           \
	{                                                                                \
		return __VA_ARGS__;                                                      \
	}

static ALWAYS_INLINE uint32_t address(const struct cpu370 *cpu, const struct insn *in,
				      bool indexed)
{
	return indexed ? address_rx(cpu, in) : address_1(cpu, in);
}

/*
 * Any instruction that neither branches nor ends a block, by its op: as run_op(),
 * with a call the compiler knows. What op_interrupt() needs is in cpu->cur.
 */
static ALWAYS_INLINE struct insn *direct(struct cpu370 *cpu, struct insn *in,
					 void (*op)(struct cpu370 *, const struct insn *))
{
	cpu->cur = in;
	op(cpu, in);
	if (UNLIKELY(cpu->leave)) {
		cpu->ia = after(cpu, in);
		return leave_block(cpu, in);
	}
	return next(cpu, in);
}

#define DIRECT(fn, ...) static HANDLER(direct_##fn, direct(cpu, in, op_##fn))
OPCODES_GENERAL(DIRECT)
#ifdef CPU370_DECIMAL
OPCODES_DECIMAL(DIRECT)
#endif
#ifdef CPU370_FLOAT
OPCODES_FLOAT(DIRECT)
#endif

/* ---- register to register */

/* An overflow happened and is in the cc: interrupt if the mask says so. */
static NOINLINE struct insn *overflowed(struct cpu370 *cpu, struct insn *in)
{
	cpu->cur = in;
	cpu->ia = after(cpu, in);
	if (cpu->program_mask & MASK_FIXED_OVERFLOW)
		program_check(cpu, PIC_FIXED_OVERFLOW);
	return next(cpu, in);
}

static struct insn *fast_lr(struct cpu370 *cpu, struct insn *in)
{
	cpu->gr[in->r1] = cpu->gr[in->r2];
	return next(cpu, in);
}

static struct insn *fast_ltr(struct cpu370 *cpu, struct insn *in)
{
	cpu->gr[in->r1] = cpu->gr[in->r2];
	cpu->cc = (int32_t)cpu->gr[in->r1];
	return next(cpu, in);
}

static struct insn *fast_ar(struct cpu370 *cpu, struct insn *in)
{
	if (UNLIKELY(add_signed(cpu, in->r1, cpu->gr[in->r2])))
		return overflowed(cpu, in);
	return next(cpu, in);
}

static struct insn *fast_sr(struct cpu370 *cpu, struct insn *in)
{
	if (UNLIKELY(subtract_signed(cpu, in->r1, cpu->gr[in->r2])))
		return overflowed(cpu, in);
	return next(cpu, in);
}

/* SR R,R and XR R,R clear a register. */
static struct insn *fast_clear(struct cpu370 *cpu, struct insn *in)
{
	cpu->gr[in->r1] = 0;
	cpu->cc = 0;
	return next(cpu, in);
}

static struct insn *fast_alr(struct cpu370 *cpu, struct insn *in)
{
	add_logical(cpu, in->r1, cpu->gr[in->r2]);
	return next(cpu, in);
}

static struct insn *fast_slr(struct cpu370 *cpu, struct insn *in)
{
	subtract_logical(cpu, in->r1, cpu->gr[in->r2]);
	return next(cpu, in);
}

static struct insn *fast_nr(struct cpu370 *cpu, struct insn *in)
{
	set_logical(cpu, in->r1, cpu->gr[in->r1] & cpu->gr[in->r2]);
	return next(cpu, in);
}

static struct insn *fast_or(struct cpu370 *cpu, struct insn *in)
{
	set_logical(cpu, in->r1, cpu->gr[in->r1] | cpu->gr[in->r2]);
	return next(cpu, in);
}

static struct insn *fast_xr(struct cpu370 *cpu, struct insn *in)
{
	set_logical(cpu, in->r1, cpu->gr[in->r1] ^ cpu->gr[in->r2]);
	return next(cpu, in);
}

static struct insn *fast_cr(struct cpu370 *cpu, struct insn *in)
{
	compare_signed(cpu, cpu->gr[in->r1], cpu->gr[in->r2]);
	return next(cpu, in);
}

static struct insn *fast_clr(struct cpu370 *cpu, struct insn *in)
{
	compare_logical(cpu, cpu->gr[in->r1], cpu->gr[in->r2]);
	return next(cpu, in);
}

static struct insn *fast_mr(struct cpu370 *cpu, struct insn *in)
{
	int64_t product = (int64_t)(int32_t)cpu->gr[in->r1 + 1] * (int32_t)cpu->gr[in->r2];

	cpu->gr[in->r1] = (uint32_t)((uint64_t)product >> 32);
	cpu->gr[in->r1 + 1] = (uint32_t)product;
	return next(cpu, in);
}

/* ---- shifts by a constant */

static struct insn *fast_sll(struct cpu370 *cpu, struct insn *in)
{
	cpu->gr[in->r1] = (uint32_t)((uint64_t)cpu->gr[in->r1] << (in->d1 & 63));
	return next(cpu, in);
}

static struct insn *fast_srl(struct cpu370 *cpu, struct insn *in)
{
	cpu->gr[in->r1] = (uint32_t)((uint64_t)cpu->gr[in->r1] >> (in->d1 & 63));
	return next(cpu, in);
}

static struct insn *fast_sra(struct cpu370 *cpu, struct insn *in)
{
	cpu->cc = (int64_t)(int32_t)cpu->gr[in->r1] >> (in->d1 & 63);
	cpu->gr[in->r1] = (uint32_t)cpu->cc;
	return next(cpu, in);
}

/* ---- load address */

static struct insn *fast_la(struct cpu370 *cpu, struct insn *in)
{
	cpu->gr[in->r1] = address_rx(cpu, in);
	return next(cpu, in);
}

static struct insn *fast_la_base(struct cpu370 *cpu, struct insn *in)
{
	cpu->gr[in->r1] = address_1(cpu, in);
	return next(cpu, in);
}

/* ---- register and storage */

enum rx_op { RX_L, RX_LH, RX_IC, RX_A, RX_S, RX_AH, RX_SH, RX_AL, RX_SL, RX_N, RX_O, RX_X,
	     RX_C, RX_CH, RX_CL, RX_M, RX_MH };

static ALWAYS_INLINE unsigned rx_size(enum rx_op op)
{
	switch (op) {
	case RX_IC:
		return 1;
	case RX_LH: case RX_AH: case RX_SH: case RX_CH: case RX_MH:
		return 2;
	default:
		return 4;
	}
}

static ALWAYS_INLINE uint32_t load_operand(const uint8_t *p, unsigned size)
{
	return size == 1 ? *p : size == 2 ? (uint32_t)(int16_t)be16(p) : be32(p);
}

static ALWAYS_INLINE struct insn *rx(struct cpu370 *cpu, struct insn *in, enum rx_op op,
				     bool indexed)
{
	const uint8_t *p = tlb_fetch(cpu, address(cpu, in, indexed), rx_size(op));
	unsigned r1 = in->r1;
	bool overflow = false;
	uint32_t value;

	if (UNLIKELY(!p))
		return run_op(cpu, in);
	value = load_operand(p, rx_size(op));
	switch (op) {
	case RX_L: case RX_LH: cpu->gr[r1] = value; break;
	case RX_IC: cpu->gr[r1] = (cpu->gr[r1] & 0xFFFFFF00) | value; break;
	case RX_A: case RX_AH: overflow = add_signed(cpu, r1, value); break;
	case RX_S: case RX_SH: overflow = subtract_signed(cpu, r1, value); break;
	case RX_AL: add_logical(cpu, r1, value); break;
	case RX_SL: subtract_logical(cpu, r1, value); break;
	case RX_N: set_logical(cpu, r1, cpu->gr[r1] & value); break;
	case RX_O: set_logical(cpu, r1, cpu->gr[r1] | value); break;
	case RX_X: set_logical(cpu, r1, cpu->gr[r1] ^ value); break;
	case RX_C: case RX_CH: compare_signed(cpu, cpu->gr[r1], value); break;
	case RX_CL: compare_logical(cpu, cpu->gr[r1], value); break;
	case RX_MH: cpu->gr[r1] *= value; break;
	case RX_M: {
		int64_t product = (int64_t)(int32_t)cpu->gr[r1 + 1] * (int32_t)value;

		cpu->gr[r1] = (uint32_t)((uint64_t)product >> 32);
		cpu->gr[r1 + 1] = (uint32_t)product;
		break;
	}
	}
	if (UNLIKELY(overflow))
		return overflowed(cpu, in);
	return next(cpu, in);
}

#define RX(name, op)                                                                     \
	static HANDLER(fast_##name##_base, rx(cpu, in, op, false))                              \
	static HANDLER(fast_##name##_index, rx(cpu, in, op, true))

RX(l, RX_L)
RX(lh, RX_LH)
RX(ic, RX_IC)
RX(a, RX_A)
RX(s, RX_S)
RX(ah, RX_AH)
RX(sh, RX_SH)
RX(al, RX_AL)
RX(sl, RX_SL)
RX(n, RX_N)
RX(o, RX_O)
RX(x, RX_X)
RX(c, RX_C)
RX(ch, RX_CH)
RX(cl, RX_CL)
RX(m, RX_M)
RX(mh, RX_MH)

static ALWAYS_INLINE void store_operand(uint8_t *p, uint32_t value, unsigned size)
{
	if (size == 1)
		*p = (uint8_t)value;
	else if (size == 2)
		put_be16(p, (uint16_t)value);
	else
		put_be32(p, value);
}

static ALWAYS_INLINE struct insn *store(struct cpu370 *cpu, struct insn *in, unsigned size,
					bool indexed)
{
	uint8_t *p = tlb_store(cpu, address(cpu, in, indexed), size);

	if (UNLIKELY(!p))
		return run_op(cpu, in);
	store_operand(p, cpu->gr[in->r1], size);
	return next(cpu, in);
}

static HANDLER(fast_st_base, store(cpu, in, 4, false))
static HANDLER(fast_st_index, store(cpu, in, 4, true))
static HANDLER(fast_sth_base, store(cpu, in, 2, false))
static HANDLER(fast_sth_index, store(cpu, in, 2, true))
static HANDLER(fast_stc_base, store(cpu, in, 1, false))
static HANDLER(fast_stc_index, store(cpu, in, 1, true))

/* ---- floating-point loads and stores */

static ALWAYS_INLINE struct insn *load_float(struct cpu370 *cpu, struct insn *in, unsigned size)
{
	const uint8_t *p = tlb_fetch(cpu, address_rx(cpu, in), size);

	if (UNLIKELY(!p))
		return run_op(cpu, in);
	if (size == 8)
		cpu->fpr[in->r1] = be64(p);
	else
		cpu->fpr[in->r1] = (uint64_t)be32(p) << 32 | (uint32_t)cpu->fpr[in->r1];
	return next(cpu, in);
}

static ALWAYS_INLINE struct insn *store_float(struct cpu370 *cpu, struct insn *in,
					      unsigned size)
{
	uint8_t *p = tlb_store(cpu, address_rx(cpu, in), size);

	if (UNLIKELY(!p))
		return run_op(cpu, in);
	if (size == 8)
		put_be64(p, cpu->fpr[in->r1]);
	else
		put_be32(p, (uint32_t)(cpu->fpr[in->r1] >> 32));
	return next(cpu, in);
}

#ifdef CPU370_FLOAT
static HANDLER(fast_ld, load_float(cpu, in, 8))
static HANDLER(fast_le, load_float(cpu, in, 4))
static HANDLER(fast_std, store_float(cpu, in, 8))
static HANDLER(fast_ste, store_float(cpu, in, 4))

static struct insn *fast_ldr(struct cpu370 *cpu, struct insn *in)
{
	cpu->fpr[in->r1] = cpu->fpr[in->r2];
	return next(cpu, in);
}
#endif

/* ---- several registers */

static struct insn *fast_lm(struct cpu370 *cpu, struct insn *in)
{
	unsigned r = in->r1, n = ((in->r2 - r) & 15u) + 1;
	const uint8_t *p = tlb_fetch(cpu, address_1(cpu, in), n * 4);

	if (UNLIKELY(!p))
		return run_op(cpu, in);
	for (; n > 0; n--, p += 4, r = (r + 1) & 15)
		cpu->gr[r] = be32(p);
	return next(cpu, in);
}

static struct insn *fast_stm(struct cpu370 *cpu, struct insn *in)
{
	unsigned r = in->r1, n = ((in->r2 - r) & 15u) + 1;
	uint8_t *p = tlb_store(cpu, address_1(cpu, in), n * 4);

	if (UNLIKELY(!p))
		return run_op(cpu, in);
	for (; n > 0; n--, p += 4, r = (r + 1) & 15)
		put_be32(p, cpu->gr[r]);
	return next(cpu, in);
}

/* ICM and STCM under mask 15 are L and ST at any boundary. */
static struct insn *fast_icm15(struct cpu370 *cpu, struct insn *in)
{
	const uint8_t *p = tlb_fetch(cpu, address_1(cpu, in), 4);

	if (UNLIKELY(!p))
		return run_op(cpu, in);
	cpu->gr[in->r1] = be32(p);
	cpu->cc = (int32_t)cpu->gr[in->r1];
	return next(cpu, in);
}

/* ---- immediate and storage */

enum si_op { SI_MOVE, SI_AND, SI_OR, SI_XOR };

static ALWAYS_INLINE void si_store(struct cpu370 *cpu, uint8_t *p, uint8_t i2, enum si_op op)
{
	if (op == SI_MOVE) {
		*p = i2;
		return;
	}
	*p = op == SI_AND ? *p & i2 : op == SI_OR ? *p | i2 : *p ^ i2;
	cpu->cc = -(int64_t)*p;
}

static ALWAYS_INLINE struct insn *si(struct cpu370 *cpu, struct insn *in, enum si_op op)
{
	uint8_t *p = tlb_store(cpu, address_1(cpu, in), 1);

	if (UNLIKELY(!p))
		return run_op(cpu, in);
	si_store(cpu, p, in->i2, op);
	return next(cpu, in);
}

static HANDLER(fast_mvi, si(cpu, in, SI_MOVE))
static HANDLER(fast_ni, si(cpu, in, SI_AND))
static HANDLER(fast_oi, si(cpu, in, SI_OR))
static HANDLER(fast_xi, si(cpu, in, SI_XOR))

static struct insn *fast_cli(struct cpu370 *cpu, struct insn *in)
{
	const uint8_t *p = tlb_fetch(cpu, address_1(cpu, in), 1);

	if (UNLIKELY(!p))
		return run_op(cpu, in);
	compare_logical(cpu, *p, in->i2);
	return next(cpu, in);
}

static struct insn *fast_tm(struct cpu370 *cpu, struct insn *in)
{
	const uint8_t *p = tlb_fetch(cpu, address_1(cpu, in), 1);

	if (UNLIKELY(!p))
		return run_op(cpu, in);
	test_mask(cpu, *p, in->i2);
	return next(cpu, in);
}

/* ---- storage to storage */

/*
 * Left to right, byte by byte, is a plain copy unless the first operand starts
 * inside the second behind its first byte.
 */
static ALWAYS_INLINE bool propagates(const uint8_t *to, const uint8_t *from, unsigned n)
{
	return (uintptr_t)to - (uintptr_t)from - 1 < n - 1;
}

/* n is 1 ... 256, and to and from do not propagate. All is read before a write. */
static ALWAYS_INLINE void copy_short(uint8_t *to, const uint8_t *from, unsigned n)
{
	if (n >= 8) {
		uint64_t first, last;

		memcpy(&first, from, 8);
		memcpy(&last, from + n - 8, 8);
		memcpy(to, &first, 8);
		memcpy(to + n - 8, &last, 8);
	} else if (n >= 4) {
		uint32_t first, last;

		memcpy(&first, from, 4);
		memcpy(&last, from + n - 4, 4);
		memcpy(to, &first, 4);
		memcpy(to + n - 4, &last, 4);
	} else {
		uint8_t first = from[0], middle = from[n / 2], last = from[n - 1];

		to[0] = first;
		to[n / 2] = middle;
		to[n - 1] = last;
	}
}

static struct insn *fast_mvc(struct cpu370 *cpu, struct insn *in)
{
	unsigned n = in->i2 + 1u;
	uint8_t *to = tlb_store(cpu, address_1(cpu, in), n);
	const uint8_t *from = tlb_fetch(cpu, address_2(cpu, in), n);

	if (UNLIKELY(!to || !from))
		return run_op(cpu, in);
	if (UNLIKELY(propagates(to, from, n))) {
		if (to == from + 1)
			guest_fill(to, *from, n);
		else
			return run_op(cpu, in);
	} else if (n <= 16)
		copy_short(to, from, n);
	else
		guest_move(to, from, n);
	return next(cpu, in);
}

static struct insn *fast_clc(struct cpu370 *cpu, struct insn *in)
{
	unsigned n = in->i2 + 1u;
	const uint8_t *a = tlb_fetch(cpu, address_1(cpu, in), n);
	const uint8_t *b = tlb_fetch(cpu, address_2(cpu, in), n);

	if (UNLIKELY(!a || !b))
		return run_op(cpu, in);
	for (; n >= 8; n -= 8, a += 8, b += 8) {
		uint64_t x = be64(a), y = be64(b);

		if (x != y) {
			cpu->cc = x < y ? -1 : 1;
			return next(cpu, in);
		}
	}
	cpu->cc = 0;
	for (; n > 0; n--, a++, b++)
		if (*a != *b) {
			cpu->cc = *a - *b;
			break;
		}
	return next(cpu, in);
}

enum ss_logic { SS_AND, SS_OR, SS_XOR };

/* The operands are the same or apart; else the op does it byte by byte. */
static ALWAYS_INLINE struct insn *logic(struct cpu370 *cpu, struct insn *in, enum ss_logic op)
{
	unsigned n = in->i2 + 1u;
	uint8_t *to = tlb_store(cpu, address_1(cpu, in), n);
	const uint8_t *from = tlb_fetch(cpu, address_2(cpu, in), n);
	uint64_t any = 0, x, y;

	if (UNLIKELY(!to || !from) || (to != from && (uintptr_t)(to - from) + n - 1 < 2 * n - 1))
		return run_op(cpu, in);
	for (; n >= 8; n -= 8, to += 8, from += 8) {
		memcpy(&x, to, 8);
		memcpy(&y, from, 8);
		x = op == SS_AND ? x & y : op == SS_OR ? x | y : x ^ y;
		any |= x;
		memcpy(to, &x, 8);
	}
	for (; n > 0; n--, to++, from++) {
		*to = op == SS_AND ? *to & *from : op == SS_OR ? *to | *from : *to ^ *from;
		any |= *to;
	}
	cpu->cc = any ? -1 : 0;
	return next(cpu, in);
}

static HANDLER(fast_nc, logic(cpu, in, SS_AND))
static HANDLER(fast_oc, logic(cpu, in, SS_OR))
static HANDLER(fast_xc, logic(cpu, in, SS_XOR))

static struct insn *fast_tr(struct cpu370 *cpu, struct insn *in)
{
	unsigned n = in->i2 + 1u;
	uint8_t *p = tlb_store(cpu, address_1(cpu, in), n);
	const uint8_t *table = tlb_fetch(cpu, address_2(cpu, in), 256);

	if (UNLIKELY(!p || !table))
		return run_op(cpu, in);
	for (; n > 0; n--, p++)
		*p = table[*p];
	return next(cpu, in);
}

static struct insn *fast_trt(struct cpu370 *cpu, struct insn *in)
{
	unsigned n = in->i2 + 1u;
	uint32_t laddr = address_1(cpu, in);
	const uint8_t *p = tlb_fetch(cpu, laddr, n);
	const uint8_t *table = tlb_fetch(cpu, address_2(cpu, in), 256);

	if (UNLIKELY(!p || !table))
		return run_op(cpu, in);
	cpu->cc = 0;
	for (unsigned i = 0; i < n; i++)
		if (table[p[i]]) {
			cpu->gr[1] = (cpu->gr[1] & 0xFF000000) | (laddr + i);
			cpu->gr[2] = (cpu->gr[2] & 0xFFFFFF00) | table[p[i]];
			cpu->cc = i == n - 1 ? 1 : -1;
			break;
		}
	return next(cpu, in);
}

/* ---- branches */

/* Does the mask select the cc? One comparison, thanks to the form of cpu->cc. */
static ALWAYS_INLINE bool cc_selected(int64_t cc, unsigned mask)
{
	const uint64_t top = (uint64_t)CC3;

	switch (mask) {
	case 0: return false;
	case 1: return cc == CC3;
	case 2: return cc > 0;
	case 3: return (uint64_t)cc - 1 < top;
	case 4: return (uint64_t)cc > top;
	case 5: return cc < 0;
	case 6: return (uint64_t)cc << 1 != 0;
	case 7: return cc != 0;
	case 8: return cc == 0;
	case 9: return (uint64_t)cc << 1 == 0;
	case 10: return cc >= 0;
	case 11: return (uint64_t)cc <= top;
	case 12: return (uint64_t)cc - 1 >= top;
	case 13: return cc <= 0;
	case 14: return cc != CC3;
	default: return true;
	}
}

static ALWAYS_INLINE struct insn *bc(struct cpu370 *cpu, struct insn *in, unsigned mask,
				     bool indexed)
{
	if (cc_selected(cpu->cc, mask))
		return branch(cpu, in, address(cpu, in, indexed));
	return next(cpu, in);
}

static ALWAYS_INLINE struct insn *bcr(struct cpu370 *cpu, struct insn *in, unsigned mask)
{
	if (cc_selected(cpu->cc, mask))
		return branch(cpu, in, cpu->gr[in->r2] & ADDRESS_MASK);
	return next(cpu, in);
}

#define BC(mask)                                                                         \
	static HANDLER(fast_bc##mask##_base, bc(cpu, in, mask, false))                          \
	static HANDLER(fast_bc##mask##_index, bc(cpu, in, mask, true))                          \
	static HANDLER(fast_bcr##mask, bcr(cpu, in, mask))
#define BC_ROW(mask) { fast_bc##mask##_base, fast_bc##mask##_index, fast_bcr##mask }

BC(0) BC(1) BC(2) BC(3) BC(4) BC(5) BC(6) BC(7)
BC(8) BC(9) BC(10) BC(11) BC(12) BC(13) BC(14) BC(15)

static const struct {
	struct insn *(*base)(struct cpu370 *, struct insn *);
	struct insn *(*index)(struct cpu370 *, struct insn *);
	struct insn *(*reg)(struct cpu370 *, struct insn *);
} bc_handlers[16] = {
	BC_ROW(0), BC_ROW(1), BC_ROW(2), BC_ROW(3), BC_ROW(4), BC_ROW(5), BC_ROW(6),
	BC_ROW(7), BC_ROW(8), BC_ROW(9), BC_ROW(10), BC_ROW(11), BC_ROW(12), BC_ROW(13),
	BC_ROW(14), BC_ROW(15),
};

static ALWAYS_INLINE struct insn *bct(struct cpu370 *cpu, struct insn *in, bool indexed)
{
	uint32_t target = address(cpu, in, indexed);

	if (--cpu->gr[in->r1])
		return branch(cpu, in, target);
	return next(cpu, in);
}

static HANDLER(fast_bct_base, bct(cpu, in, false))
static HANDLER(fast_bct_index, bct(cpu, in, true))

static struct insn *fast_bctr0(struct cpu370 *cpu, struct insn *in)
{
	cpu->gr[in->r1]--;
	return next(cpu, in);
}

static struct insn *fast_bctr(struct cpu370 *cpu, struct insn *in)
{
	uint32_t target = cpu->gr[in->r2] & ADDRESS_MASK;

	if (--cpu->gr[in->r1])
		return branch(cpu, in, target);
	return next(cpu, in);
}

static ALWAYS_INLINE uint32_t link_word(const struct cpu370 *cpu, const struct insn *in)
{
	return (uint32_t)(in->ilc / 2) << 30 | get_cc(cpu) << 28 |
	       (uint32_t)cpu->program_mask << 24 | after(cpu, in);
}

static struct insn *fast_bal(struct cpu370 *cpu, struct insn *in)
{
	uint32_t target = address_rx(cpu, in);

	cpu->gr[in->r1] = link_word(cpu, in);
	return branch(cpu, in, target);
}

static struct insn *fast_balr(struct cpu370 *cpu, struct insn *in)
{
	uint32_t target = cpu->gr[in->r2] & ADDRESS_MASK;

	cpu->gr[in->r1] = link_word(cpu, in);
	return branch(cpu, in, target);
}

static struct insn *fast_balr0(struct cpu370 *cpu, struct insn *in)
{
	cpu->gr[in->r1] = link_word(cpu, in);
	return next(cpu, in);
}

static ALWAYS_INLINE struct insn *index_branch(struct cpu370 *cpu, struct insn *in, bool high)
{
	uint32_t target = address_1(cpu, in);
	int32_t comparand = (int32_t)cpu->gr[in->r2 | 1];

	cpu->gr[in->r1] += cpu->gr[in->r2];
	if (((int32_t)cpu->gr[in->r1] > comparand) == high)
		return branch(cpu, in, target);
	return next(cpu, in);
}

static HANDLER(fast_bxh, index_branch(cpu, in, true))
static HANDLER(fast_bxle, index_branch(cpu, in, false))

/* ---- the choice */

struct choice {
	struct insn *(*base)(struct cpu370 *, struct insn *);
	struct insn *(*index)(struct cpu370 *, struct insn *); /* NULL: as base */
};

#define BOTH(name) { fast_##name##_base, fast_##name##_index }

#define ELSEWHERE(opcode, handler) [opcode] = { handler, NULL },

static const struct choice choices[256] = {
	FAST_FLOAT(ELSEWHERE)
	FAST_DECIMAL(ELSEWHERE)
	[0x06] = { fast_bctr, NULL },
	[0x05] = { fast_balr, NULL },
	[0x12] = { fast_ltr, NULL },
	[0x14] = { fast_nr, NULL },
	[0x15] = { fast_clr, NULL },
	[0x16] = { fast_or, NULL },
	[0x17] = { fast_xr, NULL },
	[0x18] = { fast_lr, NULL },
	[0x19] = { fast_cr, NULL },
	[0x1A] = { fast_ar, NULL },
	[0x1B] = { fast_sr, NULL },
	[0x1C] = { fast_mr, NULL },
	[0x1E] = { fast_alr, NULL },
	[0x1F] = { fast_slr, NULL },
	[0x40] = BOTH(sth),
	[0x41] = { fast_la_base, fast_la },
	[0x42] = BOTH(stc),
	[0x43] = BOTH(ic),
	[0x45] = { fast_bal, fast_bal },
	[0x46] = BOTH(bct),
	[0x48] = BOTH(lh),
	[0x49] = BOTH(ch),
	[0x4A] = BOTH(ah),
	[0x4B] = BOTH(sh),
	[0x4C] = BOTH(mh),
	[0x50] = BOTH(st),
	[0x54] = BOTH(n),
	[0x55] = BOTH(cl),
	[0x56] = BOTH(o),
	[0x57] = BOTH(x),
	[0x58] = BOTH(l),
	[0x59] = BOTH(c),
	[0x5A] = BOTH(a),
	[0x5B] = BOTH(s),
	[0x5C] = BOTH(m),
	[0x5E] = BOTH(al),
	[0x5F] = BOTH(sl),
	[0x86] = { fast_bxh, NULL },
	[0x87] = { fast_bxle, NULL },
	[0x90] = { fast_stm, NULL },
	[0x91] = { fast_tm, NULL },
	[0x92] = { fast_mvi, NULL },
	[0x94] = { fast_ni, NULL },
	[0x95] = { fast_cli, NULL },
	[0x96] = { fast_oi, NULL },
	[0x97] = { fast_xi, NULL },
	[0x98] = { fast_lm, NULL },
	[0xD2] = { fast_mvc, NULL },
	[0xD4] = { fast_nc, NULL },
	[0xD5] = { fast_clc, NULL },
	[0xD6] = { fast_oc, NULL },
	[0xD7] = { fast_xc, NULL },
	[0xDC] = { fast_tr, NULL },
	[0xDD] = { fast_trt, NULL },
#ifdef CPU370_FLOAT
	[0x28] = { fast_ldr, NULL },
	[0x60] = { fast_std, NULL },
	[0x68] = { fast_ld, NULL },
	[0x70] = { fast_ste, NULL },
	[0x78] = { fast_le, NULL },
#endif
};

/* For the rest: what calls the op directly. */
#define DIRECT_CASE(fn, name, code, ...)                                                 \
	case code:                                                                       \
		return direct_##fn;

static struct insn *(*direct_handler(uint8_t byte0))(struct cpu370 *, struct insn *)
{
	switch ((unsigned)byte0) {
		OPCODES_GENERAL(DIRECT_CASE)
#ifdef CPU370_DECIMAL
		OPCODES_DECIMAL(DIRECT_CASE)
#endif
#ifdef CPU370_FLOAT
		OPCODES_FLOAT(DIRECT_CASE)
#endif
	default:
		return NULL;
	}
}

/* Those whose fields decide more than whether there is an index; NULL: none. */
static struct insn *(*special(const struct insn *in, uint8_t byte0))(struct cpu370 *,
								     struct insn *)
{
	switch (byte0) {
	case 0x47:
		return in->r2 == NO_REGISTER ? bc_handlers[in->r1].base
					     : bc_handlers[in->r1].index;
	case 0x07:
		return in->r2 ? bc_handlers[in->r1].reg
			      : in->r1 == 15 ? run_end : bc_handlers[0].reg;
	case 0x05:
		return in->r2 ? fast_balr : fast_balr0;
	case 0x06:
		return in->r2 ? fast_bctr : fast_bctr0;
	case 0x17:
	case 0x1B:
		return in->r1 == in->r2 ? fast_clear : NULL;
	case 0x88:
		return in->b1 == NO_REGISTER ? fast_srl : NULL;
	case 0x89:
		return in->b1 == NO_REGISTER ? fast_sll : NULL;
	case 0x8A:
		return in->b1 == NO_REGISTER ? fast_sra : NULL;
	case 0xBF:
		return in->r2 == 15 ? fast_icm15 : NULL;
	default:
		return NULL;
	}
}

void insn_choose(const struct cpu370 *cpu, struct insn *in, const uint8_t *code)
{
	const struct choice *c = &choices[code[0]];

	(void)cpu;
	in->run = NULL;
	if (in->op != op_operation && in->op != op_specification &&
	    !(in->flags & INSN_ALIGN)) {
		in->run = special(in, code[0]);
		if (!in->run)
			in->run = (in->flags & INSN_INDEXED) && in->r2 != NO_REGISTER && c->index
					  ? c->index
					  : c->base;
		if (!in->run && !(in->flags & (INSN_END | INSN_BRANCH | INSN_EX)))
			in->run = direct_handler(code[0]);
	}
	if (in->run)
		return;
	if (in->flags & INSN_EX)
		in->run = run_ex;
	else if (in->flags & (INSN_END | INSN_BRANCH))
		in->run = run_end;
	else
		in->run = run_op;
}

void block_fuse(const struct cpu370 *cpu, struct insn *in, unsigned n)
{
	(void)cpu;
	(void)in;
	(void)n;
}
