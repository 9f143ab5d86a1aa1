/*
 * cpu370/storage.h - real storage of one machine, its keys, and the one door
 * through which everything but a CPU's own instructions changes it.
 *
 * GA22-7000, "Storage": absolute addresses, 2K blocks with a key each.
 * Untouched storage costs no host memory. Several CPUs and the channels of one
 * machine share it. A store through this door is seen by every CPU's decode
 * cache: code that a channel program, DIAGNOSE or a console function
 * overwrites is never executed in its old form once the storing function has
 * returned and the CPU has taken the next look at its pending word.
 *
 * Threads: any thread may call any function here. Byte strings are moved
 * without a lock, as storage is shared by CPUs and channels of a real machine.
 */
#ifndef CPU370_STORAGE_H
#define CPU370_STORAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

#define STORAGE_BLOCK 2048u       /* bytes that share a key */
#define STORAGE_MAX   (64u << 20) /* bytes: 26-bit real addresses */

/* The storage-key byte: access bits, fetch protection, reference, change. */
#define KEY_ACCESS    0xF0
#define KEY_FETCH     0x08
#define KEY_REFERENCE 0x04
#define KEY_CHANGE    0x02

struct storage;

/*
 * Storage of size bytes (a multiple of 4096, 4096 to STORAGE_MAX), all zero,
 * keys zero. NULL with err on lack of memory or a bad size.
 */
struct storage *storage_new(uint32_t size, struct error *err);
void storage_free(struct storage *st);
/* Bytes that the host has in memory; pages never touched are not. */
size_t storage_resident(const struct storage *st);
uint32_t storage_size(const struct storage *st);

/* All bytes and keys to zero, and the host memory given back. */
void storage_clear(struct storage *st);

/*
 * Put length bytes of the file fd, from offset on, at aaddr (all multiples of 4096),
 * inside the storage or beyond its size but below 16M: then there is storage at
 * these addresses until storage_unmap() or storage_clear(). The machine's stores go
 * to a copy of its own; what it does not store into is shared with all that map
 * the same file, which must not get shorter while it is mapped. keys: the key
 * bytes of the 2K blocks, or NULL to leave them. false with err: bad range, or the
 * host refused. No CPU of this storage but the caller's own may be running.
 */
MUST_USE bool storage_map(struct storage *st, uint32_t aaddr, int fd, uint64_t offset,
			  uint32_t length, const uint8_t *keys, struct error *err);
/*
 * The reverse: zeros, with keys as they are, inside the storage; nothing beyond it.
 * Also a cheap way to clear pages that were never mapped (DIAGNOSE X'10').
 */
MUST_USE bool storage_unmap(struct storage *st, uint32_t aaddr, uint32_t length,
			    struct error *err);
/*
 * Another size, all zero. Only within the addresses that the storage was made with
 * (16M, or its first size). No CPU of it may be running.
 */
MUST_USE bool storage_resize(struct storage *st, uint32_t size, struct error *err);
/* Is there storage at aaddr? */
bool storage_has(const struct storage *st, uint32_t aaddr);

enum storage_status {
	STORAGE_OK,
	STORAGE_ADDRESSING, /* beyond the installed storage */
	STORAGE_PROTECTION, /* key mismatch */
};

/*
 * Move length bytes between absolute storage and a buffer as a channel does:
 * key 0 matches every block, other keys (0x10 ... 0xF0) are compared; the
 * reference and change bits are set. Stops at the first byte that may not be
 * accessed; *done (may be NULL) is how many bytes were moved. Addresses do not
 * wrap: the byte after the last is STORAGE_ADDRESSING.
 */
MUST_USE enum storage_status storage_fetch(struct storage *st, uint32_t aaddr, uint8_t key,
					   void *buffer, size_t length, size_t *done);
MUST_USE enum storage_status storage_store(struct storage *st, uint32_t aaddr, uint8_t key,
					   const void *data, size_t length, size_t *done);

/* The key byte of the block that holds aaddr, which must be installed. */
uint8_t storage_key(const struct storage *st, uint32_t aaddr);
void storage_set_key(struct storage *st, uint32_t aaddr, uint8_t key);

#endif
