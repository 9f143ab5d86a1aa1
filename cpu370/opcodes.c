#include "cpu370/opcodes.h"

#include <string.h>

#define ROW(chapter, mnemonic, opcode, format, operand, flags, title)                    \
	{ mnemonic, opcode, FMT_##format, operand, flags, chapter, title },
#define GENERAL(fn, ...) ROW(CHAPTER_GENERAL, __VA_ARGS__)
#define DECIMAL(fn, ...) ROW(CHAPTER_DECIMAL, __VA_ARGS__)
#define FLOAT(fn, ...)   ROW(CHAPTER_FLOAT, __VA_ARGS__)
#define CONTROL(fn, ...) ROW(CHAPTER_CONTROL, __VA_ARGS__)
#define IO(fn, ...)      ROW(CHAPTER_IO, __VA_ARGS__)
#define ASSIST(fn, ...)  ROW(CHAPTER_ASSIST, __VA_ARGS__)

const struct opcode opcode_rows[] = {
	OPCODES_GENERAL(GENERAL) OPCODES_DECIMAL(DECIMAL) OPCODES_FLOAT(FLOAT)
	OPCODES_CONTROL(CONTROL) OPCODES_IO(IO) OPCODES_ASSIST(ASSIST)
};
const size_t opcode_count = sizeof(opcode_rows) / sizeof(opcode_rows[0]);

#define EXTENDED(mnemonic, base, mask) { mnemonic, base, mask },
const struct extended_mnemonic extended_mnemonics[] = { EXTENDED_MNEMONICS(EXTENDED) };
const size_t extended_mnemonic_count =
	sizeof(extended_mnemonics) / sizeof(extended_mnemonics[0]);

const struct opcode *opcode_find(unsigned byte0, unsigned byte1)
{
	unsigned both = byte0 << 8 | byte1;

	for (size_t i = 0; i < opcode_count; i++)
		if (opcode_rows[i].opcode == byte0 || opcode_rows[i].opcode == both)
			return &opcode_rows[i];
	return NULL;
}

const struct opcode *opcode_named(const char *mnemonic)
{
	for (size_t i = 0; i < opcode_count; i++)
		if (!strcmp(opcode_rows[i].mnemonic, mnemonic))
			return &opcode_rows[i];
	return NULL;
}
