/*
 * cms/toolchain/link370/link.h - put object decks together.
 *
 * Takes the 80-byte cards that assemblers and compilers punch (ESD, TXT, RLD,
 * END, SYM) and the control cards of VM/370's loaders (SLC, SPB, ICS, REP,
 * VER, ENTRY, LDT, INCLUDE, LIBRARY and comments), and makes one storage image.
 * GC20-1819, "LOAD"; GC20-1809, "Loader Control Statements".
 *
 * Threads: a link keeps no state outside its struct link370.
 */
#ifndef CMS_TOOLCHAIN_LINK370_LINK_H
#define CMS_TOOLCHAIN_LINK370_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

#define LINK370_CARD    80
#define LINK370_STORAGE ((uint32_t)16 << 20) /* bytes a program can lie in */

struct link370;

struct link370_options {
	uint32_t origin;   /* address of the first section, below 16M */
	bool nucleus;      /* sections behind DMKCPE must not cross 4096 bytes */
	const char *entry; /* name that starts the program, or NULL */
	/* Find the deck for an undefined name; false: none. NULL: do not look. */
	bool (*find)(void *ctx, const char *name, const void **deck, size_t *size);
	void *ctx;
};

/* NULL only when memory ran out. */
struct link370 *link370_new(const struct link370_options *options);
void link370_free(struct link370 *link);

/*
 * Load every deck in size bytes of cards. What is wrong with a card becomes a
 * message; false with err filled only for what is no deck at all.
 */
bool link370_load(struct link370 *link, const char *name, const void *cards, size_t size,
		  struct error *err) MUST_USE;

/* Resolve, relocate, find the entry. Call once, after the last load. */
bool link370_finish(struct link370 *link, struct error *err) MUST_USE;

/* What the link came to, once it is finished. */
struct link370_program {
	const uint8_t *storage; /* 16M, zero where nothing was loaded */
	uint32_t low, high;     /* first address, and behind the last one */
	uint32_t entry;
	unsigned unresolved, duplicates, errors;
	const char *messages;   /* lines */
};

void link370_program(const struct link370 *link, struct link370_program *program);

/* Is the byte at address part of some section's text? */
bool link370_loaded(const struct link370 *link, uint32_t address);

/* Memory of malloc for the caller to free; NULL when none is left. */

/* The map: sections and entries by address, then by name. */
char *link370_map(const struct link370 *link, size_t *size);

/*
 * Cards that load the program by IPL: two cards of loader behind the
 * first, then text, then the entry. The loader lies behind the program.
 */
uint8_t *link370_ipl_deck(const struct link370 *link, size_t *size, struct error *err);

/* The loader of IPL decks, assembled at 0: see iplload.asm. */
extern const uint8_t link370_loader[];
extern const size_t link370_loader_size;

/*
 * A CMS MODULE: the records' lengths (2 bytes) in front of each record, as
 * a host file of RECFM V. GC20-1819, "GENMOD".
 */
uint8_t *link370_module(const struct link370 *link, size_t *size, struct error *err);

#endif
