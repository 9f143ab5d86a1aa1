/*
 * consoles/datastream.h - the 3270 data stream: codes, writes being built,
 * records being read.
 *
 * GA23-0059, "3270 Information Display System: Data Stream Programmer's
 * Reference", chapters 3 (commands and orders), 4 (character sets and
 * attributes), 5 and 6 (structured fields).
 */
#ifndef CONSOLES_DATASTREAM_H
#define CONSOLES_DATASTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "consoles/bytebuf.h"

enum ds_command {
	DS_WRITE = 0xF1,
	DS_READ_BUFFER = 0xF2,
	DS_WRITE_STRUCTURED = 0xF3,
	DS_ERASE_WRITE = 0xF5,
	DS_READ_MODIFIED = 0xF6,
	DS_READ_MODIFIED_ALL = 0x6E,
	DS_ERASE_UNPROTECTED = 0x6F,
	DS_ERASE_WRITE_ALTERNATE = 0x7E,
};

/* The stream's code of a channel command (01 is F1, 0D is 7E ...); 0: none such. */
uint8_t ds_command(uint8_t channel_command);

enum ds_order {
	DS_PT = 0x05, /* program tab */
	DS_GE = 0x08, /* graphic escape */
	DS_SBA = 0x11,
	DS_EUA = 0x12,
	DS_IC = 0x13,
	DS_SF = 0x1D,
	DS_SA = 0x28,
	DS_SFE = 0x29,
	DS_MF = 0x2C,
	DS_RA = 0x3C,
};

enum ds_wcc { DS_ALARM = 4, DS_RESTORE = 2, DS_RESET_MDT = 1 };

enum ds_attribute {
	DS_PROTECTED = 0x20,
	DS_NUMERIC = 0x10,
	DS_DISPLAY = 0x0C, /* mask */
	DS_INTENSE = 0x08,
	DS_HIDDEN = 0x0C,
	DS_MDT = 0x01,
};

enum ds_aid {
	AID_NONE = 0x60,
	AID_ENTER = 0x7D,
	AID_CLEAR = 0x6D,
	AID_PA1 = 0x6C,
	AID_PA2 = 0x6E,
	AID_PA3 = 0x6B,
	AID_SYSREQ = 0xF0,
	AID_STRUCTURED = 0x88,
	AID_CARD = 0xE6,
	AID_TEST = 0x01, /* test request read: 01 6C 61 02 data */
};

/* The number of a PF key's AID, 1-24; 0 for others. */
unsigned ds_pf_number(uint8_t aid);

/* A 6-bit value as a graphic: GA23-0059, "Control Character I/O Codes". */
uint8_t ds_code(unsigned six_bits);

/* ---- building; positions are row * columns + column */

void ds_begin(struct bytebuf *b, enum ds_command command, unsigned wcc);
void ds_set_address(struct bytebuf *b, unsigned position);
void ds_start_field(struct bytebuf *b, unsigned attribute);
void ds_insert_cursor(struct bytebuf *b);
/* Fill from the current address up to, not including, stop. */
void ds_repeat(struct bytebuf *b, unsigned stop, uint8_t character);
/* Text; what is no graphic becomes a blank. */
void ds_text(struct bytebuf *b, const uint8_t *text, size_t n);
/* Write Structured Field: Read Partition (Query). */
void ds_query(struct bytebuf *b);
/* An address of two bytes: 12 bits in codes, or 14 bits from 4096 on. */
void ds_address(struct bytebuf *b, unsigned position);
/* Position of an address: 12 bits in codes, 14 or 16 bits binary. */
unsigned ds_position(const uint8_t address[2]);

/* ---- reading */

#define DS_NO_CURSOR UINT32_MAX

/* An input record: AID, cursor, then what the fields hold. */
struct ds_record {
	uint8_t aid;
	uint32_t cursor; /* DS_NO_CURSOR: a short read */
	const uint8_t *data;
	size_t length;
	const uint8_t *raw; /* the whole of it */
	size_t raw_length;
};

/* Split a record; false if it is empty. */
bool ds_parse(struct ds_record *r, const uint8_t *bytes, size_t n);
/*
 * The data of all modified fields in one piece, SBA orders and their addresses
 * taken out. Returns the length, at most size.
 */
size_t ds_input(const struct ds_record *r, uint8_t *out, size_t size);

/* What a Query Reply told. */
struct ds_capabilities {
	unsigned rows, columns; /* 0: not told */
	bool color, highlighting;
	unsigned replies; /* number of structured fields understood */
};

/* Read a record with AID X'88'. Returns false if it is damaged. */
bool ds_query_reply(struct ds_capabilities *c, const struct ds_record *r);

#endif
