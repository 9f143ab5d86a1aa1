#include "s370/bare.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/bytes.h"
#include "base/log.h"
#include "cpu370/disasm.h"
#include "devices/device.h"
#include "s370/cardsocket.h"
#include "s370/displays.h"
#include "s370/printsocket.h"

#define CONSOLES_MAX 32
#define SOCKETS_MAX  16
#define PSW_WAIT     (UINT64_C(1) << 49)
#define LOW_BYTES    0xC0 /* real storage that interruptions store into */

struct bare {
	struct screen *screen;
	struct machine_config config;
	const struct codepage *codepage;
	struct system_clock clock;
	struct machine *machine; /* NULL: not built yet */
	struct teleprinter *consoles[CONSOLES_MAX];
	unsigned console_count;
	struct cardsocket *sockets[SOCKETS_MAX]; /* readers that are loaded over TCP */
	unsigned socket_count;
	struct printsocket *prints[SOCKETS_MAX]; /* whose output goes over TCP */
	unsigned print_count;
	struct displays *displays; /* NULL: no display was attached yet */
	char console_host[100];	   /* "": this host only */
	uint16_t console_port;
	bool want_displays;	 /* a port was given */
	bool unclaimed;          /* started, and bare_run() did not wait for it yet */

	pthread_mutex_t lock;    /* guards the fields below */
	pthread_cond_t changed;
	bool running;            /* started and not yet stopped */
	bool operator_stop;
	bool stepping;
	uint64_t base_count;     /* instructions when it was started */
	uint64_t run_ns;         /* host time it ran, up to started_ns */
	uint64_t started_ns;
	uint64_t total_count;
	uint8_t low[LOW_BYTES];  /* real storage when it was started */
	FILE *trace;             /* NULL: to the screen */
	uint64_t traced_psw, traced_count; /* machine's thread: the last line's */
};

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

static bool build(struct bare *b, struct error *err)
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
	if (!build(b, err))
		return false;
	if (req->kind == MACHINE_SET_REGISTERS || req->kind == MACHINE_RESET ||
	    req->kind == MACHINE_STORE)
		b->unclaimed = false;
	if (machine_call(b->machine, req))
		return true;
	*err = req->error;
	return false;
}

/* ---- devices */

struct teleprinter *bare_console(struct bare *b, uint32_t address)
{
	for (unsigned i = 0; i < b->console_count; i++)
		if (address == BARE_FIRST_CONSOLE ||
		    teleprinter_address(b->consoles[i]) == address)
			return b->consoles[i];
	return NULL;
}

static void forget_console(struct bare *b, uint16_t address)
{
	for (unsigned i = 0; i < b->console_count; i++) {
		if (teleprinter_address(b->consoles[i]) != address)
			continue;
		if (b->displays)
			displays_drop_console(b->displays, b->consoles[i]);
		teleprinter_free(b->consoles[i]);
		b->consoles[i] = b->consoles[--b->console_count];
		return;
	}
}

/* A teleprinter for the console about to be attached; log=FILE among its words. */
static struct teleprinter *add_console(struct bare *b, struct machine_request *req,
				       struct error *err)
{
	const char *log = NULL;
	struct teleprinter *t;

	for (int i = 0; i < req->argc; i++)
		if (!strncasecmp(req->argv[i], "log=", 4))
			log = req->argv[i] + 4;
	if (b->console_count == CONSOLES_MAX) {
		error_set(err, 0, "%03X: more than %d consoles", req->address, CONSOLES_MAX);
		return NULL;
	}
	t = teleprinter_new(b->machine, (uint16_t)req->address, b->screen, b->codepage, log, err);
	if (t)
		req->terminal = teleprinter_terminal(t);
	return t;
}

void bare_set_console_port(struct bare *b, const char *host, uint16_t port)
{
	snprintf(b->console_host, sizeof(b->console_host), "%s", host ? host : "");
	b->console_port = port;
	b->want_displays = true;
}

/* The first display or console for a client opens the port. */
static bool open_displays(struct bare *b, struct error *err)
{
	if (b->displays)
		return true;
	b->displays = displays_new(b->machine, *b->console_host ? b->console_host : NULL,
				   b->console_port, err);
	if (b->displays)
		screen_say(b->screen, "3270 port %u", displays_port(b->displays));
	return b->displays != NULL;
}

static bool add_display(struct bare *b, struct machine_request *req, struct error *err)
{
	if (!open_displays(b, err))
		return false;
	req->terminal = displays_terminal(b->displays, (uint16_t)req->address);
	return true;
}

/*
 * A console that is not integrated, which Hercules writes "-C", is for a telnet client
 * too. It is here without him, so a port that cannot be had is worth a note only.
 */
static void share_console(struct bare *b, const char *type, struct teleprinter *t)
{
	size_t n = strlen(type);
	struct error err = { 0 };

	if (!b->want_displays || (n > 2 && !strcasecmp(type + n - 2, "-C")))
		return;
	if (!open_displays(b, &err))
		screen_say(b->screen, "%03X: no telnet client here: %s",
			   teleprinter_address(t), err.text);
	else
		(void)displays_add_console(b->displays, t);
}

/* Where in sockets the one of that reader is; socket_count: it has none. */
static unsigned socket_of(const struct bare *b, uint16_t address)
{
	unsigned i = 0;

	while (i < b->socket_count && cardsocket_address(b->sockets[i]) != address)
		i++;
	return i;
}

static unsigned print_of(const struct bare *b, uint16_t address)
{
	unsigned i = 0;

	while (i < b->print_count && printsocket_address(b->prints[i]) != address)
		i++;
	return i;
}

/* The socket of a printer or punch that was attached without paper. */
static bool add_print(struct bare *b, uint16_t address, enum device_kind kind, int count,
		      char *const *words, struct error *err)
{
	struct printsocket *s = NULL;

	if (b->print_count == SOCKETS_MAX)
		error_set(err, 0, "%03X: more than %d printers with sockets", address,
			  SOCKETS_MAX);
	else
		s = printsocket_new(b->machine, address,
				    kind == DEVICE_PUNCH ? PRINTFILE_PUNCH
							 : PRINTFILE_PRINTER,
				    count, words, err);
	if (s)
		b->prints[b->print_count++] = s;
	return s != NULL;
}

/* The socket of a device that was attached empty. */
static bool add_socket(struct bare *b, uint16_t address, enum device_kind kind, int count,
		       char *const *words, struct error *err)
{
	struct cardsocket *s = NULL;

	if (kind != DEVICE_READER)
		return add_print(b, address, kind, count, words, err);
	if (b->socket_count == SOCKETS_MAX)
		error_set(err, 0, "%03X: more than %d readers with sockets", address,
			  SOCKETS_MAX);
	else
		s = cardsocket_new(b->machine, address, count, words, err);
	if (s)
		b->sockets[b->socket_count++] = s;
	return s != NULL;
}

static bool takes_socket(enum device_kind kind)
{
	return kind == DEVICE_READER || kind == DEVICE_PRINTER || kind == DEVICE_PUNCH;
}

bool bare_attach(struct bare *b, uint16_t address, const char *type, int count,
		 char *const *words, struct error *err)
{
	const struct device_class *class = device_class_find(type);
	struct machine_request req = {
		.kind = MACHINE_ATTACH,
		.address = address,
		.class_name = type,
		.argc = count,
		.argv = words,
	};
	struct teleprinter *console = NULL;
	bool socket = class && takes_socket(class->kind) && cardsocket_wanted(count, words);

	if (!class) {
		error_set(err, 0, "%03X: unknown device type %s", address, type);
		return false;
	}
	if (!build(b, err))
		return false;
	if (class->kind == DEVICE_CONSOLE && !(console = add_console(b, &req, err)))
		return false;
	if (socket)
		req.argc = 0;
	if (class->kind == DEVICE_GRAF && b->want_displays && !add_display(b, &req, err))
		return false;
	if (!bare_call(b, &req, err)) {
		if (console)
			teleprinter_free(console);
		return false;
	}
	if (socket && !add_socket(b, address, class->kind, count, words, err)) {
		bare_detach(b, address, NULL);
		return false;
	}
	if (console) {
		b->consoles[b->console_count++] = console;
		share_console(b, type, console);
	}
	return true;
}

bool bare_detach(struct bare *b, uint16_t address, struct error *err)
{
	struct machine_request req = { .kind = MACHINE_DETACH, .address = address };
	unsigned i = socket_of(b, address), print = print_of(b, address);
	struct error ignored;

	if (i < b->socket_count)
		cardsocket_stop(b->sockets[i]);
	if (print < b->print_count)
		printsocket_stop(b->prints[print]);
	if (!bare_call(b, &req, err ? err : &ignored))
		return false;
	if (i < b->socket_count) {
		cardsocket_free(b->sockets[i]);
		b->sockets[i] = b->sockets[--b->socket_count];
	}
	if (print < b->print_count) {
		printsocket_free(b->prints[print]);
		b->prints[print] = b->prints[--b->print_count];
	}
	forget_console(b, address);
	return true;
}

bool bare_mount(struct bare *b, uint16_t address, int count, char *const *words,
		struct error *err)
{
	struct machine_request req = {
		.kind = MACHINE_MOUNT,
		.address = address,
		.argc = count,
		.argv = words,
	};

	return bare_call(b, &req, err);
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
