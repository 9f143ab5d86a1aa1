/*
 * The floating-point instructions, short and long. GA22-7000, "Floating-Point
 * Instructions". Those with extended results are in hfp_extended.c.
 *
 * decode has checked the register numbers. A short operation changes the left half
 * of its register, MULTIPLY (short) all of it. Exponent overflow, exponent underflow
 * and significance complete the operation, so they come last.
 */
#include "cpu370/hfp.h"
#include "cpu370/int.h"

/* ---- operands and results */

static inline uint64_t short_reg(const struct cpu370 *cpu, unsigned r)
{
	return cpu->fpr[r] & HFP_SHORT;
}

static inline uint64_t short_storage(struct cpu370 *cpu, const struct insn *in)
{
	return (uint64_t)fetch32(cpu, address_rx(cpu, in)) << 32;
}

static inline uint64_t long_storage(struct cpu370 *cpu, const struct insn *in)
{
	return fetch64(cpu, address_rx(cpu, in));
}

static inline void put(struct cpu370 *cpu, unsigned r, uint64_t format, uint64_t value)
{
	cpu->fpr[r] = (cpu->fpr[r] & ~format) | value;
}

static inline void put_result(struct cpu370 *cpu, unsigned r, uint64_t format,
			      struct hfp_result x)
{
	put(cpu, r, format, x.value);
	if (UNLIKELY(x.pic))
		program_check(cpu, x.pic);
}

/* 0 fraction zero, 1 negative, 2 positive. */
static inline void cc_of(struct cpu370 *cpu, uint64_t value)
{
	cpu->cc = hfp_is_zero(value) ? 0 : (int64_t)value >> 63 | 1;
}

/* ---- LOAD and STORE */

void op_ler(struct cpu370 *cpu, const struct insn *in)
{
	put(cpu, in->r1, HFP_SHORT, short_reg(cpu, in->r2));
}

void op_le(struct cpu370 *cpu, const struct insn *in)
{
	put(cpu, in->r1, HFP_SHORT, short_storage(cpu, in));
}

void op_ldr(struct cpu370 *cpu, const struct insn *in)
{
	cpu->fpr[in->r1] = cpu->fpr[in->r2];
}

void op_ld(struct cpu370 *cpu, const struct insn *in)
{
	cpu->fpr[in->r1] = long_storage(cpu, in);
}

void op_ste(struct cpu370 *cpu, const struct insn *in)
{
	store32(cpu, address_rx(cpu, in), (uint32_t)(cpu->fpr[in->r1] >> 32));
}

void op_std(struct cpu370 *cpu, const struct insn *in)
{
	store64(cpu, address_rx(cpu, in), cpu->fpr[in->r1]);
}

/*
 * LOAD AND TEST and so on: x goes into R1, the cc is 0 fraction zero, 1 negative,
 * 2 positive. The sign of a zero is treated like any other.
 */
static inline void load_cc(struct cpu370 *cpu, const struct insn *in, uint64_t format,
			   uint64_t x)
{
	put(cpu, in->r1, format, x);
	cc_of(cpu, x);
}

void op_lter(struct cpu370 *cpu, const struct insn *in)
{
	load_cc(cpu, in, HFP_SHORT, short_reg(cpu, in->r2));
}

void op_ltdr(struct cpu370 *cpu, const struct insn *in)
{
	load_cc(cpu, in, HFP_LONG, cpu->fpr[in->r2]);
}

void op_lcer(struct cpu370 *cpu, const struct insn *in)
{
	load_cc(cpu, in, HFP_SHORT, short_reg(cpu, in->r2) ^ HFP_SIGN);
}

void op_lcdr(struct cpu370 *cpu, const struct insn *in)
{
	load_cc(cpu, in, HFP_LONG, cpu->fpr[in->r2] ^ HFP_SIGN);
}

void op_lper(struct cpu370 *cpu, const struct insn *in)
{
	load_cc(cpu, in, HFP_SHORT, short_reg(cpu, in->r2) & ~HFP_SIGN);
}

void op_lpdr(struct cpu370 *cpu, const struct insn *in)
{
	load_cc(cpu, in, HFP_LONG, cpu->fpr[in->r2] & ~HFP_SIGN);
}

void op_lner(struct cpu370 *cpu, const struct insn *in)
{
	load_cc(cpu, in, HFP_SHORT, short_reg(cpu, in->r2) | HFP_SIGN);
}

void op_lndr(struct cpu370 *cpu, const struct insn *in)
{
	load_cc(cpu, in, HFP_LONG, cpu->fpr[in->r2] | HFP_SIGN);
}

/* ---- LOAD ROUNDED: exponent overflow */

void op_lrer(struct cpu370 *cpu, const struct insn *in)
{
	put_result(cpu, in->r1, HFP_SHORT, hfp_round_short(cpu->fpr[in->r2]));
}

void op_lrdr(struct cpu370 *cpu, const struct insn *in)
{
	put_result(cpu, in->r1, HFP_LONG,
		   hfp_round_long(cpu->fpr[in->r2], cpu->fpr[in->r2 + 2]));
}

/* ---- HALVE: exponent underflow */

void op_her(struct cpu370 *cpu, const struct insn *in)
{
	struct hfp half = hfp_halve(short_reg(cpu, in->r2), HFP_SHORT);

	put_result(cpu, in->r1, HFP_SHORT, hfp_finish(half, cpu->program_mask));
}

void op_hdr(struct cpu370 *cpu, const struct insn *in)
{
	struct hfp half = hfp_halve(cpu->fpr[in->r2], HFP_LONG);

	put_result(cpu, in->r1, HFP_LONG, hfp_finish(half, cpu->program_mask));
}

/* ---- ADD and SUBTRACT
 *
 * cc: 0 fraction zero, 1 negative, 2 positive. Exponent overflow; exponent underflow
 * if normalized; significance.
 */

static void put_sum(struct cpu370 *cpu, unsigned r, uint64_t format, struct hfp x)
{
	struct hfp_result sum = hfp_finish_sum(x, cpu->program_mask);

	cc_of(cpu, sum.value);
	put_result(cpu, r, format, sum);
}

static void add(struct cpu370 *cpu, const struct insn *in, uint64_t format, uint64_t b)
{
	put_sum(cpu, in->r1, format, hfp_add(cpu->fpr[in->r1] & format, b, format));
}

static inline void add_unnormalized(struct cpu370 *cpu, const struct insn *in,
				    uint64_t format, uint64_t b)
{
	put_sum(cpu, in->r1, format,
		hfp_add_unnormalized(cpu->fpr[in->r1] & format, b, format));
}

void op_aer(struct cpu370 *cpu, const struct insn *in)
{
	add(cpu, in, HFP_SHORT, short_reg(cpu, in->r2));
}

void op_ae(struct cpu370 *cpu, const struct insn *in)
{
	add(cpu, in, HFP_SHORT, short_storage(cpu, in));
}

void op_adr(struct cpu370 *cpu, const struct insn *in)
{
	add(cpu, in, HFP_LONG, cpu->fpr[in->r2]);
}

void op_ad(struct cpu370 *cpu, const struct insn *in)
{
	add(cpu, in, HFP_LONG, long_storage(cpu, in));
}

void op_ser(struct cpu370 *cpu, const struct insn *in)
{
	add(cpu, in, HFP_SHORT, short_reg(cpu, in->r2) ^ HFP_SIGN);
}

void op_se(struct cpu370 *cpu, const struct insn *in)
{
	add(cpu, in, HFP_SHORT, short_storage(cpu, in) ^ HFP_SIGN);
}

void op_sdr(struct cpu370 *cpu, const struct insn *in)
{
	add(cpu, in, HFP_LONG, cpu->fpr[in->r2] ^ HFP_SIGN);
}

void op_sd(struct cpu370 *cpu, const struct insn *in)
{
	add(cpu, in, HFP_LONG, long_storage(cpu, in) ^ HFP_SIGN);
}

void op_aur(struct cpu370 *cpu, const struct insn *in)
{
	add_unnormalized(cpu, in, HFP_SHORT, short_reg(cpu, in->r2));
}

void op_au(struct cpu370 *cpu, const struct insn *in)
{
	add_unnormalized(cpu, in, HFP_SHORT, short_storage(cpu, in));
}

void op_awr(struct cpu370 *cpu, const struct insn *in)
{
	add_unnormalized(cpu, in, HFP_LONG, cpu->fpr[in->r2]);
}

void op_aw(struct cpu370 *cpu, const struct insn *in)
{
	add_unnormalized(cpu, in, HFP_LONG, long_storage(cpu, in));
}

void op_sur(struct cpu370 *cpu, const struct insn *in)
{
	add_unnormalized(cpu, in, HFP_SHORT, short_reg(cpu, in->r2) ^ HFP_SIGN);
}

void op_su(struct cpu370 *cpu, const struct insn *in)
{
	add_unnormalized(cpu, in, HFP_SHORT, short_storage(cpu, in) ^ HFP_SIGN);
}

void op_swr(struct cpu370 *cpu, const struct insn *in)
{
	add_unnormalized(cpu, in, HFP_LONG, cpu->fpr[in->r2] ^ HFP_SIGN);
}

void op_sw(struct cpu370 *cpu, const struct insn *in)
{
	add_unnormalized(cpu, in, HFP_LONG, long_storage(cpu, in) ^ HFP_SIGN);
}

/* ---- COMPARE: cc 0 equal, 1 first operand low, 2 high */

void op_cer(struct cpu370 *cpu, const struct insn *in)
{
	cpu->cc = hfp_compare(short_reg(cpu, in->r1), short_reg(cpu, in->r2), HFP_SHORT);
}

void op_ce(struct cpu370 *cpu, const struct insn *in)
{
	cpu->cc = hfp_compare(short_reg(cpu, in->r1), short_storage(cpu, in), HFP_SHORT);
}

void op_cdr(struct cpu370 *cpu, const struct insn *in)
{
	cpu->cc = hfp_compare(cpu->fpr[in->r1], cpu->fpr[in->r2], HFP_LONG);
}

void op_cd(struct cpu370 *cpu, const struct insn *in)
{
	cpu->cc = hfp_compare(cpu->fpr[in->r1], long_storage(cpu, in), HFP_LONG);
}

/* ---- MULTIPLY: exponent overflow; exponent underflow */

static inline void multiply(struct cpu370 *cpu, const struct insn *in, uint64_t format,
			    uint64_t b)
{
	struct hfp product = hfp_multiply(cpu->fpr[in->r1] & format, b);

	put_result(cpu, in->r1, HFP_LONG, hfp_finish(product, cpu->program_mask));
}

void op_mer(struct cpu370 *cpu, const struct insn *in)
{
	multiply(cpu, in, HFP_SHORT, short_reg(cpu, in->r2));
}

void op_me(struct cpu370 *cpu, const struct insn *in)
{
	multiply(cpu, in, HFP_SHORT, short_storage(cpu, in));
}

void op_mdr(struct cpu370 *cpu, const struct insn *in)
{
	multiply(cpu, in, HFP_LONG, cpu->fpr[in->r2]);
}

void op_md(struct cpu370 *cpu, const struct insn *in)
{
	multiply(cpu, in, HFP_LONG, long_storage(cpu, in));
}

/* ---- DIVIDE: exponent overflow; exponent underflow; floating-point divide, which
 * suppresses
 */

static void divide_short(struct cpu370 *cpu, const struct insn *in, uint64_t b)
{
	struct hfp quotient;

	if (hfp_is_zero(b))
		program_check(cpu, PIC_FLOAT_DIVIDE);
	quotient = hfp_divide_short(short_reg(cpu, in->r1), b);
	put_result(cpu, in->r1, HFP_SHORT, hfp_finish(quotient, cpu->program_mask));
}

static void divide_long(struct cpu370 *cpu, const struct insn *in, uint64_t b)
{
	struct hfp quotient;

	if (hfp_is_zero(b))
		program_check(cpu, PIC_FLOAT_DIVIDE);
	quotient = hfp_divide_long(cpu->fpr[in->r1], b);
	put_result(cpu, in->r1, HFP_LONG, hfp_finish(quotient, cpu->program_mask));
}

void op_der(struct cpu370 *cpu, const struct insn *in)
{
	divide_short(cpu, in, short_reg(cpu, in->r2));
}

void op_de(struct cpu370 *cpu, const struct insn *in)
{
	divide_short(cpu, in, short_storage(cpu, in));
}

void op_ddr(struct cpu370 *cpu, const struct insn *in)
{
	divide_long(cpu, in, cpu->fpr[in->r2]);
}

void op_dd(struct cpu370 *cpu, const struct insn *in)
{
	divide_long(cpu, in, long_storage(cpu, in));
}
