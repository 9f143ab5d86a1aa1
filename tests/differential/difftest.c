/*
 * difftest - random instruction streams on Debian's Hercules and on s370, all
 * results compared, every difference shrunk.
 *
 *   difftest [--seed N] [--instructions N] [--case N] [--first CASE]
 *            [--only MNEMONIC] [--no-decimal] [--no-float] [--failures N]
 *            [--coverage] [--jobs N] [--no-shrink] [--hercules PROGRAM]
 *            [--s370 PROGRAM]
 *
 * It runs until streams of N instructions have been compared; how many of them were
 * executed, as the rehearsal counts them, is told at the end. --jobs: so
 * many pairs of emulators at a time; the cases are the same for any number of them,
 * but for the last batches.
 * Prints progress on standard error; at the end one line with the seed and the
 * counts. Exit status 1: differences that are not known.
 */
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "tests/differential/batch.h"
#include "tests/differential/shrink.h"

#define JOBS_MAX  8
#define KNOWN_MAX 64
#define FOUND_MAX 64 /* differences of a batch that are kept as they were found */

struct run {
	struct pair pair;
	struct generator_options o;
	uint64_t instructions; /* wanted */
	uint64_t only_case;
	bool one_case, no_shrink;
	unsigned failures_max;

	struct test_case cases[BATCH_CASES];
	struct facts facts[BATCH_CASES];
	bool cover;
	struct coverage coverage;
	uint64_t left_out[REHEARSED_KINDS];
	uint64_t first; /* number of cases[0] */
	unsigned job;	/* it runs every jobs-th batch */
	unsigned jobs;
	struct run *all; /* of all jobs */
	bool ok;
	uint64_t cases_done, insns_done, executed;
	uint64_t endless, known[KNOWN_MAX];
	unsigned failures;
	unsigned failed[BATCH_CASES], failed_count; /* of this batch */
	unsigned signature[BATCH_CASES];
	bool again[BATCH_CASES]; /* failed in the second run of the batch */
	struct comparison as_found[FOUND_MAX];
	uint8_t seen[65536]; /* failures by signature */
	uint64_t not_shown;
	uint64_t unrepeated; /* did not show again with all that ran before it */
};

/* Alike failures have the same signature: what differs, and the last instruction. */
static unsigned signature(const struct facts *f, const struct comparison *cmp)
{
	unsigned op = f->last[0] == 0xB2 || f->last[0] == 0xE5 ? f->last[1] : f->last[0];

	return (comparison_fields(cmp) * 263 + op + 0x4000 * f->under_ex) & 0xFFFF;
}

static void judge(void *arg, unsigned n, const struct comparison *cmp)
{
	struct run *r = arg;

	if (!cmp->stray) {
		r->cases_done++;
		r->insns_done += r->cases[n].insns;
	}
	if (cmp->has_results)
		r->executed += r->facts[n].executed;
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
		r->signature[r->failed_count] = signature(&r->facts[n], cmp);
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

static void print_exceptions(const struct exceptions *e)
{
	if (e->count)
		printf("  its operands may meet");
	for (unsigned i = 0; i < e->count; i++)
		printf(" %02X at %06X%s", e->list[i].code, e->list[i].laddr,
		       i + 1 < e->count ? "," : "\n");
}

/* Verdicts of the same batch, run a second time. */
static void judge_again(void *arg, unsigned n, const struct comparison *cmp)
{
	struct run *r = arg;

	if (cmp->verdict == DIFFERENT || cmp->verdict == DERAILED)
		r->again[n] = true;
}

/*
 * Leave out failures that the same batch does not show a second time, on images that
 * are the same to the last byte: one emulator did not do twice alike. Only Hercules is
 * excused, and each is printed.
 */
static void only_repeated(struct run *r)
{
	unsigned kept = 0, count = r->failed[r->failed_count - 1] + 1;

	memset(r->again, 0, sizeof(r->again));
	if (!batch_run(&r->pair, r->cases, r->facts, count, judge_again, r))
		return;
	for (unsigned i = 0; i < r->failed_count; i++) {
		unsigned n = r->failed[i];

		if (r->again[n]) {
			if (kept < FOUND_MAX)
				r->as_found[kept] = r->as_found[i < FOUND_MAX ? i : 0];
			r->signature[kept] = r->signature[i];
			r->failed[kept++] = n;
			continue;
		}
		r->unrepeated++;
		printf("NOT A SECOND TIME: seed %llu case %llu\n",
		       (unsigned long long)r->o.seed, (unsigned long long)(r->first + n));
		case_print(&r->cases[n]);
		if (i < FOUND_MAX)
			comparison_print(&r->as_found[i]);
	}
	fflush(stdout);
	r->failed_count = kept;
}

static void report_failures(struct run *r)
{
	if (r->failed_count)
		only_repeated(r);
	for (unsigned i = 0; i < r->failed_count; i++) {
		struct test_case c = r->cases[r->failed[i]];
		struct comparison cmp;
		bool repeated = true;

		if (r->seen[r->signature[i]] == 1 || r->failures >= r->failures_max) {
			r->not_shown++;
			continue;
		}
		r->seen[r->signature[i]]++;
		r->failures++;
		printf("DIFFERENCE: seed %llu case %llu\n", (unsigned long long)r->o.seed,
		       (unsigned long long)(r->first + r->failed[i]));
		printf("  last: ");
		for (unsigned k = 0; k < 6; k++)
			printf("%02X", r->facts[r->failed[i]].last[k]);
		printf(" at %06X%s\n", r->facts[r->failed[i]].ia,
		       r->facts[r->failed[i]].under_ex ? ", target of EX" : "");
		print_exceptions(&r->facts[r->failed[i]].operands);
		if (i < FOUND_MAX && (r->as_found[i].stray || r->no_shrink)) {
			case_print(&c);
			comparison_print(&r->as_found[i]);
			fflush(stdout);
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

#define ATTEMPTS      100
#define ENDLESS_ASKED 2 /* endless cases that are run all the same: are they on both? */

/* Case i of the batch: the first attempt whose rehearsal is good. */
static void make_case(struct run *r, unsigned i)
{
	for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
		enum rehearsed how;

		generate_case(&r->o, r->first + i, attempt, &r->cases[i]);
		how = rehearse(r->pair.rehearsal, &r->cases[i], &r->facts[i],
			       r->cover ? &r->coverage : NULL);
		if (how == REHEARSED_GOOD)
			return;
		r->left_out[how]++;
		if (how == REHEARSED_ENDLESS && r->left_out[how] <= ENDLESS_ASKED)
			return;
	}
}

static bool run_batch(struct run *r, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		make_case(r, i);
	if (!batch_run(&r->pair, r->cases, r->facts, count, judge, r)) {
		printf("FAIL: an emulator does not run the cases from %llu on\n",
		       (unsigned long long)r->first);
		return false;
	}
	report_failures(r);
	r->first += (uint64_t)count * r->jobs;
	return true;
}

/* Over all jobs; they go on meanwhile. */
static uint64_t done_by_all(const struct run *all)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < all->jobs; i++)
		n += all[i].insns_done;
	return n;
}

static unsigned failures_of_all(const struct run *all)
{
	unsigned n = 0;

	for (unsigned i = 0; i < all->jobs; i++)
		n += all[i].failures;
	return n;
}

static bool run_all(struct run *r)
{
	generate_template(r->o.seed, r->pair.window);
	compare_template(r->pair.window);
	r->pair.rehearsal = rehearsal_new(r->pair.window, !r->pair.no_float);
	if (!r->pair.rehearsal)
		return false;
	if (r->one_case) {
		r->first = r->only_case;
		return run_batch(r, 1);
	}
	while (done_by_all(r->all) < r->instructions &&
	       failures_of_all(r->all) < r->failures_max)
		if (!run_batch(r, BATCH_CASES))
			return false;
	return true;
}

/* One job, in a process of its own or in the only one. */
static void run_job(struct run *r, const char *hercules, const char *s370)
{
	char directory[] = "/dev/shm/difftest-XXXXXX";

	setvbuf(stdout, NULL, _IOFBF, 1 << 16); /* a difference in one piece */
	if (!mkdtemp(directory)) {
		perror(directory);
		return;
	}
	r->pair.theirs = emulator_new(EMULATOR_HERCULES, hercules, directory);
	r->pair.ours = emulator_new(EMULATOR_S370, s370, directory);
	r->ok = r->pair.theirs && r->pair.ours && run_all(r);
	rehearsal_free(r->pair.rehearsal);
	emulator_free(r->pair.theirs);
	emulator_free(r->pair.ours);
	rmdir(directory);
	fflush(stdout);
}

static void add(struct run *sum, const struct run *r)
{
	sum->ok = sum->ok && r->ok;
	sum->cases_done += r->cases_done;
	sum->insns_done += r->insns_done;
	sum->executed += r->executed;
	sum->endless += r->endless;
	sum->failures += r->failures;
	sum->not_shown += r->not_shown;
	sum->unrepeated += r->unrepeated;
	for (unsigned i = 0; i < KNOWN_MAX; i++)
		sum->known[i] += r->known[i];
	for (unsigned i = 0; i < REHEARSED_KINDS; i++)
		sum->left_out[i] += r->left_out[i];
	coverage_add(&sum->coverage, &r->coverage);
}

/* Jobs in processes that share *all; waits for them and shows how far they are. */
static void run_jobs(struct run *all, const char *hercules, const char *s370)
{
	unsigned left = all->jobs;

	fflush(stdout);
	for (unsigned i = 0; i < all->jobs; i++)
		if (fork() == 0) {
			run_job(&all[i], hercules, s370);
			_exit(0);
		}
	while (left > 0) {
		if (waitpid(-1, NULL, WNOHANG) > 0) {
			left--;
			continue;
		}
		poll(NULL, 0, 1000);
		fprintf(stderr, "\r%llu instructions, %u differences ",
			(unsigned long long)done_by_all(all), failures_of_all(all));
	}
	fputc('\n', stderr);
	for (unsigned i = 1; i < all->jobs; i++)
		add(&all[0], &all[i]);
}

static void summary(const struct run *r)
{
	if (r->cover)
		coverage_print(&r->coverage);
	for (unsigned n = 0; known_difference(n); n++)
		if (r->known[n])
			printf("known: %llu cases: %s\n", (unsigned long long)r->known[n],
			       known_difference(n));
	printf("left out after rehearsal: %llu endless, %llu reach outside the window, "
	       "%llu with results that are left open\n",
	       (unsigned long long)r->left_out[REHEARSED_ENDLESS],
	       (unsigned long long)r->left_out[REHEARSED_OUTSIDE],
	       (unsigned long long)r->left_out[REHEARSED_UNDEFINED]);
	printf("seed %llu: %llu cases, %llu instructions executed of %llu, "
	       "%llu endless, %llu not repeatable, %llu differences\n",
	       (unsigned long long)r->o.seed, (unsigned long long)r->cases_done,
	       (unsigned long long)r->executed, (unsigned long long)r->insns_done,
	       (unsigned long long)r->endless, (unsigned long long)r->unrepeated,
	       (unsigned long long)(r->failures + r->not_shown));
}

static const struct option options[] = {
	{"seed",		  required_argument, NULL, 's' },
	{ "instructions",		  required_argument, NULL, 'n' },
	{ "case",		  required_argument, NULL, 'c' },
	{ "first",required_argument, NULL, 'b' },
	{ "jobs",		  required_argument, NULL, 'j' },
	{ "only",		  required_argument, NULL, 'o' },
	{ "no-decimal",		no_argument, NULL, 'd' },
	{ "no-float",		      no_argument, NULL, 'f' },
	{ "no-shrink",	       no_argument, NULL, 'S' },
	{ "coverage",		      no_argument, NULL, 'C' },
	{ "verbose",	     no_argument, NULL, 'v' },
	{ "failures",	      required_argument, NULL, 'F' },
	{ "hercules",		      required_argument, NULL, 'h' },
	{ "s370",required_argument, NULL, 'r' },
	{ 0	      },
};

static bool parse(struct run *r, int argc, char **argv, const char **hercules,
		  const char **s370)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0)
		switch (option) {
		case 's': r->o.seed = strtoull(optarg, NULL, 10); break;
		case 'n': r->instructions = strtoull(optarg, NULL, 10); break;
		case 'c':
			r->one_case = true;
			r->only_case = strtoull(optarg, NULL, 10);
			break;
		case 'b': r->first = strtoull(optarg, NULL, 10); break;
		case 'j': r->jobs = (unsigned)atoi(optarg); break;
		case 'o': r->o.only = optarg; break;
		case 'd': r->o.no_decimal = true; break;
		case 'f': r->o.no_float = r->pair.no_float = true; break;
		case 'S': r->no_shrink = true; break;
		case 'C': r->cover = true; break;
		case 'v': r->pair.verbose = true; break;
		case 'F': r->failures_max = (unsigned)atoi(optarg); break;
		case 'h': *hercules = optarg; break;
		case 'r': *s370 = optarg; break;
		default: return false;
		}
	if (r->one_case)
		r->jobs = 1;
	return optind == argc && r->jobs >= 1 && r->jobs <= JOBS_MAX;
}

int main(int argc, char **argv)
{
	struct run *all = mmap(NULL, JOBS_MAX * sizeof(*all), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const char *hercules = "hercules", *s370 = "build/s370";

	if (all == MAP_FAILED) {
		perror("memory");
		return 2;
	}
	all->instructions = 100000;
	all->failures_max = 20;
	all->o.seed = 1;
	all->jobs = 1;
	if (!parse(all, argc, argv, &hercules, &s370))
		return 2;
	all->all = all;
	for (unsigned i = 1; i < all->jobs; i++) {
		all[i] = all[0];
		all[i].job = i;
		all[i].first += (uint64_t)i * BATCH_CASES;
	}
	run_jobs(all, hercules, s370);
	summary(all);
	return all->ok && all->failures == 0 && all->not_shown == 0 ? 0 : 1;
}
