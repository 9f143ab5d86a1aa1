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
	tlb_select(cpu);
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

/* ---- what an instruction did */

void trace_watch(struct cpu370 *cpu, const uint8_t code[6])
{
	cpu->watching = true;
	cpu->done_ia = cpu->ia;
	memcpy(cpu->done_code, code, 6);
	cpu->done = (struct cpu_done){ .completed = false };
	memcpy(cpu->done.gr, cpu->gr, sizeof(cpu->done.gr));
	cpu->per_branched = false;
}

void trace_ex(struct cpu370 *cpu, uint32_t laddr, const uint8_t code[6])
{
	cpu->done.ex = true;
	cpu->done.ex_at = laddr;
	memcpy(cpu->done.ex_code, code, 6);
}

/* One place, not around the end of storage. */
static void note_store(struct cpu_done *done, uint32_t first, uint32_t last)
{
	unsigned i = done->stores ? done->stores - 1 : 0;

	if (done->stores && first == done->store[i].last + 1) {
		done->store[i].last = last;
	} else if (done->stores < CPU_DONE_STORES) {
		done->store[done->stores].first = first;
		done->store[done->stores++].last = last;
	} else {
		if (first < done->store[i].first)
			done->store[i].first = first;
		if (last > done->store[i].last)
			done->store[i].last = last;
	}
}

void trace_store(struct cpu370 *cpu, uint32_t laddr, unsigned n)
{
	uint32_t last = laddr + n - 1;

	if (!n)
		return;
	note_store(&cpu->done, laddr, last > ADDRESS_MASK ? ADDRESS_MASK : last);
	if (last > ADDRESS_MASK)
		note_store(&cpu->done, 0, last & ADDRESS_MASK);
}

void trace_done(struct cpu370 *cpu, bool completed)
{
	struct cpu_trace what = { .kind = CPU_TRACE_DONE, .ia = cpu->done_ia,
				  .length = insn_length(cpu->done_code[0]),
				  .done = &cpu->done };

	cpu->watching = false;
	if (!(cpu->trace & CPU_TRACE_DONE)) /* it was this instruction that ended it */
		return;
	memcpy(what.code, cpu->done_code, 6);
	cpu->done.completed = completed;
	cpu->done.branched = completed && cpu->per_branched;
	cpu->done.next = cpu->ia;
	if (!completed)
		cpu->done.stores = 0;
	report(cpu, &what);
}
