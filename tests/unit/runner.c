#include "tests/unit/runner.h"

#include <stdio.h>

int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed, run;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	run = srunner_ntests_run(runner);
	srunner_free(runner);
	printf("%d passed, %d failed, 0 skipped\n", run - failed, failed);
	return failed ? 1 : 0;
}
