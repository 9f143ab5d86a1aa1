/*
 * cpu370/disasm.h - instruction bytes to assembler text.
 *
 * Pure: no storage, no CPU, no state. Any thread.
 */
#ifndef CPU370_DISASM_H
#define CPU370_DISASM_H

#include <stddef.h>
#include <stdint.h>

#define DISASM_TEXT 56 /* bytes that every text fits in, with its end */

/*
 * Write the instruction in code[0 ... length-1] as "MNEM  OPERANDS", the
 * operands starting in column 7, numbers in decimal, as an assembler takes it.
 * Bytes that are no instruction, or are cut off, become "DC    X'...'".
 * Returns the bytes that the text stands for: 2, 4 or 6 (length if it is cut
 * off, 0 if length is 0).
 */
unsigned disasm(const uint8_t *code, size_t length, char text[DISASM_TEXT]);

#endif
