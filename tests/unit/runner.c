#include "tests/unit/runner.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * A limit for each test that only a failure reaches, in seconds: Check's own of 4 is
 * soon over on a busy host. It is read when a case is made, so before main().
 */
static __attribute__((constructor)) void set_timeout(void)
{
	setenv("CK_DEFAULT_TIMEOUT", "120", 0);
}

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
