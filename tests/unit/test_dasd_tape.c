/* Tapes of every format against a model in storage, and what a crash leaves. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dasd/tape.h"
#include "tests/unit/runner.h"

#define ITEMS_MAX 400

static char folder[] = "/tmp/test_dasd_tape.XXXXXX";
static struct error err;
static uint64_t seed;

static const struct {
	const char *name;
	enum tape_format format;
	enum compression compression;
} kinds[] = {
	{ "AWSTAPE", TAPE_AWS, COMPRESS_NONE },	  { "HET zlib", TAPE_HET, COMPRESS_ZLIB },
	{ "HET bzip2", TAPE_HET, COMPRESS_BZIP2 }, { "HET none", TAPE_HET, COMPRESS_NONE },
	{ "SIMH", TAPE_SIMH, COMPRESS_NONE },
};
#define KINDS 5

static uint32_t rnd(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static const char *path_of(const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static struct tape *new_tape(int kind, const char *name)
{
	struct tape_options o = { .create = true,
				  .format = kinds[kind].format,
				  .compression = kinds[kind].compression,
				  .level = -1 };
	struct tape *t;

	unlink(path_of(name));
	t = tape_open(path_of(name), &o, &err);
	ck_assert_msg(t != NULL, "%s", err.text);
	return t;
}

/* The model: blocks (length > 0) and marks (0), and where we are. */
struct item {
	uint32_t length, seed;
};

static struct model {
	struct item item[ITEMS_MAX];
	uint32_t items, at;
} m;

static uint8_t *block_of(struct item i)
{
	static uint8_t block[300000];
	uint32_t state = i.seed;

	for (uint32_t n = 0; n < i.length; n++) {
		state = state * 1103515245 + 12345;
		block[n] = i.seed % 3 ? (uint8_t)(n / 9) : (uint8_t)(state >> 16);
	}
	return block;
}

static void write_something(struct tape *t)
{
	struct item i = { 0, rnd(1000000) };

	if (m.at == ITEMS_MAX)
		return;
	if (rnd(5)) {
		i.length = 1 + rnd(rnd(10) ? 3000 : 65535);
		if (rnd(40) == 0)
			i.length = 200000; /* more than a chunk of AWSTAPE holds */
		ck_assert_msg(tape_write(t, block_of(i), i.length, &err), "%s", err.text);
	} else {
		ck_assert_msg(tape_write_mark(t, &err), "%s", err.text);
	}
	m.item[m.at++] = i;
	m.items = m.at;
}

static enum tape_status expected(bool ahead)
{
	if (ahead ? m.at == m.items : m.at == 0)
		return ahead ? TAPE_END : TAPE_LOAD_POINT;
	return m.item[ahead ? m.at : m.at - 1].length ? TAPE_BLOCK : TAPE_MARK;
}

static void read_something(struct tape *t, bool backward)
{
	static uint8_t buffer[300000];
	enum tape_status want = expected(!backward), got;
	uint32_t length, room = rnd(3) ? sizeof(buffer) : rnd(2000);

	got = backward ? tape_read_backward(t, buffer, room, &length, &err)
		       : tape_read(t, buffer, room, &length, &err);
	ck_assert_msg(got == want, "at %u of %u: status %d, not %d: %s", m.at, m.items, got, want,
		      err.text);
	if (got == TAPE_BLOCK) {
		struct item i = m.item[backward ? m.at - 1 : m.at];

		ck_assert_uint_eq(length, i.length);
		ck_assert_mem_eq(buffer, block_of(i), room < length ? room : length);
	}
	if (got == TAPE_BLOCK || got == TAPE_MARK)
		m.at += backward ? -1u : 1u;
	ck_assert_uint_eq(tape_position(t), m.at);
}

static void space_files(struct tape *t, bool backward)
{
	enum tape_status got;

	while (expected(!backward) == TAPE_BLOCK)
		m.at += backward ? -1u : 1u;
	got = backward ? tape_back_file(t, &err) : tape_forward_file(t, &err);
	ck_assert_int_eq(got, expected(!backward));
	if (got == TAPE_MARK)
		m.at += backward ? -1u : 1u;
	ck_assert_uint_eq(tape_position(t), m.at);
}

START_TEST(random_walks_agree)
{
	struct tape *t = new_tape(_i, "walk");

	seed = 5 + (uint64_t)_i;
	m = (struct model){ .items = 0 };
	for (int step = 0; step < 1500; step++) {
		switch (rnd(10)) {
		case 0:
		case 1:
		case 2: write_something(t); break;
		case 3:
		case 4:
		case 5: read_something(t, false); break;
		case 6:
		case 7: read_something(t, true); break;
		case 8: space_files(t, rnd(2)); break;
		case 9:
			if (rnd(3) == 0) {
				tape_rewind(t);
				m.at = 0;
				ck_assert(tape_at_load_point(t));
			}
			for (uint32_t n = rnd(20); n > 0; n--)
				write_something(t);
			break;
		}
		if (rnd(50) == 0) {
			ck_assert_msg(tape_close(t, &err), "%s", err.text);
			t = tape_open(path_of("walk"), NULL, &err);
			ck_assert_msg(t != NULL, "%s", err.text);
			m.at = 0;
		}
	}
	ck_assert(tape_close(t, &err));
}
END_TEST

/* Cut anywhere, a tape ends before the block that is not whole, and goes on. */
START_TEST(a_cut_tape_ends_before_the_cut)
{
	struct tape_options o = { .compression = kinds[_i].compression, .level = -1 };
	struct item last = { 5000, 3 };
	struct tape *t = new_tape(_i, "cut");
	uint8_t buffer[6000];
	uint32_t length;
	off_t whole;
	struct stat st;

	ck_assert(tape_write(t, block_of((struct item){ 100, 1 }), 100, &err));
	whole = (off_t)tape_offset(t);
	ck_assert(tape_write(t, block_of(last), last.length, &err));
	ck_assert(tape_close(t, &err));
	stat(path_of("cut"), &st);
	for (off_t size = st.st_size - 1; size > whole; size -= size > whole + 8 ? 7 : 1) {
		ck_assert(truncate(path_of("cut"), size) == 0);
		t = tape_open(path_of("cut"), &o, &err);
		ck_assert_msg(t != NULL, "%lld: %s", (long long)size, err.text);
		ck_assert_int_eq(tape_read(t, buffer, sizeof(buffer), &length, &err),
				 TAPE_BLOCK);
		ck_assert_uint_eq(length, 100);
		ck_assert_int_eq(tape_read(t, buffer, sizeof(buffer), &length, &err), TAPE_END);
		ck_assert(tape_close(t, &err));
	}
	t = tape_open(path_of("cut"), &o, &err);
	ck_assert_int_eq(tape_read(t, buffer, sizeof(buffer), &length, &err), TAPE_BLOCK);
	ck_assert(tape_write(t, block_of(last), last.length, &err));
	ck_assert_int_eq(tape_read_backward(t, buffer, sizeof(buffer), &length, &err),
			 TAPE_BLOCK);
	ck_assert_uint_eq(length, last.length);
	ck_assert_mem_eq(buffer, block_of(last), length);
	ck_assert(tape_close(t, &err));
}
END_TEST

static void write_file(const char *name, const void *bytes, size_t n)
{
	FILE *f = fopen(path_of(name), "wb");

	ck_assert(f && fwrite(bytes, 1, n, f) == n && fclose(f) == 0);
}

/* Bytes as the formats' descriptions give them. */
START_TEST(files_have_the_published_form)
{
	static const uint8_t aws[] = { 3, 0, 0, 0, 0xA0, 0, 'a', 'b', 'c', 0, 0, 3, 0, 0x40, 0,
				       1, 0, 0, 0, 0xA0, 0, 'd' };
	static const uint8_t simh[] = { 3, 0, 0, 0, 'a', 'b', 'c', 0, 3, 0, 0, 0, 0, 0, 0, 0,
					1, 0, 0, 0, 'd', 0,   1,   0, 0, 0 };
	const uint8_t *want = _i ? simh : aws;
	size_t n = _i ? sizeof(simh) : sizeof(aws);
	struct tape *t = new_tape(_i ? 4 : 0, "form");
	uint8_t got[100];
	FILE *f;

	ck_assert(tape_write(t, "abc", 3, &err) && tape_write_mark(t, &err) &&
		  tape_write(t, "d", 1, &err) && tape_close(t, &err));
	f = fopen(path_of("form"), "rb");
	ck_assert_uint_eq(fread(got, 1, sizeof(got), f), n);
	ck_assert_mem_eq(got, want, n);
	fclose(f);
}
END_TEST

/* Gaps, private markers, an end-of-medium word, blocks without padding. */
START_TEST(simh_oddities_are_passed_over)
{
	static const uint8_t odd[] = { 0xFE, 0xFF, 0xFF, 0xFF, 3, 0, 0,	  0, 'a',  'b',	 'c',  3,
				       0,    0,	   0,	 1,    0, 0, 0x70, 2, 0, 0, 0, 'x', 'y', 2,
				       0,    0,	   0,	 0xFF, 0xFF, 0xFF, 0xFF, 9, 9, 9, 9 };
	struct tape *t;
	uint8_t b[8];
	uint32_t n;

	write_file("odd.tap", odd, sizeof(odd));
	t = tape_open(path_of("odd.tap"), NULL, &err);
	ck_assert_msg(t != NULL, "%s", err.text);
	ck_assert_int_eq(tape_format(t), TAPE_SIMH);
	ck_assert_int_eq(tape_read(t, b, sizeof(b), &n, &err), TAPE_BLOCK);
	ck_assert_mem_eq(b, "abc", 3);
	ck_assert_int_eq(tape_read(t, b, sizeof(b), &n, &err), TAPE_BLOCK);
	ck_assert_mem_eq(b, "xy", 2);
	ck_assert_int_eq(tape_read(t, b, sizeof(b), &n, &err), TAPE_END);
	ck_assert_int_eq(tape_backspace(t, &err), TAPE_BLOCK);
	ck_assert_int_eq(tape_backspace(t, &err), TAPE_BLOCK);
	ck_assert_int_eq(tape_backspace(t, &err), TAPE_LOAD_POINT);
	ck_assert(tape_close(t, &err));
}
END_TEST

START_TEST(damage_is_told_with_its_place)
{
	static const uint8_t bad[] = { 1, 0, 0, 0, 0xA0, 0, 'a', 1, 0, 1, 0, 0xFF, 0, 'b' };
	struct tape_options o = { .read_only = true };
	struct tape *t;
	uint8_t b[8];
	uint32_t n;

	write_file("bad.aws", bad, sizeof(bad));
	ck_assert_ptr_null(tape_open(path_of("bad.aws"), &o, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "not a tape"));
	/* The same behind three good blocks is damage, not another format. */
	t = new_tape(0, "good.aws");
	for (int i = 0; i < 3; i++)
		ck_assert(tape_write(t, "abc", 3, &err));
	ck_assert(tape_close(t, &err));
	ck_assert(truncate(path_of("good.aws"), 27) == 0);
	n = (uint32_t)open(path_of("good.aws"), O_WRONLY | O_APPEND);
	ck_assert(write((int)n, bad + 7, 7) == 7 && close((int)n) == 0);
	t = tape_open(path_of("good.aws"), &o, &err);
	ck_assert(!tape_write_mark(t, &err));
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(tape_read(t, b, sizeof(b), &n, &err), TAPE_BLOCK);
	ck_assert_int_eq(tape_read(t, b, sizeof(b), &n, &err), TAPE_DAMAGED);
	ck_assert_msg(strstr(err.text, "byte 27"), "%s", err.text);
	ck_assert(tape_close(t, &err));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tape");
	TCase *tc = tcase_create("tape");
	char command[100];
	int rc;

	if (!mkdtemp(folder))
		return 2;
	tcase_add_loop_test(tc, random_walks_agree, 0, KINDS);
	tcase_add_loop_test(tc, a_cut_tape_ends_before_the_cut, 0, KINDS);
	tcase_add_loop_test(tc, files_have_the_published_form, 0, 2);
	tcase_add_test(tc, simh_oddities_are_passed_over);
	tcase_add_test(tc, damage_is_told_with_its_place);
	suite_add_tcase(s, tc);
	rc = run_suite(s);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command) == 0 ? rc : 2;
}
