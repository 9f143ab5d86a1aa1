/*
 * cpu370/engine.h - how one decoded instruction hands over to the next.
 *
 * A handler ends with one of the functions below. In an optimised build each is a
 * jump to the next handler (the compiler turns a call in tail position with the
 * same signature into one); with CPU370_PLAIN_LOOP, for sanitizers and -O0, the
 * next instruction is returned to a loop in run.c.
 */
#ifndef CPU370_ENGINE_H
#define CPU370_ENGINE_H

#include "cpu370/int.h"

static ALWAYS_INLINE struct insn *go(struct cpu370 *cpu, struct insn *in)
{
#ifdef CPU370_PLAIN_LOOP
	(void)cpu;
	return in;
#else
	return in->run(cpu, in);
#endif
}

/* Go on behind in. */
static ALWAYS_INLINE struct insn *next(struct cpu370 *cpu, struct insn *in)
{
	return go(cpu, in + 1);
}

/* Leave the block behind in; the next instruction is at cpu->ia. */
static ALWAYS_INLINE struct insn *leave_block(struct cpu370 *cpu, const struct insn *in)
{
	cpu->icount += in->pos;
	return NULL;
}

/* Address of the instruction behind in. */
static ALWAYS_INLINE uint32_t after(const struct cpu370 *cpu, const struct insn *in)
{
	return (cpu->frame + in->off + in->ilc) & ADDRESS_MASK;
}

/*
 * Transfer control from in to the logical address target. Leaves the engine if
 * the target is not decoded, or the budget or somebody wants it.
 */
static ALWAYS_INLINE struct insn *branch(struct cpu370 *cpu, struct insn *in, uint32_t target)
{
	struct insn *to = in->target;

	cpu->icount += in->pos;
	if (UNLIKELY(target - cpu->frame != in->toff)) {
		const struct jump_entry *e =
			&cpu->jump[(target >> 1) & (JUMP_ENTRIES - 1)];

		if (UNLIKELY(e->tag != (cpu->jump_tag | target))) {
			cpu->ia = target;
			return NULL;
		}
		to = e->first;
		if (target - cpu->frame < FRAME_SIZE) {
			in->toff = (uint16_t)(target - cpu->frame);
			in->target = to;
		} else
			cpu->frame = target & ~FRAME_OFFSET;
	}
	if (UNLIKELY(cpu->icount >=
		     atomic_load_explicit(&cpu->limit, memory_order_relaxed))) {
		cpu->ia = target;
		return NULL;
	}
	return go(cpu, to);
}

#endif
