#include "tests/differential/emulator.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/differential/case.h"

#define RUN_SECONDS   20 /* a batch takes a fifth of a second; the machine is shared */
#define RUN_LIMIT     "8000000" /* instructions; a batch takes half of that */
#define REPLY_SECONDS 20

struct emulator {
	enum emulator_kind kind;
	bool hyperion; /* Hercules 4: it takes commands from standard input as it is */
	const char *program;
	char in_file[300], out_file[300], config[300];
	int seconds; /* patience */
	pid_t pid;   /* 0: not running */
	int to, from;
	char line[4096]; /* output not looked at yet */
	size_t length;
};

static const char config_text[] =
	"CPUSERIAL 000047\nCPUMODEL 3145\nCPUVERID FD\nMAINSIZE 8\nNUMCPU 1\n"
	"ARCHMODE S/370\nOSTAILOR QUIET\n0009 3215-C\n";

static bool is_hyperion(const char *program)
{
	char text[400];
	bool found = false;
	FILE *f;

	snprintf(text, sizeof(text), "'%s' --version 2>&1 </dev/null", program);
	f = popen(text, "r");
	while (f && fgets(text, sizeof(text), f))
		found = found || strstr(text, "Hyperion");
	if (f)
		pclose(f);
	return found;
}

struct emulator *emulator_new(enum emulator_kind kind, const char *program,
			      const char *directory)
{
	struct emulator *e = calloc(1, sizeof(*e));
	FILE *f;

	if (!e)
		return NULL;
	e->kind = kind;
	e->seconds = RUN_SECONDS;
	e->program = program;
	e->hyperion = kind == EMULATOR_HERCULES && is_hyperion(program);
	snprintf(e->in_file, sizeof(e->in_file), "%s/%d.in", directory, kind);
	snprintf(e->out_file, sizeof(e->out_file), "%s/%d.out", directory, kind);
	snprintf(e->config, sizeof(e->config), "%s/hercules.cnf", directory);
	f = fopen(e->config, "w");
	if (!f) {
		free(e);
		return NULL;
	}
	fputs(config_text, f);
	fclose(f);
	return e;
}

const char *emulator_name(const struct emulator *e)
{
	return e->kind == EMULATOR_HERCULES ? "hercules" : "s370";
}

void emulator_patience(struct emulator *e, int seconds)
{
	e->seconds = seconds;
}

static void end_process(struct emulator *e)
{
	if (e->pid <= 0)
		return;
	kill(e->pid, SIGKILL);
	waitpid(e->pid, NULL, 0);
	close(e->to);
	close(e->from);
	e->pid = 0;
	e->length = 0;
}

void emulator_free(struct emulator *e)
{
	end_process(e);
	unlink(e->in_file);
	unlink(e->out_file);
	unlink(e->config);
	free(e);
}

static void exec_child(const struct emulator *e)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* it must not outlive us */
	if (e->hyperion)
		execlp(e->program, e->program, "-d", "-f", e->config, (char *)NULL);
	else if (e->kind == EMULATOR_HERCULES)
		execlp(e->program, e->program, "-d", "-l", "dyngui", "-f", e->config,
		       (char *)NULL);
	else
		execlp(e->program, e->program, "--storage", "8M", "--cpuid",
		       "FD00004731450000", "--device", "009:3215", "--script", "-",
		       (char *)NULL);
	_exit(127);
}

static bool start_process(struct emulator *e)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		return false;
	e->pid = fork();
	if (e->pid == 0) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		dup2(from[1], 2);
		exec_child(e);
	}
	close(to[0]);
	close(from[1]);
	e->to = to[1];
	e->from = from[0];
	return e->pid > 0;
}

static void command(struct emulator *e, const char *format, const char *file)
{
	char text[400];
	int n = snprintf(text, sizeof(text), format, file);

	if (write(e->to, text, (size_t)n) != n)
		return; /* it died: expect() finds out */
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/*
 * Is wanted (1) or other (2, may be NULL) in the output read so far? Lines are
 * dropped up to there.
 */
static int seen(struct emulator *e, const char *wanted, const char *other)
{
	char *newline;
	int found = 0;

	while (!found && (newline = memchr(e->line, '\n', e->length))) {
		size_t n = (size_t)(newline - e->line) + 1;

		*newline = '\0';
		found = strstr(e->line, wanted)		  ? 1
			: other && strstr(e->line, other) ? 2
							  : 0;
		e->length -= n;
		memmove(e->line, e->line + n, e->length);
	}
	return found;
}

/* Read output until a line contains one of the two; 0: none came in time. */
static int expect_either(struct emulator *e, const char *wanted, const char *other,
			 int seconds)
{
	int64_t end = now_ms() + seconds * 1000;
	int found;

	while (!(found = seen(e, wanted, other))) {
		struct pollfd fd = { .fd = e->from, .events = POLLIN };
		int64_t left = end - now_ms();
		ssize_t n;

		if (e->length == sizeof(e->line))
			e->length = 0; /* an endless line is none that is waited for */
		if (left <= 0 || poll(&fd, 1, (int)left) <= 0)
			return 0;
		n = read(e->from, e->line + e->length, sizeof(e->line) - e->length);
		if (n <= 0)
			return 0;
		e->length += (size_t)n;
	}
	return found;
}

static bool expect(struct emulator *e, const char *wanted, int seconds)
{
	return expect_either(e, wanted, NULL, seconds) == 1;
}

static bool write_image(const char *path, const uint8_t *image)
{
	FILE *f = fopen(path, "wb");
	/* behind the cases there are only zeros, as storage is cleared */
	bool ok = f && fwrite(image, 1, ST_OUT, f) == ST_OUT;

	if (f)
		fclose(f);
	return ok;
}

static bool read_image(const char *path, uint8_t *image)
{
	FILE *f = fopen(path, "rb");
	bool ok = f && fread(image, 1, ST_SIZE, f) == ST_SIZE;

	if (f)
		fclose(f);
	return ok;
}

static bool run_hercules(struct emulator *e)
{
	int stopped, saved;

	command(e, "sysclear\nloadcore %s\n", e->in_file);
	command(e, "restart\n", "");
	stopped = expect_either(e, "isabled wait state", NULL, e->seconds);
	if (!stopped)
		command(e, "stop\n", "");
	do { /* it announces the wait state a moment before the CPU counts as stopped */
		command(e, "savecore %s 0 7fffff\n", e->out_file);
		saved = expect_either(e, e->hyperion ? "Operation complete" : "command complete",
				      "rejected", REPLY_SECONDS);
	} while (saved == 2);
	return stopped && saved;
}

static bool run_s370(struct emulator *e)
{
	bool stopped;

	command(e, "reset clear\nload %s\npsw 0008000000000500\n", e->in_file);
	command(e, "step " RUN_LIMIT "\n", "");
	stopped = expect(e, "STOP reason=", e->seconds);
	if (!stopped)
		kill(e->pid, SIGINT);
	command(e, "save %s 0.800000\necho SAVED\n", e->out_file);
	if (!expect(e, "SAVED", REPLY_SECONDS))
		stopped = false;
	return stopped;
}

bool emulator_run(struct emulator *e, uint8_t *image)
{
	bool stopped, ok;

	unlink(e->out_file);
	if (!write_image(e->in_file, image))
		return false;
	if (e->pid == 0) {
		if (!start_process(e))
			return false;
		if (e->kind == EMULATOR_HERCULES && !e->hyperion &&
		    !expect(e, "dyngui.dll initiated", REPLY_SECONDS))
			return false;
	}
	stopped = e->kind == EMULATOR_HERCULES ? run_hercules(e) : run_s370(e);
	ok = read_image(e->out_file, image);
	if (!stopped || !ok)
		end_process(e);
	return ok;
}
