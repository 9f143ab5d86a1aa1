#include "dasd/tape.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dasd/compress.h"
#include "dasd/layer.h"
#include "dasd/tape_format.h"

#define HET_LEVEL 4 /* what Hercules uses */
#define PROBE     65600

enum tape_status tape_damaged(struct tape *t, uint64_t at, const char *what, struct error *err)
{
	error_set(err, EIO, "%s: byte %llu: %s", t->path, (unsigned long long)at, what);
	return TAPE_DAMAGED;
}

bool tape_append(struct tape *t, const uint8_t *bytes, size_t n, struct error *err)
{
	if (t->size > t->at && ftruncate(t->fd, (off_t)t->at) < 0) {
		error_errno(err, errno, "%s: cannot be cut", t->path);
		return false;
	}
	t->size = t->at;
	if (!file_write(t->fd, t->path, (off_t)t->at, bytes, n, err))
		return false;
	t->at += n;
	t->size = t->at;
	return true;
}

/* ---- opening ---- */

static bool ends_with(const char *path, const char *suffix)
{
	size_t n = strlen(path), m = strlen(suffix);

	return n >= m && strcasecmp(path + n - m, suffix) == 0;
}

static bool find_format(struct tape *t, const struct tape_options *o, struct error *err)
{
	uint8_t *head = malloc(PROBE);
	size_t got = 0;
	bool ok = head && file_read(t->fd, t->path, 0, head, PROBE, &got, err);

	if (!head)
		error_errno(err, ENOMEM, "%s", t->path);
	if (!ok) {
		free(head);
		return false;
	}
	if (o->create)
		t->format = o->format;
	else if (got == 0)
		t->format = ends_with(t->path, ".tap") ? TAPE_SIMH
			    : ends_with(t->path, ".het") ? TAPE_HET
							 : TAPE_AWS;
	else if (tape_is_aws(head, got, t->size))
		t->format = ends_with(t->path, ".het") ? TAPE_HET : TAPE_AWS;
	else if (tape_is_simh(head, got, t->size))
		t->format = TAPE_SIMH;
	else
		ok = false;
	free(head);
	if (!ok)
		error_set(err, EINVAL, "%s: not a tape in AWS, HET or SIMH format", t->path);
	t->ops = t->format == TAPE_SIMH ? &tape_simh_ops : &tape_aws_ops;
	return ok;
}

static int open_file(const char *path, const struct tape_options *o)
{
	if (o->create)
		return open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	return open(path, (o->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
}

static void tape_free(struct tape *t)
{
	if (t->fd >= 0)
		file_close(t->fd);
	workspace_release(&t->workspace);
	free(t->raw);
	free(t->path);
	free(t);
}

struct tape *tape_open(const char *path, const struct tape_options *options, struct error *err)
{
	static const struct tape_options usual = { .compression = COMPRESS_ZLIB, .level = -1 };
	const struct tape_options *o = options ? options : &usual;
	struct tape *t = calloc(1, sizeof(*t));
	struct stat st;

	if (!t) {
		error_errno(err, ENOMEM, "%s", path);
		return NULL;
	}
	t->fd = open_file(path, o);
	t->path = strdup(path);
	t->raw = malloc(RAW_MAX);
	t->read_only = o->read_only;
	t->compression = o->compression;
	t->level = o->level < 0 ? HET_LEVEL : o->level;
	if (t->fd < 0 || !t->path || !t->raw || fstat(t->fd, &st) < 0) {
		error_errno(err, errno, "%s", path);
		tape_free(t);
		return NULL;
	}
	t->size = (uint64_t)st.st_size;
	if (file_lock(t->fd, path, !o->read_only, err) && find_format(t, o, err))
		return t;
	tape_free(t);
	return NULL;
}

bool tape_flush(struct tape *t, struct error *err)
{
	return t->read_only || file_sync(t->fd, t->path, err);
}

bool tape_close(struct tape *t, struct error *err)
{
	bool ok;

	if (!t)
		return true;
	ok = tape_flush(t, err);
	tape_free(t);
	return ok;
}

/* ---- where the tape is ---- */

enum tape_format tape_format(const struct tape *t)
{
	return t->format;
}

const char *tape_format_name(enum tape_format format)
{
	static const char *const names[] = { "AWSTAPE", "HET", "SIMH" };

	return names[format];
}

bool tape_read_only(const struct tape *t)
{
	return t->read_only;
}

bool tape_at_load_point(const struct tape *t)
{
	return t->at == 0;
}

uint64_t tape_position(const struct tape *t)
{
	return t->position;
}

uint64_t tape_offset(const struct tape *t)
{
	return t->at;
}

void tape_rewind(struct tape *t)
{
	t->at = 0;
	t->position = 0;
	t->previous = 0;
}

/* ---- reading and moving ---- */

static void move_on(struct tape *t)
{
	t->at = t->after;
	t->previous = t->after_previous;
	t->position++;
}

/* Give the caller the block in raw. */
static enum tape_status deliver(struct tape *t, void *buffer, uint32_t room, uint32_t *length,
				struct error *err)
{
	uint8_t *whole;
	size_t n;

	if (t->raw_method == COMPRESS_NONE) {
		*length = t->raw_length;
		memcpy(buffer, t->raw, room < *length ? room : *length);
		return TAPE_BLOCK;
	}
	whole = malloc(TAPE_BLOCK_MAX);
	if (!whole) {
		error_errno(err, ENOMEM, "%s", t->path);
		return TAPE_FAILED;
	}
	if (!decompress_bytes(&t->workspace, t->raw_method, t->raw, t->raw_length, whole, TAPE_BLOCK_MAX, &n)) {
		free(whole);
		return tape_damaged(t, t->at, "a block cannot be decompressed", err);
	}
	*length = (uint32_t)n;
	memcpy(buffer, whole, room < *length ? room : *length);
	free(whole);
	return TAPE_BLOCK;
}

enum tape_status tape_read(struct tape *t, void *buffer, uint32_t room, uint32_t *length,
			   struct error *err)
{
	uint8_t nothing[1];
	enum tape_status status = t->ops->look(t, err);

	*length = 0;
	if (status == TAPE_BLOCK)
		status = deliver(t, room ? buffer : nothing, room, length, err);
	if (status == TAPE_BLOCK || status == TAPE_MARK)
		move_on(t);
	return status;
}

enum tape_status tape_backspace(struct tape *t, struct error *err)
{
	enum tape_status status;

	if (t->at == 0)
		return TAPE_LOAD_POINT;
	status = t->ops->look_back(t, err);
	if (status != TAPE_BLOCK && status != TAPE_MARK)
		return status;
	t->at = t->before;
	t->previous = t->before_previous;
	t->position--;
	return status;
}

enum tape_status tape_read_backward(struct tape *t, void *buffer, uint32_t room,
				    uint32_t *length, struct error *err)
{
	enum tape_status status = tape_backspace(t, err);
	uint64_t at = t->at, position = t->position;
	uint16_t previous = t->previous;

	*length = 0;
	if (status != TAPE_BLOCK)
		return status;
	status = tape_read(t, buffer, room, length, err);
	t->at = at;
	t->previous = previous;
	t->position = position;
	return status;
}

enum tape_status tape_forward_file(struct tape *t, struct error *err)
{
	enum tape_status status;

	while ((status = t->ops->look(t, err)) == TAPE_BLOCK)
		move_on(t);
	if (status == TAPE_MARK)
		move_on(t);
	return status;
}

enum tape_status tape_back_file(struct tape *t, struct error *err)
{
	enum tape_status status;

	do
		status = tape_backspace(t, err);
	while (status == TAPE_BLOCK);
	return status;
}

/* ---- writing ---- */

static bool may_write(struct tape *t, struct error *err)
{
	if (!t->read_only)
		return true;
	error_set(err, EROFS, "%s: the tape is write-protected", t->path);
	return false;
}

bool tape_write(struct tape *t, const void *block, uint32_t length, struct error *err)
{
	if (!may_write(t, err))
		return false;
	if (length == 0 || length > TAPE_BLOCK_MAX) {
		error_set(err, EINVAL, "%s: a block cannot have %u bytes", t->path, length);
		return false;
	}
	if (!t->ops->put(t, block, length, err))
		return false;
	t->position++;
	return true;
}

bool tape_write_mark(struct tape *t, struct error *err)
{
	if (!may_write(t, err) || !t->ops->put(t, NULL, 0, err))
		return false;
	t->position++;
	return true;
}

bool tape_erase(struct tape *t, struct error *err)
{
	return may_write(t, err) && tape_append(t, NULL, 0, err);
}
