#include "cp/extents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "cp/directory.h"
#include "cp/sysvolume.h"
#include "dasd/geometry.h"

struct extent {
	const struct directory_user *user;
	const struct directory_entry *e;
};

struct check {
	struct extent *extent;
	size_t count, room;
	unsigned said;
	void (*report)(void *arg, const char *sentence);
	void *arg;
};

/* All of a volume of that type? */
static bool full_pack(const struct directory_entry *e)
{
	const struct dasd_geometry *g =
		geometry_find(strcmp(e->type, "2319") ? e->type : "2314");

	return e->cylinder == 0 && g && e->cylinders + 1 >= g->cylinders;
}

static void add(struct check *c, const struct directory_user *user,
		const struct directory_entry *e)
{
	if (c->count == c->room) {
		c->room = c->room ? 2 * c->room : 256;
		c->extent = realloc(c->extent, c->room * sizeof(*c->extent));
		if (!c->extent)
			BUG("no memory for extents");
	}
	c->extent[c->count++] = (struct extent){ user, e };
}

static void collect(struct check *c, const struct directory *dir)
{
	for (const struct directory_user *u = directory_users(dir); u; u = u->next)
		for (const struct directory_entry *e = u->devices; e; e = e->next)
			if (e->kind == DIR_MDISK && !e->temporary)
				add(c, u, e);
}

static int by_place(const void *a, const void *b)
{
	const struct directory_entry *x = ((const struct extent *)a)->e;
	const struct directory_entry *y = ((const struct extent *)b)->e;
	int order = strcmp(x->volid, y->volid);

	if (order)
		return order;
	if (x->cylinder != y->cylinder)
		return x->cylinder < y->cylinder ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static uint32_t last(const struct directory_entry *e)
{
	return e->cylinder + e->cylinders - 1;
}

static void say_overlap(struct check *c, const struct extent *a, const struct extent *b)
{
	char sentence[200];

	snprintf(sentence, sizeof(sentence),
		 "line %u: MDISK %03X of %s, %s cylinders %u-%u, lies on MDISK %03X of %s, "
		 "cylinders %u-%u, line %u", b->e->line, b->e->vaddr, b->user->userid,
		 b->e->volid, b->e->cylinder, last(b->e), a->e->vaddr, a->user->userid,
		 a->e->cylinder, last(a->e), a->e->line);
	c->said++;
	c->report(c->arg, sentence);
}

/* In order of place: each against the one before it that reaches farthest. */
static void find_overlaps(struct check *c)
{
	const struct extent *far = NULL;

	for (size_t i = 0; i < c->count; i++) {
		const struct extent *x = &c->extent[i];

		if (full_pack(x->e))
			continue;
		if (far && strcmp(far->e->volid, x->e->volid) == 0 &&
		    x->e->cylinder <= last(far->e))
			say_overlap(c, far, x);
		if (!far || strcmp(far->e->volid, x->e->volid) != 0 ||
		    last(x->e) > last(far->e))
			far = x;
	}
}

static void find_missing(struct check *c, struct sysvolumes *volumes)
{
	const char *before = "";
	char sentence[100];

	for (size_t i = 0; i < c->count; i++) {
		const struct directory_entry *e = c->extent[i].e;

		if (strcmp(e->volid, before) != 0 && !sysvolume_find(volumes, e->volid)) {
			snprintf(sentence, sizeof(sentence),
				 "line %u: MDISK %03X of %s: volume %s is not mounted", e->line,
				 e->vaddr, c->extent[i].user->userid, e->volid);
			c->said++;
			c->report(c->arg, sentence);
		}
		before = e->volid;
	}
}

unsigned extents_check(const struct directory *dir, struct sysvolumes *volumes,
		       void (*report)(void *arg, const char *sentence), void *arg)
{
	struct check c = { .report = report, .arg = arg };

	collect(&c, dir);
	if (c.count)
		qsort(c.extent, c.count, sizeof(*c.extent), by_place);
	find_overlaps(&c);
	if (volumes)
		find_missing(&c, volumes);
	free(c.extent);
	return c.said;
}
