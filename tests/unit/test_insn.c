/*
 * Runs the cases in tests/insn/ (README there says how a case reads), each one
 * three ways: instruction by instruction, from freshly decoded blocks, and again
 * from the same blocks with everything translated.
 */
#include "tests/unit/insn_case.h"

START_TEST(case_runs_as_the_manual_says)
{
	const struct insn_case *c = &cases[_i];
	char line[1000], *name, *before, *code, *after, *save = NULL;
	struct state s = { .psw = CODE_AT };
	struct rig r = { .where = c->where };
	enum cpu_exit why = CPU_EXIT_BUDGET;

	snprintf(line, sizeof(line), "%s", c->line);
	name = strtok_r(line, "|", &save);
	before = strtok_r(NULL, "|", &save);
	code = strtok_r(NULL, "|", &save);
	after = strtok_r(NULL, "|", &save);
	ck_assert_msg(name && before && code && after, "%s: four parts wanted", c->where);

	case_begin(&r, &s, before);
	for (int way = 0; way < 3; way++) {
		static const char *const ways[] = { "stepped", "in blocks", "again" };

		for (int keys = 0; way < 2 && keys < (int)(STORAGE / 2048); keys++)
			storage_set_key(r.st, (uint32_t)keys * 2048, 0);
		tokens(&r, before, &s, true);
		load_code(&r, code, CODE_AT);
		prepare(&r, &s);
		if (way == 0)
			for (int i = 0; i < 100000 && why == CPU_EXIT_BUDGET; i++)
				why = cpu370_run(r.cpu, 1);
		else
			why = cpu370_run(r.cpu, 100000);
		judge(&r, ways[way], why, after, s);
	}
	case_end(&r);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *s = suite_create("insn");
	TCase *tc = tcase_create("cases");

	read_all_cases(argc > 1 ? argv[1] : "tests/insn");
	setenv("CK_FORK", "no", 0); /* a thousand processes are slow under a sanitizer */
	tcase_add_loop_test(tc, case_runs_as_the_manual_says, 0,
			    case_count ? (int)case_count : 1);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
