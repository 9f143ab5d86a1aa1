/*
 * Hashing passwords and making them stars in a source that an editor writes meanwhile.
 *
 * There is no chance in it: this program stands in for the C library's calls by which
 * cp/ works on the files, and lets the editor act in front of each of them in turn.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "consoles/loop.h"
#include "cp/directory.h"
#include "cp/password.h"
#include "tests/unit/runner.h"

/* ---- the calls */

static void (*editor)(unsigned step); /* NULL: nobody edits */
static unsigned steps;
static bool no_leases; /* as on a file system that has none */

static void step(void)
{
	void (*acts)(unsigned) = editor;
	int error = errno;

	if (!acts)
		return;
	editor = NULL; /* its own calls are no steps */
	acts(steps++);
	editor = acts;
	errno = error;
}

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, name))

int fsync(int fd)
{
	step();
	return REAL("fsync", int (*)(int))(fd);
}

int rename(const char *from, const char *to)
{
	step();
	return REAL("rename", int (*)(const char *, const char *))(from, to);
}

ssize_t pread(int fd, void *to, size_t n, off_t at)
{
	step();
	return REAL("pread", ssize_t(*)(int, void *, size_t, off_t))(fd, to, n, at);
}

ssize_t pwrite(int fd, const void *from, size_t n, off_t at)
{
	step();
	return REAL("pwrite", ssize_t(*)(int, const void *, size_t, off_t))(fd, from, n, at);
}

int fcntl(int fd, int command, ...)
{
	va_list list;
	long arg;

	va_start(list, command);
	arg = va_arg(list, long);
	va_end(list);
	step();
	if (command == F_SETLEASE && no_leases) {
		errno = EINVAL;
		return -1;
	}
	return REAL("fcntl", int (*)(int, int, ...))(fd, command, arg);
}

/* ---- a data directory */

static const char before[] = "* users\n"
			     "USER ANNA SECRET01 1M 2M G\n"
			     " MDISK 191 3330 1 5 VOL001 MR READPASS\n"
			     "USER BERT SECRET02 1M\n";
static const char after[] = "* users\n"
			    "USER ANNA SECRET01 1M 2M G\n"
			    " MDISK 191 3330 1 5 VOL001 MR READPASS\n"
			    "USER BERT SECRET02 1M\n"
			    "* an evening's work\n"
			    "USER CORA NEWWORD 1M\n";

static char dir[64], source[96], fresh[104];

static void write_all(int fd, const char *text)
{
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	write_all(fd, text);
	close(fd);
}

static void read_file(const char *path, char *out, size_t max)
{
	int fd = open(path, O_RDONLY);
	ssize_t n;

	ck_assert_int_ge(fd, 0);
	n = read(fd, out, max - 1);
	ck_assert_int_ge(n, 0);
	out[n] = '\0';
	close(fd);
}

static void make_dir(void)
{
	snprintf(dir, sizeof(dir), "/tmp/test_password.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(source, sizeof(source), "%s/user.direct", dir);
	snprintf(fresh, sizeof(fresh), "%s.mine", source);
	write_file(source, before);
}

static void remove_dir(void)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/passwords", dir);
	(void)unlink(path);
	unlink(source);
	ck_assert_msg(rmdir(dir) == 0, "something is left in %s", dir);
}

/* ---- CP */

static struct loop *loop;
static struct directory *directory;
static struct passwords *passwords;

static void count_plain(void *arg, const struct directory_user *u,
			const struct directory_entry *e, unsigned kind,
			struct directory_secret *s)
{
	(void)u, (void)e, (void)kind;
	*(unsigned *)arg += s->plain[0] != '\0';
}

static void complain(void *arg, const char *sentence)
{
	(void)arg;
	ck_abort_msg("%s", sentence);
}

static unsigned plain(void)
{
	unsigned n = 0;

	directory_secrets(directory, count_plain, &n);
	return n;
}

static void take(void)
{
	directory_put(directory);
	directory = directory_read(source, complain, NULL);
	ck_assert_ptr_nonnull(directory);
	passwords_take(passwords, directory, complain, NULL);
	while (plain())
		loop_turn(loop, -1);
}

static void tried(void *arg, bool right, unsigned wrong)
{
	(void)wrong;
	*(int *)arg = right;
}

static bool is_right(const char *userid, const char *password)
{
	int right = -1;

	password_try(passwords, &directory_find(directory, userid)->password, userid, password,
		     tried, &right);
	while (right < 0)
		loop_turn(loop, -1);
	return right;
}

static void start(void)
{
	struct error err;

	loop = loop_new(&err);
	ck_assert_ptr_nonnull(loop);
	passwords = passwords_new(dir, source, loop);
	directory = NULL;
}

static void end(void)
{
	passwords_free(passwords);
	directory_put(directory);
	loop_free(loop);
}

/* Stars do not matter: those words as CP would have written them. */
static void star(char *text)
{
	static const char *const words[] = { "SECRET01", "SECRET02", "READPASS", "NEWWORD" };
	char *at;

	for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++)
		while ((at = strstr(text, words[i]))) {
			memset(at, ' ', strlen(words[i]));
			*at = '*';
		}
}

static void assert_work_is_there(const char *how, unsigned at)
{
	char text[1000], wanted[1000];

	read_file(source, text, sizeof(text));
	ck_assert_msg(strstr(text, "NEWWORD") != NULL, "%s at %u: it says\n%s", how, at, text);
	star(text);
	snprintf(wanted, sizeof(wanted), "%s", after);
	star(wanted);
	ck_assert_msg(strcmp(text, wanted) == 0, "%s at %u: it says\n%s", how, at, text);
}

static void assert_no_word_is_left(void)
{
	char text[1000], starred[1000];

	read_file(source, text, sizeof(text));
	snprintf(starred, sizeof(starred), "%s", text);
	star(starred);
	ck_assert_str_eq(text, starred);
}

/* ---- editors */

static unsigned opens_at, writes_at;
static int editing = -1;
static bool waits; /* for CP, in open() */
static unsigned waited;

/* One that writes a new file and renames it. */
static void renames(unsigned at)
{
	if (at != opens_at)
		return;
	write_file(fresh, after);
	ck_assert_int_eq(rename(fresh, source), 0);
}

/* One that writes into the file: it has it open for a while, empty. */
static void overwrites(unsigned at)
{
	if (at == opens_at) {
		editing = open(source, O_WRONLY | O_TRUNC | O_NONBLOCK);
		waits = editing < 0 && errno == EWOULDBLOCK;
		waited += waits;
		ck_assert(editing >= 0 || waits);
	}
	if (at == writes_at && editing >= 0) {
		write_all(editing, after);
		close(editing);
		editing = -1;
	}
}

/* The file that it opened, if it had to wait, is the one that CP was at work on. */
static void finishes(void)
{
	if (waits)
		editing = open(source, O_WRONLY | O_TRUNC);
	if (editing >= 0) {
		write_all(editing, after);
		close(editing);
	}
	editing = -1;
	waits = false;
}

static unsigned steps_with(void (*edit)(unsigned step))
{
	make_dir();
	start();
	steps = 0;
	editor = edit;
	take();
	editor = NULL;
	finishes();
	return steps;
}

static void nothing(unsigned at)
{
	(void)at;
}

static unsigned all_steps(void)
{
	unsigned n = steps_with(nothing);

	end();
	remove_dir();
	ck_assert_uint_ge(n, 3);
	return n;
}

/* ---- cases */

START_TEST(words_become_stars)
{
	char text[1000], now[1000];
	struct stat st, then;

	make_dir();
	ck_assert_int_eq(chmod(source, 0640), 0);
	ck_assert_int_eq(stat(source, &then), 0);
	start();
	take();
	read_file(source, text, sizeof(text));
	snprintf(now, sizeof(now), "%s", before);
	star(now);
	ck_assert_str_eq(text, now);
	ck_assert_int_eq(stat(source, &st), 0);
	ck_assert_uint_eq(st.st_mode, then.st_mode);
	ck_assert_uint_eq(st.st_ino, then.st_ino); /* links to it stay links */
	ck_assert(is_right("ANNA", "SECRET01"));
	ck_assert(!is_right("ANNA", "SECRET02"));
	end();
	remove_dir();
}
END_TEST

/* As long as it is not hashed. */
START_TEST(plain_passwords_are_compared)
{
	make_dir();
	start();
	directory = directory_read(source, complain, NULL);
	ck_assert(is_right("ANNA", "SECRET01"));
	ck_assert(!is_right("ANNA", "SECRET0"));
	ck_assert(!is_right("BERT", "SECRET021"));
	end();
	remove_dir();
}
END_TEST

START_TEST(an_editor_renames)
{
	unsigned n = all_steps();

	for (opens_at = 0; opens_at < n; opens_at++) {
		(void)steps_with(renames);
		assert_work_is_there("a file renamed", opens_at);
		end();
		assert_work_is_there("a file renamed, at the end", opens_at);
		remove_dir();
	}
}
END_TEST

START_TEST(an_editor_overwrites)
{
	unsigned n = all_steps();

	for (opens_at = 0; opens_at < n; opens_at++)
		for (writes_at = opens_at; writes_at <= n; writes_at++) {
			(void)steps_with(overwrites);
			assert_work_is_there("overwritten", opens_at * 100 + writes_at);
			end();
			assert_work_is_there("overwritten, at the end",
					     opens_at * 100 + writes_at);
			remove_dir();
		}
	ck_assert_uint_gt(waited, 0);
}
END_TEST

/* The directory is taken while somebody has the source open, who is returned. */
static int taken_while_read(void)
{
	int reader;

	make_dir();
	reader = open(source, O_RDONLY);
	ck_assert_int_ge(reader, 0);
	start();
	take();
	return reader;
}

/* Whoever reads the file keeps the words in it only as long as he has it open. */
START_TEST(a_reader_delays_the_stars)
{
	char text[1000];
	int reader = taken_while_read();

	read_file(source, text, sizeof(text));
	ck_assert_str_eq(text, before);
	close(reader);
	do {
		loop_turn(loop, -1);
		read_file(source, text, sizeof(text));
	} while (strcmp(text, before) == 0);
	assert_no_word_is_left();
	end();
	remove_dir();
}
END_TEST

START_TEST(the_end_makes_stars_that_waited)
{
	int reader = taken_while_read();

	close(reader);
	end();
	assert_no_word_is_left();
	remove_dir();
}
END_TEST

START_TEST(a_new_directory_while_stars_wait)
{
	int reader = taken_while_read();

	close(reader);
	write_file(source, after);
	take();
	assert_no_word_is_left();
	end();
	remove_dir();
}
END_TEST

START_TEST(without_leases_the_source_is_left_alone)
{
	char text[1000];

	make_dir();
	no_leases = true;
	start();
	take();
	end();
	no_leases = false;
	read_file(source, text, sizeof(text));
	ck_assert_str_eq(text, before);
	remove_dir();
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("password");
	TCase *tc = tcase_create("source");

	tcase_add_test(tc, words_become_stars);
	tcase_add_test(tc, plain_passwords_are_compared);
	tcase_add_test(tc, an_editor_renames);
	tcase_add_test(tc, an_editor_overwrites);
	tcase_add_test(tc, a_reader_delays_the_stars);
	tcase_add_test(tc, the_end_makes_stars_that_waited);
	tcase_add_test(tc, a_new_directory_while_stars_wait);
	tcase_add_test(tc, without_leases_the_source_is_left_alone);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
