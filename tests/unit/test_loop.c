#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "consoles/loop.h"
#include "tests/unit/runner.h"

static struct loop *loop;
static char order[64];

static void setup(void)
{
	struct error err;

	loop = loop_new(&err);
	ck_assert_ptr_nonnull(loop);
	order[0] = '\0';
}

static void teardown(void)
{
	loop_free(loop);
}

static void mark(void *arg)
{
	strcat(order, arg);
}

static void stop(void *arg)
{
	loop_stop(arg);
}

START_TEST(timers_fire_in_order)
{
	struct loop_timer t[4] = { { 0 } };

	loop_timer_start(loop, &t[0], 30, mark, "c");
	loop_timer_start(loop, &t[1], 10, mark, "a");
	loop_timer_start(loop, &t[2], 20, mark, "b");
	loop_timer_start(loop, &t[3], 40, stop, loop);
	loop_run(loop);
	ck_assert_str_eq(order, "abc");
}
END_TEST

START_TEST(timers_stop_and_start_again)
{
	struct loop_timer t[3] = { { 0 } };

	loop_timer_start(loop, &t[0], 5, mark, "x");
	loop_timer_stop(loop, &t[0]);
	loop_timer_stop(loop, &t[0]);
	loop_timer_start(loop, &t[1], 1000000, mark, "y");
	loop_timer_start(loop, &t[1], 10, mark, "z");
	loop_timer_start(loop, &t[2], 20, stop, loop);
	loop_run(loop);
	ck_assert_str_eq(order, "z");
}
END_TEST

/* Many timers, started and stopped at random, end in the right order. */
struct numbered {
	struct loop_timer t;
	uint64_t due;
	bool running;
};

static uint64_t last_due;
static unsigned fired;

static void fire_numbered(void *arg)
{
	struct numbered *n = arg;

	ck_assert(n->running);
	ck_assert_uint_ge(n->due, last_due);
	last_due = n->due;
	fired++;
}

START_TEST(heap_keeps_its_order)
{
	static struct numbered all[500];
	unsigned running = 0;
	struct loop_timer end = { 0 };

	srand(370);
	for (int i = 0; i < 5000; i++) {
		struct numbered *n = &all[rand() % 500];

		n->running = rand() % 3 != 0;
		if (n->running) {
			/* Two steps apart at least, so that order is certain. */
			n->due = (uint64_t)(rand() % 20) * 5 + 20;
			loop_timer_start(loop, &n->t, n->due, fire_numbered, n);
			n->due = n->t.due;
		} else {
			loop_timer_stop(loop, &n->t);
		}
	}
	for (int i = 0; i < 500; i++)
		running += all[i].running;
	loop_timer_start(loop, &end, 200, stop, loop);
	loop_run(loop);
	ck_assert_uint_eq(fired, running);
}
END_TEST

static int posts;

static void count(void *arg)
{
	(void)arg;
	posts++;
}

static void *post_many(void *arg)
{
	for (int i = 0; i < 10000; i++)
		loop_post(arg, count, NULL);
	return NULL;
}

START_TEST(posts_of_many_threads_all_arrive)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, post_many, loop);
	while (posts < 40000)
		loop_turn(loop, 1000);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(posts, 40000);
}
END_TEST

START_TEST(posts_keep_their_order)
{
	loop_post(loop, mark, "1");
	loop_post(loop, mark, "2");
	loop_post(loop, mark, "3");
	loop_turn(loop, 0);
	ck_assert_str_eq(order, "123");
}
END_TEST

static struct loop_deferred later[2];

static void defer_other(void *arg)
{
	strcat(order, "a");
	loop_defer(arg, &later[1], mark, "b");
	loop_defer(arg, &later[1], mark, "b");
}

START_TEST(deferred_work_runs_once_in_this_turn)
{
	memset(later, 0, sizeof(later));
	loop_defer(loop, &later[0], defer_other, loop);
	loop_defer(loop, &later[0], defer_other, loop);
	loop_turn(loop, 0);
	ck_assert_str_eq(order, "ab");
	loop_defer(loop, &later[0], defer_other, loop);
	loop_undefer(loop, &later[0]);
	loop_turn(loop, 0);
	ck_assert_str_eq(order, "ab");
}
END_TEST

static struct loop_watch *watches[2];

static void unwatch_both(void *arg, unsigned events)
{
	(void)arg;
	(void)events;
	strcat(order, "w");
	loop_unwatch(watches[0]);
	loop_unwatch(watches[1]);
}

START_TEST(watch_may_be_removed_by_another)
{
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	watches[0] = loop_watch(loop, fds[1], LOOP_WRITE, unwatch_both, NULL, NULL);
	watches[1] = loop_watch(loop, fds[0], LOOP_READ, unwatch_both, NULL, NULL);
	ck_assert_int_eq(write(fds[1], "x", 1), 1);
	loop_turn(loop, 1000);
	ck_assert_str_eq(order, "w");
	close(fds[0]);
	close(fds[1]);
}
END_TEST

START_TEST(bad_descriptor_is_an_error)
{
	struct error err = { 0, "" };

	ck_assert_ptr_null(loop_watch(loop, 9999, LOOP_READ, unwatch_both, NULL, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "9999"));
}
END_TEST

static Suite *loop_suite(void)
{
	Suite *s = suite_create("event loop");
	TCase *tc = tcase_create("loop");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, timers_fire_in_order);
	tcase_add_test(tc, timers_stop_and_start_again);
	tcase_add_test(tc, heap_keeps_its_order);
	tcase_add_test(tc, posts_of_many_threads_all_arrive);
	tcase_add_test(tc, posts_keep_their_order);
	tcase_add_test(tc, deferred_work_runs_once_in_this_turn);
	tcase_add_test(tc, watch_may_be_removed_by_another);
	tcase_add_test(tc, bad_descriptor_is_an_error);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(loop_suite());
}
