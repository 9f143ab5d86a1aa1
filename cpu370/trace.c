/*
 * Telling the owner what the CPU does: the events behind CP's TRACE.
 *
 * Interruptions and I/O instructions are reported where they happen, from one test
 * of a word; instructions by the run loop, which executes one at a time meanwhile.
 */
#include "cpu370/int.h"
#include "cpu370/opcodes.h"

/* Old PSWs. GA22-7000, "Interruptions", assigned storage. */
enum {
	RESTART_OLD = 0x08, EXTERNAL_OLD = 0x18, SVC_OLD = 0x20, PROGRAM_OLD = 0x28,
	IO_OLD = 0x38,
};

void cpu370_set_trace(struct cpu370 *cpu, unsigned kinds)
{
	cpu->trace = cpu->owner.trace ? kinds : 0;
	cpu->trace_stop = false;
	cpu->trace_told = 0;
	cpu370_post(cpu, 0); /* a running block ends */
}

static void report(struct cpu370 *cpu, const struct cpu_trace *what)
{
	bool inside = atomic_load(&cpu->inside);

	if (inside)
		cpu_outside(cpu);
	if (cpu->owner.trace(cpu->owner.arg, cpu, what))
		cpu->trace_stop = true;
	if (inside)
		cpu_inside(cpu);
}

static enum cpu_trace_kind kind_of(uint32_t old)
{
	switch (old) {
	case SVC_OLD: return CPU_TRACE_SVC;
	case PROGRAM_OLD: return CPU_TRACE_PROGRAM;
	case IO_OLD: return CPU_TRACE_IO;
	case EXTERNAL_OLD:
	case RESTART_OLD: return CPU_TRACE_EXTERNAL;
	default: return 0; /* machine checks are nobody's */
	}
}

void trace_interruption(struct cpu370 *cpu, uint32_t old, uint64_t new_psw, uint16_t code,
			unsigned ilc)
{
	const struct cpu_trace what = { .kind = kind_of(old), .ia = cpu->ia, .length = ilc,
					.new_psw = new_psw, .interruption = code,
					.restart = old == RESTART_OLD };

	if (cpu->trace & what.kind)
		report(cpu, &what);
}

/* From an op: cpu->ia is behind the instruction, or behind the EX that executes it. */
void trace_io(struct cpu370 *cpu, uint16_t address, unsigned cc)
{
	struct cpu_trace what = { .kind = CPU_TRACE_IO_INSN, .length = 4,
				  .address = address, .cc = cc,
				  .ia = (cpu->ia - 4) & ADDRESS_MASK };

	if (fetch_insn(cpu, what.ia, what.code))
		what.length = 0;
	report(cpu, &what);
}

void trace_insn(struct cpu370 *cpu)
{
	struct cpu_trace what = { .kind = CPU_TRACE_INSN, .ia = cpu->ia };

	if (!fetch_insn(cpu, cpu->ia, what.code))
		what.length = insn_length(what.code[0]);
	report(cpu, &what);
}
