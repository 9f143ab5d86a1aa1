/*
 * tests/system/panel_demo.c - the operator's panel with invented machines: what
 * is typed is written back; "lines N" writes N lines, "quit" ends.
 *
 * When the terminal is lost it goes on for a moment and says so in the file
 * given as the first argument.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "consoles/panel.h"

struct demo {
	struct loop *loop;
	struct panel *panel;
	const char *note;
	uint64_t turns;
	struct loop_timer end;
};

static size_t machines(void *arg, struct panel_machine *rows, size_t max)
{
	static const char names[][9] = { "OPERATOR", "MAINT", "CMSUSER", "MVS", "RSCS" };
	struct demo *d = arg;
	size_t n = 5;

	d->turns++;
	for (size_t i = 0; i < n && i < max; i++) {
		memcpy(rows[i].userid, names[i], sizeof(names[i]));
		snprintf(rows[i].state, sizeof(rows[i].state), "%s",
			 i == 3 ? "RUNNING" : "CP READ");
		put_be64(rows[i].psw, 0xFF06000000020000ull + i * 16);
		rows[i].instructions = d->turns * (i + 1) * 1000000;
		rows[i].io = d->turns * (5 - i) * 10;
		rows[i].cpu_us = d->turns * i * 100000;
		rows[i].storage = (uint64_t)(i + 1) << 20;
	}
	return n;
}

static bool lamps(void *arg, const char *userid, struct panel_lamps *l)
{
	(void)arg;
	put_be64(l->psw, 0xFF06000000020000ull);
	for (unsigned i = 0; i < 16; i++)
		l->gr[i] = 0x11111111u * i;
	l->wait = strcmp(userid, "MVS") != 0;
	l->system = !l->wait;
	return true;
}

static void command(void *arg, const char *line)
{
	struct demo *d = arg;
	char text[300];
	int n;

	if (sscanf(line, "lines %d", &n) == 1) {
		for (int i = 1; i <= n; i++) {
			snprintf(text, sizeof(text), "line %d", i);
			panel_line(d->panel, text, false);
		}
	} else if (strcmp(line, "quit") == 0) {
		loop_stop(d->loop);
	} else {
		snprintf(text, sizeof(text), "you said: %s", line);
		panel_line(d->panel, text, strcmp(line, "alarm") == 0);
	}
}

static void still_here(void *arg)
{
	struct demo *d = arg;
	FILE *f = fopen(d->note, "w");

	if (f) {
		fputs("still here\n", f);
		fclose(f);
	}
	loop_stop(d->loop);
}

static void lost(void *arg)
{
	struct demo *d = arg;

	loop_timer_start(d->loop, &d->end, 50, still_here, d);
}

static const struct panel_source source = { machines, lamps, command, lost };

int main(int argc, char **argv)
{
	const struct panel_options options = { .title = "VM/370 DEMO",
					       .in = 0,
					       .out = 1 };
	struct demo d = { .note = argc > 1 ? argv[1] : "/dev/null" };
	struct error err = { 0, "" };

	signal(SIGHUP, SIG_IGN);
	d.loop = loop_new(&err);
	d.panel = d.loop ? panel_new(d.loop, &options, &source, &d, &err) : NULL;
	if (!d.panel) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	panel_line(d.panel, "DMKCPI966I INITIALIZATION COMPLETE", false);
	loop_run(d.loop);
	panel_free(d.panel);
	loop_free(d.loop);
	return 0;
}
