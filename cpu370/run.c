/*
 * The loop: interruptions, then a block of decoded instructions, again and again.
 *
 * Two ways to execute: blocks (block_get() and the handlers), and step(), one
 * instruction at a time from its bytes. step() runs what blocks cannot hold: an
 * instruction across two frames, everything under PER or with breakpoints set, and
 * the last instructions of a budget.
 */
#include "cpu370/engine.h"
#include "cpu370/run.h"

/* Instructions that may run between two looks at the limit. */
#define BLOCK_LIMIT 40

/* ---- handlers for what has no faster one */

struct insn *run_op(struct cpu370 *cpu, struct insn *in)
{
	cpu->cur = in;
	cpu->ia = after(cpu, in);
	insn_execute(cpu, in);
	if (UNLIKELY(cpu->leave))
		return leave_block(cpu, in);
	return next(cpu, in);
}

/* Branches, and what ends a block. */
struct insn *run_end(struct cpu370 *cpu, struct insn *in)
{
	cpu->cur = in;
	cpu->ia = after(cpu, in);
	insn_execute(cpu, in);
	if (UNLIKELY(cpu->leave) || (in->flags & INSN_END))
		return leave_block(cpu, in);
	if (cpu->ia == after(cpu, in))
		return next(cpu, in);
	return branch(cpu, in, cpu->ia);
}

/* Behind the last instruction of a block. */
struct insn *run_fall(struct cpu370 *cpu, struct insn *in)
{
	return branch(cpu, in, (cpu->frame + in->off) & ADDRESS_MASK);
}

struct insn *run_dead(struct cpu370 *cpu, struct insn *in)
{
	cpu->ia = cpu->frame + in->off;
	return NULL;
}

struct insn *run_ex(struct cpu370 *cpu, struct insn *in)
{
	cpu->cur = in;
	cpu->ia = after(cpu, in);
	insn_execute(cpu, in);
	if (UNLIKELY(cpu->leave) || cpu->ia != after(cpu, in))
		return leave_block(cpu, in);
	return next(cpu, in);
}

/* Host address of an instruction that runs inside a block. */
static const uint8_t *code_bytes(struct cpu370 *cpu, const struct insn *in)
{
	return cpu->st->bytes + block_aaddr(in) + in->off;
}

/*
 * An instruction whose bytes change often: execute what storage holds now. If the
 * length differs from what the block was made for, the rest of the block is void.
 */
struct insn *run_volatile(struct cpu370 *cpu, struct insn *in)
{
	uint8_t code[6] = { 0 };
	unsigned old = in->ilc;

	guest_copy(code, code_bytes(cpu, in), old);
	if (insn_length(code[0]) != old) {
		cpu->ia = cpu->frame + in->off;
		cpu->icount += in->pos - 1;
		cpu->step_next = true;
		return NULL;
	}
	if (memcmp(code, in->raw, old) != 0) {
		insn_decode(cpu, code, in);
		in->flags |= INSN_VOLATILE;
		memcpy(in->raw, code, old);
	}
	cpu->cur = in;
	cpu->ia = after(cpu, in);
	insn_execute(cpu, in);
	if (UNLIKELY(cpu->leave) || (in->flags & INSN_END) || cpu->ia != after(cpu, in))
		return leave_block(cpu, in);
	return next(cpu, in);
}

/* ---- one instruction at a time */

enum pic fetch_insn(struct cpu370 *cpu, uint32_t ia, uint8_t code[6])
{
	unsigned have = 0, need = 2;

	if (ia & 1)
		return PIC_SPECIFICATION;
	while (have < need) {
		uint32_t at = (ia + have) & ADDRESS_MASK;
		const uint8_t *p = tlb_fetch(cpu, at, 1);
		enum pic pic = p ? 0 : tlb_fill(cpu, at, false, (uint8_t **)(uintptr_t)&p);

		if (pic)
			return pic;
		guest_copy(code + have, p, 2);
		have += 2;
		need = insn_length(code[0]);
	}
	return 0;
}

static bool nullifies(enum pic pic)
{
	switch (pic) {
	case PIC_SEGMENT:
	case PIC_PAGE:
	case PIC_AFX:
	case PIC_ASX:
	case PIC_LX:
	case PIC_EX:
	case PIC_PRIMARY_AUTHORITY:
	case PIC_SECONDARY_AUTHORITY:
		return true;
	default:
		return false;
	}
}

static bool completes(enum pic pic)
{
	switch (pic) {
	case PIC_FIXED_OVERFLOW:
	case PIC_DECIMAL_OVERFLOW:
	case PIC_EXPONENT_OVERFLOW:
	case PIC_EXPONENT_UNDERFLOW:
	case PIC_SIGNIFICANCE:
	case PIC_MONITOR:
	case PIC_SPACE_SWITCH:
		return true;
	default:
		return false;
	}
}

/*
 * A program interruption is about to be taken, and `completed` instructions are
 * behind us: more than at the last one?
 */
static void note_progress(struct cpu370 *cpu, uint64_t completed)
{
	if (completed != cpu->barren_at)
		cpu->barren = 0;
	cpu->barren_at = cpu->icount;
}

/*
 * An exception on the way to the first byte: nothing is known of the length. The
 * address stays, which is right for translation and never hides an odd address.
 */
static void fetch_interrupt(struct cpu370 *cpu, enum pic pic)
{
	unsigned ilc = nullifies(pic) || (cpu->ia & 1) ? 2 : 0;

	note_progress(cpu, cpu->icount);
	interrupt_program(cpu, pic, cpu->ia, ilc);
}

/* The owner's look at the machine must not change what the interruption stores. */
static void tell_interrupted(struct cpu370 *cpu)
{
	uint32_t trans_addr = cpu->trans_addr;
	enum pic pic = cpu->pic;

	trace_done(cpu, completes(pic));
	cpu->pic = pic;
	cpu->trans_addr = trans_addr;
}

/*
 * program_check() came back here, from an op. cpu->cur is the instruction, in a
 * block or in cpu->temp.
 */
static void op_interrupt(struct cpu370 *cpu)
{
	const struct insn *in = cpu->cur;
	uint32_t start = cpu->frame + in->off;
	unsigned code = cpu->pic;

	cpu->icount += in->pos;
	cpu->leave = false;
	note_progress(cpu, completes(cpu->pic) ? cpu->icount : cpu->icount - 1);
	if (UNLIKELY(cpu->watching))
		tell_interrupted(cpu);
	if (cpu->per_stepping) {
		cpu->per_stepping = false;
		code |= per_finish(cpu, completes(cpu->pic));
	}
	if (cpu->pic == PIC_SPACE_SWITCH) /* the address is that of the new space */
		interrupt_program(cpu, code, cpu->ia, in->ilc);
	else
		interrupt_program(cpu, code, nullifies(cpu->pic) ? start : start + in->ilc,
				  in->ilc);
}

NORETURN void space_switch(struct cpu370 *cpu)
{
	program_check(cpu, PIC_SPACE_SWITCH);
}

/* The CPU's architectural step: one instruction at cpu->ia, by its op. */
static void step(struct cpu370 *cpu)
{
	struct insn *in = &cpu->temp;
	uint8_t code[6];
	enum pic pic = fetch_insn(cpu, cpu->ia, code);
	unsigned events;

	cpu->step_next = false;
	cpu->stats.stepped++;
	if (pic) {
		fetch_interrupt(cpu, pic);
		return;
	}
	insn_decode(cpu, code, in);
	in->pos = 1;
	in->off = cpu->ia & FRAME_OFFSET;
	cpu->frame = cpu->ia & ~FRAME_OFFSET;
	cpu->cur = in;
	cpu->per_stepping = cpu->per;
	if (cpu->per)
		per_begin(cpu, cpu->ia, code);
	if (UNLIKELY(cpu->trace & CPU_TRACE_DONE))
		trace_watch(cpu, code);
	cpu->ia = after(cpu, in);
	insn_execute(cpu, in);
	cpu->icount++;
	cpu->leave = false;
	if (UNLIKELY(cpu->watching))
		trace_done(cpu, true);
	if (!cpu->per_stepping)
		return;
	cpu->per_stepping = false;
	events = per_finish(cpu, true);
	cpu->barren = 0;
	if (events)
		interrupt_program(cpu, events, cpu->ia, in->ilc);
}

/* ---- blocks */

/* Find or decode the block at cpu->ia; NULL: this one instruction needs step(). */
static struct insn *lookup(struct cpu370 *cpu)
{
	uint32_t ia = cpu->ia;
	struct jump_entry *e = &cpu->jump[(ia >> 1) & (JUMP_ENTRIES - 1)];
	const uint8_t *p;
	struct insn *first;
	uint64_t known;

	cpu->stats.lookups++;
	if (e->tag == (cpu->jump_tag | ia) && e->first->run != run_dead)
		return e->first;
	cpu->stats.misses++;
	if (ia & 1)
		return NULL;
	do {
		known = cpu->jump_tag;
		p = tlb_fetch(cpu, ia, 2);
		if (!p && tlb_fill(cpu, ia, false, (uint8_t **)(uintptr_t)&p))
			return NULL;
		if ((ia & FRAME_OFFSET) + insn_length(*p) > FRAME_SIZE)
			return NULL;
		first = block_get(cpu, (uint32_t)(p - cpu->st->bytes));
		if (!first)
			return NULL;
		/* It may have waited for other CPUs, and these have purged our TLB. */
	} while (cpu->jump_tag != known || first->run == run_dead);
	e->tag = cpu->jump_tag | ia;
	e->first = first;
	return first;
}

static void run_block(struct cpu370 *cpu)
{
	struct insn *in = lookup(cpu);

	if (!in) {
		step(cpu);
		return;
	}
	cpu->frame = cpu->ia & ~FRAME_OFFSET;
#ifdef CPU370_PLAIN_LOOP
	while (in)
		in = in->run(cpu, in);
#else
	in->run(cpu, in);
#endif
	cpu->leave = false;
}

/* ---- the loop */

static bool at_break(const struct cpu370 *cpu)
{
	for (unsigned i = 0; i < cpu->break_count; i++)
		if (cpu->breaks[i] == cpu->ia)
			return true;
	return false;
}

/*
 * Let blocks run up to the budget, or not at all if somebody has posted something
 * in the meantime: whoever posts sets the limit to 0 after the pending bits.
 */
static void open_limit(struct cpu370 *cpu)
{
	uint64_t limit = cpu->stop_at > BLOCK_LIMIT ? cpu->stop_at - BLOCK_LIMIT : 0;

	atomic_store(&cpu->limit, limit);
}

static void requests(struct cpu370 *cpu)
{
	uint32_t pending = atomic_fetch_and(&cpu->pending, ~(uint32_t)(CPU_PENDING_TIMER |
								       CPU_PENDING_EXTERNAL));

	if (pending & (CPU_PENDING_KILL | CPU_PENDING_PURGE))
		cpu_obey(cpu);
	if (pending & CPU_PENDING_TIMER)
		timers_update(cpu);
}

/* A PSW was loaded that must not be: interruption before anything else. */
static void early_exception(struct cpu370 *cpu)
{
	note_progress(cpu, cpu->icount);
	interrupt_program(cpu, PIC_SPECIFICATION, cpu->ia, cpu->early_ilc);
}

/*
 * So many program interruptions without one completed instruction: a new PSW that
 * only leads to itself.
 */
#define BARREN_LIMIT 16

enum { GO_ON = -1, AGAIN = -2 };

/*
 * Between two blocks: everything that may come in between. GO_ON: run the next
 * instruction; AGAIN: come back here first; or a cpu_exit.
 */
static int between(struct cpu370 *cpu)
{
	uint32_t pending;

	open_limit(cpu);
	atomic_store_explicit(&cpu->icount_seen, cpu->icount, memory_order_relaxed);
	pending = atomic_load(&cpu->pending);
	if (UNLIKELY(pending & (CPU_PENDING_KILL | CPU_PENDING_PURGE | CPU_PENDING_TIMER |
				CPU_PENDING_EXTERNAL)))
		requests(cpu);
	if (UNLIKELY(pending & CPU_PENDING_STOP)) {
		cpu370_unpost(cpu, CPU_PENDING_STOP);
		return CPU_EXIT_REQUEST;
	}
	if (UNLIKELY(cpu->psw_invalid)) {
		if (cpu->barren > BARREN_LIMIT)
			return CPU_EXIT_LOOP;
		early_exception(cpu);
		return AGAIN;
	}
	while (UNLIKELY((pending | atomic_load(&cpu->ext)) != 0) && !cpu->psw_invalid &&
	       !cpu->trace_stop && interrupt_pending(cpu))
		pending = atomic_load(&cpu->pending);
	if (UNLIKELY(cpu->trace_stop)) {
		cpu->trace_stop = false;
		return CPU_EXIT_TRACE;
	}
	if (UNLIKELY(atomic_load_explicit(&cpu->run_state, memory_order_relaxed) ==
		     RUN_CHECK_STOP))
		return CPU_EXIT_CHECK_STOP;
	if (UNLIKELY(cpu->psw_invalid))
		return AGAIN;
	if (UNLIKELY(cpu->wait))
		return interrupts_enabled(cpu) ? CPU_EXIT_WAIT : CPU_EXIT_DISABLED_WAIT;
	if (UNLIKELY(cpu->barren > BARREN_LIMIT))
		return CPU_EXIT_LOOP;
	return cpu->icount >= cpu->stop_at ? CPU_EXIT_BUDGET : GO_ON;
}

/* Tell the owner of the next instruction, once. Does it want the CPU to stop? */
static bool trace_stops(struct cpu370 *cpu)
{
	if (!(cpu->trace & CPU_TRACE_INSN) ||
	    (cpu->trace_told == cpu->icount + 1 && cpu->trace_ia == cpu->ia))
		return false;
	cpu->trace_told = cpu->icount + 1;
	cpu->trace_ia = cpu->ia;
	trace_insn(cpu);
	if (!cpu->trace_stop)
		return false;
	cpu->trace_stop = false;
	return true;
}

static enum cpu_exit loop(struct cpu370 *cpu)
{
	for (;;) {
		int why = between(cpu);

		if (why == AGAIN)
			continue;
		if (why != GO_ON)
			return (enum cpu_exit)why;
		if (UNLIKELY(cpu->break_count) && at_break(cpu) &&
		    cpu->icount + 1 != cpu->broke_at) {
			cpu->broke_at = cpu->icount + 1;
			return CPU_EXIT_BREAK;
		}
		if (UNLIKELY(cpu->trace) && trace_stops(cpu))
			return CPU_EXIT_TRACE;
		if (UNLIKELY(cpu->break_count || cpu->per || cpu->step_next ||
			     (cpu->trace & (CPU_TRACE_INSN | CPU_TRACE_DONE)) ||
			     cpu->icount + BLOCK_LIMIT >= cpu->stop_at))
			step(cpu);
		else
			run_block(cpu);
	}
}

enum cpu_exit cpu370_run(struct cpu370 *cpu, uint64_t budget)
{
	enum cpu_exit why;

	cpu->stop_at = budget > UINT64_MAX - cpu->icount ? UINT64_MAX
							 : cpu->icount + budget;
	if (atomic_load(&cpu->run_state) == RUN_CHECK_STOP)
		return CPU_EXIT_CHECK_STOP;
	atomic_store(&cpu->run_state, RUN_RUNNING);
	atomic_store(&cpu->inside, true); /* before the first look at pending */
	timers_begin(cpu);
	if (setjmp(cpu->escape))
		op_interrupt(cpu);
	cpu->escape_set = true;
	why = loop(cpu);
	cpu->escape_set = false;
	timers_end(cpu);
	atomic_store(&cpu->icount_seen, cpu->icount);
	atomic_store(&cpu->inside, false);
	if (why == CPU_EXIT_LOOP)
		cpu->barren = 0;
	if (why == CPU_EXIT_CHECK_STOP)
		cpu_malfunction_alert(cpu);
	return why;
}
