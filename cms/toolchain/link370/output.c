/*
 * What link370 writes: map, IPL deck, MODULE.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/ebcdic.h"
#include "cms/toolchain/link370/link_int.h"

#define CARD_DATA     72 /* text on a card of an IPL deck */
#define LOADER_READ   0x61 /* address field of the loader's CCW */
#define LOADER_CARD   0x68 /* where it reads cards to, behind itself */
#define MODULE_HEADER 80
#define MODULE_RECORD 65535u
#define MODULE_NAME   20  /* an entry of the loader table */
#define MODULE_NAMES  204 /* of them, a page of CMS's table */

/* iplload.asm, assembled at 0. */
const uint8_t link370_loader[] = {
	0x05, 0xC0, 0x48, 0x20, 0x00, 0x02, 0x41, 0x10, 0xC0, 0x5E, 0x50, 0x10,
	0x00, 0x48, 0x9C, 0x00, 0x20, 0x00, 0x47, 0x20, 0xC0, 0x04, 0x9D, 0x00,
	0x20, 0x00, 0x47, 0x20, 0xC0, 0x14, 0x47, 0x10, 0xC0, 0x52, 0x47, 0x80,
	0xC0, 0x34, 0x91, 0x03, 0x00, 0x44, 0x47, 0x50, 0xC0, 0x52, 0x91, 0x04,
	0x00, 0x44, 0x47, 0x80, 0xC0, 0x14, 0x1B, 0x33, 0x43, 0x30, 0xC0, 0x66,
	0x58, 0x40, 0xC0, 0x66, 0x12, 0x33, 0x07, 0x84, 0x06, 0x30, 0x44, 0x30,
	0xC0, 0x4C, 0x47, 0xF0, 0xC0, 0x04, 0xD2, 0x00, 0x40, 0x00, 0xC0, 0x6A,
	0x82, 0x00, 0xC0, 0x56, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0xDE, 0xAD,
	0x02, 0x00, 0x00, 0x68, 0x20, 0x00, 0x00, 0x50,
};
const size_t link370_loader_size = sizeof(link370_loader);

/* ---- map */

struct text {
	char *p;
	size_t n, size;
};

static void text_line(struct text *t, const char *line)
{
	size_t n = strlen(line);

	if (t->size && t->n + n > t->size) {
		size_t size = t->size * 2 + n;
		char *p = realloc(t->p, size);

		if (!p) {
			free(t->p);
			memset(t, 0, sizeof(*t));
			return;
		}
		t->p = p;
		t->size = size;
	}
	if (t->size) {
		memcpy(t->p + t->n, line, n);
		t->n += n;
	}
}

static const char *kind(const struct global *g)
{
	return g->pseudo    ? "PR"
	       : !g->defined ? (g->weak ? "WX" : "UNDEFINED")
	       : g->common   ? "CM"
	       : g->section  ? (g->name[0] ? "SD" : "PC")
			     : "LD";
}

static void map_line(struct text *t, const struct global *g)
{
	char line[200], length[16] = "";

	if (g->section || g->pseudo || g->common)
		snprintf(length, sizeof(length), "%06X", g->length);
	snprintf(line, sizeof(line), "%-8s  %06X  %-6s  %-9s  %s%s\n", g->name, g->address,
		 length, kind(g), g->file ? g->file : "",
		 g->page_moved ? "  (SPB INSERTED)" : "");
	text_line(t, line);
}

static int by_address(const void *x, const void *y)
{
	const struct global *g = *(struct global *const *)x;
	const struct global *h = *(struct global *const *)y;

	if (g->address != h->address)
		return g->address < h->address ? -1 : 1;
	return (int)h->section - (int)g->section;
}

static int by_name(const void *x, const void *y)
{
	const struct global *g = *(struct global *const *)x;
	const struct global *h = *(struct global *const *)y;

	return strcmp(g->name, h->name);
}

static void map_sorted(const struct link370 *link, struct text *t, struct global **all,
		       size_t n, const char *title,
		       int (*order)(const void *, const void *))
{
	(void)link;
	qsort(all, n, sizeof(*all), order);
	text_line(t, title);
	for (size_t i = 0; i < n; i++)
		map_line(t, all[i]);
}

char *link370_map(const struct link370 *link, size_t *size)
{
	struct text t = { malloc(4096), 0, 4096 };
	struct global **all;
	char line[100];
	size_t n = 0, i = 0;

	for (struct global *g = link->globals; g; g = g->next)
		n++;
	all = malloc((n + 1) * sizeof(struct global *));
	if (!all || !t.p) {
		free(all);
		free(t.p);
		return NULL;
	}
	for (struct global *g = link->globals; g; g = g->next)
		all[i++] = g;
	map_sorted(link, &t, all, n,
		   "NAME      ADDRESS LENGTH  TYPE       DECK, BY ADDRESS\n", by_address);
	map_sorted(link, &t, all, n,
		   "\nNAME      ADDRESS LENGTH  TYPE       DECK, BY NAME\n", by_name);
	snprintf(line, sizeof(line), "\nLOADED %06X TO %06X, ENTRY %06X\n", link->low,
		 link->high, link->entry);
	text_line(&t, line);
	snprintf(line, sizeof(line), "%u UNDEFINED, %u DUPLICATE, %u ERRORS\n",
		 link->unresolved, link->duplicates, link->errors);
	text_line(&t, line);
	free(all);
	*size = t.n;
	return t.p;
}

/* ---- IPL deck */

struct deck {
	uint8_t *p;
	size_t n, size; /* bytes */
};

static uint8_t *deck_card(struct deck *d)
{
	uint8_t *card;

	if (d->n + LINK370_CARD > d->size) {
		size_t size = d->size ? d->size * 2 : 64 * LINK370_CARD;
		uint8_t *p = realloc(d->p, size);

		if (!p) {
			free(d->p);
			d->p = NULL;
			return NULL;
		}
		d->p = p;
		d->size = size;
	}
	card = d->p + d->n;
	memset(card, 0, LINK370_CARD);
	d->n += LINK370_CARD;
	return card;
}

static void put_ccw(uint8_t *p, uint8_t command, uint32_t address, uint8_t flags,
		    uint16_t count)
{
	p[0] = command;
	put_be24(p + 1, address);
	p[4] = flags;
	p[5] = 0;
	put_be16(p + 6, count);
}

/* The card that IPL reads, and the loader on the two after it. */
static bool bootstrap(struct deck *d, uint32_t loader)
{
	uint8_t code[2 * LINK370_CARD] = { 0 };
	uint8_t *card = deck_card(d);

	if (!card)
		return false;
	put_be32(card + 4, loader); /* BC mode, disabled, key 0 */
	put_ccw(card + 8, 0x02, loader, 0x60, LINK370_CARD);
	put_ccw(card + 16, 0x02, loader + LINK370_CARD, 0x20, LINK370_CARD);
	memcpy(code, link370_loader, sizeof(link370_loader));
	put_be24(code + LOADER_READ, loader + LOADER_CARD);
	for (unsigned i = 0; i < 2; i++) {
		card = deck_card(d);
		if (!card)
			return false;
		memcpy(card, code + (size_t)i * LINK370_CARD, LINK370_CARD);
	}
	return true;
}

static uint32_t run_length(const struct link370 *link, uint32_t at)
{
	uint32_t n = 0;

	while (n < CARD_DATA && link370_loaded(link, at + n))
		n++;
	return n;
}

static bool text_cards(const struct link370 *link, struct deck *d)
{
	uint32_t at = link->low;

	while (at < link->high) {
		uint32_t n = run_length(link, at);
		uint8_t *card;

		if (n == 0) {
			at++;
			continue;
		}
		card = deck_card(d);
		if (!card)
			return false;
		card[0] = (uint8_t)n;
		put_be24(card + 1, at);
		memcpy(card + 4, link->storage + at, n);
		at += n;
	}
	return true;
}

uint8_t *link370_ipl_deck(const struct link370 *link, size_t *size, struct error *err)
{
	uint32_t loader = (link->high + 7) & ~7u;
	struct deck d = { NULL, 0, 0 };
	uint8_t *card;

	if (loader < 128)
		loader = 128;
	if (loader + 4 * LINK370_CARD > LINK370_STORAGE) {
		error_set(err, 0, "no room for the loader behind the program");
		return NULL;
	}
	if (bootstrap(&d, loader) && text_cards(link, &d) && (card = deck_card(&d))) {
		put_be24(card + 1, link->entry);
		*size = d.n;
		return d.p;
	}
	error_set(err, 0, "memory ran out");
	free(d.p);
	return NULL;
}

/* ---- MODULE */

/*
 * Behind the storage: an entry of CMS's loader table for every name, the
 * first one last. START finds its operand there.
 */
static size_t module_map(const struct link370 *link, uint8_t *p)
{
	size_t n = 0, count = 0;

	for (struct global *g = link->globals; g; g = g->next)
		if (g->defined && g->name[0] && !g->pseudo && count < MODULE_NAMES)
			count++;
	for (struct global *g = link->globals; g && n < count; g = g->next) {
		uint8_t *entry = p + (count - 1 - n) * MODULE_NAME;

		if (!g->defined || !g->name[0] || g->pseudo)
			continue;
		memset(entry, EBCDIC_SPACE, 8);
		ebcdic_from_latin1(&codepage_037, entry, g->name, strlen(g->name));
		put_be32(entry + 8, g->section ? g->address : 0);
		put_be32(entry + 12, g->address);
		put_be32(entry + 16, g->section ? 0x02000000 : 0);
		n++;
	}
	return n;
}

static void module_header(const struct link370 *link, uint8_t *p, size_t names)
{
	put_be32(p, link->entry);
	put_be32(p + 4, link->low);
	put_be32(p + 8, link->high);
	put_be32(p + 12, link->high);
	put_be16(p + 0x28, (uint16_t)names);
	if (names == 0)
		p[0x2B] = 0x80; /* NOMAP */
}

/* A record of n bytes from p behind its length; returns what it takes. */
static size_t put_record(uint8_t *out, const uint8_t *p, size_t n)
{
	put_be16(out, (uint16_t)n);
	memcpy(out + 2, p, n);
	return n + 2;
}

uint8_t *link370_module(const struct link370 *link, size_t *size, struct error *err)
{
	uint32_t length = link->high - link->low, at = 0;
	size_t records = length / MODULE_RECORD + 3;
	uint8_t *p = calloc(1, MODULE_HEADER + length + 2 * records +
				       MODULE_NAMES * MODULE_NAME);
	uint8_t map[MODULE_NAMES * MODULE_NAME], header[MODULE_HEADER] = { 0 };
	size_t n, names = module_map(link, map);

	if (!p) {
		error_set(err, 0, "memory ran out");
		return NULL;
	}
	module_header(link, header, names);
	n = put_record(p, header, sizeof(header));
	while (at < length) {
		uint32_t now = length - at < MODULE_RECORD ? length - at : MODULE_RECORD;

		n += put_record(p + n, link->storage + link->low + at, now);
		at += now;
	}
	if (names)
		n += put_record(p + n, map, names * MODULE_NAME);
	*size = n;
	return p;
}
