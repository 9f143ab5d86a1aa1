#include "cp/sysvolume.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/log.h"
#include "cp/datadir.h"
#include "cp/systape.h"
#include "dasd/label.h"

#define FIRST_RADDR 0x130
#define PATH_SIZE   1024

struct sysvolumes {
	const char *dir;
	struct sysvolume *first;
	struct sysvolume *temporary;
	unsigned made;      /* T-disks so far: names of their files */
	uint32_t tdisk_used; /* cylinders */
};

/* ---- the list */

static struct sysvolume *by_volid(const struct sysvolumes *vs, const char *volid)
{
	struct sysvolume *v = vs->first;

	while (v && strcmp(v->volid, volid) != 0)
		v = v->next;
	return v;
}

static bool known_file(const struct sysvolumes *vs, const char *path)
{
	for (const struct sysvolume *v = vs->first; v; v = v->next)
		if (strcmp(v->path, path) == 0)
			return true;
	return false;
}

static struct sysvolume *new_volume(const char *volid, const char *path, bool read_only)
{
	struct sysvolume *v = calloc(1, sizeof(*v));

	if (!v || !(v->path = strdup(path)))
		BUG("no memory for a volume");
	snprintf(v->volid, sizeof(v->volid), "%s", volid);
	v->read_only = read_only;
	return v;
}

static void add(struct sysvolumes *vs, const char *volid, const char *path, bool read_only)
{
	struct sysvolume **end = &vs->first, *v;
	uint16_t raddr = FIRST_RADDR;
	const struct sysvolume *same = by_volid(vs, volid);

	if (same) {
		log_warn("volumes", "%s: %s is the serial of %s already", path, volid,
			 same->path);
		return;
	}
	for (; *end; end = &(*end)->next)
		raddr = (uint16_t)((*end)->raddr + 1);
	if (raddr == SYSTAPE_FIRST)
		raddr += SYSTAPE_DRIVES;
	v = new_volume(volid, path, read_only);
	v->raddr = raddr;
	*end = v;
}

static void volume_free(struct sysvolume *v)
{
	free(v->path);
	free(v);
}

/* ---- finding them */

/* The serial in the label of an image; false: none, or no image at all. */
static bool read_label(const char *path, char volid[VOLSER_SIZE + 1])
{
	const struct volume_options options = { .read_only = true, .cache_bytes = 1 << 20 };
	struct error err = { 0, "" };
	struct volume *vol = volume_open(path, &options, &err);
	struct track *t;
	bool found = false;

	if (!vol) {
		log_info("volumes", "%s", err.text);
		return false;
	}
	t = volume_info(vol)->fixed_block ? NULL : volume_pin(vol, 0, &err);
	if (t) {
		track_lock(t, TRACK_READ);
		found = label_of_track(t->data, volid);
		track_unlock(t);
		volume_unpin(t);
	}
	if (!volume_close(vol, &err))
		log_warn("volumes", "%s", err.text);
	for (size_t n = strlen(volid); found && n && volid[n - 1] == ' '; n--)
		volid[n - 1] = '\0';
	return found && volid[0];
}

static void scan_file(struct sysvolumes *vs, const char *folder, const char *name)
{
	char path[PATH_SIZE], volid[VOLSER_SIZE + 1] = "";
	struct stat st;

	if (name[0] == '.' ||
	    (size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
		return;
	if (known_file(vs, path) || stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return;
	if (read_label(path, volid))
		add(vs, volid, path, access(path, W_OK) != 0);
}

static void scan_folder(struct sysvolumes *vs)
{
	char folder[512];
	struct error err;
	struct dirent **names;
	int n;

	if (!datadir_path(folder, sizeof(folder), vs->dir, DATADIR_VOLUMES, &err))
		return;
	n = scandir(folder, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		scan_file(vs, folder, names[i]->d_name);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

/* One line of volumes.conf. */
static void take_line(struct sysvolumes *vs, const char *conf, unsigned number, char *line)
{
	char *save, *volid = strtok_r(line, " \t\r\n", &save), *file, *mode;
	char path[PATH_SIZE];
	int n;

	if (!volid || volid[0] == '*' || volid[0] == '#')
		return;
	file = strtok_r(NULL, " \t\r\n", &save);
	mode = strtok_r(NULL, " \t\r\n", &save);
	for (char *p = volid; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	if (!file || strlen(volid) > VOLSER_SIZE || (mode && strcasecmp(mode, "ro") != 0)) {
		log_error("volumes", "%s:%u: expected: VOLSER FILE [ro]", conf, number);
		return;
	}
	n = file[0] == '/' ? snprintf(path, sizeof(path), "%s", file)
			   : snprintf(path, sizeof(path), "%s/%s/%s", vs->dir,
				      DATADIR_VOLUMES, file);
	if ((size_t)n < sizeof(path) && !by_volid(vs, volid) && access(path, R_OK) == 0)
		add(vs, volid, path, mode || access(path, W_OK) != 0);
}

static void read_conf(struct sysvolumes *vs)
{
	char path[512], line[PATH_SIZE + 32];
	struct error err;
	unsigned number = 0;
	FILE *f;

	if (!datadir_path(path, sizeof(path), vs->dir, DATADIR_VOLUMES_CONF, &err))
		return;
	f = fopen(path, "re");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f))
		take_line(vs, path, ++number, line);
	fclose(f);
}

struct sysvolume *sysvolume_find(struct sysvolumes *vs, const char *volid)
{
	struct sysvolume *v = by_volid(vs, volid);

	if (!v) {
		/* What volumes.conf names is not looked at for a label. */
		read_conf(vs);
		scan_folder(vs);
		v = by_volid(vs, volid);
	}
	return v;
}

struct sysvolume *sysvolume_at(struct sysvolumes *vs, uint16_t raddr)
{
	struct sysvolume *v = sysvolumes_first(vs);

	while (v && v->raddr != raddr)
		v = v->next;
	return v;
}

struct sysvolume *sysvolumes_first(struct sysvolumes *vs)
{
	read_conf(vs);
	scan_folder(vs);
	return vs->first;
}

/* ---- use */

bool sysvolume_get(struct sysvolume *v, struct error *err)
{
	const struct volume_options options = { .read_only = v->read_only };

	if (!v->vol) {
		v->vol = volume_open(v->path, &options, err);
		if (!v->vol)
			return false;
	}
	v->users++;
	return true;
}

static void forget_temporary(struct sysvolumes *vs, struct sysvolume *v)
{
	struct sysvolume **at = &vs->temporary;

	while (*at != v)
		at = &(*at)->next;
	*at = v->next;
	vs->tdisk_used -= v->tdisk_cylinders;
	if (unlink(v->path) != 0)
		log_warn("volumes", "%s: %s", v->path, strerror(errno));
	volume_free(v);
}

void sysvolume_put(struct sysvolumes *vs, struct sysvolume *v)
{
	struct error err = { 0, "" };

	if (--v->users)
		return;
	if (!volume_close(v->vol, &err))
		log_error("volumes", "%s: %s", v->volid, err.text);
	v->vol = NULL;
	v->dedicated = NULL;
	if (v->temporary)
		forget_temporary(vs, v);
}

void sysvolume_type(const struct sysvolume *v, char type[8])
{
	const struct dasd_geometry *g = v->vol ? volume_info(v->vol)->geometry : NULL;

	type[0] = '\0';
	if (g)
		snprintf(type, 8, "%04X", g->type);
}

/* ---- temporary disks */

/* A folder without the files that a crash left; its path. */
static bool tdisk_folder(struct sysvolumes *vs, char *path, size_t size, struct error *err)
{
	if (!datadir_path(path, size, vs->dir, "tdisk", err))
		return false;
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return true;
	error_errno(err, errno, "%s", path);
	return false;
}

static void erase_old(struct sysvolumes *vs)
{
	char folder[512], path[PATH_SIZE];
	struct dirent *e;
	struct error err;
	DIR *d;

	if (!datadir_path(folder, sizeof(folder), vs->dir, "tdisk", &err))
		return;
	d = opendir(folder);
	while (d && (e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		if (e->d_name[0] != '.' && unlink(path) != 0)
			log_warn("volumes", "%s: %s", path, strerror(errno));
	}
	if (d)
		closedir(d);
}

static bool make_file(struct sysvolume *v, const char *type, uint32_t cylinders,
		      struct error *err)
{
	const struct volume_new what = {
		.format = VOLUME_CCKD,
		.compression = COMPRESS_ZLIB,
		.level = 1,
		.geometry = geometry_find(strcmp(type, "2319") ? type : "2314"),
		.cylinders = cylinders,
		.replace = true,
	};

	if (!what.geometry) {
		error_set(err, 0, "there is no disk of type %s", type);
		return false;
	}
	return volume_create(v->path, &what, err);
}

struct sysvolume *sysvolume_temporary(struct sysvolumes *vs, const char *userid,
				      uint16_t vaddr, const char *type, uint32_t cylinders,
				      struct error *err)
{
	char folder[512], path[PATH_SIZE];
	struct sysvolume *v;

	if (cylinders == 0 || cylinders > TDISK_CYLINDERS - vs->tdisk_used) {
		error_set(err, 0, "%u of %u cylinders of temporary space are in use",
			  vs->tdisk_used, TDISK_CYLINDERS);
		return NULL;
	}
	if (!tdisk_folder(vs, folder, sizeof(folder), err))
		return NULL;
	snprintf(path, sizeof(path), "%s/%s-%03X-%u.cckd", folder, userid, vaddr, ++vs->made);
	v = new_volume("(TEMP)", path, false);
	if (!make_file(v, type, cylinders, err) || !sysvolume_get(v, err)) {
		unlink(path);
		volume_free(v);
		return NULL;
	}
	v->temporary = true;
	v->tdisk_cylinders = cylinders;
	vs->tdisk_used += cylinders;
	v->next = vs->temporary;
	vs->temporary = v;
	return v;
}

/* ---- start and end */

struct sysvolumes *sysvolumes_new(const char *dir)
{
	struct sysvolumes *vs = calloc(1, sizeof(*vs));

	if (!vs)
		BUG("no memory for the volumes");
	vs->dir = dir;
	erase_old(vs);
	read_conf(vs);
	scan_folder(vs);
	return vs;
}

void sysvolumes_free(struct sysvolumes *vs)
{
	if (!vs)
		return;
	while (vs->first) {
		struct sysvolume *v = vs->first;

		vs->first = v->next;
		volume_free(v);
	}
	free(vs);
}
