/*
 * asm370 and link370 together: decks that are linked, the loader of IPL decks
 * against its source, and instructions that the disassembler wrote.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/ebcdic.h"
#include "cms/toolchain/asm370/asm370.h"
#include "cms/toolchain/asm370/library.h"
#include "cms/toolchain/asm370/update.h"
#include "cms/toolchain/link370/link.h"
#include "cpu370/disasm.h"
#include "cpu370/opcodes.h"
#include "tests/unit/runner.h"

static void assemble(const char *text, struct asm370_result *r)
{
	struct asm370_options options;
	struct asm370_source source = { "test", text, strlen(text), ASM370_LINES };

	asm370_defaults(&options);
	options.list = false;
	ck_assert(asm370_assemble(&source, &options, r));
}

/* Assemble and load; the deck may go then. */
static void load(struct link370 *link, const char *name, const char *text)
{
	struct asm370_result r;
	struct error err = { 0, "" };

	assemble(text, &r);
	ck_assert_msg(r.severity == 0, "%s: %s", name,
		      r.diagnostic_count ? r.diagnostics[0].text : "");
	ck_assert_msg(link370_load(link, name, r.deck, r.deck_size, &err), "%s", err.text);
	asm370_release(&r);
}

START_TEST(two_decks_find_each_other)
{
	struct link370_options options = { .origin = 0x1000 };
	struct link370 *link = link370_new(&options);
	struct link370_program p;
	struct error err = { 0, "" };

	load(link, "one",
	     "ONE CSECT\n DC A(TWO,ONE+4,DATA-4),V(TWO)\n EXTRN TWO,DATA\n END ONE\n");
	load(link, "two",
	     "TWO CSECT\n DC A(*-ONE),AL3(TWO),X'FF'\n EXTRN ONE\n ENTRY DATA\nDATA DC V(NONE)\n END\n");
	ck_assert_msg(link370_finish(link, &err), "%s", err.text);
	link370_program(link, &p);
	ck_assert_uint_eq(p.low, 0x1000);
	ck_assert_uint_eq(p.high, 0x101C);
	ck_assert_uint_eq(p.entry, 0x1000);
	ck_assert_uint_eq(be32(p.storage + 0x1000), 0x1010);
	ck_assert_uint_eq(be32(p.storage + 0x1004), 0x1004);
	ck_assert_uint_eq(be32(p.storage + 0x1008), 0x1014);
	ck_assert_uint_eq(be32(p.storage + 0x100C), 0x1010);
	ck_assert_uint_eq(be32(p.storage + 0x1010), 0x10);
	ck_assert_uint_eq(be32(p.storage + 0x1014), 0x001010FF);
	ck_assert_uint_eq(p.unresolved, 1);
	ck_assert_ptr_nonnull(strstr(p.messages, "NONE is not defined"));
	link370_free(link);
}
END_TEST

START_TEST(second_section_of_a_name_is_left_out)
{
	struct link370_options options = { .origin = 0 };
	struct link370 *link = link370_new(&options);
	struct link370_program p;
	struct error err = { 0, "" };

	load(link, "first", "A CSECT\n DC F'1'\n END\n");
	load(link, "second", "A CSECT\n DC F'2'\nB CSECT\n DC F'3'\n END\n");
	ck_assert(link370_finish(link, &err));
	link370_program(link, &p);
	ck_assert_uint_eq(p.duplicates, 1);
	ck_assert_uint_eq(be32(p.storage), 1);
	ck_assert_uint_eq(be32(p.storage + 8), 3);
	link370_free(link);
}
END_TEST

START_TEST(control_cards_place_and_patch)
{
	struct link370_options options = { .nucleus = true };
	struct link370 *link = link370_new(&options);
	struct link370_program p;
	struct error err = { 0, "" };

	load(link, "slc", " PUNCH ' SLC  002000'\nA CSECT\n DC F'1'\n END\n");
	load(link, "spb", " PUNCH ' SPB'\nB CSECT\n DC F'2'\n END\n");
	load(link, "cpe", "DMKCPE CSECT\n DS XL4000\n DC X'1'\n END\n");
	load(link, "page", "C CSECT\n DC 30F'5'\n END C\n");
	ck_assert(link370_finish(link, &err));
	link370_program(link, &p);
	ck_assert_uint_eq(be32(p.storage + 0x2000), 1);
	ck_assert_uint_eq(be32(p.storage + 0x3000), 2);
	/* would cross from page 3 to page 4: it is pageable, so it moves */
	ck_assert_uint_eq(p.entry, 0x4000);
	ck_assert_msg(p.errors == 0, "%s", p.messages);
	link370_free(link);
}
END_TEST

START_TEST(hostile_decks_are_told)
{
	struct link370_options options = { .origin = 0 };
	struct link370 *link = link370_new(&options);
	struct link370_program p;
	struct error err = { 0, "" };
	uint8_t card[80];

	memset(card, 0xFF, sizeof(card));
	card[0] = 0x02;
	ebcdic_from_latin1(&codepage_037, card + 1, _i == 0 ? "ESD" : _i == 1 ? "TXT" : "RLD", 3);
	ck_assert(link370_load(link, "bad", card, sizeof(card), &err));
	ck_assert(!link370_load(link, "short", card, 79, &err));
	link370_program(link, &p);
	ck_assert_uint_eq(p.errors, 1);
	link370_free(link);
}
END_TEST

START_TEST(ipl_loader_is_its_source)
{
	struct link370_options options = { .origin = 0 };
	struct link370 *link = link370_new(&options);
	struct link370_program p;
	struct error err = { 0, "" };
	size_t size;
	char *text = library_read_file("cms/toolchain/link370/iplload.asm", &size, &err);

	ck_assert_msg(text != NULL, "%s", err.text);
	text[size] = '\0';
	load(link, "iplload", text);
	ck_assert(link370_finish(link, &err));
	link370_program(link, &p);
	ck_assert_mem_eq(p.storage, link370_loader, link370_loader_size);
	link370_free(link);
	free(text);
}
END_TEST

/* Operand bytes that every row takes: even registers, bases, lengths. */
static unsigned sample(const struct opcode *op, unsigned k, uint8_t code[6])
{
	static const uint8_t tails[][5] = {
		{ 0x40, 0x10, 0x00, 0x20, 0x00 }, { 0x44, 0xCF, 0xFF, 0xD0, 0x08 },
		{ 0x40, 0x00, 0x10, 0x30, 0x04 }, { 0x04, 0x50, 0x3F, 0x61, 0x23 },
	};
	unsigned wide = op->opcode > 0xFF;

	code[0] = (uint8_t)(wide ? op->opcode >> 8 : op->opcode);
	memcpy(code + 1, tails[k], 5);
	if (wide)
		code[1] = (uint8_t)op->opcode;
	switch (op->format) {
	case FMT_RR1: code[1] &= 0xF0; break;
	case FMT_RRE:
	case FMT_RRE1:
		code[2] = 0;
		code[3] = op->format == FMT_RRE ? tails[k][0] : tails[k][0] & 0xF0;
		break;
	case FMT_RSS: code[1] &= 0xF0; break;
	case FMT_S:
		if (!wide)
			code[1] = 0;
		break;
	case FMT_S0: code[2] = code[3] = 0; break;
	case FMT_SI:
		if (op->opcode == 0xAF)
			code[1] &= 0x0F;
		break;
	default: break;
	}
	return insn_length(code[0]);
}

static void round_trip(const struct opcode *op, unsigned k)
{
	char text[DISASM_TEXT], source[200];
	uint8_t code[6];
	unsigned n = sample(op, k, code);
	struct asm370_result r;

	disasm(code, n, text);
	snprintf(source, sizeof(source), "X CSECT\n %s\n END\n", text);
	assemble(source, &r);
	ck_assert_msg(r.diagnostic_count == 0, "%s: %s", text,
		      r.diagnostic_count ? r.diagnostics[0].text : "");
	ck_assert_msg(memcmp(r.deck + 80 + 16, code, n) == 0,
		      "%s: %02X%02X%02X%02X%02X%02X assembled to %02X%02X%02X%02X%02X%02X",
		      text, code[0], code[1], code[2], code[3], code[4], code[5],
		      r.deck[96], r.deck[97], r.deck[98], r.deck[99], r.deck[100],
		      r.deck[101]);
	asm370_release(&r);
}

START_TEST(disassembled_instructions_assemble_to_the_same)
{
	const struct opcode *op = &opcode_rows[_i];

	if (op->flags & OPF_OPT) /* assists have no statement */
		return;
	for (unsigned k = 0; k < 4; k++)
		round_trip(op, k);
}
END_TEST

/* A record with a sequence number in columns 73-80. */
static void add_record(char *out, const char *text, unsigned number)
{
	sprintf(out + strlen(out), "%-72s%08u\n", text, number);
}

START_TEST(updates_are_applied)
{
	char base[1000] = "";
	const char *update = "./ * a comment\n./ I 1000 $ 1500 10\nNEW1\nNEW2\n"
			     "./ R 3000\nTHREE\n./ D 4000 5000\n";
	struct asm370_source source = { "base", base, 0, ASM370_LINES };
	struct asm370_source change = { "update", update, strlen(update), ASM370_LINES };
	struct error err = { 0, "" };
	char expected[1000] = "", *out;
	size_t size;

	for (unsigned i = 1; i <= 6; i++)
		add_record(base, "OLD", i * 1000);
	source.size = strlen(base);
	out = update_apply(&source, &change, &size, &err);
	ck_assert_msg(out != NULL, "%s", err.text);
	add_record(expected, "OLD", 1000);
	add_record(expected, "NEW1", 1500);
	add_record(expected, "NEW2", 1510);
	add_record(expected, "OLD", 2000);
	sprintf(expected + strlen(expected), "%-72s********\n", "THREE");
	add_record(expected, "OLD", 6000);
	ck_assert_uint_eq(size, strlen(expected));
	ck_assert_mem_eq(out, expected, size);
	free(out);
	change.data = "./ D 1234\n";
	change.size = 10;
	ck_assert_ptr_null(update_apply(&source, &change, &size, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "update:1:"));
}
END_TEST

/* A MACLIB of one macro: header, member, delimiter, directory. */
static void make_maclib(const char *path)
{
	static const char *const lines[] = { " MACRO", " GREET &A", " DC C'&A'", " MEND" };
	uint8_t lib[7 * 80];
	FILE *f = fopen(path, "wb");

	memset(lib, EBCDIC_SPACE, sizeof(lib));
	ebcdic_from_latin1(&codepage_037, lib, "DMSLIB", 6);
	put_be16(lib + 6, 7);
	put_be32(lib + 8, 12);
	for (unsigned i = 0; i < 4; i++)
		ebcdic_from_latin1(&codepage_037, lib + 80 * (i + 1), lines[i],
				   strlen(lines[i]));
	memcpy(lib + 80 * 5, "\x61\xFF\xFF\x61", 4);
	ebcdic_from_latin1(&codepage_037, lib + 80 * 6, "GREET", 5);
	put_be16(lib + 80 * 6 + 8, 2);
	put_be16(lib + 80 * 6 + 10, 5);
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(lib, 1, sizeof(lib), f), sizeof(lib));
	fclose(f);
}

START_TEST(macros_come_out_of_a_maclib)
{
	char path[] = "/tmp/test_asm_maclib.XXXXXX";
	struct library library = { NULL, NULL, NULL };
	const char *text = "X CSECT\n GREET HI\n END\n";
	struct asm370_source source = { "test", text, strlen(text), ASM370_LINES };
	struct asm370_options options;
	struct asm370_result r;
	struct error err = { 0, "" };
	int fd = mkstemp(path);

	ck_assert(fd >= 0);
	make_maclib(path);
	ck_assert_msg(library_add_maclib(&library, path, &err), "%s", err.text);
	asm370_defaults(&options);
	options.include = library_find;
	options.ctx = &library;
	ck_assert(asm370_assemble(&source, &options, &r));
	ck_assert_uint_eq(r.severity, 0);
	ck_assert_mem_eq(r.deck + 80 + 16, "\xC8\xC9", 2);
	asm370_release(&r);
	library_release(&library);
	close(fd);
	unlink(path);
}
END_TEST

static Suite *link_suite(void)
{
	Suite *s = suite_create("asm370 and link370");
	TCase *tc = tcase_create("decks");

	tcase_add_test(tc, two_decks_find_each_other);
	tcase_add_test(tc, second_section_of_a_name_is_left_out);
	tcase_add_test(tc, control_cards_place_and_patch);
	tcase_add_loop_test(tc, hostile_decks_are_told, 0, 3);
	tcase_add_test(tc, ipl_loader_is_its_source);
	tcase_add_test(tc, updates_are_applied);
	tcase_add_test(tc, macros_come_out_of_a_maclib);
	tcase_add_loop_test(tc, disassembled_instructions_assemble_to_the_same, 0,
			    (int)opcode_count);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(link_suite());
}
