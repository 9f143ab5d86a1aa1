/*
 * s370/bare.c - the bare machine: how it is built, runs and stops, and what the monitor
 * is told of that. Its devices: bare_devices.c.
 */
#include "s370/bare_int.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/log.h"
#include "cpu370/disasm.h"

#define PSW_WAIT (UINT64_C(1) << 49)

static uint64_t host_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* ---- told by the machine, on its thread */

static const char *stop_reason(const struct bare *b, enum machine_state state)
{
	switch (state) {
	case MACHINE_DISABLED_WAIT: return "wait";
	case MACHINE_CHECK_STOP: return "check-stop";
	case MACHINE_BREAK: return "break";
	case MACHINE_LOOP: return "loop";
	case MACHINE_TRACED: return "traced";
	default: return b->stepping && !b->operator_stop ? "count" : "operator";
	}
}

static uint64_t instruction_count(struct bare *b)
{
	uint64_t count = 0;

	for (unsigned n = 0; n < b->config.cpus; n++)
		count += cpu370_icount(machine_cpu(b->machine, n));
	return count;
}

static void low_storage(struct bare *b, uint8_t *low)
{
	uint32_t address = cpu370_real_to_absolute(machine_cpu(b->machine, 0), 0);

	if (storage_fetch(machine_storage(b->machine), address, 0, low, LOW_BYTES, NULL))
		memset(low, 0, LOW_BYTES);
}

/* Append " name=CODE" if the old PSW of a class is another than before. */
static size_t append_code(const struct bare *b, const uint8_t *low, char *text, size_t size,
			  const char *name, unsigned old_psw, unsigned ec_code, unsigned mask)
{
	bool ec = low[old_psw + 1] & 0x08;
	unsigned code = be16(low + (ec ? ec_code : old_psw + 2)) & mask;

	if (!memcmp(low + old_psw, b->low + old_psw, 8))
		return 0;
	return (size_t)snprintf(text, size, " %s=%0*X", name, mask > 0xFF ? 4 : 2, code);
}

static void show_stop(struct bare *b, enum machine_state state, uint64_t psw)
{
	uint64_t count = instruction_count(b);
	uint8_t low[LOW_BYTES];
	char codes[80] = "";
	size_t n = 0;

	low_storage(b, low);
	n += append_code(b, low, codes + n, sizeof(codes) - n, "pgm", 0x28, 0x8E, 0xFFFF);
	n += append_code(b, low, codes + n, sizeof(codes) - n, "svc", 0x20, 0x8A, 0xFF);
	n += append_code(b, low, codes + n, sizeof(codes) - n, "ext", 0x18, 0x86, 0xFFFF);
	n += append_code(b, low, codes + n, sizeof(codes) - n, "io", 0x38, 0xBA, 0xFFFF);
	if (b->config.cpus > 1)
		snprintf(codes + n, sizeof(codes) - n, " cpu=%u", machine_stop_cpu(b->machine));
	screen_say(b->screen, "STOP reason=%s psw=%016llX count=%llu%s", stop_reason(b, state),
		   (unsigned long long)psw, (unsigned long long)(count - b->base_count), codes);
	b->total_count = count;
	b->run_ns += host_ns() - b->started_ns;
}

static void on_state(void *arg, enum machine_state state, uint64_t psw)
{
	struct bare *b = arg;

	if (state == MACHINE_RUNNING || state == MACHINE_WAITING || state == MACHINE_LOADING)
		return;
	pthread_mutex_lock(&b->lock);
	if (b->running) {
		show_stop(b, state, psw);
		b->running = false;
		pthread_cond_broadcast(&b->changed);
	}
	pthread_mutex_unlock(&b->lock);
}

static void on_ipl_failed(void *arg, uint16_t address, unsigned cc, const uint8_t csw[8],
			  uint8_t sense0)
{
	struct bare *b = arg;

	screen_say(b->screen, "IPL from %03X failed: cc=%u csw=%016llX sense=%02X", address, cc,
		   (unsigned long long)be64(csw), sense0);
}

static void on_instruction(void *arg, struct cpu370 *cpu, uint16_t address)
{
	struct bare *b = arg;
	uint64_t psw = cpu370_psw(cpu);
	uint32_t at = (uint32_t)psw & 0xFFFFFF, real;
	char text[DISASM_TEXT] = "?", hex[13] = "", cpu_name[8] = "";
	uint8_t code[6];
	size_t done = 0;
	unsigned n = 0;

	if (psw & PSW_WAIT || (psw == b->traced_psw && cpu370_icount(cpu) == b->traced_count))
		return; /* waits, or looked up and did not execute it */
	b->traced_psw = psw;
	b->traced_count = cpu370_icount(cpu);
	if (cpu370_translate(cpu, at, &real) == 0 &&
	    storage_fetch(cpu370_storage(cpu), cpu370_real_to_absolute(cpu, real), 0, code,
			  sizeof(code), &done) <= STORAGE_PROTECTION)
		n = disasm(code, done, text);
	for (unsigned i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02X", code[i]);
	if (b->config.cpus > 1)
		snprintf(cpu_name, sizeof(cpu_name), "CP%02X ", address);
	if (b->trace)
		fprintf(b->trace, "%sPSW=%016llX %-12s %s\n", cpu_name, (unsigned long long)psw,
			hex, text);
	else
		screen_say(b->screen, "%sPSW=%016llX %-12s %s", cpu_name,
			   (unsigned long long)psw, hex, text);
}

/* A bare machine has no codes for DIAGNOSE: what a model does with a wrong one. */
static int on_diagnose(void *arg, struct cpu370 *cpu, unsigned r1, unsigned r3, uint32_t code)
{
	(void)arg, (void)cpu, (void)r1, (void)r3, (void)code;
	return PIC_SPECIFICATION;
}

/* ---- building */

struct bare *bare_new(struct screen *screen, struct error *err)
{
	struct bare *b = calloc(1, sizeof(*b));

	if (!b) {
		error_set(err, ENOMEM, "no memory for a machine");
		return NULL;
	}
	b->screen = screen;
	b->config = (struct machine_config){
		.name = "S370",
		.storage = BARE_STORAGE,
		.cpus = 1,
		.arch = CPU_S370,
		.cpuid = BARE_CPUID,
	};
	b->codepage = &codepage_037;
	system_clock_init(&b->clock);
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->changed, NULL);
	return b;
}

static void free_consoles(struct bare *b)
{
	while (b->console_count > 0)
		teleprinter_free(b->consoles[--b->console_count]);
}

void bare_free(struct bare *b)
{
	if (!b)
		return;
	pthread_mutex_lock(&b->lock);
	b->running = false; /* what stops now stops because we end: not shown */
	pthread_mutex_unlock(&b->lock);
	for (unsigned i = 0; i < b->socket_count; i++)
		cardsocket_stop(b->sockets[i]);
	for (unsigned i = 0; i < b->print_count; i++)
		printsocket_stop(b->prints[i]);
	if (b->displays)
		displays_stop(b->displays);
	if (b->machine)
		machine_free(b->machine);
	if (b->displays)
		displays_free(b->displays);
	while (b->socket_count)
		cardsocket_free(b->sockets[--b->socket_count]);
	while (b->print_count)
		printsocket_free(b->prints[--b->print_count]);
	free_consoles(b);
	if (b->trace)
		fclose(b->trace);
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

struct screen *bare_screen(const struct bare *b)
{
	return b->screen;
}

const struct machine_config *bare_config(const struct bare *b)
{
	return &b->config;
}

bool bare_build(struct bare *b, struct error *err)
{
	const struct machine_owner owner = {
		.arg = b,
		.state = on_state,
		.ipl_failed = on_ipl_failed,
		.diagnose = on_diagnose,
		.instruction = on_instruction,
	};

	if (!b->machine)
		b->machine = machine_new(&b->config, &owner, &b->clock.clock, err);
	return b->machine != NULL;
}

static bool not_built(struct bare *b, bool same, const char *what, struct error *err)
{
	if (!b->machine || same)
		return true;
	error_set(err, 0, "%s cannot change once the machine is in use", what);
	return false;
}

/* A machine that is in use is told by req, unless it runs. */
static bool change(struct bare *b, struct machine_request *req, const char *what,
		   struct error *err)
{
	if (!b->machine)
		return true;
	if (!bare_running(b))
		return bare_call(b, req, err);
	error_set(err, 0, "%s cannot change while the machine runs", what);
	return false;
}

bool bare_set_storage(struct bare *b, uint32_t size, struct error *err)
{
	struct machine_request req = { .kind = MACHINE_STORAGE, .length = size };

	if (size == b->config.storage)
		return true;
	if (!change(b, &req, "the size of storage", err))
		return false;
	b->config.storage = size;
	return true;
}

bool bare_set_cpus(struct bare *b, unsigned cpus, struct error *err)
{
	if (!not_built(b, cpus == b->config.cpus, "the number of CPUs", err))
		return false;
	b->config.cpus = cpus;
	return true;
}

bool bare_set_arch(struct bare *b, enum cpu_arch arch, struct error *err)
{
	struct machine_request req = { .kind = MACHINE_ARCH, .value = arch };

	if (arch == b->config.arch)
		return true;
	if (!change(b, &req, "the architecture", err))
		return false;
	b->config.arch = arch;
	return true;
}

bool bare_set_cpuid(struct bare *b, uint64_t cpuid, uint64_t mask, struct error *err)
{
	uint64_t value = (b->config.cpuid & ~mask) | (cpuid & mask);

	if (!not_built(b, value == b->config.cpuid, "the CPU id", err))
		return false;
	b->config.cpuid = value;
	return true;
}

void bare_move_clock(struct bare *b, int64_t seconds)
{
	b->clock.offset += (uint64_t)(seconds * (int64_t)TOD_SECOND);
}

bool bare_set_codepage(struct bare *b, const char *name, struct error *err)
{
	const struct codepage *cp = codepage_find(name);

	if (!cp) {
		error_set(err, 0, "no such code page: %s", name);
		return false;
	}
	b->codepage = cp;
	return true;
}

bool bare_call(struct bare *b, struct machine_request *req, struct error *err)
{
	if (!bare_build(b, err))
		return false;
	if (req->kind == MACHINE_SET_REGISTERS || req->kind == MACHINE_RESET ||
	    req->kind == MACHINE_STORE)
		b->unclaimed = false;
	if (machine_call(b->machine, req))
		return true;
	*err = req->error;
	return false;
}

/* ---- running */

/* Note where the machine stands before it is started by req. */
static bool begin(struct bare *b, bool stepping, struct machine_request *req, struct error *err)
{
	struct machine_request query = { .kind = MACHINE_QUERY };
	struct machine_request fetch = {
		.kind = MACHINE_FETCH,
		.space = SPACE_REAL,
		.data = b->low,
		.length = sizeof(b->low),
	};

	if (!bare_call(b, &query, err) || !bare_call(b, &fetch, err))
		return false;
	pthread_mutex_lock(&b->lock);
	b->running = true;
	b->stepping = stepping;
	b->operator_stop = false;
	b->base_count = query.icount;
	b->started_ns = host_ns();
	pthread_mutex_unlock(&b->lock);
	b->unclaimed = !stepping;
	if (bare_call(b, req, err))
		return true;
	pthread_mutex_lock(&b->lock);
	b->running = false;
	pthread_mutex_unlock(&b->lock);
	return false;
}

bool bare_start(struct bare *b, struct error *err)
{
	struct machine_request req = { .kind = MACHINE_START };

	return begin(b, false, &req, err);
}

bool bare_restart(struct bare *b, unsigned cpu, struct error *err)
{
	struct machine_request req = { .kind = MACHINE_RESTART, .cpu = cpu };

	return begin(b, false, &req, err);
}

bool bare_step(struct bare *b, unsigned cpu, uint64_t count, bool through_wait,
	       struct error *err)
{
	struct machine_request req = {
		.kind = MACHINE_STEP,
		.cpu = cpu,
		.count = count,
		.on = through_wait,
	};

	if (bare_running(b)) {
		bare_stop(b);
		bare_wait(b);
	}
	return begin(b, true, &req, err);
}

bool bare_ipl(struct bare *b, uint16_t address, bool clear, struct error *err)
{
	struct machine_request req = { .kind = MACHINE_IPL, .address = address, .clear = clear };

	if (bare_running(b)) {
		bare_stop(b);
		bare_wait(b);
	}
	return begin(b, false, &req, err);
}

bool bare_run(struct bare *b, struct error *err)
{
	if (!bare_running(b) && !b->unclaimed && !bare_start(b, err))
		return false;
	bare_wait(b);
	b->unclaimed = false;
	return true;
}

void bare_stop(struct bare *b)
{
	struct machine_request req = { .kind = MACHINE_STOP };
	bool running;

	pthread_mutex_lock(&b->lock);
	running = b->running;
	b->operator_stop = true;
	pthread_mutex_unlock(&b->lock);
	if (running)
		machine_post(b->machine, &req);
}

void bare_wait(struct bare *b)
{
	pthread_mutex_lock(&b->lock);
	while (b->running)
		pthread_cond_wait(&b->changed, &b->lock);
	pthread_mutex_unlock(&b->lock);
}

bool bare_running(struct bare *b)
{
	bool running;

	pthread_mutex_lock(&b->lock);
	running = b->running;
	pthread_mutex_unlock(&b->lock);
	return running;
}

bool bare_trace(struct bare *b, bool on, const char *path, struct error *err)
{
	struct machine_request req = { .kind = MACHINE_TRACE, .on = false };
	FILE *f = NULL;

	if (path && !(f = fopen(path, "we"))) {
		error_errno(err, errno, "trace: %s", path);
		return false;
	}
	if (!bare_call(b, &req, err)) {
		if (f)
			fclose(f);
		return false;
	}
	if (b->trace)
		fclose(b->trace);
	b->trace = f;
	req.on = on;
	return !on || bare_call(b, &req, err);
}

/* The program interruptions that there were, as " 04=12 11=3". */
static void program_codes(const struct cpu_stats *s, char *text, size_t size)
{
	size_t n = 0;

	text[0] = '\0';
	for (unsigned code = 0; code < 256 && n < size; code++)
		if (s->program[code])
			n += (size_t)snprintf(text + n, size - n, " %02X=%llu", code,
					      (unsigned long long)s->program[code]);
}

static void show_cpu_stats(struct bare *b, unsigned cpu, const struct cpu_stats *s)
{
	char codes[400];

#define N(field) ((unsigned long long)s->field)
	screen_say(b->screen, "CPU %u: instructions=%llu stepped=%llu lookups=%llu misses=%llu",
		   cpu, N(instructions), N(stepped), N(lookups), N(misses));
	screen_say(b->screen,
		   "CPU %u: blocks decoded=%llu again=%llu killed=%llu by-others=%llu "
		   "volatile=%llu flushes=%llu",
		   cpu, N(decoded), N(redecoded), N(killed), N(killed_other), N(volatiles),
		   N(flushes));
	screen_say(b->screen, "CPU %u: tlb misses=%llu purges=%llu waits-for-cpus=%llu", cpu,
		   N(tlb_fills), N(tlb_purges), N(waits));
	program_codes(s, codes, sizeof(codes));
	screen_say(b->screen,
		   "CPU %u: interruptions restart=%llu external=%llu svc=%llu program=%llu "
		   "machine-check=%llu io=%llu%s%s",
		   cpu, N(restarts), N(externals), N(svcs), N(programs), N(checks), N(ios),
		   codes[0] ? " pgm:" : "", codes);
#undef N
}

void bare_show_stats(struct bare *b)
{
	uint64_t count, ns;

	pthread_mutex_lock(&b->lock);
	count = b->total_count;
	ns = b->run_ns;
	pthread_mutex_unlock(&b->lock);
	screen_say(b->screen, "STATS instructions=%llu seconds=%.6f mips=%.1f",
		   (unsigned long long)count, (double)ns / 1e9,
		   ns ? (double)count * 1e3 / (double)ns : 0.0);
	for (unsigned n = 0; b->machine && n < b->config.cpus; n++) {
		struct cpu_stats stats;
		struct machine_request req = {
			.kind = MACHINE_STATS,
			.cpu = n,
			.stats = &stats,
		};

		if (machine_call(b->machine, &req))
			show_cpu_stats(b, n, &stats);
	}
}
