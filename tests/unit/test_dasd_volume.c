/*
 * Volumes of every format against a model in storage: seeded random tracks and
 * changes, compared in the open volume and after it was opened again.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "dasd/label.h"
#include "dasd/volume.h"
#include "tests/unit/runner.h"

#define CYLINDERS 12

static char folder[] = "/tmp/test_dasd_volume.XXXXXX";
static struct error err;

static const struct {
	const char *name;
	enum volume_format format;
	enum compression compression;
	const char *type;
} kinds[] = {
	{ "CKD", VOLUME_CKD, COMPRESS_NONE, "3330" },
	{ "CCKD zlib", VOLUME_CCKD, COMPRESS_ZLIB, "3350" },
	{ "CCKD bzip2", VOLUME_CCKD, COMPRESS_BZIP2, "2314" },
	{ "CCKD none", VOLUME_CCKD, COMPRESS_NONE, "3390" },
	{ "CCKD64 zlib", VOLUME_CCKD64, COMPRESS_ZLIB, "3390" },
	{ "CCKD64 none", VOLUME_CCKD64, COMPRESS_NONE, "2311" },
	{ "FBA", VOLUME_FBA, COMPRESS_NONE, NULL },
	{ "CFBA zlib", VOLUME_CFBA, COMPRESS_ZLIB, NULL },
	{ "CFBA bzip2", VOLUME_CFBA, COMPRESS_BZIP2, NULL },
	{ "CFBA64 none", VOLUME_CFBA64, COMPRESS_NONE, NULL },
};
#define CKD_KINDS 6
#define KINDS     10

static uint64_t seed;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static const char *path_of(const char *name)
{
	static char path[4][200];
	static unsigned next;
	char *p = path[next++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", folder, name);
	return p;
}

static void create(const char *path, int kind)
{
	struct volume_new what = {
		.format = kinds[kind].format,
		.compression = kinds[kind].compression,
		.level = -1,
		.null_format = 1,
		.geometry = kinds[kind].type ? geometry_find(kinds[kind].type) : NULL,
		.cylinders = CYLINDERS,
		.blocks = 10000,
		.volser = "TEST01",
		.replace = true,
	};

	ck_assert_msg(volume_create(path, &what, &err), "%s", err.text);
}

static struct volume *open_volume(const char *path, const struct volume_options *o)
{
	struct volume *vol = volume_open(path, o, &err);

	ck_assert_msg(vol != NULL, "%s", err.text);
	return vol;
}

static void close_volume(struct volume *vol)
{
	ck_assert_msg(volume_close(vol, &err), "%s", err.text);
}

/* Bytes that compress, or not. */
static void random_bytes(uint8_t *p, uint32_t n)
{
	uint32_t mode = rnd(3);

	for (uint32_t i = 0; i < n; i++)
		p[i] = mode == 0 ? 0 : mode == 1 ? (uint8_t)(i / 7) : (uint8_t)rnd(256);
}

/* A random record at p that takes at most room bytes; its size, or 0. */
static uint32_t random_record(uint8_t *p, uint32_t room, const struct volume_info *info)
{
	uint32_t key = rnd(3) ? 0 : rnd(256);
	uint32_t data = rnd(10) ? rnd(rnd(4) ? 900 : 13000) : 0;

	if (room < TRACK_COUNT_SIZE + key + data)
		return 0;
	count_set(p, rnd(65536), rnd(info->heads), (uint8_t)(1 + rnd(255)), (uint8_t)key,
		  (uint16_t)data);
	random_bytes(p + TRACK_COUNT_SIZE, key + data);
	return TRACK_COUNT_SIZE + key + data;
}

static uint32_t random_track(uint8_t *data, uint32_t number, const struct volume_info *info)
{
	uint32_t length = track_make_empty(data, number / info->heads, number % info->heads);
	uint32_t records = rnd(4) ? rnd(30) : rnd(2);

	random_bytes(data + TRACK_R0 + TRACK_COUNT_SIZE, 8);
	for (uint32_t i = 0; i < records; i++) {
		uint32_t at = length - TRACK_END_SIZE;
		uint32_t n = random_record(data + at, info->unit_size - length, info);

		memset(data + at + n, 0xFF, TRACK_END_SIZE);
		length = at + n + TRACK_END_SIZE;
	}
	return length;
}

struct model {
	uint8_t *data;
	uint32_t length;
};

static struct model *model_new(const struct volume_info *info)
{
	struct model *m = calloc(info->units, sizeof(*m));

	for (uint32_t i = 0; i < info->units; i++)
		m[i].data = calloc(1, info->unit_size);
	return m;
}

static void model_free(struct model *m, uint32_t units)
{
	for (uint32_t i = 0; i < units; i++)
		free(m[i].data);
	free(m);
}

/* Take the volume's present contents for the model. */
static void model_read(struct model *m, struct volume *vol)
{
	for (uint32_t i = 0; i < volume_info(vol)->units; i++) {
		struct track *t = volume_pin(vol, i, &err);

		ck_assert_msg(t != NULL, "%s", err.text);
		memcpy(m[i].data, t->data, t->length);
		m[i].length = t->length;
		volume_unpin(t);
	}
}

static void model_compare(const struct model *m, struct volume *vol, const char *when)
{
	for (uint32_t i = 0; i < volume_info(vol)->units; i++) {
		struct track *t = volume_pin(vol, i, &err);

		ck_assert_msg(t != NULL, "%s: %s", when, err.text);
		track_lock(t, TRACK_READ);
		ck_assert_msg(!t->damaged, "%s: unit %u is damaged", when, i);
		ck_assert_msg(t->length == m[i].length, "%s: unit %u: length %u, not %u", when,
			      i, t->length, m[i].length);
		ck_assert_msg(memcmp(t->data, m[i].data, t->length) == 0, "%s: unit %u differs",
			      when, i);
		track_unlock(t);
		volume_unpin(t);
	}
}

/* The count fields' offsets of a track; the end's is the last one. */
static uint32_t random_boundary(const uint8_t *data)
{
	uint32_t n = rnd(track_records(data) + 1);
	uint32_t at = TRACK_R1;

	while (n--)
		at += count_record_size(data + at);
	return at;
}

static void change_format(struct model *m, struct volume *vol, struct track *t, bool later)
{
	uint8_t record[65536];
	uint32_t at = random_boundary(t->data);
	uint32_t room = volume_info(vol)->unit_size - at - TRACK_END_SIZE;
	uint32_t n = rnd(8) ? random_record(record, room, volume_info(vol)) : 0;

	ck_assert_msg((later ? volume_format_later : volume_format)(vol, t, at, record, n, &err),
		      "%s", err.text);
	memcpy(m->data + at, record, n);
	memset(m->data + at + n, 0xFF, TRACK_END_SIZE);
	m->length = at + n + TRACK_END_SIZE;
}

static void change_update(struct model *m, struct volume *vol, struct track *t, bool later)
{
	uint32_t at = random_boundary(t->data);
	uint32_t n;

	if (count_is_end(t->data + at))
		at = TRACK_R0;
	n = count_record_size(t->data + at) - TRACK_COUNT_SIZE;
	at += TRACK_COUNT_SIZE;
	random_bytes(m->data + at, n);
	ck_assert_msg((later ? volume_update_later : volume_update)(vol, t, at, m->data + at, n,
								    &err),
		      "%s", err.text);
}

static void change_blocks(struct model *m, struct volume *vol)
{
	uint8_t buffer[300 * FBA_BLOCK_SIZE], again[300 * FBA_BLOCK_SIZE];
	uint32_t count = 1 + rnd(300);
	uint32_t first = rnd(volume_info(vol)->blocks - count + 1);

	random_bytes(buffer, count * FBA_BLOCK_SIZE);
	ck_assert_msg(volume_write_blocks(vol, first, count, buffer, &err), "%s", err.text);
	for (uint32_t i = 0; i < count; i++)
		memcpy(m[(first + i) / FBA_GROUP_BLOCKS].data +
			       (first + i) % FBA_GROUP_BLOCKS * FBA_BLOCK_SIZE,
		       buffer + i * FBA_BLOCK_SIZE, FBA_BLOCK_SIZE);
	ck_assert_msg(volume_read_blocks(vol, first, count, again, &err), "%s", err.text);
	ck_assert_mem_eq(buffer, again, count * FBA_BLOCK_SIZE);
}

static void change_something(struct model *m, struct volume *vol)
{
	const struct volume_info *info = volume_info(vol);
	uint32_t number = rnd(info->units);
	struct track *t;

	if (info->fixed_block) {
		change_blocks(m, vol);
		return;
	}
	if (rnd(4) == 0) {
		m[number].length = random_track(m[number].data, number, info);
		ck_assert_msg(volume_write_track(vol, number, m[number].data, m[number].length,
						 &err),
			      "%s", err.text);
		return;
	}
	t = volume_pin(vol, number, &err);
	ck_assert_msg(t != NULL, "%s", err.text);
	track_lock(t, TRACK_WRITE);
	for (uint32_t i = rnd(4) + 1; i > 0; i--)
		(rnd(2) ? change_format : change_update)(&m[number], vol, t, rnd(4) != 0);
	ck_assert_msg(volume_settle(vol, t, &err), "%s", err.text);
	track_unlock(t);
	volume_unpin(t);
}

START_TEST(random_changes_come_back)
{
	const char *path = path_of("random.img");
	/* A cache of a few tracks only: everything is read from the file again. */
	struct volume_options small = { .cache_bytes = 1 };
	struct volume *vol;
	struct model *m;
	uint32_t units;

	seed = 1000 + (uint64_t)_i;
	create(path, _i);
	vol = open_volume(path, NULL);
	units = volume_info(vol)->units;
	m = model_new(volume_info(vol));
	model_read(m, vol);
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 150; i++)
			change_something(m, vol);
		model_compare(m, vol, kinds[_i].name);
		close_volume(vol);
		vol = open_volume(path, round % 2 ? &small : NULL);
		model_compare(m, vol, "opened again");
	}
	close_volume(vol);
	model_free(m, units);
}
END_TEST

START_TEST(a_new_volume_has_its_label)
{
	struct volume *vol;
	const struct volume_info *info;
	char volser[7];
	uint8_t block[512];

	create(path_of("label.img"), _i);
	vol = open_volume(path_of("label.img"), NULL);
	info = volume_info(vol);
	ck_assert_int_eq(info->format, kinds[_i].format);
	ck_assert_int_eq(info->fixed_block, _i >= CKD_KINDS);
	if (info->fixed_block) {
		ck_assert_uint_eq(info->blocks, 10000);
		ck_assert(volume_read_blocks(vol, 1, 1, block, &err));
		ck_assert(label_of_block(block, volser));
	} else {
		struct track *t = volume_pin(vol, 0, &err);

		ck_assert_uint_eq(info->cylinders, CYLINDERS);
		ck_assert(label_of_track(t->data, volser));
		volume_unpin(t);
	}
	ck_assert_str_eq(volser, "TEST01");
	close_volume(vol);
}
END_TEST

/* Three shadow files, each with changes of its own, over a base of each format. */
START_TEST(shadow_files_hide_what_is_below)
{
	const char *base = path_of("base.img");
	struct volume_options o = { .shadow = strdup(path_of("shadow_1.img")),
				    .new_shadow = true };
	struct volume_options small = { .shadow = o.shadow, .cache_bytes = 1,
					.read_only = true };
	struct volume *vol;
	struct model *m, *untouched;
	char name[300];
	uint32_t units;

	seed = 77;
	create(base, _i);
	vol = open_volume(base, NULL);
	units = volume_info(vol)->units;
	m = model_new(volume_info(vol));
	untouched = model_new(volume_info(vol));
	model_read(m, vol);
	for (int i = 0; i < 100; i++)
		change_something(m, vol);
	model_read(untouched, vol);
	close_volume(vol);
	for (unsigned n = 1; n <= 3; n++) {
		ck_assert(volume_shadow_name(name, sizeof(name), o.shadow, n));
		unlink(name);
	}
	for (unsigned n = 1; n <= 3; n++) {
		vol = open_volume(base, &o);
		ck_assert_uint_eq(volume_info(vol)->shadows, n);
		for (int i = 0; i < 60; i++)
			change_something(m, vol);
		model_compare(m, vol, "with a new shadow file");
		close_volume(vol);
		vol = open_volume(base, &small);
		ck_assert_uint_eq(volume_info(vol)->shadows, n);
		model_compare(m, vol, "opened with shadow files");
		close_volume(vol);
	}
	vol = open_volume(base, NULL);
	model_compare(untouched, vol, "the base");
	close_volume(vol);
	model_free(m, units);
	model_free(untouched, units);
	free((char *)o.shadow);
}
END_TEST

/* A changed R0 and a record 1 of another number must not become a null track. */
START_TEST(almost_null_tracks_are_kept)
{
	const char *path = path_of("null.img");
	struct volume *vol;
	uint8_t data[100];
	uint32_t length, other = TRACK_EMPTY_SIZE;
	const uint8_t odd_eof[8] = { 0, 0, 0, 1, 9, 0, 0, 0 };
	struct track *t;

	create(path, 1);
	vol = open_volume(path, NULL);
	length = track_make_empty(data, 0, 1);
	data[TRACK_R0 + TRACK_COUNT_SIZE] = 0x55;
	ck_assert(volume_write_track(vol, 1, data, length, &err));
	track_make_empty(data, 0, 2);
	ck_assert(track_append(data, &other, sizeof(data), odd_eof, NULL, NULL));
	ck_assert(volume_write_track(vol, 2, data, other, &err));
	close_volume(vol);
	vol = open_volume(path, NULL);
	t = volume_pin(vol, 1, &err);
	ck_assert_uint_eq(t->data[TRACK_R0 + TRACK_COUNT_SIZE], 0x55);
	volume_unpin(t);
	t = volume_pin(vol, 2, &err);
	ck_assert_uint_eq(count_record(t->data + TRACK_R1), 9);
	volume_unpin(t);
	close_volume(vol);
}
END_TEST

START_TEST(a_read_only_volume_stays_as_it_is)
{
	const char *path = path_of("ro.img");
	struct volume_options o = { .read_only = true };
	struct stat before, after;
	struct volume *vol;
	struct track *t;
	uint8_t eof[8] = { 0, 0, 0, 0, 1, 0, 0, 0 };

	create(path, 1);
	stat(path, &before);
	vol = open_volume(path, &o);
	t = volume_pin(vol, 3, &err);
	ck_assert_ptr_nonnull(t);
	ck_assert(!volume_format(vol, t, TRACK_R1, eof, 8, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "read-only"));
	volume_unpin(t);
	ck_assert_ptr_null(volume_pin(vol, volume_info(vol)->units, &err));
	close_volume(vol);
	stat(path, &after);
	ck_assert_int_eq(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
	ck_assert_int_eq(before.st_size, after.st_size);
}
END_TEST

START_TEST(an_image_has_one_writer)
{
	const char *path = path_of("lock.img");
	struct volume_options o = { .read_only = true };
	struct volume *vol, *second;

	create(path, 1);
	vol = open_volume(path, NULL);
	ck_assert_ptr_null(volume_open(path, NULL, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "in use"));
	close_volume(vol);
	vol = open_volume(path, &o);
	second = open_volume(path, &o);
	close_volume(vol);
	close_volume(second);
}
END_TEST

/*
 * The lock ends with volume_close(), not with the last reference to the open file:
 * a child has one here, as has for a moment who looks into /proc/PID/fd.
 */
START_TEST(a_closed_image_can_be_opened_at_once)
{
	const char *path = path_of("lock.img");
	int end[2];
	char c;
	pid_t child;

	create(path, _i);
	ck_assert_int_eq(pipe(end), 0);
	struct volume *vol = open_volume(path, NULL);
	child = fork();
	if (child == 0) {
		close(end[1]);
		_exit(read(end[0], &c, 1) != 0);
	}
	close_volume(vol);
	close_volume(open_volume(path, NULL));
	close(end[0]);
	close(end[1]);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
}
END_TEST

/* Overwrite bytes of a track of an uncompressed 3330 behind the volume's back. */
static void scribble(const char *path, uint32_t track, uint32_t offset, const void *bytes,
		     size_t n)
{
	FILE *f = fopen(path, "r+b");

	ck_assert(f && fseek(f, 512 + 13312 * (long)track + offset, SEEK_SET) == 0 &&
		  fwrite(bytes, 1, n, f) == n && fclose(f) == 0);
}

START_TEST(a_damaged_track_ends_before_the_damage)
{
	const char *path = path_of("damage.img");
	uint8_t record[8 + 100];
	struct volume *vol;
	struct track *t;

	create(path, 0);
	/* The third record of the label track claims more data than there is. */
	vol = open_volume(path, NULL);
	t = volume_pin(vol, 0, &err);
	scribble(path, 0, track_find(t->data, 3) + 6, "\xFF\xF0", 2);
	volume_unpin(t);
	close_volume(vol);
	vol = open_volume(path, NULL);
	t = volume_pin(vol, 0, &err);
	ck_assert(t->damaged);
	ck_assert_uint_eq(track_records(t->data), 2);
	/* A record that is written now is behind the sound ones, and stays. */
	count_set(record, 0, 0, 9, 0, 100);
	memset(record + 8, 9, 100);
	track_lock(t, TRACK_WRITE);
	ck_assert(volume_format(vol, t, t->length - TRACK_END_SIZE, record, 108, &err));
	ck_assert(!t->damaged);
	track_unlock(t);
	volume_unpin(t);
	close_volume(vol);
	vol = open_volume(path, NULL);
	t = volume_pin(vol, 0, &err);
	ck_assert(!t->damaged);
	ck_assert_uint_eq(track_records(t->data), 3);
	ck_assert_mem_eq(t->data + track_find(t->data, 9), record, 108);
	volume_unpin(t);
	close_volume(vol);
}
END_TEST

/* Found by the fuzzer: R0 is bad on disk, made good in the cache only. */
START_TEST(a_change_of_a_damaged_track_is_stored_whole)
{
	const char *path = path_of("heal.img");
	struct volume *vol;
	struct track *t;

	create(path, 0);
	scribble(path, 7, TRACK_R0, "\1\2\3\4\5\6\7", 7);
	vol = open_volume(path, NULL);
	t = volume_pin(vol, 7, &err);
	ck_assert(t->damaged);
	track_lock(t, TRACK_WRITE);
	ck_assert(volume_update(vol, t, TRACK_R0 + TRACK_COUNT_SIZE, "IBM S370", 8, &err));
	track_unlock(t);
	volume_unpin(t);
	close_volume(vol);
	vol = open_volume(path, NULL);
	t = volume_pin(vol, 7, &err);
	ck_assert(!t->damaged);
	ck_assert_mem_eq(t->data + TRACK_R0 + TRACK_COUNT_SIZE, "IBM S370", 8);
	volume_unpin(t);
	close_volume(vol);
}
END_TEST

/* The host has no more room: what was acknowledged stays, and it goes on later. */
START_TEST(a_full_disk_loses_nothing)
{
	const char *path = path_of("full.img");
	struct rlimit full = { 300000, RLIM_INFINITY }, roomy;
	uint8_t data[65536];
	struct volume *vol;
	struct model *m;
	unsigned refused = 0;
	uint32_t units;

	seed = 99;
	create(path, _i);
	vol = open_volume(path, NULL);
	units = volume_info(vol)->units;
	m = model_new(volume_info(vol));
	model_read(m, vol);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &roomy);
	full.rlim_max = roomy.rlim_max;
	setrlimit(RLIMIT_FSIZE, &full);
	for (uint32_t i = 0; i < units; i++) {
		uint32_t length = random_track(data, i, volume_info(vol));

		if (volume_write_track(vol, i, data, length, &err)) {
			memcpy(m[i].data, data, length);
			m[i].length = length;
		} else {
			refused++;
			ck_assert_msg(strstr(err.text, "full.img") != NULL, "%s", err.text);
		}
	}
	ck_assert_uint_gt(refused, 10);
	model_compare(m, vol, "while the disk is full");
	setrlimit(RLIMIT_FSIZE, &roomy);
	for (int i = 0; i < 20; i++)
		change_something(m, vol);
	close_volume(vol);
	vol = open_volume(path, NULL);
	model_compare(m, vol, "opened again");
	close_volume(vol);
	model_free(m, units);
}
END_TEST

/* What a guest writes must never change where count fields are. */
START_TEST(updates_keep_the_shape_of_a_track)
{
	static const struct {
		uint32_t offset, n;
		const char *bytes;
		bool good;
	} cases[] = {
		{ 0, 5, "\0\0\0\0\0", true },      /* the home address it has */
		{ 0, 5, "\0\0\1\0\0", false },     /* another one */
		{ 0, 8, "\0\0\0\0\0\0\0\0", false }, /* and more */
		{ 5, 16, "\1\2\3\4\0\0\0\10abcdefgh", true }, /* R0 of a minidisk */
		{ 5, 8, "\1\2\3\4\0\0\0\11", false },  /* with another length */
		{ 5, 8, "\1\2\3\4\1\0\0\10", false },  /* or number */
		{ 5, 17, "\1\2\3\4\0\0\0\10abcdefghX", false }, /* and into R1 */
		{ 13, 8, "abcdefgh", true },
		{ 13, 9, "abcdefghi", false },
		{ 21, 8, "\0\0\0\0\1\4\0\30", false }, /* a count field, even the same */
		{ 29, 4, "ABCD", true },               /* key of R1 */
		{ 33, 24, "123456789012345678901234", true },
		{ 33, 25, "1234567890123456789012345", false },
		{ 60, 1, "x", false },                 /* within the count field of R2 */
	};
	struct volume *vol;
	struct track *t;

	create(path_of("shape.img"), _i);
	vol = open_volume(path_of("shape.img"), NULL);
	t = volume_pin(vol, 0, &err);
	track_lock(t, TRACK_WRITE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(volume_update(vol, t, cases[i].offset, cases[i].bytes, cases[i].n,
					    &err) == cases[i].good,
			      "case %zu", i);
	ck_assert(!volume_update(vol, t, t->length - TRACK_END_SIZE, "x", 1, &err));
	ck_assert(!volume_update(vol, t, UINT32_MAX, "x", 1, &err));
	ck_assert_uint_eq(track_records(t->data), 3);
	track_unlock(t);
	volume_unpin(t);
	close_volume(vol);
}
END_TEST

/* Threads that write tracks of their own and read everybody's. */
struct worker {
	struct volume *vol;
	uint32_t id, failures;
};
#define WORKERS 4

static void *work(void *arg)
{
	struct worker *w = arg;
	uint32_t units = volume_info(w->vol)->units;
	uint64_t state = w->id * 99 + 1;
	uint8_t record[8 + 1000];

	for (uint32_t i = 0; i < 400; i++) {
		uint32_t number, at;
		struct track *t;

		state = state * 6364136223846793005u + 1442695040888963407u;
		number = (uint32_t)(state >> 33) % units;
		t = volume_pin(w->vol, number, NULL);
		if (!t) {
			w->failures++;
			continue;
		}
		if (number % WORKERS != w->id) {
			track_lock(t, TRACK_READ);
			for (at = TRACK_R1; !count_is_end(t->data + at);
			     at += count_record_size(t->data + at))
				w->failures += number && t->data[at + 8] != t->data[at + 1007];
			track_unlock(t);
			volume_unpin(t);
			continue;
		}
		count_set(record, 0, 0, 1, 0, 1000);
		memset(record + 8, (int)(i & 0xFF), 1000);
		track_lock(t, TRACK_WRITE);
		at = t->length - TRACK_END_SIZE;
		if (at + 1100 > volume_info(w->vol)->unit_size || number == 0)
			at = TRACK_R1;
		w->failures += !volume_format(w->vol, t, at, record, sizeof(record), NULL);
		track_unlock(t);
		volume_unpin(t);
	}
	return NULL;
}

START_TEST(threads_share_a_volume)
{
	const char *path = path_of("threads.img");
	struct volume_options small = { .cache_bytes = 1 };
	struct worker w[WORKERS];
	pthread_t thread[WORKERS];
	struct volume *vol;

	create(path, _i);
	vol = open_volume(path, &small);
	for (uint32_t i = 0; i < WORKERS; i++) {
		w[i] = (struct worker){ vol, i, 0 };
		ck_assert(pthread_create(&thread[i], NULL, work, &w[i]) == 0);
	}
	for (uint32_t i = 0; i < WORKERS; i++) {
		pthread_join(thread[i], NULL);
		ck_assert_uint_eq(w[i].failures, 0);
	}
	close_volume(vol);
}
END_TEST

/* A record of 100 bytes, all of that value, behind the last one; as later changes. */
static void add_later(struct volume *vol, struct track *t, uint8_t value)
{
	uint8_t record[108];

	count_set(record, 0, 9, value, 0, 100);
	memset(record + 8, value, 100);
	ck_assert(volume_format_later(vol, t, t->length - TRACK_END_SIZE, record, 108, &err));
}

START_TEST(what_cannot_be_written_is_undone)
{
	const char *path = path_of("undone.img");
	const struct rlimit full = { 0, RLIM_INFINITY },
			    roomy = { RLIM_INFINITY, RLIM_INFINITY };
	struct volume *vol;
	struct track *t;
	uint8_t before[TRACK_EMPTY_SIZE + 108];

	signal(SIGXFSZ, SIG_IGN);
	create(path, _i);
	vol = open_volume(path, NULL);
	t = volume_pin(vol, 9, &err);
	track_lock(t, TRACK_WRITE);
	add_later(vol, t, 1);
	ck_assert(volume_settle(vol, t, &err));
	ck_assert_uint_eq(t->length, sizeof(before));
	memcpy(before, t->data, sizeof(before));
	setrlimit(RLIMIT_FSIZE, &full);
	add_later(vol, t, 2);
	add_later(vol, t, 3);
	ck_assert(volume_update_later(vol, t, TRACK_R1 + TRACK_COUNT_SIZE, "xy", 2, &err));
	ck_assert_uint_eq(track_records(t->data), 3);
	ck_assert_uint_eq(t->lost, 0);
	ck_assert(!volume_settle(vol, t, &err));
	setrlimit(RLIMIT_FSIZE, &roomy);
	ck_assert_uint_eq(t->lost, 1);
	ck_assert_uint_eq(t->length, sizeof(before));
	ck_assert_mem_eq(t->data, before, sizeof(before));
	/* What comes after is not hindered. */
	add_later(vol, t, 4);
	ck_assert(volume_settle(vol, t, &err));
	ck_assert_uint_eq(t->lost, 1);
	track_unlock(t);
	volume_unpin(t);
	close_volume(vol);
	vol = open_volume(path, NULL);
	t = volume_pin(vol, 9, &err);
	ck_assert_uint_eq(track_records(t->data), 2);
	ck_assert_uint_eq(t->data[track_find(t->data, 4) + 50], 4);
	volume_unpin(t);
	close_volume(vol);
}
END_TEST

START_TEST(shadow_names_follow_the_pattern)
{
	char name[40];

	ck_assert(volume_shadow_name(name, sizeof(name), "a/b_1.cckd", 3));
	ck_assert_str_eq(name, "a/b_3.cckd");
	ck_assert(volume_shadow_name(name, sizeof(name), "a.b/disk_x", 1));
	ck_assert_str_eq(name, "a.b/disk_1");
	ck_assert(volume_shadow_name(name, sizeof(name), "disk*.shadow.img", 8));
	ck_assert_str_eq(name, "disk*.shado8.img");
	ck_assert(!volume_shadow_name(name, sizeof(name), "a/", 1));
	ck_assert(!volume_shadow_name(name, 3, "a_1", 1));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("volume");
	TCase *tc = tcase_create("volume");
	char command[100];
	int rc;

	if (!mkdtemp(folder))
		return 2;
	tcase_add_loop_test(tc, random_changes_come_back, 0, KINDS);
	tcase_add_loop_test(tc, a_new_volume_has_its_label, 0, KINDS);
	tcase_add_loop_test(tc, shadow_files_hide_what_is_below, 0, KINDS);
	tcase_add_test(tc, almost_null_tracks_are_kept);
	tcase_add_test(tc, a_read_only_volume_stays_as_it_is);
	tcase_add_test(tc, an_image_has_one_writer);
	tcase_add_loop_test(tc, a_closed_image_can_be_opened_at_once, 0, KINDS);
	tcase_add_test(tc, a_damaged_track_ends_before_the_damage);
	tcase_add_test(tc, a_change_of_a_damaged_track_is_stored_whole);
	tcase_add_loop_test(tc, a_full_disk_loses_nothing, 1, CKD_KINDS - 1);
	tcase_add_loop_test(tc, what_cannot_be_written_is_undone, 0, CKD_KINDS);
	tcase_add_loop_test(tc, updates_keep_the_shape_of_a_track, 0, 2);
	tcase_add_loop_test(tc, threads_share_a_volume, 0, 5);
	tcase_add_test(tc, shadow_names_follow_the_pattern);
	suite_add_tcase(s, tc);
	rc = run_suite(s);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command) == 0 ? rc : 2;
}
