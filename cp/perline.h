/*
 * cp/perline.h - the lines of PER: an executed instruction, its operands' addresses, and
 * what it changed.
 *
 * Threads: perline_say_taken() and perline_taken() any; the others the machine's.
 */
#ifndef CP_PERLINE_H
#define CP_PERLINE_H

#include "cp/per.h"

/* A successful branch of the traceback table. */
struct per_taken {
	uint32_t at, to;
	uint8_t code[6];
	uint32_t times; /* one after the other */
};

/*
 * The instruction: jumped puts a > before it; changed are the registers to show, with
 * their new values; stored adds *STORE*.
 */
void perline_instruction(struct per_output *out, struct cpu370 *cpu,
			 const struct cpu_trace *what, bool jumped, uint16_t changed,
			 bool stored);
/* DATA AT address=what is there. */
void perline_data(struct per_output *out, struct cpu370 *cpu, uint32_t at, unsigned n);
/* The virtual machine's CPU time in microseconds. */
void perline_page(struct per_output *out, uint32_t at, uint64_t microseconds);
void perline_text(struct per_output *out, const char *text);
/* ":vvvvvv mnem  xxxxxxxx tttttt" */
void perline_taken(const struct per_taken *b, char text[TRACE_COLUMNS + 1]);

/* Bytes of logical storage; false: not all are there. */
bool perline_peek(struct cpu370 *cpu, uint32_t laddr, uint8_t *out, size_t n);

#endif
