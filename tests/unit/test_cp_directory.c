/* The directory parser: what it accepts, and how it complains. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cp/directory.h"
#include "cp/password.h"
#include "tests/unit/runner.h"

struct complaints {
	unsigned count;
	char first[400], all[4000];
};

static void note(void *arg, const char *sentence)
{
	struct complaints *c = arg;

	if (c->count++ == 0)
		snprintf(c->first, sizeof(c->first), "%s", sentence);
	strncat(c->all, sentence, sizeof(c->all) - strlen(c->all) - 1);
}

static struct directory *parse(const char *text, struct complaints *c)
{
	memset(c, 0, sizeof(*c));
	return directory_parse("D", text, strlen(text), note, c);
}

#define MANY 3000

START_TEST(finds_users_among_many)
{
	char *text = malloc(MANY * 32), *at = text, name[9];
	struct directory *dir;

	ck_assert_ptr_nonnull(text);
	for (unsigned n = 0; n < MANY; n++)
		at += sprintf(at, "USER U%05u P%05u\n", n, n);
	dir = directory_parse("D", text, (size_t)(at - text), NULL, NULL);
	ck_assert_ptr_nonnull(dir);
	for (unsigned n = 0; n < MANY; n++) {
		snprintf(name, sizeof(name), "U%05u", n);
		ck_assert_str_eq(directory_find(dir, name)->userid, name);
	}
	ck_assert_ptr_null(directory_find(dir, "U03000"));
	directory_put(dir);
	free(text);
}
END_TEST

START_TEST(a_user_with_everything)
{
	static const char text[] =
		"DIRECTORY 1F8 3330 VMSYS1\n"
		"* comment\n"
		"user alice secret 512K 2M ABG 10 ! OFF 7C \"\n"
		" account 1234 bin7\n"
		" OPT REAL ECM BMX CPUID 012345\n"
		" IPL CMS PARM AUTOCR\n"
		" CONSOLE 009 3215 T OPERATOR\n"
		" S 00C 2540 READER *\n"
		" S 00D 2540 P\n"
		" S 00E 1403 X\n"
		" LINK MAINT 190 190 RR\n"
		" M 191 3330 012 005 USERD1 MR READ WRITE MULT\n"
		" MDISK 192 3350 T-DISK 3\n"
		" DEDICATE 181 281\n"
		" DED 330 VOLID MVSRES R/O\n"
		" SPECIAL 300 CTCA\n";
	struct complaints c;
	struct directory *d = parse(text, &c);
	const struct directory_user *u;
	const struct directory_entry *e;

	ck_assert_msg(d != NULL, "%s", c.all);
	u = directory_find(d, "ALICE");
	ck_assert_ptr_nonnull(u);
	ck_assert_uint_eq(u->storage, 512 * 1024);
	ck_assert_uint_eq(u->max_storage, 2 * 1024 * 1024);
	ck_assert_uint_eq(u->classes, 0x80 | 0x40 | 0x02);
	ck_assert_uint_eq(u->priority, 10);
	ck_assert_int_eq(u->linend, '!');
	ck_assert_int_eq(u->linedel, 0);
	ck_assert_int_eq(u->chardel, 0x7C);
	ck_assert_str_eq(u->account, "1234");
	ck_assert_str_eq(u->distcode, "BIN7");
	ck_assert_uint_eq(u->options, OPTION_REALTIMER | OPTION_ECMODE | OPTION_BMX);
	ck_assert_uint_eq(u->cpuid, 0x012345);
	ck_assert_str_eq(u->ipl, "CMS");
	ck_assert_str_eq(u->ipl_parm, "AUTOCR");
	e = u->devices;
	ck_assert_uint_eq(e->vaddr, 0x009);
	ck_assert_str_eq(e->userid, "OPERATOR");
	e = e->next;
	ck_assert_str_eq(e->type, "2540R");
	ck_assert_int_eq(e->class, '*');
	e = e->next;
	ck_assert_str_eq(e->type, "2540P");
	ck_assert_int_eq(e->class, 'A');
	e = e->next->next;
	ck_assert_str_eq(e->mode, "RR");
	e = e->next;
	ck_assert_uint_eq(e->cylinder, 12);
	ck_assert_uint_eq(e->cylinders, 5);
	ck_assert_str_eq(e->volid, "USERD1");
	ck_assert_str_eq(e->password[2].plain, "MULT");
	e = e->next;
	ck_assert(e->temporary);
	e = e->next;
	ck_assert_uint_eq(e->raddr, 0x281);
	e = e->next;
	ck_assert(e->by_volid && e->read_only);
	ck_assert_str_eq(e->volid, "MVSRES");
	ck_assert(password_is(&u->password, "SECRET"));
	directory_put(d);
}
END_TEST

/* One bad record each; the complaint names the line and the thing. */
static const struct bad_case {
	const char *text, *expected;
} bad_cases[] = {
	{ "HELLO", "D:1: invalid operand - HELLO: no such statement" },
	{ "SPOOL 00C 2501", "D:1: statement sequence error: SPOOL before any USER" },
	{ "USER", "D:1: USER userid: operand missing" },
	{ "USER A", "D:1: USER password: operand missing" },
	{ "USER TOOLONGID P", "D:1: invalid operand - TOOLONGID: USER userid has at most 8" },
	{ "USER A B 17M", "D:1: invalid operand - 17M: storage is 8K to 16M" },
	{ "USER A B 4K", "D:1: invalid operand - 4K: storage is 8K to 16M" },
	{ "USER A B 512", "D:1: invalid operand - 512: storage is 8K to 16M" },
	{ "USER A B 1M 1M GZ", "D:1: invalid operand - GZ: classes are letters A to H" },
	{ "USER A B 1M 1M G 0", "D:1: invalid operand - 0: priority is 1 to 99" },
	{ "USER A B\n CONSOLE 9999 3215", "D:2: invalid operand - 9999: a device address" },
	{ "USER A B\n CONSOLE 00G 3215", "D:2: invalid operand - 00G: a device address" },
	{ "USER A B\n CONSOLE 009 1403", "D:2: invalid operand - 1403: not a device type" },
	{ "USER A B\n SPOOL 00C 2540", "D:2: SPOOL 2540: READER or PUNCH expected" },
	{ "USER A B\n SPOOL 00E 1403 AB", "D:2: invalid operand - AB: a class is one letter" },
	{ "USER A B\n SPOOL 00E 1403\n ACCOUNT X", "D:3: statement sequence error following USER A" },
	{ "USER A B\n OPTION FLY", "D:2: invalid operand - FLY: no such option" },
	{ "USER A TOOLONGAWORD", "D:1: USER password has at most 8 characters" },
	{ "USER A B\n OPTION YROFFSET", "D:2: OPTION YROFFSET: operand missing or invalid" },
	{ "USER A B\n OPTION YROFFSET 143", "D:2: OPTION YROFFSET: operand missing or invalid" },
	{ "USER A B\n OPTION YROFFSET --1", "D:2: OPTION YROFFSET: operand missing or invalid" },
	{ "USER A B\n OPTION MAXCONN 0", "D:2: OPTION MAXCONN: operand missing or invalid" },
	{ "USER A B\n IUCV", "D:2: IUCV userid: operand missing" },
	{ "USER A B\n IUCV ANY MSGLIMIT 256",
	  "D:2: invalid operand - MSGLIMIT: PRIORITY or MSGLIMIT 1 to 255" },
	{ "USER A B\n OPTION CPUID XYZ", "D:2: OPTION CPUID: operand missing or invalid" },
	{ "USER A B\n MDISK 191 3330 XX 5 VOL", "D:2: MDISK 191: first cylinder missing" },
	{ "USER A B\n MDISK 191 3330 5 0 VOL", "D:2: MDISK 191: number of cylinders missing" },
	{ "USER A B\n MDISK 191 3330 5 5 VOL QQ", "D:2: invalid operand - QQ: not an access mode" },
	{ "USER A B\n LINK X 190 190 ZZ", "D:2: invalid operand - ZZ: not an access mode" },
	{ "USER A B\n SPOOL 00C 2501\n SPOOL 00C 1403",
	  "D:3: USER A: duplicate unit definition: 00C, first at line 2" },
	{ "USER A B\nUSER A C", "D:2: USER A: duplicate userid, first at line 1" },
	{ "USER A B\nDIRECTORY 123 3330 V", "D:2: statement sequence error: DIRECTORY" },
};

START_TEST(bad_records_are_named)
{
	const struct bad_case *b = &bad_cases[_i];
	struct complaints c;
	struct directory *d = parse(b->text, &c);

	ck_assert_msg(!d, "%s: accepted", b->text);
	ck_assert_msg(strncmp(c.first, b->expected, strlen(b->expected)) == 0, "%s: %s",
		      b->text, c.first);
}
END_TEST

START_TEST(all_errors_are_found)
{
	struct complaints c;

	ck_assert_ptr_null(parse("USER A B\n BAD\n WORSE\nUSER C\n", &c));
	ck_assert_uint_eq(c.count, 3);
}
END_TEST

START_TEST(columns_72_up_are_not_read)
{
	char text[200];
	struct complaints c;
	struct directory *d;

	snprintf(text, sizeof(text), "%-71sSEQ00010\n", "USER A B 1M");
	d = parse(text, &c);
	ck_assert_msg(d != NULL, "%s", c.all);
	directory_put(d);
}
END_TEST

START_TEST(a_binary_file_is_refused)
{
	static const char text[] = "USER A B\0\0\0\n";
	struct complaints c = { 0 };

	ck_assert_ptr_null(directory_parse("D", text, sizeof(text) - 1, note, &c));
	ck_assert_ptr_nonnull(strstr(c.all, "not a text file"));
}
END_TEST

START_TEST(storage_sizes_round_up_to_4k)
{
	ck_assert_uint_eq(directory_storage_size("9K"), 12 * 1024);
	ck_assert_uint_eq(directory_storage_size("16M"), 16 << 20);
	ck_assert_uint_eq(directory_storage_size("16384K"), 16 << 20);
	ck_assert_uint_eq(directory_storage_size("16385K"), 0);
	ck_assert_uint_eq(directory_storage_size("M"), 0);
	ck_assert_uint_eq(directory_storage_size("-1K"), 0);
	ck_assert_uint_eq(directory_storage_size("99999999999999K"), 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("directory");
	TCase *tc = tcase_create("directory");

	tcase_add_test(tc, finds_users_among_many);
	tcase_add_test(tc, a_user_with_everything);
	tcase_add_loop_test(tc, bad_records_are_named, 0,
			    sizeof(bad_cases) / sizeof(bad_cases[0]));
	tcase_add_test(tc, all_errors_are_found);
	tcase_add_test(tc, columns_72_up_are_not_read);
	tcase_add_test(tc, a_binary_file_is_refused);
	tcase_add_test(tc, storage_sizes_round_up_to_4k);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
