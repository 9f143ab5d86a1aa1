/*
 * cms/toolchain/asm370/asm370.h - assemble System/370 source in memory.
 *
 * The language is that of OS/VS - DOS/VS - VM/370 Assembler (GC33-4010) as
 * Assembler XF takes it (GC33-4021), with long names on request. The object
 * deck is what the linkage editor and VM's loader read: ESD, TXT, RLD and END
 * cards of 80 EBCDIC bytes.
 *
 * Threads: an assembly keeps no state outside its result; any number may run
 * at once. The library reads no file: COPY members and library macros come
 * through the include function.
 */
#ifndef CMS_TOOLCHAIN_ASM370_ASM370_H
#define CMS_TOOLCHAIN_ASM370_ASM370_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

#define ASM370_CARD 80 /* bytes of a card */

enum asm370_encoding {
	ASM370_AUTO,   /* cards if it looks like EBCDIC, else lines */
	ASM370_LINES,  /* ASCII or ISO 8859-1 lines ended by LF or CR LF */
	ASM370_CARDS,  /* EBCDIC code page 037, 80 bytes a record */
};

struct asm370_source {
	const char *name; /* for messages; NULL: none */
	const void *data; /* must stay until asm370_assemble() returns */
	size_t size;      /* bytes */
	enum asm370_encoding encoding;
};

enum asm370_xref { ASM370_XREF_NONE, ASM370_XREF_SHORT, ASM370_XREF_FULL };

/* Assembler XF's options. asm370_defaults() sets XF's default for each. */
struct asm370_options {
	bool deck, list, esd, rld, align, alogic, yflag;
	bool rent, test, num, stmt, mcall, mlogic, libmac;
	bool long_names; /* names up to 63 characters, as Assembler H; ESD cut to 8 */
	enum asm370_xref xref;
	unsigned linecount;     /* lines a page, 1-99 */
	unsigned flag;          /* lowest severity that is listed, 0-255 */
	const char *sysparm;    /* up to 255 characters */
	const char *sysdate;    /* mm/dd/yy */
	const char *systime;    /* hh.mm */
	const char *deck_date;  /* yyddd for the END card */
	uint64_t max_statements; /* stop after so many; 0: 50 million */
	/*
	 * Find a COPY member or a library macro by its upper-case name. Fill
	 * out and return true, or return false if there is none. ctx is handed
	 * through. NULL: no library.
	 */
	bool (*include)(void *ctx, const char *name, struct asm370_source *out);
	void *ctx;
};

struct asm370_diagnostic {
	uint32_t statement; /* as numbered in the listing */
	unsigned number;    /* XF's message number: IFOnnn */
	unsigned severity;  /* 0, 4, 8, 12, 16, 20; MNOTE up to 255 */
	const char *file;   /* source or member name, may be NULL */
	uint32_t line;      /* in that file, from 1 */
	const char *text;   /* one sentence */
	const char *source; /* the source line */
};

struct asm370_result {
	uint8_t *deck;       /* cards of 80 bytes */
	size_t deck_size;    /* bytes */
	char *listing;       /* lines of ISO 8859-1, not NUL-ended */
	size_t listing_size; /* bytes */
	const struct asm370_diagnostic *diagnostics; /* by statement */
	size_t diagnostic_count;
	unsigned severity;   /* the highest: the return code */
	uint32_t statements;
	uint32_t lines;      /* source and library records read */
	struct asm *owner;   /* private */
};

void asm370_defaults(struct asm370_options *options);

/*
 * Assemble one source. Returns false only when memory ran out; errors in the
 * source are diagnostics. The result must be released.
 */
bool asm370_assemble(const struct asm370_source *source,
		     const struct asm370_options *options,
		     struct asm370_result *result) MUST_USE;

void asm370_release(struct asm370_result *result);

#endif
