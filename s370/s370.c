/*
 * s370 - the bare System/370: a machine without a control program, with a
 * monitor for its operator.
 */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"
#include "cpu370/storage.h"
#include "s370/bare.h"
#include "s370/hercules_config.h"
#include "s370/monitor.h"
#include "s370/parse.h"

#define EXIT_BAD_INPUT 2
#define DEVICES_MAX    256

struct options {
	const char *config, *script;
	char *devices[DEVICES_MAX];
	unsigned device_count;
	bool stats;
};

static const char usage[] =
	"usage: s370 [--storage SIZE] [--cpus N] [--arch s370|s360] [--cpuid HEX]\n"
	"            [--engine interpreter] [--config FILE] [--script FILE] [--stats]\n"
	"            [--yroffset YEARS] [--tzoffset HHMM] [--console-port PORT]\n"
	"            [--device ADDR:TYPE:FILE[,OPTION...]]...\n";

static const struct option long_options[] = {
	{ "storage", required_argument, NULL, 's' },
	{ "cpus", required_argument, NULL, 'c' },
	{ "arch", required_argument, NULL, 'a' },
	{ "cpuid", required_argument, NULL, 'i' },
	{ "engine", required_argument, NULL, 'e' },
	{ "config", required_argument, NULL, 'f' },
	{ "script", required_argument, NULL, 'r' },
	{ "stats", no_argument, NULL, 't' },
	{ "yroffset", required_argument, NULL, 'y' },
	{ "tzoffset", required_argument, NULL, 'z' },
	{ "console-port", required_argument, NULL, 'p' },
	{ "device", required_argument, NULL, 'd' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'v' },
	{ 0 },
};

static bool wrong(struct error *err, const char *option, const char *value)
{
	error_set(err, 0, "--%s: wrong value: %s", option, value);
	return false;
}

/* CPU id: 16 digits as STIDP stores it, or 6 of the serial number. */
static bool set_cpuid(struct bare *b, const char *text, struct error *err)
{
	uint64_t value;

	if (strlen(text) == 16 && word_hex(text, UINT64_MAX, &value))
		return bare_set_cpuid(b, value, UINT64_MAX, err);
	if (strlen(text) <= 6 && word_hex(text, 0xFFFFFF, &value))
		return bare_set_cpuid(b, value << 32, UINT64_C(0xFFFFFF) << 32, err);
	return wrong(err, "cpuid", text);
}

static bool set_storage(struct bare *b, const char *text, struct error *err)
{
	uint64_t value;

	if (!word_size(text, STORAGE_MAX, &value) || value < 4096 || value % 4096)
		return wrong(err, "storage", text);
	return bare_set_storage(b, (uint32_t)value, err);
}

static bool set_cpus(struct bare *b, const char *text, struct error *err)
{
	uint64_t value;

	if (!word_decimal(text, 4, &value) || value == 0)
		return wrong(err, "cpus", text);
	return bare_set_cpus(b, (unsigned)value, err);
}

static bool set_arch(struct bare *b, const char *text, struct error *err)
{
	if (strcmp(text, "s370") && strcmp(text, "s360"))
		return wrong(err, "arch", text);
	return bare_set_arch(b, strcmp(text, "s370") ? CPU_S360 : CPU_S370, err);
}

/* Ways to execute: today there is one. */
static const char *const engines[] = { "interpreter" };

static bool set_engine(const char *text, struct error *err)
{
	char names[100] = "";

	for (size_t i = 0; i < ARRAY_SIZE(engines); i++) {
		if (!strcmp(text, engines[i]))
			return true;
		snprintf(names + strlen(names), sizeof(names) - strlen(names), " %s", engines[i]);
	}
	error_set(err, 0, "--engine: there is no %s, only:%s", text, names);
	return false;
}

static bool set_console_port(struct bare *b, const char *text, struct error *err)
{
	uint64_t port;

	if (!word_decimal(text, 65535, &port))
		return wrong(err, "console-port", text);
	bare_set_console_port(b, NULL, (uint16_t)port);
	return true;
}

static bool move_clock(struct bare *b, const char *option, const char *text, struct error *err)
{
	bool years = !strcmp(option, "yroffset");
	int64_t value;

	if (!(years ? word_signed(text, 142, &value) : word_zone(text, &value)))
		return wrong(err, option, text);
	bare_move_clock(b, years ? value * BARE_YEAR : value);
	return true;
}

static bool take_option(struct bare *b, struct options *o, int option, struct error *err)
{
	switch (option) {
	case 's': return set_storage(b, optarg, err);
	case 'c': return set_cpus(b, optarg, err);
	case 'a': return set_arch(b, optarg, err);
	case 'i': return set_cpuid(b, optarg, err);
	case 'e': return set_engine(optarg, err);
	case 'y': return move_clock(b, "yroffset", optarg, err);
	case 'z': return move_clock(b, "tzoffset", optarg, err);
	case 'p': return set_console_port(b, optarg, err);
	case 'f': o->config = optarg; return true;
	case 'r': o->script = optarg; return true;
	case 't': o->stats = true; return true;
	case 'd':
		if (o->device_count == DEVICES_MAX)
			return wrong(err, "device", optarg);
		o->devices[o->device_count++] = optarg;
		return true;
	}
	return false;
}

/* ADDR:TYPE[:FILE[,OPTION...]] */
static bool attach_option(struct bare *b, char *text, struct error *err)
{
	char *type = strchr(text, ':'), *file, *words[WORDS_MAX], *save = NULL;
	uint16_t address;
	int n = 0;

	if (!type)
		return wrong(err, "device", text);
	*type++ = '\0';
	file = strchr(type, ':');
	if (file)
		*file++ = '\0';
	if (!word_device(text, &address))
		return wrong(err, "device", text);
	for (char *w = file ? strtok_r(file, ",", &save) : NULL; w && n < WORDS_MAX;
	     w = strtok_r(NULL, ",", &save))
		words[n++] = w;
	return bare_attach(b, address, type, n, words, err);
}

/* Ctrl-C is the stop key: one thread waits for it, no handler interrupts. */
static void *stop_key(void *arg)
{
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	while (sigwait(&set, &sig) == 0)
		bare_stop(arg);
	return NULL;
}

static bool start_stop_key(struct bare *b, pthread_t *thread)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return pthread_create(thread, NULL, stop_key, b) == 0;
}

static enum outcome run_monitor(struct monitor *m, const struct options *o)
{
	if (o->script)
		return monitor_script(m, o->script);
	return isatty(STDIN_FILENO) ? monitor_interactive(m) : monitor_script(m, "-");
}

static int run(struct monitor *m, const struct options *o)
{
	enum outcome result = run_monitor(m, o);

	if (o->stats)
		bare_show_stats(m->bare);
	fflush(stdout);
	if (result == OUTCOME_INPUT || result == OUTCOME_FAILED)
		fprintf(stderr, "s370: %s\n", m->error.text);
	switch (result) {
	case OUTCOME_INPUT: return EXIT_BAD_INPUT;
	case OUTCOME_FAILED: return EXIT_FAILURE;
	default: return m->exit_status;
	}
}

/* Options and configuration. Returns -1 to go on, else the exit status. */
static int set_up(struct bare *b, struct options *o, int argc, char **argv)
{
	struct error err = { 0 };
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) >= 0) {
		if (option == 'h' || option == 'v') {
			fputs(option == 'h' ? usage : "s370: System/370 bare machine\n", stdout);
			return EXIT_SUCCESS;
		}
		if (option == '?' || !take_option(b, o, option, &err)) {
			fprintf(stderr, "%s%s%s%s", *err.text ? "s370: " : "", err.text,
				*err.text ? "\n" : "", usage);
			return EXIT_BAD_INPUT;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "s370: unexpected word %s\n%s", argv[optind], usage);
		return EXIT_BAD_INPUT;
	}
	if (o->config && !hercules_config(b, o->config, &err)) {
		fprintf(stderr, "s370: %s\n", err.text);
		return EXIT_BAD_INPUT;
	}
	for (unsigned i = 0; i < o->device_count; i++)
		if (!attach_option(b, o->devices[i], &err)) {
			fprintf(stderr, "s370: %s\n", err.text);
			return EXIT_BAD_INPUT;
		}
	return -1;
}

int main(int argc, char **argv)
{
	struct screen *screen = screen_new();
	struct error err = { 0 };
	struct bare *b = screen ? bare_new(screen, &err) : NULL;
	struct monitor m = { .bare = b, .screen = screen };
	struct options o = { 0 };
	pthread_t key;
	int status;

	if (!b) {
		fprintf(stderr, "s370: %s\n", err.text);
		return EXIT_FAILURE;
	}
	if (!start_stop_key(b, &key)) {
		fprintf(stderr, "s370: no thread for the stop key\n");
		return EXIT_FAILURE;
	}
	status = set_up(b, &o, argc, argv);
	if (status < 0)
		status = run(&m, &o);
	pthread_cancel(key);
	pthread_join(key, NULL);
	bare_free(b);
	screen_free(screen);
	return status;
}
