/*
 * SIGNAL PROCESSOR. GA22-7000, "Multiprocessing", CPU Signaling and Response.
 *
 * External call and emergency signal are delivered here, by the sender's thread. The
 * orders that start, stop and reset belong to the thread that runs the target, so
 * they go to the owner.
 */
#include "cpu370/int.h"

static struct cpu370 *find(struct cpu370 *cpu, uint16_t address)
{
	if (cpu->owner.cpu_at)
		return cpu->owner.cpu_at(cpu->owner.arg, address);
	return address == cpu->address ? cpu : NULL;
}

static bool in_check_stop(const struct cpu370 *target)
{
	return atomic_load(&target->run_state) == RUN_CHECK_STOP;
}

static uint32_t status_of(const struct cpu370 *target)
{
	uint32_t status = 0;

	if (atomic_load(&target->call_from))
		status |= SIGP_CALL_PENDING;
	if (atomic_load(&target->run_state) == RUN_STOPPED)
		status |= SIGP_STOPPED;
	if (in_check_stop(target))
		status |= SIGP_CHECK_STOP;
	return status;
}

/* One external call at a time: a second one finds it pending. */
static uint32_t external_call(struct cpu370 *cpu, struct cpu370 *target)
{
	uint32_t nobody = 0;

	if (!atomic_compare_exchange_strong(&target->call_from, &nobody,
					    CALL_PENDING | cpu->address))
		return SIGP_CALL_PENDING;
	cpu_tell(cpu, target, EXT_CALL, CPU_PENDING_EXTERNAL);
	return 0;
}

static uint32_t emergency_signal(struct cpu370 *cpu, struct cpu370 *target)
{
	atomic_fetch_or(&target->emergency, 1u << (cpu->address & 31));
	cpu_tell(cpu, target, EXT_EMERGENCY, CPU_PENDING_EXTERNAL);
	return 0;
}

/* What only the owner knows of the target: an order under way, the operator. */
static uint32_t ask_owner(struct cpu370 *cpu, struct cpu370 *target, unsigned order)
{
	if (!cpu->owner.sigp)
		return order <= SIGP_EMERGENCY_SIGNAL ? 0 : SIGP_INVALID_ORDER;
	return cpu->owner.sigp(cpu->owner.arg, cpu, target, order);
}

/* A check-stopped CPU takes only the orders that reset it. */
static bool resets(unsigned order)
{
	return order == SIGP_INITIAL_PROGRAM_RESET || order == SIGP_PROGRAM_RESET ||
	       order == SIGP_INITIAL_CPU_RESET || order == SIGP_CPU_RESET;
}

static uint32_t carry_out(struct cpu370 *cpu, struct cpu370 *target, unsigned order)
{
	uint32_t status;

	if (order < SIGP_SENSE || order > SIGP_CPU_RESET)
		return SIGP_INVALID_ORDER;
	if (in_check_stop(target) && order != SIGP_SENSE && !resets(order))
		return SIGP_CHECK_STOP;
	status = ask_owner(cpu, target, order);
	if (status & SIGP_BUSY)
		return status;
	switch (order) {
	case SIGP_SENSE: return status | status_of(target);
	case SIGP_EXTERNAL_CALL: return status ? status : external_call(cpu, target);
	case SIGP_EMERGENCY_SIGNAL: return status ? status : emergency_signal(cpu, target);
	default: return status;
	}
}

/* cc 0 accepted, 1 status in R1, 2 busy with an earlier order, 3 not operational. */
void op_sigp(struct cpu370 *cpu, const struct insn *in)
{
	struct cpu370 *target = find(cpu, (uint16_t)cpu->gr[in->r2]);
	uint32_t status;

	if (!target) {
		set_cc(cpu, 3);
		return;
	}
	status = carry_out(cpu, target, address_1(cpu, in) & 0xFF);
	if (status & SIGP_BUSY) {
		set_cc(cpu, 2);
		return;
	}
	if (status)
		cpu->gr[in->r1] = status;
	set_cc(cpu, status ? 1 : 0);
}
