/*
 * cp/diagnose_int.h - what the files with DIAGNOSE functions share.
 *
 * Threads: the machine's, but for what a question does on the CP thread.
 */
#ifndef CP_DIAGNOSE_INT_H
#define CP_DIAGNOSE_INT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu370/cpu.h"

struct vmblok;

/* One DIAGNOSE instruction. rx and ry are register numbers. */
struct diag {
	struct vmblok *vm;
	struct cpu370 *cpu;
	unsigned rx, ry;
};

/* n is taken modulo 16. */
uint32_t diag_gr(const struct diag *d, unsigned n);
void diag_set_gr(const struct diag *d, unsigned n, uint32_t value);
/* The PSW key, X'00' to X'F0'. */
uint8_t diag_key(const struct diag *d);
/* Guest-real storage to or from data, page by page; 0 or a program-interruption code. */
int diag_move(const struct diag *d, bool store, uint32_t raddr, uint8_t *data, size_t n,
	      uint8_t key);
/* R15 and the condition code; returns 0. */
int diag_answer(const struct diag *d, unsigned cc, uint32_t r15);

/*
 * A question for the CP thread. It lives on the heap: FORCE may free the machine
 * while the question waits for its turn.
 */
struct question {
	atomic_uint refs;
	atomic_bool done;
	struct vmblok *vm; /* counted */
	void (*answer)(struct question *q); /* on the CP thread; vm may be leaving */
	uint32_t in[2];
	uint32_t out[4];
	uint8_t *data; /* of the answer; freed with it */
	size_t length;
};
/*
 * Ask and wait. NULL: the machine is being freed. The answer must be given back
 * with question_put().
 */
struct question *question_ask(const struct diag *d, void (*answer)(struct question *q),
			      uint32_t in0, uint32_t in1);
/* The same with n bytes of data, which the answer finds in q->data. */
struct question *question_ask_with(const struct diag *d, void (*answer)(struct question *q),
				   uint32_t in0, const uint8_t *data, size_t n);
void question_put(struct question *q);

/* The functions: 0 or a program-interruption code. */
int diag_release_pages(const struct diag *d); /* X'10', diag_segment.c */
int diag_segment(const struct diag *d);       /* X'64' */
int diag_disk_io(const struct diag *d);       /* X'18', diag_io.c */
int diag_general_io(const struct diag *d);    /* X'20' */
int diag_device_type(const struct diag *d);   /* X'24', diag_device.c */
int diag_spool_file(const struct diag *d);    /* X'14', diag_spool.c */
int diag_accounting(const struct diag *d);    /* X'4C', diag_account.c */
int diag_display(const struct diag *d);       /* X'58' */
int diag_characteristics(const struct diag *d); /* X'8C' */
int diag_change_program(const struct diag *d); /* X'28', diag_io.c */
int diag_examine_storage(const struct diag *d); /* X'04', diag_system.c */
int diag_clear_recording(const struct diag *d); /* X'1C' */
int diag_find_recording(const struct diag *d);  /* X'2C' */
int diag_read_recording(const struct diag *d);  /* X'30' */
int diag_read_dump(const struct diag *d);       /* X'34' */
int diag_read_symbols(const struct diag *d);    /* X'38' */
int diag_new_directory(const struct diag *d);   /* X'3C' */
int diag_second_level(const struct diag *d);    /* X'48' */
int diag_save_ncp(const struct diag *d);        /* X'50' */
int diag_image_library(const struct diag *d);   /* X'74' */
int diag_mass_storage(const struct diag *d);    /* X'78' */
int diag_update_directory(const struct diag *d); /* X'84' */

#endif
