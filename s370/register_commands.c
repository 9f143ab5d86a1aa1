/* Commands that display and set registers, PSW, prefix and clocks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "s370/monitor.h"
#include "s370/parse.h"

static bool get_registers(struct monitor *m, struct machine_request *req)
{
	*req = (struct machine_request){ .kind = MACHINE_REGISTERS, .cpu = m->cpu };
	return bare_call(m->bare, req, &m->error);
}

static enum outcome set_registers(struct monitor *m, struct machine_request *req, unsigned which)
{
	req->kind = MACHINE_SET_REGISTERS;
	req->cpu = m->cpu;
	req->which = which;
	return outcome(bare_call(m->bare, req, &m->error));
}

/* "N=HEX": the register number and its new value, both checked. */
static bool parse_assignment(struct monitor *m, const char *name, char *args, size_t digits,
			     uint64_t *number, uint64_t *value)
{
	char *equals = strchr(args, '=');
	uint8_t bytes[8];
	int n;

	if (!equals) {
		malformed(m, "%s N=HEX%zu: no equals sign: %s", name, digits, args);
		return false;
	}
	*equals = '\0';
	if (!word_decimal(word_trim(args), 15, number)) {
		malformed(m, "%s: no such register: %s", name, word_trim(args));
		return false;
	}
	n = word_bytes(equals + 1, bytes, digits / 2);
	if (n != (int)digits / 2) {
		malformed(m, "%s: not %zu hex digits: %s", name, digits, word_trim(equals + 1));
		return false;
	}
	*value = 0;
	for (int i = 0; i < n; i++)
		*value = *value << 8 | bytes[i];
	return true;
}

static enum outcome cmd_gpr(struct monitor *m, char *args)
{
	struct machine_request req;
	uint64_t n, value;

	if (*args && !parse_assignment(m, "gpr", args, 8, &n, &value))
		return OUTCOME_INPUT;
	if (!get_registers(m, &req))
		return OUTCOME_FAILED;
	if (*args) {
		req.registers.gr[n] = (uint32_t)value;
		return set_registers(m, &req, REGISTERS_GR);
	}
	for (unsigned i = 0; i < 16; i++)
		screen_say(m->screen, "GPR%u %08X", i, req.registers.gr[i]);
	return OUTCOME_OK;
}

static enum outcome cmd_cr(struct monitor *m, char *args)
{
	struct machine_request req;
	uint64_t n, value;

	if (*args && !parse_assignment(m, "cr", args, 8, &n, &value))
		return OUTCOME_INPUT;
	if (!get_registers(m, &req))
		return OUTCOME_FAILED;
	if (*args) {
		req.registers.cr[n] = (uint32_t)value;
		return set_registers(m, &req, REGISTERS_CR);
	}
	for (unsigned i = 0; i < 16; i++)
		screen_say(m->screen, "CR%u %08X", i, req.registers.cr[i]);
	return OUTCOME_OK;
}

static enum outcome cmd_fpr(struct monitor *m, char *args)
{
	struct machine_request req;
	uint64_t n, value;

	if (*args && !parse_assignment(m, "fpr", args, 16, &n, &value))
		return OUTCOME_INPUT;
	if (*args && (n > 6 || n % 2))
		return malformed(m, "fpr: no such register: %u", (unsigned)n);
	if (!get_registers(m, &req))
		return OUTCOME_FAILED;
	if (*args) {
		req.registers.fpr[n / 2] = value;
		return set_registers(m, &req, REGISTERS_FPR);
	}
	for (unsigned i = 0; i < 4; i++)
		screen_say(m->screen, "FPR%u %016llX", 2 * i,
			   (unsigned long long)req.registers.fpr[i]);
	return OUTCOME_OK;
}

static enum outcome cmd_psw(struct monitor *m, char *args)
{
	struct machine_request req;
	uint8_t bytes[8];

	if (*args && word_bytes(args, bytes, sizeof(bytes)) != (int)sizeof(bytes))
		return malformed(m, "psw: not 16 hex digits: %s", args);
	if (!get_registers(m, &req))
		return OUTCOME_FAILED;
	if (*args) {
		req.registers.psw = 0;
		for (unsigned i = 0; i < 8; i++)
			req.registers.psw = req.registers.psw << 8 | bytes[i];
		return set_registers(m, &req, REGISTERS_PSW);
	}
	screen_say(m->screen, "PSW %016llX", (unsigned long long)req.registers.psw);
	return OUTCOME_OK;
}

static enum outcome cmd_prefix(struct monitor *m, char *args)
{
	struct machine_request req;
	uint64_t value = 0;

	if (*args && (!word_hex(args, 0xFFFFFF, &value) || value & 0xFFF))
		return malformed(m, "prefix: not the address of a 4K block: %s", args);
	if (!get_registers(m, &req))
		return OUTCOME_FAILED;
	if (*args) {
		req.registers.prefix = (uint32_t)value;
		return set_registers(m, &req, REGISTERS_PREFIX);
	}
	screen_say(m->screen, "PREFIX %06X", req.registers.prefix);
	return OUTCOME_OK;
}

static enum outcome cmd_clocks(struct monitor *m, char *args)
{
	struct machine_request req, fetch = { .kind = MACHINE_FETCH, .space = SPACE_REAL };
	uint8_t timer[4];

	if (*args)
		return malformed(m, "clocks takes no operand");
	fetch.cpu = m->cpu;
	fetch.address = 0x50;
	fetch.data = timer;
	fetch.length = sizeof(timer);
	if (!get_registers(m, &req) || !bare_call(m->bare, &fetch, &m->error))
		return OUTCOME_FAILED;
	screen_say(m->screen, "TOD %016llX", (unsigned long long)req.registers.clocks.tod);
	screen_say(m->screen, "CLKC %016llX",
		   (unsigned long long)req.registers.clocks.comparator);
	screen_say(m->screen, "CPUT %016llX", (unsigned long long)req.registers.clocks.timer);
	screen_say(m->screen, "ITIMER %08X", be32(timer));
	return OUTCOME_OK;
}

static enum outcome cmd_cpu(struct monitor *m, char *args)
{
	uint64_t n;

	if (!word_decimal(args, bare_config(m->bare)->cpus - 1, &n))
		return malformed(m, "cpu N: no such CPU: %s", args);
	m->cpu = (unsigned)n;
	return OUTCOME_OK;
}

static enum outcome cmd_storage(struct monitor *m, char *args)
{
	uint64_t size;

	if (!*args) {
		screen_say(m->screen, "STORAGE %uK", bare_config(m->bare)->storage / 1024);
		return OUTCOME_OK;
	}
	if (!word_size(args, STORAGE_MAX, &size) || size < 4096 || size % 4096)
		return malformed(m, "storage SIZE: wrong size: %s", args);
	return outcome(bare_set_storage(m->bare, (uint32_t)size, &m->error));
}

static enum outcome cmd_arch(struct monitor *m, char *args)
{
	enum cpu_arch arch;

	if (!strcmp(args, "s370"))
		arch = CPU_S370;
	else if (!strcmp(args, "s360"))
		arch = CPU_S360;
	else
		return malformed(m, "arch s370|s360: not an architecture: %s", args);
	return outcome(bare_set_arch(m->bare, arch, &m->error));
}

const struct command register_commands[] = {
	{ "gpr", cmd_gpr, "gpr [N=HEX8]", "general registers: show, or set one" },
	{ "cr", cmd_cr, "cr [N=HEX8]", "control registers" },
	{ "fpr", cmd_fpr, "fpr [N=HEX16]", "floating-point registers" },
	{ "psw", cmd_psw, "psw [HEX16]", "program status word" },
	{ "prefix", cmd_prefix, "prefix [HEX6]", "prefix register" },
	{ "pr", cmd_prefix, "pr [HEX6]", "prefix register" },
	{ "clocks", cmd_clocks, "clocks", "TOD clock, comparator, CPU and interval timer" },
	{ "cpu", cmd_cpu, "cpu N", "the CPU that registers, step and restart mean" },
	{ "arch", cmd_arch, "arch s370|s360", "architecture; another one resets" },
	{ "storage", cmd_storage, "storage [SIZE]", "size of storage: show, or set and clear" },
	{ 0 },
};
