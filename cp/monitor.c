#include "cp/monitor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/log.h"
#include "consoles/loop.h"
#include "cp/accounting.h"
#include "cp/datadir.h"
#include "cp/load.h"
#include "cp/sysvolume.h"
#include "cp/vmblok.h"
#include "devices/machine.h"

#define FOLDER	   "monitor"
#define INTERVAL_S 60

const char *const monitor_class_name[MONITOR_CLASSES] = {
	"PERFORM", "RESPONSE", "SCHEDULE", "", "USER", "INSTSIM", "DASTAP", "SEEKS", "SYSPROF",
};

struct monitor {
	struct cp *cp;
	struct loop_timer timer;
	unsigned enabled, interval;
	unsigned limit, samples;
	bool stop_at_limit;
	bool active;
	FILE *out; /* NULL: the next sample begins a file */
};

struct monitor *monitor_new(struct cp *cp)
{
	struct monitor *m = calloc(1, sizeof(*m));

	if (!m)
		BUG("no memory for the monitor");
	m->cp = cp;
	m->interval = INTERVAL_S;
	m->enabled = MONITOR_PERFORM | MONITOR_USER | MONITOR_DASTAP;
	return m;
}

void monitor_free(struct monitor *m)
{
	if (!m)
		return;
	monitor_stop(m);
	free(m);
}

/* ---- files */

static bool begin_file(struct monitor *m, struct error *err)
{
	char folder[512], path[600], name[64];
	time_t now = time(NULL);
	struct tm tm;

	if (!datadir_path(folder, sizeof(folder), m->cp->dir, FOLDER, err))
		return false;
	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		error_errno(err, errno, "%s", folder);
		return false;
	}
	localtime_r(&now, &tm);
	strftime(name, sizeof(name), "mon-%Y%m%d-%H%M%S.csv", &tm);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	m->out = fopen(path, "a");
	if (!m->out) {
		error_errno(err, errno, "%s", path);
		return false;
	}
	m->samples = 0;
	fputs("time,class,name,cpu_ms,io,cards_read,lines_printed,cards_punched,"
	      "resident_bytes,queue,share,users,cpu_percent,q1,q2,storage_percent,"
	      "faults_per_s\r\n", m->out);
	return true;
}

void monitor_close(struct monitor *m)
{
	if (m->out && fclose(m->out) != 0)
		log_warn("monitor", "the file could not be written to its end");
	m->out = NULL;
}

/* ---- samples */

static void put_perform(struct monitor *m, const char *time)
{
	struct load now;

	load_now(m->cp->load, &now);
	fprintf(m->out, "%s,PERFORM,,,,,,,,,,%u,%u,%u,%u,%u,%u\r\n", time, vm_users(m->cp), now.cpu,
		now.q1, now.q2, now.storage, now.faults_per_second);
}

static void put_user(struct monitor *m, const char *time, struct vmblok *vm)
{
	struct accounting_base now = accounting_counters(vm);
	struct machine_request req = { .kind = MACHINE_RESIDENT };

	fprintf(m->out, "%s,USER,%s,%llu,%llu,%llu,%llu,%llu,%llu,,,,,,,,\r\n", time, vm->userid,
		(unsigned long long)(now.cpu_ns / 1000000), (unsigned long long)now.io,
		(unsigned long long)now.read, (unsigned long long)now.printed,
		(unsigned long long)now.punched,
		(unsigned long long)(vm_call(vm, &req) ? req.count : 0));
}

static void put_schedule(struct monitor *m, const char *time, struct vmblok *vm)
{
	static const char *const queue[] = { "", "Q1", "Q2" };

	fprintf(m->out, "%s,SCHEDULE,%s,,,,,,,%s,%s%u%s,,,,,,\r\n", time, vm->userid,
		queue[load_state(vm)], vm->share.absolute ? "A" : "R",
		vm->share.absolute ? vm->share.value / 10 : vm->share.value,
		vm->share.absolute ? "%" : "");
}

static void put_volume(struct monitor *m, const char *time, const struct sysvolume *v)
{
	fprintf(m->out, "%s,DASTAP,%s,,,,,,,,,%u,,,,,\r\n", time, v->volid, v->users);
}

static void put_sample(struct monitor *m)
{
	time_t now = time(NULL);
	char text[32];
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	if (m->enabled & MONITOR_PERFORM)
		put_perform(m, text);
	for (struct vmblok *vm = m->cp->vms; vm; vm = vm->next) {
		if (!vm->logged_on || vm->leaving || !vm->machine)
			continue;
		if (m->enabled & MONITOR_USER)
			put_user(m, text, vm);
		if (m->enabled & MONITOR_SCHEDULE)
			put_schedule(m, text, vm);
	}
	if (m->enabled & MONITOR_DASTAP)
		for (const struct sysvolume *v = sysvolumes_first(m->cp->volumes); v; v = v->next)
			put_volume(m, text, v);
	fflush(m->out);
}

static void stop_by_itself(struct monitor *m, const char *text)
{
	monitor_stop(m);
	cp_tell_operator(m->cp, NULL, "%s", text);
}

static void sample(void *arg)
{
	struct monitor *m = arg;
	struct error err;

	if (!m->out && !begin_file(m, &err)) {
		log_warn("monitor", "%s", err.text);
		stop_by_itself(m, "DMKMON220I ERROR ON MONITOR TAPE, MONITOR STOPPED BY SYSTEM");
		return;
	}
	put_sample(m);
	m->samples++;
	if (m->limit && m->samples >= m->limit) {
		monitor_close(m);
		if (m->stop_at_limit) {
			stop_by_itself(m, "DMKMON219I END OF MONITOR TAPE, MONITOR STOPPED BY "
					  "SYSTEM");
			return;
		}
	}
	loop_timer_start(m->cp->loop, &m->timer, (uint64_t)m->interval * 1000, sample, m);
}

/* ---- commands */

bool monitor_active(const struct monitor *m)
{
	return m->active;
}

bool monitor_start(struct monitor *m, struct error *err)
{
	if (!begin_file(m, err))
		return false;
	m->active = true;
	sample(m);
	return true;
}

void monitor_stop(struct monitor *m)
{
	loop_timer_stop(m->cp->loop, &m->timer);
	monitor_close(m);
	m->active = false;
}

void monitor_enable(struct monitor *m, unsigned classes)
{
	m->enabled = classes;
}

unsigned monitor_enabled(const struct monitor *m)
{
	return m->enabled;
}

void monitor_interval(struct monitor *m, unsigned seconds)
{
	m->interval = seconds;
	if (m->active)
		loop_timer_start(m->cp->loop, &m->timer, (uint64_t)seconds * 1000, sample, m);
}

void monitor_limit(struct monitor *m, unsigned samples, bool stop)
{
	m->limit = samples;
	m->stop_at_limit = stop;
}
