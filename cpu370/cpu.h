/*
 * cpu370/cpu.h - one System/370 central processing unit.
 *
 * GA22-7000, "System/370 Principles of Operation". A CPU runs on one thread,
 * the one that calls cpu370_run(). That thread owns everything in it; other
 * threads may only call the functions marked "any thread", which set bits in
 * the pending word. What a CPU needs of its machine it asks of struct
 * cpu_owner, a table of functions that are called on the CPU's own thread.
 */
#ifndef CPU370_CPU_H
#define CPU370_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "cpu370/storage.h"

struct cpu370;

enum cpu_arch { CPU_S370, CPU_S360 };

struct cpu_config {
	enum cpu_arch arch;
	uint16_t address; /* CPU address for STAP and SIGP */
	uint64_t cpuid;   /* what STIDP stores */
};

/* The I/O instructions of GA22-7000, "Input/Output Operations". */
enum io_op {
	IO_SIO, IO_SIOF, IO_TIO, IO_CLRIO, IO_HIO, IO_HDV, IO_TCH, IO_CLRCH, IO_STIDC,
	IO_CONCS, IO_DISCS, IO_RIO,
};

/* Program-interruption codes; 0 means none. GA22-7000, "Interruptions". */
enum pic {
	PIC_OPERATION = 0x01, PIC_PRIVILEGED, PIC_EXECUTE, PIC_PROTECTION, PIC_ADDRESSING,
	PIC_SPECIFICATION, PIC_DATA, PIC_FIXED_OVERFLOW, PIC_FIXED_DIVIDE,
	PIC_DECIMAL_OVERFLOW, PIC_DECIMAL_DIVIDE, PIC_EXPONENT_OVERFLOW,
	PIC_EXPONENT_UNDERFLOW, PIC_SIGNIFICANCE, PIC_FLOAT_DIVIDE, PIC_SEGMENT, PIC_PAGE,
	PIC_TRANSLATION_SPEC, PIC_SPECIAL_OPERATION, PIC_ASN_SPEC = 0x17,
	PIC_SPACE_SWITCH = 0x1C, PIC_PC_SPEC = 0x1F, PIC_AFX, PIC_ASX, PIC_LX, PIC_EX,
	PIC_PRIMARY_AUTHORITY, PIC_SECONDARY_AUTHORITY, PIC_MONITOR = 0x40, PIC_PER = 0x80,
};

/* What a tracer is told of; a set of them is what it wants. */
enum cpu_trace_kind {
	CPU_TRACE_INSN = 1 << 0,     /* about to be executed; the CPU runs step by step */
	CPU_TRACE_SVC = 1 << 1,      /* interruptions, before the new PSW is loaded */
	CPU_TRACE_PROGRAM = 1 << 2,
	CPU_TRACE_EXTERNAL = 1 << 3, /* and restart */
	CPU_TRACE_IO = 1 << 4,       /* the CSW is in its place */
	CPU_TRACE_IO_INSN = 1 << 5,  /* I/O instructions, with their condition code */
	CPU_TRACE_DONE = 1 << 6,     /* executed, see struct cpu_done; step by step too */
};

/* Places that one instruction stored into; more of them are told as wider ones. */
#define CPU_DONE_STORES 8

/*
 * What an instruction did, as program-event recording would find it. Registers and
 * PSW are those behind it; of an instruction that an interruption suppressed or
 * nullified, those before the interruption.
 */
struct cpu_done {
	bool completed;
	bool branched;           /* it was a successful branch */
	uint32_t next;           /* the next instruction, if it completed */
	bool ex;                 /* an EX that got its target */
	uint32_t ex_at;          /* where the target is */
	uint8_t ex_code[6];      /* as it stands there, without what the EX ORs to it */
	uint32_t gr[16];         /* before */
	unsigned stores;
	struct { uint32_t first, last; } store[CPU_DONE_STORES];
};

struct cpu_trace {
	enum cpu_trace_kind kind;
	uint32_t ia;        /* of the instruction; of an interruption: in the old PSW */
	uint8_t code[6];    /* INSN, IO_INSN */
	unsigned length;    /* of it, bytes; 0: it cannot be fetched */
	uint64_t new_psw;   /* of an interruption */
	uint16_t interruption; /* its code or I/O address */
	bool restart;
	uint16_t address;   /* IO_INSN */
	unsigned cc;        /* IO_INSN */
	const struct cpu_done *done; /* DONE */
};

struct cpu_owner {
	void *arg;
	/*
	 * Execute an I/O instruction; returns its condition code. The owner
	 * reads the CAW and stores the CSW, the channel ID and so on through
	 * cpu370_real_to_absolute() and the storage door.
	 */
	unsigned (*io)(void *arg, struct cpu370 *cpu, enum io_op op, uint16_t address);
	/*
	 * Called when CPU_PENDING_IO is on and I/O interruptions are enabled.
	 * channels: bit n (0 = leftmost) on = channel n enabled, PSW and CR 2
	 * combined. If a subchannel of an enabled channel holds status: store
	 * the CSW at real X'40', give the address and return true; the CPU then
	 * swaps PSWs. If nothing is pending on any channel, the owner takes
	 * CPU_PENDING_IO back before it returns false.
	 */
	bool (*io_interruption)(void *arg, struct cpu370 *cpu, uint32_t channels,
				uint16_t *address);
	/*
	 * DIAGNOSE (X'83'), supervisor state. code: bytes 2 and 3 of the instruction as
	 * they are; VM/370 adds no base register (DMKHVC).
	 * Returns a program-interruption code or 0; may change registers and
	 * the condition code. NULL: operation exception.
	 */
	int (*diagnose)(void *arg, struct cpu370 *cpu, unsigned r1, unsigned r3,
			uint32_t code);
	/* IUCV (X'B2F0'), as above; laddr: the second-operand address. */
	int (*iucv)(void *arg, struct cpu370 *cpu, uint32_t laddr);
	/*
	 * An external interruption X'2401', X'4000' or X'4001', latched with
	 * cpu370_external(), is about to be taken: the owner stores what goes with it.
	 * more: another one of that code waits behind it. Returns false if there is
	 * none after all. NULL: it is taken once.
	 */
	bool (*external)(void *arg, struct cpu370 *cpu, uint16_t code, bool *more);
	/*
	 * The CPU with that address, for SIGP; NULL: not operational. Without
	 * this function a CPU only knows itself.
	 */
	struct cpu370 *(*cpu_at)(void *arg, uint16_t address);
	/*
	 * Every SIGP order comes here. SENSE, external call and emergency signal, which
	 * the CPU carries out itself: 0, or SIGP_BUSY while an earlier order to the
	 * target is under way; for SENSE also status that only the owner knows. The
	 * others concern the thread that runs the target, and are the owner's: status
	 * for R1, 0 for accepted, SIGP_BUSY. NULL: those are invalid.
	 */
	uint32_t (*sigp)(void *arg, struct cpu370 *cpu, struct cpu370 *target,
			 unsigned order);
	/*
	 * What cpu370_set_trace() asked for happens. true: the CPU stops before its
	 * next instruction, which is not reported again. May be NULL.
	 */
	bool (*trace)(void *arg, struct cpu370 *cpu, const struct cpu_trace *what);
	/*
	 * An instruction of this CPU posted something to target: end its wait. May be
	 * NULL. Called with nothing held.
	 */
	void (*posted)(void *arg, struct cpu370 *target);
};

/* GA22-7000, "Multiprocessing": SIGP orders, and the status that R1 receives. */
enum sigp_order {
	SIGP_SENSE = 1, SIGP_EXTERNAL_CALL, SIGP_EMERGENCY_SIGNAL, SIGP_START, SIGP_STOP,
	SIGP_RESTART, SIGP_INITIAL_PROGRAM_RESET, SIGP_PROGRAM_RESET, SIGP_STOP_AND_STORE,
	SIGP_IMPL, SIGP_INITIAL_CPU_RESET, SIGP_CPU_RESET,
};

enum sigp_status {
	SIGP_CALL_PENDING = 0x80,
	SIGP_STOPPED = 0x40,
	SIGP_OPERATOR_INTERVENING = 0x20,
	SIGP_CHECK_STOP = 0x10,
	SIGP_INVALID_ORDER = 0x02,
	SIGP_BUSY = 0x10000, /* not a status: condition code 2 */
};

/*
 * The pending word: why a running CPU must look up. The CPU notices at its next
 * taken branch to another page or backwards, or within about a microsecond.
 */
enum cpu_pending {
	CPU_PENDING_STOP = 1 << 0,     /* leave cpu370_run() with CPU_EXIT_REQUEST */
	CPU_PENDING_IO = 1 << 1,       /* a subchannel holds interruption status */
	CPU_PENDING_EXTERNAL = 1 << 2, /* something is in the external latches */
	CPU_PENDING_TIMER = 1 << 3,    /* look at the clocks */
	CPU_PENDING_RESTART = 1 << 4,
	CPU_PENDING_KILL = 1 << 5,     /* somebody stored into decoded code */
	CPU_PENDING_MCHK = 1 << 6,
	CPU_PENDING_PURGE = 1 << 7,    /* forget translations */
};

enum cpu_exit {
	CPU_EXIT_BUDGET,        /* the instruction budget is used up */
	CPU_EXIT_WAIT,          /* wait state, some interruption enabled */
	CPU_EXIT_DISABLED_WAIT, /* wait state, every interruption masked off */
	CPU_EXIT_REQUEST,       /* CPU_PENDING_STOP was posted; it is off again */
	CPU_EXIT_CHECK_STOP,    /* until it is reset; other CPUs have been alerted */
	CPU_EXIT_BREAK,         /* the next instruction is at a breakpoint */
	CPU_EXIT_LOOP,          /* a new PSW that can only interrupt into itself */
	CPU_EXIT_TRACE,         /* the owner's trace() wanted it */
};

struct cpu370 *cpu370_new(struct storage *st, const struct cpu_config *config,
			  const struct cpu_owner *owner, struct clock *clock,
			  struct error *err);
void cpu370_free(struct cpu370 *cpu);
struct storage *cpu370_storage(const struct cpu370 *cpu);

/*
 * Run until something needs the owner or exactly budget instructions were
 * executed (UINT64_MAX: no end). In the wait state it returns at once. The
 * clocks are looked at on entry and when CPU_PENDING_TIMER is posted;
 * cpu370_deadline() says when that is due.
 */
enum cpu_exit cpu370_run(struct cpu370 *cpu, uint64_t budget);

/* TOD at which a timer of this CPU is next due, CLOCK_NEVER for none. */
uint64_t cpu370_deadline(const struct cpu370 *cpu);

/* Instructions executed since cpu370_new(). Any thread (a snapshot). */
uint64_t cpu370_icount(const struct cpu370 *cpu);

/*
 * What the engine did since cpu370_new(), for people who measure. Counted where it
 * costs nothing: not on the way from one decoded instruction to the next.
 */
struct cpu_stats {
	uint64_t instructions;
	uint64_t stepped;      /* of them: one at a time, not from a block */
	uint64_t lookups;      /* of blocks, by the loop */
	uint64_t misses;       /* of them: not in the jump cache */
	uint64_t decoded;      /* blocks decoded for the first time */
	uint64_t redecoded;    /* ... again, after a store into them */
	uint64_t killed;       /* by stores of this CPU */
	uint64_t killed_other; /* by channels and other CPUs */
	uint64_t volatiles;    /* doublewords that became volatile */
	uint64_t flushes;      /* of the whole cache: it was full */
	uint64_t tlb_fills, tlb_purges;
	uint64_t waits;        /* for other CPUs: IPTE, keys, first decoding of a frame */
	uint64_t restarts, externals, svcs, programs, checks, ios; /* interruptions */
	uint64_t program[256]; /* by the low byte of their code; X'80' is PER alone */
};
/* The CPU's own thread, or any while it is not running. */
void cpu370_stats(const struct cpu370 *cpu, struct cpu_stats *stats);

/* ---- any thread */

void cpu370_post(struct cpu370 *cpu, uint32_t pending);
void cpu370_unpost(struct cpu370 *cpu, uint32_t pending);
/* Latch an external interruption (X'0040' key, X'0080' timer ...) and post it. */
void cpu370_external(struct cpu370 *cpu, uint16_t code);
/*
 * Post a machine check with that interruption code; bits that say what the logout
 * areas hold are added. System damage and instruction-processing damage are exigent:
 * with machine checks masked off the CPU enters the check-stop state, if the check-stop
 * control in CR14 is on. GA22-7000, "Machine-Check Handling".
 */
void cpu370_machine_check(struct cpu370 *cpu, uint64_t code);
/*
 * The owner lets it rest in the stopped state (on), or start: what SIGP sense tells.
 * The check-stop state stays what it is.
 */
void cpu370_note_stopped(struct cpu370 *cpu, bool on);

/* ---- the CPU's own thread, or any while the CPU is not running */

enum cpu_reset { CPU_RESET, CPU_RESET_INITIAL, CPU_RESET_CLEAR };
/* Another architecture, and an initial CPU reset. */
void cpu370_set_arch(struct cpu370 *cpu, enum cpu_arch arch);
/* GA22-7000, "System Control", Resets; CLEAR also zeroes GPRs and FPRs. */
void cpu370_reset(struct cpu370 *cpu, enum cpu_reset kind);

/* PSW restart: swap PSWs now. GA22-7000, "Interruptions", Restart. */
void cpu370_restart(struct cpu370 *cpu);

/* GA22-7000, "System Control", Store Status: the save areas at absolute X'D8'-X'1FF'. */
void cpu370_store_status(struct cpu370 *cpu);

uint64_t cpu370_psw(const struct cpu370 *cpu);
/* Load a PSW as LPSW does; an invalid EC PSW interrupts when the CPU runs. */
void cpu370_set_psw(struct cpu370 *cpu, uint64_t psw);
uint32_t cpu370_gr(const struct cpu370 *cpu, unsigned n);
void cpu370_set_gr(struct cpu370 *cpu, unsigned n, uint32_t value);
uint32_t cpu370_cr(const struct cpu370 *cpu, unsigned n);
void cpu370_set_cr(struct cpu370 *cpu, unsigned n, uint32_t value);
uint64_t cpu370_fpr(const struct cpu370 *cpu, unsigned n); /* n is 0, 2, 4 or 6 */
void cpu370_set_fpr(struct cpu370 *cpu, unsigned n, uint64_t value);
uint32_t cpu370_prefix(const struct cpu370 *cpu);
void cpu370_set_prefix(struct cpu370 *cpu, uint32_t prefix);
/* What STIDP stores. */
void cpu370_set_cpuid(struct cpu370 *cpu, uint64_t cpuid);
void cpu370_set_cc(struct cpu370 *cpu, unsigned cc);

/* The clocks as an instruction would read them now. */
struct cpu_clocks {
	uint64_t tod, comparator, timer;
};
void cpu370_clocks(struct cpu370 *cpu, struct cpu_clocks *clocks);

uint32_t cpu370_real_to_absolute(const struct cpu370 *cpu, uint32_t raddr);

/*
 * Translate a logical address under the current PSW (DAT if it is on), for
 * DIAGNOSE and console functions. Returns 0 or a program-interruption code;
 * sets no bits and checks no key.
 */
int cpu370_translate(struct cpu370 *cpu, uint32_t laddr, uint32_t *raddr);

/*
 * What the interval timer at X'50' counts: REAL, all time, until told otherwise;
 * VIRTUAL, the time inside cpu370_run() only: neither the wait state nor a CPU
 * that is stopped (VM/370's SET TIMER ON).
 */
enum cpu_itimer { ITIMER_OFF, ITIMER_REAL, ITIMER_VIRTUAL };
void cpu370_set_interval_timer(struct cpu370 *cpu, enum cpu_itimer mode);
/*
 * An owner's function waits for somebody (on) or goes on: that time is not the
 * CPU's, and a virtual interval timer does not count it.
 */
void cpu370_owner_waits(struct cpu370 *cpu, bool on);

/*
 * Report these kinds (enum cpu_trace_kind) to the owner from now on; 0 ends it.
 * Without CPU_TRACE_INSN and CPU_TRACE_DONE the CPU runs as fast as ever. With
 * CPU_TRACE_DONE, which changes what the TLB holds, only on the CPU's thread.
 */
void cpu370_set_trace(struct cpu370 *cpu, unsigned kinds);

/* Breakpoints: logical instruction addresses. false: no room for another. */
bool cpu370_set_break(struct cpu370 *cpu, uint32_t laddr);
void cpu370_clear_break(struct cpu370 *cpu, uint32_t laddr);

#endif
