/*
 * cpu370/int.h - the inside of struct cpu370, for the files of this room.
 *
 * HOW AN INSTRUCTION IS WRITTEN. Every instruction has one definition, a
 * function `void op_<mnemonic>(struct cpu370 *cpu, const struct insn *in)`. It
 * takes its operands through the helpers below, changes nothing before its last
 * possible interruption (or says so), and raises a program interruption with
 * program_check(), which does not return. While an operation runs, cpu->ia is
 * the address of the next sequential instruction. What an op need not check,
 * because decode has done it: privilege (OPF_PRIV), even register pairs,
 * floating-point register numbers, operand alignment on a System/360, and
 * facilities. Interruptions that complete an operation (overflow, significance
 * ...) are raised last, after the result and the cc are stored.
 *
 * The frequent operations have a second form in cpu370/fast.c, which handles the
 * case that needs nothing slow and falls back on the op.
 *
 * SWITCHING ON DECIMAL AND FLOAT. The rows of OPCODES_DECIMAL and OPCODES_FLOAT
 * give an operation exception as long as cpu370/decimal.c and cpu370/hfp.c do not
 * exist; cpu370/cpu370.mk defines CPU370_DECIMAL and CPU370_FLOAT when they
 * do, and then each must define all the op_ functions of its list.
 */
#ifndef CPU370_INT_H
#define CPU370_INT_H

#include <setjmp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "cpu370/cpu.h"
#include "cpu370/opcodes.h"
#include "cpu370/storage_int.h"

#define ADDRESS_MASK 0xFFFFFFu
#define NO_REGISTER  16 /* gr[16] is always zero: a base or index field of 0 */

/*
 * A decoded instruction. Fields are named after their place in the bytes; for
 * RX, RS, SI and S the one storage address is b1/d1.
 */
struct insn {
	/* Execute and go on; the next instruction to run, or NULL to leave. */
	struct insn *(*run)(struct cpu370 *cpu, struct insn *in);
	void (*op)(struct cpu370 *cpu, const struct insn *in);
	uint8_t r1;      /* byte 1 high: R1, M1, L1 (length - 1) */
	uint8_t r2;      /* byte 1 low: R2, R3, M3, I3, L2 (length - 1); X2 of RX:
			    NO_REGISTER for 0. Of RRE: byte 3 low, and r1 byte 3 high */
	uint8_t i2;      /* byte 1: I2, I, L (length - 1) */
	uint8_t b1, b2;  /* NO_REGISTER for 0 */
	uint8_t ilc;     /* bytes; 4 for the target of an EX */
	uint8_t flags;   /* INSN_ bits */
	uint8_t pos;     /* instructions from the block's start, this one included */
	uint16_t d1, d2; /* 0 ... 4095 */
	uint16_t off;    /* of its first byte in its frame */
	uint16_t toff;   /* offset of the branch target in `target`; NO_TARGET none */
	union {
		struct insn *target; /* branches: where toff is decoded */
		uint8_t raw[8];      /* volatile instructions: bytes it was made from */
	};
};

#define NO_TARGET 0xFFFF

enum insn_flag {
	INSN_PRIV = 1 << 0,
	INSN_END = 1 << 1,      /* the block ends behind it */
	INSN_BRANCH = 1 << 2,   /* the op may set cpu->ia */
	INSN_VOLATILE = 1 << 3, /* bytes change often: look at them each time */
	INSN_EX = 1 << 4,
	INSN_ALIGN = 1 << 5,    /* System/360: toff is operand length - 1 */
	INSN_INDEXED = 1 << 6,  /* RX: r2 is an index register */
};

/*
 * Translation lookaside buffer. An entry holds for one 2K piece of a page. A tag
 * is the logical address of the piece, or TLB_NONE. A matching fetch tag says:
 * translated, fetch allowed with the key of the set, reference bit on. A store tag
 * says in addition: store allowed, change bit on, and nobody wants to see it; what
 * remains to be asked is whether there is code in that place: before the store, or,
 * where the tag has TLB_LOOK_AFTER on and so matches for store_bytes() only, behind it.
 */
#define TLB_ENTRIES 256
#define TLB_SETS    8
#define TLB_NONE    0xFFFFFFFFu
#define TLB_LOOK_AFTER 1u

struct tlb_entry {
	uint32_t fetch, store;
	uintptr_t host; /* add the logical address: the byte in host memory */
};

/* What makes two translations differ: everything but the address. */
struct tlb_ident {
	uint32_t std;     /* segment-table designation, 0 with DAT off */
	uint32_t control; /* key, DAT, CR0 format and low-address bits, PER */
};

struct tlb_set {
	struct tlb_entry entry[TLB_ENTRIES];
	struct tlb_ident ident;
	uint32_t serial; /* new whenever jump-cache entries must not match */
	uint32_t used;   /* for choosing the set to give up */
};

/* Logical address to decoded block; tag: serial of the TLB set, and address. */
#define JUMP_ENTRIES 2048

struct jump_entry {
	uint64_t tag;
	struct insn *first;
};

/* Ranges of absolute storage that other threads changed. */
#define KILL_QUEUE 32

struct kill_request {
	uint32_t aaddr, length;
};

struct cpu370 {
	/* hot: touched by nearly every instruction */
	uint32_t gr[17];     /* gr[16] stays 0 */
	uint32_t frame;      /* logical address of the frame that runs */
	int64_t cc;          /* see get_cc() */
	struct tlb_entry *tlb; /* entries of the current set */
	uint64_t icount;     /* instructions executed before the running block */
	_Atomic uint64_t limit; /* leave at a taken branch when icount is not below */
	uint64_t jump_tag;   /* of the current set, address bits zero */
	struct jump_entry *jump;
	uintptr_t code_marks; /* add a host address / 8: its mark in st->code */
	const struct insn *cur; /* instruction in an op, for interruptions */
	uint32_t ia;         /* next instruction; valid in an op and outside blocks */
	bool leave;          /* the running block was killed: go no further in it */
	bool problem;
	uint8_t program_mask; /* PSW program mask, bits 4-7 of this byte */
	uint8_t key;         /* PSW key, 0x00 ... 0xF0 */
	_Alignas(16) uint64_t fpr[8]; /* by register number; odd ones unused */

	/* the rest of the PSW */
	bool ec, wait, machine_check;
	bool dat, per;       /* EC only */
	bool secondary;      /* PSW bit 16: secondary-space mode */
	uint8_t system_mask; /* PSW bits 0-7 as they are */
	uint64_t psw_bad;    /* bits that made a loaded EC PSW invalid; 0: valid */
	bool psw_invalid;    /* early specification exception is due */
	uint8_t early_ilc;   /* its instruction length: 4 after SSM and STOSM */
	uint8_t wait_ilc;    /* of the LPSW that loaded this PSW, else 0; shown in a wait */
	bool ascii;          /* PSW bit 12 of a System/360: kept, not obeyed */

	uint32_t cr[16];
	uint32_t prefix;
	enum cpu_arch arch;
	uint16_t address;
	uint64_t cpuid;

	struct storage *st;
	struct cpu_owner owner;
	struct clock *clock;

	/* interruption being raised */
	jmp_buf escape;
	bool escape_set;
	uint32_t trans_addr; /* translation-exception address, for code 10 ... */
	uint16_t monitor_class;
	uint32_t monitor_code;
	enum pic pic;        /* what program_check() was called with */
	struct insn temp;    /* an instruction that runs outside blocks */
	uint64_t barren_at;  /* icount at the last program interruption */
	unsigned barren;     /* program interruptions since an instruction was completed */

	/* other threads set these */
	_Atomic uint32_t pending;
	_Atomic uint32_t ext;     /* latched external conditions, as CR0 mask bits */
	_Atomic uint32_t signals; /* codes X'20' ... X'01' of external signals */
	_Atomic uint32_t emergency; /* emergency-signal sources, bit = CPU address */
	_Atomic uint32_t malfunction;
	_Atomic uint32_t call_from; /* external call: CALL_PENDING | CPU address; 0 none */
	_Atomic uint32_t sync_wanted; /* tickets drawn by CPUs that wait for this one */
	_Atomic uint32_t sync_done;   /* last ticket this one has answered */
	_Atomic bool inside;          /* executes instructions: see multi.c */
	_Atomic uint64_t check_code;  /* machine-check code to be presented; 0: none */
	_Atomic uint64_t icount_seen; /* for other threads */
	_Atomic uint8_t run_state;  /* enum cpu_run_state */
	pthread_mutex_t kill_lock; /* kills[], kill_count, unstore[] */
	struct kill_request kills[KILL_QUEUE];
	unsigned kill_count; /* KILL_QUEUE + 1: too many, everything goes */
	uint32_t unstore[KILL_QUEUE]; /* frames whose store tags must go */
	unsigned unstore_count;

	/* time, in TOD units */
	uint64_t comparator;
	uint64_t timer_zero;  /* TOD at which the CPU timer is zero */
	uint64_t itimer_seen; /* TOD up to which X'50' was counted down */
	enum cpu_itimer interval_timer;
	uint32_t itimer_rest; /* not yet counted, in TOD units times 3 */

	/* PER */
	uint8_t per_events;   /* found so far for this instruction, X'96' bits */
	uint32_t per_address;
	bool per_stepping;    /* step() is inside an instruction under PER */
	bool per_branched;
	bool per_ex;          /* the instruction is an EX, of per_ex_code */
	uint8_t per_code[6], per_ex_code[6];
	uint32_t per_control; /* CR9 as the instruction began */
	uint32_t per_gr[17];

	bool step_next;       /* the next instruction must not come from a block */
	uint64_t broke_at;    /* icount + 1 at the last breakpoint: it is passed then */
	uint64_t stop_at;     /* icount at which the budget is used up */
	uint32_t breaks[16];
	unsigned break_count;
	unsigned trace;       /* kinds of events that the owner is told of */
	bool trace_stop;      /* it wants the CPU stopped before the next instruction */
	uint64_t trace_told;  /* icount + 1 when trace_ia was reported; 0 never */
	uint32_t trace_ia;
	bool watching;        /* step() is inside an instruction that `done` describes */
	uint32_t done_ia;
	uint8_t done_code[6];
	struct cpu_done done;

	struct tlb_set sets[TLB_SETS];
	unsigned set_current;
	uint32_t set_clock, set_serial;
	struct block_cache *blocks;
	struct jump_entry jump_cache[JUMP_ENTRIES];
	struct cpu_stats stats;
};

enum cpu_run_state { RUN_STOPPED, RUN_RUNNING, RUN_CHECK_STOP };

#define CALL_PENDING 0x10000u

/* PSW program mask. */
#define MASK_FIXED_OVERFLOW   0x8
#define MASK_DECIMAL_OVERFLOW 0x4
#define MASK_UNDERFLOW        0x2
#define MASK_SIGNIFICANCE     0x1

/* ---- condition code
 *
 * Kept as a number whose sign is the code, so that most instructions only store
 * their result or difference: zero is cc 0, negative cc 1, positive cc 2, and
 * the most negative number cc 3.
 */
#define CC3 INT64_MIN

static inline unsigned get_cc(const struct cpu370 *cpu)
{
	return cpu->cc == 0 ? 0 : cpu->cc > 0 ? 2 : cpu->cc == CC3 ? 3 : 1;
}

static inline int64_t cc_value(unsigned cc)
{
	return cc == 0 ? 0 : cc == 1 ? -1 : cc == 2 ? 1 : CC3;
}

static inline void set_cc(struct cpu370 *cpu, unsigned cc)
{
	cpu->cc = cc_value(cc);
}

/* ---- guest bytes
 *
 * Storage is shared with other CPUs and channels as on the real machine: a guest
 * that races with itself reads old or new bytes. Thread sanitizer is not to watch
 * the bytes of a guest, only what is ours: in such a build (GUEST_WATCHED) the files
 * that touch guest bytes directly are compiled without it (cpu370.mk), and the
 * others go through these functions, as memcpy() is watched wherever it is called.
 */
#ifdef GUEST_WATCHED
void guest_copy(void *to, const void *from, size_t n);
void guest_move(void *to, const void *from, size_t n); /* they may overlap */
void guest_fill(void *to, uint8_t byte, size_t n);
void full_fence(void);
#else
static inline void guest_copy(void *to, const void *from, size_t n)
{
	memcpy(to, from, n);
}

static inline void guest_move(void *to, const void *from, size_t n)
{
	memmove(to, from, n);
}

static inline void guest_fill(void *to, uint8_t byte, size_t n)
{
	memset(to, byte, n);
}

static inline void full_fence(void)
{
	atomic_thread_fence(memory_order_seq_cst);
}
#endif

/* ---- program interruptions (cpu370/interrupt.c) */

/*
 * Raise a program interruption for the running instruction. Whether it is
 * nullified (address not advanced) follows from the code.
 */
NORETURN void program_check(struct cpu370 *cpu, enum pic pic);

/* ---- operand addresses, 24 bits */

static inline uint32_t address_rx(const struct cpu370 *cpu, const struct insn *in)
{
	return (cpu->gr[in->r2] + cpu->gr[in->b1] + in->d1) & ADDRESS_MASK;
}

/* RS, SI, S, and the first operand of SS. */
static inline uint32_t address_1(const struct cpu370 *cpu, const struct insn *in)
{
	return (cpu->gr[in->b1] + in->d1) & ADDRESS_MASK;
}

/* The second operand of SS and SSE. */
static inline uint32_t address_2(const struct cpu370 *cpu, const struct insn *in)
{
	return (cpu->gr[in->b2] + in->d2) & ADDRESS_MASK;
}

/* ---- operand access (cpu370/access.c)
 *
 * laddr is 24 bits. All of these check translation, addressing and protection and
 * raise the interruption themselves, before anything is changed; operands wrap
 * from X'FFFFFF' to 0.
 */

/* Saves the caller a second test: what a TLB entry makes is never NULL. */
static ALWAYS_INLINE uint8_t *host_pointer(uintptr_t host)
{
	if (!host)
		__builtin_unreachable();
	return (uint8_t *)host;
}

/* Host address of n <= 256 bytes, or NULL: use the slow way. */
static ALWAYS_INLINE const uint8_t *tlb_fetch(struct cpu370 *cpu, uint32_t laddr, unsigned n)
{
	const struct tlb_entry *e = &cpu->tlb[(laddr >> FRAME_SHIFT) & (TLB_ENTRIES - 1)];

	if (UNLIKELY(e->fetch != ((laddr + n - 1) & ~FRAME_OFFSET)))
		return NULL;
	return host_pointer(e->host + laddr);
}

/*
 * May there be decoded instructions in these n bytes, or just behind them? One look
 * at the marks of neighbouring doublewords; the exact answer is storage_is_code().
 */
static ALWAYS_INLINE bool near_code(const struct cpu370 *cpu, const uint8_t *host, unsigned n)
{
	const uint8_t *marks = (const uint8_t *)(cpu->code_marks + ((uintptr_t)host >> 3));
	uint64_t eight;
	uint16_t two;

	if (n == 1)
		return *marks;
	if (n <= 8) {
		memcpy(&two, marks, sizeof(two));
		return two;
	}
	for (unsigned i = 0; i <= n / 8 + 1; i += 8) {
		memcpy(&eight, marks + i, sizeof(eight));
		if (eight)
			return true;
	}
	return false;
}

static ALWAYS_INLINE uint8_t *tlb_store(struct cpu370 *cpu, uint32_t laddr, unsigned n)
{
	const struct tlb_entry *e = &cpu->tlb[(laddr >> FRAME_SHIFT) & (TLB_ENTRIES - 1)];
	uint8_t *host;

	if (UNLIKELY(e->store != ((laddr + n - 1) & ~FRAME_OFFSET)))
		return NULL;
	host = host_pointer(e->host + laddr);
	return LIKELY(!near_code(cpu, host, n)) ? host : NULL;
}

/* Copy n <= 4096 bytes of storage out of or into it. */
void fetch_bytes(struct cpu370 *cpu, uint32_t laddr, unsigned n, void *to);
void store_bytes(struct cpu370 *cpu, uint32_t laddr, unsigned n, const void *from);
/* Only the checks of store_bytes, reference and change bits included. */
void check_store(struct cpu370 *cpu, uint32_t laddr, unsigned n);
void check_fetch(struct cpu370 *cpu, uint32_t laddr, unsigned n);

static inline uint8_t fetch8(struct cpu370 *cpu, uint32_t laddr)
{
	const uint8_t *p = tlb_fetch(cpu, laddr, 1);
	uint8_t b;

	if (LIKELY(p))
		return *p;
	fetch_bytes(cpu, laddr, 1, &b);
	return b;
}

static inline uint16_t fetch16(struct cpu370 *cpu, uint32_t laddr)
{
	const uint8_t *p = tlb_fetch(cpu, laddr, 2);
	uint8_t b[2];

	if (LIKELY(p))
		return be16(p);
	fetch_bytes(cpu, laddr, 2, b);
	return be16(b);
}

static inline uint32_t fetch32(struct cpu370 *cpu, uint32_t laddr)
{
	const uint8_t *p = tlb_fetch(cpu, laddr, 4);
	uint8_t b[4];

	if (LIKELY(p))
		return be32(p);
	fetch_bytes(cpu, laddr, 4, b);
	return be32(b);
}

static inline uint64_t fetch64(struct cpu370 *cpu, uint32_t laddr)
{
	const uint8_t *p = tlb_fetch(cpu, laddr, 8);
	uint8_t b[8];

	if (LIKELY(p))
		return be64(p);
	fetch_bytes(cpu, laddr, 8, b);
	return be64(b);
}

static inline void store8(struct cpu370 *cpu, uint32_t laddr, uint8_t value)
{
	uint8_t *p = tlb_store(cpu, laddr, 1);

	if (LIKELY(p))
		*p = value;
	else
		store_bytes(cpu, laddr, 1, &value);
}

static inline void store16(struct cpu370 *cpu, uint32_t laddr, uint16_t value)
{
	uint8_t *p = tlb_store(cpu, laddr, 2), b[2];

	put_be16(p ? p : b, value);
	if (UNLIKELY(!p))
		store_bytes(cpu, laddr, 2, b);
}

static inline void store32(struct cpu370 *cpu, uint32_t laddr, uint32_t value)
{
	uint8_t *p = tlb_store(cpu, laddr, 4), b[4];

	put_be32(p ? p : b, value);
	if (UNLIKELY(!p))
		store_bytes(cpu, laddr, 4, b);
}

static inline void store64(struct cpu370 *cpu, uint32_t laddr, uint64_t value)
{
	uint8_t *p = tlb_store(cpu, laddr, 8), b[8];

	put_be64(p ? p : b, value);
	if (UNLIKELY(!p))
		store_bytes(cpu, laddr, 8, b);
}

/*
 * An operand of up to 2048 bytes in place: it lies in one or two frames. The
 * second part is empty if one frame holds it all. After bytes under a store span
 * were changed, span_stored() must follow.
 */
struct span {
	uint8_t *at[2];
	unsigned n[2];
	uint32_t laddr;
	bool watched; /* span_stored() has something to do */
};

void span_fetch(struct cpu370 *cpu, uint32_t laddr, unsigned n, struct span *span);
void span_store(struct cpu370 *cpu, uint32_t laddr, unsigned n, struct span *span);
void span_stored(struct cpu370 *cpu, const struct span *span);

static inline uint8_t *span_at(const struct span *span, unsigned i)
{
	return i < span->n[0] ? span->at[0] + i : span->at[1] + (i - span->n[0]);
}

/* ---- every operation of the tables */

#define DECLARE_OP(fn, ...) void op_##fn(struct cpu370 *cpu, const struct insn *in);
OPCODES_GENERAL(DECLARE_OP)
OPCODES_DECIMAL(DECLARE_OP)
OPCODES_FLOAT(DECLARE_OP)
OPCODES_CONTROL(DECLARE_OP)
OPCODES_IO(DECLARE_OP)
#undef DECLARE_OP

void op_operation(struct cpu370 *cpu, const struct insn *in);     /* raises code 1 */
void op_specification(struct cpu370 *cpu, const struct insn *in); /* raises code 6 */

/* A successful branch: target is 24 bits. */
static inline void take_branch(struct cpu370 *cpu, uint32_t target)
{
	cpu->ia = target & ADDRESS_MASK;
	cpu->per_branched = true;
}

/* ---- the rest of the room, in the order of the files */

/* access.c */
enum dat_result_kind { DAT_OK, DAT_SEGMENT, DAT_PAGE, DAT_LENGTH_SEGMENT,
		       DAT_LENGTH_PAGE, DAT_SPECIFICATION, DAT_ADDRESSING };

struct dat_result {
	enum dat_result_kind kind;
	uint32_t raddr;   /* DAT_OK: the real address */
	uint32_t entry;   /* real address of the last table entry used or missing */
	bool protected_segment;
};

/* Walk the tables that std designates; the TLB is not looked at. */
struct dat_result dat_walk(struct cpu370 *cpu, uint32_t laddr, uint32_t std);
/* The interruption a result stands for; 0 for DAT_OK. */
enum pic dat_pic(enum dat_result_kind kind);
/* The segment-table designation that the PSW selects. */
uint32_t dat_std(const struct cpu370 *cpu);

static inline uint32_t to_absolute(const struct cpu370 *cpu, uint32_t raddr)
{
	uint32_t page = raddr & ~0xFFFu;

	if (page == 0)
		return raddr + cpu->prefix;
	return page == cpu->prefix ? raddr & 0xFFF : raddr;
}

/*
 * Host address for a fetch (or store) of the byte at laddr, good up to the end of
 * its frame, under an access key and a std other than the PSW's. Raises the
 * interruption. Used by MVCK and its kin.
 */
uint8_t *access_with(struct cpu370 *cpu, uint32_t laddr, uint8_t key, uint32_t std,
		     bool secondary, bool store);
/* After a store through access_with(): PER, and block caches. */
void stored_at(struct cpu370 *cpu, uint32_t laddr, const uint8_t *host, unsigned n);
/* The interruption an access with that key would meet, 0 for none. Marks nothing. */
enum pic access_probe(struct cpu370 *cpu, uint32_t laddr, uint8_t key, bool store);
/* Real address of a page-table entry, and its invalid bit. */
enum pic dat_page_entry(struct cpu370 *cpu, uint32_t origin, uint32_t laddr, uint32_t *entry,
			uint16_t *invalid);
/* Host address of installed real storage, or NULL. No protection, no marks. */
uint8_t *real_host(struct cpu370 *cpu, uint32_t raddr, unsigned n);
/* Store into assigned storage: real, unprotected, seen by block caches. */
void real_store(struct cpu370 *cpu, uint32_t raddr, const void *from, unsigned n);
void tlb_select(struct cpu370 *cpu);    /* PSW, CR0, CR1, CR7 changed */
void tlb_purge(struct cpu370 *cpu);     /* forget everything */
void tlb_purge_dat(struct cpu370 *cpu); /* forget all translations */
void tlb_drop_frame(struct cpu370 *cpu, uint32_t frame); /* key changed */
void tlb_drop_store(struct cpu370 *cpu, uint32_t frame); /* code found */
/*
 * Host address of the byte at laddr, good up to the end of its frame; fills the
 * TLB. Returns the program-interruption code that forbids it, or 0.
 */
enum pic tlb_fill(struct cpu370 *cpu, uint32_t laddr, bool store, uint8_t **host);
void per_store(struct cpu370 *cpu, uint32_t laddr, unsigned n); /* storage alteration */

/* run.c */
/* PC and PT are complete, cpu->ia is the new address: raise a space-switch event. */
NORETURN void space_switch(struct cpu370 *cpu);

/* interrupt.c */
void psw_load(struct cpu370 *cpu, uint64_t psw);
uint64_t psw_compose(const struct cpu370 *cpu, uint16_t code, unsigned ilc);
void interrupt_program(struct cpu370 *cpu, unsigned code, uint32_t ia, unsigned ilc);
void interrupt_svc(struct cpu370 *cpu, uint8_t code, unsigned ilc);
/* Take one enabled interruption that is pending; false: there is none. */
bool interrupt_pending(struct cpu370 *cpu);
void trace_interruption(struct cpu370 *cpu, uint32_t old, uint64_t new_psw, uint16_t code,
			unsigned ilc);
void trace_io(struct cpu370 *cpu, uint16_t address, unsigned cc);
void trace_insn(struct cpu370 *cpu);
/* Around an instruction of step() that is to be reported as done; and its stores. */
void trace_watch(struct cpu370 *cpu, const uint8_t code[6]);
void trace_done(struct cpu370 *cpu, bool completed);
void trace_store(struct cpu370 *cpu, uint32_t laddr, unsigned n);
void trace_ex(struct cpu370 *cpu, uint32_t laddr, const uint8_t code[6]);
uint32_t external_enabled(const struct cpu370 *cpu); /* CR0 mask bits */
bool interrupts_enabled(const struct cpu370 *cpu); /* any external or I/O at all */
void system_mask_set(struct cpu370 *cpu, uint8_t mask, unsigned ilc);

/* multi.c */
/* Do what other CPUs asked for: kills, purges. On this CPU's thread. */
void cpu_obey(struct cpu370 *cpu);
/*
 * Post pending bits (kill, purge) to all other CPUs of the storage and wait until
 * none of them works any more with what it knew before. Not with a lock held.
 */
void cpu_sync_others(struct cpu370 *cpu, uint32_t pending);
/* Around a function of the owner, which may wait: nobody waits for this CPU then. */
void cpu_outside(struct cpu370 *cpu);
void cpu_inside(struct cpu370 *cpu);
/* Post external conditions and pending bits to another CPU and wake its thread. */
void cpu_tell(struct cpu370 *cpu, struct cpu370 *target, uint32_t ext, uint32_t pending);
void cpu_tell_others(struct cpu370 *cpu, uint32_t pending);
void cpu_malfunction_alert(struct cpu370 *cpu);

/*
 * The end of a serializing instruction: what other CPUs did before is seen by the
 * next one, in code too. May set cpu->leave.
 */
static inline void serialize(struct cpu370 *cpu)
{
	full_fence();
	if (UNLIKELY(atomic_load_explicit(&cpu->pending, memory_order_relaxed) &
		     (CPU_PENDING_KILL | CPU_PENDING_PURGE)))
		cpu_obey(cpu);
}

/* timers.c */
uint64_t tod_now(struct cpu370 *cpu);
uint64_t tod_stck(struct cpu370 *cpu); /* unique and increasing */
void timers_update(struct cpu370 *cpu);
/* cpu370_run() begins, ends: what a virtual interval timer counts. */
void timers_begin(struct cpu370 *cpu);
void timers_end(struct cpu370 *cpu);
uint64_t cpu_timer(struct cpu370 *cpu);
void cpu_timer_set(struct cpu370 *cpu, uint64_t value);
void timers_reset(struct cpu370 *cpu);

/* External conditions in cpu->ext, at the place of their CR0 mask bit. */
enum {
	EXT_MALFUNCTION = 0x8000,
	EXT_EMERGENCY = 0x4000,
	EXT_CALL = 0x2000,
	EXT_COMPARATOR = 0x0800,
	EXT_CPU_TIMER = 0x0400,
	EXT_SERVICE = 0x0200,
	EXT_ITIMER = 0x0080,
	EXT_KEY = 0x0040,
	EXT_SIGNALS = 0x0020,
	EXT_IUCV = 0x0002,
	EXT_VMCF = 0x0001,
	EXT_ALL = 0xEEE3,
};

/* decode.c */
/* Decode code[] (its whole length is there) into in; off, pos, run are not set. */
/* Read the instruction at ia; 0, or the code of the exception it meets. */
enum pic fetch_insn(struct cpu370 *cpu, uint32_t ia, uint8_t code[6]);
void insn_decode(const struct cpu370 *cpu, const uint8_t *code, struct insn *in);

/* The OPF_ flags of an instruction. */
uint32_t insn_opcode_flags(const struct cpu370 *cpu, const uint8_t *code);

/* block.c */
struct block_cache *block_cache_new(const struct storage *st, struct error *err);
void block_cache_free(struct block_cache *bc);
/* First instruction of the block at absolute address aaddr; NULL: not cacheable. */
struct insn *block_get(struct cpu370 *cpu, uint32_t aaddr);
/* This CPU stored n bytes at aaddr, one frame, which has code. */
void block_stored(struct cpu370 *cpu, uint32_t aaddr, unsigned n);
void block_cache_clear(struct cpu370 *cpu);
/* Any thread: bytes of one frame changed; a store tag for a frame must go. */
void block_request_kill(struct cpu370 *cpu, uint32_t aaddr, uint32_t n);
/* Do what was requested: CPU_PENDING_KILL. */
void block_requests(struct cpu370 *cpu);

/* fast.c */
/* Choose in->run by op and fields. */
void insn_choose(const struct cpu370 *cpu, struct insn *in, const uint8_t *code);
/* Let one handler do two neighbours, where that pays. */
void block_fuse(const struct cpu370 *cpu, struct insn *in, unsigned n);

/* cpu.c */
/* Storage was cleared: forget blocks and translations. CPU not running. */
void cpu_forget(struct cpu370 *cpu);
/* Timers and registers to the save areas X'D8' ... X'1FF' of the page at aaddr. */
void cpu_save_registers(struct cpu370 *cpu, uint32_t aaddr);

/* run.c */
struct insn *run_op(struct cpu370 *cpu, struct insn *in);
struct insn *run_end(struct cpu370 *cpu, struct insn *in);
struct insn *run_dead(struct cpu370 *cpu, struct insn *in);
struct insn *run_fall(struct cpu370 *cpu, struct insn *in);
struct insn *run_volatile(struct cpu370 *cpu, struct insn *in);
struct insn *run_ex(struct cpu370 *cpu, struct insn *in);

/* Privilege, and operand boundaries on a System/360. */
void insn_check(struct cpu370 *cpu, const struct insn *in);

/* Execute the op of an instruction that cpu->cur names, privilege included. */
static inline void insn_execute(struct cpu370 *cpu, const struct insn *in)
{
	if (UNLIKELY(in->flags & (INSN_PRIV | INSN_ALIGN)))
		insn_check(cpu, in);
	in->op(cpu, in);
}

#endif
