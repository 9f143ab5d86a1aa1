/*
 * cp/directory.h - the VM/370 directory, read from its source form.
 *
 * GC20-1801, "VM/370 Planning and System Generation Guide", Creating Your
 * VM/370 Directory: statements in columns 1-71, one a record, abbreviated as
 * the DIRECT program allows. A directory that has been read never changes; it
 * is counted, and freed with its last user. Only passwords turn into hashes.
 *
 * Threads: the CP thread.
 */
#ifndef CP_DIRECTORY_H
#define CP_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum directory_device {
	DIR_CONSOLE, DIR_SPOOL, DIR_DEDICATE, DIR_SPECIAL, DIR_LINK, DIR_MDISK,
};

enum directory_option {
	OPTION_REALTIMER = 1 << 0, OPTION_ECMODE = 1 << 1, OPTION_ISAM = 1 << 2,
	OPTION_VIRT_REAL = 1 << 3, OPTION_ACCT = 1 << 4, OPTION_SVCOFF = 1 << 5,
	OPTION_BMX = 1 << 6, OPTION_LNKNOPAS = 1 << 7, OPTION_STFIRST = 1 << 8,
};

/*
 * A password. As the source has it until it is hashed (password.h); a * in the
 * source stands for the hash that is kept beside it.
 */
struct directory_secret {
	char plain[9];          /* "" none, or hashed */
	char hash[88];          /* crypt(3); "" none */
	bool stored;            /* the source says * */
	bool is_userid;         /* it is just the userid */
	unsigned line, column;  /* of the source; column from 0 */
};

/* One device statement. */
struct directory_entry {
	struct directory_entry *next;
	enum directory_device kind;
	unsigned line;          /* of the source */
	uint16_t vaddr;
	char type[9];           /* "3215", "2540R", "3330"; "" for LINK */
	char class;             /* spool class, '*' = all; CONSOLE default T */
	char userid[9];         /* LINK: owner; CONSOLE: secondary user */
	uint16_t vaddr2;        /* LINK: the owner's address */
	char mode[4];           /* MDISK, LINK: "W", "MR", "RV"... */
	uint32_t cylinder;      /* MDISK: first real cylinder */
	uint32_t cylinders;
	bool temporary;         /* MDISK T-DISK */
	char volid[7];          /* MDISK, DEDICATE by volume */
	uint16_t raddr;         /* DEDICATE by address */
	bool by_volid, read_only;
	struct directory_secret password[3]; /* MDISK: read, write, multiple */
	char option[9];         /* SPECIAL: IBM, TELE */
};

/* IUCV: whom he may connect to, or, with ALLOW, that everybody may to him. */
struct directory_iucv {
	struct directory_iucv *next;
	char target[9];         /* a userid, "ALLOW" or "ANY" */
	bool priority;
	unsigned msglimit;      /* 1-255; 0 not given */
};

struct directory_user {
	struct directory_user *next;
	unsigned line;
	struct directory_user *same_hash; /* next with the same hash of the userid */
	char userid[9];
	struct directory_secret password;
	uint32_t storage, max_storage; /* bytes */
	uint8_t classes;               /* bit 0x80 = A ... 0x01 = H */
	unsigned priority;             /* 1-99 */
	/* Line editing characters, ISO 8859-1; 0 = off. */
	char linend, linedel, chardel, escape;
	char account[9], distcode[9];
	unsigned options;              /* enum directory_option */
	uint32_t cpuid;                /* 24 bits; 0 = not given */
	int affinity;                  /* -1 none */
	int years;                     /* YROFFSET: its TOD clock, from the host's */
	unsigned maxconn;              /* OPTION MAXCONN: paths of IUCV; 0 not given */
	struct directory_iucv *iucv;
	char ipl[9];                   /* "" none */
	char ipl_parm[65];
	struct directory_entry *devices;
};

struct directory;

/*
 * Read a directory source. All errors are found: report() is called with a
 * sentence for each ("FILE:LINE: ..."), and NULL is returned if there was one.
 */
struct directory *directory_read(const char *path,
				 void (*report)(void *arg, const char *sentence),
				 void *arg);
/* The same from memory; path is for messages only. */
struct directory *directory_parse(const char *path, const char *text, size_t length,
				  void (*report)(void *arg, const char *sentence),
				  void *arg);
struct directory *directory_get(struct directory *dir);
void directory_put(struct directory *dir);

const struct directory_user *directory_find(const struct directory *dir,
					    const char *userid);
/* The first user; go on with user->next. */
const struct directory_user *directory_users(const struct directory *dir);
/* Call visit for every password: of a user, and of an MDISK (e not NULL, kind 0 to 2). */
void directory_secrets(struct directory *dir,
		       void (*visit)(void *arg, const struct directory_user *u,
				     const struct directory_entry *e, unsigned kind,
				     struct directory_secret *s),
		       void *arg);

/* "512K", "2M": bytes, rounded up to 4K; 0 if malformed or outside 8K-16M. */
uint32_t directory_storage_size(const char *text);

#endif
