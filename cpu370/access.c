/*
 * Storage as the CPU's own instructions see it: dynamic address translation,
 * protection, reference and change recording, and the TLB that remembers all of it.
 *
 * GA22-7000, "Storage": Dynamic Address Translation, Protection.
 */
#include "cpu370/int.h"

#define CR0_LOW_ADDRESS 0x10000000u /* low-address protection control */
#define CR0_FORMAT      0x00F80000u /* page and segment size */
#define CR9_STORAGE     0x20000000u /* PER: storage alteration */

#define STE_INVALID   0x00000001u
#define STE_COMMON    0x00000002u
#define STE_PROTECTED 0x00000004u
#define STE_RESERVED  0x0F000000u

/* In tlb_ident.control, beside the PSW key and bits of CR0. */
#define IDENT_DAT       1u
#define IDENT_WATCHED       2u
#define IDENT_SECONDARY 4u

/* ---- dynamic address translation */

/* What CR0 bits 8-12 say: sizes, and how to read a page-table entry. */
struct dat_format {
	unsigned segment_shift, page_shift;
	unsigned ptl_shift;     /* page-table length unit: page index >> this */
	uint16_t invalid, reserved;
};

static bool dat_format(uint32_t cr0, struct dat_format *f)
{
	switch (cr0 & CR0_FORMAT) {
	case 0x00400000:
		*f = (struct dat_format){ 16, 11, 1, 0x0004, 0x0002 };
		return true;
	case 0x00800000:
		*f = (struct dat_format){ 16, 12, 0, 0x0008, 0x0000 };
		return true;
	case 0x00500000:
		*f = (struct dat_format){ 20, 11, 5, 0x0004, 0x0002 };
		return true;
	case 0x00900000:
		*f = (struct dat_format){ 20, 12, 4, 0x0008, 0x0000 };
		return true;
	default:
		return false;
	}
}

uint32_t dat_std(const struct cpu370 *cpu)
{
	return cpu->secondary ? cpu->cr[7] & ~1u : cpu->cr[1] & ~1u;
}

/* Big-endian field of n <= 4 bytes in real storage; false: not installed. */
static bool table_fetch(struct cpu370 *cpu, uint32_t raddr, unsigned n, uint32_t *value)
{
	const uint8_t *p = real_host(cpu, raddr, n);

	if (!p)
		return false;
	*value = n == 4 ? be32(p) : be16(p);
	return true;
}

struct dat_result dat_walk(struct cpu370 *cpu, uint32_t laddr, uint32_t std)
{
	struct dat_result r = { .kind = DAT_SPECIFICATION };
	uint32_t segment, page, ste, pte;
	struct dat_format f;

	if (!dat_format(cpu->cr[0], &f))
		return r;
	segment = laddr >> f.segment_shift;
	r.entry = ((std & 0x00FFFFC0) + segment * 4) & ADDRESS_MASK;
	/* The length counts 16 entries of 64K segments, or one of 1M each. */
	if (segment >> 4 > std >> 24) {
		r.kind = DAT_LENGTH_SEGMENT;
		return r;
	}
	if (!table_fetch(cpu, r.entry, 4, &ste)) {
		r.kind = DAT_ADDRESSING;
		return r;
	}
	if (ste & STE_INVALID) {
		r.kind = DAT_SEGMENT;
		return r;
	}
	if (ste & STE_RESERVED)
		return r;
	r.protected_segment = ste & STE_PROTECTED;

	page = (laddr & ((1u << f.segment_shift) - 1)) >> f.page_shift;
	r.entry = ((ste & 0x00FFFFF8) + page * 2) & ADDRESS_MASK;
	if (page >> f.ptl_shift > ste >> 28) {
		r.kind = DAT_LENGTH_PAGE;
		return r;
	}
	if (!table_fetch(cpu, r.entry, 2, &pte)) {
		r.kind = DAT_ADDRESSING;
		return r;
	}
	if (pte & f.invalid) {
		r.kind = DAT_PAGE;
		return r;
	}
	if (pte & f.reserved)
		return r;
	if (f.page_shift == 12) /* bits 13-14 extend the frame number */
		r.raddr = (pte & 0xFFF0) << 8 | (pte & 6) << 23 | (laddr & 0xFFF);
	else
		r.raddr = (pte & 0xFFF8) << 8 | (laddr & 0x7FF);
	r.kind = DAT_OK;
	return r;
}

enum pic dat_page_entry(struct cpu370 *cpu, uint32_t origin, uint32_t laddr, uint32_t *entry,
			uint16_t *invalid)
{
	struct dat_format f;

	if (!dat_format(cpu->cr[0], &f))
		return PIC_TRANSLATION_SPEC;
	laddr &= (1u << f.segment_shift) - 1;
	*entry = ((origin & 0x00FFFFF8) + (laddr >> f.page_shift) * 2) & ADDRESS_MASK;
	*invalid = f.invalid;
	return 0;
}

enum pic dat_pic(enum dat_result_kind kind)
{
	switch (kind) {
	case DAT_OK: return 0;
	case DAT_SEGMENT:
	case DAT_LENGTH_SEGMENT: return PIC_SEGMENT;
	case DAT_PAGE:
	case DAT_LENGTH_PAGE: return PIC_PAGE;
	case DAT_SPECIFICATION: return PIC_TRANSLATION_SPEC;
	case DAT_ADDRESSING: return PIC_ADDRESSING;
	}
	return PIC_ADDRESSING;
}

/* ---- the TLB */

static bool low_address_protected(const struct cpu370 *cpu)
{
	return cpu->cr[0] & CR0_LOW_ADDRESS;
}

/* Somebody wants to see every store: PER, or the owner. */
static bool stores_watched(const struct cpu370 *cpu)
{
	return (cpu->per && (cpu->cr[9] & CR9_STORAGE)) || (cpu->trace & CPU_TRACE_DONE);
}

static void watch_store(struct cpu370 *cpu, uint32_t laddr, unsigned n)
{
	if (cpu->per && (cpu->cr[9] & CR9_STORAGE))
		per_store(cpu, laddr, n);
	if (cpu->watching)
		trace_store(cpu, laddr, n);
}

static void set_clear(struct cpu370 *cpu, struct tlb_set *set)
{
	memset(set->entry, 0xFF, sizeof(set->entry));
	set->serial = ++cpu->set_serial;
}

static void set_use(struct cpu370 *cpu, unsigned i)
{
	struct tlb_set *set = &cpu->sets[i];

	cpu->set_current = i;
	set->used = ++cpu->set_clock;
	cpu->tlb = set->entry;
	cpu->jump_tag = (uint64_t)set->serial << 24;
}

void tlb_select(struct cpu370 *cpu)
{
	struct tlb_ident id = { 0, cpu->key };
	unsigned oldest = 0;

	if (cpu->dat) {
		id.std = dat_std(cpu);
		id.control |= IDENT_DAT | (cpu->cr[0] & CR0_FORMAT) |
			      (cpu->secondary ? IDENT_SECONDARY : 0);
	}
	if (low_address_protected(cpu))
		id.control |= CR0_LOW_ADDRESS;
	if (stores_watched(cpu))
		id.control |= IDENT_WATCHED;
	for (unsigned i = 0; i < TLB_SETS; i++) {
		struct tlb_set *set = &cpu->sets[i];

		if (set->serial && set->ident.std == id.std &&
		    set->ident.control == id.control) {
			if (i != cpu->set_current || !cpu->tlb)
				set_use(cpu, i);
			return;
		}
		if (set->used < cpu->sets[oldest].used)
			oldest = i;
	}
	cpu->sets[oldest].ident = id;
	set_clear(cpu, &cpu->sets[oldest]);
	set_use(cpu, oldest);
}

void tlb_purge(struct cpu370 *cpu)
{
	cpu->stats.tlb_purges++;
	cpu->stats.tlb_purges++;
	for (unsigned i = 0; i < TLB_SETS; i++)
		cpu->sets[i].serial = 0;
	cpu->tlb = NULL;
	tlb_select(cpu);
}

/* What PTLB and IPTE concern: real addresses are not translated. */
void tlb_purge_dat(struct cpu370 *cpu)
{
	cpu->stats.tlb_purges++;
	cpu->stats.tlb_purges++;
	for (unsigned i = 0; i < TLB_SETS; i++)
		if (cpu->sets[i].ident.control & IDENT_DAT)
			cpu->sets[i].serial = 0;
	cpu->tlb = NULL;
	tlb_select(cpu);
}

static bool entry_of_frame(const struct cpu370 *cpu, const struct tlb_entry *e,
			   uint32_t frame)
{
	uintptr_t host = (uintptr_t)cpu->st->bytes + ((uintptr_t)frame << FRAME_SHIFT);

	return e->fetch != TLB_NONE && e->host + e->fetch == host;
}

void tlb_drop_frame(struct cpu370 *cpu, uint32_t frame)
{
	for (unsigned i = 0; i < TLB_SETS; i++) {
		struct tlb_set *set = &cpu->sets[i];

		if (!set->serial)
			continue;
		for (unsigned k = 0; k < TLB_ENTRIES; k++)
			if (entry_of_frame(cpu, &set->entry[k], frame))
				set->entry[k].fetch = set->entry[k].store = TLB_NONE;
		set->serial = ++cpu->set_serial;
	}
	cpu->jump_tag = (uint64_t)cpu->sets[cpu->set_current].serial << 24;
}

void tlb_drop_store(struct cpu370 *cpu, uint32_t frame)
{
	for (unsigned i = 0; i < TLB_SETS; i++)
		for (unsigned k = 0; cpu->sets[i].serial && k < TLB_ENTRIES; k++)
			if (entry_of_frame(cpu, &cpu->sets[i].entry[k], frame))
				cpu->sets[i].entry[k].store = TLB_NONE;
}

static enum pic translate(struct cpu370 *cpu, uint32_t laddr, uint32_t std, bool dat,
			  bool secondary, bool store, uint32_t *aaddr)
{
	struct dat_result r = { .kind = DAT_OK, .raddr = laddr };

	if (dat) {
		r = dat_walk(cpu, laddr, std);
		if (r.kind != DAT_OK) {
			cpu->trans_addr = laddr | (secondary ? 0x80000000u : 0);
			return dat_pic(r.kind);
		}
	}
	*aaddr = to_absolute(cpu, r.raddr);
	if (!storage_installed(cpu->st, *aaddr))
		return PIC_ADDRESSING;
	if (store && (r.protected_segment || (laddr < 512 && low_address_protected(cpu))))
		return PIC_PROTECTION;
	return 0;
}

static bool key_allows(uint8_t block, uint8_t key, bool store)
{
	return key == 0 || (block & KEY_ACCESS) == key || (!store && !(block & KEY_FETCH));
}

/*
 * The store tag for this piece of storage. Code marks can be trusted before a store
 * only if no other CPU sets them.
 */
static uint32_t store_tag(struct cpu370 *cpu, uint32_t page, uint32_t frame)
{
	if ((page == 0 && low_address_protected(cpu)) || stores_watched(cpu))
		return TLB_NONE;
	if (atomic_load(&cpu->st->cpu_count) == 1 || !atomic_load(&cpu->st->has_code[frame]))
		return page;
	return page | TLB_LOOK_AFTER;
}

enum pic tlb_fill(struct cpu370 *cpu, uint32_t laddr, bool store, uint8_t **host)
{
	uint32_t page = laddr & ~FRAME_OFFSET, aaddr, frame;
	struct tlb_entry *e = &cpu->tlb[(laddr >> FRAME_SHIFT) & (TLB_ENTRIES - 1)];
	uintptr_t base;
	enum pic pic;

	pic = translate(cpu, laddr, cpu->dat ? dat_std(cpu) : 0, cpu->dat, cpu->secondary,
			store, &aaddr);
	if (pic)
		return pic;
	frame = frame_of(aaddr);
	if (!key_allows(cpu->st->keys[frame], cpu->key, store))
		return PIC_PROTECTION;
	key_mark(cpu->st, frame, store ? KEY_REFERENCE | KEY_CHANGE : KEY_REFERENCE);

	cpu->stats.tlb_fills++;
	base = (uintptr_t)cpu->st->bytes + (aaddr & ~FRAME_OFFSET) - page;
	if (e->fetch != page || e->host != base)
		e->store = TLB_NONE;
	e->fetch = page;
	e->host = base;
	if (store)
		e->store = store_tag(cpu, page, frame);
	*host = (uint8_t *)(base + laddr);
	return 0;
}

/* What the TLB knows of a store, whether there is code or not. */
static uint8_t *known_store(struct cpu370 *cpu, uint32_t laddr)
{
	const struct tlb_entry *e = &cpu->tlb[(laddr >> FRAME_SHIFT) & (TLB_ENTRIES - 1)];

	return (e->store & ~TLB_LOOK_AFTER) == (laddr & ~FRAME_OFFSET)
		       ? host_pointer(e->host + laddr)
		       : NULL;
}

static uint8_t *host_for(struct cpu370 *cpu, uint32_t laddr, bool store)
{
	uint8_t *host = store ? known_store(cpu, laddr)
			      : (uint8_t *)(uintptr_t)tlb_fetch(cpu, laddr, 1);
	enum pic pic;

	if (host)
		return host;
	pic = tlb_fill(cpu, laddr, store, &host);
	if (pic)
		program_check(cpu, pic);
	return host;
}

uint8_t *access_with(struct cpu370 *cpu, uint32_t laddr, uint8_t key, uint32_t std,
		     bool secondary, bool store)
{
	uint32_t aaddr = 0;
	enum pic pic = translate(cpu, laddr, std, cpu->dat, secondary, store, &aaddr);

	if (!pic && !key_allows(cpu->st->keys[frame_of(aaddr)], key, store))
		pic = PIC_PROTECTION;
	if (pic)
		program_check(cpu, pic);
	key_mark(cpu->st, frame_of(aaddr),
		 store ? KEY_REFERENCE | KEY_CHANGE : KEY_REFERENCE);
	return cpu->st->bytes + aaddr;
}

enum pic access_probe(struct cpu370 *cpu, uint32_t laddr, uint8_t key, bool store)
{
	uint32_t aaddr = 0;
	enum pic pic = translate(cpu, laddr, cpu->dat ? dat_std(cpu) : 0, cpu->dat,
				 cpu->secondary, store, &aaddr);

	if (!pic && !key_allows(cpu->st->keys[frame_of(aaddr)], key, store))
		pic = PIC_PROTECTION;
	return pic;
}

/* ---- operands */

static unsigned in_frame(uint32_t laddr, unsigned n)
{
	unsigned rest = FRAME_SIZE - (laddr & FRAME_OFFSET);

	return n < rest ? n : rest;
}

void check_fetch(struct cpu370 *cpu, uint32_t laddr, unsigned n)
{
	while (n > 0) {
		unsigned k = in_frame(laddr, n);

		host_for(cpu, laddr, false);
		laddr = (laddr + k) & ADDRESS_MASK;
		n -= k;
	}
}

void check_store(struct cpu370 *cpu, uint32_t laddr, unsigned n)
{
	while (n > 0) {
		/* Low-address protection has a boundary inside a frame. */
		unsigned k = in_frame(laddr, n);

		host_for(cpu, laddr, true);
		laddr = (laddr + k) & ADDRESS_MASK;
		n -= k;
	}
}

void fetch_bytes(struct cpu370 *cpu, uint32_t laddr, unsigned n, void *to)
{
	uint8_t *out = to;

	while (n > 0) {
		unsigned k = in_frame(laddr, n);

		guest_copy(out, host_for(cpu, laddr, false), k);
		out += k;
		laddr = (laddr + k) & ADDRESS_MASK;
		n -= k;
	}
}

/* The change is in storage: tell block caches. */
static void stored(struct cpu370 *cpu, const uint8_t *host, unsigned n)
{
	uint32_t aaddr = (uint32_t)(host - cpu->st->bytes);

	full_fence();
	if (atomic_load(&cpu->st->has_code[frame_of(aaddr)]))
		block_stored(cpu, aaddr, n);
}

void stored_at(struct cpu370 *cpu, uint32_t laddr, const uint8_t *host, unsigned n)
{
	if (stores_watched(cpu))
		watch_store(cpu, laddr, n);
	stored(cpu, host, n);
}

void store_bytes(struct cpu370 *cpu, uint32_t laddr, unsigned n, const void *from)
{
	const uint8_t *in = from;

	check_store(cpu, laddr, n);
	if (stores_watched(cpu))
		watch_store(cpu, laddr, n);
	while (n > 0) {
		unsigned k = in_frame(laddr, n);
		uint8_t *host = host_for(cpu, laddr, true);

		guest_copy(host, in, k);
		stored(cpu, host, k);
		in += k;
		laddr = (laddr + k) & ADDRESS_MASK;
		n -= k;
	}
}

void span_fetch(struct cpu370 *cpu, uint32_t laddr, unsigned n, struct span *span)
{
	span->laddr = laddr;
	span->watched = false;
	span->n[0] = in_frame(laddr, n);
	span->n[1] = n - span->n[0];
	span->at[0] = host_for(cpu, laddr, false);
	span->at[1] = NULL;
	if (span->n[1])
		span->at[1] = host_for(cpu, (laddr + span->n[0]) & ADDRESS_MASK, false);
}

void span_store(struct cpu370 *cpu, uint32_t laddr, unsigned n, struct span *span)
{
	span->laddr = laddr;
	span->n[0] = in_frame(laddr, n);
	span->n[1] = n - span->n[0];
	span->at[0] = host_for(cpu, laddr, true);
	span->at[1] = NULL;
	if (span->n[1])
		span->at[1] = host_for(cpu, (laddr + span->n[0]) & ADDRESS_MASK, true);
	span->watched = span->n[1] || !tlb_store(cpu, laddr, n);
}

void span_stored(struct cpu370 *cpu, const struct span *span)
{
	if (!span->watched)
		return;
	if (stores_watched(cpu))
		watch_store(cpu, span->laddr, span->n[0] + span->n[1]);
	stored(cpu, span->at[0], span->n[0]);
	if (span->n[1])
		stored(cpu, span->at[1], span->n[1]);
}

/* ---- real storage */

uint8_t *real_host(struct cpu370 *cpu, uint32_t raddr, unsigned n)
{
	uint32_t aaddr = to_absolute(cpu, raddr);

	if (!storage_installed(cpu->st, aaddr) || !storage_installed(cpu->st, aaddr + n - 1))
		return NULL;
	return cpu->st->bytes + aaddr;
}

void real_store(struct cpu370 *cpu, uint32_t raddr, const void *from, unsigned n)
{
	uint8_t *host = real_host(cpu, raddr, n);

	if (!host)
		return;
	guest_copy(host, from, n);
	key_mark(cpu->st, frame_of((uint32_t)(host - cpu->st->bytes)),
		 KEY_REFERENCE | KEY_CHANGE);
	stored(cpu, host, n);
}
