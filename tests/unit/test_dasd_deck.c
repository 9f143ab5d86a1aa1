#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dasd/deck.h"
#include "tests/unit/runner.h"

static char path[] = "/tmp/test_dasd_deck.XXXXXX";
static struct error err;

static struct deck *deck_with(const void *bytes, size_t n, struct deck_options o)
{
	FILE *f = fopen(path, "wb");
	struct deck *d;

	ck_assert(f && fwrite(bytes, 1, n, f) == n && fclose(f) == 0);
	d = deck_open(path, &o, &err);
	ck_assert_msg(d != NULL, "%s", err.text);
	return d;
}

/* The card as text, trailing blanks off. */
static const char *text(const uint8_t *card)
{
	static char line[CARD_COLUMNS + 1];
	int n = CARD_COLUMNS;

	ebcdic_to_latin1(&codepage_037, line, card, CARD_COLUMNS);
	while (n > 0 && line[n - 1] == ' ')
		n--;
	line[n] = '\0';
	return line;
}

START_TEST(text_lines_become_cards)
{
	const char lines[] = "// JOB\r\na\tb\n\n  x\t\n\x1Anot this";
	static const char *const want[] = { "// JOB", "a       b", "", "  x" };
	struct deck *d = deck_with(lines, sizeof(lines) - 1, (struct deck_options){ 0 });
	uint8_t card[CARD_COLUMNS];

	ck_assert_int_eq(deck_kind(d), DECK_TEXT);
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(deck_next(d, card, &err), DECK_CARD);
		ck_assert_str_eq(text(card), want[i]);
		ck_assert_uint_eq(card[79], EBCDIC_SPACE);
	}
	ck_assert_int_eq(deck_next(d, card, &err), DECK_END);
	ck_assert_int_eq(deck_next(d, card, &err), DECK_END);
	ck_assert_uint_eq(deck_cards(d), 4);
	deck_close(d);
}
END_TEST

START_TEST(a_last_line_needs_no_line_end)
{
	struct deck *d = deck_with("A\nB", 3, (struct deck_options){ 0 });
	uint8_t card[CARD_COLUMNS];

	ck_assert_int_eq(deck_next(d, card, &err), DECK_CARD);
	ck_assert_int_eq(deck_next(d, card, &err), DECK_CARD);
	ck_assert_str_eq(text(card), "B");
	ck_assert_int_eq(deck_next(d, card, &err), DECK_END);
	deck_close(d);
}
END_TEST

START_TEST(long_lines_are_errors_or_cut)
{
	char lines[200];
	uint8_t card[CARD_COLUMNS];
	struct deck *d;

	memset(lines, 'X', 81);
	memcpy(lines + 81, "\nnext\n", 6);
	d = deck_with(lines, 87, (struct deck_options){ 0 });
	ck_assert_int_eq(deck_next(d, card, &err), DECK_BAD);
	ck_assert_ptr_nonnull(strstr(err.text, "line 1 has more than 80"));
	deck_close(d);
	d = deck_with(lines, 87, (struct deck_options){ .truncate = true });
	ck_assert_int_eq(deck_next(d, card, &err), DECK_CARD);
	ck_assert_uint_eq(strlen(text(card)), 80);
	ck_assert_int_eq(deck_next(d, card, &err), DECK_CARD);
	ck_assert_str_eq(text(card), "next");
	deck_close(d);
	/* Blanks beyond column 80 are nothing. */
	memset(lines, ' ', 90);
	lines[0] = 'Y';
	d = deck_with(lines, 90, (struct deck_options){ 0 });
	ck_assert_int_eq(deck_next(d, card, &err), DECK_CARD);
	deck_close(d);
}
END_TEST

START_TEST(binary_cards_stay_as_they_are)
{
	uint8_t cards[2 * CARD_COLUMNS + 10], card[CARD_COLUMNS];
	struct deck *d;

	for (size_t i = 0; i < sizeof(cards); i++)
		cards[i] = (uint8_t)(i * 7 + 2);
	d = deck_with(cards, sizeof(cards), (struct deck_options){ 0 });
	ck_assert_int_eq(deck_kind(d), DECK_EBCDIC);
	ck_assert_int_eq(deck_next(d, card, &err), DECK_CARD);
	ck_assert_mem_eq(card, cards, CARD_COLUMNS);
	ck_assert_int_eq(deck_next(d, card, &err), DECK_CARD);
	ck_assert_mem_eq(card, cards + CARD_COLUMNS, CARD_COLUMNS);
	ck_assert_int_eq(deck_next(d, card, &err), DECK_BAD);
	ck_assert_ptr_nonnull(strstr(err.text, "card 3 has only 10 bytes"));
	deck_close(d);
	d = deck_with(cards, sizeof(cards), (struct deck_options){ .pad = true });
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(deck_next(d, card, &err), DECK_CARD);
	ck_assert_mem_eq(card, cards + 2 * CARD_COLUMNS, 10);
	ck_assert_uint_eq(card[10], EBCDIC_SPACE);
	ck_assert_int_eq(deck_next(d, card, &err), DECK_END);
	deck_close(d);
}
END_TEST

START_TEST(an_empty_file_is_an_empty_deck)
{
	uint8_t card[CARD_COLUMNS];
	struct deck *d = deck_with("", 0, (struct deck_options){ 0 });

	ck_assert_int_eq(deck_next(d, card, &err), DECK_END);
	deck_close(d);
	ck_assert_ptr_null(deck_open("/nowhere/at/all", NULL, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "/nowhere/at/all"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("deck");
	TCase *tc = tcase_create("deck");
	int fd = mkstemp(path);
	int rc;

	if (fd < 0)
		return 2;
	close(fd);
	tcase_add_test(tc, text_lines_become_cards);
	tcase_add_test(tc, a_last_line_needs_no_line_end);
	tcase_add_test(tc, long_lines_are_errors_or_cut);
	tcase_add_test(tc, binary_cards_stay_as_they_are);
	tcase_add_test(tc, an_empty_file_is_an_empty_deck);
	suite_add_tcase(s, tc);
	rc = run_suite(s);
	unlink(path);
	return rc;
}
