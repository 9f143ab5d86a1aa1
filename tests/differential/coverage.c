#include "tests/differential/coverage.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "cpu370/opcodes.h"

void coverage_insn(struct coverage *v, int row, bool under_ex, unsigned code,
		   bool completed, unsigned cc)
{
	if (row < 0 || row >= COVERAGE_ROWS) {
		v->undefined++;
		return;
	}
	v->executed[row]++;
	v->under_ex[row] += under_ex;
	if (completed) {
		v->completed[row]++;
		v->cc[row][cc & 3]++;
	}
	if (code)
		v->codes[row][code % COVERAGE_CODES]++;
}

static void count_modes(struct coverage *v, const struct test_case *c)
{
	bool ec = c->psw >> 51 & 1;

	v->modes[ec ? MODE_EC : MODE_BC]++;
	v->modes[MODE_DAT] += ec && (c->psw >> 58 & 1);
	v->modes[MODE_SECONDARY] += ec && (c->psw >> 47 & 1);
	v->modes[MODE_PER] += ec && (c->psw >> 62 & 1);
	v->modes[MODE_PROBLEM] += c->psw >> 48 & 1;
	v->modes[MODE_KEY_0] += (c->psw >> 52 & 15) == 0;
	v->modes[MODE_LOW_PROTECTION] += c->cr[0] >> 28 & 1;
}

static unsigned external_index(unsigned code)
{
	switch (code) {
	case 0x1201: return 1;
	case 0x1202: return 2;
	case 0x1004: return 3;
	case 0x1005: return 4;
	default: return 0;
	}
}

void coverage_case(struct coverage *v, const struct test_case *c, const uint8_t *result)
{
	const uint8_t *low = result + R_LOW;
	unsigned class = be32(result + R_CLASS) % 6;

	count_modes(v, c);
	v->class[class]++;
	if (class == 1)
		v->program[be16(low + (low[0x29] & 0x08 ? 0x8E : 0x2A)) %
			   COVERAGE_CODES]++;
	if (class == 3)
		v->external[external_index(
			be16(low + (low[0x19] & 0x08 ? 0x86 : 0x1A)))]++;
}

void coverage_add(struct coverage *v, const struct coverage *more)
{
	for (unsigned i = 0; i < COVERAGE_ROWS; i++) {
		v->executed[i] += more->executed[i];
		v->completed[i] += more->completed[i];
		v->under_ex[i] += more->under_ex[i];
		for (unsigned cc = 0; cc < 4; cc++)
			v->cc[i][cc] += more->cc[i][cc];
		for (unsigned k = 0; k < COVERAGE_CODES; k++)
			v->codes[i][k] += more->codes[i][k];
	}
	for (unsigned i = 0; i < COVERAGE_CODES; i++)
		v->program[i] += more->program[i];
	for (unsigned i = 0; i < 5; i++)
		v->external[i] += more->external[i];
	for (unsigned i = 0; i < 6; i++)
		v->class[i] += more->class[i];
	for (unsigned i = 0; i < 8; i++)
		v->modes[i] += more->modes[i];
	v->undefined += more->undefined;
}

static void print_codes(const uint32_t *codes)
{
	for (unsigned i = 0; i < COVERAGE_CODES; i++)
		if (codes[i])
			printf(" %02X:%u", i, codes[i]);
}

static void print_row(const struct coverage *v, size_t i)
{
	printf("%-6s %9llu %9llu %8llu ", opcode_rows[i].mnemonic,
	       (unsigned long long)v->executed[i], (unsigned long long)v->completed[i],
	       (unsigned long long)v->under_ex[i]);
	for (unsigned cc = 0; cc < 4; cc++)
		printf(" %8llu", (unsigned long long)v->cc[i][cc]);
	printf(" ");
	print_codes(v->codes[i]);
	printf("\n");
}

static void print_totals(const struct coverage *v)
{
	static const char *const external[] = { "timer", "1201", "1202", "1004", "1005" };
	static const char *const modes[] = { "BC",    "EC",
					     "DAT",   "secondary",
					     "PER",   "problem",
					     "key 0", "low-address protection" };

	printf("undefined operation codes: %llu\nprogram interruptions:",
	       (unsigned long long)v->undefined);
	for (unsigned i = 0; i < COVERAGE_CODES; i++)
		if (v->program[i])
			printf(" %02X:%llu", i, (unsigned long long)v->program[i]);
	printf("\nSVC interruptions: %llu\nexternal interruptions:",
	       (unsigned long long)v->class[2]);
	for (size_t i = 0; i < ARRAY_SIZE(external); i++)
		printf(" %s:%llu", external[i], (unsigned long long)v->external[i]);
	printf("\ncases:");
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		printf(" %s:%llu", modes[i], (unsigned long long)v->modes[i]);
	printf("\n");
}

unsigned coverage_print(const struct coverage *v)
{
	unsigned missing = 0, rows = 0, left_out = 0;

	printf("%-6s %9s %9s %8s  %8s %8s %8s %8s  program-interruption codes\n", "",
	       "executed", "completed", "under EX", "cc 0", "cc 1", "cc 2", "cc 3");
	for (size_t i = 0; i < opcode_count; i++) {
		const char *why = generate_left_out(&opcode_rows[i]);

		if (why) {
			printf("%-6s left out: %s\n", opcode_rows[i].mnemonic, why);
			left_out++;
			continue;
		}
		print_row(v, i);
		rows++;
		if (!v->completed[i] && opcode_rows[i].opcode != 0x83) {
			printf("       NOT COMPLETED\n");
			missing++;
		}
	}
	print_totals(v);
	printf("coverage: %u instructions, %u left out, %u of the others never "
	       "completed\n",
	       rows + left_out, left_out, missing);
	return missing;
}
