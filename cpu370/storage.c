#include "cpu370/storage.h"

#include <unistd.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "cpu370/int.h"

/* Memory that costs nothing until it is touched. */
static void *reserve(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

#define ADDRESSES (16u << 20) /* what a program can reach */

static size_t frames(const struct storage *st)
{
	return st->reserved / FRAME_SIZE;
}

static size_t pages(const struct storage *st)
{
	return st->reserved / 4096;
}

/* Whoever looks at the marks may look at eight at once. */
static size_t code_size(const struct storage *st)
{
	return st->reserved / 8 + 64;
}

static bool size_ok(uint32_t size, uint32_t max, struct error *err)
{
	if (size >= 4096 && size <= max && size % 4096 == 0)
		return true;
	error_set(err, EINVAL, "storage of %u bytes: not a multiple of 4096 up to %u", size,
		  max);
	return false;
}

struct storage *storage_new(uint32_t size, struct error *err)
{
	struct storage *st;

	if (!size_ok(size, STORAGE_MAX, err))
		return NULL;
	st = calloc(1, sizeof(*st));
	if (!st)
		goto out;
	st->size = size;
	st->reserved = size < ADDRESSES ? ADDRESSES : size;
	pthread_mutex_init(&st->lock, NULL);
	st->bytes = reserve(st->reserved);
	st->extra = reserve(pages(st));
	st->keys = reserve(frames(st));
	st->has_code = reserve(frames(st));
	st->code = reserve(code_size(st));
	if (st->bytes && st->extra && st->keys && st->has_code && st->code)
		return st;
	storage_free(st);
out:
	error_errno(err, ENOMEM, "storage of %u bytes", size);
	return NULL;
}

void storage_free(struct storage *st)
{
	if (!st)
		return;
	if (st->bytes)
		munmap(st->bytes, st->reserved);
	if (st->extra)
		munmap((void *)st->extra, pages(st));
	if (st->keys)
		munmap((void *)st->keys, frames(st));
	if (st->has_code)
		munmap((void *)st->has_code, frames(st));
	if (st->code)
		munmap(st->code, code_size(st));
	pthread_mutex_destroy(&st->lock);
	free(st);
}

size_t storage_resident(const struct storage *st)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), n = 0, step;
	unsigned char in[256];

	for (size_t at = 0; at < st->size; at += step) {
		step = sizeof(in) * page;
		if (step > st->size - at)
			step = st->size - at;
		if (mincore(st->bytes + at, step, in) != 0)
			return 0;
		for (size_t i = 0; i < (step + page - 1) / page; i++)
			n += in[i] & 1;
	}
	return n * page;
}

uint32_t storage_size(const struct storage *st)
{
	return st->size;
}

/* Zeros again, whatever was there. */
static bool renew(struct storage *st, uint32_t aaddr, uint32_t length)
{
	return mmap(st->bytes + aaddr, length, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
		    0) != MAP_FAILED;
}

void storage_clear(struct storage *st)
{
	/* madvise() would give back the contents of a mapped file. */
	if (atomic_load(&st->mapped) && renew(st, 0, st->reserved)) {
		madvise((void *)st->extra, pages(st), MADV_DONTNEED);
		atomic_store(&st->mapped, false);
	}
	madvise(st->bytes, st->size, MADV_DONTNEED);
	madvise((void *)st->keys, frames(st), MADV_DONTNEED);
	madvise((void *)st->has_code, frames(st), MADV_DONTNEED);
	madvise(st->code, code_size(st), MADV_DONTNEED);
	pthread_mutex_lock(&st->lock);
	for (unsigned i = 0; i < st->cpu_count; i++)
		cpu_forget(st->cpus[i]);
	pthread_mutex_unlock(&st->lock);
}

bool storage_resize(struct storage *st, uint32_t size, struct error *err)
{
	if (!size_ok(size, st->reserved, err))
		return false;
	if (size < st->size)
		storage_clear(st); /* the part that goes away, too */
	st->size = size;
	storage_clear(st);
	return true;
}

static bool range_ok(const struct storage *st, uint32_t aaddr, uint32_t length,
		     struct error *err)
{
	if (aaddr % 4096 == 0 && length % 4096 == 0 && length && aaddr < st->reserved &&
	    length <= st->reserved - aaddr)
		return true;
	error_set(err, EINVAL, "%06X, %u bytes: not whole pages below %u", aaddr, length,
		  st->reserved);
	return false;
}

/* What was decoded from there, and what TLBs know of keys, is void. */
static void contents_changed(struct storage *st, uint32_t aaddr, uint32_t length)
{
	for (uint32_t at = aaddr; at < aaddr + length; at += FRAME_SIZE)
		if (atomic_load(&st->has_code[frame_of(at)]))
			storage_code_changed(st, at, FRAME_SIZE, NULL);
	pthread_mutex_lock(&st->lock);
	for (unsigned i = 0; i < st->cpu_count; i++)
		cpu370_post(st->cpus[i], CPU_PENDING_PURGE);
	pthread_mutex_unlock(&st->lock);
}

/* Pages at and beyond the size come (on) or go. */
static void install(struct storage *st, uint32_t aaddr, uint32_t length, bool on)
{
	for (uint32_t at = aaddr; at < aaddr + length; at += 4096)
		if (at >= st->size)
			atomic_store(&st->extra[at / 4096], on);
}

bool storage_map(struct storage *st, uint32_t aaddr, int fd, uint64_t offset, uint32_t length,
		 const uint8_t *keys, struct error *err)
{
	if (!range_ok(st, aaddr, length, err))
		return false;
	if (mmap(st->bytes + aaddr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED,
		 fd, (off_t)offset) == MAP_FAILED) {
		error_errno(err, errno, "%06X: %u bytes cannot be mapped", aaddr, length);
		return false;
	}
	for (uint32_t n = 0; keys && n < length / FRAME_SIZE; n++)
		st->keys[frame_of(aaddr) + n] = keys[n] & ~1u;
	install(st, aaddr, length, true);
	atomic_store(&st->mapped, true);
	contents_changed(st, aaddr, length);
	return true;
}

bool storage_unmap(struct storage *st, uint32_t aaddr, uint32_t length, struct error *err)
{
	if (!range_ok(st, aaddr, length, err))
		return false;
	if (!renew(st, aaddr, length)) {
		error_errno(err, errno, "%06X: %u bytes cannot be cleared", aaddr, length);
		return false;
	}
	install(st, aaddr, length, false);
	contents_changed(st, aaddr, length);
	return true;
}

bool storage_has(const struct storage *st, uint32_t aaddr)
{
	return storage_installed(st, aaddr);
}

bool storage_attach(struct storage *st, struct cpu370 *cpu)
{
	bool room;

	pthread_mutex_lock(&st->lock);
	room = st->cpu_count < STORAGE_CPUS;
	/* What a lone CPU's TLB assumes about code marks is over. */
	for (unsigned i = 0; room && i < st->cpu_count; i++)
		cpu370_post(st->cpus[i], CPU_PENDING_PURGE);
	if (room)
		st->cpus[st->cpu_count++] = cpu;
	pthread_mutex_unlock(&st->lock);
	return room;
}

void storage_detach(struct storage *st, struct cpu370 *cpu)
{
	pthread_mutex_lock(&st->lock);
	for (unsigned i = 0; i < st->cpu_count; i++)
		if (st->cpus[i] == cpu)
			st->cpus[i] = st->cpus[--st->cpu_count];
	pthread_mutex_unlock(&st->lock);
}

bool storage_is_code(const struct storage *st, uint32_t aaddr, uint32_t length)
{
	for (uint32_t i = aaddr / 8; i <= (aaddr + length - 1) / 8; i++)
		if (__atomic_load_n(&st->code[i], __ATOMIC_RELAXED))
			return true;
	return false;
}

void storage_code_changed(struct storage *st, uint32_t aaddr, uint32_t length,
			  struct cpu370 *except)
{
	pthread_mutex_lock(&st->lock);
	for (unsigned i = 0; i < st->cpu_count; i++)
		if (st->cpus[i] != except)
			block_request_kill(st->cpus[i], aaddr, length);
	pthread_mutex_unlock(&st->lock);
}

/* Bytes of the move that starts at aaddr that lie in its frame. */
static uint32_t piece(uint32_t aaddr, size_t length)
{
	uint32_t rest = FRAME_SIZE - (aaddr & FRAME_OFFSET);

	return length < rest ? (uint32_t)length : rest;
}

static bool key_matches(uint8_t block, uint8_t key)
{
	return key == 0 || (block & KEY_ACCESS) == key;
}

/*
 * A frame that has code is found after the bytes are there: see the other half
 * of the argument at block_get().
 */
static void announce(struct storage *st, uint32_t aaddr, uint32_t n)
{
	full_fence();
	if (atomic_load(&st->has_code[frame_of(aaddr)]) && storage_is_code(st, aaddr, n))
		storage_code_changed(st, aaddr, n, NULL);
}

/*
 * Most moves of a channel are CCWs, seek addresses and search arguments: compilers
 * that know n is at most a frame use a string move, which is slow to begin.
 */
static void move_bytes(uint8_t *to, const uint8_t *from, uint32_t n)
{
	switch (n) {
	case 8: guest_copy(to, from, 8); break;
	case 6: guest_copy(to, from, 6); break;
	case 5: guest_copy(to, from, 5); break;
	case 4: guest_copy(to, from, 4); break;
	case 1: guest_copy(to, from, 1); break;
	default: guest_copy(to, from, n);
	}
}

enum storage_status storage_fetch(struct storage *st, uint32_t aaddr, uint8_t key,
				  void *buffer, size_t length, size_t *done)
{
	enum storage_status status = STORAGE_OK;
	size_t moved = 0;

	while (moved < length) {
		uint32_t at = aaddr + (uint32_t)moved, n = piece(at, length - moved);
		uint8_t block;

		if (!storage_installed(st, at) || at < aaddr) {
			status = STORAGE_ADDRESSING;
			break;
		}
		block = st->keys[frame_of(at)];
		if (!key_matches(block, key) && (block & KEY_FETCH)) {
			status = STORAGE_PROTECTION;
			break;
		}
		key_mark(st, frame_of(at), KEY_REFERENCE);
		move_bytes((uint8_t *)buffer + moved, st->bytes + at, n);
		moved += n;
	}
	if (done)
		*done = moved;
	return status;
}

enum storage_status storage_store(struct storage *st, uint32_t aaddr, uint8_t key,
				  const void *data, size_t length, size_t *done)
{
	enum storage_status status = STORAGE_OK;
	size_t moved = 0;

	while (moved < length) {
		uint32_t at = aaddr + (uint32_t)moved, n = piece(at, length - moved);

		if (!storage_installed(st, at) || at < aaddr) {
			status = STORAGE_ADDRESSING;
			break;
		}
		if (!key_matches(st->keys[frame_of(at)], key)) {
			status = STORAGE_PROTECTION;
			break;
		}
		key_mark(st, frame_of(at), KEY_REFERENCE | KEY_CHANGE);
		move_bytes(st->bytes + at, (const uint8_t *)data + moved, n);
		announce(st, at, n);
		moved += n;
	}
	if (done)
		*done = moved;
	return status;
}

uint8_t storage_key(const struct storage *st, uint32_t aaddr)
{
	return st->keys[frame_of(aaddr)];
}

void storage_set_key(struct storage *st, uint32_t aaddr, uint8_t key)
{
	st->keys[frame_of(aaddr)] = key & ~1u;
	pthread_mutex_lock(&st->lock);
	for (unsigned i = 0; i < st->cpu_count; i++)
		cpu370_post(st->cpus[i], CPU_PENDING_PURGE);
	pthread_mutex_unlock(&st->lock);
}
