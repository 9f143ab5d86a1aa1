/*
 * link370/control.c - control cards of decks: SLC, SPB, ICS, REP, VER, ENTRY, LDT. They
 * are those of the CMS and VM/370 loaders.
 */
#include "cms/toolchain/link370/link_int.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/ebcdic.h"

/* Hexadecimal digits in n columns; blanks around them are nothing. */
static bool hex_field(const char *p, size_t n, uint32_t *value)
{
	bool any = false;

	*value = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] == ' ')
			continue;
		if (!isxdigit((unsigned char)p[i]))
			return false;
		*value = *value << 4 |
			 (uint32_t)(isdigit((unsigned char)p[i])
					    ? p[i] - '0'
					    : toupper((unsigned char)p[i]) - 'A' + 10);
		any = true;
	}
	return any;
}

static void name_field(const char *text, size_t at, char *name)
{
	size_t n = NAME_LEN;

	memcpy(name, text + at, n);
	while (n > 0 && name[n - 1] == ' ')
		n--;
	name[n] = '\0';
}

/* SLC: the next section goes to an address, a name's address, or their sum. */
static void slc_card(struct link370 *link, const char *text)
{
	char name[NAME_LEN + 1];
	uint32_t at = 0;
	bool number = hex_field(text + 6, 6, &at);
	struct global *g;

	name_field(text, 16, name);
	if (name[0]) {
		g = global_find(link, name);
		if (!g || !g->defined) {
			link_complain(link, "SLC: the name is not defined");
			return;
		}
		at += g->address;
	} else if (!number) {
		link_complain(link, "SLC: neither address nor name");
		return;
	}
	if (at >= LINK370_STORAGE)
		link_complain(link, "SLC: address beyond 16M");
	else
		link->at = at;
}

/* ICS: a section that is longer than its deck says, or has no deck. */
static void ics_card(struct link370 *link, const char *text)
{
	char name[NAME_LEN + 1];
	uint32_t length;
	struct global *g;

	name_field(text, 16, name);
	if (!name[0] || !hex_field(text + 24, 4, &length)) {
		link_complain(link, "ICS: name or length missing");
		return;
	}
	g = global_fresh(link, name);
	if (!g)
		return;
	g->length = length;
	if (text[15] == ',')
		section_place(link, g, length);
}

static void rep_halfword(struct link370 *link, uint32_t at, uint32_t value, bool verify)
{
	if (at > LINK370_STORAGE - 2) {
		link_complain(link, "REP: address beyond 16M");
		return;
	}
	if (verify) {
		if (be16(link->storage + at) != value)
			link_complain(link, "VER: storage holds something else");
		return;
	}
	put_be16(link->storage + at, (uint16_t)value);
	link_mark(link, at, 2);
}

static void rep_card(struct link370 *link, const char *text, bool verify)
{
	uint32_t at, id, value;
	const struct item *it;

	if (!hex_field(text + 6, 6, &at) || !hex_field(text + 14, 2, &id)) {
		link_complain(link, "REP: address or ESDID missing");
		return;
	}
	it = link_item(link, id);
	if (!it || !it->used || !it->global || it->ignore) {
		link_complain(link, "REP: no such section in this deck");
		return;
	}
	at += it->global->address - it->origin;
	for (size_t i = DATA; i + 4 <= 72 && hex_field(text + i, 4, &value); i += 5) {
		rep_halfword(link, at, value, verify);
		at += 2;
		if (text[i + 4] != ',')
			break;
	}
}

static void entry_control(struct link370 *link, const char *text, size_t at)
{
	char word[NAME_LEN + 1] = "";

	sscanf(text + at, "%8s", word);
	if (word[0])
		snprintf(link->entry_name, sizeof(link->entry_name), "%s", word);
}

static bool is_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	return strncmp(text, word, n) == 0 && (text[n] == ' ' || text[n] == '\0');
}

bool link_control_card(struct link370 *link, const uint8_t *card)
{
	char text[LINK370_CARD + 1];
	const char *word = text + 1;

	ebcdic_to_latin1(&codepage_037, text, card, LINK370_CARD);
	text[LINK370_CARD] = '\0';
	if (text[0] == '*' || strspn(text, " ") == LINK370_CARD || text[0] == ':')
		return true;
	if (card[0] != 0x02 && text[0] != ' ')
		word = text;
	if (is_word(word, "SLC"))
		slc_card(link, text);
	else if (is_word(word, "SPB"))
		link->at = link_round_up(link->at, PAGE) & (LINK370_STORAGE - 1);
	else if (is_word(word, "ICS"))
		ics_card(link, text);
	else if (is_word(word, "REP"))
		rep_card(link, text, false);
	else if (is_word(word, "VER"))
		rep_card(link, text, true);
	else if (is_word(word, "ENTRY"))
		entry_control(link, text, (size_t)(word - text) + 6);
	else if (is_word(word, "LDT")) {
		entry_control(link, text, 16);
		link->stopped = true;
	} else
		return is_word(word, "LIBRARY") || is_word(word, "INCLUDE") ||
		       is_word(word, "CTL") || is_word(word, "SYM");
	return true;
}
