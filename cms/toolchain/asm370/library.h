/*
 * cms/toolchain/asm370/library.h - members for COPY and macros, from folders
 * and CMS MACLIBs. This is where the program asm370 reads files; the
 * assembler itself reads none.
 */
#ifndef CMS_TOOLCHAIN_ASM370_LIBRARY_H
#define CMS_TOOLCHAIN_ASM370_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "cms/toolchain/asm370/asm370.h"

struct library_place;
struct library_member;

struct library {
	struct library_place *first, *last; /* in the order of search */
	struct library_member *members;     /* read so far */
};

bool library_add_folder(struct library *library, const char *path,
			struct error *err) MUST_USE;

/* A CMS MACLIB (F 80): GC20-1819, "MACLIB". */
bool library_add_maclib(struct library *library, const char *path,
			struct error *err) MUST_USE;

/* The include function of struct asm370_options; ctx is the library. */
bool library_find(void *ctx, const char *name, struct asm370_source *out);

void library_release(struct library *library);

/* A whole file in malloc'ed memory, or NULL with err filled. */
void *library_read_file(const char *path, size_t *size, struct error *err);

#endif
