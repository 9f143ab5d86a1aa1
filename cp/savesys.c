#include "cp/savesys.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "cp/datadir.h"

static const char magic[8] = { 'V', 'M', '3', '7', '0', 'S', 'Y', 'S' };

#define VERSION       1u
#define AT_REGISTERS  16u
#define AT_RANGES     (AT_REGISTERS + 8 + 64 + 32 + 64)
#define HEADER_MAX    (64u << 10)
#define PATH_SIZE     512

/* An image in memory. */
struct loaded {
	struct loaded *next;
	struct named_system sys; /* first what others see */
	unsigned refs;           /* users, and one for being the current one */
	bool current;
	struct timespec written; /* of the file */
	ino_t inode;
};

struct systems {
	pthread_mutex_t lock; /* everything below */
	const char *dir;
	struct loaded *loaded;
};

struct systems *systems_new(const char *dir)
{
	struct systems *ss = calloc(1, sizeof(*ss));

	if (!ss)
		BUG("no memory for the named systems");
	ss->dir = dir;
	pthread_mutex_init(&ss->lock, NULL);
	return ss;
}

static void loaded_free(struct loaded *l)
{
	if (l->sys.fd >= 0)
		close(l->sys.fd);
	free(l->sys.keys);
	free(l);
}

void systems_free(struct systems *ss)
{
	if (!ss)
		return;
	while (ss->loaded) {
		struct loaded *l = ss->loaded;

		ss->loaded = l->next;
		loaded_free(l);
	}
	pthread_mutex_destroy(&ss->lock);
	free(ss);
}

/* ---- systems.conf */

static bool take_page(const char **text, uint32_t *page)
{
	char *end;
	unsigned long v;

	if (!isdigit((unsigned char)**text))
		return false;
	v = strtoul(*text, &end, 10);
	*text = end;
	*page = (uint32_t)v;
	return v < SYSTEM_PAGES;
}

/* "0-32,64-79" */
static bool take_ranges(const char *text, struct system_range *range, unsigned *count)
{
	for (*count = 0; *count < SYSTEM_RANGES; text++) {
		struct system_range *r = &range[*count];
		uint32_t last;

		if (!take_page(&text, &r->first))
			return false;
		last = r->first;
		if (*text == '-' && (text++, !take_page(&text, &last)))
			return false;
		if (last < r->first)
			return false;
		r->count = last - r->first + 1;
		++*count;
		if (*text == '\0')
			return true;
		if (*text != ',')
			return false;
	}
	return false;
}

static bool parse_layout(char *line, struct system_layout *l)
{
	char *save, *name = strtok_r(line, " \t\r\n", &save), *pages, *word, *shared;

	memset(l, 0, sizeof(*l));
	if (!name || name[0] == '*' || name[0] == '#' || strlen(name) > 8)
		return false;
	for (size_t i = 0; name[i]; i++)
		l->name[i] = (char)toupper((unsigned char)name[i]);
	pages = strtok_r(NULL, " \t\r\n", &save);
	word = strtok_r(NULL, " \t\r\n", &save);
	shared = strtok_r(NULL, " \t\r\n", &save);
	if (!pages || !take_ranges(pages, l->range, &l->ranges))
		return false;
	if (!word)
		return true;
	return strcasecmp(word, "SHARED") == 0 && shared &&
	       take_ranges(shared, l->shared, &l->shared_ranges);
}

static bool find_layout(const char *dir, const char *name, struct system_layout *layout)
{
	char path[PATH_SIZE], line[256];
	struct error err;
	bool found = false;
	FILE *f;

	if (!datadir_path(path, sizeof(path), dir, DATADIR_SYSTEMS_CONF, &err))
		return false;
	f = fopen(path, "re");
	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f))
		found = parse_layout(line, layout) && strcmp(layout->name, name) == 0;
	fclose(f);
	return found;
}

bool system_layout(struct systems *ss, const char *name, struct system_layout *layout)
{
	return find_layout(ss->dir, name, layout);
}

/* ---- reading an image */

static bool safe_name(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("@#$", name[i]))
			return false;
	return n >= 1 && n <= 8;
}

static bool image_path(char *path, size_t size, const char *dir, const char *name,
		       struct error *err)
{
	char file[64];

	snprintf(file, sizeof(file), "%s/%s", DATADIR_SYSTEMS, name);
	return datadir_path(path, size, dir, file, err);
}

static bool read_at(int fd, void *buffer, size_t n, uint64_t at)
{
	uint8_t *p = buffer;

	while (n) {
		ssize_t got = pread(fd, p, n, (off_t)at);

		if (got <= 0)
			return false;
		p += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return true;
}

static uint32_t count_pages(const struct system_layout *l)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < l->ranges; i++)
		n += l->range[i].count;
	return n;
}

static void get_registers(const uint8_t *p, struct system_registers *r)
{
	r->psw = be64(p);
	for (unsigned i = 0; i < 16; i++)
		r->gr[i] = be32(p + 8 + 4 * i);
	for (unsigned i = 0; i < 4; i++)
		r->fpr[i] = be64(p + 72 + 8 * i);
	for (unsigned i = 0; i < 16; i++)
		r->cr[i] = be32(p + 104 + 4 * i);
}

static void put_registers(uint8_t *p, const struct system_registers *r)
{
	put_be64(p, r->psw);
	for (unsigned i = 0; i < 16; i++)
		put_be32(p + 8 + 4 * i, r->gr[i]);
	for (unsigned i = 0; i < 4; i++)
		put_be64(p + 72 + 8 * i, r->fpr[i]);
	for (unsigned i = 0; i < 16; i++)
		put_be32(p + 104 + 4 * i, r->cr[i]);
}

/* Length of a header with so many ranges and pages. */
static uint32_t header_length(unsigned ranges, uint32_t pages)
{
	uint32_t n = AT_RANGES + 4 + 8 * ranges + 2 * pages;

	return (n + SYSTEM_PAGE - 1) / SYSTEM_PAGE * SYSTEM_PAGE;
}

/* Check a header and take it apart. It may be anything. */
static bool take_header(const uint8_t *h, size_t length, struct named_system *sys)
{
	struct system_layout *l = &sys->layout;

	if (memcmp(h, magic, sizeof(magic)) != 0 || be32(h + 8) != VERSION)
		return false;
	get_registers(h + AT_REGISTERS, &sys->registers);
	l->ranges = be32(h + AT_RANGES);
	if (l->ranges < 1 || l->ranges > SYSTEM_RANGES)
		return false;
	for (unsigned i = 0; i < l->ranges; i++) {
		const uint8_t *p = h + AT_RANGES + 4 + 8 * i;

		l->range[i] = (struct system_range){ be32(p), be32(p + 4) };
		if (l->range[i].first >= SYSTEM_PAGES || l->range[i].count == 0 ||
		    l->range[i].count > SYSTEM_PAGES - l->range[i].first)
			return false;
	}
	sys->pages = count_pages(l);
	if (sys->pages > SYSTEM_PAGES || header_length(l->ranges, sys->pages) != length)
		return false;
	sys->keys = malloc(2 * sys->pages);
	if (!sys->keys)
		BUG("no memory for keys");
	memcpy(sys->keys, h + AT_RANGES + 4 + 8 * l->ranges, 2 * sys->pages);
	return true;
}

/*
 * Bring the pages into memory of our own: a file that somebody makes shorter
 * would take every machine that has it mapped down with it.
 */
static int copy_pages(int fd, uint64_t at, uint32_t pages)
{
	int memory = memfd_create("named system", MFD_CLOEXEC);
	uint8_t page[SYSTEM_PAGE];

	for (uint32_t i = 0; memory >= 0 && i < pages; i++, at += SYSTEM_PAGE)
		if (!read_at(fd, page, sizeof(page), at) ||
		    write(memory, page, sizeof(page)) != (ssize_t)sizeof(page)) {
			close(memory);
			return -1;
		}
	return memory;
}

static bool load_image(int fd, struct named_system *sys)
{
	uint8_t start[16], *header;
	uint32_t length;
	bool ok;

	sys->fd = -1;
	if (!read_at(fd, start, sizeof(start), 0))
		return false;
	length = be32(start + 12);
	if (length < SYSTEM_PAGE || length > HEADER_MAX)
		return false;
	header = malloc(length);
	if (!header)
		BUG("no memory for a header");
	ok = read_at(fd, header, length, 0) && take_header(header, length, sys);
	free(header);
	if (ok)
		sys->fd = copy_pages(fd, length, sys->pages);
	return ok && sys->fd >= 0;
}

static struct loaded *load_locked(struct systems *ss, const char *name, struct error *err)
{
	struct loaded *l = calloc(1, sizeof(*l));
	char path[PATH_SIZE];
	struct stat st;
	int fd = -1;

	if (!l)
		BUG("no memory for a named system");
	l->sys.fd = -1;
	if (image_path(path, sizeof(path), ss->dir, name, err)) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			error_errno(err, errno, "%s", path);
		else if (fstat(fd, &st) != 0 || !load_image(fd, &l->sys)) {
			error_set(err, EINVAL, "%s: not the image of a named system", path);
			close(fd);
			fd = -1;
		}
	}
	if (fd < 0) {
		loaded_free(l);
		return NULL;
	}
	close(fd);
	snprintf(l->sys.layout.name, sizeof(l->sys.layout.name), "%s", name);
	l->written = st.st_mtim;
	l->inode = st.st_ino;
	l->current = true;
	l->refs = 1;
	l->next = ss->loaded;
	ss->loaded = l;
	return l;
}

static void put_locked(struct systems *ss, struct loaded *l)
{
	struct loaded **at = &ss->loaded;

	if (--l->refs)
		return;
	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	loaded_free(l);
}

/* The one in memory, if the file is still the one it was read from. */
static struct loaded *current_locked(struct systems *ss, const char *name)
{
	struct loaded *l = ss->loaded;
	char path[PATH_SIZE];
	struct error err;
	struct stat st;

	while (l && !(l->current && strcmp(l->sys.layout.name, name) == 0))
		l = l->next;
	if (!l)
		return NULL;
	if (image_path(path, sizeof(path), ss->dir, name, &err) && stat(path, &st) == 0 &&
	    st.st_ino == l->inode && st.st_mtim.tv_sec == l->written.tv_sec &&
	    st.st_mtim.tv_nsec == l->written.tv_nsec)
		return l;
	l->current = false;
	put_locked(ss, l);
	return NULL;
}

struct named_system *system_get(struct systems *ss, const char *name, struct error *err)
{
	struct system_layout layout;
	struct loaded *l = NULL;

	if (!safe_name(name) || !find_layout(ss->dir, name, &layout)) {
		error_set(err, ENOENT, "%s is not in %s", name, DATADIR_SYSTEMS_CONF);
		return NULL;
	}
	pthread_mutex_lock(&ss->lock);
	l = current_locked(ss, name);
	if (!l) {
		l = load_locked(ss, name, err);
		if (l) {
			l->sys.layout.shared_ranges = layout.shared_ranges;
			memcpy(l->sys.layout.shared, layout.shared, sizeof(layout.shared));
		}
	}
	if (l)
		l->refs++;
	pthread_mutex_unlock(&ss->lock);
	return l ? &l->sys : NULL;
}

void system_put(struct systems *ss, struct named_system *sys)
{
	struct loaded *l = (struct loaded *)((char *)sys - offsetof(struct loaded, sys));

	pthread_mutex_lock(&ss->lock);
	put_locked(ss, l);
	pthread_mutex_unlock(&ss->lock);
}

uint32_t system_start(const struct named_system *sys)
{
	uint32_t first = SYSTEM_PAGES;

	for (unsigned i = 0; i < sys->layout.ranges; i++)
		if (sys->layout.range[i].first < first)
			first = sys->layout.range[i].first;
	return first * SYSTEM_PAGE;
}

uint32_t system_end(const struct named_system *sys)
{
	uint32_t end = 0;

	for (unsigned i = 0; i < sys->layout.ranges; i++) {
		const struct system_range *r = &sys->layout.range[i];

		if (r->first + r->count > end)
			end = r->first + r->count;
	}
	return end * SYSTEM_PAGE - 1;
}

/* ---- writing an image */

static uint8_t *make_header(const struct system_layout *l, const struct system_registers *r,
			    const uint8_t *keys, uint32_t *length)
{
	uint32_t pages = count_pages(l);
	uint8_t *h;

	*length = header_length(l->ranges, pages);
	h = calloc(1, *length);
	if (!h)
		BUG("no memory for a header");
	memcpy(h, magic, sizeof(magic));
	put_be32(h + 8, VERSION);
	put_be32(h + 12, *length);
	put_registers(h + AT_REGISTERS, r);
	put_be32(h + AT_RANGES, l->ranges);
	for (unsigned i = 0; i < l->ranges; i++) {
		put_be32(h + AT_RANGES + 4 + 8 * i, l->range[i].first);
		put_be32(h + AT_RANGES + 8 + 8 * i, l->range[i].count);
	}
	memcpy(h + AT_RANGES + 4 + 8 * l->ranges, keys, 2 * pages);
	return h;
}

static bool write_all(int fd, const uint8_t *p, size_t n)
{
	while (n) {
		ssize_t put = write(fd, p, n);

		if (put <= 0)
			return false;
		p += put;
		n -= (size_t)put;
	}
	return true;
}

/* Write under another name, make it durable, give it its name. */
static bool replace_file(const char *path, const uint8_t *header, uint32_t length,
			 const uint8_t *pages, size_t size, struct error *err)
{
	char temporary[PATH_SIZE + 8];
	int fd;
	bool ok;

	snprintf(temporary, sizeof(temporary), "%s.new", path);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		error_errno(err, errno, "%s", temporary);
		return false;
	}
	ok = write_all(fd, header, length) && write_all(fd, pages, size) && fsync(fd) == 0;
	ok = close(fd) == 0 && ok && rename(temporary, path) == 0;
	if (!ok) {
		error_errno(err, errno, "%s", path);
		unlink(temporary);
	}
	return ok;
}

static bool save_image(const char *dir, const struct system_layout *layout,
		       const struct system_registers *registers, const uint8_t *pages,
		       const uint8_t *keys, struct error *err)
{
	char path[PATH_SIZE], folder[PATH_SIZE];
	uint32_t length;
	uint8_t *header;
	bool ok;

	if (!safe_name(layout->name)) {
		error_set(err, EINVAL, "%s: not a name of letters and digits", layout->name);
		return false;
	}
	if (!datadir_path(folder, sizeof(folder), dir, DATADIR_SYSTEMS, err) ||
	    !image_path(path, sizeof(path), dir, layout->name, err))
		return false;
	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		error_errno(err, errno, "%s", folder);
		return false;
	}
	header = make_header(layout, registers, keys, &length);
	ok = replace_file(path, header, length, pages,
			  (size_t)count_pages(layout) * SYSTEM_PAGE, err);
	free(header);
	return ok;
}

bool system_save(struct systems *ss, const struct system_layout *layout,
		 const struct system_registers *registers, const uint8_t *pages,
		 const uint8_t *keys, struct error *err)
{
	return save_image(ss->dir, layout, registers, pages, keys, err);
}

/* ---- import */

#define EMX_REGISTERS 8
#define EMX_FPR       0x48
#define EMX_CR        0x68
#define EMX_KEYS      0xA8

static void emx_registers(const uint8_t *page, struct system_registers *r)
{
	r->psw = be64(page);
	for (unsigned i = 0; i < 16; i++) {
		r->gr[i] = be32(page + EMX_REGISTERS + 4 * i);
		r->cr[i] = be32(page + EMX_CR + 4 * i);
	}
	for (unsigned i = 0; i < 4; i++)
		r->fpr[i] = be64(page + EMX_FPR + 8 * i);
}

static bool add_to_conf(const char *dir, const struct system_layout *l, const char *shared,
			struct error *err)
{
	struct system_layout there;
	char path[PATH_SIZE];
	FILE *f;

	if (find_layout(dir, l->name, &there))
		return true;
	if (!datadir_path(path, sizeof(path), dir, DATADIR_SYSTEMS_CONF, err))
		return false;
	f = fopen(path, "ae");
	if (!f) {
		error_errno(err, errno, "%s", path);
		return false;
	}
	fprintf(f, "%-8s %u-%u%s%s\n", l->name, l->range[0].first,
		l->range[0].first + l->range[0].count - 1, shared[0] ? " SHARED " : "", shared);
	if (fclose(f) == 0)
		return true;
	error_errno(err, errno, "%s", path);
	return false;
}

static bool import_pages(const char *dir, struct system_layout *l, const uint8_t *file,
			 struct error *err)
{
	struct system_registers registers;

	emx_registers(file, &registers);
	return save_image(dir, l, &registers, file + SYSTEM_PAGE, file + EMX_KEYS, err);
}

bool system_import(const char *dir, const char *name, const char *file, uint32_t first,
		   uint32_t count, const char *shared, struct error *err)
{
	struct system_layout l = { .ranges = 1, .range = { { first, count } } };
	size_t size = (size_t)(count + 1) * SYSTEM_PAGE;
	uint8_t *bytes;
	bool ok;
	int fd;

	if (first >= SYSTEM_PAGES || count == 0 || count > SYSTEM_PAGES - first ||
	    EMX_KEYS + 2 * count > SYSTEM_PAGE || strlen(name) > 8 ||
	    (shared[0] && !take_ranges(shared, l.shared, &l.shared_ranges))) {
		error_set(err, EINVAL, "%s: pages %u, %u of them: not possible", name, first,
			  count);
		return false;
	}
	for (size_t i = 0; name[i]; i++)
		l.name[i] = (char)toupper((unsigned char)name[i]);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	bytes = malloc(size);
	if (!bytes)
		BUG("no memory for a segment");
	ok = fd >= 0 && read_at(fd, bytes, size, 0);
	if (!ok)
		error_set(err, EINVAL, "%s: cannot be read, or has not %u pages and one", file,
			  count);
	if (fd >= 0)
		close(fd);
	ok = ok && import_pages(dir, &l, bytes, err) && add_to_conf(dir, &l, shared, err);
	free(bytes);
	return ok;
}
