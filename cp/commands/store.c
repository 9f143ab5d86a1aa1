/*
 * STORE and ADSTOP. GC20-1820; messages as in VM/370 Release 6, module DMKCDS.
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/message.h"
#include "cp/vmblok.h"

/* Where an operand's data goes on: not at a word that is an operand itself. */
static bool is_operand(const char *word)
{
	return strchr("SLPGYX", word[0]) || strcmp(word, "STATUS") == 0;
}

/*
 * The next word of data, or NULL where there is no more. The first one is data
 * whatever it looks like.
 */
static const char *next_data(struct args *args, bool first)
{
	const char *word = args_peek(args);

	if (!word || (!first && is_operand(word)))
		return NULL;
	return args_word(args);
}

static int put(struct vmblok *vm, const char *typed, uint32_t address, uint8_t *data, size_t n)
{
	struct machine_request req = { .kind = MACHINE_STORE, .address = address,
				       .data = data, .length = n, .space = SPACE_REAL };

	if (address >= vm->storage || n > vm->storage - address)
		return cp_error(vm, "CDS", 160, typed);
	return vm_call(vm, &req) ? 0 : cp_error(vm, "CDS", 164, typed);
}

/* The address in an operand, behind its letter. */
static int location(struct vmblok *vm, const char *text, uint32_t *address)
{
	uint64_t v;

	if (!*text)
		return cp_error(vm, "CDS", 33);
	if (!args_hex(text, 6, &v))
		return cp_error(vm, "CDS", 4, text);
	*address = (uint32_t)v;
	return 0;
}

/* Words, right-justified, one after the other. */
static int store_words(struct vmblok *vm, const char *text, struct args *args, bool *stored)
{
	uint32_t address;
	const char *word;
	int rc = location(vm, text, &address);

	for (bool first = true; !rc && (word = next_data(args, first)); first = false) {
		uint8_t data[4];
		uint64_t v;

		if (!args_hex(word, 8, &v))
			return cp_error(vm, "CDS", 5, word);
		put_be32(data, (uint32_t)v);
		rc = put(vm, text, address & ~3u, data, sizeof(data));
		*stored |= !rc;
		address += 4;
	}
	return rc;
}

/* S: a byte string at any address. */
static int store_string(struct vmblok *vm, const char *text, struct args *args, bool *stored)
{
	uint32_t address;
	const char *hex;
	int rc = location(vm, text, &address);

	if (rc || !(hex = next_data(args, true)))
		return rc;
	for (; *hex && !rc; hex += 2) {
		char pair[3];
		uint8_t byte;
		uint64_t v;

		snprintf(pair, sizeof(pair), "%.2s", hex);
		if (!pair[1] || !args_hex(pair, 2, &v))
			return cp_error(vm, "CDS", 5, pair);
		byte = (uint8_t)v;
		rc = put(vm, text, address++, &byte, 1);
		*stored |= !rc;
	}
	return rc;
}

/* ---- registers */

/* Decimal, or hexadecimal if that fails. 163 comes with the data. */
static int register_number(struct vmblok *vm, const char *text, bool hex_too, uint32_t *n)
{
	uint64_t hex;

	if (!*text || strlen(text) > 2)
		return cp_error(vm, "CDS", 10, text);
	if (args_decimal(text, 99, n))
		return 0;
	if (!hex_too || !args_hex(text, 2, &hex))
		return cp_error(vm, "CDS", 10, text);
	*n = (uint32_t)hex;
	return 0;
}

/* A control register whose contents make no sense is said to, and stored. */
static void warn_control(struct vmblok *vm, uint32_t n, uint32_t value)
{
	char number[4], data[12];
	uint32_t page = value >> 16 & 0xC0;

	if (!(n == 0 && (value == 0xE0 || page == 0 || page == 0xC0 || (value >> 16 & 0x0F))) &&
	    !(n == 1 && (value & 0x3F)))
		return;
	snprintf(number, sizeof(number), "%02X", n);
	snprintf(data, sizeof(data), "%08X", value);
	(void)cp_error(vm, "CDS", 162, number, data);
}

static int store_registers(struct vmblok *vm, char kind, const char *text, struct args *args,
			   struct machine_request *req)
{
	uint32_t n, *set = kind == 'G' ? req->registers.gr : req->registers.cr;
	const char *word;
	int rc = register_number(vm, text, true, &n);

	for (bool first = true; !rc && (word = next_data(args, first)); first = false) {
		uint64_t v;

		if (n > 15)
			return cp_error(vm, "CDS", 163);
		if (!args_hex(word, 8, &v))
			return cp_error(vm, "CDS", 5, word);
		/* A machine without extended control mode has only register 0. */
		if (kind == 'X' && (vm->set & SET_ECMODE))
			warn_control(vm, n, (uint32_t)v);
		if (kind == 'G' || n == 0 || (vm->set & SET_ECMODE)) {
			set[n] = (uint32_t)v;
			req->which = kind == 'G' ? REGISTERS_GR : REGISTERS_CR;
		}
		n++;
	}
	return rc;
}

/* Left-justified: fewer digits are the high-order ones. */
static int store_fprs(struct vmblok *vm, const char *text, struct args *args,
		      struct machine_request *req)
{
	const char *word;
	uint32_t n;
	int rc = register_number(vm, text, false, &n);

	if (!rc && n % 2)
		return cp_error(vm, "CDS", 10, text);
	for (bool first = true; !rc && (word = next_data(args, first)); first = false) {
		uint64_t v;

		if (n > 6)
			return cp_error(vm, "CDS", 163);
		if (!args_hex(word, 16, &v))
			return cp_error(vm, "CDS", 5, word);
		req->registers.fpr[n / 2] = v << 4 * (16 - strlen(word));
		req->which = REGISTERS_FPR;
		n += 2;
	}
	return rc;
}

#define PSW_EC	   UINT64_C(0x0008000000000000)
#define PSW_EC_BAD UINT64_C(0xB800C0FFFF000000)

/* It is stored even if it is none that the machine could run with. */
static bool psw_is_bad(const struct vmblok *vm, uint64_t psw)
{
	if (!(psw & PSW_EC))
		return false;
	return !(vm->set & SET_ECMODE) || (psw & PSW_EC_BAD);
}

/* One word is the second half. */
static int store_psw(struct vmblok *vm, struct args *args, struct machine_request *req)
{
	const char *first = next_data(args, true), *second = NULL;
	uint64_t high = req->registers.psw >> 32, low;
	int rc = 0;

	if (!first)
		return 0;
	if (!args_hex(first, 8, &low))
		return cp_error(vm, "CDS", 5, first);
	second = next_data(args, false);
	if (second) {
		high = low;
		if (!args_hex(second, 8, &low))
			return cp_error(vm, "CDS", 5, second);
	}
	req->registers.psw = high << 32 | low;
	req->which = REGISTERS_PSW;
	if (second && psw_is_bad(vm, req->registers.psw)) {
		char text[24];

		snprintf(text, sizeof(text), "%08X  %08X", (unsigned)high, (unsigned)low);
		rc = cp_error(vm, "CDS", 12, text);
	}
	return rc;
}

static int store_into_cpu(struct vmblok *vm, const char *word, struct args *args, bool *stored)
{
	struct machine_request req = { .kind = MACHINE_REGISTERS };
	int rc;

	if (!vm_call(vm, &req))
		return 0;
	req.which = 0;
	if (word[0] == 'P')
		rc = abbreviates(word, "PSW", 1) ? store_psw(vm, args, &req)
						 : cp_error(vm, "CDS", 26);
	else if (word[0] == 'Y')
		rc = store_fprs(vm, word + 1, args, &req);
	else
		rc = store_registers(vm, word[0], word + 1, args, &req);
	if (!req.which)
		return rc;
	req.kind = MACHINE_SET_REGISTERS;
	vm_do(vm, &req);
	*stored = true;
	return rc;
}

static int store_status(struct vmblok *vm, bool *stored)
{
	struct machine_request req = { .kind = MACHINE_STORE_STATUS };

	if (!(vm->set & SET_ECMODE))
		return cp_error(vm, "CDS", 26);
	vm_do(vm, &req);
	*stored = true;
	return 0;
}

static int store_one(struct vmblok *vm, const char *word, struct args *args, bool *stored)
{
	if (strcmp(word, "STATUS") == 0)
		return store_status(vm, stored);
	if (strchr("PGYX", word[0]))
		return store_into_cpu(vm, word, args, stored);
	if (word[0] == 'S')
		return store_string(vm, word + 1, args, stored);
	return store_words(vm, word[0] == 'L' ? word + 1 : word, args, stored);
}

int cmd_store(struct vmblok *vm, struct args *args)
{
	const char *word;
	bool stored = false;
	int rc = 0;

	while (!rc && (word = args_word(args)))
		rc = store_one(vm, word, args, &stored);
	if (rc)
		return rc;
	if (!stored)
		return cp_error(vm, "CDS", 26);
	vm_say(vm, "STORE COMPLETE");
	return 0;
}

int cmd_adstop(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	struct machine_request req = { .kind = MACHINE_BREAKPOINT, .address = vm->adstop };
	uint64_t address = 0;
	bool off;

	if (!word)
		return cp_error(vm, "CFD", 26);
	off = strcmp(word, "OFF") == 0;
	if (!off && !args_hex(word, 6, &address))
		return cp_error(vm, "CFD", 4, word);
	if (!off && address >= vm->storage)
		return cp_error(vm, "CFD", 160, word);
	if (!off && address % 2)
		return cp_error(vm, "CFD", 4, word);
	if (vm->adstop_set)
		vm_do(vm, &req);
	vm->adstop_set = false;
	if (off)
		return 0;
	req.address = (uint32_t)address;
	req.on = true;
	if (vm_call(vm, &req)) {
		vm->adstop = req.address;
		vm->adstop_set = true;
	}
	return 0;
}
