/*
 * devices/deckfile.c - decks in host files. Decks are small: they are read
 * whole, which also keeps the machine's thread from waiting for a disk.
 */
#include "devices/deckfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/ebcdic.h"

#define DECK_BYTES_MAX (256u << 20)

enum deck_format { DECK_GUESS, DECK_EBCDIC, DECK_ASCII };

struct deck_options {
	enum deck_format format;
	bool trunc;
	bool intrq;
};

struct deck_source {
	struct card_source source; /* first: what the reader sees */
	uint8_t *cards;		   /* CARD_COLUMNS bytes each */
	size_t count, capacity, next;
	bool eof; /* tell the end by unit exception, once */
};

static void deck_release(struct card_source *src)
{
	struct deck_source *deck = (struct deck_source *)src;

	free(deck->cards);
	free(deck);
}

static enum card_result deck_next(struct card_source *src, uint8_t *record,
				  size_t *length, uint8_t *op)
{
	struct deck_source *deck = (struct deck_source *)src;

	if (deck->next == deck->count) {
		bool eof = deck->eof;

		deck->eof = false;
		return eof ? CARD_EOF : CARD_EMPTY;
	}
	memcpy(record, deck->cards + deck->next++ * CARD_COLUMNS, CARD_COLUMNS);
	*length = CARD_COLUMNS;
	*op = 0;
	return CARD_OK;
}

/* A new card, all blank; NULL: no memory. */
static uint8_t *card_add(struct deck_source *deck, struct error *err)
{
	uint8_t *card;

	if (deck->count == deck->capacity) {
		size_t capacity = deck->capacity ? deck->capacity * 2 : 64;
		uint8_t *cards = realloc(deck->cards, capacity * CARD_COLUMNS);

		if (!cards) {
			error_set(err, ENOMEM, "no memory for the deck");
			return NULL;
		}
		deck->cards = cards;
		deck->capacity = capacity;
	}
	card = deck->cards + deck->count++ * CARD_COLUMNS;
	memset(card, EBCDIC_SPACE, CARD_COLUMNS);
	return card;
}

static bool add_ebcdic(struct deck_source *deck, const char *name, const uint8_t *data,
		       size_t size, struct error *err)
{
	if (size % CARD_COLUMNS) {
		error_set(err, 0, "%s: %zu bytes are no whole number of 80-byte cards",
			  name, size);
		return false;
	}
	for (size_t at = 0; at < size; at += CARD_COLUMNS) {
		uint8_t *card = card_add(deck, err);

		if (!card)
			return false;
		memcpy(card, data + at, CARD_COLUMNS);
	}
	return true;
}

/* One text line; tabs go to the next multiple of eight columns. */
static bool add_line(struct deck_source *deck, const struct deck_options *opt,
		     const char *name, size_t number, const uint8_t *line, size_t size,
		     struct error *err)
{
	uint8_t *card = card_add(deck, err);
	size_t column = 0;

	if (!card)
		return false;
	for (size_t i = 0; i < size; i++) {
		if (line[i] == '\t') {
			column = (column / 8 + 1) * 8;
			continue;
		}
		if (column < CARD_COLUMNS)
			card[column] = codepage_037.to_ebcdic[line[i]];
		else if (!opt->trunc && line[i] != ' ') {
			error_set(err, 0, "%s:%zu: the line is longer than 80 columns",
				  name, number);
			return false;
		}
		column++;
	}
	return true;
}

static bool add_ascii(struct deck_source *deck, const struct deck_options *opt,
		      const char *name, const uint8_t *data, size_t size,
		      struct error *err)
{
	size_t at = 0;

	for (size_t number = 1; at < size; number++) {
		const uint8_t *line = data + at;
		const uint8_t *end = memchr(line, '\n', size - at);
		size_t length = end ? (size_t)(end - line) : size - at;

		at += length + 1;
		if (length && line[length - 1] == '\r')
			length--;
		/* Ctrl-Z: where CP/M and DOS end a text. */
		if (length == 1 && line[0] == 0x1A)
			break;
		if (!add_line(deck, opt, name, number, line, length, err))
			return false;
	}
	return true;
}

/*
 * Text or cards? Cards if the size fits and there is a byte that no text has,
 * or no line end within the first lines.
 */
static enum deck_format guess(const uint8_t *data, size_t size)
{
	size_t look = size < 4096 ? size : 4096;

	if (size % CARD_COLUMNS)
		return DECK_ASCII;
	for (size_t i = 0; i < look; i++)
		if (data[i] >= 0x80 ||
		    (data[i] < 0x20 && !strchr("\t\n\r\f\x1A", data[i])) || data[i] == 0)
			return DECK_EBCDIC;
	return memchr(data, '\n', look) ? DECK_ASCII : DECK_EBCDIC;
}

static uint8_t *read_whole(const char *name, size_t *size, struct error *err)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t *data = NULL;
	struct stat st;
	ssize_t n = 0;

	if (fd < 0 || fstat(fd, &st) < 0) {
		error_errno(err, errno, "%s", name);
	} else if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > DECK_BYTES_MAX) {
		error_set(err, 0, "%s: not a file of at most %u MiB", name,
			  DECK_BYTES_MAX >> 20);
	} else if (!(data = malloc((size_t)st.st_size + 1))) {
		error_set(err, ENOMEM, "%s: no memory", name);
	} else {
		for (*size = 0; *size < (size_t)st.st_size; *size += (size_t)n) {
			n = read(fd, data + *size, (size_t)st.st_size - *size);
			if (n <= 0)
				break;
		}
		if (n < 0) {
			error_errno(err, errno, "%s", name);
			free(data);
			data = NULL;
		}
	}
	if (fd >= 0)
		close(fd);
	return data;
}

static bool add_file(struct deck_source *deck, const struct deck_options *opt,
		     const char *name, struct error *err)
{
	size_t size = 0;
	uint8_t *data = read_whole(name, &size, err);
	enum deck_format format;
	bool ok;

	if (!data)
		return false;
	format = opt->format == DECK_GUESS ? guess(data, size) : opt->format;
	if (format == DECK_EBCDIC)
		ok = add_ebcdic(deck, name, data, size, err);
	else
		ok = add_ascii(deck, opt, name, data, size, err);
	free(data);
	return ok;
}

/* One word may be several files: A+B. A file that has a + in its name is found too. */
static bool add_word(struct deck_source *deck, const struct deck_options *opt,
		     const char *word, struct error *err)
{
	char *names, *save = NULL;
	bool ok = true;

	if (access(word, F_OK) == 0)
		return add_file(deck, opt, word, err);
	names = strdup(word);
	if (!names)
		return false;
	for (char *n = strtok_r(names, "+", &save); n && ok;
	     n = strtok_r(NULL, "+", &save))
		ok = add_file(deck, opt, n, err);
	free(names);
	return ok;
}

static bool take_option(struct deck_options *opt, const char *word)
{
	if (strcasecmp(word, "ebcdic") == 0)
		opt->format = DECK_EBCDIC;
	else if (strcasecmp(word, "ascii") == 0)
		opt->format = DECK_ASCII;
	else if (strcasecmp(word, "trunc") == 0)
		opt->trunc = true;
	else if (strcasecmp(word, "intrq") == 0)
		opt->intrq = true;
	else if (strcasecmp(word, "autopad") != 0 && strcasecmp(word, "eof") != 0 &&
		 strcasecmp(word, "multifile") != 0)
		return false;
	return true;
}

struct card_source *deckfile_source_new(int argc, char *const *argv, struct error *err)
{
	struct deck_source *deck = calloc(1, sizeof(*deck));
	struct deck_options opt = { DECK_GUESS, false, false };
	struct deck_options ignored = opt;

	if (!deck) {
		error_set(err, ENOMEM, "no memory for a deck");
		return NULL;
	}
	deck->source.next = deck_next;
	deck->source.release = deck_release;
	for (int i = 0; i < argc; i++)
		take_option(&opt, argv[i]);
	for (int i = 0; i < argc; i++) {
		if (take_option(&ignored, argv[i]))
			continue;
		if (!add_word(deck, &opt, argv[i], err)) {
			deck_release(&deck->source);
			return NULL;
		}
	}
	deck->eof = !opt.intrq;
	return &deck->source;
}
