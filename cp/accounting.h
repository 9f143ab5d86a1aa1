/*
 * cp/accounting.h - what users used: VM/370's accounting records, kept in
 * DIR/accounting.db (SQLite) instead of being punched.
 *
 * GC20-1807, "VM/370 System Programmer's Guide", Accounting Records. A record of
 * code 01 is cut at LOGOFF, FORCE, SHUTDOWN and by ACNT and covers the time since
 * the one before; 04 to 06 are journaling; C0 is a user's own (DIAGNOSE X'4C').
 *
 * DIFFERS: the I/O count includes console and unit record devices, and there is
 * no paging.
 *
 * Threads: the CP thread, but for accounting_own() (any).
 */
#ifndef CP_ACCOUNTING_H
#define CP_ACCOUNTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

struct accounting;
struct cp;
struct vmblok;

/* Where a user's counters stood when his last record was cut. */
struct accounting_base {
	uint64_t tod, cpu_ns, io, read, punched, printed;
};

struct accounting *accounting_open(const char *dir, struct error *err);
void accounting_close(struct accounting *a);

/* The counters of vm's session as they stand. */
struct accounting_base accounting_counters(struct vmblok *vm);
/* Cut a record 01 of vm, who has a machine, and begin anew. */
void accounting_user(struct vmblok *vm);

/* What a journaling record (04, 05, 06) says. */
struct accounting_event {
	const char *code, *userid, *account;
	uint16_t terminal;    /* address */
	const char *target;   /* user to be autologged or linked to */
	uint16_t vaddr;
	unsigned count, limit;
};
/* Does nothing while journaling is off (SET JOURNAL). */
void accounting_journal(struct accounting *a, const struct accounting_event *e);
void accounting_set_journal(struct accounting *a, bool on);

/*
 * 02, a dedicated device, and 03, a T-disk, when vm gives them back: seconds that he
 * had it, cylinders of a disk.
 */
void accounting_device(struct vmblok *vm, const char *code, uint16_t vaddr, const char *type,
		       uint64_t seconds, uint32_t cylinders);

/* Whom vm's use is charged to, if not himself: DIAGNOSE X'4C'. */
struct accounting_charge {
	char userid[9], account[9]; /* "" himself, his own */
};

/* C0: up to 70 bytes of the user's (EBCDIC). */
void accounting_own(struct accounting *a, const char *userid, const char *account,
		    const uint8_t *data, size_t length);

/* All records of dir as CSV with a head line; a running vm370 is not disturbed. */
bool accounting_export(const char *dir, FILE *out, struct error *err);

#endif
