/*
 * Any bytes as a session at a channel: channel programs and what they point to, I/O
 * instructions, keys, answers from outside, on one device model (a byte chooses it).
 *
 * Besides what the sanitizers see: storage in blocks whose key is not the program's
 * stays as it is; so do the cylinders or blocks of a volume that are not the
 * minidisk's, and all of a read-only one; every track is sound in the end; no
 * interruption names a device that is not there.
 *
 * The input: device, options, then operations whose first byte holds the kind in its
 * low three bits and five more in the others; see operation(). run_dasd makes the
 * first inputs.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"
#include "dasd/tape.h"
#include "dasd/volume.h"
#include "devices/channel.h"
#include "devices/ctca.h"
#include "devices/machine.h"

#define STORAGE	   (64u << 10)
#define BLOCK	   2048u
#define PROGRAM	   0x1000u
#define SLOTS	   64u
#define DEV	   0x180u
#define TURNS	   2
#define OPERATIONS 48 /* of one input: keeps it quick */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* ---- one session */

struct session {
	struct storage *st;
	struct channels *cs;
	const uint8_t *at, *end;
	const struct model *model;
	uint8_t options, mood;
	unsigned slot;
	unsigned second; /* 1: the next operations mean the other end of the cable */
	char path[80];
};

enum options {
	OPT_READ_ONLY = 1,
	OPT_MINIDISK = 2, /* the middle cylinder, or some of the blocks */
};

struct model {
	const char *type;
	const char *volume; /* geometry of its disk, "" a fixed-block one; NULL none */
	enum volume_format format;
	enum tape_format tape;
	bool tape_drive, deck;
	/* the disk or tape as every session finds it */
	uint8_t *image;
	size_t length;
};

static struct model models[] = {
	{.type = "2311",		  .volume = "2311", .format = VOLUME_CKD },
	{ .type = "2314",	  .volume = "2314", .format = VOLUME_CCKD },
	{ .type = "3330",	  .volume = "3330", .format = VOLUME_CCKD },
	{ .type = "3380",	  .volume = "3380", .format = VOLUME_CCKD64 },
	{ .type = "3310",	  .volume = "", .format = VOLUME_FBA },
	{ .type = "3370",	  .volume = "", .format = VOLUME_CFBA },
	{ .type = "3420",	  .tape_drive = true, .tape = TAPE_AWS },
	{ .type = "2400", .tape_drive = true, .tape = TAPE_HET },
	{ .type = "3410",	  .tape_drive = true, .tape = TAPE_SIMH },
	{ .type = "3505",	  .deck = true },
	{ .type = "2540P"	  },
	{ .type = "3525"	 },
	{ .type = "1403"	 },
	{ .type = "3211"	 },
	{ .type = "3215"	 },
	{ .type = "3277"	 },
	{ .type = "3278"	 },
	{ .type = "CTCA"	 },
};

#define MODELS	  (sizeof(models) / sizeof(models[0]))
#define CYLINDERS 3
#define BLOCKS	  300
#define MINI_AT	  100
#define MINI_SIZE 100

static uint8_t next(struct session *s)
{
	return s->at < s->end ? *s->at++ : 0;
}

static uint16_t next16(struct session *s)
{
	uint16_t high = next(s);

	return (uint16_t)(high << 8 | next(s));
}

static size_t next_bytes(struct session *s, const uint8_t **bytes, size_t n)
{
	if (n > (size_t)(s->end - s->at))
		n = (size_t)(s->end - s->at);
	*bytes = s->at;
	s->at += n;
	return n;
}

/* ---- files */

static void file_write(const char *path, const uint8_t *bytes, size_t n)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		abort();
	close(fd);
}

static uint8_t *file_read(const char *path, size_t *n)
{
	int fd = open(path, O_RDONLY);
	struct stat status;
	uint8_t *bytes;

	if (fd < 0 || fstat(fd, &status) < 0)
		abort();
	*n = (size_t)status.st_size;
	bytes = malloc(*n + 1);
	if (!bytes || read(fd, bytes, *n) != (ssize_t)*n)
		abort();
	close(fd);
	return bytes;
}

/* Records 1 to 5 of every track: with keys, long, an end of file, short. */
static void fill_track(struct volume *vol, uint32_t number)
{
	static const uint16_t lengths[] = { 80, 600, 0, 1, 256 };
	static uint8_t track[65536], body[1024];
	const struct volume_info *info = volume_info(vol);
	uint32_t cylinder = number / info->heads, head = number % info->heads;
	uint32_t length = track_make_empty(track, cylinder, head);
	uint8_t count[TRACK_COUNT_SIZE], key[8] = "KEY";

	for (unsigned r = 1; r <= 5; r++) {
		unsigned kl = r % 2 ? 8 : 0;

		memset(body, (int)(number + r), sizeof(body));
		key[7] = (uint8_t)r;
		count_set(count, cylinder, head, (uint8_t)r, (uint8_t)kl, lengths[r - 1]);
		if (number % 7 == 3 && r == 5)
			count[0] |= TRACK_OVERFLOW;
		if (!track_append(track, &length, info->unit_size, count, key, body))
			abort();
	}
	if (!volume_write_track(vol, number, track, length, NULL))
		abort();
}

static void make_volume(const struct model *m, const char *path)
{
	struct volume_new what = {
		.format = m->format,
		.compression = COMPRESS_NONE,
		.level = -1,
		.null_format = 1,
		.geometry = *m->volume ? geometry_find(m->volume) : NULL,
		.cylinders = CYLINDERS,
		.blocks = BLOCKS,
		.replace = true,
	};
	struct error err = { 0 };
	struct volume *vol;

	if (!volume_create(path, &what, &err) || !(vol = volume_open(path, NULL, &err)))
		abort();
	for (uint32_t t = 0; *m->volume && t < volume_info(vol)->units; t += 1 + t % 3)
		fill_track(vol, t);
	if (!volume_close(vol, &err))
		abort();
}

static void make_tape(const struct model *m, const char *path)
{
	const struct tape_options options = {
		.create = true,
		.format = m->tape,
		.compression = COMPRESS_ZLIB,
		.level = -1,
	};
	struct error err = { 0 };
	uint8_t block[400];
	struct tape *t;

	unlink(path);
	t = tape_open(path, &options, &err);
	if (!t)
		abort();
	for (unsigned i = 1; i <= 6; i++) {
		memset(block, (int)i, sizeof(block));
		if (!tape_write(t, block, i * 60, &err) ||
		    (i % 3 == 0 && !tape_write_mark(t, &err)))
			abort();
	}
	if (!tape_close(t, &err))
		abort();
}

/* The file that the device starts with, made by the first session that wants it. */
static void fresh_file(struct session *s)
{
	struct model *m = &models[s->model - models];

	if (!m->image) {
		if (m->volume)
			make_volume(m, s->path);
		else if (m->tape_drive)
			make_tape(m, s->path);
		else
			file_write(s->path, (const uint8_t *)"FIRST\nSECOND\nTHIRD\n",
				   19);
		m->image = file_read(s->path, &m->length);
	}
	file_write(s->path, m->image, m->length);
}

/* ---- the world outside */

static bool some_ready(void *arg)
{
	const struct session *s = arg;

	return !(s->mood & 1);
}

static unsigned sum_of(const uint8_t *bytes, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += bytes[i]; /* lets the sanitizer see all of them */
	return sum;
}

static bool some_write(void *arg, const uint8_t *text, size_t length, unsigned flags)
{
	const struct session *s = arg;

	return sum_of(text, length) + flags != UINT32_MAX && !(s->mood & 2);
}

static void some_read(void *arg, size_t max)
{
	(void)arg;
	(void)max;
}

static void some_cancel(void *arg)
{
	(void)arg;
}

static enum terminal_result some_write3270(void *arg, uint8_t command,
					   const uint8_t *data, size_t length)
{
	const struct session *s = arg;

	if (sum_of(data, length) + command == UINT32_MAX)
		return TERMINAL_BAD;
	return (enum terminal_result)((s->mood >> 2) % 3);
}

static void some_read3270(void *arg, uint8_t command)
{
	(void)arg;
	(void)command;
}

static const struct terminal_ops ops = {
	.ready = some_ready,
	.write = some_write,
	.read = some_read,
	.cancel = some_cancel,
	.write3270 = some_write3270,
	.read3270 = some_read3270,
};

static bool some_put(struct card_sink *sink, uint8_t op, const uint8_t *record,
		     size_t length)
{
	(void)sink;
	return sum_of(record, length) + op != UINT32_MAX;
}

static void some_release(struct card_sink *sink)
{
	(void)sink;
}

static struct card_sink paper = { some_put, some_release };

/* ---- the device */

static void attach(struct session *s, uint16_t address, struct ctca_link *link)
{
	const struct model *m = s->model;
	const char *words[4] = { s->path };
	struct machine_request req = {
		.address = address,
		.class_name = m->type,
		.argc = m->volume || m->tape_drive || m->deck,
		.argv = (char *const *)(uintptr_t)words,
		.terminal = {&ops, s},
		.link = link,
	};
	struct error err = { 0 };

	if (!req.argc)
		req.sink = &paper;
	if ((m->volume || m->tape_drive) && (s->options & OPT_READ_ONLY))
		words[req.argc++] = "ro";
	if (m->volume && (s->options & OPT_MINIDISK)) {
		words[req.argc++] = *m->volume ? "offset=1" : "offset=100";
		words[req.argc++] = *m->volume ? "cylinders=1" : "blocks=100";
	}
	if (!channels_attach(s->cs, device_class_find(m->type), NULL, &req, &err)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
}

static void note_pending(void *arg, bool on)
{
	(void)arg;
	(void)on;
}

static void open_session(struct session *s)
{
	const struct channels_owner owner = { .pending = note_pending };
	struct ctca_link *link;

	s->model = &models[next(s) % MODELS];
	s->options = next(s);
	snprintf(s->path, sizeof(s->path), "/dev/shm/fuzz_channel.%d", (int)getpid());
	if (s->model->volume || s->model->tape_drive || s->model->deck)
		fresh_file(s);
	s->st = storage_new(STORAGE, NULL);
	s->cs = channels_new(s->st, &owner, NULL);
	if (!s->st || !s->cs)
		abort();
	if (strcmp(s->model->type, "CTCA") != 0) {
		attach(s, DEV, NULL);
		return;
	}
	link = ctca_link_new();
	attach(s, DEV, link);
	attach(s, DEV + 1, link);
}

/* ---- what must hold */

struct before {
	uint8_t bytes[STORAGE];
	uint8_t keys[STORAGE / BLOCK];
};

static struct before before;

static void remember(struct session *s)
{
	if (storage_fetch(s->st, 0, 0, before.bytes, STORAGE, NULL) != STORAGE_OK)
		abort();
	for (unsigned b = 0; b < STORAGE / BLOCK; b++)
		before.keys[b] = storage_key(s->st, b * BLOCK);
}

/* Block 0 has the CSW in it. */
static void check_protection(struct session *s, uint8_t key)
{
	uint8_t now[BLOCK];

	for (unsigned b = 1; key && b < STORAGE / BLOCK; b++) {
		if ((before.keys[b] & KEY_ACCESS) == key)
			continue;
		if (storage_fetch(s->st, b * BLOCK, 0, now, BLOCK, NULL) != STORAGE_OK ||
		    memcmp(now, before.bytes + b * BLOCK, BLOCK) != 0)
			abort();
	}
}

static void check_tracks(struct session *s, struct volume *vol, struct volume *was)
{
	const struct volume_info *info = volume_info(vol);
	struct error err = { 0 };

	for (uint32_t n = 0; n < info->units; n++) {
		struct track *t = volume_pin(vol, n, &err), *o = volume_pin(was, n, &err);
		uint32_t good;
		bool may = !(s->options & OPT_READ_ONLY) &&
			   (!(s->options & OPT_MINIDISK) || n / info->heads == 1);

		if (!t || !o || t->damaged)
			abort();
		if (track_check(t->data, t->length, &good) != t->length)
			abort();
		if (!may &&
		    (t->length != o->length || memcmp(t->data, o->data, t->length)))
			abort();
		volume_unpin(t);
		volume_unpin(o);
	}
}

static void check_blocks(struct session *s, struct volume *vol, struct volume *was)
{
	static uint8_t now[BLOCKS * FBA_BLOCK_SIZE], then[BLOCKS * FBA_BLOCK_SIZE];
	size_t from = MINI_AT * FBA_BLOCK_SIZE;
	size_t to = from + MINI_SIZE * FBA_BLOCK_SIZE;

	if (!volume_read_blocks(vol, 0, BLOCKS, now, NULL) ||
	    !volume_read_blocks(was, 0, BLOCKS, then, NULL))
		abort();
	if (s->options & OPT_READ_ONLY)
		from = to = 0;
	else if (!(s->options & OPT_MINIDISK))
		return;
	if (memcmp(now, then, from) || memcmp(now + to, then + to, sizeof(now) - to))
		abort();
}

/* Only what the program could reach has changed, and all of it is sound. */
static void check_volume(struct session *s)
{
	const struct volume_options small = { .read_only = true, .cache_bytes = 1 };
	char path[90];
	struct volume *vol = volume_open(s->path, &small, NULL), *was;

	snprintf(path, sizeof(path), "%s.was", s->path);
	file_write(path, s->model->image, s->model->length);
	was = volume_open(path, &small, NULL);
	if (!vol || !was)
		abort();
	if (*s->model->volume)
		check_tracks(s, vol, was);
	else
		check_blocks(s, vol, was);
	volume_close(vol, NULL);
	volume_close(was, NULL);
	unlink(path);
}

static void close_session(struct session *s)
{
	channels_free(s->cs);
	storage_free(s->st);
	if (s->model->volume)
		check_volume(s);
}

/* ---- operations */

static void poke(struct session *s, uint32_t at, const void *bytes, size_t n)
{
	if (at < BLOCK || at >= STORAGE)
		return;
	if (n > STORAGE - at)
		n = STORAGE - at;
	if (storage_store(s->st, at, 0, bytes, n, NULL) != STORAGE_OK)
		abort();
}

static void add_ccw(struct session *s, unsigned high)
{
	uint8_t b[8] = { next(s) };

	b[4] = next(s);
	b[1] = high == 31 ? 0xFF : 0;
	put_be16(b + 2, next16(s));
	put_be16(b + 6, next16(s));
	poke(s, PROGRAM + 8 * (s->slot++ % SLOTS), b, sizeof(b));
}

static void take_interruptions(struct session *s)
{
	uint16_t who;

	channels_hold(s->cs, 0, true);
	while (channels_interruption(s->cs, UINT32_MAX, 0, &who))
		if (!channels_device(s->cs, who))
			abort();
}

static uint16_t device_of(const struct session *s)
{
	return (uint16_t)(DEV + s->second);
}

static void instruction(struct session *s, enum io_op op)
{
	if (channels_io(s->cs, op, device_of(s), 0) > 3)
		abort();
}

static void start(struct session *s, unsigned how)
{
	static const uint8_t keys[] = { 0x00, 0x10, 0x20, 0x18, 0x01, 0xF0, 0x00, 0x10 };
	uint8_t caw[4];

	put_be32(caw, PROGRAM);
	caw[0] = keys[how & 7];
	if (storage_store(s->st, 0x48, 0, caw, 4, NULL) != STORAGE_OK)
		abort();
	remember(s);
	instruction(s, how & 8 ? IO_SIOF : IO_SIO);
	for (int turn = 0; turn < TURNS && channels_work(s->cs); turn++)
		;
	check_protection(s, caw[0] & 0xF0);
	if (!(how & 16))
		take_interruptions(s);
	if (channels_have_work(s->cs)) /* a chain without an end */
		instruction(s, IO_CLRIO);
	s->slot = 0;
}

static void event(struct session *s, unsigned what)
{
	static const enum machine_request_kind kinds[] = {
		MACHINE_TERMINAL_INPUT,
		MACHINE_TERMINAL_ROOM,
		MACHINE_WAKE_DEVICE,
	};
	struct device *dev = channels_device(s->cs, device_of(s));
	struct machine_request req = { 0 };
	const uint8_t *data;

	if (!dev)
		return;
	req.length = next_bytes(s, &data, next(s));
	req.data = (uint8_t *)(uintptr_t)data;
	req.on = what & 8;
	req.value = what & 16 ? US_CE | US_DE | US_UX : 0;
	remember(s);
	switch (what & 7) {
	case 0:
	case 1:
	case 2:
		req.kind = kinds[what & 7];
		if (dev->class->request)
			(void)dev->class->request(dev, &req, NULL);
		break;
	case 3: device_attention(dev, req.length ? data[0] : US_ATTENTION); break;
	case 4: dev->not_ready = what & 8; break;
	case 5: device_resume(dev); break;
	case 6:
		channels_set_type(s->cs, DEV >> 8, (enum channel_type)((what >> 3) % 3));
		break;
	case 7: s->mood = (uint8_t)(what >> 3); break;
	}
	channels_work(s->cs);
}

static void ipl(struct session *s)
{
	uint8_t csw[8];
	bool ok;

	channels_reset(s->cs);
	channels_ipl(s->cs, device_of(s));
	for (int turn = 0; turn < TURNS && channels_work(s->cs); turn++)
		;
	if (!channels_ipl_done(s->cs, device_of(s), csw, &ok))
		channels_reset(s->cs);
}

static void operation(struct session *s)
{
	uint8_t b = next(s);
	unsigned more = b >> 3;
	const uint8_t *bytes;
	uint32_t at;
	size_t n;

	switch (b & 7) {
	case 0: add_ccw(s, more); break;
	case 1:
		at = next16(s);
		n = next_bytes(s, &bytes, more + 1);
		poke(s, at, bytes, n);
		break;
	case 2: start(s, more); break;
	case 3: instruction(s, (enum io_op)(more % (IO_RIO + 1))); break;
	case 4: event(s, more); break;
	case 5: storage_set_key(s->st, more * BLOCK, next(s)); break;
	case 6: s->second = (more & 1) && channels_device(s->cs, DEV + 1); break;
	case 7:
		if (more == 31)
			ipl(s);
		else if (more == 30)
			channels_reset(s->cs);
		else
			take_interruptions(s);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct session s = { .at = bytes, .end = bytes + n };

	if (n < 3)
		return 0;
	open_session(&s);
	for (int i = 0; i < OPERATIONS && s.at < s.end; i++)
		operation(&s);
	close_session(&s);
	return 0;
}
