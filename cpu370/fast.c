#include "cpu370/engine.h"

void insn_choose(const struct cpu370 *cpu, struct insn *in, const uint8_t *code)
{
	(void)cpu;
	(void)code;
	if (in->flags & INSN_EX)
		in->run = run_ex;
	else if (in->flags & (INSN_END | INSN_BRANCH))
		in->run = run_end;
	else
		in->run = run_op;
}

void block_fuse(const struct cpu370 *cpu, struct insn *in, unsigned n)
{
	(void)cpu;
	(void)in;
	(void)n;
}
