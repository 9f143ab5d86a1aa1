/*
 * Several CPUs on one storage: how one of them makes sure that the others have
 * forgotten what is no longer true.
 *
 * GA22-7000, "Multiprocessing", and "System Control": INVALIDATE PAGE TABLE ENTRY and
 * the instructions that set keys are complete only when no CPU uses the old entry or
 * key any more. So the CPU that executes one posts its request to the others and waits
 * until each has answered: in requests() between two blocks, at its next serializing
 * instruction, or by not being inside cpu370_run() at all, since it looks at its pending
 * word before it executes anything. While a CPU waits it does what others ask of it, and
 * one that is in a function of its owner counts as outside: there is no circle.
 *
 * The same wait makes a frame safe to decode: when it is over, no CPU has a store tag
 * for the frame, and all stores made by one are in storage.
 */
#include "cpu370/int.h"

#include <sched.h>

#define SPINS 200 /* looks at another CPU before the host may run somebody else */

void cpu_obey(struct cpu370 *cpu)
{
	/* First the ticket: what was asked before it was drawn is in the pending word. */
	uint32_t wanted = atomic_load(&cpu->sync_wanted);
	uint32_t pending = atomic_fetch_and(&cpu->pending,
					    ~(uint32_t)(CPU_PENDING_KILL | CPU_PENDING_PURGE));

	if (pending & CPU_PENDING_KILL)
		block_requests(cpu);
	if (pending & CPU_PENDING_PURGE)
		tlb_purge(cpu);
	atomic_store(&cpu->sync_done, wanted);
}

/* The other CPUs of the storage. */
static unsigned others(struct cpu370 *cpu, struct cpu370 *list[STORAGE_CPUS])
{
	struct storage *st = cpu->st;
	unsigned n = 0;

	pthread_mutex_lock(&st->lock);
	for (unsigned i = 0; i < st->cpu_count; i++)
		if (st->cpus[i] != cpu)
			list[n++] = st->cpus[i];
	pthread_mutex_unlock(&st->lock);
	return n;
}

/* Has target done all that was asked of it before ticket, or will before it goes on? */
static bool answered(struct cpu370 *target, uint32_t ticket)
{
	return !atomic_load(&target->inside) ||
	       (int32_t)(atomic_load(&target->sync_done) - ticket) >= 0;
}

static void await(struct cpu370 *cpu, struct cpu370 *target, uint32_t ticket)
{
	for (unsigned spins = 0; !answered(target, ticket); spins++) {
		if (atomic_load(&cpu->pending) & (CPU_PENDING_KILL | CPU_PENDING_PURGE))
			cpu_obey(cpu);
		if (spins >= SPINS)
			sched_yield();
	}
}

void cpu_sync_others(struct cpu370 *cpu, uint32_t pending)
{
	struct cpu370 *list[STORAGE_CPUS];
	uint32_t ticket[STORAGE_CPUS];
	unsigned n;

	if (atomic_load(&cpu->st->cpu_count) == 1)
		return;
	cpu->stats.waits++;
	n = others(cpu, list);
	for (unsigned i = 0; i < n; i++) {
		cpu370_post(list[i], pending);
		ticket[i] = atomic_fetch_add(&list[i]->sync_wanted, 1) + 1;
		/* Again: the ticket was drawn after it may have taken the first one. */
		cpu370_post(list[i], CPU_PENDING_KILL);
	}
	for (unsigned i = 0; i < n; i++)
		await(cpu, list[i], ticket[i]);
}

void cpu_outside(struct cpu370 *cpu)
{
	atomic_store(&cpu->inside, false);
}

void cpu_inside(struct cpu370 *cpu)
{
	atomic_store(&cpu->inside, true);
	if (atomic_load(&cpu->pending) & (CPU_PENDING_KILL | CPU_PENDING_PURGE))
		cpu_obey(cpu);
}

void cpu_tell(struct cpu370 *cpu, struct cpu370 *target, uint32_t ext, uint32_t pending)
{
	atomic_fetch_or(&target->ext, ext);
	cpu370_post(target, pending);
	if (cpu->owner.posted && target != cpu)
		cpu->owner.posted(cpu->owner.arg, target);
}

void cpu_tell_others(struct cpu370 *cpu, uint32_t pending)
{
	struct cpu370 *list[STORAGE_CPUS];
	unsigned n;

	if (atomic_load(&cpu->st->cpu_count) == 1)
		return;
	n = others(cpu, list);
	for (unsigned i = 0; i < n; i++)
		cpu_tell(cpu, list[i], 0, pending);
}

/* GA22-7000, "Interruptions", Malfunction Alert: this CPU is in the check-stop state. */
void cpu_malfunction_alert(struct cpu370 *cpu)
{
	struct cpu370 *list[STORAGE_CPUS];
	unsigned n = others(cpu, list);

	for (unsigned i = 0; i < n; i++) {
		atomic_fetch_or(&list[i]->malfunction, 1u << (cpu->address & 31));
		cpu_tell(cpu, list[i], EXT_MALFUNCTION, CPU_PENDING_EXTERNAL);
	}
}
