/* lines.conf: which lines it makes, what it is told that is wrong, reading it again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cp/sysline.h"
#include "tests/unit/runner.h"

static char dir[] = "/tmp/vm370-lines-XXXXXX", path[64], said[2000];
static struct syslines *lines;

static void note(void *arg, const char *sentence)
{
	(void)arg;
	strncat(said, sentence, sizeof(said) - strlen(said) - 2);
	strcat(said, "\n");
}

static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	said[0] = '\0';
}

static void set_up(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/lines.conf", dir);
	lines = NULL;
}

static void tear_down(void)
{
	syslines_free(lines);
	unlink(path);
	rmdir(dir);
}

static void read_text(const char *text)
{
	write_file(text);
	lines = syslines_new(dir, note, NULL);
}

START_TEST(without_a_file_there_are_none)
{
	lines = syslines_new(dir, note, NULL);
	ck_assert_ptr_null(syslines_first(lines));
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(the_lines_in_order)
{
	struct sysline *l;

	read_text("* a comment\n# another\n\n"
		  "7fF 2701 lport=0 dial=in lnctl=ibm1 term=2741\n"
		  "  0b8\t2703 lport=3780 dial=in lnctl=tele2\r\n"
		  "b9 2702 dial=out");
	ck_assert_str_eq(said, "");
	l = syslines_first(lines);
	ck_assert_uint_eq(l->raddr, 0xB8);
	ck_assert_str_eq(l->type, "2703");
	ck_assert_int_eq(l->count, 3);
	ck_assert_str_eq(l->word[2], "lnctl=tele2");
	ck_assert(sysline_online(l));
	ck_assert_uint_eq(l->next->raddr, 0xB9);
	ck_assert_ptr_eq(sysline_at(lines, 0x7FF), l->next->next);
	ck_assert_ptr_null(l->next->next->next);
	ck_assert_ptr_null(sysline_at(lines, 0xBA));
}
END_TEST

static const struct {
	const char *text, *said;
} wrong[] = {
	{ "0B8\n", "expected: RADDR 2703" },
	{ "0B8 3420 tape\n", "expected: RADDR 2703" },
	{ "000 2703 dial=out\n", "'000' is no address" },
	{ "00D 2703 dial=out\n", "'00D' is no address" },
	{ "130 2703 dial=out\n", "'130' is no address" },
	{ "580 2703 dial=out\n", "'580' is no address" },
	{ "800 2703 dial=out\n", "'800' is no address" },
	{ "0B8x 2703 dial=out\n", "'0B8x' is no address" },
	{ "-B8 2703 dial=out\n", "'-B8' is no address" },
	{ "000B8 2703 dial=out\n", "'000B8' is no address" },
	{ "0B8 2703 dial=in\n", "lport= is missing" },
	{ "0B8 2703 dial=no lport=0\n", "rhost= and rport=" },
	{ "0B8 2703 dial\n", "'dial' is not KEY=VALUE" },
	{ "0B8 2703 dial=out color=red\n", "color=" },
	{ "0B8 2703 cable=yes\n", "cable=yes is not for a line of the system" },
	{ "0B8 2703 dial=out\nB8 2703 dial=out\n", ":2: there is a line 0B8 already" },
	{ "0B8 2703 dial=in lport=4000\n0B9 2703 dial=in lport=4000\n",
	  ":2: lport=4000 is that of line 0B8 already" },
	{ "0B8 2703 dial=in lport=4000 lhost=127.0.0.1\n0B9 2703 dial=in lport=4000\n",
	  "lport=4000 is that of line 0B8 already" },
};

START_TEST(what_is_wrong)
{
	read_text(wrong[_i].text);
	ck_assert_msg(strstr(said, wrong[_i].said) != NULL, "%s: %s", wrong[_i].text, said);
	ck_assert_msg(strchr(said, '\n') == said + strlen(said) - 1, "%s", said);
}
END_TEST

START_TEST(ports_of_two_addresses)
{
	read_text("0B8 2703 dial=in lport=4000 lhost=127.0.0.1\n"
		  "0B9 2703 dial=in lport=4000 lhost=127.0.0.2\n"
		  "0BA 2703 dial=in lport=0\n0BB 2703 dial=in lport=0\n");
	ck_assert_str_eq(said, "");
	ck_assert_ptr_nonnull(sysline_at(lines, 0xBB));
}
END_TEST

START_TEST(lines_of_nje)
{
	read_text("600 TCPNJE 2703 lnode=HERE rnode=THERE lport=4000\n"
		  "601 TCPNJE lnode=HERE rnode=FAR lport=4000 rhost=127.0.0.1\n"
		  "602 TCPNJE lnode=HERE\n"
		  "603 2703 dial=in lport=4000\n");
	ck_assert_ptr_nonnull(sysline_at(lines, 0x601));
	ck_assert_str_eq(sysline_at(lines, 0x600)->type, "TCPNJE");
	ck_assert_ptr_null(sysline_at(lines, 0x602));
	ck_assert_ptr_null(sysline_at(lines, 0x603));
	ck_assert_ptr_nonnull(strstr(said, ":3: "));
	ck_assert_ptr_nonnull(strstr(said, ":4: lport=4000 is that of line 600 already"));
}
END_TEST

START_TEST(too_long_and_too_many)
{
	char text[3000] = "0B8 2703 dial=out ";

	memset(text + strlen(text), 'x', 2000);
	read_text(text);
	ck_assert_ptr_nonnull(strstr(said, "the line is too long"));
	syslines_free(lines);
	strcpy(text, "0B8 2703");
	for (int i = 0; i < SYSLINE_WORDS + 1; i++)
		strcat(text, " dial=out");
	read_text(text);
	ck_assert_ptr_nonnull(strstr(said, "more than"));
	ck_assert_ptr_null(syslines_first(lines));
}
END_TEST

START_TEST(a_host_that_is_not_there)
{
	read_text("0B8 2703 dial=no lport=0 rhost=.. rport=1\n"
		  "0B9 2703 dial=no lport=0 rhost=127.0.0.1 rport=1 lhost=*\n");
	ck_assert_ptr_nonnull(strstr(said, "line 0B8 is offline"));
	ck_assert(!sysline_online(sysline_at(lines, 0xB8)));
	ck_assert(sysline_online(sysline_at(lines, 0xB9)));
	ck_assert_str_eq(sysline_at(lines, 0xB9)->word[2], "rhost=127.0.0.1");
	write_file("0B8 2703 dial=no lport=0 rhost=127.0.0.1 rport=1\n");
	syslines_read(lines);
	ck_assert(sysline_online(sysline_at(lines, 0xB8)));
}
END_TEST

START_TEST(read_again)
{
	struct sysline *used;

	read_text("0B8 2703 dial=in lport=4000\n0B9 2703 dial=out\n0BA 2703 dial=out\n");
	used = sysline_at(lines, 0xB8);
	used->user = (struct vmblok *)lines; /* somebody */
	sysline_at(lines, 0xBA)->offline = true;
	write_file("0B8 2703 dial=in lport=5000\n0BA 2703 dial=in lport=0\n0BB 2703 dial=out\n");
	syslines_read(lines);
	ck_assert_str_eq(said, "");
	ck_assert_ptr_eq(sysline_at(lines, 0xB8), used);
	ck_assert_str_eq(used->word[1], "lport=4000");
	ck_assert_ptr_null(sysline_at(lines, 0xB9));
	ck_assert_str_eq(sysline_at(lines, 0xBA)->word[0], "dial=in");
	ck_assert(sysline_at(lines, 0xBA)->offline);
	ck_assert_ptr_nonnull(sysline_at(lines, 0xBB));
	sysline_release(used);
	syslines_read(lines);
	ck_assert_str_eq(sysline_at(lines, 0xB8)->word[1], "lport=5000");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cp_sysline");
	TCase *t = tcase_create("lines.conf");

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, without_a_file_there_are_none);
	tcase_add_test(t, the_lines_in_order);
	tcase_add_loop_test(t, what_is_wrong, 0, (int)(sizeof(wrong) / sizeof(wrong[0])));
	tcase_add_test(t, ports_of_two_addresses);
	tcase_add_test(t, lines_of_nje);
	tcase_add_test(t, too_long_and_too_many);
	tcase_add_test(t, a_host_that_is_not_there);
	tcase_add_test(t, read_again);
	return run_suite(s);
}
