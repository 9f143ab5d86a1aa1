/*
 * cp/vdevice.h - VDEVBLOK: the virtual devices of a user.
 *
 * Threads: the CP thread.
 */
#ifndef CP_VDEVICE_H
#define CP_VDEVICE_H

#include <stdint.h>

#include "base/error.h"
#include "cp/directory.h"
#include "cp/unitrecord.h"
#include "devices/device.h"

struct minidisk;
struct sysline;
struct systape;
struct sysvolume;
struct vgraf;
struct vline;
struct vmblok;

struct virtual_device {
	struct virtual_device *next;
	uint16_t vaddr;
	uint64_t attached;     /* TOD */
	char type[9];          /* as attached: "3215", "2540R" */
	enum device_kind kind;
	char class;            /* console spool class */
	bool not_ready;        /* by NOTREADY */
	struct unitrecord *ur; /* spooled reader, punch, printer; else NULL */
	struct minidisk *disk; /* DASD; else NULL */
	struct systape *tape;  /* the drive that this is; else NULL */
	struct vgraf *graf;    /* 3270 that terminals dial to; else NULL */
	struct sysline *real_line; /* the line of the system that this is; else NULL */
	struct vline *line;    /* a virtual communication line; else NULL */
	char option[9];        /* of a virtual line: TELE, IBM; "" BSC */
	/* Channel-to-channel adapter or line: the other end of its cable (couple.h), or NULL. */
	struct vmblok *far_vm;
	struct virtual_device *far_end;
	uint64_t trouble;      /* TOD when its user was last told of the host's; 0 never */
};

/* Attach what the directory gives a user; trouble is told to him, one by one. */
void vdevice_attach_all(struct vmblok *vm, const struct directory_user *user);
/*
 * Attach a console, 3270 or unit record device: vaddr, type and class of e. NULL, and
 * the user has been told why, if that cannot be done.
 */
struct virtual_device *vdevice_attach(struct vmblok *vm, const struct directory_entry *e);
/*
 * Attach a disk of that type ("3350"). What disk says is copied; its use of the
 * volume is the device's from now on, and given up on failure (NULL with err).
 */
struct virtual_device *vdevice_attach_disk(struct vmblok *vm, uint16_t vaddr, const char *type,
					   const struct minidisk *disk, struct error *err);
/* Attach a whole volume that nobody uses; it is this user's until he detaches it. */
struct virtual_device *vdevice_attach_volume(struct vmblok *vm, uint16_t vaddr,
					     struct sysvolume *volume, bool read_only,
					     struct error *err);
/*
 * Give a user a tape drive that is free, with what is mounted there. NULL with err:
 * the tape cannot be read; the drive stays free.
 */
struct virtual_device *vdevice_attach_tape(struct vmblok *vm, uint16_t vaddr,
					   struct systape *drive, struct error *err);
/* Give a user a line that is free and online. NULL with err: its port cannot be had. */
struct virtual_device *vdevice_attach_line(struct vmblok *vm, uint16_t vaddr,
					   struct sysline *line, struct error *err);
/* DEFINE: another, free address for a tape drive; the tape stays where it stands. */
MUST_USE bool vdevice_move_tape(struct vmblok *vm, struct virtual_device *vdev,
				uint16_t vaddr, struct error *err);
/* Attach all of them again to a machine that replaced the old one. */
void vdevice_attach_again(struct vmblok *vm);
/* Detach one from the machine and forget it; its open file is closed. */
void vdevice_detach(struct vmblok *vm, struct virtual_device *vdev);
/* LOGOFF: close the files and forget all; the machine is gone already. */
void vdevice_release_all(struct vmblok *vm);

/* May this user have a device there? X'5FF' is the end without ECMODE. */
bool vdevice_address_ok(const struct vmblok *vm, uint16_t vaddr);
struct virtual_device *vdevice_find(struct vmblok *vm, uint16_t vaddr);

/* "CONS", "RDR ", "PUN ", "PRT ", "DASD"...: four characters, as replies show it. */
const char *vdevice_word(const struct virtual_device *vdev);

#endif
