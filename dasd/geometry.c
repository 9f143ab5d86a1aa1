#include "dasd/geometry.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define M2841 "GA26-5988"
#define M2314 "GA26-3599"
#define M2305 "GA26-1589"
#define M3330 "GA26-1592"
#define M3340 "GA26-1619"
#define M3350 "GA26-1638"
#define M3375 "GA26-1666"
#define M3380 "GA26-1664"
#define M3390 "GC26-4574"

#define GAPS(key, gap)                  FORMULA_GAPS, key, gap, 0, 0, 0, 0
#define TOLERANCE(key, gap, mul, div)   FORMULA_TOLERANCE, key, gap, mul, div, 0, 0
#define CELLS(cell, data, key)          FORMULA_CELLS, cell, data, key, 0, 0, 0
#define SEGMENTS(a, b, c, d, e, f)      FORMULA_SEGMENTS, a, b, c, d, e, f

/* clang-format off */
const struct dasd_geometry dasd_geometries[] = {
	/* type   name      cyls  alt heads r1 max  slot  track  RPS */
	{ 0x2305, "2305-1",   48,   6,  8, 14136, 14336, 14568,  90, GAPS(202, 432), M2305 },
	{ 0x2305, "2305-2",   96,  12,  8, 14660, 14848, 14858,  90, GAPS(91, 198), M2305 },
	{ 0x2311, "2311-1",  200,   3, 10,  3625,  4096,  3625,   0, TOLERANCE(20, 61, 537, 512), M2841 },
	{ 0x2314, "2314-1",  200,   3, 20,  7294,  7680,  7294,   0, TOLERANCE(45, 101, 2137, 2048), M2314 },
	{ 0x3330, "3330-1",  404,   7, 19, 13030, 13312, 13165, 128, GAPS(56, 135), M3330 },
	{ 0x3330, "3330-2",  808,   7, 19, 13030, 13312, 13165, 128, GAPS(56, 135), M3330 },
	{ 0x3330, "3330-11", 808,   7, 19, 13030, 13312, 13165, 128, GAPS(56, 135), M3330 },
	{ 0x3340, "3340-1",  348,   1, 12,  8368,  8704,  8535,  64, GAPS(75, 167), M3340 },
	{ 0x3340, "3340-35", 348,   1, 12,  8368,  8704,  8535,  64, GAPS(75, 167), M3340 },
	{ 0x3340, "3340-2",  696,   2, 12,  8368,  8704,  8535,  64, GAPS(75, 167), M3340 },
	{ 0x3340, "3340-70", 696,   2, 12,  8368,  8704,  8535,  64, GAPS(75, 167), M3340 },
	{ 0x3350, "3350-1",  555,   5, 30, 19069, 19456, 19254, 128, GAPS(82, 185), M3350 },
	{ 0x3375, "3375-1",  959,   3, 12, 35616, 35840, 36000, 196, CELLS(32, 384, 160), M3375 },
	{ 0x3380, "3380-1",  885,   1, 15, 47476, 47616, 47968, 222, CELLS(32, 492, 236), M3380 },
	{ 0x3380, "3380-A",  885,   1, 15, 47476, 47616, 47968, 222, CELLS(32, 492, 236), M3380 },
	{ 0x3380, "3380-B",  885,   1, 15, 47476, 47616, 47968, 222, CELLS(32, 492, 236), M3380 },
	{ 0x3380, "3380-D",  885,   1, 15, 47476, 47616, 47968, 222, CELLS(32, 492, 236), M3380 },
	{ 0x3380, "3380-J",  885,   1, 15, 47476, 47616, 47968, 222, CELLS(32, 492, 236), M3380 },
	{ 0x3380, "3380-2", 1770,   2, 15, 47476, 47616, 47968, 222, CELLS(32, 492, 236), M3380 },
	{ 0x3380, "3380-E", 1770,   2, 15, 47476, 47616, 47968, 222, CELLS(32, 492, 236), M3380 },
	{ 0x3380, "3380-3", 2655,   3, 15, 47476, 47616, 47968, 222, CELLS(32, 492, 236), M3380 },
	{ 0x3380, "3380-K", 2655,   3, 15, 47476, 47616, 47968, 222, CELLS(32, 492, 236), M3380 },
	{ 0x3390, "3390-1", 1113,   1, 15, 56664, 56832, 58786, 224, SEGMENTS(34, 19, 9, 6, 116, 6), M3390 },
	{ 0x3390, "3390-2", 2226,   1, 15, 56664, 56832, 58786, 224, SEGMENTS(34, 19, 9, 6, 116, 6), M3390 },
	{ 0x3390, "3390-3", 3339,   1, 15, 56664, 56832, 58786, 224, SEGMENTS(34, 19, 9, 6, 116, 6), M3390 },
	{ 0x3390, "3390-9", 10017,  3, 15, 56664, 56832, 58786, 224, SEGMENTS(34, 19, 9, 6, 116, 6), M3390 },
	{ 0x9345, "9345-1", 1440,   0, 15, 46456, 46592, 48280, 213, SEGMENTS(34, 18, 7, 6, 116, 6), "GC26-4617" },
	{ 0x9345, "9345-2", 2156,   0, 15, 46456, 46592, 48280, 213, SEGMENTS(34, 18, 7, 6, 116, 6), "GC26-4617" },
	{ 0 },
};

const struct fba_geometry fba_geometries[] = {
	/* type   name         blocks   track  cyl */
	{ 0x3310, "3310-1",    125664,  32,  352, "GA26-1660" },
	{ 0x3370, "3370-1",    558000,  62,  744, "GA26-1657" },
	{ 0x3370, "3370-2",    712752,  62,  744, "GA26-1657" },
	{ 0x9313, "9313-1",    246240,  96,  480, "" },
	{ 0x9332, "9332-400",  360036,  73,  292, "" },
	{ 0x9332, "9332-600",  554800,  73,  292, "" },
	{ 0x9335, "9335-1",    804714,  71,  426, "" },
	{ 0x9336, "9336-10",   920115, 111,  777, "" },
	{ 0x9336, "9336-20",  1672881, 111,  777, "" },
	{ 0x0671, "0671-8",    513072,  63,  504, "" },
	{ 0x0671, "0671",      574560,  63,  504, "" },
	{ 0 },
};
/* clang-format on */

/* Does name mean the row: "3350-1" exactly, or "3350" for the first of a type? */
static bool names(const char *name, const char *row)
{
	size_t n = strlen(name);

	return strncasecmp(name, row, n) == 0 && (row[n] == '\0' || row[n] == '-') && n >= 4;
}

const struct dasd_geometry *geometry_find(const char *name)
{
	for (const struct dasd_geometry *g = dasd_geometries; g->name; g++)
		if (names(name, g->name))
			return g;
	return NULL;
}

const struct fba_geometry *geometry_find_fba(const char *name)
{
	for (const struct fba_geometry *g = fba_geometries; g->name; g++)
		if (names(name, g->name))
			return g;
	return NULL;
}

const struct dasd_geometry *geometry_of_image(uint8_t type_byte, uint32_t cylinders,
					      uint32_t heads)
{
	const struct dasd_geometry *first = NULL;

	for (const struct dasd_geometry *g = dasd_geometries; g->name; g++) {
		if ((g->type & 0xFF) != type_byte || g->heads != heads)
			continue;
		if (cylinders <= (uint32_t)g->cylinders + g->alternates)
			return g;
		if (!first)
			first = g;
	}
	return first;
}

const struct fba_geometry *geometry_of_blocks(uint8_t type_byte, uint32_t blocks)
{
	const struct fba_geometry *first = NULL;

	for (const struct fba_geometry *g = fba_geometries; g->name; g++) {
		if (type_byte && (g->type & 0xFF) != type_byte)
			continue;
		if (g->blocks == blocks || (type_byte && blocks <= g->blocks))
			return g;
		if (!first)
			first = g;
	}
	return first;
}

static uint32_t round_up(uint32_t n, uint32_t unit)
{
	return (n + unit - 1) / unit * unit;
}

static uint32_t segments(const struct dasd_geometry *g, uint32_t gap, uint32_t bytes)
{
	uint32_t n = bytes + g->f6;

	return round_up(g->f1 * gap + n + g->f4 * ((n + 2 * g->f5 - 1) / (2 * g->f5)), g->f1);
}

uint32_t geometry_space(const struct dasd_geometry *g, uint32_t key, uint32_t data)
{
	switch (g->formula) {
	case FORMULA_GAPS:
		return key + data + (key ? g->f1 : 0) + g->f2;
	case FORMULA_TOLERANCE:
		return (key + data) * g->f3 / g->f4 + (key ? g->f1 : 0) + g->f2;
	case FORMULA_CELLS:
		return round_up(data + g->f2, g->f1) + (key ? round_up(key + g->f3, g->f1) : 0);
	case FORMULA_SEGMENTS:
		return segments(g, g->f2, data) + (key ? segments(g, g->f3, key) : 0);
	}
	return UINT32_MAX;
}

uint32_t geometry_space_last(const struct dasd_geometry *g, uint32_t key, uint32_t data)
{
	if (g->formula == FORMULA_TOLERANCE)
		return key + data + (key ? g->f1 : 0);
	return geometry_space(g, key, data);
}
