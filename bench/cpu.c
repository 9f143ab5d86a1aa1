/*
 * bench/cpu.c - the CPU alone on stand-alone System/370 programs.
 *
 *   bench/cpu [-r RUNS] [-d DIR] [PROGRAM[=N] ...]
 *
 * Loads DIR/PROGRAM.bin at 0 (DIR: VM370_BENCH/bin, or -d), stores N at X'800', runs
 * from the PSW at 0 to the disabled wait and prints, for each program, guest
 * instructions, median and best MIPS of RUNS runs (thread CPU time). A run that ends
 * anywhere but in the normal end is reported and makes the exit status 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "cpu370/cpu.h"

#define STORAGE_SIZE (16u << 20)
#define NORMAL_END   UINT64_C(0x0002000000000000)
#define MAX_RUNS     50

struct program {
	const char *name;
	uint32_t n;          /* outer iterations that take about a second */
	uint64_t per_n, fixed; /* instructions: per_n * N + fixed */
	uint32_t check_at;   /* a result word, and what it must be; 0: none */
	uint32_t check;
};

static const struct program programs[] = {
	{ "a_bct", 300000000, 1, 5, 0, 0 },
	{ "b_mix", 500, 987422, 5, 0x1214, 0x30A280F6 },
	{ "c_dhry", 2000000, 133, 6, 0x11BC, 0xA94FD8C0 },
	{ "d_dec", 1500000, 25, 5, 0x10A4, 0x0415180C },
	{ "e_hfp", 6000000, 28, 8, 0x10A0, 0x402B0ED5 },
	{ "f_mixdat", 500, 987422, 3983, 0x1160, 0x30A280F6 },
};

static bool load(struct storage *st, const char *dir, const char *name)
{
	static uint8_t image[1 << 20];
	char path[512];
	size_t length;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.bin", dir, name);
	f = fopen(path, "rb");
	if (!f) {
		perror(path);
		return false;
	}
	length = fread(image, 1, sizeof(image), f);
	fclose(f);
	return storage_store(st, 0, 0, image, length, NULL) == STORAGE_OK;
}

static uint32_t word(struct storage *st, uint32_t at)
{
	uint8_t b[4] = { 0 };

	if (storage_fetch(st, at, 0, b, 4, NULL) != STORAGE_OK)
		return 0;
	return be32(b);
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* One run; MIPS, or 0 if it did not end as it should. */
static double run(const struct program *p, const char *dir, uint32_t n)
{
	struct cpu_config config = { .arch = CPU_S370, .cpuid = 0 };
	struct storage *st = storage_new(STORAGE_SIZE, NULL);
	struct system_clock clock;
	struct cpu370 *cpu;
	enum cpu_exit why;
	double start, took;
	uint64_t count;
	uint8_t b[8];
	bool good;

	system_clock_init(&clock);
	cpu = st ? cpu370_new(st, &config, NULL, &clock.clock, NULL) : NULL;
	if (!cpu || !load(st, dir, p->name))
		exit(2);
	put_be32(b, n);
	if (storage_store(st, 0x800, 0, b, 4, NULL) != STORAGE_OK ||
	    storage_fetch(st, 0, 0, b, 8, NULL) != STORAGE_OK)
		exit(2);
	cpu370_set_psw(cpu, be64(b));
	start = seconds();
	why = cpu370_run(cpu, UINT64_MAX);
	took = seconds() - start;
	count = cpu370_icount(cpu);
	good = why == CPU_EXIT_DISABLED_WAIT &&
	       (cpu370_psw(cpu) & UINT64_C(0xFFFF000000FFFFFF)) == NORMAL_END &&
	       count == p->per_n * n + p->fixed &&
	       (!p->check_at || n != p->n || word(st, p->check_at) == p->check);
	if (!good)
		printf("%s: exit %d psw %016llX count %llu word %08X\n", p->name, (int)why,
		       (unsigned long long)cpu370_psw(cpu), (unsigned long long)count,
		       p->check_at ? word(st, p->check_at) : 0);
	cpu370_free(cpu);
	storage_free(st);
	return good ? (double)count / took / 1e6 : 0;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static bool measure(const struct program *p, const char *dir, uint32_t n, int runs)
{
	double mips[MAX_RUNS];

	for (int i = 0; i < runs; i++) {
		mips[i] = run(p, dir, n);
		if (mips[i] == 0)
			return false;
	}
	qsort(mips, (size_t)runs, sizeof(mips[0]), ascending);
	printf("%-10s %12llu instructions %8.1f MIPS median %8.1f best\n", p->name,
	       (unsigned long long)(p->per_n * n + p->fixed), mips[runs / 2], mips[runs - 1]);
	fflush(stdout);
	return true;
}

int main(int argc, char **argv)
{
	const char *root = getenv("VM370_BENCH");
	char dir[400];
	int runs = 3, arg = 1;
	bool good = true;

	snprintf(dir, sizeof(dir), "%s/bin", root ? root : ".");
	for (; arg + 1 < argc && argv[arg][0] == '-'; arg += 2) {
		if (!strcmp(argv[arg], "-r"))
			runs = atoi(argv[arg + 1]);
		else
			snprintf(dir, sizeof(dir), "%s", argv[arg + 1]);
	}
	if (runs < 1 || runs > MAX_RUNS)
		runs = 3;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		bool chosen = arg >= argc;
		uint32_t n = programs[i].n;

		for (int k = arg; k < argc; k++) {
			size_t l = strcspn(argv[k], "=");

			if (strncmp(argv[k], programs[i].name, l) != 0)
				continue;
			chosen = true;
			if (argv[k][l])
				n = (uint32_t)strtoul(argv[k] + l + 1, NULL, 0);
		}
		if (chosen)
			good &= measure(&programs[i], dir, n, runs);
	}
	return good ? 0 : 1;
}
