/* What a monitor shows of a CPU beyond its registers. */
#include "cpu370/int.h"

void cpu370_clocks(struct cpu370 *cpu, struct cpu_clocks *clocks)
{
	clocks->tod = tod_now(cpu);
	clocks->comparator = cpu->comparator;
	clocks->timer = cpu_timer(cpu);
}
