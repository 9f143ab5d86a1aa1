/*
 * tests/unit/runner.h - what every unit-test program calls from main().
 */
#ifndef TESTS_UNIT_RUNNER_H
#define TESTS_UNIT_RUNNER_H

#include <check.h>

/*
 * Run one suite, print its failures and the line "N passed, N failed,
 * N skipped" that tests/run adds up, and return main()'s exit status.
 */
int run_suite(Suite *suite);

#endif
