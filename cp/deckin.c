#include "cp/deckin.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ebcdic.h"
#include "base/log.h"
#include "cp/args.h"
#include "cp/arrival.h"
#include "cp/cp.h"
#include "cp/directory.h"
#include "cp/message.h"
#include "cp/spool.h"
#include "cp/vmblok.h"
#include "devices/cards.h"
#include "devices/deckfile.h"

#define READER "00C"

struct deck {
	struct cp *cp;
	const char *where;
	struct spool_file file;
	bool id_card;
};

static bool refuse(const struct deck *d, int number, const char *what)
{
	log_warn("reader", "%s: refused, message %d %s", d->where, number, what);
	if (!d->cp->oper)
		return false;
	if (number == 432 || number == 433)
		cp_error(d->cp->oper, "RSP", number, READER, what);
	else
		cp_error(d->cp->oper, "RSP", number, READER);
	return false;
}

/* ---- the ID card */

static bool valid_class(const char *word)
{
	return word && !word[1] &&
	       (isupper((unsigned char)word[0]) || isdigit((unsigned char)word[0]));
}

static bool id_name(struct deck *d, struct args *args)
{
	const char *fn = args_word(args), *ft = args_word(args), *more = args_word(args);

	if (!fn || strlen(fn) > 24 || (ft && (strlen(fn) > 8 || strlen(ft) > 8)))
		return refuse(d, 433, fn ? fn : "NAME");
	if (more)
		return refuse(d, 433, more);
	snprintf(d->file.name, sizeof(d->file.name), "%s", fn);
	snprintf(d->file.ftype, sizeof(d->file.ftype), "%s", ft ? ft : "");
	return true;
}

static bool id_card(struct deck *d, struct args *args)
{
	const char *word = args_word(args);

	d->id_card = true;
	if (!word || strlen(word) > CP_USERID_MAX)
		return refuse(d, 431, "");
	snprintf(d->file.owner, sizeof(d->file.owner), "%s", word);
	d->file.name[0] = d->file.ftype[0] = '\0';
	while ((word = args_word(args))) {
		if (abbreviates(word, "NAME", 2))
			return id_name(d, args);
		if (!abbreviates(word, "CLASS", 2))
			return refuse(d, 433, word);
		word = args_word(args);
		if (!valid_class(word))
			return refuse(d, 433, word ? word : "CLASS");
		d->file.class = word[0];
	}
	return true;
}

/* Look at the first card that is not blank. False: refused. */
static bool first_card(struct deck *d, const uint8_t *card, bool *blank)
{
	char text[CARD_COLUMNS + 1];
	struct args args;
	const char *word;

	ebcdic_to_latin1(&codepage_037, text, card, CARD_COLUMNS);
	for (unsigned i = 0; i < CARD_COLUMNS; i++)
		if (!isprint((unsigned char)text[i]))
			text[i] = '.'; /* an object deck; it has no ID card */
	text[CARD_COLUMNS] = '\0';
	args_init(&args, text);
	word = args_word(&args);
	*blank = !word;
	if (!word)
		return true;
	if (strcmp(word, "ID") == 0 || strcmp(word, "USERID") == 0)
		return id_card(d, &args);
	return d->file.owner[0] || refuse(d, 431, "");
}

static bool find_owner(struct deck *d)
{
	const struct directory_user *user = directory_find(d->cp->directory, d->file.owner);

	if (!user)
		return refuse(d, 432, d->file.owner);
	snprintf(d->file.origin, sizeof(d->file.origin), "%s", user->userid);
	snprintf(d->file.dist, sizeof(d->file.dist), "%s", user->distcode);
	return true;
}

/* ---- the deck */

/* The cards behind the ID card into w. */
static bool copy_cards(struct deck *d, struct card_source *src, struct spool_writer *w,
		       struct error *err)
{
	uint8_t record[CARD_RECORD_MAX], op;
	bool looked = false;
	size_t length;

	while (src->next(src, record, &length, &op) == CARD_OK) {
		if (!looked) {
			bool blank = false;

			if (!first_card(d, record, &blank))
				return false;
			if (blank && !d->file.owner[0])
				continue;
			if (!find_owner(d))
				return false;
			looked = true;
			if (d->id_card)
				continue;
		}
		if (!spool_write(w, 0, record, CARD_COLUMNS, err)) {
			log_warn("reader", "%s: %s", d->where, err->text);
			return refuse(d, 426, "");
		}
	}
	return looked || refuse(d, 431, "");
}

static void announce(const struct deck *d)
{
	cp_tell_operator(d->cp, NULL, "RDR  " READER " READING   %-8s FILE  = %04u",
			 d->file.owner, d->file.id);
	arrival_announce(d->cp, &d->file, NULL);
}

bool deckin_take(struct cp *cp, const char *path, const char *where,
		 const struct deckin_default *standard)
{
	struct deck d = { .cp = cp, .where = where };
	char file[512], trunc[] = "trunc";
	char *words[] = { file, trunc };
	struct error err = { 0, "" };
	struct card_source *src;
	struct spool_writer *w;

	snprintf(file, sizeof(file), "%s", path);
	d.file = (struct spool_file){ .queue = SPOOL_RDR, .class = 'A', .type = "RDR",
				      .copies = 1 };
	snprintf(d.file.owner, sizeof(d.file.owner), "%s", standard->userid);
	snprintf(d.file.name, sizeof(d.file.name), "%s", standard->name);
	snprintf(d.file.ftype, sizeof(d.file.ftype), "%s", standard->type);
	src = deckfile_source_new(2, words, &err);
	w = src ? spool_write_begin(cp->spool, &err) : NULL;
	if (!w) {
		log_warn("reader", "%s: %s", where, err.text);
		if (src)
			src->release(src);
		return refuse(&d, src ? 426 : 434, "");
	}
	if (!copy_cards(&d, src, w, &err)) {
		spool_write_abandon(w);
		src->release(src);
		return false;
	}
	src->release(src);
	if (!spool_write_close(w, &d.file, &err)) {
		log_error("reader", "%s: %s", where, err.text);
		return refuse(&d, 434, "");
	}
	announce(&d);
	return true;
}
