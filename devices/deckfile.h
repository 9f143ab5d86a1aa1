/*
 * devices/deckfile.h - decks of cards in host files, and host files that take
 * what a punch or printer writes.
 */
#ifndef DEVICES_DECKFILE_H
#define DEVICES_DECKFILE_H

#include "base/error.h"
#include "devices/cards.h"

/*
 * A card source on host files. Words:
 *
 *   FILE ...   decks, read one after the other; FILE may be A+B+C
 *   ebcdic     80-byte cards, no line ends (default: found out by content)
 *   ascii      text lines, translated with code page 037
 *   trunc      longer text lines are cut at 80 (else an error)
 *   eof        unit exception behind the last card (default)
 *   intrq      intervention required instead
 *
 * After eof was told once the reader is empty until new cards are mounted. All
 * files are opened and looked through now; NULL with err if one cannot be read.
 */
struct card_source *deckfile_source_new(int argc, char *const *argv, struct error *err);

#endif
