/*
 * cp/link.h - LINK: who may have which minidisk, and how.
 *
 * GC20-1820, "VM/370 CP Command Reference for General Users", LINK, with its
 * table of access modes; the same rules give a user the disks of his directory
 * entry at LOGON.
 *
 * Threads: the CP thread.
 */
#ifndef CP_LINK_H
#define CP_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "cp/directory.h"

struct vmblok;

enum link_mode { LINK_R, LINK_RR, LINK_W, LINK_WR, LINK_M, LINK_MR, LINK_MW };

/* "R" ... "MW", also with V behind it (virtual RESERVE, which is not there). */
bool link_mode_of(const char *word, enum link_mode *mode);

/* So many wrong passwords end LINK for the session. */
#define LINK_WRONG_PASSWORDS 10

struct link_wanted {
	char owner[9];
	uint16_t vaddr1;     /* the owner's address */
	uint16_t vaddr2;     /* as which it is wanted */
	bool mode_given;     /* false: what the owner's entry says, R for others */
	enum link_mode mode;
	char password[9];    /* "" none given */
	bool is_wrong;       /* that has been found out */
	struct directory_secret right; /* it is right for this one */
	bool at_logon;       /* no password, less talk */
	bool by_guest;       /* DIAGNOSE X'08' */
};

/*
 * Link, and tell vm about it: a command's execute(), which waits for the password if
 * one is needed, typed and found right or wrong. Returns the return code: 0, 101 to 103
 * forced read-only, or the number of the error message.
 */
int link_minidisk(struct vmblok *vm, const struct link_wanted *wanted);

/* The MDISK and LINK statements of a user's directory entry, at LOGON. */
void link_directory_entry(struct vmblok *vm, const struct directory_entry *e);

#endif
