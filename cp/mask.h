/*
 * cp/mask.h - words of a text file become stars, whoever edits the file meanwhile.
 *
 * The file is changed where it stands: a word turns into a * and blanks, and nothing
 * else moves. So one that is renamed over it is never touched. For one who writes into
 * the file itself there is the write lease of fcntl(2): it is had only while nobody
 * else has the file open, and until it is given back others wait in their open(2).
 * What cannot be leased (NFS, a file of another user) is left as it is.
 *
 * Threads: any, but one at a time.
 */
#ifndef CP_MASK_H
#define CP_MASK_H

#include "base/error.h"

struct mask_word {
	struct mask_word *next;
	unsigned line, column; /* from 1; from 0 */
	char plain[9];
};

enum mask_result {
	MASK_DONE,
	MASK_BUSY,  /* somebody has it open: later */
	MASK_FAILED /* *err says why */
};

/* Words that are no longer where they were are left alone. */
enum mask_result mask_words(const char *path, const struct mask_word *words,
			    struct error *err);

#endif
