/*
 * cpu370/run.h - what run.c asks of per.c and block.c.
 */
#ifndef CPU370_RUN_H
#define CPU370_RUN_H

#include <stdbool.h>
#include <stdint.h>

struct cpu370;
struct insn;

/* Absolute address of the frame of a block, by one of its instructions. */
uint32_t block_aaddr(const struct insn *in);

/* GA22-7000, "Program-Event Recording": note what the instruction at ia is. */
void per_begin(struct cpu370 *cpu, uint32_t ia, const uint8_t *code);
/*
 * It is done (completed: false if it was suppressed or nullified). Returns
 * PIC_PER if an event is to be reported, else 0.
 */
unsigned per_finish(struct cpu370 *cpu, bool completed);

#endif
