/* Commands that display and change storage and keys. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "cpu370/disasm.h"
#include "s370/monitor.h"
#include "s370/parse.h"

#define CHUNK 4096u

static bool transfer(struct monitor *m, enum machine_request_kind kind, enum machine_space space,
		     uint32_t address, uint8_t *data, size_t length)
{
	struct machine_request req = {
		.kind = kind,
		.cpu = m->cpu,
		.address = address,
		.space = space,
		.data = data,
		.length = length,
	};

	return bare_call(m->bare, &req, &m->error);
}

static bool in_storage(struct monitor *m, uint32_t address, uint64_t length)
{
	uint32_t size = bare_config(m->bare)->storage;

	if (address + length <= size)
		return true;
	error_set(&m->error, 0, "%06X.%llX is not in storage of %X bytes", address,
		  (unsigned long long)length, size);
	return false;
}

/* Up to 16 bytes as words of eight digits. */
static void show_line(struct monitor *m, const char *tag, uint32_t address, const uint8_t *data,
		      size_t length)
{
	char text[64];
	size_t n = 0;

	for (size_t i = 0; i < length; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, i % 4 ? "%02X" : " %02X",
				      data[i]);
	screen_say(m->screen, "%s %06X:%s", tag, address, text);
}

static enum outcome display(struct monitor *m, const char *tag, enum machine_space space,
			    char *args)
{
	uint32_t address, length = 16;
	uint8_t data[16];

	if (!word_range(args, &address, &length) || length == 0)
		return malformed(m, "not ADDR.LEN: %s", args);
	if (space != SPACE_LOGICAL && !in_storage(m, address, length))
		return OUTCOME_FAILED;
	while (length > 0) {
		uint32_t n = length < sizeof(data) ? length : sizeof(data);

		if (!transfer(m, MACHINE_FETCH, space, address, data, n))
			return OUTCOME_FAILED;
		show_line(m, tag, address, data, n);
		address += n;
		length -= n;
	}
	return OUTCOME_OK;
}

static enum outcome alter(struct monitor *m, enum machine_space space, char *args, char *hex)
{
	size_t max = strlen(hex) / 2 + 1;
	uint8_t *data = malloc(max);
	enum outcome result = OUTCOME_FAILED;
	uint64_t address;
	int n;

	if (!data) {
		error_set(&m->error, ENOMEM, "no memory for %zu bytes", max);
		return OUTCOME_FAILED;
	}
	n = word_bytes(hex, data, max);
	if (!word_hex(word_trim(args), UINT32_MAX, &address))
		result = malformed(m, "not an address: %s", word_trim(args));
	else if (n <= 0)
		result = malformed(m, "not bytes in hex: %.60s", word_trim(hex));
	else if (space == SPACE_LOGICAL || in_storage(m, (uint32_t)address, (size_t)n))
		result = outcome(transfer(m, MACHINE_STORE, space, (uint32_t)address, data,
					  (size_t)n));
	free(data);
	return result;
}

static enum outcome display_or_alter(struct monitor *m, const char *tag,
				     enum machine_space space, char *args)
{
	char *equals = strchr(args, '=');

	if (!equals)
		return display(m, tag, space, args);
	*equals = '\0';
	return alter(m, space, args, equals + 1);
}

static enum outcome cmd_r(struct monitor *m, char *args)
{
	return display_or_alter(m, "R", SPACE_REAL, args);
}

static enum outcome cmd_abs(struct monitor *m, char *args)
{
	return display_or_alter(m, "A", SPACE_ABSOLUTE, args);
}

static enum outcome cmd_v(struct monitor *m, char *args)
{
	return display_or_alter(m, "V", SPACE_LOGICAL, args);
}

static enum outcome cmd_key(struct monitor *m, char *args)
{
	struct machine_request req = { .kind = MACHINE_KEY };
	char *equals = strchr(args, '=');
	uint64_t address, value;

	if (equals) {
		*equals = '\0';
		if (!word_hex(word_trim(equals + 1), 0xFF, &value))
			return malformed(m, "key: not two hex digits: %s", word_trim(equals + 1));
		req.kind = MACHINE_SET_KEY;
		req.value = (uint32_t)value;
	}
	if (!word_hex(word_trim(args), UINT32_MAX, &address))
		return malformed(m, "key: not an address: %s", word_trim(args));
	if (!in_storage(m, (uint32_t)address, 1))
		return OUTCOME_FAILED;
	req.address = (uint32_t)address;
	if (!bare_call(m->bare, &req, &m->error))
		return OUTCOME_FAILED;
	if (!equals)
		screen_say(m->screen, "KEY %06X %02X", req.address, req.value & 0xFF);
	return OUTCOME_OK;
}

/* Disassemble; code: length bytes at address. Returns the bytes it took. */
static uint32_t show_instruction(struct monitor *m, uint32_t address, const uint8_t *code,
				 size_t length)
{
	char text[DISASM_TEXT], hex[13];
	unsigned n = disasm(code, length, text);

	for (unsigned i = 0; i < n && i < 6; i++)
		snprintf(hex + 2 * i, 3, "%02X", code[i]);
	screen_say(m->screen, "%06X %-12s %s", address, hex, text);
	return n;
}

static enum outcome disassemble(struct monitor *m, enum machine_space space, char *args)
{
	uint32_t address, length = 32, size = bare_config(m->bare)->storage;

	if (!word_range(args, &address, &length) || length == 0)
		return malformed(m, "not ADDR.LEN: %s", args);
	if (space == SPACE_REAL && !in_storage(m, address, length))
		return OUTCOME_FAILED;
	for (uint32_t end = address + length; address < end;) {
		uint8_t code[6];
		uint32_t n = end - address < 6 ? end - address : 6;

		if (space == SPACE_REAL && size - address >= 6)
			n = 6;
		if (!transfer(m, MACHINE_FETCH, space, address, code, n))
			return OUTCOME_FAILED;
		address += show_instruction(m, address, code, n);
	}
	return OUTCOME_OK;
}

static enum outcome cmd_disasm(struct monitor *m, char *args)
{
	if (*args == 'v' || *args == 'V')
		return disassemble(m, SPACE_LOGICAL, args + 1);
	if (*args == 'r' || *args == 'R')
		args++;
	return disassemble(m, SPACE_REAL, args);
}

static enum outcome load_image(struct monitor *m, FILE *f, const char *path, uint32_t address)
{
	uint8_t data[CHUNK];
	size_t n;

	while ((n = fread(data, 1, sizeof(data), f)) > 0) {
		if (!in_storage(m, address, n) ||
		    !transfer(m, MACHINE_STORE, SPACE_ABSOLUTE, address, data, n))
			return OUTCOME_FAILED;
		address += (uint32_t)n;
	}
	if (ferror(f)) {
		error_errno(&m->error, errno, "%s", path);
		return OUTCOME_FAILED;
	}
	return OUTCOME_OK;
}

static enum outcome cmd_load(struct monitor *m, char *args)
{
	char *words[3];
	int n = word_split(args, words, 3);
	uint64_t address = 0;
	enum outcome result;
	FILE *f;

	if (n < 1 || n > 2)
		return malformed(m, "load FILE [ADDR]");
	if (n == 2 && !word_hex(words[1], UINT32_MAX, &address))
		return malformed(m, "load: not an address: %s", words[1]);
	f = fopen(words[0], "rbe");
	if (!f) {
		error_errno(&m->error, errno, "load: %s", words[0]);
		return OUTCOME_FAILED;
	}
	result = load_image(m, f, words[0], (uint32_t)address);
	fclose(f);
	return result;
}

static enum outcome save_image(struct monitor *m, const char *path, uint32_t address,
			       uint32_t length)
{
	enum outcome result = OUTCOME_OK;
	uint8_t data[CHUNK];
	FILE *f;

	if (!in_storage(m, address, length))
		return OUTCOME_FAILED;
	f = fopen(path, "wbe");
	if (!f) {
		error_errno(&m->error, errno, "save: %s", path);
		return OUTCOME_FAILED;
	}
	for (uint32_t n; length > 0 && result == OUTCOME_OK; address += n, length -= n) {
		n = length < CHUNK ? length : CHUNK;
		if (!transfer(m, MACHINE_FETCH, SPACE_ABSOLUTE, address, data, n))
			result = OUTCOME_FAILED;
		fwrite(data, 1, n, f);
	}
	if (fclose(f) != 0) {
		error_errno(&m->error, errno, "save: %s", path);
		result = OUTCOME_FAILED;
	}
	return result;
}

static enum outcome cmd_save(struct monitor *m, char *args)
{
	uint32_t address, length = 0;
	char *words[3];

	if (word_split(args, words, 3) != 2)
		return malformed(m, "save FILE ADDR.LEN");
	if (!word_range(words[1], &address, &length) || length == 0)
		return malformed(m, "save: not ADDR.LEN: %s", words[1]);
	return save_image(m, words[0], address, length);
}

/* Hercules' form: first and last address, default all of storage. */
static enum outcome cmd_savecore(struct monitor *m, char *args)
{
	uint64_t first = 0, last = bare_config(m->bare)->storage - 1;
	char *words[4];
	int n = word_split(args, words, 4);

	if (n < 1 || n > 3)
		return malformed(m, "savecore FILE [FIRST [LAST]]");
	if ((n > 1 && !word_hex(words[1], UINT32_MAX, &first)) ||
	    (n > 2 && !word_hex(words[2], UINT32_MAX, &last)) || last < first)
		return malformed(m, "savecore: not addresses");
	return save_image(m, words[0], (uint32_t)first, (uint32_t)(last - first + 1));
}

/* One card of an object deck: TXT is stored at its address plus base. */
static bool load_card(struct monitor *m, uint8_t *card, uint32_t base)
{
	static const uint8_t txt[4] = { 0x02, 0xE3, 0xE7, 0xE3 };
	uint16_t length = be16(card + 10);

	if (memcmp(card, txt, sizeof(txt)) || length > 56)
		return true;
	return in_storage(m, base + be24(card + 5), length) &&
	       transfer(m, MACHINE_STORE, SPACE_ABSOLUTE, base + be24(card + 5), card + 16,
			length);
}

static enum outcome cmd_loadtext(struct monitor *m, char *args)
{
	char *words[3];
	int n = word_split(args, words, 3);
	uint64_t base = 0;
	uint8_t card[80];
	bool ok = true;
	FILE *f;

	if (n < 1 || n > 2)
		return malformed(m, "loadtext FILE [ADDR]");
	if (n == 2 && !word_hex(words[1], 0xFFFFFF, &base))
		return malformed(m, "loadtext: not an address: %s", words[1]);
	f = fopen(words[0], "rbe");
	if (!f) {
		error_errno(&m->error, errno, "loadtext: %s", words[0]);
		return OUTCOME_FAILED;
	}
	while (ok && fread(card, 1, sizeof(card), f) == sizeof(card))
		ok = load_card(m, card, (uint32_t)base);
	fclose(f);
	return outcome(ok);
}

const struct command storage_commands[] = {
	{ "r", cmd_r, "r ADDR[.LEN] | ADDR=HEX", "real storage: show, or store" },
	{ "abs", cmd_abs, "abs ADDR[.LEN] | ADDR=HEX", "absolute storage" },
	{ "v", cmd_v, "v ADDR[.LEN] | ADDR=HEX", "storage as the current PSW addresses it" },
	{ "key", cmd_key, "key ADDR[=HH]", "storage key of the 2K block at ADDR" },
	{ "disasm", cmd_disasm, "disasm [r|v]ADDR[.LEN]", "show storage as instructions" },
	{ "u", cmd_disasm, "u [r|v]ADDR[.LEN]", "show storage as instructions" },
	{ "load", cmd_load, "load FILE [ADDR]", "storage image from a file" },
	{ "save", cmd_save, "save FILE ADDR.LEN", "storage image to a file" },
	{ "loadcore", cmd_load, "loadcore FILE [ADDR]", "storage image from a file" },
	{ "savecore", cmd_savecore, "savecore FILE [FIRST [LAST]]", "storage image to a file" },
	{ "loadtext", cmd_loadtext, "loadtext FILE [ADDR]", "TXT cards of an object deck" },
	{ 0 },
};
