/*
 * dasd/maintain.h - work on whole volumes: copy, check, merge.
 */
#ifndef DASD_MAINTAIN_H
#define DASD_MAINTAIN_H

#include "dasd/volume.h"

/* Called now and then with the units done; may be NULL. */
typedef void (*progress_fn)(void *context, uint64_t done);

/*
 * Copy count units. On CKD volumes the tracks get their new home addresses;
 * with counts also those count fields that hold the old cylinder's number.
 */
bool volume_copy(struct volume *from, uint32_t from_first, struct volume *to, uint32_t to_first,
		 uint32_t count, bool counts, progress_fn progress, void *context,
		 struct error *err) MUST_USE;

/* Is there nothing but R0 (and perhaps one end-of-file record) on these tracks? */
bool volume_is_empty(struct volume *vol, uint32_t first, uint32_t count, bool *empty,
		     struct error *err) MUST_USE;

struct check_result {
	unsigned problems;  /* found */
	unsigned repaired;
	bool was_open;      /* the image had not been closed */
};

/*
 * Look at every table and every unit of one image file. Each problem is told
 * through say. With repair, tables and units that make no sense become null,
 * damaged tracks end behind their last whole record, and what was left open is
 * closed. false: trouble with the host.
 */
bool image_check(const char *path, bool repair, void (*say)(void *context, const char *sentence),
		 progress_fn progress, void *context, struct check_result *result,
		 struct error *err) MUST_USE;

/*
 * Write the highest shadow file's units into the file below it, and remove it.
 * Can be repeated after a crash. *merged: the number of the file that is gone;
 * 0: there is no shadow file.
 */
bool volume_merge(const char *path, const char *pattern, unsigned *merged, struct error *err)
	MUST_USE;

#endif
