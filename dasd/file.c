#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "dasd/layer.h"

bool file_read(int fd, const char *path, off_t at, void *buffer, size_t n, size_t *got,
	       struct error *err)
{
	*got = 0;
	while (*got < n) {
		ssize_t r = pread(fd, (char *)buffer + *got, n - *got, at + (off_t)*got);

		if (r == 0)
			return true;
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0) {
			error_errno(err, errno, "%s: cannot read at byte %lld", path,
				    (long long)at);
			return false;
		}
		*got += (size_t)r;
	}
	return true;
}

bool file_read_all(int fd, const char *path, off_t at, void *buffer, size_t n,
		   struct error *err)
{
	size_t got;

	if (!file_read(fd, path, at, buffer, n, &got, err))
		return false;
	if (got == n)
		return true;
	error_set(err, EIO, "%s: the file ends at byte %lld, inside a structure", path,
		  (long long)at + (long long)got);
	return false;
}

bool file_write(int fd, const char *path, off_t at, const void *buffer, size_t n,
		struct error *err)
{
	size_t done = 0;

	while (done < n) {
		ssize_t r = pwrite(fd, (const char *)buffer + done, n - done,
				   at + (off_t)done);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0) {
			error_errno(err, errno, "%s: cannot write at byte %lld", path,
				    (long long)at);
			return false;
		}
		done += (size_t)r;
	}
	return true;
}

bool file_sync(int fd, const char *path, struct error *err)
{
	if (fdatasync(fd) == 0)
		return true;
	error_errno(err, errno, "%s: cannot sync", path);
	return false;
}

/*
 * Two writers, or a writer and a reader, of one image would see each other's
 * half-made tables: keep other processes (of ours) out while it is open.
 */
bool file_lock(int fd, const char *path, bool exclusive, struct error *err)
{
	if (flock(fd, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
		return true;
	if (errno != EWOULDBLOCK)
		return true; /* a file system without locks */
	error_set(err, EBUSY, "%s: in use by another program%s", path,
		  exclusive ? "" : " that may write to it");
	return false;
}

/*
 * close() alone frees the lock with the last reference to the open file. One may be
 * somebody else's for a moment: who reads /proc/PID/fd, as lsof does, or a child that
 * has not come to its exec.
 */
void file_close(int fd)
{
	(void)flock(fd, LOCK_UN);
	close(fd);
}

bool file_format(int fd, const char *path, off_t unit_at, const uint8_t *data,
		 uint32_t length, uint32_t offset, bool at_end, struct error *err)
{
	static const uint8_t end[TRACK_END_SIZE] = { 0xFF, 0xFF, 0xFF, 0xFF,
						     0xFF, 0xFF, 0xFF, 0xFF };
	uint32_t body = offset + TRACK_COUNT_SIZE;
	off_t at = unit_at + offset;

	/* First end the track here, then write behind that, then undo the end. */
	if (!at_end && !file_write(fd, path, at, end, sizeof(end), err))
		return false;
	if (body >= length)
		return true;
	return file_write(fd, path, unit_at + body, data + body, length - body, err) &&
	       file_write(fd, path, at, data + offset, TRACK_COUNT_SIZE, err);
}

uint32_t track_make_sound(uint8_t *data, uint32_t available, uint32_t size, uint32_t cylinder,
			  uint32_t head, bool *damaged)
{
	uint32_t good;
	uint32_t length = track_check(data, available, &good);
	uint8_t address[TRACK_HA_SIZE] = { 0 };

	put_be16(address + 1, (uint16_t)cylinder);
	put_be16(address + 3, (uint16_t)head);
	*damaged = length == 0 || memcmp(data + 1, address + 1, 4) != 0;
	memcpy(data, address, TRACK_HA_SIZE);
	if (length)
		return length;
	if (good && good + TRACK_END_SIZE <= size) {
		memset(data + good, 0xFF, TRACK_END_SIZE);
		return good + TRACK_END_SIZE;
	}
	return track_make_empty(data, cylinder, head);
}

void layer_place(const struct layer *l, uint32_t unit, struct error *err)
{
	if (l->fixed_block)
		error_prefix(err, "%s: blocks %u to %u: ", l->path, unit * FBA_GROUP_BLOCKS,
			     unit * FBA_GROUP_BLOCKS + FBA_GROUP_BLOCKS - 1);
	else
		error_prefix(err, "%s: cylinder %u head %u: ", l->path, unit / l->heads,
			     unit % l->heads);
}

void image_header_make(uint8_t header[IMAGE_HEADER_SIZE], const char *id, uint32_t heads,
		       uint32_t slot, uint8_t type_byte)
{
	memset(header, 0, IMAGE_HEADER_SIZE);
	memcpy(header, id, strlen(id));
	put_le32(header + 8, heads);
	put_le32(header + 12, slot);
	header[16] = type_byte;
}

void layer_free(struct layer *l)
{
	if (l)
		free(l->path);
	free(l);
}
