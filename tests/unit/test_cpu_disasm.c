#include <string.h>

#include "cpu370/disasm.h"
#include "cpu370/opcodes.h"
#include "tests/unit/runner.h"

static const struct text_case {
	uint8_t code[6];
	unsigned length;
	const char *text;
} text_cases[] = {
	{ { 0x1A, 0x12 }, 2, "AR    1,2" },
	{ { 0x04, 0x30 }, 2, "SPM   3" },
	{ { 0x07, 0xFE }, 2, "BCR   15,14" },
	{ { 0x0A, 0xCA }, 2, "SVC   202" },
	{ { 0x58, 0x12, 0xC0, 0x10 }, 4, "L     1,16(2,12)" },
	{ { 0x58, 0x10, 0xC0, 0x10 }, 4, "L     1,16(0,12)" },
	{ { 0x58, 0x12, 0x00, 0x10 }, 4, "L     1,16(2)" },
	{ { 0x47, 0x80, 0x00, 0x10 }, 4, "BC    8,16" },
	{ { 0x89, 0x10, 0x00, 0x04 }, 4, "SLL   1,4" },
	{ { 0x98, 0xEC, 0xD0, 0x0C }, 4, "LM    14,12,12(13)" },
	{ { 0xBF, 0x17, 0xD0, 0x0C }, 4, "ICM   1,7,12(13)" },
	{ { 0x95, 0x40, 0x10, 0x00 }, 4, "CLI   0(1),64" },
	{ { 0xB2, 0x05, 0x01, 0x00 }, 4, "STCK  256" },
	{ { 0xB2, 0x0D, 0x00, 0x00 }, 4, "PTLB" },
	{ { 0xB2, 0x29, 0x00, 0x12 }, 4, "ISKE  1,2" },
	{ { 0xB2, 0x26, 0x00, 0x10 }, 4, "EPAR  1" },
	{ { 0x82, 0x00, 0x01, 0x00 }, 4, "LPSW  256" },
	{ { 0x9C, 0x00, 0x00, 0x0E }, 4, "SIO   14" },
	{ { 0xD2, 0x07, 0x10, 0x00, 0x20, 0x01 }, 6, "MVC   0(8,1),1(2)" },
	{ { 0xF2, 0x71, 0x10, 0x00, 0x20, 0x01 }, 6, "PACK  0(8,1),1(2,2)" },
	{ { 0xF0, 0x75, 0x10, 0x00, 0x00, 0x3F }, 6, "SRP   0(8,1),63,5" },
	{ { 0xD9, 0x12, 0x10, 0x00, 0x30, 0x04 }, 6, "MVCK  0(1,1),4(3),2" },
	{ { 0xE5, 0x01, 0x10, 0x00, 0x30, 0x04 }, 6, "TPROT 0(1),4(3)" },
	{ { 0x00, 0x01 }, 2, "DC    X'0001'" },
	{ { 0xB2, 0xFF, 0x00, 0x00 }, 4, "DC    X'B2FF0000'" },
	{ { 0xD2, 0x07, 0x10 }, 3, "DC    X'D20710'" },
};

START_TEST(bytes_become_text)
{
	const struct text_case *c = &text_cases[_i];
	char text[DISASM_TEXT];

	ck_assert_msg(disasm(c->code, c->length, text) == c->length, "%s: length", c->text);
	ck_assert_str_eq(text, c->text);
}
END_TEST

START_TEST(every_row_is_reached_and_named_once)
{
	const struct opcode *op = &opcode_rows[_i];
	unsigned byte0 = op->opcode > 0xFF ? op->opcode >> 8 : op->opcode;
	unsigned byte1 = op->opcode > 0xFF ? op->opcode & 0xFF : 0x5A;

	ck_assert_msg(opcode_find(byte0, byte1) == op, "%s: not found", op->mnemonic);
	ck_assert_msg(opcode_named(op->mnemonic) == op, "%s: named twice", op->mnemonic);
	ck_assert_msg(op->title[0] != '\0', "%s: no title", op->mnemonic);
}
END_TEST

static Suite *disasm_suite(void)
{
	Suite *s = suite_create("disasm");
	TCase *tc = tcase_create("disasm");

	tcase_add_loop_test(tc, bytes_become_text, 0,
			    (int)(sizeof(text_cases) / sizeof(text_cases[0])));
	tcase_add_loop_test(tc, every_row_is_reached_and_named_once, 0, (int)opcode_count);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(disasm_suite());
}
