/*
 * SIGNAL PROCESSOR. GA22-7000, "Multiprocessing", CPU Signaling and Response.
 */
#include "cpu370/int.h"

enum order {
	SENSE = 1, EXTERNAL_CALL, EMERGENCY_SIGNAL, START, STOP, RESTART,
	INITIAL_PROGRAM_RESET, PROGRAM_RESET, STOP_AND_STORE, INITIAL_MICROPROGRAM_LOAD,
	INITIAL_CPU_RESET, CPU_RESET_ORDER,
};

#define STATUS_CALL_PENDING  0x80
#define STATUS_STOPPED       0x40
#define STATUS_CHECK_STOP    0x10
#define STATUS_INVALID_ORDER 0x02

static struct cpu370 *find(struct cpu370 *cpu, uint16_t address)
{
	if (cpu->owner.cpu_at)
		return cpu->owner.cpu_at(cpu->owner.arg, address);
	return address == cpu->address ? cpu : NULL;
}

static uint32_t status_of(const struct cpu370 *target)
{
	uint32_t status = 0;

	if (atomic_load(&target->ext) & EXT_CALL)
		status |= STATUS_CALL_PENDING;
	if (atomic_load(&target->run_state) == RUN_STOPPED)
		status |= STATUS_STOPPED;
	if (atomic_load(&target->run_state) == RUN_CHECK_STOP)
		status |= STATUS_CHECK_STOP;
	return status;
}

/* One external call at a time: a second one finds it pending. */
static uint32_t external_call(struct cpu370 *cpu, struct cpu370 *target)
{
	uint32_t nobody = 0;

	if (!atomic_compare_exchange_strong(&target->call_from, &nobody,
					    CALL_PENDING | cpu->address))
		return STATUS_CALL_PENDING;
	atomic_fetch_or(&target->ext, EXT_CALL);
	cpu370_post(target, CPU_PENDING_EXTERNAL);
	return 0;
}

static uint32_t emergency_signal(struct cpu370 *cpu, struct cpu370 *target)
{
	atomic_fetch_or(&target->emergency, 1u << (cpu->address & 31));
	atomic_fetch_or(&target->ext, EXT_EMERGENCY);
	cpu370_post(target, CPU_PENDING_EXTERNAL);
	return 0;
}

/* Start, stop and resets concern the thread that runs the target: the owner's. */
static uint32_t ask_owner(struct cpu370 *cpu, struct cpu370 *target, unsigned order)
{
	uint32_t status = STATUS_INVALID_ORDER;

	if (cpu->owner.sigp)
		status = cpu->owner.sigp(cpu->owner.arg, cpu, target, order);
	return status;
}

/* cc 0 accepted, 1 status in R1, 3 not operational. */
void op_sigp(struct cpu370 *cpu, const struct insn *in)
{
	unsigned order = address_1(cpu, in) & 0xFF;
	struct cpu370 *target = find(cpu, (uint16_t)cpu->gr[in->r2]);
	uint32_t status;

	if (!target) {
		set_cc(cpu, 3);
		return;
	}
	switch (order) {
	case SENSE: status = status_of(target); break;
	case EXTERNAL_CALL: status = external_call(cpu, target); break;
	case EMERGENCY_SIGNAL: status = emergency_signal(cpu, target); break;
	default:
		status = order >= START && order <= CPU_RESET_ORDER
				 ? ask_owner(cpu, target, order)
				 : STATUS_INVALID_ORDER;
	}
	if (status)
		cpu->gr[in->r1] = status;
	set_cc(cpu, status ? 1 : 0);
}
