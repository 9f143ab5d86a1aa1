/*
 * Program-event recording. GA22-7000, "System Control", Program-Event Recording.
 *
 * With PER on, instructions run one at a time (run.c, step()): per_begin() before
 * and per_finish() after each. Storage alteration is seen by the store helpers, as
 * no store tag of the TLB is filled while it is monitored.
 */
#include "cpu370/int.h"
#include "cpu370/run.h"

#define EVENT_BRANCH  0x80
#define EVENT_FETCH   0x40
#define EVENT_STORE   0x20
#define EVENT_GR      0x10

/* Is any byte of [first, last] between the addresses in CR10 and CR11? */
static bool in_range(const struct cpu370 *cpu, uint32_t first, uint32_t last)
{
	uint32_t start = cpu->cr[10] & ADDRESS_MASK, end = cpu->cr[11] & ADDRESS_MASK;

	if (start <= end)
		return last >= start && first <= end;
	return last >= start || first <= end;
}

void per_store(struct cpu370 *cpu, uint32_t laddr, unsigned n)
{
	uint32_t last = laddr + n - 1;

	if (last > ADDRESS_MASK
		    ? in_range(cpu, laddr, ADDRESS_MASK) ||
			      in_range(cpu, 0, last & ADDRESS_MASK)
		    : in_range(cpu, laddr, last))
		cpu->per_events |= EVENT_STORE;
}

void per_begin(struct cpu370 *cpu, uint32_t ia, const uint8_t *code)
{
	cpu->per_events = 0;
	cpu->per_address = ia;
	cpu->per_control = cpu->cr[9];
	memcpy(cpu->per_code, code, 6);
	memcpy(cpu->per_gr, cpu->gr, sizeof(cpu->per_gr));
	cpu->per_ex = cpu->per_branched = false;
	if ((cpu->cr[9] >> 24 & EVENT_FETCH) && in_range(cpu, ia, ia))
		cpu->per_events |= EVENT_FETCH;
}

static uint16_t bit(unsigned r)
{
	return (uint16_t)(0x8000 >> (r & 15));
}

/* LM: every register from R1 to R3, around 15. */
static uint16_t bits_from_to(unsigned r1, unsigned r3)
{
	uint16_t mask = bit(r1);

	while (r1 != r3) {
		r1 = (r1 + 1) & 15;
		mask |= bit(r1);
	}
	return mask;
}

/* General registers the instruction loads, whether or not the value changes. */
static uint16_t registers_altered(struct cpu370 *cpu, const uint8_t *code)
{
	uint32_t flags = insn_opcode_flags(cpu, code);
	bool rre = code[0] == 0xB2;
	unsigned r1 = (rre ? code[3] : code[1]) >> 4, r3 = code[1] & 15;
	uint16_t mask = 0;

	if (flags & OPF_GR1)
		mask |= bit(r1);
	if (flags & OPF_GRP)
		mask |= bit(r1) | bit(r1 + 1);
	if (code[0] == 0x98)
		mask |= bits_from_to(r1, r3);
	if (code[0] == 0x0E || code[0] == 0x0F)
		mask |= bit(r1) | bit(r1 + 1) | bit(r3) | bit(r3 + 1);
	/* TRT, EDMK, CS, CDS, ISK ...: what they load, differs. */
	for (unsigned i = 0; i < 16; i++)
		if (cpu->per_gr[i] != cpu->gr[i])
			mask |= bit(i);
	return mask;
}

unsigned per_finish(struct cpu370 *cpu, bool completed)
{
	const uint8_t *code = cpu->per_ex ? cpu->per_ex_code : cpu->per_code;
	uint8_t wanted = cpu->per_control >> 24 & 0xF0;

	cpu->per_ex = false;
	if (!completed)
		cpu->per_events &= EVENT_FETCH;
	else if ((wanted & EVENT_GR) &&
		 (registers_altered(cpu, code) & cpu->per_control & 0xFFFF))
		cpu->per_events |= EVENT_GR;
	if (completed && (wanted & EVENT_BRANCH) && cpu->per_branched)
		cpu->per_events |= EVENT_BRANCH;
	cpu->per_branched = false;
	cpu->per_events &= wanted;
	return cpu->per_events ? PIC_PER : 0;
}
