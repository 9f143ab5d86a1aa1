/*
 * Any bytes as a deck that came over a card socket: a file in memory, looked through and
 * read as s370/cardsocket.c and CP's card port have it. The first byte chooses the words.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "devices/deckfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void read_all(struct card_source *deck)
{
	uint8_t record[CARD_RECORD_MAX], op;
	size_t length;

	for (int i = 0; i < 100000; i++) {
		length = 0;
		if (deck->next(deck, record, &length, &op) != CARD_OK)
			return;
		if (length > CARD_RECORD_MAX)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const char *const formats[] = { "ascii", "ebcdic", "eof", "intrq" };
	char path[40];
	const char *words[4] = { path };
	int fd = memfd_create("deck", MFD_CLOEXEC), count = 1;
	struct error err = { 0 };
	struct card_source *deck;

	if (n == 0)
		return 0;
	if (fd < 0 || write(fd, bytes + 1, n - 1) != (ssize_t)(n - 1))
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	words[count++] = formats[bytes[0] & 3];
	if (bytes[0] & 4)
		words[count++] = "trunc";
	deck = deckfile_source_new(count, (char *const *)(uintptr_t)words, &err);
	if (deck) {
		read_all(deck);
		deck->release(deck);
	} else if (!err.text[0]) {
		abort();
	}
	close(fd);
	return 0;
}
