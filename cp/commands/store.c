/*
 * STORE and ADSTOP. GC20-1820.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "cp/command.h"
#include "cp/commands/commands.h"
#include "cp/message.h"
#include "cp/vmblok.h"

#define STORE_BYTES_MAX 128

static int put(struct vmblok *vm, uint32_t address, uint8_t *data, size_t n)
{
	struct machine_request req = { .kind = MACHINE_STORE, .address = address,
				       .data = data, .length = n, .space = SPACE_LOGICAL };
	char text[16];

	if (vm_call(vm, &req))
		return 0;
	snprintf(text, sizeof(text), "%06X", address);
	return cp_error(vm, "CDS", address + n > vm->storage ? 160 : 164, text);
}

/* The words behind a location, right-justified; stops at one that is no hex. */
static int hex_words(struct vmblok *vm, struct args *args, uint8_t *data, size_t *n)
{
	const char *word;
	uint64_t v;

	for (*n = 0; (word = args_peek(args)) && *n + 4 <= STORE_BYTES_MAX; *n += 4) {
		if (!args_hex(word, 8, &v))
			break;
		put_be32(data + *n, (uint32_t)v);
		args_word(args);
	}
	if (*n)
		return 0;
	return word ? cp_error(vm, "CDS", 5, word) : cp_error(vm, "CDS", 26);
}

static int store_words(struct vmblok *vm, const char *word, struct args *args)
{
	uint8_t data[STORE_BYTES_MAX];
	uint64_t address;
	size_t n;
	int rc;

	if (word[0] == 'L')
		word++;
	if (!args_hex(word, 6, &address))
		return cp_error(vm, "CDS", 4, word);
	rc = hex_words(vm, args, data, &n);
	return rc ? rc : put(vm, (uint32_t)address & ~3u, data, n);
}

/* S: a byte string at any address. */
static int store_string(struct vmblok *vm, const char *word, struct args *args)
{
	uint8_t data[STORE_BYTES_MAX];
	const char *hex = args_word(args);
	uint64_t address;
	size_t n = hex ? strlen(hex) : 0;

	if (!args_hex(word + 1, 6, &address))
		return cp_error(vm, "CDS", 4, word);
	if (!hex)
		return cp_error(vm, "CDS", 26);
	if (n % 2 || n / 2 > sizeof(data) || strspn(hex, "0123456789ABCDEF") != n)
		return cp_error(vm, "CDS", 5, hex);
	for (size_t i = 0; i < n; i += 2) {
		const char pair[3] = { hex[i], hex[i + 1], '\0' };

		data[i / 2] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return put(vm, (uint32_t)address, data, n / 2);
}

static bool register_number(const char *text, uint32_t max, uint32_t *n)
{
	uint64_t hex;

	if (isdigit((unsigned char)text[0]))
		return args_decimal(text, max, n);
	if (!args_hex(text, 1, &hex))
		return false;
	*n = (uint32_t)hex;
	return true;
}

static int store_fprs(struct vmblok *vm, const char *word, struct args *args,
		      struct machine_request *req)
{
	const char *hex;
	uint64_t v;
	uint32_t n;

	if (!register_number(word + 1, 6, &n) || n % 2)
		return cp_error(vm, "CDS", 10, word);
	if (!args_peek(args))
		return cp_error(vm, "CDS", 26);
	for (n /= 2; (hex = args_peek(args)); n++) {
		if (!args_hex(hex, 16, &v))
			return cp_error(vm, "CDS", 5, hex);
		if (n > 3)
			return cp_error(vm, "CDS", 163);
		/* Left-justified: fewer digits are the high-order ones. */
		req->registers.fpr[n] = v << 4 * (16 - strlen(hex));
		args_word(args);
	}
	req->which = REGISTERS_FPR;
	return 0;
}

static int store_registers(struct vmblok *vm, const char *word, struct args *args,
			   struct machine_request *req)
{
	uint32_t *set = word[0] == 'G' ? req->registers.gr : req->registers.cr;
	uint8_t data[STORE_BYTES_MAX];
	uint32_t first;
	size_t n;
	int rc;

	if (!register_number(word + 1, 15, &first))
		return cp_error(vm, "CDS", 10, word);
	rc = hex_words(vm, args, data, &n);
	if (rc)
		return rc;
	if (first + n / 4 > 16)
		return cp_error(vm, "CDS", 163);
	for (size_t i = 0; i < n / 4; i++)
		set[first + i] = be32(data + 4 * i);
	req->which = word[0] == 'G' ? REGISTERS_GR : REGISTERS_CR;
	return 0;
}

static int store_psw(struct vmblok *vm, struct args *args, struct machine_request *req)
{
	const char *first = args_word(args), *second = args_word(args);
	uint64_t high = req->registers.psw >> 32, low;

	if (!first)
		return cp_error(vm, "CDS", 26);
	if (!args_hex(first, 8, second ? &high : &low))
		return cp_error(vm, "CDS", 12, first);
	if (second && !args_hex(second, 8, &low))
		return cp_error(vm, "CDS", 12, second);
	req->registers.psw = high << 32 | low;
	req->which = REGISTERS_PSW;
	return 0;
}

static int store_into_cpu(struct vmblok *vm, const char *word, struct args *args)
{
	struct machine_request req = { .kind = MACHINE_REGISTERS };
	int rc;

	if (!vm_call(vm, &req))
		return 0;
	if (word[0] == 'P')
		rc = store_psw(vm, args, &req);
	else if (word[0] == 'Y')
		rc = store_fprs(vm, word, args, &req);
	else
		rc = store_registers(vm, word, args, &req);
	if (rc)
		return rc;
	req.kind = MACHINE_SET_REGISTERS;
	vm_do(vm, &req);
	return 0;
}

static int store_one(struct vmblok *vm, const char *word, struct args *args)
{
	if (abbreviates(word, "PSW", 1) || word[0] == 'G' || word[0] == 'X' || word[0] == 'Y')
		return store_into_cpu(vm, word, args);
	if (word[0] == 'S')
		return store_string(vm, word, args);
	return store_words(vm, word, args);
}

int cmd_store(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	int rc = 0;

	if (!word)
		return cp_error(vm, "CDS", 33);
	for (; word && !rc; word = args_word(args))
		rc = store_one(vm, word, args);
	if (!rc)
		vm_say(vm, "STORE COMPLETE");
	return rc;
}

int cmd_adstop(struct vmblok *vm, struct args *args)
{
	const char *word = args_word(args);
	struct machine_request req = { .kind = MACHINE_BREAKPOINT, .address = vm->adstop };
	uint64_t address;
	char text[16];

	if (!word)
		return cp_error(vm, "CFD", 33);
	if (strcmp(word, "OFF") != 0 && !args_hex(word, 6, &address))
		return cp_error(vm, "CFD", 4, word);
	if (vm->adstop_set)
		vm_do(vm, &req);
	vm->adstop_set = false;
	if (strcmp(word, "OFF") == 0)
		return 0;
	if (address >= vm->storage) {
		snprintf(text, sizeof(text), "%06X", (unsigned)address);
		return cp_error(vm, "CFD", 160, text);
	}
	req.address = (uint32_t)address & ~1u;
	req.on = true;
	if (vm_call(vm, &req)) {
		vm->adstop = req.address;
		vm->adstop_set = true;
	}
	return 0;
}
