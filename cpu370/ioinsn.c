/*
 * The I/O instructions and DIAGNOSE: all are the owner's.
 *
 * GA22-7000, "Input/Output Operations". The address is bits 16-31 of D2(B2).
 */
#include "cpu370/int.h"

static void io(struct cpu370 *cpu, const struct insn *in, enum io_op op)
{
	uint32_t address = cpu->gr[in->b1] + in->d1;

	/* Without channels no device answers. */
	if (!cpu->owner.io)
		set_cc(cpu, 3);
	else {
		cpu_outside(cpu);
		set_cc(cpu, cpu->owner.io(cpu->owner.arg, cpu, op, (uint16_t)address));
		cpu_inside(cpu);
	}
	if (UNLIKELY(cpu->trace & CPU_TRACE_IO_INSN))
		trace_io(cpu, (uint16_t)address, get_cc(cpu));
}

#define IO_INSTRUCTION(name, op)                                                         \
	void op_##name(struct cpu370 *cpu, const struct insn *in)                        \
	{                                                                                \
		io(cpu, in, op);                                                         \
	}

IO_INSTRUCTION(sio, IO_SIO)
IO_INSTRUCTION(siof, IO_SIOF)
IO_INSTRUCTION(rio, IO_RIO)
IO_INSTRUCTION(tio, IO_TIO)
IO_INSTRUCTION(clrio, IO_CLRIO)
IO_INSTRUCTION(hio, IO_HIO)
IO_INSTRUCTION(hdv, IO_HDV)
IO_INSTRUCTION(tch, IO_TCH)
IO_INSTRUCTION(clrch, IO_CLRCH)
IO_INSTRUCTION(stidc, IO_STIDC)
IO_INSTRUCTION(concs, IO_CONCS)
IO_INSTRUCTION(discs, IO_DISCS)

/* The owner may change registers, the cc and storage; a code it returns is raised. */
void op_diag(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t code = (in->b1 == NO_REGISTER ? 0 : (uint32_t)in->b1 << 12) | in->d1;
	int pic;

	if (!cpu->owner.diagnose)
		program_check(cpu, PIC_OPERATION);
	cpu_outside(cpu);
	pic = cpu->owner.diagnose(cpu->owner.arg, cpu, in->r1, in->r2, code);
	cpu_inside(cpu);
	if (pic)
		program_check(cpu, (enum pic)pic);
}

/* INTER-USER COMMUNICATION VEHICLE: of a machine under CP only, as above. */
void op_iucv(struct cpu370 *cpu, const struct insn *in)
{
	int pic;

	if (!cpu->owner.iucv)
		program_check(cpu, PIC_OPERATION);
	cpu_outside(cpu);
	pic = cpu->owner.iucv(cpu->owner.arg, cpu, address_1(cpu, in));
	cpu_inside(cpu);
	if (pic)
		program_check(cpu, (enum pic)pic);
}
