#include "cp/monitor_sample.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/compiler.h"
#include "cp/accounting.h"
#include "cp/load.h"
#include "cp/monitor.h"
#include "cp/systape.h"
#include "cp/sysvolume.h"
#include "cp/vmblok.h"
#include "cpu370/cpu.h"
#include "devices/machine.h"

enum column {
	C_TIME, C_CLASS, C_NAME,
	/* USER */
	C_CPU_MS, C_IO, C_READ, C_PRINTED, C_PUNCHED, C_RESIDENT,
	/* SCHEDULE */
	C_QUEUE, C_SHARE,
	/* PERFORM, DASTAP */
	C_USERS, C_CPU, C_Q1, C_Q2, C_STORAGE, C_FAULTS,
	/* RESPONSE */
	C_LINES_IN, C_LINES_OUT, C_RESPONSES, C_RESPONSE_MEAN, C_RESPONSE_MAX,
	/* INSTSIM */
	C_INSTRUCTIONS, C_DIAGNOSES, C_PRIVOPS, C_PROGRAMS, C_SVCS, C_EXTERNALS, C_IOS,
	/* DASTAP, SEEKS */
	C_STARTS, C_SEEKS, C_MOVED,
	/* SYSPROF */
	C_USER_MS, C_SYSTEM_MS, C_RESIDENT_KB, C_SWITCHES, C_PREEMPTIONS,
	COLUMNS,
};

static const char *const names[COLUMNS] = {
	"time", "class", "name", "cpu_ms", "io", "cards_read", "lines_printed",
	"cards_punched", "resident_bytes", "queue", "share", "users", "cpu_percent", "q1",
	"q2", "storage_percent", "faults_per_s", "lines_in", "lines_out", "responses",
	"response_ms_mean", "response_ms_max", "instructions", "diagnoses",
	"privileged_operations", "program_interruptions", "svcs", "external_interruptions",
	"io_interruptions", "starts", "seeks", "cylinders_moved", "process_user_ms",
	"process_system_ms", "process_peak_kb", "context_switches", "preemptions",
};

_Static_assert(COLUMNS * 24 + 3 <= MONITOR_LINE_MAX, "a line has room for its cells");

void monitor_head(char line[MONITOR_LINE_MAX])
{
	size_t n = 0;

	for (unsigned i = 0; i < COLUMNS; i++)
		n += (size_t)snprintf(line + n, MONITOR_LINE_MAX - n, "%s%s", i ? "," : "",
				      names[i]);
	snprintf(line + n, MONITOR_LINE_MAX - n, "\r\n");
}

struct row {
	char cell[COLUMNS][24];
};

struct sampler {
	struct cp *cp;
	const char *time;
	void (*put)(void *arg, const char *line, size_t length);
	void *arg;
};

static void row_begin(struct row *r, const struct sampler *s, const char *class,
		      const char *name)
{
	*r = (struct row){ 0 };
	snprintf(r->cell[C_TIME], sizeof(r->cell[0]), "%s", s->time);
	snprintf(r->cell[C_CLASS], sizeof(r->cell[0]), "%s", class);
	snprintf(r->cell[C_NAME], sizeof(r->cell[0]), "%s", name);
}

static void number(struct row *r, enum column c, uint64_t n)
{
	snprintf(r->cell[c], sizeof(r->cell[0]), "%llu", (unsigned long long)n);
}

static void row_put(const struct row *r, const struct sampler *s)
{
	char line[MONITOR_LINE_MAX];
	size_t n = 0;

	for (unsigned i = 0; i < COLUMNS; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%s", i ? "," : "",
				      r->cell[i]);
	n += (size_t)snprintf(line + n, sizeof(line) - n, "\r\n");
	s->put(s->arg, line, n);
}

/* ---- the system */

static void put_perform(const struct sampler *s)
{
	struct load now;
	struct row r;

	load_now(s->cp->load, &now);
	row_begin(&r, s, "PERFORM", "");
	number(&r, C_USERS, vm_users(s->cp));
	number(&r, C_CPU, now.cpu);
	number(&r, C_Q1, now.q1);
	number(&r, C_Q2, now.q2);
	number(&r, C_STORAGE, now.storage);
	number(&r, C_FAULTS, now.faults_per_second);
	row_put(&r, s);
}

static uint64_t milliseconds(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000 + (uint64_t)t->tv_usec / 1000;
}

static void put_sysprof(const struct sampler *s)
{
	struct rusage u;
	struct row r;

	getrusage(RUSAGE_SELF, &u);
	row_begin(&r, s, "SYSPROF", "");
	number(&r, C_USER_MS, milliseconds(&u.ru_utime));
	number(&r, C_SYSTEM_MS, milliseconds(&u.ru_stime));
	number(&r, C_RESIDENT_KB, (uint64_t)u.ru_maxrss);
	number(&r, C_SWITCHES, (uint64_t)u.ru_nvcsw);
	number(&r, C_PREEMPTIONS, (uint64_t)u.ru_nivcsw);
	row_put(&r, s);
}

/* ---- each user */

static void put_user(const struct sampler *s, struct vmblok *vm)
{
	struct accounting_base now = accounting_counters(vm);
	struct machine_request req = { .kind = MACHINE_RESIDENT };
	struct row r;

	row_begin(&r, s, "USER", vm->userid);
	number(&r, C_CPU_MS, now.cpu_ns / 1000000);
	number(&r, C_IO, now.io);
	number(&r, C_READ, now.read);
	number(&r, C_PRINTED, now.printed);
	number(&r, C_PUNCHED, now.punched);
	number(&r, C_RESIDENT, vm_call(vm, &req) ? req.count : 0);
	row_put(&r, s);
}

static void put_schedule(const struct sampler *s, struct vmblok *vm)
{
	static const char *const queue[] = { "", "Q1", "Q2" };
	struct row r;

	row_begin(&r, s, "SCHEDULE", vm->userid);
	snprintf(r.cell[C_QUEUE], sizeof(r.cell[0]), "%s", queue[load_state(vm)]);
	snprintf(r.cell[C_SHARE], sizeof(r.cell[0]), "%s%u%s",
		 vm->share.absolute ? "A" : "R",
		 vm->share.absolute ? vm->share.value / 10 : vm->share.value,
		 vm->share.absolute ? "%" : "");
	row_put(&r, s);
}

static void put_response(const struct sampler *s, struct vmblok *vm)
{
	struct vm_response *t = &vm->response_time;
	struct row r;

	row_begin(&r, s, "RESPONSE", vm->userid);
	number(&r, C_LINES_IN, t->lines_in);
	number(&r, C_LINES_OUT, t->lines_out);
	number(&r, C_RESPONSES, t->count);
	snprintf(r.cell[C_RESPONSE_MEAN], sizeof(r.cell[0]), "%.3f",
		 t->count ? (double)t->sum_us / (double)t->count / 1000 : 0.0);
	snprintf(r.cell[C_RESPONSE_MAX], sizeof(r.cell[0]), "%.3f",
		 (double)t->max_us / 1000);
	t->max_us = 0;
	row_put(&r, s);
}

/* What CP of VM/370 would have simulated: interruptions and privileged operations. */
static void put_instsim(const struct sampler *s, struct vmblok *vm)
{
	struct cpu_stats stats = { .instructions = 0 };
	struct machine_request req = { .kind = MACHINE_STATS, .stats = &stats };
	struct row r;

	if (!vm_call(vm, &req))
		return;
	row_begin(&r, s, "INSTSIM", vm->userid);
	number(&r, C_INSTRUCTIONS, stats.instructions);
	number(&r, C_DIAGNOSES, atomic_load(&vm->diagnoses));
	number(&r, C_PRIVOPS, stats.program[PIC_PRIVILEGED]);
	number(&r, C_PROGRAMS, stats.programs);
	number(&r, C_SVCS, stats.svcs);
	number(&r, C_EXTERNALS, stats.externals);
	number(&r, C_IOS, stats.ios);
	row_put(&r, s);
}

static void put_users(const struct sampler *s, unsigned classes)
{
	static const struct {
		unsigned class;
		void (*put)(const struct sampler *s, struct vmblok *vm);
	} rows[] = {
		{ MONITOR_USER, put_user }, { MONITOR_SCHEDULE, put_schedule },
		{ MONITOR_RESPONSE, put_response }, { MONITOR_INSTSIM, put_instsim },
	};

	for (struct vmblok *vm = s->cp->vms; vm; vm = vm->next)
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
			if (vm->logged_on && !vm->leaving && vm->machine &&
			    (classes & rows[i].class))
				rows[i].put(s, vm);
}

/* ---- disks and tapes */

static void put_disk(const struct sampler *s, const struct sysvolume *v)
{
	struct row r;

	row_begin(&r, s, "DASTAP", v->volid);
	number(&r, C_USERS, v->users);
	number(&r, C_STARTS, atomic_load(&v->counts.starts));
	row_put(&r, s);
}

static void put_tape(const struct sampler *s, const struct systape *d)
{
	char name[8];
	struct row r;

	if (!d->user && !atomic_load(&d->counts.starts))
		return;
	snprintf(name, sizeof(name), "%03X", d->raddr);
	row_begin(&r, s, "DASTAP", name);
	number(&r, C_USERS, d->user != NULL);
	number(&r, C_STARTS, atomic_load(&d->counts.starts));
	row_put(&r, s);
}

static bool seeks_wanted(const struct sampler *s, const struct sysvolume *v)
{
	const struct monitor_seeks *list = monitor_seeks(s->cp->monitor);
	bool there = false;

	for (unsigned i = 0; i < list->count; i++)
		there |= list->raddr[i] == v->raddr;
	return !list->count || there == list->include;
}

static void put_seeks(const struct sampler *s, const struct sysvolume *v)
{
	struct row r;

	row_begin(&r, s, "SEEKS", v->volid);
	number(&r, C_STARTS, atomic_load(&v->counts.starts));
	number(&r, C_SEEKS, atomic_load(&v->counts.seeks));
	number(&r, C_MOVED, atomic_load(&v->counts.moved));
	row_put(&r, s);
}

void monitor_sample(struct cp *cp, unsigned classes, const char *time,
		    void (*put)(void *arg, const char *line, size_t length), void *arg)
{
	const struct sampler s = { .cp = cp, .time = time, .put = put, .arg = arg };

	if (classes & MONITOR_PERFORM)
		put_perform(&s);
	if (classes & MONITOR_SYSPROF)
		put_sysprof(&s);
	put_users(&s, classes);
	for (const struct sysvolume *v = sysvolumes_first(cp->volumes); v; v = v->next) {
		if (classes & MONITOR_DASTAP)
			put_disk(&s, v);
		if ((classes & MONITOR_SEEKS) && seeks_wanted(&s, v))
			put_seeks(&s, v);
	}
	for (unsigned i = 0; (classes & MONITOR_DASTAP) && i < SYSTAPE_DRIVES; i++)
		put_tape(&s, &cp->tapes->drive[i]);
}
