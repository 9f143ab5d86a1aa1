#include <stddef.h>

#include "dasd/geometry.h"
#include "dasd/volume.h"
#include "tests/unit/runner.h"

/* Equal records of that size that fit on a track: the makers' tables. */
static const struct {
	const char *model;
	uint32_t key, data, records;
} capacity_cases[] = {
	{ "2314", 0, 7294, 1 },	 { "2314", 0, 7295, 0 },  { "2314", 0, 800, 7 },
	{ "3330", 0, 13030, 1 }, { "3330", 0, 13031, 0 }, { "3330", 0, 4096, 3 },
	{ "3330", 0, 800, 14 },	 { "3340", 0, 8368, 1 },  { "3340", 0, 800, 8 },
	{ "3350", 0, 19069, 1 }, { "3350", 0, 4096, 4 },  { "3350", 0, 800, 19 },
	{ "3375", 0, 35616, 1 }, { "3375", 0, 4096, 8 },  { "3380", 0, 47476, 1 },
	{ "3380", 0, 47477, 0 }, { "3380", 0, 4096, 10 }, { "3380", 0, 800, 36 },
	{ "3390", 0, 56664, 1 }, { "3390", 0, 4096, 12 }, { "2305-2", 0, 14660, 1 },
	{ "2305-1", 0, 14136, 1 }, { "2311", 0, 3625, 1 }, { "3330", 44, 96, 39 },
	{ "3350", 44, 96, 47 },
};

START_TEST(records_fit_as_in_the_makers_tables)
{
	const struct dasd_geometry *g = geometry_find(capacity_cases[_i].model);
	uint32_t used = 0, n = 0;

	ck_assert_ptr_nonnull(g);
	while (geometry_fits(g, used, capacity_cases[_i].key, capacity_cases[_i].data)) {
		used += geometry_space(g, capacity_cases[_i].key, capacity_cases[_i].data);
		n++;
	}
	ck_assert_msg(n == capacity_cases[_i].records, "%s: %u records of %u", g->name, n,
		      capacity_cases[_i].data);
}
END_TEST

START_TEST(models_are_found)
{
	ck_assert_str_eq(geometry_find("3350")->name, "3350-1");
	ck_assert_str_eq(geometry_find("3380-k")->name, "3380-K");
	ck_assert_str_eq(geometry_find("2305")->name, "2305-1");
	ck_assert_ptr_null(geometry_find("33"));
	ck_assert_ptr_null(geometry_find("3350-9"));
	ck_assert_ptr_null(geometry_find(""));
	ck_assert_str_eq(geometry_of_image(0x30, 411, 19)->name, "3330-1");
	ck_assert_str_eq(geometry_of_image(0x30, 412, 19)->name, "3330-2");
	ck_assert_str_eq(geometry_of_image(0x90, 60000, 15)->name, "3390-1");
	ck_assert_ptr_null(geometry_of_image(0x30, 404, 18));
	ck_assert_str_eq(geometry_of_blocks(0, 712752)->name, "3370-2");
	ck_assert_ptr_null(geometry_of_blocks(0x99, 5));
}
END_TEST

START_TEST(a_slot_holds_the_longest_record)
{
	for (const struct dasd_geometry *g = dasd_geometries; g->name; g++) {
		ck_assert_msg(g->slot >= TRACK_EMPTY_SIZE + 8u + g->record_max, "%s", g->name);
		ck_assert_msg(geometry_fits(g, 0, 0, g->record_max), "%s", g->name);
		ck_assert_msg(g->slot % 512 == 0, "%s", g->name);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("geometry");
	TCase *tc = tcase_create("geometry");

	tcase_add_loop_test(tc, records_fit_as_in_the_makers_tables, 0,
			    (int)(sizeof(capacity_cases) / sizeof(capacity_cases[0])));
	tcase_add_test(tc, models_are_found);
	tcase_add_test(tc, a_slot_holds_the_longest_record);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
