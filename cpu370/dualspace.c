/*
 * The dual-address-space facility. GA22-7000, "Storage", Address Spaces, ASN
 * Translation, ASN Authorization, PC-Number Translation; and the instructions in
 * "Control Instructions".
 */
#include "cpu370/int.h"

#define CR0_EXTRACTION 0x08000000u
#define CR0_SECONDARY  0x04000000u
#define CR5_LINKAGE    0x80000000u
#define CR14_ASN       0x00080000u
#define STD_SWITCH     0x00000001u /* space-switch-event control */

/* ---- controls */

static void need_dat(struct cpu370 *cpu)
{
	if (!cpu->dat)
		program_check(cpu, PIC_SPECIAL_OPERATION);
}

static void need_extraction(struct cpu370 *cpu)
{
	need_dat(cpu);
	if (cpu->problem && !(cpu->cr[0] & CR0_EXTRACTION))
		program_check(cpu, PIC_PRIVILEGED);
}

static void need_secondary(struct cpu370 *cpu)
{
	if (!cpu->dat || !(cpu->cr[0] & CR0_SECONDARY))
		program_check(cpu, PIC_SPECIAL_OPERATION);
}

static void need_asn_translation(struct cpu370 *cpu)
{
	if (!(cpu->cr[14] & CR14_ASN))
		program_check(cpu, PIC_SPECIAL_OPERATION);
}

/* In the problem state only the keys that the PSW-key mask has a one for. */
static void need_key(struct cpu370 *cpu, uint8_t key)
{
	if (cpu->problem && !(cpu->cr[3] & 0x80000000u >> (key >> 4)))
		program_check(cpu, PIC_PRIVILEGED);
}

static uint16_t pasn(const struct cpu370 *cpu)
{
	return (uint16_t)cpu->cr[4];
}

static uint16_t sasn(const struct cpu370 *cpu)
{
	return (uint16_t)cpu->cr[3];
}

static uint16_t low_half(uint32_t word)
{
	return (uint16_t)word;
}

static void set_low_half(uint32_t *word, uint16_t value)
{
	*word = (*word & 0xFFFF0000) | value;
}

static void set_high_half(uint32_t *word, uint16_t value)
{
	*word = (*word & 0xFFFF) | (uint32_t)value << 16;
}

/* ---- tables in real storage */

static uint32_t table_word(struct cpu370 *cpu, uint32_t raddr)
{
	const uint8_t *p = real_host(cpu, raddr & ADDRESS_MASK, 4);

	if (!p)
		program_check(cpu, PIC_ADDRESSING);
	return be32(p);
}

/* An ASN-second-table entry. */
struct aste {
	uint32_t authority, length; /* authority table: origin, and length in words - 1 */
	uint16_t ax;
	uint32_t std, ltd;
};

/* Translate an ASN: 0, or PIC_AFX, PIC_ASX, PIC_ASN_SPEC. */
static enum pic asn_translate(struct cpu370 *cpu, uint16_t asn, struct aste *aste)
{
	uint32_t first = table_word(cpu, (cpu->cr[14] & 0xFFF) * 4096 + (asn >> 6) * 4u);
	uint32_t at, word;

	cpu->trans_addr = asn;
	if (first & 0x80000000)
		return PIC_AFX;
	if (first & 0x7F00000F)
		return PIC_ASN_SPEC;
	at = (first & 0x00FFFFF0) + (asn & 63) * 16u;
	word = table_word(cpu, at);
	if (word & 0x80000000)
		return PIC_ASX;
	if (word & 0x7F000003)
		return PIC_ASN_SPEC;
	aste->authority = word & 0x00FFFFFC;
	word = table_word(cpu, at + 4);
	if (word & 0x0000000F)
		return PIC_ASN_SPEC;
	aste->ax = word >> 16;
	aste->length = word >> 4 & 0xFFF;
	aste->std = table_word(cpu, at + 8);
	aste->ltd = table_word(cpu, at + 12);
	return 0;
}

static void asn_translate_or_interrupt(struct cpu370 *cpu, uint16_t asn, struct aste *aste)
{
	enum pic pic = asn_translate(cpu, asn, aste);

	if (pic)
		program_check(cpu, pic);
}

enum authority { AUTHORITY_PRIMARY = 0x80, AUTHORITY_SECONDARY = 0x40 };

/* Two bits for each authorization index: primary and secondary authority. */
static bool authorized(struct cpu370 *cpu, const struct aste *aste, uint16_t ax,
		       enum authority which)
{
	uint32_t word;
	uint8_t byte;

	if ((ax >> 4) > aste->length)
		return false;
	word = table_word(cpu, (aste->authority + (ax >> 2)) & ~3u);
	byte = word >> (24 - 8 * (ax >> 2 & 3)) & 0xFF;
	return byte & which >> 2 * (ax & 3);
}

/* ---- extraction */

void op_epar(struct cpu370 *cpu, const struct insn *in)
{
	need_extraction(cpu);
	cpu->gr[in->r1] = pasn(cpu);
}

void op_esar(struct cpu370 *cpu, const struct insn *in)
{
	need_extraction(cpu);
	cpu->gr[in->r1] = sasn(cpu);
}

/* The address-space-control bit goes to bit 23; cc says the same. */
void op_iac(struct cpu370 *cpu, const struct insn *in)
{
	need_extraction(cpu);
	cpu->gr[in->r1] = (cpu->gr[in->r1] & 0xFFFF00FF) | (cpu->secondary ? 0x100 : 0);
	set_cc(cpu, cpu->secondary);
}

void op_ivsk(struct cpu370 *cpu, const struct insn *in)
{
	struct dat_result r;
	uint32_t aaddr;

	need_extraction(cpu);
	r = dat_walk(cpu, cpu->gr[in->r2] & ADDRESS_MASK, dat_std(cpu));
	if (r.kind != DAT_OK) {
		cpu->trans_addr = (cpu->gr[in->r2] & ADDRESS_MASK) |
				  (cpu->secondary ? 0x80000000u : 0);
		program_check(cpu, dat_pic(r.kind));
	}
	aaddr = to_absolute(cpu, r.raddr);
	if (!storage_installed(cpu->st, aaddr))
		program_check(cpu, PIC_ADDRESSING);
	cpu->gr[in->r1] = (cpu->gr[in->r1] & 0xFFFFFF00) |
			  (cpu->st->keys[frame_of(aaddr)] & 0xF8);
}

/* ---- space control */

/* Address bits 20-23: 0 primary-space mode, 1 secondary-space mode. */
void op_sac(struct cpu370 *cpu, const struct insn *in)
{
	unsigned code = address_1(cpu, in) >> 8 & 15;

	need_secondary(cpu);
	if (code > 1)
		program_check(cpu, PIC_SPECIFICATION);
	cpu->secondary = code == 1;
	tlb_select(cpu);
}

void op_ssar(struct cpu370 *cpu, const struct insn *in)
{
	uint16_t asn = low_half(cpu->gr[in->r1]);
	struct aste aste;

	need_dat(cpu);
	need_asn_translation(cpu);
	if (asn == pasn(cpu)) {
		cpu->cr[7] = cpu->cr[1];
	} else {
		asn_translate_or_interrupt(cpu, asn, &aste);
		if (!authorized(cpu, &aste, cpu->cr[4] >> 16, AUTHORITY_SECONDARY))
			program_check(cpu, PIC_SECONDARY_AUTHORITY);
		cpu->cr[7] = aste.std;
	}
	set_low_half(&cpu->cr[3], asn);
	tlb_select(cpu);
}

/* ---- moves between spaces and keys */

struct side {
	uint32_t laddr, std;
	uint8_t key;
	bool secondary;
};

static unsigned piece(uint32_t laddr, unsigned n)
{
	unsigned rest = FRAME_SIZE - (laddr & FRAME_OFFSET);

	return n < rest ? n : rest;
}

static uint8_t *host(struct cpu370 *cpu, const struct side *s, unsigned at, bool store)
{
	return access_with(cpu, (s->laddr + at) & ADDRESS_MASK, s->key, s->std, s->secondary,
			   store);
}

/* Both operands are checked to their ends before the first byte moves. */
static void move(struct cpu370 *cpu, const struct side *to, const struct side *from, unsigned n)
{
	for (unsigned at = 0; at < n; at += piece(to->laddr + at, n - at))
		host(cpu, to, at, true);
	for (unsigned at = 0; at < n; at += piece(from->laddr + at, n - at))
		host(cpu, from, at, false);
	for (unsigned at = 0, k; at < n; at += k) {
		uint8_t *out = host(cpu, to, at, true);
		const uint8_t *in = host(cpu, from, at, false);

		k = piece(to->laddr + at, piece(from->laddr + at, n - at));
		for (unsigned i = 0; i < k; i++)
			out[i] = in[i];
		stored_at(cpu, (to->laddr + at) & ADDRESS_MASK, out, k);
	}
}

/* The true length is in R1; at most 256 bytes move: cc 0 all, 3 there is more. */
static unsigned true_length(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t length = cpu->gr[in->r1];

	set_cc(cpu, length > 256 ? 3 : 0);
	return length > 256 ? 256 : length;
}

void op_mvck(struct cpu370 *cpu, const struct insn *in)
{
	uint8_t key = cpu->gr[in->r2] & 0xF0;
	uint32_t std = cpu->dat ? dat_std(cpu) : 0;
	struct side to = { address_1(cpu, in), std, cpu->key, cpu->secondary };
	struct side from = { address_2(cpu, in), std, key, cpu->secondary };

	need_key(cpu, key);
	move(cpu, &to, &from, cpu->gr[in->r1] > 256 ? 256 : cpu->gr[in->r1]);
	true_length(cpu, in);
}

static void move_between(struct cpu370 *cpu, const struct insn *in, bool to_primary)
{
	uint8_t key = cpu->gr[in->r2] & 0xF0;
	struct side primary = { address_1(cpu, in), cpu->cr[1], cpu->key, false };
	struct side other = { address_2(cpu, in), cpu->cr[7], key, true };
	unsigned n = cpu->gr[in->r1] > 256 ? 256 : cpu->gr[in->r1];

	need_secondary(cpu);
	need_key(cpu, key);
	if (to_primary) {
		move(cpu, &primary, &other, n);
	} else {
		primary.laddr = address_2(cpu, in);
		other.laddr = address_1(cpu, in);
		move(cpu, &other, &primary, n);
	}
	true_length(cpu, in);
}

void op_mvcp(struct cpu370 *cpu, const struct insn *in)
{
	move_between(cpu, in, true);
}

void op_mvcs(struct cpu370 *cpu, const struct insn *in)
{
	move_between(cpu, in, false);
}

/* ---- PROGRAM CALL, PROGRAM TRANSFER */

static void need_linkage(struct cpu370 *cpu)
{
	if (!cpu->dat || !(cpu->cr[5] & CR5_LINKAGE) || cpu->secondary)
		program_check(cpu, PIC_SPECIAL_OPERATION);
}

/* Entry-table entry. */
struct entry {
	uint16_t akm, asn, ekm;
	uint32_t address, parameter;
};

/* PC-number translation: linkage index, entry index. */
static void pc_translate(struct cpu370 *cpu, uint32_t number, struct entry *e)
{
	uint32_t lx = number >> 8, ex = number & 0xFF, linkage, at, word;

	cpu->trans_addr = number;
	if (lx >> 5 > (cpu->cr[5] & 0x7F))
		program_check(cpu, PIC_LX);
	linkage = table_word(cpu, (cpu->cr[5] & 0x00FFFF80) + lx * 4);
	if (linkage & 0x80000000)
		program_check(cpu, PIC_LX);
	if (linkage & 0x7F000000)
		program_check(cpu, PIC_PC_SPEC);
	if (ex >> 2 > (linkage & 0x3F))
		program_check(cpu, PIC_EX);
	at = (linkage & 0x00FFFFC0) + ex * 16;
	word = table_word(cpu, at);
	e->akm = word >> 16;
	e->asn = (uint16_t)word;
	e->address = table_word(cpu, at + 4);
	if (e->address & 0xFF000000)
		program_check(cpu, PIC_PC_SPEC);
	e->parameter = table_word(cpu, at + 8);
	e->ekm = table_word(cpu, at + 12) >> 16;
}

/* A new primary space: was or is its event wanted? */
static bool switch_event(struct cpu370 *cpu, const struct aste *aste, uint16_t asn)
{
	bool event = (cpu->cr[1] | aste->std) & STD_SWITCH;

	cpu->trans_addr = pasn(cpu) | (cpu->cr[1] & STD_SWITCH ? 0x80000000u : 0);
	cpu->cr[1] = aste->std;
	cpu->cr[5] = aste->ltd;
	cpu->cr[4] = (uint32_t)aste->ax << 16 | asn;
	return event;
}

void op_pc(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t number = (cpu->gr[in->b1] + in->d1) & 0xFFFFF;
	struct aste aste;
	struct entry e;
	bool event = false;

	need_linkage(cpu);
	pc_translate(cpu, number, &e);
	if (cpu->problem && !(e.akm & cpu->cr[3] >> 16))
		program_check(cpu, PIC_PRIVILEGED);
	if (e.asn) {
		need_asn_translation(cpu);
		asn_translate_or_interrupt(cpu, e.asn, &aste);
	}
	cpu->gr[3] = (cpu->cr[3] & 0xFFFF0000) | pasn(cpu);
	cpu->gr[4] = e.parameter;
	cpu->gr[14] = cpu->ia | cpu->problem;
	set_low_half(&cpu->cr[3], pasn(cpu));
	set_high_half(&cpu->cr[3], (uint16_t)(cpu->cr[3] >> 16) | e.ekm);
	cpu->cr[7] = cpu->cr[1];
	if (e.asn)
		event = switch_event(cpu, &aste, e.asn);
	cpu->problem = e.address & 1;
	take_branch(cpu, e.address & ~1u);
	tlb_select(cpu);
	if (event)
		space_switch(cpu);
}

void op_pt(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t r1 = cpu->gr[in->r1], r2 = cpu->gr[in->r2];
	uint16_t asn = low_half(r1);
	struct aste aste;
	bool event = false;

	need_linkage(cpu);
	if (cpu->problem && !(r2 & 1))
		program_check(cpu, PIC_PRIVILEGED);
	if (asn != pasn(cpu)) {
		need_asn_translation(cpu);
		asn_translate_or_interrupt(cpu, asn, &aste);
		if (!authorized(cpu, &aste, cpu->cr[4] >> 16, AUTHORITY_PRIMARY))
			program_check(cpu, PIC_PRIMARY_AUTHORITY);
		event = switch_event(cpu, &aste, asn);
	}
	set_low_half(&cpu->cr[3], asn);
	set_high_half(&cpu->cr[3], (uint16_t)(cpu->cr[3] >> 16) & (uint16_t)(r1 >> 16));
	cpu->cr[7] = cpu->cr[1];
	cpu->problem = r2 & 1;
	take_branch(cpu, r2 & 0x00FFFFFE);
	tlb_select(cpu);
	if (event)
		space_switch(cpu);
}

/* ---- LOAD ADDRESS SPACE PARAMETERS */

#define LASP_FORCE   4 /* second address: translate even what is current */
#define LASP_USE_AX  2 /* take the AX of the first operand */
#define LASP_NO_TEST 1 /* no secondary-authority test */

/*
 * First operand: PSW-key mask, SASN, AX, PASN, 16 bits each. cc 0 loaded, 1 the
 * primary, 2 the secondary space is not available, 3 a space-switch event is wanted.
 */
void op_lasp(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t laddr = address_1(cpu, in), how = address_2(cpu, in) & 7;
	struct aste primary = { .ax = cpu->cr[4] >> 16, .std = cpu->cr[1], .ltd = cpu->cr[5] };
	struct aste secondary = { .std = cpu->cr[7] };
	uint16_t new_pasn, new_sasn, ax;
	uint64_t value;

	need_asn_translation(cpu);
	if (laddr & 7)
		program_check(cpu, PIC_SPECIFICATION);
	value = fetch64(cpu, laddr);
	new_pasn = (uint16_t)value;
	new_sasn = (uint16_t)(value >> 32);
	if ((how & LASP_FORCE) || new_pasn != pasn(cpu)) {
		enum pic pic = asn_translate(cpu, new_pasn, &primary);

		if (pic == PIC_ASN_SPEC)
			program_check(cpu, pic);
		if (pic) {
			set_cc(cpu, 1);
			return;
		}
		if (new_pasn != pasn(cpu) && ((cpu->cr[1] | primary.std) & STD_SWITCH)) {
			set_cc(cpu, 3);
			return;
		}
	}
	ax = how & LASP_USE_AX ? (uint16_t)(value >> 16) : primary.ax;
	if (new_sasn == new_pasn)
		secondary.std = primary.std;
	else if ((how & LASP_FORCE) || new_sasn != sasn(cpu) || !(how & LASP_NO_TEST)) {
		enum pic pic = asn_translate(cpu, new_sasn, &secondary);

		if (pic == PIC_ASN_SPEC)
			program_check(cpu, pic);
		if (pic || (!(how & LASP_NO_TEST) &&
			    !authorized(cpu, &secondary, ax, AUTHORITY_SECONDARY))) {
			set_cc(cpu, 2);
			return;
		}
	}
	cpu->cr[1] = primary.std;
	cpu->cr[3] = (uint32_t)(value >> 32);
	cpu->cr[4] = (uint32_t)ax << 16 | new_pasn;
	cpu->cr[5] = primary.ltd;
	cpu->cr[7] = secondary.std;
	set_cc(cpu, 0);
	tlb_select(cpu);
}
