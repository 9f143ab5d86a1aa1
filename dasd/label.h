/*
 * dasd/label.h - volume labels as a newly made image gets them.
 *
 * The same bytes as Hercules' dasdinit writes: records IPL1, IPL2 and VOL1 on
 * cylinder 0 head 0; the program that IPL1 loads is a disabled wait state with
 * code F. Labels: GC26-3813 "OS/VS2 System Programming Library: Data
 * Management", volume label group.
 */
#ifndef DASD_LABEL_H
#define DASD_LABEL_H

#include <stdbool.h>
#include <stdint.h>

#define VOLSER_SIZE  6
#define LABEL_SIZE   80
#define LABEL_RECORD 3 /* its record number on cylinder 0 head 0 */

/* 1 to 6 letters, digits, or any of "@#$-"? */
bool volser_valid(const char *volser);

/* An 80-byte VOL1 label in EBCDIC; the VTOC at cylinder 0 head 1 record 1. */
void label_make(uint8_t label[LABEL_SIZE], const char *volser);

/* Track 0 of a labelled volume; returns its length, 0 if capacity is too small. */
uint32_t label_make_track(uint8_t *data, uint32_t capacity, const char *volser);

/* Block 1 of a labelled fixed-block volume. */
void label_make_block(uint8_t block[512], const char *volser);

/*
 * The serial number in the label of track 0 (checked image) or block 1, ASCII;
 * false: there is no VOL1 label.
 */
bool label_of_track(const uint8_t *data, char volser[VOLSER_SIZE + 1]);
bool label_of_block(const uint8_t *block, char volser[VOLSER_SIZE + 1]);

#endif
