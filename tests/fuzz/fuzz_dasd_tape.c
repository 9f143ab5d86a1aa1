/*
 * Any bytes as a tape: read to the end, back to the load point, forward again,
 * then write in the middle. What was passed forward is passed backward.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dasd/tape.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static char path[64];

static void save(const uint8_t *bytes, size_t n)
{
	int fd;

	if (!path[0])
		snprintf(path, sizeof(path), "/dev/shm/fuzz_dasd_tape.%d", (int)getpid());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		abort();
	close(fd);
}

static bool moved(enum tape_status status)
{
	return status == TAPE_BLOCK || status == TAPE_MARK;
}

static uint64_t forward(struct tape *t, uint64_t most)
{
	uint8_t buffer[300];
	uint32_t length;
	uint64_t passed = 0;

	while (passed < most && moved(tape_read(t, buffer, sizeof(buffer), &length, NULL)))
		passed++;
	return passed;
}

static void back(struct tape *t, uint64_t passed)
{
	uint8_t buffer[300];
	uint32_t length;
	enum tape_status status = TAPE_BLOCK;

	/* A chain that is right forward may be wrong backward: that is damage. */
	while (passed > 0 && moved(status)) {
		status = passed & 1 ? tape_read_backward(t, buffer, sizeof(buffer), &length, NULL)
				    : tape_backspace(t, NULL);
		passed--;
	}
	if (status == TAPE_END || tape_position(t) > UINT32_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct error err;
	struct tape *t;
	uint64_t passed;
	uint8_t block[100], again[100];
	uint32_t length;

	save(bytes, n);
	t = tape_open(path, NULL, &err);
	if (!t)
		return 0;
	passed = forward(t, UINT64_MAX);
	back(t, passed);
	tape_rewind(t);
	if (forward(t, passed / 2) != passed / 2)
		abort();
	memset(block, (int)n, sizeof(block));
	if (!tape_write(t, block, sizeof(block), &err) || !tape_write_mark(t, &err) ||
	    tape_read(t, again, sizeof(again), &length, &err) != TAPE_END ||
	    tape_backspace(t, &err) != TAPE_MARK ||
	    tape_read_backward(t, again, sizeof(again), &length, &err) != TAPE_BLOCK ||
	    length != sizeof(block) || memcmp(block, again, length) != 0)
		abort();
	if (!tape_erase(t, &err) || !tape_close(t, &err))
		abort();
	return 0;
}
