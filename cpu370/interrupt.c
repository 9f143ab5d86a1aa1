/*
 * The PSW and the six classes of interruption.
 *
 * GA22-7000, "System Control", Program-Status Word, and "Interruptions".
 */
#include "cpu370/int.h"

/* Real storage locations. GA22-7000, "Interruptions", assigned storage. */
enum {
	RESTART_NEW = 0x00, RESTART_OLD = 0x08,
	EXTERNAL_OLD = 0x18, EXTERNAL_NEW = 0x58,
	SVC_OLD = 0x20, SVC_NEW = 0x60,
	PROGRAM_OLD = 0x28, PROGRAM_NEW = 0x68,
	MACHINE_OLD = 0x30, MACHINE_NEW = 0x70,
	IO_OLD = 0x38, IO_NEW = 0x78,
};

#define SM_PER      0x40 /* system mask, EC */
#define SM_DAT      0x04
#define SM_IO       0x02
#define SM_EXTERNAL 0x01
#define SM_EC_BAD   0xB8 /* must be zero in an EC PSW */

#define PSW_EC_BAD  UINT64_C(0xB80040FFFF000000)

/* ---- the PSW */

static void psw_load_ec(struct cpu370 *cpu, uint64_t psw)
{
	cpu->secondary = psw >> 47 & 1;
	set_cc(cpu, psw >> 44 & 3);
	cpu->program_mask = psw >> 40 & 15;
	cpu->per = cpu->system_mask & SM_PER;
	cpu->dat = cpu->system_mask & SM_DAT;
	cpu->psw_bad = psw & PSW_EC_BAD;
	cpu->psw_invalid = cpu->psw_bad != 0;
}

static void psw_load_bc(struct cpu370 *cpu, uint64_t psw)
{
	cpu->secondary = cpu->per = cpu->dat = false;
	set_cc(cpu, psw >> 28 & 3);
	cpu->program_mask = psw >> 24 & 15;
	cpu->psw_bad = 0;
	cpu->psw_invalid = false;
}

void psw_load(struct cpu370 *cpu, uint64_t psw)
{
	cpu->system_mask = psw >> 56;
	cpu->key = psw >> 48 & 0xF0;
	cpu->ec = (psw >> 51 & 1) && cpu->arch == CPU_S370;
	cpu->ascii = (psw >> 51 & 1) && cpu->arch == CPU_S360;
	cpu->machine_check = psw >> 50 & 1;
	cpu->wait = psw >> 49 & 1;
	cpu->problem = psw >> 48 & 1;
	cpu->ia = psw & ADDRESS_MASK;
	cpu->wait_ilc = 0;
	if (cpu->ec)
		psw_load_ec(cpu, psw);
	else
		psw_load_bc(cpu, psw);
	tlb_select(cpu);
}

uint64_t psw_compose(const struct cpu370 *cpu, uint16_t code, unsigned ilc)
{
	uint64_t psw = (uint64_t)cpu->system_mask << 56 | (uint64_t)cpu->key << 48 |
		       cpu->ia;

	psw |= (uint64_t)(cpu->ec || cpu->ascii) << 51 | (uint64_t)cpu->machine_check << 50 |
	       (uint64_t)cpu->wait << 49 | (uint64_t)cpu->problem << 48;
	if (cpu->ec)
		return psw | (uint64_t)cpu->secondary << 47 | (uint64_t)get_cc(cpu) << 44 |
		       (uint64_t)cpu->program_mask << 40 | cpu->psw_bad;
	return psw | (uint64_t)code << 32 | (uint64_t)(ilc / 2) << 30 |
	       (uint64_t)get_cc(cpu) << 28 | (uint64_t)cpu->program_mask << 24;
}

/*
 * SSM, STNSM, STOSM put a new system mask in place. In EC mode, ones where zeros
 * must be give an early specification exception before the next instruction.
 */
void system_mask_set(struct cpu370 *cpu, uint8_t mask, unsigned ilc)
{
	cpu->system_mask = mask;
	if (!cpu->ec)
		return;
	cpu->per = mask & SM_PER;
	cpu->dat = mask & SM_DAT;
	if (mask & SM_EC_BAD) {
		cpu->psw_bad |= (uint64_t)(mask & SM_EC_BAD) << 56;
		cpu->psw_invalid = true;
		cpu->early_ilc = (uint8_t)ilc;
	}
	tlb_select(cpu);
}

/* ---- interruptions */

static void assigned_store(struct cpu370 *cpu, uint32_t raddr, uint32_t value, unsigned n)
{
	uint8_t b[4];

	put_be32(b, value);
	real_store(cpu, raddr, b + 4 - n, n);
}

static void swap_psw(struct cpu370 *cpu, uint32_t old, uint32_t new, uint16_t code,
		     unsigned ilc)
{
	const uint8_t *p = real_host(cpu, new, 8);
	uint8_t b[8];

	if (UNLIKELY(cpu->trace)) {
		guest_copy(b, p, 8);
		trace_interruption(cpu, old, be64(b), code, ilc);
	}
	put_be64(b, psw_compose(cpu, code, ilc));
	real_store(cpu, old, b, 8);
	cpu->early_ilc = 0;
	guest_copy(b, p, 8);
	psw_load(cpu, be64(b));
}

/* What goes with some program-interruption codes, in both modes. */
static void program_extras(struct cpu370 *cpu, unsigned code)
{
	switch (code & 0x7F) {
	case PIC_SEGMENT:
	case PIC_PAGE:
	case PIC_AFX:
	case PIC_ASX:
	case PIC_LX:
	case PIC_EX:
	case PIC_PRIMARY_AUTHORITY:
	case PIC_SECONDARY_AUTHORITY:
	case PIC_SPACE_SWITCH:
		assigned_store(cpu, 0x90, cpu->trans_addr, 4);
		break;
	case PIC_MONITOR:
		assigned_store(cpu, 0x94, cpu->monitor_class, 2);
		assigned_store(cpu, 0x9C, cpu->monitor_code, 4);
		break;
	}
	if (code & PIC_PER) {
		assigned_store(cpu, 0x96, (uint32_t)cpu->per_events << 8, 2);
		assigned_store(cpu, 0x98, cpu->per_address, 4);
	}
}

/* ia: the address for the old PSW; ilc in bytes. */
void interrupt_program(struct cpu370 *cpu, unsigned code, uint32_t ia, unsigned ilc)
{
	cpu->ia = ia & ADDRESS_MASK;
	cpu->barren++;
	cpu->stats.programs++;
	cpu->stats.program[code & 0xFF]++;
	program_extras(cpu, code);
	if (cpu->ec)
		assigned_store(cpu, 0x8C, ilc << 16 | code, 4);
	swap_psw(cpu, PROGRAM_OLD, PROGRAM_NEW, (uint16_t)code, ilc);
}

void interrupt_svc(struct cpu370 *cpu, uint8_t code, unsigned ilc)
{
	cpu->stats.svcs++;
	if (cpu->ec)
		assigned_store(cpu, 0x88, ilc << 16 | code, 4);
	swap_psw(cpu, SVC_OLD, SVC_NEW, code, ilc);
}

NORETURN void program_check(struct cpu370 *cpu, enum pic pic)
{
	cpu->pic = pic;
	if (!cpu->escape_set)
		BUG("program_check() outside cpu370_run()");
	longjmp(cpu->escape, 1);
}

/* ---- external, I/O, restart, machine check */

uint32_t external_enabled(const struct cpu370 *cpu)
{
	if (!(cpu->system_mask & SM_EXTERNAL))
		return 0;
	if (cpu->arch == CPU_S360) /* PSW bit 7 is the only mask */
		return EXT_ITIMER | EXT_KEY | EXT_SIGNALS;
	return cpu->cr[0] & EXT_ALL;
}

static uint32_t channels_enabled(const struct cpu370 *cpu)
{
	uint32_t rest = cpu->arch == CPU_S360 ? 0x02000000 : cpu->cr[2] & 0x03FFFFFF;

	if (cpu->ec)
		return cpu->system_mask & SM_IO ? cpu->cr[2] : 0;
	return (uint32_t)(cpu->system_mask & 0xFC) << 24 |
	       (cpu->system_mask & 0x02 ? rest : 0);
}

bool interrupts_enabled(const struct cpu370 *cpu)
{
	return external_enabled(cpu) || channels_enabled(cpu);
}

static void external(struct cpu370 *cpu, uint16_t code, uint16_t address)
{
	bool from_cpu = code >= 0x1200 && code <= 0x1202;

	cpu->stats.externals++;
	if (cpu->ec || from_cpu)
		assigned_store(cpu, 0x84, address, 2);
	if (cpu->ec)
		assigned_store(cpu, 0x86, code, 2);
	swap_psw(cpu, EXTERNAL_OLD, EXTERNAL_NEW, code, 0);
}

/* Interval timer, key and signals that are enabled: one code for all of them. */
static uint16_t take_group(struct cpu370 *cpu, uint32_t enabled)
{
	uint32_t take = atomic_fetch_and(&cpu->ext, ~(enabled & (EXT_ITIMER | EXT_KEY |
								 EXT_SIGNALS))) & enabled;
	uint16_t code = take & (EXT_ITIMER | EXT_KEY);

	if (take & EXT_SIGNALS)
		code |= atomic_exchange(&cpu->signals, 0) & 0x3F;
	return code;
}

/* The lowest CPU address in a set of sources; the condition goes with the last. */
static uint16_t take_source(struct cpu370 *cpu, _Atomic uint32_t *sources, uint32_t ext)
{
	uint32_t all = atomic_load(sources);
	unsigned n = all ? (unsigned)__builtin_ctz(all) : 0;

	if (!(atomic_fetch_and(sources, ~(1u << n)) & ~(1u << n))) {
		atomic_fetch_and(&cpu->ext, ~ext);
		if (atomic_load(sources)) /* one more came in between */
			atomic_fetch_or(&cpu->ext, ext);
	}
	return (uint16_t)n;
}

/*
 * A condition whose data the owner keeps. Latched again before it is taken if more
 * wait, so that what comes in meanwhile is not lost. False: the owner has none.
 */
static bool take_owned(struct cpu370 *cpu, uint32_t ext, uint16_t code)
{
	bool more = false, taken = true;

	atomic_fetch_and(&cpu->ext, ~ext);
	if (cpu->owner.external) {
		cpu_outside(cpu);
		taken = cpu->owner.external(cpu->owner.arg, cpu, code, &more);
		cpu_inside(cpu);
	}
	if (!taken)
		return false;
	if (more)
		cpu370_external(cpu, code);
	external(cpu, code, 0);
	return true;
}

static bool interrupt_owned(struct cpu370 *cpu, uint32_t due)
{
	return ((due & EXT_SERVICE) && take_owned(cpu, EXT_SERVICE, 0x2401)) ||
	       ((due & EXT_IUCV) && take_owned(cpu, EXT_IUCV, 0x4000)) ||
	       ((due & EXT_VMCF) && take_owned(cpu, EXT_VMCF, 0x4001));
}

static bool interrupt_external(struct cpu370 *cpu)
{
	uint32_t enabled = external_enabled(cpu);
	uint32_t due = atomic_load(&cpu->ext) & enabled;

	if (!due)
		return false;
	if (due & (EXT_ITIMER | EXT_KEY | EXT_SIGNALS))
		external(cpu, take_group(cpu, enabled), 0);
	else if (due & EXT_MALFUNCTION)
		external(cpu, 0x1200, take_source(cpu, &cpu->malfunction, EXT_MALFUNCTION));
	else if (due & EXT_EMERGENCY)
		external(cpu, 0x1201, take_source(cpu, &cpu->emergency, EXT_EMERGENCY));
	else if (due & EXT_CALL) {
		atomic_fetch_and(&cpu->ext, ~(uint32_t)EXT_CALL);
		external(cpu, 0x1202, (uint16_t)atomic_exchange(&cpu->call_from, 0));
	} else if (due & EXT_COMPARATOR)
		external(cpu, 0x1004, 0);
	else if (due & EXT_CPU_TIMER)
		external(cpu, 0x1005, 0);
	else
		return interrupt_owned(cpu, due);
	return true;
}

static bool interrupt_io(struct cpu370 *cpu)
{
	uint32_t channels = channels_enabled(cpu);
	uint16_t address = 0;
	bool taken;

	if (!channels || !(atomic_load(&cpu->pending) & CPU_PENDING_IO))
		return false;
	if (!cpu->owner.io_interruption)
		return false;
	cpu_outside(cpu);
	taken = cpu->owner.io_interruption(cpu->owner.arg, cpu, channels, &address);
	cpu_inside(cpu);
	if (!taken)
		return false;
	cpu->stats.ios++;
	if (cpu->ec) {
		assigned_store(cpu, 0xB9, 0, 1);
		assigned_store(cpu, 0xBA, address, 2);
	}
	swap_psw(cpu, IO_OLD, IO_NEW, address, 0);
	return true;
}

static bool take_pending(struct cpu370 *cpu, uint32_t bit)
{
	return atomic_fetch_and(&cpu->pending, ~bit) & bit;
}

/* ---- GA22-7000, "Machine-Check Handling" */

#define MCIC_EXIGENT     UINT64_C(0xC000000000000000) /* system, processing damage */
#define MCIC_RECOVERY    UINT64_C(0x2000000000000000)
#define MCIC_EXTERNAL    UINT64_C(0x1C00000000000000) /* timers too */
#define MCIC_DEGRADATION UINT64_C(0x0100000000000000)
#define MCIC_WARNING     UINT64_C(0x0080000000000000)
/* What this CPU always saves: PSW, FPRs, GPRs, CRs, storage, timers. */
#define MCIC_VALID       UINT64_C(0x00000F1D00030000)

#define CR14_CHECK_STOP  0x80000000u
#define CR14_RECOVERY    0x08000000u
#define CR14_DEGRADATION 0x04000000u
#define CR14_EXTERNAL    0x02000000u
#define CR14_WARNING     0x01000000u

/* Conditions that CR14 lets interrupt, apart from the PSW's mask. */
static uint64_t checks_enabled(const struct cpu370 *cpu)
{
	uint32_t cr14 = cpu->cr[14];

	return MCIC_EXIGENT | (cr14 & CR14_RECOVERY ? MCIC_RECOVERY : 0) |
	       (cr14 & CR14_DEGRADATION ? MCIC_DEGRADATION : 0) |
	       (cr14 & CR14_EXTERNAL ? MCIC_EXTERNAL : 0) |
	       (cr14 & CR14_WARNING ? MCIC_WARNING : 0);
}

static void machine_check(struct cpu370 *cpu, uint64_t code)
{
	uint8_t b[8];

	cpu->stats.checks++;
	atomic_store(&cpu->check_code, 0);
	put_be64(b, code | MCIC_VALID);
	real_store(cpu, 0xE8, b, 8);
	cpu_save_registers(cpu, to_absolute(cpu, 0));
	swap_psw(cpu, MACHINE_OLD, MACHINE_NEW, 0, 0);
}

/*
 * A machine check that somebody posted. One that cannot wait, when the PSW does not
 * allow it, stops the CPU for good.
 */
static bool interrupt_machine_check(struct cpu370 *cpu)
{
	uint64_t code = atomic_load(&cpu->check_code);

	if (!(atomic_load(&cpu->pending) & CPU_PENDING_MCHK))
		return false;
	if (!cpu->machine_check) {
		if ((code & MCIC_EXIGENT) && (cpu->cr[14] & CR14_CHECK_STOP))
			atomic_store(&cpu->run_state, RUN_CHECK_STOP);
		return false;
	}
	if (!(code & checks_enabled(cpu)))
		return false;
	take_pending(cpu, CPU_PENDING_MCHK);
	machine_check(cpu, code);
	return true;
}

bool interrupt_pending(struct cpu370 *cpu)
{
	if (interrupt_machine_check(cpu))
		return true;
	if (atomic_load(&cpu->run_state) == RUN_CHECK_STOP)
		return false;
	if (interrupt_external(cpu) || interrupt_io(cpu))
		return true;
	if (!take_pending(cpu, CPU_PENDING_RESTART))
		return false;
	cpu370_restart(cpu);
	return true;
}

void cpu370_restart(struct cpu370 *cpu)
{
	cpu->stats.restarts++;
	swap_psw(cpu, RESTART_OLD, RESTART_NEW, 0, 0);
}
