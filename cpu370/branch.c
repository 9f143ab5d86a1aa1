/*
 * Branches and EXECUTE. GA22-7000, "General Instructions".
 *
 * An op that branches calls take_branch(); the address and the decision are taken
 * from the registers before any of them changes.
 */
#include "cpu370/int.h"

/* Link information: ILC, cc, program mask and the next address. */
static uint32_t link_information(const struct cpu370 *cpu, const struct insn *in)
{
	return (uint32_t)(in->ilc / 2) << 30 | get_cc(cpu) << 28 |
	       (uint32_t)cpu->program_mask << 24 | cpu->ia;
}

void op_balr(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t target = cpu->gr[in->r2];

	cpu->gr[in->r1] = link_information(cpu, in);
	if (in->r2)
		take_branch(cpu, target);
}

void op_bal(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t target = address_rx(cpu, in);

	cpu->gr[in->r1] = link_information(cpu, in);
	take_branch(cpu, target);
}

/* BRANCH AND SAVE: as BRANCH AND LINK, with zeros beside the address. */
void op_basr(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t target = cpu->gr[in->r2];

	cpu->gr[in->r1] = cpu->ia;
	if (in->r2)
		take_branch(cpu, target);
}

void op_bas(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t target = address_rx(cpu, in);

	cpu->gr[in->r1] = cpu->ia;
	take_branch(cpu, target);
}

static bool selected(const struct cpu370 *cpu, const struct insn *in)
{
	return in->r1 & 8 >> get_cc(cpu);
}

void op_bcr(struct cpu370 *cpu, const struct insn *in)
{
	if (in->r2 && selected(cpu, in))
		take_branch(cpu, cpu->gr[in->r2]);
	else if (in->r1 == 15)
		serialize(cpu);
}

void op_bc(struct cpu370 *cpu, const struct insn *in)
{
	if (selected(cpu, in))
		take_branch(cpu, address_rx(cpu, in));
}

void op_bctr(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t target = cpu->gr[in->r2];

	cpu->gr[in->r1]--;
	if (in->r2 && cpu->gr[in->r1])
		take_branch(cpu, target);
}

void op_bct(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t target = address_rx(cpu, in);

	if (--cpu->gr[in->r1])
		take_branch(cpu, target);
}

/*
 * BRANCH ON INDEX: the increment is R3, the comparand R3 if that is odd, else
 * R3+1; both as they were before the sum goes to R1.
 */
static bool index_is_high(struct cpu370 *cpu, const struct insn *in)
{
	int32_t comparand = (int32_t)cpu->gr[in->r2 | 1];

	cpu->gr[in->r1] += cpu->gr[in->r2];
	return (int32_t)cpu->gr[in->r1] > comparand;
}

void op_bxh(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t target = address_1(cpu, in);

	if (index_is_high(cpu, in))
		take_branch(cpu, target);
}

void op_bxle(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t target = address_1(cpu, in);

	if (!index_is_high(cpu, in))
		take_branch(cpu, target);
}

/* ---- EXECUTE */

static void fetch_target(struct cpu370 *cpu, uint32_t laddr, uint8_t code[6])
{
	unsigned length;

	fetch_bytes(cpu, laddr, 2, code);
	length = insn_length(code[0]);
	if (length > 2)
		fetch_bytes(cpu, (laddr + 2) & ADDRESS_MASK, length - 2, code + 2);
}

static void per_note(struct cpu370 *cpu, uint32_t laddr, const uint8_t code[6])
{
	uint32_t start = cpu->cr[10] & ADDRESS_MASK, end = cpu->cr[11] & ADDRESS_MASK;

	cpu->per_ex = true;
	memcpy(cpu->per_ex_code, code, 6);
	if (start <= end ? laddr >= start && laddr <= end : laddr >= start || laddr <= end)
		cpu->per_events |= cpu->cr[9] >> 24 & 0x40;
}

/*
 * EXECUTE: one instruction elsewhere, with the low byte of R1 (not of register 0)
 * ORed to its second byte. It has the length and the next address of the EX.
 */
void op_ex(struct cpu370 *cpu, const struct insn *in)
{
	uint32_t laddr = address_rx(cpu, in);
	uint8_t code[6] = { 0 };
	struct insn target;

	if (laddr & 1)
		program_check(cpu, PIC_SPECIFICATION);
	fetch_target(cpu, laddr, code);
	if (UNLIKELY(cpu->watching))
		trace_ex(cpu, laddr, code);
	if (in->r1)
		code[1] |= (uint8_t)cpu->gr[in->r1];
	if (cpu->per_stepping) /* it was fetched, whatever it is */
		per_note(cpu, laddr, code);
	if (code[0] == 0x44)
		program_check(cpu, PIC_EXECUTE);
	insn_decode(cpu, code, &target);
	target.ilc = 4;
	target.off = in->off;
	target.pos = in->pos;
	insn_execute(cpu, &target);
	if (target.flags & INSN_END)
		cpu->leave = true;
}
