#include "cms/toolchain/asm370/control.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cms/toolchain/asm370/library.h"
#include "cms/toolchain/asm370/update.h"

#define MAX_PATH  4096
#define MAX_LINES 1000
#define MAX_WORDS 10

/* The records of a control file or of a list, cut into words. */
struct lines {
	char word[MAX_LINES][MAX_WORDS][9];
	unsigned count;
};

struct run {
	const char *path, *source_path;
	struct asm370_source *source;
	struct control *control;
	struct lines lines, list;
	char used[MAX_LINES][9]; /* lists that were applied: each only once */
	unsigned used_count;
	struct error *err;
};

/* ---- files beside the source */

/* Length of the source's path without its ending. */
static size_t stem(const char *path)
{
	const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');

	return dot && (!slash || dot > slash) ? (size_t)(dot - path) : strlen(path);
}

static bool sibling(const struct run *r, const char *type, char out[MAX_PATH])
{
	struct stat st;
	int n = snprintf(out, MAX_PATH, "%.*s.%s", (int)stem(r->source_path),
			 r->source_path, type);

	if (n >= MAX_PATH)
		return false;
	if (stat(out, &st) == 0 && S_ISREG(st.st_mode))
		return true;
	for (char *p = out + stem(r->source_path); *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return stat(out, &st) == 0 && S_ISREG(st.st_mode);
}

static void upper_word(char *p)
{
	for (; *p; p++)
		*p = (char)toupper((unsigned char)*p);
}

static bool line_split(char *line, char words[MAX_WORDS][9])
{
	unsigned n = 0;
	char *rest;

	memset(words, 0, MAX_WORDS * sizeof(*words));
	if (line[0] == '*')
		return false;
	line[strcspn(line, "\r\n")] = '\0';
	for (char *p = strtok_r(line, " \t", &rest); p && n < MAX_WORDS;
	     p = strtok_r(NULL, " \t", &rest)) {
		snprintf(words[n], sizeof(words[n]), "%.8s", p);
		upper_word(words[n++]);
	}
	return n > 0;
}

static bool lines_read(const char *path, struct lines *l, struct error *err)
{
	FILE *f = fopen(path, "r");
	char line[400];

	l->count = 0;
	if (!f) {
		error_errno(err, errno, "%s", path);
		return false;
	}
	while (fgets(line, sizeof(line), f)) {
		if (l->count == MAX_LINES) {
			error_set(err, 0, "%s: more than %d records", path, MAX_LINES);
			fclose(f);
			return false;
		}
		l->count += line_split(line, l->word[l->count]);
	}
	fclose(f);
	return true;
}

/* ---- the log, from which comes the head of the TEXT file */

static void log_line(struct run *r, const char *path, const char *type)
{
	struct control *c = r->control;
	const char *name = strrchr(path, '/');
	char line[80], when[32] = "", base[9];
	struct stat st;
	struct tm tm;
	char *p;
	int n;

	name = name ? name + 1 : path;
	snprintf(base, sizeof(base), "%.*s", (int)strcspn(name, "."), name);
	upper_word(base);
	if (stat(path, &st) == 0 && localtime_r(&st.st_mtime, &tm))
		strftime(when, sizeof(when), "%m/%d/%y %H:%M", &tm);
	n = snprintf(line, sizeof(line), "*        %-8s %-8s %s\n", base, type, when);
	p = realloc(c->log, c->log_size + (size_t)n + 1);
	if (!p)
		return;
	memcpy(p + c->log_size, line, (size_t)n + 1);
	c->log = p;
	c->log_size += (size_t)n;
}

/* ---- updates */

bool control_update(const char *path, struct asm370_source *source, struct error *err)
{
	struct asm370_source update = { .name = path, .encoding = ASM370_AUTO };
	void *data = library_read_file(path, &update.size, err);
	size_t size;
	char *out;

	if (!data)
		return false;
	update.data = data;
	out = update_apply(source, &update, &size, err);
	free(data);
	if (!out)
		return false;
	free((void *)source->data);
	source->data = out;
	source->size = size;
	source->encoding = ASM370_LINES;
	return true;
}

static bool apply(struct run *r, const char *path, const char *level, const char *type)
{
	if (!control_update(path, r->source, r->err))
		return false;
	snprintf(r->control->level, sizeof(r->control->level), "%.5s", level);
	log_line(r, path, type);
	return true;
}

/* ---- lists */

static bool list_used(struct run *r, const char *type)
{
	for (unsigned i = 0; i < r->used_count; i++)
		if (strcmp(r->used[i], type) == 0)
			return true;
	memcpy(r->used[r->used_count++], type, 9);
	return false;
}

/* Is one of the types that come before this list there? */
static bool is_preferred(struct run *r, char words[][9], unsigned n)
{
	char path[MAX_PATH];

	for (unsigned i = 0; i < n && words[i][0]; i++)
		if (sibling(r, words[i], path))
			return true;
	return false;
}

static bool apply_list(struct run *r, const char *level, char words[][9], unsigned n)
{
	char list[MAX_PATH], path[MAX_PATH];

	if (is_preferred(r, words + 1, n - 1) || !sibling(r, words[0], list) ||
	    list_used(r, words[0]))
		return true;
	if (!lines_read(list, &r->list, r->err))
		return false;
	for (unsigned i = r->list.count; i-- > 0;) {
		char(*w)[9] = r->list.word[i];
		const char *type = strcmp(w[0], "PTF") == 0 ? w[1] : w[0];

		if (!sibling(r, type, path)) {
			error_set(r->err, 0, "%s: there is no update %s", list, type);
			return false;
		}
		if (!apply(r, path, level, type))
			return false;
	}
	return true;
}

/* ---- control records */

static bool macs_record(struct run *r)
{
	struct control *c = r->control;
	char(*w)[9] = r->lines.word[0];

	if (r->lines.count == 0 || strcmp(w[1], "MACS") != 0) {
		error_set(r->err, 0, "%s: the first record is no MACS record", r->path);
		return false;
	}
	snprintf(c->level, sizeof(c->level), "%.5s", w[0]);
	for (unsigned i = 2; i < MAX_WORDS && w[i][0]; i++)
		memcpy(c->libraries[c->library_count++], w[i], 9);
	return true;
}

/* FILE.type, or FILE.UPDTtype for a type of at most four characters. */
static bool find_update(struct run *r, const char *type, char path[MAX_PATH])
{
	char full[9];

	if (strlen(type) <= 4 && strncmp(type, "UPDT", 4) != 0) {
		snprintf(full, sizeof(full), "UPDT%.4s", type);
		return sibling(r, full, path);
	}
	return sibling(r, type, path);
}

static bool control_record(struct run *r, char words[MAX_WORDS][9])
{
	const char *level = words[0], *type = words[1];
	char path[MAX_PATH];

	if (strcmp(type, "MACS") == 0 || !type[0]) {
		error_set(r->err, 0, "%s: wrong or second MACS record: %s %s", r->path,
			  level, type);
		return false;
	}
	if (strcmp(type, "PTF") == 0)
		return !sibling(r, words[2], path) || apply(r, path, level, words[2]);
	if (strncmp(type, "AUX", 3) == 0 && type[3] && strcmp(type, "AUXPTF") != 0 &&
	    strcmp(level, "PTF") != 0)
		return apply_list(r, level, words + 1, MAX_WORDS - 1);
	if (strcmp(words[2], "AUX") == 0 && strlen(type) <= 5) { /* xxxxx AUX */
		snprintf(words[2], sizeof(words[2]), "AUX%.5s", type);
		return apply_list(r, level, words + 2, MAX_WORDS - 2);
	}
	return !find_update(r, type, path) || apply(r, path, level, type);
}

static bool control_run(struct run *r)
{
	if (!lines_read(r->path, &r->lines, r->err) || !macs_record(r))
		return false;
	log_line(r, r->source_path, "ASSEMBLE");
	for (unsigned i = r->lines.count; i-- > 1;)
		if (!control_record(r, r->lines.word[i]))
			return false;
	return true;
}

bool control_apply(const char *path, const char *source_path,
		   struct asm370_source *source, struct control *control,
		   struct error *err)
{
	struct run *r = calloc(1, sizeof(*r));
	bool ok;

	memset(control, 0, sizeof(*control));
	if (!r) {
		error_set(err, ENOMEM, "memory ran out");
		return false;
	}
	r->path = path;
	r->source_path = source_path;
	r->source = source;
	r->control = control;
	r->err = err;
	ok = control_run(r);
	free(r);
	return ok;
}

void control_release(struct control *control)
{
	free(control->log);
	memset(control, 0, sizeof(*control));
}
