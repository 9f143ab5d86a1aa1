/* dasd370 deck show, deck convert. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dasd/command.h"
#include "dasd/deck.h"

static bool pick_options(const struct arguments *args, struct deck_options *o)
{
	const char *codepage = option_value(args, "codepage");

	o->truncate = option_given(args, "truncate");
	o->pad = option_given(args, "pad");
	if (option_given(args, "ebcdic"))
		o->kind = DECK_EBCDIC;
	else if (option_given(args, "text"))
		o->kind = DECK_TEXT;
	o->codepage = codepage_find(codepage ? codepage : "037");
	if (o->codepage)
		return true;
	command_fail(args, EXIT_USAGE, "--codepage %s: not known", codepage);
	return false;
}

static size_t trimmed(const uint8_t *card)
{
	size_t n = CARD_COLUMNS;

	while (n > 0 && card[n - 1] == EBCDIC_SPACE)
		n--;
	return n;
}

/* Does the card survive being made a line of text and read again? */
static bool is_printable(const struct codepage *cp, const uint8_t *card, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t c = cp->to_latin1[card[i]];

		if (c < 0x20 || (c >= 0x7F && c < 0xA0))
			return false;
	}
	return true;
}

/* ---- show ---- */

static void show_card(const struct codepage *cp, uint32_t number, const uint8_t *card)
{
	size_t n = trimmed(card);

	printf("%6u  ", number);
	for (size_t i = 0; i < n; i++) {
		uint8_t c = cp->to_latin1[card[i]];

		putchar(c >= 0x20 && c < 0x7F ? c : '.');
	}
	printf("\n");
	if (is_printable(cp, card, n))
		return;
	printf("        ");
	for (size_t i = 0; i < n; i++)
		printf("%02X", card[i]);
	printf("\n");
}

/* One exit status for the two ways a deck can end badly. */
static int deck_trouble(const struct arguments *args, enum deck_status status,
			const struct error *err)
{
	if (status == DECK_BAD)
		return command_fail(args, EXIT_NOT_FOUND, "%s", err->text);
	return command_trouble(args, err);
}

static int run_show(struct arguments *args)
{
	struct deck_options o = { 0 };
	uint8_t card[CARD_COLUMNS];
	enum deck_status status;
	struct error err;
	struct deck *d;

	if (!pick_options(args, &o))
		return EXIT_USAGE;
	for (int i = 0; i < args->words; i++) {
		d = deck_open(args->word[i], &o, &err);
		if (!d)
			return command_trouble(args, &err);
		printf("%s: %s deck\n", args->word[i],
		       deck_kind(d) == DECK_TEXT ? "text" : "EBCDIC");
		while ((status = deck_next(d, card, &err)) == DECK_CARD)
			show_card(o.codepage, deck_cards(d), card);
		deck_close(d);
		if (status != DECK_END)
			return deck_trouble(args, status, &err);
	}
	return EXIT_OK;
}

/* ---- convert ---- */

static bool write_text(const struct arguments *args, FILE *out, const struct codepage *cp,
		       const uint8_t *card, uint32_t number)
{
	size_t n = trimmed(card);
	char line[CARD_COLUMNS];

	if (!is_printable(cp, card, n) && !option_given(args, "lossy")) {
		command_fail(args, EXIT_NOT_FOUND,
			     "card %u is not text; --lossy converts it all the same", number);
		return false;
	}
	ebcdic_to_latin1(cp, line, card, n);
	fwrite(line, 1, n, out);
	fputc('\n', out);
	return true;
}

static int convert(const struct arguments *args, struct deck *d, const struct codepage *cp,
		   FILE *out)
{
	bool to_text = deck_kind(d) != DECK_TEXT;
	uint8_t card[CARD_COLUMNS];
	enum deck_status status;
	struct error err;

	while ((status = deck_next(d, card, &err)) == DECK_CARD) {
		if (!to_text)
			fwrite(card, 1, sizeof(card), out);
		else if (!write_text(args, out, cp, card, deck_cards(d)))
			return EXIT_NOT_FOUND;
	}
	return status == DECK_END ? EXIT_OK : deck_trouble(args, status, &err);
}

static int run_convert(struct arguments *args)
{
	struct deck_options o = { 0 };
	const char *to = args->word[1];
	struct error err;
	struct deck *d;
	FILE *out;
	int rc;

	if (!pick_options(args, &o))
		return EXIT_USAGE;
	d = deck_open(args->word[0], &o, &err);
	if (!d)
		return command_trouble(args, &err);
	out = fopen(to, option_given(args, "force") ? "wbe" : "wbxe");
	if (!out) {
		deck_close(d);
		return command_fail(args, EXIT_TROUBLE, "%s: %s", to, strerror(errno));
	}
	rc = convert(args, d, o.codepage, out);
	deck_close(d);
	if (fclose(out) != 0 && !rc)
		rc = command_fail(args, EXIT_TROUBLE, "%s: %s", to, strerror(errno));
	if (rc)
		unlink(to);
	return rc;
}

#define DECK_OPTIONS                                                                           \
	{ "ebcdic", 'e', NULL, "the deck is EBCDIC cards (usual: found out)" },                \
	{ "text", 't', NULL, "the deck is lines of text" },                                    \
	{ "codepage", 'p', "NAME", "of text: 037 (usual) or 1047" },                           \
	{ "truncate", 0, NULL, "cut lines of more than 80 columns" },                          \
	{ "pad", 0, NULL, "fill a short last card with blanks" }

const struct command deck_commands[] = {
	{ "deck show", "FILE...", "Print a card deck; what is not text also in hexadecimal", 1, -1,
	  { DECK_OPTIONS }, run_show },
	{ "deck convert", "FROM TO", "Make EBCDIC cards of a text deck, or the reverse", 2, 2,
	  { DECK_OPTIONS,
	    { "lossy", 0, NULL, "make text of cards that are not" },
	    { "force", 0, NULL, "replace a file of that name" } },
	  run_convert },
	{ 0 },
};
