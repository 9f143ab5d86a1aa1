/* Spool files, logical line editing, command words. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cp/args.h"
#include "cp/lineedit.h"
#include "cp/spool.h"
#include "cp/unitrecord.h"
#include "tests/unit/runner.h"

static char path[64];
static struct spool *sp;
static struct error err;

static void setup(void)
{
	snprintf(path, sizeof(path), "/tmp/vm370-spool-XXXXXX");
	close(mkstemp(path));
	sp = spool_open(path, &err);
	ck_assert_msg(sp != NULL, "%s", err.text);
}

static void teardown(void)
{
	char name[80];

	spool_close(sp);
	for (unsigned i = 0; i < 3; i++) {
		static const char *const ends[] = { "", "-wal", "-shm" };

		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
}

static int system_sql(const char *file, const char *sql)
{
	sqlite3 *db;
	int rc = sqlite3_open(file, &db);

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	sqlite3_close(db);
	return rc;
}

/* A reader file for owner of n cards, each filled with its number. */
static unsigned make(const char *owner, char class, unsigned n)
{
	struct spool_file f = { .queue = SPOOL_RDR, .class = class, .copies = 1 };
	struct spool_writer *w = spool_write_begin(sp, &err);
	uint8_t card[80];

	ck_assert_msg(w != NULL, "%s", err.text);
	for (unsigned i = 0; i < n; i++) {
		memset(card, (int)i, sizeof(card));
		ck_assert(spool_write(w, (uint8_t)(i & 0xFF), card, sizeof(card), &err));
	}
	snprintf(f.owner, sizeof(f.owner), "%s", owner);
	ck_assert_msg(spool_write_close(w, &f, &err), "%s", err.text);
	ck_assert_uint_eq(f.records, n);
	return f.id;
}

static unsigned count_cards(struct spool_reader *r)
{
	uint8_t card[SPOOL_RECORD_MAX], op;
	unsigned n = 0;
	size_t length;

	while (spool_read(r, card, &length, &op)) {
		ck_assert_uint_eq(length, 80);
		ck_assert_uint_eq(card[79], n & 0xFF);
		ck_assert_uint_eq(op, n & 0xFF);
		n++;
	}
	return n;
}

START_TEST(a_file_reads_back_whole)
{
	/* More than one chunk. */
	unsigned id = make("ALICE", 'A', 2000);
	struct spool_reader *r = spool_read_next(sp, "ALICE", '*', &err);

	ck_assert_ptr_nonnull(r);
	ck_assert_uint_eq(spool_reader_file(r)->id, id);
	ck_assert_uint_eq(count_cards(r), 2000);
	spool_read_close(r, true);
	ck_assert_ptr_null(spool_read_next(sp, "ALICE", '*', &err));
	ck_assert_str_eq(err.text, "");
}
END_TEST

START_TEST(class_owner_and_hold_decide)
{
	struct spool_file f;
	struct spool_reader *r;
	bool in_use;
	unsigned a = make("ALICE", 'A', 1), b = make("ALICE", 'B', 1);

	make("BOB", 'B', 1);
	r = spool_read_next(sp, "ALICE", 'B', &err);
	ck_assert_uint_eq(spool_reader_file(r)->id, b);
	/* In use: not given out twice, not purged. */
	ck_assert_ptr_null(spool_read_next(sp, "ALICE", 'B', &err));
	ck_assert(!spool_purge(sp, b, &err));
	spool_read_close(r, false);
	ck_assert(spool_find(sp, a, &f, &in_use) && !in_use);
	f.hold = SPOOL_USER_HOLD;
	ck_assert(spool_change(sp, &f, &err));
	r = spool_read_next(sp, "ALICE", '*', &err);
	ck_assert_uint_eq(spool_reader_file(r)->id, b);
	spool_read_close(r, true);
	ck_assert_ptr_null(spool_read_next(sp, "ALICE", '*', &err));
	ck_assert(spool_purge(sp, a, &err));
	ck_assert(!spool_find(sp, a, &f, &in_use));
}
END_TEST

START_TEST(closed_survives_open_does_not)
{
	struct spool_writer *w;
	struct spool_reader *r;
	struct spool_file f;
	bool in_use;
	uint8_t card[80] = { 0 };
	unsigned id = make("ALICE", 'A', 3);

	w = spool_write_begin(sp, &err);
	ck_assert(spool_write(w, 0, card, 80, &err));
	spool_close(sp); /* as a crash would: the writer is never closed */
	free(w);
	sp = spool_open(path, &err);
	ck_assert_msg(sp != NULL, "%s", err.text);
	r = spool_read_next(sp, "ALICE", '*', &err);
	ck_assert_ptr_nonnull(r);
	ck_assert_uint_eq(spool_reader_file(r)->id, id);
	spool_read_close(r, true);
	for (unsigned i = 1; i < 10; i++)
		ck_assert(!spool_find(sp, i, &f, &in_use));
}
END_TEST

START_TEST(a_file_that_is_no_database_is_refused)
{
	FILE *f;

	spool_close(sp);
	f = fopen(path, "w");
	for (int i = 0; i < 1000; i++)
		fputs("this is not a database\n", f);
	fclose(f);
	sp = spool_open(path, &err);
	ck_assert_ptr_null(sp);
	ck_assert_ptr_nonnull(strstr(err.text, path));
}
END_TEST

static enum card_result next(struct unitrecord *ur, uint8_t *card)
{
	size_t length;
	uint8_t op;

	return ur->source.next(&ur->source, card, &length, &op);
}

START_TEST(a_reader_ends_files_as_its_options_say)
{
	struct unitrecord *ur = unitrecord_new(sp, SPOOL_RDR, "ALICE", '*', "ALICE");
	uint8_t card[CARD_RECORD_MAX];

	ck_assert_int_eq(next(ur, card), CARD_EMPTY);
	make("ALICE", 'A', 1);
	make("ALICE", 'A', 1);
	ck_assert_int_eq(next(ur, card), CARD_OK);
	ck_assert_int_eq(next(ur, card), CARD_EOF_INITIAL);
	ck_assert_int_eq(next(ur, card), CARD_OK);
	unitrecord_rewind(ur); /* system reset: the file begins again */
	ck_assert_int_eq(next(ur, card), CARD_OK);
	ur->opt.eof = false;
	ck_assert_int_eq(next(ur, card), CARD_EMPTY);
	make("ALICE", 'A', 1);
	make("ALICE", 'A', 2);
	ur->opt.cont = ur->opt.eof = true;
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(next(ur, card), CARD_OK);
	ck_assert_int_eq(next(ur, card), CARD_EOF_INITIAL);
	ck_assert_int_eq(next(ur, card), CARD_EMPTY);
	unitrecord_free(ur);
}
END_TEST

START_TEST(a_punch_makes_a_file_for_somebody)
{
	struct unitrecord *ur = unitrecord_new(sp, SPOOL_PUN, "ALICE", 'C', "BIN7");
	struct unitrecord_close how = { .name = "DECK", .ftype = "TEXT" };
	struct spool_reader *r;
	uint8_t card[80] = { 0 };

	ck_assert(unitrecord_close(ur, &how, &err));
	ck_assert(!how.closed); /* nothing was punched */
	ck_assert(ur->sink.put(&ur->sink, 0, card, 80));
	snprintf(ur->opt.to, sizeof(ur->opt.to), "BOB");
	ck_assert(unitrecord_close(ur, &how, &err));
	ck_assert(how.closed);
	ck_assert_str_eq(how.file.owner, "BOB");
	ck_assert_str_eq(how.file.origin, "ALICE");
	ck_assert_str_eq(how.file.type, "PUN");
	r = spool_read_next(sp, "BOB", 'C', &err);
	ck_assert_ptr_nonnull(r);
	ck_assert_str_eq(spool_reader_file(r)->name, "DECK");
	ck_assert_uint_eq(count_cards(r), 1);
	spool_read_close(r, true);
	unitrecord_free(ur);
}
END_TEST

/* An output file of that queue, class and owner. */
static unsigned make_output(const char *owner, enum spool_queue queue, char class)
{
	struct spool_file f = { .queue = queue, .class = class, .copies = 1 };
	struct spool_writer *w = spool_write_begin(sp, &err);
	static const uint8_t line[] = { 0xC1 };

	ck_assert(w && spool_write(w, 0x09, line, 1, &err));
	snprintf(f.owner, sizeof(f.owner), "%s", owner);
	snprintf(f.origin, sizeof(f.origin), "%s", owner);
	ck_assert_msg(spool_write_close(w, &f, &err), "%s", err.text);
	return f.id;
}

static unsigned seen[16];
static size_t seen_count;

static void see(void *arg, const struct spool_file *f, bool in_use)
{
	(void)arg;
	(void)in_use;
	ck_assert_uint_lt(seen_count, ARRAY_SIZE(seen));
	seen[seen_count++] = f->id;
}

START_TEST(order_permutes_the_places_of_one_user)
{
	unsigned a1 = make_output("ALICE", SPOOL_PRT, 'A');
	unsigned b1 = make_output("BOB", SPOOL_PRT, 'A');
	unsigned a2 = make_output("ALICE", SPOOL_PRT, 'A');
	unsigned a3 = make_output("ALICE", SPOOL_PRT, 'A');
	const unsigned wanted[] = { a3, a2 }, result[] = { a3, b1, a2, a1 };

	ck_assert(spool_order(sp, SPOOL_PRT, "ALICE", wanted, 2, &err));
	seen_count = 0;
	spool_list(sp, SPOOL_PRT, NULL, see, NULL);
	ck_assert_uint_eq(seen_count, 4);
	ck_assert_mem_eq(seen, result, sizeof(result));
}
END_TEST

START_TEST(a_device_takes_its_classes_in_order)
{
	unsigned a = make_output("ALICE", SPOOL_PRT, 'A');
	unsigned b = make_output("ALICE", SPOOL_PRT, 'B');
	struct spool_reader *r;

	make_output("ALICE", SPOOL_PUN, 'B');
	make_output("ALICE", SPOOL_PRT, 'C');
	r = spool_read_output(sp, SPOOL_PRT, "BA", &err);
	ck_assert_uint_eq(spool_reader_file(r)->id, b);
	spool_read_close(r, true);
	r = spool_read_output(sp, SPOOL_PRT, "BA", &err);
	ck_assert_uint_eq(spool_reader_file(r)->id, a);
	spool_read_close(r, true);
	ck_assert_ptr_null(spool_read_output(sp, SPOOL_PRT, "BA", &err));
	ck_assert_str_eq(err.text, "");
}
END_TEST

START_TEST(a_held_queue_holds_what_comes)
{
	struct spool_file f;
	bool in_use;
	unsigned before = make_output("ALICE", SPOOL_PRT, 'A'), after;

	ck_assert(spool_hold_queue(sp, SPOOL_PRT, "ALICE", true, &err));
	after = make_output("ALICE", SPOOL_PRT, 'A');
	ck_assert(spool_find(sp, before, &f, &in_use) && f.hold == SPOOL_SYS_HOLD);
	ck_assert(spool_find(sp, after, &f, &in_use) && f.hold == SPOOL_SYS_HOLD);
	ck_assert_ptr_null(spool_read_output(sp, SPOOL_PRT, "*", &err));
	ck_assert(spool_hold_queue(sp, SPOOL_PRT, "ALICE", false, &err));
	ck_assert(spool_find(sp, after, &f, &in_use) && f.hold == 0);
}
END_TEST

START_TEST(limits_are_told_and_keep_what_is_there)
{
	const struct spool_limits limits = { .files = 2, .file_bytes = 200 };
	struct unitrecord *ur = unitrecord_new(sp, SPOOL_PUN, "ALICE", 'A', "ALICE");
	uint8_t card[80] = { 0 };
	struct spool_file f;
	bool in_use;

	spool_set_limits(sp, &limits);
	ck_assert(ur->sink.put(&ur->sink, 1, card, 80));
	ck_assert(ur->sink.put(&ur->sink, 1, card, 80));
	ck_assert(!ur->sink.put(&ur->sink, 1, card, 80)); /* closes the file */
	ck_assert_uint_eq(ur->closed, 1);
	ck_assert(spool_find(sp, 1, &f, &in_use) && f.records == 2 && !in_use);
	make_output("ALICE", SPOOL_PRT, 'A');
	ck_assert(!ur->sink.put(&ur->sink, 1, card, 80));
	ck_assert(spool_purge(sp, 1, &err));
	ck_assert(ur->sink.put(&ur->sink, 1, card, 80));
	unitrecord_free(ur);
}
END_TEST

START_TEST(a_spool_of_the_first_version_is_taken_over)
{
	unsigned id = make("ALICE", 'A', 3);
	struct spool_file f;
	bool in_use;

	spool_close(sp);
	ck_assert_int_eq(system_sql(path, "DROP INDEX file_origin;"
					  "ALTER TABLE file DROP COLUMN flash;"
					  "ALTER TABLE file DROP COLUMN chars;"
					  "ALTER TABLE file DROP COLUMN fcb;"
					  "ALTER TABLE file DROP COLUMN modify;"
					  "ALTER TABLE file DROP COLUMN flash_count;"
					  "ALTER TABLE file DROP COLUMN at_once;"
					  "PRAGMA user_version=0;"), 0);
	sp = spool_open(path, &err);
	ck_assert_msg(sp != NULL, "%s", err.text);
	ck_assert(spool_find(sp, id, &f, &in_use) && f.records == 3 && !f.flash[0]);
}
END_TEST

/* ---- logical line editing */

static const struct edit_case {
	const char *typed, *lines[3];
} edit_cases[] = {
	{ "query time", { "query time" } },
	{ "qx@uery", { "query" } },
	{ "wrong\xA2right", { "right" } },
	{ "one#two#three", { "one", "two", "three" } },
	{ "a\"#b", { "a#b" } },
	{ "a\"\"b", { "a\"b" } },
	{ "@@a", { "a" } },
	{ "", { "" } },
	{ "#x", { "", "x" } },
	{ "abc\xA2", { NULL } },
	{ "a@", { NULL } },
	{ "ends in escape\"", { "ends in escape\"" } },
};

START_TEST(lines_are_edited)
{
	static const struct lineedit_symbols vm = { '#', (char)0xA2, '@', '"' };
	const struct edit_case *c = &edit_cases[_i];
	const char *text = c->typed;
	char line[CP_LINE_MAX + 1];
	unsigned n = 0;

	while (text) {
		if (!lineedit_next(&vm, &text, line))
			continue;
		ck_assert_msg(n < 3 && c->lines[n], "%s: one line too many: %s", c->typed, line);
		ck_assert_str_eq(line, c->lines[n]);
		n++;
	}
	ck_assert_msg(n == 3 || !c->lines[n], "%s: a line is missing", c->typed);
}
END_TEST

START_TEST(symbols_can_be_off)
{
	static const struct lineedit_symbols off = { 0 };
	const char *text = "a@b#c\"d\xA2";
	char line[CP_LINE_MAX + 1];

	ck_assert(lineedit_next(&off, &text, line));
	ck_assert_str_eq(line, "a@b#c\"d\xA2");
	ck_assert_ptr_null(text);
}
END_TEST

START_TEST(words_and_rest)
{
	struct args args;

	args_init(&args, "  msg  bob   Good Morning ");
	ck_assert_str_eq(args_peek(&args), "MSG");
	ck_assert_str_eq(args_word(&args), "MSG");
	ck_assert_str_eq(args_word(&args), "BOB");
	ck_assert_str_eq(args_rest(&args), "Good Morning ");
	ck_assert(abbreviates("QU", "QUERY", 1));
	ck_assert(!abbreviates("QUX", "QUERY", 1));
	ck_assert(!abbreviates("LO", "LOGOFF", 3));
	ck_assert(!abbreviates("LOGOFFS", "LOGOFF", 3));
}
END_TEST

START_TEST(the_longest_line_of_words_fits)
{
	char line[CP_LINE_MAX + 1];
	struct args args;
	unsigned n = 0;

	for (size_t i = 0; i < CP_LINE_MAX; i++)
		line[i] = i % 2 ? ' ' : 'x';
	line[CP_LINE_MAX] = '\0';
	args_init(&args, line);
	while (args_peek(&args)) {
		ck_assert_str_eq(args_word(&args), "X");
		n++;
	}
	ck_assert_uint_eq(n, (CP_LINE_MAX + 1) / 2);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("spool and lines");
	TCase *tc = tcase_create("spool");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_file_reads_back_whole);
	tcase_add_test(tc, class_owner_and_hold_decide);
	tcase_add_test(tc, closed_survives_open_does_not);
	tcase_add_test(tc, a_file_that_is_no_database_is_refused);
	tcase_add_test(tc, a_reader_ends_files_as_its_options_say);
	tcase_add_test(tc, a_punch_makes_a_file_for_somebody);
	tcase_add_test(tc, order_permutes_the_places_of_one_user);
	tcase_add_test(tc, a_device_takes_its_classes_in_order);
	tcase_add_test(tc, a_held_queue_holds_what_comes);
	tcase_add_test(tc, limits_are_told_and_keep_what_is_there);
	tcase_add_test(tc, a_spool_of_the_first_version_is_taken_over);
	suite_add_tcase(s, tc);
	tc = tcase_create("lines");
	tcase_add_loop_test(tc, lines_are_edited, 0, sizeof(edit_cases) / sizeof(edit_cases[0]));
	tcase_add_test(tc, symbols_can_be_off);
	tcase_add_test(tc, words_and_rest);
	tcase_add_test(tc, the_longest_line_of_words_fits);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
