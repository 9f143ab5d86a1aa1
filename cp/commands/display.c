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
				       .data = data, .length = n, .space = SPACE_LOGICAL };

	return vm_call(vm, &req);
}

/* The key column (at a 2K boundary) and the EBCDIC of a T line. */
static void text_part(struct vmblok *vm, uint32_t address, const uint8_t *data, char *out,
		      size_t size)
{
	struct machine_request req = { .kind = MACHINE_KEY, .address = address };
	char key[3] = "  ", text[LINE_BYTES + 1];

	if (address % 2048 == 0 && vm_call(vm, &req))
		snprintf(key, sizeof(key), "%02X", req.value);
	for (unsigned i = 0; i < LINE_BYTES; i++) {
		char c = (char)codepage_037.to_latin1[data[i]];

		text[i] = isprint((unsigned char)c) ? c : '.';
	}
	text[LINE_BYTES] = '\0';
	snprintf(out, size, "   %s  *%s*", key, text);
}

static int display_storage(struct vmblok *vm, const struct hexloc *loc)
{
	uint8_t data[LINE_BYTES], before[LINE_BYTES];
	uint32_t same_from = 0, address = loc->first;
	bool have_before = false, same = false;
	char head[32], tail[40];

	while (address <= loc->last) {
		uint32_t bytes = loc->last - address + 1;
		unsigned words;

		if (bytes > LINE_BYTES)
			bytes = LINE_BYTES;
		words = (bytes + 3) / 4;
		if (!fetch(vm, address, data, loc->text ? LINE_BYTES : words * 4)) {
			vm_say(vm, "%06X TO %06X   NON-ADDRESSABLE STORAGE", address,
			       address | 0xFFF);
			address = (address | 0xFFF) + 1;
			have_before = false;
			continue;
		}
		if (have_before && words == 4 && memcmp(data, before, LINE_BYTES) == 0 &&
		    loc->last - address >= LINE_BYTES) {
			same_from = same ? same_from : address;
			same = true;
			address += LINE_BYTES;
			continue;
		}
		if (same)
			vm_say(vm, "%06X TO %06X    SUPPRESSED LINE(S) SAME AS ABOVE .....",
			       same_from, address - 1);
		same = false;
		snprintf(head, sizeof(head), "%06X", address);
		if (loc->text)
			text_part(vm, address, data, tail, sizeof(tail));
		say_words(vm, head, 10, data, loc->text ? 4 : words, loc->text ? tail : NULL);
		memcpy(before, data, LINE_BYTES);
		have_before = words == 4;
		address += LINE_BYTES;
	}
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

/* n-n2 or n.count behind the letter; all registers if nothing is there. */
static bool register_range(const char *text, unsigned step, unsigned *first, unsigned *last)
{
	unsigned values[2];
	char between = 0;
	int n = 0;

	*first = 0;
	*last = step == 2 ? 6 : 15;
	if (!*text)
		return true;
	/* Register numbers are decimal, or one hex digit. */
	if (isxdigit((unsigned char)text[0]) && !isdigit((unsigned char)text[0]))
		n = sscanf(text, "%1x%c%u", &values[0], &between, &values[1]);
	else
		n = sscanf(text, "%2u%c%u", &values[0], &between, &values[1]);
	if (n < 1 || values[0] > *last || (n > 1 && (n != 3 || !strchr("-:.", between))))
		return false;
	*first = *last = values[0];
	if (n == 3 && between == '.')
		*last = values[0] + (values[1] ? values[1] - 1 : 0) * step;
	else if (n == 3)
		*last = values[1];
	return *last >= *first && *last <= (step == 2 ? 6 : 15);
}

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
static void hfp_text(uint64_t fpr, char *out, size_t size)
{
	int exponent = (int)(fpr >> 56 & 0x7F) - 64;
	long double v = (long double)(fpr & UINT64_C(0xFFFFFFFFFFFFFF));
	int power = 0;

	for (int i = -14; i < exponent; i++)
		v *= 16;
	for (int i = exponent; i < -14; i++)
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

	for (unsigned n = first & ~1u; n <= last; n += 2) {
		hfp_text(fpr[n / 2], text, sizeof(text));
		vm_say(vm, "FPR %u  =  %016llX   %s", n, (unsigned long long)fpr[n / 2], text);
	}
}

static int display_registers(struct vmblok *vm, const char *word)
{
	struct machine_request req = { .kind = MACHINE_REGISTERS };
	unsigned first, last;

	if (!register_range(word + 1, word[0] == 'Y' ? 2 : 1, &first, &last))
		return cp_error(vm, "CDB", 10, word);
	if (!vm_call(vm, &req))
		return 0;
	if (word[0] == 'G') {
		say_registers(vm, "GPR", req.registers.gr, first, last);
	} else if (word[0] == 'X') {
		/* A machine without extended control mode shows only register 0. */
		say_registers(vm, "ECR", req.registers.cr, first,
			      vm->set & SET_ECMODE ? last : first);
	} else {
		say_fprs(vm, req.registers.fpr, first, last);
	}
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

static int display_one(struct vmblok *vm, const char *word)
{
	struct hexloc loc;
	int rc;

	if (abbreviates(word, "PSW", 1))
		return display_psw(vm);
	if (strcmp(word, "CAW") == 0)
		return display_low(vm, "CAW", 0x48, 1);
	if (strcmp(word, "CSW") == 0)
		return display_low(vm, "CSW", 0x40, 2);
	if (word[0] == 'G' || word[0] == 'X' || word[0] == 'Y')
		return display_registers(vm, word);
	rc = hexloc_parse(vm, "CDB", word, &loc);
	if (rc)
		return rc;
	return loc.keys ? display_keys(vm, &loc) : display_storage(vm, &loc);
}

int cmd_display(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	int rc = 0;

	if (!word)
		return cp_error(vm, "CDB", 33);
	for (; word && !rc; word = args_word(args))
		rc = display_one(vm, word);
	return rc;
}
