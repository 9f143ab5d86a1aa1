/*
 * cp/commands/spoolargs.h - operands that the spool commands share.
 *
 * GC20-1820 (class G) and GC20-1806 (class D), the spooling commands. Functions
 * that return int return 0 or the number of the error message they have sent;
 * module is that of the message ("CSV").
 *
 * Threads: the CP thread.
 */
#ifndef CP_SPOOLARGS_H
#define CP_SPOOLARGS_H

#include <stdbool.h>

#include "cp/spool.h"
#include "devices/device.h"

struct args;
struct virtual_device;
struct vmblok;

/* Which closed files a command is about. */
struct spool_selection {
	char owner[9];
	bool everybody;            /* class D: SYSTEM */
	bool named;                /* class D: a userid or SYSTEM was given */
	bool queues[SPOOL_QUEUES];
	char class;                /* 0: any */
	unsigned id;               /* 0: any */
};

/* Own files; for class D an optional userid or SYSTEM is taken off args. */
void spoolargs_owner(struct vmblok *vm, struct args *args, struct spool_selection *sel);
/* READER, PRINTER, PUNCH or, if all_ok, ALL. */
int spoolargs_type(struct vmblok *vm, const char *module, struct args *args, bool all_ok,
		   struct spool_selection *sel);
/* Is word a queue's name? */
bool spoolargs_queue(const char *word, enum spool_queue *queue);
/* spoolid, CLASS c or ALL; *found false: there was no operand. */
int spoolargs_id(struct vmblok *vm, const char *module, struct args *args,
		 struct spool_selection *sel, bool *found);
/* One class, A-Z or 0-9; star: also '*'. */
int spoolargs_class(struct vmblok *vm, const char *module, struct args *args, bool star,
		    char *class);
/* nn or *nn, 1 to 99 */
int spoolargs_copies(struct vmblok *vm, const char *module, struct args *args,
		     unsigned *copies, bool *at_once);
/* fn [ft] or dsname */
int spoolargs_name(struct vmblok *vm, const char *module, struct args *args, char name[25],
		   char ftype[9]);
int spoolargs_dist(struct vmblok *vm, const char *module, struct args *args, char dist[9]);
/*
 * A user who is in the directory; "*" is vm himself. receiver: he must be able
 * to log on.
 */
int spoolargs_user(struct vmblok *vm, const char *module, const char *word, bool receiver,
		   char userid[9]);
/* The distribution code of a user. */
void spoolargs_distcode(struct vmblok *vm, const char *userid, char dist[9]);

/* ---- 3800 printers: CHARS, FCB, FLASH, MODIFY */

struct spoolargs_3800 {
	bool set[4];
	char chars[5], fcb[5], flash[5], modify[5];
	unsigned flash_count;
};
/* Takes the operand of word if it is one of them; *taken tells. */
int spoolargs_3800(struct vmblok *vm, const char *module, const char *word,
		   struct args *args, struct spoolargs_3800 *o, bool *taken);
/* Put what was given into the fields of a file or device. */
void spoolargs_3800_apply(const struct spoolargs_3800 *o, char chars[5], char fcb[5],
			  char flash[5], char modify[5], unsigned *flash_count);

/* ---- doing it */

/*
 * Call act for every file of the selection that is not in use, in queue order,
 * until it returns false. Returns how many it was called for.
 */
unsigned spoolargs_each(struct vmblok *vm, const struct spool_selection *sel,
			bool (*act)(void *arg, const struct spool_file *file), void *arg);
/* "0002 FILES PURGED" unless SET IMSG OFF. */
void spoolargs_count(struct vmblok *vm, unsigned count, const char *verb);
/* Message 042E. */
int spoolargs_missing(struct vmblok *vm, const char *module, unsigned id);

/* ---- virtual devices */

struct spool_devices {
	bool by_kind;
	enum device_kind kind;
	struct virtual_device *vdev;
};
/* READER, PRINTER, PUNCH, CONSOLE or an address of one of them. */
int spoolargs_devices(struct vmblok *vm, const char *module, struct args *args,
		      struct spool_devices *devices);
/* Call act for each device meant, until one returns not 0. */
int spoolargs_each_device(struct vmblok *vm, const struct spool_devices *devices,
			  int (*act)(struct vmblok *vm, struct virtual_device *v, void *arg),
			  void *arg);

#endif
