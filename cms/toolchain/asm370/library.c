#include "cms/toolchain/asm370/library.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/ebcdic.h"

#define RECORD       80
#define MAX_FILE     ((size_t)256 << 20)
#define ENTRY_SIZE   12 /* MACLIB directory: name 8, record 2, size 2 */
#define ENTRIES      6  /* in a record */

struct library_place {
	struct library_place *next;
	char *path;
	uint8_t *maclib; /* contents, or NULL: a folder */
	size_t size;
};

struct library_member {
	struct library_member *next;
	char *name;
	void *data;
};

void *library_read_file(const char *path, size_t *size, struct error *err)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	char *data = NULL;

	if (!f || fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode)) {
		error_errno(err, f ? EINVAL : errno, "%s", path);
	} else if ((size_t)st.st_size > MAX_FILE) {
		error_set(err, EFBIG, "%s: too large", path);
	} else {
		data = malloc((size_t)st.st_size + 1);
		if (data)
			*size = fread(data, 1, (size_t)st.st_size, f);
		if (!data || ferror(f)) {
			error_errno(err, data ? EIO : ENOMEM, "%s", path);
			free(data);
			data = NULL;
		}
	}
	if (f)
		fclose(f);
	return data;
}

static bool place_add(struct library *library, const char *path, uint8_t *maclib,
		      size_t size, struct error *err)
{
	struct library_place *place = calloc(1, sizeof(*place));

	if (!place || !(place->path = strdup(path))) {
		error_errno(err, ENOMEM, "%s", path);
		free(place);
		free(maclib);
		return false;
	}
	place->maclib = maclib;
	place->size = size;
	if (library->last)
		library->last->next = place;
	else
		library->first = place;
	library->last = place;
	return true;
}

bool library_add_folder(struct library *library, const char *path, struct error *err)
{
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
		error_errno(err, ENOTDIR, "%s", path);
		return false;
	}
	return place_add(library, path, NULL, 0, err);
}

/* Record 1: a name ending in LIB at +3, the directory's record and length. */
static bool is_maclib(const uint8_t *p, size_t size)
{
	static const uint8_t lib[] = { 0xD3, 0xC9, 0xC2 };

	return size >= RECORD && memcmp(p + 3, lib, sizeof(lib)) == 0;
}

bool library_add_maclib(struct library *library, const char *path, struct error *err)
{
	size_t size = 0;
	uint8_t *p = library_read_file(path, &size, err);

	if (!p)
		return false;
	if (!is_maclib(p, size)) {
		error_set(err, 0, "%s: not a MACLIB", path);
		free(p);
		return false;
	}
	return place_add(library, path, p, size, err);
}

static bool member_keep(struct library *library, const char *name, void *data)
{
	struct library_member *m = calloc(1, sizeof(*m));

	if (!m)
		return false;
	m->name = strdup(name);
	m->data = data;
	m->next = library->members;
	library->members = m;
	return m->name != NULL;
}

static bool try_file(struct library *library, const char *path, struct asm370_source *out)
{
	struct error err;
	struct stat st;
	void *data;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	data = library_read_file(path, &out->size, &err);
	if (!data)
		return false;
	if (!member_keep(library, path, data)) {
		free(data);
		return false;
	}
	out->data = data;
	out->name = library->members->name;
	out->encoding = ASM370_AUTO;
	return true;
}

static bool folder_find(struct library *library, const struct library_place *place,
			const char *name, struct asm370_source *out)
{
	static const char *const endings[] = { "",	".mac",	 ".macro", ".copy",
					       ".asm", ".MACRO", ".COPY",  ".MAC" };
	char path[4096], lower[72];
	size_t n = strlen(name);

	for (size_t i = 0; i <= n && i < sizeof(lower); i++)
		lower[i] = (char)tolower((unsigned char)name[i]);
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		snprintf(path, sizeof(path), "%s/%s%s", place->path, name, endings[i]);
		if (try_file(library, path, out))
			return true;
		snprintf(path, sizeof(path), "%s/%s%s", place->path, lower, endings[i]);
		if (try_file(library, path, out))
			return true;
	}
	return false;
}

/* Records from first on (numbered from 1) up to the delimiter. */
static void member_extent(const struct library_place *place, size_t first,
			  struct asm370_source *out)
{
	static const uint8_t delimiter[] = { 0x61, 0xFF, 0xFF, 0x61 };
	size_t at = (first - 1) * RECORD, end = at;

	while (end + RECORD <= place->size &&
	       memcmp(place->maclib + end, delimiter, sizeof(delimiter)) != 0)
		end += RECORD;
	out->data = place->maclib + at;
	out->size = end - at;
	out->encoding = ASM370_CARDS;
	out->name = NULL;
}

static bool maclib_find(const struct library_place *place, const char *name,
			struct asm370_source *out)
{
	uint8_t key[8];
	size_t first = be16(place->maclib + 6), left = be32(place->maclib + 8);
	size_t n = strlen(name);

	if (n > 8 || first == 0)
		return false;
	memset(key, EBCDIC_SPACE, sizeof(key));
	ebcdic_from_latin1(&codepage_037, key, name, n);
	for (size_t at = (first - 1) * RECORD; left > 0; at += RECORD) {
		for (size_t i = 0; i < ENTRIES && left >= ENTRY_SIZE; i++) {
			const uint8_t *e = place->maclib + at + i * ENTRY_SIZE;

			if (at + RECORD > place->size)
				return false;
			if (memcmp(e, key, 8) == 0 && be16(e + 8) > 0 &&
			    (be16(e + 8) - 1u) * RECORD < place->size) {
				member_extent(place, be16(e + 8), out);
				return true;
			}
			left -= ENTRY_SIZE;
		}
		if (left < ENTRY_SIZE)
			break;
	}
	return false;
}

bool library_find(void *ctx, const char *name, struct asm370_source *out)
{
	struct library *library = ctx;

	for (struct library_place *p = library->first; p; p = p->next)
		if (p->maclib ? maclib_find(p, name, out)
			      : folder_find(library, p, name, out))
			return true;
	return false;
}

void library_release(struct library *library)
{
	while (library->first) {
		struct library_place *next = library->first->next;

		free(library->first->maclib);
		free(library->first->path);
		free(library->first);
		library->first = next;
	}
	library->last = NULL;
	while (library->members) {
		struct library_member *next = library->members->next;

		free(library->members->name);
		free(library->members->data);
		free(library->members);
		library->members = next;
	}
}
