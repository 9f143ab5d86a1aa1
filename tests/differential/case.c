#include "tests/differential/case.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "cpu370/disasm.h"

static void put_patch(uint8_t *at, uint32_t address, unsigned length,
		      const uint8_t *bytes)
{
	put_be32(at, address);
	put_be32(at + 4, length ? length - 1 : 0xFFFFFFFF);
	memcpy(at + 8, bytes, length);
}

unsigned case_literal_at(const struct test_case *c)
{
	unsigned n = 2 + length_of(c->target[0]) + length_of(c->target[1]);

	for (unsigned i = 0; i < c->insns; i++)
		n += length_of(c->insn[i]);
	return n + ((0u - n - (unsigned)c->psw) & 3);
}

/* The stream: instructions, SVC 255, the targets of EX, the literal. */
static unsigned stream(const struct test_case *c, uint8_t code[CODE_BYTES])
{
	static const uint8_t svc[2] = { 0x0A, 0xFF };
	unsigned n = 0;

	for (unsigned i = 0; i < c->insns; i++) {
		memcpy(code + n, c->insn[i], length_of(c->insn[i]));
		n += length_of(c->insn[i]);
	}
	memcpy(code + n, svc, 2);
	n += 2;
	for (unsigned i = 0; i < 2; i++) {
		memcpy(code + n, c->target[i], length_of(c->target[i]));
		n += length_of(c->target[i]);
	}
	if (!c->has_literal)
		return n;
	while (n < case_literal_at(c))
		code[n++] = 0;
	put_be32(code + n, c->literal);
	return n + 4;
}

void case_encode(const struct test_case *c, uint8_t bytes[CASE_SIZE])
{
	uint8_t code[CODE_BYTES];

	memset(bytes, 0, CASE_SIZE);
	put_be64(bytes + C_PSW, c->psw);
	for (unsigned i = 0; i < 16; i++) {
		put_be32(bytes + C_GPR + 4 * i, c->gr[i]);
		put_be32(bytes + C_CR + 4 * i, c->cr[i]);
	}
	for (unsigned i = 0; i < 4; i++)
		put_be64(bytes + C_FPR + 8 * i, c->fpr[i]);
	memcpy(bytes + C_KEYS, c->keys, BLOCKS);
	put_be64(bytes + C_COMPARATOR, c->comparator);
	put_be64(bytes + C_TIMER, c->timer);
	put_patch(bytes + C_CODE, c->code_at, stream(c, code), code);
	for (unsigned i = 0; i < PATCHES - 1; i++)
		put_patch(bytes + C_DATA + i * (8 + PATCH_BYTES), c->patch[i].address,
			  c->patch[i].length, c->patch[i].bytes);
}

static void print_insn(uint32_t address, const uint8_t *code)
{
	char text[DISASM_TEXT];

	disasm(code, length_of(code), text);
	printf("  %06X  ", address);
	for (unsigned i = 0; i < 6; i++)
		printf(i < length_of(code) ? "%02X" : "  ", code[i]);
	printf("  %s\n", text);
}

void case_print(const struct test_case *c)
{
	uint32_t at = (uint32_t)c->psw & 0xFFFFFF;

	printf("  PSW %016llX\n", (unsigned long long)c->psw);
	for (unsigned i = 0; i < 16; i++)
		printf("%s%08X%s", i % 8 ? " " : "  GR ", c->gr[i],
		       i % 8 == 7 ? "\n" : "");
	for (unsigned i = 0; i < 16; i++)
		printf("%s%08X%s", i % 8 ? " " : "  CR ", c->cr[i],
		       i % 8 == 7 ? "\n" : "");
	printf("  FPR");
	for (unsigned i = 0; i < 4; i++)
		printf(" %016llX", (unsigned long long)c->fpr[i]);
	printf("\n  KEYS");
	for (unsigned i = 0; i < BLOCKS; i++)
		printf(" %02X", c->keys[i]);
	printf("  CLKC %016llX CPUT %016llX\n", (unsigned long long)c->comparator,
	       (unsigned long long)c->timer);
	for (unsigned i = 0; i < PATCHES - 1; i++) {
		if (!c->patch[i].length)
			continue;
		printf("  %06X: ", c->patch[i].address);
		for (unsigned j = 0; j < c->patch[i].length; j++)
			printf("%02X", c->patch[i].bytes[j]);
		printf("\n");
	}
	for (unsigned i = 0; i < c->insns; at += length_of(c->insn[i]), i++)
		print_insn(at, c->insn[i]);
	printf("  %06X  0AFF          SVC   255\n", at);
	at += 2;
	for (unsigned i = 0; i < 2; at += length_of(c->target[i]), i++)
		print_insn(at, c->target[i]);
	if (c->has_literal)
		printf("  %06X  %08X\n",
		       ((uint32_t)c->psw & 0xFFFFFF) + case_literal_at(c), c->literal);
}
