#include "cp/media.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cp/datadir.h"
#include "cp/savesys.h"

#define PATH_SIZE 1024

/* A file of the media that becomes a volume: DIR/volumes/VOLID.cckd. */
struct media_disk {
	const char *file, *volid;
};

struct media_segment {
	const char *file, *name;
	uint32_t first, pages;
	const char *shared;
};

struct media_system {
	const char *folder;
	const struct media_disk *disks; /* the end: file NULL */
	const struct media_segment *segments;
	const char *directory, *say;
};

static const struct media_disk cms_disks[] = {
	{ "190.cckd", "CMS190" }, { "19D.cckd", "MNT19D" }, { "19E.cckd", "CMS19E" },
	{ "191.cckd", "USER1" },  { "191.cckd", "USER2" },  { "191.cckd", "USER3" },
	{ "192.cckd", "CMS192" }, { "193.cckd", "CMS193" }, { "194.cckd", "CMS194" },
	{ "195.cckd", "DSK195" }, { NULL, NULL },
};

static const struct media_segment cms_segments[] = {
	{ "CMS.segment", "CMS", 0, 33, "16-31" },
	{ "CMSSEG.segment", "CMSSEG", 3840, 16, "3840-3855" },
	{ NULL, NULL, 0, 0, NULL },
};

/* CMSSEG lies at 15M, so nobody may have more. */
#define CMS_USER(n)                                      \
	"USER CMSUSER" n " CMSUSER" n " 1M 15M G\n"      \
	" ACCOUNT CMSUSER" n "\n"                        \
	" OPTION REALTIMER\n"                            \
	" IPL CMS\n"                                     \
	" CONSOLE 009 3215\n"                            \
	" SPOOL 00C 2540 READER *\n"                     \
	" SPOOL 00D 2540 PUNCH A\n"                      \
	" SPOOL 00E 1403 A\n"                            \
	" MDISK 191 3350 000 115 USER" n " MR ALL WRITE\n" \
	" LINK CMSDISK 190 190 RR\n"                     \
	" LINK CMSDISK 192 192 RR\n"                     \
	" LINK CMSDISK 193 193 RR\n"                     \
	" LINK CMSDISK 194 194 RR\n"                     \
	" LINK CMSDISK 195 195 RR\n"                     \
	" LINK CMSDISK 19D 19D RR\n"                     \
	" LINK CMSDISK 19E 19E RR\n"

static const char cms_directory[] =
	"*\n"
	"* CMS of VM/370 Release 6. It begins at LOGON; the first command is\n"
	"* access 191 a (noprof\n"
	"USER CMSDISK NOLOG 1M 1M G\n"
	" MDISK 190 3350 000 010 CMS190 MR ALL\n"
	" MDISK 192 3350 000 115 CMS192 MR ALL\n"
	" MDISK 193 3350 000 115 CMS193 MR ALL\n"
	" MDISK 194 3350 000 115 CMS194 MR ALL\n"
	" MDISK 195 3350 000 094 DSK195 MR ALL\n"
	" MDISK 19D 3350 000 070 MNT19D MR ALL\n"
	" MDISK 19E 3350 000 010 CMS19E MR ALL\n"
	CMS_USER("1") CMS_USER("2") CMS_USER("3");

static const struct media_disk vs1_disks[] = {
	{ "dliba1.150.cckd", "DLIBA1" }, { "work01.151.cckd", "WORK01" }, { NULL, NULL },
};

/* It knows the years of the 1900s only; 28 back have the same calendar. */
static const char vs1_directory[] =
	"*\n"
	"* OS/VS1 Release 6, starter system: IPL 150\n"
	"USER OSVS1 OSVS1 8M 16M G\n"
	" ACCOUNT OSVS1\n"
	" OPTION ECMODE REALTIMER YROFFSET -28\n"
	" CONSOLE 01F 3215\n"
	" SPOOL 00C 3505 A\n"
	" SPOOL 00D 3525 A\n"
	" SPOOL 00E 1403 A\n"
	" MDISK 150 3330 000 411 DLIBA1 MW\n"
	" MDISK 151 3330 000 404 WORK01 MW\n";

static const struct media_system systems[] = {
	{ "cms-r6", cms_disks, cms_segments, cms_directory,
	  "CMS of VM/370 Release 6: log on as CMSUSER1, CMSUSER2 or CMSUSER3" },
	{ "osvs1", vs1_disks, NULL, vs1_directory, "OS/VS1 Release 6: log on as OSVS1, IPL 150" },
};

/* ---- files */

static bool copy_bytes(int in, int out)
{
	char buffer[1 << 16];
	ssize_t n;

	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		if (write(out, buffer, (size_t)n) != n)
			return false;
	return n == 0;
}

static bool copy_file(const char *from, const char *to, struct error *err)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok = out >= 0 && copy_bytes(in, out);

	if (!ok)
		error_errno(err, errno, "%s", in < 0 ? from : to);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return ok;
}

static bool append(const char *dir, const char *name, const char *text, struct error *err)
{
	char path[PATH_SIZE];
	FILE *f;
	bool ok;

	if (!datadir_path(path, sizeof(path), dir, name, err))
		return false;
	f = fopen(path, "ae");
	ok = f && fputs(text, f) >= 0;
	if (f && fclose(f) != 0)
		ok = false;
	if (!ok)
		error_errno(err, errno, "%s", path);
	return ok;
}

/* ---- systems */

static bool install_disk(const char *dir, const char *folder, const struct media_disk *disk,
			 struct error *err)
{
	char from[PATH_SIZE], name[64], to[PATH_SIZE], line[80];

	snprintf(from, sizeof(from), "%s/%s", folder, disk->file);
	snprintf(name, sizeof(name), "%s/%s.cckd", DATADIR_VOLUMES, disk->volid);
	snprintf(line, sizeof(line), "%s %s.cckd\n", disk->volid, disk->volid);
	/* Minidisks of CMS have no label that says who they are. */
	return datadir_path(to, sizeof(to), dir, name, err) && copy_file(from, to, err) &&
	       append(dir, DATADIR_VOLUMES_CONF, line, err);
}

static bool install_segment(const char *dir, const char *folder,
			    const struct media_segment *s, struct error *err)
{
	char from[PATH_SIZE];

	snprintf(from, sizeof(from), "%s/%s", folder, s->file);
	return system_import(dir, s->name, from, s->first, s->pages, s->shared, err);
}

static bool install(const char *dir, const char *folder, const struct media_system *s,
		    struct error *err)
{
	char volumes[PATH_SIZE];

	if (!datadir_path(volumes, sizeof(volumes), dir, DATADIR_VOLUMES, err))
		return false;
	if (mkdir(volumes, 0700) != 0 && errno != EEXIST) {
		error_errno(err, errno, "%s", volumes);
		return false;
	}
	for (const struct media_disk *d = s->disks; d->file; d++)
		if (!install_disk(dir, folder, d, err))
			return false;
	for (const struct media_segment *g = s->segments; g && g->file; g++)
		if (!install_segment(dir, folder, g, err))
			return false;
	return append(dir, DATADIR_DIRECTORY, s->directory, err);
}

/* The first disk stands for all of a system. */
static bool is_there(const char *folder, const struct media_system *s)
{
	char path[PATH_SIZE];

	return (size_t)snprintf(path, sizeof(path), "%s/%s", folder, s->disks->file) <
		       sizeof(path) &&
	       access(path, R_OK) == 0;
}

bool media_install(const char *dir, const char *folder, void (*said)(const char *line),
		   struct error *err)
{
	char path[PATH_SIZE - 64];

	for (size_t i = 0; i < ARRAY_SIZE(systems); i++) {
		const struct media_system *s = &systems[i];

		if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, s->folder) >=
		    sizeof(path)) {
			error_set(err, ENAMETOOLONG, "%s: the name is too long", folder);
			return false;
		}
		if (!is_there(path, s))
			continue;
		if (!install(dir, path, s, err))
			return false;
		said(s->say);
	}
	return true;
}
