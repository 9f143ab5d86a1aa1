/*
 * Handlers for the frequent floating-point instructions: operands that the TLB
 * finds and results that fit. Everything else goes to run_op(), which executes the op
 * from its start (hfp.c); so a handler changes nothing before it is sure.
 */
#include "cpu370/engine.h"
#include "cpu370/fast.h"
#include "cpu370/hfp.h"

static ALWAYS_INLINE bool short_at(struct cpu370 *cpu, const struct insn *in, uint64_t *b)
{
	const uint8_t *p = tlb_fetch(cpu, address_rx(cpu, in), 4);

	*b = LIKELY(p) ? (uint64_t)be32(p) << 32 : 0;
	return LIKELY(p);
}

static ALWAYS_INLINE bool long_at(struct cpu370 *cpu, const struct insn *in, uint64_t *b)
{
	const uint8_t *p = tlb_fetch(cpu, address_rx(cpu, in), 8);

	*b = LIKELY(p) ? be64(p) : 0;
	return LIKELY(p);
}

static ALWAYS_INLINE void put(struct cpu370 *cpu, unsigned r, uint64_t format,
			      uint64_t value)
{
	cpu->fpr[r] = (cpu->fpr[r] & ~format) | value;
}

/* ---- LOAD, LOAD AND TEST; those that move to and from storage are in fast.c */

struct insn *fast_ler(struct cpu370 *cpu, struct insn *in)
{
	put(cpu, in->r1, HFP_SHORT, cpu->fpr[in->r2] & HFP_SHORT);
	return next(cpu, in);
}

struct insn *fast_ltdr(struct cpu370 *cpu, struct insn *in)
{
	uint64_t b = cpu->fpr[in->r2];

	cpu->fpr[in->r1] = b;
	cpu->cc = hfp_is_zero(b) ? 0 : (int64_t)b >> 63 | 1;
	return next(cpu, in);
}

/* ---- arithmetic */

/* SDR R,R and SER R,R are how programs clear a register. */
static ALWAYS_INLINE struct insn *no_sum(struct cpu370 *cpu, struct insn *in,
					 uint64_t format)
{
	if (cpu->program_mask & MASK_SIGNIFICANCE)
		return run_op(cpu, in);
	put(cpu, in->r1, format, 0);
	cpu->cc = 0;
	return next(cpu, in);
}

static ALWAYS_INLINE struct insn *add(struct cpu370 *cpu, struct insn *in,
				      uint64_t format, uint64_t b)
{
	struct hfp x = hfp_add(cpu->fpr[in->r1] & format, b, format);

	if (UNLIKELY(x.fraction == 0))
		return no_sum(cpu, in, format);
	if (!hfp_fits(x))
		return run_op(cpu, in);
	put(cpu, in->r1, format, hfp_join(x));
	cpu->cc = (int64_t)x.sign; /* it is the sum */
	return next(cpu, in);
}

static ALWAYS_INLINE struct insn *compare(struct cpu370 *cpu, struct insn *in,
					  uint64_t format, uint64_t b)
{
	cpu->cc = hfp_compare(cpu->fpr[in->r1] & format, b, format);
	return next(cpu, in);
}

/* The product is long whatever the operands are. */
static ALWAYS_INLINE struct insn *multiply(struct cpu370 *cpu, struct insn *in,
					   uint64_t format, uint64_t b)
{
	struct hfp x = hfp_multiply(cpu->fpr[in->r1] & format, b);

	if (!hfp_fits(x))
		return run_op(cpu, in);
	cpu->fpr[in->r1] = hfp_join(x);
	return next(cpu, in);
}

static ALWAYS_INLINE struct insn *divide(struct cpu370 *cpu, struct insn *in,
					 uint64_t format, uint64_t b)
{
	uint64_t a = cpu->fpr[in->r1] & format;
	struct hfp x;

	if (UNLIKELY(hfp_is_zero(b)))
		return run_op(cpu, in);
	x = format == HFP_LONG ? hfp_divide_long(a, b) : hfp_divide_short(a, b);
	if (!hfp_fits(x))
		return run_op(cpu, in);
	put(cpu, in->r1, format, hfp_join(x));
	return next(cpu, in);
}

struct insn *fast_aer(struct cpu370 *cpu, struct insn *in)
{
	return add(cpu, in, HFP_SHORT, cpu->fpr[in->r2] & HFP_SHORT);
}

struct insn *fast_ae(struct cpu370 *cpu, struct insn *in)
{
	uint64_t b;

	if (UNLIKELY(!short_at(cpu, in, &b)))
		return run_op(cpu, in);
	return add(cpu, in, HFP_SHORT, b);
}

struct insn *fast_adr(struct cpu370 *cpu, struct insn *in)
{
	return add(cpu, in, HFP_LONG, cpu->fpr[in->r2]);
}

struct insn *fast_ad(struct cpu370 *cpu, struct insn *in)
{
	uint64_t b;

	if (UNLIKELY(!long_at(cpu, in, &b)))
		return run_op(cpu, in);
	return add(cpu, in, HFP_LONG, b);
}

struct insn *fast_ser(struct cpu370 *cpu, struct insn *in)
{
	return add(cpu, in, HFP_SHORT, (cpu->fpr[in->r2] & HFP_SHORT) ^ HFP_SIGN);
}

struct insn *fast_se(struct cpu370 *cpu, struct insn *in)
{
	uint64_t b;

	if (UNLIKELY(!short_at(cpu, in, &b)))
		return run_op(cpu, in);
	return add(cpu, in, HFP_SHORT, b ^ HFP_SIGN);
}

struct insn *fast_sdr(struct cpu370 *cpu, struct insn *in)
{
	return add(cpu, in, HFP_LONG, cpu->fpr[in->r2] ^ HFP_SIGN);
}

struct insn *fast_sd(struct cpu370 *cpu, struct insn *in)
{
	uint64_t b;

	if (UNLIKELY(!long_at(cpu, in, &b)))
		return run_op(cpu, in);
	return add(cpu, in, HFP_LONG, b ^ HFP_SIGN);
}

struct insn *fast_cer(struct cpu370 *cpu, struct insn *in)
{
	return compare(cpu, in, HFP_SHORT, cpu->fpr[in->r2] & HFP_SHORT);
}

struct insn *fast_ce(struct cpu370 *cpu, struct insn *in)
{
	uint64_t b;

	if (UNLIKELY(!short_at(cpu, in, &b)))
		return run_op(cpu, in);
	return compare(cpu, in, HFP_SHORT, b);
}

struct insn *fast_cdr(struct cpu370 *cpu, struct insn *in)
{
	return compare(cpu, in, HFP_LONG, cpu->fpr[in->r2]);
}

struct insn *fast_cd(struct cpu370 *cpu, struct insn *in)
{
	uint64_t b;

	if (UNLIKELY(!long_at(cpu, in, &b)))
		return run_op(cpu, in);
	return compare(cpu, in, HFP_LONG, b);
}

struct insn *fast_mer(struct cpu370 *cpu, struct insn *in)
{
	return multiply(cpu, in, HFP_SHORT, cpu->fpr[in->r2] & HFP_SHORT);
}

struct insn *fast_me(struct cpu370 *cpu, struct insn *in)
{
	uint64_t b;

	if (UNLIKELY(!short_at(cpu, in, &b)))
		return run_op(cpu, in);
	return multiply(cpu, in, HFP_SHORT, b);
}

struct insn *fast_mdr(struct cpu370 *cpu, struct insn *in)
{
	return multiply(cpu, in, HFP_LONG, cpu->fpr[in->r2]);
}

struct insn *fast_md(struct cpu370 *cpu, struct insn *in)
{
	uint64_t b;

	if (UNLIKELY(!long_at(cpu, in, &b)))
		return run_op(cpu, in);
	return multiply(cpu, in, HFP_LONG, b);
}

struct insn *fast_der(struct cpu370 *cpu, struct insn *in)
{
	return divide(cpu, in, HFP_SHORT, cpu->fpr[in->r2] & HFP_SHORT);
}

struct insn *fast_de(struct cpu370 *cpu, struct insn *in)
{
	uint64_t b;

	if (UNLIKELY(!short_at(cpu, in, &b)))
		return run_op(cpu, in);
	return divide(cpu, in, HFP_SHORT, b);
}

struct insn *fast_ddr(struct cpu370 *cpu, struct insn *in)
{
	return divide(cpu, in, HFP_LONG, cpu->fpr[in->r2]);
}

struct insn *fast_dd(struct cpu370 *cpu, struct insn *in)
{
	uint64_t b;

	if (UNLIKELY(!long_at(cpu, in, &b)))
		return run_op(cpu, in);
	return divide(cpu, in, HFP_LONG, b);
}
