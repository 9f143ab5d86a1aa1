/*
 * cp/extents.h - do the minidisks of a directory lie on each other?
 *
 * GC20-1801, "VM/370 Planning and System Generation Guide", on planning minidisks:
 * CP does not mind minidisks that overlap, their users will.
 *
 * Threads: the CP thread.
 */
#ifndef CP_EXTENTS_H
#define CP_EXTENTS_H

struct directory;
struct sysvolumes;

/*
 * Say a sentence for each two MDISK statements that share cylinders, and for each
 * volume that a statement names and nobody mounted. A minidisk that is all of a
 * volume, for its maintenance, may lie on others. Returns how many were said.
 */
unsigned extents_check(const struct directory *dir, struct sysvolumes *volumes,
		       void (*report)(void *arg, const char *sentence), void *arg);

#endif
