#include "dasd/maintain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dasd/cckd.h"

bool volume_copy(struct volume *from, uint32_t from_first, struct volume *to, uint32_t to_first,
		 uint32_t count, bool counts, progress_fn progress, void *context,
		 struct error *err)
{
	uint32_t heads = volume_info(to)->heads;
	uint8_t data[UNIT_SIZE_MAX];

	for (uint32_t i = 0; i < count; i++) {
		struct track *t = volume_pin(from, from_first + i, err);
		uint32_t length;

		if (!t)
			return false;
		track_lock(t, TRACK_READ);
		length = t->length;
		memcpy(data, t->data, length);
		track_unlock(t);
		volume_unpin(t);
		if (!volume_info(to)->fixed_block && from_first != to_first)
			track_relocate(data, (to_first + i) / heads, (to_first + i) % heads,
				       counts);
		if (!volume_write_track(to, to_first + i, data, length, err))
			return false;
		if (progress)
			progress(context, i + 1);
	}
	return true;
}

static bool unit_is_empty(const struct volume *vol, const struct track *t)
{
	uint32_t heads = volume_info(vol)->heads;

	if (volume_info(vol)->fixed_block)
		return t->data[0] == 0 && memcmp(t->data, t->data + 1, t->length - 1) == 0;
	return track_null_format(t->data, t->length, t->number / heads, t->number % heads) >= 0;
}

bool volume_is_empty(struct volume *vol, uint32_t first, uint32_t count, bool *empty,
		     struct error *err)
{
	*empty = true;
	for (uint32_t i = first; i < first + count && *empty; i++) {
		struct track *t = volume_pin(vol, i, err);

		if (!t)
			return false;
		*empty = unit_is_empty(vol, t);
		volume_unpin(t);
	}
	return true;
}

/*
 * Units that the file's last user left expanded when it crashed must be tidied
 * before it can be closed as a sound one.
 */
static bool tidy_layer(struct layer *l, struct error *err)
{
	uint8_t data[UNIT_SIZE_MAX];
	uint32_t length, unit;
	bool damaged;

	while (l->ops->untidy && (unit = l->ops->untidy(l, true)) != NO_UNIT)
		if (l->ops->read(l, unit, data, &length, &damaged, err) != LAYER_READ ||
		    !l->ops->tidy(l, unit, data, length, err))
			return false;
	return true;
}

/* ---- check ---- */

struct check {
	struct layer *layer;
	struct check_result *result;
	void (*say)(void *context, const char *sentence);
	void *context;
	bool repair;
};

static bool repair_unit(struct check *k, uint32_t unit, const uint8_t *data, uint32_t length,
			struct error *err)
{
	if (!k->repair)
		return true;
	k->result->repaired++;
	return k->layer->ops->replace(k->layer, unit, data, length, err);
}

static bool check_unit(struct check *k, uint32_t unit, struct error *err)
{
	struct layer *l = k->layer;
	uint8_t data[UNIT_SIZE_MAX];
	struct error why = { 0, "" };
	uint32_t length = 0;
	bool damaged = false;

	switch (l->ops->read(l, unit, data, &length, &damaged, &why)) {
	case LAYER_ABSENT: return true;
	case LAYER_READ:
		if (!damaged)
			return true;
		error_set(&why, 0, "the track is unsound; %u records can be read",
			  track_records(data));
		layer_place(l, unit, &why);
		break;
	case LAYER_FAILED:
		length = l->unit_size;
		memset(data, 0, length);
		if (!l->fixed_block)
			length = track_make_empty(data, unit / l->heads, unit % l->heads);
		break;
	}
	k->result->problems++;
	k->say(k->context, why.text);
	return repair_unit(k, unit, data, length, err);
}

static bool is_compressed(const struct layer *l)
{
	return l->format != VOLUME_CKD && l->format != VOLUME_FBA;
}

static struct layer *open_to_check(const char *path, bool repair, struct cckd_audit *audit,
				   struct check_result *result, struct error *err)
{
	struct layer *l;
	struct cckd *c;
	char id[8] = "";
	size_t got;
	int fd = open(path, (repair ? O_RDWR : O_RDONLY) | O_CLOEXEC);

	if (fd < 0) {
		error_errno(err, errno, "%s", path);
		return NULL;
	}
	if (!file_lock(fd, path, repair, err) ||
	    !file_read(fd, path, 0, id, sizeof(id), &got, err)) {
		file_close(fd);
		return NULL;
	}
	if ((memcmp(id, "CKD_", 4) != 0 && memcmp(id, "FBA_", 4) != 0) || id[4] == 'P') {
		file_close(fd);
		l = layer_open(path, !repair, err);
		return l;
	}
	if (file_read(fd, path, CCKD_HEADER_AT + 3, id, 1, &got, err) && got)
		result->was_open = id[0] & CCKD_OPENED;
	c = cckd_open(fd, path, !repair, audit, err);
	return c ? &c->layer : NULL;
}

/* Do the header's figures agree with the tables? They do in a file that was closed. */
static void check_figures(struct check *k)
{
	struct cckd *c = CONTAINER_OF(k->layer, struct cckd, layer);
	struct cckd_header told = c->header;
	char sentence[200];

	cckd_count(c);
	if (told.used != c->header.used || told.free_total != c->header.free_total ||
	    told.free_slack != c->header.free_slack) {
		snprintf(sentence, sizeof(sentence),
			 "header says %llu bytes used and %llu free; the tables say %llu and %llu",
			 (unsigned long long)told.used, (unsigned long long)told.free_total,
			 (unsigned long long)c->header.used,
			 (unsigned long long)c->header.free_total);
		k->result->problems++;
		k->result->repaired += k->repair; /* closing does it */
		k->say(k->context, sentence);
	}
	if (k->layer->read_only)
		c->header = told;
}

bool image_check(const char *path, bool repair, void (*say)(void *context, const char *sentence),
		 progress_fn progress, void *context, struct check_result *result,
		 struct error *err)
{
	struct check k = { .result = result, .say = say, .context = context, .repair = repair };
	struct cckd_audit audit = { .say = say, .context = context, .repair = repair };
	bool ok = true;

	memset(result, 0, sizeof(*result));
	k.layer = open_to_check(path, repair, &audit, result, err);
	if (!k.layer)
		return false;
	result->problems = audit.problems;
	result->repaired = repair ? audit.problems : 0;
	if (is_compressed(k.layer) && !result->was_open && !audit.problems)
		check_figures(&k);
	for (uint32_t unit = 0; ok && unit < k.layer->units; unit++) {
		ok = check_unit(&k, unit, err);
		if (progress)
			progress(context, unit + 1);
	}
	ok = ok && (!repair || tidy_layer(k.layer, err));
	return k.layer->ops->close(k.layer, ok, ok ? err : NULL) && ok;
}

/* ---- merge ---- */

static bool merge_units(struct layer *from, struct layer *to, struct error *err)
{
	uint8_t data[UNIT_SIZE_MAX];
	uint32_t length;
	bool damaged;

	for (uint32_t unit = 0; unit < from->units; unit++) {
		switch (from->ops->read(from, unit, data, &length, &damaged, err)) {
		case LAYER_ABSENT: continue;
		case LAYER_FAILED: return false;
		case LAYER_READ: break;
		}
		if (!to->ops->replace(to, unit, data, length, err))
			return false;
	}
	return true;
}

bool volume_merge(const char *path, const char *pattern, unsigned *merged, struct error *err)
{
	char name[1024], below[1024];
	struct layer *from, *to;
	unsigned n = 0;
	bool ok;

	while (n < VOLUME_SHADOWS_MAX && volume_shadow_name(name, sizeof(name), pattern, n + 1) &&
	       access(name, F_OK) == 0)
		n++;
	*merged = n;
	if (n == 0)
		return true;
	volume_shadow_name(name, sizeof(name), pattern, n);
	snprintf(below, sizeof(below), "%s", path);
	if (n > 1)
		volume_shadow_name(below, sizeof(below), pattern, n - 1);
	from = layer_open(name, true, err);
	if (!from)
		return false;
	to = layer_open(below, false, err);
	if (!to) {
		from->ops->close(from, true, NULL);
		return false;
	}
	if (from->units != to->units || from->unit_size != to->unit_size ||
	    from->heads != to->heads) {
		error_set(err, EINVAL, "%s: not a shadow file of %s: another size", name, below);
		ok = false;
	} else {
		ok = merge_units(from, to, err) && tidy_layer(to, err);
	}
	ok = to->ops->close(to, ok, ok ? err : NULL) && ok;
	from->ops->close(from, true, NULL);
	if (ok && unlink(name) < 0) {
		error_errno(err, errno, "%s", name);
		return false;
	}
	return ok;
}
