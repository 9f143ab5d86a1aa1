/*
 * dasd/geometry.h - what the disk drives are like.
 *
 * One row a model. Cylinders, heads and records are numbered as the channel
 * programs number them: cylinders and heads from 0. Lengths are bytes. The
 * table is constant; any thread may read it.
 */
#ifndef DASD_GEOMETRY_H
#define DASD_GEOMETRY_H

#include <stdbool.h>
#include <stdint.h>

#define FBA_BLOCK_SIZE 512

/* How a record's space on the track is reckoned; see geometry_space(). */
enum track_formula {
	FORMULA_GAPS,    /* constant gaps: 2305, 3330, 3340, 3350 */
	FORMULA_TOLERANCE, /* gaps that grow with the record: 2311, 2314 */
	FORMULA_CELLS,   /* cells of f1 bytes: 3375, 3380 */
	FORMULA_SEGMENTS /* cells and segments: 3390, 9345 */
};

struct dasd_geometry {
	uint16_t type;        /* 0x3350 */
	const char *name;     /* "3350-1": type and model */
	uint16_t cylinders;   /* primary cylinders of this model */
	uint16_t alternates;  /* alternate cylinders behind them */
	uint16_t heads;       /* tracks in a cylinder */
	uint16_t record_max;  /* longest data of a record 1 without a key */
	uint16_t slot;        /* bytes an image file gives to a track */
	uint16_t track_length; /* the length that geometry_space() is held against */
	uint8_t sectors;      /* rotational position sensing; 0: none */
	enum track_formula formula;
	uint16_t f1, f2, f3, f4, f5, f6;
	const char *manual;
};

/* A fixed-block model. */
struct fba_geometry {
	uint16_t type;      /* 0x3370 */
	const char *name;   /* "3370-1" */
	uint32_t blocks;    /* blocks of 512 bytes */
	uint16_t per_track; /* blocks on a track; 0 where the model does not say */
	uint16_t per_cylinder;
	const char *manual;
};

/* The tables end with a row whose name is NULL. */
extern const struct dasd_geometry dasd_geometries[];
extern const struct fba_geometry fba_geometries[];

/*
 * The row named "3350" (its first model) or "3350-1" or "3380-K", in either
 * case; NULL if there is none.
 */
const struct dasd_geometry *geometry_find(const char *name);
const struct fba_geometry *geometry_find_fba(const char *name);

/*
 * The row for an image: low byte of the device type, and the number of
 * cylinders, which picks the smallest model that holds them (the first model
 * of the type if none does). NULL: no such type, or other heads than the row.
 */
const struct dasd_geometry *geometry_of_image(uint8_t type_byte, uint32_t cylinders,
					      uint32_t heads);

/* The row for a fixed-block image of that many blocks; type_byte 0: any type. */
const struct fba_geometry *geometry_of_blocks(uint8_t type_byte, uint32_t blocks);

/*
 * Space in the units of track_length that a record takes when another one
 * follows it, and when it is the last of its track. key and data in bytes.
 */
uint32_t geometry_space(const struct dasd_geometry *g, uint32_t key, uint32_t data);
uint32_t geometry_space_last(const struct dasd_geometry *g, uint32_t key, uint32_t data);

/*
 * May a record be written behind records that take used units? Start with
 * used 0 (record 0 as every track has it costs nothing) and add
 * geometry_space() for each record.
 */
static inline bool geometry_fits(const struct dasd_geometry *g, uint32_t used, uint32_t key,
				 uint32_t data)
{
	return used + geometry_space_last(g, key, data) <= g->track_length;
}

#endif
