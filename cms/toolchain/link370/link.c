#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/ebcdic.h"
#include "cms/toolchain/link370/link_int.h"

struct link370 *link370_new(const struct link370_options *options)
{
	struct link370 *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->options = *options;
	link->storage = calloc(1, LINK370_STORAGE);
	link->loaded = calloc(1, LINK370_STORAGE / 8);
	link->at = options->origin & (LINK370_STORAGE - 1);
	link->low = LINK370_STORAGE;
	if (link->storage && link->loaded)
		return link;
	link370_free(link);
	return NULL;
}

void link370_free(struct link370 *link)
{
	if (!link)
		return;
	while (link->globals) {
		struct global *next = link->globals->next;

		free(link->globals);
		link->globals = next;
	}
	while (link->relocations) {
		struct relocation *next = link->relocations->next;

		free(link->relocations);
		link->relocations = next;
	}
	for (size_t i = 0; i < link->file_count; i++)
		free(link->files[i]);
	free(link->files);
	free(link->storage);
	free(link->loaded);
	free(link->messages);
	free(link);
}

static void message(struct link370 *link, const char *format, ...) PRINTF_LIKE(2, 3);
static void message(struct link370 *link, const char *format, ...)
{
	char line[300];
	va_list ap;
	size_t n;
	char *p;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	n = strlen(line);
	p = realloc(link->messages, link->message_size + n + 2);
	if (!p) {
		link->no_memory = true;
		return;
	}
	memcpy(p + link->message_size, line, n);
	link->message_size += n;
	p[link->message_size++] = '\n';
	p[link->message_size] = '\0';
	link->messages = p;
}

void link_complain(struct link370 *link, const char *what)
{
	link->errors++;
	message(link, "%s: card %u: %s", link->file ? link->file : "deck", link->card, what);
}

/* ---- names */

struct global *global_find(struct link370 *link, const char *name)
{
	for (struct global *g = link->globals; g; g = g->next)
		if (g->name[0] && strcmp(g->name, name) == 0)
			return g;
	return NULL;
}

static struct global *global_new(struct link370 *link, const char *name)
{
	struct global *g = calloc(1, sizeof(*g));

	if (!g) {
		link->no_memory = true;
		return NULL;
	}
	snprintf(g->name, sizeof(g->name), "%s", name);
	g->file = link->file;
	if (link->last_global)
		link->last_global->next = g;
	else
		link->globals = g;
	link->last_global = g;
	return g;
}

static struct global *global_get(struct link370 *link, const char *name)
{
	struct global *g = name[0] ? global_find(link, name) : NULL;

	return g ? g : global_new(link, name);
}

/* Characters of a card, EBCDIC, without trailing blanks. */
static void card_text(const uint8_t *p, size_t n, char *out)
{
	ebcdic_to_latin1(&codepage_037, out, p, n);
	while (n > 0 && (out[n - 1] == ' ' || out[n - 1] == '\0'))
		n--;
	out[n] = '\0';
}

/* ---- storage */

void link_mark(struct link370 *link, uint32_t at, uint32_t n)
{
	for (uint32_t i = at; i < at + n; i++)
		link->loaded[i / 8] |= (uint8_t)(1 << i % 8);
	if (at < link->low)
		link->low = at;
	if (at + n > link->high)
		link->high = at + n;
}

bool link370_loaded(const struct link370 *link, uint32_t address)
{
	return address < LINK370_STORAGE &&
	       (link->loaded[address / 8] >> address % 8 & 1);
}

uint32_t link_round_up(uint32_t n, uint32_t to)
{
	return (n + to - 1) & ~(to - 1);
}

void section_place(struct link370 *link, struct global *g, uint32_t length)
{
	link->at = link_round_up(link->at, 8);
	if (link->options.nucleus && link->pageable && length <= PAGE &&
	    link->at / PAGE != (link->at + length - 1) / PAGE && length) {
		link->at = link_round_up(link->at, PAGE);
		g->page_moved = true;
	}
	if (length > LINK370_STORAGE - link->at || link->at >= LINK370_STORAGE) {
		link_complain(link, "the program grows beyond 16M");
		length = 0;
		link->at = 0;
	}
	g->address = link->at;
	g->length = length;
	g->defined = g->section = true;
	g->file = link->file;
	link->at += length;
	if (length) {
		if (g->address < link->low)
			link->low = g->address;
		if (link->at > link->high)
			link->high = link->at;
	}
	if (!link->first_section)
		link->first_section = g;
	if (strcmp(g->name, "DMKCPE") == 0)
		link->pageable = true;
}

/* ---- ESD */

struct item *link_item(struct link370 *link, unsigned id)
{
	if (id == 0 || id >= MAX_ID)
		return NULL;
	return &link->items[id];
}

static void duplicate(struct link370 *link, const char *name)
{
	link->duplicates++;
	message(link, "%s: duplicate name %s, the first one counts", link->file, name);
}

struct global *global_fresh(struct link370 *link, const char *name)
{
	struct global *g = global_get(link, name);

	if (!g || !g->defined)
		return g;
	duplicate(link, name);
	return NULL;
}

static void section_item(struct link370 *link, struct item *it, const uint8_t *p,
			 const char *name)
{
	struct global *g = global_get(link, name);

	if (!g)
		return;
	it->global = g;
	it->origin = be24(p + 9);
	if (g->defined && !g->common) {
		duplicate(link, name);
		it->ignore = true;
		return;
	}
	g->common = false;
	section_place(link, g, g->length > be24(p + 13) ? g->length : be24(p + 13));
}

static void common_item(struct link370 *link, struct item *it, const uint8_t *p,
			const char *name)
{
	struct global *g = name[0] ? global_get(link, name) : NULL;

	/* blank common: one for all */
	for (struct global *b = link->globals; !g && b; b = b->next)
		if (b->common && !b->name[0])
			g = b;
	if (!g)
		g = global_new(link, name);
	if (!g)
		return;
	it->global = g;
	it->origin = be24(p + 9);
	if (!g->defined)
		g->common = true;
	if (!g->defined && g->length < be24(p + 13))
		g->length = be24(p + 13);
}

/* LD: an entry point in a section of this deck. */
static void entry_item(struct link370 *link, const uint8_t *p, const char *name)
{
	struct item *it = link_item(link, be24(p + 13) & 0xFFFF);
	struct global *g;

	if (!it || !it->used || !it->global) {
		link_complain(link, "an entry point belongs to no section");
		return;
	}
	if (it->ignore)
		return;
	g = global_fresh(link, name);
	if (!g)
		return;
	g->defined = true;
	g->file = link->file;
	g->address = it->global->address + be24(p + 9) - it->origin;
}

static void external_item(struct link370 *link, struct item *it, const char *name,
			  uint8_t type)
{
	bool fresh = !global_find(link, name);
	struct global *g = global_get(link, name);

	if (!g)
		return;
	it->global = g;
	it->origin = 0;
	if (fresh)
		g->weak = type == 0x0A;
	else if (type != 0x0A)
		g->weak = false;
}

static void pseudo_item(struct link370 *link, struct item *it, const uint8_t *p,
			const char *name)
{
	struct global *g = global_get(link, name);

	if (!g)
		return;
	it->global = g;
	it->origin = 0;
	g->pseudo = g->defined = true;
	if (g->length < be24(p + 13))
		g->length = be24(p + 13);
}

static void esd_item(struct link370 *link, const uint8_t *p, unsigned *id)
{
	char name[NAME_LEN + 1];
	struct item *it;

	card_text(p, NAME_LEN, name);
	if (p[8] == 0x01) {
		entry_item(link, p, name);
		return;
	}
	it = link_item(link, (*id)++);
	if (!it) {
		link_complain(link, "too many items in the dictionary");
		return;
	}
	memset(it, 0, sizeof(*it));
	it->used = true;
	switch (p[8]) {
	case 0x00: section_item(link, it, p, name); break;
	case 0x04: section_item(link, it, p, ""); break;
	case 0x02:
	case 0x0A: external_item(link, it, name, p[8]); break;
	case 0x05: common_item(link, it, p, name); break;
	case 0x06: pseudo_item(link, it, p, name); break;
	default: link_complain(link, "unknown type of item in the dictionary"); break;
	}
}

static void esd_card(struct link370 *link, const uint8_t *card)
{
	unsigned n = be16(card + 10), id = be16(card + 14);

	if (n > 48 || n % 16) {
		link_complain(link, "ESD card with a wrong length");
		return;
	}
	for (unsigned i = 0; i < n; i += 16)
		esd_item(link, card + DATA + i, &id);
}

/* ---- TXT, RLD, END */

static void txt_card(struct link370 *link, const uint8_t *card)
{
	struct item *it = link_item(link, be16(card + 14));
	unsigned n = be16(card + 10);
	uint32_t at;

	if (!it || !it->used || !it->global || n > 56) {
		link_complain(link, "TXT card that belongs to no section");
		return;
	}
	if (it->ignore)
		return;
	at = it->global->address + be24(card + 5) - it->origin;
	if (at > LINK370_STORAGE - n || be24(card + 5) < it->origin ||
	    be24(card + 5) - it->origin + n > it->global->length) {
		link_complain(link, "text outside its section");
		return;
	}
	memcpy(link->storage + at, card + DATA, n);
	link_mark(link, at, n);
}

static void relocation_add(struct link370 *link, const struct item *r,
			   const struct item *p, const uint8_t *entry)
{
	struct relocation *x;
	uint32_t at = p->global->address + be24(entry + 1) - p->origin;
	unsigned length = (entry[0] >> 2 & 3) + 1u;

	if (at > LINK370_STORAGE - length || be24(entry + 1) < p->origin) {
		link_complain(link, "relocation outside its section");
		return;
	}
	x = calloc(1, sizeof(*x));
	if (!x) {
		link->no_memory = true;
		return;
	}
	x->r = r ? r->global : NULL;
	x->origin = r ? r->origin : 0;
	x->address = at;
	x->type = entry[0] >> 4;
	x->length = (uint8_t)length;
	x->negative = entry[0] & 2;
	if (link->last_relocation)
		link->last_relocation->next = x;
	else
		link->relocations = x;
	link->last_relocation = x;
}

static void rld_card(struct link370 *link, const uint8_t *card)
{
	unsigned n = be16(card + 10), at = 0;
	const struct item *r = NULL, *p = NULL;
	bool same = false;

	if (n > 56) {
		link_complain(link, "RLD card with a wrong length");
		return;
	}
	while (at + (same ? 4 : 8) <= n) {
		const uint8_t *e = card + DATA + at;

		if (!same) {
			r = link_item(link, be16(e));
			p = link_item(link, be16(e + 2));
			at += 4;
			e += 4;
		}
		at += 4;
		same = e[0] & 1;
		if (!p || !p->used || !p->global || (r && (!r->used || !r->global))) {
			link_complain(link, "RLD card that belongs to no section");
			continue;
		}
		if (!p->ignore)
			relocation_add(link, r, p, e);
	}
}

static void end_card(struct link370 *link, const uint8_t *card)
{
	const struct item *it = link_item(link, be16(card + 14));

	if (card[5] != EBCDIC_SPACE && it && it->used && it->global &&
	    !link->has_end_entry) {
		link->has_end_entry = true;
		link->end_global = it->global;
		link->end_offset = be24(card + 5) - it->origin;
	}
	memset(link->items, 0, sizeof(link->items));
}

static void card(struct link370 *link, const uint8_t *p)
{
	static const struct {
		uint8_t id[4];
		void (*function)(struct link370 *, const uint8_t *);
	} cards[] = {
		{ { 0x02, 0xC5, 0xE2, 0xC4 }, esd_card },
		{ { 0x02, 0xE3, 0xE7, 0xE3 }, txt_card },
		{ { 0x02, 0xD9, 0xD3, 0xC4 }, rld_card },
		{ { 0x02, 0xC5, 0xD5, 0xC4 }, end_card },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cards); i++)
		if (memcmp(p, cards[i].id, 4) == 0) {
			cards[i].function(link, p);
			return;
		}
	if (!link_control_card(link, p))
		link_complain(link, "neither object nor control card");
}

static const char *file_keep(struct link370 *link, const char *name)
{
	char **files = realloc(link->files, (link->file_count + 1) * sizeof(*files));

	if (!files) {
		link->no_memory = true;
		return "deck";
	}
	link->files = files;
	files[link->file_count] = strdup(name);
	if (!files[link->file_count]) {
		link->no_memory = true;
		return "deck";
	}
	return files[link->file_count++];
}

bool link370_load(struct link370 *link, const char *name, const void *cards, size_t size,
		  struct error *err)
{
	const uint8_t *p = cards;

	if (size % LINK370_CARD) {
		error_set(err, 0, "%s: not a deck: %zu bytes are no whole cards", name, size);
		return false;
	}
	link->file = file_keep(link, name);
	link->stopped = false;
	memset(link->items, 0, sizeof(link->items));
	for (link->card = 1; size > 0 && !link->stopped; link->card++) {
		card(link, p);
		p += LINK370_CARD;
		size -= LINK370_CARD;
	}
	if (link->no_memory)
		error_set(err, 0, "%s: memory ran out", name);
	return !link->no_memory;
}

/* ---- finishing */

static bool load_missing(struct link370 *link, struct error *err)
{
	for (struct global *g = link->globals; g; g = g->next) {
		const void *deck;
		size_t size;

		if (g->defined || g->common || g->weak || !g->name[0] ||
		    !link->options.find ||
		    !link->options.find(link->options.ctx, g->name, &deck, &size))
			continue;
		if (!link370_load(link, g->name, deck, size, err))
			return false;
	}
	return true;
}

static void place_commons(struct link370 *link)
{
	link->file = "common";
	for (struct global *g = link->globals; g; g = g->next)
		if (g->common && !g->defined)
			section_place(link, g, g->length);
}

static uint32_t place_pseudo(struct link370 *link)
{
	uint32_t at = 0;

	for (struct global *g = link->globals; g; g = g->next)
		if (g->pseudo) {
			at = link_round_up(at, 8);
			g->address = at;
			at += g->length;
		}
	return at;
}

static void report_missing(struct link370 *link)
{
	for (struct global *g = link->globals; g; g = g->next)
		if (!g->defined && g->name[0] && !g->weak) {
			link->unresolved++;
			message(link, "%s: %s is not defined, its address is 0", g->file,
				g->name);
		}
}

static void relocate(struct link370 *link, const struct relocation *x, uint32_t pseudo)
{
	uint8_t *p = link->storage + x->address;
	uint32_t value = 0, by = pseudo;

	for (unsigned i = 0; i < x->length; i++)
		value = value << 8 | p[i];
	if (x->r)
		by = x->r->address - x->origin;
	value = x->negative ? value - by : value + by;
	for (unsigned i = x->length; i-- > 0; value >>= 8)
		p[i] = (uint8_t)value;
}

static bool find_entry(struct link370 *link, struct error *err)
{
	const char *name = link->options.entry ? link->options.entry : link->entry_name;
	struct global *g;

	if (name[0]) {
		g = global_find(link, name);
		if (!g || !g->defined) {
			error_set(err, 0, "the entry %s is not defined", name);
			return false;
		}
		link->entry = g->address;
	} else if (link->has_end_entry) {
		link->entry = link->end_global->address + link->end_offset;
	} else if (link->first_section) {
		link->entry = link->first_section->address;
	} else {
		error_set(err, 0, "there is no section in the decks");
		return false;
	}
	return true;
}

bool link370_finish(struct link370 *link, struct error *err)
{
	uint32_t pseudo;

	if (!load_missing(link, err))
		return false;
	place_commons(link);
	pseudo = place_pseudo(link);
	report_missing(link);
	for (const struct relocation *x = link->relocations; x; x = x->next)
		relocate(link, x, pseudo);
	if (link->low > link->high)
		link->low = link->high = link->options.origin;
	return find_entry(link, err);
}

void link370_program(const struct link370 *link, struct link370_program *program)
{
	program->storage = link->storage;
	program->low = link->low;
	program->high = link->high;
	program->entry = link->entry;
	program->unresolved = link->unresolved;
	program->duplicates = link->duplicates;
	program->errors = link->errors;
	program->messages = link->messages ? link->messages : "";
}
