/* Minidisks that lie on each other. */
#include <stdio.h>
#include <string.h>

#include "cp/directory.h"
#include "cp/extents.h"
#include "tests/unit/runner.h"

static char said[2000];

static void note(void *arg, const char *sentence)
{
	(void)arg;
	strncat(said, sentence, sizeof(said) - strlen(said) - 2);
	strcat(said, "\n");
}

static unsigned check(const char *text)
{
	struct directory *dir = directory_parse("D", text, strlen(text), note, NULL);
	unsigned n;

	said[0] = '\0';
	ck_assert_ptr_nonnull(dir);
	n = extents_check(dir, NULL, note, NULL);
	directory_put(dir);
	return n;
}

#define USER(name) "USER " name " " name " 1M 1M G\n CONSOLE 009 3215\n"

static const struct {
	const char *what, *text;
	unsigned said;
} cases[] = {
	{ "side by side", USER("A") " MDISK 191 3350 010 010 V1\n MDISK 192 3350 020 010 V1\n", 0 },
	{ "one cylinder", USER("A") " MDISK 191 3350 010 011 V1\n MDISK 192 3350 020 010 V1\n", 1 },
	{ "other volume", USER("A") " MDISK 191 3350 010 011 V1\n MDISK 192 3350 020 010 V2\n", 0 },
	{ "two users", USER("A") " MDISK 191 3350 010 010 V1\n"
	  USER("B") " MDISK 191 3350 010 010 V1\n", 1 },
	{ "inside", USER("A") " MDISK 191 3350 010 090 V1\n MDISK 192 3350 020 001 V1\n"
	  " MDISK 193 3350 050 001 V1\n MDISK 194 3350 100 001 V1\n", 2 },
	{ "full pack", USER("A") " MDISK 123 3350 000 555 V1\n MDISK 192 3350 020 010 V1\n", 0 },
	{ "full pack of a 3330", USER("A") " MDISK 123 3330 000 403 V1\n"
	  " MDISK 192 3330 020 010 V1\n", 0 },
	{ "T-disks", USER("A") " MDISK 191 3350 T-DISK 005\n MDISK 192 3350 T-DISK 005\n", 0 },
	{ "none", USER("A"), 0 },
};

START_TEST(overlaps)
{
	unsigned n = check(cases[_i].text);

	ck_assert_msg(n == cases[_i].said, "%s: %u\n%s", cases[_i].what, n, said);
}
END_TEST

START_TEST(the_sentence)
{
	check(USER("ANNA") " MDISK 191 3350 010 010 V1\n"
	      USER("BERT") " MDISK 19A 3350 015 020 V1\n");
	ck_assert_str_eq(said, "line 6: MDISK 19A of BERT, V1 cylinders 15-34, lies on MDISK "
			       "191 of ANNA, cylinders 10-19, line 3\n");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("extents");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, overlaps, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tc, the_sentence);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
