/*
 * difftest - random instruction streams on Debian's Hercules and on s370, all
 * results compared, every difference shrunk.
 *
 *   difftest [--seed N] [--instructions N] [--case N] [--only MNEMONIC]
 *            [--no-decimal] [--no-float] [--failures N]
 *            [--hercules PROGRAM] [--s370 PROGRAM]
 *
 * Prints progress on standard error; at the end one line
 * with the seed and the counts. Exit status 1: differences that are not known.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "tests/differential/batch.h"
#include "tests/differential/shrink.h"

#define KNOWN_MAX 64
#define FOUND_MAX 64 /* differences of a batch that are kept as they were found */

struct run {
	struct pair pair;
	struct generator_options o;
	uint64_t instructions; /* wanted */
	uint64_t only_case;
	bool one_case;
	unsigned failures_max;

	struct test_case cases[BATCH_CASES];
	uint64_t first;        /* number of cases[0] */
	uint64_t cases_done, insns_done, executed;
	uint64_t endless, known[KNOWN_MAX];
	unsigned failures;
	unsigned failed[BATCH_CASES], failed_count; /* of this batch */
	unsigned signature[BATCH_CASES];
	struct comparison as_found[FOUND_MAX];
	uint8_t seen[65536];   /* failures by signature, up to 2 */
	uint64_t not_shown;
	uint64_t unrepeated;   /* did not show again with all that ran before it */
};

/* How many instructions of the stream were executed before the case ended. */
static unsigned executed(const struct test_case *c, const struct comparison *cmp)
{
	static const unsigned old_psw[6] = { 0, 0x28, 0x20, 0x18, 0x38, 0x30 };
	uint32_t class = be32(cmp->ours + R_CLASS), start = (uint32_t)c->psw & 0xFFFFFF;
	uint32_t end = be32(cmp->ours + R_LOW + old_psw[class < 6 ? class : 0] + 4) & 0xFFFFFF;
	unsigned offset = 0;

	for (unsigned i = 0; i < c->insns; i++) {
		offset += length_of(c->insn[i]);
		if (end >= start && end < start + offset)
			return i ? i : 1;
	}
	return c->insns;
}

/* Alike failures have the same signature: what differs, and the last instruction. */
static unsigned signature(const struct test_case *c, const struct comparison *cmp)
{
	unsigned n = cmp->has_results ? executed(c, cmp) : 0;

	return (comparison_fields(cmp) << 8 | c->insn[n < c->insns ? n : c->insns - 1][0]) & 0xFFFF;
}

static void judge(void *arg, unsigned n, const struct comparison *cmp)
{
	struct run *r = arg;

	if (!cmp->stray) {
		r->cases_done++;
		r->insns_done += r->cases[n].insns;
	}
	if (cmp->has_results)
		r->executed += executed(&r->cases[n], cmp);
	switch (cmp->verdict) {
	case SAME: break;
	case KNOWN:
		for (unsigned k = 0; known_difference(k); k++)
			r->known[k] += cmp->known >> k & 1;
		break;
	case ENDLESS: r->endless++; break;
	case DIFFERENT:
	case DERAILED:
		if (r->failed_count < FOUND_MAX)
			r->as_found[r->failed_count] = *cmp;
		r->signature[r->failed_count] = signature(&r->cases[n], cmp);
		r->failed[r->failed_count++] = n;
		break;
	}
}

/* Case n of the batch is different only behind others: find which. */
static bool report_sequence(struct run *r, unsigned n, unsigned found)
{
	static struct test_case cases[BATCH_CASES];
	struct comparison cmp;
	unsigned length;

	memcpy(cases, r->cases, (n + 1) * sizeof(cases[0]));
	length = shrink_sequence(&r->pair, cases, n, &cmp);
	if (length)
		printf("  it takes %u cases:\n", length);
	for (unsigned i = 0; i < length; i++) {
		printf("  case %u of them\n", i + 1);
		case_print(&cases[i]);
	}
	if (!length) {
		printf("  it does not show again; it was:\n");
		case_print(&r->cases[n]);
		if (found < FOUND_MAX)
			comparison_print(&r->as_found[found]);
	} else {
		comparison_print(&cmp);
	}
	return length != 0;
}

static void report_failures(struct run *r)
{
	for (unsigned i = 0; i < r->failed_count; i++) {
		struct test_case c = r->cases[r->failed[i]];
		struct comparison cmp;
		bool repeated = true;

		if (r->seen[r->signature[i]] == 2 || r->failures >= r->failures_max) {
			r->not_shown++;
			continue;
		}
		r->seen[r->signature[i]]++;
		r->failures++;
		printf("DIFFERENCE: seed %llu case %llu\n", (unsigned long long)r->o.seed,
		       (unsigned long long)(r->first + r->failed[i]));
		if (i < FOUND_MAX && r->as_found[i].stray) {
			case_print(&c);
			comparison_print(&r->as_found[i]);
			continue;
		}
		shrink(&r->pair, &c, &cmp);
		if (cmp.verdict == SAME)
			repeated = report_sequence(r, r->failed[i], i);
		else
			case_print(&c);
		if (repeated)
			comparison_print(&cmp);
		else
			r->failures--, r->unrepeated++;
		fflush(stdout);
	}
	r->failed_count = 0;
}

static bool run_batch(struct run *r, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		generate_case(&r->o, r->first + i, &r->cases[i]);
	if (!batch_run(&r->pair, r->cases, count, judge, r)) {
		printf("FAIL: an emulator does not run the cases from %llu on\n",
		       (unsigned long long)r->first);
		return false;
	}
	report_failures(r);
	r->first += count;
	return true;
}

static bool run_all(struct run *r)
{
	generate_template(r->o.seed, r->pair.window);
	compare_template(r->pair.window);
	if (r->one_case) {
		r->first = r->only_case;
		return run_batch(r, 1);
	}
	while (r->insns_done < r->instructions && r->failures < r->failures_max) {
		if (!run_batch(r, BATCH_CASES))
			return false;
		fprintf(stderr, "\r%llu instructions, %u differences ",
			(unsigned long long)r->insns_done, r->failures);
	}
	fputc('\n', stderr);
	return true;
}

static void summary(const struct run *r)
{
	for (unsigned n = 0; known_difference(n); n++)
		if (r->known[n])
			printf("known: %llu cases: %s\n", (unsigned long long)r->known[n],
			       known_difference(n));
	printf("seed %llu: %llu cases, %llu instructions (%llu executed at least), "
	       "%llu endless, %llu not repeatable, %llu differences\n", (unsigned long long)r->o.seed,
	       (unsigned long long)r->cases_done, (unsigned long long)r->insns_done,
	       (unsigned long long)r->executed, (unsigned long long)r->endless, (unsigned long long)r->unrepeated,
	       (unsigned long long)(r->failures + r->not_shown));
}

static const struct option options[] = {
	{ "seed", required_argument, NULL, 's' },
	{ "instructions", required_argument, NULL, 'n' },
	{ "case", required_argument, NULL, 'c' },
	{ "only", required_argument, NULL, 'o' },
	{ "no-decimal", no_argument, NULL, 'd' },
	{ "no-float", no_argument, NULL, 'f' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "failures", required_argument, NULL, 'F' },
	{ "hercules", required_argument, NULL, 'h' },
	{ "s370", required_argument, NULL, 'r' },
	{ 0 },
};

int main(int argc, char **argv)
{
	static struct run r;
	const char *hercules = "hercules", *s370 = "build/s370";
	char directory[] = "/dev/shm/difftest-XXXXXX";
	int option;
	bool ok;

	r.instructions = 100000;
	r.failures_max = 20;
	r.o.seed = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0)
		switch (option) {
		case 's': r.o.seed = strtoull(optarg, NULL, 10); break;
		case 'n': r.instructions = strtoull(optarg, NULL, 10); break;
		case 'c': r.one_case = true; r.only_case = strtoull(optarg, NULL, 10); break;
		case 'o': r.o.only = optarg; break;
		case 'd': r.o.no_decimal = true; break;
		case 'f': r.o.no_float = r.pair.no_float = true; break;
		case 'v': r.pair.verbose = true; break;
		case 'F': r.failures_max = (unsigned)atoi(optarg); break;
		case 'h': hercules = optarg; break;
		case 'r': s370 = optarg; break;
		default: return 2;
		}
	if (!mkdtemp(directory)) {
		perror(directory);
		return 2;
	}
	r.pair.theirs = emulator_new(EMULATOR_HERCULES, hercules, directory);
	r.pair.ours = emulator_new(EMULATOR_S370, s370, directory);
	ok = run_all(&r);
	summary(&r);
	emulator_free(r.pair.theirs);
	emulator_free(r.pair.ours);
	rmdir(directory);
	return ok && r.failures == 0 && r.not_shown == 0 ? 0 : 1;
}
