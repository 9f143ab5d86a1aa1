/*
 * Control instructions. GA22-7000, "Control Instructions". The dual-address-space
 * ones are in dualspace.c, SIGNAL PROCESSOR in sigp.c.
 */
#include "cpu370/int.h"

#define CR0_SSM_SUPPRESSION 0x40000000u
#define CR0_EXTRACTION      0x08000000u

/* Operand of a privileged instruction that must lie on a boundary of n bytes. */
static uint32_t aligned(struct cpu370 *cpu, const struct insn *in, unsigned n)
{
	uint32_t laddr = address_1(cpu, in);

	if (laddr & (n - 1))
		program_check(cpu, PIC_SPECIFICATION);
	return laddr;
}

/* ---- PSW */

void op_lpsw(struct cpu370 *cpu, const struct insn *in)
{
	psw_load(cpu, fetch64(cpu, aligned(cpu, in, 8)));
	cpu->early_ilc = 0;
	cpu->wait_ilc = 4;
}

void op_ssm(struct cpu370 *cpu, const struct insn *in)
{
	if (cpu->cr[0] & CR0_SSM_SUPPRESSION)
		program_check(cpu, PIC_SPECIAL_OPERATION);
	system_mask_set(cpu, fetch8(cpu, address_1(cpu, in)), in->ilc);
}

void op_stnsm(struct cpu370 *cpu, const struct insn *in)
{
	store8(cpu, address_1(cpu, in), cpu->system_mask);
	system_mask_set(cpu, cpu->system_mask & in->i2, in->ilc);
}

void op_stosm(struct cpu370 *cpu, const struct insn *in)
{
	store8(cpu, address_1(cpu, in), cpu->system_mask);
	system_mask_set(cpu, cpu->system_mask | in->i2, in->ilc);
}

/* In the problem state: under the extraction-authority control. */
void op_ipk(struct cpu370 *cpu, const struct insn *in)
{
	(void)in;
	if (cpu->problem && !(cpu->cr[0] & CR0_EXTRACTION))
		program_check(cpu, PIC_PRIVILEGED);
	cpu->gr[2] = (cpu->gr[2] & 0xFFFFFF00) | cpu->key;
}

/* In the problem state: keys that the PSW-key mask in CR3 allows. */
void op_spka(struct cpu370 *cpu, const struct insn *in)
{
	uint8_t key = address_1(cpu, in) & 0xF0;

	if (cpu->problem && !(cpu->cr[3] & 0x80000000u >> (key >> 4)))
		program_check(cpu, PIC_PRIVILEGED);
	cpu->key = key;
	tlb_select(cpu);
}

/* ---- control registers */

static unsigned register_count(const struct insn *in)
{
	return ((in->r2 - in->r1) & 15u) + 1;
}

void op_lctl(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t laddr = aligned(cpu, in, 4);
	unsigned n = register_count(in);
	uint8_t words[64];

	fetch_bytes(cpu, laddr, n * 4, words);
	for (unsigned i = 0; i < n; i++)
		cpu->cr[(in->r1 + i) & 15] = be32(words + i * 4);
	tlb_select(cpu);
}

void op_stctl(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t laddr = aligned(cpu, in, 4);
	unsigned n = register_count(in);
	uint8_t words[64];

	for (unsigned i = 0; i < n; i++)
		put_be32(words + i * 4, cpu->cr[(in->r1 + i) & 15]);
	store_bytes(cpu, laddr, n * 4, words);
}

/* ---- storage keys */

/* Frame of a real address that an instruction on keys names. */
static uint32_t key_frame(struct cpu370 *cpu, uint32_t raddr)
{
	uint32_t aaddr = to_absolute(cpu, raddr);

	if (!storage_installed(cpu->st, aaddr))
		program_check(cpu, PIC_ADDRESSING);
	return frame_of(aaddr);
}

/* No CPU goes by the old key when the instruction has ended. */
static void key_changed(struct cpu370 *cpu, uint32_t frame)
{
	tlb_drop_frame(cpu, frame);
	cpu_sync_others(cpu, CPU_PENDING_PURGE);
}

/* Frame for SSK and ISK: bits 8-20 of R2; bits 28-31 must be zero. */
static uint32_t ssk_frame(struct cpu370 *cpu, const struct insn *in)
{
	if (cpu->gr[in->r2] & 15)
		program_check(cpu, PIC_SPECIFICATION);
	return key_frame(cpu, cpu->gr[in->r2] & 0x00FFF800);
}

void op_ssk(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t frame = ssk_frame(cpu, in);

	cpu->st->keys[frame] = cpu->gr[in->r1] & 0xFE;
	key_changed(cpu, frame);
}

/* Bits 24-28 in BC mode, the rest of the byte zero; 24-30 in EC mode. */
void op_isk(struct cpu370 *cpu, const struct insn *in)
{
	uint8_t key = cpu->st->keys[ssk_frame(cpu, in)] & (cpu->ec ? 0xFE : 0xF8);

	cpu->gr[in->r1] = (cpu->gr[in->r1] & 0xFFFFFF00) | key;
}

/* cc: 2 times the reference bit plus the change bit, as they were. */
static unsigned reset_reference(struct cpu370 *cpu, uint32_t frame)
{
	uint8_t old = atomic_fetch_and(&cpu->st->keys[frame], (uint8_t)~KEY_REFERENCE);

	key_changed(cpu, frame);
	return (old & (KEY_REFERENCE | KEY_CHANGE)) >> 1;
}

void op_rrb(struct cpu370 *cpu, const struct insn *in)
{
	set_cc(cpu, reset_reference(cpu, key_frame(cpu, address_1(cpu, in))));
}

/* The extended forms work on a 4K block, two frames here; first of them. */
static uint32_t block_frame(struct cpu370 *cpu, const struct insn *in)
{
	return key_frame(cpu, cpu->gr[in->r2] & 0x7FFFF000);
}

void op_sske(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t frame = block_frame(cpu, in);

	for (uint32_t f = frame; f < frame + 2; f++) {
		cpu->st->keys[f] = cpu->gr[in->r1] & 0xFE;
		key_changed(cpu, f);
	}
}

void op_iske(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t frame = block_frame(cpu, in);
	uint8_t marks = cpu->st->keys[frame + 1] & (KEY_REFERENCE | KEY_CHANGE);
	uint8_t key = cpu->st->keys[frame] | marks;

	cpu->gr[in->r1] = (cpu->gr[in->r1] & 0xFFFFFF00) | (key & 0xFE);
}

void op_rrbe(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t frame = block_frame(cpu, in);
	unsigned first = reset_reference(cpu, frame);

	set_cc(cpu, first | reset_reference(cpu, frame + 1));
}

/* ---- translation */

void op_ptlb(struct cpu370 *cpu, const struct insn *in)
{
	(void)in;
	tlb_purge_dat(cpu);
}

/*
 * INVALIDATE PAGE TABLE ENTRY: R1 holds a page-table origin as in a segment-table
 * entry, R2 an address in the page. Every CPU forgets its translations.
 */
/*
 * May the program change the page-table entry at a real address? GA22-7000,
 * INVALIDATE PAGE TABLE ENTRY: protection applies to fetching and storing it.
 */
static bool entry_protected(const struct cpu370 *cpu, uint32_t raddr)
{
	uint8_t key = cpu->st->keys[to_absolute(cpu, raddr) >> FRAME_SHIFT];

	if (raddr < 512 && (cpu->cr[0] & 0x10000000))
		return true;
	return cpu->key != 0 && (key & KEY_ACCESS) != cpu->key;
}

void op_ipte(struct cpu370 *cpu, const struct insn *in)
{
	uint16_t invalid;
	uint32_t entry;
	uint8_t *p, b[2];
	enum pic pic = dat_page_entry(cpu, cpu->gr[in->r1], cpu->gr[in->r2] & ADDRESS_MASK,
				      &entry, &invalid);

	if (pic)
		program_check(cpu, pic);
	p = real_host(cpu, entry, 2);
	if (!p)
		program_check(cpu, PIC_ADDRESSING);
	if (entry_protected(cpu, entry))
		program_check(cpu, PIC_PROTECTION);
	put_be16(b, be16(p) | invalid);
	real_store(cpu, entry, b, 2);
	tlb_purge_dat(cpu);
	cpu_sync_others(cpu, CPU_PENDING_PURGE);
}

/*
 * LOAD REAL ADDRESS: cc 0 translated; 1 segment, 2 page invalid, R1 the address of
 * the entry; 3 a length is exceeded, R1 the address the entry would have.
 */
void op_lra(struct cpu370 *cpu, const struct insn *in)
{
	struct dat_result r = dat_walk(cpu, address_rx(cpu, in), dat_std(cpu));

	switch (r.kind) {
	case DAT_OK:
		cpu->gr[in->r1] = r.raddr;
		set_cc(cpu, 0);
		return;
	case DAT_SEGMENT:
	case DAT_PAGE:
	case DAT_LENGTH_SEGMENT:
	case DAT_LENGTH_PAGE:
		cpu->gr[in->r1] = r.entry;
		set_cc(cpu, r.kind == DAT_SEGMENT ? 1 : r.kind == DAT_PAGE ? 2 : 3);
		return;
	case DAT_SPECIFICATION:
	case DAT_ADDRESSING:
		program_check(cpu, dat_pic(r.kind));
	}
}

/*
 * TEST PROTECTION: cc 0 fetch and store allowed with the key in bits 24-27 of the
 * second address, 1 fetch only, 2 neither, 3 no translation.
 */
void op_tprot(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t laddr = address_1(cpu, in);
	uint8_t key = address_2(cpu, in) & 0xF0;
	enum pic fetch = access_probe(cpu, laddr, key, false);
	enum pic store = access_probe(cpu, laddr, key, true);

	if (fetch == PIC_SEGMENT || fetch == PIC_PAGE)
		set_cc(cpu, 3);
	else if (fetch && fetch != PIC_PROTECTION)
		program_check(cpu, fetch);
	else
		set_cc(cpu, fetch ? 2 : store ? 1 : 0);
}

/* TEST BLOCK: clears the 4K block; cc 0 usable, as all installed storage is. */
void op_tb(struct cpu370 *cpu, const struct insn *in)
{
	static const uint8_t zeros[FRAME_SIZE];
	uint32_t raddr = cpu->gr[in->r2] & 0x7FFFF000;

	key_frame(cpu, raddr);
	if (raddr == 0 && (cpu->cr[0] & 0x10000000))
		program_check(cpu, PIC_PROTECTION);
	real_store(cpu, raddr, zeros, FRAME_SIZE);
	real_store(cpu, raddr + FRAME_SIZE, zeros, FRAME_SIZE);
	cpu->gr[0] = 0;
	set_cc(cpu, 0);
}

/* ---- identification and prefix */

void op_stidp(struct cpu370 *cpu, const struct insn *in)
{
	store64(cpu, aligned(cpu, in, 8), cpu->cpuid);
}

void op_stap(struct cpu370 *cpu, const struct insn *in)
{
	store16(cpu, aligned(cpu, in, 2), cpu->address);
}

void op_spx(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t prefix = fetch32(cpu, aligned(cpu, in, 4)) & 0x00FFF000;

	if (prefix >= cpu->st->size)
		program_check(cpu, PIC_ADDRESSING);
	cpu->prefix = prefix;
	tlb_purge(cpu);
}

void op_stpx(struct cpu370 *cpu, const struct insn *in)
{
	store32(cpu, aligned(cpu, in, 4), cpu->prefix);
}

/* ---- clocks */

/* The key that enables setting is always on: cc 0. */
void op_sck(struct cpu370 *cpu, const struct insn *in)
{
	uint64_t value = fetch64(cpu, aligned(cpu, in, 8));

	atomic_store(&cpu->st->tod_offset, value - clock_tod(cpu->clock));
	atomic_store(&cpu->st->last_stck, 0);
	timers_update(cpu);
	cpu_tell_others(cpu, CPU_PENDING_TIMER);
	set_cc(cpu, 0);
}

void op_sckc(struct cpu370 *cpu, const struct insn *in)
{
	cpu->comparator = fetch64(cpu, aligned(cpu, in, 8));
	timers_update(cpu);
}

void op_stckc(struct cpu370 *cpu, const struct insn *in)
{
	store64(cpu, aligned(cpu, in, 8), cpu->comparator);
}

void op_spt(struct cpu370 *cpu, const struct insn *in)
{
	cpu_timer_set(cpu, fetch64(cpu, aligned(cpu, in, 8)));
	timers_update(cpu);
}

void op_stpt(struct cpu370 *cpu, const struct insn *in)
{
	store64(cpu, aligned(cpu, in, 8), cpu_timer(cpu));
}
