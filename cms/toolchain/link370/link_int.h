/* What link370's files share. */
#ifndef CMS_TOOLCHAIN_LINK370_LINK_INT_H
#define CMS_TOOLCHAIN_LINK370_LINK_INT_H

#include "cms/toolchain/link370/link.h"

#define MAX_ID   1024 /* ESDIDs of one deck */
#define NAME_LEN 8
#define DATA	 16 /* column 17 */
#define PAGE	 4096u

/* A name that programs share, or a section without one. */
struct global {
	struct global *next;  /* in order of appearance */
	char name[NAME_LEN + 1];
	bool defined, section, common, weak, pseudo;
	bool page_moved; /* nucleus: begun on the next page */
	uint32_t address, length;
	const char *file;
};

/* What an ESDID means in the deck being read. */
struct item {
	bool used, ignore; /* ignore: text of a section that exists already */
	struct global *global;
	uint32_t origin; /* its address in the deck */
};

struct relocation {
	struct relocation *next;
	struct global *r; /* NULL: the length of all pseudo registers */
	uint32_t origin;  /* r's address in its deck */
	uint32_t address; /* of the constant, in storage */
	uint8_t type, length;
	bool negative;
};

struct link370 {
	struct link370_options options;
	uint8_t *storage;
	uint8_t *loaded; /* a bit for every byte */
	uint32_t at;     /* where the next section goes */
	uint32_t low, high;
	struct global *globals, *last_global;
	struct relocation *relocations, *last_relocation;
	struct item items[MAX_ID];
	struct global *first_section;
	bool pageable; /* nucleus: DMKCPE has been passed */
	bool stopped;  /* LDT */
	bool has_entry;
	char entry_name[NAME_LEN + 1];
	uint32_t entry;
	bool has_end_entry;
	struct global *end_global;
	uint32_t end_offset;
	unsigned unresolved, duplicates, errors;
	char *messages;
	size_t message_size;
	bool no_memory;
	const char *file;
	unsigned card;
	char **files; /* names kept for the map */
	size_t file_count;
};

/* ---- link.c */

/* Something is wrong with the card being read. */
void link_complain(struct link370 *link, const char *what);
struct global *global_find(struct link370 *link, const char *name);
/* The name, if nothing defines it yet; NULL after a message. */
struct global *global_fresh(struct link370 *link, const char *name);
/* Give a section its place. */
void section_place(struct link370 *link, struct global *g, uint32_t length);
/* Bytes are loaded there, and count for the lowest and highest address. */
void link_mark(struct link370 *link, uint32_t at, uint32_t n);
/* ESDID id of the deck that is read; NULL: there are no such ids. */
struct item *link_item(struct link370 *link, unsigned id);
uint32_t link_round_up(uint32_t n, uint32_t to);

/* ---- control.c */

/* A card that begins with X'02' or a blank and a word. */
bool link_control_card(struct link370 *link, const uint8_t *card);

#endif
