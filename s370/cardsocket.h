/*
 * s370/cardsocket.h - a card reader that is loaded over TCP: each connection to its
 * port is a deck, which ends when the connection is closed. What Hercules' "sockdev"
 * readers do, and the programs that submit jobs to them rely on.
 *
 * A deck that has come whole is put into the reader when the one before it has been
 * read; meanwhile others wait to be accepted.
 *
 * Threads: a socket has one of its own, which mounts the decks with machine_call().
 */
#ifndef S370_CARDSOCKET_H
#define S370_CARDSOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

struct cardsocket;
struct machine;

/* Do these words of a device line ask for one? */
bool cardsocket_wanted(int count, char *const *words);

/*
 * words: PORT or HOST:PORT, "sockdev", and those of a deck (devices/deckfile.h); text
 * unless they say "ebcdic". NULL with err.
 */
MUST_USE struct cardsocket *cardsocket_new(struct machine *machine, uint16_t address,
					   int count, char *const *words,
					   struct error *err);
/* Ends its thread: before the device is detached, on another thread than the machine's. */
void cardsocket_stop(struct cardsocket *s);
/* Afterwards, when the device with its last deck has gone. */
void cardsocket_free(struct cardsocket *s);

uint16_t cardsocket_address(const struct cardsocket *s);

#endif
