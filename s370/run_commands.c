/* Commands that start, stop, step, trace and reset the machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "s370/monitor.h"
#include "s370/parse.h"

static enum outcome no_operand(struct monitor *m, const char *name)
{
	return malformed(m, "%s takes no operand", name);
}

static enum outcome cmd_reset(struct monitor *m, char *args)
{
	struct machine_request req = { .kind = MACHINE_RESET };

	if (*args && strcasecmp(args, "clear"))
		return malformed(m, "reset [clear]: %s", args);
	req.on = true;
	req.clear = *args != '\0';
	return outcome(bare_call(m->bare, &req, &m->error));
}

static enum outcome cmd_sysclear(struct monitor *m, char *args)
{
	struct machine_request req = { .kind = MACHINE_RESET, .on = true, .clear = true };

	if (*args)
		return no_operand(m, "sysclear");
	return outcome(bare_call(m->bare, &req, &m->error));
}

static enum outcome cmd_restart(struct monitor *m, char *args)
{
	if (*args)
		return no_operand(m, "restart");
	return outcome(bare_restart(m->bare, m->cpu, &m->error));
}

static enum outcome run_count(struct monitor *m, const char *name, const char *text,
			      bool through_wait)
{
	uint64_t count;

	if (!word_decimal(text, UINT64_MAX, &count) || count == 0)
		return malformed(m, "%s [N]: not a number of instructions: %s", name, text);
	if (!bare_step(m->bare, m->cpu, count, through_wait, &m->error))
		return OUTCOME_FAILED;
	bare_wait(m->bare);
	return OUTCOME_OK;
}

static enum outcome cmd_step(struct monitor *m, char *args)
{
	return run_count(m, "step", *args ? args : "1", false);
}

static enum outcome cmd_run(struct monitor *m, char *args)
{
	if (*args)
		return run_count(m, "run", args, true);
	return outcome(bare_run(m->bare, &m->error));
}

static enum outcome cmd_start(struct monitor *m, char *args)
{
	if (*args)
		return no_operand(m, "start");
	if (bare_running(m->bare))
		return OUTCOME_OK;
	return outcome(bare_start(m->bare, &m->error));
}

static enum outcome cmd_stop(struct monitor *m, char *args)
{
	if (*args)
		return no_operand(m, "stop");
	bare_stop(m->bare);
	bare_wait(m->bare);
	return OUTCOME_OK;
}

static enum outcome cmd_ipl(struct monitor *m, char *args)
{
	char *words[3];
	int n = word_split(args, words, 3);
	uint16_t address;

	if (n < 1 || n > 2 || (n == 2 && strcasecmp(words[1], "clear")))
		return malformed(m, "ipl ADDR [clear]");
	if (!word_device(words[0], &address))
		return malformed(m, "ipl: not a device address: %s", words[0]);
	return outcome(bare_ipl(m->bare, address, n == 2, &m->error));
}

static enum outcome set_break(struct monitor *m, const char *name, const char *args, bool on)
{
	struct machine_request req = { .kind = MACHINE_BREAKPOINT, .on = on };
	uint64_t address;

	if (!word_hex(args, 0xFFFFFF, &address))
		return malformed(m, "%s ADDR: not an address: %s", name, args);
	req.address = (uint32_t)address;
	return outcome(bare_call(m->bare, &req, &m->error));
}

static enum outcome cmd_break(struct monitor *m, char *args)
{
	return set_break(m, "break", args, true);
}

static enum outcome cmd_unbreak(struct monitor *m, char *args)
{
	return set_break(m, "unbreak", args, false);
}

static enum outcome cmd_trace(struct monitor *m, char *args)
{
	char *words[3];
	int n = word_split(args, words, 3);
	bool on;

	if (n < 1 || n > 2)
		return malformed(m, "trace on|off [FILE]");
	on = !strcasecmp(words[0], "on");
	if (!on && (strcasecmp(words[0], "off") || n == 2))
		return malformed(m, "trace on|off [FILE]: %s", words[0]);
	return outcome(bare_trace(m->bare, on, n == 2 ? words[1] : NULL, &m->error));
}

static enum outcome cmd_trace_on(struct monitor *m, char *args)
{
	return outcome(bare_trace(m->bare, true, *args ? args : NULL, &m->error));
}

static enum outcome cmd_trace_off(struct monitor *m, char *args)
{
	if (*args)
		return no_operand(m, "t-");
	return outcome(bare_trace(m->bare, false, NULL, &m->error));
}

static enum outcome cmd_ext(struct monitor *m, char *args)
{
	struct machine_request req = { .kind = MACHINE_EXTERNAL, .cpu = m->cpu, .value = 0x40 };

	if (*args)
		return no_operand(m, "ext");
	return outcome(bare_call(m->bare, &req, &m->error));
}

static enum outcome cmd_mck(struct monitor *m, char *args)
{
	struct machine_request req = { .kind = MACHINE_MACHINE_CHECK, .cpu = m->cpu };
	uint64_t code;

	if (strlen(args) != 16 || !word_hex(args, UINT64_MAX, &code))
		return malformed(m, "mck HEX16: not a machine-check code: %s", args);
	req.count = code;
	return outcome(bare_call(m->bare, &req, &m->error));
}

static const char *state_name(enum machine_state state)
{
	switch (state) {
	case MACHINE_STOPPED: return "stopped";
	case MACHINE_RUNNING: return "running";
	case MACHINE_WAITING: return "waiting";
	case MACHINE_DISABLED_WAIT: return "disabled-wait";
	case MACHINE_CHECK_STOP: return "check-stop";
	case MACHINE_BREAK: return "break";
	case MACHINE_LOADING: return "loading";
	case MACHINE_LOOP: return "loop";
	case MACHINE_TRACED: return "traced";
	}
	return "?";
}

static enum outcome cmd_state(struct monitor *m, char *args)
{
	struct machine_request req = { .kind = MACHINE_QUERY, .cpu = m->cpu };

	if (*args)
		return no_operand(m, "state");
	if (!bare_call(m->bare, &req, &m->error))
		return OUTCOME_FAILED;
	screen_say(m->screen, "STATE %s psw=%016llX count=%llu sio=%llu", state_name(req.state),
		   (unsigned long long)req.psw, (unsigned long long)req.icount,
		   (unsigned long long)req.iocount);
	return OUTCOME_OK;
}

const struct command run_commands[] = {
	{ "ipl", cmd_ipl, "ipl ADDR [clear]", "LOAD key: initial program load; runs on" },
	{ "reset", cmd_reset, "reset [clear]", "initial program reset; clear: storage and keys" },
	{ "sysreset", cmd_reset, "sysreset [clear]", "as reset" },
	{ "sysclear", cmd_sysclear, "sysclear", "as reset clear" },
	{ "restart", cmd_restart, "restart", "PSW restart at location 0; runs on" },
	{ "step", cmd_step, "step [N]", "the CPU (see cpu) executes N instructions (1)" },
	{ "run", cmd_run, "run [N]", "run, at most N instructions, and wait for the stop" },
	{ "start", cmd_start, "start", "run; the monitor goes on" },
	{ "g", cmd_start, "g", "as start" },
	{ "stop", cmd_stop, "stop", "stop key" },
	{ "break", cmd_break, "break ADDR", "stop before the instruction at ADDR" },
	{ "b", cmd_break, "b ADDR", "as break" },
	{ "unbreak", cmd_unbreak, "unbreak ADDR", "take a breakpoint back" },
	{ "b-", cmd_unbreak, "b- ADDR", "as unbreak" },
	{ "trace", cmd_trace, "trace on|off [FILE]", "one line an instruction" },
	{ "t+", cmd_trace_on, "t+ [FILE]", "as trace on" },
	{ "t-", cmd_trace_off, "t-", "as trace off" },
	{ "ext", cmd_ext, "ext", "interrupt key: external interruption 0040" },
	{ "interrupt", cmd_ext, "interrupt", "as ext" },
	{ "mck", cmd_mck, "mck HEX16", "machine check with that interruption code" },
	{ "state", cmd_state, "state", "does it run, PSW, counts" },
	{ 0 },
};
