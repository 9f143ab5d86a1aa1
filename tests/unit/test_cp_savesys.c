/* Named systems: what systems.conf says, images, imports, and damage. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "cp/savesys.h"
#include "tests/unit/runner.h"

static char dir[] = "/tmp/vm370-savesys-XXXXXX";
static struct systems *ss;

static void path_of(char path[200], const char *name)
{
	snprintf(path, 200, "%s/%s", dir, name);
}

static void write_file(const char *name, const void *data, size_t n)
{
	char path[200];
	FILE *f;

	path_of(path, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(data, 1, n, f), n);
	fclose(f);
}

static void conf(const char *text)
{
	write_file("systems.conf", text, strlen(text));
}

static void setup(void)
{
	char path[200];

	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	path_of(path, "systems");
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ss = systems_new(dir);
}

static void teardown(void)
{
	char command[300];

	systems_free(ss);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
}

static void save_ab(const char *first)
{
	struct system_registers r = { .psw = UINT64_C(0x0002000000123456) };
	uint8_t pages[3 * SYSTEM_PAGE], keys[6] = { 0x10, 0x20, 0x30, 0x40, 0x50, 0x60 };
	struct system_layout l;
	struct error err = { 0, "" };

	for (unsigned i = 0; i < 16; i++) {
		r.gr[i] = 0x11111111 * i;
		r.cr[i] = i;
	}
	memset(pages, first[0], sizeof(pages));
	memset(pages + SYSTEM_PAGE, first[1], 2 * SYSTEM_PAGE);
	ck_assert(system_layout(ss, "AB", &l));
	ck_assert_msg(system_save(ss, &l, &r, pages, keys, &err), "%s", err.text);
}

START_TEST(lines_of_the_layout)
{
	struct system_layout l;

	conf("* comment\n# another\n\nCMS 0-32 SHARED 16-31\ncmsseg 3840-3855\n"
	     "TWO 1,5-6,4095 shared 5-6,4095\nBAD1 5-3\nBAD2 0-4096\nBAD3 x\nBAD4 1-2 SHARED\n"
	     "BAD5 1-2 SHARED 9,\nTOOLONGNAME 1-2\nNINE 1,2,3,4,5,6,7,8,9\nBAD6\n");
	ck_assert(system_layout(ss, "CMS", &l));
	ck_assert_uint_eq(l.range[0].count, 33);
	ck_assert_uint_eq(l.shared[0].first, 16);
	ck_assert(system_layout(ss, "CMSSEG", &l));
	ck_assert_uint_eq(l.shared_ranges, 0);
	ck_assert(system_layout(ss, "TWO", &l));
	ck_assert_uint_eq(l.ranges, 3);
	ck_assert_uint_eq(l.range[2].first, 4095);
	ck_assert_uint_eq(l.shared_ranges, 2);
	for (const char *const *bad = (const char *const[]){ "BAD1", "BAD2", "BAD3", "BAD4",
			"BAD5", "BAD6", "NINE", "TOOLONGNAME", "TOOLONGN", "*", "NONE", NULL };
	     *bad; bad++)
		ck_assert_msg(!system_layout(ss, *bad, &l), "%s", *bad);
}
END_TEST

START_TEST(save_and_get)
{
	struct named_system *sys, *again;
	struct error err = { 0, "" };
	uint8_t byte;

	conf("AB 7-7,100-101 SHARED 100-101\n");
	ck_assert_ptr_null(system_get(ss, "AB", &err)); /* never saved */
	ck_assert_int_eq(err.code, 2 /* ENOENT */);
	save_ab("xy");
	sys = system_get(ss, "AB", &err);
	ck_assert_msg(sys != NULL, "%s", err.text);
	ck_assert_uint_eq(sys->pages, 3);
	ck_assert_uint_eq(sys->registers.psw, UINT64_C(0x0002000000123456));
	ck_assert_uint_eq(sys->registers.gr[15], 0xFFFFFFFF);
	ck_assert_uint_eq(sys->registers.cr[15], 15);
	ck_assert_uint_eq(sys->keys[5], 0x60);
	ck_assert_uint_eq(system_start(sys), 7 * 4096);
	ck_assert_uint_eq(system_end(sys), 102 * 4096 - 1);
	ck_assert_int_eq(pread(sys->fd, &byte, 1, 4095), 1);
	ck_assert_uint_eq(byte, 'x');
	ck_assert_int_eq(pread(sys->fd, &byte, 1, 4096), 1);
	ck_assert_uint_eq(byte, 'y');
	again = system_get(ss, "AB", &err);
	ck_assert_ptr_eq(sys, again); /* one copy for all */
	system_put(ss, again);
	system_put(ss, sys);
}
END_TEST

/* Who has the old image keeps it; who comes later gets the new one. */
START_TEST(saved_again)
{
	struct named_system *old, *fresh;
	struct error err = { 0, "" };
	uint8_t byte;

	conf("AB 7-7,100-101\n");
	save_ab("xy");
	old = system_get(ss, "AB", &err);
	save_ab("zz");
	fresh = system_get(ss, "AB", &err);
	ck_assert(old && fresh && old != fresh);
	ck_assert_int_eq(pread(old->fd, &byte, 1, 0), 1);
	ck_assert_uint_eq(byte, 'x');
	ck_assert_int_eq(pread(fresh->fd, &byte, 1, 0), 1);
	ck_assert_uint_eq(byte, 'z');
	system_put(ss, old);
	system_put(ss, fresh);
}
END_TEST

START_TEST(import)
{
	static uint8_t file[3 * SYSTEM_PAGE];
	struct named_system *sys;
	struct error err = { 0, "" };
	char path[200];

	put_be64(file, UINT64_C(0x000400CA80020128));
	put_be32(file + 8 + 4 * 5, 0x55555555);
	put_be32(file + 0x68 + 4 * 14, 0xC4000000);
	file[0xA8 + 3] = 0xE6;
	file[2 * SYSTEM_PAGE] = 0x77;
	write_file("segment", file, sizeof(file));
	path_of(path, "segment");
	ck_assert_msg(system_import(dir, "imp", path, 16, 2, "17-17", &err), "%s", err.text);
	sys = system_get(ss, "IMP", &err);
	ck_assert_msg(sys != NULL, "%s", err.text);
	ck_assert_uint_eq(sys->registers.psw, UINT64_C(0x000400CA80020128));
	ck_assert_uint_eq(sys->registers.gr[5], 0x55555555);
	ck_assert_uint_eq(sys->registers.cr[14], 0xC4000000);
	ck_assert_uint_eq(sys->keys[3], 0xE6);
	ck_assert_uint_eq(sys->layout.shared[0].first, 17);
	system_put(ss, sys);
	/* What cannot be. */
	ck_assert(!system_import(dir, "IMP", path, 16, 3, "", &err)); /* too short */
	ck_assert(!system_import(dir, "IMP", path, 4095, 2, "", &err));
	ck_assert(!system_import(dir, "IMP", path, 0, 0, "", &err));
	ck_assert(!system_import(dir, "IMP", path, 0, 2, "nonsense", &err));
	ck_assert(!system_import(dir, "../IMP", path, 0, 2, "", &err));
	ck_assert(!system_import(dir, "IMP", "/nonexistent", 0, 2, "", &err));
}
END_TEST

/* Every byte of a header, and every length: refused or read, never more. */
START_TEST(damaged_images)
{
	static uint8_t image[4 * SYSTEM_PAGE];
	struct named_system *sys;
	struct error err;
	char path[200];
	size_t n;
	FILE *f;

	conf("AB 7-7,100-101\n");
	save_ab("xy");
	path_of(path, "systems/AB");
	f = fopen(path, "r");
	n = fread(image, 1, sizeof(image), f);
	fclose(f);
	ck_assert_uint_eq(n, sizeof(image));
	for (size_t at = 0; at < 260; at++)
		for (unsigned bit = 0; bit < 8; bit += 7) {
			image[at] ^= (uint8_t)(1 << bit);
			write_file("systems/AB", image, sizeof(image));
			image[at] ^= (uint8_t)(1 << bit);
			sys = system_get(ss, "AB", &err);
			ck_assert(!sys || sys->pages == 3);
			if (sys)
				system_put(ss, sys);
		}
	for (size_t length = 0; length < sizeof(image); length += 1000) {
		write_file("systems/AB", image, length);
		ck_assert_ptr_null(system_get(ss, "AB", &err));
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("named systems");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, lines_of_the_layout);
	tcase_add_test(tc, save_and_get);
	tcase_add_test(tc, saved_again);
	tcase_add_test(tc, import);
	tcase_add_test(tc, damaged_images);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
