/*
 * dasd/cmsread.h - files of CMS minidisks in blocks of 800 bytes, reading only.
 *
 * The file system of VM/370 Release 6 and of CP-67/CMS (records of 829 bytes of
 * which 800 count). SY20-0888 "VM/370 CMS Data Areas", file management.
 */
#ifndef DASD_CMSREAD_H
#define DASD_CMSREAD_H

#include "dasd/volume.h"

#define CMS_BLOCK 800

struct cms_disk {
	struct volume *vol;
	uint32_t first_cylinder; /* of the minidisk on the volume */
	uint32_t cylinders;      /* of the minidisk */
	uint32_t blocks, used;
	char label[7];
	bool quarters; /* first chain links may be quarters of blocks */
};

struct cms_file {
	char name[9], type[9], mode[3];
	char format; /* 'F' or 'V' */
	uint32_t records, length; /* length: of a record, or of the longest */
	uint16_t blocks;
	uint16_t chain;  /* first chain link */
	char year[3];
	uint8_t month, day, hour, minute; /* packed decimal */
};

/* Recognise a CMS minidisk that begins at a cylinder. found false: none there. */
bool cms_open(struct volume *vol, uint32_t first_cylinder, struct cms_disk *disk, bool *found,
	      struct error *err) MUST_USE;

/* Callbacks return false to stop early. */
typedef bool (*cms_file_fn)(void *context, const struct cms_file *file);
bool cms_list(const struct cms_disk *disk, cms_file_fn fn, void *context,
	      struct error *err) MUST_USE;

typedef bool (*cms_record_fn)(void *context, const uint8_t *record, uint32_t length);
bool cms_read(const struct cms_disk *disk, const struct cms_file *file, cms_record_fn fn,
	      void *context, struct error *err) MUST_USE;

#endif
