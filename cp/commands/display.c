/*
 * DISPLAY. GC20-1820, DISPLAY; the columns are those of VM/370 Release 6.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/ebcdic.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/commands/hexloc.h"
#include "cp/message.h"
#include "cp/vmblok.h"

/* Lines are made of these many bytes; storage is fetched line by line. */
#define LINE_BYTES 16u

static void say_words(struct vmblok *vm, const char *head, size_t column,
		      const uint8_t *data, unsigned words, const char *tail)
{
	char line[120];
	size_t n = (size_t)snprintf(line, sizeof(line), "%-*s", (int)column, head);

	for (unsigned i = 0; i < words; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%08X%s",
				      be32(data + 4 * i), i + 1 < words ? "  " : "");
	if (tail)
		snprintf(line + n, sizeof(line) - n, "%s", tail);
	vm_say(vm, "%s", line);
}

/* ---- storage */

static bool fetch(struct vmblok *vm, uint32_t address, uint8_t *data, size_t n)
{
	struct machine_request req = { .kind = MACHINE_FETCH, .address = address,
				       .data = data, .length = n, .space = SPACE_REAL };

	return vm_call(vm, &req);
}

/* The key column (at a 2K boundary) and the EBCDIC of a T line. */
static void text_part(uint32_t address, const uint8_t *data, uint8_t key, char *out, size_t size)
{
	char digits[3] = "  ", text[LINE_BYTES + 1];

	if (address % 2048 == 0)
		snprintf(digits, sizeof(digits), "%02X", key);
	for (unsigned i = 0; i < LINE_BYTES; i++) {
		char c = (char)codepage_037.to_latin1[data[i]];

		text[i] = isprint((unsigned char)c) ? c : '.';
	}
	text[LINE_BYTES] = '\0';
	snprintf(out, size, "   %s  *%s*", digits, text);
}

/* To be asked before storage is fetched, which sets the reference bit. */
static uint8_t key_at(struct vmblok *vm, uint32_t address)
{
	struct machine_request req = { .kind = MACHINE_KEY, .address = address };

	return vm_call(vm, &req) ? (uint8_t)req.value : 0;
}

static void say_suppressed(struct vmblok *vm, uint32_t from, uint32_t to)
{
	vm_say(vm, "%06X TO %06X   SUPPRESSED LINE(S) SAME AS ABOVE .....", from, to);
}

static void say_line(struct vmblok *vm, uint32_t address, const uint8_t *data, unsigned words,
		     bool text, uint8_t key)
{
	char head[32], tail[40];

	snprintf(head, sizeof(head), "%06X", address);
	if (text)
		text_part(address, data, key, tail, sizeof(tail));
	say_words(vm, head, 10, data, words, text ? tail : NULL);
}

/* text: whole lines of 16 bytes with their characters; else the words asked for. */
static int display_storage(struct vmblok *vm, const struct hexloc *loc, bool text)
{
	uint32_t address = loc->first & ~(text ? 15u : 3u), last = loc->last | (text ? 15 : 3);
	uint8_t data[LINE_BYTES], before[LINE_BYTES];
	bool have_before = false;
	uint32_t same_from = 0, same_to = 0; /* lines that are left out */
	uint8_t key = 0;

	for (; address <= last; address += LINE_BYTES) {
		uint32_t left = last - address + 1;
		unsigned words = left >= LINE_BYTES ? 4 : left / 4;

		if (text && address % 2048 == 0)
			key = key_at(vm, address);
		if (!fetch(vm, address, data, words * 4)) {
			vm_say(vm, "%06X TO %06X   NON-ADDRESSABLE STORAGE", address,
			       (address | 0xFFF) + 1);
			address = (address | 0xFFF) + 1 - LINE_BYTES;
			have_before = false;
			continue;
		}
		if (have_before && words == 4 && memcmp(data, before, LINE_BYTES) == 0) {
			same_from = same_to ? same_from : address;
			same_to = address + LINE_BYTES;
			continue;
		}
		if (same_to)
			say_suppressed(vm, same_from, same_to);
		same_to = 0;
		say_line(vm, address, data, words, text, key);
		memcpy(before, data, LINE_BYTES);
		have_before = words == 4;
	}
	if (same_to)
		say_suppressed(vm, same_from, same_to);
	return 0;
}

static int display_keys(struct vmblok *vm, const struct hexloc *loc)
{
	struct machine_request req = { .kind = MACHINE_KEY };
	uint32_t start = loc->first & ~2047u;
	int run = -1;

	for (uint32_t a = start; a <= loc->last; a += 2048) {
		req.address = a;
		if (!vm_call(vm, &req))
			break;
		if (run >= 0 && (uint32_t)run != req.value) {
			vm_say(vm, "%06X TO %06X  KEY = %02X", start, a - 1, (unsigned)run);
			start = a;
		}
		run = (int)req.value;
	}
	if (run >= 0)
		vm_say(vm, "%06X TO %06X  KEY = %02X", start, req.address | 2047,
		       (unsigned)run);
	return 0;
}

/* ---- registers */

static void say_registers(struct vmblok *vm, const char *name, const uint32_t *registers,
			  unsigned first, unsigned last)
{
	char head[16];

	for (unsigned n = first; n <= last; n += 4) {
		unsigned words = last - n + 1 < 4 ? last - n + 1 : 4;
		uint8_t data[16];

		for (unsigned i = 0; i < words; i++)
			put_be32(data + 4 * i, registers[n + i]);
		snprintf(head, sizeof(head), "%s %2u =", name, n);
		say_words(vm, head, 10, data, words, NULL);
	}
}

/* A System/360 floating-point number as decimal fraction and exponent. */
void display_fpr_text(uint64_t fpr, char *out, size_t size)
{
	int exponent = (int)(fpr >> 56 & 0x7F) - 64;
	long double v = (long double)(fpr & UINT64_C(0xFFFFFFFFFFFFFF));
	int power = 0;

	for (int i = 14; i < exponent; i++)
		v *= 16;
	for (int i = exponent; i < 14; i++)
		v /= 16;
	while (v >= 1) {
		v /= 10;
		power++;
	}
	while (v > 0 && v < 0.1L) {
		v *= 10;
		power--;
	}
	snprintf(out, size, "%c.%017llu E %02d", fpr >> 63 ? '-' : ' ',
		 (unsigned long long)(v * 1e17L), power);
}

static void say_fprs(struct vmblok *vm, const uint64_t *fpr, unsigned first, unsigned last)
{
	char text[48];

	for (unsigned n = first; n <= last; n += 2) {
		display_fpr_text(fpr[n / 2], text, sizeof(text));
		vm_say(vm, "FPR %2u =  %016llX    %s", n, (unsigned long long)fpr[n / 2], text);
	}
}

static int display_registers(struct vmblok *vm, char kind, const char *text)
{
	struct machine_request req = { .kind = MACHINE_REGISTERS };
	struct hexloc loc;
	int rc = hexloc_registers(vm, "CDB", text, kind == 'Y' ? 2 : 1, &loc);

	if (rc)
		return rc;
	if (!vm_call(vm, &req))
		return 0;
	if (kind == 'G')
		say_registers(vm, "GPR", req.registers.gr, loc.first, loc.last);
	else if (kind == 'Y')
		say_fprs(vm, req.registers.fpr, loc.first, loc.last);
	else if (vm->set & SET_ECMODE)
		say_registers(vm, "ECR", req.registers.cr, loc.first, loc.last);
	else /* such a machine has only register 0 to show */
		say_registers(vm, "ECR", req.registers.cr, 0, 0);
	return 0;
}

static int display_psw(struct vmblok *vm)
{
	struct machine_request req = { .kind = MACHINE_REGISTERS };

	if (vm_call(vm, &req))
		vm_say(vm, "PSW = %08X %08X", (unsigned)(req.registers.psw >> 32),
		       (unsigned)req.registers.psw);
	return 0;
}

static int display_low(struct vmblok *vm, const char *name, uint32_t address, unsigned words)
{
	uint8_t data[8];
	struct machine_request req = { .kind = MACHINE_FETCH, .address = address,
				       .data = data, .length = words * 4, .space = SPACE_REAL };

	if (!vm_call(vm, &req))
		return 0;
	if (words == 1)
		vm_say(vm, "%s=  %08X", name, be32(data));
	else
		vm_say(vm, "%s=  %08X %08X", name, be32(data), be32(data + 4));
	return 0;
}

static int display_locations(struct vmblok *vm, char kind, const char *text)
{
	struct hexloc loc;
	int rc = hexloc_storage(vm, "CDB", text, &loc);

	if (rc)
		return rc;
	return kind == 'K' ? display_keys(vm, &loc) : display_storage(vm, &loc, kind == 'T');
}

/* kind: what the last operand was, for one that has no letter of its own. */
static int display_one(struct vmblok *vm, const char *word, char *kind)
{
	if (word[0] == 'P') {
		*kind = 'L';
		return abbreviates(word, "PSW", 1) ? display_psw(vm)
						   : cp_error(vm, "CDB", 3, word);
	}
	if (strncmp(word, "CAW", 3) == 0 || strncmp(word, "CSW", 3) == 0) {
		*kind = 'L';
		if (word[3])
			return cp_error(vm, "CDB", 3, word);
		return word[1] == 'A' ? display_low(vm, word, 0x48, 1)
				      : display_low(vm, word, 0x40, 2);
	}
	if (strchr("GXYLTK", word[0]))
		*kind = *word++;
	if (strchr("GXY", *kind))
		return display_registers(vm, *kind, word);
	return display_locations(vm, *kind, word);
}

int cmd_display(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	char kind = 'L';
	int rc = 0;

	if (!word)
		return cp_error(vm, "CDB", 26);
	for (; word && !rc; word = args_word(args))
		rc = display_one(vm, word, &kind);
	return rc;
}
