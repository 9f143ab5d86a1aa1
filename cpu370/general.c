/*
 * General instructions: fixed-point arithmetic, logic, shifts, conversion.
 *
 * GA22-7000, "General Instructions"; each operation is under its title there. This
 * is the definition; fast.c repeats the shortest ones for speed.
 */
#include "cpu370/fixed.h"
#include "cpu370/int.h"

static void overflow_if_masked(struct cpu370 *cpu, bool overflow)
{
	if (overflow && (cpu->program_mask & MASK_FIXED_OVERFLOW))
		program_check(cpu, PIC_FIXED_OVERFLOW);
}

static int32_t fetch_halfword(struct cpu370 *cpu, const struct insn *in)
{
	return (int16_t)fetch16(cpu, address_rx(cpu, in));
}

static uint32_t fetch_word(struct cpu370 *cpu, const struct insn *in)
{
	return fetch32(cpu, address_rx(cpu, in));
}

/* ---- ADD, SUBTRACT: cc 0 zero, 1 negative, 2 positive, 3 overflow; IF */

void op_ar(struct cpu370 *cpu, const struct insn *in)
{
	overflow_if_masked(cpu, add_signed(cpu, in->r1, cpu->gr[in->r2]));
}

void op_a(struct cpu370 *cpu, const struct insn *in)
{
	overflow_if_masked(cpu, add_signed(cpu, in->r1, fetch_word(cpu, in)));
}

void op_ah(struct cpu370 *cpu, const struct insn *in)
{
	overflow_if_masked(cpu, add_signed(cpu, in->r1, (uint32_t)fetch_halfword(cpu, in)));
}

void op_sr(struct cpu370 *cpu, const struct insn *in)
{
	overflow_if_masked(cpu, subtract_signed(cpu, in->r1, cpu->gr[in->r2]));
}

void op_s(struct cpu370 *cpu, const struct insn *in)
{
	overflow_if_masked(cpu, subtract_signed(cpu, in->r1, fetch_word(cpu, in)));
}

void op_sh(struct cpu370 *cpu, const struct insn *in)
{
	overflow_if_masked(cpu,
			   subtract_signed(cpu, in->r1, (uint32_t)fetch_halfword(cpu, in)));
}

/* ---- ADD LOGICAL, SUBTRACT LOGICAL: cc bit 0 nonzero, bit 1 carry */

void op_alr(struct cpu370 *cpu, const struct insn *in)
{
	add_logical(cpu, in->r1, cpu->gr[in->r2]);
}

void op_al(struct cpu370 *cpu, const struct insn *in)
{
	add_logical(cpu, in->r1, fetch_word(cpu, in));
}

void op_slr(struct cpu370 *cpu, const struct insn *in)
{
	subtract_logical(cpu, in->r1, cpu->gr[in->r2]);
}

void op_sl(struct cpu370 *cpu, const struct insn *in)
{
	subtract_logical(cpu, in->r1, fetch_word(cpu, in));
}

/* ---- AND, OR, EXCLUSIVE OR: cc 0 zero, 1 not zero */

void op_nr(struct cpu370 *cpu, const struct insn *in)
{
	set_logical(cpu, in->r1, cpu->gr[in->r1] & cpu->gr[in->r2]);
}

void op_n(struct cpu370 *cpu, const struct insn *in)
{
	set_logical(cpu, in->r1, cpu->gr[in->r1] & fetch_word(cpu, in));
}

void op_or(struct cpu370 *cpu, const struct insn *in)
{
	set_logical(cpu, in->r1, cpu->gr[in->r1] | cpu->gr[in->r2]);
}

void op_o(struct cpu370 *cpu, const struct insn *in)
{
	set_logical(cpu, in->r1, cpu->gr[in->r1] | fetch_word(cpu, in));
}

void op_xr(struct cpu370 *cpu, const struct insn *in)
{
	set_logical(cpu, in->r1, cpu->gr[in->r1] ^ cpu->gr[in->r2]);
}

void op_x(struct cpu370 *cpu, const struct insn *in)
{
	set_logical(cpu, in->r1, cpu->gr[in->r1] ^ fetch_word(cpu, in));
}

/* ---- COMPARE, COMPARE LOGICAL: cc 0 equal, 1 low, 2 high */

void op_cr(struct cpu370 *cpu, const struct insn *in)
{
	compare_signed(cpu, cpu->gr[in->r1], cpu->gr[in->r2]);
}

void op_c(struct cpu370 *cpu, const struct insn *in)
{
	compare_signed(cpu, cpu->gr[in->r1], fetch_word(cpu, in));
}

void op_ch(struct cpu370 *cpu, const struct insn *in)
{
	compare_signed(cpu, cpu->gr[in->r1], (uint32_t)fetch_halfword(cpu, in));
}

void op_clr(struct cpu370 *cpu, const struct insn *in)
{
	compare_logical(cpu, cpu->gr[in->r1], cpu->gr[in->r2]);
}

void op_cl(struct cpu370 *cpu, const struct insn *in)
{
	compare_logical(cpu, cpu->gr[in->r1], fetch_word(cpu, in));
}

void op_cli(struct cpu370 *cpu, const struct insn *in)
{
	compare_logical(cpu, fetch8(cpu, address_1(cpu, in)), in->i2);
}

/* ---- LOAD and its variants */

void op_lr(struct cpu370 *cpu, const struct insn *in)
{
	cpu->gr[in->r1] = cpu->gr[in->r2];
}

void op_l(struct cpu370 *cpu, const struct insn *in)
{
	cpu->gr[in->r1] = fetch_word(cpu, in);
}

void op_lh(struct cpu370 *cpu, const struct insn *in)
{
	cpu->gr[in->r1] = (uint32_t)fetch_halfword(cpu, in);
}

void op_la(struct cpu370 *cpu, const struct insn *in)
{
	cpu->gr[in->r1] = address_rx(cpu, in);
}

void op_ltr(struct cpu370 *cpu, const struct insn *in)
{
	cpu->gr[in->r1] = cpu->gr[in->r2];
	cpu->cc = (int32_t)cpu->gr[in->r1];
}

/* cc 3 if the operand is the most negative number, which stays as it is. */
static void load_negated(struct cpu370 *cpu, unsigned r1, uint32_t value)
{
	cpu->gr[r1] = 0 - value;
	cpu->cc = (int32_t)cpu->gr[r1];
	if (value == 0x80000000) {
		cpu->cc = CC3;
		overflow_if_masked(cpu, true);
	}
}

void op_lcr(struct cpu370 *cpu, const struct insn *in)
{
	load_negated(cpu, in->r1, cpu->gr[in->r2]);
}

void op_lpr(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t value = cpu->gr[in->r2];

	if (value >> 31) {
		load_negated(cpu, in->r1, value);
		return;
	}
	cpu->gr[in->r1] = value;
	cpu->cc = value;
}

void op_lnr(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t value = cpu->gr[in->r2];

	cpu->gr[in->r1] = value >> 31 ? value : 0 - value;
	cpu->cc = (int32_t)cpu->gr[in->r1];
}

void op_ic(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t byte = fetch8(cpu, address_rx(cpu, in));

	cpu->gr[in->r1] = (cpu->gr[in->r1] & 0xFFFFFF00) | byte;
}

/*
 * LOAD MULTIPLE, STORE MULTIPLE: registers R1 to R3, 0 after 15. The whole operand
 * is fetched, or checked, before anything changes.
 */
static unsigned register_count(const struct insn *in)
{
	return ((in->r2 - in->r1) & 15u) + 1;
}

void op_lm(struct cpu370 *cpu, const struct insn *in)
{
	unsigned n = register_count(in);
	uint8_t words[64];

	fetch_bytes(cpu, address_1(cpu, in), n * 4, words);
	for (unsigned i = 0; i < n; i++)
		cpu->gr[(in->r1 + i) & 15] = be32(words + i * 4);
}

void op_stm(struct cpu370 *cpu, const struct insn *in)
{
	unsigned n = register_count(in);
	uint8_t words[64];

	for (unsigned i = 0; i < n; i++)
		put_be32(words + i * 4, cpu->gr[(in->r1 + i) & 15]);
	store_bytes(cpu, address_1(cpu, in), n * 4, words);
}

/* ---- STORE */

void op_st(struct cpu370 *cpu, const struct insn *in)
{
	store32(cpu, address_rx(cpu, in), cpu->gr[in->r1]);
}

void op_sth(struct cpu370 *cpu, const struct insn *in)
{
	store16(cpu, address_rx(cpu, in), (uint16_t)cpu->gr[in->r1]);
}

void op_stc(struct cpu370 *cpu, const struct insn *in)
{
	store8(cpu, address_rx(cpu, in), (uint8_t)cpu->gr[in->r1]);
}

void op_mvi(struct cpu370 *cpu, const struct insn *in)
{
	store8(cpu, address_1(cpu, in), in->i2);
}

/* ---- characters under mask: one byte for each one in M3, left to right */

static unsigned mask_count(unsigned mask)
{
	return (unsigned)__builtin_popcount(mask);
}

/* Shift of register byte i, 0 the leftmost. */
static unsigned byte_shift(unsigned i)
{
	return 24 - 8 * i;
}

void op_icm(struct cpu370 *cpu, const struct insn *in)
{
	unsigned n = mask_count(in->r2), at = 0;
	uint32_t value = cpu->gr[in->r1];
	uint8_t bytes[4];
	uint32_t got = 0;

	if (n == 0) {
		check_fetch(cpu, address_1(cpu, in), 1);
		set_cc(cpu, 0);
		return;
	}
	fetch_bytes(cpu, address_1(cpu, in), n, bytes);
	for (unsigned i = 0; i < 4; i++) {
		if (!(in->r2 & 8 >> i))
			continue;
		value &= ~(0xFFu << byte_shift(i));
		value |= (uint32_t)bytes[at] << byte_shift(i);
		got |= bytes[at++];
	}
	cpu->gr[in->r1] = value;
	set_cc(cpu, !got ? 0 : bytes[0] & 0x80 ? 1 : 2);
}

static unsigned selected(const struct cpu370 *cpu, const struct insn *in, uint8_t bytes[4])
{
	unsigned n = 0;

	for (unsigned i = 0; i < 4; i++)
		if (in->r2 & 8 >> i)
			bytes[n++] = (uint8_t)(cpu->gr[in->r1] >> byte_shift(i));
	return n;
}

void op_stcm(struct cpu370 *cpu, const struct insn *in)
{
	uint8_t bytes[4];
	unsigned n = selected(cpu, in, bytes);

	if (n == 0)
		check_store(cpu, address_1(cpu, in), 1);
	else
		store_bytes(cpu, address_1(cpu, in), n, bytes);
}

void op_clm(struct cpu370 *cpu, const struct insn *in)
{
	uint8_t mine[4], theirs[4];
	unsigned n = selected(cpu, in, mine);
	int diff;

	if (n == 0) {
		check_fetch(cpu, address_1(cpu, in), 1);
		set_cc(cpu, 0);
		return;
	}
	fetch_bytes(cpu, address_1(cpu, in), n, theirs);
	diff = memcmp(mine, theirs, n);
	set_cc(cpu, diff == 0 ? 0 : diff < 0 ? 1 : 2);
}

/* ---- MULTIPLY, DIVIDE: the pair R1, R1+1 */

static void multiply(struct cpu370 *cpu, unsigned r1, uint32_t by)
{
	int64_t product = (int64_t)(int32_t)cpu->gr[r1 + 1] * (int32_t)by;

	cpu->gr[r1] = (uint32_t)((uint64_t)product >> 32);
	cpu->gr[r1 + 1] = (uint32_t)product;
}

void op_mr(struct cpu370 *cpu, const struct insn *in)
{
	multiply(cpu, in->r1, cpu->gr[in->r2]);
}

void op_m(struct cpu370 *cpu, const struct insn *in)
{
	multiply(cpu, in->r1, fetch_word(cpu, in));
}

void op_mh(struct cpu370 *cpu, const struct insn *in)
{
	cpu->gr[in->r1] *= (uint32_t)fetch_halfword(cpu, in);
}

/* Suppressed with fixed-point divide if the quotient does not fit, or by 0. */
static void divide(struct cpu370 *cpu, unsigned r1, uint32_t by)
{
	int64_t dividend = (int64_t)((uint64_t)cpu->gr[r1] << 32 | cpu->gr[r1 + 1]);
	int64_t divisor = (int32_t)by, quotient;

	if (divisor == 0 || (divisor == -1 && dividend == INT64_MIN))
		program_check(cpu, PIC_FIXED_DIVIDE);
	quotient = dividend / divisor;
	if (quotient != (int32_t)quotient)
		program_check(cpu, PIC_FIXED_DIVIDE);
	cpu->gr[r1] = (uint32_t)(dividend % divisor);
	cpu->gr[r1 + 1] = (uint32_t)quotient;
}

void op_dr(struct cpu370 *cpu, const struct insn *in)
{
	divide(cpu, in->r1, cpu->gr[in->r2]);
}

void op_d(struct cpu370 *cpu, const struct insn *in)
{
	divide(cpu, in->r1, fetch_word(cpu, in));
}

/* ---- shifts: the amount is the low six bits of the second-operand address */

static unsigned shift_amount(const struct cpu370 *cpu, const struct insn *in)
{
	return (cpu->gr[in->b1] + in->d1) & 63;
}

static uint64_t pair(const struct cpu370 *cpu, unsigned r1)
{
	return (uint64_t)cpu->gr[r1] << 32 | cpu->gr[r1 + 1];
}

static void set_pair(struct cpu370 *cpu, unsigned r1, uint64_t value)
{
	cpu->gr[r1] = (uint32_t)(value >> 32);
	cpu->gr[r1 + 1] = (uint32_t)value;
}

void op_sll(struct cpu370 *cpu, const struct insn *in)
{
	cpu->gr[in->r1] = (uint32_t)((uint64_t)cpu->gr[in->r1] << shift_amount(cpu, in));
}

void op_srl(struct cpu370 *cpu, const struct insn *in)
{
	cpu->gr[in->r1] = (uint32_t)((uint64_t)cpu->gr[in->r1] >> shift_amount(cpu, in));
}

void op_sra(struct cpu370 *cpu, const struct insn *in)
{
	int64_t value = (int32_t)cpu->gr[in->r1];

	cpu->cc = value >> shift_amount(cpu, in);
	cpu->gr[in->r1] = (uint32_t)cpu->cc;
}

/*
 * Is any of the `amount` bits shifted out behind the sign unlike it? width is 32 or
 * 64. Zeros that came in on the right count when they leave again.
 */
static bool loses_bits(uint64_t value, unsigned width, unsigned amount)
{
	uint64_t magnitude = value << (64 - width) << 1 >> 1;
	uint64_t sign = value >> (width - 1) & 1;

	if (sign)
		magnitude ^= UINT64_MAX >> 1 & ~((UINT64_C(1) << (64 - width)) - 1);
	if (amount >= width)
		return sign || magnitude != 0;
	return amount && magnitude >> (63 - amount) != 0;
}

void op_sla(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t value = cpu->gr[in->r1];
	unsigned amount = shift_amount(cpu, in);
	bool overflow = loses_bits(value, 32, amount);
	uint32_t moved = (uint32_t)((uint64_t)value << amount);

	cpu->gr[in->r1] = (value & 0x80000000) | (moved & 0x7FFFFFFF);
	cpu->cc = overflow ? CC3 : (int32_t)cpu->gr[in->r1];
	overflow_if_masked(cpu, overflow);
}

void op_sldl(struct cpu370 *cpu, const struct insn *in)
{
	set_pair(cpu, in->r1, pair(cpu, in->r1) << shift_amount(cpu, in));
}

void op_srdl(struct cpu370 *cpu, const struct insn *in)
{
	set_pair(cpu, in->r1, pair(cpu, in->r1) >> shift_amount(cpu, in));
}

/* cc of a 64-bit result; its own value would do but for the code of cc 3. */
static void cc_of_pair(struct cpu370 *cpu, int64_t value)
{
	cpu->cc = (value > 0) - (value < 0);
}

void op_srda(struct cpu370 *cpu, const struct insn *in)
{
	int64_t value = (int64_t)pair(cpu, in->r1) >> shift_amount(cpu, in);

	set_pair(cpu, in->r1, (uint64_t)value);
	cc_of_pair(cpu, value);
}

void op_slda(struct cpu370 *cpu, const struct insn *in)
{
	const uint64_t sign = UINT64_C(1) << 63;
	uint64_t value = pair(cpu, in->r1);
	unsigned amount = shift_amount(cpu, in);
	bool overflow = loses_bits(value, 64, amount);
	uint64_t result = (value & sign) | (value << amount & ~sign);

	set_pair(cpu, in->r1, result);
	cc_of_pair(cpu, (int64_t)result);
	if (overflow)
		cpu->cc = CC3;
	overflow_if_masked(cpu, overflow);
}

/* ---- CONVERT TO BINARY, CONVERT TO DECIMAL: eight packed bytes */

static uint64_t packed_value(struct cpu370 *cpu, uint64_t packed)
{
	uint64_t value = 0;

	for (int shift = 60; shift > 0; shift -= 4) {
		unsigned digit = packed >> shift & 15;

		if (digit > 9)
			program_check(cpu, PIC_DATA);
		value = value * 10 + digit;
	}
	return value;
}

void op_cvb(struct cpu370 *cpu, const struct insn *in)
{
	uint64_t packed = fetch64(cpu, address_rx(cpu, in));
	unsigned sign = packed & 15;
	bool negative = sign == 0xB || sign == 0xD;
	uint64_t value;

	if (sign < 10)
		program_check(cpu, PIC_DATA);
	value = packed_value(cpu, packed);
	cpu->gr[in->r1] = (uint32_t)(negative ? 0 - value : value);
	if (value > (negative ? UINT64_C(0x80000000) : UINT64_C(0x7FFFFFFF)))
		program_check(cpu, PIC_FIXED_DIVIDE);
}

void op_cvd(struct cpu370 *cpu, const struct insn *in)
{
	int32_t value = (int32_t)cpu->gr[in->r1];
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	uint64_t packed = value < 0 ? 0xD : 0xC;

	for (unsigned shift = 4; rest; shift += 4, rest /= 10)
		packed |= rest % 10 << shift;
	store64(cpu, address_rx(cpu, in), packed);
}

/* ---- immediate and storage: TM, TS, NI, OI, XI, CS, CDS */

/* cc 0 selected bits all zero or none selected, 1 mixed, 3 all one. */
void op_tm(struct cpu370 *cpu, const struct insn *in)
{
	test_mask(cpu, fetch8(cpu, address_1(cpu, in)), in->i2);
}

/* One byte is read, changed and stored, even if it does not change. */
static void immediate(struct cpu370 *cpu, const struct insn *in, unsigned op)
{
	uint32_t laddr = address_1(cpu, in);
	uint8_t old, new;

	check_store(cpu, laddr, 1);
	old = fetch8(cpu, laddr);
	new = op == 0x94 ? old & in->i2 : op == 0x96 ? old | in->i2 : old ^ in->i2;
	store8(cpu, laddr, new);
	cpu->cc = -(int64_t)new;
}

void op_ni(struct cpu370 *cpu, const struct insn *in)
{
	immediate(cpu, in, 0x94);
}

void op_oi(struct cpu370 *cpu, const struct insn *in)
{
	immediate(cpu, in, 0x96);
}

void op_xi(struct cpu370 *cpu, const struct insn *in)
{
	immediate(cpu, in, 0x97);
}

/* Interlocked: cc is the leftmost bit the byte had. */
void op_ts(struct cpu370 *cpu, const struct insn *in)
{
	struct span s;

	span_store(cpu, address_1(cpu, in), 1, &s);
	set_cc(cpu, __atomic_exchange_n(s.at[0], 0xFF, __ATOMIC_SEQ_CST) >> 7);
	span_stored(cpu, &s);
	serialize(cpu);
}

/*
 * COMPARE AND SWAP: interlocked. cc 0 equal and R3 stored; 1 unequal and R1 loaded.
 * Store access is checked either way.
 */
void op_cs(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t laddr = address_1(cpu, in);
	uint32_t expected = __builtin_bswap32(cpu->gr[in->r1]);
	struct span s;

	if (laddr & 3)
		program_check(cpu, PIC_SPECIFICATION);
	span_store(cpu, laddr, 4, &s);
	if (__atomic_compare_exchange_n((uint32_t *)(void *)s.at[0], &expected,
					__builtin_bswap32(cpu->gr[in->r2]), false,
					__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
		set_cc(cpu, 0);
		span_stored(cpu, &s);
	} else {
		cpu->gr[in->r1] = __builtin_bswap32(expected);
		set_cc(cpu, 1);
	}
	serialize(cpu);
}

void op_cds(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t laddr = address_1(cpu, in);
	uint64_t expected = __builtin_bswap64(pair(cpu, in->r1));
	struct span s;

	if (laddr & 7)
		program_check(cpu, PIC_SPECIFICATION);
	span_store(cpu, laddr, 8, &s);
	if (__atomic_compare_exchange_n((uint64_t *)(void *)s.at[0], &expected,
					__builtin_bswap64(pair(cpu, in->r2)), false,
					__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
		set_cc(cpu, 0);
		span_stored(cpu, &s);
	} else {
		set_pair(cpu, in->r1, __builtin_bswap64(expected));
		set_cc(cpu, 1);
	}
	serialize(cpu);
}

/* ---- the rest */

/* cc from bits 2-3 of R1, program mask from bits 4-7. */
void op_spm(struct cpu370 *cpu, const struct insn *in)
{
	set_cc(cpu, cpu->gr[in->r1] >> 28 & 3);
	cpu->program_mask = cpu->gr[in->r1] >> 24 & 15;
}

void op_stck(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t laddr = address_1(cpu, in);

	check_store(cpu, laddr, 8);
	store64(cpu, laddr, tod_stck(cpu));
	set_cc(cpu, 0);
	serialize(cpu);
}

void op_svc(struct cpu370 *cpu, const struct insn *in)
{
	interrupt_svc(cpu, in->i2, in->ilc);
}

/* A class above 15 is a specification exception; CR8 bits 16-31 enable classes. */
void op_mc(struct cpu370 *cpu, const struct insn *in)
{
	if (in->i2 > 15)
		program_check(cpu, PIC_SPECIFICATION);
	if (!(cpu->cr[8] & 0x8000u >> in->i2))
		return;
	cpu->monitor_class = in->i2;
	cpu->monitor_code = address_1(cpu, in);
	program_check(cpu, PIC_MONITOR);
}
