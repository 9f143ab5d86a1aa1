/*
 * dasd_load - put volumes under load, for the system tests.
 *
 *   dasd_load fill IMAGE SEED COUNT     random tracks (or blocks), COUNT changes
 *   dasd_load crash IMAGE SEED ROUNDS   kill -9 a writer at random moments
 *   dasd_load once IMAGE SEED           the same once, leaving the image as it is
 *   dasd_load far IMAGE                 make a new CCKD64 image one of 4.5 GB, mostly holes
 *
 * A further word is the pattern of shadow files to write to.
 *
 * crash: in each round a child process writes with two threads, and appends to
 * a log what it is about to do and what has been done. The parent kills it,
 * opens the image, and holds every track against the log: what was acknowledged
 * must be there; of a change that was under way only its own record may be
 * unsettled. Records describe themselves, so that any byte out of place shows.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "dasd/volume.h"

#define THREADS     2
#define RECORDS_MAX 60
#define STAMP       16 /* bytes at a record's beginning: generation, track, index */

static struct error err;
static struct volume_options options;

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static uint64_t mix(uint64_t x)
{
	x ^= x >> 31;
	x *= 0x9E3779B97F4A7C15u;
	x ^= x >> 29;
	x *= 0xBF58476D1CE4E5B9u;
	return x ^ x >> 32;
}

static void die(const char *what)
{
	fprintf(stderr, "dasd_load: %s: %s\n", what, err.text);
	exit(2);
}

/* ---- records that describe themselves ---- */

static void stamp_data(uint8_t *p, uint32_t n, uint64_t generation, uint32_t track,
		       uint32_t index)
{
	uint64_t state = mix(generation ^ (uint64_t)track << 40 ^ (uint64_t)index << 56);
	bool dull = state & 1; /* half of them can be compressed */

	put_be64(p, generation);
	put_be32(p + 8, track);
	put_be32(p + 12, index);
	for (uint32_t i = STAMP; i < n; i++)
		p[i] = dull ? (uint8_t)(state >> 8) : (uint8_t)(next_random(&state) >> 7);
}

static uint32_t make_record(uint8_t *p, uint32_t data, uint64_t generation, uint32_t track,
			    uint32_t index)
{
	count_set(p, track >> 8, 0, (uint8_t)(index + 1), 0, (uint16_t)data);
	stamp_data(p + TRACK_COUNT_SIZE, data, generation, track, index);
	return TRACK_COUNT_SIZE + data;
}

/* The generation of a record; 0: its bytes are not what they should be. */
static uint64_t generation_of(const uint8_t *p, uint32_t track, uint32_t index)
{
	uint8_t want[65536];
	uint32_t n = count_data_length(p);

	if (n < STAMP || count_record(p) != index + 1)
		return 0;
	stamp_data(want, n, be64(p + TRACK_COUNT_SIZE), track, index);
	return memcmp(want, p + TRACK_COUNT_SIZE, n) == 0 ? be64(want) : 0;
}

/* ---- what should be on the volume ---- */

struct state {
	uint32_t records;
	uint64_t generation[RECORDS_MAX];
};

enum action {
	BEGIN = 1, /* with one of those below: about to do it */
	FORMAT = 2,
	UPDATE = 4,
	REPLACE = 8,
	BATCH = 16, /* records from index on, `records` of them, settled together */
};

struct entry {
	uint32_t action, track, index, records;
	uint64_t generation;
};

static void apply(struct state *s, const struct entry *e)
{
	struct state *t = &s[e->track];

	if (e->action & UPDATE) {
		t->generation[e->index] = e->generation;
	} else if (e->action & FORMAT) {
		t->generation[e->index] = e->generation;
		t->records = e->index + 1;
	} else if (e->action & BATCH) {
		for (uint32_t i = 0; i < e->records; i++)
			t->generation[e->index + i] = e->generation;
		t->records = e->index + e->records;
	} else {
		for (uint32_t i = 0; i < e->records; i++)
			t->generation[i] = e->generation;
		t->records = e->records;
	}
}

/* Where record number index of the track is; its end for index = records. */
static uint32_t record_at(const uint8_t *data, uint32_t index)
{
	uint32_t at = TRACK_R1;

	while (index-- && !count_is_end(data + at))
		at += count_record_size(data + at);
	return at;
}

/* ---- the writer ---- */

struct writer {
	struct volume *vol;
	struct state *state;
	int log;
	int ready; /* a pipe: the first change is acknowledged; then -1 */
	uint64_t seed;
	uint32_t id;
};

static void log_entry(struct writer *w, struct entry e, uint32_t action)
{
	e.action = action;
	if (write(w->log, &e, sizeof(e)) != sizeof(e))
		die("log");
}

/* Let the parent's clock begin to run. */
static void say_ready(struct writer *w)
{
	if (w->ready >= 0 && write(w->ready, "", 1) == 1)
		w->ready = -1;
}

static uint32_t random_size(struct writer *w)
{
	uint64_t r = next_random(&w->seed);

	return STAMP + (uint32_t)(r & 3 ? r / 4 % 1000 : r / 4 % 5000);
}

static void do_replace(struct writer *w, struct entry *e)
{
	uint32_t heads = volume_info(w->vol)->heads;
	uint8_t data[65536];
	uint32_t length = track_make_empty(data, e->track / heads, e->track % heads);
	uint32_t most = (uint32_t)(next_random(&w->seed) % 8);

	for (e->records = 0; e->records < most; e->records++) {
		uint32_t n = random_size(w);

		if (length + TRACK_COUNT_SIZE + n > volume_info(w->vol)->unit_size)
			break;
		make_record(data + length - TRACK_END_SIZE, n, e->generation, e->track,
			    e->records);
		length += TRACK_COUNT_SIZE + n;
		memset(data + length - TRACK_END_SIZE, 0xFF, TRACK_END_SIZE);
	}
	log_entry(w, *e, REPLACE | BEGIN);
	if (!volume_write_track(w->vol, e->track, data, length, &err))
		die("write_track");
	log_entry(w, *e, REPLACE);
	e->action = REPLACE;
}

static bool do_format(struct writer *w, struct track *t, struct entry *e)
{
	struct state *s = &w->state[e->track];
	uint8_t record[8192];
	uint32_t n = random_size(w), at;

	e->index = s->records; /* mostly at the end */
	if (s->records && next_random(&w->seed) % 4 == 0)
		e->index = (uint32_t)(next_random(&w->seed) % s->records);
	at = record_at(t->data, e->index);
	if (e->index >= RECORDS_MAX ||
	    at + TRACK_COUNT_SIZE + n + TRACK_END_SIZE > volume_info(w->vol)->unit_size)
		return false;
	n = make_record(record, n, e->generation, e->track, e->index);
	log_entry(w, *e, FORMAT | BEGIN);
	if (!volume_format(w->vol, t, at, record, n, &err))
		die("format");
	log_entry(w, *e, FORMAT);
	e->action = FORMAT;
	return true;
}

/* Several records that go to the file together. */
static bool do_batch(struct writer *w, struct track *t, struct entry *e)
{
	struct state *s = &w->state[e->track];
	uint32_t size[4], at, room;
	uint8_t record[8192];

	e->index = (uint32_t)(next_random(&w->seed) % (s->records + 1));
	at = record_at(t->data, e->index);
	room = volume_info(w->vol)->unit_size - at - TRACK_END_SIZE;
	for (e->records = 0; e->records < 4; e->records++) {
		size[e->records] = random_size(w);
		if (e->index + e->records >= RECORDS_MAX ||
		    TRACK_COUNT_SIZE + size[e->records] > room)
			break;
		room -= TRACK_COUNT_SIZE + size[e->records];
	}
	if (e->records == 0)
		return false;
	log_entry(w, *e, BATCH | BEGIN);
	for (uint32_t i = 0; i < e->records; i++) {
		uint32_t n = make_record(record, size[i], e->generation, e->track,
					 e->index + i);

		if (!volume_format_later(w->vol, t, at, record, n, &err))
			die("format_later");
		at += n;
	}
	if (!volume_settle(w->vol, t, &err))
		die("settle");
	log_entry(w, *e, BATCH);
	e->action = BATCH;
	return true;
}

static void do_update(struct writer *w, struct track *t, struct entry *e)
{
	struct state *s = &w->state[e->track];
	uint8_t data[8192];
	uint32_t at, n;

	e->index = (uint32_t)(next_random(&w->seed) % s->records);
	at = record_at(t->data, e->index);
	n = count_data_length(t->data + at);
	stamp_data(data, n, e->generation, e->track, e->index);
	log_entry(w, *e, UPDATE | BEGIN);
	if (!volume_update(w->vol, t, at + TRACK_COUNT_SIZE, data, n, &err))
		die("update");
	log_entry(w, *e, UPDATE);
	e->action = UPDATE;
}

static void *write_forever(void *arg)
{
	struct writer *w = arg;
	uint32_t units = volume_info(w->vol)->units;

	for (;;) {
		struct entry e = { 0 };
		struct track *t;
		bool done = false;

		e.track = (uint32_t)(next_random(&w->seed) % units) / THREADS * THREADS + w->id;
		e.generation = next_random(&w->seed) << 20 | 1;
		if (e.track >= units)
			continue;
		if (next_random(&w->seed) % 8 == 0) {
			do_replace(w, &e);
			apply(w->state, &e);
			say_ready(w);
			continue;
		}
		t = volume_pin(w->vol, e.track, &err);
		if (!t)
			die("pin");
		track_lock(t, TRACK_WRITE);
		if (w->state[e.track].records == 0 || next_random(&w->seed) % 2)
			done = (next_random(&w->seed) % 2 ? do_batch : do_format)(w, t, &e);
		if (!done && w->state[e.track].records)
			do_update(w, t, &e);
		track_unlock(t);
		volume_unpin(t);
		if (e.action) {
			apply(w->state, &e);
			say_ready(w);
		}
	}
	return NULL;
}

static void child(const char *image, struct state *state, int log, int ready, uint64_t seed)
{
	struct volume *vol = volume_open(image, &options, &err);
	struct writer w[THREADS];
	pthread_t thread;

	if (!vol)
		die("open");
	for (uint32_t i = 0; i < THREADS; i++)
		w[i] = (struct writer){ vol, state, log, ready, mix(seed + i + 1), i };
	for (uint32_t i = 1; i < THREADS; i++)
		if (pthread_create(&thread, NULL, write_forever, &w[i]) != 0)
			die("thread");
	write_forever(&w[0]);
}

/* ---- the judge ---- */

/* Records begun together are all there, or none; or those that were before them. */
static bool judge_batch(const struct track *t, uint32_t at, const struct state *s,
			const struct entry *begun, bool raw)
{
	uint32_t index = begun->index;
	bool fresh = true, old = true;

	if (raw && count_is_end(t->data + at))
		return true;
	for (; !count_is_end(t->data + at); at += count_record_size(t->data + at), index++) {
		uint64_t g = generation_of(t->data + at, t->number, index);

		fresh &= g == begun->generation;
		old &= index < s->records && g == s->generation[index];
	}
	return (fresh && index == begun->index + begun->records) ||
	       (old && index == s->records);
}

static bool judge_track(const struct track *t, const struct state *s, const struct entry *begun,
			bool raw)
{
	uint32_t index = 0, at = TRACK_R1;
	uint32_t safe = s->records; /* records that must be as acknowledged */
	bool replaced = begun && begun->action & REPLACE;

	if (begun && begun->action & (FORMAT | BATCH))
		safe = begun->index < s->records ? begun->index : s->records;
	if (replaced && raw)
		return true; /* a whole uncompressed track is not replaced in one step */
	if (replaced && t->length > TRACK_EMPTY_SIZE &&
	    generation_of(t->data + TRACK_R1, t->number, 0) == begun->generation) {
		for (; !count_is_end(t->data + at); at += count_record_size(t->data + at))
			if (generation_of(t->data + at, t->number, index++) != begun->generation)
				return false;
		return index == begun->records;
	}
	if (replaced && t->length == TRACK_EMPTY_SIZE && begun->records == 0)
		return true;
	for (; index < safe; index++, at += count_record_size(t->data + at)) {
		uint64_t g;

		if (count_is_end(t->data + at))
			return false;
		g = generation_of(t->data + at, t->number, index);
		if (begun && begun->action & UPDATE && begun->index == index)
			continue; /* old, new, or half of each: nobody was told */
		if (g != s->generation[index])
			return false;
	}
	if (begun && begun->action & BATCH)
		return judge_batch(t, at, s, begun, raw);
	return (begun && begun->action & FORMAT) || count_is_end(t->data + at);
}

static int judge(const char *image, struct state *state, struct entry *begun, const char *when)
{
	struct volume *vol = volume_open(image, &options, &err);
	bool raw;
	int lost = 0;

	if (!vol) {
		fprintf(stderr, "%s: %s\n", when, err.text);
		return 1;
	}
	raw = volume_info(vol)->format == VOLUME_CKD;
	for (uint32_t n = 0; n < volume_info(vol)->units; n++) {
		const struct entry *doubt = NULL;
		struct track *t = volume_pin(vol, n, &err);

		for (uint32_t i = 0; i < THREADS; i++)
			if (begun[i].action && begun[i].track == n)
				doubt = &begun[i];
		if (!t || (t->damaged && !doubt) || !judge_track(t, &state[n], doubt, raw)) {
			fprintf(stderr, "%s: track %u is not as acknowledged (%s)\n", when, n,
				t ? doubt ? "change under way" : "at rest" : err.text);
			lost++;
		}
		if (t)
			volume_unpin(t);
	}
	if (!volume_close(vol, &err)) {
		fprintf(stderr, "%s: %s\n", when, err.text);
		lost++;
	}
	return lost;
}

/* Replay the log; what was begun and not done is left in begun. */
static uint64_t replay(int log, struct state *state, struct entry *begun)
{
	struct entry e;
	uint64_t acknowledged = 0;

	memset(begun, 0, THREADS * sizeof(*begun));
	lseek(log, 0, SEEK_SET);
	while (read(log, &e, sizeof(e)) == sizeof(e)) {
		if (e.action & BEGIN) {
			begun[e.track % THREADS] = e;
			continue;
		}
		begun[e.track % THREADS].action = 0;
		apply(state, &e);
		acknowledged++;
	}
	return acknowledged;
}

/* After the judgement: what a track under way holds now is what it holds. */
static void settle(const char *image, struct state *state, struct entry *begun)
{
	struct volume *vol = volume_open(image, &options, &err);

	if (!vol)
		die("open");
	for (uint32_t i = 0; i < THREADS; i++) {
		uint8_t empty[TRACK_EMPTY_SIZE];
		uint32_t n = begun[i].track, heads = volume_info(vol)->heads;

		if (!begun[i].action)
			continue;
		track_make_empty(empty, n / heads, n % heads);
		if (!volume_write_track(vol, n, empty, sizeof(empty), &err))
			die("settle");
		state[n].records = 0;
		begun[i].action = 0;
	}
	if (!volume_close(vol, &err))
		die("close");
}

/* Let a writer run, and kill it. Returns its log. */
static int write_and_kill(const char *image, struct state *state, uint64_t seed)
{
	char name[1024];
	struct timespec pause = { 0, (long)(mix(seed) % 60000000) + 2000000 };
	int log, status, ready[2];
	pid_t pid;
	char c;

	snprintf(name, sizeof(name), "%s.log", image);
	unlink(name);
	log = open(name, O_RDWR | O_CREAT | O_APPEND, 0600);
	if (log < 0 || pipe(ready) < 0)
		die(name);
	pid = fork();
	if (pid == 0)
		child(image, state, log, ready[1], seed);
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		die("the writer");
	close(ready[0]);
	nanosleep(&pause, NULL); /* the random moment */
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (!WIFSIGNALED(status)) {
		fprintf(stderr, "the writer ended by itself\n");
		exit(1);
	}
	return log;
}

static int round_of(const char *image, struct state *state, uint64_t seed,
		    uint64_t *acknowledged)
{
	struct entry begun[THREADS];
	int log = write_and_kill(image, state, seed);
	int lost;

	*acknowledged += replay(log, state, begun);
	close(log);
	lost = judge(image, state, begun, "after the crash");
	lost += judge(image, state, begun, "after recovery");
	settle(image, state, begun);
	return lost;
}

static struct state *new_state(const char *image)
{
	struct volume *vol = volume_open(image, &options, &err);
	struct state *state;

	if (!vol)
		die("open");
	state = calloc(volume_info(vol)->units, sizeof(*state));
	if (!state || !volume_close(vol, &err))
		die("begin");
	return state;
}

static int crash(const char *image, uint64_t seed, uint32_t rounds)
{
	struct state *state = new_state(image);
	uint64_t acknowledged = 0;
	int lost = 0;

	for (uint32_t i = 0; i < rounds; i++)
		lost += round_of(image, state, mix(seed * 1000 + i), &acknowledged);
	free(state);
	printf("%u kills, %llu changes acknowledged, %d lost\n", rounds,
	       (unsigned long long)acknowledged, lost);
	return lost || !acknowledged;
}

static int once(const char *image, uint64_t seed)
{
	struct state *state = new_state(image);

	close(write_and_kill(image, state, seed));
	free(state);
	return 0;
}

/* ---- fill ---- */

static void fill_blocks(struct volume *vol, uint64_t *seed)
{
	uint8_t data[200 * FBA_BLOCK_SIZE];
	uint32_t n = (uint32_t)(next_random(seed) % 200) + 1;
	uint32_t at = (uint32_t)(next_random(seed) % (volume_info(vol)->blocks - n - 2)) + 2;

	stamp_data(data, n * FBA_BLOCK_SIZE, next_random(seed), at, 0);
	if (!volume_write_blocks(vol, at, n, data, &err))
		die("write");
}

/* Tracks with keys, short and long records, end-of-file records, any count. */
static void fill_track(struct volume *vol, uint64_t *seed)
{
	const struct volume_info *info = volume_info(vol);
	uint32_t number = (uint32_t)(next_random(seed) % (info->units - 1)) + 1;
	uint8_t record[65536];
	uint32_t records = (uint32_t)(next_random(seed) % 20), used = 0;
	struct track *t = volume_pin(vol, number, &err);

	if (!t)
		die("pin");
	track_lock(t, TRACK_WRITE);
	for (uint32_t i = 0, at = TRACK_R1; i < records; i++) {
		uint32_t key = next_random(seed) % 4 ? 0 : (uint32_t)(next_random(seed) % 256);
		uint32_t n = next_random(seed) % 6 ? (uint32_t)(next_random(seed) % 3000) : 0;

		if (!geometry_fits(info->geometry, used, key, n))
			break;
		used += geometry_space(info->geometry, key, n);
		if (i == 0 && n < STAMP)
			n = STAMP;
		stamp_data(record + TRACK_COUNT_SIZE, key + n + STAMP, next_random(seed), number,
			   i);
		count_set(record, number / info->heads, number % info->heads, (uint8_t)(i + 1),
			  (uint8_t)key, (uint16_t)n);
		if (!volume_format(vol, t, at, record, TRACK_COUNT_SIZE + key + n, &err))
			die("format");
		at += TRACK_COUNT_SIZE + key + n;
	}
	track_unlock(t);
	volume_unpin(t);
}

static int fill(const char *image, uint64_t seed, uint32_t count)
{
	struct volume *vol = volume_open(image, &options, &err);

	if (!vol)
		die("open");
	seed = mix(seed);
	for (uint32_t i = 0; i < count; i++)
		(volume_info(vol)->fixed_block ? fill_blocks : fill_track)(vol, &seed);
	if (!volume_close(vol, &err))
		die("close");
	return 0;
}

/* ---- far */

#define FAR_SPACING 65535u /* a track's space in the file: the most that an entry can say */
#define FAR_TABLE   4096u

static void put_little(uint8_t *p, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* One track image with one record, as it lies in the file. Its length. */
static uint32_t far_track(uint8_t *p, uint32_t number, uint32_t heads)
{
	uint32_t length = track_make_empty(p, number / heads, number % heads);
	uint32_t at = length - TRACK_END_SIZE;

	at += make_record(p + at, 100, mix(number) | 1, number, 0);
	memset(p + at, 0xFF, TRACK_END_SIZE);
	return at + TRACK_END_SIZE;
}

/*
 * Every track of a new, empty image gets one record, and as much slack as it can have.
 * Written without our library's functions for such images: they are what is tested.
 */
static int far(const char *image)
{
	struct volume *vol = volume_open(image, &options, &err);
	uint32_t units, heads, tables;
	uint64_t first, used, at;
	uint8_t header[64], l1[8], entry[16], track[1000];
	int fd;

	if (!vol)
		die("open");
	units = volume_info(vol)->units;
	heads = volume_info(vol)->heads;
	tables = (units + 255) / 256;
	if (!volume_close(vol, &err) || (fd = open(image, O_RDWR)) < 0)
		die("close");
	used = first = 1024 + (uint64_t)tables * 8;
	at = first + (uint64_t)tables * FAR_TABLE;
	for (uint32_t n = 0; n < units; n++, at += FAR_SPACING) {
		uint64_t table = first + (uint64_t)(n / 256) * FAR_TABLE;
		uint32_t length = far_track(track, n, heads);

		put_little(l1, table, 8);
		put_little(entry, at, 8);
		put_little(entry + 8, length, 2);
		put_little(entry + 10, FAR_SPACING, 2);
		put_little(entry + 12, 0, 4);
		if (pwrite(fd, l1, 8, 1024 + n / 256 * 8) != 8 ||
		    pwrite(fd, entry, 16, (off_t)(table + n % 256 * 16)) != 16 ||
		    pwrite(fd, track, length, (off_t)at) != (ssize_t)length)
			die("write");
		used += length;
	}
	used += (uint64_t)tables * FAR_TABLE;
	memset(header, 0, sizeof(header));
	put_little(header, at, 8);
	put_little(header + 8, used, 8);
	put_little(header + 24, at - used, 8);
	put_little(header + 48, at - used, 8);
	if (pwrite(fd, header, 56, 512 + 16) != 56 || ftruncate(fd, (off_t)at) != 0)
		die("write");
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
	uint32_t count = argc > 4 ? (uint32_t)atoi(argv[4]) : 0;

	options.shadow = argc > 5 ? argv[5] : NULL;
	if (argc >= 5 && strcmp(mode, "fill") == 0)
		return fill(argv[2], seed, count);
	if (argc >= 5 && strcmp(mode, "crash") == 0)
		return crash(argv[2], seed, count);
	if (argc == 4 && strcmp(mode, "once") == 0)
		return once(argv[2], seed);
	if (argc == 3 && strcmp(mode, "far") == 0)
		return far(argv[2]);
	fprintf(stderr, "usage: dasd_load far IMAGE | fill|crash|once IMAGE SEED [COUNT [PATTERN]]\n");
	return 2;
}
