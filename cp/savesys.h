/*
 * cp/savesys.h - named systems and shared segments.
 *
 *   DIR/systems.conf    what a system is made of; one line each (NAMESYS of VM/370):
 *                       NAME FIRST-LAST[,FIRST-LAST...] [SHARED FIRST-LAST[,...]]
 *                       pages of 4096 bytes in decimal; * or # begins a comment
 *   DIR/systems/NAME    the image that SAVESYS or an import wrote
 *
 * GC20-1807, "VM/370 System Programmer's Guide", Saved Systems. An image is kept in
 * memory once, whoever has it mapped; each machine copies the pages it stores
 * into. So a shared page that is altered is altered for that machine alone.
 *
 * An image file, numbers big-endian: "VM370SYS", version (4), length of the header
 * (4), PSW (8), general registers (64), floating-point registers (32), control
 * registers (64), number of ranges (4), for each first page and pages (4, 4), the
 * keys (2 for a page), up to a multiple of 4096; then the pages.
 *
 * Threads: any; struct systems has its own lock. A struct named_system that was
 * got does not change.
 */
#ifndef CP_SAVESYS_H
#define CP_SAVESYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define SYSTEM_PAGE   4096u
#define SYSTEM_PAGES  4096u /* of 16M */
#define SYSTEM_RANGES 8u

struct system_range {
	uint32_t first, count; /* pages */
};

/* What systems.conf says. */
struct system_layout {
	char name[9];
	unsigned ranges, shared_ranges;
	struct system_range range[SYSTEM_RANGES], shared[SYSTEM_RANGES];
};

struct system_registers {
	uint64_t psw;
	uint32_t gr[16], cr[16];
	uint64_t fpr[4];
};

struct named_system {
	struct system_layout layout;
	struct system_registers registers;
	uint32_t pages;
	uint8_t *keys; /* 2 for each page */
	int fd;        /* the pages, one behind the other */
};

struct systems;
struct systems *systems_new(const char *dir);
void systems_free(struct systems *ss);

/* Look a system up in systems.conf; false: it is not there. */
bool system_layout(struct systems *ss, const char *name, struct system_layout *layout);

/*
 * The saved system of that name, counted. NULL: with err->code ENOENT there is none
 * (or it was never saved), else its file cannot be read.
 */
struct named_system *system_get(struct systems *ss, const char *name, struct error *err);
void system_put(struct systems *ss, struct named_system *sys);

/* Lowest and highest address of all its pages. */
uint32_t system_start(const struct named_system *sys);
uint32_t system_end(const struct named_system *sys);

/*
 * SAVESYS: write an image; pages and keys (2 a page) in the order of the layout's
 * ranges. When it has returned true the image survives a crash.
 */
MUST_USE bool system_save(struct systems *ss, const struct system_layout *layout,
			  const struct system_registers *registers, const uint8_t *pages,
			  const uint8_t *keys, struct error *err);

/*
 * Import a segment file of EMX370 (and of the system it was made with): one page
 * with PSW at 0, general registers at 8, floating-point registers at X'48', control
 * registers at X'68' and keys from X'A8' on, then the pages, which begin at page
 * first. shared (may be "") is what systems.conf gets behind SHARED.
 */
MUST_USE bool system_import(const char *dir, const char *name, const char *file,
			    uint32_t first, uint32_t count, const char *shared,
			    struct error *err);

#endif
