/*
 * The decode cache: basic blocks of decoded instructions, found by the absolute
 * address of their first byte.
 *
 * A block lies in one frame and runs from one entry: conditional branches that are
 * not taken stay inside it; it ends at an unconditional branch, at an instruction
 * that may change how the next one is fetched, at the end of the frame or after
 * BLOCK_INSNS instructions.
 *
 * INVALIDATION. Every doubleword that a block covers is marked in the storage's
 * code map. A store that hits a mark kills the blocks that cover it: the block
 * stays where it is, so that branches chained to it need not be found, but its
 * first instruction becomes run_dead(), and it is decoded anew when it is next
 * wanted. If it is the running block, cpu->leave ends it behind the storing
 * instruction. A doubleword that small stores of this CPU killed VOLATILE_KILLS
 * times is no longer marked: its instructions look at their bytes each time.
 *
 * Blocks belong to one CPU. Other threads put what they changed into the CPU's
 * kill queue, and before a CPU of several decodes a frame for the first time it makes
 * sure that no other one can store there unseen (watch(), multi.c).
 */
#include "cpu370/int.h"
#include "cpu370/run.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#define BLOCK_INSNS    32
#define VOLATILE_KILLS 4
#define SMALL_STORE    8 /* bytes; longer stores are new code, not modification */
#define HASH_SIZE      8192
#define ARENA_SIZE     (32u << 20)

struct block {
	struct block *hash_next, *frame_next;
	uint32_t aaddr;
	uint16_t bytes;   /* covered from aaddr */
	uint8_t n;        /* instructions */
	uint8_t capacity; /* instructions there is room for, the last one not counted */
	bool dead;
	struct insn insn[];
};

struct code_frame {
	struct block *blocks;
	uint8_t kills[FRAME_SIZE / 8];
};

struct block_cache {
	uint8_t *arena;
	size_t used;
	struct block *hash[HASH_SIZE];
	size_t frame_count;
	struct code_frame *frames[];
};

struct block_cache *block_cache_new(const struct storage *st, struct error *err)
{
	size_t frames = st->reserved / FRAME_SIZE; /* segments lie beyond the size */
	struct block_cache *bc = calloc(1, sizeof(*bc) + frames * sizeof(bc->frames[0]));

	if (bc) {
		bc->frame_count = frames;
		bc->arena = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	}
	if (bc && bc->arena != MAP_FAILED)
		return bc;
	error_errno(err, ENOMEM, "decode cache");
	free(bc);
	return NULL;
}

void block_cache_free(struct block_cache *bc)
{
	if (!bc)
		return;
	munmap(bc->arena, ARENA_SIZE);
	free(bc);
}

void block_cache_clear(struct cpu370 *cpu)
{
	struct block_cache *bc = cpu->blocks;

	memset(bc->hash, 0, sizeof(bc->hash));
	memset(bc->frames, 0, bc->frame_count * sizeof(bc->frames[0]));
	bc->used = 0;
	memset(cpu->jump_cache, 0xFF, sizeof(cpu->jump_cache));
}

static void *arena_take(struct block_cache *bc, size_t size)
{
	void *p = bc->arena + bc->used;

	bc->used += (size + 15) & ~(size_t)15;
	return p;
}

static size_t block_size(unsigned capacity)
{
	return sizeof(struct block) + (capacity + 1) * sizeof(struct insn);
}

static bool arena_has(const struct block_cache *bc)
{
	return ARENA_SIZE - bc->used >
	       block_size(BLOCK_INSNS) + sizeof(struct code_frame) + 64;
}

static struct block **hash_at(struct block_cache *bc, uint32_t aaddr)
{
	return &bc->hash[(aaddr >> 1 ^ aaddr >> 12) % HASH_SIZE];
}

static struct block *find(struct block_cache *bc, uint32_t aaddr)
{
	struct block *b = *hash_at(bc, aaddr);

	while (b && b->aaddr != aaddr)
		b = b->hash_next;
	return b;
}

/* ---- marks in the code map */

static void mark(struct storage *st, uint32_t aaddr, unsigned bytes,
		 const struct code_frame *frame)
{
	for (uint32_t i = aaddr / 8; i <= (aaddr + bytes - 1) / 8; i++)
		if (frame->kills[i % (FRAME_SIZE / 8)] < VOLATILE_KILLS)
			__atomic_store_n(&st->code[i], 1, __ATOMIC_RELAXED);
}

/* With one CPU the marks can be made exact again after a kill. */
static void remark(struct cpu370 *cpu, uint32_t frame)
{
	struct storage *st = cpu->st;
	struct code_frame *cf = cpu->blocks->frames[frame];
	bool any = false;

	if (atomic_load(&st->cpu_count) != 1)
		return;
	for (unsigned i = 0; i < FRAME_SIZE / 8; i++)
		__atomic_store_n(&st->code[frame * (FRAME_SIZE / 8) + i], 0, __ATOMIC_RELAXED);
	for (struct block *b = cf ? cf->blocks : NULL; b; b = b->frame_next) {
		if (b->dead)
			continue;
		mark(st, b->aaddr, b->bytes, cf);
		any = true;
	}
	if (!any)
		atomic_store(&st->has_code[frame], CODE_NONE);
}

static void block_request_unstore(struct cpu370 *cpu, uint32_t frame)
{
	pthread_mutex_lock(&cpu->kill_lock);
	if (cpu->unstore_count < KILL_QUEUE)
		cpu->unstore[cpu->unstore_count] = frame;
	if (cpu->unstore_count <= KILL_QUEUE)
		cpu->unstore_count++;
	pthread_mutex_unlock(&cpu->kill_lock);
	cpu370_post(cpu, CPU_PENDING_KILL);
}

/* From now on stores into the frame are looked at, by every CPU. */
static void watch(struct cpu370 *cpu, uint32_t frame)
{
	struct storage *st = cpu->st;

	uint8_t none = CODE_NONE;

	atomic_compare_exchange_strong(&st->has_code[frame], &none, CODE_FOUND);
	if (atomic_load(&st->cpu_count) == 1 || none == CODE_WATCHED)
		return;
	tlb_drop_store(cpu, frame);
	/* Even if another CPU found it: that one may not have heard of all yet. */
	pthread_mutex_lock(&st->lock);
	for (unsigned i = 0; i < st->cpu_count; i++)
		if (st->cpus[i] != cpu)
			block_request_unstore(st->cpus[i], frame);
	pthread_mutex_unlock(&st->lock);
	cpu_sync_others(cpu, CPU_PENDING_KILL);
	atomic_store(&st->has_code[frame], CODE_WATCHED);
}

/* ---- building */

static bool is_volatile(const struct code_frame *cf, unsigned off, unsigned length)
{
	return cf->kills[off / 8] >= VOLATILE_KILLS ||
	       cf->kills[(off + length - 1) / 8] >= VOLATILE_KILLS;
}

/* No instruction behind this one can be reached by falling through. */
static bool ends_block(const struct insn *in)
{
	if (in->flags & INSN_END)
		return true;
	if (!(in->flags & INSN_BRANCH))
		return in->op == op_operation || in->op == op_specification;
	if (in->op == op_bc || in->op == op_bal || in->op == op_bas)
		return in->op != op_bc || in->r1 == 15;
	if (in->op == op_bcr)
		return in->r1 == 15 && in->r2 != 0;
	if (in->op == op_balr || in->op == op_basr)
		return in->r2 != 0;
	return false;
}

static unsigned decode(struct cpu370 *cpu, struct block *b, const struct code_frame *cf,
		       const uint8_t *bytes)
{
	unsigned start = b->aaddr & FRAME_OFFSET, off = start, n = 0;

	while (n < b->capacity && off + 2 <= FRAME_SIZE) {
		const uint8_t *code = bytes + (off - start);
		unsigned length = insn_length(code[0]);
		struct insn *in = &b->insn[n];

		if (off + length > FRAME_SIZE)
			break;
		insn_decode(cpu, code, in);
		in->off = (uint16_t)off;
		in->pos = (uint8_t)++n;
		off += length;
		if (is_volatile(cf, in->off, length)) {
			in->flags |= INSN_VOLATILE;
			in->run = run_volatile;
			memcpy(in->raw, code, length);
		} else
			insn_choose(cpu, in, code);
		if (ends_block(in))
			break;
	}
	b->n = (uint8_t)n;
	b->bytes = (uint16_t)(off - start);
	b->insn[n] = (struct insn){ .run = run_fall, .off = (uint16_t)off,
				    .pos = (uint8_t)n, .toff = NO_TARGET };
	return n;
}

/*
 * Decode into b. The bytes are copied first, the marks set, and then the copy is
 * compared with storage: a store by another thread either sees the mark, or is
 * seen here.
 */
static bool build(struct cpu370 *cpu, struct block *b)
{
	struct storage *st = cpu->st;
	struct code_frame *cf = cpu->blocks->frames[frame_of(b->aaddr)];
	unsigned room = FRAME_SIZE - (b->aaddr & FRAME_OFFSET);
	uint8_t copy[BLOCK_INSNS * 6 + 8], again[sizeof(copy)];

	if (room > BLOCK_INSNS * 6)
		room = BLOCK_INSNS * 6;
	watch(cpu, frame_of(b->aaddr));
	do {
		memset(copy, 0, sizeof(copy));
		guest_copy(copy, st->bytes + b->aaddr, room);
		if (!decode(cpu, b, cf, copy))
			return false;
		mark(st, b->aaddr, b->bytes, cf);
		full_fence();
		guest_copy(again, st->bytes + b->aaddr, b->bytes);
	} while (memcmp(copy, again, b->bytes) != 0);
	block_fuse(cpu, b->insn, b->n);
	b->dead = false;
	return true;
}

static struct block *new_block(struct cpu370 *cpu, uint32_t aaddr)
{
	struct block_cache *bc = cpu->blocks;
	struct code_frame **cf = &bc->frames[frame_of(aaddr)];
	size_t before;
	struct block *b;

	if (!arena_has(bc)) {
		block_cache_clear(cpu);
		cpu->stats.flushes++;
	}
	if (!*cf) {
		*cf = arena_take(bc, sizeof(**cf));
		memset(*cf, 0, sizeof(**cf));
	}
	before = bc->used;
	b = arena_take(bc, block_size(BLOCK_INSNS));
	b->aaddr = aaddr;
	b->capacity = BLOCK_INSNS;
	if (!build(cpu, b)) {
		bc->used = before;
		return NULL;
	}
	cpu->stats.decoded++;
	b->capacity = b->n;
	bc->used = before + ((block_size(b->n) + 15) & ~(size_t)15);
	b->hash_next = *hash_at(bc, aaddr);
	*hash_at(bc, aaddr) = b;
	b->frame_next = (*cf)->blocks;
	(*cf)->blocks = b;
	return b;
}

struct insn *block_get(struct cpu370 *cpu, uint32_t aaddr)
{
	struct block *b = find(cpu->blocks, aaddr);

	if (!b)
		b = new_block(cpu, aaddr);
	else if (b->dead) {
		if (!build(cpu, b))
			return NULL;
		cpu->stats.redecoded++;
	}
	return b ? b->insn : NULL;
}

uint32_t block_aaddr(const struct insn *in)
{
	const struct insn *first = in - (in->pos - 1);
	const char *b = (const char *)first - offsetof(struct block, insn);

	return ((const struct block *)b)->aaddr & ~FRAME_OFFSET;
}

/* ---- killing */

static bool is_running(const struct cpu370 *cpu, const struct block *b)
{
	return cpu->cur >= b->insn && cpu->cur < b->insn + b->n;
}

static void kill_block(struct cpu370 *cpu, struct block *b)
{
	b->dead = true;
	b->insn[0].run = run_dead;
	if (is_running(cpu, b))
		cpu->leave = true;
}

/* Returns how many blocks covered the range. */
static unsigned kill_range(struct cpu370 *cpu, uint32_t aaddr, unsigned n)
{
	struct code_frame *cf = cpu->blocks->frames[frame_of(aaddr)];
	unsigned killed = 0;

	for (struct block *b = cf ? cf->blocks : NULL; b; b = b->frame_next) {
		if (b->dead || b->aaddr >= aaddr + n || b->aaddr + b->bytes <= aaddr)
			continue;
		kill_block(cpu, b);
		killed++;
	}
	return killed;
}

/*
 * Is a mark in the range right? A block that has bytes in one of its doublewords, but
 * none of those of the range.
 */
static bool marks_are_right(const struct cpu370 *cpu, uint32_t aaddr, unsigned n)
{
	const struct code_frame *cf = cpu->blocks->frames[frame_of(aaddr)];
	uint32_t first = aaddr / 8, last = (aaddr + n - 1) / 8;

	for (const struct block *b = cf ? cf->blocks : NULL; b; b = b->frame_next)
		if (!b->dead && b->aaddr / 8 <= last &&
		    (b->aaddr + b->bytes - 1) / 8 >= first)
			return true;
	return false;
}

/* Remember which doublewords change in small steps; a big store is new code. */
static void count_kills(struct cpu370 *cpu, struct code_frame *cf, uint32_t aaddr,
			unsigned n)
{
	unsigned first = (aaddr & FRAME_OFFSET) / 8;
	unsigned last = ((aaddr & FRAME_OFFSET) + n - 1) / 8;

	for (unsigned i = first; i <= last; i++) {
		if (n > SMALL_STORE)
			cf->kills[i] = 0;
		else if (cf->kills[i] < VOLATILE_KILLS && ++cf->kills[i] == VOLATILE_KILLS)
			cpu->stats.volatiles++;
	}
}

void block_stored(struct cpu370 *cpu, uint32_t aaddr, unsigned n)
{
	unsigned killed;

	if (!storage_is_code(cpu->st, aaddr, n))
		return;
	killed = kill_range(cpu, aaddr, n);
	cpu->stats.killed += killed;
	if (killed)
		count_kills(cpu, cpu->blocks->frames[frame_of(aaddr)], aaddr, n);
	if (killed || !marks_are_right(cpu, aaddr, n))
		remark(cpu, frame_of(aaddr));
	if (atomic_load(&cpu->st->cpu_count) > 1)
		storage_code_changed(cpu->st, aaddr, n, cpu);
}

/* ---- requests of other threads */

void block_request_kill(struct cpu370 *cpu, uint32_t aaddr, uint32_t n)
{
	pthread_mutex_lock(&cpu->kill_lock);
	if (cpu->kill_count < KILL_QUEUE)
		cpu->kills[cpu->kill_count] = (struct kill_request){ aaddr, n };
	if (cpu->kill_count <= KILL_QUEUE)
		cpu->kill_count++;
	pthread_mutex_unlock(&cpu->kill_lock);
	cpu370_post(cpu, CPU_PENDING_KILL);
}

/*
 * Another CPU found code in frames we may store into unseen, and waits: our store
 * tags go before it looks at the bytes.
 */
static void unstore(struct cpu370 *cpu, const uint32_t *frames, unsigned n)
{
	if (n > KILL_QUEUE) {
		tlb_purge(cpu);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		tlb_drop_store(cpu, frames[i]);
}

static void kill_all(struct cpu370 *cpu)
{
	for (uint32_t f = 0; f < cpu->st->reserved / FRAME_SIZE; f++)
		kill_range(cpu, f << FRAME_SHIFT, FRAME_SIZE);
}

void block_requests(struct cpu370 *cpu)
{
	struct kill_request kills[KILL_QUEUE];
	uint32_t frames[KILL_QUEUE];
	unsigned kill_count, unstore_count;

	pthread_mutex_lock(&cpu->kill_lock);
	kill_count = cpu->kill_count;
	unstore_count = cpu->unstore_count;
	memcpy(kills, cpu->kills, sizeof(kills));
	memcpy(frames, cpu->unstore, sizeof(frames));
	cpu->kill_count = cpu->unstore_count = 0;
	pthread_mutex_unlock(&cpu->kill_lock);

	if (kill_count > KILL_QUEUE)
		kill_all(cpu);
	for (unsigned i = 0; i < kill_count && kill_count <= KILL_QUEUE; i++) {
		struct code_frame *cf = cpu->blocks->frames[frame_of(kills[i].aaddr)];
		unsigned killed = kill_range(cpu, kills[i].aaddr, kills[i].length);

		cpu->stats.killed_other += killed;
		if (cf && (killed || kills[i].length > SMALL_STORE))
			count_kills(cpu, cf, kills[i].aaddr, kills[i].length);
		remark(cpu, frame_of(kills[i].aaddr));
	}
	unstore(cpu, frames, unstore_count);
}
