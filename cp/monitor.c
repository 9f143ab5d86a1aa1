#include "cp/monitor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/ebcdic.h"
#include "base/log.h"
#include "consoles/loop.h"
#include "cp/datadir.h"
#include "cp/monitor_sample.h"
#include "cp/systape.h"
#include "cp/vmblok.h"
#include "dasd/tape.h"

#define FOLDER	    "monitor"
#define INTERVAL_S  60
#define AUTOMATIC_S 20 /* how often the time of day is looked at */
#define DAY	    (24 * 60)

const char *const monitor_class_name[MONITOR_CLASSES] = {
	"PERFORM", "RESPONSE", "SCHEDULE", "", "USER", "INSTSIM", "DASTAP", "SEEKS", "SYSPROF",
};

struct monitor {
	struct cp *cp;
	struct loop_timer timer;
	unsigned enabled, interval;
	struct monitor_seeks seeks;
	unsigned limit, samples;
	bool stop_at_limit;
	enum monitor_output active;
	FILE *out;             /* SPOOL; NULL: the next sample begins a file */
	struct systape *drive; /* TAPE */
	struct tape *tape;
	bool failed;           /* the tape took no more */
	bool automatic, started_itself;
	unsigned from, to;     /* minutes of the day */
	struct loop_timer clock;
};

struct monitor *monitor_new(struct cp *cp)
{
	struct monitor *m = calloc(1, sizeof(*m));

	if (!m)
		BUG("no memory for the monitor");
	m->cp = cp;
	m->interval = INTERVAL_S;
	m->to = DAY;
	m->enabled = MONITOR_PERFORM | MONITOR_USER | MONITOR_DASTAP;
	return m;
}

void monitor_free(struct monitor *m)
{
	if (!m)
		return;
	monitor_automatic(m, false);
	monitor_stop(m);
	free(m);
}

/* ---- files and tapes */

static void put_line(void *arg, const char *line, size_t n)
{
	struct monitor *m = arg;
	uint8_t block[MONITOR_LINE_MAX];
	struct error err;

	if (m->out) {
		fwrite(line, 1, n, m->out);
		return;
	}
	if (m->failed || n < 3 || n - 2 > sizeof(block))
		return;
	ebcdic_from_latin1(&codepage_037, block, line, n - 2); /* no CR and LF */
	if (tape_write(m->tape, block, (uint32_t)(n - 2), &err))
		return;
	log_warn("monitor", "%s", err.text);
	m->failed = true;
}

static void put_head(struct monitor *m)
{
	char head[MONITOR_LINE_MAX];

	monitor_head(head);
	put_line(m, head, strlen(head));
}

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
	put_head(m);
	return true;
}

static bool begin_tape(struct monitor *m, struct systape *drive, struct error *err)
{
	m->tape = tape_open(drive->path, NULL, err);
	if (!m->tape)
		return false;
	m->drive = drive;
	drive->system = true;
	m->samples = 0;
	m->failed = false;
	put_head(m);
	return true;
}

/* Two tape marks; the tape stays on the drive, at its load point. */
static void end_tape(struct monitor *m)
{
	struct error err = { 0, "" };

	if (!m->tape)
		return;
	if (!m->failed && (!tape_write_mark(m->tape, &err) || !tape_write_mark(m->tape, &err)))
		log_warn("monitor", "%s", err.text);
	if (!tape_close(m->tape, &err))
		log_warn("monitor", "%s", err.text);
	m->tape = NULL;
	m->drive->system = false;
	m->drive = NULL;
}

void monitor_close(struct monitor *m)
{
	if (m->out && fclose(m->out) != 0)
		log_warn("monitor", "the file could not be written to its end");
	m->out = NULL;
}

/* ---- samples */

static void stop_by_itself(struct monitor *m, const char *text)
{
	monitor_stop(m);
	cp_tell_operator(m->cp, NULL, "%s", text);
}

static void put_sample(struct monitor *m)
{
	time_t now = time(NULL);
	char text[32];
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	monitor_sample(m->cp, m->enabled, text, put_line, m);
	m->samples++;
	if (m->out && fflush(m->out) != 0)
		m->failed = true;
}

static void sample(void *arg)
{
	struct monitor *m = arg;
	struct error err = { 0, "" };

	if (m->active == MONITOR_SPOOL && !m->out && !begin_file(m, &err)) {
		log_warn("monitor", "%s", err.text);
		m->failed = true;
	} else {
		put_sample(m);
	}
	if (m->failed) {
		stop_by_itself(m, "DMKMON220I ERROR ON MONITOR TAPE, MONITOR STOPPED BY SYSTEM");
		return;
	}
	if (m->limit && m->samples >= m->limit) {
		if (m->stop_at_limit) {
			stop_by_itself(m, "DMKMON219I END OF MONITOR TAPE, MONITOR STOPPED BY "
					  "SYSTEM");
			return;
		}
		monitor_close(m);
		m->samples = 0;
	}
	loop_timer_start(m->cp->loop, &m->timer, (uint64_t)m->interval * 1000, sample, m);
}

/* ---- AUTODISK and TIME */

unsigned monitor_minute(void)
{
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	return (unsigned)tm.tm_hour * 60 + (unsigned)tm.tm_min;
}

static void look_at_clock(void *arg)
{
	struct monitor *m = arg;
	unsigned now = monitor_minute();
	bool wanted = now >= m->from && now < m->to;
	struct error err;

	if (wanted && !m->active) {
		m->started_itself = monitor_start(m, NULL, &err);
		if (!m->started_itself)
			log_warn("monitor", "%s", err.text);
	} else if (!wanted && m->active && m->started_itself) {
		monitor_stop(m);
	}
	loop_timer_start(m->cp->loop, &m->clock, AUTOMATIC_S * 1000, look_at_clock, m);
}

void monitor_automatic(struct monitor *m, bool on)
{
	m->automatic = on;
	loop_timer_stop(m->cp->loop, &m->clock);
	if (on)
		look_at_clock(m);
}

bool monitor_is_automatic(const struct monitor *m)
{
	return m->automatic;
}

void monitor_time(struct monitor *m, unsigned from, unsigned to)
{
	m->from = from;
	m->to = to;
	if (m->automatic)
		monitor_automatic(m, true);
}

/* ---- commands */

enum monitor_output monitor_active(const struct monitor *m)
{
	return m->active;
}

bool monitor_start(struct monitor *m, struct systape *drive, struct error *err)
{
	if (drive ? !begin_tape(m, drive, err) : !begin_file(m, err))
		return false;
	m->failed = false;
	m->started_itself = false;
	m->active = drive ? MONITOR_TAPE : MONITOR_SPOOL;
	sample(m);
	return true;
}

void monitor_stop(struct monitor *m)
{
	loop_timer_stop(m->cp->loop, &m->timer);
	monitor_close(m);
	end_tape(m);
	m->active = MONITOR_NONE;
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

void monitor_set_seeks(struct monitor *m, const struct monitor_seeks *seeks)
{
	m->seeks = *seeks;
}

const struct monitor_seeks *monitor_seeks(const struct monitor *m)
{
	return &m->seeks;
}

void monitor_limit(struct monitor *m, unsigned samples, bool stop)
{
	m->limit = samples;
	m->stop_at_limit = stop;
}
