/*
 * asm370: single statements and small programs against bytes worked out by
 * hand from GC33-4010 and GA22-7000.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "cms/toolchain/asm370/asm370.h"
#include "tests/unit/runner.h"

/* Text bytes of all TXT cards, as hexadecimal digits. */
static void text_of(const struct asm370_result *r, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t at = 0; at < r->deck_size; at += ASM370_CARD) {
		const uint8_t *card = r->deck + at;
		unsigned count = be16(card + 10);

		if (memcmp(card, "\x02\xE3\xE7\xE3", 4) != 0)
			continue;
		for (unsigned i = 0; i < count && n + 3 < size; i++)
			n += (size_t)snprintf(out + n, size - n, "%02X", card[16 + i]);
	}
}

static void assemble(const char *text, struct asm370_result *r)
{
	struct asm370_options options;
	struct asm370_source source = { "test", text, strlen(text), ASM370_LINES };

	asm370_defaults(&options);
	ck_assert(asm370_assemble(&source, &options, r));
}

static const struct code_case {
	const char *statement, *text;
} code_cases[] = {
	/* constants */
	{ " DC C'A',X'F',B'101'", "C10F05" },
	{ " DC F'1,-2'", "00000001FFFFFFFE" },
	{ " DC H'32767',FL3'-1'", "7FFFFFFFFF" },
	{ " DC P'123,-45',Z'-12'", "123C045DF1D2" },
	{ " DC E'1',E'-0.1',D'1E2'", "41100000C019999A4264000000000000" },
	{ " DC L'1'", "41100000000000003300000000000000" },
	{ " DC FS4'1.5',FE2'1.5'", "0000001800000096" },
	{ " DC BL.3'101',FL.5'9',XL.8'FF'", "A9FF" },
	{ " DC C'A''B&&C',CL5'X',3C'AB'", "C17DC250C3E740404040C1C2C1C2C1C2" },
	{ " DC AL1(L'X,3+4*2),SL2(X)\nX DC CL7'Z'\n USING *-12,3",
	  "070B" "0000" "E9404040404040" },
	{ " DC CL3'ABCDE',XL1'1234',PL2'12345'", "C1C2C334345C" },
	/* instructions, one of every format */
	{ " LR 1,2", "1812" },
	{ " SPM 3", "0430" },
	{ " SVC 202", "0ACA" },
	{ " BCR 15,14", "07FE" },
	{ " BR 14", "07FE" },
	{ " NOPR 0", "0700" },
	{ " LA 1,4095(2,3)", "41123FFF" },
	{ " LA 1,5", "41100005" },
	{ " LA 1,5(2)", "41120005" },
	{ " LA 1,5(,2)", "41102005" },
	{ " B 4(15)", "47FF0004" },
	{ " B 4(,15)", "47F0F004" },
	{ " STM 14,12,12(13)", "90ECD00C" },
	{ " SLL 3,8", "89300008" },
	{ " ICM 1,B'0111',0(2)", "BF172000" },
	{ " CLI 0(1),C'A'", "95C11000" },
	{ " MVC 0(256,1),4(2)", "D2FF10002004" },
	{ " PACK 0(8,1),0(4,2)", "F27310002000" },
	{ " SRP 0(5,1),64-2,5", "F0451000003E" },
	{ " PTLB ,", "B20D0000" },
	{ " LPSW 8", "82000008" },
	{ " SIO 0(1)", "9C001000" },
	{ " HDV 0(1)", "9E011000" },
	{ " MVCP 0(1,2),0(3),4", "DA1420003000" },
	{ " IPTE 1,2", "B2210012" },
	{ " TPROT 0(1),0(2)", "E50110002000" },
	/* the base with the smallest displacement, the highest register in a tie */
	{ "S CSECT\n USING S,3\n USING T,4,5\n LA 1,T\n LA 2,S\nT EQU *", "4110400041203000" },
	{ " CNOP 2,4\n CNOP 0,4", "07000700" },
	{ "A DC A(B-A)\nB DC Y(*-A)", "000000040004" },
	{ " CCW 2,8,X'20',80", "0200000820000050" },
	{ "S CSECT\n USING S,15\n L 1,=F'7'\n L 2,=H'1'\n L 3,=F'7'",
	  "5810F0105820F0145830F010" "00000007" "0001" },
	/* macros */
	{ " MACRO\n&L MM &P,&K=7\n LCLA &N\n&N SETA N'&P*16+K'&P\n&L DC AL1(&P(2),&K,&N)\n"
	  " MEND\nX MM (1,2,3)\n MM (4,5),K=L'X", "020737" "050125" },
	{ " MACRO\n LOOP &N\n LCLA &I\n.L AIF (&I GE &N).X\n&I SETA &I+1\n DC AL1(&I)\n"
	  " AGO .L\n.X ANOP\n MEND\n LOOP 3", "010203" },
	{ " MACRO\n OUTER\n INNER A,B,C\n DC AL1(&SYSNDX)\n MEND\n MACRO\n INNER\n"
	  " DC C'&SYSLIST(3)',AL1(&SYSNDX)\n MEND\n OUTER", "C30201" },
	{ " GBLC &C(3)\n&C(2) SETC 'ABCDEF'(2,3).'X'\n DC C'&C(2).1&C(1)'", "C2C3C4E7F1" },
	{ " AIF (T'L EQ 'F' AND L'L EQ 4 AND NOT (1 GT 2)).Y\n DC X'00'\n.Y DC X'01'\nL DC F'2'",
	  "01000000" "00000002" },
	{ " LCLA &A\n LCLB &B\n&A SETA 5*(3+4)/2-X'0A'\n&B SETB (&A EQ 7 OR &A EQ 9)\n"
	  " DC AL1(&A,&B)", "0701" },
	{ " AGO .F\n DC X'EE'\n.F DC X'01'", "01" },
	{ "X EQU C'A'\n DC AL1(X+1,X'F0'/16,B'11'*2,-1)", "C20F06FF" },
};

START_TEST(statement_gives_bytes)
{
	const struct code_case *c = &code_cases[_i];
	struct asm370_result r;
	char source[400], text[400];

	snprintf(source, sizeof(source), "%s\n END\n", c->statement);
	assemble(source, &r);
	text_of(&r, text, sizeof(text));
	ck_assert_msg(strcmp(text, c->text) == 0, "%s: %s instead of %s, %s",
		      c->statement, text, c->text,
		      r.diagnostic_count ? r.diagnostics[0].text : "no message");
	asm370_release(&r);
}
END_TEST

static const struct error_case {
	const char *source;
	uint32_t statement;
	unsigned number;
} error_cases[] = {
	{ " LA 1,X\n END", 1, 188 },
	{ " LR 16,1\n END", 1, 219 },
	{ "X DC F'1'\nX DC F'1'\n END", 2, 196 },
	{ " FROB 1\n END", 1, 78 },
	{ " LR 1,2", 2, 60 },
	{ "S CSECT\n LA 1,S\n END", 2, 209 },
	{ " MR 1,2\n END", 1, 218 },
	{ " DC F'X'\n END", 1, 255 },
	{ " USING 0,16\n END", 1, 195 },
	{ "A EQU B\nB EQU 1\n END", 1, 231 },
};

START_TEST(wrong_statement_is_named)
{
	const struct error_case *c = &error_cases[_i];
	struct asm370_result r;
	bool found = false;

	assemble(c->source, &r);
	for (size_t i = 0; i < r.diagnostic_count; i++)
		found |= r.diagnostics[i].statement == c->statement &&
			 r.diagnostics[i].number == c->number;
	ck_assert_msg(found, "%s: no IFO%03u for statement %u (%zu others, first %u: %s)",
		      c->source, c->number, c->statement, r.diagnostic_count,
		      r.diagnostic_count ? r.diagnostics[0].number : 0,
		      r.diagnostic_count ? r.diagnostics[0].text : "");
	asm370_release(&r);
}
END_TEST

static Suite *asm_suite(void)
{
	Suite *s = suite_create("asm370");
	TCase *tc = tcase_create("statements");

	tcase_add_loop_test(tc, statement_gives_bytes, 0, ARRAY_SIZE(code_cases));
	tcase_add_loop_test(tc, wrong_statement_is_named, 0, ARRAY_SIZE(error_cases));
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(asm_suite());
}
