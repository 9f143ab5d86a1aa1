#include "cpu370/cpu.h"

#include <errno.h>
#include <stdlib.h>

#include "cpu370/int.h"

struct cpu370 *cpu370_new(struct storage *st, const struct cpu_config *config,
			  const struct cpu_owner *owner, struct clock *clock,
			  struct error *err)
{
	struct cpu370 *cpu = aligned_alloc(64, (sizeof(*cpu) + 63) & ~(size_t)63);

	if (!cpu) {
		error_errno(err, ENOMEM, "CPU %u", config->address);
		return NULL;
	}
	memset(cpu, 0, sizeof(*cpu));
	cpu->st = st;
	cpu->arch = config->arch;
	cpu->address = config->address;
	cpu->cpuid = config->cpuid;
	if (owner)
		cpu->owner = *owner;
	cpu->clock = clock;
	cpu->interval_timer = ITIMER_REAL;
	cpu->jump = cpu->jump_cache;
	cpu->code_marks = (uintptr_t)st->code - ((uintptr_t)st->bytes >> 3);
	pthread_mutex_init(&cpu->kill_lock, NULL);
	cpu->blocks = block_cache_new(st, err);
	if (!cpu->blocks) {
		pthread_mutex_destroy(&cpu->kill_lock);
		free(cpu);
		return NULL;
	}
	memset(cpu->jump_cache, 0xFF, sizeof(cpu->jump_cache));
	cpu370_reset(cpu, CPU_RESET_CLEAR);
	if (storage_attach(st, cpu))
		return cpu;
	error_set(err, 0, "CPU %u: the storage has %u CPUs already", config->address,
		  STORAGE_CPUS);
	cpu370_free(cpu);
	return NULL;
}

void cpu370_free(struct cpu370 *cpu)
{
	if (!cpu)
		return;
	storage_detach(cpu->st, cpu);
	block_cache_free(cpu->blocks);
	pthread_mutex_destroy(&cpu->kill_lock);
	free(cpu);
}

struct storage *cpu370_storage(const struct cpu370 *cpu)
{
	return cpu->st;
}

void cpu_forget(struct cpu370 *cpu)
{
	tlb_purge(cpu);
	block_cache_clear(cpu);
}

uint64_t cpu370_icount(const struct cpu370 *cpu)
{
	return atomic_load_explicit(&cpu->icount_seen, memory_order_relaxed);
}

void cpu370_stats(const struct cpu370 *cpu, struct cpu_stats *stats)
{
	*stats = cpu->stats;
	stats->instructions = cpu370_icount(cpu);
}

/* ---- any thread */

void cpu370_post(struct cpu370 *cpu, uint32_t pending)
{
	atomic_fetch_or(&cpu->pending, pending);
	atomic_store(&cpu->limit, 0); /* see open_limit() in run.c */
}

void cpu370_unpost(struct cpu370 *cpu, uint32_t pending)
{
	atomic_fetch_and(&cpu->pending, ~pending);
}

void cpu370_external(struct cpu370 *cpu, uint16_t code)
{
	uint32_t ext = 0;

	switch (code) {
	case 0x4000: ext = EXT_IUCV; break;
	case 0x4001: ext = EXT_VMCF; break;
	case 0x2401: ext = EXT_SERVICE; break;
	default:
		ext = code & (EXT_ITIMER | EXT_KEY);
		if (code & 0x3F) {
			atomic_fetch_or(&cpu->signals, code & 0x3F);
			ext |= EXT_SIGNALS;
		}
	}
	atomic_fetch_or(&cpu->ext, ext);
	cpu370_post(cpu, CPU_PENDING_EXTERNAL);
}

void cpu370_machine_check(struct cpu370 *cpu, uint64_t code)
{
	atomic_fetch_or(&cpu->check_code, code);
	cpu370_post(cpu, CPU_PENDING_MCHK);
}

void cpu370_note_stopped(struct cpu370 *cpu, bool on)
{
	uint8_t old = on ? RUN_RUNNING : RUN_STOPPED;

	atomic_compare_exchange_strong(&cpu->run_state, &old, on ? RUN_STOPPED : RUN_RUNNING);
}

/* ---- resets: GA22-7000, "System Control", Resets */

static void initial_controls(struct cpu370 *cpu)
{
	memset(cpu->cr, 0, sizeof(cpu->cr));
	cpu->cr[0] = 0x000000E0;
	cpu->cr[2] = 0xFFFFFFFF;
	cpu->cr[14] = 0xC2000000;
	cpu->cr[15] = 0x00000200;
}

void cpu370_reset(struct cpu370 *cpu, enum cpu_reset kind)
{
	atomic_store(&cpu->ext, 0);
	atomic_store(&cpu->signals, 0);
	atomic_store(&cpu->emergency, 0);
	atomic_store(&cpu->malfunction, 0);
	atomic_store(&cpu->call_from, 0);
	atomic_store(&cpu->check_code, 0);
	cpu370_unpost(cpu, CPU_PENDING_RESTART | CPU_PENDING_MCHK | CPU_PENDING_EXTERNAL);
	atomic_store(&cpu->run_state, RUN_STOPPED);
	cpu->psw_invalid = false;
	cpu->step_next = cpu->leave = false;
	if (kind >= CPU_RESET_INITIAL) {
		cpu->prefix = 0;
		initial_controls(cpu);
		psw_load(cpu, 0);
		timers_reset(cpu);
	}
	if (kind == CPU_RESET_CLEAR) {
		memset(cpu->gr, 0, sizeof(cpu->gr));
		memset(cpu->fpr, 0, sizeof(cpu->fpr));
	}
	tlb_purge(cpu);
}

void cpu370_set_arch(struct cpu370 *cpu, enum cpu_arch arch)
{
	cpu->arch = arch;
	block_cache_clear(cpu); /* what is an instruction, and what is checked */
	cpu370_reset(cpu, CPU_RESET_INITIAL);
}

void cpu_save_registers(struct cpu370 *cpu, uint32_t aaddr)
{
	uint8_t b[4 * 8], r[16 * 4];
	uint8_t *base = cpu->st->bytes + aaddr;

	put_be64(b, cpu_timer(cpu));
	put_be64(b + 8, cpu->comparator);
	guest_copy(base + 0xD8, b, 16);
	for (unsigned i = 0; i < 4; i++)
		put_be64(b + 8 * i, cpu->fpr[2 * i]);
	guest_copy(base + 0x160, b, 32);
	for (unsigned i = 0; i < 16; i++)
		put_be32(r + 4 * i, cpu->gr[i]);
	guest_copy(base + 0x180, r, 64);
	for (unsigned i = 0; i < 16; i++)
		put_be32(r + 4 * i, cpu->cr[i]);
	guest_copy(base + 0x1C0, r, 64);
	storage_code_changed(cpu->st, aaddr + 0xD8, 0x200 - 0xD8, NULL);
}

void cpu370_store_status(struct cpu370 *cpu)
{
	uint8_t b[12];

	put_be64(b, psw_compose(cpu, 0, 0));
	put_be32(b + 8, cpu->prefix);
	guest_copy(cpu->st->bytes + 0x100, b, 12);
	cpu_save_registers(cpu, 0);
}

/* ---- registers */

void cpu370_set_cpuid(struct cpu370 *cpu, uint64_t cpuid)
{
	cpu->cpuid = cpuid;
}

uint64_t cpu370_psw(const struct cpu370 *cpu)
{
	return psw_compose(cpu, 0, cpu->wait ? cpu->wait_ilc : 0);
}

void cpu370_set_psw(struct cpu370 *cpu, uint64_t psw)
{
	psw_load(cpu, psw);
	cpu->early_ilc = 0;
	cpu->barren = 0;
}

uint32_t cpu370_gr(const struct cpu370 *cpu, unsigned n)
{
	return cpu->gr[n & 15];
}

void cpu370_set_gr(struct cpu370 *cpu, unsigned n, uint32_t value)
{
	cpu->gr[n & 15] = value;
}

uint32_t cpu370_cr(const struct cpu370 *cpu, unsigned n)
{
	return cpu->cr[n & 15];
}

void cpu370_set_cr(struct cpu370 *cpu, unsigned n, uint32_t value)
{
	cpu->cr[n & 15] = value;
	tlb_select(cpu);
}

uint64_t cpu370_fpr(const struct cpu370 *cpu, unsigned n)
{
	return cpu->fpr[n & 6];
}

void cpu370_set_fpr(struct cpu370 *cpu, unsigned n, uint64_t value)
{
	cpu->fpr[n & 6] = value;
}

uint32_t cpu370_prefix(const struct cpu370 *cpu)
{
	return cpu->prefix;
}

void cpu370_set_prefix(struct cpu370 *cpu, uint32_t prefix)
{
	cpu->prefix = prefix & 0x00FFF000;
	if (cpu->prefix >= cpu->st->size)
		cpu->prefix = 0;
	tlb_purge(cpu);
}

void cpu370_set_cc(struct cpu370 *cpu, unsigned cc)
{
	set_cc(cpu, cc);
}

uint32_t cpu370_real_to_absolute(const struct cpu370 *cpu, uint32_t raddr)
{
	return to_absolute(cpu, raddr);
}

int cpu370_translate(struct cpu370 *cpu, uint32_t laddr, uint32_t *raddr)
{
	struct dat_result r = { .kind = DAT_OK, .raddr = laddr & ADDRESS_MASK };

	if (cpu->dat)
		r = dat_walk(cpu, laddr & ADDRESS_MASK, dat_std(cpu));
	if (r.kind == DAT_OK)
		*raddr = r.raddr;
	return (int)dat_pic(r.kind);
}

/* ---- breakpoints */

bool cpu370_set_break(struct cpu370 *cpu, uint32_t laddr)
{
	cpu370_clear_break(cpu, laddr);
	if (cpu->break_count == ARRAY_SIZE(cpu->breaks))
		return false;
	cpu->breaks[cpu->break_count++] = laddr & ADDRESS_MASK;
	return true;
}

void cpu370_clear_break(struct cpu370 *cpu, uint32_t laddr)
{
	for (unsigned i = 0; i < cpu->break_count; i++)
		if (cpu->breaks[i] == (laddr & ADDRESS_MASK))
			cpu->breaks[i] = cpu->breaks[--cpu->break_count];
}

/* ---- clocks */

void cpu370_set_interval_timer(struct cpu370 *cpu, enum cpu_itimer mode)
{
	cpu->interval_timer = mode;
	cpu->itimer_seen = clock_tod(cpu->clock);
}

void cpu370_owner_waits(struct cpu370 *cpu, bool on)
{
	if (on)
		timers_end(cpu);
	else if (cpu->interval_timer == ITIMER_VIRTUAL)
		cpu->itimer_seen = clock_tod(cpu->clock);
}
